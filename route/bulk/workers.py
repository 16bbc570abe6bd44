"""Who does the work: this process, several on this machine, or a Dask cluster. Results come in order of the work."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from route.errors import InputError, RouteError

__all__ = ["Task", "run"]

Task = tuple[Callable[..., Any], tuple[Any, ...]]
"""A pure function of a module and its arguments: work that may be done anywhere, and again."""

_RETRIES = 5


def run(tasks: Iterable[Task], *, jobs: int = 1, dask: str | None = None) -> Iterator[Any]:
    """Results of tasks, in their order.

    Parameters
    ----------
    tasks : iterable of (callable, tuple)
        The work; no more of it is taken than is being done.
    jobs : int
        Processes on this machine.
    dask : str or None
        ``""`` for a Dask cluster on this machine, or the address of one, such as ``tcp://10.0.0.7:8786``.

    Yields
    ------
    object
        What each function returns.

    Raises
    ------
    RouteError
        If a worker is lost and its work cannot be done elsewhere.
    """
    if jobs < 1:
        raise InputError("--jobs is the number of processes: 1 or more.")
    if dask is not None:
        yield from _on_dask(tasks, dask, jobs)
    elif jobs == 1:
        for function, arguments in tasks:
            yield function(*arguments)
    else:
        yield from _in_processes(tasks, jobs)


def _in_processes(tasks: Iterable[Task], jobs: int) -> Iterator[Any]:
    # Processes are started afresh: a copy of one that runs threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        yield from _in_order(tasks, lambda task: pool.submit(task[0], *task[1]), 2 * jobs)
    except BrokenProcessPool:
        raise RouteError(
            "A worker process was killed, perhaps for want of memory. The same command goes on where this one "
            "stopped; fewer --jobs need less."
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Let a worker end when the process that started it is killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def _in_order(tasks: Iterable[Task], submit: Callable[[Task], Any], most: int) -> Iterator[Any]:
    waiting: deque[Any] = deque()
    for task in tasks:
        waiting.append(submit(task))
        if len(waiting) >= most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _on_dask(tasks: Iterable[Task], address: str, jobs: int) -> Iterator[Any]:
    try:
        import distributed
    except ImportError:
        raise InputError('--dask needs Dask. Install it with: pip install "railroute[dask]"') from None
    connect: Callable[..., Any] = distributed.Client
    try:
        if address:
            _knock(address)
            client = connect(address, timeout="20s", set_as_default=False)
        else:
            count = jobs if jobs > 1 else os.cpu_count() or 1
            client = connect(
                n_workers=count, threads_per_worker=1, dashboard_address=None, set_as_default=False
            )
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"--dask {address}: no Dask scheduler answers there ({type(error).__name__}). Give its address, such as "
            "tcp://10.0.0.7:8786, or --dask alone for a cluster on this machine."
        ) from None
    with client:
        yield from _with_client(tasks, client)


def _knock(address: str) -> None:
    """See that something listens at an address: a client that finds nobody there is slow to give up, and not in silence."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    if not parts.scheme or not parts.hostname or parts.port is None:
        raise ValueError(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10):
        pass


def _with_client(tasks: Iterable[Task], client: Any) -> Iterator[Any]:
    from distributed import KilledWorker
    from distributed.scheduler import NoValidWorkerError

    def submit(task: Task) -> Any:
        return client.submit(task[0], *task[1], pure=False, retries=_RETRIES)

    threads = sum(client.nthreads().values())
    try:
        yield from _in_order(tasks, submit, 2 * max(1, threads))
    except (KilledWorker, NoValidWorkerError) as error:
        raise RouteError(
            f"The Dask cluster lost its workers again and again ({type(error).__name__}). The same command goes on "
            "where this one stopped."
        ) from None

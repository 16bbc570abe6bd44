"""Who does the work: this process, several on this machine, or a Dask cluster. Results come in order of the work."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
import logging
import multiprocessing
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from route.errors import InputError, RouteError, ServiceError

__all__ = ["Task", "check_workers", "run"]

Task = tuple[Callable[..., Any], tuple[Any, ...]]
"""A pure function of a module and its arguments: work that may be done anywhere, and again."""

_RETRIES = 5
_LOGGERS = (
    "distributed.batched", "distributed.client", "distributed.comm.tcp", "distributed.core", "distributed.utils",
    "tornado.application", "asyncio",
)  # fmt: skip
_SCHEMES = ("tcp", "tls", "ws", "wss")
_PATIENCE_S = 10
_LONGEST_GREETING = 1 << 20
_LOOK_EVERY_S = 5.0
_ONE = threading.Lock()


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
    ServiceError
        If a scheduler does not answer, or goes away.
    """
    check_workers(jobs, dask)
    if dask is not None:
        yield from _on_dask(tasks, dask, jobs)
    elif jobs == 1:
        for function, arguments in tasks:
            yield _alone(function, arguments)
    else:
        yield from _in_processes(tasks, jobs)


def check_workers(jobs: int, dask: str | None) -> None:
    """See that there can be workers, before anything is read.

    Parameters
    ----------
    jobs : int
        Processes on this machine.
    dask : str or None
        As for `run`.

    Raises
    ------
    InputError
        If the number or the address cannot be, or Dask is not installed.
    ServiceError
        If nothing listens at the address.
    """
    if jobs < 1:
        raise InputError("--jobs is the number of processes: 1 or more.")
    if dask is not None:
        where = _where(dask) if dask else None
        _distributed()
        if where is not None:
            _knock(where)


def _in_processes(tasks: Iterable[Task], jobs: int) -> Iterator[Any]:
    # Processes are started afresh: a copy of one that runs threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    try:
        yield from _in_order(tasks, lambda task: pool.submit(task[0], *task[1]), lambda: 2 * jobs)
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


def _in_order(tasks: Iterable[Task], submit: Callable[[Task], Any], most: Callable[[], int]) -> Iterator[Any]:
    waiting: deque[Any] = deque()
    for task in tasks:
        waiting.append(submit(task))
        while len(waiting) >= most():
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise InputError('--dask needs Dask. Install it with: pip install "railroute[dask]"') from None
    return distributed


def _where(address: str) -> str:
    """Address of a scheduler as Dask wants it, checked for its form."""
    whole = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(whole)
        good = (
            parts.scheme in _SCHEMES
            and bool(parts.hostname)
            and bool(parts.port)
            and not parts.path.strip("/")
        )
    except ValueError:  # a port that is none
        good = False
    if not good:
        raise InputError(
            f"--dask {address} is no address of a Dask scheduler. Give one such as tcp://10.0.0.7:8786, or --dask alone "
            "for a cluster on this machine."
        )
    return whole


def _nobody(address: str, why: str) -> ServiceError:
    return ServiceError(
        f"--dask {address}: no Dask scheduler answers there ({why}). Start one there with `dask scheduler`, or give "
        "--dask alone for a cluster on this machine.",
        service=address,
    )


def _knock(address: str) -> None:
    """See that a scheduler listens at an address: a client would be slow to give up, or wait for ever.

    Over plain TCP a scheduler speaks first: eight bytes that give the length of its greeting.
    """
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_PATIENCE_S) as line:
            if parts.scheme == "tcp":
                line.settimeout(_PATIENCE_S)
                start = line.recv(8)
                if not 0 < int.from_bytes(start, "little") < _LONGEST_GREETING:
                    raise _nobody(address, "what listens there is something else")
    except TimeoutError:
        raise _nobody(address, "no answer in time") from None
    except (OSError, UnicodeError) as error:
        if isinstance(error, ServiceError):
            raise
        why = (error.strerror if isinstance(error, OSError) else None) or "no such host"
        raise _nobody(address, why[:1].lower() + why[1:]) from None


def _on_dask(tasks: Iterable[Task], address: str, jobs: int) -> Iterator[Any]:
    distributed = _distributed()
    if address:
        whole = _where(address)
        secured = distributed.Security().get_connection_args("client")["ssl_context"]
        if whole.startswith(("tls://", "wss://")) and secured is None:
            raise InputError(
                f"--dask {address} needs certificates. Name them in Dask's configuration, under distributed.comm.tls."
            )
        started: dict[str, Any] = {"address": whole, "timeout": f"{_PATIENCE_S}s"}
    else:
        count = jobs if jobs > 1 else os.cpu_count() or 1
        started = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": None}
    try:
        client = distributed.Client(**started, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise _nobody(address, type(error).__name__) from None
    with _no_tracebacks(), client:
        if address:
            _check_installed(client)
        yield from _with_client(tasks, client, address)


def _check_installed(client: Any) -> None:
    """See that a cluster has this package: a worker without it goes down at the first task, and the task waits for ever."""
    wanted = importlib.util.find_spec, f"{__package__}"
    found = client.run(*wanted, on_error="return")
    try:
        found["its scheduler"] = client.run_on_scheduler(*wanted)
    except ImportError:
        found["its scheduler"] = None
    lacking = [where for where, what in found.items() if what is None or isinstance(what, Exception)]
    if lacking:
        raise InputError(
            f"The Dask cluster has no railroute, on {lacking[0]}. Install the same version on its scheduler and all workers."
        )


@contextmanager
def _no_tracebacks() -> Iterator[None]:
    """Keep to ourselves what Dask's client logs about a lost scheduler: an error of ours says so."""

    def short(record: logging.LogRecord) -> bool:
        return not record.exc_info

    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(short)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(short)


def _with_client(tasks: Iterable[Task], client: Any, address: str) -> Iterator[Any]:
    from distributed import KilledWorker
    from distributed.scheduler import NoValidWorkerError

    seen = [0.0, 0]

    def most() -> int:
        # Workers come and go: a cluster that grows gets more to do.
        if time.monotonic() - seen[0] > _LOOK_EVERY_S:
            with suppress(OSError):  # a scheduler that is gone shows where results are waited for
                seen[:] = time.monotonic(), len(client.nthreads())
        return 2 * max(1, int(seen[1]))

    try:
        yield from _in_order(tasks, lambda task: _Errand(client, task, KilledWorker), most)
    except (KilledWorker, NoValidWorkerError) as error:
        raise RouteError(
            f"The Dask cluster lost its workers again and again ({type(error).__name__}). The same command goes on "
            "where this one stopped."
        ) from None
    except (concurrent.futures.CancelledError, asyncio.CancelledError):
        raise ServiceError(
            "The Dask scheduler went away. The same command goes on where this one stopped.", service=address
        ) from None


class _Errand:
    """Work on a cluster. A scheduler gives it up when worker after worker was lost with it; it may have been bad luck."""

    def __init__(self, client: Any, task: Task, lost: type[Exception]) -> None:
        self._client, self._task, self._lost = client, task, lost
        self._future = self._submit()

    def _submit(self) -> Any:
        return self._client.submit(_alone, *self._task, pure=False, retries=_RETRIES)

    def result(self) -> Any:
        for _ in range(_RETRIES):
            try:
                return self._future.result()
            except self._lost:
                self._future = self._submit()
        return self._future.result()


def _alone(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Do work while no other thread of this process does any: a network is loaded once, and used by one at a time."""
    with _ONE:
        return function(*arguments)

"""Runs that can be killed and go on: parts are kept beside the output until all are there."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from route.bulk.reading import format_of_table
from route.bulk.workers import run
from route.bulk.writing import join_parts, render
from route.errors import InputError
from route.files import data_path, write_atomic
from route.planner import WORLD_NETWORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from route.bulk.answers import Options
    from route.bulk.workers import Task

__all__ = ["Piece", "Shape", "fingerprint", "produce", "tables"]

_MANIFEST = "manifest.json"
_LOCK = "lock"
_FORMAT = 1


class Piece(NamedTuple):
    """A part of a run.

    Parameters
    ----------
    number : int
        Which part it is, from 0.
    task : tuple
        The work, see `route.bulk.workers.Task`.
    finish : callable
        Makes the table of the part out of the result of the work.
    """

    number: int
    task: Task
    finish: Callable[[Any], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a run makes.

    Parameters
    ----------
    rows : int
        How many rows.
    step : int
        Rows of a part; the last may have fewer.
    schema : Schema
        The columns.
    separator : str
        What separates the cells of a CSV file.
    """

    rows: int
    step: int
    schema: pa.Schema
    separator: str = ","

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-self.rows // self.step)


def fingerprint(options: Options) -> dict[str, Any]:
    """What a result depends on beside its table.

    Parameters
    ----------
    options : Options
        The options.

    Returns
    -------
    dict
        Options, network and version, for JSON.
    """
    network = data_path(WORLD_NETWORK) if options.network is None else Path(options.network)
    try:
        made_by = version("railroute")
    except PackageNotFoundError:  # run from a folder that nobody installed
        made_by = ""
    return {
        "format": _FORMAT,
        "railroute": made_by,
        "network": hashlib.blake2b(network.read_bytes()).hexdigest(),
        "options": {**asdict(options), "avoid": list(options.avoid)},
    }


def tables(
    pieces: Iterable[Piece], rows: int, *, jobs: int, dask: str | None, progress: Callable[[int, int], None]
) -> Iterator[pa.Table]:
    """Tables of all parts of a run, in order.

    Parameters
    ----------
    pieces : iterable of Piece
        The parts.
    rows : int
        Rows of all of them.
    jobs : int
        As for `route.bulk.workers.run`.
    dask : str or None
        As for `route.bulk.workers.run`.
    progress : callable
        Called with the number of rows done and of all rows.

    Yields
    ------
    Table
        One for each part.
    """
    for _, table in _done(pieces, 0, rows, jobs=jobs, dask=dask, progress=progress):
        yield table


def _done(
    pieces: Iterable[Piece],
    before: int,
    rows: int,
    *,
    jobs: int,
    dask: str | None,
    progress: Callable[[int, int], None],
) -> Iterator[tuple[int, pa.Table]]:
    waiting: list[Piece] = []

    def tasks() -> Iterator[Task]:
        for piece in pieces:
            waiting.append(piece)
            yield piece.task

    progress(before, rows)
    for result in run(tasks(), jobs=jobs, dask=dask):
        piece = waiting.pop(0)
        table = piece.finish(result)
        yield piece.number, table
        before += table.num_rows
        progress(before, rows)


def produce(
    out: Path,
    about: dict[str, Any],
    work: Callable[[frozenset[int]], Iterator[Piece]],
    shape: Shape,
    *,
    jobs: int,
    dask: str | None,
    progress: Callable[[int, int], None],
    note: Callable[[str], None],
) -> None:
    """Write a file by parts; a run that was killed goes on where it stopped.

    Parameters
    ----------
    out : Path
        The file.
    about : dict
        All that the content depends on, for JSON.
    work : callable
        Gives the parts that are still to be made, when called with the numbers of those that are there.
    shape : Shape
        What is made.
    jobs : int
        As for `route.bulk.workers.run`.
    dask : str or None
        As for `route.bulk.workers.run`.
    progress : callable
        Called with the number of rows done and of all rows.
    note : callable
        Called with a sentence when a run goes on or starts anew.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    form = format_of_table(out)
    with _partial(out, {**about, "output": form}, note) as folder:
        files = [folder / f"part-{number:07d}.{form}" for number in range(shape.parts)]
        there = frozenset(number for number, file in enumerate(files) if file.exists())
        before = sum(min(shape.step, shape.rows - number * shape.step) for number in there)
        if len(there) < shape.parts:
            for number, table in _done(
                work(there), before, shape.rows, jobs=jobs, dask=dask, progress=progress
            ):
                write_atomic(files[number], render(table, form, shape.separator))
        join_parts(files, out, folder / "part-joined", form, shape.schema, shape.separator)


@contextmanager
def _partial(out: Path, about: dict[str, Any], note: Callable[[str], None]) -> Iterator[Path]:
    """Folder of the parts, with those of an earlier run if they are of the same work."""
    folder = out.with_name(f"{out.name}.partial")
    manifest = folder / _MANIFEST
    content = (json.dumps(about, indent=1) + "\n").encode()
    try:
        if folder.exists() and not (folder.is_dir() and all(_is_ours(p.name) for p in folder.iterdir())):
            raise InputError(f"{folder} is in the way: parts of the result are kept there. Move it.")
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            before = manifest.read_bytes() if manifest.exists() else None
            if before == content:
                note(f"Going on where an earlier run stopped ({folder}).")
            else:
                if before is not None:
                    note(f"The input or an option has changed since {folder} was begun: starting anew.")
                for old in [manifest, *folder.glob("part-*")]:
                    old.unlink(missing_ok=True)
                write_atomic(manifest, content)
            try:
                yield folder
            except BaseException:
                if not any(folder.glob("part-*")):
                    shutil.rmtree(folder, ignore_errors=True)
                raise
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise InputError(f"Cannot write {folder}: {error.strerror or error}.") from None


def _is_ours(name: str) -> bool:
    return name.lstrip(".").startswith(("part-", _MANIFEST, _LOCK))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second run away from the parts; the lock goes with the process, however it ends."""
    with (folder / _LOCK).open("w") as file:
        try:
            import fcntl
        except ImportError:  # not on Windows
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"Another railroute is at work in {folder}. Wait for it or end it.") from None
        yield

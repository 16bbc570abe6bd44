"""Runs that can be killed and go on: parts are kept beside the output until all are there."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from route.bulk.reading import cut
from route.bulk.workers import run
from route.bulk.writing import answered, join_parts, render
from route.errors import InputError
from route.files import data_path, write_atomic
from route.planner import WORLD_NETWORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from route.bulk.answers import Options
    from route.bulk.output import Output
    from route.bulk.reading import Partition
    from route.bulk.workers import Task

__all__ = ["Piece", "Shape", "fingerprint", "produce", "tables"]

_MANIFEST = "manifest.json"
_LOCK = "lock"
_WHOLE = "whole"
_ASIDE = "replaced"
_FORMAT = 2


class Piece(NamedTuple):
    """A part of a run.

    Parameters
    ----------
    number : int
        Which part it is, from 0.
    task : tuple
        The work, see `route.bulk.workers.Task`; its first argument is what is asked, `route.bulk.answers.Options`.
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
    files : tuple of Partition
        What is written, each with its rows and the columns of its input; one where the result is one file.
    step : int
        Rows of a part; the last of each file may have fewer.
    separator : str
        What separates the cells of a CSV file.
    """

    files: tuple[Partition, ...]
    step: int
    separator: str = ","

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def sizes(self) -> list[int]:
        """Rows of each part.

        Returns
        -------
        list of int
            In order, the parts of one file after those of another.
        """
        return [size for file in self.files for size in cut(file.rows, self.step)]


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
    return {
        "format": _FORMAT,
        "railroute": _made_by(),
        "network": _digest(options.network),
        "options": {**asdict(options), "avoid": list(options.avoid)},
    }


def _made_by() -> str:
    try:
        return version("railroute")
    except PackageNotFoundError:  # run from a folder that nobody installed
        return ""


def _digest(network: str | None) -> str:
    path = data_path(WORLD_NETWORK) if network is None else Path(network)
    return hashlib.blake2b(path.read_bytes()).hexdigest()


@lru_cache(maxsize=8)
def _here(network: str | None) -> tuple[str, str]:
    """Version and network of a worker; that of when it was first asked, as the network it has loaded."""
    try:
        return _made_by(), _digest(network)
    except OSError as error:
        raise InputError(f"A worker of the Dask cluster cannot read {network}: {error.strerror}.") from None


def _as_there(expected: tuple[str, str], function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Do work where all that the answers depend on is as on the machine that asks."""
    made_by, network = _here(arguments[0].network)
    if made_by != expected[0]:
        raise InputError(
            f"A worker of the Dask cluster has railroute {made_by or '?'}, this machine {expected[0] or '?'}. Install the "
            "same on both."
        )
    if network != expected[1]:
        raise InputError(
            "A worker of the Dask cluster has another network than this machine, or had it when it began. Copy the file "
            "there and start the workers anew."
        )
    return function(*arguments)


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
        expected: tuple[str, str] | None = None
        for piece in pieces:
            waiting.append(piece)
            function, arguments = piece.task
            if dask is None:
                yield piece.task
                continue
            expected = expected or (_made_by(), _digest(arguments[0].network))
            yield _as_there, (expected, function, arguments)

    progress(before, rows)
    for result in run(tasks(), jobs=jobs, dask=dask):
        piece = waiting.pop(0)
        table = piece.finish(result)
        yield piece.number, table
        before += table.num_rows
        progress(before, rows)


def produce(
    out: Output,
    about: dict[str, Any],
    work: Callable[[frozenset[int]], Iterator[Piece]],
    shape: Shape,
    *,
    jobs: int,
    dask: str | None,
    progress: Callable[[int, int], None],
    note: Callable[[str], None],
) -> None:
    """Write a file, or a folder of them, by parts; a run that was killed goes on where it stopped.

    Parameters
    ----------
    out : Output
        The file or folder.
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
    about = {**about, "output": "folder" if out.folder else out.form}
    with _partial(out, about, note) as folder:
        targets = [folder / _WHOLE / file.name if out.folder else out.path for file in shape.files]
        parts = _Parts(folder, out, shape, targets)
        there = parts.there()
        before = sum(size for number, size in enumerate(shape.sizes()) if number in there)
        if before < shape.rows:
            for number, table in _done(
                work(there), before, shape.rows, jobs=jobs, dask=dask, progress=progress
            ):
                parts.enter(number, table)
        if out.folder:
            out.publish(folder / _WHOLE, folder / _ASIDE)


class _Parts:
    """Which parts are there; the parts of a file are joined when all of them are."""

    def __init__(self, folder: Path, out: Output, shape: Shape, targets: list[Path]) -> None:
        self._folder, self._out, self._shape, self._targets = folder, out, shape, targets
        counts = [len(cut(file.rows, shape.step)) for file in shape.files]
        self._owner = [which for which, count in enumerate(counts) for _ in range(count)]
        self._first = [0, *accumulate(counts)]
        self._missing = counts

    def _part(self, number: int) -> Path:
        return self._folder / f"part-{number:07d}.{self._out.form}"

    def _parts(self, which: int) -> list[Path]:
        return [self._part(number) for number in range(self._first[which], self._first[which + 1])]

    def there(self) -> frozenset[int]:
        """Numbers of the parts that an earlier run has made; the files that want nothing more are joined."""
        kept = {path.name for path in self._folder.glob("part-*")}
        found: set[int] = set()
        for which, target in enumerate(self._targets):
            numbers = range(self._first[which], self._first[which + 1])
            if self._out.folder and target.exists():
                found.update(numbers)
                continue
            have = [number for number in numbers if self._part(number).name in kept]
            found.update(have)
            self._missing[which] -= len(have)
            if not self._missing[which]:
                self._join(which)
        return frozenset(found)

    def enter(self, number: int, table: pa.Table) -> None:
        """Keep a part that was made."""
        which = self._owner[number]
        write_atomic(self._part(number), render(table, self._out.form, self._shape.separator))
        self._missing[which] -= 1
        if not self._missing[which]:
            self._join(which)

    def _join(self, which: int) -> None:
        file, parts = self._shape.files[which], self._parts(which)
        temporary = self._folder / "part-joined"
        join_parts(
            parts,
            self._targets[which],
            temporary,
            self._out.form,
            answered(file.schema),
            self._shape.separator,
        )
        if self._out.folder:  # room for the parts of the next file
            for part in parts:
                part.unlink()


@contextmanager
def _partial(out: Output, about: dict[str, Any], note: Callable[[str], None]) -> Iterator[Path]:
    """Folder of the parts, with those of an earlier run if they are of the same work."""
    folder = out.path.with_name(f"{out.path.name}.partial")
    new = not folder.exists()
    with ExitStack() as held:
        try:
            if folder.exists() and not _is_ours(folder):
                raise InputError(f"{folder} is in the way: parts of the result are kept there. Move it.")
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(_locked(folder))
            _take_up(folder, out, (json.dumps(about, indent=1) + "\n").encode(), note)
        except OSError as error:
            if new:
                shutil.rmtree(folder, ignore_errors=True)
            raise InputError(f"Cannot write {folder}: {error.strerror or error}.") from None
        try:
            yield folder
        except BaseException:
            if not any(folder.glob("part-*")) and not any(folder.glob(f"{_WHOLE}/*")):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        shutil.rmtree(folder, ignore_errors=True)


def _take_up(folder: Path, out: Output, content: bytes, note: Callable[[str], None]) -> None:
    """Keep the parts of an earlier run of the same work; put aside what else it left."""
    manifest = folder / _MANIFEST
    out.restore(folder / _ASIDE)
    shutil.rmtree(folder / _ASIDE, ignore_errors=True)
    before = manifest.read_bytes() if manifest.exists() else None
    for torn in folder.glob(".*.part"):
        torn.unlink()
    if before == content:
        note(f"Going on where an earlier run stopped ({folder}).")
    else:
        if before is not None:
            note(f"The input or an option has changed since {folder} was begun: starting anew.")
        # The manifest goes last: parts without one would be no parts of ours.
        shutil.rmtree(folder / _WHOLE, ignore_errors=True)
        for old in folder.glob("part-*"):
            old.unlink()
        write_atomic(manifest, content)
    if out.folder:
        (folder / _WHOLE).mkdir(exist_ok=True)


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds what an earlier run left behind, and nothing else."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()} - {_LOCK}
    names = {name for name in names if not (name.startswith(".") and name.endswith(".part"))}
    if not names:
        return True
    try:
        about = json.loads((folder / _MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    known = {_MANIFEST, _WHOLE, _ASIDE}
    ours = isinstance(about, dict) and "railroute" in about
    return ours and all(name in known or name.startswith("part-") for name in names)


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

"""Where a result goes: one file, or a folder of Parquet files that is there whole or not at all."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from route.bulk.answers import ANSWERS
from route.bulk.reading import Partition, cut, format_of_table
from route.bulk.tablefiles import parquet_files
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

__all__ = ["PARTITION_ROWS", "Output", "output_of"]

PARTITION_ROWS = 1_000_000
"""Rows of a file in a folder that is made of one table: some 50 MB, what Dask, Spark and DuckDB like to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where a result goes.

    Parameters
    ----------
    path : Path
        A file or a folder.
    form : str
        ``csv`` or ``parquet``.
    folder : bool
        Whether it is a folder of Parquet files.
    """

    path: Path
    form: str
    folder: bool = False

    def files(
        self, rows: int, schema: pa.Schema, partitions: tuple[Partition, ...] = (), step: int = 1
    ) -> tuple[Partition, ...]:
        """Files that a table becomes.

        Parameters
        ----------
        rows : int
            Rows of the table.
        schema : Schema
            Its columns.
        partitions : tuple of Partition
            Files that it was read from, if it was a folder: a folder has the same.
        step : int
            Rows that stay together, where the table is cut into files of about `PARTITION_ROWS`.

        Returns
        -------
        tuple of Partition
            One at least; where none is given, those of a folder are called ``part-0000000.parquet`` and so on.
        """
        if not self.folder:
            return (Partition(name=self.path.name, rows=rows, schema=schema),)
        sizes = cut(rows, max(1, PARTITION_ROWS // step) * step) or [0]
        return partitions or tuple(
            Partition(name=f"part-{number:07d}.parquet", rows=size, schema=schema)
            for number, size in enumerate(sizes)
        )

    def publish(self, whole: Path, aside: Path) -> None:
        """Give a folder that is whole its name.

        Parameters
        ----------
        whole : Path
            The folder as it was made, on the same file system.
        aside : Path
            Where an earlier result is moved to; it may be deleted then.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        try:
            if self.path.exists():
                _check_replaceable(self.path)
                whole.chmod(stat.S_IMODE(self.path.stat().st_mode))
                self.path.rename(aside)
            whole.rename(self.path)
        except OSError as error:
            self.restore(aside)
            raise InputError(f"Cannot write {self.path}: {error.strerror or error}.") from error

    def restore(self, aside: Path) -> None:
        """Put an earlier result back that a run moved aside before it was killed.

        Parameters
        ----------
        aside : Path
            Where it was moved to.
        """
        if aside.exists() and not self.path.exists():
            aside.rename(self.path)


def output_of(out: str | Path, sources: Iterable[object]) -> Output:
    """Where a result goes, checked.

    Parameters
    ----------
    out : str or Path
        A file that ends in .csv or .parquet; or a folder, which exists or, as text, ends in ``/``.
    sources : iterable
        What is read; those that are str or Path are files or folders, which are not written to.

    Returns
    -------
    Output
        File or folder.

    Raises
    ------
    InputError
        If it cannot be written there, or something would be lost.
    """
    text, inputs = os.fspath(out), [Path(source) for source in sources if isinstance(source, (str, Path))]
    meant = text.endswith(tuple(filter(None, ("/", os.sep, os.altsep))))
    path = Path(text)
    if not (meant or path.is_dir()):
        form = format_of_table(path)
        for source in inputs:
            inside = source.is_dir() and path.resolve().is_relative_to(source.resolve())
            if inside or (path.exists() and source.exists() and path.samefile(source)):
                raise InputError(f"{path} is the input, or in its folder. Give another file with -o.")
        return Output(path=path, form=form)
    if path.suffix.lower() == ".csv":
        raise InputError(
            f"Cannot write {path}: it is a folder. Give a file name, or a folder for Parquet files that is not called .csv."
        )
    # Through a link, as where a file is written: the folder behind it is the one that is replaced.
    folder = Path(os.path.realpath(path))
    for source in inputs:
        there = source.resolve()
        if source.is_dir() and folder.is_relative_to(there):
            raise InputError(f"{path} is the input, or in its folder. Give another folder with -o.")
        if there.is_relative_to(folder):
            raise InputError(f"{path} holds the input, {source}. Give another folder with -o.")
    if folder.exists():
        _check_replaceable(folder)
    return Output(path=folder, form="parquet", folder=True)


def _check_replaceable(folder: Path) -> None:
    """See that nothing is lost where a folder is replaced: it is empty, or holds an earlier result and no more."""
    if not folder.is_dir():
        raise InputError(
            f"Cannot write {folder}/: it is a file. Give another name, or one that ends in .parquet."
        )
    # Such a folder cannot be replaced by another, or it would be pulled away from under a shell.
    if folder.is_mount() or Path.cwd().is_relative_to(folder):
        raise InputError(
            f"Cannot replace {folder}: a file system or the working folder. Give a folder in it."
        )
    if not os.access(folder, os.W_OK):
        raise InputError(f"Cannot write {folder}: the folder is read-only. Give another folder.")
    stranger = _stranger(folder)
    if stranger is not None:
        raise InputError(
            f"{folder} holds something else than an earlier result: {stranger}. Give a new or an empty folder."
        )


def _stranger(folder: Path) -> str | None:
    """What a folder holds that a batch or a matrix has not made."""
    import pyarrow as pa
    from pyarrow import parquet

    names = sorted(os.listdir(folder))  # noqa: PTH208 - names that begin with . and _ count
    if not names:
        return None
    try:
        made = {file.name for file in parquet_files(folder)}
    except InputError:
        return names[0]
    for name in names:
        if name not in made:
            return name
        try:
            columns = parquet.read_schema(folder / name).names
        except (pa.ArrowException, OSError):
            return name
        if tuple(columns[-len(ANSWERS) :]) != ANSWERS:
            return name
    return None

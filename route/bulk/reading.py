"""Tables as they are read, in chunks, and what is checked of their columns."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

__all__ = [
    "PARQUET",
    "Partition",
    "Source",
    "TableSource",
    "check_kinds",
    "check_names",
    "cut",
    "format_of_table",
    "missing",
]

PARQUET = (".parquet", ".pq", ".geoparquet")
_CSV = (".csv", ".tsv", ".txt")


def format_of_table(path: Path) -> str:
    """Format of a table, by the ending of its name.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        ``csv`` or ``parquet``.

    Raises
    ------
    InputError
        If the ending is another.
    """
    ending = path.suffix.lower()
    if ending in PARQUET:
        return "parquet"
    if ending in _CSV:
        return "csv"
    raise InputError(
        f"{path}: a table ends in .csv or .parquet, a folder of Parquet files in /; that says in which format it is."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One of the files that a table consists of.

    Parameters
    ----------
    name : str
        Name of the file in its folder.
    rows : int
        Number of rows.
    schema : Schema
        Names and types of the columns, with the metadata of this file.
    """

    name: str
    rows: int
    schema: pa.Schema


def cut(rows: int, most: int) -> list[int]:
    """Sizes of the pieces of so many rows.

    Parameters
    ----------
    rows : int
        All rows.
    most : int
        Rows of a piece; the last may have fewer.

    Returns
    -------
    list of int
        None of them 0.
    """
    return [most] * (rows // most) + [rest for rest in (rows % most,) if rest]


class Source(ABC):
    """A table that is read in chunks.

    Attributes
    ----------
    name : str
        What it is called in messages.
    columns : tuple of str
        Names of its columns.
    count : int
        Number of rows.
    fingerprint : str
        Differs if the content does.
    schema : Schema
        Names and types of the columns.
    separator : str
        What separates the cells of a CSV file.
    partitions : tuple of Partition
        Files that the table consists of, in order, if it is a folder of them.
    """

    name: str
    columns: tuple[str, ...]
    count: int
    fingerprint: str
    schema: pa.Schema
    separator: str = ","
    partitions: tuple[Partition, ...] = ()

    @abstractmethod
    def _batches(self) -> Iterable[pa.RecordBatch]:
        """All rows in order, in pieces of any size."""

    def chunks(self, sizes: Iterable[int]) -> Iterator[pa.Table]:
        """The rows, in chunks of given sizes.

        Parameters
        ----------
        sizes : iterable of int
            Rows of each chunk, 1 or more; all of them together are the rows of the table at the most.

        Yields
        ------
        Table
            The chunks, in order.
        """
        import pyarrow as pa

        batches = iter(self._batches())
        waiting: list[pa.RecordBatch] = []
        held = 0
        for rows in sizes:
            while held < rows:
                batch = next(batches, None)
                if batch is None:
                    raise InputError(
                        f"{self.name} has fewer rows than at the start: it was changed meanwhile."
                    )
                waiting.append(batch)
                held += batch.num_rows
            table = pa.Table.from_batches(waiting, self.schema)
            yield table.slice(0, rows).combine_chunks()
            waiting = table.slice(rows).to_batches()
            held -= rows


class TableSource(Source):
    """A table in memory.

    Parameters
    ----------
    table : Table
        The table.
    """

    def __init__(self, table: pa.Table) -> None:
        import pyarrow as pa

        self.table = table
        self.schema = table.schema
        self.name = "The frame"
        self.columns = tuple(self.table.column_names)
        self.count = self.table.num_rows
        digest = hashlib.blake2b(str(self.table.schema).encode())
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as writer:
            writer.write_table(self.table)
        digest.update(sink.getvalue())
        self.fingerprint = digest.hexdigest()
        check_names(self)

    def _batches(self) -> Iterable[pa.RecordBatch]:
        return list(self.table.to_batches())

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> TableSource:
        """Table of a frame.

        Parameters
        ----------
        frame : DataFrame
            The frame; its index is left out.

        Returns
        -------
        TableSource
            The table.

        Raises
        ------
        InputError
            If a column cannot be a column of a table.
        """
        import pyarrow as pa

        if frame.columns.has_duplicates:
            twice = frame.columns[frame.columns.duplicated()][0]
            raise InputError(f"The frame has two columns called {twice!r}. Rename one.")
        try:
            return cls(pa.Table.from_pandas(frame, preserve_index=False))
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            why = (str(error).splitlines() or [type(error).__name__])[0]
            raise InputError(
                f"The frame has a column of mixed kinds, or of values that no table can hold: {why}."
            ) from None


def check_names(source: Source) -> None:
    """See that no two columns have one name.

    Parameters
    ----------
    source : Source
        The table.

    Raises
    ------
    InputError
        If two have.
    """
    seen: set[str] = set()
    for name in source.columns:
        if name in seen:
            raise InputError(f"{source.name} has two columns called {name!r}. Rename one.")
        seen.add(name)


def check_kinds(source: Source, columns: Iterable[str]) -> None:
    """See that the columns that count hold texts or numbers.

    Parameters
    ----------
    source : Source
        The table.
    columns : iterable of str
        Names of columns, those that are not there left out.

    Raises
    ------
    InputError
        If one holds something else.
    """
    import pyarrow as pa

    for name in columns:
        if name not in source.columns:
            continue
        kind = source.schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        good = (
            pa.types.is_string(kind)
            or pa.types.is_large_string(kind)
            or pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_boolean(kind)
            or pa.types.is_null(kind)
        )
        if not good:
            raise InputError(
                f"{source.name}: the column {name!r} holds {kind}. Write texts or numbers there."
            )


def missing(source: Source, wanted: Sequence[str]) -> InputError:
    """What to say where columns are missing.

    Parameters
    ----------
    source : Source
        The table.
    wanted : sequence of str
        Sets of columns of which one is needed.

    Returns
    -------
    InputError
        The error.
    """
    found = ", ".join(source.columns[:12]) + (", ..." if len(source.columns) > 12 else "")
    return InputError(f"{source.name} needs the columns {' or '.join(wanted)}. It has: {found}.")

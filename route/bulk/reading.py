"""Tables as they are read: CSV and Parquet, in chunks, checked before any work is done."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

__all__ = [
    "CsvSource",
    "ParquetSource",
    "Partition",
    "Source",
    "TableSource",
    "cut",
    "format_of_table",
    "missing",
    "open_source",
    "parquet_files",
]

_BLOCK = 16 << 20
_HEADER = 1 << 20
_SEPARATORS = (",", ";", "\t")
_PARQUET = (".parquet", ".pq", ".geoparquet")
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
    if ending in _PARQUET:
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
        _check_columns(self)

    def _batches(self) -> Iterable[pa.RecordBatch]:
        return list(self.table.to_batches())


class CsvSource(Source):
    """A CSV file: UTF-8, with a header, separated by commas, semicolons or tabs. Its cells are kept as text.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If it cannot be read, or a row has too few or too many cells.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        self.name = str(path)
        header = self._header()
        self.columns = tuple(header)
        _check_columns(self)
        self.schema = pa.schema([(name, pa.string()) for name in self.columns])
        self._ragged: list[tuple[int | None, int, int]] = []
        # All of it is read once before any work is done: a broken row at the end shows at the start.
        digest = hashlib.blake2b()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        self.fingerprint = digest.hexdigest()
        self.count = sum(batch.num_rows for batch in self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        def ragged(row: Any) -> str:
            self._ragged.append((row.number, row.expected_columns, row.actual_columns))
            return "error"

        try:
            # One thread, so that a row that is wrong is told by its number.
            reader = arrow_csv.open_csv(
                self.path,
                read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.separator, newlines_in_values=True, invalid_row_handler=ragged
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in self.columns}, strings_can_be_null=False
                ),
            )
            yield from reader
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            raise self._unreadable(str(error)) from None
        except OSError as error:
            raise InputError(f"Cannot read {self.path}: {error.strerror or error}.") from None

    def _unreadable(self, message: str) -> InputError:
        if self._ragged:
            number, expected, actual = self._ragged[-1]
            where = "a row" if number is None else f"row {number:,}"
            cells = "1 cell" if actual == 1 else f"{actual} cells"
            return InputError(
                f"{self.path}: {where} has {cells} where the header has {expected}. A cell with a "
                f"{self.separator!r} in it has to stand in double quotes."
            )
        if "UTF8" in message or "UTF-8" in message:
            return InputError(f"{self.path} is no UTF-8 text. Save it as CSV in UTF-8.")
        if "straddling" in message:
            return InputError(
                f"{self.path} has a row of more than {_BLOCK >> 20} MB. Is a double quote missing, or is it no CSV file?"
            )
        if "Empty CSV" in message:
            return InputError(f"{self.path} has a header and no rows.")
        return InputError(f"Cannot read {self.path}: {message.splitlines()[0].rstrip('.')}.")

    def _header(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                start = file.read(_HEADER)
        except OSError as error:
            raise InputError(f"Cannot read {self.path}: {error.strerror or error}.") from None
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise InputError(f"{self.path} is UTF-16 text. Save it as CSV in UTF-8.")
        if start[:4] == b"PAR1":
            raise InputError(f"{self.path} is a Parquet file. Call it .parquet.")
        if b"\0" in start:
            raise InputError(f"{self.path} is no text file.")
        # A character may be cut in two where the reading stops.
        line = io.StringIO(codecs.getincrementaldecoder("utf-8-sig")("replace").decode(start), newline="")
        first = line.readline()
        if not first.strip():
            raise InputError(f"{self.path} is empty. {_WANTED}")
        self.separator = max(_SEPARATORS, key=first.count)
        line.seek(0)
        try:
            return next(csv.reader(line, delimiter=self.separator))
        except csv.Error as error:
            raise InputError(f"{self.path}: the header cannot be read: {error}.") from None


class ParquetSource(Source):
    """A Parquet file, or a folder of them taken in the order of their names.

    Parameters
    ----------
    path : Path
        The file or folder.

    Raises
    ------
    InputError
        If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self.path = path
        self.name = str(path)
        folder = path.is_dir()
        self._files = parquet_files(path) if folder else [path]
        digest = hashlib.blake2b()
        found: list[Partition] = []
        for file in self._files:
            try:
                with file.open("rb") as content:
                    while block := content.read(_BLOCK):
                        digest.update(block)
                with parquet.ParquetFile(file) as opened:
                    schema, rows = opened.schema_arrow, opened.metadata.num_rows
            except pa.ArrowInvalid:
                raise InputError(f"{file} is no Parquet file, or is damaged.") from None
            except OSError as error:
                raise InputError(f"Cannot read {file}: {error.strerror or error}.") from None
            if file is self._files[0]:
                self.schema = schema
            elif not schema.equals(self.schema):
                raise InputError(f"{file} has other columns or types than {self._files[0]}.")
            found.append(Partition(name=file.name, rows=rows, schema=schema))
        self.count = sum(partition.rows for partition in found)
        if folder:
            # The same rows cut in another way, or under other names, give another folder.
            self.partitions = tuple(found)
            digest.update(repr([(partition.name, partition.rows) for partition in found]).encode())
        self.fingerprint = digest.hexdigest()
        self.columns = tuple(self.schema.names)
        _check_columns(self)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import parquet

        for file in self._files:
            try:
                with parquet.ParquetFile(file) as opened:
                    yield from opened.iter_batches(batch_size=10_000)
            except (pa.ArrowInvalid, OSError) as error:
                raise InputError(
                    f"Cannot read {file}: it is damaged ({str(error).splitlines()[0]})."
                ) from None


def parquet_files(folder: Path) -> list[Path]:
    """Parquet files of a folder, as the readers of such folders see them.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of Path
        The files in the order of their names, without those whose names begin with ``.`` or ``_``.

    Raises
    ------
    InputError
        If there is none, or more are in folders below.
    """
    try:
        seen = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "_")))
        below = [path for path in seen if path.is_dir() and any(path.rglob("*.parquet"))]
    except OSError as error:
        raise InputError(f"Cannot read {folder}: {error.strerror or error}.") from None
    if below:
        raise InputError(
            f"{folder} has Parquet files in a folder below, {below[0].name}. Give one folder with all files in it."
        )
    files = [path for path in seen if path.suffix.lower() in _PARQUET and not path.is_dir()]
    if not files:
        raise InputError(f"{folder}: no Parquet file in this folder.")
    return files


_WANTED = "It needs a header, with columns as `railroute batch --help` names them."


def open_source(path: Path) -> Source:
    """Table of a file, checked.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file, or a folder of Parquet files.

    Returns
    -------
    Source
        The table.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    if path.is_dir() or format_of_table(path) == "parquet":
        return ParquetSource(path)
    return CsvSource(path)


def _check_columns(source: Source) -> None:
    seen: set[str] = set()
    for name in source.columns:
        if name in seen:
            raise InputError(f"{source.name} has two columns called {name!r}. Rename one.")
        seen.add(name)


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

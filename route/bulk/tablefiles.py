"""Tables in files: CSV and Parquet, in chunks, checked before any work is done."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from typing import TYPE_CHECKING, Any

from route.bulk.reading import PARQUET, Partition, Source, check_names, format_of_table
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

__all__ = ["CsvSource", "ParquetSource", "open_source", "parquet_files"]

_BLOCK = 16 << 20
_HEADER = 1 << 20
_SEPARATORS = (",", ";", "\t")
_MOST_ROWS = 1 << 32
_WANTED = "It needs a header, with columns as `railroute batch --help` names them."


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
        check_names(self)
        self.schema = pa.schema([(name, pa.string()) for name in self.columns])
        self._ragged: list[tuple[int | None, int, int]] = []
        # All of it is read once before any work is done: a broken row at the end shows at the start.
        digest, decoder = hashlib.blake2b(), codecs.getincrementaldecoder("utf-8")()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise self._no_utf8() from None
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
            return self._no_utf8()
        if "straddling" in message:
            return InputError(
                f"{self.path} has a row of more than {_BLOCK >> 20} MB. Is a double quote missing, or is it no CSV file?"
            )
        if "Empty CSV" in message:
            return InputError(f"{self.path} has a header and no rows.")
        return InputError(f"Cannot read {self.path}: {message.splitlines()[0].rstrip('.')}.")

    def _no_utf8(self) -> InputError:
        return InputError(f"{self.path} is no UTF-8 text. Save it as CSV in UTF-8.")

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
        try:
            # A character may be cut in two where the reading stops.
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(start)
        except UnicodeDecodeError:
            raise self._no_utf8() from None
        line = io.StringIO(text, newline="")
        first = line.readline()
        if not first.strip():
            raise InputError(f"{self.path} is empty. {_WANTED}")
        # A name in quotes may go on over several lines, and hold what separates others.
        while first.count('"') % 2 and (more := line.readline()):
            first += more
        self.separator = max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
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
                    schema, about = opened.schema_arrow, opened.metadata
                groups = [about.row_group(i).num_rows for i in range(about.num_row_groups)]
                rows = about.num_rows
                if rows != sum(groups) or not 0 <= rows < _MOST_ROWS or min(groups, default=0) < 0:
                    raise ValueError("not as many rows as it says")
            except (pa.ArrowException, ValueError) as error:
                raise InputError(f"{file} is no Parquet file, or is damaged.") from error
            except OSError as error:
                if error.errno is None:  # Arrow's word for bytes that do not fit
                    raise InputError(f"{file} is no Parquet file, or is damaged.") from error
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
        check_names(self)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import parquet

        for file in self._files:
            try:
                with parquet.ParquetFile(file) as opened:
                    count = 0
                    for batch in opened.iter_batches(batch_size=10_000):
                        batch.validate(full=True)
                        count += batch.num_rows
                        yield batch
                    if count != opened.metadata.num_rows:
                        raise ValueError("it has not as many rows as it says")
            except (pa.ArrowException, ValueError, OSError) as error:
                raise InputError(f"Cannot read {file}: it is damaged.") from error


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
    files = [path for path in seen if path.suffix.lower() in PARQUET and not path.is_dir()]
    if not files:
        raise InputError(f"{folder}: no Parquet file in this folder.")
    return files


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

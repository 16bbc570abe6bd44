"""Tables as they are written: rows with their answers, part by part, and the parts as one file."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

from route.bulk.answers import ANSWERS
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from route.bulk.answers import Answers

__all__ = ["answered", "join_parts", "render", "with_answers"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answered(schema: pa.Schema) -> pa.Schema:
    """Columns of a table with answers.

    Parameters
    ----------
    schema : Schema
        Columns of the table.

    Returns
    -------
    Schema
        The same and those of `route.bulk.answers.ANSWERS`.
    """
    import pyarrow as pa

    for name in ANSWERS:
        text = name in ("status", "message")
        schema = schema.append(pa.field(name, pa.string() if text else pa.float64()))
    return schema


def with_answers(table: pa.Table, answers: Answers) -> pa.Table:
    """Rows with their answers.

    Parameters
    ----------
    table : Table
        The rows.
    answers : Answers
        One for each.

    Returns
    -------
    Table
        The rows with the columns of the answers behind their own.
    """
    import pyarrow as pa

    columns = [
        pa.array(answers.status, pa.string()),
        *(
            pa.array(answers.values[:, i], pa.float64(), from_pandas=True)
            for i in range(answers.values.shape[1])
        ),
        pa.array(answers.message, pa.string()),
    ]
    return pa.table([*table.columns, *columns], schema=answered(table.schema))


def render(table: pa.Table, form: str, separator: str = ",", own: Sequence[str] = ANSWERS) -> bytes:
    """A part of a table as it is kept until all are there.

    Parameters
    ----------
    table : Table
        The rows.
    form : str
        ``csv`` or ``parquet``.
    separator : str
        What separates the cells of a CSV file.
    own : sequence of str
        Columns of text made here: in a CSV file an apostrophe stands before what a spreadsheet would take for a
        formula. Cells of the input stay as they are.

    Returns
    -------
    bytes
        CSV without a header, or a Parquet file.
    """
    if form == "parquet":
        from pyarrow import parquet

        sink = io.BytesIO()
        parquet.write_table(table, sink)
        return sink.getvalue()
    columns = [
        _cells(column, safe=name in own)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def join_parts(
    parts: Sequence[Path], out: Path, temporary: Path, form: str, schema: pa.Schema, separator: str = ","
) -> None:
    """One file out of its parts; it gets its name when it is whole.

    Parameters
    ----------
    parts : sequence of Path
        The parts in order, written by `render`.
    out : Path
        The file.
    temporary : Path
        Where it is made, on the same file system.
    form : str
        ``csv`` or ``parquet``.
    schema : Schema
        Its columns.
    separator : str
        What separates the cells of a CSV file.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    try:
        with temporary.open("wb") as file:
            if form == "parquet":
                from pyarrow import parquet

                with parquet.ParquetWriter(file, schema) as writer:
                    for part in parts:
                        writer.write_table(parquet.read_table(part, schema=schema))
            else:
                header = io.StringIO()
                csv.writer(header, delimiter=separator, lineterminator="\n").writerow(schema.names)
                file.write(header.getvalue().encode())
                for part in parts:
                    with part.open("rb") as content:
                        shutil.copyfileobj(content, file, 1 << 20)
        temporary.replace(out)
    except OSError as error:
        raise InputError(f"Cannot write {out}: {error.strerror or error}.") from error


def _cells(column: pa.ChunkedArray, *, safe: bool) -> list[object]:
    """Cells of a column for a CSV file, in which None is an empty one."""
    import pyarrow as pa

    cells: list[object] = column.to_pylist()
    if pa.types.is_boolean(column.type):
        return [None if cell is None else str(cell).lower() for cell in cells]
    if pa.types.is_floating(column.type):
        return [None if cell != cell else cell for cell in cells]
    if safe:
        return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells]
    return cells

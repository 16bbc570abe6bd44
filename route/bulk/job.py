"""Many pairs of places: a table in, the same table with answers out."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from route.bulk.answers import ANSWERS, Answers, Options, Pair
from route.bulk.output import output_of
from route.bulk.parts import Piece, Shape, fingerprint, produce, tables
from route.bulk.reading import TableSource, check_kinds, cut, missing
from route.bulk.rows import engine
from route.bulk.tablefiles import open_source
from route.bulk.workers import check_workers
from route.bulk.writing import answered, with_answers
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from route.bulk.reading import Source

__all__ = ["PART_ROWS", "answer_table", "batch"]

PART_ROWS = 10_000
"""Rows of a part: what is lost at the most when a run is killed, for each process."""

_NAMES = ("origin", "destination")
_POSITIONS = ("origin_lat", "origin_lon", "destination_lat", "destination_lon")
_EXTRA = ("via", "train")


def batch(
    source: str | Path | pd.DataFrame,
    out: str | Path | None = None,
    *,
    train: str = "passenger",
    avoid: Sequence[str] = (),
    shortest: bool = False,
    network: str | Path | None = None,
    pick: str = "clear",
    times: bool = True,
    jobs: int = 1,
    dask: str | None = None,
    part_rows: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> pd.DataFrame | Path:
    """Distances and running times of many pairs of places.

    Each row is answered as `route.plan` answers its two places. The columns are ``origin`` and ``destination``, names
    as for `route.plan`; or ``origin_lat``, ``origin_lon``, ``destination_lat`` and ``destination_lon``, degrees, WGS
    84, which are used where both are there. ``via`` (places to pass, separated by ``;``) and ``train`` may be given
    for each row.

    Parameters
    ----------
    source : str, Path or DataFrame
        A CSV or Parquet file, a folder of Parquet files, or a frame.
    out : str or Path, optional
        A CSV or Parquet file to write; or a folder, which exists or, as text, ends in ``/``: it gets a Parquet file for
        each one of a folder of them, under the same name and in the same order, or ``part-0000000.parquet`` and so on,
        of a million rows each, for any other table. A folder has to be empty or hold an earlier result, which is
        replaced. Without ``out`` the result is a frame, which has to fit into memory.
    train : str
        Class of train of rows that name none.
    avoid : sequence of str
        As for `route.plan`.
    shortest : bool
        Take the shortest way instead of the fastest.
    network : str or Path, optional
        A network file instead of the world network.
    pick : str
        ``clear`` to refuse names that may mean several places, ``best`` to take the likeliest.
    times : bool
        Running times too. Without them the durations stay empty, and the same distances come many times faster, above
        all where numba is installed (``railroute[fast]``).
    jobs : int
        Processes; their number changes nothing in the result.
    dask : str, optional
        ``""`` for a Dask cluster on this machine, or the address of one, such as ``tcp://10.0.0.7:8786``. Tables are
        read and written by this process alone: workers need no file system in common with it.
    part_rows : int, optional
        Rows that are done and kept at a time; 10,000 by default.
    progress : callable, optional
        Called with the number of rows done and of all rows.
    note : callable, optional
        Called with a sentence when a run goes on or starts anew.

    Returns
    -------
    DataFrame or Path
        The rows in their order, their columns unchanged, with ``status`` (``ok``, ``no_path``, ``place_not_found``,
        ``ambiguous`` or ``invalid``), ``distance_km``, ``geodesic_km``, ``duration_h_p10``, ``duration_h_p50``,
        ``duration_h_p90`` and ``message``; or the path of the file or folder that holds them, which has its name
        only when it is whole. A run that writes and is killed goes on where it stopped when it is called again.

    Raises
    ------
    InputError
        If the table or an option cannot be used. A row that cannot be answered is no error.
    ServiceError
        If no Dask scheduler answers at the address, or it goes away.
    """
    import pyarrow as pa

    options = Options(
        train=train,
        avoid=tuple(avoid),
        shortest=shortest,
        network=None if network is None else str(network),
        pick=pick,
        times=times,
    )
    if part_rows is None:
        part_rows = PART_ROWS
    if part_rows < 1:
        raise InputError("--part-rows is the number of rows of a part: 1 or more.")
    check_workers(jobs, dask)
    destination = None if out is None else output_of(out, [source])
    table = _source(source)
    columns = _columns(table)
    engine(options)  # an option that cannot be used is told before any work

    def work(sizes: list[int], done: frozenset[int] = frozenset()) -> Iterator[Piece]:
        for number, chunk in enumerate(table.chunks(sizes)):
            if number not in done:
                task = (answer_table, (options, chunk.select(columns)))
                yield Piece(number, task, partial(with_answers, chunk))

    tell = progress or (lambda _done, _all: None)
    if destination is None:
        pieces = list(
            tables(work(cut(table.count, part_rows)), table.count, jobs=jobs, dask=dask, progress=tell)
        )
        return _frame(source, pa.concat_tables(pieces) if pieces else answered(table.schema).empty_table())
    shape = Shape(
        files=destination.files(table.count, table.schema, table.partitions),
        step=part_rows,
        separator=table.separator,
    )
    produce(
        destination,
        {
            **fingerprint(options),
            "input": table.fingerprint,
            "columns": columns,
            "part_rows": part_rows,
        },
        partial(work, shape.sizes()),
        shape,
        jobs=jobs,
        dask=dask,
        progress=tell,
        note=note or (lambda _text: None),
    )
    return destination.path


def answer_table(options: Options, table: pa.Table) -> Answers:
    """Answers to the rows of a table; what a worker does.

    Parameters
    ----------
    options : Options
        What is asked of all rows.
    table : Table
        The columns that count.

    Returns
    -------
    Answers
        One for each row.
    """
    if _POSITIONS[0] in table.column_names:
        answers = _by_positions(options, table)
        if answers is not None:
            return answers
    cells = {name: table.column(name).to_pylist() for name in table.column_names}
    n = table.num_rows
    if _POSITIONS[0] in cells:
        a, b, c, d = (cells[name] for name in _POSITIONS)
        origin: list[Any] = list(zip(a, b, strict=True))
        destination: list[Any] = list(zip(c, d, strict=True))
    else:
        origin, destination = cells["origin"], cells["destination"]
    via, train = ([_text(v) for v in cells[name]] if name in cells else [""] * n for name in _EXTRA)
    pairs = [
        Pair(origin=o, destination=d, via=v, train=t)
        for o, d, v, t in zip(origin, destination, via, train, strict=True)
    ]
    return engine(options).answer(pairs)


def _by_positions(options: Options, table: pa.Table) -> Answers | None:
    """Answers to rows of positions, if all can be read as numbers and none passes anywhere."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    if "via" in table.column_names and any(_text(v).strip() for v in table.column("via").to_pylist()):
        return None
    columns = []
    for name in _POSITIONS:
        column = table.column(name)
        if column.null_count:
            return None
        try:
            if not pa.types.is_floating(column.type):
                column = compute.cast(column, pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        columns.append(column.to_numpy().astype(np.float64))
    lat, lon = np.column_stack(columns[::2]), np.column_stack(columns[1::2])
    trains = [_text(v) for v in table.column("train").to_pylist()] if "train" in table.column_names else None
    return engine(options).answer_positions(lat, lon, trains)


def _text(cell: object) -> str:
    # Nothing given is an empty cell, None, or the NaN of a frame.
    return "" if cell is None or cell != cell else str(cell)


def _source(source: str | Path | pd.DataFrame) -> Source:
    if isinstance(source, (str, Path)):
        return open_source(Path(source))
    return TableSource.of_frame(source)


def _columns(table: Source) -> list[str]:
    """The columns that count, checked."""
    taken = [name for name in ANSWERS if name in table.columns]
    if taken:
        raise InputError(
            f"{table.name} has a column {taken[0]!r} already, as the result of a batch has. Rename it or leave it out."
        )
    extra = [name for name in _EXTRA if name in table.columns]
    for wanted in (_POSITIONS, _NAMES):
        if all(name in table.columns for name in wanted):
            check_kinds(table, (*wanted, *extra))
            return [*wanted, *extra]
    raise missing(table, [",".join(_NAMES), ",".join(_POSITIONS)])


def _frame(source: str | Path | pd.DataFrame, whole: pa.Table) -> pd.DataFrame:
    if isinstance(source, (str, Path)):
        frame: pd.DataFrame = whole.to_pandas()
        return frame
    import pandas as pd

    # The frame's own columns are kept as they are, types and index and all.
    added: pd.DataFrame = whole.select(list(ANSWERS)).to_pandas().set_index(source.index)
    return pd.concat([source, added], axis=1)

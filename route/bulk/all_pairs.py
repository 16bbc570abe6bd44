"""All pairs of some places: the distance and running time from each to each."""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from route.bulk.answers import Answers, Options
from route.bulk.cells import as_place
from route.bulk.output import output_of
from route.bulk.parts import Piece, Shape, fingerprint, produce, tables
from route.bulk.reading import TableSource, check_kinds, cut, missing
from route.bulk.rows import engine
from route.bulk.tablefiles import open_source
from route.bulk.track import Track, track_at
from route.bulk.workers import check_workers
from route.bulk.writing import answered, with_answers
from route.errors import InputError, RouteError
from route.places import Place
from route.roads import road_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    import pyarrow as pa

    from route.bulk.answers import Cell

__all__ = ["matrix"]

_PART_PAIRS = 50_000
_PART_DISTANCES = 250_000

_Spot = tuple[Any, Any]
"""Name, or latitude and longitude, and label of a place, as they stand in its table."""


def matrix(
    places: str | Path | pd.DataFrame,
    to: str | Path | pd.DataFrame | None = None,
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
    part_pairs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> pd.DataFrame | Path:
    """Distances and running times from each of some places to each of others.

    A table of places has a column ``name``, or ``lat`` and ``lon`` in degrees, WGS 84, which are used where both are
    there; and optionally ``id``. Each name is resolved by itself: a place of a matrix is the same in all its rows.

    Parameters
    ----------
    places : str, Path or DataFrame
        Where from: a CSV or Parquet file, or a frame.
    to : str, Path or DataFrame, optional
        Where to; the same places by default.
    out : str or Path, optional
        A CSV or Parquet file to write, or a folder as for `route.batch`; without it the result is a frame.
    train : str
        Class of train.
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
        As for `route.batch`.
    part_pairs : int, optional
        Pairs that are done and kept at a time, about; 50,000 by default, and 250,000 without times.
    progress, note : callable, optional
        As for `route.batch`.

    Returns
    -------
    DataFrame or Path
        A row for each pair, the places in the order of their tables: ``origin`` and ``destination`` (the ``id``, else
        the ``name``, else ``lat,lon``), and the columns that `route.batch` adds. Or the file or folder that holds it.

    Raises
    ------
    InputError
        If a table or an option cannot be used.
    ServiceError
        As for `route.batch`.
    """
    options = Options(
        train=train,
        avoid=tuple(avoid),
        shortest=shortest,
        network=None if network is None else str(network),
        pick=pick,
        times=times,
    )
    if part_pairs is None:
        part_pairs = _PART_PAIRS if times else _PART_DISTANCES
    if part_pairs < 1:
        raise InputError("--part-rows is the number of rows of a part: 1 or more.")
    check_workers(jobs, dask)
    destination = None if out is None else output_of(out, [places, to])
    origins = _spots(places)
    destinations = origins if to is None else _spots(to)
    engine(options)  # an option that cannot be used is told before any work
    rows = len(origins) * len(destinations)
    step = max(1, part_pairs // max(1, len(destinations)))
    begins = range(0, len(origins) if rows else 0, step)

    def work(done: frozenset[int]) -> Iterator[Piece]:
        for number, begin in enumerate(begins):
            if number not in done:
                some = origins[begin : begin + step]
                yield Piece(
                    number, (answer_all, (options, some, destinations)), partial(_table, some, destinations)
                )

    tell = progress or (lambda _done, _all: None)
    if destination is None:
        import pyarrow as pa

        done = list(tables(work(frozenset()), rows, jobs=jobs, dask=dask, progress=tell))
        frame: pd.DataFrame = (
            pa.concat_tables(done) if done else answered(_schema()).empty_table()
        ).to_pandas()
        return frame
    pairs = step * max(1, len(destinations))
    produce(
        destination,
        {**fingerprint(options), "origins": repr(origins), "destinations": repr(destinations), "step": step},
        work,
        Shape(
            # A part holds all pairs of some origins, and is not torn between two files.
            files=destination.files(rows, _schema(), step=pairs),
            step=pairs,
        ),
        jobs=jobs,
        dask=dask,
        progress=tell,
        note=note or (lambda _text: None),
    )
    return destination.path


def answer_all(options: Options, origins: tuple[_Spot, ...], destinations: tuple[_Spot, ...]) -> Answers:
    """Answers to all pairs of some places; what a worker does.

    Parameters
    ----------
    options : Options
        What is asked of all pairs.
    origins, destinations : tuple
        The places as their tables have them.

    Returns
    -------
    Answers
        One for each pair, those of one origin after those of another.
    """
    places, number, track = _at_destinations(options, destinations)
    ends = _resolved(options, origins), _resolved(options, destinations)
    others = [place for place in dict.fromkeys(_plain(ends[0])) if place not in number]
    if others:
        number = number | {place: len(number) + i for i, place in enumerate(others)}
        track = track_at(engine(options).finder, [*places, *others])
    # -1 stands for what is answered by itself: an error, or a place that only a road reaches.
    a, b = (np.array([number.get(end, -1) for end in side], dtype=np.int64) for side in ends)
    pairs = np.column_stack([np.repeat(a, len(b)), np.tile(b, len(a))])
    by_rail = (pairs >= 0).all(axis=1)
    answers = Answers.empty(len(pairs))
    if by_rail.any():
        engine(options).enter_pairs(answers, np.flatnonzero(by_rail), pairs[by_rail], track)
    for row in np.flatnonzero(~by_rail).tolist():
        stops: list[Place] = []
        try:
            for end in (ends[0][row // len(b)], ends[1][row % len(b)]):
                if isinstance(end, RouteError):
                    raise end.with_traceback(None)
                stops.append(end)
            engine(options).enter_plan(answers, row, stops, options.train)
        except RouteError as error:
            answers.fail(row, error)
    return answers


def _plain(ends: list[Place | RouteError]) -> list[Place]:
    """Places that the railway reaches."""
    return [end for end in ends if isinstance(end, Place) and not road_to(end)]


@lru_cache(maxsize=2)
def _at_destinations(
    options: Options, destinations: tuple[_Spot, ...]
) -> tuple[list[Place], dict[Place | RouteError, int], Track]:
    """Places to go to that the railway reaches, their numbers, and the track there: all parts have them."""
    places = list(dict.fromkeys(_plain(_resolved(options, destinations))))
    number: dict[Place | RouteError, int] = {place: i for i, place in enumerate(places)}
    return places, number, track_at(engine(options).finder, places)


@lru_cache(maxsize=4)
def _resolved(options: Options, spots: tuple[_Spot, ...]) -> list[Place | RouteError]:
    found: list[Place | RouteError] = []
    for what, _ in spots:
        try:
            end = as_place(what, "place")
            found.append(end if isinstance(end, Place) else engine(options).resolve((end,))[0])
        except RouteError as error:
            found.append(error)
    return found


def _spots(table: str | Path | pd.DataFrame) -> tuple[_Spot, ...]:
    """The places of a table."""
    source = open_source(Path(table)) if isinstance(table, (str, Path)) else TableSource.of_frame(table)
    has = set(source.columns)
    if not ({"lat", "lon"} <= has or "name" in has):
        raise missing(source, ["name", "lat,lon"])
    check_kinds(source, ("id", "name", "lat", "lon"))
    cells: dict[str, list[Cell]] = {name: [] for name in ("id", "name", "lat", "lon") if name in has}
    for chunk in source.chunks(cut(source.count, 100_000)):
        for name, values in cells.items():
            values.extend(chunk.column(name).to_pylist())
    count = len(next(iter(cells.values())))
    spots: list[_Spot] = []
    for i in range(count):
        what: Any = cells["name"][i] if "name" in cells else None
        label = what
        if "lat" in cells and "lon" in cells:
            what = (cells["lat"][i], cells["lon"][i])
            label = label or f"{what[0]},{what[1]}"
        label = cells["id"][i] if "id" in cells else label
        spots.append((what, "" if label is None else str(label)))
    return tuple(spots)


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("origin", pa.string()), ("destination", pa.string())])


def _table(origins: tuple[_Spot, ...], destinations: tuple[_Spot, ...], answers: Answers) -> pa.Table:
    import pyarrow as pa

    a, b = ([label for _, label in spots] for spots in (origins, destinations))
    pairs = pa.table([[x for x in a for _ in b], b * len(a)], schema=_schema())
    return with_answers(pairs, answers)

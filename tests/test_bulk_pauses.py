"""Pauses, stations and memory of many ways: those of one way at a time are the measure."""

from __future__ import annotations

from functools import cache
from itertools import groupby

import numpy as np
import pytest

from route.bulk import spots as remembering
from route.bulk.answers import Options
from route.bulk.lines import PathLine, nearest_measures
from route.bulk.measures import Kinds, Measured, stretches
from route.bulk.pauses import PauseFinder, Pauses
from route.bulk.points import Points
from route.bulk.rows import Engine
from route.bulk.ways import Finder
from route.places import Place
from route.planner import router
from route.runningtime import train_class
from route.timetable.borders import find_borders
from route.timetable.line import Piece
from route.timetable.pauses import find_pauses

# Borders with and without a row in the register, breaks of gauge at them and inland, reversals, train ferries,
# micro-states, a river that makes two countries take turns.
CITIES = {
    "Lisbon": (38.714, -9.123), "Madrid": (40.407, -3.691), "Irun": (43.340, -1.801), "Paris": (48.844, 2.374),
    "Monaco": (43.739, 7.419), "Genoa": (44.417, 8.921), "Palermo": (38.110, 13.368), "Vaduz": (47.143, 9.522),
    "Innsbruck": (47.263, 11.401), "Salzburg": (47.813, 13.046), "Vienna": (48.185, 16.377), "Budapest": (47.500, 19.084),
    "Chop": (48.432, 22.206), "Warsaw": (52.229, 21.003), "Vilnius": (54.670, 25.284), "Kaliningrad": (54.701, 20.500),
    "Minsk": (53.891, 27.551), "Moscow": (55.776, 37.655), "Helsinki": (60.172, 24.941), "Haparanda": (65.836, 24.133),
    "Copenhagen": (55.673, 12.565), "Hamburg": (53.553, 10.006), "Zabaykalsk": (49.637, 117.326),
    "Beijing": (39.902, 116.427), "Ulaanbaatar": (47.909, 106.884), "Pyongyang": (39.006, 125.736),
    "Vladivostok": (43.111, 131.882), "Hanoi": (21.024, 105.841), "Delhi": (28.643, 77.220), "Jammu": (32.706, 74.880),
    "Istanbul": (41.015, 28.977), "Tbilisi": (41.722, 44.799), "Tashkent": (41.291, 69.287), "Khujand": (40.283, 69.622),
    "Buenos Aires": (-34.591, -58.375), "La Paz": (-16.49, -68.14), "Harare": (-17.83, 31.05), "Durban": (-29.85, 31.02),
}  # fmt: skip


@cache
def ways() -> tuple[Finder, Measured, np.ndarray]:
    """Ways between all the cities, and which of them exist."""
    finder = Finder(router())
    places = np.array([complex(lon, lat) for lat, lon in CITIES.values()])
    candidates = finder.index.candidates(Points.of_positions(places))
    pairs = np.array([(a, b) for a in range(len(places)) for b in range(len(places)) if a != b])
    found = finder.find(candidates, pairs[:, 0], pairs[:, 1])
    return finder, Measured.of(finder.network, candidates, found), np.flatnonzero(found.found)


def told(pauses: Pauses, count: int) -> list[list[tuple[float, ...]]]:
    """Pauses by way, in order, with those of one key numbered by the first of them."""
    result: list[list[tuple[float, ...]]] = [[] for _ in range(count)]
    order = np.lexsort((pauses.band_s[:, 1], np.round(pauses.measure_m), pauses.row))
    for i in order.tolist():
        mine = result[int(pauses.row[i])]
        mine.append((float(pauses.measure_m[i]), *pauses.band_s[i].tolist(), float(pauses.listed[i])))
    return result


def partners(pauses: Pauses, row: int) -> list[int]:
    """How many pauses of a way there are to each key."""
    return sorted(np.unique(pauses.key[pauses.row == row], return_counts=True)[1].tolist())


# Which pauses there are depends little on the train: the second one takes every third way.
@pytest.mark.parametrize(("train", "every"), [("passenger", 1), ("armoured", 3)])
def test_pauses_of_many_ways_are_those_of_each(train: str, every: int) -> None:
    finder, measured, rows = ways()
    rows = rows[::every]
    kinds = Kinds(finder.router)
    pauses = PauseFinder(kinds, train_class(train))
    parts = stretches(kinds, measured, rows)
    at_once = pauses.find(measured, rows, parts)
    each = []
    keys: dict[tuple[int, str], int] = {}
    begin = np.searchsorted(parts.row, np.arange(len(rows) + 1)).tolist()
    for row, way in enumerate(rows.tolist()):
        pieces = tuple(
            Piece(
                section=kinds.sections[parts.kind[i]],
                leg=0,
                start_m=float(parts.start_m[i]),
                end_m=float(parts.end_m[i]),
            )
            for i in range(begin[row], begin[row + 1])
        )
        line = PathLine(kinds.network, measured, way, pieces)
        runs = [list(g) for by_rail, g in groupby(pieces, lambda p: p.section.mode == "rail") if by_rail]
        ends = (Place(name="A", lat=0, lon=0), Place(name="B", lat=0, lon=0))
        for pause in find_pauses(
            line, runs, find_borders(line, train_class(train)), ends, train_class(train), []
        ):
            band = pause.duration
            key = keys.setdefault((row, pause.key), len(keys))
            each.append((row, pause.measure_m, (band.p10_s, band.p50_s, band.p90_s), pause.listed, key))
    expected = Pauses(*(np.array(column) for column in zip(*each, strict=True)))
    assert len(expected.row) > 2_000 / every
    for row, (mine, theirs) in enumerate(
        zip(told(at_once, len(rows)), told(expected, len(rows)), strict=True)
    ):
        assert np.array(mine) == pytest.approx(np.array(theirs), abs=0.01), row
        assert partners(at_once, row) == partners(expected, row)


def test_stations_lie_where_a_single_line_has_them() -> None:
    finder, measured, rows = ways()
    network = finder.network
    rng = np.random.default_rng(7)
    some = rng.choice(rows, 200)
    measure = rng.uniform(0, 1, 200) * measured.length_m[some]
    places, windows = [], []
    for row, at in zip(some.tolist(), measure.tolist(), strict=True):
        lon, lat = PathLine(network, measured, row, ()).point(at, 0)
        places.append((lon + rng.uniform(-0.1, 0.1), lat + rng.uniform(-0.1, 0.1)))
        windows.append((at - 25_000.0, at + 25_000.0))
    found = nearest_measures(network, measured, some, np.array(places), np.array(windows))
    expected = [
        PathLine(network, measured, row, ()).measure_near(*place, 0, *window)
        for row, place, window in zip(some.tolist(), places, windows, strict=True)
    ]
    assert 50 < sum(e is not None for e in expected) < 200
    assert found == pytest.approx([np.nan if e is None else e for e in expected], abs=0.05, nan_ok=True)


def test_what_is_remembered_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    lat, lon = np.array(list(CITIES.values())).T
    rng = np.random.default_rng(3)
    ends = rng.integers(0, len(lat), (400, 2))

    def answers(engine: Engine, rows: slice) -> bytes:
        result = engine.answer_positions(lat[ends[rows]], lon[ends[rows]], None)
        return result.values.tobytes() + "".join([*result.status, *result.message]).encode()

    fresh = answers(Engine(Options()), slice(200, 400))
    used = Engine(Options())
    answers(used, slice(0, 200))
    assert answers(used, slice(200, 400)) == fresh
    monkeypatch.setattr(remembering, "_REMEMBERED", 20)
    forgetful = Engine(Options())
    answers(forgetful, slice(0, 200))
    assert answers(forgetful, slice(200, 400)) == fresh
    assert len(forgetful.spots.position) == len(CITIES)

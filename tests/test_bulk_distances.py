"""Distances without times are those of the same rows with times."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import networks
import numpy as np
import pandas as pd
import pytest
from test_bulk_rows import CITIES, POSITIONS

import route
from route.bulk import rows
from route.bulk.ways import Finder
from route.network.store import write_network
from route.planner import router

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOURS = ["duration_h_p10", "duration_h_p50", "duration_h_p90"]
COLUMNS = ["origin_lat", "origin_lon", "destination_lat", "destination_lon"]


@contextmanager
def engines(enough: int) -> Iterator[None]:
    """Engines that add up along compiled searches after so many pairs; before, they look at every way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "Finder", partial(Finder, enough=enough))
        rows.engine.cache_clear()
        yield
        rows.engine.cache_clear()


@pytest.fixture(scope="module")
def _at_once() -> Iterator[None]:
    pytest.importorskip("numba")
    with engines(0):
        yield


def same(frame: pd.DataFrame, timed: pd.DataFrame) -> None:
    assert frame[HOURS].isna().all(axis=None)
    pd.testing.assert_frame_equal(frame.drop(columns=HOURS), timed.drop(columns=HOURS))


def positions() -> pd.DataFrame:
    """Pairs on one edge, on none, across ferries and breaks of gauge, on and off high speed, at random."""
    network = router().network
    rng = np.random.default_rng(3)
    nodes = rng.integers(0, network.n_nodes, (250, 2))
    nodes[100:, 1] = np.clip(nodes[100:, 0] + rng.integers(-40, 41, 150), 0, network.n_nodes - 1)
    lat, lon = network.node_lat[nodes], network.node_lon[nodes]
    random = np.column_stack([lat[:, 0], lon[:, 0], lat[:, 1], lon[:, 1]])
    curated = [(*a, *b) for a, b in [*POSITIONS, *((b, a) for a, b in POSITIONS)]]
    return pd.DataFrame(np.concatenate([np.round(random, 3), curated, curated]), columns=COLUMNS)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("options", [{}, {"shortest": True}], ids=["time", "shortest"])
def test_pairs_by_position(options: dict[str, object]) -> None:
    frame = positions()
    timed = route.batch(frame, **options)
    assert timed["status"].value_counts()["ok"] > 100
    same(route.batch(frame, times=False, **options), timed)


def test_pairs_by_position_whose_ways_are_looked_at() -> None:
    frame = positions()
    with engines(10**9):
        same(route.batch(frame, times=False), route.batch(frame))


@pytest.mark.usefixtures("_at_once")
def test_pairs_by_name() -> None:
    """Names that nobody knows, several places, roads, Spain and Japan with their two gauges."""
    cities = [*CITIES, "Nagoya", "Akita", "Barcelona", "Seville", "Zaragoza", "Shanghai", "Lhasa"]
    frame = pd.DataFrame(list(pairwise(cities)), columns=["origin", "destination"])
    frame["via"] = ["Dijon" if pair == ("Paris", "Lyon") else "" for pair in pairwise(cities)]
    same(route.batch(frame, times=False), route.batch(frame))


@pytest.mark.usefixtures("_at_once")
def test_all_pairs() -> None:
    places = pd.DataFrame(
        {"name": ["Paris", "Madrid", "Moscow", "Russky Island", "Xyzzyqk", "Tokyo", "Osaka", "Paris"]}
    )
    towards = pd.DataFrame({"name": ["Lyon", "Paris", "Vladivostok", "Springfield", "Sapporo"]})
    for to in (None, towards):
        same(route.matrix(places, to, times=False), route.matrix(places, to))


@pytest.mark.usefixtures("_at_once")
def test_a_network_of_ones_own(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    nodes = [(9 + x / 20, 47 + y / 30) for x in range(6) for y in range(5)]
    edges = [(i, j) for i in range(30) for j in (i + 1, i + 5) if j < 30 and rng.random() < 0.8]
    graph = networks.tracks(nodes, edges, gauge=rng.integers(0, 3, len(edges)))
    path = tmp_path / "own.railnet"
    write_network(networks.network(graph, gauges=((), (1435,), (1000,))), path)
    position = np.column_stack([rng.uniform(47, 47.13, (200, 2)), rng.uniform(9, 9.25, (200, 2))])
    frame = pd.DataFrame(position[:, [0, 2, 1, 3]], columns=COLUMNS)
    timed = route.batch(frame, network=path)
    assert (timed["status"] == "ok").sum() > 20
    same(route.batch(frame, network=path, times=False), timed)


@pytest.mark.usefixtures("_at_once")
def test_files_with_and_without_times_are_not_mixed(tmp_path: Path) -> None:
    """A run without times does not go on where one with times was broken off."""
    (tmp_path / "in.csv").write_text(",".join(COLUMNS) + "\n48.85,2.35,45.76,4.83\n")
    out = [
        route.batch(tmp_path / "in.csv", tmp_path / f"{times}.csv", times=times) for times in (True, False)
    ]
    one, other = (pd.read_csv(path) for path in out)
    assert one["duration_h_p50"].notna().all()
    same(other, one)


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize("factor", [1.00003, 2e3], ids=["no whole decimetres", "around the globe"])
def test_lengths_that_cannot_be_added_up_are_those_of_the_ways(tmp_path: Path, factor: float) -> None:
    graph = networks.tracks([(9 + x / 9, 47) for x in range(40)], [(i, i + 1) for i in range(39)])
    made = networks.network(replace(graph, length_m=graph.length_m * factor))
    path = tmp_path / "own.railnet"
    write_network(replace(made, vertex_m=made.vertex_m * factor) if factor < 2 else made, path)
    frame = pd.DataFrame([(47.0, 9.0, 47.0, 9 + x / 9) for x in range(1, 40)], columns=COLUMNS)
    timed = route.batch(frame, network=path)
    assert (timed["status"] == "ok").all()
    same(route.batch(frame, network=path, times=False), timed)

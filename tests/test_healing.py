"""Healing: what is joined, and what merely passes by."""

from __future__ import annotations

import building_samples as samples
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.building.healing import HealingRules, heal
from route.network.tracks import JOINS, SOURCES, TrackGraph

JOIN_CODES = [SOURCES.index(kind) for kind in JOINS]
Points = list[tuple[float, float]]


class Ground:
    """Terrain on which a railway may run, or nowhere."""

    def __init__(self, passable: bool = True) -> None:
        self._passable = passable

    def passable(self, lon: np.ndarray, lat: np.ndarray) -> bool:
        return self._passable


def lines(*routes: Points) -> TrackGraph:
    """Track graph of lines, each its own."""
    points, edges = [], []
    for route in routes:
        edges += [(len(points) + i, len(points) + i + 1) for i in range(len(route) - 1)]
        points += route
    return samples.graph(points, edges)


def joins(graph: TrackGraph, terrain: Ground | None = None) -> list[str]:
    healed, done = heal(graph, terrain or Ground())
    assert int(np.isin(healed.source, JOIN_CODES).sum()) == len(done)
    # What was there is there still, as long as before.
    assert healed.length_m[~np.isin(healed.source, JOIN_CODES)].sum() == pytest.approx(graph.length_m.sum())
    return [j.kind for j in done]


def track(*points: tuple[float, float]) -> Points:
    return list(points)


WEST = track((-20_000, 0), (-10_000, 0), (0, 0))


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        # A line goes on behind a gap, straight or in a bend.
        (track((200, 0), (10_000, 0)), ["tear"]),
        (track((3_000, 0), (13_000, 0)), ["gap"]),
        (track((3_000, 1_500), (10_000, 8_000)), ["gap"]),
        (track((12_000, 0), (22_000, 0)), ["tunnel"]),
        (track((20_000, 0), (30_000, 0)), ["missing"]),
        # It meets a line that runs past its end, if it bends into it.
        (track((1_000, 600), (6_000, 3_000), (11_000, 5_400)), ["gap"]),
        # Too far.
        (track((30_000, 0), (40_000, 0)), []),
        # Side by side, end by end, but led the same way: two lines that end at one place 3 km apart.
        (track((0, 3_000), (-10_000, 3_000), (-20_000, 3_000)), []),
        # Across the way of it, far off.
        (track((4_000, -9_000), (4_000, 9_000)), []),
    ],
)
def test_what_is_joined(other: Points, kinds: list[str]) -> None:
    assert joins(lines(WEST, other)) == kinds


def test_a_line_that_merely_crosses_stays_apart() -> None:
    # A bridge: neither line ends there.
    assert joins(lines(track((-9_000, 0), (9_000, 0)), track((0, -9_000), (0, 9_000)))) == []


def test_an_end_on_other_track_is_a_tear() -> None:
    healed, done = heal(lines(track((-9_000, 0), (9_000, 0)), track((100, 150), (100, 9_000))), Ground())
    assert [j.kind for j in done] == ["tear"]
    assert len(np.unique(healed.components()[healed.tail])) == 1
    assert healed.degree().max() == 3


@pytest.mark.parametrize("gap_m", [3_000.0, 12_000.0, 20_000.0])
def test_no_gap_is_closed_over_water(gap_m: float) -> None:
    graph = lines(WEST, track((gap_m, 0), (gap_m + 10_000, 0)))
    assert joins(graph, Ground(passable=False)) == []
    assert len(joins(graph)) == 1


def test_what_the_network_joins_already_is_left_alone() -> None:
    # Two ends that face each other 3 km apart, joined by 4 km of track: a loop with a gap.
    ring = track((0, 0), (-1_000, 0), (-1_000, 900), (4_000, 900), (4_000, 0), (3_000, 0))
    assert joins(lines(ring)) == []


def test_rules_are_values() -> None:
    graph = lines(WEST, track((3_000, 0), (13_000, 0)))
    assert heal(graph, Ground(), HealingRules(gap_m=2_000, tunnel_m=2_000, missing_m=2_000))[1] == ()


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=5, unique=True),
        min_size=2,
        max_size=5,
    )
)
def test_healing_only_ever_joins(routes: list[list[tuple[int, int]]]) -> None:
    graph = lines(*[[(1_000.0 * x, 1_000.0 * y) for x, y in route] for route in routes])
    healed, done = heal(graph, Ground())

    def parts(g: TrackGraph) -> int:
        return len(np.unique(g.components()[np.unique(np.concatenate([g.tail, g.head]))]))

    assert parts(healed) <= parts(graph)
    rules = HealingRules()
    assert all(0 < j.gap_m <= rules.missing_m for j in done)
    assert healed.length_m[~np.isin(healed.source, JOIN_CODES)].sum() == pytest.approx(graph.length_m.sum())
    again, more = heal(graph, Ground())
    assert more == done
    assert np.array_equal(again.lon, healed.lon)

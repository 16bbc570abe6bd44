"""What a train may do at a junction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import building_samples as samples
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.network.contraction import contract
from route.network.tracks import MODES, SOURCES
from route.network.turns import NO_HEADING, headings, turn_graph

if TYPE_CHECKING:
    from route.network.model import RailNetwork

POLAR = st.tuples(st.floats(0.0, 359.0), st.floats(300.0, 9_000.0))


def star(arms: list[tuple[float, float]], **columns: object) -> RailNetwork:
    """Network of a junction with arms of a bearing in degrees and a length in metres."""
    ends = [(r * np.sin(np.radians(b)), r * np.cos(np.radians(b))) for b, r in arms]
    graph = samples.graph([(0.0, 0.0), *ends], [(0, i + 1) for i in range(len(arms))])
    # Every arm differs in name, so that arms that go straight on stay edges of their own.
    graph = replace(
        graph, line=np.arange(len(arms), dtype=np.uint16), lines=tuple(f"arm {i}" for i in range(len(arms)))
    )
    return contract(replace(graph, **columns), name="", attribution=())  # type: ignore[arg-type]


def turns(network: RailNetwork, flag: str) -> dict[tuple[int, int], bool]:
    """Whether going from one arm to another takes what a flag says."""
    graph = turn_graph(network)
    return {
        (int(network.line[a // 2]), int(network.line[b // 2])): bool(v)
        for a, b, v in zip(graph.arc_tail, graph.arc_head, getattr(graph, flag), strict=True)
    }


@settings(max_examples=100)
@given(st.lists(POLAR, min_size=2, max_size=6))
def test_every_way_on_but_back_on_the_spot(arms: list[tuple[float, float]]) -> None:
    network = star(arms)
    ways = turns(network, "arc_reversal")
    n = len(arms)
    assert set(ways) == {(i, j) for i in range(n) for j in range(n) if i != j}
    for (i, j), reversal in ways.items():
        # Where one cannot go on without reversing, one cannot come back without it either.
        assert reversal == ways[j, i]
        between = abs((arms[i][0] - arms[j][0] + 180) % 360 - 180)
        if between < 62:
            assert reversal
        if between > 68:
            assert not reversal


@pytest.mark.parametrize("bearing", [0, 45, 90, 135, 180, 225, 270, 315])
def test_headings_are_those_of_the_compass(bearing: int) -> None:
    network = star([(bearing, 4_000.0)])
    node = int(np.argmin(np.hypot(network.node_lon - 9.0, network.node_lat - 47.0)))
    found = headings(network)
    away, back = (found[0], found[1]) if network.tail[0] == node else (found[1], found[0])
    assert abs((away * 1.44 - bearing + 180) % 360 - 180) < 1.5
    assert abs((back * 1.44 - bearing) % 360 - 180) < 1.5


def test_short_track_has_no_heading_and_so_no_reversal() -> None:
    network = star([(0, 100.0), (10, 3_000.0)])
    assert NO_HEADING in network.heading
    assert not any(turns(network, "arc_reversal").values())


def test_a_join_drawn_across_a_gap_says_nothing_of_the_direction() -> None:
    source = np.array([SOURCES.index("join"), 0], np.uint8)
    assert not any(turns(star([(0, 1_500.0), (10, 3_000.0)], source=source), "arc_reversal").values())
    assert all(turns(star([(0, 2_500.0), (10, 3_000.0)], source=source), "arc_reversal").values())


@pytest.mark.parametrize(
    ("one", "other", "breaks"),
    [
        ((1435,), (1520,), True),
        ((1435,), (1435, 1520), False),
        ((1520,), (1524,), False),
        ((1435,), (), False),
        ((1000,), (1435, 1520), True),
    ],
)
def test_breaks_of_gauge(one: tuple[int, ...], other: tuple[int, ...], breaks: bool) -> None:
    network = star([(0, 900.0), (180, 900.0)], gauge=np.array([1, 2], np.uint8), gauges=((), one, other))
    assert set(turns(network, "arc_break").values()) == {breaks}


def test_a_ferry_takes_trains_of_any_gauge() -> None:
    network = star(
        [(0, 900.0), (180, 900.0)],
        gauge=np.array([1, 2], np.uint8),
        gauges=((), (1435,), (1520,)),
        mode=np.array([0, MODES.index("ferry")], np.uint8),
    )
    assert not any(turns(network, "arc_break").values())


@pytest.mark.parametrize(("codes", "border"), [((1, 2), True), ((1, 1), False), ((0, 1), False)])
def test_borders(codes: tuple[int, int], border: bool) -> None:
    network = star([(0, 900.0), (180, 900.0)], country=np.array(codes, np.uint8), countries=("", "AT", "CH"))
    assert set(turns(network, "arc_border").values()) == {border}

"""Ways: against an independent search, and what may not be gone through."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import network, tracks

from route.network.snap import Snap, snap
from route.routing import Metric, Path, Preferences, Router, line_speeds_kmh
from route.ways import join_ways, way_of

if TYPE_CHECKING:
    from route.network.model import RailNetwork


def length_of(net: RailNetwork, path: Path) -> float:
    return way_of(net, line_speeds_kmh(net), path).distance_m


def turn_costs(metric: Metric) -> dict[tuple[int, int], float]:
    graph = metric.router.graph
    pairs = zip(graph.arc_tail.tolist(), graph.arc_head.tolist(), metric.turn_cost.tolist(), strict=True)
    return {(before, state): cost for before, state, cost in pairs}


def cost_of(metric: Metric, path: Path) -> float:
    """Cost of a path, added up piece by piece."""
    net, turn = metric.router.network, turn_costs(metric)
    share = [1.0] * len(path.edges)
    if len(share) == 1:
        share[0] = abs(path.end.measure_m - path.start.measure_m) / net.length_m[path.edges[0]]
    else:
        first, last = (p.measure_m / net.length_m[p.edge] for p in (path.start, path.end))
        share[0] = 1 - first if path.forward[0] else first
        share[-1] = last if path.forward[-1] else 1 - last
    states = (2 * path.edges + (~path.forward)).tolist()
    turns = sum(turn.get(pair, 0.0) for pair in itertools.pairwise(states))
    return float((np.array(share) * metric.edge_cost[path.edges]).sum() + turns)


def by_plain_search(metric: Metric, start: Snap, end: Snap) -> float:
    """Cost of the best way by Dijkstra's algorithm over directed edges: no vertices, no contraction."""
    net = metric.router.network
    turn = turn_costs(metric)
    begin = np.column_stack([net.tail, net.head]).ravel()
    finish = np.column_stack([net.head, net.tail]).ravel()

    def share(point: Snap, state: int) -> float:
        s = point.measure_m / net.length_m[point.edge]
        return s if state % 2 == 0 else 1 - s

    best = np.inf
    may = np.column_stack([net.oneway != 2, net.oneway != 1]).ravel()
    along = 2 * start.edge + (end.measure_m < start.measure_m)
    if start.edge == end.edge and (may[along] or start.measure_m == end.measure_m):
        best = abs(start.measure_m - end.measure_m) / net.length_m[start.edge] * metric.edge_cost[start.edge]
    heap = [
        ((1 - share(start, s)) * metric.edge_cost[start.edge], s)
        for s in (2 * start.edge, 2 * start.edge + 1)
    ]
    done: set[int] = set()
    while heap:
        cost, state = heapq.heappop(heap)
        if state in done or not may[state]:
            continue
        done.add(state)
        for onward in np.flatnonzero(begin == finish[state]).tolist():
            if onward // 2 == state // 2 or not may[onward]:
                continue
            step = turn.get((state, onward), 0.0)
            if onward // 2 == end.edge:
                best = min(best, cost + step + share(end, onward) * metric.edge_cost[end.edge])
            total = cost + step + metric.edge_cost[onward // 2]
            if np.isfinite(total):
                heapq.heappush(heap, (total, onward))
    return float(best)


@st.composite
def random_networks(draw: st.DrawFn) -> RailNetwork:
    count = draw(st.integers(4, 9))
    cells = draw(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=count, max_size=count, unique=True
        )
    )
    nodes = [(10 + x * 0.05, 45 + y * 0.05) for x, y in cells]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] < p[1])
    edges = draw(st.lists(pairs, min_size=3, max_size=16, unique=True))
    gauge = draw(st.lists(st.integers(0, 2), min_size=len(edges), max_size=len(edges)))
    oneway = draw(st.lists(st.sampled_from([0, 0, 1, 2]), min_size=len(edges), max_size=len(edges)))
    return network(tracks(nodes, edges, gauge=gauge, oneway=oneway), gauges=((), (1435,), (1520,)))


@settings(max_examples=60)
@given(random_networks(), st.data())
def test_ways_cost_what_a_plain_search_says(net: RailNetwork, data: st.DataObject) -> None:
    metric = Router(net).metric()
    ends = []
    for _ in range(2):
        edge = data.draw(st.integers(0, net.n_edges - 1))
        share = data.draw(st.floats(0.05, 0.95))
        ends.append(Snap(edge, share * float(net.length_m[edge]), 0.0, 0.0))
    expected = by_plain_search(metric, *ends)
    path = metric.path([ends[0]], [ends[1]])
    assert (path is None) == np.isinf(expected)
    if path is not None:
        assert cost_of(metric, path) == pytest.approx(expected, abs=0.6 * (len(path.edges) + 2))


def y_junction() -> RailNetwork:
    """A main line from west to east with a branch that joins from the west: to go back is to reverse."""
    nodes = [(10.0, 50.0), (10.5, 50.0), (11.0, 50.0), (10.1, 50.1)]
    return network(tracks(nodes, [(0, 1), (1, 2), (1, 3)]))


def at(net: RailNetwork, lon: float, lat: float) -> tuple[Snap, ...]:
    return snap(net, lon, lat, within_m=5_000)


def test_a_sharp_turn_is_a_reversal_and_a_fork_is_not() -> None:
    net = y_junction()
    metric = Router(net).metric()
    back = metric.path(at(net, 10.0, 50.0), at(net, 10.1, 50.1))
    on = metric.path(at(net, 10.1, 50.1), at(net, 11.0, 50.0))
    assert back is not None
    assert on is not None
    assert back.reversal.sum() == 1
    assert not on.reversal.any()
    way = way_of(net, line_speeds_kmh(net), back)
    assert len(way.reversals_m) == 1
    assert way.reversals_m[0] == pytest.approx(distance(net, 10.0, 10.5), rel=1e-3)


def distance(_net: RailNetwork, lon1: float, lon2: float) -> float:
    from route.geodesy import distance_m

    return float(distance_m(lon1, 50.0, lon2, 50.0))


def test_a_reversal_is_avoided_where_going_round_is_quicker() -> None:
    # The same junction with a curve that spares the reversal, a little longer than the way over the points.
    nodes = [(10.0, 50.0), (10.5, 50.0), (11.0, 50.0), (10.1, 50.1), (10.4, 50.0), (10.4, 50.04)]
    net = network(tracks(nodes, [(0, 4), (4, 1), (1, 2), (1, 5), (5, 3), (4, 5)]))
    path = Router(net).metric().path(at(net, 10.0, 50.0), at(net, 10.1, 50.1))
    assert path is not None
    # Both ends of the curve turn back sharply here, so that whichever is taken reverses once, not twice.
    assert path.reversal.sum() <= 1


def test_avoided_lines_countries_and_edges_are_not_used() -> None:
    nodes = [(10.0, 50.0), (10.5, 50.2), (10.5, 49.8), (11.0, 50.0), (9.5, 50.0), (11.5, 50.0)]
    edges = [(4, 0), (0, 1), (1, 3), (0, 2), (2, 3), (3, 5)]
    graph = tracks(
        nodes,
        edges,
        line=[0, 1, 1, 2, 2, 0],
        country=[1, 1, 1, 2, 2, 1],
        speed_kmh=[100, 200, 200, 100, 100, 100],
    )
    net = network(graph, lines=("", "north", "south"), countries=("", "AA", "BB"))
    router = Router(net)
    ends = at(net, 9.5, 50.0), at(net, 11.5, 50.0)

    def lines(preferences: Preferences) -> tuple[str, ...] | None:
        path = router.metric(preferences).path(*ends)
        return (
            None
            if path is None
            else tuple(s.line for s in way_of(net, line_speeds_kmh(net), path).sections if s.line)
        )

    assert lines(Preferences()) == ("north",)
    assert lines(Preferences(avoid_lines=frozenset({"north"}))) == ("south",)
    assert lines(Preferences(avoid_lines=frozenset({"north"}), avoid_countries=frozenset({"BB"}))) is None
    used = router.metric(Preferences()).path(*ends)
    assert used is not None
    dear = Preferences(discouraged_edges=frozenset(used.edges.tolist()), discouragement=1_000.0)
    assert lines(dear) == ("south",)


def test_places_are_passed_at_one_and_the_same_point() -> None:
    net = y_junction()
    stops = [at(net, 10.0, 50.0), at(net, 10.5, 50.0), at(net, 11.0, 50.0)]
    paths = Router(net).metric().paths(stops)
    assert not isinstance(paths, int)
    first, second = paths
    assert first.end == second.start
    whole = join_ways([way_of(net, line_speeds_kmh(net), first), way_of(net, line_speeds_kmh(net), second)])
    direct = Router(net).metric().path(stops[0], stops[2])
    assert direct is not None
    assert whole.distance_m == pytest.approx(length_of(net, direct), abs=1.0)
    assert (np.diff(whole.measures_m) >= 0).all()
    assert whole.sections[0].start_m == 0.0
    assert whole.sections[-1].end_m == pytest.approx(whole.distance_m)


def test_two_parts_are_not_joined() -> None:
    net = network(tracks([(10, 50), (10.5, 50), (20, 50), (20.5, 50)], [(0, 1), (2, 3)]))
    metric = Router(net).metric()
    assert metric.path(at(net, 10, 50), at(net, 20, 50)) is None
    assert metric.paths([at(net, 10, 50), at(net, 10.5, 50), at(net, 20, 50)]) == 1


def test_a_way_over_the_antimeridian_does_not_go_round_the_globe() -> None:
    net = network(tracks([(179.5, 60), (-179.5, 60), (-178.5, 60)], [(0, 1), (1, 2)]))
    path = Router(net).metric().path(at(net, 179.6, 60), at(net, -178.6, 60))
    assert path is not None
    way = way_of(net, line_speeds_kmh(net), path)
    assert way.distance_m == pytest.approx(100_000, rel=0.02)
    assert (np.abs(way.coordinates[:, 0]) > 178).all()


@settings(max_examples=40)
@given(random_networks(), st.floats(9.9, 12.1), st.floats(44.9, 47.1))
def test_snapping_finds_the_nearest_track(net: RailNetwork, lon: float, lat: float) -> None:
    from shapely import LineString, Point

    found = snap(net, lon, lat, within_m=500_000)
    scale = np.array([np.cos(np.radians(lat)) * 111_195.0, 111_195.0])
    nearest = min(
        LineString((net.edge_coordinates(e) - (lon, lat)) * scale).distance(Point(0, 0))
        for e in range(net.n_edges)
    )
    assert found[0].distance_m == pytest.approx(nearest, abs=1.0)
    assert [s.distance_m for s in found] == sorted(s.distance_m for s in found)


def test_a_oneway_track_is_run_one_way() -> None:
    # Two tracks between two junctions, each for one direction, the second drawn against its running; and a
    # chain of two pieces drawn towards each other.
    nodes = [(10.0, 50.0), (10.1, 50.0), (10.5, 50.1), (10.5, 49.9), (10.9, 50.0), (11.0, 50.0)]
    edges = [(0, 1), (1, 2), (4, 2), (1, 3), (3, 4), (4, 5)]
    net = network(tracks(nodes, edges, oneway=[0, 1, 2, 2, 2, 0]))
    assert net.n_edges == 4
    metric = Router(net).metric()
    west, east = at(net, 10.0, 50.0), at(net, 11.0, 50.0)

    def northernmost(path: Path | None) -> float:
        assert path is not None
        return float(way_of(net, line_speeds_kmh(net), path).coordinates[:, 1].max())

    assert northernmost(metric.path(west, east)) > 50.05
    assert northernmost(metric.path(east, west)) < 50.05


def test_a_router_serves_several_threads() -> None:
    import gc
    from concurrent.futures import ThreadPoolExecutor

    net = y_junction()
    router = Router(net)
    ends = at(net, 10.0, 50.0), at(net, 11.0, 50.0)

    def length(_: int) -> float:
        path = router.metric().path(*ends)
        assert path is not None
        return length_of(net, path)

    with ThreadPoolExecutor(4) as pool:
        lengths = set(pool.map(length, range(40)))
        # What the queries leave behind may be thrown away in any thread.
        pool.submit(gc.collect).result()
    assert len(lengths) == 1

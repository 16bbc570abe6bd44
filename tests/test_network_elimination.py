"""Many searches at once: the runs of the engine, arc for arc, and costs that an independent search finds too."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routingkit_cch import CCH, CCHMetric, CCHQuery, compute_order_degree
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from route.planner import router
from route.routing import Preferences

pytest.importorskip("numba")

from route.network.elimination import INFINITE, EliminationTree, Terminus, TreeSearch, TreeSums


def terminus(places):
    """Vertices with costs of each of some places."""
    start = np.concatenate([[0], np.cumsum([len(place) for place in places])])
    pairs = np.array([pair for place in places for pair in place], np.int64).reshape(-1, 2)
    return Terminus(start.astype(np.int64), pairs[:, 0], pairs[:, 1])


def by_engine(order, tail, head, weights, sources, targets, rows):
    """Cost and arcs of each row as the engine of single journeys finds them."""
    metric = CCHMetric(CCH(order.tolist(), tail.tolist(), head.tolist(), False), weights.tolist())
    query = CCHQuery(metric)
    found = []
    for a, b in rows:
        if not sources[a] or not targets[b]:
            found.append((None, []))
            continue
        result = query.run_multi(sources[a], targets[b])
        cost = result.distance
        found.append((cost, [] if cost is None else result.arc_path))
        del result
    return found


def compare(order, tail, head, weights, sources, targets, rows):
    """Assert that searches at once find what the engine finds, and sums what their arcs add up to."""
    tree = EliminationTree.of(np.array(order), np.array(tail), np.array(head))
    search = TreeSearch(tree, np.array(weights, np.int32))
    ends = terminus(sources), terminus(targets)
    a, b = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    runs = search.runs(*ends, a, b, np.full(len(a), np.inf))
    expected = by_engine(
        np.array(order), np.array(tail), np.array(head), np.array(weights), sources, targets, rows
    )
    bounds = np.concatenate([[0], np.cumsum(runs.size)])
    for i, (cost, arcs) in enumerate(expected):
        assert runs.cost[i] == (INFINITE if cost is None else cost)
        assert runs.arc[bounds[i] : bounds[i + 1]].tolist() == arcs
        assert (runs.alone[i] >= 0) == (cost is not None and not arcs)
    for a_, b_ in itertools.product(range(min(4, len(order))), repeat=2):
        alone = by_engine(*map(np.array, (order, tail, head, weights)), [[(a_, 0)]], [[(b_, 0)]], [(0, 0)])[
            0
        ][0]
        assert search.cost(a_, b_) == (INFINITE if alone is None else alone)
    values = np.column_stack([np.arange(len(tail)), np.ones(len(tail))]).astype(np.int32)
    row = np.repeat(np.arange(len(a)), runs.size)
    for again in (1, 9):  # few rows share a destination, and many do
        sums = TreeSums(search, values).sums(*ends, np.tile(a, again), np.tile(b, again))
        assert (sums.cost.reshape(again, -1) == runs.cost).all()
        for column in range(2):
            total = np.bincount(row, weights=values[runs.arc, column], minlength=len(a))
            assert (sums.value[:, column].reshape(again, -1) == total).all()
        for i, (_, arcs) in enumerate(expected):
            if arcs:
                assert (sums.begin[i], sums.end[i]) == (tail[arcs[0]], head[arcs[-1]])
            else:
                assert sums.begin[i] == sums.end[i] == runs.alone[i]
    return runs


@st.composite
def graphs(draw):
    """Graphs with many ways of equal cost, arcs that cannot be run, loops, and any order."""
    n = draw(st.integers(2, 14))
    vertex = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(vertex, vertex), min_size=1, max_size=50, unique=True))
    weights = draw(
        st.lists(
            st.sampled_from([0, 1, 1, 2, 3, 2**31 - 2, INFINITE]), min_size=len(pairs), max_size=len(pairs)
        )
    )
    order = draw(st.permutations(range(n)))
    place = st.lists(st.tuples(vertex, st.integers(0, 3)), max_size=4)
    sources, targets = (draw(st.lists(place, min_size=1, max_size=3)) for _ in range(2))
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, len(sources) - 1), st.integers(0, len(targets) - 1)),
            min_size=1,
            max_size=6,
        )
    )
    return order, [a for a, _ in pairs], [b for _, b in pairs], weights, sources, targets, rows


@settings(deadline=None)
@given(graphs())
def test_any_graph(case):
    compare(*case)


@pytest.mark.parametrize("length", [2, 700])
def test_a_chain_in_the_worst_order_does_not_run_out_of_room(length):
    """Contracted from one end to the other, every vertex lies above all before it."""
    tail = [*range(length - 1), *range(1, length)]
    head = [*range(1, length), *range(length - 1)]
    ends = [[(0, 5)], [(length - 1, 7)]]
    for order in (
        list(range(length)),
        list(range(length))[::-1],
        [*range(0, length, 2), *range(1, length, 2)],
    ):
        runs = compare(order, tail, head, [3] * len(tail), ends, ends, [(0, 1), (1, 0), (0, 0)])
        assert runs.cost.tolist() == [12 + 3 * (length - 1), 12 + 3 * (length - 1), 10]


def test_room_for_arcs_is_made_while_rows_are_answered():
    n = 3_000
    tail, head = np.arange(n - 1), np.arange(1, n)
    order = np.array(compute_order_degree(n, tail.tolist(), head.tolist()))
    ends = [[(0, 0)], [(n - 1, 0)]]
    runs = compare(order, tail, head, np.ones(n - 1, int), ends, ends, [(0, 1)] * 5)
    assert runs.size.tolist() == [n - 1] * 5


def test_a_bound_is_kept():
    tree = EliminationTree.of(np.arange(3), np.array([0, 1]), np.array([1, 2]))
    ends = terminus([[(0, 1)], [(2, 0)]])
    row, other = np.zeros(3, np.int64), np.ones(3, np.int64)
    runs = TreeSearch(tree, np.array([4, 5])).runs(ends, ends, row, other, np.array([10.0, 10.1, np.inf]))
    assert runs.cost.tolist() == [INFINITE, 10, 10]
    assert runs.size.tolist() == [0, 2, 2]


def test_a_graph_without_arcs():
    tree = EliminationTree.of(np.array([1, 0]), np.zeros(0, int), np.zeros(0, int))
    ends = terminus([[(0, 1)], [(1, 2)]])
    here, there = np.array([0, 0]), np.array([0, 1])
    runs = TreeSearch(tree, np.zeros(0, int)).runs(ends, ends, here, there, np.full(2, np.inf))
    assert (runs.cost.tolist(), runs.alone.tolist()) == ([2, INFINITE], [0, -1])


def test_the_world_costs_what_another_algorithm_finds():
    guide = router()
    graph, metric = guide.graph, guide.metric(Preferences())
    search = TreeSearch(
        EliminationTree.of(guide.network.order, graph.arc_tail, graph.arc_head), metric.weights
    )
    rng = np.random.default_rng(5)
    vertices = rng.choice(graph.n_vertices, 40, replace=False)
    ends = terminus([[(int(v), 0)] for v in vertices])
    a, b = np.divmod(np.arange(3 * 40), 40)
    runs = search.runs(ends, ends, a, b, np.full(len(a), np.inf))
    open_ = metric.weights < INFINITE
    # An arc that costs nothing is none to scipy: all cost a little more, far less than what costs differ by.
    shape = (graph.n_vertices, graph.n_vertices)
    costs = csr_array((metric.weights[open_] + 1e-6, (graph.arc_tail[open_], graph.arc_head[open_])), shape)
    found = dijkstra(costs, indices=vertices[:3])[:, vertices].ravel()
    assert (np.where(np.isinf(found), INFINITE, np.floor(found)) == runs.cost).all()
    assert (runs.cost < INFINITE).sum() > 20
    # Arcs of a way follow one another and cost what it costs.
    row = np.repeat(np.arange(len(a)), runs.size)
    assert (
        np.bincount(row, weights=metric.weights[runs.arc], minlength=len(a))[runs.size > 0]
        == runs.cost[runs.size > 0]
    ).all()
    inside = row[1:] == row[:-1]
    assert (graph.arc_head[runs.arc[:-1]] == graph.arc_tail[runs.arc[1:]])[inside].all()


def test_sums_that_are_too_large_are_refused():
    tree = EliminationTree.of(np.array([1, 0, 2]), np.array([0, 1]), np.array([1, 2]))
    search = TreeSearch(tree, np.array([1, 1]))
    with pytest.raises(OverflowError):
        TreeSums(search, np.array([[2**30], [2**30]]))

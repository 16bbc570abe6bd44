"""The hierarchy of one connected part finds what that of the whole network finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from route.network.hierarchy import EVERYWHERE, Customized, Hierarchies, Search
from route.planner import router


@pytest.fixture(scope="module")
def customized() -> Customized:
    """The world with costs by length, one in twenty arcs closed."""
    network, graph = router().network, router().graph
    weights = np.rint(network.length_m[graph.arc_head // 2]).astype(np.int32)
    weights[np.random.default_rng(1).random(len(weights)) < 0.05] = 2**31 - 1
    return Customized(Hierarchies(network, graph), weights)


def test_connected_parts_are_those_of_scipy() -> None:
    network = router().network
    found = network.component_of_nodes()
    ones = np.ones(network.n_edges)
    count, labels = connected_components(
        coo_array((ones, (network.tail, network.head)), shape=(network.n_nodes, network.n_nodes)),
        directed=False,
    )
    assert count == len(np.unique(found)) > 100
    assert len(np.unique(np.column_stack([found, labels]), axis=0)) == count
    # Each is called by its lowest node.
    assert (found <= np.arange(network.n_nodes)).all()
    assert (found[found] == found).all()


def test_a_part_gives_the_ways_of_the_whole(customized: Customized) -> None:
    graph = router().graph
    component = customized.hierarchies.component
    rng = np.random.default_rng(2)
    whole = customized.query()
    arcs_of_whole = customized.hierarchies.of(EVERYWHERE).arcs
    # From the three parts with most track, so that few hierarchies are made.
    parts, size = np.unique(component, return_counts=True)
    large = parts[np.argsort(-size)[:3]]
    states = np.flatnonzero(np.repeat(np.isin(component, large), 2))
    search, ways, none = Search(customized), 0, 0
    for _ in range(300):
        starts, ends = (
            [(int(v), int(c)) for v, c in zip(rng.choice(states, 3), rng.integers(0, 9_000, 3), strict=True)]
            for _ in range(2)
        )
        result = whole.run_multi(starts, ends)
        expected = (result.distance, list(result.arc_path), list(result.node_path))
        del result
        found = search.best(starts, ends, below=np.inf, with_arcs=True)
        if found is None:
            none += 1
            assert expected[0] is None
            continue
        ways += 1
        assert found.cost == expected[0]
        assert found.arcs == arcs_of_whole[expected[1]].tolist()
        assert (found.first, found.last) == (expected[2][0], expected[2][-1])
        assert search.best(starts, ends, below=found.cost, with_arcs=False) is None
        assert graph.arc_head[found.arcs[-1]] == found.last if found.arcs else found.first == found.last
    assert ways > 100
    assert none > 0


def test_nothing_to_start_from_or_to_end_at(customized: Customized) -> None:
    search = Search(customized)
    assert search.best([], [(0, 0)], below=np.inf, with_arcs=True) is None
    assert search.best([(0, 0)], [], below=np.inf, with_arcs=True) is None

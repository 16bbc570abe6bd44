"""It makes no difference whether runs are searched one by one or all at once."""

from __future__ import annotations

import numpy as np
import pytest

from route.bulk import searching
from route.bulk.points import Points
from route.bulk.searching import Searcher
from route.bulk.ways import Finder
from route.planner import router
from route.routing import Preferences

pytest.importorskip("numba")


@pytest.mark.parametrize(
    "preferences",
    [Preferences(), Preferences(by="distance"), Preferences(avoid_countries=frozenset({"DE", "CN"}))],
    ids=["time", "distance", "avoiding"],
)
def test_ways_are_the_same(preferences: Preferences) -> None:
    network = router().network
    rng = np.random.default_rng(11)
    nodes = np.append(rng.integers(0, network.n_nodes, 150), np.arange(30_000, 30_150))
    points = Points.of_positions(network.node_lon[nodes] + 1j * network.node_lat[nodes])
    origin = np.sort(rng.integers(0, 300, 400))
    destination = np.where(origin >= 150, np.clip(origin + rng.integers(-9, 10, 400), 150, 299), origin[::-1])
    made = []
    for enough in (10**9, 0):
        find = Finder(router(), preferences, enough)
        made.append(find.find(find.index.candidates(points), origin, destination))
    one, other = made
    assert one.found.sum() > 150
    for column in ("start", "state", "reversal", "first", "last"):
        assert np.array_equal(getattr(one, column), getattr(other, column)), column


def test_after_many_searches_all_are_made_at_once() -> None:
    find = Finder(router())
    searcher = Searcher(find.metric, find.trees, 3)
    network = router().network
    points = Points.of_positions(network.node_lon[:4] + 1j * network.node_lat[:4])
    ends = find.terminals(find.index.candidates(points))
    rows = np.zeros(2, np.int64), np.ones(2, np.int64), np.full(2, np.inf)
    first, second, third = (searcher.runs(ends, *rows) for _ in range(3))
    assert "tree" in find.trees.__dict__
    for found in (second, third):
        assert all(np.array_equal(a, b) for a, b in zip(first, found, strict=True))


@pytest.mark.parametrize("error", [ImportError, RuntimeError, ValueError, SystemError])
def test_a_numba_that_does_not_work_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """One for another NumPy, one without a place for its cache, one whose cache is damaged."""

    def broken(name: str) -> None:
        raise error(name)

    monkeypatch.setattr(searching.importlib, "import_module", broken)
    find = Finder(router(), enough=0)
    network = find.network
    points = Points.of_positions(network.node_lon[:2] + 1j * network.node_lat[:2])
    ends = find.terminals(find.index.candidates(points))
    found = find.searcher(find.metric).runs(
        ends, np.zeros(1, np.int64), np.ones(1, np.int64), np.full(1, np.inf)
    )
    assert not find.trees.at_hand
    assert not find.trees.sums_at_hand
    assert "tree" not in find.trees.__dict__
    assert len(found.row) <= 1


def test_the_trials_tell_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from route.network import elimination

    assert elimination.searches_work()
    assert elimination.sums_work()
    monkeypatch.setattr(elimination, "cost_between", lambda *_: 8)
    assert not elimination.searches_work()
    monkeypatch.setattr(elimination, "have_common", lambda *_: np.ones(1, bool))
    assert not elimination.sums_work()

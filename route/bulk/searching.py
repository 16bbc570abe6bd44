"""Runs between many pairs of places: one after another by the engine, or all at once where numba is installed."""

from __future__ import annotations

import importlib
import importlib.util
from array import array
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.terminals import Ends
    from route.network.elimination import EliminationTree, TreeSearch
    from route.routing import Metric, Router

__all__ = ["ENOUGH", "Found", "Searcher", "Trees"]

ENOUGH = 15_000
"""Pairs, of neighbours, after which it pays to make ready what answers them at once."""

_ARCS = 125
"""To hand over so many arcs takes as long as a search."""


class Found(NamedTuple):
    """The runs that were found.

    Parameters
    ----------
    row : ndarray of shape (m,)
        Rows that have one, ascending.
    size : ndarray of shape (m,)
        Number of arcs of each.
    alone : ndarray of shape (m,)
        The vertex of a run without arcs; -1 where there are some.
    arc : ndarray of shape (size.sum(),)
        Arcs of the turn graph, row after row.
    """

    row: NDArray[np.int64]
    size: NDArray[np.int64]
    alone: NDArray[np.int64]
    arc: NDArray[np.int64]


class Trees:
    """Elimination tree of one network, made when it is first asked for.

    Parameters
    ----------
    router : Router
        Router of the network.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    @cached_property
    def at_hand(self) -> bool:
        """Whether searches can be made all at once."""
        return _works("searches_work")

    @cached_property
    def sums_at_hand(self) -> bool:
        """Whether what adds up along runs can be had without them."""
        return self.at_hand and _works("sums_work")

    @cached_property
    def tree(self) -> EliminationTree:
        """The tree."""
        from route.network.elimination import EliminationTree

        graph = self._router.graph
        return EliminationTree.of(self._router.network.order, graph.arc_tail, graph.arc_head)


def _works(trial: str) -> bool:
    """Whether numba is there and does what it should, tried on a small graph."""
    if importlib.util.find_spec("numba") is None:
        return False
    try:
        elimination = importlib.import_module("route.network.elimination")
        return bool(getattr(elimination, trial)())
    except Exception:  # noqa: BLE001 - a numba for another NumPy, no place for its cache, a damaged cache: anything
        return False  # the engine gives the same answers


class Searcher:
    """Finds runs by one metric.

    Parameters
    ----------
    metric : Metric
        What runs cost.
    trees : Trees
        The elimination tree of its network.
    enough : int
        Searches after which all are answered at once. It makes no difference to the answers.
    """

    def __init__(self, metric: Metric, trees: Trees, enough: int = ENOUGH) -> None:
        self._metric, self._trees = metric, trees
        self._left = enough

    @cached_property
    def at_once(self) -> TreeSearch:
        """What answers many rows at once; it takes some seconds to make."""
        from route.network.elimination import TreeSearch

        return TreeSearch(self._trees.tree, self._metric.weights)

    def runs(
        self,
        ends: Ends,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        below: NDArray[np.float64],
    ) -> Found:
        """Cheapest runs between places.

        Parameters
        ----------
        ends : Ends
            Vertices at the places.
        origin, destination : ndarray of shape (n,)
            Places of each row.
        below : ndarray of shape (n,)
            What each run has to cost less than.

        Returns
        -------
        Found
            The runs.
        """
        waiting = self._left > 0 and "at_once" not in self.__dict__
        if waiting or not self._trees.at_hand:
            found = self._one_by_one(ends, origin, destination, below)
            self._left -= len(origin) + len(found.arc) // _ARCS
            return found
        from route.network.elimination import INFINITE

        runs = self.at_once.runs(ends.sources.terminus(), ends.targets.terminus(), origin, destination, below)
        row = np.flatnonzero(runs.cost < INFINITE)
        return Found(row, runs.size[row], runs.alone[row], runs.arc)

    def _one_by_one(
        self,
        ends: Ends,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        below: NDArray[np.float64],
    ) -> Found:
        starting, ending = ends.lists()
        query = self._metric.query()
        arcs = array("q")
        rows, counts, alone = [], [], []
        for row, (a, b, limit) in enumerate(
            zip(origin.tolist(), destination.tolist(), below.tolist(), strict=True)
        ):
            if not starting[a] or not ending[b]:
                continue
            result = query.run_multi(starting[a], ending[b])
            cost = result.distance
            if cost is not None and cost < limit:
                run = result.arc_path
                arcs.fromlist(run)
                rows.append(row)
                counts.append(len(run))
                alone.append(-1 if run else result.node_path[0])
            # The engine wants its results dropped before the next query runs.
            del result
        return Found(
            row=np.array(rows, np.int64),
            size=np.array(counts, np.int64),
            alone=np.array(alone, np.int64),
            arc=np.frombuffer(arcs, np.int64),
        )

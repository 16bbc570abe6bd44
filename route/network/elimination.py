"""Many searches in a contraction hierarchy at once, compiled: the same ways as the engine finds one by one, sooner.

The engine of `route.network.hierarchy` answers one search at a time and hands over its arcs as a list. Where a table
asks for many, most of the time goes into that. Here the same algorithm runs over all rows in one call: forward
searches are kept for rows that share their origin, and every shortcut knows the two arcs it stands for, so that a way
is unpacked without looking for them. Between ways of equal cost the one is taken that the engine takes, so that it
makes no difference which of the two answered.

Needs numba, which compiles the functions of `route.network.compiled` when they are first called.

Reference: Dibbelt, Strasser, Wagner (2016), Customizable Contraction Hierarchies, ACM JEA 21, sections 5 to 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import config

from route.network.compiled import (
    INFINITE,
    ORIGINAL,
    UNMET,
    best_runs,
    chordal,
    cost_between,
    customize,
    have_common,
    needed,
    sum_each,
    sum_rows,
    summed,
    written_out,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "INFINITE",
    "EliminationTree",
    "Runs",
    "Sums",
    "Terminus",
    "TreeSearch",
    "TreeSums",
    "searches_work",
    "sums_work",
]

# Rows to a destination from which on its search is kept, and how many are kept at a time.
_SHARED, _KEPT = 8, 4096


class Terminus(NamedTuple):
    """Vertices at places, those of one place after those of another, with what each costs.

    Parameters
    ----------
    start : ndarray of shape (n + 1,)
        Where the vertices of each place begin.
    vertex : ndarray of shape (k,)
        Vertices of the graph.
    cost : ndarray of shape (k,)
        What it costs to start or end there.
    """

    start: NDArray[np.int64]
    vertex: NDArray[np.int64]
    cost: NDArray[np.int64]


class Runs(NamedTuple):
    """Cheapest runs of some rows.

    Parameters
    ----------
    cost : ndarray of shape (n,)
        What each costs, ends included; `INFINITE` where there is none, or none below the bound.
    size : ndarray of shape (n,)
        Number of arcs of each.
    alone : ndarray of shape (n,)
        The vertex of a run without arcs; -1 where there are some, or no run.
    arc : ndarray of shape (size.sum(),)
        Arcs of the graph, row after row.
    """

    cost: NDArray[np.int64]
    size: NDArray[np.int64]
    alone: NDArray[np.int64]
    arc: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class EliminationTree:
    """Chordal supergraph of a graph under a contraction order; vertices are numbered by their rank.

    Parameters
    ----------
    vertex : ndarray of shape (n,)
        Vertex of the graph at each rank.
    rank : ndarray of shape (n,)
        Rank of each vertex of the graph.
    parent : ndarray of shape (n,)
        Lowest neighbour above each rank; 2**32 - 1 at a root.
    first : ndarray of shape (n + 1,)
        Where the upward arcs of each rank begin.
    tail, head : ndarray of shape (k,)
        Upward arcs, by tail and then head.
    up, down : ndarray of shape (k,)
        Arc of the graph that each upward arc stands for, and that against it; -1 where there is none.
    depth : int
        Most upward steps that lead from one rank to the next and the next.
    """

    vertex: NDArray[np.uint32]
    rank: NDArray[np.uint32]
    parent: NDArray[np.uint32]
    first: NDArray[np.uint32]
    tail: NDArray[np.uint32]
    head: NDArray[np.uint32]
    up: NDArray[np.int32]
    down: NDArray[np.int32]
    depth: int

    @property
    def stack(self) -> int:
        """Room that unpacking a run takes: its shortcuts up and down, and one more for each rank that is gone down."""
        return 3 * self.depth + 8

    @classmethod
    def of(
        cls, order: NDArray[np.int32], tail: NDArray[np.int32], head: NDArray[np.int32]
    ) -> EliminationTree:
        """Tree of a graph.

        Parameters
        ----------
        order : ndarray of shape (n,)
            Contraction order: vertices, the least important first.
        tail, head : ndarray of shape (m,)
            Arcs of the graph, no two of them with both ends equal.

        Returns
        -------
        EliminationTree
            The tree.
        """
        n = len(order)
        rank = np.empty(n, np.uint32)
        rank[order] = np.arange(n, dtype=np.uint32)
        a, b = rank[tail].astype(np.int64), rank[head].astype(np.int64)
        low, high = np.minimum(a, b), np.maximum(a, b)
        key = low * n + high
        proper = np.flatnonzero(low != high)
        above = np.sort(key[proper])
        above = above[np.append(True, above[1:] != above[:-1])] if len(above) else above
        begin = np.searchsorted(above, np.arange(n + 1, dtype=np.int64) * n)
        first, up_head, parent, deepest = chordal(n, begin, (above % n).astype(np.uint32))
        up_tail = np.repeat(np.arange(n, dtype=np.uint32), np.diff(first))
        at = np.searchsorted(up_tail.astype(np.int64) * n + up_head, key[proper])
        up, down = (np.full(len(up_head), -1, np.int32) for _ in range(2))
        rising = a[proper] < b[proper]
        up[at[rising]], down[at[~rising]] = proper[rising], proper[~rising]
        return cls(
            vertex=np.asarray(order).astype(np.uint32),
            rank=rank,
            parent=parent,
            first=first,
            tail=up_tail,
            head=up_head,
            up=up,
            down=down,
            depth=int(deepest),
        )


class TreeSearch:
    """Searches in an elimination tree by one metric.

    Parameters
    ----------
    tree : EliminationTree
        The tree.
    weights : ndarray of shape (m,)
        Cost of each arc of the graph, `INFINITE` at the most.

    Attributes
    ----------
    tree : EliminationTree
        The tree.
    up, down : tuple
        Arcs that searches from origins and from destinations run along.
    shortcuts : tuple
        What each upward arc stands for.
    state : tuple
        Room to search in; it is for one thread at a time.
    """

    def __init__(self, tree: EliminationTree, weights: NDArray[np.int32]) -> None:
        self.tree = tree
        ends = np.append(np.asarray(weights), INFINITE).astype(np.uint32)
        up, down = ends[tree.up], ends[tree.down]  # the last stands for no arc: -1
        halves = np.empty((len(tree.head), 4), np.uint32)
        halves[:, 0::2], halves[:, 1], halves[:, 3] = ORIGINAL, tree.up, tree.down
        customize(tree.first, tree.head, up, down, halves)
        kept_arcs = needed(tree.first, tree.head, up, down)
        self.up, self.down = (
            _Side.of(tree, cost, kept) for kept, cost in zip(kept_arcs, (up, down), strict=True)
        )
        self.state = _State.of(tree)
        # Arrays by themselves are handed over sooner than in tuples.
        self._alone = (
            *(tree.parent, tree.rank),
            *(self.up.first, self.up.head, self.up.cost),
            *(self.down.first, self.down.head, self.down.cost),
            *(self.state.forward, self.state.backward),
        )
        self.shortcuts = halves, *written_out(halves, *kept_arcs, np.empty(tree.stack, np.uint32))

    def cost(self, source: int, target: int) -> int:
        """Least cost from one vertex to another.

        Parameters
        ----------
        source, target : int
            Vertices of the graph.

        Returns
        -------
        int
            The cost; `INFINITE` if there is no way.
        """
        found: int = cost_between(*self._alone, source, target)
        return found

    def runs(
        self,
        sources: Terminus,
        targets: Terminus,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        below: NDArray[np.float64],
    ) -> Runs:
        """Cheapest runs between places.

        Parameters
        ----------
        sources, targets : Terminus
            Where runs begin and end at each place.
        origin, destination : ndarray of shape (n,)
            Places of each row; rows of one origin are answered sooner one after another.
        below : ndarray of shape (n,)
            What each run has to cost less than.

        Returns
        -------
        Runs
            The runs.
        """
        tree, n = self.tree, len(origin)
        cost, size, alone = (np.zeros(n, np.int64) for _ in range(3))
        begin, used, arcs = 0, 0, np.empty(max(1024, 64 * n), np.uint32)
        while True:
            begin, used = best_runs(
                (tree.parent, tree.tail, tree.vertex),
                self.up,
                self.down,
                self.shortcuts,
                self.state,
                (sources.start, tree.rank[sources.vertex], sources.cost.astype(np.uint32)),
                (targets.start, tree.rank[targets.vertex], targets.cost.astype(np.uint32)),
                (origin, destination, below),
                (cost, size, alone, arcs),
                begin,
                used,
            )
            if begin == n:
                return Runs(cost, size, alone, arcs[:used].astype(np.int64))
            arcs = np.concatenate([arcs, np.empty(len(arcs), np.uint32)])


class Sums(NamedTuple):
    """What the arcs of cheapest runs add up to.

    Parameters
    ----------
    cost : ndarray of shape (n,)
        What each run costs, ends included; `INFINITE` where there is none.
    begin, end : ndarray of shape (n,)
        Its first and last vertex.
    value : ndarray of shape (n, m)
        Sums of the values of its arcs.
    """

    cost: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    value: NDArray[np.int64]


class TreeSums:
    """Sums over the arcs of cheapest runs, without the arcs: the same runs as those of a search.

    Every shortcut carries the sums of what it stands for, and of each place its search upward is kept, so that a run
    between two of them is found by comparing what both have in common.

    Parameters
    ----------
    search : TreeSearch
        The search.
    values : ndarray of shape (n_arcs, m)
        What to add up, by arcs of the graph.

    Raises
    ------
    OverflowError
        If 32 bits do not hold what adds up.
    """

    def __init__(self, search: TreeSearch, values: NDArray[np.int32]) -> None:
        self._search = search
        self._of_arc, fits = summed(*search.shortcuts, np.asarray(values, np.int32))
        if not fits:
            raise OverflowError("what adds up along a run is more than 32 bits hold")

    def sums(
        self,
        sources: Terminus,
        targets: Terminus,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
    ) -> Sums:
        """Sums between places.

        Parameters
        ----------
        sources, targets : Terminus
            Where runs begin and end at each place.
        origin, destination : ndarray of shape (n,)
            Places of each row; rows of one origin are answered sooner one after another.

        Returns
        -------
        Sums
            The sums.
        """
        search, tree, n = self._search, self._search.tree, len(origin)
        found = Sums(
            cost=np.full(n, INFINITE, np.int64),
            begin=np.full(n, -1, np.int64),
            end=np.full(n, -1, np.int64),
            value=np.zeros((n, self._of_arc.shape[2]), np.int64),
        )
        graph, sides = (tree.parent, tree.tail, tree.vertex), (search.up, search.down)
        ends = tuple(
            (side.start, tree.rank[side.vertex], side.cost.astype(np.uint32)) for side in (sources, targets)
        )
        places, number = np.unique(destination, return_inverse=True)
        if n < _SHARED * len(places):
            sum_each(graph, *sides, self._of_arc, search.state, *ends, (origin, destination), tuple(found))
            return found
        # What is kept of a destination takes some kilobytes: a part of them at a time.
        for begin in range(0, len(places), _KEPT):
            rows = np.flatnonzero((number >= begin) & (number < begin + _KEPT))
            sum_rows(
                graph,
                *sides,
                self._of_arc,
                search.state,
                *ends,
                places[begin : begin + _KEPT],
                (rows, origin, number[rows] - begin),
                tuple(found),
            )
        return found


class _Side(NamedTuple):
    """Arcs that searches run along in one direction: where those of each rank begin, and head, cost and arc of each."""

    first: NDArray[np.uint32]
    head: NDArray[np.uint32]
    cost: NDArray[np.uint32]
    arc: NDArray[np.uint32]

    @classmethod
    def of(cls, tree: EliminationTree, cost: NDArray[np.uint32], kept: NDArray[np.bool_]) -> _Side:
        """Side of a tree with some of its arcs."""
        first = np.concatenate([[0], np.cumsum(kept)])[tree.first].astype(np.uint32)
        return cls(first, tree.head[kept], cost[kept], np.flatnonzero(kept).astype(np.uint32))


class _State(NamedTuple):
    """What a search keeps between its rows.

    By rank the least cost so far and the arc it came by: `SOURCE` where a run begins, `UNMET` where the search has
    not been. `stretches` are the parts of the tree that the searches go through, and `last` the origin of the present
    one and the number of its stretches.
    """

    forward: NDArray[np.uint32]
    forward_arc: NDArray[np.uint32]
    backward: NDArray[np.uint32]
    backward_arc: NDArray[np.uint32]
    stretches: NDArray[np.uint32]
    stack: NDArray[np.uint32]
    last: NDArray[np.int64]

    @classmethod
    def of(cls, tree: EliminationTree) -> _State:
        """State before the first row."""
        n = len(tree.rank)
        costs = (np.full(n, INFINITE, np.uint32) for _ in range(2))
        arcs = (np.full(n, UNMET, np.uint32) for _ in range(2))
        return cls(
            next(costs),
            next(arcs),
            next(costs),
            next(arcs),
            np.zeros((4, n + 1), np.uint32),
            np.empty(tree.stack, np.uint32),
            np.full(2, -1),
        )


def searches_work() -> bool:
    """Whether what is compiled for searches gives the answer that is known.

    Returns
    -------
    bool
        False also where numba is told to compile nothing, which would take longer than no numba.
    """
    search, ends, row = _trial()
    runs = search.runs(ends, ends, row, row + 1, np.full(1, np.inf))
    return bool(runs.arc.tolist() == [0, 1] and search.cost(0, 2) == _TRIAL_COST) and not config.DISABLE_JIT


def sums_work() -> bool:
    """Whether what is compiled for sums gives the answers that are known.

    Returns
    -------
    bool
        As for `searches_work`.
    """
    search, ends, row = _trial()
    sums = TreeSums(search, np.array([[4, 1], [5, 1]], np.int32))
    few, many = (sums.sums(ends, ends, np.repeat(row, n), np.repeat(row + 1, n)) for n in (1, 2 * _SHARED))
    right = [[9, 2]]
    common = have_common(ends.start, ends.vertex, row, row + 1)
    return few.value.tolist() == right and many.value[-1:].tolist() == right and not common.any()


_TRIAL_COST = 9


def _trial() -> tuple[TreeSearch, Terminus, NDArray[np.int64]]:
    """Search in a graph of three vertices, two places in it, and the first of them."""
    tree = EliminationTree.of(
        np.arange(3, dtype=np.int32), np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    )
    ends = Terminus(np.arange(3), np.array([0, 2]), np.zeros(2, np.int64))
    return TreeSearch(tree, np.array([4, 5], np.int32)), ends, np.zeros(1, np.int64)

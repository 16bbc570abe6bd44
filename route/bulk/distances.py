"""Lengths of the ways between many pairs of places, without the ways: where no times are asked for.

They are the lengths of the ways that `route.bulk.ways` finds. What is added up along a way is its length and what
decides whether it is one that a train can take; a pair whose way depends on more is looked at by its way.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.bulk.measures import Measured
from route.network.tracks import MODES
from route.wayfinding import WIRELESS_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.bulk.terminals import Ends
    from route.bulk.ways import Finder
    from route.network.elimination import TreeSums
    from route.routing import Metric

__all__ = ["Lengths"]

_DM = 10
"""Lengths are kept to the decimetre: whole numbers add up to the same in any sequence."""

_MOST_M = 2e8
"""Edges up to this length have room in 32 bits."""


class _Sums(NamedTuple):
    """What adds up along ways: metres, metres of lines for high speed and of track without a wire, edges of rail."""

    length_m: NDArray[np.float64]
    fast_m: NDArray[np.float64]
    wireless_m: NDArray[np.float64]
    rails: NDArray[np.float64]


class Lengths:
    """Finds lengths of ways.

    Parameters
    ----------
    finder : Finder
        Finds the ways.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._left = finder.enough
        self._made: dict[int, TreeSums] = {}

    @cached_property
    def _of_edge(self) -> NDArray[np.int64]:
        """What each edge adds to the sums, in decimetres, and edges."""
        finder = self._finder
        length = np.rint(finder.network.length_m * _DM)
        columns = [
            length,
            np.where(finder.fast, np.maximum(length, 1), 0),
            np.rint(finder.wireless_m * _DM),
            finder.network.mode == MODES.index("rail"),
        ]
        return np.column_stack(columns).astype(np.int64)

    @cached_property
    def _exact(self) -> bool:
        """Whether lengths can be added up: whole decimetres, as networks built by this package have, within 32 bits."""
        length = self._finder.network.length_m
        if not (
            np.allclose(np.rint(length * _DM) / _DM, length, rtol=0, atol=1e-6)
            and length.max(initial=0) < _MOST_M
        ):
            return False
        try:
            for metric in self._metrics:
                self._tree_sums(metric)
        except OverflowError:
            return False
        return True

    @property
    def _metrics(self) -> tuple[Metric, ...]:
        finder = self._finder
        return (finder.metric, finder.slower) if finder.preferences.by == "time" else (finder.metric,)

    def of(
        self,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        terminals: Ends,
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Lengths of ways.

        Parameters
        ----------
        candidates : Candidates
            Track at the places.
        origin, destination : ndarray of shape (n,)
            Numbers of the places.
        terminals : Ends
            Vertices at the places.

        Returns
        -------
        length_m : ndarray of shape (n,)
            Length of each way, in metres; NaN where there is none.
        by_rail : ndarray of shape (n,)
            Whether it uses rails at all.
        """
        n = len(origin)
        length, rails = np.full(n, np.nan), np.zeros(n, bool)
        if n < self._left or not (self._finder.trees.sums_at_hand and self._exact):
            self._left -= n
            self._by_ways(candidates, (origin, destination), terminals, np.arange(n), length, rails)
            return length, rails
        by_way = self._of_two_gauges(candidates)
        way = by_way[origin] | by_way[destination]
        rows = np.flatnonzero(~way)
        sums = self._sums(self._finder.metric, candidates, origin[rows], destination[rows], terminals)
        if self._finder.preferences.by == "time":
            # Off the lines for high speed where the journey goes on without a wire.
            off = np.flatnonzero((sums.fast_m > 0) & (sums.wireless_m >= WIRELESS_M))
            if len(off):
                slower = self._finder.slower
                places, ends = np.unique(
                    np.concatenate([origin[rows[off]], destination[rows[off]]]), return_inverse=True
                )
                fewer = candidates.take(candidates.of(places), candidates.count[places])
                others = self._sums(
                    slower, fewer, ends[: len(off)], ends[len(off) :], self._finder.terminals(fewer, slower)
                )
                better = np.flatnonzero(np.isfinite(others.length_m))
                for mine, other in zip(sums, others, strict=True):
                    mine[off[better]] = other[better]
        length[rows], rails[rows] = sums.length_m, sums.rails > 0
        self._by_ways(candidates, (origin, destination), terminals, np.flatnonzero(way), length, rails)
        return length, rails

    def _by_ways(
        self,
        candidates: Candidates,
        ends: tuple[NDArray[np.int64], NDArray[np.int64]],
        terminals: Ends,
        rows: NDArray[np.int64],
        length: NDArray[np.float64],
        rails: NDArray[np.bool_],
    ) -> None:
        """Enter the lengths of rows by their ways, a part at a time: a way may be long."""
        network = self._finder.network
        for begin in range(0, len(rows), 2_000):
            some = rows[begin : begin + 2_000]
            ways = self._finder.find(candidates, ends[0][some], ends[1][some], terminals)
            measured = Measured.of(network, candidates, ways)
            found = ways.found
            length[some[found]] = measured.length_m[found]
            row = np.repeat(np.arange(len(some)), ways.count)
            on_rail = network.mode[ways.state // 2] == MODES.index("rail")
            rails[some] = np.bincount(row, weights=on_rail, minlength=len(some)) > 0

    def _of_two_gauges(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Which places have track that some gauge fits and track that it does not: there the way decides."""
        finder = self._finder
        gauge = finder.network.gauge[candidates.edge]
        mixed, some = np.zeros(len(candidates.count), bool), np.flatnonzero(candidates.count)
        if not len(some):
            return mixed
        begin = candidates.start[some]
        # At most places all track is of one kind.
        several = some[np.minimum.reduceat(gauge, begin) != np.maximum.reduceat(gauge, begin)]
        count = candidates.count[several]
        place, gauge = np.repeat(np.arange(len(several)), count), gauge[candidates.of(several)]
        for own, fits in zip(finder.network.gauges, finder.fits, strict=True):
            if own:
                fitting = np.bincount(place, weights=fits[gauge], minlength=len(several))
                mixed[several] |= (fitting > 0) & (fitting < count)
        return mixed

    def _sums(
        self,
        metric: Metric,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        terminals: Ends,
    ) -> _Sums:
        """Sums along the best ways by a metric; NaN as the length where there is none."""
        finder, n = self._finder, len(origin)
        network, graph = finder.network, finder.router.graph
        direct, first, last = self._direct(metric, candidates, origin, destination)
        of_edge, value = self._of_edge, np.zeros((n, 4))
        length = np.full(n, np.nan)
        apart = np.flatnonzero(~finder.apart(terminals, origin, destination))
        found = self._tree_sums(metric).sums(
            terminals.sources.terminus(), terminals.targets.terminus(), origin[apart], destination[apart]
        )
        some = np.flatnonzero(found.begin >= 0)
        some = some[found.cost[some] < direct[apart[some]]]
        row = apart[some]
        begin, end = found.begin[some], found.end[some]
        source = terminals.of(origin[row], begin, target=False)
        target = terminals.of(destination[row], end, target=True)
        into = graph.arc_head[terminals.targets.arc[target]]
        value[row] = found.value[some] + of_edge[begin // 2] + of_edge[into // 2]
        here = candidates.measure_m[terminals.sources.candidate[source]]
        there = candidates.measure_m[terminals.targets.candidate[target]]
        whole = network.length_m[begin // 2], network.length_m[into // 2]
        length[row] = (
            found.value[some, 0] / _DM
            + np.where(begin % 2, here, whole[0] - here)
            + np.where(into % 2, whole[1] - there, there)
        )
        on_one = np.isfinite(direct)
        on_one[row] = False
        on_one = np.flatnonzero(on_one)
        value[on_one] = of_edge[candidates.edge[first[on_one]]]
        length[on_one] = np.abs(candidates.measure_m[last[on_one]] - candidates.measure_m[first[on_one]])
        return _Sums(length, value[:, 1] / _DM, value[:, 2] / _DM, value[:, 3])

    def _direct(
        self,
        metric: Metric,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Ways along a single edge, asked for where two places lie at one and the same."""
        from route.network.compiled import have_common

        some = np.flatnonzero(have_common(candidates.start, candidates.sorted_edge, origin, destination))
        cost, first, last = np.full(len(origin), np.inf), *(np.full(len(origin), -1) for _ in range(2))
        cost[some], first[some], last[some] = self._finder.direct(
            metric, candidates, origin[some], destination[some]
        )
        return cost, first, last

    def _tree_sums(self, metric: Metric) -> TreeSums:
        from route.network.elimination import TreeSums

        key = id(metric)
        if key not in self._made:
            search = self._finder.searcher(metric).at_once
            self._made[key] = TreeSums(
                search, self._of_edge[self._finder.router.graph.arc_head // 2].astype(np.int32)
            )
        return self._made[key]

"""The ways between many pairs of places: those that `route.wayfinding.find_ways` finds for one, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from route.bulk.points import TrackIndex
from route.bulk.ragged import positions, starts
from route.bulk.searching import ENOUGH, Searcher, Trees
from route.bulk.terminals import Ends, incoming
from route.routing import Path, Preferences
from route.wayfinding import MAIN_GAUGE_SHARE, WIRELESS_M, high_speed, off_high_speed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.routing import Metric, Router

__all__ = ["Finder", "Ways"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Ways as columns, one after another; a way that does not exist has no elements.

    Parameters
    ----------
    start : ndarray of shape (n + 1,)
        Where the elements of each way begin.
    state : ndarray of shape (k,)
        Directed edges in order, see `route.network.turns.TurnGraph`.
    reversal : ndarray of shape (k,)
        Whether the train reverses before it enters each.
    first, last : ndarray of shape (n,)
        Candidates at both ends; -1 where there is no way.
    """

    start: NDArray[np.int64]
    state: NDArray[np.int64]
    reversal: NDArray[np.bool_]
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    @property
    def count(self) -> NDArray[np.int64]:
        """Number of elements of each way."""
        return np.diff(self.start)

    @property
    def found(self) -> NDArray[np.bool_]:
        """Whether each way exists."""
        return self.count > 0

    def renumbered(self, kept: NDArray[np.int64]) -> Ways:
        """These ways, their ends named by their numbers among all candidates.

        Parameters
        ----------
        kept : ndarray of shape (m,)
            Number among all candidates of each of those that the ends are named by.

        Returns
        -------
        Ways
            The ways.
        """
        first, last = (np.where(end >= 0, kept[end], -1) for end in (self.first, self.last))
        return Ways(start=self.start, state=self.state, reversal=self.reversal, first=first, last=last)

    def replaced(self, rows: NDArray[np.int64], others: Ways) -> Ways:
        """These ways with some of them replaced, where the other one exists.

        Parameters
        ----------
        rows : ndarray of shape (m,)
            Which ways.
        others : Ways
            The m others.

        Returns
        -------
        Ways
            The ways; their ends are candidates of one and the same `Candidates`.
        """
        better = others.found
        source = np.arange(len(self.start) - 1)
        source[rows[better]] = len(source) + np.flatnonzero(better)
        begin = np.concatenate([self.start[:-1], others.start[:-1] + len(self.state)])[source]
        count = np.concatenate([self.count, others.count])[source]
        index = positions(begin, count)
        return Ways(
            start=starts(count),
            state=np.concatenate([self.state, others.state])[index],
            reversal=np.concatenate([self.reversal, others.reversal])[index],
            first=np.concatenate([self.first, others.first])[source],
            last=np.concatenate([self.last, others.last])[source],
        )


class Finder:
    """Finds ways between many pairs on one network.

    Parameters
    ----------
    router : Router
        Router of the network.
    preferences : Preferences, optional
        What decides between ways; the fastest way by default.
    enough : int
        As for `route.bulk.searching.Searcher`.
    """

    def __init__(self, router: Router, preferences: Preferences | None = None, enough: int = ENOUGH) -> None:
        self.router = router
        self.enough = enough
        self.network = router.network
        self.preferences = preferences or Preferences()
        self.metric = router.metric(self.preferences)
        self.index = TrackIndex(self.network)
        self.trees = Trees(router)
        self._searchers: dict[Preferences, Searcher] = {}

    @cached_property
    def slower(self) -> Metric:
        """The metric of a train that cannot use lines for high speed."""
        return self.router.metric(off_high_speed(self.network, self.preferences))

    @cached_property
    def fast(self) -> NDArray[np.bool_]:
        """Whether each edge is a line for high speed."""
        return high_speed(self.network)

    @cached_property
    def wireless_m(self) -> NDArray[np.float64]:
        """Length of each edge if it is known to have no wire, else 0, in metres."""
        names = self.network.electrifications
        code = names.index("no") if "no" in names else -1
        return np.where(self.network.electrification == code, self.network.length_m, 0.0)

    @cached_property
    def component(self) -> NDArray[np.int64]:
        """Connected part of the network that each edge belongs to."""
        return self.network.component_of_nodes()[self.network.tail]

    @cached_property
    def incoming(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Arcs by the vertex they lead to, see `route.bulk.terminals.incoming`."""
        return incoming(self.router)

    @cached_property
    def fits(self) -> NDArray[np.bool_]:
        """Which sets of gauges have one in common, by codes of the network."""
        return np.array([[bool(set(a) & set(b)) for b in self.network.gauges] for a in self.network.gauges])

    def terminals(self, candidates: Candidates, metric: Metric | None = None) -> Ends:
        """Vertices at places, made once for many calls of `find`.

        Parameters
        ----------
        candidates : Candidates
            Track at the places.
        metric : Metric, optional
            What it costs to get there; the metric of the preferences by default.

        Returns
        -------
        Ends
            The vertices.
        """
        return Ends(metric or self.metric, candidates, self.incoming, self.component)

    def searcher(self, metric: Metric) -> Searcher:
        """What searches by a metric.

        Parameters
        ----------
        metric : Metric
            The metric.

        Returns
        -------
        Searcher
            Made once.
        """
        if metric.preferences not in self._searchers:
            self._searchers[metric.preferences] = Searcher(metric, self.trees, self.enough)
        return self._searchers[metric.preferences]

    def find(
        self,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        terminals: Ends | None = None,
    ) -> Ways:
        """Ways of pairs of places.

        Parameters
        ----------
        candidates : Candidates
            Track at the places.
        origin, destination : ndarray of shape (n,)
            Numbers of the places.
        terminals : Ends, optional
            What `terminals` gives for the candidates.

        Returns
        -------
        Ways
            One for each pair.
        """
        ways = self._search(
            self.metric, candidates, origin, destination, terminals or self.terminals(candidates)
        )
        ways = self._same_gauge(candidates, origin, destination, ways)
        return self._one_train(candidates, origin, destination, ways)

    def path(self, candidates: Candidates, ways: Ways, row: int) -> Path:
        """One of the ways as a path of the network.

        Parameters
        ----------
        candidates : Candidates
            Track at the places.
        ways : Ways
            The ways.
        row : int
            Which of them.

        Returns
        -------
        Path
            The path.
        """
        from route.network.snap import Snap

        part = slice(int(ways.start[row]), int(ways.start[row + 1]))
        ends = [
            Snap(
                int(candidates.edge[c]),
                float(candidates.measure_m[c]),
                float(candidates.distance_m[c]),
                float(candidates.access_s[c]),
            )
            for c in (ways.first[row], ways.last[row])
        ]
        state = ways.state[part]
        return Path(state // 2, state % 2 == 0, ways.reversal[part], *ends)

    def _search(
        self,
        metric: Metric,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        terminals: Ends,
    ) -> Ways:
        """Best ways by a metric."""
        graph, n = self.router.graph, len(origin)
        direct, first, last = self.direct(metric, candidates, origin, destination)
        waiting = np.flatnonzero(~self.apart(terminals, origin, destination))
        found = self.searcher(metric).runs(terminals, origin[waiting], destination[waiting], direct[waiting])
        run_arcs, rows = found.arc, waiting[found.row]
        count, lone = np.zeros(n, np.int64), np.full(n, -1)
        count[rows], lone[rows] = found.size, found.alone
        # A way is its first vertex, the head of each arc, and the head of the arc that leads to the place.
        offset = starts(count)
        travelled = np.flatnonzero((count > 0) | (lone >= 0))
        moving = travelled[count[travelled] > 0]
        begin, end = lone.copy(), lone.copy()
        begin[moving] = graph.arc_tail[run_arcs[offset[moving]]]
        end[moving] = graph.arc_head[run_arcs[offset[moving + 1] - 1]]
        source = terminals.of(origin[travelled], begin[travelled], target=False)
        target = terminals.of(destination[travelled], end[travelled], target=True)
        targets = terminals.targets
        first[travelled] = terminals.sources.candidate[source]
        last[travelled] = targets.candidate[target]
        size = np.where(first >= 0, 1, 0)
        size[travelled] = count[travelled] + 2
        bounds = starts(size)
        state = np.empty(int(bounds[-1]), np.int64)
        reversal = np.zeros(len(state), bool)
        inner = positions(bounds[moving] + 1, count[moving])
        state[inner] = graph.arc_head[run_arcs]
        reversal[inner] = graph.arc_reversal[run_arcs]
        state[bounds[travelled]] = begin[travelled]
        state[bounds[travelled + 1] - 1] = graph.arc_head[targets.arc[target]]
        reversal[bounds[travelled + 1] - 1] = graph.arc_reversal[targets.arc[target]]
        at_once = np.flatnonzero(size == 1)
        ahead = candidates.measure_m[last[at_once]] >= candidates.measure_m[first[at_once]]
        state[bounds[at_once]] = 2 * candidates.edge[first[at_once]] + ~ahead
        return Ways(start=bounds, state=state, reversal=reversal, first=first, last=last)

    def apart(
        self, terminals: Ends, origin: NDArray[np.int64], destination: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether all track at one place is in one part of the network and all at the other in another.

        Parameters
        ----------
        terminals : Ends
            Vertices at the places.
        origin, destination : ndarray of shape (n,)
            Numbers of the places.

        Returns
        -------
        ndarray of shape (n,)
            Where no way can be.
        """
        low, high = terminals.parts
        single = low == high
        apart: NDArray[np.bool_] = single[origin] & single[destination] & (low[origin] != low[destination])
        return apart

    def direct(
        self,
        metric: Metric,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
        """Ways along a single edge that both places lie at.

        Parameters
        ----------
        metric : Metric
            What ways cost.
        candidates : Candidates
            Track at the places.
        origin, destination : ndarray of shape (n,)
            Numbers of the places.

        Returns
        -------
        cost : ndarray of shape (n,)
            Least cost of each; infinite where there is none.
        first, last : ndarray of shape (n,)
            Candidates at both ends; -1 where there is none.
        """
        n = len(origin)
        row = np.repeat(np.arange(n), candidates.count[origin])
        here = candidates.of(origin)
        shared, there = candidates.find(destination[row], candidates.edge[here])
        row, here = row[shared], here[shared]
        edge = candidates.edge[here]
        step = candidates.measure_m[there] - candidates.measure_m[here]
        way = self.network.oneway[edge]
        rate = metric.edge_cost[edge]
        runs = ((way == 0) | (step == 0) | ((way == 1) == (step > 0))) & np.isfinite(rate)
        row, here, there, edge, step, rate = (c[runs] for c in (row, here, there, edge, step, rate))
        access = candidates.access_s * metric.access_rate
        cost = (
            access[here] + np.abs(step) / np.maximum(self.network.length_m[edge], 0.1) * rate + access[there]
        )
        order = np.lexsort((there, cost, row))
        rows, chosen = np.unique(row[order], return_index=True)
        chosen = order[chosen]
        best, first, last = np.full(n, np.inf), np.full(n, -1), np.full(n, -1)
        best[rows], first[rows], last[rows] = cost[chosen], here[chosen], there[chosen]
        return best, first, last

    def _same_gauge(
        self,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        ways: Ways,
    ) -> Ways:
        """Ways that begin and end on the gauge they run on, where the place has track of that gauge."""
        main = self._main_gauge(ways)
        rows = np.flatnonzero(main >= 0)
        n_gauges = len(self.network.gauges)
        places, again = np.unique(
            np.concatenate([origin[rows] * n_gauges + main[rows], destination[rows] * n_gauges + main[rows]]),
            return_inverse=True,
        )
        place, gauge = places // n_gauges, places % n_gauges
        count = candidates.count[place]
        kept = candidates.of(place)
        owner = np.repeat(np.arange(len(place)), count)
        fitting = self.fits[gauge[owner], self.network.gauge[candidates.edge[kept]]]
        some = np.bincount(owner, weights=fitting, minlength=len(place)) > 0
        fitting |= ~some[owner]
        size = np.bincount(owner, weights=fitting, minlength=len(place)).astype(np.int64)
        here, there = again[: len(rows)], again[len(rows) :]
        changed = (size != count)[here] | (size != count)[there]
        if not changed.any():
            return ways
        needed, ends = np.unique(np.concatenate([here[changed], there[changed]]), return_inverse=True)
        own = starts(size)[:-1]
        kept = kept[fitting][positions(own[needed], size[needed])]
        fewer = candidates.take(kept, size[needed])
        n = int(changed.sum())
        others = self._search(self.metric, fewer, ends[:n], ends[n:], self.terminals(fewer))
        return ways.replaced(rows[changed], others.renumbered(kept))

    def _main_gauge(self, ways: Ways) -> NDArray[np.int64]:
        """Code of the gauges of most of each way; -1 if none prevail or they are not known."""
        n, n_gauges = len(ways.start) - 1, len(self.network.gauges)
        edge = ways.state // 2
        row = np.repeat(np.arange(n), ways.count)
        length = self.network.length_m[edge]
        code = row * n_gauges + self.network.gauge[edge]
        share = np.bincount(code, weights=length, minlength=n * n_gauges).reshape(n, n_gauges)
        prevails = share > MAIN_GAUGE_SHARE * share.sum(axis=1)[:, None]
        prevails &= np.array([bool(g) for g in self.network.gauges])
        return np.where(prevails.any(axis=1), prevails.argmax(axis=1), -1)

    def _one_train(
        self,
        candidates: Candidates,
        origin: NDArray[np.int64],
        destination: NDArray[np.int64],
        ways: Ways,
    ) -> Ways:
        """Ways that one train can take: off the high-speed lines where the journey goes on without a wire."""
        if self.preferences.by != "time":
            return ways
        edge = ways.state // 2
        row = np.repeat(np.arange(len(origin)), ways.count)
        fast = np.bincount(row, weights=self.fast[edge], minlength=len(origin)) > 0
        bare = np.bincount(row, weights=self.wireless_m[edge], minlength=len(origin))
        rows = np.flatnonzero(fast & (bare >= WIRELESS_M))
        if not len(rows):
            return ways
        places, ends = np.unique(np.concatenate([origin[rows], destination[rows]]), return_inverse=True)
        kept = candidates.of(places)
        fewer = candidates.take(kept, candidates.count[places])
        others = self._search(
            self.slower, fewer, ends[: len(rows)], ends[len(rows) :], self.terminals(fewer, self.slower)
        )
        return ways.replaced(rows, others.renumbered(kept))

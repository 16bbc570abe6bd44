"""Routing: the way a train would go, by customizable contraction hierarchies.

The contraction order comes with the network; a `Metric` is what a way costs under given preferences, and takes
a fraction of a second to make. Costs are in tenths of a second, or of a metre where the shortest way is asked for.

Reference: Dibbelt, Strasser, Wagner (2016), Customizable Contraction Hierarchies, ACM JEA 21.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from route.network.hierarchy import Customized, Hierarchies, Search
from route.network.turns import TurnGraph, turn_graph
from route.registers import country, crossing_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from routingkit_cch import CCHQuery

    from route.network.model import RailNetwork
    from route.network.snap import Snap
    from route.registers import BorderCrossing

__all__ = ["Metric", "Path", "Preferences", "Router", "line_speeds_kmh"]

_INFINITE = 2**31 - 1
# Where a coarse map draws a line through the desert as one straight edge, it meets the border far from where trains do.
_CROSSING_KM = 45.0

_ACCESS_M_PER_S = 8.0
"""Metres of way that a second of access counts as where the shortest way is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What decides between ways.

    Parameters
    ----------
    by : str
        ``time`` or ``distance``.
    reversal_s, reversal_m : float
        Cost of a change of direction, in seconds or metres.
    gauge_break_s : float
        Cost of a break of gauge away from the crossings of ``data/borders.csv``, in seconds.
    border_s : float
        Cost of a border that no row of ``data/borders.csv`` describes, in seconds.
    formalities_s : float
        Added cost of a border with passport control, in seconds. Trains that leave a country to come back to
        it, or cross a third one, are rare; without this, the way from Moscow to Vladivostok goes through China.
    freight_crossing_s : float
        Added cost of a crossing that only freight trains use, in seconds.
    transfer_s : float
        Added cost of a crossing where passengers change trains, in seconds.
    avoid_countries : frozenset of str
        ISO 3166-1 alpha-2 codes of countries not to be entered.
    avoid_lines : frozenset of str
        Names of lines not to be used.
    avoid_edges : frozenset of int
        Edges of the network not to be used.
    discouraged_edges : frozenset of int
        Edges that count `discouragement` times, so that ways which differ are found.
    discouragement : float
        1 or more.
    """

    by: Literal["time", "distance"] = "time"
    reversal_s: float = 900.0
    reversal_m: float = 2_000.0
    gauge_break_s: float = 7_200.0
    border_s: float = 3_600.0
    formalities_s: float = 57_600.0
    freight_crossing_s: float = 7_200.0
    transfer_s: float = 7_200.0
    avoid_countries: frozenset[str] = frozenset()
    avoid_lines: frozenset[str] = frozenset()
    avoid_edges: frozenset[int] = frozenset()
    discouraged_edges: frozenset[int] = frozenset()
    discouragement: float = 1.4


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Way through the network.

    Parameters
    ----------
    edges : ndarray of shape (n,)
        Edges in order.
    forward : ndarray of shape (n,)
        Whether each is run from its tail to its head.
    reversal : ndarray of shape (n,)
        Whether the train reverses before it enters each.
    start, end : Snap
        Points on the first and the last edge.
    """

    edges: NDArray[np.int64]
    forward: NDArray[np.bool_]
    reversal: NDArray[np.bool_]
    start: Snap
    end: Snap


def line_speeds_kmh(network: RailNetwork) -> NDArray[np.float64]:
    """Line speed of every edge; by country and kind of line where the network knows none.

    Parameters
    ----------
    network : RailNetwork
        The network.

    Returns
    -------
    ndarray of shape (n_edges,)
        In kilometres per hour. The default is the mean of the country's main-line and branch-line speed, since
        track that nothing is known of may be either.
    """
    known = network.speed_kmh.astype(np.float64)
    rows = [country(code or None) for code in network.countries]
    default = np.array([(row.main_line_speed_kmh + row.branch_line_speed_kmh) / 2 for row in rows])
    return np.where(known > 0, known, default[network.country])


class _Origins(NamedTuple):
    """Candidates to start from, what each costs so far, and the directed edges they lie on with cost and candidate."""

    points: Sequence[Snap]
    costs: Sequence[float]
    sources: dict[int, tuple[float, int]]


class _Reached(NamedTuple):
    """How a point is reached: at what cost, which, from which origin, over which arcs (none along a single edge)."""

    cost: float
    target: int
    origin: int
    arcs: list[int] | None


class Metric:
    """Costs of all ways under given preferences, customized and ready to be asked.

    Parameters
    ----------
    router : Router
        Whose network it is for.
    preferences : Preferences
        What decides.

    Attributes
    ----------
    weights : ndarray of shape (n_arcs,)
        Cost of each arc of the turn graph, in whole numbers.
    """

    def __init__(self, router: Router, preferences: Preferences) -> None:
        network, graph = router.network, router.graph
        self.router = router
        self.preferences = preferences
        cost = (
            network.length_m / (router.speeds_kmh / 3.6) * 10.0
            if preferences.by == "time"
            else network.length_m * 10.0
        )
        closed = np.isin(
            network.line, [i for i, n in enumerate(network.lines) if n in preferences.avoid_lines]
        )
        closed |= np.isin(
            network.country, [i for i, n in enumerate(network.countries) if n in preferences.avoid_countries]
        )
        if preferences.avoid_edges:
            closed[list(preferences.avoid_edges)] = True
        if preferences.discouraged_edges:
            cost[list(preferences.discouraged_edges)] *= preferences.discouragement
        self.edge_cost = np.where(closed, np.inf, cost)
        turn = router.border_costs(preferences)
        if preferences.by == "time":
            turn = turn + graph.arc_reversal * (preferences.reversal_s * 10.0)
            turn = turn + (graph.arc_break & ~graph.arc_border) * (preferences.gauge_break_s * 10.0)
        else:
            turn = turn + graph.arc_reversal * (preferences.reversal_m * 10.0)
        self.turn_cost = turn
        weight = np.rint(turn + self.edge_cost[graph.arc_head // 2])
        weights = np.where(np.isfinite(weight), np.minimum(weight, _INFINITE - 1), _INFINITE)
        self.weights = weights.astype(np.int32)
        self._customized = Customized(router.hierarchies, self.weights)

    def path(self, origins: Sequence[Snap], destinations: Sequence[Snap]) -> Path | None:
        """Best way from any of some points to any of others.

        Parameters
        ----------
        origins, destinations : sequence of Snap
            Candidates for either end; being far from the place counts against one.

        Returns
        -------
        Path or None
            The way; None if there is none.
        """
        found = self.paths([origins, destinations])
        return found[0] if isinstance(found, tuple) else None

    def paths(self, stops: Sequence[Sequence[Snap]]) -> tuple[Path, ...] | int:
        """Best ways through a row of places, each entered and left at one and the same point.

        Parameters
        ----------
        stops : sequence of sequence of Snap
            Candidates for each place, two places or more.

        Returns
        -------
        tuple of Path or int
            One path for each leg; or the index of the first leg for which there is none.
        """
        # A query belongs to the thread that made it, also when it is thrown away: none outlives the call.
        search = Search(self._customized)
        best = [s.access_s * self.access_rate for s in stops[0]]
        trail: list[_Origins] = []
        for index, candidates in enumerate(stops[1:-1]):
            origins = _Origins(stops[index], best, self._sources(stops[index], best))
            trail.append(origins)
            best = [
                self._reach(search, origins, [s], [0.0], with_arcs=False).cost + s.access_s * self.access_rate
                for s in candidates
            ]
            if not np.isfinite(best).any():
                return index
        trail.append(_Origins(stops[-2], best, self._sources(stops[-2], best)))
        # Of the last place only the best point is wanted, so that one query asks for all of them.
        extra = [s.access_s * self.access_rate for s in stops[-1]]
        reached = self._reach(search, trail[-1], stops[-1], extra, with_arcs=True)
        if reached.origin < 0:
            return len(trail) - 1
        paths = [self._assemble(stops[-2][reached.origin], stops[-1][reached.target], reached)]
        for index in range(len(trail) - 2, -1, -1):
            # Only now the arcs are asked for: they take far longer to hand over than the distance.
            end = stops[index + 1][reached.origin]
            reached = self._reach(search, trail[index], [end], [0.0], with_arcs=True)
            paths.append(self._assemble(stops[index][reached.origin], end, reached))
        return tuple(reversed(paths))

    @property
    def access_rate(self) -> float:
        """Cost of a second of access to the track, in the unit of costs."""
        return 10.0 * (1.0 if self.preferences.by == "time" else _ACCESS_M_PER_S)

    def query(self) -> CCHQuery:
        """Query of the engine, over all of the network.

        Returns
        -------
        CCHQuery
            For the thread that asks for it; each of its results has to be dropped before the next is made.
        """
        return self._customized.query()

    def _sources(self, origins: Sequence[Snap], costs: Sequence[float]) -> dict[int, tuple[float, int]]:
        """Directed edges the origins lie on, each with the least cost to its end and the origin that gives it."""
        length = self.router.network.length_m
        sources: dict[int, tuple[float, int]] = {}
        for i, (origin, cost) in enumerate(zip(origins, costs, strict=True)):
            rate = float(self.edge_cost[origin.edge])
            if cost == np.inf or rate == np.inf:
                continue
            share = origin.measure_m / max(float(length[origin.edge]), 0.1)
            way = int(self.router.network.oneway[origin.edge])
            for state, part, against in ((2 * origin.edge, 1 - share, 2), (2 * origin.edge + 1, share, 1)):
                if way == against:
                    continue
                total = cost + part * rate
                if state not in sources or total < sources[state][0]:
                    sources[state] = (total, i)
        return sources

    def _reach(
        self,
        search: Search,
        origins: _Origins,
        candidates: Sequence[Snap],
        extra: Sequence[float],
        *,
        with_arcs: bool,
    ) -> _Reached:
        """Least cost to any of some points, each with a cost of its own; origin and arcs if asked for."""
        best = _Reached(np.inf, -1, -1, None)
        targets: dict[int, tuple[float, int, int]] = {}
        for number, (target, own) in enumerate(zip(candidates, extra, strict=True)):
            rate = float(self.edge_cost[target.edge])
            if rate == np.inf:
                continue
            length = max(float(self.router.network.length_m[target.edge]), 0.1)
            for i, (origin, cost) in enumerate(zip(origins.points, origins.costs, strict=True)):
                if origin.edge == target.edge and self._runs(origin, target):
                    direct = cost + abs(target.measure_m - origin.measure_m) / length * rate + own
                    if direct < best.cost:
                        best = _Reached(direct, number, i, None)
            share = target.measure_m / length
            for state, part in ((2 * target.edge, share), (2 * target.edge + 1, 1 - share)):
                for arc, vertex in self.router.arcs_into(state):
                    total = float(self.turn_cost[arc]) + part * rate + own
                    if total < targets.get(vertex, (np.inf, 0, 0))[0]:
                        targets[vertex] = (total, arc, number)
        # The engine counts in 32 bits: a cost beyond them would come round as a small one.
        starts = [(v, round(c)) for v, (c, _) in origins.sources.items() if c < _INFINITE - 1]
        ends = [(v, round(c)) for v, (c, _, _) in targets.items() if c < _INFINITE - 1]
        found = search.best(starts, ends, below=best.cost, with_arcs=with_arcs)
        if found is None:
            return best
        if not with_arcs:
            return _Reached(found.cost, -1, -1, None)
        _, arc, number = targets[found.last]
        return _Reached(found.cost, number, origins.sources[found.first][1], [*found.arcs, arc])

    def _runs(self, start: Snap, end: Snap) -> bool:
        """Whether trains run from one point of an edge to another of the same."""
        way = int(self.router.network.oneway[start.edge])
        return way == 0 or start.measure_m == end.measure_m or (way == 1) == (start.measure_m < end.measure_m)

    def _assemble(self, start: Snap, end: Snap, reached: _Reached) -> Path:
        graph = self.router.graph
        if reached.arcs is None:
            forward = np.array([end.measure_m >= start.measure_m])
            return Path(np.array([start.edge]), forward, np.zeros(1, bool), start, end)
        run = np.array(reached.arcs, np.int64)
        states = np.append(graph.arc_tail[run[0]], graph.arc_head[run])
        reversal = np.append(False, graph.arc_reversal[run])
        return Path(states // 2, states % 2 == 0, reversal, start, end)


class Router:
    """Ways through one network.

    Parameters
    ----------
    network : RailNetwork
        The network, with its contraction order.
    """

    def __init__(self, network: RailNetwork) -> None:
        self.network = network
        self.graph: TurnGraph = turn_graph(network)
        self.hierarchies = Hierarchies(network, self.graph)
        self._metrics: dict[Preferences, Metric] = {}
        self._arcs_into: dict[int, list[tuple[int, int]]] = {}

    def metric(self, preferences: Preferences = Preferences()) -> Metric:
        """Metric for some preferences, made once.

        Parameters
        ----------
        preferences : Preferences
            What decides between ways.

        Returns
        -------
        Metric
            Ready to be asked.
        """
        if preferences not in self._metrics:
            self._metrics[preferences] = Metric(self, preferences)
        return self._metrics[preferences]

    def arcs_into(self, state: int) -> list[tuple[int, int]]:
        """Arcs that enter a directed edge, and the vertices they come from.

        Parameters
        ----------
        state : int
            Directed edge, see `route.network.turns.TurnGraph`.

        Returns
        -------
        list of (int, int)
            Index of each arc and its tail.
        """
        if state not in self._arcs_into:
            arcs = np.flatnonzero(self.graph.arc_head == state)
            self._arcs_into[state] = list(zip(arcs.tolist(), self.graph.arc_tail[arcs].tolist(), strict=True))
        return self._arcs_into[state]

    @cached_property
    def speeds_kmh(self) -> NDArray[np.float64]:
        """Line speed of every edge, see `line_speeds_kmh`."""
        return line_speeds_kmh(self.network)

    @cached_property
    def _crossings(self) -> list[tuple[int, BorderCrossing | None]]:
        """For each arc over a border: the arc and the crossing, if it is known."""
        network, graph = self.network, self.graph
        arcs = np.flatnonzero(graph.arc_border)
        begin = np.column_stack([network.tail, network.head]).ravel()
        rows: list[tuple[int, BorderCrossing | None]] = []
        known: dict[tuple[str, str, int], BorderCrossing | None] = {}
        for arc in arcs.tolist():
            state = int(graph.arc_head[arc])
            node = int(begin[state])
            a = network.countries[int(network.country[graph.arc_tail[arc] // 2])]
            b = network.countries[int(network.country[state // 2])]
            key = (min(a, b), max(a, b), node)
            if key not in known:
                known[key] = crossing_near(
                    a, b, float(network.node_lon[node]), float(network.node_lat[node]), _CROSSING_KM
                )
            rows.append((arc, known[key]))
        return rows

    def border_costs(self, preferences: Preferences) -> NDArray[np.float64]:
        """Cost of the borders on each arc.

        Parameters
        ----------
        preferences : Preferences
            What decides between ways.

        Returns
        -------
        ndarray of shape (n_arcs,)
            In tenths of a second, or of a metre; infinite where a crossing is closed.
        """
        cost = np.zeros(len(self.graph.arc_head))
        for arc, row in self._crossings:
            if row is not None and row.status == "closed":
                cost[arc] = np.inf
            elif preferences.by == "time":
                cost[arc] = _border_s(row, preferences) * 10.0
        return cost


def _border_s(row: BorderCrossing | None, preferences: Preferences) -> float:
    """Cost of a crossing, in seconds; the least dwell, since the usual one is a wait for a connection."""
    if row is None:
        return preferences.border_s + preferences.formalities_s
    seconds = preferences.border_s if row.dwell_h_min is None else row.dwell_h_min * 3600.0
    if row.formalities in ("normal", "long"):
        seconds += preferences.formalities_s
    if row.status == "freight_only":
        seconds += preferences.freight_crossing_s
    if row.method == "transfer":
        seconds += preferences.transfer_s
    return seconds

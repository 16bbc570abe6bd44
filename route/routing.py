"""Routing: the way a train would go, by customizable contraction hierarchies.

The contraction order comes with the network; a `Metric` is what a way costs under given preferences, and takes
a fraction of a second to make. Costs are in tenths of a second, or of a metre where the shortest way is asked for.

Reference: Dibbelt, Strasser, Wagner (2016), Customizable Contraction Hierarchies, ACM JEA 21.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from routingkit_cch import CCH, CCHMetric, CCHQuery

from route.errors import NetworkFileError
from route.network.turns import TurnGraph, turn_graph
from route.registers import country, crossing_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.network.snap import Snap
    from route.registers import BorderCrossing

__all__ = ["Metric", "Path", "Preferences", "Router", "line_speeds_kmh"]

_INFINITE = 2**31 - 1
_CROSSING_KM = 20.0

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


class Metric:
    """Costs of all ways under given preferences, customized and ready to be asked.

    Parameters
    ----------
    router : Router
        Whose network it is for.
    preferences : Preferences
        What decides.
    """

    def __init__(self, router: Router, preferences: Preferences) -> None:
        network, graph = router.network, router.graph
        self.router = router
        self.preferences = preferences
        if preferences.by == "time":
            cost = network.length_m / (line_speeds_kmh(network) / 3.6) * 10.0
        else:
            cost = network.length_m * 10.0
        closed = np.isin(network.line, [i for i, n in enumerate(network.lines) if n in preferences.avoid_lines])
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
        weight = np.rint(turn + self.edge_cost[graph.arc_state // 2])
        weights = np.where(np.isfinite(weight), np.minimum(weight, _INFINITE - 1), _INFINITE).astype(np.int64)
        self._metric = CCHMetric(router.cch, weights.tolist())
        self._query = CCHQuery(self._metric)

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
        best = [self._access(s) for s in stops[0]]
        trail: list[list[tuple[int, list[int] | None] | None]] = []
        for index, candidates in enumerate(stops[1:]):
            step = [self._best_to(stops[index], best, target) for target in candidates]
            costs = [np.inf if s is None else s[0] for s in step]
            if not np.isfinite(costs).any():
                return index
            best = [c + self._access(s) for c, s in zip(costs, candidates, strict=True)]
            trail.append([None if s is None else (s[1], s[2]) for s in step])
        chosen = int(np.argmin(best))
        paths: list[Path] = []
        for index in range(len(trail) - 1, -1, -1):
            entry = trail[index][chosen]
            assert entry is not None  # noqa: S101 - only finite costs are chosen
            origin, arcs = entry
            paths.append(self._assemble(stops[index][origin], stops[index + 1][chosen], arcs))
            chosen = origin
        return tuple(reversed(paths))

    def _access(self, point: Snap) -> float:
        return point.access_s * 10.0 * (1.0 if self.preferences.by == "time" else _ACCESS_M_PER_S)

    def _best_to(
        self, origins: Sequence[Snap], costs: Sequence[float], target: Snap
    ) -> tuple[float, int, list[int] | None] | None:
        """Least cost to one point, the origin it comes from, and the arcs; no arcs along a single edge."""
        network, graph = self.router.network, self.router.graph
        length = network.length_m
        best: tuple[float, int, list[int] | None] | None = None
        sources: dict[int, tuple[float, int]] = {}
        for i, (origin, cost) in enumerate(zip(origins, costs, strict=True)):
            rate = self.edge_cost[origin.edge]
            if not (np.isfinite(cost) and np.isfinite(rate)):
                continue
            share = origin.measure_m / max(length[origin.edge], 0.1)
            for state, part in ((2 * origin.edge, 1 - share), (2 * origin.edge + 1, share)):
                vertex = int(graph.arrival[state])
                total = cost + part * rate
                if vertex not in sources or total < sources[vertex][0]:
                    sources[vertex] = (total, i)
            if origin.edge == target.edge:
                direct = cost + abs(target.measure_m - origin.measure_m) / max(length[origin.edge], 0.1) * rate
                if best is None or direct < best[0]:
                    best = (direct, i, None)
        rate = self.edge_cost[target.edge]
        if not np.isfinite(rate) or not sources:
            return best
        share = target.measure_m / max(length[target.edge], 0.1)
        targets: dict[int, float] = {}
        for state, part in ((2 * target.edge, share), (2 * target.edge + 1, 1 - share)):
            for arc in self.router.arcs_into(state):
                total = self.turn_cost[arc] + part * rate
                vertex = int(graph.arc_tail[arc])
                if np.isfinite(total) and total < targets.get(vertex, np.inf):
                    targets[vertex] = total
        if not targets:
            return best
        result = self._query.run_multi(
            [(v, round(c)) for v, (c, _) in sources.items()], [(v, round(c)) for v, c in targets.items()]
        )
        distance = result.distance
        if distance is None or (best is not None and best[0] <= distance):
            del result
            return best
        vertices, arcs = list(result.node_path), list(result.arc_path)
        # The engine wants its results dropped before the next query runs.
        del result
        return float(distance), sources[vertices[0]][1], [*arcs, ~vertices[-1]] if arcs else [~vertices[-1]]

    def _assemble(self, start: Snap, end: Snap, arcs: list[int] | None) -> Path:
        graph = self.router.graph
        if arcs is None:
            forward = np.array([end.measure_m >= start.measure_m])
            return Path(np.array([start.edge]), forward, np.zeros(1, bool), start, end)
        *inner, last_vertex = arcs
        vertex = ~last_vertex
        run = np.array(inner, np.int64)
        final = min(
            (
                (self.turn_cost[arc] + self._part(end, state), arc)
                for state in (2 * end.edge, 2 * end.edge + 1)
                for arc in self.router.arcs_into(state)
                if int(graph.arc_tail[arc]) == vertex
            )
        )[1]
        run = np.append(run, final)
        first_vertex = int(graph.arc_tail[run[0]])
        share = start.measure_m / max(self.router.network.length_m[start.edge], 0.1)
        first = min(
            (part, state)
            for state, part in ((2 * start.edge, 1 - share), (2 * start.edge + 1, share))
            if int(graph.arrival[state]) == first_vertex
        )[1]
        states = np.append(first, graph.arc_state[run])
        reversal = np.append(False, graph.arc_reversal[run])
        return Path(states // 2, states % 2 == 0, reversal, start, end)

    def _part(self, point: Snap, state: int) -> float:
        share = point.measure_m / max(self.router.network.length_m[point.edge], 0.1)
        return float((share if state % 2 == 0 else 1 - share) * self.edge_cost[point.edge])


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
        if len(network.order) != self.graph.n_vertices:
            raise NetworkFileError("The contraction order of the network does not fit it. Build the network again.")
        self.cch = CCH(
            network.order.tolist(), self.graph.arc_tail.tolist(), self.graph.arc_head.tolist(), False
        )
        self._metrics: dict[Preferences, Metric] = {}

    def metric(self, preferences: Preferences = Preferences()) -> Metric:  # noqa: B008 - frozen
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

    @cached_property
    def _by_state(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.graph.arc_state, kind="stable")
        start = np.searchsorted(self.graph.arc_state[order], np.arange(2 * self.network.n_edges + 1))
        return order, start

    def arcs_into(self, state: int) -> list[int]:
        """Arcs that enter a directed edge.

        Parameters
        ----------
        state : int
            Directed edge, see `route.network.turns.TurnGraph`.

        Returns
        -------
        list of int
            Indices of arcs.
        """
        order, start = self._by_state
        arcs: list[int] = order[start[state] : start[state + 1]].tolist()
        return arcs

    @cached_property
    def _crossings(self) -> list[tuple[int, BorderCrossing | None]]:
        """For each arc over a border: the arc and the crossing, if it is known."""
        network, graph = self.network, self.graph
        arcs = np.flatnonzero(graph.arc_border)
        begin = np.column_stack([network.tail, network.head]).ravel()
        rows: list[tuple[int, BorderCrossing | None]] = []
        known: dict[tuple[str, str, int], BorderCrossing | None] = {}
        for arc in arcs.tolist():
            state = int(graph.arc_state[arc])
            node = int(begin[state])
            a = network.countries[int(network.country[graph.arc_from[arc] // 2])]
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
        cost = np.zeros(len(self.graph.arc_state))
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

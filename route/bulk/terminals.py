"""Where journeys enter and leave the graph that is searched, with what that costs, for many places at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from route.bulk.ragged import positions, starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.network.elimination import Terminus
    from route.routing import Metric, Router

__all__ = ["Ends", "Terminals", "entries", "exits", "incoming"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terminals:
    """Vertices of the turn graph at places, those of one place after those of another.

    Parameters
    ----------
    start : ndarray of shape (n + 1,)
        Where the vertices of each place begin.
    vertex : ndarray of shape (k,)
        Directed edges, each once for a place.
    cost : ndarray of shape (k,)
        What it costs from the place to the end of the directed edge, or from there to the place; whole numbers in
        the unit of the metric.
    arc : ndarray of shape (k,)
        Arc by which the place is reached from the vertex; for entries -1.
    candidate : ndarray of shape (k,)
        The candidate that each stands for.
    """

    start: NDArray[np.int64]
    vertex: NDArray[np.int64]
    cost: NDArray[np.int64]
    arc: NDArray[np.int64]
    candidate: NDArray[np.int64]

    def lists(self, first: int = 0) -> list[list[tuple[int, int]]]:
        """Vertices and costs of each place as the engine takes them.

        Parameters
        ----------
        first : int
            Place to begin with.

        Returns
        -------
        list of list of (int, int)
            One list for each place.
        """
        begin = int(self.start[first])
        pairs = list(zip(self.vertex[begin:].tolist(), self.cost[begin:].tolist(), strict=True))
        bounds = (self.start[first:] - begin).tolist()
        return [pairs[a:b] for a, b in pairwise(bounds)]

    def terminus(self) -> Terminus:
        """Vertices and costs of each place as searches of many rows take them.

        Returns
        -------
        Terminus
            The vertices.
        """
        from route.network.elimination import Terminus

        return Terminus(self.start, self.vertex, self.cost)

    def joined(self, other: Terminals, candidates: int) -> Terminals:
        """These vertices and those of other places after them.

        Parameters
        ----------
        other : Terminals
            The others.
        candidates : int
            Number of candidates of these places, after which those of the others are numbered.

        Returns
        -------
        Terminals
            All.
        """
        return Terminals(
            start=np.concatenate([self.start, other.start[1:] + self.start[-1]]),
            vertex=np.concatenate([self.vertex, other.vertex]),
            cost=np.concatenate([self.cost, other.cost]),
            arc=np.concatenate([self.arc, other.arc]),
            candidate=np.concatenate([self.candidate, other.candidate + candidates]),
        )


class Ends:
    """Vertices at which journeys between some places go out and come in, ready for the engine.

    Parameters
    ----------
    metric : Metric
        What ways cost.
    candidates : Candidates
        The track at each place.
    into : tuple of ndarray
        What `incoming` gives.
    component : ndarray of shape (n_edges,)
        Connected part of the network that each edge belongs to.

    Attributes
    ----------
    sources, targets : Terminals
        The vertices.
    parts : tuple of ndarray
        Lowest and highest part of the network at each place; -1 and -2 where there is no track.
    """

    def __init__(
        self,
        metric: Metric,
        candidates: Candidates,
        into: tuple[NDArray[np.int64], NDArray[np.int64]],
        component: NDArray[np.int64],
    ) -> None:
        self.sources = entries(metric, candidates)
        self.targets = exits(metric, candidates, into)
        self._lists: tuple[list[list[tuple[int, int]]], ...] = [], []
        some = np.flatnonzero(candidates.count)
        low, high = np.full(len(candidates.count), -1), np.full(len(candidates.count), -2)
        if len(some):
            part, begin = component[candidates.edge], candidates.start[some]
            low[some], high[some] = np.minimum.reduceat(part, begin), np.maximum.reduceat(part, begin)
        self.parts = low, high
        self._candidates = len(candidates.edge)
        self._n_vertices = metric.router.graph.n_vertices
        self._by_code = [self._sorted(side) for side in (self.sources, self.targets)]

    def lists(self) -> tuple[list[list[tuple[int, int]]], ...]:
        """Vertices and costs of each place as the engine takes them.

        Returns
        -------
        tuple of list of list of (int, int)
            Those that journeys go out from, and those that they come in by.
        """
        for made, side in zip(self._lists, (self.sources, self.targets), strict=True):
            made.extend(side.lists(len(made)))
        return self._lists

    def extend(self, other: Ends) -> None:
        """Add other places after these.

        Parameters
        ----------
        other : Ends
            Theirs, by the same metric.
        """
        places = len(self.sources.start) - 1
        for i, mine in enumerate((self.sources, self.targets)):
            code, order = self._by_code[i]
            more, after = other._by_code[i]
            # Places are numbered on, so that the order stays.
            self._by_code[i] = (
                np.concatenate([code, more + places * self._n_vertices]),
                np.concatenate([order, after + len(mine.vertex)]),
            )
        self.sources = self.sources.joined(other.sources, self._candidates)
        self.targets = self.targets.joined(other.targets, self._candidates)
        low, high = (np.concatenate(side) for side in zip(self.parts, other.parts, strict=True))
        self.parts = low, high
        self._candidates += other._candidates

    def _sorted(self, side: Terminals) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        places = np.repeat(np.arange(len(side.start) - 1), np.diff(side.start))
        code = places * self._n_vertices + side.vertex
        order = np.argsort(code)
        return code[order], order

    def of(self, place: NDArray[np.int64], vertex: NDArray[np.int64], *, target: bool) -> NDArray[np.int64]:
        """Positions of given vertices of given places.

        Parameters
        ----------
        place, vertex : ndarray of shape (m,)
            Pairs that are there.
        target : bool
            Whether among `targets` or `sources`.

        Returns
        -------
        ndarray of shape (m,)
            Indices into the columns.
        """
        code, order = self._by_code[target]
        return order[np.searchsorted(code, place * self._n_vertices + vertex)]


def entries(metric: Metric, candidates: Candidates) -> Terminals:
    """Vertices from which journeys go out, as `route.routing.Metric` has them for one.

    Parameters
    ----------
    metric : Metric
        What ways cost.
    candidates : Candidates
        The track at each place.

    Returns
    -------
    Terminals
        The vertices.
    """
    network = metric.router.network
    edge = candidates.edge
    rate = metric.edge_cost[edge]
    share = candidates.measure_m / np.maximum(network.length_m[edge], 0.1)
    oneway = network.oneway[edge]
    with np.errstate(invalid="ignore"):
        way = np.column_stack([1 - share, share]) * rate[:, None]
    cost = way + (candidates.access_s * metric.access_rate)[:, None]
    open_ = np.column_stack([oneway != 2, oneway != 1]) & np.isfinite(rate)[:, None]
    keep = open_.ravel()
    vertex = np.column_stack([2 * edge, 2 * edge + 1]).ravel()[keep]
    number = np.repeat(np.arange(len(edge)), 2)[keep]
    whole = np.rint(cost.ravel()[keep]).astype(np.int64)
    return _terminals(candidates, number, vertex, whole, np.full(len(vertex), -1))


def incoming(router: Router) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Arcs of the turn graph by the vertex they lead to.

    Parameters
    ----------
    router : Router
        Whose graph it is.

    Returns
    -------
    start : ndarray of shape (n_vertices + 1,)
        Where the arcs into each vertex begin.
    arc : ndarray of shape (n_arcs,)
        The arcs.
    """
    graph = router.graph
    count = np.bincount(graph.arc_head, minlength=graph.n_vertices).astype(np.int64)
    return starts(count), np.argsort(graph.arc_head, kind="stable").astype(np.int64)


def exits(
    metric: Metric, candidates: Candidates, into: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Terminals:
    """Vertices by which journeys come in, as `route.routing.Metric` has them for one.

    Parameters
    ----------
    metric : Metric
        What ways cost.
    candidates : Candidates
        The track at each place.
    into : tuple of ndarray
        What `incoming` gives.

    Returns
    -------
    Terminals
        The vertices.
    """
    network, graph = metric.router.network, metric.router.graph
    edge = candidates.edge
    rate = metric.edge_cost[edge]
    share = candidates.measure_m / np.maximum(network.length_m[edge], 0.1)
    state = np.column_stack([2 * edge, 2 * edge + 1]).ravel()
    part = np.column_stack([share, 1 - share]).ravel()
    count = np.diff(into[0])[state]
    arc = into[1][positions(into[0][state], count)]
    of_state = np.repeat(np.arange(len(state)), count)
    number = of_state // 2
    with np.errstate(invalid="ignore"):
        total = metric.turn_cost[arc] + part[of_state] * rate[number]
    total = total + (candidates.access_s * metric.access_rate)[number]
    keep = np.isfinite(total)
    arc, number, total = arc[keep], number[keep], total[keep]
    vertex = graph.arc_tail[arc].astype(np.int64)
    # Of several ways in from one vertex the cheapest stays, of equal ones the first.
    place = candidates.place[number]
    order = np.lexsort((total, vertex, place))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(place[order]) != 0) | (np.diff(vertex[order]) != 0)
    group = np.flatnonzero(first)
    best = order[group]
    if len(group):
        # They stand where the first of them was: between equal ways the engine decides by the order.
        best = best[np.argsort(np.minimum.reduceat(order, group))]
    return _terminals(
        candidates, number[best], vertex[best], np.rint(total[best]).astype(np.int64), arc[best]
    )


def _terminals(
    candidates: Candidates,
    number: NDArray[np.int64],
    vertex: NDArray[np.int64],
    cost: NDArray[np.int64],
    arc: NDArray[np.int64],
) -> Terminals:
    places = len(candidates.start) - 1
    count = np.bincount(candidates.place[number], minlength=places).astype(np.int64)
    return Terminals(start=starts(count), vertex=vertex, cost=cost, arc=arc, candidate=number)

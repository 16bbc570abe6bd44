"""Contraction hierarchies of a network: of all of it, or of one connected part.

No way leads from one connected part to another, so that a journey needs only the hierarchy of the part it lies in;
to build that of the whole world takes longer than all else a journey takes. The vertices and arcs of a part keep
their sequence and their rank, so that the same ways come out, also among ways of equal cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from routingkit_cch import CCH, CCHMetric, CCHQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.network.turns import TurnGraph

__all__ = ["EVERYWHERE", "Customized", "Hierarchies", "Hierarchy", "Run", "Search"]

EVERYWHERE = -1
"""Stands for all connected parts of a network."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Hierarchy:
    """Contraction hierarchy over some vertices of a turn graph.

    Parameters
    ----------
    vertices, arcs : ndarray
        Those of the turn graph that are in it, ascending; the engine numbers them from 0.
    engine : CCH
        The hierarchy, without costs.
    """

    vertices: NDArray[np.int64]
    arcs: NDArray[np.int64]
    engine: CCH

    def numbered(self, costs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Vertices with a cost each, as the engine takes them.

        Parameters
        ----------
        costs : sequence of (int, int)
            Vertices of the turn graph and costs.

        Returns
        -------
        list of (int, int)
            Those that are in the hierarchy, by the numbers they have there.
        """
        wanted = np.array(costs, np.int64).reshape(-1, 2)
        number = np.minimum(np.searchsorted(self.vertices, wanted[:, 0]), len(self.vertices) - 1)
        inside = self.vertices[number] == wanted[:, 0]
        return list(zip(number[inside].tolist(), wanted[inside, 1].tolist(), strict=True))


class Hierarchies:
    """Contraction hierarchies of a network, each made when it is first asked for.

    Parameters
    ----------
    network : RailNetwork
        The network, with its contraction order.
    graph : TurnGraph
        Its turn graph.
    """

    def __init__(self, network: RailNetwork, graph: TurnGraph) -> None:
        self._network = network
        self._graph = graph
        self._made: dict[int, Hierarchy] = {}

    @cached_property
    def component(self) -> NDArray[np.int64]:
        """Connected part of the network that each edge belongs to, see `RailNetwork.component_of_nodes`."""
        return self._network.component_of_nodes()[self._network.tail]

    def of(self, component: int = EVERYWHERE) -> Hierarchy:
        """Hierarchy of the network.

        Parameters
        ----------
        component : int
            Number of a connected part, for a hierarchy of that alone.

        Returns
        -------
        Hierarchy
            The hierarchy.
        """
        if component not in self._made:
            self._made[component] = self._make(component)
        return self._made[component]

    def _make(self, component: int) -> Hierarchy:
        graph, order = self._graph, self._network.order
        inside = np.repeat((self.component == component) | (component == EVERYWHERE), 2)
        number = np.cumsum(inside, dtype=np.int32) - 1
        arcs = np.flatnonzero(inside[graph.arc_tail])
        engine = CCH(
            _handed_over(number[order[inside[order]]]),
            _handed_over(number[graph.arc_tail[arcs]]),
            _handed_over(number[graph.arc_head[arcs]]),
            False,
        )
        return Hierarchy(vertices=np.flatnonzero(inside), arcs=arcs, engine=engine)


class Run(NamedTuple):
    """Run through the turn graph.

    Parameters
    ----------
    cost : float
        What it costs, ends included.
    first, last : int
        Its first and last vertex; -1 where they were not asked for.
    arcs : list of int
        Its arcs, if they were asked for.
    """

    cost: float
    first: int
    last: int
    arcs: list[int]


class Customized:
    """Hierarchies of a network with the costs of its arcs.

    Parameters
    ----------
    hierarchies : Hierarchies
        The hierarchies.
    weights : ndarray of shape (n_arcs,)
        Cost of each arc of the turn graph.
    """

    def __init__(self, hierarchies: Hierarchies, weights: NDArray[np.int32]) -> None:
        self.hierarchies = hierarchies
        self._weights = weights
        self._made: dict[int, CCHMetric] = {}

    def query(self, component: int = EVERYWHERE) -> CCHQuery:
        """Query of the engine.

        Parameters
        ----------
        component : int
            Number of a connected part, to search there alone.

        Returns
        -------
        CCHQuery
            For the thread that asks for it, in the numbers of the `Hierarchy`; each of its results has to be
            dropped before the next is made.
        """
        if component not in self._made:
            hierarchy = self.hierarchies.of(component)
            self._made[component] = CCHMetric(hierarchy.engine, _handed_over(self._weights[hierarchy.arcs]))
        return CCHQuery(self._made[component])


class Search:
    """Searches of one thread, each in the connected parts that hold both its ends.

    Parameters
    ----------
    customized : Customized
        Where to search, and by which costs.
    """

    def __init__(self, customized: Customized) -> None:
        self._customized = customized
        self._queries: dict[int, CCHQuery] = {}

    def best(
        self,
        starts: Sequence[tuple[int, int]],
        ends: Sequence[tuple[int, int]],
        *,
        below: float,
        with_arcs: bool,
    ) -> Run | None:
        """Cheapest run from any of some vertices to any of others.

        Parameters
        ----------
        starts, ends : sequence of (int, int)
            Vertices of the turn graph, and what it costs to start or end there.
        below : float
            Cost that it has to stay below.
        with_arcs : bool
            Whether more than the cost is asked for: it takes far longer to hand over.

        Returns
        -------
        Run or None
            The run; None if there is none.
        """
        found: Run | None = None
        hierarchies = self._customized.hierarchies
        here, there = ({int(hierarchies.component[v // 2]) for v, _ in at} for at in (starts, ends))
        for component in sorted(here & there):
            if component not in self._queries:
                self._queries[component] = self._customized.query(component)
            hierarchy = hierarchies.of(component)
            result = self._queries[component].run_multi(hierarchy.numbered(starts), hierarchy.numbered(ends))
            cost = result.distance
            if cost is not None and cost < below:
                below = float(cost)
                found = Run(below, -1, -1, [])
                if with_arcs:
                    vertices = result.node_path
                    first, last = hierarchy.vertices[[vertices[0], vertices[-1]]].tolist()
                    found = Run(below, first, last, hierarchy.arcs[result.arc_path].tolist())
            # The engine wants its results dropped before the next query runs.
            del result
        return found


def _handed_over(numbers: NDArray[np.int32]) -> list[int]:
    """Numbers as the engine takes them: it asks for lists, which take as long to make as to read."""
    return cast("list[int]", numbers.data)

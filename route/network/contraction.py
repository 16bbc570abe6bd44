"""From a track graph to a network: chains of track made edges, and a contraction order for routing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.network.model import RailNetwork
from route.network.turns import headings, turn_graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.tracks import TrackGraph
    from route.network.turns import TurnGraph
    from route.places import Place

__all__ = ["chains_of", "contract", "contract_with_tracks", "neighbours"]

_CODES = ("source", "mode", "speed_source", "speed_kmh", "gauge", "electrification", "line", "country")


def contract(
    graph: TrackGraph,
    *,
    name: str,
    attribution: tuple[str, ...],
    stations: tuple[Place, ...] = (),
    decimals: int = 7,
) -> RailNetwork:
    """Contract chains of track without junctions into edges with geometry.

    Parameters
    ----------
    graph : TrackGraph
        Straight pieces of track.
    name : str
        What the network covers.
    attribution : tuple of str
        Sources that must be named with it.
    stations : tuple of Place
        Stations that the source names.
    decimals : int
        Decimals of a degree that positions are rounded to.

    Returns
    -------
    RailNetwork
        The network, lengths kept to the decimetre. A chain ends where any attribute of the track changes.
    """
    rounded = replace(graph, lon=np.round(graph.lon, decimals), lat=np.round(graph.lat, decimals))
    return contract_with_tracks(rounded, name=name, attribution=attribution, stations=stations)[0]


def contract_with_tracks(
    graph: TrackGraph, *, name: str, attribution: tuple[str, ...], stations: tuple[Place, ...] = ()
) -> tuple[RailNetwork, NDArray[np.int64]]:
    """Contract chains of track, and tell which track each piece was.

    Parameters
    ----------
    graph : TrackGraph
        Straight pieces of track.
    name : str
        What the network covers.
    attribution : tuple of str
        Sources that must be named with it.
    stations : tuple of Place
        Stations that the source names.

    Returns
    -------
    RailNetwork
        The network.
    ndarray of shape (n_vertices,)
        Edge of the graph that ends at each vertex; -1 at the first vertex of an edge of the network.
    """
    chains = chains_of(graph)
    kept = np.unique(np.concatenate([[c[0][0], c[0][-1]] for c in chains])) if chains else np.zeros(0, int)
    # Numbering from west to east in bands of latitude keeps neighbours together, which packs well.
    band = np.floor(graph.lat[kept] / 2.0)
    kept = kept[np.lexsort((graph.lat[kept], graph.lon[kept], band))]
    number = np.full(graph.n_nodes, -1)
    number[kept] = np.arange(len(kept))
    oriented = []
    for nodes, edges in chains:
        if number[nodes[0]] > number[nodes[-1]]:
            nodes, edges = nodes[::-1], edges[::-1]  # noqa: PLW2901
        oriented.append((nodes, edges))
    oriented.sort(key=lambda c: (number[c[0][0]], number[c[0][-1]], graph.length_m[c[1]].sum(), c[1][0]))
    vertex = np.concatenate([nodes for nodes, _ in oriented])
    count = np.array([len(nodes) for nodes, _ in oriented])
    start = np.concatenate([[0], np.cumsum(count)])
    steps = np.zeros(len(vertex))
    inner = np.ones(len(vertex), bool)
    inner[start[:-1]] = False
    track = np.full(len(vertex), -1)
    track[inner] = np.concatenate([edges for _, edges in oriented])
    steps[inner] = np.maximum(np.rint(graph.length_m[track[inner]] * 10) / 10, 0.1)
    run = np.cumsum(steps)
    first_edge = np.array([edges[0] for _, edges in oriented])
    # Along a chain trains run the same way everywhere; which way it is depends on how the chain is drawn.
    drawn = graph.tail[first_edge] == vertex[start[:-1]]
    oneway = graph.oneway[first_edge]
    oneway = np.where((oneway == 0) | drawn, oneway, 3 - oneway).astype(np.uint8)
    tail = number[vertex[start[:-1]]].astype(np.int32)
    head = number[vertex[start[1:] - 1]].astype(np.int32)
    network = RailNetwork(
        name=name,
        attribution=attribution,
        node_lon=graph.lon[kept],
        node_lat=graph.lat[kept],
        tail=tail,
        head=head,
        vertex_start=start,
        vertex_lon=graph.lon[vertex],
        vertex_lat=graph.lat[vertex],
        vertex_m=run - np.repeat(run[start[:-1]], count),
        gauges=graph.gauges,
        electrifications=graph.electrifications,
        lines=graph.lines,
        countries=graph.countries,
        oneway=oneway,
        heading=np.zeros(0, np.uint8),
        order=np.zeros(0, np.int32),
        stations=stations,
        **{column: getattr(graph, column)[first_edge] for column in _CODES},
    )
    return _ordered(replace(network, heading=headings(network))), track


def chains_of(graph: TrackGraph) -> list[tuple[list[int], list[int]]]:
    """Chains of edges between nodes that are junctions, ends, or changes of an attribute.

    Parameters
    ----------
    graph : TrackGraph
        Straight pieces of track.

    Returns
    -------
    list of (list of int, list of int)
        Nodes and edges of each chain, in order.
    """
    ends = np.concatenate([graph.tail, graph.head])
    edge = np.concatenate([np.arange(graph.n_edges)] * 2)
    by_node = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[by_node], np.arange(graph.n_nodes + 1))
    incident = edge[by_node]
    degree = np.diff(start)
    key = np.zeros(graph.n_edges, np.int64)
    for column in _CODES:
        values = getattr(graph, column).astype(np.int64)
        key = key * (int(values.max(initial=0)) + 1) + values
    through = degree == 2
    two = np.flatnonzero(through)
    e1, e2 = incident[start[two]], incident[start[two] + 1]
    through[two] = (e1 != e2) & (key[e1] == key[e2]) & (_into(graph, e1, two) == _away(graph, e2, two))
    tail, head = graph.tail.tolist(), graph.head.tolist()
    starts, inc, passes = start.tolist(), incident.tolist(), through.tolist()
    used = [False] * graph.n_edges
    chains: list[tuple[list[int], list[int]]] = []

    def follow(node: int, first: int) -> None:
        nodes, edges, here, current = [node], [], node, first
        while True:
            used[current] = True
            edges.append(current)
            here = head[current] if tail[current] == here else tail[current]
            nodes.append(here)
            if not passes[here] or here == node:
                break
            a, b = inc[starts[here]], inc[starts[here] + 1]
            current = b if a == current else a
        chains.append((nodes, edges))

    for node in range(graph.n_nodes):
        if not passes[node]:
            for position in range(starts[node], starts[node + 1]):
                if not used[inc[position]]:
                    follow(node, inc[position])
    for lone in range(graph.n_edges):  # rings without any junction
        if not used[lone]:
            follow(tail[lone], lone)
    return chains


def _into(graph: TrackGraph, edge: NDArray[np.int64], node: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Whether trains run both ways on edges (0), only towards a node at their end (1), or only away from it (2)."""
    oneway = graph.oneway[edge]
    here = np.where(graph.head[edge] == node, oneway, 3 - oneway)
    return np.where(oneway == 0, 0, here).astype(np.uint8)


def _away(graph: TrackGraph, edge: NDArray[np.int64], node: NDArray[np.int64]) -> NDArray[np.uint8]:
    """As `_into`, with 1 for away from the node and 2 for towards it."""
    into = _into(graph, edge, node)
    return np.where(into == 0, 0, 3 - into).astype(np.uint8)


def neighbours(graph: TurnGraph) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Directed edges that an arc joins, in either direction: what a contraction order is found on.

    Parameters
    ----------
    graph : TurnGraph
        The graph. With one direction only, its cuts come out many times larger.

    Returns
    -------
    one, other : ndarray of shape (n,)
        Each pair once in both orders, by the first and then the second.
    """
    a = np.concatenate([graph.arc_tail, graph.arc_head]).astype(np.int64)
    b = np.concatenate([graph.arc_head, graph.arc_tail])
    pairs = np.unique(a[a != b] * graph.n_vertices + b[a != b])
    return pairs // graph.n_vertices, pairs % graph.n_vertices


def _ordered(network: RailNetwork) -> RailNetwork:
    """Network with its contraction order, by nested dissection of its turn graph."""
    from routingkit_cch import compute_order_inertial

    graph = turn_graph(network)
    # The vertices of one junction must not lie on one point, or nested dissection finds no good cut.
    lon = np.repeat((network.node_lon[network.tail] + network.node_lon[network.head]) / 2, 2)
    lat = np.repeat((network.node_lat[network.tail] + network.node_lat[network.head]) / 2, 2)
    tail, head = neighbours(graph)
    order = compute_order_inertial(graph.n_vertices, tail.tolist(), head.tolist(), lat.tolist(), lon.tolist())
    return replace(network, order=np.array(order, np.int32))

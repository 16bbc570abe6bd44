"""Turn graph: what a train may do at a junction, as the graph that is searched.

A train that comes to a junction cannot leave by any track: onto a branch that leads back at a sharp angle it
has to stop and reverse. Nodes at which all ways on are alike stay one vertex. A node at which they differ -
a reversal, a border, a break of gauge - becomes one vertex for each directed edge that arrives there, so that
the way on can cost what it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.network.tracks import SOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.model import RailNetwork

__all__ = ["REVERSAL_DEGREES", "TurnGraph", "headings", "turn_graph"]

REVERSAL_DEGREES = 115.0
"""A change of heading beyond this is a reversal; sharper junction curves than 65 degrees are not built."""

_LOOK_M = 1_000.0
"""Distance from a junction at which the heading of a track is taken, beyond its curve and throat."""

NO_HEADING = 255
"""Code for track without a heading."""

_CIRCLE = 250
"""Headings are kept in 250ths of a circle, 1.44 degrees."""

_JOIN_M = 2_000.0

_SHORT_M = 250.0
"""Track shorter than this has no heading: positions are rounded to about 100 m."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnGraph:
    """Graph to search, with one arc for each way of entering an edge.

    Directed edge ``2 * e`` runs from tail to head of edge ``e`` of the network, ``2 * e + 1`` back.

    Parameters
    ----------
    n_vertices : int
        Number of vertices.
    arc_tail, arc_head : ndarray of shape (n_arcs,)
        Vertices an arc leaves from and arrives at.
    arc_state : ndarray of shape (n_arcs,)
        The directed edge that is run along.
    arc_from : ndarray of shape (n_arcs,)
        The directed edge the train comes by, -1 where it makes no difference.
    arc_reversal, arc_break, arc_border : ndarray of shape (n_arcs,)
        Whether entering the edge takes a reversal, a break of gauge, a border.
    arrival : ndarray of shape (2 * n_edges,)
        The vertex at the end of each directed edge.
    """

    n_vertices: int
    arc_tail: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_state: NDArray[np.int32]
    arc_from: NDArray[np.int32]
    arc_reversal: NDArray[np.bool_]
    arc_break: NDArray[np.bool_]
    arc_border: NDArray[np.bool_]
    arrival: NDArray[np.int32]


def headings(network: RailNetwork) -> NDArray[np.uint8]:
    """Compass heading of the track at both ends of each edge, seen from its node.

    Parameters
    ----------
    network : RailNetwork
        The network.

    Returns
    -------
    ndarray of shape (2 * n_edges,)
        For leaving the tail (even) and the head (odd), in 250ths of a circle clockwise from north; `NO_HEADING`
        for track too short to have one.
    """
    start, last = network.vertex_start[:-1], network.vertex_start[1:] - 1
    count = np.diff(network.vertex_start)
    edge = np.repeat(np.arange(network.n_edges), count)
    length = network.length_m[edge]
    result = np.full(2 * network.n_edges, NO_HEADING, np.uint8)
    # A join is drawn straight across a gap; a short one says nothing of where the track goes.
    drawn = (network.source == SOURCES.index("join")) & (network.length_m < _JOIN_M)
    for side, node in ((0, network.tail), (1, network.head)):
        away = network.vertex_m if side == 0 else length - network.vertex_m
        beyond = away >= np.minimum(_LOOK_M, length - 0.05)
        index = np.arange(len(edge))
        if side == 0:
            target = np.minimum.reduceat(np.where(beyond, index, len(edge)), start)
        else:
            target = np.maximum.reduceat(np.where(beyond, index, -1), start)
        target = np.clip(target, start, last)
        lat = np.radians(network.node_lat[node])
        east = (network.vertex_lon[target] - network.node_lon[node] + 180) % 360 - 180
        x, y = east * np.cos(lat), network.vertex_lat[target] - network.node_lat[node]
        bearing = np.rint(np.arctan2(x, y) / (2 * np.pi) * _CIRCLE).astype(np.int64) % _CIRCLE
        known = (np.hypot(x, y) * 111_195.0 >= _SHORT_M) & ~drawn
        result[side::2] = np.where(known, bearing, NO_HEADING)
    return result


def _pairs(
    network: RailNetwork, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Directed edges arriving at and leaving the chosen nodes, in all combinations but turning on the spot."""
    begin = np.column_stack([network.tail, network.head]).ravel()
    end = np.column_stack([network.head, network.tail]).ravel()
    into = np.argsort(end, kind="stable")
    out = np.argsort(begin, kind="stable")
    out_start = np.concatenate([[0], np.cumsum(np.bincount(begin, minlength=network.n_nodes))])
    into = into[chosen[end[into]]]
    fan = out_start[end[into] + 1] - out_start[end[into]]
    incoming = np.repeat(into, fan)
    offset = np.arange(len(incoming)) - np.repeat(np.cumsum(fan) - fan, fan)
    outgoing = out[out_start[end[incoming]] + offset]
    keep = incoming // 2 != outgoing // 2
    incoming, outgoing = incoming[keep], outgoing[keep]
    return incoming.astype(np.int32), outgoing.astype(np.int32), end[incoming]


def turn_graph(network: RailNetwork) -> TurnGraph:
    """Turn graph of a network.

    Parameters
    ----------
    network : RailNetwork
        The network; its contraction order is not used.

    Returns
    -------
    TurnGraph
        The same network gives the same graph, arc for arc.
    """
    degree = np.bincount(np.concatenate([network.tail, network.head]), minlength=network.n_nodes)
    incoming, outgoing, node = _pairs(network, degree > 1)
    # Coming by a directed edge, the track behind lies where the opposite direction leads.
    behind, ahead = network.heading[incoming ^ 1], network.heading[outgoing]
    apart = np.abs(behind.astype(np.int16) - ahead)
    between = np.minimum(apart, _CIRCLE - apart)
    reversal = between < (180.0 - REVERSAL_DEGREES) / 360.0 * _CIRCLE
    reversal &= (behind != NO_HEADING) & (ahead != NO_HEADING)
    a, b = incoming // 2, outgoing // 2
    compatible = _compatible(network.gauges)
    gauge_break = ~compatible[network.gauge[a], network.gauge[b]]
    gauge_break &= (network.mode[a] == 0) & (network.mode[b] == 0)
    border = (network.country[a] != network.country[b]) & (network.country[a] > 0) & (network.country[b] > 0)
    special = reversal | gauge_break | border
    split = np.zeros(network.n_nodes, bool)
    split[node[special]] = True

    end = np.column_stack([network.head, network.tail]).ravel()
    begin = np.column_stack([network.tail, network.head]).ravel()
    states = np.arange(2 * network.n_edges, dtype=np.int32)
    whole = np.cumsum(~split) - 1
    n_whole = int((~split).sum())
    own = n_whole + np.cumsum(split[end]) - 1
    arrival = np.where(split[end], own, whole[end]).astype(np.int32)
    simple = states[~split[begin]]
    at_split = split[node]
    count = len(simple)

    def joined(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.concatenate([np.zeros(count, bool), flags[at_split]])

    leaving = outgoing[at_split]
    return TurnGraph(
        n_vertices=n_whole + int(split[end].sum()),
        arc_tail=np.concatenate([whole[begin[simple]], arrival[incoming[at_split]]]).astype(np.int32),
        arc_head=np.concatenate([arrival[simple], arrival[leaving]]),
        arc_state=np.concatenate([simple, leaving]),
        arc_from=np.concatenate([np.full(count, -1, np.int32), incoming[at_split]]),
        arc_reversal=joined(reversal),
        arc_break=joined(gauge_break),
        arc_border=joined(border),
        arrival=arrival,
    )


def _compatible(gauges: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
    """Which sets of gauges a train can pass between; 1520 and 1524 mm are one gauge, an unknown one any."""
    groups = [{1520 if g == 1524 else g for g in group} for group in gauges]
    return np.array([[not a or not b or bool(a & b) for b in groups] for a in groups])

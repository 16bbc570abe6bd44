"""Turn graph: what a train may do at a junction, as the graph that is searched.

A train that comes to a junction cannot leave by any track: onto a branch that leads back at a sharp angle it
has to stop and reverse, and on the spot it cannot turn at all. So the vertices searched are the directed edges
of the network, and an arc leads from each to every one that a train can go on to; what the way on costs - a
reversal, a border, a break of gauge - is the arc's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.network.tracks import JOINS, SOURCES

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
    """Graph to search: directed edges of a network, and the ways from each to the next.

    Directed edge ``2 * e`` runs from tail to head of edge ``e`` of the network, ``2 * e + 1`` back.

    Parameters
    ----------
    n_vertices : int
        Number of directed edges.
    arc_tail, arc_head : ndarray of shape (n_arcs,)
        The directed edge the train comes by, and the one it goes on to.
    arc_reversal, arc_break, arc_border : ndarray of shape (n_arcs,)
        Whether going on takes a reversal, a break of gauge, a border.
    """

    n_vertices: int
    arc_tail: NDArray[np.int32]
    arc_head: NDArray[np.int32]
    arc_reversal: NDArray[np.bool_]
    arc_break: NDArray[np.bool_]
    arc_border: NDArray[np.bool_]


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
    drawn = np.isin(network.source, [SOURCES.index(kind) for kind in JOINS]) & (network.length_m < _JOIN_M)
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


def _pairs(network: RailNetwork) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Directed edges that meet and that trains run along, in all combinations but turning on the spot."""
    begin = np.column_stack([network.tail, network.head]).ravel()
    end = np.column_stack([network.head, network.tail]).ravel()
    allowed = np.column_stack([network.oneway != 2, network.oneway != 1]).ravel()
    into, out = (np.argsort(nodes, kind="stable").astype(np.int32) for nodes in (end, begin))
    into, out = into[allowed[into]], out[allowed[out]]
    degree = np.bincount(begin[out], minlength=network.n_nodes).astype(np.int32)
    out_start = np.cumsum(degree, dtype=np.int32) - degree
    fan = degree[end[into]]
    incoming = np.repeat(into, fan)
    first = np.repeat(out_start[end[into]] - (np.cumsum(fan, dtype=np.int32) - fan), fan)
    outgoing = out[np.arange(len(incoming), dtype=np.int32) + first]
    keep = (incoming ^ 1) != outgoing
    return incoming[keep], outgoing[keep]


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
    incoming, outgoing = _pairs(network)
    # Coming by a directed edge, the track behind lies where the opposite direction leads.
    behind, ahead = network.heading[incoming ^ 1], network.heading[outgoing]
    apart = np.abs(behind.astype(np.int16) - ahead)
    between = np.minimum(apart, _CIRCLE - apart)
    reversal = between < (180.0 - REVERSAL_DEGREES) / 360.0 * _CIRCLE
    reversal &= (behind != NO_HEADING) & (ahead != NO_HEADING)
    a, b = incoming // 2, outgoing // 2
    gauge_break = ~_compatible(network.gauges)[network.gauge[a], network.gauge[b]]
    gauge_break &= (network.mode[a] == 0) & (network.mode[b] == 0)
    here, there = network.country[a], network.country[b]
    return TurnGraph(
        n_vertices=2 * network.n_edges,
        arc_tail=incoming,
        arc_head=outgoing,
        arc_reversal=reversal,
        arc_break=gauge_break,
        arc_border=(here != there) & (here > 0) & (there > 0),
    )


def _compatible(gauges: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
    """Which sets of gauges a train can pass between; 1520 and 1524 mm are one gauge, an unknown one any."""
    groups = [{1520 if g == 1524 else g for g in group} for group in gauges]
    return np.array([[not a or not b or bool(a & b) for b in groups] for a in groups])

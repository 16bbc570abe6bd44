"""Gaps that the register of lines shows: a line is known to go on where the map breaks off."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.building.finding import LineFinder
from route.geodesy import distance_m
from route.network.contraction import contract_with_tracks
from route.network.tracks import SOURCES, TrackGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.building.rows import LineRow, Point

__all__ = ["close_gaps"]

_GAP_M = 50_000.0
_NEAR_M = 5_000.0
_SINUOSITY = 1.1
"""Length of a railway by the crow's distance over some ten kilometres, where nothing better is known."""


def close_gaps(
    graph: TrackGraph,
    rows: Sequence[LineRow],
    *,
    within_m: float = 3_000.0,
    winding: float = 2.5,
    report: list[str] | None = None,
) -> TrackGraph:
    """Close the gaps that the register of lines shows: a line that is known to go on where the map breaks off.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    rows : sequence of LineRow
        The register.
    within_m : float
        How far from the track a point may be, in metres.
    winding : float
        A leg longer than this many times the crow's distance has come another way.
    report : list of str, optional
        Receives a line for each gap closed.

    Returns
    -------
    TrackGraph
        The network with an edge of source ``register`` for each gap of up to 50 km between loose ends, or 5 km from a
        loose end to other track.
    """
    notes = report if report is not None else []
    network, track = contract_with_tracks(graph, name="", attribution=())
    finder = LineFinder(network, track)
    torn = [
        (row, a, b)
        for row in rows
        if row.confidence != "low"
        for a, b in zip(row.points, row.points[1:], strict=False)
        if finder.leg(a, b, within_m, winding)[1] is not None
    ]
    for row, a, b in torn:
        gaps = _gaps_on_the_way(graph, a, b, within_m)
        if not gaps:
            continue
        nodes = np.array(gaps)
        length = _SINUOSITY * distance_m(
            graph.lon[nodes[:, 0]], graph.lat[nodes[:, 0]], graph.lon[nodes[:, 1]], graph.lat[nodes[:, 1]]
        )
        added = TrackGraph.bare(graph.lon, graph.lat, nodes[:, 0], nodes[:, 1], np.maximum(length, 1.0))
        graph = graph.with_edges(
            replace(added, source=np.full(len(nodes), SOURCES.index("register"), np.uint8))
        )
        notes += [f"gap closed ({m / 1000:.1f} km): {row.name}" for m in length.tolist()]
    return graph


def _gaps_on_the_way(graph: TrackGraph, a: Point, b: Point, within_m: float) -> list[tuple[int, int]]:
    """Gaps to close so that a line known to run between two points can be followed, as pairs of nodes.

    Searched is the shortest way along the track of the surroundings on which a gap between two loose ends, or
    between a loose end and a node near it, counts three times its width.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree

    crow = float(distance_m(*a, *b))
    mid = np.radians((a[1] + b[1]) / 2)
    x = ((graph.lon - a[0] + 180) % 360 - 180) * np.cos(mid) * 111_195.0
    y = (graph.lat - a[1]) * 111_195.0
    end = np.array([((b[0] - a[0] + 180) % 360 - 180) * np.cos(mid) * 111_195.0, (b[1] - a[1]) * 111_195.0])
    degree = graph.degree()
    detour = np.hypot(x, y) + np.hypot(x - end[0], y - end[1])
    nodes = np.flatnonzero((degree > 0) & (detour <= 1.4 * crow + 20_000.0))
    if len(nodes) < 2:
        return []
    points = np.column_stack([x, y])[nodes]
    ends = [int(np.argmin(np.hypot(*(points - p).T))) for p in (np.zeros(2), end)]
    if any(np.hypot(*(points[e] - p)) > within_m for e, p in zip(ends, (np.zeros(2), end), strict=True)):
        return []
    number = np.full(graph.n_nodes, -1)
    number[nodes] = np.arange(len(nodes))
    inside = (number[graph.tail] >= 0) & (number[graph.head] >= 0)
    tail, head, length = number[graph.tail[inside]], number[graph.head[inside]], graph.length_m[inside]
    loose = np.flatnonzero(degree[nodes] == 1)
    # The points of the register were often read off the ends of the gap itself.
    loose = np.union1d(loose, ends)
    pairs: list[tuple[int, int]] = []
    if len(loose) > 1:
        pairs += [
            tuple(p)
            for p in loose[np.array(sorted(cKDTree(points[loose]).query_pairs(_GAP_M)), int).reshape(-1, 2)]
        ]
    for node, found in zip(
        loose.tolist(), cKDTree(points).query_ball_point(points[loose], _NEAR_M), strict=True
    ):
        pairs += [(node, other) for other in found if other != node]
    if not pairs:
        return []
    gap = np.array(pairs)
    width = np.hypot(*(points[gap[:, 0]] - points[gap[:, 1]]).T)
    size = (len(nodes), len(nodes))
    best: dict[tuple[int, int], tuple[float, bool]] = {}
    for u, v, w in zip(tail.tolist(), head.tolist(), length.tolist(), strict=True):
        key = (min(u, v), max(u, v))
        if u != v and w < best.get(key, (np.inf, False))[0]:
            best[key] = (max(w, 0.1), False)
    for (u, v), w in zip(pairs, width.tolist(), strict=True):
        key = (min(u, v), max(u, v))
        if u != v and 3 * w + 1_000.0 < best.get(key, (np.inf, False))[0]:
            best[key] = (3 * w + 1_000.0, True)
    keys = np.array(list(best))
    cost = np.array([c for c, _ in best.values()])
    matrix = coo_array((cost, (keys[:, 0], keys[:, 1])), shape=size).tocsr()
    reach, before = dijkstra(matrix, directed=False, indices=ends[0], return_predecessors=True)
    if not np.isfinite(reach[ends[1]]):
        return []
    chain = [ends[1]]
    while chain[-1] != ends[0]:
        chain.append(int(before[chain[-1]]))
    steps = [(min(u, v), max(u, v)) for u, v in itertools.pairwise(chain)]
    real = sum(best[s][0] / 3 if best[s][1] else best[s][0] for s in steps)
    if real > 1.6 * crow + 5_000.0:
        return []
    return [(int(nodes[u]), int(nodes[v])) for u, v in steps if best[(u, v)][1]]

"""Links that the map lacks: bridges, tunnels, train ferries, lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.geodesy import distance_m
from route.network.tracks import MODES, SOURCES, SPEED_SOURCES, TrackGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.building.rows import LinkRow, Point

__all__ = ["add_links", "nearest_tracks"]


class NearTrack(NamedTuple):
    edge: int
    fraction: float
    distance_m: float


def nearest_tracks(
    graph: TrackGraph, points: Sequence[Point], within_m: float, main: NDArray[np.bool_]
) -> list[NearTrack | None]:
    """Nearest track of each point; track of a large component is preferred to a fragment.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    points : sequence of (lon, lat)
        The points, in degrees, WGS 84.
    within_m : float
        How far the track may be, in metres.
    main : ndarray of shape (n_edges,)
        Whether each edge belongs to a large component.

    Returns
    -------
    list of NearTrack or None
        For each point; None where there is no track within the distance.
    """
    import shapely

    ends = np.stack(
        [
            np.column_stack([graph.lon[graph.tail], graph.lat[graph.tail]]),
            np.column_stack([graph.lon[graph.head], graph.lat[graph.head]]),
        ],
        axis=1,
    )
    sound = np.flatnonzero(np.abs(ends[:, 0, 0] - ends[:, 1, 0]) < 180)
    tree = shapely.STRtree(shapely.linestrings(ends[sound]))
    result: list[NearTrack | None] = []
    for lon, lat in points:
        shrink = np.cos(np.radians(lat))
        reach = within_m / 111_195.0
        edges = sound[
            tree.query(shapely.box(lon - reach / shrink, lat - reach, lon + reach / shrink, lat + reach))
        ]
        a = (ends[edges, 0] - (lon, lat)) * (shrink, 1.0) * 111_195.0
        d = (ends[edges, 1] - (lon, lat)) * (shrink, 1.0) * 111_195.0 - a
        square = (d * d).sum(axis=1)
        share = np.clip(-(a * d).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        away = np.hypot(*(a + share[:, None] * d).T)
        ok = np.flatnonzero(away <= within_m)
        if not len(ok):
            result.append(None)
            continue
        best = ok[np.argmin(away[ok] + np.where(main[edges[ok]], 0.0, 1_500.0))]
        result.append(NearTrack(int(edges[best]), float(share[best]), float(away[best])))
    return result


def add_links(
    graph: TrackGraph, rows: Sequence[LinkRow], *, within_m: float = 5_000.0, report: list[str] | None = None
) -> TrackGraph:
    """Add the links that the map lacks.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    rows : sequence of LinkRow
        The links; those that no passenger can use are left out. Only a ``line`` may end away from other track.
    within_m : float
        How far from its ends a link may look for track, in metres.
    report : list of str, optional
        Receives a line for each link.

    Returns
    -------
    TrackGraph
        The network with edges of source ``link`` for each link whose ends were not yet joined by track of about
        its length.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    notes = report if report is not None else []
    gauges = list(graph.gauges)
    lines = list(graph.lines)
    for row in rows:
        if not row.usable:
            notes.append(f"left out ({row.status}): {row.name}")
            continue
        label = graph.components()
        extent = np.bincount(label[graph.tail], weights=graph.length_m)
        ends = nearest_tracks(
            graph, (row.points[0], row.points[-1]), within_m, extent[label[graph.tail]] > 200_000.0
        )
        found = [e for e in ends if e is not None]
        if len(found) < (1 if row.kind == "line" else 2):
            notes.append(f"no track near an end: {row.name}")
            continue
        if ends[0] is not None and ends[1] is not None:
            limit = 1.35 * row.length_m + ends[0].distance_m + ends[1].distance_m + 3_000.0
            if row.kind == "line":
                # Beside a new line there is often an old one, somewhat longer.
                limit = 1.1 * row.length_m
            matrix = coo_array(
                (graph.length_m, (graph.tail, graph.head)), shape=(graph.n_nodes, graph.n_nodes)
            ).tocsr()
            reach = dijkstra(matrix, directed=False, indices=int(graph.tail[ends[0].edge]), limit=limit)
            if np.isfinite(reach[graph.head[ends[1].edge]]):
                notes.append(f"there already: {row.name}")
                continue
        edge = np.array([e.edge for e in found])
        fraction = np.clip([e.fraction for e in found], 1e-6, 1 - 1e-6)
        graph, nodes = graph.split(edge, fraction)
        if len(found) < 2:
            # A line that the map lacks may end where there is no other track.
            lon, lat = row.points[0] if ends[0] is None else row.points[-1]
            graph = graph.with_nodes(np.array([lon]), np.array([lat]))
            nodes = np.insert(nodes, 0 if ends[0] is None else 1, graph.n_nodes - 1)
        if row.gauges_mm not in gauges:
            gauges.append(row.gauges_mm)
        if row.name not in lines:
            lines.append(row.name)
        graph, added = _chain(graph, nodes, row)
        n = added.n_edges
        added = replace(
            added,
            source=np.full(n, SOURCES.index("link"), np.uint8),
            mode=np.full(n, MODES.index("ferry" if row.kind == "train_ferry" else "rail"), np.uint8),
            speed_source=np.full(n, SPEED_SOURCES.index("register"), np.uint8),
            speed_kmh=np.full(n, max(1, round(row.speed_kmh)), np.uint16),
            gauge=np.full(n, gauges.index(row.gauges_mm), np.uint8),
            line=np.full(n, lines.index(row.name), np.uint16),
        )
        graph = replace(graph.with_edges(added), gauges=tuple(gauges), lines=tuple(lines))
        notes.append(f"added ({row.length_m / 1000:.1f} km): {row.name}")
    return graph


def _chain(graph: TrackGraph, ends: NDArray[np.int64], row: LinkRow) -> tuple[TrackGraph, TrackGraph]:
    """Nodes for the shape of a link added to a network, and its edges on their own, its length shared out."""
    between = np.array(row.points[1:-1]).reshape(-1, 2)
    nodes = np.concatenate([ends[:1], graph.n_nodes + np.arange(len(between)), ends[1:]])
    graph = graph.with_nodes(between[:, 0], between[:, 1])
    lon, lat = graph.lon[nodes], graph.lat[nodes]
    crow = np.maximum(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), 1.0)
    return graph, TrackGraph.bare(
        graph.lon, graph.lat, nodes[:-1], nodes[1:], row.length_m * crow / crow.sum()
    )

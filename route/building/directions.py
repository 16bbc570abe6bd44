"""Directions: tracks that trains run one way only, where no other track leads back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.building.survey import Surveyed

__all__ = ["with_directions"]

_BESIDE_M = 60.0
_PARALLEL_COS = 0.9
_M_PER_DEGREE = 111_195.0


def with_directions(lines: Surveyed, tracks: Surveyed) -> Surveyed:
    """Lines on which trains run one way where the map says so and no other track runs beside them.

    A track tagged ``oneway`` that stands for both tracks of a line is run both ways; one on its own, such as the
    curve of a flying junction, is not. ``railway:preferred_direction`` is a rule with exceptions and forbids nothing.

    Parameters
    ----------
    lines : Surveyed
        What is left of the tracks when parallel ones are made one.
    tracks : Surveyed
        All tracks.

    Returns
    -------
    Surveyed
        The lines, `oneway` filled.
    """
    strict = np.array([t.direction if t.oneway else 0 for t in lines.tags], np.int64)[lines.tag]
    edges = np.flatnonzero(strict)
    if not len(edges):
        return lines
    alone = ~_other_beside(lines, edges, strict[edges], tracks)
    oneway = lines.graph.oneway.copy()
    oneway[edges[alone]] = np.where(strict[edges[alone]] > 0, 1, 2)
    return replace(lines, graph=replace(lines.graph, oneway=oneway))


def _other_beside(
    lines: Surveyed, edges: NDArray[np.int64], sense: NDArray[np.int64], tracks: Surveyed
) -> NDArray[np.bool_]:
    """Whether a track that trains may run the other way lies beside each edge."""
    import shapely

    graph = tracks.graph
    way = np.array([t.direction if t.oneway else 0 for t in tracks.tags], np.int64)[tracks.tag]
    lat = np.radians(float(np.mean(graph.lat)))
    scale = np.array([np.cos(lat), 1.0]) * _M_PER_DEGREE
    node = np.column_stack([graph.lon, graph.lat]) * scale
    a, b = node[graph.tail], node[graph.head]
    tree = shapely.STRtree(shapely.linestrings(np.stack([a, b], axis=1)))
    own = np.column_stack([lines.graph.lon, lines.graph.lat]) * scale
    start, end = own[lines.graph.tail[edges]], own[lines.graph.head[edges]]
    found, near = tree.query(shapely.points((start + end) / 2), predicate="dwithin", distance=_BESIDE_M)
    along = (end - start) / np.maximum(np.linalg.norm(end - start, axis=1), 1e-6)[:, None]
    other = (b - a) / np.maximum(np.linalg.norm(b - a, axis=1), 1e-6)[:, None]
    cosine = (along[found] * other[near]).sum(axis=1)
    # The same way on the ground is the edge itself, or a track that leads the same way.
    back = np.sign(cosine) * way[near] != sense[found]
    result = np.zeros(len(edges), bool)
    result[found[(np.abs(cosine) > _PARALLEL_COS) & back]] = True
    return result

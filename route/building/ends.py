"""Ends of lines that touch other lines without sharing a point with them, in maps without topology."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.building.survey import Surveyed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TOUCH_M", "join_touching_ends"]

TOUCH_M = 1.0
"""An end this near to another line is on it: reprojection and rounding move points by less."""

_M_PER_DEGREE = 111_195.0


def join_touching_ends(surveyed: Surveyed, within_m: float = TOUCH_M) -> Surveyed:
    """Join the ends of lines to the lines that they touch.

    Parameters
    ----------
    surveyed : Surveyed
        Track.
    within_m : float
        How near an end has to be, in metres.

    Returns
    -------
    Surveyed
        The same track; lines that were touched have a node there.
    """
    import shapely

    graph = surveyed.graph
    loose = np.flatnonzero(graph.degree() == 1)
    if not len(loose) or graph.n_edges < 2:
        return surveyed
    lines = shapely.linestrings(
        np.stack(
            [
                np.column_stack([graph.lon[graph.tail], graph.lat[graph.tail]]),
                np.column_stack([graph.lon[graph.head], graph.lat[graph.head]]),
            ],
            axis=1,
        )
    )
    shrink = np.cos(np.radians(np.minimum(np.abs(graph.lat[loose]), 89.0)))
    reach = within_m / _M_PER_DEGREE
    lon, lat = graph.lon[loose], graph.lat[loose]
    boxes = shapely.box(lon - reach / shrink, lat - reach, lon + reach / shrink, lat + reach)
    end, edge = shapely.STRtree(lines).query(boxes, predicate="intersects")
    node = loose[end]
    foreign = (graph.tail[edge] != node) & (graph.head[edge] != node)
    end, edge, node = end[foreign], edge[foreign], node[foreign]
    fraction, away = _nearest(surveyed, node, edge)
    order = np.lexsort((edge, away, end))
    first = order[np.unique(end[order], return_index=True)[1]] if len(order) else order
    first = first[away[first] <= within_m]
    node, edge, fraction = node[first], edge[first], fraction[first]
    if not len(node):
        return surveyed
    metres = np.minimum(fraction, 1 - fraction) * graph.length_m[edge]
    inside = metres > within_m
    target = np.where(fraction < 0.5, graph.tail[edge], graph.head[edge]).astype(np.int64)
    # The codes of the tags ride along in a column that is empty yet.
    carrier = replace(graph, country=surveyed.tag)  # type: ignore[arg-type]
    split, new = carrier.split(edge[inside], fraction[inside])
    target[inside] = new
    moved = np.arange(split.n_nodes)
    # Two ends may touch each other: the higher number moves onto the lower.
    low, high = np.minimum(node, target), np.maximum(node, target)
    for a, b in sorted(zip(low.tolist(), high.tolist(), strict=True)):
        moved[moved == moved[b]] = moved[a]
    joined = replace(
        split,
        tail=moved[split.tail].astype(np.int32),
        head=moved[split.head].astype(np.int32),
        country=np.zeros(split.n_edges, np.uint8),
    )
    tag = split.country.astype(np.int64)
    return Surveyed(joined, tag, surveyed.tags).select(joined.tail != joined.head)


def _nearest(
    surveyed: Surveyed, node: NDArray[np.int64], edge: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where along each edge it is nearest to a node, and how far that is in metres."""
    graph = surveyed.graph
    shrink = np.cos(np.radians(graph.lat[node]))

    def plane(other: NDArray[np.int32]) -> NDArray[np.float64]:
        x = ((graph.lon[other] - graph.lon[node] + 180) % 360 - 180) * shrink
        return np.column_stack([x, graph.lat[other] - graph.lat[node]]) * _M_PER_DEGREE

    a = plane(graph.tail[edge])
    d = plane(graph.head[edge]) - a
    square = (d * d).sum(axis=1)
    fraction = np.clip(-(a * d).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return fraction, np.hypot(*(a + fraction[:, None] * d).T)

"""Small networks for tests, built the way real ones are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import distance_m
from route.network.contraction import contract
from route.network.tracks import TrackGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.network.model import RailNetwork


def tracks(
    nodes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], **columns: Sequence[int]
) -> TrackGraph:
    """Track graph of (lon, lat) nodes and edges as long as they are on the ellipsoid."""
    lon, lat = (np.array(c, float) for c in zip(*nodes, strict=True))
    tail, head = (np.array(c) for c in zip(*edges, strict=True))
    length = distance_m(lon[tail], lat[tail], lon[head], lat[head])
    graph = TrackGraph.bare(lon, lat, tail, head, length)
    return replace(graph, **{n: np.array(v, getattr(graph, n).dtype) for n, v in columns.items()})


def network(graph: TrackGraph, **changes: object) -> RailNetwork:
    """Network of a track graph, with tables of codes changed."""
    return contract(replace(graph, **changes), name="test", attribution=("nobody",))

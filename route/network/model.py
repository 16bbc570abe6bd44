"""The railway network as it is routed on: columns of nodes, edges and vertices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.places import Place

__all__ = ["RailNetwork"]


@dataclass(frozen=True, kw_only=True, eq=False)
class RailNetwork:
    """Railway network.

    Nodes are junctions, ends and borders of track. An edge is the track between two of them, with its
    geometry as vertices, ends included. Codes index `gauges`, `lines`, `countries` and the tables of
    `route.network.tracks`.

    Parameters
    ----------
    name : str
        What the network covers.
    attribution : tuple of str
        Sources that must be named wherever the network is shown.
    node_lon, node_lat : ndarray of shape (n_nodes,)
        Positions in degrees, WGS 84.
    tail, head : ndarray of shape (n_edges,)
        End nodes of each edge.
    vertex_start : ndarray of shape (n_edges + 1,)
        Where the vertices of each edge begin.
    vertex_lon, vertex_lat : ndarray of shape (n_vertices,)
        Positions in degrees, WGS 84.
    vertex_m : ndarray of shape (n_vertices,)
        Measure along the edge from its tail, in metres of track.
    source, mode, oneway, speed_source, speed_kmh, gauge, electrification, line, country : ndarray of shape (n_edges,)
        As in `route.network.tracks.TrackGraph`.
    gauges, electrifications, lines, countries : tuple
        As in `route.network.tracks.TrackGraph`.
    heading : ndarray of shape (2 * n_edges,)
        Headings of the edges at their tails (even) and heads (odd), see `route.network.turns.headings`.
    order : ndarray of shape (2 * n_edges,)
        Contraction order of the directed edges, see `route.network.turns.turn_graph`.
    stations : tuple of Place
        Stations that the source of the network names.
    """

    name: str
    attribution: tuple[str, ...]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    vertex_start: NDArray[np.int64]
    vertex_lon: NDArray[np.float64]
    vertex_lat: NDArray[np.float64]
    vertex_m: NDArray[np.float64]
    source: NDArray[np.uint8]
    mode: NDArray[np.uint8]
    oneway: NDArray[np.uint8]
    speed_source: NDArray[np.uint8]
    speed_kmh: NDArray[np.uint16]
    gauge: NDArray[np.uint8]
    electrification: NDArray[np.uint8]
    line: NDArray[np.uint16]
    country: NDArray[np.uint8]
    gauges: tuple[tuple[int, ...], ...]
    electrifications: tuple[str, ...]
    lines: tuple[str, ...]
    countries: tuple[str, ...]
    heading: NDArray[np.uint8]
    order: NDArray[np.int32]
    stations: tuple[Place, ...] = ()

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_lon)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.tail)

    @cached_property
    def length_m(self) -> NDArray[np.float64]:
        """Length of each edge, in metres."""
        return self.vertex_m[self.vertex_start[1:] - 1]

    @cached_property
    def bounds(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Bounding boxes of the edges as west, south, east, north; west may be below -180, east beyond 180."""
        start = self.vertex_start[:-1]
        lon = unwrapped(self.vertex_lon, self.vertex_start)
        return (
            np.minimum.reduceat(lon, start),
            np.minimum.reduceat(self.vertex_lat, start),
            np.maximum.reduceat(lon, start),
            np.maximum.reduceat(self.vertex_lat, start),
        )

    def component_of_nodes(self) -> NDArray[np.int64]:
        """Connected component of each node, by the lowest node number in it.

        Returns
        -------
        ndarray of shape (n_nodes,)
            Component labels.
        """
        label = np.arange(self.n_nodes)
        tail, head = self.tail, self.head
        while True:
            # Every round hangs components that an edge joins under the lower label and then shortens the chains.
            one, other = label[tail], label[head]
            apart = np.flatnonzero(one != other)
            if not len(apart):
                return label
            one, other, tail, head = one[apart], other[apart], tail[apart], head[apart]
            label[np.maximum(one, other)] = np.minimum(one, other)
            while not np.array_equal(label, label[label]):
                label = label[label]

    def edge_coordinates(self, edge: int) -> NDArray[np.float64]:
        """Vertices of an edge from its tail to its head.

        Parameters
        ----------
        edge : int
            Index of the edge.

        Returns
        -------
        ndarray of shape (n, 2)
            (lon, lat) in degrees, WGS 84.
        """
        part = slice(self.vertex_start[edge], self.vertex_start[edge + 1])
        return np.column_stack([self.vertex_lon[part], self.vertex_lat[part]])


def unwrapped(lon: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.float64]:
    """Longitudes that go on beyond 180 degrees where an edge crosses the antimeridian.

    Parameters
    ----------
    lon : ndarray of shape (n_vertices,)
        Longitudes in degrees.
    start : ndarray of shape (n_edges + 1,)
        Where the vertices of each edge begin.

    Returns
    -------
    ndarray of shape (n_vertices,)
        The longitudes, without jumps along an edge.
    """
    if not len(lon):
        return lon
    step = np.diff(lon, prepend=lon[0])
    turns = np.where(step > 180, -360.0, np.where(step < -180, 360.0, 0.0))
    turns[start[:-1]] = 0.0
    if not turns.any():
        return lon
    total = np.cumsum(turns)
    base = np.repeat(total[start[:-1]], np.diff(start))
    result: NDArray[np.float64] = lon + total - base
    return result

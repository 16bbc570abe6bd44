"""Track graph: what a network is built from, one straight piece of track per edge."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["JOINS", "MODES", "SOURCES", "SPEED_SOURCES", "TrackGraph"]

JOINS = ("join", "tear", "merge", "gap", "tunnel", "fragment", "missing", "register")
"""Kinds of gaps closed, by their evidence: see `route.building.healing`, and ``register`` for the register of lines."""

SOURCES = ("osm", "join", "link", "manual", *JOINS[1:])
"""Origins of track: the map itself, a gap closed, a row of the list of links, a drawing by hand."""

MODES = ("rail", "ferry", "road")
"""Ways of carrying the traveller."""

SPEED_SOURCES = ("default", "register", "osm")
"""Origins of a line speed: country and kind of line, a row of the register of lines, a tag of the map."""


@dataclass(frozen=True, kw_only=True)
class TrackGraph:
    """Undirected graph of railway track, as columns.

    Nodes are points; edges are straight between their nodes but have lengths of their own, because the
    geometry of a source may be coarser than its lengths. Codes index the tables `gauges`, `lines`,
    `countries`, and `SOURCES`, `MODES`, `SPEED_SOURCES`.

    Parameters
    ----------
    lon, lat : ndarray of shape (n_nodes,)
        Positions in degrees, WGS 84.
    tail, head : ndarray of shape (n_edges,)
        Indices of the end nodes.
    length_m : ndarray of shape (n_edges,)
        Lengths along the track, in metres.
    source, mode, speed_source : ndarray of shape (n_edges,)
        Codes of `SOURCES`, `MODES`, `SPEED_SOURCES`.
    oneway : ndarray of shape (n_edges,)
        0 where trains run both ways, 1 where only from tail to head, 2 where only from head to tail.
    speed_kmh : ndarray of shape (n_edges,)
        Line speed in kilometres per hour, 0 where unknown.
    gauge : ndarray of shape (n_edges,)
        Codes of `gauges`.
    electrification : ndarray of shape (n_edges,)
        Codes of `electrifications`.
    line : ndarray of shape (n_edges,)
        Codes of `lines`.
    country : ndarray of shape (n_edges,)
        Codes of `countries`.
    gauges : tuple of tuple of int
        Sets of track gauges in millimetres; entry 0 is the empty set, "unknown".
    electrifications : tuple of str
        Systems such as ``25kV AC``, ``no`` for none; entry 0 is empty, "unknown".
    lines : tuple of str
        Names of lines; entry 0 is empty, "no line of the register".
    countries : tuple of str
        ISO 3166-1 alpha-2 codes; entry 0 is empty, "unknown".
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    source: NDArray[np.uint8]
    mode: NDArray[np.uint8]
    speed_source: NDArray[np.uint8]
    oneway: NDArray[np.uint8]
    speed_kmh: NDArray[np.uint16]
    gauge: NDArray[np.uint8]
    electrification: NDArray[np.uint8]
    line: NDArray[np.uint16]
    country: NDArray[np.uint8]
    gauges: tuple[tuple[int, ...], ...] = ((),)
    electrifications: tuple[str, ...] = ("",)
    lines: tuple[str, ...] = ("",)
    countries: tuple[str, ...] = ("",)

    @classmethod
    def bare(
        cls,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        tail: NDArray[np.integer],
        head: NDArray[np.integer],
        length_m: NDArray[np.float64],
    ) -> TrackGraph:
        """Graph of which nothing but the shape is known.

        Parameters
        ----------
        lon, lat : ndarray of shape (n_nodes,)
            Positions in degrees, WGS 84.
        tail, head : ndarray of shape (n_edges,)
            Indices of the end nodes.
        length_m : ndarray of shape (n_edges,)
            Lengths in metres.

        Returns
        -------
        TrackGraph
            The graph, every code 0.
        """
        count = len(tail)
        return cls(
            lon=np.asarray(lon, np.float64),
            lat=np.asarray(lat, np.float64),
            tail=np.asarray(tail, np.int32),
            head=np.asarray(head, np.int32),
            length_m=np.asarray(length_m, np.float64),
            source=np.zeros(count, np.uint8),
            mode=np.zeros(count, np.uint8),
            oneway=np.zeros(count, np.uint8),
            speed_source=np.zeros(count, np.uint8),
            speed_kmh=np.zeros(count, np.uint16),
            gauge=np.zeros(count, np.uint8),
            electrification=np.zeros(count, np.uint8),
            line=np.zeros(count, np.uint16),
            country=np.zeros(count, np.uint8),
        )

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.lon)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.tail)

    def degree(self) -> NDArray[np.int64]:
        """Number of edge ends at each node.

        Returns
        -------
        ndarray of shape (n_nodes,)
            The degrees.
        """
        return np.bincount(np.concatenate([self.tail, self.head]), minlength=self.n_nodes)

    def components(self) -> NDArray[np.int32]:
        """Connected component of each node.

        Returns
        -------
        ndarray of shape (n_nodes,)
            Numbers of components, from 0.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ones = np.ones(self.n_edges, np.int8)
        graph = coo_array((ones, (self.tail, self.head)), shape=(self.n_nodes, self.n_nodes))
        labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        return labels

    def select(self, edges: NDArray[np.integer] | NDArray[np.bool_]) -> TrackGraph:
        """Graph with some of the edges, in the order given, and all nodes.

        Parameters
        ----------
        edges : ndarray
            Indices or a mask of edges.

        Returns
        -------
        TrackGraph
            The smaller graph.
        """
        columns: dict[str, Any] = {name: getattr(self, name)[edges] for name in _EDGE_COLUMNS}
        return replace(self, **columns)

    def with_nodes(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> TrackGraph:
        """Graph with further nodes, appended.

        Parameters
        ----------
        lon, lat : ndarray of shape (n_new,)
            Positions in degrees, WGS 84.

        Returns
        -------
        TrackGraph
            The larger graph; the new nodes have no edges yet.
        """
        return replace(self, lon=np.concatenate([self.lon, lon]), lat=np.concatenate([self.lat, lat]))

    def with_edges(self, other: TrackGraph) -> TrackGraph:
        """Graph with the edges of another graph on the same nodes, appended.

        Parameters
        ----------
        other : TrackGraph
            Edges to add; its node indices and codes mean those of this graph.

        Returns
        -------
        TrackGraph
            The larger graph.
        """
        columns: dict[str, Any] = {
            n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in _EDGE_COLUMNS
        }
        return replace(self, **columns)

    def split(
        self, edge: NDArray[np.integer], fraction: NDArray[np.float64]
    ) -> tuple[TrackGraph, NDArray[np.int64]]:
        """Graph with new nodes on the way along some edges.

        Parameters
        ----------
        edge : ndarray of shape (n,)
            Edges to split; one may occur several times.
        fraction : ndarray of shape (n,)
            Where, as a share of the edge from its tail, between 0 and 1 exclusive.

        Returns
        -------
        TrackGraph
            The graph, in which the pieces replace the edge and share out its length.
        ndarray of shape (n,)
            Indices of the new nodes, in the order of `edge`.
        """
        edge = np.asarray(edge, np.int64)
        fraction = np.asarray(fraction, np.float64)
        if len(edge) == 0:
            return self, np.zeros(0, np.int64)
        tail, head = self.tail[edge], self.head[edge]
        span = (self.lon[head] - self.lon[tail] + 180.0) % 360.0 - 180.0
        lon = (self.lon[tail] + fraction * span + 180.0) % 360.0 - 180.0
        lat = self.lat[tail] + fraction * (self.lat[head] - self.lat[tail])
        nodes = self.n_nodes + np.arange(len(edge))
        order = np.lexsort((fraction, edge))
        e, f, new = edge[order], fraction[order], nodes[order]
        first = np.concatenate([[True], e[1:] != e[:-1]])
        last = np.concatenate([e[1:] != e[:-1], [True]])
        begin = np.where(first, 0.0, np.concatenate([[0.0], f[:-1]]))
        start = np.where(first, self.tail[e], np.concatenate([[0], new[:-1]]))
        piece_edge = np.concatenate([e, e[last]])
        piece_tail = np.concatenate([start, new[last]])
        piece_head = np.concatenate([new, self.head[e[last]]])
        piece_share = np.concatenate([f - begin, 1.0 - f[last]])
        pieces = self.select(piece_edge)
        pieces = replace(
            pieces,
            tail=piece_tail.astype(np.int32),
            head=piece_head.astype(np.int32),
            length_m=pieces.length_m * piece_share,
        )
        keep = np.ones(self.n_edges, bool)
        keep[e] = False
        return self.with_nodes(lon, lat).select(keep).with_edges(pieces), nodes


_EDGE_COLUMNS = (
    "tail",
    "head",
    "length_m",
    "source",
    "mode",
    "oneway",
    "speed_source",
    "speed_kmh",
    "gauge",
    "electrification",
    "line",
    "country",
)
assert set(_EDGE_COLUMNS) < {field.name for field in fields(TrackGraph)}  # noqa: S101 - a slip here loses columns

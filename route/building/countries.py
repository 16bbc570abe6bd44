"""Countries of track: every edge in one country, edges split where they cross a border."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import distance_m
from route.registers import crossing_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    import shapely
    from numpy.typing import NDArray

    from route.network.tracks import TrackGraph

__all__ = ["Boundaries", "Land", "assign_countries"]

_BISECTIONS = 12

_BRIDGE_M = 6_000.0
"""Water up to this width may be bridged without a row in the list of links."""
_MANY = 2_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Boundaries:
    """Outlines of countries.

    Parameters
    ----------
    codes : tuple of str
        ISO 3166-1 alpha-2 code of each outline; a country may have several outlines.
    outlines : sequence of shapely.Geometry
        Polygons in degrees, WGS 84.
    """

    codes: tuple[str, ...]
    outlines: Sequence[object]

    def locate(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, coast_degrees: float = 2.0
    ) -> NDArray[np.object_]:
        """Country of each point; off the coast, the nearest one.

        Parameters
        ----------
        lon, lat : ndarray of shape (n,)
            Positions in degrees, WGS 84.
        coast_degrees : float
            How far off the coast a point still belongs to a country.

        Returns
        -------
        ndarray of shape (n,)
            ISO 3166-1 alpha-2 codes, empty further than that from any country.
        """
        import shapely

        tree = _tree(self)
        points = shapely.points(lon, lat)
        codes = np.array(self.codes, dtype=object)
        found = np.full(len(lon), "", dtype=object)
        if len(points) > _MANY:
            # An outline is prepared once for all points in its box; for few points that is not worth it.
            outline, point = shapely.STRtree(points).query(list(self.outlines), predicate="intersects")
        else:
            point, outline = tree.query(points, predicate="intersects")
        # A point on a border that two outlines share goes to the first of them, so that the result is fixed.
        order = np.lexsort((outline, point))[::-1]
        found[point[order]] = codes[outline[order]]
        missing = np.flatnonzero(found == "")
        if len(missing) and coast_degrees > 0:
            point, outline = tree.query_nearest(
                points[missing], max_distance=coast_degrees, all_matches=False
            )
            found[missing[point]] = codes[outline]
        return found


@lru_cache(maxsize=2)
def _tree(boundaries: Boundaries) -> shapely.STRtree:
    import shapely

    return shapely.STRtree(list(boundaries.outlines))


@dataclass(frozen=True, slots=True)
class Land:
    """Land and borders as healing asks for them.

    Parameters
    ----------
    boundaries : Boundaries
        Outlines of the countries.
    """

    boundaries: Boundaries

    def passable(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> bool:
        """Whether a railway may run along some points, see `route.building.healing.Terrain`.

        Parameters
        ----------
        lon, lat : ndarray of shape (n,)
            Points in degrees, WGS 84.

        Returns
        -------
        bool
            False if more than a third of the points are off the coast and they are too far apart for a bridge, or
            if two countries meet without an open crossing within 15 km.
        """
        codes = self.boundaries.locate(lon, lat, coast_degrees=0.0)
        ends = [c for c in codes.tolist() if c]
        span_m = float(distance_m(lon[0], lat[0], lon[-1], lat[-1]))
        if span_m > _BRIDGE_M and len(ends) < 2 * len(codes) / 3:
            return False
        for a, b in itertools.pairwise(ends):
            if a != b:
                middle = len(lon) // 2
                row = crossing_near(a, b, float(lon[middle]), float(lat[middle]), 15.0)
                if row is None or row.status == "closed":
                    return False
        return True


def assign_countries(graph: TrackGraph, boundaries: Boundaries, *, enclave_m: float = 8_000.0) -> TrackGraph:
    """Give every edge its country and split the edges that cross a border.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    boundaries : Boundaries
        Outlines of the countries.
    enclave_m : float
        Stretches of track shorter than this, surrounded by track of one other country, are taken for an
        error of the outline: lines along a border river weave in and out of a coarse outline.

    Returns
    -------
    TrackGraph
        The network with `country` filled.
    """
    located = boundaries.locate(graph.lon, graph.lat)
    names = ("", *sorted({str(c) for c in located if c}))
    code = {name: i for i, name in enumerate(names)}
    node = np.array([code[c] for c in located], np.int64)
    node = _without_enclaves(graph, node, enclave_m)
    crossing = np.flatnonzero(node[graph.tail] != node[graph.head])
    fraction = _border_fractions(graph, boundaries, crossing, node, code)
    # Splitting next to a node would leave a piece without length; there the node itself is the border.
    inside = (fraction > 0.02) & (fraction < 0.98)
    split, new = graph.split(crossing[inside], fraction[inside])
    node = np.concatenate([node, np.full(len(new), -1)])
    tail, head = node[split.tail], node[split.head]
    # A new node lies on the border and takes either side; an edge too short to split goes with its tail.
    country = np.where(tail < 0, head, tail)
    return replace(split, country=country.astype(np.uint8), countries=names)


def _without_enclaves(graph: TrackGraph, node: NDArray[np.int64], enclave_m: float) -> NDArray[np.int64]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    for _ in range(3):
        same = node[graph.tail] == node[graph.head]
        links = coo_array(
            (np.ones(int(same.sum()), np.int8), (graph.tail[same], graph.head[same])),
            shape=(graph.n_nodes, graph.n_nodes),
        )
        count, part = connected_components(links, directed=False)
        size = np.bincount(part[graph.tail[same]], weights=graph.length_m[same], minlength=count)
        ends = np.concatenate([graph.tail[~same], graph.head[~same]])
        across = np.concatenate([graph.head[~same], graph.tail[~same]])
        first = np.full(count, -1)
        several = np.zeros(count, bool)
        contacts = np.zeros(count, np.int64)
        for own, other in zip(part[ends].tolist(), node[across].tolist(), strict=True):
            several[own] |= first[own] not in (-1, other)
            first[own] = other
            contacts[own] += 1
        # One contact only is a branch that ends just beyond the border, which is real.
        flip = (size < enclave_m) & ~several & (first >= 0) & (contacts > 1)
        if not flip.any():
            break
        node = np.where(flip[part], first[part], node)
    return node


def _border_fractions(
    graph: TrackGraph,
    boundaries: Boundaries,
    edges: NDArray[np.int64],
    node: NDArray[np.int64],
    code: dict[str, int],
) -> NDArray[np.float64]:
    """Where each edge leaves the country of its tail, found by bisection."""
    low, high = np.zeros(len(edges)), np.ones(len(edges))
    tail, head = graph.tail[edges], graph.head[edges]
    span = (graph.lon[head] - graph.lon[tail] + 180) % 360 - 180
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        lon = (graph.lon[tail] + middle * span + 180) % 360 - 180
        lat = graph.lat[tail] + middle * (graph.lat[head] - graph.lat[tail])
        here = np.array([code.get(str(c), 0) for c in boundaries.locate(lon, lat)])
        inside = here == node[tail]
        low = np.where(inside, middle, low)
        high = np.where(inside, high, middle)
    return (low + high) / 2

"""Snapping: places to points of the track near them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.model import RailNetwork

__all__ = ["Access", "Snap", "nearest_m", "nearest_points", "snap"]

_M_PER_DEGREE = 111_195.0
_SEARCH_M = (5_000.0, 30_000.0, 150_000.0, 600_000.0)


@dataclass(frozen=True, slots=True)
class Snap:
    """Point of the track near a place.

    Parameters
    ----------
    edge : int
        Edge of the network.
    measure_m : float
        Measure along the edge from its tail, in metres.
    distance_m : float
        Distance from the place, in metres, as the crow flies.
    access_s : float
        What it costs to start or end here rather than at the place itself, in seconds; it decides between
        several points and is not part of any running time.
    """

    edge: int
    measure_m: float
    distance_m: float
    access_s: float


@dataclass(frozen=True, slots=True)
class Access:
    """What it costs to use track away from a place.

    Parameters
    ----------
    s_per_m : float
        Seconds for each metre of distance. The default makes a kilometre worth ten minutes: a station is where
        it is.
    unnamed_s : float
        Seconds added for track of no named line, where a place is a whole town: its long-distance station is on
        a main line.
    """

    s_per_m: float = 0.6
    unnamed_s: float = 0.0

    def cost_s(self, distance_m: float, *, named: bool) -> float:
        """Cost of a point.

        Parameters
        ----------
        distance_m : float
            Distance of the point from the place, in metres.
        named : bool
            Whether its track belongs to a line of the register.

        Returns
        -------
        float
            In seconds.
        """
        return distance_m * self.s_per_m + (0.0 if named else self.unnamed_s)


def snap(
    network: RailNetwork,
    lon: float,
    lat: float,
    *,
    within_m: float,
    spread_m: float = 4_000.0,
    most: int = 24,
    access: Access = Access(),
) -> tuple[Snap, ...]:
    """Points of the track near a place: the nearest of each edge, nearest first.

    A city's nearest track is often a siding, a tramway or a torn-off piece, so that there have to be several.

    Parameters
    ----------
    network : RailNetwork
        The network.
    lon, lat : float
        The place, in degrees, WGS 84.
    within_m : float
        How far the track may be, in metres.
    spread_m : float
        How much further than the nearest the others may be, in metres.
    most : int
        Number of points at the most; the nearest point of each named line comes on top.
    access : Access
        What it costs to use track away from the place.

    Returns
    -------
    tuple of Snap
        Empty if there is no track within the distance.
    """
    for reach in (*(r for r in _SEARCH_M if r < within_m), within_m):
        found = _edges_near(network, lon, lat, reach)
        # Track just inside the reach may have rivals just outside it.
        if found and (reach == within_m or found[0].distance_m + spread_m <= reach):
            limit = found[0].distance_m + spread_m
            near = [s for s in found if s.distance_m <= limit]
            first_of_line = {int(network.line[s.edge]): s for s in reversed(near) if network.line[s.edge]}
            chosen = {s.edge: s for s in (*near[:most], *first_of_line.values())}.values()
            return tuple(
                replace(s, access_s=access.cost_s(s.distance_m, named=bool(network.line[s.edge])))
                for s in chosen
            )
    return ()


def nearest_m(network: RailNetwork, lon: float, lat: float) -> float:
    """Distance to the nearest track of the network.

    Parameters
    ----------
    network : RailNetwork
        The network.
    lon, lat : float
        A place, in degrees, WGS 84.

    Returns
    -------
    float
        In metres; infinite beyond 2,500 km.
    """
    found = snap(network, lon, lat, within_m=2_500_000.0, most=1)
    return found[0].distance_m if found else float("inf")


def _edges_near(network: RailNetwork, lon: float, lat: float, reach_m: float) -> list[Snap]:
    degrees = reach_m / _M_PER_DEGREE
    shrink = max(np.cos(np.radians(min(abs(lat) + degrees, 89.9))), 1e-6)
    west, south, east, north = network.bounds
    near = (south <= lat + degrees) & (north >= lat - degrees)
    hits = np.flatnonzero(near)
    # The box of an edge that crosses the antimeridian reaches beyond 180 degrees: try the place on both sides.
    inside = np.zeros(len(hits), bool)
    for turn in (-360.0, 0.0, 360.0):
        wide = degrees / shrink
        inside |= (west[hits] <= lon + turn + wide) & (east[hits] >= lon + turn - wide)
    edges = hits[inside]
    if not len(edges):
        return []
    measure, distance = nearest_points(network, edges, lon, lat)
    best = np.flatnonzero(distance <= reach_m)
    best = best[np.argsort(distance[best], kind="stable")]
    return [Snap(int(edges[i]), float(measure[i]), float(distance[i]), 0.0) for i in best.tolist()]


def nearest_points(
    network: RailNetwork,
    edges: NDArray[np.int64],
    lon: float | NDArray[np.float64],
    lat: float | NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of some edges that are nearest to a place, or each to a place of its own.

    Parameters
    ----------
    network : RailNetwork
        The network.
    edges : ndarray of shape (n,)
        Edges of it, at least one.
    lon, lat : float or ndarray of shape (n,)
        The place, or the place of each edge, in degrees, WGS 84.

    Returns
    -------
    measure_m : ndarray of shape (n,)
        Measure of the point along its edge, in metres.
    distance_m : ndarray of shape (n,)
        Its distance from the place, in metres, in the plane that touches the globe there.
    """
    count = np.diff(network.vertex_start)[edges]
    begin = np.cumsum(count) - count
    index = np.arange(count.sum()) - np.repeat(begin - network.vertex_start[edges], count)
    # A local plane is exact enough over the reach that decides between candidates.
    x_scale = np.cos(np.radians(lat)) * _M_PER_DEGREE
    if isinstance(lon, np.ndarray):
        lon, lat, x_scale = (np.repeat(column, count) for column in (lon, lat, x_scale))
    east = network.vertex_lon[index] - lon
    across = np.abs(east) > 180
    if across.any():
        # Only these, so that no place has a say in what is found for another.
        east[across] = (east[across] + 180) % 360 - 180
    x = east * x_scale
    y = (network.vertex_lat[index] - lat) * _M_PER_DEGREE
    m = network.vertex_m[index]
    # From each vertex to the next; from the last of an edge there is nowhere to go.
    dx, dy = np.diff(x), np.diff(y)
    square = dx * dx + dy * dy
    share = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    distance = np.full(len(index), np.inf)
    np.hypot(x[:-1] + share * dx, y[:-1] + share * dy, out=distance[:-1])
    distance[begin + count - 1] = np.inf
    # Of pieces equally near the first is taken.
    nearest = np.minimum.reduceat(distance, begin)
    hits = np.flatnonzero(distance == np.repeat(nearest, count))
    best = hits[np.searchsorted(hits, begin)]
    return m[best] + share[best] * (m[best + 1] - m[best]), nearest

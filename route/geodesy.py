"""Lengths, measures and positions on the WGS 84 ellipsoid.

Everything is computed with `pyproj.Geod` (Karney 2013, errors in the nanometres). Coordinates are ``(lon,
lat)`` in degrees. Interpolation is by geodesic measure: by degrees, a midpoint is easily 100 km off on a line
of 1,000 km.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import Geod

__all__ = [
    "bearing",
    "distance_m",
    "length_m",
    "measures_m",
    "points_between",
    "position_at",
    "split_antimeridian",
    "unwrap",
]


@cache
def _geod() -> Geod:
    from pyproj import Geod  # here: 60 ms that a command without geometry need not spend

    return Geod(ellps="WGS84")


@overload
def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float: ...
@overload
def distance_m(
    lon1: NDArray[np.float64], lat1: NDArray[np.float64], lon2: NDArray[np.float64], lat2: NDArray[np.float64]
) -> NDArray[np.float64]: ...
def distance_m(
    lon1: float | NDArray[np.float64],
    lat1: float | NDArray[np.float64],
    lon2: float | NDArray[np.float64],
    lat2: float | NDArray[np.float64],
) -> float | NDArray[np.float64]:
    """Length of the shortest line between two points, or between many pairs.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : float or ndarray
        The points, degrees, WGS 84; arrays have one shape.

    Returns
    -------
    float or ndarray
        Metres on the ellipsoid; an array if arrays were given.
    """
    _, _, metres = _geod().inv(lon1, lat1, lon2, lat2)
    return np.asarray(metres, dtype=np.float64) if isinstance(lon1, np.ndarray) else float(metres)


def bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Direction in which the shortest line leaves the first point.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : float
        The points, degrees, WGS 84.

    Returns
    -------
    float
        Degrees clockwise from north, 0 to 360 (360 excluded).
    """
    azimuth, _, _ = _geod().inv(lon1, lat1, lon2, lat2)
    return float(azimuth) % 360.0


def _steps_m(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(coordinates) < 2:
        return np.zeros(0)
    lon, lat = np.ascontiguousarray(coordinates[:, 0]), np.ascontiguousarray(coordinates[:, 1])
    return distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:])


def length_m(coordinates: NDArray[np.float64]) -> float:
    """Length of a line.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84.

    Returns
    -------
    float
        Sum of the geodesics between neighbouring vertices, in metres; 0 for fewer than two.
    """
    return float(_steps_m(coordinates).sum())


def measures_m(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from the start of a line at each vertex.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84.

    Returns
    -------
    ndarray of shape (n,)
        Metres along the geodesics between the vertices; starts with 0 and never decreases.
    """
    measures = np.zeros(len(coordinates))
    np.cumsum(_steps_m(coordinates), out=measures[1:])
    return measures


@overload
def position_at(
    coordinates: NDArray[np.float64], measures: NDArray[np.float64], measure: float
) -> tuple[float, float]: ...
@overload
def position_at(
    coordinates: NDArray[np.float64], measures: NDArray[np.float64], measure: NDArray[np.float64]
) -> NDArray[np.float64]: ...
def position_at(
    coordinates: NDArray[np.float64],
    measures: NDArray[np.float64],
    measure: float | NDArray[np.float64],
) -> tuple[float, float] | NDArray[np.float64]:
    """Point of a line at a measure (linear referencing).

    Between two vertices the point divides the geodesic as the measure divides theirs, so that the measures
    may be those of the track, which is longer than its drawing.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84; at least one vertex.
    measures : ndarray of shape (n,)
        Measure of each vertex, never decreasing.
    measure : float or ndarray of shape (m,)
        Where; what lies outside is moved to the nearer end.

    Returns
    -------
    tuple of float, or ndarray of shape (m, 2)
        (lon, lat) in degrees, longitude -180 to 180.
    """
    wanted = np.clip(np.atleast_1d(np.asarray(measure, dtype=np.float64)), measures[0], measures[-1])
    if len(coordinates) == 1:
        result = np.repeat(coordinates, len(wanted), axis=0)
    else:
        before = np.clip(np.searchsorted(measures, wanted, side="right") - 1, 0, len(measures) - 2)
        span = measures[before + 1] - measures[before]
        share = np.divide(wanted - measures[before], span, out=np.zeros_like(wanted), where=span > 0)
        start, end = coordinates[before], coordinates[before + 1]
        result = np.column_stack(points_between((start[:, 0], start[:, 1]), (end[:, 0], end[:, 1]), share))
        # A vertex is returned as it stands, not as the geodesic rounds it.
        result = np.where((share <= 0)[:, None], start, np.where((share >= 1)[:, None], end, result))
    return result if isinstance(measure, np.ndarray) else (float(result[0, 0]), float(result[0, 1]))


def unwrap(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Line without a jump at the antimeridian.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2)
        (lon, lat) in degrees.

    Returns
    -------
    ndarray of shape (n, 2)
        The same points with longitudes that differ by at most 180 degrees from vertex to vertex; they may
        leave -180 to 180, as a map that is drawn across the antimeridian needs.
    """
    result = np.array(coordinates, dtype=np.float64)
    if len(result) > 1:
        steps = np.diff(result[:, 0])
        turns = np.round(steps / 360.0)
        result[1:, 0] -= 360.0 * np.cumsum(turns)
    return result


def points_between(
    start: tuple[NDArray[np.float64], NDArray[np.float64]],
    end: tuple[NDArray[np.float64], NDArray[np.float64]],
    share: NDArray[np.float64],
    which: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points that divide geodesics.

    Parameters
    ----------
    start, end : tuple of ndarray of shape (n,)
        (lon, lat) of the ends, in degrees, WGS 84.
    share : ndarray of shape (m,)
        Where between them, from 0 to 1.
    which : ndarray of shape (m,), optional
        On which of them each point is; one on each by default.

    Returns
    -------
    lon, lat : ndarray of shape (m,)
        Degrees, longitude -180 to 180.
    """
    geod = _geod()
    lines = (*start, *geod.inv(*start, *end)[::2])
    lon, lat, azimuth, step = lines if which is None else (column[which] for column in lines)
    lon, lat, _ = geod.fwd(lon, lat, azimuth, share * step)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def split_antimeridian(coordinates: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Pieces of a line that do not cross the antimeridian.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2) or (n, k)
        (lon, lat) in degrees, longitude -180 to 180; further columns, such as a measure or seconds, are
        carried along.

    Returns
    -------
    list of ndarray
        Pieces in order, cut at longitude 180; latitude and further columns of a cut are interpolated by
        longitude, which on the step between two vertices of a railway is exact to a few metres. One piece if
        nothing is crossed; no vertex is lost.
    """
    line = unwrap(coordinates)
    if len(line) < 2:
        return [line]
    start, end = line[:-1, 0], line[1:, 0]
    edge = 360.0 * np.floor((np.maximum(start, end) + 180.0) / 360.0) - 180.0
    at = np.flatnonzero((np.minimum(start, end) < edge) & (edge < np.maximum(start, end)))
    share = (edge[at] - start[at]) / (end[at] - start[at])
    cuts = line[at] + share[:, None] * (line[at + 1] - line[at])
    cuts[:, 0] = edge[at]
    line = np.insert(line, at + 1, cuts, axis=0)

    low = np.minimum(line[:-1, 0], line[1:, 0])
    world = np.floor((low + 180.0) / 360.0)
    # A step along the antimeridian itself lies on both sides: it stays with the step before it.
    beside = (line[:-1, 0] == line[1:, 0]) & (low == 360.0 * world - 180.0)
    sure = np.flatnonzero(~beside)
    if len(sure):
        world = world[sure[np.maximum(np.searchsorted(sure, np.arange(len(world)), side="right") - 1, 0)]]
    bounds = [0, *(np.flatnonzero(np.diff(world)) + 1).tolist(), len(world)]
    pieces = []
    for first, last in pairwise(bounds):
        piece = line[first : last + 1].copy()
        piece[:, 0] = np.clip(piece[:, 0] - 360.0 * world[first], -180.0, 180.0)
        pieces.append(piece)
    return pieces

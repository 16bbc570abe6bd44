"""Lines of an itinerary as the formats want them: cut at the antimeridian, with times, in a bounding box."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.exports.values import degrees
from route.geodesy import position_at, split_antimeridian, unwrap
from route.tables import position_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.itinerary import Itinerary, Leg

__all__ = ["Fix", "bounding_box", "line_parts", "timed_parts"]


class Fix(NamedTuple):
    """A point of the way and the time there.

    Parameters
    ----------
    lon, lat : float
        Position in degrees, WGS 84, six decimals.
    time : datetime
        UTC, at the median running time, to the second.
    """

    lon: float
    lat: float
    time: datetime


def line_parts(leg: Leg) -> list[list[tuple[float, float]]]:
    """Line of a leg, cut at the antimeridian.

    Parameters
    ----------
    leg : Leg
        The leg.

    Returns
    -------
    list of list of tuple of float
        Parts in order, each of two or more (lon, lat) in degrees, WGS 84.
    """
    parts = [
        [(degrees(lon), degrees(lat)) for lon, lat in part] for part in split_antimeridian(leg.coordinates)
    ]
    return [part if len(part) > 1 else part * 2 for part in parts]


def timed_parts(itinerary: Itinerary) -> list[list[list[Fix]]]:
    """Lines of the legs with the time at each point, cut at the antimeridian.

    The time follows the time-distance curve by measure. Its breakpoints are points of the line too, so that a
    halt is two points at one place, and a reader that interpolates between points finds the curve again.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    list of list of list of Fix
        For each leg its parts in order, each of two or more points; empty without a departure.
    """
    if itinerary.departure is None:
        return []
    start = itinerary.departure.astimezone(UTC)
    rows = position_rows(itinerary)
    legs = []
    for leg, stop in zip(itinerary.legs, itinerary.stop_times, strict=False):
        curve = np.array(
            [
                (row["measure_m"] - stop.measure_m, row["elapsed_s"])
                for row in rows
                if row["leg"] == leg.sequence
            ]
        )
        parts = [
            [Fix(degrees(lon), degrees(lat), start + timedelta(seconds=round(s))) for lon, lat, s in part]
            for part in split_antimeridian(_timed(leg, curve))
        ]
        legs.append([part if len(part) > 1 else part * 2 for part in parts])
    return legs


def _timed(leg: Leg, curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vertices and breakpoints of a leg as (lon, lat, elapsed_s), in order."""
    between = leg.measures_m[~np.isin(leg.measures_m, curve[:, 0])]
    elapsed = np.interp(between, curve[:, 0], curve[:, 1])
    points = np.concatenate([curve, np.column_stack([between, elapsed])])
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    lonlat = position_at(leg.coordinates, leg.measures_m, np.ascontiguousarray(points[:, 0]))
    return np.column_stack([lonlat, points[:, 1]])


def bounding_box(itinerary: Itinerary) -> list[float]:
    """Box around the lines and places of a journey (RFC 7946, section 5).

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    list of float
        West, south, east, north in degrees; west is greater than east where the box spans the antimeridian.
    """
    # The places lie beside the line: they are taken along where the line passes them, on its side of the
    # antimeridian.
    pieces = [
        np.array(
            [(leg.origin.lon, leg.origin.lat), *leg.coordinates, (leg.destination.lon, leg.destination.lat)]
        )
        for leg in itinerary.legs
    ]
    line = unwrap(np.concatenate(pieces))
    west, east = float(line[:, 0].min()), float(line[:, 0].max())
    south, north = float(line[:, 1].min()), float(line[:, 1].max())
    if east - west >= 360.0:
        west, east = -180.0, 180.0
    elif west < -180.0 or east > 180.0:
        west, east = ((lon + 180.0) % 360.0 - 180.0 for lon in (west, east))
    return [degrees(value) for value in (west, south, east, north)]

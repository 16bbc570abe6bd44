"""An itinerary as GeoDataFrames of stops, legs and positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from route.geodesy import split_antimeridian
from route.tables.rows import leg_rows, position_rows, stop_rows

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from shapely import LineString, MultiLineString, Point

    from route.itinerary import Itinerary

__all__ = ["legs", "positions", "stops"]


def stops(itinerary: Itinerary) -> GeoDataFrame:
    """Places of the journey and the halts between them as a frame.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    GeoDataFrame
        The columns of `StopRow`, the position as a point, EPSG:4326.
    """
    from shapely import Point

    rows = stop_rows(itinerary)
    return _frame(
        [{key: value for key, value in row.items() if key not in {"lon", "lat"}} for row in rows],
        [Point(row["lon"], row["lat"]) for row in rows],
    )


def legs(itinerary: Itinerary) -> GeoDataFrame:
    """Legs of the journey as a frame.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    GeoDataFrame
        The columns of `LegRow` and the line of the way, EPSG:4326; a MultiLineString, cut at longitude 180,
        where it crosses the antimeridian.
    """
    from shapely import LineString, MultiLineString

    lines: list[LineString | MultiLineString] = []
    for leg in itinerary.legs:
        pieces = split_antimeridian(leg.coordinates)
        lines.append(LineString(pieces[0]) if len(pieces) == 1 else MultiLineString(pieces))
    return _frame([dict(row) for row in leg_rows(itinerary)], lines)


def positions(itinerary: Itinerary) -> GeoDataFrame:
    """Breakpoints of the time-distance curve as a frame.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    GeoDataFrame
        The columns of `PositionRow`, the position as a point, EPSG:4326.
    """
    from shapely import Point

    rows = position_rows(itinerary)
    return _frame(
        [{key: value for key, value in row.items() if key not in {"lon", "lat"}} for row in rows],
        [Point(row["lon"], row["lat"]) for row in rows],
    )


def _frame(
    rows: list[dict[str, object]], geometry: list[Point] | list[LineString | MultiLineString]
) -> GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    columns: dict[str, object] = {}
    for name in rows[0] if rows else []:
        values = [row[name] for row in rows]
        # Local times of several zones fit no datetime column of pandas, and nothing is to become NaN: both
        # stay as Python values.
        columns[name] = (
            pd.Series(values, dtype=object)
            if name in {"arrival", "departure", "timezone", "country"}
            else pd.Series(values, dtype="Int64")
            if name == "place"
            else values
        )
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")

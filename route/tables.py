"""The GeoDataFrame boundary: an itinerary as rows of stops, legs and positions.

Each table comes twice: as a list of plain rows (`stop_rows`, `leg_rows`, `position_rows`), for who draws or
writes them without a data frame, and as a GeoDataFrame in EPSG:4326 (`stops`, `legs`, `positions`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from route.geodesy import position_at, split_antimeridian
from route.itinerary import Band

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from shapely import LineString, MultiLineString, Point

    from route.itinerary import Halt, HaltReason, Itinerary, Leg, Mode

__all__ = [
    "LegRow",
    "PositionRow",
    "StopRow",
    "leg_rows",
    "legs",
    "position_rows",
    "positions",
    "stop_rows",
    "stops",
]


class StopRow(TypedDict):
    """A place of the journey, or a halt between two of them.

    Attributes
    ----------
    kind : str
        ``place`` for a place of the journey; for a halt its reason: ``border``, ``break_of_gauge``,
        ``reversal`` or ``stop``.
    name : str
        Name of the place.
    place : int or None
        Which place of the journey it is, from 0; ``None`` for a halt.
    leg : int
        Sequence number of the leg that ends here or on which the halt lies; 0 for the first place.
    measure_km : float
        Distance from the start of the journey, along the way, in kilometres.
    elapsed_h_p10, elapsed_h_p50, elapsed_h_p90 : float
        Hours from the start of the journey to the arrival here.
    dwell_h_p10, dwell_h_p50, dwell_h_p90 : float
        Hours between arrival and departure.
    arrival, departure : datetime or None
        At the median running time: for a place in its local zone, for a halt in UTC; ``None`` at the ends and
        where no departure was given.
    timezone : str or None
        IANA time zone of a place.
    country : str or None
        ISO 3166-1 alpha-2 code of a place.
    detail : str
        A phrase about a halt.
    lon, lat : float
        Position in degrees, WGS 84.
    """

    kind: str
    name: str
    place: int | None
    leg: int
    measure_km: float
    elapsed_h_p10: float
    elapsed_h_p50: float
    elapsed_h_p90: float
    dwell_h_p10: float
    dwell_h_p50: float
    dwell_h_p90: float
    arrival: datetime | None
    departure: datetime | None
    timezone: str | None
    country: str | None
    detail: str
    lon: float
    lat: float


class LegRow(TypedDict):
    """A leg of the journey.

    Attributes
    ----------
    sequence : int
        1 for the first leg.
    origin, destination : str
        Names of its ends.
    mode : str
        ``rail``, ``ferry`` or ``road``.
    distance_km : float
        Length along the way, in kilometres.
    geodesic_km : float
        Length of the shortest line on the WGS 84 ellipsoid, in kilometres.
    duration_h_p10, duration_h_p50, duration_h_p90 : float
        Hours from departure to arrival, halts on the way included.
    departure, arrival : datetime or None
        At the median running time, in the local zone of the origin and of the destination.
    gauge_mm : list of int
        Track gauges met, in order, in millimetres.
    countries : list of str
        ISO 3166-1 alpha-2 codes, in order.
    lines : list of str
        Names of the lines, in order.
    """

    sequence: int
    origin: str
    destination: str
    mode: Mode
    distance_km: float
    geodesic_km: float
    duration_h_p10: float
    duration_h_p50: float
    duration_h_p90: float
    departure: datetime | None
    arrival: datetime | None
    gauge_mm: list[int]
    countries: list[str]
    lines: list[str]


class PositionRow(TypedDict):
    """A breakpoint of the time-distance curve of the journey.

    Between two rows the train moves evenly, or stands where the measure does not change: its place at any
    time is the point of the line at the interpolated measure.

    Attributes
    ----------
    elapsed_s : float
        Seconds from the start of the journey at the median running time; never decreasing.
    elapsed_s_p10, elapsed_s_p90 : float
        The same for the fast and the slow end of the band.
    measure_m : float
        Distance from the start of the journey, along the way, in metres; never decreasing.
    leg : int
        Sequence number of the leg that the train is on, or that it has just finished.
    time_utc : datetime or None
        Time at the median running time, UTC; ``None`` where no departure was given.
    lon, lat : float
        Position in degrees, WGS 84.
    """

    elapsed_s: float
    elapsed_s_p10: float
    elapsed_s_p90: float
    measure_m: float
    leg: int
    time_utc: datetime | None
    lon: float
    lat: float


class _Break(NamedTuple):
    """A breakpoint of one leg: measure from its start, and time since its departure."""

    measure_m: float
    elapsed: Band


def _scaled(band: Band, share: float) -> Band:
    return Band(band.p10_s * share, band.p50_s * share, band.p90_s * share)


def _less(band: Band, other: Band) -> Band:
    return Band(
        max(band.p10_s - other.p10_s, 0.0),
        max(band.p50_s - other.p50_s, 0.0),
        max(band.p90_s - other.p90_s, 0.0),
    )


def _on_the_way(itinerary: Itinerary, leg: Leg) -> list[Halt]:
    """Halts that a leg's duration contains, by measure."""
    halts = [halt for halt in itinerary.halts if halt.leg == leg.sequence and halt.reason != "stop"]
    return sorted(halts, key=lambda halt: halt.measure_m)


def _breaks(itinerary: Itinerary, leg: Leg) -> list[_Break]:
    """Time-distance curve of one leg.

    The running time is shared out over the sections by their length over their speed, because a train that is
    slowed down evenly keeps the proportions of the line's speeds.
    """
    halts = _on_the_way(itinerary, leg)
    standing = sum((halt.duration for halt in halts), Band(0.0, 0.0, 0.0))
    running = _less(leg.duration, standing)
    knots: list[tuple[float, float]] = [(0.0, 0.0)]
    speeds: list[float] = []
    for section in leg.sections:
        length = section.end_m - section.start_m
        if length <= 0 or section.speed_kmh <= 0:
            continue
        if speeds and speeds[-1] == section.speed_kmh:
            knots.pop()
            speeds.pop()
        weight = (section.end_m - knots[-1][0]) / section.speed_kmh
        speeds.append(section.speed_kmh)
        knots.append((section.end_m, knots[-1][1] + weight))
    if knots[-1][1] <= 0:
        knots = [(0.0, 0.0), (leg.distance_m, 1.0)]
    at, weight_at = np.array(knots).T
    share_at = weight_at / weight_at[-1]

    curve: list[_Break] = []
    stood = Band(0.0, 0.0, 0.0)
    waiting = list(halts)
    for measure in sorted({*at.tolist(), *(halt.measure_m for halt in halts)}):
        arrived = _scaled(running, float(np.interp(measure, at, share_at))) + stood
        curve.append(_Break(measure, arrived))
        while waiting and waiting[0].measure_m <= measure:
            stood = stood + waiting.pop(0).duration
            curve.append(_Break(measure, _scaled(running, float(np.interp(measure, at, share_at))) + stood))
    return curve


def stop_rows(itinerary: Itinerary) -> list[StopRow]:
    """Places of the journey and the halts between them, in the order of the journey.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    list of StopRow
        One row per place and one per halt that is not a stop at a place.
    """
    rows: list[StopRow] = []
    offset_m = 0.0
    for index, stop in enumerate(itinerary.stop_times):
        if index:
            leg = itinerary.legs[index - 1]
            rows += _halt_rows(itinerary, leg, offset_m)
            offset_m += leg.distance_m
        place = stop.place
        rows.append(
            _stop_row(
                "place", place.name, place.lon, place.lat, index, stop.measure_m, stop.elapsed, stop.dwell
            )
            | {
                "place": index,
                "arrival": stop.arrival,
                "departure": stop.departure,
                "timezone": place.timezone,
                "country": place.country,
            }
        )
    return rows


def _halt_rows(itinerary: Itinerary, leg: Leg, offset_m: float) -> list[StopRow]:
    start = itinerary.stop_times[leg.sequence - 1]
    left = start.elapsed + start.dwell
    curve = _breaks(itinerary, leg)
    at = [point.measure_m for point in curve]
    rows: list[StopRow] = []
    stood: dict[float, Band] = {}
    for halt in _on_the_way(itinerary, leg):
        # Two halts at one point follow each other, as at a border with a break of gauge.
        before = stood.get(halt.measure_m, Band(0.0, 0.0, 0.0))
        stood[halt.measure_m] = before + halt.duration
        elapsed = left + curve[at.index(halt.measure_m)].elapsed + before
        row = _stop_row(
            halt.reason,
            halt.place,
            halt.lon,
            halt.lat,
            leg.sequence,
            offset_m + halt.measure_m,
            elapsed,
            halt.duration,
        )
        row["detail"] = halt.detail
        row["arrival"] = _utc(itinerary, elapsed.p50_s)
        row["departure"] = _utc(itinerary, elapsed.p50_s + halt.duration.p50_s)
        rows.append(row)
    return rows


def _stop_row(
    kind: str | HaltReason,
    name: str,
    lon: float,
    lat: float,
    leg: int,
    measure_m: float,
    elapsed: Band,
    dwell: Band,
) -> StopRow:
    return {
        "kind": kind,
        "name": name,
        "place": None,
        "leg": leg,
        "measure_km": measure_m / 1000,
        "elapsed_h_p10": elapsed.p10_s / 3600,
        "elapsed_h_p50": elapsed.p50_s / 3600,
        "elapsed_h_p90": elapsed.p90_s / 3600,
        "dwell_h_p10": dwell.p10_s / 3600,
        "dwell_h_p50": dwell.p50_s / 3600,
        "dwell_h_p90": dwell.p90_s / 3600,
        "arrival": None,
        "departure": None,
        "timezone": None,
        "country": None,
        "detail": "",
        "lon": lon,
        "lat": lat,
    }


def _utc(itinerary: Itinerary, elapsed_s: float) -> datetime | None:
    departure = itinerary.departure
    # Added in UTC: wall-clock arithmetic would be an hour off across a change of the clocks.
    return None if departure is None else departure.astimezone(UTC) + timedelta(seconds=elapsed_s)


def leg_rows(itinerary: Itinerary) -> list[LegRow]:
    """Legs of the journey, in order.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    list of LegRow
        One row per leg.
    """
    return [
        {
            "sequence": leg.sequence,
            "origin": leg.origin.name,
            "destination": leg.destination.name,
            "mode": leg.mode,
            "distance_km": leg.distance_m / 1000,
            "geodesic_km": leg.geodesic_m / 1000,
            "duration_h_p10": leg.duration.p10_s / 3600,
            "duration_h_p50": leg.duration.p50_s / 3600,
            "duration_h_p90": leg.duration.p90_s / 3600,
            "departure": start.departure,
            "arrival": end.arrival,
            "gauge_mm": list(leg.gauges_mm),
            "countries": list(leg.countries),
            "lines": list(leg.lines),
        }
        for leg, (start, end) in zip(itinerary.legs, pairwise(itinerary.stop_times), strict=True)
    ]


def position_rows(itinerary: Itinerary) -> list[PositionRow]:
    """Breakpoints of the time-distance curve of the journey, in the order of time.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    list of PositionRow
        Departures, arrivals, starts and ends of halts, and changes of line speed.
    """
    rows: list[PositionRow] = []
    offset_m = 0.0
    for leg in itinerary.legs:
        start = itinerary.stop_times[leg.sequence - 1]
        left = start.elapsed + start.dwell
        curve = _breaks(itinerary, leg)
        points: NDArray[np.float64] = position_at(
            leg.coordinates, leg.measures_m, np.array([point.measure_m for point in curve])
        )
        for (measure_m, since), (lon, lat) in zip(curve, points.tolist(), strict=True):
            elapsed = left + since
            row: PositionRow = {
                "elapsed_s": elapsed.p50_s,
                "elapsed_s_p10": elapsed.p10_s,
                "elapsed_s_p90": elapsed.p90_s,
                "measure_m": offset_m + measure_m,
                "leg": leg.sequence,
                "time_utc": _utc(itinerary, elapsed.p50_s),
                "lon": lon,
                "lat": lat,
            }
            rows.append(row)
        offset_m += leg.distance_m
    return rows


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

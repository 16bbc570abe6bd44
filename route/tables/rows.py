"""An itinerary as plain rows of stops, legs and positions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from route.geodesy import position_at
from route.tables.running import run_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.itinerary import Band, HaltReason, Itinerary, Leg, Mode

__all__ = ["LegRow", "PositionRow", "StopRow", "leg_rows", "position_rows", "stop_rows"]


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
    rows: list[StopRow] = []
    for halt, since in run_of(itinerary, leg).halts:
        elapsed = left + since
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
    # Added in UTC: wall-clock arithmetic would be an hour off across a change of the clocks. To the second, as
    # the times at the places are.
    return None if departure is None else departure.astimezone(UTC) + timedelta(seconds=round(elapsed_s))


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
        curve = run_of(itinerary, leg).breaks
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

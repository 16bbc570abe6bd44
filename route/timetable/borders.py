"""Borders: where the line changes country, and how long that takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from route.geocoding.curated import curated_places
from route.geodesy import distance_m
from route.itinerary import Band
from route.notes import Note
from route.registers import country, crossing_near
from route.runningtime import calibration

if TYPE_CHECKING:
    from datetime import date

    from route.registers import BorderCrossing
    from route.runningtime import TrainClass
    from route.timetable.line import Line

__all__ = [
    "BLIP_M",
    "STATION_M",
    "Border",
    "border_at",
    "countries_along",
    "crossing_name",
    "find_borders",
    "station_measure",
    "station_name",
    "status_warnings",
]

BLIP_M = 3_000.0
"""Outlines are rounded: on a shorter stretch a line along a border river may only seem to change sides."""

STATION_M = 25_000.0
"""A border station further from the border than that is not where the train is checked."""

_WITHIN_KM = 15.0  # border stations of low confidence are up to 15 km off
_SAME_STATION_M = 30_000.0  # from the middle between the two stations of a crossing


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """A change of country on the line.

    Parameters
    ----------
    measure_m : float
        Where the border is, in metres from the start of the journey.
    leg : int
        Index of the leg, from 0.
    origin, destination : str
        The countries, ISO 3166-1 alpha-2, in the direction of travel.
    crossing : BorderCrossing or None
        Its row in the register.
    dwell : Band
        Time lost there, a change of gauge included.
    formalities : str
        As in the register; without a row, ``none`` inside a travel area and ``normal`` elsewhere.
    """

    measure_m: float
    leg: int
    origin: str
    destination: str
    crossing: BorderCrossing | None
    dwell: Band
    formalities: str


def find_borders(line: Line, train: TrainClass) -> tuple[Border, ...]:
    """Changes of country along a line.

    Parameters
    ----------
    line : Line
        The journey.
    train : TrainClass
        The train: special ones are not kept waiting.

    Returns
    -------
    tuple of Border
        In order.
    """
    borders = []
    for (origin, _, _), (destination, start, _) in pairwise(countries_along(line)):
        leg = line.leg_at(start)
        borders.append(border_at(start, leg, origin, destination, line.point(start, leg), train))
    return tuple(borders)


def border_at(
    measure_m: float,
    leg: int,
    origin: str,
    destination: str,
    position: tuple[float, float],
    train: TrainClass,
) -> Border:
    """Change of country at a point of a line.

    Parameters
    ----------
    measure_m : float
        Where, in metres from the start of the journey.
    leg : int
        Index of the leg, from 0.
    origin, destination : str
        The countries, ISO 3166-1 alpha-2, in the direction of travel.
    position : tuple of float
        (lon, lat) of the point in degrees, WGS 84.
    train : TrainClass
        The train: special ones are not kept waiting.

    Returns
    -------
    Border
        With its crossing, if the register knows one within reach.
    """
    crossing = _crossing_at(origin, destination, *position)
    same_area = country(origin).travel_area
    inner = same_area is not None and same_area == country(destination).travel_area
    formalities = crossing.formalities if crossing else ("none" if inner else "normal")
    return Border(
        measure_m=measure_m,
        leg=leg,
        origin=origin,
        destination=destination,
        crossing=crossing,
        dwell=_dwell(crossing, formalities, train),
        formalities=formalities,
    )


def countries_along(line: Line) -> list[tuple[str, float, float]]:
    """Countries of a line in order; those that only rounded outlines make are left out.

    Parameters
    ----------
    line : Line
        The journey.

    Returns
    -------
    list of tuple of str and float
        Code of each, ISO 3166-1 alpha-2, and the measures at which it begins and ends, in metres.
    """
    runs: list[tuple[str, float, float]] = []
    for piece in line.pieces:
        code = piece.section.country
        if code is None or piece.end_m <= piece.start_m:
            continue
        if runs and runs[-1][0] == code:
            runs[-1] = (code, runs[-1][1], piece.end_m)
        else:
            runs.append((code, piece.start_m, piece.end_m))
    index = 0
    while index < len(runs):
        code, start, end = runs[index]
        if end - start < BLIP_M and len(runs) > 1 and not _is_real(line, runs, index):
            del runs[index]
            if 0 < index < len(runs) and runs[index - 1][0] == runs[index][0]:
                runs[index - 1] = (runs[index][0], runs[index - 1][1], runs[index][2])
                del runs[index]
            index = max(0, index - 1)
        else:
            index += 1
    return runs


def _is_real(line: Line, runs: list[tuple[str, float, float]], index: int) -> bool:
    """Whether a short stretch is a country of its own, such as Monaco: it has a crossing at both ends."""
    code, start, end = runs[index]
    before = runs[index - 1][0] if index else None
    after = runs[index + 1][0] if index + 1 < len(runs) else None
    if before is None or after is None:
        # At an end of the journey it is where the journey starts or ends: real if a railway crosses there.
        other = before or after
        at = start if before else end
        return other is not None and _crossing(line, code, other, at) is not None
    return (
        before != after
        and _crossing(line, before, code, start) is not None
        and _crossing(line, code, after, end) is not None
    )


def _crossing(line: Line, origin: str, destination: str, measure_m: float) -> BorderCrossing | None:
    return _crossing_at(origin, destination, *line.point(measure_m, line.leg_at(measure_m)))


@lru_cache(maxsize=8192)
def _crossing_at(origin: str, destination: str, lon: float, lat: float) -> BorderCrossing | None:
    return crossing_near(origin, destination, lon, lat, _WITHIN_KM)


def _dwell(crossing: BorderCrossing | None, formalities: str, train: TrainClass) -> Band:
    parameters = calibration()
    usual = parameters.border[formalities]
    low, middle, high = usual.p10_s, usual.p50_s, usual.p90_s
    if crossing is not None and crossing.dwell_h_typical is not None:
        middle = crossing.dwell_h_typical * 3600.0
        low = middle if crossing.dwell_h_min is None else min(middle, crossing.dwell_h_min * 3600.0)
        high = middle if crossing.dwell_h_max is None else max(middle, crossing.dwell_h_max * 3600.0)
    if train.border == "special":
        return Band(*(share * low for share in parameters.special_border))
    return Band(low, middle, high)


def station_measure(line: Line, border: Border, station: str) -> float:
    """Measure at which a train stands at one of the stations of a crossing.

    Parameters
    ----------
    line : Line
        The journey.
    border : Border
        A border with a row in the register.
    station : str
        `station_a` or `station_b` of the row.

    Returns
    -------
    float
        Metres from the start of the journey, on the leg of the border; the border itself if the line does not
        come near the station.
    """
    crossing = border.crossing
    if crossing is None:
        return border.measure_m
    first = station == crossing.station_a
    lon, lat = (crossing.lon_a, crossing.lat_a) if first else (crossing.lon_b, crossing.lat_b)
    near = line.measure_near(lon, lat, border.leg, border.measure_m - STATION_M, border.measure_m + STATION_M)
    return border.measure_m if near is None else near


def station_name(crossing: BorderCrossing, station: str) -> str:
    """Name of a station of a crossing, in every language that is known.

    Parameters
    ----------
    crossing : BorderCrossing
        A row of the register.
    station : str
        One of its stations.

    Returns
    -------
    str
        The name as in the register; a `Note` where the station is a curated place.
    """
    lon, lat = crossing.position
    for entry in curated_places().find(station):
        place = entry.place
        if distance_m(lon, lat, place.lon, place.lat) <= _SAME_STATION_M:
            return Note(station, "place", place=place)
    return station


def crossing_name(crossing: BorderCrossing) -> str:
    """Name of a crossing, in every language that is known.

    Parameters
    ----------
    crossing : BorderCrossing
        A row of the register.

    Returns
    -------
    str
        The name as in the register; a `Note` where it is made of the names of its stations.
    """
    for first, second in (
        (crossing.station_a, crossing.station_b),
        (crossing.station_b, crossing.station_a),
    ):
        if crossing.crossing == f"{first}–{second}":
            stations = (station_name(crossing, name) for name in (first, second))
            return Note(
                crossing.crossing, "stations", **dict(zip(("first", "second"), stations, strict=True))
            )
    return crossing.crossing


def status_warnings(borders: tuple[Border, ...], train: TrainClass, on: date | None) -> list[str]:
    """Sentences about crossings that no passenger train uses.

    Parameters
    ----------
    borders : tuple of Border
        The borders of the journey.
    train : TrainClass
        The train: freight trains may use what is open to freight.
    on : date or None
        Day of departure; a status that began later is not held against the journey.

    Returns
    -------
    list of str
        One sentence for each such crossing.
    """
    sentences: list[str] = []
    for border in borders:
        crossing = border.crossing
        if crossing is None or crossing.status == "open":
            continue
        if crossing.status == "freight_only" and train.name.startswith("freight"):
            continue
        if on is not None and crossing.status_since and on.isoformat() < crossing.status_since:
            continue
        since = f" since {crossing.status_since}" if crossing.status_since else ""
        closed = crossing.status == "closed"
        state = "is closed" if closed else "is used by freight trains only"
        values = {
            "crossing": crossing_name(crossing),
            "origin": border.origin,
            "destination": border.destination,
        }
        if crossing.status_since:
            values["since"] = crossing.status_since
        sentences.append(
            Note(
                f"The crossing {crossing.crossing} ({border.origin} to {border.destination}) {state}{since}: "
                "no ordinary passenger train takes this way.",
                f"crossing_{'closed' if closed else 'freight'}{'_since' if since else ''}",
                **values,
            )
        )
    return sentences

"""Examining: a report held against the railway, with everything that a reader wants to know of it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from route.chronology.clocks import check_clock
from route.chronology.judging import Statement, judge, verdict_of
from route.chronology.report import PairCheck, Report, StartPoint, WindowCheck
from route.gazetteer import open_gazetteer
from route.geocoding.curated import curated_places
from route.geodesy import distance_m
from route.places import Place
from route.timetable.clock import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.chronology.judging import Judgement, Windows
    from route.chronology.phrases import Window
    from route.chronology.reported import Reported, Sighting
    from route.chronology.track import Track
    from route.itinerary import Itinerary

__all__ = ["examine"]

_START_M = 100.0  # a start up the line is sought to this accuracy
_NEAR_M = 30_000.0  # a railway place further than this from a point gives way to the nearest town


def examine(reported: Reported, track: Track, visits: Sequence[int], windows: Sequence[Window]) -> Report:
    """Hold a report against the railway.

    Parameters
    ----------
    reported : Reported
        What was reported.
    track : Track
        The railway between its places.
    visits : sequence of int
        Number of the stop of each sighting.
    windows : sequence of Window
        Window of each sighting.

    Returns
    -------
    Report
        The findings.

    Raises
    ------
    InputError
        If a time that is told for a second zone is no clock time.
    """
    statements = [
        Statement(
            stop=visit,
            event=event,
            earliest_s=_seconds(window.earliest, -math.inf),
            latest_s=_seconds(window.latest, math.inf),
        )
        for event, window, visit in zip(track.events, windows, visits, strict=True)
    ]
    runs = {pair: track.run(*pair) for pair in combinations(range(len(track.places)), 2)}
    found = judge(track.stops, statements, {pair: run.duration for pair, run in runs.items()})
    return Report(
        title=reported.title,
        train=track.journey.train,
        max_speed_kmh=reported.max_speed_kmh,
        places=track.places,
        pairs=tuple(_pair(track, found, *pair, run) for pair, run in runs.items()),
        windows=tuple(
            _window_check(sighting, statement, result, track.places[statement.stop])
            for sighting, statement, result in zip(reported.sightings, statements, found.windows, strict=True)
        ),
        clocks=tuple(
            check_clock(number, track.places[visit], sighting, window, other)
            for number, (sighting, window, visit) in enumerate(
                zip(reported.sightings, windows, visits, strict=True), start=1
            )
            for other in sighting.also
        ),
        verdict=found.verdict,
        conflict=found.conflict,
        attribution=track.journey.attribution,
        warnings=track.journey.warnings,
    )


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


def _local(seconds: float, place: Place) -> datetime | None:
    """Moment on the clock of a place, to the second; ``None`` where nothing bounds it."""
    if not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(round(seconds), UTC).astimezone(zone_of(place))
    except (OverflowError, ValueError):  # outside the calendar
        return None


def _pair(track: Track, found: Judgement, origin: int, destination: int, run: Itinerary) -> PairCheck:
    available_s = found.available_s(origin, destination)
    verdict = verdict_of(available_s, run.duration)
    start = possible = None
    if verdict != "fits":
        start = _start(track, origin, destination, available_s, "p50_s")
        possible = _start(track, origin, destination, available_s, "p10_s")
    return PairCheck(
        origin=track.places[origin],
        destination=track.places[destination],
        distance_m=track.distance_m(origin, destination),
        available_s=available_s if math.isfinite(available_s) else None,
        dwell_s=sum(stop.dwell_s for stop in track.stops[origin + 1 : destination]),
        halts_s=sum(halt.duration.p10_s for halt in run.halts),
        duration=run.duration,
        verdict=verdict,
        latest_departure=_local(found.arrive_s[destination] - run.duration.p50_s, track.places[origin]),
        earliest_arrival=_local(found.leave_s[origin] + run.duration.p50_s, track.places[destination]),
        start=start,
        possible_start=possible,
    )


def _start(
    track: Track, origin: int, destination: int, available_s: float, quantile: str
) -> StartPoint | None:
    """Furthest point of the way from which a run takes no longer than there was time."""
    if available_s < 0:
        return None
    total = track.distance_m(origin, destination)

    def takes(from_m: float) -> float:
        return float(getattr(track.run(origin, destination, from_m).duration, quantile))

    low, high = 0.0, total
    if takes(low) <= available_s:
        return None
    while high - low > _START_M:
        middle = (low + high) / 2
        low, high = (low, middle) if takes(middle) <= available_s else (middle, high)
    lon, lat = track.point(origin, high)
    near, near_m = _nearest(lon, lat)
    return StartPoint(measure_m=high, remaining_m=total - high, lon=lon, lat=lat, near=near, near_m=near_m)


def _nearest(lon: float, lat: float) -> tuple[Place, float]:
    """Place with a name that is nearest to a point: one at the railway, else a town."""
    places = [entry.place for entry in curated_places().entries if entry.place.access == "rail"]
    away = np.array([distance_m(lon, lat, place.lon, place.lat) for place in places])
    index = int(np.argmin(away))
    if away[index] <= _NEAR_M:
        return places[index], float(away[index])
    town, km = open_gazetteer().nearest(lat, lon)
    return Place(name=town.name, lat=town.lat, lon=town.lon, country=town.country), km * 1000.0


def _window_check(sighting: Sighting, statement: Statement, found: Windows, place: Place) -> WindowCheck:
    stated = (statement.earliest_s, statement.latest_s)
    tightened = found.tightened or stated
    fitting = found.fitting or (-math.inf, math.inf)
    possible = found.possible or (-math.inf, math.inf)
    return WindowCheck(
        stop=statement.stop,
        place=place,
        event=statement.event,
        stated=", ".join(part for part in (sighting.time, str(sighting.day or "")) if part),
        stated_earliest=_local(stated[0], place),
        stated_latest=_local(stated[1], place),
        earliest=_local(tightened[0], place),
        latest=_local(tightened[1], place),
        fits_from=_local(fitting[0], place),
        fits_until=_local(fitting[1], place),
        possible_from=_local(possible[0], place),
        possible_until=_local(possible[1], place),
        would_fit=found.fitting is not None,
        wording=sighting.wording,
        source=sighting.source,
        note=sighting.note,
    )

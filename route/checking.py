"""Checking: from a file of sightings to a report, the one place that joins reports and railway."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any

from route import exports
from route.chronology import (
    PairCheck,
    Report,
    StartPoint,
    Statement,
    Stop,
    Window,
    WindowCheck,
    check_clock,
    judge,
    read_reported,
    reported_from,
    verdict_of,
    window_of,
)
from route.errors import InputError
from route.geocoding import resolve
from route.geodesy import distance_m, position_at
from route.itinerary import Way
from route.planner import plan, router
from route.runningtime import calibration, practical_speed_kmh, train_class
from route.timetable import schedule
from route.timetable.clock import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from route.chronology import Judgement, Reported, Sighting
    from route.chronology.judging import Verdict
    from route.chronology.reported import Event
    from route.itinerary import Band, Itinerary, Section
    from route.places import Place

__all__ = ["Check", "check"]

_SAME_M = 1.0
_START_M = 100.0  # a place up the line is sought to this accuracy
_NEAR_M = 30_000.0  # a railway place that is further than this from a point gives way to a nearer town


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What `route.check` gives: whether a journey can have gone as reported, and the ways to say it.

    Parameters
    ----------
    report : Report
        The findings, as frozen values.
    lang : str or None
        Language of the names of places, as an IETF tag; ``None`` for their usual names.
    """

    report: Report
    lang: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Verdict on the whole: ``fits``, ``tight`` or ``does_not_fit``."""
        return self.report.verdict

    @property
    def summary(self) -> str:
        """Findings in full sentences."""
        return exports.check_summary(self.report, lang=self.lang)

    def to_dict(self) -> dict[str, Any]:
        """Findings as plain values.

        Returns
        -------
        dict
            The stable JSON of ``railroute check --format json``.
        """
        return exports.check_to_dict(self.report, lang=self.lang)

    def to_json(self) -> str:
        """Findings as JSON text.

        Returns
        -------
        str
            What ``railroute check --format json`` prints.
        """
        return exports.check_to_json(self.report, lang=self.lang)

    def __str__(self) -> str:
        """Table that ``railroute check`` prints."""
        return exports.check_table(self.report, lang=self.lang)

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        return f"<pre>{escape(str(self))}</pre>"


def check(
    itinerary: str | Path | Mapping[str, Any],
    *,
    train: str | None = None,
    network: str | Path | None = None,
    online: bool = False,
    lang: str | None = None,
    pick: str = "clear",
) -> Check:
    """Check whether a journey can have gone as it was reported.

    Parameters
    ----------
    itinerary : str, Path or mapping
        A TOML file of sightings, such as those of ``data/itineraries``, or the same keys as a mapping.
    train : str, optional
        Class of ``data/trains.toml`` instead of that of the file; ``passenger`` if neither names one.
    network : str or Path, optional
        A network file instead of the world network.
    online : bool
        Whether a geocoding service may be asked.
    lang : str, optional
        Language of the names, as an IETF tag.
    pick : str
        ``clear`` to refuse names that may mean several places, ``best`` to take the likeliest.

    Returns
    -------
    Check
        The findings, whatever the verdict.

    Raises
    ------
    InputError
        If the file or an argument cannot be used; says which item.
    PlaceError
        If a name is unknown or ambiguous.
    NoPathError
        If no railway joins two of the places.
    ServiceError
        If the geocoding service fails.
    """
    if isinstance(itinerary, str) or hasattr(itinerary, "__fspath__"):
        reported = read_reported(itinerary)
    else:
        reported = reported_from(itinerary)
    name = train or reported.train or "passenger"
    try:
        train_class(name)
    except InputError as error:
        raise error if train else InputError(f"{reported.name}, constraints: {error}") from None
    stations = () if network is None else router(network).network.stations
    places = _places(reported, online=online, lang=lang, pick=pick, stations=stations)
    stops, visits = _visits(places)
    if len(stops) < 2:
        raise InputError(f"{reported.name}: all sightings are at one place. A journey needs two places or more.")
    windows = [_window(sighting, stops[visit]) for sighting, visit in zip(reported.sightings, visits, strict=True)]
    moments = [moment for window in windows for moment in (window.earliest, window.latest) if moment]
    journey = plan(
        stops,
        departure=min(moments, default=None),
        train=name,
        network=network,
        online=online,
        lang=lang,
        pick=pick,
    ).itinerary
    return Check(_report(reported, name, _Track(journey, stops, reported, visits), windows), lang)


def _places(
    reported: Reported, *, online: bool, lang: str | None, pick: str, stations: Sequence[Place]
) -> list[Place]:
    """Place of each sighting; a place that is named twice running is one name of the route."""
    names = [sighting.place for sighting in reported.sightings]
    first = [i for i in range(len(names)) if i == 0 or names[i] != names[i - 1]]
    found = resolve([names[i] for i in first], online=online, pick=pick, lang=lang, stations=stations)
    places: list[Place] = []
    for i in range(len(names)):
        places.append(found[first.index(i)].place if i in first else places[-1])
    return places


def _visits(places: Sequence[Place]) -> tuple[list[Place], list[int]]:
    """Stops of the journey, and the number of its stop for each sighting."""
    stops: list[Place] = []
    visits = []
    for place in places:
        last = stops[-1] if stops else None
        if last is None or distance_m(last.lon, last.lat, place.lon, place.lat) > _SAME_M:
            stops.append(place)
        visits.append(len(stops) - 1)
    return stops, visits


def _window(sighting: Sighting, place: Place) -> Window:
    try:
        return window_of(sighting.time, place, sighting.day, sighting.zone)
    except InputError as error:
        raise InputError(f"{sighting.item}: {error}") from None


def _event(sighting: Sighting, visit: int, last: int) -> Event:
    if sighting.event is not None:
        return sighting.event
    return "departure" if visit == 0 else "arrival" if visit == last else "seen"


class _Track:
    """The railway between the stops: distances and running times of any part of the journey.

    Parameters
    ----------
    journey : Itinerary
        The planned journey; it may have places between the stops, where a road begins.
    stops : sequence of Place
        The stops.
    reported : Reported
        For its sightings and the highest speed.
    visits : sequence of int
        Stop of each sighting.
    """

    def __init__(
        self, journey: Itinerary, stops: Sequence[Place], reported: Reported, visits: Sequence[int]
    ) -> None:
        self.journey = journey
        self.places = tuple(stops)
        self.ways = _ways(journey, reported.max_speed_kmh)
        self.at: list[int] = []
        for stop in stops:
            begin = self.at[-1] + 1 if self.at else 0
            self.at.append(next(i for i in range(begin, len(journey.places)) if journey.places[i] == stop))
        last = len(stops) - 1
        asked = list(zip(reported.sightings, visits, strict=True))
        self.stops = [
            Stop(
                dwell_s=max((s.minimum_dwell_s or 0.0 for s, visit in asked if visit == number), default=0.0),
                passage=any(_event(s, visit, last) == "passage" for s, visit in asked if visit == number),
            )
            for number in range(len(stops))
        ]

    def run(self, origin: int, destination: int, from_m: float = 0.0) -> Itinerary:
        """Journey from one stop, or from a point so far behind it, to a later stop."""
        start, end = self.at[origin], self.at[destination]
        ways = list(self.ways[start:end])
        while len(ways) > 1 and from_m >= ways[0].distance_m:
            from_m -= ways.pop(0).distance_m
        start = end - len(ways)
        ways[0] = _from(ways[0], from_m)
        return schedule(
            self.journey.places[start : end + 1],
            self.journey.snap_m[start : end + 1],
            ways,
            train=self.journey.train,
            stop_dwell=[self._dwell(place) for place in range(start + 1, end)],
        )

    def distance_m(self, origin: int, destination: int) -> float:
        """Length of the way between two stops, in metres."""
        return sum(way.distance_m for way in self.ways[self.at[origin] : self.at[destination]])

    def point(self, origin: int, measure_m: float) -> tuple[float, float]:
        """Position so far behind a stop, as (lon, lat)."""
        for way in self.ways[self.at[origin] :]:
            if measure_m <= way.distance_m:
                break
            measure_m -= way.distance_m
        return position_at(way.coordinates, way.measures_m, min(measure_m, way.distance_m))

    def _dwell(self, place: int) -> timedelta | None:
        """Dwell at a place on the way: none on a passage, the stated one, else the usual one."""
        if place not in self.at:
            return None
        stop = self.stops[self.at.index(place)]
        if stop.passage:
            return timedelta(0)
        usual_s = calibration().halts["stop"].p50_s
        return timedelta(seconds=stop.dwell_s) if stop.dwell_s > usual_s else None


def _ways(journey: Itinerary, max_speed_kmh: float | None) -> list[Way]:
    train = train_class(journey.train)
    return [
        Way(
            mode=leg.mode,
            coordinates=leg.coordinates,
            measures_m=leg.measures_m,
            sections=tuple(
                section
                if max_speed_kmh is None or section.mode != "rail"
                else replace(section, speed_kmh=_capped(section, max_speed_kmh, train.priority))
                for section in leg.sections
            ),
            reversals_m=tuple(
                halt.measure_m
                for halt in journey.halts
                if halt.leg == leg.sequence and halt.reason == "reversal"
            ),
        )
        for leg in journey.legs
    ]


def _capped(section: Section, max_speed_kmh: float, priority: float) -> float:
    """Line speed at which a train can count on no more than its highest speed."""

    def usable(line_kmh: float) -> float:
        return practical_speed_kmh(line_kmh, section.country, section.speed_source, priority)

    low, high = 0.0, section.speed_kmh
    if usable(high) <= max_speed_kmh:
        return high
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (middle, high) if usable(middle) <= max_speed_kmh else (low, middle)
    return high


def _from(way: Way, from_m: float) -> Way:
    """Way without its first metres."""
    if from_m <= 0:
        return way
    import numpy as np

    from_m = min(from_m, way.distance_m)
    ahead = way.measures_m > from_m
    start = position_at(way.coordinates, way.measures_m, from_m)
    kept = tuple(
        replace(section, start_m=max(0.0, section.start_m - from_m), end_m=section.end_m - from_m)
        for section in way.sections
        if section.end_m > from_m
    )
    return replace(
        way,
        coordinates=np.vstack([[start], way.coordinates[ahead] if ahead.any() else [start]]),
        measures_m=np.concatenate([[0.0], way.measures_m[ahead] - from_m if ahead.any() else [0.0]]),
        sections=kept,
        reversals_m=tuple(at - from_m for at in way.reversals_m if at > from_m),
    )


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


def _local(seconds: float, place: Place) -> datetime | None:
    """Moment on the clock of a place, to the second; ``None`` where nothing bounds it."""
    if not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(round(seconds), UTC).astimezone(zone_of(place))
    except (OverflowError, ValueError, OSError):
        return None


def _report(reported: Reported, train: str, track: _Track, windows: Sequence[Window]) -> Report:
    last = len(track.places) - 1
    visits = _visits([track.places[0]])[1] and []
    visits = _stops_of(reported, track)
    statements = [
        Statement(
            stop=visit,
            event=_event(sighting, visit, last),
            earliest_s=_seconds(window.earliest, -math.inf),
            latest_s=_seconds(window.latest, math.inf),
        )
        for sighting, window, visit in zip(reported.sightings, windows, visits, strict=True)
    ]
    runs = {pair: track.run(*pair) for pair in combinations(range(len(track.places)), 2)}
    found = judge(track.stops, statements, {pair: run.duration for pair, run in runs.items()})
    return Report(
        title=reported.title,
        train=train,
        max_speed_kmh=reported.max_speed_kmh,
        places=track.places,
        pairs=tuple(_pair(track, found, pair, run) for pair, run in runs.items()),
        windows=tuple(
            _window_check(*each, track.places[each[1].stop])
            for each in zip(reported.sightings, statements, found.windows, strict=True)
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

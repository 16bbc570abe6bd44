"""Checking: from a file of sightings to a report, the one place that joins reports and railway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from route.chronology import Track, examine, read_reported, reported_from, window_of
from route.errors import InputError
from route.exports import checked
from route.geocoding import resolve
from route.geodesy import distance_m
from route.planner import plan, router
from route.runningtime import train_class
from route.timetable.clock import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from route.chronology import Report, Reported, Sighting, Window
    from route.chronology.judging import Verdict
    from route.geocoding import OnlineSettings
    from route.itinerary import Itinerary, StopTime
    from route.places import Place
    from route.trip import Trip
    from route.webmap import RouteMap, Shown

__all__ = ["Check", "check", "read_journey"]

_SAME_M = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """What `route.check` gives: whether a journey can have gone as reported, and the ways to say it.

    Parameters
    ----------
    report : Report
        The findings, as frozen values.
    trip : Trip
        The journey as the railway would run it, leaving as early as was reported.
    lang : str or None
        Language of the names of places, as an IETF tag; ``None`` for their usual names.
    """

    report: Report
    trip: Trip
    lang: str | None = None

    @property
    def stated(self) -> bool:
        """Whether the report states any time at all; there is nothing to judge in one that does not."""
        return any(window.stated_earliest or window.stated_latest for window in self.report.windows)

    @property
    def verdict(self) -> Verdict:
        """Verdict on the whole: ``fits``, ``tight`` or ``does_not_fit``."""
        return self.report.verdict

    @property
    def summary(self) -> str:
        """Findings in full sentences."""
        return checked.summary(self.report, lang=self.lang)

    def map(self, *, title: str | None = None, lang: str | None = None) -> RouteMap:
        """Map of the journey with its sightings and the verdict.

        Parameters
        ----------
        title : str, optional
            Heading of the page; by default that of the report.
        lang : str, optional
            Language of the page, as an IETF tag; by default that of the check.

        Returns
        -------
        RouteMap
            A `folium.Map` that shows itself in a notebook; ``save(path)`` writes the self-contained page.
        """
        from route import webmap

        return webmap.build_comparison([self.shown()], title=title, lang=lang or self.lang)

    def shown(self, difference: str = "") -> Shown:
        """Journey as a map shows it, alone or beside others.

        Parameters
        ----------
        difference : str
            How it differs from the first of several.

        Returns
        -------
        Shown
            The journey, with the report if that states a time.
        """
        from route import webmap

        return webmap.Shown(
            itinerary=self.trip.itinerary,
            name=self.report.title,
            report=self.report if self.stated else None,
            difference=difference,
        )

    def to_dict(self) -> dict[str, Any]:
        """Findings as plain values.

        Returns
        -------
        dict
            The stable JSON of ``railroute check --format json``.
        """
        return checked.to_dict(self.report, lang=self.lang)

    def to_json(self) -> str:
        """Findings as JSON text.

        Returns
        -------
        str
            What ``railroute check --format json`` prints.
        """
        return checked.to_json(self.report, lang=self.lang)

    def __str__(self) -> str:
        """Table that ``railroute check`` prints."""
        return checked.table(self.report, lang=self.lang)

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        return f"<pre>{escape(str(self))}</pre>"


def check(
    itinerary: str | Path | Mapping[str, Any],
    *,
    train: str | None = None,
    network: str | Path | None = None,
    online: OnlineSettings | bool = False,
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
    online : OnlineSettings or bool
        Whether a geocoding service may be asked, and which and how.
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
    return read_journey(itinerary, train=train, network=network, online=online, lang=lang, pick=pick)


def read_journey(
    itinerary: str | Path | Mapping[str, Any],
    *,
    departure: str | datetime | None = None,
    train: str | None = None,
    via: Sequence[str | Place] = (),
    avoid: Sequence[str] = (),
    network: str | Path | None = None,
    online: OnlineSettings | bool = False,
    lang: str | None = None,
    shortest: bool = False,
    alternatives: int = 0,
    pick: str = "clear",
    tz: str | None = None,
) -> Check:
    """Plan the journey of a file of sightings, and check it.

    Parameters
    ----------
    itinerary : str, Path or mapping
        As for `check`.
    departure : str or datetime, optional
        When it leaves the first place; by default as early as was reported.
    train : str, optional
        Class of ``data/trains.toml`` instead of that of the file; ``passenger`` if neither names one.
    via : sequence of str or Place
        As for `route.plan`, as are the following.
    avoid : sequence of str
        What not to use.
    network : str or Path, optional
        A network file instead of the world network.
    online : bool
        Whether a geocoding service may be asked.
    lang : str, optional
        Language of the names, as an IETF tag.
    shortest : bool
        Take the shortest way instead of the fastest.
    alternatives : int
        How many other ways to look for.
    pick : str
        ``clear`` or ``best``.
    tz : str, optional
        IANA name of a zone for the times beside that of each place.

    Returns
    -------
    Check
        The journey and the findings.

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
    reported = reported_from(itinerary) if isinstance(itinerary, Mapping) else read_reported(itinerary)
    name = train or reported.train or "passenger"
    try:
        train_class(name)
    except InputError as error:
        raise error if train else InputError(f"{reported.name}, constraints: {error}") from None
    stations = () if network is None else router(network).network.stations
    places = _places(reported, online=online, lang=lang, pick=pick, stations=stations)
    stops, visits = _visits(places)
    if len(stops) < 2:
        raise InputError(
            f"{reported.name}: all sightings are at one place. A journey needs two places or more."
        )
    windows = [
        _window(sighting, stops[visit]) for sighting, visit in zip(reported.sightings, visits, strict=True)
    ]
    leaves = departure or _departure(reported, visits, windows)
    moments = [moment for window in windows for moment in (window.earliest, window.latest) if moment]
    trip = plan(
        stops,
        departure=leaves or min(moments, default=None),
        train=name,
        via=via,
        avoid=avoid,
        network=network,
        online=online,
        lang=lang,
        shortest=shortest,
        alternatives=alternatives,
        pick=pick,
        tz=tz,
    )
    track = Track(trip.itinerary, stops, reported, visits)
    report = examine(reported, track, visits, windows)
    planned = trip.itinerary
    run = replace(
        track.run(0, len(stops) - 1),
        attribution=planned.attribution,
        warnings=planned.warnings,
        alternatives=planned.alternatives,
    )
    if leaves is not None:
        start = planned.departure
    elif moments:
        start = _earliest_start(report, windows, visits)
    else:
        start = None
    return Check(report, replace(trip, itinerary=_clocked(run, start)), lang)


def _departure(reported: Reported, visits: Sequence[int], windows: Sequence[Window]) -> datetime | None:
    """Earliest time reported at the first place: of its departure, else of anything seen there."""
    there = [
        (sighting.event != "departure", window.earliest or window.latest)
        for sighting, visit, window in zip(reported.sightings, visits, windows, strict=True)
        if visit == 0
    ]
    return next((moment for _, moment in sorted(there, key=lambda row: row[0]) if moment), None)


def _earliest_start(report: Report, windows: Sequence[Window], visits: Sequence[int]) -> datetime:
    """Start from which the usual run is at the first place with a time when it was reported there."""
    stop, moment = next(
        (visit, window.earliest or window.latest)
        for visit, window in zip(visits, windows, strict=True)
        if window.earliest or window.latest
    )
    assert moment is not None  # noqa: S101 - by the condition above
    return moment - timedelta(seconds=report.pair(0, stop).duration.p50_s)


def _clocked(run: Itinerary, start: datetime | None) -> Itinerary:
    """Journey with the times of its stops, or without any."""
    last = len(run.stop_times) - 1

    def at(stop: StopTime, seconds: float) -> datetime | None:
        return None if start is None else local_time(start, seconds, stop.place)

    return replace(
        run,
        stop_times=tuple(
            replace(
                stop,
                arrival=at(stop, stop.elapsed.p50_s) if index else None,
                departure=at(stop, stop.elapsed.p50_s + stop.dwell.p50_s) if index < last else None,
            )
            for index, stop in enumerate(run.stop_times)
        ),
    )


def _places(
    reported: Reported,
    *,
    online: OnlineSettings | bool,
    lang: str | None,
    pick: str,
    stations: Sequence[Place],
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

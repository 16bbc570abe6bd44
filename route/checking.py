"""Checking: from a file of sightings to a report, the one place that joins reports and railway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from route.chronology import Track, examine, read_reported, reported_from, window_of
from route.errors import InputError
from route.exports import checked
from route.geocoding import resolve
from route.geodesy import distance_m
from route.planner import plan, router
from route.runningtime import train_class

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from route.chronology import Report, Reported, Sighting, Window
    from route.chronology.judging import Verdict
    from route.places import Place

__all__ = ["Check", "check"]

_SAME_M = 1.0


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
        return checked.summary(self.report, lang=self.lang)

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
    return Check(examine(reported, Track(journey, stops, reported, visits), visits, windows), lang)


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

"""One journey of the page: its legs, stops and their popups as plain values for the script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from route import tables
from route.basemap import shapes as basemap
from route.geodesy import unwrap
from route.itinerary import Band
from route.places import best_tag
from route.webmap.zones import Zones, zones_along

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from route.chronology import Report
    from route.itinerary import Itinerary, Leg
    from route.tables import PositionRow, StopRow
    from route.words import Words

__all__ = ["Journey", "Shown", "moved_beside", "prepare"]

_COLOURED_LEGS = 4  # more colours cannot be told apart: then all legs by rail share one
_SAME_SPOT_M = 200.0
_LINES = 6
_FINE_VERTICES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A journey to show.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    name : str
        What it is called beside others; by default its first and last place.
    report : Report or None
        What a check of it found.
    difference : str
        How it differs from the first journey shown.
    """

    itinerary: Itinerary
    name: str = ""
    report: Report | None = None
    difference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Journey:
    """A journey with everything that is drawn of it worked out.

    Parameters
    ----------
    shown : Shown
        The journey.
    names : tuple of str
        Names of its places, in the language of the page.
    stops : list of StopRow
        Places and halts, with those names.
    positions : list of PositionRow
        Breakpoints of the time-distance curve.
    styles : tuple of str
        Class of each leg.
    lines : list of ndarray of shape (n, 3)
        Longitude, latitude and measure of each leg, the longitudes running on without a jump.
    zones : Zones
        Time zones along the way.
    """

    shown: Shown
    names: tuple[str, ...]
    stops: list[StopRow]
    positions: list[PositionRow]
    styles: tuple[str, ...]
    lines: list[NDArray[np.float64]]
    zones: Zones

    @property
    def itinerary(self) -> Itinerary:
        """The journey itself."""
        return self.shown.itinerary

    @property
    def route(self) -> NDArray[np.float64]:
        """Longitude and latitude of the whole way."""
        return np.concatenate([line[:, :2] for line in self.lines])

    @property
    def end_s(self) -> float:
        """Time to the arrival at the slow end of the band, in seconds."""
        return max(self.positions[-1]["elapsed_s_p90"], self.positions[-1]["elapsed_s"], 60.0)

    @property
    def title(self) -> str:
        """Name beside other journeys."""
        return self.shown.name or f"{self.names[0]} → {self.names[-1]}"

    def data(self, words: Words, notes: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
        """Values for the script of the page.

        Parameters
        ----------
        words : Words
            Language of the texts.
        notes : mapping of int to list
            What was reported at a place of the journey, for its popup.

        Returns
        -------
        dict
            Plain values.
        """
        departure = self.itinerary.departure
        return {
            "name": self.title,
            "start": None if departure is None else round(departure.timestamp() * 1000),
            "total": round(self.itinerary.distance_m),
            "legs": self._legs(words),
            "stops": self._stops(words, notes),
            "positions": [[round(row["elapsed_s"]), round(row["measure_m"])] for row in self.positions],
            "tracks": self._tracks(),
            "zones": [[round(measure), zone] for measure, zone in self.zones.changes],
        }

    def _tracks(self) -> list[list[Any]]:
        """Measures at which the line's name changes, with the name."""
        made: list[list[Any]] = []
        start_m = 0.0
        for leg in self.itinerary.legs:
            for section in leg.sections:
                if not made or made[-1][1] != (section.line or ""):
                    made.append([round(start_m + section.start_m), section.line or ""])
            start_m += leg.distance_m
        return made

    def _legs(self, words: Words) -> list[dict[str, Any]]:
        tolerance = 0.0004 if sum(map(len, self.lines)) < _FINE_VERTICES else 0.001
        made = []
        start_m = 0.0
        for index, leg in enumerate(self.itinerary.legs):
            line = _thinned(self.lines[index], tolerance)
            origin, destination = self.names[index], self.names[index + 1]
            made.append(
                {
                    "style": self.styles[index],
                    "mode": leg.mode,
                    "line": basemap.encode(line[:, :2], 10_000),
                    "measures": basemap.encode(line[:, 2:] + start_m, 1),
                    "popup": {
                        "title": f"{origin} → {destination}",
                        "names": [],
                        "rows": _leg_rows(leg, words),
                        "notes": [],
                    },
                    "from": origin,
                    "to": destination,
                }
            )
            start_m += leg.distance_m
        return made

    def _stops(self, words: Words, notes: Mapping[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
        route = self.route
        middle = float(route[:, 0].min() + route[:, 0].max()) / 2
        made: list[dict[str, Any]] = []
        for stop in self.stops:
            lon = stop["lon"] + 360.0 * round((middle - stop["lon"]) / 360.0)
            place = None if stop["place"] is None else self.itinerary.places[stop["place"]]
            # Halts that follow each other on one spot, as a border and a change of gauge do, are one mark.
            if (
                place is None
                and made
                and made[-1]["kinds"] != ["place"]
                and made[-1]["name"] == stop["name"]
                and abs(made[-1]["measure"] - stop["measure_km"] * 1000) < _SAME_SPOT_M
            ):
                made[-1]["kinds"].append(stop["kind"])
                made[-1]["until"] = round((stop["elapsed_h_p50"] + stop["dwell_h_p50"]) * 3600)
                made[-1]["popup"]["rows"] += _halt_row(stop, words)
                continue
            others: dict[str, str] = {}
            if place is not None:
                # A large city has a hundred names; those of its country and of many readers come first.
                others = {t: name for t, name in islice(place.names.items(), 5) if name != stop["name"]}
                if place.name != stop["name"]:
                    others = {"und": place.name} | others
            made.append(
                {
                    "kinds": [stop["kind"]],
                    "name": stop["name"],
                    "lang": _language(place.names, stop["name"], words) if place is not None else None,
                    "lon": round(lon, 5),
                    "lat": round(stop["lat"], 5),
                    "measure": round(stop["measure_km"] * 1000),
                    "since": round(stop["elapsed_h_p50"] * 3600),
                    "until": round((stop["elapsed_h_p50"] + stop["dwell_h_p50"]) * 3600),
                    "popup": {
                        "title": stop["name"],
                        "names": sorted(
                            {name: tag for tag, name in sorted(others.items())}.items(),
                            key=lambda item: item[1],
                        ),
                        "rows": self._times(stop, words)
                        + ([] if place is not None else _halt_row(stop, words)),
                        "notes": [] if stop["place"] is None else notes.get(stop["place"], []),
                    },
                }
            )
        return made

    def _times(self, stop: StopRow, words: Words) -> list[list[str]]:
        rows: list[list[str]] = []
        zone = stop["timezone"] or self.zones.at(stop["measure_km"] * 1000)
        for label, when in (("arrives", stop["arrival"]), ("leaves", stop["departure"])):
            if when is not None:
                rows.append([words[label], words.clock(when.astimezone(ZoneInfo(zone)))])
        if stop["measure_km"] > 0 or stop["place"] not in (None, 0):
            rows.append([words["after"], words.band(_band(stop, "elapsed"))])
            distance = words.kilometres(stop["measure_km"] * 1000)
            rows.append(
                [words["distance"], words.say("distance_from", distance=distance, place=self.names[0])]
            )
        if stop["place"] is not None and stop["dwell_h_p50"] > 0:
            rows.append([words["stays"], words.band(_band(stop, "dwell"))])
        if stop["place"] is not None and stop["timezone"]:
            rows.append([words["time_zone"], stop["timezone"]])
        return rows


def prepare(shown: Shown, words: Words, *, style: str | None = None) -> Journey:
    """Work out what is drawn of a journey.

    Parameters
    ----------
    shown : Shown
        The journey.
    words : Words
        Language of the names.
    style : str, optional
        Class of all its legs by rail; by default each leg has a colour of its own.

    Returns
    -------
    Journey
        The journey, ready to be drawn.
    """
    itinerary = shown.itinerary
    names = tuple(words.name(place) for place in itinerary.places)
    stops = tables.stop_rows(itinerary)
    for stop in stops:
        stop["name"] = words.note(stop["name"]) if stop["place"] is None else names[stop["place"]]
    lines = _lines(itinerary.legs)
    return Journey(
        shown=shown,
        names=names,
        stops=stops,
        positions=tables.position_rows(itinerary),
        styles=tuple(_styles(itinerary.legs) if style is None else [style] * len(itinerary.legs)),
        lines=lines,
        zones=zones_along(itinerary),
    )


def _styles(legs: Sequence[Leg]) -> list[str]:
    rail = sum(leg.mode == "rail" for leg in legs)
    colours = rail if rail <= _COLOURED_LEGS else 1
    made: list[str] = []
    seen = 0
    for leg in legs:
        if leg.mode == "rail":
            made.append(f"rail c{seen % max(colours, 1)}")
            seen += 1
        else:
            made.append(leg.mode)
    return made


def _lines(legs: Sequence[Leg]) -> list[NDArray[np.float64]]:
    """Longitude, latitude and measure of each leg, the longitudes running on from leg to leg."""
    # A leg that goes nowhere may be a single vertex; a line needs two.
    rows = [np.column_stack([leg.coordinates, leg.measures_m]) for leg in legs]
    rows = [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in rows]
    joined = np.concatenate(rows)
    joined[:, :2] = unwrap(joined[:, :2])
    # The middle of the journey lies on the usual map.
    joined[:, 0] -= 360.0 * np.round((joined[:, 0].min() + joined[:, 0].max()) / 2 / 360.0)
    return np.split(joined, np.cumsum([len(line) for line in rows])[:-1])


def _thinned(line: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """Line with fewer vertices, each of them one of the old with its measure."""
    kept = shapely.get_coordinates(
        shapely.simplify(shapely.LineString(line[:, :2]), tolerance, preserve_topology=False)
    )
    rows: list[int] = []
    at = 0
    if len(kept) < 2:
        return line[[0, -1]]
    for point in kept:
        while not np.array_equal(line[at, :2], point):
            at += 1
        rows.append(at)
        at += 1
    rows[-1] = len(line) - 1
    return line[rows]


def _leg_rows(leg: Leg, words: Words) -> list[list[str]]:
    rows = [
        [words["distance"], words.say(f"distance_{leg.mode}", distance=words.kilometres(leg.distance_m))],
        [words["crow"], words.kilometres(leg.geodesic_m)],
        [words["time"], words.band(leg.duration)],
    ]
    if leg.countries:
        rows.append([words["countries"], " → ".join(map(words.country, leg.countries))])
    if leg.gauges_mm:
        rows.append([words["gauge"], ", ".join(map(words.millimetres, leg.gauges_mm))])
    if leg.lines:
        more = " …" if len(leg.lines) > _LINES else ""
        rows.append([words["lines"], ", ".join(leg.lines[:_LINES]) + more])
    return rows


def _language(names: Mapping[str, str], shown: str, words: Words) -> str | None:
    """Language of a name that is shown, where it is known."""
    tag = best_tag(words.lang, names)
    return tag if tag is not None and names[tag] == shown else None


def _halt_row(stop: StopRow, words: Words) -> list[list[str]]:
    text = words.band(_band(stop, "dwell"))
    kind = words[stop["kind"]]
    detail = words.note(stop["detail"])
    return [[kind[:1].upper() + kind[1:], f"{detail}, {text}" if detail else text]]


def _band(stop: StopRow, of: str) -> Band:
    if of == "dwell":
        return Band(stop["dwell_h_p10"] * 3600, stop["dwell_h_p50"] * 3600, stop["dwell_h_p90"] * 3600)
    return Band(stop["elapsed_h_p10"] * 3600, stop["elapsed_h_p50"] * 3600, stop["elapsed_h_p90"] * 3600)


def moved_beside(journeys: Sequence[Journey]) -> list[Journey]:
    """Journeys with longitudes on one map, also where they lie either side of the antimeridian.

    Parameters
    ----------
    journeys : sequence of Journey
        The journeys.

    Returns
    -------
    list of Journey
        The same; those after the first are moved by whole turns of the globe to where they are nearest to it.
    """
    middles = [float(j.route[:, 0].min() + j.route[:, 0].max()) / 2 for j in journeys]
    turns = [360.0 * round((middles[0] - middle) / 360.0) for middle in middles]
    return [
        replace(journey, lines=[line + np.array([turn, 0.0, 0.0]) for line in journey.lines])
        for journey, turn in zip(journeys, turns, strict=True)
    ]

"""What the page says: titles, legend, clocks, and the values for its script."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from route.basemap import credits_of, placenames
from route.basemap import shapes as basemap
from route.basemap.passing import passed_towns
from route.webmap import comparison, graph, reports
from route.webmap.axis import axis_of
from route.webmap.journey import Journey, Shown, moved_beside, prepare
from route.words import words_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from route.basemap.passing import PassedTown
    from route.itinerary import Itinerary
    from route.tables import StopRow
    from route.webmap.axis import Axis
    from route.words import Words

__all__ = ["Content", "LegendItem", "build"]

_LISTED_LEGS = 6
_UNITS = ("minutes", "hours_minutes")  # the script writes durations too
_TOWNS = 10  # places and towns that a journey is told by
_CLOCKS = 4  # zones with a clock of their own; another shows the time where the train is


class LegendItem(TypedDict):
    """A line of the legend; `leg` is the index of the leg it opens, or ``None`` for a mode."""

    style: str
    text: str
    note: str
    leg: int | None


class Content(TypedDict):
    """Everything that the page shows.

    Attributes
    ----------
    words : Words
        The language of the texts.
    title, summary : str
        Head of the page.
    hint : str
        How to read the train graph.
    notes : list of str
        What a careful reader should know.
    legend : list of LegendItem
        What the lines mean; empty where several journeys are compared.
    compared : list of ComparedRow
        Table of the journeys where there are several.
    verdicts : list of Verdict
        What a check found.
    graph : Graph
        The train graph.
    zones : list of (str, str)
        Clocks: a name and an IANA time zone each, the zone empty for the one that travels with the train; none
        without a departure.
    credit : list of str
        Sources.
    journeys : list of Journey
        The journeys, for a picture of them.
    bounds : list of list of float
        South-west and north-east corner, as latitude and longitude.
    data : dict
        Values for the script of the page.
    """

    words: Words
    title: str
    summary: str
    hint: str
    notes: list[str]
    legend: list[LegendItem]
    compared: list[comparison.ComparedRow]
    verdicts: list[reports.Verdict]
    graph: graph.Graph
    zones: list[tuple[str, str]]
    credit: list[str]
    journeys: list[Journey]
    bounds: list[list[float]]
    data: dict[str, Any]


def build(shown: Sequence[Shown], *, title: str | None, lang: str | None) -> Content:
    """Content of the page of one journey or of several.

    Parameters
    ----------
    shown : sequence of Shown
        The journeys.
    title : str or None
        Heading; ``None`` for the names of the places, or of the journeys.
    lang : str or None
        Language of the texts and of the names of places, as an IETF tag.

    Returns
    -------
    Content
        The texts, the graph and the values for the script.

    Raises
    ------
    InputError
        If there is no journey, or more than can be told apart.
    """
    words = words_in(lang)
    several = len(comparison.checked(shown)) > 1
    journeys = moved_beside(
        [prepare(one, words, style=f"j j{i}" if several else None) for i, one in enumerate(shown)]
    )
    axis = axis_of(
        [journey.itinerary.departure for journey in journeys],
        [journey.end_s for journey in journeys],
        [moment for journey in journeys for moment in reports.moments(journey.shown.report)],
    )
    shifts = graph.shifts([journey.stops for journey in journeys])
    headline = title or _title(journeys, words)
    summary = (
        words.say("compared", journeys=words.count("journeys", len(journeys)))
        if several
        else _summary(journeys[0].itinerary, words)
    )
    route = np.concatenate([journey.route for journey in journeys])
    runs = [
        run
        for journey, shift in zip(journeys, shifts, strict=True)
        for run in reports.needed(journey, axis, shift, words)
    ]
    passed = () if several else _passed(journeys[0], words)
    drawing = graph.draw(
        [
            graph.Track(
                stops=journey.stops,
                positions=journey.positions,
                styles={
                    leg.sequence: style
                    for leg, style in zip(journey.itinerary.legs, journey.styles, strict=True)
                },
                offset_s=offset,
                shift_m=shift,
            )
            for journey, offset, shift in zip(journeys, axis.offsets_s, shifts, strict=True)
        ],
        axis,
        words,
        f"{headline}. {summary}",
        runs,
        [(town.measure_m, town.name) for town in passed],
    )
    sources = dict.fromkeys(
        [*(s for j in journeys for s in j.itinerary.attribution), *credits_of(words.lang)]
    )
    credit = [words.credit(source) for source in sources]
    bounds = _bounds(route)
    letters = comparison.LETTERS if several else " "
    verdicts = [
        reports.verdict(journey, words, index, letter.strip())
        for index, (journey, letter) in enumerate(zip(journeys, letters, strict=False))
    ]
    return {
        "words": words,
        "title": headline,
        "summary": summary,
        "hint": _hint(journeys, axis, words),
        "notes": list(
            dict.fromkeys(words.note(note) for journey in journeys for note in journey.itinerary.warnings)
        ),
        "legend": [] if several else _legend(journeys[0], words),
        "compared": comparison.rows(journeys, words) if several else [],
        "verdicts": [found for found in verdicts if found is not None],
        "graph": drawing,
        "zones": _zones(journeys, axis, words),
        "credit": credit,
        "journeys": journeys,
        "bounds": bounds,
        "data": {
            "words": words.script | {key: words.texts["format"][key] for key in _UNITS},
            "locale": words.locale,
            "bounds": bounds,
            "start": None if axis.start is None else round(axis.start.timestamp() * 1000),
            "low": round(drawing.low_m),
            "high": round(drawing.high_m),
            "journeys": [
                journey.data(words, reports.place_notes(journey, words))
                | {
                    "letter": comparison.LETTERS[index] if several else "",
                    "style": f"j{index}" if several else "",
                    "offset": round(axis.offsets_s[index]),
                    "shift": round(shifts[index]),
                    "sightings": reports.sightings(journey, axis, words),
                }
                for index, journey in enumerate(journeys)
            ],
            "needed": [
                {
                    "at": [round((run.from_s + run.until_s) / 2), round((run.from_m + run.until_m) / 2)],
                    "verdict": run.verdict,
                    "title": run.title,
                    "text": run.text,
                }
                for run in runs
            ],
            "passed": [[town.name, round(town.lon, 5), round(town.lat, 5)] for town in passed],
            "credit": credit,
            "basemap": basemap.shapes(*(journey.route for journey in journeys)),
            "labels": _labels(route, [stop for journey in journeys for stop in journey.stops], passed, lang),
        },
    }


def _title(journeys: Sequence[Journey], words: Words) -> str:
    if len(journeys) > 1:
        ends = {(journey.names[0], journey.names[-1]) for journey in journeys}
        if len(ends) == 1:
            return " → ".join(ends.pop())
        return words.joined(dict.fromkeys(f"{j.names[0]} → {j.names[-1]}" for j in journeys))
    names, report = journeys[0].names, journeys[0].shown.report
    if report is not None and report.title:
        return report.title
    if journeys[0].shown.name:
        return journeys[0].shown.name
    if len(names) <= 5:
        return " → ".join(names)
    between = words.count("stops_between", len(names) - 2)
    return words.say("title_many", first=names[0], last=names[-1], stops=between)


def _summary(itinerary: Itinerary, words: Words) -> str:
    by_mode: dict[str, float] = {}
    for leg in itinerary.legs:
        by_mode[leg.mode] = by_mode.get(leg.mode, 0.0) + leg.distance_m
    distances = words.joined(_distance(metres, mode, words) for mode, metres in by_mode.items())
    low, middle, high = (
        words.duration(value)
        for value in (itinerary.duration.p10_s, itinerary.duration.p50_s, itinerary.duration.p90_s)
    )
    if low == high:
        return words.say("summary", distances=distances, middle=middle)
    return words.say("summary_band", distances=distances, middle=middle, low=low, high=high)


def _distance(metres: float, mode: str, words: Words) -> str:
    return words.say(f"distance_{mode}", distance=words.kilometres(metres))


def _legend(journey: Journey, words: Words) -> list[LegendItem]:
    legs, names, styles = journey.itinerary.legs, journey.names, journey.styles
    if len(legs) <= _LISTED_LEGS:
        return [
            {
                "style": styles[i],
                "text": f"{names[i]} – {names[i + 1]}",
                "note": words.kilometres(leg.distance_m)
                if leg.mode == "rail"
                else _distance(leg.distance_m, leg.mode, words),
                "leg": i,
            }
            for i, leg in enumerate(legs)
        ]
    made: list[LegendItem] = []
    for style in dict.fromkeys(styles):
        alike = [leg for leg, own in zip(legs, styles, strict=True) if own == style]
        total = words.kilometres(sum(leg.distance_m for leg in alike))
        note = f"{words.count('legs', len(alike))}, {total}"
        made.append({"style": style, "text": words[alike[0].mode], "note": note, "leg": None})
    return made


def _hint(journeys: Sequence[Journey], axis: Axis, words: Words) -> str:
    told = [words["band_hint"]]
    if any(reports.sightings(journey, axis, words) for journey in journeys):
        told.append(words["reported_hint"])
    if axis.start is not None:
        told.append(words.say("axis_zone", zone=words.zone(axis.start)))
    elif len(journeys) > 1:
        told.append(words["axis_each"])
    else:
        told.append(words["axis_elapsed"])
    return " ".join(told)


def _zones(journeys: Sequence[Journey], axis: Axis, words: Words) -> list[tuple[str, str]]:
    if axis.start is None:
        return []
    places = [journey.itinerary.places for journey in journeys]
    ends = [place.timezone for one in places for place in (one[0], one[-1])]
    zones = list(
        dict.fromkeys(zone for zone in [*ends, *(p.timezone for one in places for p in one)] if zone)
    )[:_CLOCKS]
    passed = {zone for journey in journeys for _, zone in journey.zones.changes}
    clocks = [(words.city_of(zone), zone) for zone in zones]
    if len(journeys) == 1 and passed - set(zones):
        clocks.append((words["on_train"], ""))
    return clocks


def _bounds(route: NDArray[np.float64]) -> list[list[float]]:
    """South-west and north-east corner, at least 4 km apart, as latitude and longitude."""
    (west, south), (east, north) = route.min(axis=0).tolist(), route.max(axis=0).tolist()
    pad = max(0.02 - (north - south) / 2, 0.0)
    return [[round(south - pad, 4), round(west - pad, 4)], [round(north + pad, 4), round(east + pad, 4)]]


def _passed(journey: Journey, words: Words) -> tuple[PassedTown, ...]:
    """Towns between the stops of a journey; a journey of many stops needs none."""
    starts = np.cumsum([0.0, *(leg.distance_m for leg in journey.itinerary.legs)])
    measures = [line[:, 2] + start for line, start in zip(journey.lines, starts, strict=False)]
    return passed_towns(
        journey.route,
        np.concatenate(measures),
        stops_m=[stop["measure_km"] * 1000 for stop in journey.stops],
        names=[stop["name"] for stop in journey.stops],
        lang=words.lang,
        most=max(0, _TOWNS - len(journey.names)),
    )


def _labels(
    route: NDArray[np.float64], stops: Sequence[StopRow], passed: Sequence[PassedTown], lang: str | None
) -> Mapping[str, Any]:
    """Names of countries, cities and seas in what a reader may look at."""
    (south, west), (north, east) = _bounds(route)
    stretch = 1.0 / max(math.cos(math.radians((south + north) / 2)), 0.2)
    height, width = north - south, (east - west) / stretch
    tall = max(height, width / 2.2) * 1.12
    wide = max(width * 1.12, tall * 2.0) * stretch
    lon, lat = (west + east) / 2, (south + north) / 2
    screen = basemap.Box(
        lon - wide / 2, max(lat - tall / 2, -85.0), lon + wide / 2, min(lat + tall / 2, 85.0)
    )
    square = basemap.Box(lon - tall * stretch / 2, screen.south, lon + tall * stretch / 2, screen.north)
    span = max(tall, wide)
    far = screen.grown(max(10.0, span * 0.7))
    views = [square, screen, far, basemap.Box(lon - 180, -60.0, lon + 180, 80.0)]
    avoid = [(stop["name"], stop["lon"], stop["lat"]) for stop in stops]
    avoid += [(town.name, town.lon, town.lat) for town in passed]
    return {
        "countries": placenames.countries(route, views, lang=lang),
        "cities": placenames.cities(screen.grown(max(3.0, span * 0.3)), avoid=avoid, lang=lang),
        "seas": placenames.seas(basemap.Box(lon - 180, -90.0, lon + 180, 90.0), lang=lang),
    }

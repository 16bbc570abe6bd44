"""What the page says about a journey: legs, stops and their popups as plain values for its script."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypedDict
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from route import tables
from route.basemap import placenames
from route.basemap import shapes as basemap
from route.geodesy import unwrap
from route.itinerary import Band
from route.webmap import graph, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from route.itinerary import Itinerary, Leg
    from route.tables import StopRow

__all__ = ["BASEMAP_CREDIT", "Content", "LegendItem", "build"]

BASEMAP_CREDIT = ("Natural Earth (public domain)", "GeoNames (CC BY 4.0)")
_COLOURED_LEGS = 4  # more colours cannot be told apart: then all legs by rail share one
_LISTED_LEGS = 6


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
    title, summary : str
        Head of the page.
    hint : str
        How to read the train graph.
    notes : list of str
        What a careful reader should know.
    legend : list of LegendItem
        What the lines mean.
    graph : Graph
        The train graph.
    zones : list of (str, str)
        Clocks: a name and an IANA time zone each; none without a departure.
    data : dict
        Values for the script of the page.
    """

    title: str
    summary: str
    hint: str
    notes: list[str]
    legend: list[LegendItem]
    graph: graph.Graph
    zones: list[tuple[str, str]]
    data: dict[str, Any]


def build(itinerary: Itinerary, *, title: str | None, lang: str | None) -> Content:
    """Content of the page of one journey.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    title : str or None
        Heading; ``None`` for the names of the places.
    lang : str or None
        Language of the names of places.

    Returns
    -------
    Content
        The texts, the graph and the values for the script.
    """
    names = [place.name_in(lang) for place in itinerary.places]
    stops = tables.stop_rows(itinerary)
    for stop in stops:
        if stop["place"] is not None:
            stop["name"] = names[stop["place"]]
    positions = tables.position_rows(itinerary)
    styles = _styles(itinerary.legs)
    lines = _lines(itinerary.legs)
    route = np.concatenate([line[:, :2] for line in lines])
    headline = title or _title(names)
    summary = _summary(itinerary)
    legs = _legs(itinerary, names, styles, lines)
    departure = itinerary.departure
    return {
        "title": headline,
        "summary": summary,
        "hint": f"Grey band: eight of ten journeys. {_axis(itinerary)}",
        "notes": list(itinerary.warnings),
        "legend": _legend(itinerary, names, styles),
        "graph": graph.draw(
            stops,
            positions,
            {leg.sequence: styles[i] for i, leg in enumerate(itinerary.legs)},
            f"{headline}. {summary}",
        ),
        "zones": _zones(itinerary),
        "data": {
            "words": words.WORDS,
            "bounds": _bounds(route),
            "legs": legs,
            "stops": _stops(itinerary, stops, route, lang),
            "positions": [[round(row["elapsed_s"]), round(row["measure_m"])] for row in positions],
            "start": None if departure is None else round(departure.timestamp() * 1000),
            "total": round(itinerary.distance_m),
            "credit": [*itinerary.attribution, *BASEMAP_CREDIT],
            "basemap": basemap.shapes(route),
            "labels": _labels(route, stops),
        },
    }


def _title(names: Sequence[str]) -> str:
    if len(names) <= 5:
        return " → ".join(names)
    return f"{names[0]} → {names[-1]}, {len(names) - 2} stops between"


def _summary(itinerary: Itinerary) -> str:
    by_mode: dict[str, float] = {}
    for leg in itinerary.legs:
        by_mode[leg.mode] = by_mode.get(leg.mode, 0.0) + leg.distance_m
    parts = [f"{words.kilometres(metres)} {words.BY_MODE[mode]}" for mode, metres in by_mode.items()]
    distance = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    low, middle, high = (
        words.duration(value)
        for value in (itinerary.duration.p10_s, itinerary.duration.p50_s, itinerary.duration.p90_s)
    )
    return f"{distance}. About {middle}" + ("." if low == high else f", between {low} and {high}.")


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


def _legs(
    itinerary: Itinerary, names: Sequence[str], styles: Sequence[str], lines: Sequence[NDArray[np.float64]]
) -> list[dict[str, Any]]:
    country_names = placenames.country_names()
    tolerance = 0.0004 if sum(map(len, lines)) < 20_000 else 0.001
    made = []
    start_m = 0.0
    for index, leg in enumerate(itinerary.legs):
        line = _thinned(lines[index], tolerance)
        rows = [
            ["Distance", f"{words.kilometres(leg.distance_m)} {words.BY_MODE[leg.mode]}"],
            ["As the crow flies", words.kilometres(leg.geodesic_m)],
            ["Time", words.band(leg.duration)],
        ]
        if leg.countries:
            rows.append(["Countries", " → ".join(country_names.get(code, code) for code in leg.countries)])
        if leg.gauges_mm:
            rows.append(["Gauge", ", ".join(f"{gauge} mm" for gauge in leg.gauges_mm)])
        if leg.lines:
            rows.append(["Lines", ", ".join(leg.lines[:6]) + (" …" if len(leg.lines) > 6 else "")])
        made.append(
            {
                "style": styles[index],
                "mode": leg.mode,
                "line": basemap.encode(line[:, :2], 10_000),
                "measures": basemap.encode(line[:, 2:] + start_m, 1),
                "popup": {"title": f"{names[index]} → {names[index + 1]}", "names": [], "rows": rows},
                "from": names[index],
                "to": names[index + 1],
            }
        )
        start_m += leg.distance_m
    return made


def _stops(
    itinerary: Itinerary,
    stops: Sequence[StopRow],
    route: NDArray[np.float64],
    lang: str | None,
) -> list[dict[str, Any]]:
    middle = float(route[:, 0].min() + route[:, 0].max()) / 2
    made: list[dict[str, Any]] = []
    for stop in stops:
        lon = stop["lon"] + 360.0 * round((middle - stop["lon"]) / 360.0)
        place = None if stop["place"] is None else itinerary.places[stop["place"]]
        # Halts that follow each other on one spot, as a border and a change of gauge do, are one mark.
        if (
            place is None
            and made
            and made[-1]["kinds"] != ["place"]
            and made[-1]["name"] == stop["name"]
            and abs(made[-1]["measure"] - stop["measure_km"] * 1000) < 200
        ):
            made[-1]["kinds"].append(stop["kind"])
            made[-1]["until"] = round((stop["elapsed_h_p50"] + stop["dwell_h_p50"]) * 3600)
            made[-1]["popup"]["rows"] += _halt_row(stop)
            continue
        others = (
            {} if place is None else {tag: name for tag, name in place.names.items() if name != stop["name"]}
        )
        if place is not None and place.name != stop["name"]:
            others = {"und": place.name} | others
        made.append(
            {
                "kinds": [stop["kind"]],
                "name": stop["name"],
                "lang": lang if place is not None and lang in place.names else None,
                "lon": round(lon, 5),
                "lat": round(stop["lat"], 5),
                "measure": round(stop["measure_km"] * 1000),
                "since": round(stop["elapsed_h_p50"] * 3600),
                "until": round((stop["elapsed_h_p50"] + stop["dwell_h_p50"]) * 3600),
                "popup": {
                    "title": stop["name"],
                    "names": sorted(
                        {name: tag for tag, name in sorted(others.items())}.items(), key=lambda item: item[1]
                    ),
                    "rows": _times(itinerary, stop) + ([] if place is not None else _halt_row(stop)),
                },
            }
        )
    return made


def _halt_row(stop: StopRow) -> list[list[str]]:
    text = words.band(_band(stop, "dwell"))
    return [[words.WORDS[stop["kind"]].capitalize(), f"{stop['detail']}, {text}" if stop["detail"] else text]]


def _band(stop: StopRow, of: str) -> Band:
    if of == "dwell":
        return Band(stop["dwell_h_p10"] * 3600, stop["dwell_h_p50"] * 3600, stop["dwell_h_p90"] * 3600)
    return Band(stop["elapsed_h_p10"] * 3600, stop["elapsed_h_p50"] * 3600, stop["elapsed_h_p90"] * 3600)


def _times(itinerary: Itinerary, stop: StopRow) -> list[list[str]]:
    first = itinerary.places[0]
    rows: list[list[str]] = []
    # A halt has no zone of its own: it shows the time of the place that its leg comes from.
    zone = stop["timezone"] or itinerary.places[max(stop["leg"] - 1, 0)].timezone or "UTC"
    for label, when in (("Arrives", stop["arrival"]), ("Leaves", stop["departure"])):
        if when is not None:
            rows.append(
                [label, words.clock(when if stop["place"] is not None else when.astimezone(ZoneInfo(zone)))]
            )
    if stop["measure_km"] > 0 or stop["place"] not in (None, 0):
        rows.append(["After", words.band(_band(stop, "elapsed"))])
        rows.append(["Distance", f"{words.kilometres(stop['measure_km'] * 1000)} from {first.name}"])
    if stop["place"] is not None and stop["dwell_h_p50"] > 0:
        rows.append(["Stays", words.band(_band(stop, "dwell"))])
    if stop["place"] is not None and stop["timezone"]:
        rows.append(["Time zone", stop["timezone"]])
    return rows


def _legend(itinerary: Itinerary, names: Sequence[str], styles: Sequence[str]) -> list[LegendItem]:
    if len(itinerary.legs) <= _LISTED_LEGS:
        return [
            {
                "style": styles[i],
                "text": f"{names[i]} – {names[i + 1]}",
                "note": words.kilometres(leg.distance_m)
                + ("" if leg.mode == "rail" else f" {words.BY_MODE[leg.mode]}"),
                "leg": i,
            }
            for i, leg in enumerate(itinerary.legs)
        ]
    made: list[LegendItem] = []
    for style in dict.fromkeys(styles):
        legs = [leg for leg, own in zip(itinerary.legs, styles, strict=True) if own == style]
        total = words.kilometres(sum(leg.distance_m for leg in legs))
        text = words.BY_MODE[legs[0].mode].capitalize()
        made.append({"style": style, "text": text, "note": f"{len(legs)} legs, {total}", "leg": None})
    return made


def _zones(itinerary: Itinerary) -> list[tuple[str, str]]:
    if itinerary.departure is None:
        return []
    zones = dict.fromkeys(place.timezone for place in itinerary.places if place.timezone)
    return [(zone.rsplit("/", 1)[-1].replace("_", " "), zone) for zone in zones]


def _axis(itinerary: Itinerary) -> str:
    if itinerary.departure is None:
        return "Time since departure."
    return f"Times are {words.zone(itinerary.departure)}."


def _bounds(route: NDArray[np.float64]) -> list[list[float]]:
    """South-west and north-east corner, at least 4 km apart, as latitude and longitude."""
    (west, south), (east, north) = route.min(axis=0).tolist(), route.max(axis=0).tolist()
    pad = max(0.02 - (north - south) / 2, 0.0)
    return [[round(south - pad, 4), round(west - pad, 4)], [round(north + pad, 4), round(east + pad, 4)]]


def _labels(route: NDArray[np.float64], stops: Sequence[StopRow]) -> Mapping[str, Any]:
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
    return {
        "countries": placenames.countries(route, views),
        "cities": placenames.cities(screen.grown(max(3.0, span * 0.3)), avoid=avoid),
        "seas": placenames.seas(basemap.Box(lon - 180, -90.0, lon + 180, 90.0)),
    }

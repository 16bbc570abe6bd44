"""An itinerary as KML 2.2, with the moving train of Google's extension."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape
from typing import TYPE_CHECKING

from route.exports.lines import line_parts, timed_parts
from route.exports.markup import (
    attribution,
    child,
    decimal,
    document,
    leg_summary,
    leg_title,
    stop_summary,
    title,
)
from route.exports.text import clocks_text
from route.exports.values import flat, joined, leg_values, name_along, utc_text
from route.tables import stop_rows

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary, Leg

__all__ = ["to_kml"]

# Colours of KML are aabbggrr.
_LINES = {"rail": ("ff2b39c0", 4), "ferry": ("ffb98029", 2), "road": ("ff7f8c8d", 2)}
_ICONS = {"stop": ("ffffffff", 1.0), "halt": ("ff2b39c0", 0.6), "train": ("ff00a5ff", 1.2)}


def to_kml(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Legs, places and halts as KML 2.2, and with a departure the train that moves along them.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times in descriptions and data beside that of each place.

    Returns
    -------
    str
        An XML document with the folders ``Legs`` and ``Stops``. Where times are known, legs have their span
        of time, and the folder ``Train`` has a ``gx:Track`` that the time slider of Google Earth plays;
        times are UTC.
    """
    root = ET.Element(
        "kml",
        {"xmlns": "http://www.opengis.net/kml/2.2", "xmlns:gx": "http://www.google.com/kml/ext/2.2"},
    )
    top = ET.SubElement(root, "Document")
    child(top, "name", title(itinerary, lang))
    if itinerary.attribution:
        _description(top, attribution(itinerary))
    _styles(top)
    legs = ET.SubElement(top, "Folder")
    child(legs, "name", "Legs")
    for leg in itinerary.legs:
        _leg(legs, itinerary, leg, lang, tz)
    stops = ET.SubElement(top, "Folder")
    child(stops, "name", "Stops")
    for row in stop_rows(itinerary):
        place = row["place"]
        name = row["name"] if place is None else itinerary.places[place].name_in(lang)
        mark = ET.SubElement(stops, "Placemark")
        child(mark, "name", name_along(itinerary, name, lang))
        _description(mark, stop_summary(row, tz))
        child(mark, "styleUrl", "#stop" if row["kind"] == "place" else "#halt")
        point = ET.SubElement(mark, "Point")
        child(point, "coordinates", f"{decimal(row['lon'])},{decimal(row['lat'])}")
    if itinerary.departure is not None:
        _train(top, itinerary)
    return document(root)


def _styles(top: ET.Element) -> None:
    for name, (colour, width) in _LINES.items():
        line = ET.SubElement(ET.SubElement(top, "Style", {"id": name}), "LineStyle")
        child(line, "color", colour)
        child(line, "width", str(width))
    for name, (colour, scale) in _ICONS.items():
        style = ET.SubElement(top, "Style", {"id": name})
        icon = ET.SubElement(style, "IconStyle")
        child(icon, "color", colour)
        child(icon, "scale", str(scale))
        if name == "train":
            # The line is drawn by the legs, in the colour of their mode.
            child(ET.SubElement(style, "LineStyle"), "color", "00ffffff")


def _leg(folder: ET.Element, itinerary: Itinerary, leg: Leg, lang: str | None, tz: ZoneInfo | None) -> None:
    departure = itinerary.stop_times[leg.sequence - 1].departure
    arrival = itinerary.stop_times[leg.sequence].arrival
    mark = ET.SubElement(folder, "Placemark")
    child(mark, "name", leg_title(leg, lang))
    told = leg_summary(leg)
    if departure is not None and arrival is not None:
        told += f"; departs {clocks_text(departure, tz)}, arrives {clocks_text(arrival, tz)}"
    _description(mark, told)
    if departure is not None and arrival is not None:
        span = ET.SubElement(mark, "TimeSpan")
        child(span, "begin", utc_text(departure))
        child(span, "end", utc_text(arrival))
    child(mark, "styleUrl", f"#{leg.mode}")
    extended = ET.SubElement(mark, "ExtendedData")
    for key, value in flat(leg_values(itinerary, leg, lang, tz)).items():
        if value is not None and (text := joined(value)):
            child(ET.SubElement(extended, "Data", {"name": key}), "value", text)
    lines = ET.SubElement(mark, "MultiGeometry")
    for part in line_parts(leg):
        line = ET.SubElement(lines, "LineString")
        child(line, "tessellate", "1")
        child(line, "coordinates", " ".join(f"{decimal(lon)},{decimal(lat)}" for lon, lat in part))


def _train(top: ET.Element, itinerary: Itinerary) -> None:
    folder = ET.SubElement(top, "Folder")
    child(folder, "name", "Train")
    mark = ET.SubElement(folder, "Placemark")
    child(mark, "name", "Train")
    child(mark, "styleUrl", "#train")
    track = ET.SubElement(mark, "gx:Track")
    fixes = [fix for parts in timed_parts(itinerary) for part in parts for fix in part]
    # All times, then all positions: so the schema wants them.
    for fix in fixes:
        child(track, "when", utc_text(fix.time))
    for fix in fixes:
        child(track, "gx:coord", f"{decimal(fix.lon)} {decimal(fix.lat)} 0")


def _description(mark: ET.Element, text: str) -> None:
    # Readers of KML show a description as HTML: what is no markup has to be escaped for them too.
    child(mark, "description", escape(text, quote=False))

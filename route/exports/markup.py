"""An itinerary as GPX 1.1 and KML 2.2."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from route.exports.text import duration_text
from route.exports.values import degrees, flat, joined, leg_values, line_parts

if TYPE_CHECKING:
    from route.itinerary import Itinerary, Leg

__all__ = ["to_gpx", "to_kml"]

# What XML 1.0 cannot hold at all, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GPX = "http://www.topografix.com/GPX/1/1"
_KML = "http://www.opengis.net/kml/2.2"
# Line colours of KML (aabbggrr) by mode.
_KML_COLOURS = {"rail": "ff2b39c0", "ferry": "ffb98029", "road": "ff7f8c8d"}


def to_gpx(itinerary: Itinerary, *, lang: str | None = None) -> str:
    """Stops as way points and legs as tracks of GPX 1.1.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        An XML document.
    """
    root = ET.Element("gpx", {"xmlns": _GPX, "version": "1.1", "creator": "railroute"})
    metadata = ET.SubElement(root, "metadata")
    _child(metadata, "name", _title(itinerary, lang))
    if itinerary.attribution:
        _child(metadata, "desc", "Data: " + "; ".join(itinerary.attribution))
    for place in itinerary.places:
        point = _gpx_point(root, "wpt", (place.lon, place.lat))
        _child(point, "name", place.name_in(lang))
    for leg in itinerary.legs:
        track = ET.SubElement(root, "trk")
        _child(track, "name", f"{leg.origin.name_in(lang)} - {leg.destination.name_in(lang)}")
        _child(track, "desc", _summary(leg))
        _child(track, "number", str(leg.sequence))
        _child(track, "type", leg.mode)
        for part in line_parts(leg):
            segment = ET.SubElement(track, "trkseg")
            for lonlat in part:
                _gpx_point(segment, "trkpt", lonlat)
    return _xml(root)


def to_kml(itinerary: Itinerary, *, lang: str | None = None) -> str:
    """Legs and stops as KML 2.2, legs with their span of time where it is known.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        An XML document.
    """
    root = ET.Element("kml", {"xmlns": _KML})
    document = ET.SubElement(root, "Document")
    _child(document, "name", _title(itinerary, lang))
    if itinerary.attribution:
        _child(document, "description", "Data: " + "; ".join(itinerary.attribution))
    for mode, colour in _KML_COLOURS.items():
        style = ET.SubElement(ET.SubElement(document, "Style", {"id": mode}), "LineStyle")
        _child(style, "color", colour)
        _child(style, "width", "4" if mode == "rail" else "2")
    for leg in itinerary.legs:
        row = leg_values(itinerary, leg, lang)
        mark = ET.SubElement(document, "Placemark")
        _child(mark, "name", f"{row['origin']} - {row['destination']}")
        _child(mark, "description", _summary(leg))
        if row["departure"] and row["arrival"]:
            span = ET.SubElement(mark, "TimeSpan")
            _child(span, "begin", row["departure"])
            _child(span, "end", row["arrival"])
        _child(mark, "styleUrl", f"#{leg.mode}")
        extended = ET.SubElement(mark, "ExtendedData")
        for key, value in flat(row).items():
            if value not in (None, []):
                _child(ET.SubElement(extended, "Data", {"name": key}), "value", joined(value))
        lines = ET.SubElement(mark, "MultiGeometry")
        for part in line_parts(leg):
            line = ET.SubElement(lines, "LineString")
            _child(line, "tessellate", "1")
            _child(line, "coordinates", " ".join(f"{lon},{lat}" for lon, lat in part))
    for place in itinerary.places:
        mark = ET.SubElement(document, "Placemark")
        _child(mark, "name", place.name_in(lang))
        _child(ET.SubElement(mark, "Point"), "coordinates", f"{degrees(place.lon)},{degrees(place.lat)}")
    return _xml(root)


def _summary(leg: Leg) -> str:
    band = leg.duration
    within = f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}"
    return (
        f"{leg.distance_m / 1000:.1f} km by {leg.mode}, {duration_text(band.p50_s)} (8 in 10 within {within})"
    )


def _title(itinerary: Itinerary, lang: str | None) -> str:
    return " - ".join(place.name_in(lang) for place in itinerary.places)


def _gpx_point(parent: ET.Element, tag: str, lonlat: tuple[float, float]) -> ET.Element:
    lon, lat = lonlat
    return ET.SubElement(parent, tag, {"lat": str(degrees(lat)), "lon": str(degrees(lon))})


def _child(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NOT_XML.sub("\ufffd", text)


def _xml(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

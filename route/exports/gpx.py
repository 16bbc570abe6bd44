"""An itinerary as GPX 1.1."""

from __future__ import annotations

import xml.etree.ElementTree as ET
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
from route.exports.values import name_along, utc_text
from route.tables import stop_rows

if TYPE_CHECKING:
    from datetime import datetime

    from route.itinerary import Itinerary

__all__ = ["to_gpx"]

_LAST_LON = 179.999999  # the schema's longitude ends before 180


def to_gpx(itinerary: Itinerary, *, lang: str | None = None) -> str:
    """Places and halts as way points and legs as tracks of GPX 1.1.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        An XML document; a track for each leg, a segment for each side of the antimeridian. With a departure
        every point has its time in UTC, a way point that of the arrival (at the first place of the
        departure); a halt is two track points at one place. Without one there is no time at all.
    """
    root = ET.Element(
        "gpx", {"xmlns": "http://www.topografix.com/GPX/1/1", "version": "1.1", "creator": "railroute"}
    )
    # The order of the elements is that of the schema.
    metadata = ET.SubElement(root, "metadata")
    child(metadata, "name", title(itinerary, lang))
    if itinerary.attribution:
        child(metadata, "desc", attribution(itinerary))
    for row in stop_rows(itinerary):
        place = row["place"]
        name = row["name"] if place is None else itinerary.places[place].name_in(lang)
        point = _point(root, "wpt", row["lon"], row["lat"], row["arrival"] or row["departure"])
        child(point, "name", name_along(itinerary, name, lang))
        child(point, "desc", stop_summary(row, None))
        child(point, "type", "stop" if row["kind"] == "place" else row["kind"])
    timed = timed_parts(itinerary)
    for index, leg in enumerate(itinerary.legs):
        track = ET.SubElement(root, "trk")
        child(track, "name", leg_title(leg, lang))
        child(track, "desc", leg_summary(leg))
        child(track, "number", str(leg.sequence))
        child(track, "type", leg.mode)
        for part in timed[index] if timed else [[(*lonlat, None) for lonlat in p] for p in line_parts(leg)]:
            segment = ET.SubElement(track, "trkseg")
            for lon, lat, moment in part:
                _point(segment, "trkpt", lon, lat, moment)
    return document(root)


def _point(parent: ET.Element, tag: str, lon: float, lat: float, moment: datetime | None) -> ET.Element:
    point = ET.SubElement(parent, tag, {"lat": decimal(lat), "lon": decimal(min(lon, _LAST_LON))})
    if moment is not None:
        child(point, "time", utc_text(moment))
    return point

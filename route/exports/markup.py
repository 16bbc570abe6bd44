"""What the XML formats share: elements with text that XML can hold, and phrases about legs and halts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from route.exports.text import clocks_text, duration_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary, Leg
    from route.tables import StopRow

__all__ = ["attribution", "child", "decimal", "document", "leg_summary", "leg_title", "stop_summary", "title"]

# What XML 1.0 cannot hold at all, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: ET.Element, tag: str, text: str) -> ET.Element:
    """Element with a text.

    Parameters
    ----------
    parent : Element
        What it is put into, at the end.
    tag : str
        Its name.
    text : str
        Any text; characters that XML cannot hold become U+FFFD, line breaks become newlines.

    Returns
    -------
    Element
        The new element.
    """
    element = ET.SubElement(parent, tag)
    # A reader of XML takes a carriage return for a newline.
    element.text = _NOT_XML.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return element


def decimal(value: float) -> str:
    """Degrees as ``xs:decimal``, which has no exponent.

    Parameters
    ----------
    value : float
        Longitude or latitude, in degrees.

    Returns
    -------
    str
        Up to six decimals.
    """
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def document(root: ET.Element) -> str:
    """Element as an XML document.

    Parameters
    ----------
    root : Element
        The root; it is indented in place.

    Returns
    -------
    str
        The document, ending with a newline; to be encoded as UTF-8.
    """
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def title(itinerary: Itinerary, lang: str | None) -> str:
    """Names of the places of a journey, in order.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str or None
        Language of the names, as an IETF tag.

    Returns
    -------
    str
        Such as ``Pyongyang - Khasan``.
    """
    return " - ".join(place.name_in(lang) for place in itinerary.places)


def leg_title(leg: Leg, lang: str | None) -> str:
    """Names of the ends of a leg.

    Parameters
    ----------
    leg : Leg
        The leg.
    lang : str or None
        Language of the names, as an IETF tag.

    Returns
    -------
    str
        Such as ``Pyongyang - Khasan``.
    """
    return f"{leg.origin.name_in(lang)} - {leg.destination.name_in(lang)}"


def leg_summary(leg: Leg) -> str:
    """Length and duration of a leg in words.

    Parameters
    ----------
    leg : Leg
        The leg.

    Returns
    -------
    str
        Such as ``849.0 km by rail, 23 h 10 min (8 in 10 within 17 h 35 min to 31 h 10 min)``.
    """
    band = leg.duration
    within = f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}"
    return (
        f"{leg.distance_m / 1000:.1f} km by {leg.mode}, {duration_text(band.p50_s)} (8 in 10 within {within})"
    )


def stop_summary(row: StopRow, tz: ZoneInfo | None) -> str:
    """Why and when there is a stop, in words.

    Parameters
    ----------
    row : StopRow
        A place of the journey or a halt.
    tz : ZoneInfo or None
        A zone for the times beside that of the place.

    Returns
    -------
    str
        Such as ``Border, 36 min, KP to RU; arrives Wed 2019-04-24 17:00 UTC, departs ...``; for a place
        without times only how far it is from the start.
    """
    what = [f"{row['measure_km']:,.1f} km from the start"]
    if row["kind"] != "place":
        reason = row["kind"].replace("_", " ").capitalize()
        what = [reason, duration_text(row["dwell_h_p50"] * 3600), row["detail"], *what]
    times = [
        f"{verb} {clocks_text(moment, tz)}"
        for verb, moment in (("arrives", row["arrival"]), ("departs", row["departure"]))
        if moment is not None
    ]
    return "; ".join(", ".join(part for part in parts if part) for parts in (what, times) if parts)


def attribution(itinerary: Itinerary) -> str:
    """Sources that must be named, in words.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    str
        Empty if there are none.
    """
    return f"Data: {'; '.join(itinerary.attribution)}" if itinerary.attribution else ""

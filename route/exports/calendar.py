"""An itinerary as a calendar (iCalendar, RFC 5545)."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC
from typing import TYPE_CHECKING

from route.errors import InputError
from route.exports.text import clocks_text, duration_text
from route.exports.values import name_along, well_formed

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary, Leg, StopTime

__all__ = ["to_ics"]

_MODES = {"rail": "train", "ferry": "ferry", "road": "road"}
_LINE_OCTETS = 75  # RFC 5545, section 3.1
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Some readers take every one of these for the end of a content line.
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def to_ics(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Legs as events of an iCalendar.

    Times are in UTC, so that every calendar program shows them on its own clock; local times at both ends,
    distance, band and halts stand in the description.

    Parameters
    ----------
    itinerary : Itinerary
        The journey, with a departure.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times in the description beside that of each place.

    Returns
    -------
    str
        The calendar, its lines ended and folded as RFC 5545 asks. The same journey gives the same text.

    Raises
    ------
    InputError
        If the journey has no departure.
    """
    if itinerary.departure is None:
        raise InputError("A calendar needs to know when the journey starts. Add --depart 2019-04-24T05:00.")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//railroute//railroute//EN", "CALSCALE:GREGORIAN"]
    for leg, start, end in zip(
        itinerary.legs, itinerary.stop_times[:-1], itinerary.stop_times[1:], strict=True
    ):
        lines += _event(itinerary, leg, start, end, lang, tz)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(
    itinerary: Itinerary, leg: Leg, start: StopTime, end: StopTime, lang: str | None, tz: ZoneInfo | None
) -> list[str]:
    if start.departure is None or end.arrival is None or itinerary.departure is None:
        raise InputError("A calendar needs a departure and an arrival for each leg.")
    origin, destination = leg.origin.name_in(lang), leg.destination.name_in(lang)
    band = leg.duration
    takes = f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}, {itinerary.train}"
    told = [
        f"Departs {origin}: {clocks_text(start.departure, tz)}",
        f"Arrives {destination}: {clocks_text(end.arrival, tz)}",
        f"{leg.distance_m / 1000:,.1f} km by {leg.mode}, {duration_text(band.p50_s)} (8 in 10 within {takes})",
    ]
    for halt in itinerary.halts:
        if halt.leg == leg.sequence and halt.reason != "stop":
            takes = duration_text(halt.duration.p50_s)
            where = name_along(itinerary, halt.place, lang)
            told.append(f"Halt: {where}, {halt.reason.replace('_', ' ')}, {takes}")
    if itinerary.attribution:
        told.append(f"Data: {'; '.join(itinerary.attribution)}")
    departure, arrival = _utc(start.departure), _utc(end.arrival)
    # The same event in any language, so that a calendar that is imported again replaces it.
    ends = [f"{place.name}|{place.lat:.4f}|{place.lon:.4f}" for place in (leg.origin, leg.destination)]
    key = well_formed("|".join([*ends, departure, itinerary.train, str(leg.sequence)]))
    return [
        "BEGIN:VEVENT",
        f"UID:{hashlib.sha256(key.encode()).hexdigest()[:32]}@railroute",
        # When the event was made, which would differ from run to run: the start of the journey stands for it.
        f"DTSTAMP:{_utc(itinerary.departure)}",
        f"DTSTART:{departure}",
        # An end has to be later than its start; an event of no length has none.
        *([f"DTEND:{arrival}"] if arrival > departure else []),
        f"SUMMARY:{_text(f'{origin} – {destination} ({_MODES[leg.mode]})')}",
        f"LOCATION:{_text(origin)}",
        f"GEO:{leg.origin.lat:.6f};{leg.origin.lon:.6f}",
        "DESCRIPTION:" + r"\n".join(_text(line) for line in told),
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    # Not strftime, which drops the leading zeros of a year before 1000.
    return re.sub("[-:]", "", moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")) + "Z"


def _text(value: str) -> str:
    """Text value with its special characters escaped (section 3.3.11)."""
    escaped = well_formed(value).replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    return _CONTROL.sub("\ufffd", _LINE_BREAK.sub(r"\\n", escaped))


def _folded(line: str) -> str:
    """Content line of no more than 75 octets, continued on lines that start with a space."""
    parts: list[str] = []
    part, room = "", _LINE_OCTETS
    for letter in line:
        size = len(letter.encode())
        if size > room:
            parts.append(part)
            part, room = "", _LINE_OCTETS - 1
        part += letter
        room -= size
    return "\r\n ".join([*parts, part])

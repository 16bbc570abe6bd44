"""A journey and the places it was read from, as text for a person at a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from route.exports.nights import nights
from route.exports.values import name_along

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from route.itinerary import Band, Itinerary

__all__ = ["aligned", "clocks_text", "duration_text", "legs_table", "plain", "time_text"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def legs_table(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Table of the legs, the halts on the way, the total by rail, and what a careful reader should know.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times beside that of each place.

    Returns
    -------
    str
        Lines of text; columns of times and the nights on the way only where a departure was given.
    """
    head = ["From", "To", "By", "km", "crow-fly km", "Time", "8 in 10 within"]
    rows = [
        [
            leg.origin.name_in(lang),
            leg.destination.name_in(lang),
            leg.mode,
            _km(leg.distance_m),
            _km(leg.geodesic_m),
            duration_text(leg.duration.p50_s),
            _within(leg.duration),
        ]
        for leg in itinerary.legs
    ]
    if itinerary.departure is not None:
        head += ["Departs", "Arrives"]
        for row, start, end in zip(rows, itinerary.stop_times[:-1], itinerary.stop_times[1:], strict=True):
            row += [time_text(start.departure), time_text(end.arrival)]
            if tz is not None:
                row += [time_text(t and t.astimezone(tz)) for t in (start.departure, end.arrival)]
        head += [f"Departs ({tz})", f"Arrives ({tz})"] if tz is not None else []
    lines = [aligned(head, rows, right=(3, 4)), "", _total(itinerary)]
    by_night = nights(itinerary)
    if by_night is not None:
        dark = f"; the sun below the horizon for {duration_text(by_night.dark_s)}" if by_night.count else ""
        lines.append(f"Nights on the way, whole or in part: {by_night.count or 'none'}{dark}.")
    on_the_way = [halt for halt in itinerary.halts if halt.reason != "stop"]
    if on_the_way:
        table = aligned(
            ["Halt", "Reason", "Time", "8 in 10 within", ""],
            [
                [
                    name_along(itinerary, h.place, lang),
                    h.reason.replace("_", " "),
                    duration_text(h.duration.p50_s),
                    _within(h.duration),
                    h.detail,
                ]
                for h in on_the_way
            ],
        )
        lines += ["", table]
    lines += [""] * bool(itinerary.alternatives)
    for number, other in enumerate(itinerary.alternatives, start=1):
        time = duration_text(other.duration.p50_s)
        lines.append(f"Alternative {number}: {_km(other.distance_m)} km, {time}: {plain(other.difference)}.")
    lines += [""] * bool(itinerary.warnings)
    lines += [f"Note: {plain(warning)}" for warning in itinerary.warnings]
    lines += ["", f"Data: {plain('; '.join(itinerary.attribution))}"] if itinerary.attribution else []
    return "\n".join(lines) + "\n"


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Rows of text as aligned columns, a letter of Chinese, Japanese or Korean taken as two columns wide.

    Parameters
    ----------
    head : sequence of str
        Headings of the columns.
    rows : iterable of sequence of str
        Cells, as many as there are headings.
    right : sequence of int
        Numbers of the columns to align right, counted from 0.

    Returns
    -------
    str
        The lines, without a newline at the end.
    """
    cells = [[plain(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            padded.append(space + cell if number in right else cell + space)
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def plain(text: str) -> str:
    """Text that cannot steer a terminal.

    Parameters
    ----------
    text : str
        Any text, such as a name from a file.

    Returns
    -------
    str
        The same with control characters and lone surrogates replaced and marks that turn the direction of writing dropped.
    """
    kept = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in {"Cc", "Cs"}:
            kept.append("\ufffd")
        elif category != "Cf" or letter in "\u200c\u200d":  # joiners belong to the spelling of some languages
            kept.append(letter)
    return "".join(kept)


def duration_text(seconds: float) -> str:
    """Duration in words: to the minute below three hours, to five minutes below two days, then to the hour.

    Parameters
    ----------
    seconds : float
        The duration.

    Returns
    -------
    str
        Such as ``25 min``, ``6 h 20 min`` or ``6 d 4 h``.
    """
    # Finer steps would promise more than any model of running times can keep.
    minutes = round(seconds / 60) if seconds < 3 * 3600 else 5 * round(seconds / 300)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    whole_hours = round(seconds / 3600)
    return f"{whole_hours // 24} d {whole_hours % 24} h"


def time_text(moment: datetime | None) -> str:
    """Time on the clock of the place, with the day and the zone.

    Parameters
    ----------
    moment : datetime or None
        An aware time in the zone of the place.

    Returns
    -------
    str
        Such as ``Wed 2019-04-24 18:00 UTC+10``, with the zone's abbreviation where it has one; empty for
        ``None``.
    """
    if moment is None:
        return ""
    zone = moment.tzname() or ""
    # Zones without an abbreviation name themselves by their offset, such as "+10".
    zone = f"UTC{zone}" if zone[:1] in {"+", "-"} else zone
    return f"{_DAYS[moment.weekday()]} {moment.replace(tzinfo=None).isoformat(' ', 'minutes')} {zone}"


def clocks_text(moment: datetime | None, tz: ZoneInfo | None) -> str:
    """Time on the clock of the place and, in brackets, on another.

    Parameters
    ----------
    moment : datetime or None
        An aware time in the zone of the place.
    tz : ZoneInfo or None
        The zone of the other clock, if one is wanted.

    Returns
    -------
    str
        Such as ``Wed 2019-04-24 18:00 UTC+10 (Wed 2019-04-24 10:00 CEST)``; empty for ``None``.
    """
    if moment is None or tz is None:
        return time_text(moment)
    return f"{time_text(moment)} ({time_text(moment.astimezone(tz))})"


def _total(itinerary: Itinerary) -> str:
    rail = [leg for leg in itinerary.legs if leg.mode == "rail"]
    crow = sum(leg.geodesic_m for leg in rail)
    parts = [f"By rail {_km(itinerary.rail_m)} km (crow-fly {_km(crow)} km)"] if rail else []
    for mode in ("ferry", "road"):
        other = sum(leg.distance_m for leg in itinerary.legs if leg.mode == mode)
        parts += [f"by {mode} {_km(other)} km"] if other else []
    time = f"{duration_text(itinerary.duration.p50_s)}, 8 in 10 within {_within(itinerary.duration)}"
    text = f"{', '.join(parts)}. Whole journey {time} ({itinerary.train})."
    return text[0].upper() + text[1:]


def _within(band: Band) -> str:
    return f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}"


def _km(metres: float) -> str:
    return f"{metres / 1000:,.1f}"


def _width(text: str) -> int:
    return sum(
        0
        if unicodedata.category(letter) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )

"""Words and figures as the page writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from route.itinerary import Band

__all__ = ["BY_MODE", "WORDS", "band", "clock", "date", "duration", "kilometres", "zone"]

_NBSP = "\u00a0"  # keeps a figure and its unit on one line
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

BY_MODE = {"rail": "by rail", "road": "by road", "ferry": "by ferry"}
# What page.js writes; `{}` stands for a value.
WORDS = {
    "after": "after {}",
    "arrived": "Arrived at {}",
    "at": "At {}",
    "basemap": "Land and borders",
    "border": "border",
    "break_of_gauge": "break of gauge",
    "close": "Close",
    "day": "day",
    "departs": "Leaving {}",
    "fit": "Show the whole route",
    "halts": "Halts",
    "km": "km {} of {}",
    "names": "Place names",
    "night": "night",
    "nightLayer": "Night",
    "pause": "Pause",
    "play": "Play",
    "reversal": "train reverses",
    "route": "Route and stops",
    "stop": "stop",
    "sun": "sun {}°",
    "tiles": "OpenStreetMap (online)",
    "zoomIn": "Zoom in",
    "zoomOut": "Zoom out",
}


def kilometres(metres: float) -> str:
    """Distance for a reader.

    Parameters
    ----------
    metres : float
        Length, in metres.

    Returns
    -------
    str
        Whole kilometres with thousands separated, tenths below 20 km.
    """
    km = metres / 1000
    return f"{km:.1f}{_NBSP}km" if km < 19.95 and round(km, 1) != round(km) else f"{km:,.0f}{_NBSP}km"


def duration(seconds: float) -> str:
    """Duration for a reader.

    Parameters
    ----------
    seconds : float
        How long.

    Returns
    -------
    str
        Minutes below an hour, hours and minutes below ten hours, else hours, or days and hours.
    """
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}{_NBSP}min"
    if minutes < 600:
        whole = f"{minutes // 60}{_NBSP}h"
        return f"{whole}{_NBSP}{minutes % 60:02d}{_NBSP}min" if minutes % 60 else whole
    hours = round(seconds / 3600)
    if hours < 72:
        return f"{hours}{_NBSP}h"
    days = f"{hours // 24}{_NBSP}days"
    return f"{days}{_NBSP}{hours % 24}{_NBSP}h" if hours % 24 else days


def band(value: Band) -> str:
    """Duration with its band for a reader.

    Parameters
    ----------
    value : Band
        The duration.

    Returns
    -------
    str
        Such as ``24 h (19 h to 36 h)``; without brackets if the band has no width.
    """
    middle, low, high = duration(value.p50_s), duration(value.p10_s), duration(value.p90_s)
    return middle if low == high else f"{middle} ({low} to {high})"


def zone(when: datetime) -> str:
    """Zone of a local time.

    Parameters
    ----------
    when : datetime
        Time, with a time zone.

    Returns
    -------
    str
        The abbreviation where there is one, else the offset, as ``UTC+10``.
    """
    name = when.tzname() or ""
    return name if name.isalpha() else f"UTC{name}" if name else ""


def clock(when: datetime) -> str:
    """Local time for a reader.

    Parameters
    ----------
    when : datetime
        Time, with a time zone.

    Returns
    -------
    str
        Such as ``Wed 24 Apr 2019, 05:00 KST``.
    """
    return f"{date(when)} {when.year}, {when.hour:02d}:{when.minute:02d} {zone(when)}".rstrip()


def date(when: datetime) -> str:
    """Day for a reader.

    Parameters
    ----------
    when : datetime
        Time, with a time zone.

    Returns
    -------
    str
        Such as ``Wed 24 Apr``.
    """
    return f"{_DAYS[when.weekday()]} {when.day} {_MONTHS[when.month - 1]}"

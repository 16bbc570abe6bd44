"""Where the sun stands: enough to draw night on a map and on a train graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = ["SUNSET", "altitude", "nights"]

# Degrees: upper limb on the horizon, with 34' of refraction.
SUNSET = -0.833

_J2000 = 946_728_000.0  # 1 January 2000, 12:00 UTC, as a POSIX time


def altitude(when: datetime, lon: float, lat: float) -> float:
    """Height of the sun's centre above the horizon, without refraction.

    The low-precision formula of the Astronomical Almanac (also Meeus, *Astronomical Algorithms*, 2nd ed.,
    ch. 25 in short form); within 0.02 degrees between 1950 and 2050. `page.js` computes the same.

    Parameters
    ----------
    when : datetime
        Time, with a time zone.
    lon, lat : float
        Place, degrees, WGS 84.

    Returns
    -------
    float
        Degrees, negative below the horizon.
    """
    days = (when.timestamp() - _J2000) / 86_400
    anomaly = math.radians(357.529 + 0.98560028 * days)
    longitude = math.radians(
        280.459 + 0.98564736 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    obliquity = math.radians(23.439 - 0.00000036 * days)
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    ascension = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    sidereal = math.radians(280.46061837 + 360.98564736629 * days)
    hour = sidereal + math.radians(lon) - ascension
    phi = math.radians(lat)
    height = math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.cos(hour)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def nights(
    height: Callable[[float], float], end_s: float, *, step_s: float = 600.0
) -> list[tuple[float, float]]:
    """Stretches of a journey on which the sun is down.

    Parameters
    ----------
    height : callable
        Height of the sun, in degrees, where the train is a number of seconds after the start.
    end_s : float
        End of the journey, in seconds.
    step_s : float
        Distance of the samples between which sunset and sunrise are sought, in seconds.

    Returns
    -------
    list of tuple of float
        Start and end of each night, in seconds from the start of the journey, to half a minute.
    """
    found: list[tuple[float, float]] = []
    began: float | None = 0.0 if height(0.0) < SUNSET else None
    time = 0.0
    while time < end_s:
        later = min(time + step_s, end_s)
        dark = height(later) < SUNSET
        if dark != (began is not None):
            low, high = time, later
            while high - low > 30:
                middle = (low + high) / 2
                low, high = (low, middle) if (height(middle) < SUNSET) == dark else (middle, high)
            if began is None:
                began = high
            else:
                found.append((began, high))
                began = None
        time = later
    if began is not None:
        found.append((began, end_s))
    return found

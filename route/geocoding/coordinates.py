"""Positions written as text, latitude first as people write them."""

from __future__ import annotations

import math
import re

from route.errors import InputError
from route.gazetteer.names import shown
from route.places import Place

__all__ = ["parse_position", "time_zone"]

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+|nan|inf(?:inity)?)"
_WITH_POINT = re.compile(rf"\s*({_NUMBER})\s*(?:[,;]|\s)\s*({_NUMBER})\s*", re.IGNORECASE)
_WITH_COMMA = re.compile(r"\s*([+-]?\d+,\d+)\s*(?:;|\s)\s*([+-]?\d+,\d+)\s*")


def parse_position(text: str) -> Place | None:
    """Place at a position written as ``lat,lon``.

    Parameters
    ----------
    text : str
        Latitude and longitude in degrees, WGS 84, separated by a comma, a semicolon or a space; decimal
        commas are understood where a semicolon or a space separates.

    Returns
    -------
    Place or None
        The place, named by its position; ``None`` if the text is no position.

    Raises
    ------
    InputError
        If the numbers are no position on the globe.
    """
    parts = _WITH_COMMA.fullmatch(text) or _WITH_POINT.fullmatch(text)
    if parts is None:
        return None
    lat, lon = (float(part.replace(",", ".")) for part in parts.groups())
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise InputError(
            f'"{shown(text)}" is no position: write latitude and longitude, such as 42.43,130.64.'
        )
    return Place(name=f"{lat:g}, {lon:g}" if max(abs(lat), abs(lon)) < 1e4 else shown(text), lat=lat, lon=lon)


def time_zone(lat: float, lon: float) -> str | None:
    """Time zone of a position.

    Parameters
    ----------
    lat, lon : float
        Position in degrees, WGS 84.

    Returns
    -------
    str or None
        IANA time zone; ``None`` if none is known there.
    """
    import tzfpy  # its tables take 20 MB, and names bring their time zone along

    return str(tzfpy.get_tz(lon, lat)) or None

"""An itinerary as JSON, a table for a person, CSV, GeoJSON, GPX, KML, iCalendar and GeoParquet.

Everything here is text made from the dataclasses alone; only `to_parquet` loads Arrow, when it is called. The
formats speak of the same things by the same names:

- distances in kilometres with three decimals (metres, so that they add up; not a promise of accuracy),
- durations in hours with three decimals, as 10th, 50th and 90th percentile,
- times in ISO 8601, local to the place, with their offset from UTC; GPX, KML, iCalendar and GeoParquet, whose
  readers show them on their own clock, hold them in UTC,
- positions in degrees with six decimals, WGS 84 (EPSG:4326).

Totals of distance count the legs by rail only: a leg by road or by ferry is listed and marked, never added to
the railway. The total of duration is that of the whole journey.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from route.errors import InputError
from route.exports.calendar import to_ics
from route.exports.geocoded import PLACE_FORMATS, render_places
from route.exports.geojson import to_geojson
from route.exports.gpx import to_gpx
from route.exports.kml import to_kml
from route.exports.tabular import to_csv, to_parquet
from route.exports.text import legs_table
from route.exports.values import Hours, hours, to_dict, to_json, well_formed

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary

__all__ = [
    "FORMATS",
    "PLACE_FORMATS",
    "Hours",
    "format_of",
    "hours",
    "legs_table",
    "render",
    "render_places",
    "to_csv",
    "to_dict",
    "to_geojson",
    "to_gpx",
    "to_ics",
    "to_json",
    "to_kml",
    "to_parquet",
]

_TEXTS = MappingProxyType(
    {
        "table": legs_table,
        "json": to_json,
        "csv": to_csv,
        "geojson": to_geojson,
        "gpx": to_gpx,
        "kml": to_kml,
        "ics": to_ics,
    }
)
# The others hold nothing but moments, which every program shows on its own clock.
_ON_A_CLOCK = MappingProxyType(
    {
        "table": legs_table,
        "json": to_json,
        "csv": to_csv,
        "geojson": to_geojson,
        "kml": to_kml,
        "ics": to_ics,
    }
)
FORMATS = (*_TEXTS, "parquet")
"""Formats of `render`."""


def render(
    itinerary: Itinerary, format_name: str, *, lang: str | None = None, tz: ZoneInfo | None = None
) -> bytes:
    """Itinerary in one of `FORMATS`.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    format_name : str
        One of `FORMATS`.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times beside that of each place; not for GPX and Parquet.

    Returns
    -------
    bytes
        The content of a file of that format; text is UTF-8.

    Raises
    ------
    InputError
        If there is no such format, or if it shows no second clock.
    """
    if format_name not in FORMATS:
        raise InputError(f"There is no format {format_name!r}. Choose one of: {', '.join(FORMATS)}.")
    if tz is not None:
        if format_name not in _ON_A_CLOCK:
            raise InputError(
                f"--tz is for {', '.join(_ON_A_CLOCK)}; {format_name} shows no second clock. Leave it out."
            )
        return well_formed(_ON_A_CLOCK[format_name](itinerary, lang=lang, tz=tz)).encode()
    if format_name == "parquet":
        return to_parquet(itinerary, lang=lang)
    return well_formed(_TEXTS[format_name](itinerary, lang=lang)).encode()


def format_of(path: Path, formats: Collection[str]) -> str:
    """Format that the ending of a file name asks for.

    Parameters
    ----------
    path : Path
        The file to be written.
    formats : collection of str
        Names of the formats there are.

    Returns
    -------
    str
        One of `formats`; ``table`` for a name that ends in ``.txt`` or has no ending.

    Raises
    ------
    InputError
        If the ending belongs to none of them.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending in {"", "txt"}:
        return "table"
    if ending in formats:
        return ending
    raise InputError(
        f"The ending of {path.name} is no known format. Add --format with one of: {', '.join(formats)}."
    )

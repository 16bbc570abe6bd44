"""What names are taken for, as a table for a person, JSON and GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from route.errors import InputError
from route.exports.geojson import point_feature
from route.exports.text import aligned
from route.exports.values import degrees, json_text, well_formed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.geocoding import Resolution

__all__ = ["PLACE_FORMATS", "render_places"]

PLACE_FORMATS = ("table", "json", "geojson")
"""Formats of `render_places`."""

_MOST_CANDIDATES = 5  # of a table; JSON has all


def render_places(found: Sequence[Resolution], format_name: str, *, lang: str | None = None) -> bytes:
    """Resolved names in one of `PLACE_FORMATS`.

    Parameters
    ----------
    found : sequence of Resolution
        The names and what they are taken for.
    format_name : str
        One of `PLACE_FORMATS`.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    bytes
        The content of a file of that format, UTF-8.

    Raises
    ------
    InputError
        If there is no such format.
    """
    if format_name == "table":
        text = _table(found, lang)
    elif format_name == "json":
        text = json_text([_values(one, lang) for one in found])
    elif format_name == "geojson":
        text = _geojson(found, lang)
    else:
        raise InputError(f"There is no format {format_name!r}. Choose one of: {', '.join(PLACE_FORMATS)}.")
    return well_formed(text).encode()


def _values(one: Resolution, lang: str | None) -> dict[str, Any]:
    place = one.place
    return {
        "query": one.query,
        "name": place.name_in(lang),
        "lat": degrees(place.lat),
        "lon": degrees(place.lon),
        "country": place.country,
        "kind": place.kind,
        "source": place.source,
        "score": round(one.score, 3),
        "candidates": [
            {
                "name": candidate.place.name_in(lang),
                "lat": degrees(candidate.place.lat),
                "lon": degrees(candidate.place.lon),
                "country": candidate.place.country,
                "score": round(candidate.score, 3),
            }
            for candidate in one.candidates
        ],
    }


def _geojson(found: Sequence[Resolution], lang: str | None) -> str:
    features = []
    for one in found:
        values = {k: v for k, v in _values(one, lang).items() if k not in {"lat", "lon", "candidates"}}
        features.append(point_feature("place", one.place.lon, one.place.lat, values))
    return json_text({"type": "FeatureCollection", "features": features}, indent=None)


def _table(found: Sequence[Resolution], lang: str | None) -> str:
    rows = []
    for one in found:
        for candidate in one.candidates[:_MOST_CANDIDATES]:
            place = candidate.place
            chosen = place == one.place
            rows.append(
                [
                    one.query if chosen else "",
                    "->" if chosen else "or",
                    # The label of a curated place is its id, which says less than its name.
                    place.name_in(lang) if lang or candidate.label in {"", place.id} else candidate.label,
                    place.country or "",
                    f"{place.lat:.4f},{place.lon:.4f}",
                    place.kind.replace("_", " "),
                    place.source,
                    f"{candidate.score:.2f}",
                    candidate.why,
                ]
            )
    head = ["Name", "", "Place", "Country", "lat,lon", "Kind", "Source", "Score", "Why"]
    return aligned(head, rows, right=(7,)) + "\n"

"""An itinerary as GeoJSON (RFC 7946)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from route.exports.lines import bounding_box, line_parts
from route.exports.values import (
    Hours,
    degrees,
    flat,
    iso_time,
    json_text,
    leg_values,
    name_along,
    place_values,
)
from route.tables import stop_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary

__all__ = ["point_feature", "to_geojson"]


def to_geojson(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Legs, stops and halts as GeoJSON (RFC 7946), cut at the antimeridian.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times of the legs beside that of each place.

    Returns
    -------
    str
        A FeatureCollection with its ``bbox``; the property ``feature`` says ``leg``, ``stop`` or ``halt``.
        Times are local, at a halt UTC; without a departure they are null.
    """
    features: list[dict[str, Any]] = []
    for leg in itinerary.legs:
        parts = [[list(point) for point in part] for part in line_parts(leg)]
        geometry: dict[str, Any] = (
            {"type": "LineString", "coordinates": parts[0]}
            if len(parts) == 1
            else {"type": "MultiLineString", "coordinates": parts}
        )
        features.append(_feature("leg", geometry, flat(leg_values(itinerary, leg, lang, tz))))
    for place, stop in zip(place_values(itinerary, lang), itinerary.stop_times, strict=True):
        times = {"arrival": iso_time(stop.arrival), "departure": iso_time(stop.departure)}
        features.append(point_feature("stop", stop.place.lon, stop.place.lat, place | times))
    for row in stop_rows(itinerary):
        if row["kind"] != "place":
            dwell = Hours(row["dwell_h_p10"], row["dwell_h_p50"], row["dwell_h_p90"])
            values = {
                "place": name_along(itinerary, row["name"], lang),
                "reason": row["kind"],
                "duration_h": {key: round(value, 3) for key, value in dwell._asdict().items()},
                "detail": row["detail"],
                "arrival": iso_time(row["arrival"]),
                "departure": iso_time(row["departure"]),
            }
            features.append(point_feature("halt", row["lon"], row["lat"], flat(values)))
    collection = {
        "type": "FeatureCollection",
        "bbox": bounding_box(itinerary),
        "features": features,
        "attribution": list(itinerary.attribution),
        "warnings": list(itinerary.warnings),
    }
    # Not indented: a line of its own for each number of each vertex would make the file four times as long.
    return json_text(collection, indent=None)


def point_feature(kind: str, lon: float, lat: float, values: Mapping[str, Any]) -> dict[str, Any]:
    """Point as a feature of GeoJSON.

    Parameters
    ----------
    kind : str
        What it is, for the property ``feature``.
    lon, lat : float
        Position in degrees, WGS 84.
    values : mapping
        The other properties.

    Returns
    -------
    dict
        The feature.
    """
    return _feature(kind, {"type": "Point", "coordinates": [degrees(lon), degrees(lat)]}, values)


def _feature(kind: str, geometry: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"feature": kind, **values}}

"""An itinerary as plain values, JSON, CSV, GeoJSON and GeoParquet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from route.geodesy import split_antimeridian

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from route.itinerary import Band, Itinerary, Leg

__all__ = [
    "Hours",
    "degrees",
    "flat",
    "hours",
    "joined",
    "json_text",
    "leg_values",
    "line_parts",
    "point_feature",
    "to_csv",
    "to_dict",
    "to_geojson",
    "to_json",
    "to_parquet",
]


class Hours(NamedTuple):
    """A duration in hours.

    Parameters
    ----------
    p10, p50, p90 : float
        Hours that one, five and nine of ten such journeys stay within.
    """

    p10: float
    p50: float
    p90: float


def hours(band: Band) -> Hours:
    """Duration in hours.

    Parameters
    ----------
    band : Band
        The duration in seconds.

    Returns
    -------
    Hours
        The same in hours, with three decimals.
    """
    return Hours(*(round(s / 3600, 3) for s in (band.p10_s, band.p50_s, band.p90_s)))


def to_dict(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> dict[str, Any]:
    """Itinerary as the plain values of the stable JSON.

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
    dict
        With the keys ``places``, ``legs``, ``halts``, ``total`` and ``warnings``; where alternatives were
        asked for, ``alternatives`` is a list of the same, each with its ``difference``.
    """
    rail = [leg for leg in itinerary.legs if leg.mode == "rail"]
    values = {
        "places": _places(itinerary, lang),
        "legs": [leg_values(itinerary, leg, lang, tz) for leg in itinerary.legs],
        "halts": [
            {"place": h.place, "reason": h.reason, "duration_h": hours(h.duration)._asdict()}
            for h in itinerary.halts
        ],
        "total": {
            "distance_km": _km(itinerary.rail_m),
            "geodesic_km": _km(sum(leg.geodesic_m for leg in rail)),
            "duration_h": hours(itinerary.duration)._asdict(),
            "departure": _time(itinerary.departure),
            "arrival": _time(itinerary.arrival),
        },
        "warnings": list(itinerary.warnings),
    }
    if itinerary.alternatives:
        values["alternatives"] = [
            {"difference": other.difference, **to_dict(other, lang=lang, tz=tz)}
            for other in itinerary.alternatives
        ]
    return values


def to_json(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Itinerary as JSON text, with the keys of `to_dict`.

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
        JSON, ending with a newline.
    """
    return json_text(to_dict(itinerary, lang=lang, tz=tz))


def to_csv(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Legs as CSV, one row each, safe to open in a spreadsheet.

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
        CSV with a header; lists are joined with ``; ``. A text that a spreadsheet would take for a formula
        has an apostrophe before it.
    """
    rows = [flat(leg_values(itinerary, leg, lang, tz)) for leg in itinerary.legs]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


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
        A FeatureCollection; the property ``feature`` says ``leg``, ``stop`` or ``halt``.
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
    for place, stop in zip(_places(itinerary, lang), itinerary.stop_times, strict=True):
        times = {"arrival": _time(stop.arrival), "departure": _time(stop.departure)}
        features.append(point_feature("stop", stop.place.lon, stop.place.lat, place | times))
    for halt in itinerary.halts:
        if halt.reason != "stop":
            values = {
                "place": halt.place,
                "reason": halt.reason,
                "duration_h": hours(halt.duration)._asdict(),
            }
            features.append(point_feature("halt", halt.lon, halt.lat, flat(values) | {"detail": halt.detail}))
    collection = {
        "type": "FeatureCollection",
        "features": features,
        "attribution": list(itinerary.attribution),
        "warnings": list(itinerary.warnings),
    }
    # Not indented: a line of its own for each number of each vertex would make the file four times as long.
    return json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n"


def to_parquet(itinerary: Itinerary) -> bytes:
    """Legs as GeoParquet.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    bytes
        The file, with the columns of `route.tables.legs`, in EPSG:4326.
    """
    from route import tables

    file = io.BytesIO()
    tables.legs(itinerary).to_parquet(file, index=False)
    return file.getvalue()


def leg_values(
    itinerary: Itinerary, leg: Leg, lang: str | None, tz: ZoneInfo | None = None
) -> dict[str, Any]:
    """Leg as the plain values of the stable JSON.

    Parameters
    ----------
    itinerary : Itinerary
        The journey, for the times.
    leg : Leg
        One of its legs.
    lang : str or None
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times beside that of each place.

    Returns
    -------
    dict
        One entry of ``legs``, with ``departure_tz`` and ``arrival_tz`` where a zone was asked for.
    """
    # A stop time for each place: the leg leaves from the one of its own number and ends at the next.
    departure = itinerary.stop_times[leg.sequence - 1].departure
    arrival = itinerary.stop_times[leg.sequence].arrival
    values = {
        "sequence": leg.sequence,
        "origin": leg.origin.name_in(lang),
        "destination": leg.destination.name_in(lang),
        "mode": leg.mode,
        "distance_km": _km(leg.distance_m),
        "geodesic_km": _km(leg.geodesic_m),
        "duration_h": hours(leg.duration)._asdict(),
        "departure": _time(departure),
        "arrival": _time(arrival),
        "gauge_mm": list(leg.gauges_mm),
        "countries": list(leg.countries),
        "lines": list(leg.lines),
    }
    if tz is not None:
        values["departure_tz"] = _time(departure and departure.astimezone(tz))
        values["arrival_tz"] = _time(arrival and arrival.astimezone(tz))
    return values


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns instead of nested values.

    Parameters
    ----------
    values : mapping
        Values by name, some of them mappings themselves.

    Returns
    -------
    dict
        The same with ``duration_h`` as ``duration_h_p10`` and so on.
    """
    columns: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            columns |= {f"{key}_{name}": number for name, number in value.items()}
        else:
            columns[key] = value
    return columns


def joined(value: object) -> str:
    """Value as one text.

    Parameters
    ----------
    value : object
        A list or a single value.

    Returns
    -------
    str
        The elements of a list with ``; `` between them.
    """
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def line_parts(leg: Leg) -> list[list[tuple[float, float]]]:
    """Line of a leg, cut at the antimeridian.

    Parameters
    ----------
    leg : Leg
        The leg.

    Returns
    -------
    list of list of tuple of float
        Parts in order, each of two or more (lon, lat) in degrees, WGS 84.
    """
    parts = [
        [(degrees(lon), degrees(lat)) for lon, lat in part] for part in split_antimeridian(leg.coordinates)
    ]
    return [part if len(part) > 1 else part * 2 for part in parts]


def degrees(value: float) -> float:
    """Degrees with six decimals.

    Parameters
    ----------
    value : float
        Longitude or latitude, in degrees.

    Returns
    -------
    float
        The same to about 0.1 m.
    """
    return round(float(value), 6)


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


def json_text(value: object) -> str:
    """Plain values as JSON text.

    Parameters
    ----------
    value : object
        Dicts, lists, text, finite numbers.

    Returns
    -------
    str
        JSON in the letters of the names, indented, ending with a newline.
    """
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _places(itinerary: Itinerary, lang: str | None) -> list[dict[str, Any]]:
    return [
        {
            "name": place.name_in(lang),
            "lat": degrees(place.lat),
            "lon": degrees(place.lon),
            "country": place.country,
            "timezone": place.timezone,
            "source": place.source,
            "snap_m": None if snap is None else round(snap),
        }
        for place, snap in zip(itinerary.places, itinerary.snap_m, strict=True)
    ]


def _feature(kind: str, geometry: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"feature": kind, **values}}


def _cell(value: object) -> object:
    text = joined(value) if isinstance(value, list) else value
    if isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + text
    return text


def _km(metres: float) -> float:
    return round(metres / 1000, 3)


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    rounded = (moment.astimezone(UTC) + timedelta(seconds=0.5)).astimezone(moment.tzinfo)
    return rounded.isoformat(timespec="seconds")

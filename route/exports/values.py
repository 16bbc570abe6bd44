"""An itinerary as plain values and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

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
    "iso_time",
    "joined",
    "json_text",
    "leg_values",
    "name_along",
    "place_values",
    "to_dict",
    "to_json",
    "utc_text",
    "well_formed",
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
    return Hours(*(round(float(s) / 3600, 3) for s in (band.p10_s, band.p50_s, band.p90_s)))


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
        "places": place_values(itinerary, lang),
        "legs": [leg_values(itinerary, leg, lang, tz) for leg in itinerary.legs],
        "halts": [
            {
                "place": name_along(itinerary, h.place, lang),
                "reason": h.reason,
                "duration_h": hours(h.duration)._asdict(),
            }
            for h in itinerary.halts
        ],
        "total": {
            "distance_km": _km(itinerary.rail_m),
            "geodesic_km": _km(sum(leg.geodesic_m for leg in rail)),
            "duration_h": hours(itinerary.duration)._asdict(),
            "departure": iso_time(itinerary.departure),
            "arrival": iso_time(itinerary.arrival),
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
        "departure": iso_time(departure),
        "arrival": iso_time(arrival),
        "gauge_mm": list(leg.gauges_mm),
        "countries": list(leg.countries),
        "lines": list(leg.lines),
    }
    if tz is not None:
        values["departure_tz"] = iso_time(departure and departure.astimezone(tz))
        values["arrival_tz"] = iso_time(arrival and arrival.astimezone(tz))
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


def degrees(value: float) -> float:
    """Degrees with six decimals.

    Parameters
    ----------
    value : float
        Longitude or latitude, in degrees.

    Returns
    -------
    float
        The same to about 0.1 m; never a negative zero.
    """
    return round(float(value), 6) + 0.0


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Plain values as JSON text.

    Parameters
    ----------
    value : object
        Dicts, lists, text, finite numbers.
    indent : int or None
        Spaces of a level; ``None`` for one line.

    Returns
    -------
    str
        JSON in the letters of the names, ending with a newline.
    """
    return well_formed(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)) + "\n"


def well_formed(text: str) -> str:
    """Text that UTF-8 can hold.

    Parameters
    ----------
    text : str
        Any text, such as a name that was read from JSON.

    Returns
    -------
    str
        The same, halves of a surrogate pair that stand alone replaced by U+FFFD.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def place_values(itinerary: Itinerary, lang: str | None) -> list[dict[str, Any]]:
    """Places as the plain values of the stable JSON.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str or None
        Language of the names, as an IETF tag.

    Returns
    -------
    list of dict
        The entries of ``places``.
    """
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


def name_along(itinerary: Itinerary, name: str, lang: str | None) -> str:
    """Name of a place on the way, such as that of a halt.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    name : str
        The usual name.
    lang : str or None
        Language of the name, as an IETF tag.

    Returns
    -------
    str
        In that language where it is a place of the journey, else as it is.
    """
    return next((place.name_in(lang) for place in itinerary.places if place.name == name), name)


def iso_time(moment: datetime | None) -> str | None:
    """Time on its own clock, in ISO 8601.

    Parameters
    ----------
    moment : datetime or None
        An aware time.

    Returns
    -------
    str or None
        To the second, with the offset from UTC.
    """
    if moment is None:
        return None
    rounded = (moment.astimezone(UTC) + timedelta(seconds=0.5)).astimezone(moment.tzinfo)
    return rounded.isoformat(timespec="seconds")


def utc_text(moment: datetime) -> str:
    """Time in UTC, as XML and RFC 3339 write it.

    Parameters
    ----------
    moment : datetime
        An aware time.

    Returns
    -------
    str
        Such as ``2019-04-23T20:00:00Z``.
    """
    rounded = moment.astimezone(UTC) + timedelta(seconds=0.5)
    return rounded.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _km(metres: float) -> float:
    return round(float(metres) / 1000, 3)

"""The file of an itinerary as it was reported: sightings with their wording and source, and constraints."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from route.errors import InputError
from route.files import data_path
from route.places import Place

__all__ = ["Event", "OtherClock", "Reported", "Sighting", "read_reported", "reported_from", "zone_named"]

Event = Literal["departure", "arrival", "passage", "seen"]
_EVENTS = ("departure", "arrival", "passage", "seen")

_MAX_BYTES = 1_000_000
_MAX_DOTS = 200
_MAX_NUMBER = 1e6
_MAX_SIGHTINGS = 60
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")

_FILE = ("title", "description", "source", "constraints", "sighting")
_CONSTRAINTS = ("train", "max_speed_kmh", "minimum_dwell_min")
_CLOCK = ("zone", "label", "date", "time", "wording", "source")
_SIGHTING = (
    "place",
    "lat",
    "lon",
    "event",
    "date",
    "time",
    "zone",
    "wording",
    "source",
    "note",
    "minimum_dwell_min",
    "also",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClock:
    """The same time as the source tells it for another zone.

    Parameters
    ----------
    zone : ZoneInfo
        The other zone.
    label : str
        What the source calls that clock, such as ``Danish time``; empty if it has no name.
    day : date
        The day it gives.
    time : str
        The time it gives.
    wording, source : str
        The words, and who said them.
    """

    zone: ZoneInfo
    label: str
    day: date
    time: str
    wording: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where the train was reported, and when.

    Parameters
    ----------
    item : str
        Which one it is, for messages: file, number and place.
    place : str or Place
        Where: a name, an identifier, ``lat,lon``, or a place.
    event : str or None
        ``departure``, ``arrival``, ``passage`` (without a stop) or ``seen`` (it was there); ``None`` if the
        file does not say.
    day : date or None
        The day of `time`.
    time : str
        The words of the time; empty for none.
    zone : ZoneInfo or None
        Zone of the clock; ``None`` for that of the place.
    wording, source, note : str
        The words of the report, who said them, and a remark.
    minimum_dwell_s : float or None
        How long the train stood there at least, in seconds.
    also : tuple of OtherClock
        The same time as told for other zones.
    """

    item: str
    place: str | Place
    event: Event | None
    day: date | None
    time: str
    zone: ZoneInfo | None
    wording: str
    source: str
    note: str
    minimum_dwell_s: float | None
    also: tuple[OtherClock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A journey as it was reported.

    Parameters
    ----------
    name : str
        The file, for messages.
    title, description : str
        What it is about.
    train : str or None
        Class of train; ``None`` if the file does not say.
    max_speed_kmh : float or None
        Speed that the train is said not to exceed, in km/h.
    sightings : tuple of Sighting
        In the order of the journey.
    """

    name: str
    title: str
    description: str
    train: str | None
    max_speed_kmh: float | None
    sightings: tuple[Sighting, ...]


def read_reported(path: str | Path) -> Reported:
    """Read a file of sightings.

    Parameters
    ----------
    path : str or Path
        A TOML file, or the bare name of one that comes with the package, such as ``kim-2019``.

    Returns
    -------
    Reported
        What it says.

    Raises
    ------
    InputError
        If it cannot be read; says which item and what to do.
    """
    shipped = {file.stem: file for file in data_path("itineraries").glob("*.toml")}
    file = Path(path)
    try:
        if not file.exists():
            file = shipped.get(str(path), file)
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"Cannot read {path}: {error.strerror or error}. Give a TOML file of sightings, or one that comes with "
            f"railroute: {', '.join(sorted(shipped))}."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text ({error.reason}). Save it as UTF-8.") from error
    if len(content) > _MAX_BYTES or any(_dots(line) > _MAX_DOTS for line in content.splitlines()):
        raise InputError(
            f"{path} is too large or too deep for an itinerary. Check that it is the right file."
        )
    try:
        values = tomllib.loads(content)
    except ValueError as error:  # also of a date that the calendar does not have
        raise InputError(f"{path} is no valid TOML: {error}.") from error
    except RecursionError:
        raise InputError(
            f"{path} is nested too deeply for an itinerary. Check that it is the right file."
        ) from None
    return reported_from(values, name=str(path))


def _dots(line: str) -> int:
    """Number of dots outside quotes; reading a key of many parts takes the square of their number."""
    return _QUOTED.sub("", line).count(".")


def reported_from(values: Mapping[str, Any], *, name: str = "the itinerary") -> Reported:
    """Sightings from plain values.

    Parameters
    ----------
    values : mapping
        With the keys of the file: ``title``, ``description``, ``source``, ``constraints`` (``train``,
        ``max_speed_kmh``, ``minimum_dwell_min``) and a list ``sighting`` of mappings.
    name : str
        What to call them in messages.

    Returns
    -------
    Reported
        What they say.

    Raises
    ------
    InputError
        If they cannot be used; says which item and what to do.
    """
    top = _Item(name, values, _FILE)
    constraints = _Item(f"{name}, constraints", top.table("constraints"), _CONSTRAINTS)
    usual = constraints.number("minimum_dwell_min", least=0.0)
    source = top.text("source")
    sightings = tuple(
        _sighting(entry, f"{name}, sighting {number}", source, usual)
        for number, entry in enumerate(top.tables("sighting"), start=1)
    )
    if not sightings:
        raise InputError(
            f"{name} has no sighting. Add two or more, each as a table [[sighting]] with a place."
        )
    if len(sightings) > _MAX_SIGHTINGS:
        raise InputError(
            f"{name} has {len(sightings)} sightings, and every two of them are compared: {_MAX_SIGHTINGS} is the most. "
            "Check the journey in parts."
        )
    return Reported(
        name=name,
        title=top.text("title"),
        description=top.text("description"),
        train=constraints.text("train") or None,
        max_speed_kmh=constraints.number("max_speed_kmh", least=1.0),
        sightings=sightings,
    )


def zone_named(name: str, item: str) -> ZoneInfo:
    """Time zone of a name in a file.

    Parameters
    ----------
    name : str
        IANA name.
    item : str
        Where it stands, for the message.

    Returns
    -------
    ZoneInfo
        The zone.

    Raises
    ------
    InputError
        If there is no such zone; with the name that comes nearest.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        from zoneinfo import available_timezones

        close = difflib.get_close_matches(name, available_timezones(), n=1)
        hint = f" Did you mean {close[0]}?" if close else " Write an IANA name such as Europe/Copenhagen."
        raise InputError(f"{item}: there is no time zone {name!r}.{hint}") from None


def _sighting(entry: Mapping[str, Any], item: str, source: str, usual_dwell_min: float | None) -> Sighting:
    place = entry.get("place")
    if isinstance(place, Place):
        item += f" ({place.name})"
    elif isinstance(place, str) and place.strip():
        item += f" ({place.strip()})"
    values = _Item(item, entry, _SIGHTING)
    event = values.text("event") or None
    if event is not None and event not in _EVENTS:
        raise InputError(f"{item}: event is {event!r}. Choose one of: {', '.join(_EVENTS)}.")
    dwell = values.number("minimum_dwell_min", least=0.0)
    if dwell is not None and event == "passage":
        raise InputError(f"{item}: a passage is without a stop. Leave minimum_dwell_min out.")
    minutes = dwell if dwell is not None or event == "passage" else usual_dwell_min
    zone = values.text("zone")
    day, words = values.day_and_time()
    own_source = values.text("source") or source
    return Sighting(
        item=item,
        place=_place(values),
        event=cast("Event | None", event),
        day=day,
        time=words,
        zone=zone_named(zone, item) if zone else None,
        wording=values.text("wording"),
        source=own_source,
        note=values.text("note"),
        minimum_dwell_s=None if minutes is None else minutes * 60.0,
        also=tuple(
            _other_clock(_Item(f"{item}, also {number}", other, _CLOCK), own_source)
            for number, other in enumerate(values.tables("also"), start=1)
        ),
    )


def _place(values: _Item) -> str | Place:
    place = values.values.get("place")
    if isinstance(place, Place):
        return place
    name = values.text("place")
    lat, lon = values.number("lat"), values.number("lon")
    if (lat is None) != (lon is None):
        raise InputError(f"{values.item}: a position needs both lat and lon.")
    if lat is not None and lon is not None:
        try:
            return Place(name=name or f"{lat},{lon}", lat=lat, lon=lon)
        except InputError as error:
            raise InputError(f"{values.item}: {error}") from None
    if not name:
        raise InputError(f"{values.item}: it has no place. Add place = a name, an id or lat,lon.")
    return name


def _other_clock(values: _Item, source: str) -> OtherClock:
    zone = values.text("zone")
    if not zone:
        raise InputError(f"{values.item}: it has no zone. Add the IANA name of the zone of the second clock.")
    day, words = values.day_and_time()
    if day is None or not words:
        raise InputError(f"{values.item}: the second clock needs a date and a time.")
    return OtherClock(
        zone=zone_named(zone, values.item),
        label=values.text("label"),
        day=day,
        time=words,
        wording=values.text("wording"),
        source=values.text("source") or source,
    )


class _Item:
    """A table of the file, read value by value with messages that say where."""

    def __init__(self, item: str, values: object, known: Sequence[str]) -> None:
        if not isinstance(values, Mapping):
            raise InputError(f"{item} must be a table of keys and values.")
        self.item = item
        self.values = values
        for key in values:
            if key not in known:
                close = difflib.get_close_matches(str(key), known, n=1)
                hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(known)}."
                raise InputError(f"{item}: unknown key {key!r}. {hint}")

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise InputError(f"{self.item}: {key} must be a text in quotes, not {_shown(value)}.")
        return value.strip()

    def number(self, key: str, least: float = -math.inf) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MAX_NUMBER:
            raise InputError(f"{self.item}: {key} must be a number, not {_shown(value)}.")
        if value < least:
            raise InputError(f"{self.item}: {key} must be {least:g} or more, not {value!r}.")
        return float(value)

    def table(self, key: str) -> object:
        return self.values.get(key, {})

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        value = self.values.get(key, [])
        if isinstance(value, Mapping):
            value = [value]
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise InputError(f"{self.item}: {key} must be a table, or a list of tables.")
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, Mapping):
                raise InputError(f"{self.item}: {key} {number} must be a table of keys and values.")
        return list(value)

    def day_and_time(self) -> tuple[date | None, str]:
        day, words = self.values.get("date"), self.values.get("time", "")
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day.strip())
            except ValueError as error:
                raise InputError(
                    f"{self.item}: date {day!r} is no date ({error}). Write it as 2019-04-24."
                ) from None
        if isinstance(day, datetime) or not (day is None or isinstance(day, date)):
            raise InputError(f"{self.item}: date must be a day such as 2019-04-24, not {_shown(day)}.")
        if isinstance(words, datetime | time):
            words = words.isoformat(sep=" ") if isinstance(words, datetime) else words.isoformat()
        if not isinstance(words, str):
            raise InputError(f'{self.item}: time must be a text such as "18:00 local", not {_shown(words)}.')
        words = words.strip()
        if words and day is None and not _has_date(words):
            raise InputError(f"{self.item}: it has a time but no date. Add the day, as date = 2019-04-24.")
        return day, words


def _shown(value: object) -> str:
    try:
        return repr(value)[:60]
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "one so large"


def _has_date(words: str) -> bool:
    """Whether a date may stand in the words; each part is looked at again when they are read."""
    return any(part.count("-") == 2 and part[:4].isdigit() for part in words.replace("T", " ").split())

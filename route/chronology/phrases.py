"""Words for times: from "dawn", "18:00 local" or "between 10:30 and 10:40" to a window on the time line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from route.errors import InputError
from route.timetable.clock import zone_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from route.places import Place

__all__ = ["WORDS", "Window", "window_of"]

WORDS = (
    "dawn",
    "sunrise",
    "morning",
    "noon",
    "afternoon",
    "sunset",
    "dusk",
    "evening",
    "night",
    "daylight",
    "day",
)
"""Words for a part of a day; `window_of` says what each means."""

_ABOUT = timedelta(minutes=15)
_SUN_MOMENT = timedelta(minutes=10)
_EXAMPLES = (
    '18:00, "18:00 local", "18:00 UTC", dawn, sunset, night, "between 10:30 and 10:40", "not before 18:00"'
)

_RANGE = re.compile(
    r"(?:between\s+(.+?)\s+and\s+(.+)|(?:from\s+)?(.+?)(?:\s+(?:to|until)\s+|\s*[–—]\s*)(.+))"
)
_DASHED = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2}.*)")
_FROM = re.compile(r"(?:not before|not earlier than|after|from|since)\s+(.+)")
_UNTIL = re.compile(r"(?:not after|not later than|no later than|before|by|until)\s+(.+)")
_NEAR = re.compile(r"(?:about|around|circa|c\.)\s+(.+)")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[t\s]\s*(.+))?")
_CLOCK = re.compile(
    r"(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?\s*(local(?: time)?|utc|gmt|z|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, open where nothing is said.

    Parameters
    ----------
    earliest, latest : datetime or None
        Its ends, in UTC; ``None`` where there is none.
    clock : bool
        Whether it is one moment that was told as the time on a clock.
    """

    earliest: datetime | None = None
    latest: datetime | None = None
    clock: bool = False


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where and when a phrase was said."""

    place: Place
    zone: ZoneInfo
    day: date | None

    def on(self, day: date | None) -> date:
        if day is None:
            raise InputError(
                "it has a time but no date. Add the day on which the time is, as date = 2019-04-24."
            )
        return day


def window_of(text: str, place: Place, day: date | None, zone: ZoneInfo | None = None) -> Window:
    """Window that the words of a time stand for.

    Parts of the day are those of the sun at the place: *dawn* lasts from the centre of the sun 6 degrees below
    the horizon to sunrise, *dusk* from sunset to 6 degrees below; *sunrise* and *sunset* are ten minutes to
    either side; *daylight* is between them; *night* is from the end of dusk to the dawn of the next day.
    *Morning* is midnight to noon, *afternoon* noon to 18:00, *evening* 18:00 to midnight, *day* all of it.
    *About* a clock time is a quarter of an hour to either side.

    Parameters
    ----------
    text : str
        Such as ``dawn``, ``18:00 local``, ``18:00 UTC``, ``18:00+10:00``, ``2019-04-24 18:00``,
        ``between 10:30 and 10:40``, ``not before dawn``, ``not after 18:00`` or ``about 18:00``. Empty for
        the whole day, or, without a day, for any time.
    place : Place
        Where.
    day : date or None
        The day, in the zone of the clock.
    zone : ZoneInfo, optional
        Zone of the clock; that of the place by default.

    Returns
    -------
    Window
        In UTC.

    Raises
    ------
    InputError
        If the words are not understood, have no date, are reversed, or name a time that the clocks did not
        show that day or showed twice.
    """
    words = " ".join(text.casefold().split())
    scene = _Scene(place, zone or zone_of(place), day)
    if not words:
        return Window() if day is None else _whole_day(scene, day)
    try:
        return _read(words, scene)
    except OverflowError:
        raise InputError(f"{text!r} lies outside the calendar. Choose a year from 2 to 9998.") from None


def _read(words: str, scene: _Scene) -> Window:
    if found := _DASHED.fullmatch(words) or (_RANGE.fullmatch(words) if not _UNTIL.match(words) else None):
        first, second = (part for part in found.groups() if part)
        one, other = _part(first, scene), _part(second, scene)
        if one.earliest and other.latest and other.latest < one.earliest:
            raise InputError(
                f"the window {words!r} is reversed: it ends before it begins. If it ends on the next day, "
                'write the date with it, as "between 22:00 and 2019-04-25 02:00".'
            )
        return Window(one.earliest, other.latest)
    if found := _FROM.fullmatch(words):
        return Window(_part(found[1], scene).earliest, None)
    if found := _UNTIL.fullmatch(words):
        return Window(None, _part(found[1], scene).latest)
    return _part(words, scene)


def _part(words: str, scene: _Scene) -> Window:
    """One time: a clock time or a word, perhaps with a date of its own."""
    if found := _NEAR.fullmatch(words):
        about = _part(found[1], scene)
        if about.earliest is None or about.latest is None:
            return about
        return Window(about.earliest - _ABOUT, about.latest + _ABOUT)
    day, rest = scene.day, words
    if found := _DATED.fullmatch(words):
        try:
            day = date.fromisoformat(found[1])
        except ValueError as error:
            raise InputError(f"{found[1]} is no date ({error}).") from None
        rest = found[2] or "day"
    if rest in WORDS:
        return _sun_or_day(rest, scene, scene.on(day))
    if found := _CLOCK.fullmatch(rest):
        return _clock(found, scene, scene.on(day))
    raise InputError(f"the time {words!r} is not understood. Write it like one of: {_EXAMPLES}.")


def _clock(found: re.Match[str], scene: _Scene, day: date) -> Window:
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4] == "pm" else 0) if 1 <= hour <= 12 else 99
    try:
        naive = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        raise InputError(f"{found[0].strip()!r} is no time of day: a day has 00:00 to 23:59.") from None
    suffix = found[5] or ""
    if suffix in {"utc", "gmt", "z"}:
        moment = naive.replace(tzinfo=UTC)
    elif suffix[:1] in {"+", "-"}:
        size = timedelta(hours=int(suffix[1:3]), minutes=int(suffix[-2:]))
        if size >= timedelta(hours=24):
            raise InputError(f"{suffix} is no offset from UTC.")
        moment = naive.replace(tzinfo=timezone(-size if suffix[0] == "-" else size))
    else:
        moment = _on_the_clock(naive, scene.zone)
        here = zone_of(scene.place) if suffix else scene.zone
        if suffix and here.utcoffset(naive) != scene.zone.utcoffset(naive):
            raise InputError(
                f"{found[0].strip()!r} is local to {scene.place.name}, which is on {here.key}, but the zone given "
                f"is {scene.zone.key}. Leave one of the two out."
            )
    return Window(moment.astimezone(UTC), moment.astimezone(UTC), clock=True)


def _on_the_clock(naive: datetime, zone: ZoneInfo) -> datetime:
    """Wall-clock time in a zone, refused where it is not exactly one moment."""
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    shown = naive.strftime("%Y-%m-%d %H:%M")
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
        after = first.astimezone(UTC).astimezone(zone).strftime("%H:%M")
        raise InputError(
            f"there was no {shown} in {zone.key}: the clocks were put forward over it. The time meant may be "
            f"{after}."
        )
    offsets = " or ".join(f"{naive:%H:%M}{_offset(moment)}" for moment in (first, second))
    raise InputError(
        f"{shown} came twice in {zone.key}: the clocks were put back. Write which is meant: {offsets}."
    )


def _offset(moment: datetime) -> str:
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """An hour that bounds a part of the day; where the clocks skip it, the moment they do."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def _whole_day(scene: _Scene, day: date) -> Window:
    return Window(_at(day, 0, scene.zone), _at(day + timedelta(days=1), 0, scene.zone))


def _sun_or_day(word: str, scene: _Scene, day: date) -> Window:
    zone, next_day = scene.zone, day + timedelta(days=1)
    if word == "day":
        return _whole_day(scene, day)
    if word == "morning":
        return Window(_at(day, 0, zone), _at(day, 12, zone))
    if word == "noon":
        return Window(_at(day, 12, zone), _at(day, 12, zone), clock=True)
    if word == "afternoon":
        return Window(_at(day, 12, zone), _at(day, 18, zone))
    if word == "evening":
        return Window(_at(day, 18, zone), _at(next_day, 0, zone))

    from astral import sun  # loaded only for the words that need it

    def seen(event: Callable[..., datetime], on: date) -> datetime:
        from astral import Observer

        try:
            moment = event(Observer(scene.place.lat, scene.place.lon), on, tzinfo=zone)
        except ValueError:
            raise InputError(
                f"there is no {word} at {scene.place.name} on {on}: the sun does not rise and set there that "
                "day. Give a clock time."
            ) from None
        return moment.astimezone(UTC).replace(microsecond=0)

    if word == "dawn":
        return Window(seen(sun.dawn, day), seen(sun.sunrise, day))
    if word == "dusk":
        return Window(seen(sun.sunset, day), seen(sun.dusk, day))
    if word == "night":
        return Window(seen(sun.dusk, day), seen(sun.dawn, next_day))
    if word == "daylight":
        return Window(seen(sun.sunrise, day), seen(sun.sunset, day))
    moment = seen(sun.sunrise if word == "sunrise" else sun.sunset, day)
    return Window(moment - _SUN_MOMENT, moment + _SUN_MOMENT)

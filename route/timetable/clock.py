"""Clocks: reading a departure, local time at a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from route.errors import InputError

if TYPE_CHECKING:
    from route.places import Place

__all__ = ["departure_time", "local_time", "zone_of"]


def zone_of(place: Place) -> ZoneInfo:
    """Time zone of a place.

    Parameters
    ----------
    place : Place
        The place; without a time zone of its own, the zone follows from its position.

    Returns
    -------
    ZoneInfo
        The zone, with the history of its offsets.

    Raises
    ------
    InputError
        If the zone is not in the time zone database.
    """
    name = place.timezone
    if name is None:
        from tzfpy import get_tz  # here: the index of the world's zones is not small

        name = get_tz(place.lon, place.lat)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"{place.name}: no time zone {name!r} is known. Give an IANA name such as Asia/Pyongyang."
        ) from None


def departure_time(departure: str | datetime, origin: Place) -> datetime:
    """Departure as a moment in time.

    Parameters
    ----------
    departure : str or datetime
        ISO 8601, such as ``2019-04-24T05:00``; local to the origin unless it carries an offset.
    origin : Place
        Where the journey starts.

    Returns
    -------
    datetime
        In the zone of the origin.

    Raises
    ------
    InputError
        If the text is no date and time, or if the clock at the origin never showed that time or showed it
        twice.
    """
    zone = zone_of(origin)
    if isinstance(departure, datetime):
        moment = departure
    else:
        text = departure.strip()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise InputError(
                f"Departure {departure!r} is no date and time ({error}). Write it as 2019-04-24T05:00."
            ) from None
        if len(text) <= len("2019-04-24"):
            raise InputError(f"Departure {departure!r} has no time of day. Write it as {text}T05:00.")
    try:
        if moment.tzinfo is not None and moment.utcoffset() is not None:
            return moment.astimezone(zone)
        return _local(moment, zone, origin)
    except OverflowError:
        raise InputError(
            f"Departure {departure} lies outside the calendar. Choose a year from 2 to 9998."
        ) from None


def _local(moment: datetime, zone: ZoneInfo, origin: Place) -> datetime:
    """Wall-clock time in a zone, refused where it is not exactly one moment."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    shown = moment.strftime("%Y-%m-%d %H:%M")
    offsets = [value.strftime("%z")[:3] + ":" + value.strftime("%z")[3:5] for value in (first, second)]
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        after = first.astimezone(UTC).astimezone(zone).strftime("%H:%M")
        raise InputError(
            f"{origin.name}: there is no {shown} in {zone.key}, the clocks were put forward over it. "
            f"Depart at {after} or give an offset, as in {moment.isoformat(timespec='minutes')}{offsets[0]}."
        )
    raise InputError(
        f"{origin.name}: {shown} comes twice in {zone.key}, the clocks were put back. Give the offset, as in "
        f"{moment.isoformat(timespec='minutes')}{offsets[0]} or {offsets[1]}."
    )


def local_time(departure: datetime, elapsed_s: float, place: Place) -> datetime:
    """Local time at a place, some time after the departure.

    Parameters
    ----------
    departure : datetime
        Start of the journey, with its zone.
    elapsed_s : float
        Seconds since then.
    place : Place
        Where the clock hangs.

    Returns
    -------
    datetime
        In the zone of the place, to the second.

    Raises
    ------
    InputError
        If the time lies outside the calendar.
    """
    try:
        moment = departure.astimezone(UTC) + timedelta(seconds=round(elapsed_s))
        return moment.astimezone(zone_of(place))
    except OverflowError:
        raise InputError(
            f"The journey from {departure} ends outside the calendar. Choose a year from 2 to 9998."
        ) from None

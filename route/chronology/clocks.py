"""One moment told on two clocks: whether the arithmetic is right, and what went wrong if not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal

from route.chronology.phrases import window_of
from route.errors import InputError
from route.timetable.clock import zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from route.chronology.phrases import Window
    from route.chronology.reported import OtherClock, Sighting
    from route.places import Place

__all__ = ["ClockCheck", "Slip", "check_clock"]

Slip = Literal["", "sign", "day", "summer_time", "other"]
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """A time and the same time as told for another zone.

    Parameters
    ----------
    place : Place
        Where the first clock hangs.
    sighting : int
        Number of the sighting, from 1.
    stated_local : datetime
        The time at the place, in its zone.
    stated_other : datetime
        The time told for the other zone, in that zone.
    computed_other : datetime
        The time it really was there.
    zone : str
        IANA name of the other zone.
    label : str
        What the source calls that clock.
    slip : str
        Empty if the two agree; ``sign`` if the difference of the zones was applied the wrong way round,
        ``day`` if the time of day is right and the day wrong, ``summer_time`` if it is an hour off, else
        ``other``.
    wording, source : str
        The words, and who said them.
    """

    place: Place
    sighting: int
    stated_local: datetime
    stated_other: datetime
    computed_other: datetime
    zone: str
    label: str
    slip: Slip
    wording: str
    source: str

    @property
    def agrees(self) -> bool:
        """Whether the two times are one moment."""
        return not self.slip

    @property
    def difference(self) -> timedelta:
        """How far the clock at the place is ahead of the other one."""
        return (self.stated_local.utcoffset() or _NO_TIME) - (self.computed_other.utcoffset() or _NO_TIME)


def check_clock(
    number: int, place: Place, sighting: Sighting, window: Window, other: OtherClock
) -> ClockCheck:
    """Check a time that is told for two zones.

    Parameters
    ----------
    number : int
        Number of the sighting, from 1.
    place : Place
        Its place.
    sighting : Sighting
        The sighting, for messages.
    window : Window
        Its time.
    other : OtherClock
        What is said for the other zone.

    Returns
    -------
    ClockCheck
        Whether they agree.

    Raises
    ------
    InputError
        If one of the two is not a clock time.
    """
    try:
        claimed = window_of(other.time, place, other.day, other.zone)
    except InputError as error:
        raise InputError(f"{sighting.item}, second clock: {error}") from None
    if not (window.clock and claimed.clock and window.earliest and claimed.earliest):
        raise InputError(
            f"{sighting.item}: only clock times such as 18:00 can be compared between two zones."
        )
    local = window.earliest.astimezone(zone_of(place))
    computed = window.earliest.astimezone(other.zone)
    stated = claimed.earliest.astimezone(other.zone)
    return ClockCheck(
        place=place,
        sighting=number,
        stated_local=local,
        stated_other=stated,
        computed_other=computed,
        zone=other.zone.key,
        label=other.label,
        slip=_slip(local, computed, stated),
        wording=other.wording,
        source=other.source,
    )


def _slip(local: datetime, computed: datetime, stated: datetime) -> Slip:
    if stated == computed:
        return ""
    walls = [moment.replace(tzinfo=None) for moment in (local, computed, stated)]
    difference = walls[0] - walls[1]
    if difference and walls[2] == walls[0] + difference:
        return "sign"
    off = abs(stated.astimezone(UTC) - computed.astimezone(UTC))
    if not off % timedelta(days=1):
        return "day"
    return "summer_time" if off == timedelta(hours=1) else "other"

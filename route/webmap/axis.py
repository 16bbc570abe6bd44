"""The time axis of the page: one for all its journeys, and its marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.words import Words

__all__ = ["Axis", "Tick", "axis_of"]

_STEPS_S = (
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    *(3600 * hours for hours in (2, 3, 6, 12, 24, 48, 96, 168, 336)),
)
_APART = 3.0  # journeys further apart than this many times the longest are laid beside each other
_WIDER = 0.75  # what was reported may widen the axis by this share of the longest journey


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the time axis.

    Parameters
    ----------
    share : float
        Its place, as a share of the axis.
    text : str
        What it says.
    major : bool
        Whether it begins a day.
    """

    share: float
    text: str
    major: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis.

    Parameters
    ----------
    start : datetime or None
        Time at which it begins, on the clock of the first place; ``None`` if it counts from each departure.
    end_s : float
        Its length, in seconds.
    offsets_s : tuple of float
        Departure of each journey, in seconds from the start of the axis.
    """

    start: datetime | None
    end_s: float
    offsets_s: tuple[float, ...]

    def seconds(self, moment: datetime) -> float:
        """Place of a moment on the axis.

        Parameters
        ----------
        moment : datetime
            The moment, with its zone.

        Returns
        -------
        float
            Seconds from the start of the axis; may lie outside it.

        Raises
        ------
        ValueError
            If the axis counts from the departures.
        """
        if self.start is None:
            raise ValueError("This axis has no clock.")
        return (moment - self.start).total_seconds()

    def ticks(self, words: Words) -> tuple[Tick, ...]:
        """At most nine marks: round hours of the first place's clock, or hours since the start.

        Parameters
        ----------
        words : Words
            Language of the days.

        Returns
        -------
        tuple of Tick
            In the order of time.
        """
        step_s = next((step for step in _STEPS_S if self.end_s / step <= 9), _STEPS_S[-1])
        if self.start is None:
            count = int(self.end_s / step_s)
            return tuple(
                Tick(
                    share=index * step_s / self.end_s, text=words.elapsed(index * step_s, step_s), major=False
                )
                for index in range(count + 1)
            )
        made: list[Tick] = []
        start = self.start.astimezone(UTC)
        midnight = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        day = 0
        while True:
            # Wall-clock arithmetic on purpose: marks are round hours of the clock, also after it was changed.
            base = midnight + timedelta(days=day)
            if (base.astimezone(UTC) - start).total_seconds() > self.end_s:
                return tuple(made)
            for index in range(max(1, round(86_400 / step_s))):
                when = base + timedelta(seconds=index * step_s)
                seconds = (when.astimezone(UTC) - start).total_seconds()
                if 0 <= seconds <= self.end_s:
                    major = index == 0
                    text = words.date(when) if major else words.time(when)
                    made.append(Tick(share=seconds / self.end_s, text=text, major=major))
            day += max(1, round(step_s / 86_400))


def axis_of(
    departures: Sequence[datetime | None],
    lengths_s: Sequence[float],
    moments: Sequence[datetime] = (),
) -> Axis:
    """Axis for journeys: by the clock if every departure is known and they lie near each other.

    Parameters
    ----------
    departures : sequence of datetime or None
        Departure of each journey.
    lengths_s : sequence of float
        Length of each, at the slow end of its band, in seconds.
    moments : sequence of datetime
        Times that should be on the axis if they are not too far off.

    Returns
    -------
    Axis
        The axis.
    """
    longest = max(*lengths_s, 60.0)
    first = departures[0]
    known = [departure for departure in departures if departure is not None]
    if first is None or len(known) < len(departures):
        return Axis(None, longest, (0.0,) * len(departures))
    begins = [(departure - first).total_seconds() for departure in known]
    if max(begins) - min(begins) > _APART * longest:
        return Axis(None, longest, (0.0,) * len(departures))
    low = min(begins)
    high = max(begin + length for begin, length in zip(begins, lengths_s, strict=True))
    high = max(high, low + 60.0)
    seconds = [(moment - first).total_seconds() for moment in moments]
    low, high = (
        min([low, *(s for s in seconds if s >= low - _WIDER * longest)]),
        max([high, *(s for s in seconds if s <= high + _WIDER * longest)]),
    )
    start = (first.astimezone(UTC) + timedelta(seconds=low)).astimezone(first.tzinfo)
    return Axis(start, high - low, tuple(begin - low for begin in begins))

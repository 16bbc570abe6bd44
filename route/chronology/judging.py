"""Statements, dwells and running times held against each other, in plain numbers.

Everything is in seconds on one time line. Each stop of the journey has two time points, its arrival and its
departure; a statement bounds one of them (or, for *seen*, a point between them) against the zero of the time
line; the running time bounds the departure of one stop and the arrival at another from below. Trains may
always wait, so nothing bounds them from above.

The verdict compares the longest time that the statements leave with the band of the running time:

- ``fits``: at least the median. There was time for the usual run.
- ``tight``: less than that, but at least p10. One in ten such runs is as quick.
- ``does_not_fit``: less than p10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from route.chronology.temporal import Constraint, TemporalNetwork

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from route.chronology.reported import Event
    from route.itinerary import Band

__all__ = ["VERDICTS", "Judgement", "Statement", "Stop", "Verdict", "Windows", "judge", "verdict_of"]

Verdict = Literal["fits", "tight", "does_not_fit"]
VERDICTS: tuple[Verdict, ...] = ("fits", "tight", "does_not_fit")
"""From best to worst."""

_ZERO: Hashable = "zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place of the journey.

    Parameters
    ----------
    dwell_s : float
        Least time between arrival and departure that the statements demand, in seconds.
    passage : bool
        Whether the train passes without a stop.
    """

    dwell_s: float = 0.0
    passage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is said of one time.

    Parameters
    ----------
    stop : int
        Number of the stop, from 0.
    event : str
        ``departure``, ``arrival``, ``passage`` or ``seen``.
    earliest_s, latest_s : float
        Its window, in seconds; infinite where nothing is said.
    """

    stop: int
    event: Event
    earliest_s: float = -math.inf
    latest_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows that follow for one statement, in seconds; ``None`` where no times can hold together.

    Parameters
    ----------
    tightened : tuple of float or None
        What is left of the stated window once everything else is taken into account, at p10 running times.
    fitting : tuple of float or None
        When it could have been if everything else that is stated holds, at median running times.
    possible : tuple of float or None
        The same at p10 running times.
    """

    tightened: tuple[float, float] | None
    fitting: tuple[float, float] | None
    possible: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from the statements.

    Parameters
    ----------
    verdict : str
        Of the whole: ``fits``, ``tight`` or ``does_not_fit``.
    leave_s, arrive_s : tuple of float
        For each stop, the earliest departure and the latest arrival that the statements leave, running times
        left out; infinite where they do not bound it.
    windows : tuple of Windows
        One for each statement.
    conflict : tuple of int
        Numbers of the statements that disagree; empty if the verdict is ``fits``. At median running times
        where it is ``tight``.
    """

    verdict: Verdict
    leave_s: tuple[float, ...]
    arrive_s: tuple[float, ...]
    windows: tuple[Windows, ...]
    conflict: tuple[int, ...]

    def available_s(self, origin: int, destination: int) -> float:
        """Longest time that the statements leave between two stops.

        Parameters
        ----------
        origin, destination : int
            Numbers of the stops, the earlier one first.

        Returns
        -------
        float
            Latest arrival less earliest departure, in seconds; infinite if they do not bound it, negative if
            they put the arrival first.
        """
        return self.arrive_s[destination] - self.leave_s[origin]


def verdict_of(available_s: float, duration: Band) -> Verdict:
    """Verdict on one pair of places.

    Parameters
    ----------
    available_s : float
        Longest time there was, in seconds.
    duration : Band
        Time the journey takes.

    Returns
    -------
    str
        ``fits``, ``tight`` or ``does_not_fit``.
    """
    if available_s >= duration.p50_s:
        return "fits"
    return "tight" if available_s >= duration.p10_s else "does_not_fit"


def judge(
    stops: Sequence[Stop], statements: Sequence[Statement], durations: Mapping[tuple[int, int], Band]
) -> Judgement:
    """Judge whether statements can hold together.

    Parameters
    ----------
    stops : sequence of Stop
        The places, in order.
    statements : sequence of Statement
        What is said of them.
    durations : mapping of (int, int) to Band
        Time from the departure of each stop to the arrival at each later one.

    Returns
    -------
    Judgement
        The verdict, the time there was, the windows that follow, and what disagrees.
    """
    quick = _rules(stops, {pair: band.p10_s for pair, band in durations.items()})
    usual = _rules(stops, {pair: band.p50_s for pair, band in durations.items()})
    stated = [_bounds(number, statement) for number, statement in enumerate(statements)]
    said = [bound for bounds in stated for bound in bounds]
    at_quick, at_usual = TemporalNetwork([*quick, *said]), TemporalNetwork([*usual, *said])
    windows = []
    for number, statement in enumerate(statements):
        own = _bounds(number, Statement(stop=statement.stop, event=statement.event))
        rest = [bound for other, bounds in enumerate(stated) if other != number for bound in bounds]
        windows.append(
            Windows(
                tightened=_window(at_quick, number),
                fitting=_window(TemporalNetwork([*usual, *rest, *own]), number),
                possible=_window(TemporalNetwork([*quick, *rest, *own]), number),
            )
        )
    verdict: Verdict = "fits" if at_usual.consistent else "tight" if at_quick.consistent else "does_not_fit"
    conflict = at_quick.conflict or at_usual.conflict
    leave_s, arrive_s = _open_ends(stops, statements)
    return Judgement(
        verdict=verdict,
        leave_s=tuple(leave_s),
        arrive_s=tuple(arrive_s),
        windows=tuple(windows),
        conflict=tuple(sorted({bound.tag for bound in conflict if isinstance(bound.tag, int)})),
    )


def _rules(stops: Sequence[Stop], durations_s: Mapping[tuple[int, int], float]) -> list[Constraint]:
    """What holds whatever is said: dwells and running times."""
    rules = [
        Constraint(
            before=("arrival", number),
            after=("departure", number),
            low_s=stop.dwell_s,
            high_s=0.0 if stop.passage else math.inf,
        )
        for number, stop in enumerate(stops)
    ]
    for (origin, destination), seconds in durations_s.items():
        rules.append(Constraint(before=("departure", origin), after=("arrival", destination), low_s=seconds))
    return rules


def _bounds(number: int, statement: Statement) -> list[Constraint]:
    """Constraints of one statement; its point is always there, bounded or not."""
    point: Hashable = ("statement", number)
    stop = statement.stop
    first = "departure" if statement.event == "departure" else "arrival"
    last = "departure" if statement.event in {"departure", "seen"} else "arrival"
    if first == last:
        place = [Constraint(before=(first, stop), after=point, low_s=0.0, high_s=0.0)]
    else:
        place = [
            Constraint(before=(first, stop), after=point, low_s=0.0),
            Constraint(before=point, after=(last, stop), low_s=0.0),
        ]
    # Two bounds rather than one: a cycle then names the side it uses.
    return [
        *place,
        Constraint(before=_ZERO, after=point, low_s=statement.earliest_s, tag=number),
        Constraint(before=_ZERO, after=point, high_s=statement.latest_s, tag=number),
    ]


def _window(network: TemporalNetwork, number: int) -> tuple[float, float] | None:
    if not network.consistent:
        return None
    return network.bounds_s(_ZERO, ("statement", number))


def _open_ends(stops: Sequence[Stop], statements: Sequence[Statement]) -> tuple[list[float], list[float]]:
    """Earliest departure and latest arrival of each stop by the statements and dwells alone.

    Worked out by hand rather than with a network: here nothing can contradict itself, and the time there was
    is defined even where it is negative.
    """
    # Dwell before each point: arrival of stop i is point 2 i, its departure 2 i + 1.
    dwell = [0.0]
    for stop in stops:
        dwell += [dwell[-1] + stop.dwell_s] * 2
    earliest, latest = [-math.inf] * len(stops), [math.inf] * len(stops)
    for statement in statements:
        at = 2 * statement.stop
        departs = statement.event == "departure"
        # Who is seen has arrived, and has not left.
        before = at + (departs or statement.event == "seen")
        after = at + departs
        for number in range(len(stops)):
            leaves, arrives = 2 * number + 1, 2 * number
            if before <= leaves:
                after_dwell = statement.earliest_s + dwell[leaves] - dwell[before]
                earliest[number] = max(earliest[number], after_dwell)
            if after >= arrives:
                before_dwell = statement.latest_s - (dwell[after] - dwell[arrives])
                latest[number] = min(latest[number], before_dwell)
    return earliest, latest

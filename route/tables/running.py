"""How a leg is run: its time-distance curve with the band, and when its halts begin."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.itinerary import ZERO, Band

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.itinerary import Halt, Itinerary, Leg

__all__ = ["Break", "Run", "run_of"]


class Break(NamedTuple):
    """A breakpoint of one leg.

    Parameters
    ----------
    measure_m : float
        Distance from the start of the leg, in metres.
    elapsed : Band
        Time since the departure from its origin.
    """

    measure_m: float
    elapsed: Band


class Run(NamedTuple):
    """How one leg is run.

    Parameters
    ----------
    breaks : list of Break
        Its time-distance curve, linear between the breakpoints.
    halts : list of tuple
        Its halts in order, each with the time since the departure at which it begins.
    """

    breaks: list[Break]
    halts: list[tuple[Halt, Band]]


_SAME_M, _SAME_S = 0.5, 1e-3  # sums in two orders differ in the last digits


def run_of(itinerary: Itinerary, leg: Leg) -> Run:
    """Time-distance curve of one leg, with its band.

    The median is the leg's own curve. Of the band, a halt keeps its own, and the running shares the rest in
    proportion to its median.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    leg : Leg
        One of its legs.

    Returns
    -------
    Run
        Breakpoints and halts.
    """
    halts = [halt for halt in itinerary.halts if halt.leg == leg.sequence and halt.reason != "stop"]
    waiting = sorted(halts, key=lambda halt: halt.measure_m)
    points = (leg.curve if len(leg.curve) else _curve_by_speed(leg, waiting)).tolist()
    stood = [ZERO]
    arrived: list[tuple[Halt, int]] = []
    for index, (before, after) in enumerate(pairwise(points)):
        pause_s = after[0] - before[0]
        found = [
            halt
            for halt in waiting
            if before[1] == after[1]
            and abs(halt.measure_m - before[1]) < _SAME_M
            and abs(halt.duration.p50_s - pause_s) < _SAME_S
        ]
        for halt in found[:1]:
            waiting.remove(halt)
            arrived.append((halt, index))
        stood.append(stood[-1] + found[0].duration if found else stood[-1])
    bands = _bands([elapsed_s for elapsed_s, _ in points], stood, leg.duration)
    breaks = [Break(measure_m, band) for (_, measure_m), band in zip(points, bands, strict=True)]
    at = [(halt, bands[index]) for halt, index in arrived]
    # A halt that the curve does not stand still for has no time of its own there: it is reached in passing.
    at += [(halt, _reached(breaks, halt.measure_m)) for halt in waiting]
    return Run(breaks, sorted(at, key=lambda entry: (entry[0].measure_m, entry[1].p50_s)))


def _curve_by_speed(leg: Leg, halts: list[Halt]) -> NDArray[np.float64]:
    """Curve of a leg that has none: the running time shared out by length over line speed."""
    running_s = max(leg.duration.p50_s - sum(halt.duration.p50_s for halt in halts), 0.0)
    knots: list[tuple[float, float]] = [(0.0, 0.0)]
    speeds: list[float] = []
    for section in leg.sections:
        length = section.end_m - section.start_m
        if length <= 0 or section.speed_kmh <= 0:
            continue
        if speeds and speeds[-1] == section.speed_kmh:
            knots.pop()
            speeds.pop()
        weight = (section.end_m - knots[-1][0]) / section.speed_kmh
        speeds.append(section.speed_kmh)
        knots.append((section.end_m, knots[-1][1] + weight))
    if knots[-1][1] <= 0:
        knots = [(0.0, 0.0), (leg.distance_m, 1.0)]
    at, weight_at = np.array(knots).T
    curve: list[tuple[float, float]] = []
    stood_s = 0.0
    waiting = list(halts)
    for measure in sorted({*at.tolist(), *(halt.measure_m for halt in halts)}):
        ran_s = running_s * float(np.interp(measure, at, weight_at / weight_at[-1]))
        curve.append((ran_s + stood_s, measure))
        while waiting and waiting[0].measure_m <= measure:
            stood_s += waiting.pop(0).duration.p50_s
            curve.append((ran_s + stood_s, measure))
    return np.array(curve)


def _bands(elapsed_s: list[float], stood: list[Band], duration: Band) -> list[Band]:
    running = Band(
        duration.p10_s - stood[-1].p10_s,
        duration.p50_s - stood[-1].p50_s,
        duration.p90_s - stood[-1].p90_s,
    )
    if not 0 <= running.p10_s <= running.p50_s <= running.p90_s:
        # Halts that do not all go well or badly together outweigh the running: everything is shared out.
        stood, running = [ZERO] * len(stood), duration
    fast, slow = (
        part / running.p50_s if running.p50_s > 0 else 1.0 for part in (running.p10_s, running.p90_s)
    )
    return [
        Band(
            fast * (median_s - still.p50_s) + still.p10_s,
            median_s,
            slow * (median_s - still.p50_s) + still.p90_s,
        )
        for median_s, still in zip(elapsed_s, stood, strict=True)
    ]


def _reached(breaks: list[Break], measure_m: float) -> Band:
    """Time at which a measure is reached for the first time."""
    for before, after in pairwise(breaks):
        if measure_m <= after.measure_m:
            length = after.measure_m - before.measure_m
            share = (measure_m - before.measure_m) / length if length > 0 else 0.0
            low, high = before.elapsed, after.elapsed
            return Band(
                low.p10_s + share * (high.p10_s - low.p10_s),
                low.p50_s + share * (high.p50_s - low.p50_s),
                low.p90_s + share * (high.p90_s - low.p90_s),
            )
    return breaks[-1].elapsed

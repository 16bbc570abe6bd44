"""Breaks of gauge: where a train has to change, given which gauges the track offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from route.registers import same_gauge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.timetable.line import Piece

__all__ = ["GaugeChange", "Offer", "common_gauges", "find_gauge_changes", "gauge_changes", "misfit_per_m"]

# What it costs to ride on track of the wrong gauge, in changes per kilometre. Where the gauge is only that of
# the country, a short stretch of it beside another gauge is the approach to a station and is taken to have
# both; where it is known, hardly any is.
_ASSUMED_COST = 1.0 / 20.0
_KNOWN_COST = 1.0

Offer = tuple[frozenset[int], float, float, float]
"""Gauges of a stretch of track in millimetres, its start and end in metres, and what riding on none of them costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeChange:
    """A change of gauge, and where it can be made.

    Parameters
    ----------
    from_mm, to_mm : int
        The gauges, in millimetres.
    low_m, high_m : float
        First and last measure at which it can be made, in metres from the start of the journey: both gauges
        are there in between.
    """

    from_mm: int
    to_mm: int
    low_m: float
    high_m: float


def common_gauges(gauges_mm: tuple[int, ...]) -> frozenset[int]:
    """Gauges of track, those that differ by less than wear allows as one.

    Parameters
    ----------
    gauges_mm : tuple of int
        The gauges, in millimetres.

    Returns
    -------
    frozenset of int
        1524 mm is 1520 mm.
    """
    return frozenset(1520 if same_gauge(gauge, 1520) else gauge for gauge in gauges_mm)


def misfit_per_m(*, assumed: bool) -> float:
    """Cost of a metre on track of the wrong gauge, in changes of gauge.

    Parameters
    ----------
    assumed : bool
        Whether the gauge is only that of the country.

    Returns
    -------
    float
        The cost.
    """
    return (_ASSUMED_COST if assumed else _KNOWN_COST) / 1000.0


def find_gauge_changes(pieces: Sequence[Piece]) -> list[GaugeChange]:
    """Changes of gauge on a run by rail, as few as its track allows.

    Parameters
    ----------
    pieces : sequence of Piece
        The run, in order and without gaps.

    Returns
    -------
    list of GaugeChange
        In order.
    """
    return gauge_changes(
        [
            (
                common_gauges(piece.section.gauges_mm),
                piece.start_m,
                piece.end_m,
                (piece.end_m - piece.start_m) * misfit_per_m(assumed=piece.section.speed_source == "default"),
            )
            for piece in pieces
        ]
    )


def gauge_changes(offers: Sequence[Offer]) -> list[GaugeChange]:
    """Changes of gauge on track that offers some gauges after others.

    A shortest path over (stretch, gauge): a change costs 1, track without the gauge costs by its length. Track of
    unknown gauge fits any.

    Parameters
    ----------
    offers : sequence of Offer
        The track, in order and without gaps; gauges as by `common_gauges`.

    Returns
    -------
    list of GaugeChange
        In order.
    """
    merged: list[Offer] = []
    for offered, start, end, cost in offers:
        if not offered or end <= start:
            continue
        if merged and merged[-1][0] == offered:
            _, first, _, before = merged[-1]
            merged[-1] = (offered, first, end, before + cost)
        else:
            merged.append((offered, start, end, cost))
    every = sorted({gauge for offered, *_ in merged for gauge in offered})
    if len(every) < 2:
        return []

    best = dict.fromkeys(every, 0.0)
    came: list[dict[int, int]] = []
    for offered, _, _, cost in merged:
        cheapest = min(every, key=lambda gauge: best[gauge])
        origin = {gauge: gauge if best[gauge] <= best[cheapest] + 1.0 else cheapest for gauge in every}
        best = {
            gauge: (best[gauge] if origin[gauge] == gauge else best[cheapest] + 1.0)
            + (0.0 if gauge in offered else cost)
            for gauge in every
        }
        came.append(origin)
    gauge = min(every, key=lambda candidate: best[candidate])
    used = []
    for origin in reversed(came):
        used.append(gauge)
        gauge = origin[gauge]
    used.reverse()

    changes = []
    for index in range(1, len(merged)):
        before, after = used[index - 1], used[index]
        if before == after:
            continue
        first, last = index, index
        while first > 0 and after in merged[first - 1][0]:
            first -= 1
        while last < len(merged) and before in merged[last][0]:
            last += 1
        # Where the two gauges do not overlap, track of unknown gauge may lie between them.
        low, high = sorted((merged[first][1], merged[last - 1][2]))
        changes.append(GaugeChange(from_mm=before, to_mm=after, low_m=low, high_m=high))
    return changes

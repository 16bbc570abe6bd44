"""The places of one route, chosen together.

Each name has its options with a prior (see `route.geocoding.candidates`). Between neighbours on the route a
distance of *d* costs ``1.5 log10(1 + d / 100 km)``, and half a power of ten more if no railway network is
common to both. Lengths of journeys have a heavy tail, hence the logarithm: beyond the first 100 km, ten times
the distance is as unlikely as a town thirty times smaller. The best choice and, for each option, the best
choice that holds it (max-marginal) come from dynamic programming forth and back along the route.

A choice can be best and still be wrong, because the place that is meant is not known here. So each chosen
place must lie within its *reach* of the route: the larger the place, the farther it is taken for granted.
Another name of the place, or a place on another network, is believed on shorter distances alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from route.geocoding.candidates import SAME_PLACE_KM, distance_km

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.geocoding.candidates import Option

__all__ = ["CLEAR", "Choice", "choose"]

CLEAR = 0.25
"""How far ahead of its rivals a choice must be to be taken, in powers of ten (a factor of 1.8)."""

PER_DECADE = 1.5
UNIT_KM = 100.0
OTHER_NETWORK = 0.5

# Population, as a power of ten, that has a reach of 100 km.
DOUBT_NONE = 0.7
DOUBT_OTHER_NETWORK = 2.5
DOUBT_ALIAS = 2.7


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one name.

    Parameters
    ----------
    best : int
        Number of the option.
    totals : tuple of float
        Score of the best route through each option, in powers of ten.
    rivals : tuple of int
        Numbers of the other places that score nearly as high, best first; empty if the choice is clear.
    off_km : float
        How far the place lies off the rest of the route, in kilometres: distance to the neighbour at the
        ends, half the detour between.
    believed : bool
        False if it lies too far off for what it is.
    """

    best: int
    totals: tuple[float, ...]
    rivals: tuple[int, ...]
    off_km: float
    believed: bool


def _positions(options: Sequence[Option]) -> NDArray[np.float64]:
    return np.radians([[option.place.lat, option.place.lon] for option in options])


def _costs(a: Sequence[Option], b: Sequence[Option]) -> NDArray[np.float64]:
    """Cost of going from each of the first to each of the second."""
    one, two = _positions(a)[:, None, :], _positions(b)[None, :, :]
    half = np.sin((one[..., 0] - two[..., 0]) / 2) ** 2
    half += np.cos(one[..., 0]) * np.cos(two[..., 0]) * np.sin((one[..., 1] - two[..., 1]) / 2) ** 2
    km = 2 * 6371.0088 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    networks_a = np.array([option.network or 0 for option in a])[:, None]
    networks_b = np.array([option.network or 0 for option in b])[None, :]
    apart = (networks_a != networks_b) | (networks_a == 0)
    costs: NDArray[np.float64] = PER_DECADE * np.log10(1 + km / UNIT_KM) + OTHER_NETWORK * apart
    return costs


def _totals(names: Sequence[Sequence[Option]]) -> list[NDArray[np.float64]]:
    """Score of the best route through each option of each name."""
    priors = [np.array([option.prior for option in options]) for options in names]
    steps = [_costs(a, b) for a, b in pairwise(names)]
    forth = [priors[0]]
    for prior, cost in zip(priors[1:], steps, strict=True):
        forth.append(prior + (forth[-1][:, None] - cost).max(axis=0))
    back = [np.zeros(len(priors[-1]))]
    for prior, cost in zip(reversed(priors[1:]), reversed(steps), strict=True):
        back.append((back[-1] + prior - cost).max(axis=1))
    return [f + b for f, b in zip(forth, reversed(back), strict=True)]


def _reach_km(option: Option, *, connected: bool) -> float:
    doubt = DOUBT_NONE
    if not connected:
        doubt = DOUBT_OTHER_NETWORK
    if option.by_alias:
        doubt = max(doubt, DOUBT_ALIAS)
    return UNIT_KM * float(10 ** ((math.log10(max(option.size, 1)) - doubt) / PER_DECADE))


def _off_km(chosen: Sequence[Option], i: int) -> float:
    here = chosen[i].place
    near = [chosen[j].place for j in (i - 1, i + 1) if 0 <= j < len(chosen)]
    if not near:
        return 0.0
    if len(near) == 1:
        return distance_km(here, near[0])
    return (distance_km(near[0], here) + distance_km(here, near[1]) - distance_km(*near)) / 2


def choose(names: Sequence[Sequence[Option]]) -> list[Choice]:
    """Choose a place for each name of a route.

    Parameters
    ----------
    names : sequence of sequence of Option
        Options of each name in the order of the route, at least one each.

    Returns
    -------
    list of Choice
        One for each name.
    """
    totals = _totals(names)
    # Ties go to the first, which is the likelier one by itself.
    best = [int(total.argmax()) for total in totals]
    chosen = [options[i] for options, i in zip(names, best, strict=True)]
    choices = []
    for number, (options, total) in enumerate(zip(names, totals, strict=True)):
        winner = chosen[number]
        rivals = [
            int(i)
            for i in np.argsort(-total, kind="stable")
            if total[i] > total[best[number]] - CLEAR
            and distance_km(options[i].place, winner.place) > SAME_PLACE_KM
        ]
        around = [chosen[j] for j in (number - 1, number + 1) if 0 <= j < len(chosen)]
        connected = any(winner.network and winner.network == other.network for other in around)
        off_km = _off_km(chosen, number)
        choices.append(
            Choice(
                best=best[number],
                totals=tuple(float(x) for x in total),
                rivals=tuple(rivals),
                off_km=off_km,
                believed=winner.certain or not around or off_km <= _reach_km(winner, connected=connected),
            )
        )
    return choices

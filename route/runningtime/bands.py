"""Bands: durations with their uncertainty, and sums of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from route.itinerary import ZERO, Band

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["combine", "lognormal"]

_Z90 = 1.2815515655446004  # 90 % quantile of the standard normal distribution


def lognormal(p50_s: float, sigma: float) -> Band:
    """Band of a duration whose logarithm is normally distributed.

    Parameters
    ----------
    p50_s : float
        Median, in seconds.
    sigma : float
        Standard deviation of the natural logarithm.

    Returns
    -------
    Band
        The median divided and multiplied by ``exp(1.2816 sigma)``.
    """
    factor = math.exp(_Z90 * sigma)
    return Band(p50_s / factor, p50_s, p50_s * factor)


def combine(parts: Iterable[tuple[Hashable, Band]], correlation: float) -> Band:
    """Sum of durations that are partly correlated.

    Medians add. Deviations of parts with one key add too (they err together); across keys, upward and
    downward deviations d each combine to ``sqrt((1 - r) sum(d^2) + r sum(d)^2)``, the standard deviation of a
    sum of equally correlated variables. This is a norm of d, so adding a part never makes a quantile smaller.

    Parameters
    ----------
    parts : iterable of (key, Band)
        The durations; parts with an equal key are fully correlated.
    correlation : float
        Correlation r of parts with different keys, 0 to 1.

    Returns
    -------
    Band
        The sum; zero for no parts.
    """
    sums: dict[Hashable, Band] = {}
    for key, band in parts:
        sums[key] = sums[key] + band if key in sums else band
    if not sums:
        return ZERO
    middle = math.fsum(band.p50_s for band in sums.values())
    below = [band.p50_s - band.p10_s for band in sums.values()]
    above = [band.p90_s - band.p50_s for band in sums.values()]
    return Band(middle - _norm(below, correlation), middle, middle + _norm(above, correlation))


def _norm(deviations: list[float], correlation: float) -> float:
    square = math.fsum(d * d for d in deviations)
    return math.sqrt((1.0 - correlation) * square + correlation * math.fsum(deviations) ** 2)

"""Bands: durations with their uncertainty, and sums of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from route.itinerary import ZERO, Band

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

__all__ = ["combine", "combine_many", "lognormal"]

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
    low, high = (_norm(math.fsum(d * d for d in ds), math.fsum(ds), correlation) for ds in (below, above))
    return Band(middle - float(low), middle, middle + float(high))


def combine_many(
    journey: NDArray[np.int64],
    key: NDArray[np.int64],
    bands_s: NDArray[np.float64],
    correlation: float,
    count: int,
) -> NDArray[np.float64]:
    """Sums of partly correlated durations, for many journeys at once; each as by `combine`.

    Parameters
    ----------
    journey : ndarray of shape (n,)
        The journey that each duration belongs to, from 0.
    key : ndarray of shape (n,)
        Key of each, 0 or more; durations of one journey with one key are fully correlated.
    bands_s : ndarray of shape (n, 3)
        The durations as p10, p50 and p90, in seconds.
    correlation : float
        Correlation of durations with different keys, 0 to 1.
    count : int
        How many journeys there are.

    Returns
    -------
    ndarray of shape (count, 3)
        The sums as p10, p50 and p90, in seconds; zero for a journey without parts.
    """
    code = journey * (int(key.max(initial=0)) + 1) + key
    _, first, part = np.unique(code, return_index=True, return_inverse=True)
    owner = journey[first]

    def total(group: NDArray[np.int64], values: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
        return np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=np.float64)

    p10, p50, p90 = (total(part, bands_s[:, i], len(first)) for i in range(3))

    def norm(deviation: NDArray[np.float64]) -> NDArray[np.float64]:
        squares = total(owner, deviation * deviation, count)
        return np.asarray(_norm(squares, total(owner, deviation, count), correlation), dtype=np.float64)

    middle = total(owner, p50, count)
    return np.column_stack([middle - norm(p50 - p10), middle, middle + norm(p90 - p50)])


def _norm(
    squares: float | NDArray[np.float64], total: float | NDArray[np.float64], correlation: float
) -> float | NDArray[np.float64]:
    """Root of the mean of two sums: of the squares of some deviations, and of the deviations squared."""
    result: float | NDArray[np.float64] = np.sqrt((1.0 - correlation) * squares + correlation * total**2)
    return result

"""Breaks of gauge on many runs by rail: `route.timetable.gauges.gauge_changes` for one, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Changes", "Offers", "gauge_changes"]


class Offers(NamedTuple):
    """Track that offers some gauges after others, run by run.

    Parameters
    ----------
    run : ndarray of shape (k,)
        Number of the run, rising.
    code : ndarray of shape (k,)
        Which gauges; a run has no two stretches with one code behind each other.
    start_m, end_m : ndarray of shape (k,)
        Where, in metres.
    cost : ndarray of shape (k,)
        What riding there on none of them costs.
    """

    run: NDArray[np.int64]
    code: NDArray[np.int64]
    start_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    cost: NDArray[np.float64]


class Changes(NamedTuple):
    """Changes of gauge, in order of the runs and on each in order.

    Parameters
    ----------
    low_m, high_m : ndarray of shape (n,)
        As in `route.timetable.gauges.GaugeChange`.
    run : ndarray of shape (n,)
        Number of the run.
    """

    low_m: NDArray[np.float64]
    high_m: NDArray[np.float64]
    run: NDArray[np.int64]

    def taken(self, keep: NDArray[np.bool_]) -> Changes:
        """Some of the changes.

        Parameters
        ----------
        keep : ndarray of shape (n,)
            Which.

        Returns
        -------
        Changes
            Those.
        """
        return Changes(self.low_m[keep], self.high_m[keep], self.run[keep])


def gauge_changes(offers: Offers, offered: NDArray[np.bool_]) -> Changes:
    """Changes of gauge on many runs, as few as their track allows.

    Parameters
    ----------
    offers : Offers
        The track of the runs.
    offered : ndarray of shape (n_codes, n_gauges)
        Which gauges, in order of their width, track of each code has.

    Returns
    -------
    Changes
        Each run's as by `route.timetable.gauges.gauge_changes`.
    """
    offers = _merged(offers)
    if not len(offers.run):
        return Changes(offers.start_m, offers.end_m, offers.run)
    fits = offered[offers.code]
    used = _used(offers, fits)
    begins = _begins(offers.run)
    changed = np.flatnonzero(~begins[1:] & (used[1:] != used[:-1])) + 1
    before, after = used[changed - 1], used[changed]
    bounds = np.append(np.flatnonzero(begins), len(begins))
    of = np.cumsum(begins)[changed] - 1
    # Both gauges are there from the first stretch with the new one to the last with the old one.
    first, last = changed.copy(), changed.copy()
    while (more := (first > bounds[of]) & fits[first - 1, after]).any():
        first -= more
    while (more := (last < bounds[of + 1]) & fits[np.minimum(last, len(fits) - 1), before]).any():
        last += more
    # Where the two gauges do not overlap, track of unknown gauge may lie between them.
    one, other = offers.start_m[first], offers.end_m[last - 1]
    return Changes(np.minimum(one, other), np.maximum(one, other), offers.run[changed])


def _begins(run: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where each run begins."""
    begins = np.ones(len(run), bool)
    begins[1:] = run[1:] != run[:-1]
    return begins


def _merged(offers: Offers) -> Offers:
    """Offers without those of no length; what they parted is one."""
    some = offers.end_m > offers.start_m
    if some.all():
        return offers
    run, code, cost = offers.run[some], offers.code[some], offers.cost[some]
    new = _begins(run)
    new[1:] |= code[1:] != code[:-1]
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(run)) - 1 if len(first) else first
    return Offers(
        run=run[first],
        code=code[first],
        start_m=offers.start_m[some][first],
        end_m=offers.end_m[some][last],
        cost=np.add.reduceat(cost, first) if len(first) else cost,
    )


def _used(offers: Offers, fits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Gauge that a train rides on, on each stretch of each run, so that it costs the least."""
    begin = np.flatnonzero(_begins(offers.run))
    size = np.diff(np.append(begin, len(offers.run)))
    # Only gauges of a run itself are ridden on there.
    outside = np.where(np.logical_or.reduceat(fits, begin, axis=0), 0.0, np.inf)
    # The longest runs first, so that those that go on to a step are always the first of all.
    order = np.argsort(-size, kind="stable")
    begin, size, best = begin[order], size[order], outside[order]
    outside, gauges = best.copy(), np.arange(fits.shape[1])
    came = []
    steps = [begin[: np.searchsorted(-size, -step)] + step for step in range(int(size[0]))]
    for here in steps:
        cost = best[: len(here)]
        cheapest = cost.argmin(axis=1)
        change = np.take_along_axis(cost, cheapest[:, None], axis=1) + 1.0
        stays = cost <= change
        came.append(np.where(stays, gauges, cheapest[:, None]))
        misfit = np.where(fits[here], 0.0, offers.cost[here][:, None])
        best[: len(here)] = np.where(stays, cost, change) + misfit + outside[: len(here)]
    gauge = best.argmin(axis=1)
    used = np.empty(len(offers.run), np.int64)
    for here, origin in zip(reversed(steps), reversed(came), strict=True):
        used[here] = gauge[: len(here)]
        gauge[: len(here)] = origin[np.arange(len(here)), used[here]]
    return used

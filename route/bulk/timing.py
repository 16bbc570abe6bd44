"""Running times of many ways: those of `route.timetable.schedule` for one, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from route.bulk.measures import Kinds, stretches
from route.bulk.pauses import PauseFinder
from route.bulk.ragged import positions, starts
from route.runningtime import (
    calibration,
    combine_many,
    lognormal,
    practical_speed_kmh,
    running_times,
    spread_sigma,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.measures import Measured, Stretches
    from route.bulk.pauses import Pauses
    from route.bulk.ways import Ways
    from route.runningtime import TrainClass

__all__ = ["Timer"]


class Timer:
    """Running times on one network for one class of train.

    Parameters
    ----------
    kinds : Kinds
        Kinds of track of the network.
    train : TrainClass
        The train.
    """

    def __init__(self, kinds: Kinds, train: TrainClass) -> None:
        self.kinds = kinds
        self.train = train
        self.pauses = PauseFinder(kinds, train)
        keys: dict[tuple[str | None, str] | str, int] = {}
        sigmas: list[float] = []
        codes = []
        for section in kinds.sections:
            by_rail = section.mode == "rail"
            key = (section.country, section.speed_source) if by_rail else section.mode
            if key not in keys:
                keys[key] = len(keys)
                sigmas.append(
                    spread_sigma(section.country, section.speed_source, train)
                    if by_rail
                    else calibration().other_modes_sigma
                )
            codes.append(keys[key])
        self._key = np.array(codes)
        self._practical = np.array(
            [
                practical_speed_kmh(s.speed_kmh, s.country, s.speed_source, train.priority)
                for s in kinds.sections
            ]
        )
        # The band of a second of running under each key: a band is proportional to its median.
        ones = [lognormal(1.0, sigma) for sigma in sigmas]
        self._band = np.array([[b.p10_s, b.p50_s, b.p90_s] for b in ones])

    def by_rail(self, ways: Ways) -> NDArray[np.bool_]:
        """Whether ways use rails at all, so that `durations_s` can time them.

        Parameters
        ----------
        ways : Ways
            The ways.

        Returns
        -------
        ndarray of shape (n,)
            False where there is nothing but a ferry, and where there is no way.
        """
        rail = self.kinds.rail
        result = np.zeros(len(ways.start) - 1, bool)
        found = np.flatnonzero(ways.found)
        result[found] = rail[self.kinds.of_edge[ways.state[ways.start[found]] >> 1]]
        # Only ways that begin with a ferry have to be looked through.
        left = found[~result[found]]
        if len(left):
            count = ways.count[left]
            on_rail = rail[self.kinds.of_edge[ways.state[positions(ways.start[left], count)] >> 1]]
            result[left] = np.logical_or.reduceat(on_rail, starts(count)[:-1])
        return result

    def durations_s(self, measured: Measured, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Time on some ways.

        Parameters
        ----------
        measured : Measured
            The ways.
        rows : ndarray of shape (m,)
            Which of them, rising, each with rails; train ferries may be on the way.

        Returns
        -------
        ndarray of shape (m, 3)
            The time as p10, p50 and p90, in seconds, pauses on the way included.
        """
        if not len(rows):
            return np.zeros((0, 3))
        parts = stretches(self.kinds, measured, rows)
        pauses = self.pauses.find(measured, rows, parts)
        key = self._key[parts.kind]
        bands = self._band[key] * self._seconds(parts, pauses)[:, None]
        return combine_many(
            np.concatenate([parts.row, pauses.row]),
            np.concatenate([key, pauses.key + len(self._band)]),
            np.concatenate([bands, pauses.band_s]),
            calibration().correlation,
            len(rows),
        )

    def _seconds(self, parts: Stretches, pauses: Pauses) -> NDArray[np.float64]:
        """Median time on each stretch."""
        row, kind, start_m, end_m, _ = parts
        rail = self.kinds.rail[kind]
        begins = parts.runs(self.kinds)
        run_row, run_start = row[begins], start_m[begins]
        # A train stops at a halt on the run that it is on there, if it is on any.
        of, at = pauses.row[pauses.listed], pauses.measure_m[pauses.listed]
        # Number of the last run, of all ways, that begins before each halt.
        order = np.lexsort(
            (np.arange(len(of) + len(run_row)), np.append(at, run_start), np.append(of, run_row))
        )
        begun = np.empty(len(order), np.int64)
        begun[order] = np.cumsum(order >= len(of))
        run = begun[: len(of)] - 1
        on_run = run >= np.searchsorted(run_row, of)
        run, at = run[on_run], at[on_run]
        seconds = (end_m - start_m) / self.kinds.speed_kmh[kind] * 3.6
        seconds[rail] = running_times(
            (end_m - start_m)[rail],
            self.kinds.speed_kmh[kind[rail]],
            self.train,
            practical_kmh=self._practical[kind[rail]],
            start=np.flatnonzero(begins[rail]),
            stops=(run, at - run_start[run]),
        ).section_s
        return np.asarray(seconds, dtype=np.float64)

"""Train performance calculation: the fastest run a train can make under a profile of speed limits.

On level track the acceleration of a train depends on its speed alone, so one curve per train holds it all:
the distance S(v) and the time T(v) from standstill to v at full power, and the braking distance Q(v).
Speeding up from v over a distance d leads to ``S⁻¹(S(v) + d)``. In terms of S the forward pass over the
limits is a running minimum, in terms of Q the backward pass is one too: no time steps, no loop, and a run
does not depend on how the line is cut into sections.

Acceleration: ``a(v) = min(a0, (P / v - R(v)) / (ρ m))`` with power P at the rail, mass m, the factor ρ = 1.06
for rotating masses and Davis' resistance ``R = A + B v + C v²`` (Davis 1926). Braking is constant. Grades and
curves are left to the practical line speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from route.runningtime.classes import TrainClass

__all__ = ["Performance", "Run", "performance"]

_ROTATING_MASS = 1.06
_GRID_MS = 0.1
_LEAST_ACCELERATION_MS2 = 0.01  # below it a train is taken to have reached its balancing speed
_KMH = 1.0 / 3.6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """The fastest run over a line, by stretch.

    Parameters
    ----------
    time_s : ndarray of shape (n,)
        Time on each stretch, in seconds.
    stop_loss_sm : ndarray of shape (n,)
        Integral over the stretch of what one more stop would cost there, in seconds times metres.
    """

    time_s: NDArray[np.float64]
    stop_loss_sm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Performance:
    """Acceleration and braking of a train as functions of speed, on one grid and linear between its points.

    Parameters
    ----------
    speed_ms : ndarray of shape (n,)
        The grid, from 0 to the highest speed the train attains, in m/s.
    distance_m, time_s : ndarray of shape (n,)
        From standstill to each speed at full power.
    braking_m, braking_s : ndarray of shape (n,)
        From each speed to standstill.
    loss_s : ndarray of shape (n,)
        What a stop costs at each speed, its dwell apart: time to brake and to speed up again, less the time
        the same distance takes in passing.
    loss_up_sm, loss_down_sm : ndarray of shape (n,)
        Integrals of the loss over the distance from standstill and to standstill.
    """

    speed_ms: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    time_s: NDArray[np.float64]
    braking_m: NDArray[np.float64]
    braking_s: NDArray[np.float64]
    loss_s: NDArray[np.float64]
    loss_up_sm: NDArray[np.float64]
    loss_down_sm: NDArray[np.float64]

    @property
    def max_speed_kmh(self) -> float:
        """Highest speed the train attains on level track, in km/h."""
        return float(self.speed_ms[-1]) * 3.6

    def speed_between_stops_kmh(self, spacing_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Highest speed reached between two stops.

        Parameters
        ----------
        spacing_m : ndarray
            Distance of the stops, in metres.

        Returns
        -------
        ndarray
            Speed in km/h.
        """
        speed = np.interp(spacing_m, self.distance_m + self.braking_m, self.speed_ms)
        return np.asarray(speed * 3.6, dtype=np.float64)

    def run(
        self, lengths_m: NDArray[np.float64], limits_kmh: NDArray[np.float64], stop_after: NDArray[np.intp]
    ) -> Run:
        """Fastest run over stretches with speed limits, starting and ending at a stand.

        Parameters
        ----------
        lengths_m : ndarray of shape (n,)
            Lengths of the stretches, in metres, not negative.
        limits_kmh : ndarray of shape (n,)
            Speed limits, in km/h, above 0; the train is as long as a point.
        stop_after : ndarray of int
            Indices of the stretches after which the train stands.

        Returns
        -------
        Run
            Times by stretch, standing time not included.
        """
        grid = self.speed_ms
        limit = np.minimum(limits_kmh * _KMH, grid[-1])
        measure = np.concatenate([[0.0], np.cumsum(lengths_m)])
        node = np.minimum(np.concatenate([[0.0], limit]), np.concatenate([limit, [0.0]]))
        node[stop_after + 1] = 0.0

        # Forward: S(v) may grow by the distance. Backward: Q(v) may shrink by it.
        at_node = self._reader(node)
        up = np.minimum.accumulate(at_node(self.distance_m) - measure) + measure
        forward = np.interp(up, self.distance_m, grid)
        capped = at_node(self.braking_m) + measure
        down = np.minimum.accumulate(capped[::-1])[::-1] - measure
        backward = np.interp(down, self.braking_m, grid)
        speed = np.minimum(forward, backward)
        start, end = speed[:-1], speed[1:]

        at_end = self._reader(speed)
        begun, left = at_end(self.distance_m)[:-1], at_end(self.braking_m)[1:]
        peak = np.interp(lengths_m + begun + left, self.distance_m + self.braking_m, grid)
        peak = np.maximum(np.minimum(peak, limit), np.maximum(start, end))
        at_peak = self._reader(peak)
        cruise = lengths_m - (at_peak(self.distance_m) - begun)
        cruise = np.maximum(cruise - (at_peak(self.braking_m) - left), 0.0)
        steady = np.divide(cruise, peak, out=np.zeros_like(cruise), where=peak > 0)
        speeding_up = at_peak(self.time_s) - at_end(self.time_s)[:-1]
        slowing_down = at_peak(self.braking_s) - at_end(self.braking_s)[1:]
        loss_up = at_peak(self.loss_up_sm) - at_end(self.loss_up_sm)[:-1]
        loss_down = at_peak(self.loss_down_sm) - at_end(self.loss_down_sm)[1:]
        return Run(
            time_s=speeding_up + steady + slowing_down,
            stop_loss_sm=loss_up + at_peak(self.loss_s) * cruise + loss_down,
        )

    def _reader(self, speed_ms: NDArray[np.float64]) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """What reads curves at some speeds, as `numpy.interp` does; where these lie on the grid is found out once."""
        grid, last = self.speed_ms, len(self.speed_ms) - 1
        # The grid is even but for rounding.
        index = np.minimum((speed_ms / grid[1]).astype(np.int64), last)
        index -= speed_ms < grid[index]
        index += speed_ms >= np.append(grid, np.inf)[index + 1]
        beyond = speed_ms - grid[index]
        step = np.diff(grid)

        def read(curve: NDArray[np.float64]) -> NDArray[np.float64]:
            slope = np.append(np.diff(curve) / step, 0.0)
            return np.asarray(slope[index] * beyond + curve[index], dtype=np.float64)

        return read


def _cumulate(values: NDArray[np.float64], over: NDArray[np.float64]) -> NDArray[np.float64]:
    """Integral by the trapezoidal rule, starting with 0."""
    return np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2 * np.diff(over))])


@lru_cache(maxsize=64)
def performance(train: TrainClass) -> Performance:
    """Acceleration and braking curves of a train class.

    Parameters
    ----------
    train : TrainClass
        The class.

    Returns
    -------
    Performance
        The curves, up to the class's highest speed or the one it attains with its power, if that is less.
    """
    top = train.max_speed_kmh * _KMH
    speed = np.linspace(0.0, top, max(2, round(top / _GRID_MS) + 1))
    kmh = speed * 3.6
    resistance = train.davis_a_n + train.davis_b_n_per_kmh * kmh + train.davis_c_n_per_kmh2 * kmh**2
    pull = np.divide(train.power_kw * 1000.0, speed, out=np.full_like(speed, np.inf), where=speed > 0)
    mass = _ROTATING_MASS * train.mass_t * 1000.0
    acceleration = np.minimum(train.start_acceleration_ms2, (pull - resistance) / mass)
    attained = acceleration >= _LEAST_ACCELERATION_MS2
    count = len(speed) if attained.all() else max(2, int(np.argmin(attained)))
    speed, acceleration = speed[:count], acceleration[:count]

    time = _cumulate(1.0 / acceleration, speed)
    distance = _cumulate(speed, time)
    braking_s = speed / train.braking_ms2
    braking_m = _cumulate(speed, braking_s)
    passing = np.divide(distance + braking_m, speed, out=np.zeros_like(speed), where=speed > 0)
    loss = time + braking_s - passing
    return Performance(
        speed_ms=speed,
        distance_m=distance,
        time_s=time,
        braking_m=braking_m,
        braking_s=braking_s,
        loss_s=loss,
        loss_up_sm=_cumulate(loss, distance),
        loss_down_sm=_cumulate(loss, braking_m),
    )

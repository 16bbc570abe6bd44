"""The running-time model: practical speed, fastest run, recovery margin and dwell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from route.errors import InputError
from route.registers import country
from route.runningtime.classes import calibration, train_class
from route.runningtime.performance import performance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from route.runningtime.classes import Calibration, Service, TrainClass

__all__ = ["RunningTime", "practical_speed_kmh", "running_time", "spread_sigma"]

_NO_DISTANCE_MARGIN_M = 30_000.0  # UIC 451-1: no distance part of the recovery margin up to 30 km


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunningTime:
    """Running time of a train over a line, by its parts.

    Parameters
    ----------
    minimum_s : float
        Technical minimum: the fastest run, the usual stops' braking and speeding up included, in seconds.
    recovery_s : float
        Recovery margin, in seconds.
    dwell_s : float
        Time at the usual stops, in seconds; time at stops that were asked for is not included.
    section_s : ndarray of shape (n,)
        Sum of the three on each section, in seconds.
    """

    minimum_s: float
    recovery_s: float
    dwell_s: float
    section_s: NDArray[np.float64]

    @property
    def total_s(self) -> float:
        """Scheduled time: minimum, recovery margin and dwell, in seconds."""
        return self.minimum_s + self.recovery_s + self.dwell_s


def running_time(
    lengths_m: ArrayLike,
    speeds_kmh: ArrayLike,
    train: TrainClass,
    *,
    practical_kmh: ArrayLike | None = None,
    stops_m: Sequence[float] = (),
    parameters: Calibration | None = None,
) -> RunningTime:
    """Scheduled running time over sections of line, from a stand to a stand.

    ``t = t_min (1 + p) + d L / 100 km + n w``: the minimum running time of the performance calculation, the
    recovery margin of UIC 451-1 by per cent p and by distance d, and n usual stops of dwell w. Trains that run
    far have more time in hand and stand longer, for engines and crews to change and for other trains: below
    high speed, time grows by a share for every doubling of the run beyond a distance that a day train covers
    (``long_run`` of ``data/calibration.toml``; none for a train the line is kept clear for). At which
    stations a train calls is not known, so the usual stops are spread along the line: each metre carries its
    share of their dwell and of the time lost by braking and speeding up from the speed the train has there. A
    line N stop spacings long has N - 1. Stops that are asked for come on top, at their place. Where stops are
    so close that a speed cannot be reached between them, it is not counted on.

    Parameters
    ----------
    lengths_m : array_like of shape (n,)
        Lengths of the sections, in metres, not negative.
    speeds_kmh : array_like of shape (n,)
        Line speeds, in km/h, above 0; they decide which service of the class applies.
    train : TrainClass
        The train.
    practical_kmh : array_like of shape (n,), optional
        Speeds to count on, in km/h; the line speeds if not given.
    stops_m : sequence of float
        Measures at which the train stands, in metres from the start; outside the line they have no effect.
    parameters : Calibration, optional
        Parameters of the model; those of ``data/calibration.toml`` if not given.

    Returns
    -------
    RunningTime
        The time and its parts.

    Raises
    ------
    InputError
        If lengths and speeds do not match, a length is negative or a speed is not above 0.
    """
    lengths, line, practical = _profile(lengths_m, speeds_kmh, practical_kmh)
    stops = np.array([float(stop) for stop in stops_m])
    many = running_times(
        lengths,
        line,
        train,
        practical_kmh=practical,
        start=np.zeros(min(1, len(lengths)), np.int64),
        stops=(np.zeros(len(stops), np.int64), stops),
        parameters=parameters,
    )
    return RunningTime(
        minimum_s=float(many.minimum_s.sum()),
        recovery_s=float(many.recovery_s.sum()),
        dwell_s=float(many.dwell_s.sum()),
        section_s=many.section_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunningTimes:
    """Running times over many lines, by section.

    Parameters
    ----------
    minimum_s, recovery_s, dwell_s : ndarray of shape (n,)
        The parts of the time on each section, as in `RunningTime`, in seconds.
    """

    minimum_s: NDArray[np.float64]
    recovery_s: NDArray[np.float64]
    dwell_s: NDArray[np.float64]

    @property
    def section_s(self) -> NDArray[np.float64]:
        """Time on each section, in seconds."""
        return self.minimum_s + self.recovery_s + self.dwell_s


def running_times(
    lengths_m: NDArray[np.float64],
    speeds_kmh: NDArray[np.float64],
    train: TrainClass,
    *,
    practical_kmh: NDArray[np.float64],
    start: NDArray[np.int64],
    stops: tuple[NDArray[np.int64], NDArray[np.float64]],
    parameters: Calibration | None = None,
) -> RunningTimes:
    """Scheduled running times over many lines at once, each as by `running_time`.

    The lines are laid end to end. The train stands where one ends and the next begins, so that no speed and no
    time is carried over, and a single calculation does for all.

    Parameters
    ----------
    lengths_m, speeds_kmh, practical_kmh : ndarray of shape (n,)
        As for `running_time`, the sections of one line after those of another.
    train : TrainClass
        The train.
    start : ndarray of shape (k,)
        Number of the first section of each line; the first is 0, and each line has a section.
    stops : tuple of ndarray
        Line and measure from its start, in metres, of each stop on the way.
    parameters : Calibration, optional
        Parameters of the model; those of ``data/calibration.toml`` if not given.

    Returns
    -------
    RunningTimes
        The times of all sections.
    """
    parameters = parameters or calibration()
    if not len(lengths_m):
        return RunningTimes(minimum_s=np.zeros(0), recovery_s=np.zeros(0), dwell_s=np.zeros(0))
    speeds, which = np.unique(speeds_kmh, return_inverse=True)
    services = [train.service(float(speed)) for speed in speeds]

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(getattr(service, name)) for service in services], dtype=np.float64)[which]

    count = np.diff(np.append(start, len(lengths_m)))

    def of_line(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the line of each section."""
        return np.repeat(np.add.reduceat(values, start), count)

    curve = performance(train)
    spacing = column("stop_spacing_km") * 1000.0
    limit = np.minimum(practical_kmh, column("max_speed_kmh"))
    limit = np.minimum(limit, curve.speed_between_stops_kmh(spacing))

    pieces, owner, stop_after = _cut(lengths_m, start, *stops)
    run = curve.run(pieces, limit[owner], stop_after)
    pure = np.bincount(owner, weights=run.time_s, minlength=len(lengths_m))
    loss = np.bincount(owner, weights=run.stop_loss_sm, minlength=len(lengths_m))

    spacings = of_line(lengths_m / spacing)
    share = np.maximum(0.0, 1.0 - 1.0 / np.where(spacings > 0, spacings, 1.0))
    minimum = pure + share * loss / spacing
    dwell = share * lengths_m / spacing * column("dwell_min") * 60.0
    recovery = minimum * column("recovery_percent") / 100.0
    far = of_line(lengths_m) > _NO_DISTANCE_MARGIN_M
    recovery = recovery + far * (column("recovery_min_per_100km") * 60.0 * lengths_m / 100_000.0)
    slow = speeds_kmh < parameters.highspeed_from_kmh
    in_hand = _long_run_share(of_line(np.where(slow, lengths_m, 0.0)), train, parameters)
    recovery = recovery + np.where(slow, in_hand, 0.0) * (minimum + recovery + dwell)
    return RunningTimes(minimum_s=minimum, recovery_s=recovery, dwell_s=dwell)


def _long_run_share(
    slow_m: NDArray[np.float64], train: TrainClass, parameters: Calibration
) -> NDArray[np.float64]:
    """Share of the time that a train has in hand because it runs far."""
    doublings = np.log2(np.maximum(1.0, slow_m / 1000.0 / parameters.long_run_from_km))
    share: NDArray[np.float64] = parameters.long_run_share * doublings * (1.0 - max(0.0, train.priority))
    return share


def _profile(
    lengths_m: ArrayLike, speeds_kmh: ArrayLike, practical_kmh: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    lengths = np.asarray(lengths_m, dtype=np.float64)
    line = np.asarray(speeds_kmh, dtype=np.float64)
    practical = line if practical_kmh is None else np.asarray(practical_kmh, dtype=np.float64)
    if lengths.ndim != 1 or lengths.shape != line.shape or lengths.shape != practical.shape:
        raise InputError(
            f"{lengths.size} lengths and {line.size} speeds of sections do not match: give one for each."
        )
    if not (np.isfinite(lengths).all() and (lengths >= 0).all()):
        raise InputError("The length of a section must be a number of metres, 0 or more.")
    if not all(np.isfinite(speeds).all() and (speeds > 0).all() for speeds in (line, practical)):
        raise InputError("The speed of a section must be a number of km/h above 0.")
    return lengths, line, practical


def _cut(
    lengths: NDArray[np.float64],
    start: NDArray[np.int64],
    line: NDArray[np.int64],
    stop_m: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Pieces between section ends and stops, the section of each, and the pieces that end at a stop."""
    ends = np.cumsum(lengths)
    last = np.append(start[1:], len(lengths)) - 1
    first_m = np.where(start > 0, ends[start - 1], 0.0)
    at = first_m[line] + stop_m
    stops = np.unique(at[(stop_m > 0.0) & (at < ends[last[line]])])
    inside = stops[~np.isin(stops, ends)]
    order = np.argsort(np.concatenate([ends, inside]), kind="stable")
    marks = np.concatenate([ends, inside])[order]
    pieces = np.diff(np.concatenate([[0.0], marks]))
    owner = np.concatenate([np.arange(len(ends)), np.searchsorted(ends, inside)])[order].astype(np.intp)
    stand = np.isin(marks, stops)
    stand[np.isin(order, last[:-1])] = True
    return pieces, owner, np.flatnonzero(stand).astype(np.intp)


@lru_cache(maxsize=4096)
def practical_speed_kmh(
    speed_kmh: float,
    iso2: str | None,
    speed_source: str,
    priority: float = 0.0,
    parameters: Calibration | None = None,
) -> float:
    """Speed that a train can count on.

    Restrictions, curves, grades, single track and crossings keep trains below the line speed, in some
    countries far below. The factor of a country is the one with which the ``passenger`` class on a long
    uniform line comes out at the country's commercial speed: of expresses for its main lines, of regional
    trains for its branch lines, and in between for what lies between. Where the line speed is known rather
    than assumed, less of that factor is left. Where a country has high-speed services, its lines for high speed
    have a factor of their own, which follows the commercial speed of these services; up to the speed where it
    applies fully the factor passes from the one to the other.

    Parameters
    ----------
    speed_kmh : float
        Line speed, in km/h.
    iso2 : str or None
        Country, ISO 3166-1 alpha-2.
    speed_source : str
        ``register``, ``osm`` or ``default``.
    priority : float
        Of the train class: 1 reaches the line speed, below 0 falls short of what expresses reach.
    parameters : Calibration, optional
        Parameters of the model; those of ``data/calibration.toml`` if not given.

    Returns
    -------
    float
        Speed in km/h.
    """
    parameters = parameters or calibration()
    row = country(iso2)
    main, branch = _country_factors(iso2, parameters)
    if speed_source == "default":
        span = row.main_line_speed_kmh - row.branch_line_speed_kmh
        share = (speed_kmh - row.branch_line_speed_kmh) / span if span > 0 else 1.0
        factor = branch + (main - branch) * min(1.0, max(0.0, share))
        factor = min(parameters.ceiling, factor * parameters.default_factor)
    else:
        factor = min(1.0, parameters.known_factor * main**parameters.known_exponent)
        if row.highspeed_commercial_kmh is not None:
            low, high = parameters.highspeed_from_kmh, parameters.highspeed_full_kmh
            share = min(1.0, max(0.0, (speed_kmh - low) / (high - low)))
            factor += (_highspeed_factor(row.highspeed_commercial_kmh, parameters) - factor) * share
    if priority > 0:
        factor += max(0.0, 1.0 - factor) * priority
    elif priority < 0:
        factor *= 1.0 + priority
    return speed_kmh * factor


def _highspeed_factor(commercial_kmh: float, parameters: Calibration) -> float:
    """Factor on the speed of lines for high speed in a country whose services reach a commercial speed."""
    relative = commercial_kmh / parameters.highspeed_commercial_kmh
    return min(1.0, float(parameters.highspeed_factor * relative**parameters.highspeed_exponent))


@lru_cache(maxsize=1024)
def _country_factors(iso2: str | None, parameters: Calibration) -> tuple[float, float]:
    """Factors on the line speed of a country's main lines and of its branch lines."""
    row = country(iso2)
    passenger, regional = train_class("passenger"), train_class("regional")
    main = _speed_for_commercial_kmh(
        passenger, passenger.service(row.main_line_speed_kmh), row.express_commercial_kmh
    )
    branch = _speed_for_commercial_kmh(regional, regional.service(0.0), row.regional_commercial_kmh)
    low, high = parameters.floor, parameters.ceiling
    return (
        min(high, max(low, main / row.main_line_speed_kmh)),
        min(high, max(low, branch / row.branch_line_speed_kmh)),
    )


def _speed_for_commercial_kmh(train: TrainClass, service: Service, commercial_kmh: float) -> float:
    """Speed at which a service on a long uniform line comes out at a commercial speed, in km/h."""
    curve = performance(train)
    spacing = service.stop_spacing_km * 1000.0
    top = float(curve.speed_between_stops_kmh(np.array([spacing]))[0])
    usable = (curve.speed_ms > 0) & (curve.speed_ms * 3.6 <= min(top, service.max_speed_kmh))
    per_m = (1.0 / curve.speed_ms[usable] + curve.loss_s[usable] / spacing) * (
        1.0 + service.recovery_percent / 100
    )
    per_m += service.dwell_min * 60.0 / spacing + service.recovery_min_per_100km * 60.0 / 100_000.0
    # Time per metre falls with speed; np.interp wants it rising.
    return float(np.interp(-3.6 / commercial_kmh, -per_m, curve.speed_ms[usable])) * 3.6


def spread_sigma(iso2: str | None, speed_source: str, train: TrainClass) -> float:
    """Uncertainty of the running time on one kind of line.

    Parameters
    ----------
    iso2 : str or None
        Country, ISO 3166-1 alpha-2.
    speed_source : str
        ``register``, ``osm`` or ``default``.
    train : TrainClass
        The train.

    Returns
    -------
    float
        Standard deviation of the natural logarithm of the running time.
    """
    parameters = calibration()
    return math.hypot(
        parameters.sigma[speed_source, country(iso2).confidence], parameters.train_sigma[train.confidence]
    )

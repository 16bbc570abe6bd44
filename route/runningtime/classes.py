"""Train classes and parameters of the model, from ``data/trains.toml`` and ``data/calibration.toml``."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

from route.errors import InputError
from route.files import data_path
from route.itinerary import Band

if TYPE_CHECKING:
    from collections.abc import Mapping

    from route.registers import Confidence

__all__ = ["Calibration", "Service", "TrainClass", "calibration", "train_class", "trains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a train is worked: how fast at most, where it stops, how much time it has in hand.

    Parameters
    ----------
    max_speed_kmh : float
        Highest speed, in km/h.
    stop_spacing_km : float
        Average distance between stops, in kilometres.
    dwell_min : float
        Time at a stop, in minutes.
    recovery_percent : float
        Recovery margin as a share of the minimum running time, in per cent.
    recovery_min_per_100km : float
        Recovery margin by distance, in minutes for 100 km; not applied to runs up to 30 km (UIC 451-1).
    """

    max_speed_kmh: float
    stop_spacing_km: float
    dwell_min: float
    recovery_percent: float
    recovery_min_per_100km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainClass:
    """A train and the service it gives.

    Parameters
    ----------
    name : str
        The word for it on the command line.
    description : str
        What train stands for the class.
    mass_t, power_kw : float
        Mass of the whole train, in tonnes, and power at the rail, in kilowatts.
    start_acceleration_ms2, braking_ms2 : float
        Acceleration at low speed and service braking, in m/s².
    davis_a_n, davis_b_n_per_kmh, davis_c_n_per_kmh2 : float
        Running resistance ``R = a + b v + c v²`` in newtons for v in km/h.
    services : tuple of (float, Service)
        Services by the line speed (km/h) from which they apply, rising from 0; one entry for most classes.
    reversal_min : float
        Time to change direction, in minutes.
    priority : float
        1 where the line is kept clear for the train, 0 for an ordinary express, below 0 where it waits for
        others.
    border : str
        ``ordinary``, or ``special`` for a train that is not kept waiting at borders.
    source : str
        Where the figures come from.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    name: str
    description: str
    mass_t: float
    power_kw: float
    start_acceleration_ms2: float
    braking_ms2: float
    davis_a_n: float
    davis_b_n_per_kmh: float
    davis_c_n_per_kmh2: float
    services: tuple[tuple[float, Service], ...]
    reversal_min: float
    priority: float
    border: Literal["ordinary", "special"]
    source: str
    confidence: Confidence

    @property
    def max_speed_kmh(self) -> float:
        """Highest speed of any of its services, in km/h."""
        return max(service.max_speed_kmh for _, service in self.services)

    def service(self, line_speed_kmh: float) -> Service:
        """Service on a line of some speed.

        Parameters
        ----------
        line_speed_kmh : float
            Line speed, in km/h.

        Returns
        -------
        Service
            The last whose threshold is reached.
        """
        return [
            service for threshold, service in self.services if threshold <= line_speed_kmh or not threshold
        ][-1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """Parameters of the model; ``data/calibration.toml`` says what each is and where it comes from.

    Parameters
    ----------
    floor, ceiling : float
        Limits of a country's factor on the line speed.
    default_factor : float
        What multiplies the country's factor where the line speed is not known.
    known_exponent, known_factor : float
        How much of that factor applies where the line speed is known.
    highspeed_from_kmh, highspeed_full_kmh : float
        Line speeds from which, and from which fully, the factor of high-speed lines applies.
    highspeed_commercial_kmh, highspeed_factor, highspeed_exponent : float
        Factor of high-speed lines: the commercial speed of the country's services at which it is
        ``highspeed_factor``, and how closely it follows that speed.
    long_run_from_km, long_run_share : float
        Time that trains have in hand because they run far: the distance below high speed from which they do,
        and the share of the running time for every doubling of it.
    sigma : mapping of (str, str) to float
        Standard deviation of the logarithm of the running time, by source of the line speed and confidence.
    train_sigma : mapping of str to float
        The same for the train, by the confidence of its class.
    other_modes_sigma : float
        The same for roads and ferries.
    correlation : float
        Correlation of the errors of different parts of a journey.
    halts : mapping of str to Band
        Durations of halts: ``stop``, ``transfer_to_road``, ``transfer_to_rail``, ``transfer_to_ferry``,
        ``train_ferry``.
    border : mapping of str to Band
        Dwell at a border without a figure of its own, by formalities.
    break_of_gauge : mapping of str to Band
        Time of a change of gauge, by method.
    within_country : mapping of str to str
        Method of changing gauge inside a country, by its code.
    gauge_share : float
        Highest share of a crossing's dwell that is put down to the change of gauge.
    reversal_spread, special_border : tuple of float
        Quantiles p10, p50 and p90, as shares of the class's reversal time and of the shortest border dwell.
    listed_from_min : float
        Dwell from which a crossing without formalities is listed as a halt, in minutes.
    """

    floor: float
    ceiling: float
    default_factor: float
    known_exponent: float
    known_factor: float
    highspeed_from_kmh: float
    highspeed_full_kmh: float
    highspeed_commercial_kmh: float
    highspeed_factor: float
    highspeed_exponent: float
    long_run_from_km: float
    long_run_share: float
    sigma: Mapping[tuple[str, str], float]
    train_sigma: Mapping[str, float]
    other_modes_sigma: float
    correlation: float
    halts: Mapping[str, Band]
    border: Mapping[str, Band]
    break_of_gauge: Mapping[str, Band]
    within_country: Mapping[str, str]
    gauge_share: float
    reversal_spread: tuple[float, float, float]
    special_border: tuple[float, float, float]
    listed_from_min: float


def _load(name: str) -> dict[str, Any]:
    try:
        with data_path(name).open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InputError(f"Cannot read data/{name}: {error.strerror}. Install railroute again.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"data/{name} is not valid TOML: {error}. Correct the file.") from error


def _service(entry: dict[str, Any]) -> Service:
    return Service(**{field: float(entry[field]) for field in Service.__slots__})


_TRACTION = (
    "mass_t",
    "power_kw",
    "start_acceleration_ms2",
    "braking_ms2",
    "davis_a_n",
    "davis_b_n_per_kmh",
    "davis_c_n_per_kmh2",
    "reversal_min",
    "priority",
)


def _train(name: str, table: dict[str, Any]) -> TrainClass:
    entry = table[name]
    traction = table[entry["traction"]] if "traction" in entry else entry
    services = [(float(start), table[like]) for start, like in entry.get("services", [])] or [(0.0, entry)]
    return TrainClass(
        name=name,
        description=entry["description"],
        services=tuple((start, _service(like)) for start, like in services),
        border=traction["border"],
        source=entry["source"],
        confidence=entry["confidence"],
        **{field: float(entry.get(field, traction[field])) for field in _TRACTION},
    )


@cache
def trains() -> Mapping[str, TrainClass]:
    """Train classes of ``data/trains.toml``.

    Returns
    -------
    mapping of str to TrainClass
        By name, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    table = _load("trains.toml")
    try:
        return MappingProxyType({name: _train(name, table) for name in table})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"data/trains.toml: a value is missing or wrong ({error}). Correct the file."
        ) from error


def train_class(name: str) -> TrainClass:
    """Train class of a name.

    Parameters
    ----------
    name : str
        As in ``data/trains.toml``.

    Returns
    -------
    TrainClass
        The class.

    Raises
    ------
    InputError
        If there is no such class; the message lists those there are.
    """
    known = trains()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise InputError(f"No train class {name!r}.{hint} Known classes: {', '.join(known)}.")
    return known[name]


def _band(minutes: list[float]) -> Band:
    p10, p50, p90 = (60.0 * float(value) for value in minutes)
    return Band(p10, p50, p90)


def _shares(values: list[float]) -> tuple[float, float, float]:
    p10, p50, p90 = (float(value) for value in values)
    return p10, p50, p90


@cache
def calibration() -> Calibration:
    """Parameters of ``data/calibration.toml``.

    Returns
    -------
    Calibration
        The parameters.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    table = _load("calibration.toml")
    try:
        speed, spread, halts = table["practical_speed"], table["spread"], table["halts"]
        gauge = halts["break_of_gauge"]
        return Calibration(
            floor=float(speed["floor"]),
            ceiling=float(speed["ceiling"]),
            default_factor=float(speed["default_factor"]),
            known_exponent=float(speed["known_exponent"]),
            known_factor=float(speed["known_factor"]),
            highspeed_from_kmh=float(speed["highspeed_from_kmh"]),
            highspeed_full_kmh=float(speed["highspeed_full_kmh"]),
            highspeed_commercial_kmh=float(speed["highspeed_commercial_kmh"]),
            highspeed_factor=float(speed["highspeed_factor"]),
            highspeed_exponent=float(speed["highspeed_exponent"]),
            long_run_from_km=float(table["long_run"]["from_km"]),
            long_run_share=float(table["long_run"]["share_per_doubling"]),
            sigma=MappingProxyType(
                {
                    (source, confidence): float(value)
                    for source in ("register", "osm", "default")
                    for confidence, value in spread[source].items()
                }
            ),
            train_sigma=MappingProxyType({key: float(value) for key, value in spread["train"].items()}),
            other_modes_sigma=float(spread["other_modes"]),
            correlation=float(spread["correlation"]),
            halts=MappingProxyType(
                {
                    key: _band(halts[key])
                    for key in (
                        "stop",
                        "transfer_to_road",
                        "transfer_to_rail",
                        "transfer_to_ferry",
                        "train_ferry",
                    )
                }
            ),
            border=MappingProxyType({key: _band(value) for key, value in halts["border"].items()}),
            break_of_gauge=MappingProxyType(
                {
                    key: _band(gauge[key])
                    for key in ("bogie_change", "variable_gauge", "transfer", "dual_gauge")
                }
            ),
            within_country=MappingProxyType(cast("dict[str, str]", gauge["within_country"])),
            gauge_share=float(gauge["highest_share"]),
            reversal_spread=_shares(halts["reversal_spread"]),
            special_border=_shares(halts["special_border"]["shares"]),
            listed_from_min=float(halts["listed_from_min"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"data/calibration.toml: a value is missing or wrong ({error}). Correct the file."
        ) from error

"""The itinerary: legs, halts and stop times of one journey, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from route.places import Place

__all__ = ["ZERO", "Band", "Halt", "HaltReason", "Itinerary", "Leg", "Mode", "Section", "StopTime", "Way"]

Mode = Literal["rail", "ferry", "road"]
HaltReason = Literal["border", "break_of_gauge", "reversal", "stop"]


@dataclass(frozen=True, slots=True)
class Band:
    """A duration with its uncertainty.

    Parameters
    ----------
    p10_s, p50_s, p90_s : float
        The duration, in seconds, that one, five and nine of ten such journeys stay within.
    """

    p10_s: float
    p50_s: float
    p90_s: float

    def __add__(self, other: Band) -> Band:
        """Sum of two durations that vary together (fully correlated)."""
        return Band(self.p10_s + other.p10_s, self.p50_s + other.p50_s, self.p90_s + other.p90_s)


ZERO = Band(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of a leg on which country, gauge, speed, line and origin of the track do not change.

    Parameters
    ----------
    start_m, end_m : float
        Measures along the leg, in metres.
    country : str or None
        ISO 3166-1 alpha-2 code.
    gauges_mm : tuple of int
        Track gauges available, in millimetres; several where the track is dual gauge, none if unknown.
    speed_kmh : float
        Line speed, in kilometres per hour.
    speed_source : str
        ``register``, ``osm`` or ``default`` (by country and kind of line).
    line : str or None
        Name of the line.
    source : str
        Where the track comes from: ``osm``, ``join`` (a gap of the data closed), ``link`` (a bridge, tunnel
        or ferry added from the list of links) or ``manual`` (drawn by hand).
    mode : str
        ``rail``, ``ferry`` or ``road``.
    """

    start_m: float
    end_m: float
    country: str | None
    gauges_mm: tuple[int, ...]
    speed_kmh: float
    speed_source: str
    line: str | None
    source: str
    mode: Mode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """A line on the ground between two places, before anyone asks how long it takes.

    Parameters
    ----------
    mode : str
        ``rail``, ``ferry`` or ``road``.
    coordinates : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84.
    measures_m : ndarray of shape (n,)
        Distance along the way at each vertex, in metres; never decreasing, starts with 0.
    sections : tuple of Section
        What the way consists of, in order and without gaps, from 0 to the last measure.
    reversals_m : tuple of float
        Measures at which the train changes direction, in metres.
    """

    mode: Mode
    coordinates: NDArray[np.float64]
    measures_m: NDArray[np.float64]
    sections: tuple[Section, ...]
    reversals_m: tuple[float, ...] = ()

    @property
    def distance_m(self) -> float:
        """Length along the way, in metres."""
        return float(self.measures_m[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """A pause on the way: at a border, a break of gauge, a reversal or a stop of the journey.

    Parameters
    ----------
    place : str
        Where.
    lon, lat : float
        Position, WGS 84.
    leg : int
        Sequence number of the leg it lies on (a stop belongs to the leg that ends there).
    measure_m : float
        Distance from the start of that leg, in metres.
    reason : str
        ``border``, ``break_of_gauge``, ``reversal`` or ``stop``.
    duration : Band
        How long it takes.
    detail : str
        A phrase for the reader, such as ``KP to RU`` or ``1435 mm to 1520 mm, bogie change``.
    """

    place: str
    lon: float
    lat: float
    leg: int
    measure_m: float
    reason: HaltReason
    duration: Band
    detail: str = ""

    @property
    def timezone(self) -> str | None:
        """IANA name of the time zone at its position; ``None`` at sea."""
        from tzfpy import get_tz  # here: the index of the world's zones is not small

        name = str(get_tz(self.lon, self.lat))
        return None if not name or name.startswith("Etc/") else name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """The way from one place of the journey to the next.

    Parameters
    ----------
    sequence : int
        1 for the first leg.
    origin, destination : Place
        Its ends, as asked for.
    mode : str
        ``rail``, ``ferry`` or ``road``.
    coordinates : ndarray of shape (n, 2)
        Line of the way as (lon, lat) in degrees, WGS 84.
    measures_m : ndarray of shape (n,)
        Distance along the way at each vertex, in metres; ends with `distance_m`.
    distance_m : float
        Length along the track, in metres.
    geodesic_m : float
        Length of the shortest line on the WGS 84 ellipsoid between the two places, in metres.
    duration : Band
        Time from departure to arrival, halts on the way included.
    sections : tuple of Section
        What the way consists of, in order.
    curve : ndarray of shape (k, 2)
        The time-distance curve at the median running time, as break points (elapsed_s, measure_m): seconds
        since the departure from the origin, metres from the start of the leg. Neither column decreases, the
        first row is (0, 0), the last is (`duration`'s p50, `distance_m`); between rows both are linear. A
        pause on the way is two rows with one measure. The dwell at the origin and destination is not in it.
        Empty if it is not known. For a whole journey, pauses at its places included: `route.timetable.curve`.
    """

    sequence: int
    origin: Place
    destination: Place
    mode: Mode
    coordinates: NDArray[np.float64]
    measures_m: NDArray[np.float64]
    distance_m: float
    geodesic_m: float
    duration: Band
    sections: tuple[Section, ...]
    curve: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def countries(self) -> tuple[str, ...]:
        """Countries passed, in order of first passage, as ISO 3166-1 alpha-2 codes."""
        return tuple(dict.fromkeys(s.country for s in self.sections if s.country))

    @property
    def gauges_mm(self) -> tuple[int, ...]:
        """Track gauges met, in order of first passage, in millimetres."""
        return tuple(dict.fromkeys(g for s in self.sections for g in s.gauges_mm))

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of the lines used, in order of first passage."""
        return tuple(dict.fromkeys(s.line for s in self.sections if s.line))


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTime:
    """When the train is at a place of the journey.

    Parameters
    ----------
    place : Place
        The place, with its time zone.
    measure_m : float
        Distance from the start of the journey, in metres.
    elapsed : Band
        Time from the start of the journey to the arrival here.
    dwell : Band
        Time between arrival and departure.
    arrival, departure : datetime or None
        At the median running time, in the local zone of the place; ``None`` at the ends, or if no departure
        was given.
    """

    place: Place
    measure_m: float
    elapsed: Band
    dwell: Band
    arrival: datetime | None
    departure: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Itinerary:
    """One journey.

    Parameters
    ----------
    places : tuple of Place
        The places asked for, in order.
    snap_m : tuple of float or None
        How far each place lies from the track that was used for it, in metres; ``None`` where no track is
        used.
    legs : tuple of Leg
        One fewer than places.
    halts : tuple of Halt
        Pauses in order, stops of the journey included.
    stop_times : tuple of StopTime
        One for each place.
    duration : Band
        Time from the first departure to the last arrival.
    train : str
        Class of train the times are for.
    attribution : tuple of str
        Sources that must be named wherever the journey is shown.
    warnings : tuple of str
        What a careful reader should know, one sentence each.
    difference : str
        For an alternative, how it differs from the journey it is an alternative to.
    alternatives : tuple of Itinerary
        Other ways that really differ, best first.
    """

    places: tuple[Place, ...]
    snap_m: tuple[float | None, ...]
    legs: tuple[Leg, ...]
    halts: tuple[Halt, ...]
    stop_times: tuple[StopTime, ...]
    duration: Band
    train: str
    attribution: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    difference: str = ""
    alternatives: tuple[Itinerary, ...] = ()

    @property
    def departure(self) -> datetime | None:
        """Departure from the first place, in its local time."""
        return self.stop_times[0].departure

    @property
    def arrival(self) -> datetime | None:
        """Arrival at the last place, in its local time."""
        return self.stop_times[-1].arrival

    @property
    def distance_m(self) -> float:
        """Length of all legs, whatever their mode, in metres."""
        return sum(leg.distance_m for leg in self.legs)

    @property
    def rail_m(self) -> float:
        """Length of the legs by rail, in metres."""
        return sum(leg.distance_m for leg in self.legs if leg.mode == "rail")

    @property
    def geodesic_m(self) -> float:
        """Sum of the legs' shortest lines on the ellipsoid, in metres."""
        return sum(leg.geodesic_m for leg in self.legs)

"""What a check finds, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from route.chronology.clocks import ClockCheck
    from route.chronology.judging import Verdict
    from route.chronology.reported import Event
    from route.itinerary import Band
    from route.places import Place

__all__ = ["PairCheck", "Report", "StartPoint", "WindowCheck"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPoint:
    """The furthest point of the way from which there was time enough.

    Parameters
    ----------
    measure_m : float
        Distance from the origin of the pair along the way, in metres.
    remaining_m : float
        Distance from there to the destination, in metres.
    lon, lat : float
        Position, WGS 84.
    near : Place
        The nearest place with a name.
    near_m : float
        How far away that is, in metres.
    """

    measure_m: float
    remaining_m: float
    lon: float
    lat: float
    near: Place
    near_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCheck:
    """Two places of the journey: the time there was, and the time it takes.

    Parameters
    ----------
    origin, destination : Place
        The two places.
    distance_m : float
        Length of the way between them, in metres.
    available_s : float or None
        Longest time that the statements leave, in seconds; ``None`` if they do not bound it, negative if they
        put the arrival before the departure.
    dwell_s : float
        Time on the way that the statements say the train stood, in seconds.
    halts_s : float
        Shortest usual time (p10) of the halts on the way: borders, breaks of gauge, stops.
    duration : Band
        Time the train takes, halts on the way included.
    verdict : str
        ``fits``, ``tight`` or ``does_not_fit``.
    latest_departure, earliest_arrival : datetime or None
        Latest departure that fits the arrival stated and earliest arrival that fits the departure stated, at
        the median running time, local.
    start, possible_start : StartPoint or None
        From where the train can have started, at the median running time and at p10; only where that of the
        pair is longer than the time there was.
    """

    origin: Place
    destination: Place
    distance_m: float
    available_s: float | None
    dwell_s: float
    halts_s: float
    duration: Band
    verdict: Verdict
    latest_departure: datetime | None
    earliest_arrival: datetime | None
    start: StartPoint | None
    possible_start: StartPoint | None

    @property
    def margin_s(self) -> float | None:
        """Time there was less the median running time, in seconds; ``None`` if the time is not bounded."""
        return None if self.available_s is None else self.available_s - self.duration.p50_s

    @property
    def required_kmh(self) -> float | None:
        """Lowest average speed that would do, the stated dwell taken out, in km/h.

        ``None`` if any speed would do, or none.
        """
        return self._average(self.dwell_s)

    @property
    def required_moving_kmh(self) -> float | None:
        """The same with the shortest usual time of all halts on the way taken out, in km/h."""
        return self._average(max(self.dwell_s, self.halts_s))

    def train_kmh(self, duration_s: float) -> float:
        """Average speed of the train, the stated dwell taken out.

        Parameters
        ----------
        duration_s : float
            One of the quantiles of `duration`, in seconds.

        Returns
        -------
        float
            Speed in km/h.
        """
        moving = duration_s - self.dwell_s
        return self.distance_m / moving * 3.6 if moving > 0 else 0.0

    def _average(self, standing_s: float) -> float | None:
        if self.available_s is None or self.available_s - standing_s <= 0:
            return None
        return self.distance_m / (self.available_s - standing_s) * 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCheck:
    """A sighting and its window.

    Parameters
    ----------
    stop : int
        Index of its place in the places of the report.
    place : Place
        Where.
    event : str
        ``departure``, ``arrival``, ``passage`` or ``seen``.
    stated : str
        The words of the time, with the day; empty for none.
    stated_earliest, stated_latest : datetime or None
        The window as stated, local.
    earliest, latest : datetime or None
        What is left of it once every other statement is taken into account, at the quickest runs (p10),
        local; as stated where the statements cannot hold together.
    fits_from, fits_until : datetime or None
        When it would fit everything else that is stated, at the usual run (median), local; ``None`` where
        nothing bounds it.
    possible_from, possible_until : datetime or None
        The same at the quickest runs (p10).
    would_fit : bool
        Whether any time would fit; if not, the other statements disagree among themselves.
    wording, source, note : str
        As in the file.
    """

    stop: int
    place: Place
    event: Event
    stated: str
    stated_earliest: datetime | None
    stated_latest: datetime | None
    earliest: datetime | None
    latest: datetime | None
    fits_from: datetime | None
    fits_until: datetime | None
    possible_from: datetime | None
    possible_until: datetime | None
    would_fit: bool
    wording: str
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check finds.

    Parameters
    ----------
    title : str
        What the journey is about.
    train : str
        Class of train.
    max_speed_kmh : float or None
        Speed it is said not to exceed, in km/h.
    places : tuple of Place
        The places, in order.
    pairs : tuple of PairCheck
        Every place with every later one, by origin.
    windows : tuple of WindowCheck
        One for each sighting.
    clocks : tuple of ClockCheck
        One for each time told for a second zone.
    verdict : str
        Of the whole: ``fits``, ``tight`` or ``does_not_fit``.
    conflict : tuple of int
        Indices, in `windows`, of the statements that disagree.
    attribution, warnings : tuple of str
        As of an itinerary.
    """

    title: str
    train: str
    max_speed_kmh: float | None
    places: tuple[Place, ...]
    pairs: tuple[PairCheck, ...]
    windows: tuple[WindowCheck, ...]
    clocks: tuple[ClockCheck, ...]
    verdict: Verdict
    conflict: tuple[int, ...]
    attribution: tuple[str, ...]
    warnings: tuple[str, ...]

    def pair(self, origin: int, destination: int) -> PairCheck:
        """Pair of two places.

        Parameters
        ----------
        origin, destination : int
            Their indices in `places`, the lower one first.

        Returns
        -------
        PairCheck
            The pair.
        """
        count = len(self.places)
        return self.pairs[origin * (2 * count - origin - 1) // 2 + destination - origin - 1]

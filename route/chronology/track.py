"""The railway between the places of a report: distances and running times of any part of the journey."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from route.chronology.judging import Stop
from route.geodesy import position_at
from route.itinerary import Way
from route.runningtime import calibration, practical_speed_kmh, train_class
from route.timetable import schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.chronology.reported import Reported
    from route.itinerary import Itinerary, Section
    from route.places import Place

__all__ = ["Track"]


class Track:
    """The railway between the stops: distances and running times of any part of the journey.

    Parameters
    ----------
    journey : Itinerary
        The planned journey; it may have places between the stops, where a road begins.
    stops : sequence of Place
        The stops.
    reported : Reported
        For its sightings and the highest speed.
    visits : sequence of int
        Number of the stop of each sighting.
    """

    def __init__(
        self, journey: Itinerary, stops: Sequence[Place], reported: Reported, visits: Sequence[int]
    ) -> None:
        self.journey = journey
        self.places = tuple(stops)
        self.ways = _capped_ways(journey, reported.max_speed_kmh)
        self.at: list[int] = []
        for stop in stops:
            begin = self.at[-1] + 1 if self.at else 0
            self.at.append(next(i for i in range(begin, len(journey.places)) if journey.places[i] == stop))
        self.events = tuple(
            sighting.event
            or ("departure" if visit == 0 else "arrival" if visit == len(stops) - 1 else "seen")
            for sighting, visit in zip(reported.sightings, visits, strict=True)
        )
        said = list(zip(reported.sightings, self.events, visits, strict=True))
        self.stops = tuple(
            Stop(
                dwell_s=max(
                    (s.minimum_dwell_s or 0.0 for s, _, visit in said if visit == number), default=0.0
                ),
                passage=any(event == "passage" for _, event, visit in said if visit == number),
            )
            for number in range(len(stops))
        )

    def run(self, origin: int, destination: int, from_m: float = 0.0) -> Itinerary:
        """Journey from one stop, or from a point some way behind it, to a later stop.

        Parameters
        ----------
        origin, destination : int
            Numbers of the stops, the earlier one first.
        from_m : float
            How far behind the first stop it starts, in metres.

        Returns
        -------
        Itinerary
            The journey, with no clock.
        """
        start, end = self.at[origin], self.at[destination]
        ways = list(self.ways[start:end])
        while len(ways) > 1 and from_m >= ways[0].distance_m:
            from_m -= ways.pop(0).distance_m
        start = end - len(ways)
        ways[0] = _from(ways[0], from_m)
        return schedule(
            self.journey.places[start : end + 1],
            self.journey.snap_m[start : end + 1],
            ways,
            train=self.journey.train,
            stop_dwell=[self._dwell(place) for place in range(start + 1, end)],
        )

    def distance_m(self, origin: int, destination: int) -> float:
        """Length of the way between two stops.

        Parameters
        ----------
        origin, destination : int
            Numbers of the stops, the earlier one first.

        Returns
        -------
        float
            Length in metres.
        """
        return sum(way.distance_m for way in self.ways[self.at[origin] : self.at[destination]])

    def point(self, origin: int, measure_m: float) -> tuple[float, float]:
        """Position of a point behind a stop.

        Parameters
        ----------
        origin : int
            Number of the stop.
        measure_m : float
            How far behind it, in metres.

        Returns
        -------
        tuple of float
            (lon, lat) in degrees, WGS 84.
        """
        for way in self.ways[self.at[origin] :]:
            if measure_m <= way.distance_m:
                break
            measure_m -= way.distance_m
        return position_at(way.coordinates, way.measures_m, min(measure_m, way.distance_m))

    def _dwell(self, place: int) -> timedelta | None:
        """Dwell at a place on the way: none on a passage, the stated one, else the usual one."""
        if place not in self.at:
            return None
        stop = self.stops[self.at.index(place)]
        if stop.passage:
            return timedelta(0)
        usual_s = calibration().halts["stop"].p50_s
        return timedelta(seconds=stop.dwell_s) if stop.dwell_s > usual_s else None


def _capped_ways(journey: Itinerary, max_speed_kmh: float | None) -> list[Way]:
    train = train_class(journey.train)
    return [
        Way(
            mode=leg.mode,
            coordinates=leg.coordinates,
            measures_m=leg.measures_m,
            sections=tuple(
                section
                if max_speed_kmh is None or section.mode != "rail"
                else replace(section, speed_kmh=_capped(section, max_speed_kmh, train.priority))
                for section in leg.sections
            ),
            reversals_m=tuple(
                halt.measure_m
                for halt in journey.halts
                if halt.leg == leg.sequence and halt.reason == "reversal"
            ),
        )
        for leg in journey.legs
    ]


def _capped(section: Section, max_speed_kmh: float, priority: float) -> float:
    """Line speed at which a train can count on no more than its highest speed."""

    def usable(line_kmh: float) -> float:
        return practical_speed_kmh(line_kmh, section.country, section.speed_source, priority)

    low, high = 0.0, section.speed_kmh
    if usable(high) <= max_speed_kmh:
        return high
    while high - low > 0.1:
        middle = (low + high) / 2
        low, high = (middle, high) if usable(middle) <= max_speed_kmh else (low, middle)
    return high


def _from(way: Way, from_m: float) -> Way:
    """Way without its first metres."""
    if from_m <= 0:
        return way
    from_m = min(from_m, way.distance_m)
    ahead = way.measures_m > from_m
    start = position_at(way.coordinates, way.measures_m, from_m)
    kept = tuple(
        replace(section, start_m=max(0.0, section.start_m - from_m), end_m=section.end_m - from_m)
        for section in way.sections
        if section.end_m > from_m
    )
    return replace(
        way,
        coordinates=np.vstack([[start], way.coordinates[ahead] if ahead.any() else [start]]),
        measures_m=np.concatenate([[0.0], way.measures_m[ahead] - from_m if ahead.any() else [0.0]]),
        sections=kept,
        reversals_m=tuple(at - from_m for at in way.reversals_m if at > from_m),
    )

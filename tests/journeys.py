"""Journeys for the tests of the exports: those of `samples` and more that break naive writers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import samples

from route.itinerary import Band, Halt, Itinerary
from route.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable


def ferry() -> Itinerary:
    """Rail, ferry and rail, with a departure that carries an offset and not a zone."""
    puttgarden = Place(name="Puttgarden", lat=54.5, lon=11.226, country="DE", timezone="Europe/Berlin")
    roedby = Place(name="Rødby Færge", lat=54.655, lon=11.352, country="DK", timezone="Europe/Copenhagen")
    hamburg = Place(name="Hamburg", lat=53.553, lon=10.006, country="DE", timezone="Europe/Berlin")
    copenhagen = Place(
        name="Copenhagen", lat=55.672, lon=12.565, country="DK", timezone="Europe/Copenhagen",
        names={"da": "København"},
    )  # fmt: skip
    return samples.itinerary(
        [
            samples.leg(1, hamburg, puttgarden),
            samples.leg(2, puttgarden, roedby, mode="ferry", speed_kmh=25.0),
            samples.leg(3, roedby, copenhagen),
        ],
        departure=datetime(2018, 7, 1, 3, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    )


def standing_still() -> Itinerary:
    """A leg without length or duration between two with, and back to the start; no departure."""
    here = Place(name="Here", lat=51.5308, lon=-0.1238, country="GB", timezone="Europe/London")
    there = Place(name="There", lat=51.5174, lon=-0.1040, country="GB", timezone="Europe/London")
    return samples.itinerary(
        [samples.leg(1, here, there), samples.leg(2, there, there), samples.leg(3, there, here)]
    )


def standing_still_at_noon() -> Itinerary:
    """The same with a departure."""
    return samples.itinerary(
        standing_still().legs, departure=datetime(2024, 2, 29, 12, tzinfo=ZoneInfo("Europe/London"))
    )


def out_and_back_over_the_date_line() -> Itinerary:
    """Over longitude 180 and back, with a halt on the other side, on a curve that is known."""
    west = Place(name="West", lat=66.0, lon=179.0, country="RU", timezone="Asia/Anadyr")
    east = Place(name="East", lat=66.2, lon=179.5, country="RU", timezone="Asia/Anadyr")
    leg = samples.leg(1, west, east, points=[(179.0, 66.0), (-179.0, 66.1), (179.5, 66.2)], speed_kmh=60.0)
    turn_m = float(leg.measures_m[np.argmin(np.abs(leg.coordinates[:, 0] + 179.0))])
    running_s, stood = leg.duration.p50_s, Band(600.0, 1200.0, 3600.0)
    at_s = running_s * turn_m / leg.distance_m
    curve = np.array(
        [(0, 0), (at_s, turn_m), (at_s + stood.p50_s, turn_m), (running_s + stood.p50_s, leg.distance_m)]
    )
    turned = replace(leg, duration=leg.duration + stood, curve=curve)
    halt = Halt(
        place="Turn", lon=-179.0, lat=66.1, leg=1, measure_m=turn_m, reason="reversal", duration=stood
    )  # fmt: skip
    return samples.itinerary(
        [turned], halts=[halt], departure=datetime(2024, 12, 31, 23, tzinfo=ZoneInfo("Asia/Anadyr"))
    )


ALL: tuple[Callable[[], Itinerary], ...] = tuple(
    # Frozen values: made once for all tests.
    map(
        cache,
        (
            samples.story,
            samples.across_the_antimeridian,
            samples.loop,
            samples.many_stops,
            samples.short,
            samples.long,
            ferry,
            standing_still,
            standing_still_at_noon,
            out_and_back_over_the_date_line,
        ),
    )
)
"""Every kind of journey."""

TIMED = tuple(make for make in ALL if make().departure is not None)
"""Those with a departure."""

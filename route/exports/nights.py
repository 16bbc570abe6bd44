"""How much of a journey goes by night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import position_at
from route.timetable import curve

if TYPE_CHECKING:
    from route.itinerary import Itinerary

__all__ = ["Nights", "nights"]

_SUNSET_DEG = -0.833  # upper limb on the horizon, with 34' of refraction
_STEP_S = 300.0


@dataclass(frozen=True, slots=True)
class Nights:
    """Nights that a journey passes through, whole or in part.

    Parameters
    ----------
    count : int
        How many.
    dark_s : float
        Time with the sun below the horizon where the train is, in seconds, to about five minutes.
    """

    count: int
    dark_s: float


def nights(itinerary: Itinerary) -> Nights | None:
    """Nights of a journey at its median running time, by the height of the sun where the train is.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    Nights or None
        ``None`` without a departure.
    """
    if itinerary.departure is None:
        return None
    from astral import Observer  # here: a table without a departure needs no sun
    from astral.sun import elevation

    start = itinerary.departure.astimezone(UTC)
    elapsed_s, measure_m = curve(itinerary)
    end_s = float(elapsed_s[-1])
    times = np.linspace(0.0, end_s, max(2, round(end_s / _STEP_S) + 1))
    measures = np.interp(times, elapsed_s, measure_m)
    dark = np.zeros(len(times), dtype=bool)
    offset_m = 0.0
    for leg in itinerary.legs:
        here = (measures >= offset_m) & (measures <= offset_m + leg.distance_m)
        lonlat = position_at(leg.coordinates, leg.measures_m, measures[here] - offset_m)
        for index, (lon, lat) in zip(np.flatnonzero(here), lonlat.tolist(), strict=True):
            moment = start + timedelta(seconds=float(times[index]))
            dark[index] = elevation(Observer(lat, lon), moment, with_refraction=False) < _SUNSET_DEG
        offset_m += leg.distance_m
    falls = sum(after and not before for before, after in pairwise(dark.tolist()))
    return Nights(int(dark[0]) + falls, float(dark[1:].mean()) * end_s)

"""Time zones along the way, for clocks anywhere on it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import position_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.itinerary import Itinerary

__all__ = ["Zones", "zones_along"]

_MOST_STEPS = 1500
_STEP_M = 4_000.0
_SHORTEST_M = 12_000.0  # the outlines of zones are rounded: a line along a border river seems to change sides
_AT_SEA = "Etc/"


@dataclass(frozen=True, slots=True)
class Zones:
    """Time zones of a journey by its measure.

    Parameters
    ----------
    changes : tuple of (float, str)
        Measures from the start of the journey, in metres, from which each zone holds, and its IANA name; the
        first is 0.
    """

    changes: tuple[tuple[float, str], ...]

    def at(self, measure_m: float) -> str:
        """Zone at a measure.

        Parameters
        ----------
        measure_m : float
            Metres from the start of the journey.

        Returns
        -------
        str
            IANA name.
        """
        index = bisect_right([start for start, _ in self.changes], measure_m) - 1
        return self.changes[max(index, 0)][1]


def zones_along(itinerary: Itinerary) -> Zones:
    """Time zones along a journey, from the outlines of tzfpy; its places keep the zone they carry.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    Zones
        The zones; stretches of less than 12 km between two of one zone are left out.
    """
    total = itinerary.distance_m
    step = max(_STEP_M, total / _MOST_STEPS)
    found: list[tuple[float, str]] = []
    start_m = 0.0
    for leg, origin in zip(itinerary.legs, itinerary.places, strict=False):
        own = origin.timezone
        if own:
            found.append((start_m, own))
        inner = np.arange(0.0 if not own else step, leg.distance_m, step)
        points = position_at(leg.coordinates, leg.measures_m, inner) if len(inner) else np.zeros((0, 2))
        ends = [section.end_m for section in leg.sections]
        for measure, (lon, lat) in zip(inner.tolist(), points.tolist(), strict=True):
            section = bisect_right(ends, measure)
            country = leg.sections[section].country if section < len(ends) else None
            name = _zone(lon, lat, country)
            if name is not None:
                found.append((start_m + measure, name))
        start_m += leg.distance_m
    last = itinerary.places[-1].timezone
    if last:
        found.append((total, last))
    return Zones(_changes(found, total) or ((0.0, last or "UTC"),))


@cache
def _countries() -> dict[str, frozenset[str]]:
    """Countries of each zone, from zone.tab of the time zone database."""
    found: dict[str, set[str]] = {}
    for row in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            found.setdefault(zone, set()).add(country)
    return {zone: frozenset(countries) for zone, countries in found.items()}


def _zone(lon: float, lat: float, country: str | None) -> str | None:
    """Zone of a point, unless the country of the track says that its outline is drawn too coarsely."""
    from tzfpy import get_tz  # here: the index of the world's zones is not small

    name = str(get_tz(lon, lat))
    countries = _countries()
    if country is None or country in countries.get(name, {country}):
        return None if not name or name.startswith(_AT_SEA) else name
    own = [zone for zone, of in countries.items() if country in of]
    return own[0] if len(own) == 1 else None


def _changes(found: Sequence[tuple[float, str]], total: float) -> tuple[tuple[float, str], ...]:
    runs = [(next(group)[0], zone) for zone, group in groupby(found, key=lambda row: row[1])]
    ends = [*(start for start, _ in runs[1:]), total]
    index = 1
    while index < len(runs) - 1:
        if runs[index - 1][1] == runs[index + 1][1] and ends[index] - runs[index][0] < _SHORTEST_M:
            del runs[index : index + 2]
            del ends[index - 1 : index + 1]
            index = max(1, index - 1)
        else:
            index += 1
    return tuple((0.0 if not i else start, zone) for i, (start, zone) in enumerate(runs))

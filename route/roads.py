"""Roads: the last stretch to places that have no railway, drawn by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from route.files import data_path
from route.geodesy import measures_m
from route.itinerary import Section, Way

if TYPE_CHECKING:
    from route.places import Place

__all__ = ["Road", "road_to"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """Road from a railway station to a place without a railway.

    Parameters
    ----------
    railhead : str
        Identifier of the station in ``data/places.geojson``.
    place : str
        Identifier of the place.
    way : Way
        The road, from the station to the place.
    """

    railhead: str
    place: str
    way: Way

    def reversed_way(self) -> Way:
        """Road from the place to the station.

        Returns
        -------
        Way
            The same road the other way.
        """
        way = self.way
        return Way(
            mode=way.mode,
            coordinates=way.coordinates[::-1],
            measures_m=way.distance_m - way.measures_m[::-1],
            sections=way.sections,
        )


@lru_cache(maxsize=1)
def _roads() -> dict[str, Road]:
    content = json.loads(data_path("roads.geojson").read_text(encoding="utf-8"))
    roads = {}
    for feature in content["features"]:
        about = feature["properties"]
        coordinates = np.array(feature["geometry"]["coordinates"], dtype=np.float64)
        measures = measures_m(coordinates)
        minutes = sum(about["duration_min"]) / 2
        section = Section(
            start_m=0.0,
            end_m=float(measures[-1]),
            country=about["country"],
            gauges_mm=(),
            speed_kmh=float(measures[-1]) / 1000 / (minutes / 60),
            speed_source="default",
            line=about["name"],
            source="manual",
            mode="road",
        )
        way = Way(mode="road", coordinates=coordinates, measures_m=measures, sections=(section,))
        roads[about["to"]] = Road(railhead=about["from"], place=about["to"], way=way)
    return roads


def road_to(place: Place) -> Road | None:
    """Road that leads to a place from the railway.

    Parameters
    ----------
    place : Place
        A place of ``data/places.geojson``.

    Returns
    -------
    Road or None
        The road; None if none is known.
    """
    return None if place.id is None else _roads().get(place.id)

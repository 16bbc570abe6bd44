"""Towns that a journey passes: what a reader orients by between its stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.files import data_path
from route.gazetteer.languages import open_names
from route.geodesy import distance_m, position_at
from route.places import best_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["PassedTown", "passed_towns"]

_WITHIN_M = 6_000.0  # the position of a town is its centre; its station may lie some kilometres off
_CLEAR_M = 8_000.0  # a town nearer to a stop is the town of that stop
_DEG_M = 111_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedTown:
    """A town on the way.

    Parameters
    ----------
    name : str
        Its name in the language asked for.
    lon, lat : float
        The point of the line that is nearest to it, in degrees, WGS 84; the longitude runs on with the line.
    measure_m : float
        Distance of that point from the start, in metres.
    population : int
        Inhabitants.
    """

    name: str
    lon: float
    lat: float
    measure_m: float
    population: int


def passed_towns(
    coordinates: NDArray[np.float64],
    measures_m: NDArray[np.float64],
    *,
    stops_m: Sequence[float] = (),
    names: Sequence[str] = (),
    lang: str | None = None,
    most: int = 8,
) -> tuple[PassedTown, ...]:
    """The largest towns that a line passes, well apart from each other and from its stops.

    Parameters
    ----------
    coordinates : ndarray of shape (n, 2)
        (lon, lat) of the line in degrees, WGS 84, without jumps at the antimeridian.
    measures_m : ndarray of shape (n,)
        Distance of each vertex from the start, in metres.
    stops_m : sequence of float
        Distances of the stops, which are named anyway.
    names : sequence of str
        Names that are taken.
    lang : str, optional
        IETF tag of the language of the names; the name at GeoNames where there is none.
    most : int
        How many at most.

    Returns
    -------
    tuple of PassedTown
        In the order of the line.
    """
    total = float(measures_m[-1] - measures_m[0])
    apart = max(_CLEAR_M, total / (1.6 * (most + len(stops_m))))
    taken = list(stops_m)
    said = {name.casefold() for name in names}
    found: list[PassedTown] = []
    for name, geonameid, population, lon, lat in _near(coordinates):
        if len(found) == most:
            break
        measure = _measure_of(coordinates, measures_m, lon, lat)
        if measure is None or any(abs(measure - other) < apart for other in taken):
            continue
        others = open_names().of(geonameid) if lang is not None else {}
        tag = best_tag(lang, others)
        shown = name if tag is None else others[tag]
        if shown.casefold() in said:
            continue
        at = position_at(coordinates, measures_m, measure)
        turn = 360.0 * round((lon - at[0]) / 360.0)
        found.append(
            PassedTown(name=shown, lon=at[0] + turn, lat=at[1], measure_m=measure, population=population)
        )
        taken.append(measure)
        said.add(shown.casefold())
    return tuple(sorted(found, key=lambda town: town.measure_m))


def _near(coordinates: NDArray[np.float64]) -> list[tuple[str, int, int, float, float]]:
    """Cities about a line, the most populous first, their longitudes beside it."""
    import pyarrow.parquet as pq

    table = pq.read_table(data_path("basemap_cities.parquet"))
    lon, lat = (table[column].to_numpy().astype(np.float64) for column in ("lon", "lat"))
    west, east = coordinates[:, 0].min(), coordinates[:, 0].max()
    lon = lon + 360.0 * np.round(((west + east) / 2 - lon) / 360.0)
    reach_lat = _WITHIN_M / _DEG_M
    reach_lon = reach_lat / np.maximum(np.cos(np.radians(lat)), 0.05)
    line = shapely.LineString(coordinates) if len(coordinates) > 1 else shapely.Point(coordinates[0])
    boxes = shapely.box(lon - reach_lon, lat - reach_lat, lon + reach_lon, lat + reach_lat)
    shapely.prepare(line)
    rows = np.flatnonzero(shapely.intersects(line, boxes))
    ids, people = table["geonameid"].to_numpy(), table["population"].to_numpy()
    rows = rows[np.argsort(-people[rows].astype(np.int64), kind="stable")]
    return [
        (table["name"][int(i)].as_py(), int(ids[i]), int(people[i]), float(lon[i]), float(lat[i]))
        for i in rows
    ]


def _measure_of(
    coordinates: NDArray[np.float64], measures_m: NDArray[np.float64], lon: float, lat: float
) -> float | None:
    """Measure of the point of a line that is nearest to a town; ``None`` if that is too far off."""
    if len(coordinates) < 2:
        return None
    # In a plane about the town: at some kilometres it is as good as the ellipsoid.
    scale = np.array([np.cos(np.radians(lat)), 1.0])
    plane = (coordinates - (lon, lat)) * scale
    a, step = plane[:-1], np.diff(plane, axis=0)
    square = np.maximum((step**2).sum(axis=1), 1e-18)
    share = np.clip(-(a * step).sum(axis=1) / square, 0.0, 1.0)
    away = ((a + share[:, None] * step) ** 2).sum(axis=1)
    i = int(away.argmin())
    near = coordinates[i] + share[i] * (coordinates[i + 1] - coordinates[i])
    if float(distance_m(lon, lat, float(near[0]), float(near[1]))) > _WITHIN_M:
        return None
    return float(measures_m[i] + share[i] * (measures_m[i + 1] - measures_m[i]))

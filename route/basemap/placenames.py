"""Names of countries, cities and seas for the page, each where it has room."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import shapely

from route.basemap.shapes import GRID, Box, layer
from route.files import data_path
from route.gazetteer.languages import country_names as names_of_countries
from route.gazetteer.languages import open_names
from route.places import best_tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["CityLabel", "CountryLabel", "SeaLabel", "cities", "countries", "country_names", "seas"]


# Columns of basemap_seas.csv; the others are named by their languages.
_NO_LANGUAGES = frozenset({"name", "lon", "lat", "min_zoom", "source"})


class CountryLabel(TypedDict):
    """Name of a country and where it may be written.

    Attributes
    ----------
    name, code : str
        Short name and ISO 3166-1 alpha-2 code.
    at : list of (float, float, float)
        Longitude, latitude and room, in degrees; the best place first.
    """

    name: str
    code: str
    at: list[tuple[float, float, float]]


class CityLabel(TypedDict):
    """Name of a city.

    Attributes
    ----------
    name : str
        Its name.
    lon, lat : float
        Position, in degrees.
    zoom : float
        Zoom of the map from which it has room.
    """

    name: str
    lon: float
    lat: float
    zoom: float


class SeaLabel(TypedDict):
    """Name of a sea.

    Attributes
    ----------
    name : str
        Its name.
    lon, lat : float
        Where it is written, in degrees.
    zoom : float
        Zoom of the map from which it is written.
    """

    name: str
    lon: float
    lat: float
    zoom: float


def countries(
    route: NDArray[np.float64], views: Sequence[Box], *, lang: str | None = None
) -> list[CountryLabel]:
    """Names of the countries in sight, each where it has room beside the route.

    Parameters
    ----------
    route : ndarray of shape (n, 2)
        (lon, lat) of the whole way, in degrees.
    views : sequence of Box
        What the reader sees, from the closest to the widest.
    lang : str, optional
        IETF tag of the language of the names; English where there is none.

    Returns
    -------
    list of CountryLabel
        The countries with most room first.
    """
    source = layer("country50")
    found: dict[str, CountryLabel] = {}
    line = shapely.simplify(shapely.LineString(route), 0.02)
    for view in views:
        span = max(view.east - view.west, view.north - view.south)
        least = span * span / 2500
        keep_off = shapely.buffer(line, span * 0.02)
        best: dict[str, tuple[float, float, float]] = {}
        for turn in range(math.floor((view.west + 180) / 360), math.floor((view.east + 180) / 360) + 1):
            shift = 360.0 * turn
            rows = source.within(Box(view.west - shift, view.south, view.east - shift, view.north))
            width, height = (source.bounds[rows, 2:] - source.bounds[rows, :2]).T / GRID
            rows = rows[width * height >= least]
            cut = shapely.clip_by_rect(
                shapely.simplify(source.geometries(rows), span / 300),
                view.west - shift,
                view.south,
                view.east - shift,
                view.north,
            )
            cut = shapely.transform(cut, lambda points, shift=shift: points + np.array([shift, 0.0]))
            for row, shape in zip(rows, cut, strict=True):
                code, name = source.codes[row], source.names[row]
                if shape.is_empty or code is None or name is None or shape.area < least:
                    continue
                free = shapely.difference(shapely.make_valid(shape), keep_off)
                if free.is_empty:
                    continue
                radius = shapely.maximum_inscribed_circle(free, span / 100)
                lon, lat = radius.coords[0]
                label = found.setdefault(name, {"name": name, "code": code, "at": []})
                if radius.length > best.get(label["name"], (0.0, 0.0, 0.0))[2]:
                    best[label["name"]] = (round(lon, 2), round(lat, 2), round(radius.length, 2))
        for name, place in best.items():
            found[name]["at"].append(place)
    names = country_names(lang)
    for label in found.values():
        # What is drawn as a country without a code of its own keeps the name it is drawn under.
        if label["name"] == country_names().get(label["code"]):
            label["name"] = names[label["code"]]
    return sorted(found.values(), key=lambda label: (-max(place[2] for place in label["at"]), label["name"]))


def cities(
    view: Box, *, avoid: Sequence[tuple[str, float, float]], most: int = 160, lang: str | None = None
) -> list[CityLabel]:
    """Names of the larger cities in a view, each from the zoom at which it has room among larger ones.

    Parameters
    ----------
    view : Box
        Where.
    avoid : sequence of (str, float, float)
        Name, longitude and latitude of what the map names anyway.
    most : int
        How many at most.
    lang : str, optional
        IETF tag of the language of the names; the name at GeoNames where there is none.

    Returns
    -------
    list of CityLabel
        The most populous first.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(data_path("basemap_cities.parquet"), columns=["name", "lon", "lat", "geonameid"])
    lon, lat = table["lon"].to_numpy().astype(float), table["lat"].to_numpy().astype(float)
    lon = lon + 360.0 * np.round(((view.west + view.east) / 2 - lon) / 360.0)
    inside = np.flatnonzero(
        (lon >= view.west) & (lon <= view.east) & (lat >= view.south) & (lat <= view.north)
    )
    names = {name.casefold() for name, _, _ in avoid}
    translated = open_names()
    # Pixels of Web Mercator at zoom 0, where the world is 256 wide; a label needs some 80 to itself.
    x, y = _pixels(lon, lat)
    named = np.array([place[1:] for place in avoid], float).reshape(-1, 2)
    taken = [(float(px), float(py)) for px, py in zip(*_pixels(*named.T), strict=True)]
    made: list[CityLabel] = []
    for index in inside[: most * 4].tolist():
        name = table["name"][index].as_py()
        if lang is not None:
            usual, others = name, translated.of(table["geonameid"][index].as_py())
            tag = best_tag(lang, others)
            name = usual if tag is None or usual.casefold() in names else others[tag]
        if name.casefold() in names or not any(letter.isalpha() for letter in name):
            continue
        nearest = min(
            (math.hypot((x[index] - a) * 0.7, (y[index] - b) * 1.4) for a, b in taken), default=256.0
        )
        zoom = math.log2(80.0 / max(nearest, 1e-9))
        if zoom > 10:
            continue
        taken.append((x[index], y[index]))
        made.append(
            {
                "name": name,
                "lon": round(lon[index], 2),
                "lat": round(lat[index], 2),
                "zoom": round(max(zoom, 2.0), 1),
            }
        )
        if len(made) == most:
            break
    return made


def _pixels(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    north = np.log(np.tan(math.pi / 4 + np.radians(np.clip(lat, -85, 85)) / 2))
    return (lon + 180.0) / 360.0 * 256.0, -north / (2 * math.pi) * 256.0


def seas(view: Box, *, lang: str | None = None) -> list[SeaLabel]:
    """Names of the seas in a view.

    Parameters
    ----------
    view : Box
        Where.
    lang : str, optional
        IETF tag of the language of the names; English where there is none.

    Returns
    -------
    list of SeaLabel
        Oceans first.
    """
    made: list[SeaLabel] = []
    with data_path("basemap_seas.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        tag = best_tag(lang, set(rows.fieldnames or ()) - _NO_LANGUAGES)
        for row in rows:
            lon, lat, zoom = float(row["lon"]), float(row["lat"]), float(row["min_zoom"])
            lon += 360.0 * round(((view.west + view.east) / 2 - lon) / 360.0)
            if view.west <= lon <= view.east and view.south <= lat <= view.north:
                made.append({"name": row[tag or "name"], "lon": lon, "lat": lat, "zoom": zoom})
    return made


def country_names(lang: str | None = None) -> dict[str, str]:
    """Short names of countries.

    Parameters
    ----------
    lang : str, optional
        IETF tag of the language of the names; English where there is none.

    Returns
    -------
    dict of str to str
        By ISO 3166-1 alpha-2 code.
    """
    source = layer("country50")
    pairs = zip(source.codes, source.names, strict=True)
    english = {code: name for code, name in pairs if code and name and (code, name) != ("SO", "Somaliland")}
    names = names_of_countries(lang)
    return {code: names.get(code, name) for code, name in english.items()}

"""What a name may stand for, and how likely each is before its neighbours on the route are known.

The prior of a candidate is counted in powers of ten of population: a town of 100,000 has 5. It is lowered for
a name that is not the one in use, and for a town far from any railway; curated places and stations stand
above the towns of the same name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from route.gazetteer.languages import open_names
from route.places import Place

if TYPE_CHECKING:
    from route.gazetteer import Area, Gazetteer, Match, Town
    from route.geocoding.curated import PlaceIndex

__all__ = ["Candidate", "Option", "distance_km", "offline_options", "option_of_place", "station_options"]

# Priors, in powers of ten of population.
ALIAS = -0.7
FAR_FROM_RAIL = -0.5
STATION = 3.5
STATION_IN_TOWN = 0.3
CURATED = 5.5
CURATED_TOWN = 0.5
UNKNOWN_POPULATION = 300

SAME_PLACE_KM = 15.0
"""Places of one name that are nearer than this are one place, listed twice."""

CURATED_SAME_KM = 25.0
NEAR_RAIL_KM = 10.0
NO_RAIL_KM = 50.0
MANY_PEOPLE = 100_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that a name may stand for.

    Parameters
    ----------
    place : Place
        The place.
    score : float
        Share of belief from 0 to 1; those of one name add up to 1, but for what is left off the list.
    why : str
        What speaks for it and against it, for the reader.
    label : str
        How to write the name so that this place is meant, such as ``Springfield, IL``.
    """

    place: Place
    score: float
    why: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A candidate before it is scored.

    Parameters
    ----------
    place : Place
        The place.
    prior : float
        How likely it is by itself, in powers of ten of population.
    size : float
        Population, or a figure of the same weight where none is known.
    network : int or None
        Connected railway network it lies at, 0 for none; ``None`` if not yet looked up.
    certain : bool
        True if the place was said without doubt: a position, an identifier, a name with its country.
    by_alias : bool
        True if it is another name of the place in Latin letters.
    label : str
        How to say that it is meant.
    why : str
        What is known of it.
    """

    place: Place
    prior: float
    size: float
    network: int | None = None
    certain: bool = False
    by_alias: bool = False
    label: str = ""
    why: str = ""


def distance_km(a: Place, b: Place) -> float:
    """Distance of two places on a sphere.

    Parameters
    ----------
    a, b : Place
        The places.

    Returns
    -------
    float
        Great-circle distance in kilometres (haversine, mean radius 6371.0088 km); within 0.6 % of the
        ellipsoid.
    """
    phi_a, phi_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((phi_b - phi_a) / 2) ** 2
        + math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(half)))


def _rail_penalty(rail_km: float | None) -> float:
    if rail_km is None or rail_km >= NO_RAIL_KM:
        return FAR_FROM_RAIL
    return FAR_FROM_RAIL * max(0.0, rail_km - NEAR_RAIL_KM) / (NO_RAIL_KM - NEAR_RAIL_KM)


def town_place(town: Town) -> Place:
    """Place of a town of the gazetteer.

    Parameters
    ----------
    town : Town
        The town.

    Returns
    -------
    Place
        With its names by language.
    """
    return Place(
        name=town.name,
        lat=town.lat,
        lon=town.lon,
        country=town.country,
        timezone=town.timezone,
        kind="city" if town.population >= MANY_PEOPLE else "town",
        source="geonames",
        id=f"geonames:{town.geonameid}",
        names=open_names().of(town.geonameid),
    )


def town_option(match: Match, gazetteer: Gazetteer, *, certain: bool = False) -> Option:
    """Option of a town of the gazetteer.

    Parameters
    ----------
    match : Match
        The town.
    gazetteer : Gazetteer
        Where it comes from.
    certain : bool
        Whether the name was given with its country or state, or by its identifier.

    Returns
    -------
    Option
        The option.
    """
    town = match.town
    size = town.population or UNKNOWN_POPULATION
    people = f"{town.population:,} people" if town.population else "population unknown"
    rail = "no railway within 100 km" if town.rail_km is None else f"{town.rail_km:g} km from a railway"
    alias = f"; known as {town.name}" if match.by_alias else ""
    return Option(
        place=town_place(town),
        prior=math.log10(max(size, 100)) + (ALIAS if match.by_alias else 0) + _rail_penalty(town.rail_km),
        size=size,
        network=town.network,
        certain=certain,
        by_alias=match.by_alias,
        label=f"{town.name}, {gazetteer.region_code(town) or town.country}",
        why=f"{people}, {rail}{alias}",
    )


def option_of_place(place: Place) -> Option:
    """Option of a place that is meant without doubt.

    Parameters
    ----------
    place : Place
        The place.

    Returns
    -------
    Option
        The option, the only one of its name.
    """
    return Option(
        place=place, prior=0.0, size=1e9, certain=True, label=place.id or place.name, why="as given"
    )


def _above_towns(
    place: Place, towns: list[Option], *, within_km: float
) -> tuple[Option | None, list[Option]]:
    """The largest town that a place of the same name lies in, and the towns that it does not lie in."""
    inside = [town for town in towns if distance_km(place, town.place) <= within_km]
    return max(inside, key=lambda town: town.size, default=None), [
        town for town in towns if town not in inside
    ]


def station_options(
    name: str, stations: PlaceIndex, towns: list[Option], areas: tuple[Area, ...] = ()
) -> list[Option]:
    """Stations of a name together with the towns of that name that have none.

    Parameters
    ----------
    name : str
        The name.
    stations : PlaceIndex
        The stations of the network.
    towns : list of Option
        The towns of that name.
    areas : tuple of Area
        Where a station must lie; anywhere if empty.

    Returns
    -------
    list of Option
        Stations first; a station in a town of its name weighs as much as the town, and stands for it.
    """
    options: list[Option] = []
    countries = {area.country for area in areas if area.region is None}
    for entry in stations.find(name):
        town, rest = _above_towns(entry.place, towns, within_km=SAME_PLACE_KM)
        if areas and not town and entry.place.country not in countries:
            continue
        towns = rest
        prior = max(STATION, town.prior if town else 0.0) + STATION_IN_TOWN
        options.append(
            Option(
                place=entry.place,
                prior=prior,
                size=max(10**STATION, town.size if town else 0.0),
                network=town.network if town else None,
                certain=bool(areas),
                label=entry.place.id or f"{entry.place.lat:.4f},{entry.place.lon:.4f}",
                why="station of the network" + (f"; {town.why}" if town else ""),
            )
        )
    return options + towns


def _others(town: Place, place: Place) -> dict[str, str]:
    return {tag: name for tag, name in town.names.items() if tag not in place.names}


def _curated_options(
    name: str, curated: PlaceIndex, others: list[Option], areas: tuple[Area, ...]
) -> list[Option]:
    options: list[Option] = []
    countries = {area.country for area in areas if area.region is None}
    for entry in curated.find(name):
        if areas and entry.place.country not in countries:
            continue
        town, others = _above_towns(entry.place, others, within_km=CURATED_SAME_KM)
        place = entry.place
        if town:
            # The file names a place in a few languages, the gazetteer knows more.
            place = replace(place, names=MappingProxyType({**place.names, **_others(town.place, place)}))
        options.append(
            Option(
                place=place,
                prior=max(CURATED, town.prior + CURATED_TOWN if town else 0.0),
                size=max(10**CURATED, town.size if town else 0.0),
                network=town.network if town else None,
                certain=True,
                label=str(entry.place.id),
                why="curated place" + (f"; {town.why}" if town else ""),
            )
        )
    return options + others


def _distinct(towns: list[Option]) -> list[Option]:
    """Towns without those that are the same place listed again; the likelier entry stays."""
    kept: list[Option] = []
    for town in sorted(towns, key=lambda town: -town.prior):
        if all(distance_km(town.place, other.place) > SAME_PLACE_KM for other in kept):
            kept.append(town)
    return kept


def offline_options(
    name: str, *, areas: tuple[Area, ...], curated: PlaceIndex, stations: PlaceIndex, gazetteer: Gazetteer
) -> list[Option]:
    """Everything that a name may stand for, without a network.

    Parameters
    ----------
    name : str
        The name, without country or state.
    areas : tuple of Area
        Where it must lie; anywhere if empty.
    curated, stations : PlaceIndex
        Places that stand above towns.
    gazetteer : Gazetteer
        The towns.

    Returns
    -------
    list of Option
        Likeliest first; empty if the name is unknown.
    """
    matches = gazetteer.search(name, areas=areas)
    towns = _distinct([town_option(match, gazetteer, certain=bool(areas)) for match in matches])
    options = station_options(name, stations, towns, areas)
    options = _curated_options(name, curated, options, areas)
    return sorted(options, key=lambda option: -option.prior)

"""Planning: from names to an itinerary, the one place that joins the parts."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from route.errors import InputError, NoPathError
from route.files import data_path
from route.geocoding import resolve
from route.geodesy import distance_m
from route.network.snap import Access, Snap, nearest_m, snap
from route.network.store import read_network
from route.roads import road_to
from route.routing import Preferences, Router
from route.timetable import schedule
from route.trip import Trip
from route.ways import join_ways, way_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from route.itinerary import Way
    from route.network.model import RailNetwork
    from route.places import Place

__all__ = ["STORY", "WORLD_NETWORK", "plan", "router"]

STORY = ("Pyongyang", "Khasan", "Vladivostok", "Russky Island")
"""The places of the story the package comes with."""

WORLD_NETWORK = "world.railnet"

_SNAP_WITHIN_M = 50_000.0
_TOWNS = ("city", "town")
_TOWN_SPREAD_M = 6_000.0
_TOWN_ACCESS = Access(s_per_m=0.2, unnamed_s=600.0)
"""The position of a town is its centre, and the station may be some kilometres from it."""

_POINT_SPREAD_M = 2_000.0
_POINT_ACCESS = Access()
_FAR_M = 15_000.0
_DETOUR = 3.5


@lru_cache(maxsize=4)
def _router(path: str, _stamp: tuple[int, int]) -> Router:
    from pathlib import Path

    return Router(read_network(Path(path)))


def router(network: str | Path | None = None) -> Router:
    """Router of a network file, read once.

    Parameters
    ----------
    network : str or Path, optional
        A network file; the world network that comes with the package by default.

    Returns
    -------
    Router
        Ready for queries.

    Raises
    ------
    NetworkFileError
        If the file cannot be used.
    """
    from pathlib import Path

    path = data_path(WORLD_NETWORK) if network is None else Path(network)
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
    except OSError:
        stamp = (0, 0)
    return _router(str(path), stamp)


def plan(
    places: Sequence[str | Place] | None = None,
    *,
    departure: str | datetime | None = None,
    train: str = "passenger",
    via: Sequence[str | Place] = (),
    avoid: Sequence[str] = (),
    network: str | Path | None = None,
    online: bool = False,
    lang: str | None = None,
    shortest: bool = False,
    pick: str = "clear",
) -> Trip:
    """Plan a journey by rail through places in their order.

    Parameters
    ----------
    places : sequence of str or Place, optional
        Names, ids of ``data/places.geojson``, ``"lat,lon"`` texts or places; at least two. The story the
        package comes with by default.
    departure : str or datetime, optional
        When it leaves the first place, local to it unless it carries an offset.
    train : str
        Class of ``data/trains.toml``.
    via : sequence of str or Place
        Places to pass without a stop; each is put into the leg where it is least out of the way.
    avoid : sequence of str
        ``country:CN`` (ISO 3166-1 alpha-2), ``line:NAME`` or ``place:NAME``.
    network : str or Path, optional
        A network file instead of the world network.
    online : bool
        Whether a geocoding service may be asked.
    lang : str, optional
        Language of the names, as an IETF tag.
    shortest : bool
        Take the shortest way instead of the fastest.
    pick : str
        ``clear`` to refuse names that may mean several places, ``best`` to take the likeliest.

    Returns
    -------
    Trip
        The journey.

    Raises
    ------
    InputError
        If an argument cannot be used.
    PlaceError
        If a name is unknown or ambiguous.
    NoPathError
        If no railway joins two of the places.
    ServiceError
        If the geocoding service fails.
    """
    names = list(STORY if places is None else places)
    if len(names) < 2:
        raise InputError("A route needs two places or more. Example: railroute legs Paris Lyon.")
    guide = router(network)
    stations = guide.network.stations
    found = resolve([*names, *via], online=online, pick=pick, lang=lang, stations=stations)
    stops = [r.place for r in found[: len(names)]]
    passing = [r.place for r in found[len(names) :]]
    preferences = Preferences(by="distance" if shortest else "time")
    preferences = replace(preferences, **_avoidances(avoid, guide, online=online, pick=pick))
    stops = _with_railheads(stops)
    ways, snaps, warnings = _ways(guide, preferences, stops, passing)
    itinerary = schedule(
        tuple(stops),
        snaps,
        ways,
        departure=departure,
        train=train,
        attribution=(*guide.network.attribution, *_attribution(stops)),
        warnings=tuple(warnings),
    )
    return Trip(itinerary, lang=lang)


def _attribution(stops: Sequence[Place]) -> tuple[str, ...]:
    return ("GeoNames (CC BY 4.0)",) if any(p.source == "geonames" for p in stops) else ()


def _avoidances(avoid: Sequence[str], guide: Router, *, online: bool, pick: str) -> dict[str, frozenset[object]]:
    network = guide.network
    countries: set[object] = set()
    lines: set[object] = set()
    edges: set[object] = set()
    for item in avoid:
        kind, _, value = item.partition(":")
        value = value.strip()
        if kind == "country" and value.upper() in network.countries:
            countries.add(value.upper())
        elif kind == "country" and len(value) == 2 and value.isalpha():
            continue  # a country without track in this network is avoided already
        elif kind == "line":
            matching = {n for n in network.lines if n and n.casefold() == value.casefold()}
            if not matching:
                raise InputError(f"--avoid {item}: no line of that name in the network. `railroute legs` names the lines.")
            lines |= matching
        elif kind == "place" and value:
            place = resolve([value], online=online, pick=pick)[0].place
            near = snap(network, place.lon, place.lat, within_m=_SNAP_WITHIN_M, spread_m=1_500.0, most=200)
            edges |= {s.edge for s in near}
        else:
            raise InputError(f"--avoid {item}: write country:CN, line:NAME or place:NAME.")
    return {
        "avoid_countries": frozenset(countries),
        "avoid_lines": frozenset(lines),
        "avoid_edges": frozenset(edges),
    }


def _with_railheads(stops: list[Place]) -> list[Place]:
    """Stops with the station before and after a place that only a road reaches."""
    result: list[Place] = []
    for i, place in enumerate(stops):
        road = road_to(place)
        if road is None:
            result.append(place)
            continue
        if i > 0 and stops[i - 1].id != road.railhead:
            result.append(resolve([road.railhead])[0].place)
        result.append(place)
        if i + 1 < len(stops) and stops[i + 1].id != road.railhead:
            result.append(resolve([road.railhead])[0].place)
    return result


def _ways(
    guide: Router, preferences: Preferences, stops: Sequence[Place], passing: Sequence[Place]
) -> tuple[list[Way], tuple[float | None, ...], list[str]]:
    """Ways of all legs, how far each stop was moved, and what to warn of."""
    roads = [(road_to(a), road_to(b)) for a, b in zip(stops, stops[1:], strict=False)]
    ways: list[Way] = []
    snaps: list[float | None] = [None] * len(stops)
    warnings: list[str] = []
    through = _place_vias(stops, passing, [a is None and b is None for a, b in roads])
    i = 0
    while i < len(roads):
        leaving, arriving = roads[i]
        if arriving is not None:
            ways.append(arriving.way)
            i += 1
        elif leaving is not None:
            ways.append(leaving.reversed_way())
            i += 1
        else:
            run = i
            while run < len(roads) and roads[run] == (None, None):
                run += 1
            rail, moved = _rail_ways(guide, preferences, stops[i : run + 1], through[i:run])
            ways += rail
            for k, metres in enumerate(moved):
                snaps[i + k] = metres
            i = run
    for place, metres in zip(stops, snaps, strict=True):
        if metres is not None and metres > _FAR_M:
            warnings.append(f"{place.name} is {metres / 1000:.0f} km from the railway that was used for it.")
    for a, b, way in zip(stops, stops[1:], ways, strict=False):
        crow = float(distance_m(a.lon, a.lat, b.lon, b.lat))
        if way.mode == "rail" and way.distance_m > 100_000 and way.distance_m > _DETOUR * crow:
            warnings.append(
                f"{a.name} to {b.name} is a long way round by rail: {way.distance_m / 1000:,.0f} km, "
                f"{way.distance_m / crow:.1f} times the {crow / 1000:,.0f} km as the crow flies."
            )
        gaps = sum(s.end_m - s.start_m for s in way.sections if s.source == "join")
        if gaps > 2_000:
            warnings.append(
                f"{a.name} to {b.name}: {gaps / 1000:.1f} km of the way are gaps in the map data that were closed."
            )
    return ways, tuple(snaps), warnings


def _place_vias(
    stops: Sequence[Place], passing: Sequence[Place], by_rail: Sequence[bool]
) -> list[list[Place]]:
    """Places to pass, for each leg, put where they lengthen the journey least."""
    through: list[list[Place]] = [[] for _ in by_rail]
    for place in passing:
        best: tuple[float, int, int] | None = None
        for leg, rail in enumerate(by_rail):
            if not rail:
                continue
            chain = [stops[leg], *through[leg], stops[leg + 1]]
            for at, (a, b) in enumerate(zip(chain, chain[1:], strict=False)):
                extra = _crow(a, place) + _crow(place, b) - _crow(a, b)
                if best is None or extra < best[0]:
                    best = (extra, leg, at)
        if best is None:
            raise InputError(f"--via {place.name}: no leg of this journey goes by rail.")
        through[best[1]].insert(best[2], place)
    return through


def _crow(a: Place, b: Place) -> float:
    return float(distance_m(a.lon, a.lat, b.lon, b.lat))


def _rail_ways(
    guide: Router, preferences: Preferences, stops: Sequence[Place], through: Sequence[Sequence[Place]]
) -> tuple[list[Way], list[float]]:
    """Ways by rail through some stops, and how far each stop was moved to the track."""
    chain: list[Place] = [stops[0]]
    is_stop = [True]
    for vias, place in zip(through, stops[1:], strict=True):
        chain += [*vias, place]
        is_stop += [False] * len(vias) + [True]
    candidates = [_candidates(guide.network, chain, i) for i in range(len(chain))]
    result = guide.metric(preferences).paths(candidates)
    if isinstance(result, int):
        raise _no_path(guide, preferences, chain[result], chain[result + 1], candidates[result : result + 2])
    ways: list[Way] = []
    part: list[Way] = []
    moved = [result[0].start.distance_m]
    for path, stop in zip(result, is_stop[1:], strict=True):
        part.append(way_of(guide.network, path))
        if stop:
            ways.append(join_ways(part))
            moved.append(path.end.distance_m)
            part = []
    return ways, moved


def _candidates(network: RailNetwork, chain: Sequence[Place], i: int) -> tuple[Snap, ...]:
    place = chain[i]
    # A curated city stands at its station.
    town = place.kind in _TOWNS and place.source != "curated"
    found = snap(
        network,
        place.lon,
        place.lat,
        within_m=_SNAP_WITHIN_M,
        spread_m=_TOWN_SPREAD_M if town else _POINT_SPREAD_M,
        access=_TOWN_ACCESS if town else _POINT_ACCESS,
    )
    if not found:
        other = chain[i + 1] if i == 0 else chain[i - 1]
        a, b = (place, other) if i == 0 else (other, place)
        away = nearest_m(network, place.lon, place.lat)
        far = f"the nearest track is {away / 1000:,.0f} km away" if away < 2.5e6 else "there is none on that side of the globe"
        raise NoPathError(
            f"No railway within {_SNAP_WITHIN_M / 1000:.0f} km of {place.name} ({place.lat:.3f}, {place.lon:.3f}): {far}. "
            "Choose a place on the railway.",
            origin=a.name,
            destination=b.name,
            reason="no_railway_near",
        )
    return found


def _no_path(
    guide: Router, preferences: Preferences, a: Place, b: Place, ends: Sequence[Sequence[Snap]]
) -> NoPathError:
    """Why there is no way between two places that both have track."""
    network = guide.network
    component = network.component_of_nodes()
    sides = [{int(component[network.tail[s.edge]]) for s in end} for end in ends]
    if not sides[0] & sides[1]:
        return NoPathError(
            f"No railway joins {a.name} and {b.name}: their tracks are not connected, by land or by train ferry.",
            origin=a.name,
            destination=b.name,
            reason="not_connected",
        )
    free = Preferences(by=preferences.by)
    if preferences != free and not isinstance(guide.metric(free).paths(ends), int):
        return NoPathError(
            f"No railway joins {a.name} and {b.name} without what --avoid excludes. Take an --avoid away.",
            origin=a.name,
            destination=b.name,
            reason="avoided",
        )
    return NoPathError(
        f"No train can go from {a.name} to {b.name}: every way between them crosses a border that is closed to railways.",
        origin=a.name,
        destination=b.name,
        reason="closed_border",
    )

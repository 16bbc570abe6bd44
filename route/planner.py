"""Planning: from names to an itinerary, the one place that joins the parts."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from route.errors import InputError
from route.files import data_path
from route.gazetteer import open_gazetteer
from route.geocoding import resolve, town_place
from route.network.snap import snap
from route.network.store import read_network
from route.notes import Note
from route.roads import road_to
from route.routing import Preferences, Router
from route.timetable import schedule
from route.trip import Trip
from route.wayfinding import SNAP_WITHIN_M, Found, find_alternatives, find_ways

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from route.geocoding import OnlineSettings
    from route.itinerary import Itinerary
    from route.places import Place

__all__ = ["STORY", "WORLD_NETWORK", "plan", "preferences_for", "router"]

STORY = ("Pyongyang", "Khasan", "Vladivostok", "Russky Island")
"""The places of the story the package comes with; it is told in ``data/SOURCES.md``."""

STORY_DEPARTURE = "2019-04-24T05:00"
"""Dawn at Pyongyang on the day of the departure, as reported."""

STORY_TRAIN = "armoured"
"""The train of the story."""

WORLD_NETWORK = "world.railnet"


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
    train: str | None = None,
    via: Sequence[str | Place] = (),
    avoid: Sequence[str] = (),
    network: str | Path | None = None,
    online: OnlineSettings | bool = False,
    lang: str | None = None,
    shortest: bool = False,
    alternatives: int = 0,
    pick: str = "clear",
    tz: str | None = None,
) -> Trip:
    """Plan a journey by rail through places in their order.

    Parameters
    ----------
    places : sequence of str or Place, optional
        Names, ids of ``data/places.geojson``, ``"lat,lon"`` texts or places; at least two. The story the
        package comes with by default.
    departure : str or datetime, optional
        When it leaves the first place, local to it unless it carries an offset. The story leaves at dawn on
        24 April 2019.
    train : str, optional
        Class of ``data/trains.toml``; by default ``passenger``, the fastest ordinary service, and for the story
        the train it tells of.
    via : sequence of str or Place
        Places to pass without a stop, in their order; each is put into the leg that it lengthens least.
    avoid : sequence of str
        ``country:CN`` (ISO 3166-1 alpha-2), ``line:NAME`` or ``place:NAME``.
    network : str or Path, optional
        A network file instead of the world network.
    online : OnlineSettings or bool
        Whether a geocoding service may be asked, and which and how.
    lang : str, optional
        Language of the names, as an IETF tag.
    shortest : bool
        Take the shortest way instead of the fastest.
    alternatives : int
        How many other ways to look for; there may be fewer that really differ.
    pick : str
        ``clear`` to refuse names that may mean several places, ``best`` to take the likeliest.
    tz : str, optional
        IANA name of a zone for the times in the table and in JSON beside that of each place, such as ``UTC``.

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
    if alternatives < 0:
        raise InputError("--alternatives is the number of other ways to look for: 0 or more.")
    if places is None:
        departure = STORY_DEPARTURE if departure is None else departure
        train = STORY_TRAIN if train is None else train
    zone = None if tz is None else _zone(tz, departure)
    names = list(STORY if places is None else places)
    if len(names) < 2:
        raise InputError("A route needs two places or more. Example: railroute legs Paris Lyon.")
    # The world network names no stations: a misspelt name is told before the network is read.
    stations = () if network is None else router(network).network.stations
    resolved = resolve([*names, *via], online=online, pick=pick, lang=lang, stations=stations)
    guide = router(network)
    stops = [r.place for r in resolved[: len(names)]]
    passing = [r.place for r in resolved[len(names) :]]
    preferences = preferences_for(guide, avoid=avoid, shortest=shortest, online=online, pick=pick)
    stops = _with_railheads(stops)
    found = find_ways(guide, preferences, stops, passing)
    others = (
        find_alternatives(guide, preferences, stops, passing, found, alternatives) if alternatives else []
    )

    def itinerary(ways: Found) -> Itinerary:
        return schedule(
            tuple(stops),
            ways.snap_m,
            ways.ways,
            departure=departure,
            train=train or "passenger",
            attribution=(*guide.network.attribution, *_attribution(stops)),
            warnings=ways.warnings,
        )

    best = _with_landmarks(itinerary(found))
    rest = [_with_landmarks(itinerary(other)) for other in others]
    rest = [replace(other, difference=difference(best, other)) for other in rest]
    return Trip(replace(best, alternatives=tuple(rest)), lang=lang, tz=zone)


def difference(best: Itinerary, other: Itinerary) -> str:
    """How an alternative differs, in a line.

    Parameters
    ----------
    best, other : Itinerary
        The journey and the alternative to it.

    Returns
    -------
    str
        Such as ``through MN; by Trans-Mongolian Railway (1,100 km); 120 km shorter, 3 h longer``.
    """
    parts: list[Note] = []
    here, there = ({c for leg in i.legs for c in leg.countries} for i in (best, other))
    for key, word, codes in (
        ("through", "through", there - here),
        ("not_through", "not through", here - there),
    ):
        if codes:
            countries = tuple(sorted(codes))
            parts.append(Note(f"{word} {', '.join(countries)}", key, countries=countries))
    known = {line for leg in best.legs for line in leg.lines}
    lines: dict[str, float] = {}
    for leg in other.legs:
        for s in leg.sections:
            if s.line and s.line not in known:
                lines[s.line] = lines.get(s.line, 0.0) + s.end_m - s.start_m
    if lines:
        name = max(lines, key=lambda line: lines[line])
        length_km = lines[name] / 1000
        parts.append(Note(f"by {name} ({length_km:,.0f} km)", "by_line", line=name, km=round(length_km)))
    km = (other.distance_m - best.distance_m) / 1000
    hours = (other.duration.p50_s - best.duration.p50_s) / 3600
    length, speed = "longer" if km >= 0 else "shorter", "slower" if hours >= 0 else "faster"
    text = f"{abs(km):,.0f} km {length}, {abs(hours):,.1f} h {speed}"
    parts.append(Note(text, f"{length}_{speed}", km=round(abs(km)), hours=abs(hours)))
    return Note("; ".join(parts), "difference", parts=tuple(parts))


def preferences_for(
    guide: Router,
    *,
    avoid: Sequence[str] = (),
    shortest: bool = False,
    online: OnlineSettings | bool = False,
    pick: str = "clear",
) -> Preferences:
    """What decides between ways, from the options of the command line.

    Parameters
    ----------
    guide : Router
        Router of the network.
    avoid : sequence of str
        ``country:CN``, ``line:NAME`` or ``place:NAME``.
    shortest : bool
        Take the shortest way instead of the fastest.
    online : bool or OnlineSettings
        As for `plan`.
    pick : str
        As for `plan`.

    Returns
    -------
    Preferences
        For `Router.metric`.

    Raises
    ------
    InputError
        If what to avoid cannot be read, or is not in the network.
    """
    preferences = Preferences(by="distance" if shortest else "time")
    return replace(preferences, **_avoidances(avoid, guide, online=online, pick=pick))


def _zone(name: str, departure: str | datetime | None) -> ZoneInfo:
    """Zone of a second clock, which needs a departure to show anything."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"--tz: there is no time zone {name!r}. Write UTC or an IANA name such as Europe/Copenhagen."
        ) from None
    if departure is None:
        raise InputError(
            f"--tz {name} needs a departure. Say when the journey starts, as in --depart 2019-04-24T05:00."
        )
    return zone


def _with_landmarks(journey: Itinerary) -> Itinerary:
    """Itinerary whose halts away from any known station are named after a town that they are near."""
    halts = []
    for halt in journey.halts:
        town = None
        if isinstance(halt.place, Note) and halt.place.key == "between":
            town = open_gazetteer().landmark(halt.lat, halt.lon)
        if town is None:
            halts.append(halt)
        else:
            place = town_place(town)
            halts.append(replace(halt, place=Note(f"near {place.name}", "near", place=place)))
    return replace(journey, halts=tuple(halts))


def _attribution(stops: Sequence[Place]) -> tuple[str, ...]:
    return ("GeoNames (CC BY 4.0)",) if any(p.source == "geonames" for p in stops) else ()


def _avoidances(
    avoid: Sequence[str], guide: Router, *, online: OnlineSettings | bool, pick: str
) -> dict[str, Any]:
    network = guide.network
    countries: set[str] = set()
    lines: set[str] = set()
    edges: set[int] = set()
    for item in avoid:
        kind, _, value = item.partition(":")
        value = value.strip()
        if kind == "country" and value and value.upper() in network.countries:
            countries.add(value.upper())
        elif kind == "country" and value:
            # A country without track in this network is avoided already.
            if value.upper() not in open_gazetteer().store.words["countries"]:
                raise InputError(
                    f"--avoid {item}: no country has that code. Write its two letters of ISO 3166, as in country:GB."
                )
        elif kind == "line":
            matching = {n for n in network.lines if n and n.casefold() == value.casefold()}
            if not matching:
                raise InputError(
                    f"--avoid {item}: no line of that name in the network. `railroute legs` names the lines."
                )
            lines |= matching
        elif kind == "place" and value:
            place = resolve([value], online=online, pick=pick)[0].place
            near = snap(network, place.lon, place.lat, within_m=SNAP_WITHIN_M, spread_m=1_500.0, most=200)
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

"""Finding the ways of a journey: where each place meets the track, one train all the way, and why there is none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from route.errors import InputError, NoPathError
from route.geodesy import distance_m
from route.network.parts import nearest_approach
from route.network.snap import Access, Snap, nearest_m, snap
from route.notes import Note
from route.roads import road_to
from route.routing import Metric, Preferences
from route.ways import join_ways, way_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.itinerary import Way
    from route.network.model import RailNetwork
    from route.places import Place
    from route.routing import Path, Router

__all__ = [
    "MAIN_GAUGE_SHARE",
    "POINT",
    "SNAP_WITHIN_M",
    "TOWN",
    "WIRELESS_M",
    "Found",
    "Surroundings",
    "find_alternatives",
    "find_ways",
    "high_speed",
    "off_high_speed",
    "surroundings",
]

SNAP_WITHIN_M = 50_000.0
"""How far from a place the railway may be, in metres."""

_TOWNS = ("city", "town")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What counts as track at a place.

    Parameters
    ----------
    spread_m : float
        How much further than the nearest track other track may be, in metres.
    access : Access
        What it costs to use track away from the place.
    """

    spread_m: float
    access: Access


TOWN = Surroundings(spread_m=6_000.0, access=Access(s_per_m=0.2, unnamed_s=600.0))
"""The position of a town is its centre, and the station may be some kilometres from it."""

POINT = Surroundings(spread_m=2_000.0, access=Access())
"""A position is where it is."""

_FAR_M = 15_000.0
_DETOUR = 3.5


_HIGH_SPEED_KMH = 250
WIRELESS_M = 100_000.0
"""A train that runs this far without a wire is hauled by a diesel, and is no high-speed train anywhere."""

MAIN_GAUGE_SHARE = 0.7
"""Share of a path that has to be on one gauge for it to be the gauge of the path."""
_MOST_DISCOURAGED = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Ways of a journey.

    Parameters
    ----------
    ways : tuple of Way
        One for each leg.
    snap_m : tuple of float or None
        How far each stop is from the track used for it, in metres; None where it is reached by road.
    warnings : tuple of str
        What to warn of.
    edges : ndarray of shape (n,)
        Edges of the network that are used.
    """

    ways: tuple[Way, ...]
    snap_m: tuple[float | None, ...]
    warnings: tuple[str, ...]
    edges: NDArray[np.int64]


def find_alternatives(
    guide: Router,
    preferences: Preferences,
    stops: Sequence[Place],
    passing: Sequence[Place],
    best: Found,
    most: int,
) -> list[Found]:
    """Other ways that really differ from the best one and from each other.

    Track that was used is made dearer again and again until other track is taken (the penalty method; Bader,
    Dees, Geisberger, Sanders 2011, Alternative Route Graphs in Road Networks).

    Parameters
    ----------
    guide : Router
        Router of the network.
    preferences : Preferences
        What decides between ways.
    stops : sequence of Place
        The places.
    passing : sequence of Place
        Places to pass without a stop.
    best : Found
        The best ways.
    most : int
        How many at the most.

    Returns
    -------
    list of Found
        Ways of which at least a quarter is on other track, and which take no more than twice the running
        time at line speed of the best one; best first.
    """
    network = guide.network
    metric = guide.metric(preferences)
    used = set(best.edges.tolist())
    limit = 2.0 * float(metric.edge_cost[best.edges].sum())
    found: list[Found] = []
    factor = preferences.discouragement
    for _ in range(3 * most):
        if len(found) == most:
            break
        dearer = replace(preferences, discouraged_edges=frozenset(used), discouragement=factor)
        try:
            other = find_ways(guide, dearer, stops, passing, keep=False)
        except NoPathError:
            break
        if float(metric.edge_cost[other.edges].sum()) > limit:
            break
        new = ~np.isin(other.edges, list(used))
        length = network.length_m[other.edges]
        if float(length[new].sum()) >= 0.25 * float(length.sum()):
            found.append(other)
            used |= set(other.edges.tolist())
        else:
            factor *= preferences.discouragement
            if factor > _MOST_DISCOURAGED:  # there is no other track
                break
    return found


def find_ways(
    guide: Router,
    preferences: Preferences,
    stops: Sequence[Place],
    passing: Sequence[Place],
    *,
    keep: bool = True,
) -> Found:
    """Ways of all legs of a journey.

    Parameters
    ----------
    guide : Router
        Router of the network.
    preferences : Preferences
        What decides between ways.
    stops : sequence of Place
        The places, railheads before and after places that only a road reaches included.
    passing : sequence of Place
        Places to pass without a stop.
    keep : bool
        Whether these preferences will be asked for again.

    Returns
    -------
    Found
        The ways.

    Raises
    ------
    NoPathError
        If there is no way for a leg; says why.
    InputError
        If a place to pass belongs to no leg.
    """
    roads = [(road_to(a), road_to(b)) for a, b in itertools.pairwise(stops)]
    metric = guide.metric(preferences) if keep else Metric(guide, preferences)
    ways: list[Way] = []
    edges: list[NDArray[np.int64]] = []
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
            rail, moved, used = _rail_ways(guide, metric, stops[i : run + 1], through[i:run])
            ways += rail
            edges += used
            for k, away in enumerate(moved):
                snaps[i + k] = away
            i = run
    for place, metres in zip(stops, snaps, strict=True):
        if metres is not None and metres > _FAR_M:
            text = f"{place.name} is {metres / 1000:.0f} km from the railway that was used for it."
            warnings.append(Note(text, "far_from_railway", place=place, km=round(metres / 1000)))
    for a, b, way in zip(stops, stops[1:], ways, strict=False):
        crow = float(distance_m(a.lon, a.lat, b.lon, b.lat))
        if way.mode == "rail" and way.distance_m > 100_000 and way.distance_m > _DETOUR * crow:
            warnings.append(
                Note(
                    f"{a.name} to {b.name} is a long way round by rail: {way.distance_m / 1000:,.0f} km, "
                    f"{way.distance_m / crow:.1f} times the {crow / 1000:,.0f} km as the crow flies.",
                    "long_way_round",
                    origin=a,
                    destination=b,
                    km=round(way.distance_m / 1000),
                    times=way.distance_m / crow,
                    crow=round(crow / 1000),
                )
            )
        gaps = sum(s.end_m - s.start_m for s in way.sections if s.source == "join")
        if gaps > 2_000:
            text = f"{a.name} to {b.name}: {gaps / 1000:.1f} km of the way are gaps in the map data that were closed."
            warnings.append(Note(text, "gaps_closed", origin=a, destination=b, km=gaps / 1000))
    return Found(tuple(ways), tuple(snaps), tuple(warnings), np.concatenate([np.zeros(0, np.int64), *edges]))


def _place_vias(
    stops: Sequence[Place], passing: Sequence[Place], by_rail: Sequence[bool]
) -> list[list[Place]]:
    """Places to pass, for each leg: in their order, each in the leg that it lengthens least."""
    through: list[list[Place]] = [[] for _ in by_rail]
    first = 0
    for place in passing:
        extra = {}
        for leg in range(first, len(by_rail)):
            if by_rail[leg]:
                before, after = (*through[leg][-1:], stops[leg])[0], stops[leg + 1]
                extra[leg] = _crow(before, place) + _crow(place, after) - _crow(before, after)
        if not extra:
            raise InputError(f"--via {place.name}: no leg of this journey goes by rail.")
        first = min(extra, key=lambda leg: extra[leg])
        through[first].append(place)
    return through


def _crow(a: Place, b: Place) -> float:
    return float(distance_m(a.lon, a.lat, b.lon, b.lat))


def _rail_ways(
    guide: Router, metric: Metric, stops: Sequence[Place], through: Sequence[Sequence[Place]]
) -> tuple[list[Way], list[float], list[NDArray[np.int64]]]:
    """Ways by rail through some stops, how far each stop was moved to the track, and the edges used."""
    chain: list[Place] = [stops[0]]
    is_stop = [True]
    for vias, place in zip(through, stops[1:], strict=True):
        chain += [*vias, place]
        is_stop += [False] * len(vias) + [True]
    candidates = [_candidates(guide.network, chain, i) for i in range(len(chain))]
    result = metric.paths(candidates)
    if isinstance(result, int):
        raise _no_path(
            guide, metric.preferences, chain[result], chain[result + 1], candidates[result : result + 2]
        )
    result = _same_gauge(metric, candidates, result)
    result = _one_train(guide, metric.preferences, candidates, result)
    ways: list[Way] = []
    part: list[Way] = []
    moved = [result[0].start.distance_m]
    for path, stop in zip(result, is_stop[1:], strict=True):
        part.append(way_of(guide.network, guide.speeds_kmh, path))
        if stop:
            ways.append(join_ways(part))
            moved.append(path.end.distance_m)
            part = []
    return ways, moved, [path.edges for path in result]


def _same_gauge(
    metric: Metric, candidates: Sequence[Sequence[Snap]], paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Paths that begin and end on the gauge they run on, where the place has track of that gauge.

    Networks of different gauges meet in one point of a coarse map, and the other network is often nearer to the
    centre of a town.
    """
    network = metric.router.network
    choice = [list(c) for c in candidates]
    for i, path in enumerate(paths):
        main = _main_gauge(network, path)
        if not main:
            continue
        for at in (i, i + 1):
            fitting = [s for s in choice[at] if main & set(network.gauges[network.gauge[s.edge]])]
            choice[at] = fitting or choice[at]
    if all(len(a) == len(b) for a, b in zip(choice, candidates, strict=True)):
        return paths
    again = metric.paths(choice)
    return paths if isinstance(again, int) else again


def _main_gauge(network: RailNetwork, path: Path) -> set[int]:
    """Gauges of most of a path; empty if no gauge prevails."""
    length = network.length_m[path.edges]
    gauge = network.gauge[path.edges]
    total = float(length.sum())
    for code in np.unique(gauge).tolist():
        if network.gauges[code] and float(length[gauge == code].sum()) > MAIN_GAUGE_SHARE * total:
            return set(network.gauges[code])
    return set()


def _one_train(
    guide: Router, preferences: Preferences, candidates: Sequence[Sequence[Snap]], paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Paths that one train can take: off the high-speed lines where the journey goes on without a wire."""
    network = guide.network
    edges = np.concatenate([p.edges for p in paths])
    wireless = network.electrifications.index("no") if "no" in network.electrifications else -1
    fast = high_speed(network)
    if (
        preferences.by != "time"
        or not fast[edges].any()
        or float(network.length_m[edges][network.electrification[edges] == wireless].sum()) < WIRELESS_M
    ):
        return paths
    again = guide.metric(off_high_speed(network, preferences)).paths(candidates)
    return paths if isinstance(again, int) else again


def high_speed(network: RailNetwork) -> NDArray[np.bool_]:
    """Lines for high speed.

    Parameters
    ----------
    network : RailNetwork
        The network.

    Returns
    -------
    ndarray of shape (n_edges,)
        Whether each edge belongs to one.
    """
    fast: NDArray[np.bool_] = network.speed_kmh >= _HIGH_SPEED_KMH
    return fast


def off_high_speed(network: RailNetwork, preferences: Preferences) -> Preferences:
    """Preferences of a train that cannot use lines for high speed.

    Parameters
    ----------
    network : RailNetwork
        The network.
    preferences : Preferences
        What decides otherwise.

    Returns
    -------
    Preferences
        The same, with these lines avoided.
    """
    fast = frozenset(np.flatnonzero(high_speed(network)).tolist())
    return replace(preferences, avoid_edges=preferences.avoid_edges | fast)


def surroundings(place: Place) -> Surroundings:
    """What counts as track at a place.

    Parameters
    ----------
    place : Place
        The place.

    Returns
    -------
    Surroundings
        Those of a town for a town; a curated one stands at its station.
    """
    return TOWN if place.kind in _TOWNS and place.source != "curated" else POINT


def _candidates(network: RailNetwork, chain: Sequence[Place], i: int) -> tuple[Snap, ...]:
    place = chain[i]
    around = surroundings(place)
    found = snap(
        network,
        place.lon,
        place.lat,
        within_m=SNAP_WITHIN_M,
        spread_m=around.spread_m,
        access=around.access,
    )
    if not found:
        other = chain[i + 1] if i == 0 else chain[i - 1]
        a, b = (place, other) if i == 0 else (other, place)
        away = nearest_m(network, place.lon, place.lat)
        far = (
            f"the nearest track is {away / 1000:,.0f} km away"
            if away < 2.5e6
            else "there is none on that side of the globe"
        )
        raise NoPathError(
            f"No railway within {SNAP_WITHIN_M / 1000:.0f} km of {place.name} ({place.lat:.3f}, {place.lon:.3f}): {far}. "
            "Choose a place on the railway.",
            origin=a.name,
            destination=b.name,
            reason="no_railway_near",
        )
    # The nearest track of a town on a border river may be that of the town across it; and nobody walks over a
    # border to spare the train its halt there.
    country = [network.countries[network.country[s.edge]] for s in found]
    home = place.country if place.country in country else country[0]
    return tuple(s for s, c in zip(found, country, strict=True) if c == home)


def _no_path(
    guide: Router, preferences: Preferences, a: Place, b: Place, ends: Sequence[Sequence[Snap]]
) -> NoPathError:
    """Why there is no way between two places that both have track."""
    network = guide.network
    component = network.component_of_nodes()
    sides = [{int(component[network.tail[s.edge]]) for s in end} for end in ends]
    if not sides[0] & sides[1]:
        gap, *nodes = nearest_approach(network, component, *sides)
        here, there = (f"{network.node_lat[n]:.2f},{network.node_lon[n]:.2f}" for n in nodes)
        return NoPathError(
            f"No railway joins {a.name} and {b.name}: their tracks are not connected, by land or by train ferry. "
            f"They come nearest to each other, {gap / 1000:,.0f} km apart, at {here} and {there}.",
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

"""Names of a route to places: the order of sources, the joint choice, and what is said when it fails."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from route.errors import AmbiguousPlaceError, InputError, PlaceNotFoundError, ServiceError
from route.gazetteer import Gazetteer, checked, normalise, open_gazetteer, shown
from route.gazetteer.lookup import Match
from route.gazetteer.names import is_latin
from route.geocoding.candidates import (
    SAME_PLACE_KM,
    Candidate,
    Option,
    distance_km,
    offline_options,
    option_of_place,
    town_option,
)
from route.geocoding.coordinates import parse_position, time_zone
from route.geocoding.curated import PlaceIndex, curated_places
from route.geocoding.joint import Choice, choose
from route.geocoding.online import OnlineSettings, open_geocoder
from route.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.gazetteer import Area
    from route.geocoding.online import OnlineGeocoder

__all__ = ["KnownNames", "Resolution", "resolve"]

MOST_CANDIDATES = 10
MOST_SUGGESTIONS = 5
NETWORK_WITHIN_KM = 100.0


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name was taken for.

    Parameters
    ----------
    query : str
        The name as it was given.
    place : Place
        The place.
    score : float
        Share of belief from 0 to 1.
    candidates : tuple of Candidate
        What else it may stand for, best first, the place itself included; at most ten.
    """

    query: str
    place: Place
    score: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Sources:
    curated: PlaceIndex
    stations: PlaceIndex
    gazetteer: Gazetteer
    lang: str | None


@dataclass(slots=True)
class _Query:
    """One name on its way to a place."""

    text: str
    name: str
    areas: tuple[Area, ...]
    options: list[Option]
    unknown_area: str = ""


class KnownNames:
    """What names may stand for, remembered from one call of `resolve` to the next.

    The calls must agree in what they take names from: stations, curated places and gazetteer.

    Parameters
    ----------
    most : int
        How many names are remembered; beyond that all are forgotten.
    """

    def __init__(self, most: int = 8_000) -> None:
        self._most = most
        self._queries: dict[str, _Query] = {}

    def read(self, text: str, sources: _Sources) -> _Query:
        """What a name may stand for.

        Parameters
        ----------
        text : str
            The name as it was given.
        sources : _Sources
            What is looked up if it is new.

        Returns
        -------
        _Query
            The name with its options.
        """
        known = self._queries.get(text)
        if known is None:
            if len(self._queries) >= self._most:
                self._queries.clear()
            known = self._queries[text] = _read(text, sources)
        return known


def resolve(
    names: Sequence[str | Place],
    *,
    online: OnlineSettings | bool = False,
    pick: str = "clear",
    separately: bool = False,
    lang: str | None = None,
    stations: Sequence[Place] | PlaceIndex = (),
    curated: PlaceIndex | None = None,
    gazetteer: Gazetteer | None = None,
    service: OnlineGeocoder | None = None,
    known: KnownNames | None = None,
) -> list[Resolution]:
    """Resolve the names of one route to places, together.

    Parameters
    ----------
    names : sequence of str or Place
        Names in any language, names with a country or state behind them (``Paris, FR``), identifiers,
        positions (``42.43,130.64``) and places, mixed, in the order of the route.
    online : OnlineSettings or bool
        Whether a network service may be asked for what is not known offline, and which and how; True for
        OpenStreetMap's Nominatim.
    pick : str
        ``clear`` takes a place only if it is clearly meant; ``best`` takes the likeliest one.
    separately : bool
        Resolve each name by itself, as if the others were not there.
    lang : str or None
        IETF tag of the language that a network service is asked to answer in.
    stations : sequence of Place, or PlaceIndex
        Stations of the network in use; an index of them, made once, saves time on many calls.
    curated : PlaceIndex or None
        Curated places; ``None`` for those that come with the package.
    gazetteer : Gazetteer or None
        The towns; ``None`` for those that come with the package.
    service : OnlineGeocoder or None
        The network service; ``None`` for that of `online`.
    known : KnownNames or None
        Names that earlier calls have looked up, none of them online: for many calls with the same names. What is said
        of a name that is not known then offers no service, since none could be asked for so many.

    Returns
    -------
    list of Resolution
        One for each name, in order.

    Raises
    ------
    InputError
        If a name cannot be read, or a position is not on the globe.
    PlaceNotFoundError
        If a name is unknown, or known only for a place that cannot well be meant on this route.
    AmbiguousPlaceError
        If a name stands for several places and none is clearly meant.
    ServiceError
        If the network service was needed and failed.
    """
    if pick not in ("clear", "best"):
        raise InputError(f'pick must be "clear" or "best", not "{shown(str(pick))}".')
    if isinstance(names, str):
        raise InputError(f'"{shown(names)}" is one name: give a list of names.')
    sources = _Sources(
        curated=curated or curated_places(),
        stations=stations if isinstance(stations, PlaceIndex) else PlaceIndex.of(tuple(stations)),
        gazetteer=gazetteer or open_gazetteer(),
        lang=lang,
    )
    if known is None or online:
        queries = [_read(name, sources) for name in names]
    else:
        queries = [known.read(n, sources) if isinstance(n, str) else _read(n, sources) for n in names]
    askable = not online and known is None
    if online:
        asked = service or open_geocoder(online if isinstance(online, OnlineSettings) else OnlineSettings())
        _ask(queries, [query for query in queries if not query.options], asked, sources)
    for query in queries:
        if not query.options:
            raise _unknown(query, sources, askable=askable)
    groups = [[query] for query in queries] if separately else [queries]
    resolutions = []
    for group in groups:
        if not group:
            continue
        choices = _choose(group, sources)
        if online:
            doubtful = [q for q, choice in zip(group, choices, strict=True) if not choice.believed]
            # With the likeliest place being enough, what is known offline is enough.
            with suppress(*([ServiceError] if pick == "best" else [])):
                if _ask(group, doubtful, asked, sources):
                    choices = _choose(group, sources)
        if pick == "clear":
            _insist(group, choices, sources, askable=askable)
        for i, (query, choice) in enumerate(zip(group, choices, strict=True)):
            resolutions.append(_resolution(query, choice, _neighbours(group, choices, i)))
    return resolutions


def _read(given: str | Place, sources: _Sources) -> _Query:
    if isinstance(given, Place):
        return _Query(given.name, given.name, (), [option_of_place(given)])
    text = checked(given)
    position = parse_position(text)
    if position is not None:
        return _Query(text, text, (), [option_of_place(position)])
    entry = sources.curated.with_id(text) or sources.stations.with_id(text)
    if entry is not None:
        return _Query(text, text, (), [option_of_place(entry.place)])
    town = sources.gazetteer.with_id(text)
    if town is not None:
        option = town_option(Match(town, by_alias=False), sources.gazetteer, certain=True)
        return _Query(text, town.name, (), [option])
    query = _Query(text, text, (), _options(text, (), sources))
    if not query.options and (qualified := sources.gazetteer.qualified(text)):
        query.name, query.areas = qualified
        if query.areas:
            query.options = _options(query.name, query.areas, sources)
        else:
            query.unknown_area = text[len(query.name) :].strip(" ,，、()（）")
    return query


def _options(name: str, areas: tuple[Area, ...], sources: _Sources) -> list[Option]:
    return offline_options(
        name, areas=areas, curated=sources.curated, stations=sources.stations, gazetteer=sources.gazetteer
    )


def _ask(group: list[_Query], doubtful: list[_Query], service: OnlineGeocoder, sources: _Sources) -> bool:
    """Add what the service knows to the options of the doubtful ones; whether there is anything new."""
    new = False
    for query in group:
        if not any(query is other for other in doubtful):
            continue
        for found in service.search(query.text, lang=sources.lang):
            place = found.place
            if any(distance_km(place, option.place) < 1.0 for option in query.options):
                continue
            names = {normalise(name) for name in (place.name, *place.names.values())}
            weight = 2.0 + 5.0 * found.importance
            query.options.append(
                Option(
                    place=place,
                    prior=weight,
                    size=10**weight,
                    certain=bool(query.areas),
                    by_alias=is_latin(query.name) and normalise(query.name) not in names,
                    label=f"{place.lat:.4f},{place.lon:.4f}",
                    why=f"known to {service.settings.service}",
                )
            )
            new = True
    return new


def _choose(group: list[_Query], sources: _Sources) -> list[Choice]:
    if len(group) > 1:
        for query in group:
            query.options = [_with_network(option, sources) for option in query.options]
    return choose([query.options for query in group])


def _with_network(option: Option, sources: _Sources) -> Option:
    """The option with the railway network of the nearest town, where it has none of its own."""
    if option.network is not None:
        return option
    town, km = sources.gazetteer.nearest(option.place.lat, option.place.lon)
    return replace(option, network=town.network if km <= NETWORK_WITHIN_KM else 0)


def _neighbours(group: list[_Query], choices: list[Choice], i: int) -> list[Place]:
    return [group[j].options[choices[j].best].place for j in (i - 1, i + 1) if 0 <= j < len(group)]


def _resolution(query: _Query, choice: Choice, around: list[Place]) -> Resolution:
    top = max(choice.totals)
    shares = [10 ** (total - top) for total in choice.totals]
    # The chosen one comes first, also where another has the same total.
    order = sorted(range(len(shares)), key=lambda i: (i != choice.best, -shares[i]))[:MOST_CANDIDATES]
    candidates = tuple(
        Candidate(
            query.options[i].place,
            shares[i] / sum(shares),
            _why(query.options[i], around),
            query.options[i].label,
        )
        for i in order
    )
    place = candidates[0].place
    if place.timezone is None:
        place = replace(place, timezone=time_zone(place.lat, place.lon))
        candidates = (replace(candidates[0], place=place), *candidates[1:])
    return Resolution(query.text, place, candidates[0].score, candidates)


def _why(option: Option, around: list[Place]) -> str:
    distances = [f"{distance_km(option.place, other):,.0f} km from {other.name}" for other in around]
    return "; ".join([option.why, *distances])


def _described(option: Option, sources: _Sources) -> str:
    country = sources.gazetteer.country_name(option.place.country)
    where = f"{option.label} ({country})" if country and "," in option.label else option.label
    return f"{where}: {option.why}" if option.why else where


def _insist(group: list[_Query], choices: list[Choice], sources: _Sources, *, askable: bool) -> None:
    for i, (query, choice) in enumerate(zip(group, choices, strict=True)):
        if not choice.believed:
            raise _implausible(query, choice, _neighbours(group, choices, i), sources, askable=askable)
    for query, choice in zip(group, choices, strict=True):
        if choice.rivals:
            raise _ambiguous(query, choice, sources)


def _ambiguous(query: _Query, choice: Choice, sources: _Sources) -> AmbiguousPlaceError:
    options = [query.options[i] for i in (choice.best, *choice.rivals)][:MOST_CANDIDATES]
    listed = "; ".join(_described(option, sources) for option in options[:5])
    return AmbiguousPlaceError(
        f'"{shown(query.text)}" may be any of {len(options)} places: {listed}. '
        f'Say which, such as "{options[0].label}", or give lat,lon, or take the likeliest with --pick best.',
        query=query.text,
        candidates=tuple(_described(option, sources) for option in options),
    )


def _implausible(
    query: _Query, choice: Choice, around: list[Place], sources: _Sources, *, askable: bool
) -> PlaceNotFoundError:
    option = query.options[choice.best]
    country = sources.gazetteer.country_name(option.place.country)
    known = "another name of " if option.by_alias else ""
    known += f"{option.place.name}, {country}" if country else option.place.name
    far = min(distance_km(option.place, other) for other in around)
    near = min(around, key=lambda other: distance_km(option.place, other)).name
    ask = ", or ask a network service with --online" if askable else ""
    return PlaceNotFoundError(
        f'No place called "{shown(query.text)}" is known near this route: it is {known}, {far:,.0f} km from '
        f'{near}. If that is meant write "{option.label}"; if not, give lat,lon{ask}.',
        query=query.text,
        candidates=(_described(option, sources),),
    )


def _unknown(query: _Query, sources: _Sources, *, askable: bool) -> PlaceNotFoundError:
    if query.unknown_area:
        return PlaceNotFoundError(
            f'"{shown(query.unknown_area)}" in "{shown(query.text)}" is no country or state known here: '
            'write its code or English name, such as "Paris, FR" or "Springfield, IL", or give lat,lon.',
            query=query.text,
        )
    similar = _similar(query.name, sources)
    hint = f" Did you mean {_listed(similar)}?" if similar else ""
    where = " there" if query.areas else ""
    ask = ", or ask a network service with --online" if askable else ""
    return PlaceNotFoundError(
        f'No place called "{shown(query.text)}" is known{where}.{hint} '
        f"Check the spelling, or give lat,lon{ask}.",
        query=query.text,
        candidates=tuple(_described(option, sources) for option in similar),
    )


def _similar(name: str, sources: _Sources) -> list[Option]:
    places = [*sources.curated.similar(name), *sources.stations.similar(name)][:MOST_SUGGESTIONS]
    options = [replace(option_of_place(place), label=place.name, why="") for place in places]
    for town in sources.gazetteer.suggestions(name, limit=MOST_SUGGESTIONS):
        option = town_option(Match(town, by_alias=False), sources.gazetteer)
        if all(distance_km(option.place, place) > SAME_PLACE_KM for place in places):
            options.append(option)
    return options[:MOST_SUGGESTIONS]


def _listed(options: list[Option]) -> str:
    labels = [f'"{option.label}"' for option in options]
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " or " + labels[-1]

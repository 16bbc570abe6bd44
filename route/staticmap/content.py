"""What a picture says about journeys: its lines, stops and marks, and the words around the map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from route.basemap import credits_of
from route.geodesy import distance_m, position_at, unwrap
from route.staticmap.lettering import arrows_along

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.itinerary import Halt, HaltReason, Itinerary, Leg, Mode
    from route.places import Place
    from route.words import Words

__all__ = ["Content", "Line", "Mark", "Stop", "content"]

_COLOURS = ("c0", "c1", "c2", "c3")
_SAME_M = 300.0  # halts nearer than this are one mark
_NEAR_STOP_M = 6_000.0  # a halt this near to a place of the journey of the same name is that place
_STEP_DEG = 0.5  # a straight stretch is drawn through points this close, so that it bends with the projection
Kind = Literal["border", "break_of_gauge", "reversal"]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A leg as a line.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        (lon, lat) in degrees, without jumps at the antimeridian.
    mode : str
        ``rail``, ``ferry`` or ``road``.
    colour : str
        Name of a colour of the palette.
    middle : tuple of (float, float)
        Longitude and latitude half way along it.
    distance : str
        Its length, for a reader.
    text : str
        Between which places it lies.
    quiet : bool
        Whether it is another way than the one that is shown.
    under : int
        How many journeys are drawn over it: it is wider, so that it shows where they share the track.
    """

    points: NDArray[np.float64]
    mode: Mode
    colour: str
    middle: tuple[float, float]
    distance: str
    text: tuple[str, ...]
    quiet: bool = False
    under: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A place of the journeys.

    Parameters
    ----------
    names : tuple of str
        Its name, and what to write if no font has that.
    lon, lat : float
        Position, in degrees.
    end : bool
        Whether a journey begins or ends there.
    kinds : tuple of str
        Reasons of a halt there, other than that it is a stop.
    """

    names: tuple[str, ...]
    lon: float
    lat: float
    end: bool
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A halt at a border, a break of gauge or a reversal, away from the places of the journey.

    Parameters
    ----------
    name : str
        Where.
    lon, lat : float
        Position, in degrees.
    kinds : tuple of str
        Reasons of the halt.
    """

    name: str
    lon: float
    lat: float
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Everything that a picture says.

    Parameters
    ----------
    title, summary, credit : str
        Words above and below the map.
    description : str
        The journeys in one paragraph, for those who cannot see the map.
    lines : tuple of Line
        Quiet ones first, as they are drawn.
    stops : tuple of Stop
        Ends of journeys first.
    marks : tuple of Mark
        Halts.
    key : tuple of (tuple of str, str, str)
        Lines of the legend: names of colours, mode, and text.
    """

    title: str
    summary: str
    credit: str
    description: str
    lines: tuple[Line, ...]
    stops: tuple[Stop, ...]
    marks: tuple[Mark, ...]
    key: tuple[tuple[tuple[str, ...], Mode, str], ...]


def content(
    itineraries: Sequence[Itinerary], words: Words, title: str | None, names: Sequence[str] = ()
) -> Content:
    """Content of the picture of one or several journeys.

    Parameters
    ----------
    itineraries : sequence of Itinerary
        The journeys; alternatives of a single one are drawn, too.
    words : Words
        Texts in the language of the picture.
    title : str or None
        Heading; ``None`` for the places of the journey.
    names : sequence of str
        What each of several journeys is called; one without a name by its places.

    Returns
    -------
    Content
        Its lines, stops, marks and words.
    """
    several = len(itineraries) > 1
    lines: list[Line] = []
    key: list[tuple[tuple[str, ...], Mode, str]] = []
    if not several:
        spare = [colour for colour in _COLOURS if colour not in _leg_colours(itineraries[0].legs)]
        for number, other in enumerate(itineraries[0].alternatives, 1):
            colour = spare[number - 1] if number <= len(spare) else "soft"
            lines += [_line(leg, colour, words, quiet=True) for leg in other.legs]
            said = [
                words.say("alternative", number=number),
                words.note(other.difference) or _summary(other, words),
            ]
            key.append(((colour,), "rail", ": ".join(said)))
    for index, itinerary in enumerate(itineraries):
        if several:
            colours = [_COLOURS[index % len(_COLOURS)]] * len(itinerary.legs)
            name = (names[index] if index < len(names) else "") or _title(itinerary, words)
            key.append(((colours[0],), "rail", f"{name}: {_summary(itinerary, words)}"))
        else:
            colours = _leg_colours(itinerary.legs)
        under = len(itineraries) - 1 - index
        own = [_line(leg, colour, words) for leg, colour in zip(itinerary.legs, colours, strict=True)]
        lines += [replace(line, under=under) for line in own]
    if not several:
        key = _modes(itineraries[0], words) + key
    sources = dict.fromkeys(source for itinerary in itineraries for source in itinerary.attribution)
    headline = title or " / ".join(dict.fromkeys(_title(itinerary, words) for itinerary in itineraries))
    summary = "" if several else _summary(itineraries[0], words)
    stops = _stops(itineraries, words)
    return Content(
        title=headline,
        summary=summary,
        credit=words.say("map_data", sources=", ".join(dict.fromkeys((*sources, *credits_of(words.lang))))),
        description=" ".join(
            f"{' → '.join(words.name(place) for place in itinerary.places)}. {_summary(itinerary, words)}"
            for itinerary in itineraries
        ),
        lines=_joined(lines),
        stops=stops,
        marks=_marks(itineraries, words),
        key=tuple(key),
    )


def _title(itinerary: Itinerary, words: Words) -> str:
    names = [words.name(place) for place in itinerary.places]
    if len(names) <= 5:
        return arrows_along(" → ".join(names))
    between = words.count("stops_between", len(names) - 2)
    return words.say("title_many", first=names[0], last=names[-1], stops=between)


def _summary(itinerary: Itinerary, words: Words) -> str:
    by_mode: dict[str, float] = {}
    for leg in itinerary.legs:
        by_mode[leg.mode] = by_mode.get(leg.mode, 0.0) + leg.distance_m
    distances = words.joined(
        words.say(f"distance_{mode}", distance=words.kilometres(metres)) for mode, metres in by_mode.items()
    )
    band = itinerary.duration
    low, middle, high = (words.duration(value) for value in (band.p10_s, band.p50_s, band.p90_s))
    if low == high:
        return words.say("summary", distances=distances, middle=middle)
    return words.say("summary_band", distances=distances, middle=middle, low=low, high=high)


def _leg_colours(legs: Sequence[Leg]) -> list[str]:
    """A colour for each leg; more by rail than colours can be told apart by share one."""
    rail = sum(leg.mode == "rail" for leg in legs)
    made: list[str] = []
    seen = 0
    for leg in legs:
        if leg.mode == "rail":
            made.append(_COLOURS[seen if rail <= len(_COLOURS) else 0])
            seen += 1
        else:
            made.append(leg.mode)
    return made


def _modes(itinerary: Itinerary, words: Words) -> list[tuple[tuple[str, ...], Mode, str]]:
    """Modes, where there are several of them."""
    modes = list(dict.fromkeys(leg.mode for leg in itinerary.legs))
    if len(modes) < 2:
        return []
    colours = _leg_colours(itinerary.legs)
    pairs = [(leg.mode, colour) for leg, colour in zip(itinerary.legs, colours, strict=True)]
    return [
        (tuple(dict.fromkeys(colour for own, colour in pairs if own == mode)), mode, words[mode])
        for mode in modes
    ]


def _line(leg: Leg, colour: str, words: Words, *, quiet: bool = False) -> Line:
    return Line(
        points=_dense(leg.coordinates),
        mode=leg.mode,
        colour=colour,
        middle=position_at(leg.coordinates, leg.measures_m, leg.distance_m / 2),
        distance=words.kilometres(leg.distance_m),
        text=(words.name(leg.origin), words.name(leg.destination)),
        quiet=quiet,
    )


def _dense(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Line whose long steps follow the geodesic."""
    points = coordinates if len(coordinates) > 1 else np.repeat(coordinates, 2, axis=0)
    steps = np.abs(np.diff(unwrap(points), axis=0)).max(axis=1)
    count = np.maximum(np.ceil(steps / _STEP_DEG), 1).astype(np.int64)
    if count.max() > 1:
        at = np.arange(len(points), dtype=np.float64)
        wanted = np.concatenate(
            [start + np.arange(parts) / parts for start, parts in zip(at[:-1], count, strict=True)]
            + [at[-1:]]
        )
        points = position_at(points, at, wanted)
    return unwrap(points)


def _joined(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines on one turn of the globe, that of the first."""
    made: list[Line] = []
    start = 0.0
    for line in lines:
        shift = 360.0 * round((start - line.points[0, 0]) / 360.0) if made else 0.0
        points = line.points + np.array([shift, 0.0])
        start = float(points[-1, 0])
        made.append(replace(line, points=points))
    return tuple(made)


def _stops(itineraries: Sequence[Itinerary], words: Words) -> tuple[Stop, ...]:
    found: dict[tuple[str, float, float], Stop] = {}
    for end in (True, False):
        for itinerary in itineraries:
            for place in (itinerary.places[0], itinerary.places[-1]) if end else itinerary.places[1:-1]:
                key = (words.name(place), round(place.lon, 3), round(place.lat, 3))
                kinds = [halt.reason for halt in itinerary.halts if _is_at(halt, place)]
                old = found.get(key, Stop(_names(place, words), place.lon, place.lat, end))
                found[key] = replace(old, kinds=tuple(dict.fromkeys([*old.kinds, *_kinds(kinds)])))
    return tuple(found.values())


def _kinds(reasons: Sequence[HaltReason]) -> list[Kind]:
    return [reason for reason in reasons if reason != "stop"]


def _is_at(halt: Halt, place: Place) -> bool:
    """Whether a halt is at a place of the journey, or at one of its stations that bears its name."""
    apart = distance_m(place.lon, place.lat, halt.lon, halt.lat)
    return apart < _SAME_M or (apart < _NEAR_STOP_M and halt.place in {place.name, *place.names.values()})


def _names(place: Place, words: Words) -> tuple[str, ...]:
    """Name of a place, then what it is called in Latin letters, then where it is."""
    latin = [name for _, name in sorted(place.names.items()) if name.isascii()]
    english = [place.names["en"]] if "en" in place.names else []
    where = f"{place.lat:.2f}, {place.lon:.2f}"
    return tuple(dict.fromkeys([words.name(place), place.name, *english, *latin, where]))


def _marks(itineraries: Sequence[Itinerary], words: Words) -> tuple[Mark, ...]:
    made: list[Mark] = []
    for itinerary in itineraries:
        for halt in itinerary.halts:
            if halt.reason == "stop" or any(_is_at(halt, place) for place in itinerary.places):
                continue
            same = next(
                (
                    i
                    for i, mark in enumerate(made)
                    if distance_m(mark.lon, mark.lat, halt.lon, halt.lat) < _SAME_M
                ),
                None,
            )
            if same is None:
                made.append(Mark(words.note(halt.place), halt.lon, halt.lat, (halt.reason,)))
            elif halt.reason not in made[same].kinds:
                made[same] = replace(made[same], kinds=(*made[same].kinds, halt.reason))
    return tuple(made)

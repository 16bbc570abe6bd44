"""The places of a journey that a text tells, chosen from all it names, and their order.

The journey is the chain of mentions in the order of the text that has the most points, where each step costs
the more the longer it is: ``1.4 log2(1 + d / S)`` points, but at most 4, for *d* beyond the first 100 km,
with *S* three times the usual distance from a place of the text to the nearest other one. So a city on the
other side of the world needs more to speak for it than one on the way.

The order of the text is taken, with three corrections. "To X from Y" goes from Y to X. A
text that names the two ends first and the places between them later goes through those in between, and what
it names after it has arrived is no part of the journey. A place
that is said to be returned to comes twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.places import Place

__all__ = ["WEAKEST", "Naming", "Stop", "chain", "in_order", "visits"]

WEAKEST = 1.0
"""Points from which a mention may belong to the journey, if it lies on the way."""

_SHORTER = 1 / 6
_MOST_STOPS = 60
_ROUNDS = 6
_START, _END = -1.0, math.inf
_PER_OCTAVE = 1.4
_MOST_COST = 4.0
_LEAST_SCALE_KM = 500.0
_FREE_KM = 100.0
_MOVED = 0.5
_WINDOW = 400
_FEWEST_FRAMED, _EARLY, _STRONG, _OUTSIDE = 4, 5, 3.0, 0.6


@dataclass(frozen=True, slots=True)
class Naming:
    """One mention of a place.

    Parameters
    ----------
    number : int
        Number of the mention in the text.
    at : float
        Where it stands in the order of the journey; `number` but for corrections.
    sentence : int
        Number of its sentence.
    cue : str
        How it lies on the way, see `route.reading.weighing.Weighed`.
    points : float
        What speaks for it.
    place : Place
        The place.
    back : bool
        Whether the text says that the journey comes back here.
    later : bool
        Whether the text says that what it tells here was before what it told.
    """

    number: int
    at: float
    sentence: int
    cue: str
    points: float
    place: Place
    back: bool = False
    later: bool = False


@dataclass(slots=True)
class Stop:
    """A place of the journey with the mentions of it.

    Parameters
    ----------
    place : Place
        The place.
    namings : list of Naming
        Its mentions from the one on that the journey was chosen by, in order.
    at : float
        Its position in the order of the journey, in numbers of mentions.
    others : list of float
        Positions that it may have instead.
    """

    place: Place
    namings: list[Naming]
    at: float = 0.0
    others: list[float] = field(default_factory=list)


def chain(namings: list[Naming]) -> list[Stop]:
    """Choose the mentions that make the journey.

    Parameters
    ----------
    namings : list of Naming
        All mentions with at least `WEAKEST` points, in the order of the text.

    Returns
    -------
    list of Stop
        The places of the journey, each once, in its order.
    """
    if not namings:
        return []
    turned = _turned_round(namings)
    namings = turned if any(naming.back for naming in turned) else _framed(turned)
    # The ends of a journey may be told first: "from X to Y" in the first sentence, what lies between later.
    movable = namings is turned and not any(naming.back for naming in turned)
    half = (namings[0].number + max(naming.number for naming in namings)) / 2
    ends = [
        replace(naming, at=_START if naming.cue in {"from", "leave"} else _END, points=naming.points - _MOVED)
        for naming in namings
        if naming.cue in {"from", "leave", "to", "reach", "chain"} and naming.number <= half and movable
    ]
    nodes = sorted([*namings, *ends], key=lambda naming: naming.at)
    picked = _best_chain(nodes)
    stops: dict[Place, Stop] = {}
    for naming in picked:
        stop = stops.setdefault(naming.place, Stop(naming.place, [], naming.at))
        stop.namings.append(naming)
    chosen = {naming.at for naming in picked}
    for naming in nodes:
        named = stops.get(naming.place)
        if named is None:
            continue
        if naming.at != named.at and not naming.back:
            named.others.append(naming.at)
        if math.isfinite(naming.at) and naming.at > named.at and naming.at not in chosen:
            named.namings.append(naming)
    for stop in stops.values():
        stop.namings.sort(key=lambda naming: naming.at)
    return in_order(list(stops.values()))


def _best_chain(nodes: list[Naming]) -> list[Naming]:
    places = list(dict.fromkeys(node.place for node in nodes))
    km = _distances_km(places)
    if len(places) > 1:
        nearest = np.where(km > 1.0, km, np.inf).min(axis=1)
        usual = float(np.median(nearest[np.isfinite(nearest)])) if np.isfinite(nearest).any() else 0.0
        scale = max(3 * usual, _LEAST_SCALE_KM)
    else:
        scale = _LEAST_SCALE_KM
    costs = _PER_OCTAVE * np.log2(1 + np.maximum(km - _FREE_KM, 0) / scale)
    costs = np.minimum(costs, _MOST_COST)
    index = {place: i for i, place in enumerate(places)}
    at = np.array([index[node.place] for node in nodes])
    values = np.array([node.points - WEAKEST for node in nodes])
    best = values.copy()
    before = np.full(len(nodes), -1)
    for i in range(1, len(nodes)):
        low = max(0, i - _WINDOW)
        ways = best[low:i] - costs[at[low:i], at[i]]
        # A place that is named again at once has been counted.
        ways = ways - np.where(at[low:i] == at[i], 0.7 * max(values[i], 0.0), 0.0)
        j = int(ways.argmax())
        if ways[j] > 0:
            best[i] += ways[j]
            before[i] = low + j
    picked = []
    i = int(best.argmax())
    while i >= 0:
        picked.append(nodes[i])
        i = int(before[i])
    return picked[::-1]


def _distances_km(places: list[Place]) -> NDArray[np.float64]:
    """Distances of places from each other on a sphere, in kilometres."""
    lat, lon = np.radians([[place.lat, place.lon] for place in places]).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    km: NDArray[np.float64] = 2 * 6371.0088 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return km


def in_order(stops: list[Stop]) -> list[Stop]:
    """Put the places of a journey in order.

    Parameters
    ----------
    stops : list of Stop
        The places, each once, with their positions and others that they may have.

    Returns
    -------
    list of Stop
        The same in the order of the journey: another position is taken where it makes the journey shorter by
        a sixth.
    """
    stops = sorted(stops, key=lambda stop: stop.at)
    if not 3 <= len(stops) <= _MOST_STOPS:
        return stops
    km = _distances_km([stop.place for stop in stops]).tolist()
    number = {id(stop): i for i, stop in enumerate(stops)}

    def length_km(order: list[Stop]) -> float:
        numbers = [number[id(stop)] for stop in order]
        return float(sum(km[a][b] for a, b in pairwise(numbers)))

    for _ in range(_ROUNDS):
        length = length_km(stops)
        tried = []
        for stop in stops:
            for at in stop.others:
                order = sorted(stops, key=lambda s, stop=stop, at=at: at if s is stop else s.at)  # type: ignore[misc]
                if order != stops:
                    tried.append((length_km(order), at, number[id(stop)], stop))
        best = min(tried, default=None, key=lambda trial: trial[:3])
        if best is None or best[0] > length * (1 - _SHORTER):
            break
        best[3].at = best[1]
        stops = sorted(stops, key=lambda stop: stop.at)
    return stops


def _framed(namings: list[Naming]) -> list[Naming]:
    """Mentions without those behind the end of the journey, where the text tells both ends at its start.

    That is so if it soon names a place to go from and one to go to, and most others lie between the two. The
    journey then ends where the second is named for the last time.
    """
    places = list(dict.fromkeys(naming.place for naming in namings))
    if len(places) < _FEWEST_FRAMED:
        return namings
    early = namings[: max(_EARLY, len(namings) // 4)]
    origins = [n for n in early if n.cue in {"from", "leave"} and n.points >= _STRONG]
    goals = [n for n in early if n.cue in {"to", "reach", "chain"} and n.points >= _STRONG]
    km = _distances_km(places)
    for origin, goal in product(origins, goals):
        a, b = places.index(origin.place), places.index(goal.place)
        others = np.delete(km[a] + km[b], [a, b]) - km[a, b]
        if a == b or abs(origin.sentence - goal.sentence) > 1:
            continue
        if np.count_nonzero(others <= _OUTSIDE * km[a, b]) < max(2, len(others) / 3):
            continue
        return _between(namings, origin, goal)
    return namings


def _between(namings: list[Naming], origin: Naming, goal: Naming) -> list[Naming]:
    """Mentions from the origin to the last one of the goal; at the very end if that is named but once."""
    last = max(n.number for n in namings if n.place == goal.place)
    told = last > max(goal.number, origin.number)
    end = replace(goal, number=last if told else goal.number, at=float(last) if told else _END)
    kept = [n for n in namings if n.place not in (origin.place, goal.place) and (n.number < last or not told)]
    return [replace(origin, at=_START), *kept, end]


def _turned_round(namings: list[Naming]) -> list[Naming]:
    """Mentions of one sentence in the order of its prepositions: from, via, to."""
    sentences: dict[int, list[Naming]] = {}
    for naming in namings:
        sentences.setdefault(naming.sentence, []).append(naming)
    turned: list[Naming] = []
    for members in sentences.values():
        moved: dict[int, float] = {}
        origin = next((m for m in members if m.cue in {"from", "leave"}), None)
        ahead = [m for m in members if origin is not None and m.number < origin.number]
        if origin is not None and ahead:
            first = ahead[0]
            if first.cue == "to" or (origin.later and first.cue in {"at", "reach"}):
                moved[origin.number] = first.number - 0.5
        goals = [m.number for m in members if m.cue == "to"]
        for other in members:
            passed = [goal for goal in goals if goal < other.number]
            # "to Y via X", but not "to Y, then via X to Z".
            if other.cue == "via" and passed and passed[-1] == max(goals):
                moved[other.number] = passed[-1] - 0.4 + (other.number - passed[-1]) / 1000
        turned += [replace(m, at=moved.get(m.number, m.at)) for m in members]
    return sorted(turned, key=lambda naming: naming.at)


def visits(stops: list[Stop]) -> list[tuple[Stop, Naming]]:
    """Places of a journey as often as it comes there.

    Parameters
    ----------
    stops : list of Stop
        The places in order.

    Returns
    -------
    list of tuple of Stop, Naming
        Each with the mention that says so.
    """
    found = [(stop.at, stop, stop.namings[0]) for stop in stops]
    for stop in stops:
        for naming in stop.namings:
            between = [s for s in stops if s is not stop and stop.at < s.at < naming.at]
            if naming.back and math.isfinite(naming.at) and naming.at > stop.at and between:
                found.append((naming.at, stop, naming))
                break
    ordered = [(stop, naming) for _, stop, naming in sorted(found, key=lambda f: f[0])]
    return [visit for i, visit in enumerate(ordered) if i == 0 or ordered[i - 1][0] is not visit[0]]

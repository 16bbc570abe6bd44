"""Survey: ways of track and stations as a source gives them, collected in plain columns, and made a graph."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from route.geodesy import distance_m
from route.network.tracks import MODES, SPEED_SOURCES, TrackGraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from route.building.tags import TrackTags

__all__ = ["OSM_ATTRIBUTION", "RawStation", "Source", "Survey", "Surveyed", "graph_of"]

OSM_ATTRIBUTION = "OpenStreetMap contributors (ODbL)"

T = TypeVar("T")

_FERRY_KMH = 25
_SERVICE_KMH = 25
_HIGHSPEED_KMH = 250
_MOST_CODES = 255
_MOST_LINES = 65_535


class RawStation(NamedTuple):
    """A station as a source gives it; its country is not known yet.

    Parameters
    ----------
    name : str
        Its local name.
    id : str
        Its reference.
    lon, lat : float
        Its position in degrees, WGS 84.
    names : tuple of (str, str)
        IETF language tags and its names in these languages.
    """

    name: str
    id: str
    lon: float
    lat: float
    names: tuple[tuple[str, str], ...]


class Survey:
    """Ways of track, collected one by one; a way costs eight bytes for each of its points."""

    def __init__(self) -> None:
        self.tags: list[TrackTags] = []
        self.stations: list[RawStation] = []
        self._codes: dict[TrackTags, int] = {}
        self._refs = array("q")
        self._starts = array("q", [0])
        self._ways = array("q")
        self._way_code = array("l")

    def __len__(self) -> int:
        """Number of ways."""
        return len(self._way_code)

    def add(self, way: int, refs: Sequence[int], tags: TrackTags) -> None:
        """Add a way.

        Parameters
        ----------
        way : int
            Number of the way in its source.
        refs : sequence of int
            Numbers of its points; ways meet where they share one.
        tags : TrackTags
            What it is.
        """
        self._refs.extend(refs)
        self._starts.append(len(self._refs))
        self._ways.append(way)
        self._way_code.append(self._code(tags))

    def _code(self, tags: TrackTags) -> int:
        code = self._codes.setdefault(tags, len(self.tags))
        if code == len(self.tags):
            self.tags.append(tags)
        return code

    def name_lines(self, names: dict[int, str]) -> None:
        """Name the ways that have no name of their own.

        Parameters
        ----------
        names : dict of int to str
            Name of the line, by number of the way.
        """
        for i, way in enumerate(self._ways):
            tags = self.tags[self._way_code[i]]
            if not tags.line and way in names:
                self._way_code[i] = self._code(replace(tags, line=names[way]))

    def refs(self) -> NDArray[np.int64]:
        """Numbers of all points that ways run through.

        Returns
        -------
        ndarray of shape (n,)
            Ascending, each once.
        """
        return np.unique(np.frombuffer(self._refs, np.int64)) if self._refs else np.zeros(0, np.int64)

    def ways(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The ways as columns.

        Returns
        -------
        refs : ndarray of shape (n_points,)
            Points of the ways one after another.
        starts : ndarray of shape (n_ways + 1,)
            Where the points of each way begin.
        codes : ndarray of shape (n_ways,)
            Codes of `tags`.
        """
        refs = np.array(self._refs, np.int64)
        return refs, np.array(self._starts, np.int64), np.array(self._way_code, np.int64)


@dataclass(frozen=True, eq=False)
class Surveyed:
    """A survey as a graph, one edge for each two neighbouring points of a way.

    Parameters
    ----------
    graph : TrackGraph
        The track; countries are not known yet.
    tag : ndarray of shape (n_edges,)
        Codes of `tags`.
    tags : tuple of TrackTags
        What the track is.
    """

    graph: TrackGraph
    tag: NDArray[np.int64]
    tags: tuple[TrackTags, ...]

    def column(self, values: Iterable[object]) -> NDArray[np.int64]:
        """Value of each edge, numbered.

        Parameters
        ----------
        values : iterable
            A value for each of `tags`.

        Returns
        -------
        ndarray of shape (n_edges,)
            Equal numbers for equal values.
        """
        numbers: dict[object, int] = {}
        codes = [numbers.setdefault(value, len(numbers)) for value in values]
        return np.array(codes, np.int64)[self.tag]

    def select(self, edges: NDArray[np.integer] | NDArray[np.bool_]) -> Surveyed:
        """Part of the survey.

        Parameters
        ----------
        edges : ndarray
            Indices or a mask of edges.

        Returns
        -------
        Surveyed
            With all nodes.
        """
        return Surveyed(self.graph.select(edges), self.tag[edges], self.tags)


class Source(NamedTuple):
    """What a reader gives.

    Parameters
    ----------
    track : Surveyed
        Every track.
    stations : tuple of RawStation
        Stations and halts.
    attribution : tuple of str
        Whom to name wherever it is shown.
    """

    track: Surveyed
    stations: tuple[RawStation, ...]
    attribution: tuple[str, ...]


def graph_of(
    survey: Survey, refs: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> Surveyed:
    """Graph of a survey.

    Parameters
    ----------
    survey : Survey
        The ways.
    refs : ndarray of shape (n,)
        Numbers of the points whose positions are known, ascending.
    lon, lat : ndarray of shape (n,)
        Their positions in degrees, WGS 84.

    Returns
    -------
    Surveyed
        Ways are cut where the position of a point is not known: an extract ends there. Lengths are geodesic.
    """
    points, starts, codes = survey.ways()
    number = np.searchsorted(refs, points)
    known = np.zeros(len(points), bool)
    inside = number < len(refs)
    known[inside] = refs[number[inside]] == points[inside]
    within = np.ones(max(len(points) - 1, 0), bool)
    within[starts[1:-1][(starts[1:-1] > 0) & (starts[1:-1] < len(points))] - 1] = False
    first = np.flatnonzero(within & known[:-1] & known[1:] & (points[:-1] != points[1:]))
    way = np.repeat(np.arange(len(codes)), np.diff(starts))[first]
    tail, head = number[first], number[first + 1]
    length = distance_m(lon[tail], lat[tail], lon[head], lat[head]) if len(tail) else np.zeros(0)
    # A piece mapped twice counts once.
    pair = np.minimum(tail, head) * len(refs) + np.maximum(tail, head)
    once = np.sort(np.unique(pair, return_index=True)[1])
    graph = TrackGraph.bare(lon, lat, tail[once], head[once], np.maximum(length[once], 0.01))
    tags = tuple(survey.tags)
    return Surveyed(_attributed(graph, codes[way[once]], tags), codes[way[once]], tags)


def _attributed(graph: TrackGraph, tag: NDArray[np.int64], tags: tuple[TrackTags, ...]) -> TrackGraph:
    """Graph with the columns that its tags say."""
    if not len(tag):
        return graph
    used = np.bincount(tag, weights=graph.length_m, minlength=len(tags)).astype(np.float64)
    gauge_code, gauges = _table([t.gauges_mm for t in tags], used, (), _MOST_CODES)
    system_code, systems = _table([t.electrification for t in tags], used, "", _MOST_CODES)
    line_code, lines = _table([t.line for t in tags], used, "", _MOST_LINES)
    speed = np.array([t.speed_kmh for t in tags])[tag]
    ferry = np.array([t.kind == "ferry" for t in tags])[tag]
    duration = np.array([t.duration_s for t in tags], np.float64)[tag]
    # A ferry may be drawn as several ways of the same tags, each with the duration of the whole.
    sailing = used[tag]
    knots = np.where(duration > 0, sailing / np.maximum(duration, 1.0) * 3.6, 0.0)
    at_sea = np.where((knots >= 3) & (knots <= 90), np.rint(knots), np.where(speed > 0, speed, _FERRY_KMH))
    said = (speed > 0) | ferry
    slow = np.array([t.service for t in tags])[tag]
    fast = np.array([t.highspeed for t in tags])[tag]
    assumed = np.where(slow, _SERVICE_KMH, np.where(fast, _HIGHSPEED_KMH, 0))
    return replace(
        graph,
        mode=np.where(ferry, MODES.index("ferry"), MODES.index("rail")).astype(np.uint8),
        speed_kmh=np.where(ferry, at_sea, np.where(said, speed, assumed)).astype(np.uint16),
        speed_source=np.where(said, SPEED_SOURCES.index("osm"), SPEED_SOURCES.index("default")).astype(
            np.uint8
        ),
        gauge=gauge_code[tag].astype(np.uint8),
        electrification=system_code[tag].astype(np.uint8),
        line=line_code[tag].astype(np.uint16),
        gauges=gauges,
        electrifications=systems,
        lines=lines,
    )


def _table(
    values: Sequence[T], weight: NDArray[np.float64], unknown: T, most: int
) -> tuple[NDArray[np.int64], tuple[T, ...]]:
    """Code of each value and the table of codes; where it would overflow, the rarest become unknown."""
    total: dict[T, float] = {}
    for value, metres in zip(values, weight.tolist(), strict=True):
        if value != unknown and metres > 0:
            total[value] = total.get(value, 0.0) + metres
    kept = sorted(total, key=lambda value: -total[value])[:most]
    table = (unknown, *kept)
    code = {value: i for i, value in enumerate(table)}
    return np.array([code.get(value, 0) for value in values], np.int64), table

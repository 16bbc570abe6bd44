"""From a path through the network to a line on the ground with its sections."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, cast

import numpy as np

from route.itinerary import Mode, Section, Way
from route.network.tracks import JOINS, MODES, SOURCES, SPEED_SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.routing import Path

__all__ = ["join_ways", "way_of"]


def way_of(network: RailNetwork, speeds_kmh: NDArray[np.float64], path: Path) -> Way:
    """Line on the ground of a path, with what it passes.

    Parameters
    ----------
    network : RailNetwork
        The network the path is in.
    speeds_kmh : ndarray of shape (n_edges,)
        Line speed of every edge, in kilometres per hour.
    path : Path
        A way through it.

    Returns
    -------
    Way
        Geometry and measures in the direction of travel; lengths are those of the network.
    """
    edges, forward = path.edges, path.forward
    length = network.length_m[edges]
    begin, end = np.where(forward, 0.0, length), np.where(forward, length, 0.0)
    begin[0], end[-1] = path.start.measure_m, path.end.measure_m
    span = np.abs(end - begin)
    offset = np.concatenate([[0.0], np.cumsum(span)])
    coordinates, measures = _line(network, path, begin, offset)
    sections = _sections(network, speeds_kmh, edges, offset)
    return Way(
        mode=_mode(sections),
        coordinates=coordinates,
        measures_m=measures,
        sections=sections,
        reversals_m=tuple(offset[:-1][path.reversal].tolist()),
    )


def _line(
    network: RailNetwork,
    path: Path,
    begin: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vertices of a path and their measures, its two ends put in between vertices."""
    first = network.vertex_start[path.edges]
    count = network.vertex_start[path.edges + 1] - first
    piece = np.repeat(np.arange(len(path.edges)), count)
    within = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    ahead = path.forward[piece]
    vertex = np.where(ahead, first[piece] + within, first[piece] + count[piece] - 1 - within)
    at = network.vertex_m[vertex]
    measure = offset[piece] + np.where(ahead, at - begin[piece], begin[piece] - at)
    points = np.column_stack([network.vertex_lon[vertex], network.vertex_lat[vertex]])
    points[:, 0] = points[0, 0] + np.concatenate(
        [[0.0], np.cumsum((np.diff(points[:, 0]) + 180) % 360 - 180)]
    )
    ends = np.array([0.0, offset[-1]])
    tips = np.column_stack([np.interp(ends, measure, points[:, i]) for i in (0, 1)])
    inner = (measure > 0.0) & (measure < offset[-1])
    # Where two edges meet, the node they share comes twice.
    inner[1:] &= (within[1:] > 0) | ~inner[:-1]
    points = np.concatenate([tips[:1], points[inner], tips[1:]])
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    return points, np.concatenate([ends[:1], measure[inner], ends[1:]])


def _sections(
    network: RailNetwork,
    speeds_kmh: NDArray[np.float64],
    edges: NDArray[np.int64],
    offset: NDArray[np.float64],
) -> tuple[Section, ...]:
    """Stretches of a path on which nothing changes."""
    kind = np.column_stack(
        [getattr(network, c)[edges] for c in ("country", "gauge", "speed_source", "line", "source", "mode")]
        + [speeds_kmh[edges]]
    )
    change = np.flatnonzero((kind[1:] != kind[:-1]).any(axis=1)) + 1
    bounds = np.concatenate([[0], change, [len(edges)]]).tolist()
    sections = []
    for a, b in itertools.pairwise(bounds):
        start, stop = float(offset[a]), float(offset[b])
        if stop > start or len(bounds) == 2:
            sections.append(_section(network, speeds_kmh, int(edges[a]), start, stop))
    # A way over a node and no further has no length, and is still a way by some mode.
    return _merged(sections or [_section(network, speeds_kmh, int(edges[0]), 0.0, 0.0)])


def join_ways(ways: Sequence[Way]) -> Way:
    """One way out of several that follow each other.

    Parameters
    ----------
    ways : sequence of Way
        Each begins where the one before ends.

    Returns
    -------
    Way
        The whole.
    """
    if len(ways) == 1:
        return ways[0]
    offsets = np.concatenate([[0.0], np.cumsum([w.distance_m for w in ways])])
    sections = [
        Section(**{**_fields(s), "start_m": s.start_m + off, "end_m": s.end_m + off})
        for way, off in zip(ways, offsets.tolist(), strict=False)
        for s in way.sections
    ]
    return Way(
        mode=_mode(sections),
        coordinates=np.concatenate(
            [w.coordinates if i == 0 else w.coordinates[1:] for i, w in enumerate(ways)]
        ),
        measures_m=np.concatenate(
            [
                (w.measures_m if i == 0 else w.measures_m[1:]) + off
                for i, (w, off) in enumerate(zip(ways, offsets.tolist(), strict=False))
            ]
        ),
        sections=_merged(sections),
        reversals_m=tuple(
            r + off for w, off in zip(ways, offsets.tolist(), strict=False) for r in w.reversals_m
        ),
    )


def _section(
    network: RailNetwork, speeds: NDArray[np.float64], edge: int, start_m: float, end_m: float
) -> Section:
    return Section(
        start_m=start_m,
        end_m=end_m,
        country=network.countries[network.country[edge]] or None,
        gauges_mm=network.gauges[network.gauge[edge]],
        speed_kmh=float(speeds[edge]),
        speed_source=SPEED_SOURCES[network.speed_source[edge]],
        line=network.lines[network.line[edge]] or None,
        source="join" if SOURCES[network.source[edge]] in JOINS else SOURCES[network.source[edge]],
        mode=cast("Mode", MODES[network.mode[edge]]),
    )


def _fields(section: Section) -> dict[str, object]:
    return {name: getattr(section, name) for name in Section.__slots__}


def _merged(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Sections with neighbours that differ in nothing but place made one."""
    merged: list[Section] = []
    for section in sections:
        if merged:
            before, after = _fields(merged[-1]), _fields(section)
            if all(before[k] == after[k] for k in before if k not in ("start_m", "end_m")):
                merged[-1] = Section(**{**before, "end_m": section.end_m})  # type: ignore[arg-type]
                continue
        merged.append(section)
    return tuple(merged)


def _mode(sections: Sequence[Section]) -> Mode:
    """Mode of a leg: by rail, even if a train ferry carries the train on the way."""
    return "rail" if any(s.mode == "rail" for s in sections) else sections[0].mode

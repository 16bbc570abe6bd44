"""From a path through the network to a line on the ground with its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from route.itinerary import Mode, Section, Way
from route.network.tracks import MODES, SOURCES, SPEED_SOURCES
from route.routing import line_speeds_kmh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.routing import Path

__all__ = ["join_ways", "way_of"]


def way_of(network: RailNetwork, path: Path) -> Way:
    """Line on the ground of a path, with what it passes.

    Parameters
    ----------
    network : RailNetwork
        The network the path is in.
    path : Path
        A way through it.

    Returns
    -------
    Way
        Geometry and measures in the direction of travel; lengths are those of the network.
    """
    speeds = line_speeds_kmh(network)
    pieces: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    sections: list[Section] = []
    reversals: list[float] = []
    total = 0.0
    last = len(path.edges) - 1
    for i, (edge, forward) in enumerate(zip(path.edges.tolist(), path.forward.tolist(), strict=True)):
        length = float(network.length_m[edge])
        begin, end = (0.0, length) if forward else (length, 0.0)
        if i == 0:
            begin = path.start.measure_m
        if i == last:
            end = path.end.measure_m
        if path.reversal[i]:
            reversals.append(total)
        coordinates, measures = _piece(network, edge, begin, end)
        pieces.append((coordinates, measures + total))
        span = abs(end - begin)
        if span > 0 or not sections:
            sections.append(_section(network, speeds, edge, total, total + span))
        total += span
    coordinates = np.concatenate([c if i == 0 else c[1:] for i, (c, _) in enumerate(pieces)])
    measures = np.concatenate([m if i == 0 else m[1:] for i, (_, m) in enumerate(pieces)])
    return Way(
        mode=_mode(sections),
        coordinates=coordinates,
        measures_m=measures,
        sections=_merged(sections),
        reversals_m=tuple(reversals),
    )


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
        coordinates=np.concatenate([w.coordinates if i == 0 else w.coordinates[1:] for i, w in enumerate(ways)]),
        measures_m=np.concatenate(
            [
                (w.measures_m if i == 0 else w.measures_m[1:]) + off
                for i, (w, off) in enumerate(zip(ways, offsets.tolist(), strict=False))
            ]
        ),
        sections=_merged(sections),
        reversals_m=tuple(r + off for w, off in zip(ways, offsets.tolist(), strict=False) for r in w.reversals_m),
    )


def _piece(
    network: RailNetwork, edge: int, begin: float, end: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Part of an edge between two measures, in the direction from the first to the second."""
    part = slice(network.vertex_start[edge], network.vertex_start[edge + 1])
    measures = network.vertex_m[part]
    lon, lat = network.vertex_lon[part], network.vertex_lat[part]
    lon = lon[0] + np.concatenate([[0.0], np.cumsum((np.diff(lon) + 180) % 360 - 180)])
    low, high = min(begin, end), max(begin, end)
    inner = measures[(measures > low) & (measures < high)]
    at = np.concatenate([[low], inner, [high]])
    points = np.column_stack([np.interp(at, measures, lon), np.interp(at, measures, lat)])
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    return (points, at - low) if end >= begin else (points[::-1], high - at[::-1])


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
        source=SOURCES[network.source[edge]],
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

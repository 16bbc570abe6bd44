"""The register of lines, applied to a track graph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.building.finding import LineFinder
from route.building.links import nearest_tracks
from route.network.contraction import contract_with_tracks
from route.network.tracks import SOURCES, SPEED_SOURCES, TrackGraph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.building.rows import LineRow

__all__ = ["tag_lines"]

_ROUNDING_M = 1_500.0


def tag_lines(
    graph: TrackGraph,
    rows: Sequence[LineRow],
    *,
    within_m: float = 3_000.0,
    wide_m: float = 12_000.0,
    winding: float = 2.5,
    excess: float = 0.06,
    shortfall: float = 0.22,
    abroad: float = 0.2,
    report: list[str] | None = None,
) -> TrackGraph:
    """Give track the names, gauges, electrification, speeds and lengths of the register of lines.

    Each row is routed from point to point, and what the way runs over is tagged. High-speed rows come first and
    keep what they tagged; gauges of rows that share track add up to dual gauge.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    rows : sequence of LineRow
        The register.
    within_m : float
        How far from the track a point may be, in metres.
    wide_m : float
        The same for rows that find no track within `within_m`: in deserts the map cuts curves by kilometres.
        Such a row is applied only if its official length bears it out.
    winding : float
        A leg longer than this many times the crow's distance is rejected: the line is not in the network.
    excess, shortfall : float
        A row that comes out longer than its official length by more than the share `excess`, or shorter by
        more than `shortfall`, ran over other track and is rejected. Simplified geometry only ever shortens.
    abroad : float
        A row of one country gives all its track to that country if no more than this share of it was taken to
        lie in another: beside a border river, coarse track and a coarse outline cross each other for miles.
    report : list of str, optional
        Receives a line for each row that was not applied whole.

    Returns
    -------
    TrackGraph
        The tagged network. Where a row was applied whole and its official length is known, lengths of its
        track are scaled to add up to it.
    """
    notes = report if report is not None else []
    label = graph.components()
    extent = np.bincount(label[graph.tail], weights=graph.length_m)
    points = [p for row in rows for p in row.points]
    near = nearest_tracks(graph, points, within_m, extent[label[graph.tail]] > 50_000.0)
    cuts = {(n.edge, round(n.fraction, 6)) for n in near if n is not None}
    cut = sorted(c for c in cuts if 0.02 < c[1] < 0.98)
    graph, _ = graph.split(np.array([c[0] for c in cut], np.int64), np.array([c[1] for c in cut]))
    network, track = contract_with_tracks(graph, name="", attribution=())
    finder = LineFinder(network, track)
    columns = {name: getattr(graph, name).copy() for name in ("gauge", "electrification", "line", "country")}
    speed, speed_source = graph.speed_kmh.copy(), graph.speed_source.copy()
    length = graph.length_m.copy()
    calibrated = np.zeros(graph.n_edges, bool)
    gauges, systems, lines = list(graph.gauges), list(graph.electrifications), list(graph.lines)
    register = SPEED_SOURCES.index("register")
    fixed = graph.source == SOURCES.index("link")
    for row in sorted(rows, key=lambda r: r.kind != "highspeed"):
        edges, faults = finder.along(row.points, within_m, winding)
        if any(f.startswith("no track") for f in faults) and row.official_m:
            wider, still = finder.along(row.points, wide_m, winding)
            if not still and _fits(float(graph.length_m[wider].sum()), row.official_m, excess, shortfall):
                edges, faults = wider, []
        if faults:
            notes.append(f"{row.name}: {'; '.join(faults)}")
        measured = float(graph.length_m[edges].sum())
        official = row.official_m if row.official_m and measured and not faults else None
        if official and not _fits(measured, official, excess, shortfall):
            notes.append(
                f"{row.name}: {measured / 1000:.0f} km by the map, {official / 1000:.0f} km officially"
            )
            if row.confidence != "high" or not _fits(measured, official, 2 * excess, shortfall):
                continue
            official = None
        if not faults:
            _bring_home(row, graph, edges, columns["country"], abroad)
        if row.electrification not in systems:
            systems.append(row.electrification)
        if row.name not in lines:
            lines.append(row.name)
        free = edges[(speed_source[edges] != register)]
        speed[free], speed_source[free] = row.line_speed_kmh, register
        columns["line"][free] = lines.index(row.name)
        columns["electrification"][free] = systems.index(row.electrification)
        for edge in edges[~fixed[edges]].tolist():
            group = tuple(sorted({*gauges[columns["gauge"][edge]], *row.gauges_mm}))
            if group not in gauges:
                gauges.append(group)
            columns["gauge"][edge] = gauges.index(group)
        open_ = edges[~calibrated[edges] & ~fixed[edges]]
        if official and len(open_):
            # What other rows have fixed already stays; the rest takes up the difference, within reason.
            rest = official - float(length[np.setdiff1d(edges, open_)].sum())
            before = float(graph.length_m[open_].sum())
            if _fits(before, rest, excess, 1.3 * shortfall):
                length[open_] = graph.length_m[open_] * (rest / before)
                calibrated[open_] = True
    return replace(
        graph,
        **columns,
        speed_kmh=speed,
        speed_source=speed_source,
        length_m=length,
        gauges=tuple(gauges),
        electrifications=tuple(systems),
        lines=tuple(lines),
    )


def _bring_home(
    row: LineRow, graph: TrackGraph, edges: NDArray[np.int64], country: NDArray[np.uint8], abroad: float
) -> None:
    """Give the track of a line that stays in one country to that country, where it strays but little."""
    if len(row.countries) != 1 or row.countries[0] not in graph.countries:
        return
    home = graph.countries.index(row.countries[0])
    strayed = edges[country[edges] != home]
    if graph.length_m[strayed].sum() <= abroad * graph.length_m[edges].sum():
        country[strayed] = home


def _fits(measured_m: float, official_m: float, excess: float, shortfall: float) -> bool:
    """Whether a measured length can be that of a line of an official length."""
    # Official lengths are often whole kilometres, and of stations beside which a point may lie.
    if abs(measured_m - official_m) <= _ROUNDING_M:
        return official_m > 0
    return (1 - shortfall) * official_m <= measured_m <= (1 + excess) * official_m

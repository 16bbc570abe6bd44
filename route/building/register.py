"""The register of lines and the list of links, applied to a track graph."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.errors import InputError
from route.geodesy import distance_m
from route.network.contraction import contract_with_tracks
from route.network.snap import snap
from route.network.tracks import MODES, SOURCES, SPEED_SOURCES, TrackGraph
from route.routing import Preferences, Router

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.routing import Path as RailPath

__all__ = ["LineRow", "LinkRow", "add_links", "close_gaps", "read_lines", "read_links", "tag_lines"]

_ROUNDING_M = 1_500.0
_GAP_M = 50_000.0
_NEAR_M = 5_000.0
_SINUOSITY = 1.1
"""Length of a railway by the crow's distance over some ten kilometres, where nothing better is known."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """Row of the register of lines.

    Parameters
    ----------
    name : str
        Name of the line or of the section.
    countries : tuple of str
        ISO 3166-1 alpha-2 codes of the countries it runs through.
    points : tuple of (lon, lat)
        Points on the line, from one end to the other, in degrees, WGS 84.
    gauges_mm : tuple of int
        Track gauges, in millimetres; several for dual gauge.
    electrification : str
        Systems, ``;`` between them; ``no`` for none.
    line_speed_kmh : int
        Line speed, in kilometres per hour.
    official_m : float or None
        Official length, in metres.
    kind : str
        ``highspeed``, ``main``, ``regional`` or ``branch``.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    name: str
    countries: tuple[str, ...] = ()
    points: tuple[Point, ...]
    gauges_mm: tuple[int, ...]
    electrification: str
    line_speed_kmh: int
    official_m: float | None
    kind: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """Row of the list of links: a bridge, a tunnel, a train ferry or a whole line that the map lacks.

    Parameters
    ----------
    name : str
        Name of the link.
    kind : str
        ``bridge``, ``tunnel``, ``embankment``, ``train_ferry`` or ``line``.
    points : tuple of (lon, lat)
        Its ends, and the points between them that give its shape, in degrees, WGS 84.
    length_m : float
        Length between the ends, in metres.
    speed_kmh : float
        Length by crossing time, in kilometres per hour.
    gauges_mm : tuple of int
        Track gauges, in millimetres.
    status : str
        ``open``, ``freight_only``, ``closed`` or another word that keeps it out.
    """

    name: str
    kind: str
    points: tuple[Point, ...]
    length_m: float
    speed_kmh: float
    gauges_mm: tuple[int, ...]
    status: str

    @property
    def usable(self) -> bool:
        """Whether a passenger can cross by train; a freight ferry carries none, a freight bridge may."""
        return self.status == "open" or (self.status == "freight_only" and self.kind != "train_ferry")


def read_lines(path: Path) -> tuple[LineRow, ...]:
    """Read the register of lines.

    Parameters
    ----------
    path : Path
        ``lines.csv``.

    Returns
    -------
    tuple of LineRow
        In the order of the file.

    Raises
    ------
    InputError
        If a row cannot be used; says which.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                via = [v.split(",") for v in row["via"].split(";") if v]
                rows.append(
                    LineRow(
                        name=row["name"],
                        countries=tuple(c for c in row["countries"].split(";") if c),
                        points=(
                            (float(row["from_lon"]), float(row["from_lat"])),
                            *((float(lon), float(lat)) for lat, lon in via),
                            (float(row["to_lon"]), float(row["to_lat"])),
                        ),
                        gauges_mm=_gauges(row["gauge_mm"]),
                        electrification=row["electrification"],
                        line_speed_kmh=int(row["line_speed_kmh"]),
                        official_m=float(row["official_km"]) * 1000 if row["official_km"] else None,
                        kind=row["kind"],
                        confidence=row["confidence"],
                    )
                )
            except (KeyError, ValueError) as error:
                raise InputError(f"{path}, line {number}: {error}.") from error
    return tuple(rows)


def read_links(path: Path) -> tuple[LinkRow, ...]:
    """Read the list of links.

    Parameters
    ----------
    path : Path
        ``links.csv``.

    Returns
    -------
    tuple of LinkRow
        In the order of the file.

    Raises
    ------
    InputError
        If a row cannot be used; says which.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                length_km = float(row["length_km"])
                via = [v.split(",") for v in row["via"].split(";") if v]
                rows.append(
                    LinkRow(
                        name=row["name"],
                        kind=row["kind"],
                        points=(
                            (float(row["from_lon"]), float(row["from_lat"])),
                            *((float(lon), float(lat)) for lat, lon in via),
                            (float(row["to_lon"]), float(row["to_lat"])),
                        ),
                        length_m=length_km * 1000,
                        speed_kmh=length_km / (float(row["crossing_time_min"]) / 60),
                        gauges_mm=_gauges(row["gauge_mm"]),
                        status=row["status"],
                    )
                )
            except (KeyError, ValueError, ZeroDivisionError) as error:
                raise InputError(f"{path}, line {number}: {error}.") from error
    return tuple(rows)


def _gauges(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(g) for g in text.split(";") if g))


class _Near(NamedTuple):
    edge: int
    fraction: float
    distance_m: float


def _nearest(
    graph: TrackGraph, points: Sequence[Point], within_m: float, main: NDArray[np.bool_]
) -> list[_Near | None]:
    """Nearest track of each point; track of a large component is preferred to a fragment."""
    import shapely

    ends = np.stack(
        [
            np.column_stack([graph.lon[graph.tail], graph.lat[graph.tail]]),
            np.column_stack([graph.lon[graph.head], graph.lat[graph.head]]),
        ],
        axis=1,
    )
    sound = np.flatnonzero(np.abs(ends[:, 0, 0] - ends[:, 1, 0]) < 180)
    tree = shapely.STRtree(shapely.linestrings(ends[sound]))
    result: list[_Near | None] = []
    for lon, lat in points:
        shrink = np.cos(np.radians(lat))
        reach = within_m / 111_195.0
        edges = sound[
            tree.query(shapely.box(lon - reach / shrink, lat - reach, lon + reach / shrink, lat + reach))
        ]
        a = (ends[edges, 0] - (lon, lat)) * (shrink, 1.0) * 111_195.0
        d = (ends[edges, 1] - (lon, lat)) * (shrink, 1.0) * 111_195.0 - a
        square = (d * d).sum(axis=1)
        share = np.clip(-(a * d).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        away = np.hypot(*(a + share[:, None] * d).T)
        ok = np.flatnonzero(away <= within_m)
        if not len(ok):
            result.append(None)
            continue
        best = ok[np.argmin(away[ok] + np.where(main[edges[ok]], 0.0, 1_500.0))]
        result.append(_Near(int(edges[best]), float(share[best]), float(away[best])))
    return result


def add_links(
    graph: TrackGraph, rows: Sequence[LinkRow], *, within_m: float = 5_000.0, report: list[str] | None = None
) -> TrackGraph:
    """Add the links that the map lacks.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    rows : sequence of LinkRow
        The links; those that no passenger can use are left out. Only a ``line`` may end away from other track.
    within_m : float
        How far from its ends a link may look for track, in metres.
    report : list of str, optional
        Receives a line for each link.

    Returns
    -------
    TrackGraph
        The network with edges of source ``link`` for each link whose ends were not yet joined by track of about
        its length.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    notes = report if report is not None else []
    gauges = list(graph.gauges)
    lines = list(graph.lines)
    for row in rows:
        if not row.usable:
            notes.append(f"left out ({row.status}): {row.name}")
            continue
        label = graph.components()
        extent = np.bincount(label[graph.tail], weights=graph.length_m)
        ends = _nearest(
            graph, (row.points[0], row.points[-1]), within_m, extent[label[graph.tail]] > 200_000.0
        )
        found = [e for e in ends if e is not None]
        if len(found) < (1 if row.kind == "line" else 2):
            notes.append(f"no track near an end: {row.name}")
            continue
        if ends[0] is not None and ends[1] is not None:
            limit = 1.35 * row.length_m + ends[0].distance_m + ends[1].distance_m + 3_000.0
            if row.kind == "line":
                # Beside a new line there is often an old one, somewhat longer.
                limit = 1.1 * row.length_m
            matrix = coo_array(
                (graph.length_m, (graph.tail, graph.head)), shape=(graph.n_nodes, graph.n_nodes)
            ).tocsr()
            reach = dijkstra(matrix, directed=False, indices=int(graph.tail[ends[0].edge]), limit=limit)
            if np.isfinite(reach[graph.head[ends[1].edge]]):
                notes.append(f"there already: {row.name}")
                continue
        edge = np.array([e.edge for e in found])
        fraction = np.clip([e.fraction for e in found], 1e-6, 1 - 1e-6)
        graph, nodes = graph.split(edge, fraction)
        if len(found) < 2:
            # A line that the map lacks may end where there is no other track.
            lon, lat = row.points[0] if ends[0] is None else row.points[-1]
            graph = graph.with_nodes(np.array([lon]), np.array([lat]))
            nodes = np.insert(nodes, 0 if ends[0] is None else 1, graph.n_nodes - 1)
        if row.gauges_mm not in gauges:
            gauges.append(row.gauges_mm)
        if row.name not in lines:
            lines.append(row.name)
        graph, added = _chain(graph, nodes, row)
        n = added.n_edges
        added = replace(
            added,
            source=np.full(n, SOURCES.index("link"), np.uint8),
            mode=np.full(n, MODES.index("ferry" if row.kind == "train_ferry" else "rail"), np.uint8),
            speed_source=np.full(n, SPEED_SOURCES.index("register"), np.uint8),
            speed_kmh=np.full(n, max(1, round(row.speed_kmh)), np.uint16),
            gauge=np.full(n, gauges.index(row.gauges_mm), np.uint8),
            line=np.full(n, lines.index(row.name), np.uint16),
        )
        graph = replace(graph.with_edges(added), gauges=tuple(gauges), lines=tuple(lines))
        notes.append(f"added ({row.length_m / 1000:.1f} km): {row.name}")
    return graph


def _chain(graph: TrackGraph, ends: NDArray[np.int64], row: LinkRow) -> tuple[TrackGraph, TrackGraph]:
    """Nodes for the shape of a link added to a network, and its edges on their own, its length shared out."""
    between = np.array(row.points[1:-1]).reshape(-1, 2)
    nodes = np.concatenate([ends[:1], graph.n_nodes + np.arange(len(between)), ends[1:]])
    graph = graph.with_nodes(between[:, 0], between[:, 1])
    lon, lat = graph.lon[nodes], graph.lat[nodes]
    crow = np.maximum(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]), 1.0)
    return graph, TrackGraph.bare(
        graph.lon, graph.lat, nodes[:-1], nodes[1:], row.length_m * crow / crow.sum()
    )


def close_gaps(
    graph: TrackGraph,
    rows: Sequence[LineRow],
    *,
    within_m: float = 3_000.0,
    winding: float = 2.5,
    report: list[str] | None = None,
) -> TrackGraph:
    """Close the gaps that the register of lines shows: a line that is known to go on where the map breaks off.

    Parameters
    ----------
    graph : TrackGraph
        A network.
    rows : sequence of LineRow
        The register.
    within_m : float
        How far from the track a point may be, in metres.
    winding : float
        A leg longer than this many times the crow's distance has come another way.
    report : list of str, optional
        Receives a line for each gap closed.

    Returns
    -------
    TrackGraph
        The network with an edge of source ``join`` for each gap of up to 50 km between loose ends, or 5 km from a
        loose end to other track.
    """
    notes = report if report is not None else []
    network, track = contract_with_tracks(graph, name="", attribution=())
    finder = _Finder(network, track)
    torn = [
        (row, a, b)
        for row in rows
        if row.confidence != "low"
        for a, b in zip(row.points, row.points[1:], strict=False)
        if finder.leg(a, b, within_m, winding)[1] is not None
    ]
    for row, a, b in torn:
        gaps = _gaps_on_the_way(graph, a, b, within_m)
        if not gaps:
            continue
        nodes = np.array(gaps)
        length = _SINUOSITY * distance_m(
            graph.lon[nodes[:, 0]], graph.lat[nodes[:, 0]], graph.lon[nodes[:, 1]], graph.lat[nodes[:, 1]]
        )
        added = TrackGraph.bare(graph.lon, graph.lat, nodes[:, 0], nodes[:, 1], np.maximum(length, 1.0))
        graph = graph.with_edges(replace(added, source=np.full(len(nodes), SOURCES.index("join"), np.uint8)))
        notes += [f"gap closed ({m / 1000:.1f} km): {row.name}" for m in length.tolist()]
    return graph


def _gaps_on_the_way(graph: TrackGraph, a: Point, b: Point, within_m: float) -> list[tuple[int, int]]:
    """Gaps to close so that a line known to run between two points can be followed, as pairs of nodes.

    Searched is the shortest way along the track of the surroundings on which a gap between two loose ends, or
    between a loose end and a node near it, counts three times its width.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra
    from scipy.spatial import cKDTree

    crow = float(distance_m(*a, *b))
    mid = np.radians((a[1] + b[1]) / 2)
    x = ((graph.lon - a[0] + 180) % 360 - 180) * np.cos(mid) * 111_195.0
    y = (graph.lat - a[1]) * 111_195.0
    end = np.array([((b[0] - a[0] + 180) % 360 - 180) * np.cos(mid) * 111_195.0, (b[1] - a[1]) * 111_195.0])
    degree = graph.degree()
    detour = np.hypot(x, y) + np.hypot(x - end[0], y - end[1])
    nodes = np.flatnonzero((degree > 0) & (detour <= 1.4 * crow + 20_000.0))
    if len(nodes) < 2:
        return []
    points = np.column_stack([x, y])[nodes]
    ends = [int(np.argmin(np.hypot(*(points - p).T))) for p in (np.zeros(2), end)]
    if any(np.hypot(*(points[e] - p)) > within_m for e, p in zip(ends, (np.zeros(2), end), strict=True)):
        return []
    number = np.full(graph.n_nodes, -1)
    number[nodes] = np.arange(len(nodes))
    inside = (number[graph.tail] >= 0) & (number[graph.head] >= 0)
    tail, head, length = number[graph.tail[inside]], number[graph.head[inside]], graph.length_m[inside]
    loose = np.flatnonzero(degree[nodes] == 1)
    # The points of the register were often read off the ends of the gap itself.
    loose = np.union1d(loose, ends)
    pairs: list[tuple[int, int]] = []
    if len(loose) > 1:
        pairs += [
            tuple(p)
            for p in loose[np.array(sorted(cKDTree(points[loose]).query_pairs(_GAP_M)), int).reshape(-1, 2)]
        ]
    for node, found in zip(
        loose.tolist(), cKDTree(points).query_ball_point(points[loose], _NEAR_M), strict=True
    ):
        pairs += [(node, other) for other in found if other != node]
    if not pairs:
        return []
    gap = np.array(pairs)
    width = np.hypot(*(points[gap[:, 0]] - points[gap[:, 1]]).T)
    size = (len(nodes), len(nodes))
    best: dict[tuple[int, int], tuple[float, bool]] = {}
    for u, v, w in zip(tail.tolist(), head.tolist(), length.tolist(), strict=True):
        key = (min(u, v), max(u, v))
        if u != v and w < best.get(key, (np.inf, False))[0]:
            best[key] = (max(w, 0.1), False)
    for (u, v), w in zip(pairs, width.tolist(), strict=True):
        key = (min(u, v), max(u, v))
        if u != v and 3 * w + 1_000.0 < best.get(key, (np.inf, False))[0]:
            best[key] = (3 * w + 1_000.0, True)
    keys = np.array(list(best))
    cost = np.array([c for c, _ in best.values()])
    matrix = coo_array((cost, (keys[:, 0], keys[:, 1])), shape=size).tocsr()
    reach, before = dijkstra(matrix, directed=False, indices=ends[0], return_predecessors=True)
    if not np.isfinite(reach[ends[1]]):
        return []
    chain = [ends[1]]
    while chain[-1] != ends[0]:
        chain.append(int(before[chain[-1]]))
    steps = [(min(u, v), max(u, v)) for u, v in itertools.pairwise(chain)]
    real = sum(best[s][0] / 3 if best[s][1] else best[s][0] for s in steps)
    if real > 1.6 * crow + 5_000.0:
        return []
    return [(int(nodes[u]), int(nodes[v])) for u, v in steps if best[(u, v)][1]]


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
    near = _nearest(graph, points, within_m, extent[label[graph.tail]] > 50_000.0)
    cuts = {(n.edge, round(n.fraction, 6)) for n in near if n is not None}
    cut = sorted(c for c in cuts if 0.02 < c[1] < 0.98)
    graph, _ = graph.split(np.array([c[0] for c in cut], np.int64), np.array([c[1] for c in cut]))
    network, track = contract_with_tracks(graph, name="", attribution=())
    finder = _Finder(network, track)
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


class _Finder:
    """Ways along lines, in terms of the track graph that a network was contracted from."""

    def __init__(self, network: RailNetwork, track: NDArray[np.int64]) -> None:
        self.network, self.track = network, track
        self.metric = Router(network).metric(Preferences(by="distance"))

    def along(
        self, points: Sequence[Point], within_m: float, winding: float
    ) -> tuple[NDArray[np.int64], list[str]]:
        """Track edges of the way through some points, and what is wrong with it."""
        edges: list[NDArray[np.int64]] = []
        faults = []
        for a, b in itertools.pairwise(points):
            path, fault = self._leg(a, b, within_m, winding)
            if fault is not None:
                faults.append(fault)
            elif path is not None:
                edges.append(self._tracks(path))
        return np.unique(np.concatenate([np.zeros(0, np.int64), *edges])), faults

    def leg(self, a: Point, b: Point, within_m: float, winding: float) -> tuple[float, str | None]:
        """Length of the way between two points of a line, and what is wrong with it."""
        path, fault = self._leg(a, b, within_m, winding)
        return (0.0 if path is None or fault else self._length(path)), fault

    def _leg(self, a: Point, b: Point, within_m: float, winding: float) -> tuple[RailPath | None, str | None]:
        where = f"{a[1]:.3f},{a[0]:.3f} - {b[1]:.3f},{b[0]:.3f}"
        here, there = (
            snap(self.network, lon, lat, within_m=within_m, spread_m=1_000.0, most=12) for lon, lat in (a, b)
        )
        if not here or not there:
            return None, f"no track within {within_m / 1000:.0f} km at an end of {where}"
        path = self.metric.path(here, there)
        if path is None:
            return None, f"no way {where}"
        crow, length = float(distance_m(*a, *b)), self._length(path)
        if length > winding * crow + 2_000.0:
            return None, f"{length / 1000:.0f} km for {crow / 1000:.0f} km {where}"
        return path, None

    def _spans(self, path: RailPath) -> list[tuple[int, float, float]]:
        """Edges of a path with the measures between which it runs on each."""
        length = self.network.length_m
        spans = []
        last = len(path.edges) - 1
        for i, (edge, forward) in enumerate(zip(path.edges.tolist(), path.forward.tolist(), strict=True)):
            low, high = 0.0, float(length[edge])
            if i == 0:
                low, high = (path.start.measure_m, high) if forward else (low, path.start.measure_m)
            if i == last:
                low, high = (low, path.end.measure_m) if forward else (path.end.measure_m, high)
            spans.append((edge, low, high))
        return spans

    def _length(self, path: RailPath) -> float:
        return sum(high - low for _, low, high in self._spans(path))

    def _tracks(self, path: RailPath) -> NDArray[np.int64]:
        """Track edges of which the path runs over more than half."""
        found = []
        for edge, low, high in self._spans(path):
            part = slice(self.network.vertex_start[edge], self.network.vertex_start[edge + 1])
            measure = self.network.vertex_m[part]
            middle = (measure[:-1] + measure[1:]) / 2
            found.append(self.track[part][1:][(middle >= low) & (middle <= high)])
        return np.concatenate(found)

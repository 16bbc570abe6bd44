"""Healing: loose ends and fragments of a torn network joined, each join with its evidence."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from route.network.tracks import SOURCES, TrackGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HealingRules", "Join", "Terrain", "heal"]

_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealingRules:
    """What counts as evidence that two pieces of track are one.

    Parameters
    ----------
    tear_m : float
        Ends this near to other track are joined whatever their direction: the source rounds positions to
        about 100 m, and two roundings tear a line by up to about 300 m.
    gap_m, gap_angle : float
        A loose end is joined over a gap of up to `gap_m` metres if both ends point across it within
        `gap_angle` degrees.
    tunnel_m, tunnel_angle : float
        Two loose ends that point at each other within `tunnel_angle` degrees are joined up to `tunnel_m`:
        a tunnel or a bridge is straight.
    fragment_m : float
        A loose end of one component this near to another component is joined whatever its direction.
    missing_m, missing_angle : float
        Two loose ends that face each other within `missing_angle` degrees are joined up to `missing_m` if each
        is the other's best: a whole stretch of track is missing from the source. Not over water, and not
        over a border without an open crossing.
    detour : float
        Pieces that the network already joins with less than this many times the gap are left alone.
    """

    tear_m: float = 350.0
    gap_m: float = 5_000.0
    gap_angle: float = 50.0
    tunnel_m: float = 15_000.0
    tunnel_angle: float = 25.0
    fragment_m: float = 1_200.0
    missing_m: float = 25_000.0
    missing_angle: float = 75.0
    detour: float = 4.0


class Join(NamedTuple):
    """A gap to close.

    Parameters
    ----------
    node : int
        Node at one side of it.
    edge : int
        Edge at the other side.
    fraction : float
        Where on that edge, as a share of it from its tail.
    gap_m : float
        Its width, in metres.
    kind : str
        Kind of the evidence: ``tear``, ``gap``, ``tunnel``, ``merge``, ``fragment`` or ``missing``.
    """

    node: int
    edge: int
    fraction: float
    gap_m: float
    kind: str


class Terrain(Protocol):
    """What lies between two loose ends."""

    def passable(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> bool:
        """Whether a railway may run along some points.

        Parameters
        ----------
        lon, lat : ndarray of shape (n,)
            Points from one end to the other, in degrees, WGS 84.

        Returns
        -------
        bool
            False over wide water, and over a border without an open crossing.
        """


def heal(
    graph: TrackGraph,
    terrain: Terrain,
    rules: HealingRules = HealingRules(),
) -> tuple[TrackGraph, tuple[Join, ...]]:
    """Join loose ends and fragments where the evidence says that the track goes on.

    Parameters
    ----------
    graph : TrackGraph
        A torn network.
    terrain : Terrain
        What lies between.
    rules : HealingRules
        What counts as evidence.

    Returns
    -------
    TrackGraph
        The network with one edge for each gap closed, whose source is the kind of its evidence.
    tuple of Join
        The joins, in the order in which they were made.
    """
    done: list[Join] = []
    for step in (_loose_end_joins, _fragment_joins, _missing_joins):
        joins = step(graph, terrain, rules)
        graph = _apply(graph, joins)
        done += joins
    return graph, tuple(done)


def _apply(graph: TrackGraph, joins: list[Join]) -> TrackGraph:
    """Add an edge for each join; joins that end within an edge split it."""
    if not joins:
        return graph
    edge = np.array([j.edge for j in joins])
    fraction = np.array([j.fraction for j in joins])
    at_tail, at_head = fraction <= 0.0, fraction >= 1.0
    inside = ~(at_tail | at_head)
    target = np.where(at_tail, graph.tail[edge], graph.head[edge]).astype(np.int64)
    graph, new = graph.split(edge[inside], fraction[inside])
    target[inside] = new
    nodes = np.array([j.node for j in joins])
    gap = np.array([j.gap_m for j in joins])
    added = TrackGraph.bare(graph.lon, graph.lat, nodes, target, gap)
    source = np.array([SOURCES.index(j.kind) for j in joins], np.uint8)
    return graph.with_edges(replace(added, source=source))


class _Samples(NamedTuple):
    """Points along all edges, about a kilometre apart, in a search tree."""

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    xyz: NDArray[np.float64]


def _unit_vectors(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    lam, phi = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _sample(graph: TrackGraph, spacing_m: float) -> _Samples:
    dx = ((graph.lon[graph.head] - graph.lon[graph.tail] + 180) % 360 - 180) * np.cos(
        np.radians(graph.lat[graph.tail])
    )
    dy = graph.lat[graph.head] - graph.lat[graph.tail]
    pieces = np.maximum(1, np.ceil(np.hypot(dx, dy) * _M_PER_DEGREE / spacing_m)).astype(np.int64)
    edge = np.repeat(np.arange(graph.n_edges), pieces + 1)
    start = np.repeat(np.cumsum(pieces + 1) - (pieces + 1), pieces + 1)
    fraction = (np.arange(len(edge)) - start) / np.repeat(pieces, pieces + 1)
    tail, head = graph.tail[edge], graph.head[edge]
    span = (graph.lon[head] - graph.lon[tail] + 180) % 360 - 180
    lon = graph.lon[tail] + fraction * span
    lat = graph.lat[tail] + fraction * (graph.lat[head] - graph.lat[tail])
    return _Samples(edge, fraction, lon, lat, _unit_vectors(lon, lat))


class _Adjacency:
    """Neighbours of each node as plain lists, quick to walk in Python."""

    def __init__(self, graph: TrackGraph) -> None:
        ends = np.concatenate([graph.tail, graph.head])
        other = np.concatenate([graph.head, graph.tail])
        length = np.concatenate([graph.length_m, graph.length_m])
        order = np.argsort(ends, kind="stable")
        self.start = np.searchsorted(ends[order], np.arange(graph.n_nodes + 1)).tolist()
        self.other: list[int] = other[order].tolist()
        self.length: list[float] = length[order].tolist()

    def neighbours(self, node: int) -> list[tuple[int, float]]:
        """Nodes next to a node, with the lengths of the edges."""
        a, b = self.start[node], self.start[node + 1]
        return list(zip(self.other[a:b], self.length[a:b], strict=True))

    def within(self, node: int, limit_m: float) -> dict[int, float]:
        """Distances by track of all nodes up to a limit."""
        done: dict[int, float] = {}
        heap = [(0.0, node)]
        while heap:
            distance, here = heapq.heappop(heap)
            if here in done:
                continue
            done[here] = distance
            for other, length in self.neighbours(here):
                if other not in done and distance + length <= limit_m:
                    heapq.heappush(heap, (distance + length, other))
        return done

    def chain_m(self, node: int, most_m: float) -> float:
        """Length of the track from a loose end to the first junction, up to a limit."""
        previous, here, gone = -1, node, 0.0
        while gone < most_m:
            onward = [(o, w) for o, w in self.neighbours(here) if o not in (previous, here)]
            if len(onward) != 1:
                break
            previous, (here, length) = here, onward[0]
            gone += length
        return gone

    def back(self, node: int, distance_m: float) -> int:
        """Node some way back along the track from a loose end."""
        previous, here, gone = -1, node, 0.0
        while gone < distance_m:
            onward = [(o, w) for o, w in self.neighbours(here) if o not in (previous, here)]
            if len(onward) != 1:
                break
            previous, (here, length) = here, onward[0]
            gone += length
        return here


def _angle(ax: float, ay: float, bx: float, by: float) -> float:
    """Angle between two vectors, in degrees; 180 where one has no length."""
    norm = float(np.hypot(ax, ay) * np.hypot(bx, by))
    if norm == 0.0:
        return 180.0
    return float(np.degrees(np.arccos(np.clip((ax * bx + ay * by) / norm, -1.0, 1.0))))


def _loose_end_joins(graph: TrackGraph, terrain: Terrain, rules: HealingRules) -> list[Join]:
    from scipy.spatial import cKDTree

    adjacency = _Adjacency(graph)
    loose = np.flatnonzero(graph.degree() == 1)
    is_loose = set(loose.tolist())
    samples = _sample(graph, 500.0)
    tree = cKDTree(samples.xyz)
    reach = rules.tunnel_m / 6_371_009.0
    near = tree.query_ball_point(_unit_vectors(graph.lon[loose], graph.lat[loose]), reach)
    outward: dict[int, tuple[float, float]] = {}
    for node in loose.tolist():
        back = adjacency.back(node, 1_500.0)
        outward[node] = _vector(graph, back, graph.lon[node], graph.lat[node])
    best: dict[int, tuple[float, Join]] = {}
    for node, found in zip(loose.tolist(), near, strict=True):
        choice = _best_join(graph, rules, adjacency, samples, node, np.array(found), outward, is_loose)
        if choice is not None and _open(graph, terrain, choice[1]):
            best[node] = choice
    return _without_repeats(graph, best)


def _vector(graph: TrackGraph, node: int, lon: float, lat: float) -> tuple[float, float]:
    """Displacement in metres from a node to a point."""
    x = ((lon - graph.lon[node] + 180) % 360 - 180) * np.cos(np.radians(lat)) * _M_PER_DEGREE
    return float(x), float((lat - graph.lat[node]) * _M_PER_DEGREE)


def _open(graph: TrackGraph, terrain: Terrain, join: Join) -> bool:
    """Whether a train could cross the gap of a join; tears are too short to ask."""
    if join.gap_m <= 1_000.0:
        return True
    tail, head = graph.tail[join.edge], graph.head[join.edge]
    span = (graph.lon[head] - graph.lon[tail] + 180) % 360 - 180
    lon = graph.lon[tail] + join.fraction * span
    lat = graph.lat[tail] + join.fraction * (graph.lat[head] - graph.lat[tail])
    across = (lon - graph.lon[join.node] + 180) % 360 - 180
    steps = np.linspace(0.0, 1.0, 11)
    return terrain.passable(
        graph.lon[join.node] + steps * across, graph.lat[join.node] + steps * (lat - graph.lat[join.node])
    )


def _best_join(
    graph: TrackGraph,
    rules: HealingRules,
    adjacency: _Adjacency,
    samples: _Samples,
    node: int,
    found: NDArray[np.int64],
    outward: dict[int, tuple[float, float]],
    is_loose: set[int],
) -> tuple[float, Join] | None:
    """Best evidence for going on from one loose end, with its cost."""
    lon, lat = graph.lon[node], graph.lat[node]
    x = ((samples.lon[found] - lon + 180) % 360 - 180) * np.cos(np.radians(lat)) * _M_PER_DEGREE
    y = (samples.lat[found] - lat) * _M_PER_DEGREE
    gap = np.hypot(x, y)
    known = adjacency.within(node, rules.detour * rules.gap_m)
    out = outward[node]
    result: tuple[float, Join] | None = None
    for i in np.argsort(gap).tolist():
        sample = int(found[i])
        edge, fraction = int(samples.edge[sample]), float(samples.fraction[sample])
        tail, head = int(graph.tail[edge]), int(graph.head[edge])
        g = max(float(gap[i]), 1.0)
        if result is not None and g >= result[0]:
            break
        if node in (tail, head):
            continue
        length = float(graph.length_m[edge])
        by_track = min(
            known.get(tail, np.inf) + fraction * length, known.get(head, np.inf) + (1 - fraction) * length
        )
        if by_track < rules.detour * g + 300.0:
            continue
        evidence = _evidence(
            graph, rules, out, (float(x[i]), float(y[i])), g, tail, head, fraction, outward, is_loose
        )
        if evidence is None:
            continue
        cost, kind = evidence
        if result is None or cost < result[0]:
            result = (cost, Join(node, edge, fraction, g, kind))
    return result


def _evidence(
    graph: TrackGraph,
    rules: HealingRules,
    out: tuple[float, float],
    across: tuple[float, float],
    gap: float,
    tail: int,
    head: int,
    fraction: float,
    outward: dict[int, tuple[float, float]],
    is_loose: set[int],
) -> tuple[float, str] | None:
    """Cost and kind of the evidence for a join, or nothing."""
    if gap <= rules.tear_m:
        return gap, "tear"
    leaving = _angle(*out, *across)
    end = tail if fraction == 0.0 else head if fraction == 1.0 else None
    if end is not None and end in is_loose:
        facing = _angle(*across, -outward[end][0], -outward[end][1])
        if gap <= rules.tunnel_m and max(leaving, facing) <= rules.tunnel_angle:
            return gap * (1 + (leaving + facing) / 90), "tunnel" if gap > rules.gap_m else "gap"
        if gap <= rules.gap_m and max(leaving, facing) <= rules.gap_angle:
            return gap * (1 + (leaving + facing) / 90), "gap"
        return None
    if gap > rules.gap_m or leaving > rules.gap_angle:
        return None
    along = _vector(graph, tail, graph.lon[head], graph.lat[head])
    merging = _angle(*across, *along)
    merging = min(merging, 180.0 - merging)
    if merging > rules.gap_angle:
        return None
    return gap * (1.5 + (leaving + merging) / 60), "merge"


def _without_repeats(graph: TrackGraph, best: dict[int, tuple[float, Join]]) -> list[Join]:
    """Keep one join where two loose ends chose each other, in a fixed order."""
    joins: list[Join] = []
    seen: set[tuple[int, int]] = set()
    for node in sorted(best):
        join = best[node][1]
        ends = int(graph.tail[join.edge]), int(graph.head[join.edge])
        other = ends[0] if join.fraction == 0.0 else ends[1] if join.fraction == 1.0 else None
        if other is not None:
            pair = (min(node, other), max(node, other))
            if pair in seen:
                continue
            seen.add(pair)
        joins.append(join)
    return joins


def _fragment_joins(graph: TrackGraph, _terrain: Terrain, rules: HealingRules) -> list[Join]:
    """Join whole fragments to their surroundings where they all but touch.

    Parameters
    ----------
    graph : TrackGraph
        The network, loose ends already joined.
    _terrain : Terrain
        Not asked: the gaps are short.
    rules : HealingRules
        `fragment_m` is the widest gap closed at a loose end, `tear_m` elsewhere.

    Returns
    -------
    list of Join
        For each two components that come that near, one join, at their nearest points.
    """
    from scipy.spatial import cKDTree

    component = graph.components()
    samples = _sample(graph, 250.0)
    label = component[graph.tail[samples.edge]]
    counts = np.bincount(label)
    largest = int(np.argmax(counts))
    degree = graph.degree()
    nodes = np.flatnonzero((component != largest) & (degree > 0))
    tree = cKDTree(samples.xyz)
    reach = np.where(degree[nodes] == 1, rules.fragment_m, rules.tear_m) / 6_371_009.0
    near = tree.query_ball_point(_unit_vectors(graph.lon[nodes], graph.lat[nodes]), reach)
    best: dict[tuple[int, int], Join] = {}
    for node, found in zip(nodes.tolist(), near, strict=True):
        own = int(component[node])
        for sample in found:
            other = int(label[sample])
            if other == own:
                continue
            gap = float(
                np.linalg.norm(samples.xyz[sample] - _unit_vectors(graph.lon[[node]], graph.lat[[node]])[0])
            )
            pair = (min(own, other), max(own, other))
            gap = max(gap * 6_371_009.0, 1.0)
            if pair not in best or gap < best[pair].gap_m:
                edge = int(samples.edge[sample])
                best[pair] = Join(node, edge, float(samples.fraction[sample]), gap, "fragment")
    return [best[pair] for pair in sorted(best)]


def _missing_joins(graph: TrackGraph, terrain: Terrain, rules: HealingRules) -> list[Join]:
    """Join loose ends that face each other over a stretch the source lacks."""
    from scipy.spatial import cKDTree

    adjacency = _Adjacency(graph)
    loose = np.flatnonzero(graph.degree() == 1)
    xyz = _unit_vectors(graph.lon[loose], graph.lat[loose])
    near = cKDTree(xyz).query_ball_point(xyz, rules.missing_m / 6_371_009.0)
    outward = {}
    chain = {}
    for node in loose.tolist():
        back = adjacency.back(node, 1_500.0)
        outward[node] = _vector(graph, back, graph.lon[node], graph.lat[node])
        chain[node] = adjacency.chain_m(node, 10_000.0)
    ranked: dict[int, list[tuple[float, int, float]]] = {}
    for node, found in zip(loose.tolist(), near, strict=True):
        options = []
        for other in loose[found].tolist():
            if other == node:
                continue
            across = _vector(graph, node, graph.lon[other], graph.lat[other])
            gap = float(np.hypot(*across))
            # A siding ends near many things; a torn line has run on its own for a while.
            if min(chain[node], chain[other]) < min(0.4 * gap, 5_000.0):
                continue
            leaving = _angle(*outward[node], *across)
            facing = _angle(*across, -outward[other][0], -outward[other][1])
            if max(leaving, facing) <= rules.missing_angle and leaving + facing <= 1.5 * rules.missing_angle:
                options.append((gap * (1 + (leaving + facing) / 90), other, gap))
        ranked[node] = sorted(options)
    edge_at = {
        int(n): e for e in range(graph.n_edges) for n in (graph.tail[e], graph.head[e]) if int(n) in ranked
    }
    joins = []
    reach: dict[int, dict[int, float]] = {}
    for node in sorted(ranked):
        partner = _first_apart(adjacency, rules, ranked, reach, node)
        if partner is None:
            continue
        other, gap = partner
        mutual = _first_apart(adjacency, rules, ranked, reach, other)
        if other < node or mutual is None or mutual[0] != node:
            continue
        edge = edge_at[other]
        join = Join(node, edge, 0.0 if graph.tail[edge] == other else 1.0, gap, "missing")
        if _open(graph, terrain, join):
            joins.append(join)
    return joins


def _first_apart(
    adjacency: _Adjacency,
    rules: HealingRules,
    ranked: dict[int, list[tuple[float, int, float]]],
    reach: dict[int, dict[int, float]],
    node: int,
) -> tuple[int, float] | None:
    """Best partner of a loose end that the network does not join to it well already, and the gap."""
    for _, other, gap in ranked[node]:
        limit = 2 * rules.detour * rules.missing_m
        if node not in reach:
            reach[node] = adjacency.within(node, limit)
        if reach[node].get(other, np.inf) > 2 * rules.detour * gap:
            return other, gap
    return None

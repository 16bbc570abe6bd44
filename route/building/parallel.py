"""Parallel tracks made one line, and sidings left out: from every track of a map to its railway lines.

A map draws each track. Two tracks of one line are no two ways to go, and trains do not run through yards, so a
network is built from lines:

1. Yards, sidings, spurs and industrial tracks are left out, but for those that alone join two lines, or a line
   and a train ferry.
2. Tracks are followed straight on through their switches. Of such strokes the longer has precedence: a piece of
   track is dropped where a stroke of higher precedence runs beside it, within `BESIDE_M` and `PARALLEL_DEGREES`,
   if nothing says that they are two lines: another kind of railway, gauge, electrification, name, or one in a tunnel
   and the other not. Tracks that are tagged for opposite directions are one line up to `OPPOSITE_M` apart.
3. Where track that stays met track that was dropped, it is led onto the track that stands for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.building.survey import Surveyed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BESIDE_M", "OPPOSITE_M", "PARALLEL_DEGREES", "lines_of", "merge_parallel", "without_sidings"]

BESIDE_M = 22.0
"""Tracks of one line lie 4 m apart, and around an island platform up to about 20 m."""

OPPOSITE_M = 60.0
"""Tracks for opposite directions may be led apart in cuttings and on bridges."""

PARALLEL_DEGREES = 20.0

_SPACING_M = 20.0
_LOOP_M = 250.0
_LEAD_M = 120.0
_STRAIGHT_COS = np.cos(np.radians(180.0 - 45.0))
_EARTH_M = 6_371_009.0
_CHUNK = 200_000
_NEIGHBOURS = 24


def lines_of(surveyed: Surveyed) -> Surveyed:
    """Lines of a survey: without sidings, parallel tracks made one.

    Parameters
    ----------
    surveyed : Surveyed
        Every track.

    Returns
    -------
    Surveyed
        The lines.
    """
    return merge_parallel(without_sidings(surveyed))


def without_sidings(surveyed: Surveyed) -> Surveyed:
    """Survey without yards, sidings, spurs and industrial tracks.

    Parameters
    ----------
    surveyed : Surveyed
        Every track.

    Returns
    -------
    Surveyed
        Through tracks, and the shortest service tracks that join what would otherwise fall apart.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    graph = surveyed.graph
    service = np.array([t.service for t in surveyed.tags], bool)[surveyed.tag]
    if not service.any():
        return surveyed
    # Through track costs next to nothing, so that the tree takes service track only where nothing else joins.
    cost = np.where(service, graph.length_m, 1e-6 * graph.length_m)
    low, high = np.minimum(graph.tail, graph.head), np.maximum(graph.tail, graph.head)
    tree = minimum_spanning_tree(coo_array((cost, (low, high)), shape=(graph.n_nodes,) * 2).tocsr()).tocoo()
    chosen = np.isin(low.astype(np.int64) * graph.n_nodes + high, tree.row.astype(np.int64) * graph.n_nodes + tree.col)
    bridge = service & chosen
    through = np.zeros(graph.n_nodes, bool)
    through[np.concatenate([graph.tail[~service], graph.head[~service]])] = True
    while True:
        # What ends nowhere joins nothing.
        degree = np.bincount(np.concatenate([graph.tail[bridge], graph.head[bridge]]), minlength=graph.n_nodes)
        blind = (degree == 1) & ~through
        dead = bridge & (blind[graph.tail] | blind[graph.head])
        if not dead.any():
            return surveyed.select(~service | bridge)
        bridge &= ~dead


class _Samples(NamedTuple):
    """Points along all edges, on the sphere in metres, with the direction of the track there."""

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    at: NDArray[np.float64]
    along: NDArray[np.float64]


def _positions(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    lam, phi = np.radians(lon), np.radians(lat)
    return _EARTH_M * np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _samples(surveyed: Surveyed) -> _Samples:
    graph = surveyed.graph
    node = _positions(graph.lon, graph.lat)
    step = node[graph.head] - node[graph.tail]
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-6)
    count = np.maximum(np.ceil(length / _SPACING_M).astype(np.int64), 1)
    edge = np.repeat(np.arange(graph.n_edges), count)
    index = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    fraction = (index + 0.5) / count[edge]
    at = node[graph.tail[edge]] + fraction[:, None] * step[edge]
    return _Samples(edge, fraction, at, (step / length[:, None])[edge])


def _strokes(surveyed: Surveyed) -> NDArray[np.int64]:
    """Rank of the stroke that each edge belongs to; the longest stroke is 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = surveyed.graph
    node = _positions(graph.lon, graph.lat)
    end = np.concatenate([graph.tail, graph.head]).astype(np.int64)
    other = np.concatenate([graph.head, graph.tail])
    away = node[other] - node[end]
    away /= np.maximum(np.linalg.norm(away, axis=1), 1e-6)[:, None]
    order = np.argsort(end, kind="stable")
    start = np.searchsorted(end[order], np.arange(graph.n_nodes + 1))
    degree = np.diff(start)
    first = order[start[:-1][degree == 2]]
    second = order[start[:-1][degree == 2] + 1]
    pairs = [np.column_stack([first, second])]
    for junction in np.flatnonzero(degree > 2).tolist():
        ends = order[start[junction] : start[junction + 1]]
        cosine = away[ends] @ away[ends].T
        free = np.ones(len(ends), bool)
        for flat in np.argsort(cosine, axis=None).tolist():
            a, b = divmod(flat, len(ends))
            if cosine[a, b] > _STRAIGHT_COS:
                break
            if a != b and free[a] and free[b]:
                free[[a, b]] = False
                pairs.append(ends[[a, b]][None, :])
    joined = np.concatenate(pairs) % graph.n_edges
    ones = np.ones(len(joined), np.int8)
    links = coo_array((ones, (joined[:, 0], joined[:, 1])), shape=(graph.n_edges,) * 2)
    count, stroke = connected_components(links, directed=False)
    # A ferry is never beside anything, and service track never stands for a line.
    length = np.bincount(stroke, weights=graph.length_m, minlength=count)
    rank = np.empty(count, np.int64)
    rank[np.lexsort((np.arange(count), -length))] = np.arange(count)
    result: NDArray[np.int64] = rank[stroke]
    return result


class _Likeness(NamedTuple):
    """What tells whether two pieces of track may be tracks of one line: equal, or one of them 0."""

    kind: NDArray[np.int64]
    gauge: NDArray[np.int64]
    electrification: NDArray[np.int64]
    line: NDArray[np.int64]

    def alike(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether edges `a` may be of one line with edges `b`."""
        result = self.kind[a] == self.kind[b]
        for column in (self.gauge, self.electrification, self.line):
            result &= (column[a] == column[b]) | (column[a] == 0) | (column[b] == 0)
        return result


def _likeness(surveyed: Surveyed) -> _Likeness:
    kind = surveyed.column((t.kind, t.highspeed, t.level < 0) for t in surveyed.tags)
    graph = surveyed.graph
    known = np.array([s not in ("", "yes") for s in graph.electrifications])
    system = np.where(known, np.arange(len(known)), 0)[graph.electrification]
    return _Likeness(kind, graph.gauge.astype(np.int64), system, graph.line.astype(np.int64))


def merge_parallel(surveyed: Surveyed) -> Surveyed:
    """Survey in which one track stands for all tracks of a line.

    Parameters
    ----------
    surveyed : Surveyed
        Track.

    Returns
    -------
    Surveyed
        The tracks that stand for their lines, with all their vertices; what was joined by track stays joined.
    """
    graph = surveyed.graph
    if graph.n_edges < 2:
        return surveyed
    samples, stroke, likeness = _samples(surveyed), _strokes(surveyed), _likeness(surveyed)
    sense = np.array([t.direction for t in surveyed.tags], np.int64)[surveyed.tag]
    beside = _covered(samples, stroke, likeness, BESIDE_M, None)
    if np.any(sense):
        beside |= _covered(samples, stroke, likeness, OPPOSITE_M, sense)
    # A piece goes if there is track beside it all along.
    dropped = np.bincount(samples.edge[~beside], minlength=graph.n_edges) == 0
    dropped |= _short_loops(surveyed, stroke, dropped)
    while dropped.any():
        kept = np.flatnonzero(~dropped)
        mixed, edge, fraction = _leads(surveyed, samples, stroke, likeness, dropped)
        lost = mixed[edge < 0]
        if not len(lost):
            return _led_over(surveyed, kept, mixed, edge, fraction)
        # Track without anything to lead it onto has to keep what it was joined to.
        touched = np.zeros(graph.n_nodes, bool)
        touched[lost] = True
        part = _parts(surveyed, np.flatnonzero(dropped))
        back = np.unique(part[np.flatnonzero(dropped)][touched[graph.tail[dropped]] | touched[graph.head[dropped]]])
        dropped &= ~np.isin(part, back)
    return surveyed


def _covered(
    samples: _Samples,
    stroke: NDArray[np.int64],
    likeness: _Likeness,
    within_m: float,
    sense: NDArray[np.int64] | None,
) -> NDArray[np.bool_]:
    """Whether track of a stroke of higher precedence runs beside each sample.

    Parameters
    ----------
    samples : _Samples
        Points along all edges.
    stroke : ndarray of shape (n_edges,)
        Ranks of the strokes.
    likeness : _Likeness
        What the edges are.
    within_m : float
        How far away track may be.
    sense : ndarray of shape (n_edges,), optional
        Direction of running along each edge; if given, only track for the opposite direction counts.

    Returns
    -------
    ndarray of shape (n_samples,)
        True where there is.
    """
    from scipy.spatial import cKDTree

    use = np.arange(len(samples.edge)) if sense is None else np.flatnonzero(sense[samples.edge])
    tree = cKDTree(samples.at[use])
    result = np.zeros(len(samples.edge), bool)
    reach = float(np.hypot(within_m, _SPACING_M / 2))
    cosine = np.cos(np.radians(PARALLEL_DEGREES))
    most = min(_NEIGHBOURS if sense is None else 2 * _NEIGHBOURS, len(use))
    for begin in range(0, len(use), _CHUNK):
        here = use[begin : begin + _CHUNK]
        near = tree.query(samples.at[here], k=most, distance_upper_bound=reach)[1].reshape(len(here), most)
        row, column = np.nonzero(near < len(use))
        a, b = here[row], use[near[row, column]]
        keep = stroke[samples.edge[b]] < stroke[samples.edge[a]]
        a, b = a[keep], b[keep]
        turn = (samples.along[a] * samples.along[b]).sum(axis=1)
        off = samples.at[b] - samples.at[a]
        aside = np.linalg.norm(off - (off * samples.along[a]).sum(axis=1)[:, None] * samples.along[a], axis=1)
        good = (np.abs(turn) >= cosine) & (aside <= within_m) & likeness.alike(samples.edge[a], samples.edge[b])
        if sense is not None:
            good &= sense[samples.edge[a]] * sense[samples.edge[b]] * turn < 0
        result[a[good]] = True
    return result


def _parts(surveyed: Surveyed, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Connected part of the chosen edges that each of them is in; -1 for the others."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = surveyed.graph
    ones = np.ones(len(edges), np.int8)
    links = coo_array((ones, (graph.tail[edges], graph.head[edges])), shape=(graph.n_nodes,) * 2)
    label = connected_components(links, directed=False)[1]
    result = np.full(graph.n_edges, -1, np.int64)
    result[edges] = label[graph.tail[edges]]
    return result


def _short_loops(surveyed: Surveyed, stroke: NDArray[np.int64], dropped: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Short runs of a stroke that leave dropped track and come back to the same: around a platform or a pillar."""
    graph = surveyed.graph
    kept = np.flatnonzero(~dropped)
    partial = np.zeros(stroke.max() + 1, bool)
    partial[stroke[dropped]] = True
    runs = kept[partial[stroke[kept]]]
    if not len(runs):
        return np.zeros(graph.n_edges, bool)
    meets = np.bincount(np.concatenate([graph.tail, graph.head]), minlength=graph.n_nodes)
    of_runs = np.bincount(np.concatenate([graph.tail[runs], graph.head[runs]]), minlength=graph.n_nodes)
    gone = np.flatnonzero(dropped)
    at_gone = np.full(graph.n_nodes, -1, np.int64)
    gone_part = _parts(surveyed, gone)
    at_gone[graph.tail[gone]] = gone_part[gone]
    at_gone[graph.head[gone]] = gone_part[gone]
    part = _parts(surveyed, runs)
    result = np.zeros(graph.n_edges, bool)
    number = np.unique(part[runs], return_inverse=True)[1]
    length = np.bincount(number, weights=graph.length_m[runs])
    order = np.argsort(number, kind="stable")
    bounds = np.searchsorted(number[order], np.arange(len(length) + 1))
    for index in np.flatnonzero(length <= _LOOP_M).tolist():
        edges = runs[order[bounds[index] : bounds[index + 1]]]
        nodes = np.unique(np.concatenate([graph.tail[edges], graph.head[edges]]))
        outside = nodes[meets[nodes] > of_runs[nodes]]
        # All that it meets is one piece of dropped track, at two points: nothing else hangs on it.
        if len(outside) == 2 and at_gone[outside[0]] >= 0 and at_gone[outside[0]] == at_gone[outside[1]]:
            result[edges] = True
    return result


def _leads(
    surveyed: Surveyed,
    samples: _Samples,
    stroke: NDArray[np.int64],
    likeness: _Likeness,
    dropped: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Nodes between kept and dropped track, and the point of kept track that each is led onto; edge -1 for none."""
    from scipy.spatial import cKDTree

    graph = surveyed.graph
    touches = np.zeros((2, graph.n_nodes), bool)
    for side, edges in enumerate((dropped, ~dropped)):
        touches[side, graph.tail[edges]] = True
        touches[side, graph.head[edges]] = True
    mixed = np.flatnonzero(touches.all(axis=0))
    by_node: dict[int, list[int]] = {int(n): [] for n in mixed}
    own: dict[int, set[int]] = {int(n): set() for n in mixed}
    at_mixed = touches.all(axis=0)
    for edge in np.flatnonzero(at_mixed[graph.tail] | at_mixed[graph.head]).tolist():
        for node in (int(graph.tail[edge]), int(graph.head[edge])):
            if node in by_node:
                if dropped[edge]:
                    by_node[node].append(edge)
                else:
                    own[node].add(edge)
    use = np.flatnonzero(~dropped[samples.edge])
    tree = cKDTree(samples.at[use])
    edge_at = np.full(len(mixed), -1, np.int64)
    fraction_at = np.zeros(len(mixed))
    position = _positions(graph.lon[mixed], graph.lat[mixed])
    for i, (node, found) in enumerate(zip(mixed.tolist(), tree.query_ball_point(position, _LEAD_M), strict=True)):
        # The track that stands for the dropped one has precedence over it, and is like it.
        gone = np.array(by_node[node])
        best = np.inf
        distance = np.linalg.norm(samples.at[use[found]] - position[i], axis=1)
        for k in np.argsort(distance).tolist():
            sample = use[found[k]]
            edge = int(samples.edge[sample])
            fits = (stroke[edge] < stroke[gone]) & likeness.alike(np.full(len(gone), edge), gone)
            if distance[k] < best and fits.any() and edge not in own[node]:
                best, edge_at[i], fraction_at[i] = distance[k], edge, samples.fraction[sample]
                break
        # A mixed node that lies on track of higher precedence is where it should be.
        keepers = own[node]
        if any((stroke[e] < stroke[gone]).any() for e in keepers) and not any(
            (stroke[e] > stroke[gone]).all() for e in keepers
        ):
            edge_at[i], fraction_at[i] = next(iter(sorted(keepers, key=lambda e: int(stroke[e])))), np.nan
    return mixed, edge_at, fraction_at


def _led_over(
    surveyed: Surveyed,
    kept: NDArray[np.int64],
    mixed: NDArray[np.int64],
    edge: NDArray[np.int64],
    fraction: NDArray[np.float64],
) -> Surveyed:
    """Survey of the kept edges, the mixed nodes moved onto points of kept edges."""
    graph = surveyed.graph
    moving = np.isfinite(fraction)
    mixed, edge, fraction = mixed[moving], edge[moving], fraction[moving]
    length = graph.length_m[edge]
    target = np.where(fraction < 0.5, graph.tail[edge], graph.head[edge]).astype(np.int64)
    inside = np.minimum(fraction, 1 - fraction) * length > _SPACING_M
    spots, which = np.unique(
        np.column_stack([edge[inside], np.round(fraction[inside], 9)]), axis=0, return_inverse=True
    )
    number = np.full(graph.n_edges, -1)
    number[kept] = np.arange(len(kept))
    part = surveyed.select(kept)
    # The split puts the pieces at the end; a column of their own edges carries the tags along.
    carrier = replace(part.graph, line=np.zeros(len(kept), np.int64), country=part.tag)  # type: ignore[arg-type]
    split, nodes = part.graph.split(number[spots[:, 0].astype(np.int64)], spots[:, 1])
    tag = carrier.split(number[spots[:, 0].astype(np.int64)], spots[:, 1])[0].country.astype(np.int64)
    target[inside] = nodes[which.ravel()]
    moved = np.arange(split.n_nodes)
    moved[mixed] = target
    for _ in range(8):  # a node may be led onto one that is led on itself
        moved = moved[moved]
    split = replace(split, tail=moved[split.tail].astype(np.int32), head=moved[split.head].astype(np.int32))
    return Surveyed(split, tag, surveyed.tags).select(split.tail != split.head)

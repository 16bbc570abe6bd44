"""Parallel tracks made one line, and sidings left out: from every track of a map to its railway lines.

A map draws each track. Two tracks of one line are no two ways to go, and trains do not run through yards, so
a network is built from lines:

1. Yards, sidings, spurs and industrial tracks are left out, but for those that alone join two lines, or a
   line and a train ferry.
2. Tracks are followed straight on through their switches. Of such strokes the longer has precedence: a piece
   of track is dropped where a stroke of higher precedence runs beside it all along, within `BESIDE_M` and
   `PARALLEL_DEGREES`, if nothing says that they are two lines: another kind of railway, gauge,
   electrification or name, or one in a tunnel and the other not. Tracks that are tagged for opposite
   directions are one line up to `OPPOSITE_M` apart.
3. Where track that stays met track that was dropped, it is led onto the track that stands for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.building.survey import Surveyed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BESIDE_M",
    "OPPOSITE_M",
    "PARALLEL_DEGREES",
    "distance_to_track_m",
    "lines_of",
    "merge_parallel",
    "without_sidings",
]

BESIDE_M = 22.0
"""Tracks of one line lie 4 m apart, and around an island platform up to about 20 m."""

OPPOSITE_M = 60.0
"""Tracks for opposite directions may be led apart in cuttings and on bridges."""

PARALLEL_DEGREES = 20.0

_SPACING_M = 20.0
_LOOP_M = 250.0
_LEAD_M = (OPPOSITE_M, 2 * OPPOSITE_M)
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


def distance_to_track_m(
    surveyed: Surveyed, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance of points to the nearest track.

    Parameters
    ----------
    surveyed : Surveyed
        Track.
    lon, lat : ndarray of shape (n,)
        The points in degrees, WGS 84.

    Returns
    -------
    ndarray of shape (n,)
        In metres, to about 10 m.
    """
    from scipy.spatial import cKDTree

    distance: NDArray[np.float64] = cKDTree(_samples(surveyed).at).query(_positions(lon, lat))[0]
    return distance


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
    chosen = np.isin(
        low.astype(np.int64) * graph.n_nodes + high, tree.row.astype(np.int64) * graph.n_nodes + tree.col
    )
    bridge = service & chosen
    through = np.zeros(graph.n_nodes, bool)
    through[np.concatenate([graph.tail[~service], graph.head[~service]])] = True
    while True:
        # What ends nowhere joins nothing.
        degree = np.bincount(
            np.concatenate([graph.tail[bridge], graph.head[bridge]]), minlength=graph.n_nodes
        )
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
        result: NDArray[np.bool_] = self.kind[a] == self.kind[b]
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
        stands, back = _stands(surveyed, samples, stroke, likeness, dropped)
        if not len(back):
            result, back = _led_over(surveyed, dropped, stands)
            if not len(back):
                return result
        # Track that nothing stands for, or that alone joins two others, has to stay.
        dropped[back] = False
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
        good = (
            (np.abs(turn) >= cosine) & (aside <= within_m) & likeness.alike(samples.edge[a], samples.edge[b])
        )
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


def _short_loops(
    surveyed: Surveyed, stroke: NDArray[np.int64], dropped: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Short runs of a stroke that leave dropped track and come back to it, as around a platform."""
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


class _Stands(NamedTuple):
    """At a node beside dropped track: a point of kept track that stands for the dropped, or that is there.

    The first come from kept edges; then those of all dropped edges at their tails, and at their heads.
    """

    node: NDArray[np.int64]
    stroke: NDArray[np.int64]
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]


def _stands(
    surveyed: Surveyed,
    samples: _Samples,
    stroke: NDArray[np.int64],
    likeness: _Likeness,
    dropped: NDArray[np.bool_],
) -> tuple[_Stands, NDArray[np.int64]]:
    """Points of kept track that stand for dropped track at its nodes; dropped edges for which none or two do."""
    from scipy.spatial import cKDTree

    graph = surveyed.graph
    use = np.flatnonzero(~dropped[samples.edge])
    gone = np.flatnonzero(dropped)
    edge = np.concatenate([gone, gone])
    node = np.concatenate([graph.tail[gone], graph.head[gone]]).astype(np.int64)
    best = np.full(len(edge), -1, np.int64)
    if len(use):
        tree = cKDTree(samples.at[use])
        position = _positions(graph.lon, graph.lat)
        most = min(2 * _NEIGHBOURS, len(use))
        for reach in _LEAD_M:
            open_ = np.flatnonzero(best < 0)
            for begin in range(0, len(open_), _CHUNK // 4):
                here = open_[begin : begin + _CHUNK // 4]
                near = tree.query(position[node[here]], k=most, distance_upper_bound=reach)[1]
                row, column = np.nonzero(near.reshape(len(here), most) < len(use))
                sample = use[near.reshape(len(here), most)[row, column]]
                other, own = samples.edge[sample], edge[here[row]]
                fits = (stroke[other] < stroke[own]) & likeness.alike(own, other)
                row, column, sample = row[fits], column[fits], sample[fits]
                # The highest precedence is the same all along; the nearest would change back and forth.
                order = np.lexsort((column, stroke[samples.edge[sample]], row))
                first = order[np.unique(row[order], return_index=True)[1]]
                best[here[row[first]]] = sample[first]
    stand = np.where(best >= 0, stroke[samples.edge[best]], -1).reshape(2, -1)
    back = gone[(stand < 0).any(axis=0) | (stand[0] != stand[1])]
    # Kept track at the same nodes: its own stroke, at the node itself.
    at_gone = np.zeros(graph.n_nodes, bool)
    at_gone[node] = True
    kept = np.flatnonzero(~dropped)
    at = np.concatenate([graph.tail[kept], graph.head[kept]]).astype(np.int64)
    kept = np.concatenate([kept, kept])[at_gone[at]]
    at = at[at_gone[at]]
    return (
        _Stands(
            np.concatenate([at, node]),
            np.concatenate([stroke[kept], stand.ravel()]),
            np.concatenate([kept, samples.edge[best]]),
            np.concatenate([np.full(len(kept), np.nan), samples.fraction[best]]),
        ),
        back,
    )


def _led_over(
    surveyed: Surveyed, dropped: NDArray[np.bool_], stands: _Stands
) -> tuple[Surveyed, NDArray[np.int64]]:
    """Survey of the kept edges, joined where several strokes stand for what met at one node.

    Parameters
    ----------
    surveyed : Surveyed
        Track.
    dropped : ndarray of shape (n_edges,)
        Edges that go.
    stands : _Stands
        What stands for them.

    Returns
    -------
    Surveyed
        The others.
    ndarray of shape (n,)
        Dropped edges whose ends would not be joined any more.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = surveyed.graph
    kept = np.flatnonzero(~dropped)
    # One entry for each node and stroke; the node itself, if the stroke has it, before a point beside it.
    order = np.lexsort((np.isfinite(stands.fraction), stands.stroke, stands.node))
    pair = np.column_stack([stands.node, stands.stroke])[order]
    fresh = np.ones(len(pair), bool)
    fresh[1:] = (pair[1:] != pair[:-1]).any(axis=1)
    chosen = order[fresh]
    several = np.bincount(stands.node[chosen], minlength=graph.n_nodes) > 1
    chosen = chosen[several[stands.node[chosen]]]
    node, edge, fraction = stands.node[chosen], stands.edge[chosen], stands.fraction[chosen]
    beside = np.isfinite(fraction)
    length = graph.length_m[edge]
    share = np.where(beside, fraction, 0.0)
    point = np.where(beside, np.where(share < 0.5, graph.tail[edge], graph.head[edge]), node).astype(np.int64)
    inside = beside & (np.minimum(share, 1 - share) * length > _SPACING_M / 2)
    spots, which = np.unique(np.column_stack([edge[inside], share[inside]]), axis=0, return_inverse=True)
    number = np.full(graph.n_edges, -1)
    number[kept] = np.arange(len(kept))
    part = surveyed.select(kept)
    # The codes of the tags ride along in a column that is empty yet.
    carrier = replace(part.graph, country=part.tag)  # type: ignore[arg-type]
    split, nodes = carrier.split(number[spots[:, 0].astype(np.int64)], spots[:, 1])
    tag = split.country.astype(np.int64)
    point[inside] = nodes[which.ravel()]
    # All points that belong to one node become one, at the position of the highest precedence.
    first = np.concatenate([[True], node[1:] != node[:-1]]) if len(node) else np.zeros(0, bool)
    anchor = point[first][np.cumsum(first) - 1] if len(node) else point
    ones = np.ones(len(point), np.int8)
    links = coo_array((ones, (point, anchor)), shape=(split.n_nodes,) * 2)
    group = connected_components(links, directed=False)[1]
    lead = np.full(group.max() + 1, -1)
    lead[group[anchor[::-1]]] = anchor[::-1]
    moved = np.where(lead[group] >= 0, lead[group], np.arange(split.n_nodes))
    joined = replace(
        split,
        tail=moved[split.tail].astype(np.int32),
        head=moved[split.head].astype(np.int32),
        country=np.zeros(split.n_edges, np.uint8),
    )
    component = joined.components()
    ends = component[moved[graph.tail[stands.edge[-2 * int(dropped.sum()) :]]]].reshape(2, -1)
    apart = np.flatnonzero(dropped)[ends[0] != ends[1]]
    return Surveyed(joined, tag, surveyed.tags).select(joined.tail != joined.head), apart

"""Pruning: track that no through train uses left out, so that the network stays small."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from route.network.contraction import chains_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.tracks import TrackGraph

__all__ = ["prune"]


def prune(
    graph: TrackGraph, *, stub_m: float = 1_000.0, wider: float = 1.3, round_m: float = 40.0, rounds: int = 10
) -> TrackGraph:
    """Leave out sidings: short stubs, parallel tracks that differ in nothing, crossovers of station throats.

    Parameters
    ----------
    graph : TrackGraph
        A network, tagged.
    stub_m : float
        Dead ends up to this length are left out, in metres.
    wider : float
        Of two tracks between the same junctions the longer one is left out up to this many times the length
        of the other, half a kilometre added.
    round_m : float
        A track between two junctions is left out if the way round by a third one is longer by no more than
        this, in metres: less than the positions of a coarse source are worth.
    rounds : int
        How often to look again: what is left out makes new chains.

    Returns
    -------
    TrackGraph
        The network with fewer edges.
    """
    for turn in range(rounds):
        degree = graph.degree()
        keep = np.ones(graph.n_edges, bool)
        parallel: dict[tuple[object, ...], list[tuple[float, list[int]]]] = defaultdict(list)
        for nodes, edges in chains_of(graph):
            if graph.oneway[edges[0]]:
                continue  # only the other track, if any, leads back
            length = float(graph.length_m[edges].sum())
            a, b = nodes[0], nodes[-1]
            ends = sorted((int(degree[a]), int(degree[b])))
            # Stubs go once: again and again, a terminus would be eaten up from its end.
            if turn == 0 and ends[0] == 1 and ends[1] > 2 and length < stub_m:
                keep[edges] = False
            elif a == b:
                # A loop that comes back to its junction leads nowhere, unless a train turns on it.
                keep[edges] = length > 2 * stub_m
            else:
                e = edges[0]
                kind = tuple(int(getattr(graph, c)[e]) for c in _CODES[1:])
                parallel[(min(a, b), max(a, b), kind)].append((length, edges))
        for tracks in parallel.values():
            tracks.sort()
            for length, edges in tracks[1:]:
                if length <= wider * tracks[0][0] + 500.0:
                    keep[edges] = False
        keep[_shortcuts(graph, keep, round_m)] = False
        if keep.all():
            break
        graph = graph.select(keep)
    return graph


def _shortcuts(graph: TrackGraph, keep: NDArray[np.bool_], round_m: float) -> list[int]:
    """Edges of short chains that a way over a third junction replaces."""
    chains = [
        (nodes, edges)
        for nodes, edges in chains_of(graph)
        if keep[edges[0]] and nodes[0] != nodes[-1] and not graph.oneway[edges[0]]
    ]
    length = [float(graph.length_m[edges].sum()) for _, edges in chains]
    kind = [tuple(int(getattr(graph, c)[edges[0]]) for c in _CODES[1:]) for _, edges in chains]
    named = [bool(graph.line[edges[0]]) for _, edges in chains]
    beside: dict[int, dict[int, int]] = defaultdict(dict)
    for i, (nodes, _) in enumerate(chains):
        for a, b in ((nodes[0], nodes[-1]), (nodes[-1], nodes[0])):
            if b not in beside[a] or length[i] < length[beside[a][b]]:
                beside[a][b] = i
    gone: set[int] = set()
    for i in sorted(range(len(chains)), key=lambda i: (-length[i], i)):
        if length[i] > _THROAT_M:
            continue
        a, b = chains[i][0][0], chains[i][0][-1]
        for middle, first in beside[a].items():
            second = beside[middle].get(b)
            if middle == b or second is None or {first, second, i} & gone or i in (first, second):
                continue
            alike = not named[i] or kind[first] == kind[second] == kind[i]
            if alike and length[first] + length[second] <= length[i] + round_m:
                gone.add(i)
                break
    return [edge for i in sorted(gone) for edge in chains[i][1]]


_THROAT_M = 3_000.0

_CODES = ("source", "mode", "speed_kmh", "gauge", "electrification", "line", "country")

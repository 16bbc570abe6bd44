"""Pruning: track that no through train uses left out, so that the network stays small."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from route.network.contraction import chains_of

if TYPE_CHECKING:
    from route.network.tracks import TrackGraph

__all__ = ["prune"]


def prune(graph: TrackGraph, *, stub_m: float = 1_000.0, wider: float = 1.3, rounds: int = 4) -> TrackGraph:
    """Leave out sidings: short stubs, and the longer of two parallel tracks that differ in nothing else.

    Parameters
    ----------
    graph : TrackGraph
        A network, tagged.
    stub_m : float
        Dead ends up to this length are left out, in metres.
    wider : float
        Of two tracks between the same junctions the longer one is left out up to this many times the length
        of the other, half a kilometre added.
    rounds : int
        How often to look again: what is left out makes new chains.

    Returns
    -------
    TrackGraph
        The network with fewer edges.
    """
    for _ in range(rounds):
        degree = graph.degree()
        keep = np.ones(graph.n_edges, bool)
        parallel: dict[tuple[object, ...], list[tuple[float, list[int]]]] = defaultdict(list)
        for nodes, edges in chains_of(graph):
            length = float(graph.length_m[edges].sum())
            a, b = nodes[0], nodes[-1]
            ends = sorted((int(degree[a]), int(degree[b])))
            if ends[0] == 1 and ends[1] > 2 and length < stub_m:
                keep[edges] = False
            elif a == b:
                # A loop that comes back to its junction leads nowhere, unless a train turns on it.
                keep[edges] = length > 2 * stub_m
            else:
                e = edges[0]
                kind = tuple(int(getattr(graph, c)[e]) for c in _CODES)
                parallel[(min(a, b), max(a, b), kind)].append((length, edges))
        for tracks in parallel.values():
            tracks.sort()
            for length, edges in tracks[1:]:
                if length <= wider * tracks[0][0] + 500.0:
                    keep[edges] = False
        if keep.all():
            break
        graph = graph.select(keep)
    return graph


_CODES = ("source", "mode", "speed_kmh", "gauge", "electrification", "line", "country")

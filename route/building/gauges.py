"""Gauges of track that no tag and no row of the register tells: by country, away from lines of another gauge."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.registers import countries, same_gauge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.tracks import TrackGraph

__all__ = ["fill_gauges"]


def fill_gauges(graph: TrackGraph, *, near_m: float = 20_000.0) -> TrackGraph:
    """Give track of unknown gauge the main gauge of its country.

    Parameters
    ----------
    graph : TrackGraph
        A network, its countries known and its lines tagged.
    near_m : float
        Track that can be reached over this much unknown track, in metres, from a line of another gauge stays
        unknown: it may be the approach of that line to a station.

    Returns
    -------
    TrackGraph
        The network with fewer gauges unknown.
    """
    rows = countries()
    main = [rows[code].main_gauge_mm if code in rows else 0 for code in graph.countries]
    unknown = (graph.gauge == 0) & (graph.mode == 0)
    other = np.array(
        [
            [bool(group) and not any(same_gauge(g, wanted) for g in group) for wanted in main]
            for group in graph.gauges
        ]
    )
    foreign = other[graph.gauge, graph.country]
    beside = _reached(graph, unknown, foreign, near_m)
    known = np.array(main)[graph.country]
    fill = unknown & (known > 0) & ~(beside[graph.tail] | beside[graph.head])
    gauges = list(graph.gauges)
    gauge = graph.gauge.copy()
    for wanted in np.unique(known[fill]).tolist():
        if (wanted,) not in gauges:
            gauges.append((wanted,))
        gauge[fill & (known == wanted)] = gauges.index((wanted,))
    return replace(graph, gauge=gauge, gauges=tuple(gauges))


def _reached(
    graph: TrackGraph, unknown: NDArray[np.bool_], foreign: NDArray[np.bool_], near_m: float
) -> NDArray[np.bool_]:
    """Nodes that can be reached from track of another gauge over track of unknown gauge."""
    beside: dict[int, list[tuple[int, float]]] = defaultdict(list)
    edges = np.flatnonzero(unknown)
    ends = zip(
        graph.tail[edges].tolist(), graph.head[edges].tolist(), graph.length_m[edges].tolist(), strict=True
    )
    for a, b, length in ends:
        beside[a].append((b, length))
        beside[b].append((a, length))
    start = np.unique(np.concatenate([graph.tail[foreign], graph.head[foreign]])).tolist()
    reached = np.zeros(graph.n_nodes, bool)
    heap = [(0.0, node) for node in start]
    heapq.heapify(heap)
    while heap:
        distance, node = heapq.heappop(heap)
        if reached[node]:
            continue
        reached[node] = True
        for onward, length in beside[node]:
            if not reached[onward] and distance + length <= near_m:
                heapq.heappush(heap, (distance + length, onward))
    return reached

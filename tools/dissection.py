"""Contraction order of a large network by METIS: smaller cuts than along a line, so that less is searched.

The order comes with the network file; nothing of this is needed to use it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pymetis

from route.network.contraction import neighbours
from route.network.turns import turn_graph

if TYPE_CHECKING:
    from route.network.model import RailNetwork

# METIS cuts by chance: of several tries the one is kept with which a query looks at the fewest arcs.
SEEDS = range(600, 612)
_OPTIONS = {"nseps": 10, "niter": 10, "ufactor": 300}


def dissected(network: RailNetwork) -> np.ndarray:
    """Contraction order of the turn graph of a network."""
    graph = turn_graph(network)
    one, other = neighbours(graph)
    start = np.searchsorted(one, np.arange(graph.n_vertices + 1))
    adjacency = pymetis.CSRAdjacency(start.astype(np.int32), other.astype(np.int32))
    tries = []
    for seed in SEEDS:
        order, _ = pymetis.nested_dissection(adjacency, options=pymetis.Options(seed=seed, **_OPTIONS))
        tries.append((search_space(np.array(order), one, other), seed, np.array(order, np.int32)))
        print(f"order {seed}: {tries[-1][0]:.0f} arcs upward of a vertex")
    return min(tries, key=lambda found: found[:2])[2]


def search_space(order: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    """Mean number of arcs upward of a vertex in the hierarchy that an order makes, shortcuts included."""
    n = len(order)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    upward = rank[one] < rank[other]
    low, high = rank[one][upward], rank[other][upward]
    by_low = np.argsort(low, kind="stable")
    start = np.searchsorted(low[by_low], np.arange(n + 1)).tolist()
    heads = high[by_low].tolist()
    above: list[set[int] | None] = [None] * n
    parent, degree = [-1] * n, [0] * n
    for v in range(n):
        mine = above[v] or set()
        above[v] = None
        mine.update(heads[start[v] : start[v + 1]])
        if not mine:
            continue
        degree[v] = len(mine)
        parent[v] = lowest = min(mine)
        mine.discard(lowest)
        # The neighbours of a vertex that is contracted become neighbours of each other: the lowest has them all.
        theirs = above[lowest] or set()
        more, fewer = (mine, theirs) if len(mine) > len(theirs) else (theirs, mine)
        more |= fewer
        above[lowest] = more
    space = [0] * n
    for v in range(n - 1, -1, -1):
        space[v] = degree[v] + (space[parent[v]] if parent[v] >= 0 else 0)
    return float(np.mean(space))

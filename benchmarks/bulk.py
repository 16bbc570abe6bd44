"""Measures `railroute batch` and `railroute matrix`: rows a second, pairs a second, memory. Prints; asserts nothing.

The pairs are of towns of 15,000 people and more, in three mixtures: neighbours (within 300 km), one country, and any two of
the world. A row counts whatever becomes of it.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from route.gazetteer import open_gazetteer

MIXTURES = ("near", "country", "world")


def towns(least: int = 15_000) -> dict[str, np.ndarray]:
    """Positions and countries of the towns that have a railway."""
    columns = open_gazetteer().store.columns
    keep = (columns["population"] >= least) & (columns["network"] > 0)
    return {
        "lat": columns["lat"][keep] / 1e5,
        "lon": columns["lon"][keep] / 1e5,
        "country": columns["country"][keep],
    }


def pairs(count: int, mixture: str, seed: int = 7) -> np.ndarray:
    """Rows of origin_lat, origin_lon, destination_lat, destination_lon."""
    rng = np.random.default_rng(seed)
    of = towns()
    lat, lon, country = of["lat"], of["lon"], of["country"]
    found: list[np.ndarray] = []
    have = 0
    while have < count:
        a, b = rng.integers(0, len(lat), (2, 4 * count))
        if mixture == "country":
            order = np.argsort(country, kind="stable")
            first, size = np.unique(country[order], return_index=True, return_counts=True)[1:]
            which = np.unique(country, return_inverse=True)[1][a]
            b = order[first[which] + rng.integers(0, size[which])]
        elif mixture == "near":
            order = np.lexsort((lon, np.round(lat / 2)))
            b = order[np.clip(np.argsort(order)[a] + rng.integers(-15, 16, len(a)), 0, len(lat) - 1)]
            close = np.hypot(lat[a] - lat[b], lon[a] - lon[b]) < 3
            a, b = a[close], b[close]
        found.append(np.column_stack([lat[a], lon[a], lat[b], lon[b]]))
        have += len(a)
    return np.concatenate(found)[:count]


def write(path: Path, rows: np.ndarray) -> None:
    """A table for `railroute batch`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "origin_lat", "origin_lon", "destination_lat", "destination_lon"])
        writer.writerows([i, *(f"{x:.4f}" for x in row)] for i, row in enumerate(rows.tolist()))


def measure(words: list[str]) -> tuple[float, float]:
    """Wall-clock seconds and peak memory in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "route", *words])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"railroute {' '.join(words)} ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--places", type=int, default=100, help="of the matrix")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--mixture", choices=MIXTURES, action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "pairs.csv"), Path(folder, "out.csv")
        for mixture in options.mixture or MIXTURES:
            write(source, pairs(options.rows, mixture))
            seconds, memory = measure(["batch", str(source), "-o", str(out), "--jobs", str(options.jobs)])
            with out.open(encoding="utf-8", newline="") as file:
                ok = sum(row["status"] == "ok" for row in csv.DictReader(file))
            print(
                f"batch {mixture:8} {options.rows:>10,} rows {seconds:8.1f} s {options.rows / seconds:>8,.0f} rows/s "
                f"{memory:6.0f} MB  {ok / options.rows:.0%} ok"
            )
        places, out = Path(folder, "places.csv"), Path(folder, "out.parquet")
        with places.open("w", encoding="utf-8") as file:
            file.write("lat,lon\n")
            file.writelines(
                f"{lat:.4f},{lon:.4f}\n" for lat, lon, *_ in pairs(options.places, "world").tolist()
            )
        seconds, memory = measure(["matrix", str(places), "-o", str(out), "--jobs", str(options.jobs)])
        count = options.places**2
        print(
            f"matrix         {count:>10,} pairs {seconds:7.1f} s {count / seconds:>8,.0f} pairs/s {memory:5.0f} MB"
        )


if __name__ == "__main__":
    main()

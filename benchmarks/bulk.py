"""Measures `railroute batch` and `railroute matrix`: rows a second, pairs a second, memory."""

from __future__ import annotations

import csv
import importlib.util
import tempfile
from pathlib import Path

import numpy as np
from report import Table, child, seconds

from route.gazetteer import open_gazetteer

ROWS = {"near": 100_000, "country": 50_000, "world": 20_000}
NAMED = 50_000
MANY = 1_000_000
PLACES = 300
MANY_PLACES = 1_000


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


def named(count: int, seed: int = 7) -> list[tuple[str, str]]:
    """Names of towns of 100,000 people and more, two of one country in each row."""
    rng = np.random.default_rng(seed)
    store = open_gazetteer().store
    columns = store.columns
    towns_ = np.flatnonzero((columns["population"] >= 100_000) & (columns["network"] > 0))
    country = columns["country"][towns_]
    order = np.argsort(country, kind="stable")
    first, inverse, size = np.unique(
        country[order], return_index=True, return_inverse=True, return_counts=True
    )[1:]
    a = rng.integers(0, len(towns_), count)
    b = first[inverse[a]] + rng.integers(0, size[inverse[a]])
    code = [store.words["codes"][c] for c in country[order].tolist()]
    name = [f"{store.name(t)}, {c}" for t, c in zip(towns_[order].tolist(), code, strict=True)]
    return [(name[i], name[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)]


def write(path: Path, rows: np.ndarray) -> None:
    """A table for `railroute batch`."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "origin_lat", "origin_lon", "destination_lat", "destination_lon"])
        writer.writerows([i, *(f"{x:.4f}" for x in row)] for i, row in enumerate(rows.tolist()))


def whole_commands() -> Table:
    """Rows and pairs a second of the commands, everything included, on one core."""
    fast = importlib.util.find_spec("numba") is not None
    made = Table(
        "Tables of pairs",
        "Whole commands in one process, start included; pairs of towns of 15,000 people and more by position: neighbours "
        "(within 300 km), of one country, any two of the world; and by name with the country, 5,500 towns of 100,000 people "
        "and more. A row has distance and band of times, with `--no-times` the distance alone, and counts whatever becomes "
        f"of it. {'With' if fast else 'Without'} `railroute[fast]`, but where it says without.",
        ("command", "rows", "time", "rows/s", "memory at most", "with a way"),
    )
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "pairs.csv"), Path(folder, "out.csv")

        def batch(name: str, rows: int, *options: str, **setting: str) -> None:
            took, memory, _ = child(
                ["-m", "route", "batch", str(source), "-o", str(out), *options], **setting
            )
            made.rows.append(_row(f"batch, {name}", rows, took, memory, f"{_with_a_way(out) / rows:.0%}"))

        for mixture, rows in ROWS.items():
            write(source, pairs(rows, mixture))
            batch(mixture, rows)
            if fast and mixture == "near":
                batch(f"{mixture}, without numba", rows, NUMBA_DISABLE_JIT="1")
        with source.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([("origin", "destination"), *named(NAMED)])
        batch("names", NAMED)
        write(source, pairs(MANY, "near"))
        batch("near", MANY)
        batch("near, --no-times", MANY, "--no-times")
        places, out = Path(folder, "places.csv"), Path(folder, "out.parquet")
        for count, options in ((PLACES, ()), (PLACES, ("--no-times",)), (MANY_PLACES, ("--no-times",))):
            ends = pairs(count, "world").tolist()
            lines = [f"{lat:.4f},{lon:.4f}" for lat, lon, *_ in ends]
            places.write_text("\n".join(["lat,lon", *lines, ""]), encoding="utf-8")
            took, memory, _ = child(["-m", "route", "matrix", str(places), "-o", str(out), *options])
            name = ", ".join([f"matrix, {count:,} x {count:,} of the world", *options])
            made.rows.append(_row(name, count**2, took, memory, "-"))
    return made


def _with_a_way(out: Path) -> int:
    with out.open(encoding="utf-8", newline="") as file:
        return sum(row["status"] == "ok" for row in csv.DictReader(file))


def _row(name: str, rows: int, took: float, memory: float, ok: str) -> tuple[str, ...]:
    return name, f"{rows:,}", seconds(took), f"{rows / took:,.0f}", f"{memory:.0f} MB", ok

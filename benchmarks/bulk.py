"""Measures `railroute batch` and `railroute matrix`: rows a second, pairs a second, memory."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
from report import Table, child, seconds

from route.gazetteer import open_gazetteer

ROWS = {"near": 100_000, "country": 50_000, "world": 20_000}
NAMED = 50_000
PLACES = 300


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
    made = Table(
        "Tables of pairs",
        "Whole commands in one process, start included; pairs of towns of 15,000 people and more by position: neighbours "
        "(within 300 km), of one country, any two of the world; and by name with the country, 5,500 towns of 100,000 people "
        "and more. A row has distance and band of times, and counts whatever "
        "becomes of it.",
        ("command", "rows", "time", "rows/s", "memory at most", "with a way"),
    )
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "pairs.csv"), Path(folder, "out.csv")
        for mixture, rows in ROWS.items():
            write(source, pairs(rows, mixture))
            took, memory, _ = child(["-m", "route", "batch", str(source), "-o", str(out)])
            made.rows.append(_row(f"batch, {mixture}", rows, took, memory, f"{_with_a_way(out) / rows:.0%}"))
        with source.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([("origin", "destination"), *named(NAMED)])
        took, memory, _ = child(["-m", "route", "batch", str(source), "-o", str(out)])
        made.rows.append(_row("batch, names", NAMED, took, memory, f"{_with_a_way(out) / NAMED:.0%}"))
        places, out = Path(folder, "places.csv"), Path(folder, "out.parquet")
        ends = pairs(PLACES, "world").tolist()
        lines = [f"{lat:.4f},{lon:.4f}" for lat, lon, *_ in ends]
        places.write_text("\n".join(["lat,lon", *lines, ""]), encoding="utf-8")
        took, memory, _ = child(["-m", "route", "matrix", str(places), "-o", str(out)])
        made.rows.append(_row(f"matrix, {PLACES} x {PLACES} of the world", PLACES**2, took, memory, "-"))
    return made


def _with_a_way(out: Path) -> int:
    with out.open(encoding="utf-8", newline="") as file:
        return sum(row["status"] == "ok" for row in csv.DictReader(file))


def _row(name: str, rows: int, took: float, memory: float, ok: str) -> tuple[str, ...]:
    return name, f"{rows:,}", seconds(took), f"{rows / took:,.0f}", f"{memory:.0f} MB", ok

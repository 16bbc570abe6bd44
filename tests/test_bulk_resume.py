"""Runs that are killed go on where they stopped, and end as one that was not."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

import route
from route.cli import main
from route.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "id,origin_lat,origin_lon,destination_lat,destination_lon"


def write_pairs(path: Path, count: int) -> None:
    """Pairs of points in Central Europe, some of them wrong."""
    rng = np.random.default_rng(11)
    at = np.column_stack([rng.uniform(47.5, 52.5, (count, 2)), rng.uniform(6.5, 14.0, (count, 2))])[
        :, [0, 2, 1, 3]
    ]
    lines = [f"{i}," + ",".join(f"{x:.4f}" for x in row) for i, row in enumerate(at)]
    lines[7] = "7,x,1,2,3"
    path.write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")


class Stopped(Exception):  # noqa: N818 - it stands for a kill
    """A run is ended."""


def stop_after(parts: int) -> object:
    """Progress that ends the run when so many parts are done."""
    calls = iter(range(10_000))

    def progress(_done: int, _count: int) -> None:
        if next(calls) == parts:
            raise Stopped

    return progress


@pytest.mark.parametrize(("ending", "jobs"), [("csv", (1, 2, 1)), ("parquet", (1,))])
def test_a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(
    ending: str, jobs: tuple[int, ...], tmp_path: Path
) -> None:
    source, out, whole = tmp_path / "in.csv", tmp_path / f"out.{ending}", tmp_path / f"whole.{ending}"
    write_pairs(source, 800)
    route.batch(source, whole, part_rows=40)
    rng = random.Random(3)  # noqa: S311
    partial = tmp_path / f"out.{ending}.partial"
    words = [sys.executable, "-m", "route", "batch", str(source), "-o", str(out), "--part-rows", "40"]
    kills = 0
    for count in jobs:
        before = len(list(partial.glob("part-*")))
        process = subprocess.Popen([*words, "--jobs", str(count)], stderr=subprocess.DEVNULL)
        wanted = before + rng.randint(1, 4)
        while process.poll() is None and len(list(partial.glob("part-*"))) < wanted:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.05))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        if process.returncode == -signal.SIGKILL:
            assert not out.exists()
    assert kills == len(jobs)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Going on where an earlier run stopped" in done.stderr
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["in.csv", out.name, whole.name])


def test_only_what_is_missing_is_done(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_pairs(source, 95)
    with pytest.raises(Stopped):
        route.batch(source, out, part_rows=10, progress=stop_after(4))
    partial = tmp_path / "out.csv.partial"
    kept = {p.name: p.stat().st_mtime_ns for p in partial.glob("part-*")}
    assert len(kept) == 4
    assert not out.exists()
    (partial / "part-0000002.csv").unlink()
    told: list[tuple[int, int]] = []
    route.batch(source, out, part_rows=10, progress=lambda done, count: told.append((done, count)))
    assert len(told) == 8  # where it stands, and seven parts
    assert told[-1] == (95, 95)
    route.batch(source, tmp_path / "whole.csv")
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.parametrize("change", ["input", "option", "part_rows"])
def test_another_input_or_option_starts_anew(change: str, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_pairs(source, 40)
    with pytest.raises(Stopped):
        route.batch(source, out, part_rows=10, progress=stop_after(2))
    options: dict[str, object] = {"part_rows": 10}
    if change == "input":
        source.write_text(source.read_text(encoding="utf-8").replace("\n39,", "\n40,"), encoding="utf-8")
    else:
        options.update({"train": "regional"} if change == "option" else {"part_rows": 7})
    notes: list[str] = []
    route.batch(source, out, note=notes.append, **options)
    assert len(notes) == 1
    assert "starting anew" in notes[0]
    options.pop("part_rows")
    route.batch(source, tmp_path / "whole.csv", **options)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_second_run_keeps_away_from_the_first(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_pairs(source, 30)

    def again(done: int, _count: int) -> None:
        if done == 10:
            with pytest.raises(InputError, match="Another railroute is at work"):
                route.batch(source, out, part_rows=10)

    route.batch(source, out, part_rows=10, progress=again)
    assert out.exists()


def test_a_matrix_goes_on_too(tmp_path: Path) -> None:
    places, out = tmp_path / "places.csv", tmp_path / "out.csv"
    places.write_text("name\nHamburg\nBerlin\nMunich\nZürich\nXyzzyqk\n", encoding="utf-8")
    with pytest.raises(Stopped):
        route.matrix(places, out=out, part_pairs=5, progress=stop_after(2))
    manifest = json.loads((tmp_path / "out.csv.partial" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["options"]["train"] == "passenger"
    assert main(["matrix", str(places), "-o", str(out), "--part-rows", "5"]) == 0
    route.matrix(places, out=tmp_path / "whole.csv")
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_several_processes_say_the_same_as_one(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_pairs(source, 300)
    route.batch(source, tmp_path / "one.csv", part_rows=60)
    assert (
        main(["batch", str(source), "-o", str(tmp_path / "two.csv"), "--jobs", "2", "--part-rows", "60"]) == 0
    )
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()

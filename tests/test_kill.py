"""Runs that are broken off at random moments: nothing half-written, nothing left behind, no traceback."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import building_samples as samples
import pytest

ROOT = Path(__file__).resolve().parent.parent
# `main` without arguments is what the command runs: only then are signals answered.
READY = "import sys, route.cli\nprint('ready', file=sys.stderr, flush=True)\nsys.exit(route.cli.main())"
COMMANDS = {
    "map": (["map", "Paris", "Lyon", "-o", "out.html"], "out.html", b"</html>"),
    "legs": (["legs", "Paris", "Lyon", "-o", "out.csv"], "out.csv", b"\n"),
    "build": (["network", "build", "good.osm", "-o", "out.railnet", "--quiet"], "out.railnet", b"PK"),
    "read": (["read", "article.txt", "-o", "out.toml"], "out.toml", b"\n"),
}

TABLES = {
    "batch": ["batch", "in.csv", "--jobs", "2", "--part-rows", "10"],
    "matrix": ["matrix", "in.csv", "--part-rows", "60"],
}

MOMENTS = int(os.environ.get("RAILROUTE_KILLS", "1"))


class Undisturbed(NamedTuple):
    """A run that was left to its end."""

    words: list[str]
    output: str
    lasts_s: float
    whole: bytes


pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def inputs(folder: Path) -> set[str]:
    """Write what the commands read; its names."""
    samples.double_track().xml(folder / "good.osm")
    (folder / "article.txt").write_text("The train left Kazan and reached Omsk.")
    return {"good.osm", "article.txt"}


def table(command: str, folder: Path) -> None:
    """Write what a command of tables reads: six parts of a batch, sixty of a matrix."""
    head = "lat,lon" if command == "matrix" else "origin_lat,origin_lon,destination_lat,destination_lon"
    end = "" if command == "matrix" else ",45.76,4.83"
    rows = (f"48.{n},2.{n}{end}" for n in range(20, 80))
    (folder / "in.csv").write_text("\n".join([head, *rows, ""]))


def start(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Process that has come to where the command begins."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("RAILROUTE_DEBUG", None)
    process = subprocess.Popen(
        [sys.executable, "-c", READY, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    return process


def finish(process: subprocess.Popen[bytes]) -> bytes:
    _, told = process.communicate(timeout=120)
    return told


@pytest.fixture(scope="module", params=COMMANDS)
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A run that nobody breaks off: how long it takes, and what it writes."""
    words, output, end = COMMANDS[request.param]
    folder = tmp_path_factory.mktemp("undisturbed")
    inputs(folder)
    process = start(words, folder)
    ready = time.monotonic()
    assert finish(process) == b""
    assert process.returncode == 0
    whole = (folder / output).read_bytes()
    assert end in whole[-4_000:] or whole.startswith(end)
    return Undisturbed(words, output, time.monotonic() - ready, whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_a_run_that_is_broken_off(undisturbed: Undisturbed, number: signal.Signals, tmp_path: Path) -> None:
    words, output, lasts, whole = undisturbed
    there = inputs(tmp_path)
    for _ in range(MOMENTS):
        (tmp_path / output).write_bytes(b"as it was")
        process = start(words, tmp_path)
        time.sleep(random.random() * lasts)  # noqa: S311 - any moment has to do
        process.send_signal(number)
        told = finish(process)
        left = {path.name for path in tmp_path.iterdir()} - there - {output}
        assert told.decode() == ""
        # A run that had ended but for its last few instructions may die of the signal itself.
        if number == signal.SIGKILL:
            assert process.returncode in (0, -9)
            assert all(name.startswith(".") and name.endswith(".part") for name in left)
        else:
            assert process.returncode in (0, 128 + number, -number)
            assert left == set()
        assert (tmp_path / output).read_bytes() in (b"as it was", whole)
    if number == signal.SIGKILL:  # what a killed run left behind is not in the way of the next
        process = start(words, tmp_path)
        assert finish(process) == b""
        assert (process.returncode, (tmp_path / output).read_bytes()) == (0, whole)


@pytest.fixture(scope="module", params=TABLES)
def undisturbed_table(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Undisturbed:
    """A table that nobody breaks off: what it was made from, how long it takes, and what it writes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    table(request.param, folder)
    words = [*TABLES[request.param], "-o", "out.csv"]
    process = start(words, folder)
    ready = time.monotonic()
    finish(process)
    assert process.returncode == 0
    return Undisturbed(words, "out.csv", time.monotonic() - ready, (folder / "out.csv").read_bytes())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_a_table_that_is_broken_off(
    undisturbed_table: Undisturbed, number: signal.Signals, tmp_path: Path
) -> None:
    """Nothing under the final name, no traceback, and the same command goes on to the same result."""
    words, output, lasts, whole = undisturbed_table
    table(words[0], tmp_path)
    out = tmp_path / output
    for _ in range(MOMENTS):
        out.write_bytes(b"as it was")
        process = start(words, tmp_path)
        time.sleep(random.random() * lasts)  # noqa: S311 - any moment has to do
        process.send_signal(number)
        told = finish(process)
        assert b"Traceback" not in told
        if "--jobs" not in words:  # what Python itself says of processes that were being started
            assert len(told.splitlines()) <= 1, told.decode()
        allowed = (0, -9) if number == signal.SIGKILL else (0, 128 + number, -number)
        assert process.returncode in allowed
        # A run that had ended but for its last few instructions may die of the signal itself.
        assert out.read_bytes() in (([b"as it was"] if process.returncode else []) + [whole])
        assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", output, f"{output}.partial"}
    if number != signal.SIGKILL:
        return
    process = start(words, tmp_path)
    finish(process)
    assert (process.returncode, out.read_bytes()) == (0, whole)
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", output}


def test_ignored_signals_stay_ignored(tmp_path: Path) -> None:
    """As under nohup, or in the background of a script."""
    process = subprocess.Popen(
        [
            "sh",
            "-c",
            f'trap \'\' INT TERM; exec "{sys.executable}" -c "$0" legs Paris Lyon -o out.csv',
            READY,
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    assert finish(process) == b""
    assert process.returncode == 0
    assert (tmp_path / "out.csv").stat().st_size > 0

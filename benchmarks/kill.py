"""Kills `railroute batch` with SIGKILL again and again and compares what comes out with an undisturbed run. Prints.

With --dask it is the workers of a Dask cluster on this machine that are killed, while the command goes on.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bulk import pairs, write


def runs_killed(
    command: list[str], out: Path, most: int, alone: float, rng: random.Random
) -> tuple[int, float]:
    """The command killed and given again until it ends by itself: how often, and seconds of all runs."""
    kills, seconds = 0, 0.0
    while not out.exists():
        start = time.perf_counter()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait = rng.uniform(0, 2 * alone / most) if kills < most else None
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            kills += 1
        status = process.wait()
        seconds += time.perf_counter() - start
        print(f"  ended with {status} after {time.perf_counter() - start:.1f} s", flush=True)
        if status not in (0, -signal.SIGKILL):
            raise SystemExit(f"railroute batch ended with {status}")
    return kills, seconds


def workers_killed(command: list[str], most: int, alone: float, rng: random.Random) -> tuple[int, float]:
    """Workers of a Dask cluster killed while the command runs once: how many, and its seconds."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
        kills, start = 0, time.perf_counter()
        process = subprocess.Popen([*command, "--dask", cluster.scheduler_address], stderr=subprocess.DEVNULL)
        while process.poll() is None:
            try:
                process.wait(rng.uniform(0, 2 * alone / most))
            except subprocess.TimeoutExpired:
                nanny = rng.choice(list(cluster.workers.values()))
                if kills < most and nanny.pid:
                    os.kill(nanny.pid, signal.SIGKILL)
                    kills += 1
                    print(
                        f"  worker {nanny.pid} killed after {time.perf_counter() - start:.1f} s", flush=True
                    )
        if process.returncode:
            raise SystemExit(f"railroute batch ended with {process.returncode}")
        return kills, time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--dask", action="store_true", help="kill the workers of a Dask cluster instead")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - when to kill is no secret
    with tempfile.TemporaryDirectory() as folder:
        source, out, whole = (Path(folder, name) for name in ("in.csv", "out.csv", "whole.csv"))
        write(source, pairs(options.rows, "near"))
        command = [sys.executable, "-m", "route", "batch", str(source), "--jobs", str(options.jobs), "-o"]
        start = time.perf_counter()
        subprocess.run([*command, str(whole)], check=True)
        alone = time.perf_counter() - start
        print(f"undisturbed: {options.rows:,} rows in {alone:.0f} s", flush=True)
        if options.dask:
            kills, seconds = workers_killed([*command, str(out)], options.kills, alone, rng)
        else:
            kills, seconds = runs_killed([*command, str(out)], out, options.kills, alone, rng)
        with out.open(encoding="utf-8", newline="") as file:
            ids = [row["id"] for row in csv.DictReader(file)]
        same = hashlib.sha256(out.read_bytes()).digest() == hashlib.sha256(whole.read_bytes()).digest()
        once = ids == [str(i) for i in range(options.rows)]
        print(
            f"killed {kills} times: {seconds:.0f} s in all; each row once and in order: {once}; "
            f"equal to the undisturbed run, byte for byte: {same}"
        )
        if not (once and same):
            raise SystemExit(1)


if __name__ == "__main__":
    main()

"""The same work on a Dask cluster: the same bytes, also where a worker is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

import route
from route.bulk import parts, workers
from route.bulk.answers import Options
from route.bulk.rows import engine
from route.cli import main
from route.errors import InputError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask and its servers warn of is not of this package

COLUMNS = ("id", "origin_lat", "origin_lon", "destination_lat", "destination_lon")
ROWS = [(i, 47.6 + i % 50 / 10, 7 + i % 60 / 10, 52.4 - i % 40 / 10, 13.4 - i % 30 / 10) for i in range(400)]
PAIRS = "\n".join([",".join(COLUMNS), *("{},{:.2f},{:.2f},{:.2f},{:.2f}".format(*row) for row in ROWS), ""])
CLUSTER = """\
import sys, distributed
if __name__ == "__main__":
    running = distributed.LocalCluster(n_workers=1, dashboard_address=None)
    print(running.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two workers on this machine with two threads each: the address of their scheduler."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None) as running:
        yield running.scheduler_address


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


def loads() -> tuple[int, int]:
    """Process, and how often it has loaded a network."""
    return os.getpid(), engine.cache_info().misses


def test_a_lost_worker_costs_time_only_and_each_loads_the_network_once(
    cluster: str, source: Path, tmp_path: Path
) -> None:
    from distributed import Client

    route.batch(source, tmp_path / "one.csv", part_rows=20)
    lost: list[int] = []

    def kill(done: int, _count: int) -> None:
        if done >= 60 and not lost:
            with Client(cluster, set_as_default=False) as client:
                lost.append(next(iter(client.run(os.getpid).values())))
            os.kill(lost[0], signal.SIGKILL)

    route.batch(source, tmp_path / "two.csv", part_rows=20, dask=cluster, progress=kill)
    assert lost
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    with Client(cluster, set_as_default=False) as client:
        found = dict(client.run(loads).values())
    assert lost[0] not in found
    assert max(found.values()) == 1


def test_partitions_come_back_as_partitions_with_the_same_bytes(cluster: str, tmp_path: Path) -> None:
    source = tmp_path / "pairs"
    source.mkdir()
    for name, rows in (("b", ROWS[:90]), ("a", ROWS[90:91]), ("c", [])):
        columns = list(zip(*rows, strict=True)) or [[]] * 5
        types = [pa.int64(), *[pa.float64()] * 4]
        table = pa.table({n: pa.array(c, t) for n, c, t in zip(COLUMNS, columns, types, strict=True)})
        parquet.write_table(table, source / f"{name}.parquet")
    words = ["batch", str(source), "--part-rows", "20", "-o"]
    assert main([*words, f"{tmp_path}/one/"]) == 0
    assert main([*words, f"{tmp_path}/two/", "--dask", cluster.removeprefix("tcp://")]) == 0
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert sorted(one) == ["a.parquet", "b.parquet", "c.parquet"]
    assert one == two


@pytest.mark.parametrize(
    "address",
    ["nonsense", "nonsense://x", "tcp://host", "tcp://:8786", "tcp://host:0", "tcp://host:99999", "tcp://host:x",
     "http://localhost:8787/status", "tcp://[::1", "tcp://host:8786/path"],
)  # fmt: skip
def test_what_is_no_address_is_told_before_anything_is_read(address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no address of a Dask scheduler"):
        route.batch(tmp_path / "none.csv", tmp_path / "out.csv", dask=address)


def test_certificates_that_are_missing_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(InputError, match="certificates"):
        list(workers.run([(len, ("abc",))], dask=f"tls://127.0.0.1:{server.getsockname()[1]}"))


@pytest.mark.parametrize("greeting", [b"SSH-2.0-x\r\n", b""], ids=["another server", "mute"])
def test_what_answers_and_is_no_scheduler_is_told(
    greeting: bytes, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.sendall(greeting)
                line.recv(1)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ServiceError, match="no Dask scheduler answers") as caught:
            route.batch(source, dask=f"tcp://127.0.0.1:{server.getsockname()[1]}")
    assert caught.value.exit_code == 5


def test_a_host_that_nobody_has_is_told(source: Path) -> None:
    with pytest.raises(ServiceError, match="no Dask scheduler answers there"):
        route.batch(source, dask="tcp://nobody.invalid:8786")


def test_a_scheduler_that_goes_away_is_told_and_the_run_goes_on_later(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    done: list[int] = []
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdout is not None

        def kill(rows: int, _count: int) -> None:
            done.append(rows)
            if rows >= 40:
                server.kill()

        address = server.stdout.readline().decode().strip()
        with pytest.raises(ServiceError, match="went away"):
            route.batch(source, tmp_path / "out.csv", part_rows=20, dask=address, progress=kill)
    assert 40 <= done[-1] < 400
    assert "Traceback" not in caplog.text
    assert not (tmp_path / "out.csv").exists()
    notes: list[str] = []
    route.batch(source, tmp_path / "out.csv", part_rows=20, note=notes.append)
    assert "Going on" in notes[0]
    route.batch(source, tmp_path / "whole.csv")
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_worker_of_another_version_or_network_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.railnet"
    mine.write_bytes(b"a network")
    digest = parts._digest(str(mine))
    task = (lambda options: options.train, (Options(network=str(mine)),))
    parts._here.cache_clear()
    assert parts._as_there((parts._made_by(), digest), *task) == "passenger"
    with pytest.raises(InputError, match="has railroute"):
        parts._as_there(("0.0.1", digest), *task)
    mine.write_bytes(b"a newer one")
    with pytest.raises(InputError, match="another network"):
        parts._as_there((parts._made_by(), parts._digest(str(mine))), *task)
    with pytest.raises(InputError, match="cannot read"):
        parts._as_there((parts._made_by(), digest), task[0], (Options(network=str(tmp_path / "none")),))
    parts._here.cache_clear()


def test_without_dask_the_way_to_install_it_is_told(source: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from route.cli import main\n"
        f"sys.exit(main(['batch', {str(source)!r}, '-o', {str(tmp_path / 'out.csv')!r}, '--dask']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'pip install "railroute[dask]"' in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]

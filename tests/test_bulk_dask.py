"""The same work on a Dask cluster: the same bytes, also where a worker is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import route
from route.bulk import workers
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask and its servers warn of is not of this package

ROWS = "".join(
    f"{i},{47.6 + i % 50 / 10:.2f},{7 + i % 60 / 10:.2f},{52.4 - i % 40 / 10:.2f},{13.4 - i % 30 / 10:.2f}\n"
    for i in range(400)
)
PAIRS = f"id,origin_lat,origin_lon,destination_lat,destination_lon\n{ROWS}"


@pytest.fixture
def cluster() -> Iterator[object]:
    """Two workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as running:
        yield running


def test_a_cluster_says_the_same_as_one_process_and_a_lost_worker_costs_time_only(
    cluster: object, tmp_path: Path
) -> None:
    from distributed import Client

    source = tmp_path / "in.csv"
    source.write_text(PAIRS, encoding="utf-8")
    route.batch(source, tmp_path / "one.csv", part_rows=20)
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    lost: list[int] = []

    def kill(done: int, _count: int) -> None:
        if done >= 60 and not lost:
            with Client(address, set_as_default=False) as client:
                pids = client.run(lambda: __import__("os").getpid())
                lost.append(next(iter(pids.values())))
                client.run(
                    lambda: __import__("os")._exit(9),
                    workers=[next(iter(pids))],
                    nanny=False,
                    on_error="ignore",
                )

    route.batch(source, tmp_path / "two.csv", part_rows=20, dask=address, progress=kill)
    assert lost
    assert (tmp_path / "two.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()


def test_a_cluster_that_does_not_answer_is_told() -> None:
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        list(workers.run([(len, ("abc",))], dask="nonsense://x"))


def test_without_dask_the_way_to_install_it_is_told(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(PAIRS, encoding="utf-8")
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from route.cli import main\n"
        f"sys.exit(main(['batch', {str(source)!r}, '-o', {str(tmp_path / 'out.csv')!r}, '--dask']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'pip install "railroute[dask]"' in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]

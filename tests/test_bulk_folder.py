"""Folders of Parquet files in and out: the same files with answers, whole or not there at all."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import dataset, parquet

import route
from route.bulk import output
from route.bulk.answers import ANSWERS
from route.bulk.tablefiles import ParquetSource
from route.cli import main
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIZES = {"b.parquet": 130, "a.parquet": 45, "empty.parquet": 0, "c.pq": 41}


def pairs(count: int, first: int = 0) -> pa.Table:
    """Pairs of points in Central Europe."""
    rng = np.random.default_rng(first + 5)
    columns = {
        "origin_lat": rng.uniform(47.5, 52.5, count),
        "origin_lon": rng.uniform(6.5, 14.0, count),
        "destination_lat": rng.uniform(47.5, 52.5, count),
        "destination_lon": rng.uniform(6.5, 14.0, count),
    }
    return pa.table({"id": pa.array(range(first, first + count), pa.int32()), **columns})


def partitions(folder: Path, sizes: dict[str, int] = SIZES) -> Path:
    folder.mkdir()
    first = 0
    for name, rows in sizes.items():
        parquet.write_table(pairs(rows, first), folder / name)
        first += rows
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of partitions."""
    return partitions(tmp_path_factory.mktemp("source") / "pairs")


@pytest.fixture(scope="module")
def whole(source: Path) -> dict[str, bytes]:
    """What an undisturbed run makes of it."""
    out = source.parent / "whole"
    assert route.batch(source, f"{out}/", part_rows=20) == out
    return content(out)


def test_each_partition_becomes_one_of_the_same_name_and_order(source: Path, whole: dict[str, bytes]) -> None:
    assert set(whole) == set(SIZES)
    for name in SIZES:
        given, made = (parquet.read_table(folder / name) for folder in (source, source.parent / "whole"))
        assert made.select(given.column_names).equals(given)
        assert tuple(made.column_names[-len(ANSWERS) :]) == ANSWERS
        assert None not in made["status"].to_pylist()
    assert not (source.parent / "whole.partial").exists()


def test_readers_of_folders_read_it_and_it_says_the_same_as_one_file(
    source: Path, whole: dict[str, bytes]
) -> None:
    del whole
    folder = source.parent / "whole"
    frame = pd.read_parquet(folder).sort_values("id", ignore_index=True)
    assert dataset.dataset(folder).count_rows() == sum(SIZES.values()) == len(frame)
    route.batch(source, source.parent / "one.parquet")
    one = pd.read_parquet(source.parent / "one.parquet").sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(frame, one)
    assert frame["id"].tolist() == list(range(sum(SIZES.values())))


@pytest.mark.filterwarnings("ignore")  # what Dask warns of is not of this package
def test_dask_reads_it(source: Path, whole: dict[str, bytes]) -> None:
    dask_frame = pytest.importorskip("dask.dataframe")
    del whole
    read = dask_frame.read_parquet(source.parent / "whole").compute(scheduler="synchronous")
    assert sorted(read["id"]) == list(range(sum(SIZES.values())))
    assert set(ANSWERS) < set(read.columns)


def test_several_processes_make_the_same_bytes(source: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    words = ["batch", str(source), "-o", f"{tmp_path}/new/out/", "--part-rows", "20", "--jobs", "2"]
    assert main(words) == 0
    assert content(tmp_path / "new" / "out") == whole


class Stopped(Exception):  # noqa: N818 - it stands for a kill
    """A run is ended."""


def stop_after(parts: int) -> Callable[[int, int], None]:
    calls = iter(range(10_000))

    def progress(_done: int, _count: int) -> None:
        if next(calls) == parts:
            raise Stopped

    return progress


@pytest.mark.parametrize("parts", [1, 3, 4, 9, 12])
def test_a_run_that_is_ended_goes_on_and_has_no_name_before_it_is_whole(
    parts: int, source: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stopped):
        route.batch(source, f"{out}/", part_rows=20, progress=stop_after(parts))
    assert not out.exists()
    told: list[int] = []
    route.batch(source, f"{out}/", part_rows=20, progress=lambda done, _: told.append(done))
    assert told[0] > 0
    assert content(out) == whole
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_run_that_is_killed_again_and_again_ends_as_an_undisturbed_one(
    source: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    words = [sys.executable, "-m", "route", "batch", str(source), "-o", f"{out}/", "--part-rows", "20"]
    rng = random.Random(5)  # noqa: S311

    def kept() -> int:
        return len(list(partial.glob("part-00*"))) + 5 * len(list(partial.glob("whole/*")))

    for _ in range(2):
        before = kept()
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        while process.poll() is None and kept() < before + 3:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not out.exists() or content(out) == whole
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert content(out) == whole
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


@pytest.mark.parametrize("at", ["moved aside", "renamed"])
def test_a_kill_while_the_folder_gets_its_name_loses_nothing(
    at: str, source: Path, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    route.batch(source, f"{out}/", part_rows=500)
    earlier = content(out)

    def killed(self: output.Output, done: Path, aside: Path) -> None:
        self.path.rename(aside)
        if at == "renamed":
            done.rename(self.path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(output.Output, "publish", killed)
        # As after SIGKILL, nothing is tidied up.
        patch.setattr(shutil, "rmtree", lambda *_args, **_options: None)
        with pytest.raises(KeyboardInterrupt):
            route.batch(source, out, part_rows=20)
    with pytest.raises(Stopped):
        route.batch(source, f"{out}/", part_rows=30, progress=stop_after(0))
    assert content(out) == (whole if at == "renamed" else earlier)
    route.batch(source, f"{out}/", part_rows=20)
    assert content(out) == whole
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208


def test_an_earlier_result_is_replaced_with_all_its_files(
    source: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    more = partitions(tmp_path / "more", {"x.parquet": 3, "b.parquet": 2})
    out = tmp_path / "out"
    out.mkdir(mode=0o750)
    (tmp_path / "link").symlink_to(out)
    route.batch(more, tmp_path / "link", part_rows=20)
    assert set(content(out)) == {"x.parquet", "b.parquet"}
    route.batch(source, tmp_path / "link", part_rows=20)
    assert content(out) == whole
    assert out.stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    "made", ["note", "hidden", "table", "folder", "not parquet", "input", "above", "below", "working folder"]
)
def test_a_folder_with_anything_else_is_left_as_it_is(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    source = partitions(tmp_path / "data" / "pairs", {"a.parquet": 1})
    out = {"input": source, "above": source.parent, "below": source / "out"}.get(made, tmp_path / "out")
    out.mkdir(exist_ok=True)
    if made == "note":
        (out / "thesis.txt").write_text("years of work", encoding="utf-8")
    elif made == "hidden":
        (out / ".git").mkdir()
    elif made == "table":
        parquet.write_table(pairs(1), out / "mine.parquet")
    elif made == "folder":
        (out / "sub").mkdir()
    elif made == "not parquet":
        (out / "mine.parquet").write_bytes(b"mine")
    elif made == "working folder":
        monkeypatch.chdir(out)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"Give a(nother|n? new or an empty|) folder"):
        route.batch(source, f"{out}/")
    assert sorted(tmp_path.rglob("*")) == before


def test_what_looks_like_parts_but_is_not_ours_is_left_as_it_is(tmp_path: Path) -> None:
    source = partitions(tmp_path / "out.partial", {"part-0.parquet": 2})
    with pytest.raises(InputError, match="is in the way"):
        route.batch(source, f"{tmp_path}/out/")
    assert (source / "part-0.parquet").exists()


def test_what_a_kill_leaves_half_written_among_the_parts_is_not_in_the_way(
    source: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(Stopped):
        route.batch(source, f"{tmp_path}/out/", part_rows=20, progress=stop_after(3))
    (tmp_path / "out.partial" / ".0123456789abcdef.part").write_bytes(b"PAR1 torn")
    route.batch(source, f"{tmp_path}/out/", part_rows=20)
    assert content(tmp_path / "out") == whole


def test_a_renamed_partition_starts_anew(tmp_path: Path) -> None:
    source = partitions(tmp_path / "pairs", {"a.parquet": 10, "b.parquet": 10})
    with pytest.raises(Stopped):
        route.batch(source, f"{tmp_path}/out/", part_rows=5, progress=stop_after(3))
    (source / "a.parquet").rename(source / "aa.parquet")
    notes: list[str] = []
    route.batch(source, f"{tmp_path}/out/", part_rows=5, note=notes.append)
    assert "starting anew" in notes[0]
    assert set(content(tmp_path / "out")) == {"aa.parquet", "b.parquet"}


def test_one_table_is_cut_into_numbered_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "PARTITION_ROWS", 40)
    table = pairs(100)
    frame = route.batch(table.to_pandas())
    names = [f"part-000000{i}.parquet" for i in range(3)]
    parquet.write_table(table, tmp_path / "in.parquet")
    for source in (tmp_path / "in.parquet", table.to_pandas()):
        out = route.batch(source, f"{tmp_path}/out/", part_rows=15)
        assert sorted(content(out)) == names
        assert [parquet.read_metadata(out / name).num_rows for name in names] == [40, 40, 20]
        pd.testing.assert_frame_equal(pd.read_parquet(out), frame, check_dtype=False)
    (tmp_path / "in.csv").write_text("origin,destination\n", encoding="utf-8")
    assert main(["batch", str(tmp_path / "in.csv"), "-o", f"{tmp_path}/out/"]) == 0
    assert len(pd.read_parquet(tmp_path / "out")) == 0
    assert list(content(tmp_path / "out")) == names[:1]


def test_a_matrix_is_cut_between_origins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "PARTITION_ROWS", 10)
    places = tmp_path / "places.csv"
    places.write_text("name\nHamburg\nBerlin\nMunich\nZürich\nXyzzyqk\n", encoding="utf-8")
    with pytest.raises(Stopped):
        route.matrix(places, out=f"{tmp_path}/out/", part_pairs=5, progress=stop_after(3))
    assert main(["matrix", str(places), "-o", f"{tmp_path}/out/", "--part-rows", "5"]) == 0
    rows = [parquet.read_table(tmp_path / "out" / f"part-000000{i}.parquet") for i in range(3)]
    assert [table.num_rows for table in rows] == [10, 10, 5]
    frame = route.matrix(places)
    assert isinstance(frame, pd.DataFrame)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out"), frame, check_dtype=False)


def test_only_what_readers_of_folders_see_is_read(tmp_path: Path) -> None:
    source = partitions(tmp_path / "pairs", {"a.parquet": 2, "_metadata.parquet": 3, "._a.parquet": 4})
    assert ParquetSource(source).count == 2
    (source / "country=DE").mkdir()
    parquet.write_table(pairs(2), source / "country=DE" / "part-0.parquet")
    with pytest.raises(InputError, match=r"in a folder below, country=DE"):
        ParquetSource(source)


def test_each_partition_keeps_its_own_metadata(tmp_path: Path) -> None:
    source = tmp_path / "pairs"
    source.mkdir()
    for name, first in (("a", 0), ("b", 100)):
        frame = pairs(3, first).to_pandas()
        frame.index = pd.RangeIndex(first, first + 3)
        frame.to_parquet(source / f"{name}.parquet")
    out = route.batch(source, f"{tmp_path}/out/")
    assert isinstance(out, type(tmp_path))
    assert pd.read_parquet(out / "b.parquet").index.tolist() == [100, 101, 102]

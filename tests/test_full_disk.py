"""Disks that are really full, and folders that are really mounted read-only: where mounting is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import building_samples as samples
import pytest
from geocoding_service import KHASAN, Service, answer
from test_bad_input import GOOD

from route import cli
from route.network.contraction import contract
from route.network.store import write_network

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SMALL = ("--network", "@small.railnet")
JOURNEY = ("47,9", "47,9.05", *SMALL)
OLD = b"as it was before"
ROOM = 4096  # what a tmpfs counts in


class Writes(NamedTuple):
    """A command that writes a file; `@` is the folder of its inputs, `#` the disk."""

    words: tuple[str, ...]
    name: str


LEGS = [Writes(("legs", *JOURNEY, "--depart", "2019-04-24T05:00", "-o", f"#out.{end}"), f"out.{end}")
        for end in ("txt", "json", "csv", "geojson", "gpx", "kml", "ics", "parquet")]  # fmt: skip
MAPS = [
    Writes(("map", *JOURNEY, *more, "-o", f"#out.{end}"), f"out.{end}")
    for end, more in (("html", ()), ("html", ("--embed",)), ("png", ()), ("svg", ()), ("pdf", ()))
]
OTHERS = [
    *(Writes(("geocode", "47,9", "-o", f"#out.{end}"), f"out.{end}") for end in ("json", "geojson")),
    Writes(("check", "@good.toml", *SMALL, "-o", "#out.json"), "out.json"),
    *(Writes(("read", "@article.txt", "-o", f"#out.{end}"), f"out.{end}") for end in ("json", "toml")),
    Writes(("network", "build", "@good.osm", "-o", "#out.railnet", "--quiet"), "out.railnet"),
]
MANY = [
    Writes((command, f"@{command}.csv", *SMALL, "-o", f"#out.{end}", "--part-rows", "500"), f"out.{end}")
    for command in ("batch", "matrix")
    for end in ("csv", "parquet")
]
COMMANDS = [*LEGS, *MAPS, *OTHERS, *MANY]


def mount(folder: Path, *options: str) -> None:
    """Mount a disk of one megabyte in memory there; skip the test where that is not allowed."""
    mounting = shutil.which("mount")
    if mounting is None or sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs Linux and root")
    words = [mounting, "-t", "tmpfs", "-o", ",".join(("size=1m", *options)), "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("disk")
    mount(folder)
    yield folder
    unmount(folder)


@pytest.fixture
def disk(small_disk: Path) -> Path:
    for path in small_disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return small_disk


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    graph = samples.graph([(-2_000, 0), (900, 0), (4_500, 500), (900, 3_000)], [(0, 1), (1, 2), (1, 3)])
    write_network(contract(graph, name="small", attribution=("nobody",)), folder / "small.railnet")
    samples.double_track().xml(folder / "good.osm")
    (folder / "good.toml").write_text(GOOD.replace("Paris", "47,9").replace("Lyon", "47,9.05"))
    (folder / "article.txt").write_text("The train left Kazan and reached Omsk.")
    ends = "".join(f"47.0,9.0,47.0,9.0{n % 10}\n" for n in range(2_000))
    (folder / "batch.csv").write_text(f"origin_lat,origin_lon,destination_lat,destination_lon\n{ends}")
    (folder / "matrix.csv").write_text("lat,lon\n" + "".join(f"47.0,9.0{n}\n" for n in range(40)))
    return folder


def fill(disk: Path, room: int) -> None:
    """Leave so many bytes free."""
    free = os.statvfs(disk)
    (disk / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize - room))


def run(command: Writes, inputs: Path, disk: Path) -> int:
    return cli.main([w.replace("@", f"{inputs}/", 1).replace("#", f"{disk}/", 1) for w in command.words])


def ids(command: Writes) -> str:
    return " ".join((command.words[0], command.name, *(w for w in command.words if w == "--embed")))


@pytest.mark.parametrize("room", [0, ROOM], ids=["no-room", "some-room"])
@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_a_full_disk(
    command: Writes, room: int, inputs: Path, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = disk / command.name
    out.write_bytes(OLD)
    fill(disk, room)
    code = run(command, inputs, disk)
    told = capsys.readouterr()
    if code == 0:  # what is small enough for the room there is
        assert room
        assert out.stat().st_size <= room
        return
    assert code == 2, told.err
    assert told.out == ""
    assert told.err.startswith("railroute: Cannot write")
    assert "no space left on device" in told.err.casefold()
    assert len(told.err.splitlines()) == 1
    assert out.read_bytes() == OLD
    # The parts of a long run are kept, so that it goes on when there is room.
    kept = {f"{command.name}.partial"} if command in MANY else set()
    assert {path.name for path in disk.iterdir()} - kept == {command.name, "filler"}
    (disk / "filler").unlink()
    assert run(command, inputs, disk) == 0
    assert out.read_bytes() != OLD
    assert {path.name for path in disk.iterdir()} == {command.name}


@pytest.mark.parametrize("room", [16 * ROOM, 24 * ROOM, 40 * ROOM, 64 * ROOM])
@pytest.mark.parametrize("command", MANY, ids=ids)
def test_a_disk_that_fills_up_during_a_long_run(
    command: Writes, room: int, inputs: Path, disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, inputs, tmp_path) == 0
    (disk / command.name).write_bytes(OLD)
    fill(disk, room)
    code = run(command, inputs, disk)
    told = capsys.readouterr().err
    if code:
        assert code == 2
        assert len(told.splitlines()) == 1
        assert "no space left on device" in told.casefold()
        assert (disk / command.name).read_bytes() == OLD
        (disk / "filler").unlink()
        assert run(command, inputs, disk) == 0
        assert "Going on where an earlier run stopped" in capsys.readouterr().err
    assert (disk / command.name).read_bytes() == (tmp_path / command.name).read_bytes()
    assert not (disk / f"{command.name}.partial").exists()


@pytest.fixture(params=["file", "no-file"])
def read_only(disk: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    if request.param == "file":
        for command in COMMANDS:
            (disk / command.name).write_bytes(OLD)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield disk
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@pytest.mark.parametrize("command", [LEGS[2], LEGS[-1], MAPS[0], MAPS[2], *OTHERS, *MANY], ids=ids)
def test_a_disk_that_is_read_only(
    command: Writes, inputs: Path, read_only: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in read_only.iterdir()}
    assert run(command, inputs, read_only) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("railroute: Cannot write")
    assert "read-only" in told.err.casefold()
    assert len(told.err.splitlines()) == 1
    assert {path.name: path.read_bytes() for path in read_only.iterdir()} == before


def test_answers_are_found_where_they_cannot_be_remembered(
    disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    fill(disk, 0)
    service = Service()
    try:
        service.answers = [answer(KHASAN)]
        code = cli.main(
            ["geocode", "Khasanovo-Tovarnaya", "--online", "--geocoder-option", f"domain={service.domain}",
             "--geocoder-option", "scheme=http", "--cache", str(disk / "cache"), "--format", "json",
             "--user-agent", "Example Times graphics, maps@times.example"]
        )  # fmt: skip
    finally:
        service.close()
    told = capsys.readouterr()
    assert (code, told.err) == (0, "")
    assert '"source": "nominatim"' in told.out
    assert not [path for path in disk.rglob("*") if path.is_file() and path.name != "filler"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "words",
    [
        ("legs", *JOURNEY),
        ("geocode", "47,9"),
        ("read", "@article.txt"),
        ("network", "info", "@small.railnet"),
        ("map", *JOURNEY),
        ("--help",),
        ("--version",),
        (),
        ("legs", "--help"),
    ],
    ids=" ".join,
)
def test_a_full_disk_behind_standard_output(words: tuple[str, ...], inputs: Path, tmp_path: Path) -> None:
    for unbuffered in ("", "1"):
        with Path("/dev/full").open("wb") as full:
            ended = subprocess.run(
                [sys.executable, "-m", "route", *(w.replace("@", f"{inputs}/", 1) for w in words)],
                stdout=full,
                stderr=subprocess.PIPE,
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered},
                check=False,
                text=True,
            )
        assert ended.returncode == 2, ended.stderr
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert "Cannot write to standard output" in ended.stderr

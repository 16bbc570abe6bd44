"""Input at its limits that must work, and surroundings that fail: full disks, closed streams, shared caches."""

from __future__ import annotations

import cProfile
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import building_samples as samples
import pytest
from test_bad_input import GOOD, HEAD, JOURNEY
from test_geocoding_online import KHASAN, Service, answer

from route import cli
from route.geocoding import OnlineGeocoder, OnlineSettings
from route.network.contraction import contract
from route.network.store import write_network

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="a matter of POSIX")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RAILROUTE_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(here: Path) -> Path:
    graph = samples.graph([(0, 0), (900, 0), (2000, 500), (900, 3000)], [(0, 1), (1, 2), (1, 3)])
    write_network(contract(graph, name="small", attribution=("nobody",)), here / "small.railnet")
    return here / "small.railnet"


def process(*words: str, before: str = "", **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own, in which something is done before."""
    code = f"import sys\nimport route.cli\n{before}\nsys.exit(route.cli.main())"
    environment = {name: value for name, value in os.environ.items() if name != "RAILROUTE_DEBUG"}
    environment |= {"PYTHONPATH": str(ROOT)} | options.pop("env", {})
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        stderr=subprocess.PIPE,
        stdout=options.pop("stdout", subprocess.PIPE),
        env=environment,
        timeout=120,
        **options,
    )


def refused(told: subprocess.CompletedProcess[bytes], *says: bytes) -> None:
    assert told.returncode == 2, told.stderr.decode()
    assert not told.stdout
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith(b"railroute: ")
    assert all(words in told.stderr for words in says), told.stderr.decode()


# --- At the limits


@pytest.mark.parametrize(
    "words", [["Paris", "Paris"], ["48.85,2.35", "48.85,2.35"], ["Paris", "Lyon", "Lyon"]]
)
def test_the_same_place_twice_is_no_distance(
    words: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["legs", *words, "--format", "json"]) == 0
    leg = json.loads(capsys.readouterr().out)["legs"][-1]
    assert (leg["distance_km"], leg["geodesic_km"]) == (0, 0)
    assert leg["duration_h"]["p50"] == 0


def test_work_grows_with_the_places_and_no_faster(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counted in calls, which are the same on every machine, however busy it is."""

    def calls(count: int) -> int:
        with cProfile.Profile() as profile:
            words = [
                "legs",
                *["Paris", "Lyon"] * (count // 2),
                "--depart",
                "2019-04-24T05:00",
                "--format",
                "json",
            ]
            assert cli.main(words) == 0
        legs = json.loads(capsys.readouterr().out)["legs"]
        assert len(legs) == count - 1
        assert legs[0]["distance_km"] == pytest.approx(legs[-1]["distance_km"], rel=0.01)
        return sum(entry.callcount for entry in profile.getstats())

    calls(2)  # what is read and kept for the whole process
    few, many = calls(50), calls(200)
    assert few > 100_000
    assert many < 5 * few


@pytest.mark.parametrize("words", [["Paris", "Lyon"], ["47,9", "47,9.01", "--network", "small.railnet"]])
def test_more_alternatives_than_there_are(
    words: list[str], here: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["legs", *words, "--alternatives", "99999999999", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["distance_km"] > 0


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_marks_and_line_ends_make_no_difference(
    mark: bytes, end: str, here: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def put(name: str, text: str, lead: bytes) -> str:
        (here / name).write_bytes(lead + text.replace("\n", end).encode())
        return name

    assert cli.main(["check", put("a.toml", GOOD, mark), "--format", "json"]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert pair["available_h"] == 8.0
    journeys = put("a.csv", HEAD + JOURNEY, mark)
    assert cli.main(["network", "validate", str(small), "--journeys", journeys]) == 0
    assert "journeys, all: 1, routed 100.0%" in capsys.readouterr().out
    source = samples.double_track().overpass(here / "b.json").read_text(encoding="utf-8")
    for name, text in (("a.osm", samples.double_track().xml(here / "b.osm").read_text()), ("a.json", source)):
        put(name, text, mark)
        assert cli.main(["network", "build", name, "-o", f"{name}.railnet", "--quiet"]) == 0
        assert "Valley line" not in capsys.readouterr().err


def test_a_network_across_the_antimeridian(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = {
        "type": "LineString",
        "coordinates": [[179.5, 65.0], [179.99, 65.0], [-179.99, 65.0], [-179.5, 65.0]],
    }
    feature = {"type": "Feature", "properties": {"railway": "rail"}, "geometry": line}
    (here / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert cli.main(["network", "build", "a.geojson", "-o", "a.railnet", "--quiet"]) == 0
    capsys.readouterr()
    words = ["legs", "65,179.6", "65,180", "65,-179.6", "--network", "a.railnet", "--format", "json"]
    assert cli.main(words) == 0
    legs = json.loads(capsys.readouterr().out)["legs"]
    # 0.4 degrees on the parallel of 65° N.
    assert [leg["distance_km"] for leg in legs] == pytest.approx([18.9, 18.9], abs=0.1)


# --- A disk that fills up, a folder that cannot be written


@POSIX
@pytest.mark.parametrize(
    "words",
    [
        ["legs", "Paris", "Lyon", "-o", "legs.geojson"],
        ["map", "Paris", "Lyon", "-o", "map.html"],
        ["geocode", "Paris", "-o", "paris.json"],
        ["check", "good.toml", "-o", "check.json"],
        ["network", "build", "good.osm", "-o", "good.railnet", "--quiet"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_file_that_cannot_be_finished_is_not_begun(words: list[str], here: Path) -> None:
    (here / "good.toml").write_text(GOOD)
    samples.double_track().xml(here / "good.osm")
    (here / words[words.index("-o") + 1]).write_text("as it was")
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    # No file may grow beyond 200 bytes: the write breaks off in the middle, as on a full disk.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))"
    refused(process(*words, before=limit, cwd=here), b"Cannot write", b"ile too large")
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


@POSIX
def test_a_read_only_folder(here: Path, small: Path) -> None:
    (here / "closed").mkdir()
    (here / "closed").chmod(0o555)
    # The administrator may write anywhere: take the rights of nobody, once all has been imported.
    lose = (
        "import os, pathlib, route.planner, route.exports.tabular, route.exports, route.routing, pyarrow.ipc\n"
        "import pyproj; pyproj.Geod(ellps='WGS84')\n"
        "cwd = os.open('.', os.O_RDONLY)\n"
        "if os.geteuid() == 0: os.seteuid(65534)"
    )
    here.chmod(0o755)
    words = ["geocode", "48.85,2.35", "--format", "json", "-o", str(here / "closed" / "a.json")]
    told = process(*words, before=lose, cwd="/")
    assert told.returncode == 2, told.stderr.decode()
    assert b"ermission denied" in told.stderr
    assert b"Traceback" not in told.stderr
    assert list((here / "closed").iterdir()) == []


@POSIX
@pytest.mark.parametrize("closed", ["stdout", "stderr", "stdin", "all"])
def test_closed_streams(closed: str, here: Path) -> None:
    numbers = {"stdin": [0], "stdout": [1], "stderr": [2], "all": [0, 1, 2]}[closed]
    shut = " ".join(f"{n}{'<' if n == 0 else '>'}&-" for n in numbers)
    told = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m route legs 48.85,2.35 48.86,2.36 {shut}'],
        capture_output=True,
        cwd=ROOT,
        timeout=120,
    )
    assert b"Traceback" not in told.stderr
    assert told.returncode == (2 if 1 in numbers else 0), told.stderr.decode()
    assert bool(told.stdout) == (1 not in numbers)


@POSIX
def test_an_environment_without_anything(here: Path) -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from route.cli import main; sys.exit(main())",
            "legs",
            "평양",
            "하산",
        ],
        capture_output=True,
        env={"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "LC_ALL": "C", "TERM": ""},
        cwd=here,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr.decode()
    assert told.stderr == b""
    assert "rail" in told.stdout.decode()
    assert list(here.iterdir()) == []


# --- The cache of answers


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Service()
    yield running
    running.close()


def asking(service: Service, folder: Path) -> OnlineGeocoder:
    options = {"domain": service.domain, "scheme": "http"}
    settings = OnlineSettings(options=options, cache=folder, timeout_s=20.0, user_agent="tests of railroute")
    return OnlineGeocoder(settings, sleep=lambda _: None)


ENTRY = {"name": "x", "lat": 1, "lon": 1, "country": None, "kind": "point", "names": {}, "importance": 0.3}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\x00" * 100,
        b"\xff\xfe{}",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"entries": 3, "asked": 0}',
        b'{"entries": [], "asked": "x"}',
        b'{"entries": [], "asked": 1e999}',
        b'{"entries": [], "asked": NaN}',
        b'{"entries": [], "asked": 1' + b"0" * 400 + b"}",
        json.dumps({"entries": [ENTRY | {"lat": 99}], "asked": 2e9}).encode(),
        json.dumps({"entries": [ENTRY | {"lat": float("nan")}], "asked": 2e9}).encode(),
        json.dumps({"entries": [ENTRY | {"names": 3}], "asked": 2e9}).encode(),
        json.dumps({"entries": [{"name": "x"}], "asked": 2e9}).encode(),
    ],
    ids=range(16),
)
def test_a_damaged_cache_is_written_anew(damage: bytes, service: Service, here: Path) -> None:
    service.answers = [answer(KHASAN)] * 2
    known = asking(service, here).search("Khasan")
    (file,) = here.iterdir()
    whole = json.loads(file.read_bytes())
    file.write_bytes(damage)
    assert asking(service, here).search("Khasan") == known
    again = json.loads(file.read_bytes())
    assert again["entries"] == whole["entries"]
    assert [path.name for path in here.iterdir()] == [file.name]


def test_the_cache_is_shared(service: Service, here: Path) -> None:
    service.answers = [answer(KHASAN)] * 1_000
    seen: list[tuple[object, ...]] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                seen.append(asking(service, here).search("Khasan"))
                # Another one asks at once, finds half a file, none, or a whole one.
                for file in here.glob("*.json"):
                    file.unlink(missing_ok=True)
        except BaseException as error:  # noqa: BLE001 - told by the test, which the thread is not
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(seen) == 80
    assert len(set(seen)) == 1
    assert not list(here.glob(".*"))


@pytest.mark.parametrize("folder", ["a-file", "a-file/below", "x" * 300], ids=["file", "below", "long"])
def test_a_cache_that_cannot_be_written(folder: str, service: Service, here: Path) -> None:
    (here / "a-file").write_text("in the way")
    service.answers = [answer(KHASAN)] * 2
    first = asking(service, here / folder).search("Khasan")
    assert len(first) == 1
    assert asking(service, here / folder).search("Khasan") == first
    assert len(service.requests) == 2

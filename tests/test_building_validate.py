"""``railroute network``: what is printed, and what a wrong argument gives."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import building_samples as samples
import numpy as np
import pytest

from route.accuracy import Journey, Measured, measure, read_journeys
from route.building.build import build_network
from route.building.validate import examine
from route.cli_network import run
from route.errors import InputError, NetworkFileError
from route.network.contraction import contract
from route.network.store import write_network
from route.network.tracks import SOURCES
from route.places import Place

if TYPE_CHECKING:
    from pathlib import Path


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def ask(*words: str) -> str:
    """Output of a sub-command."""
    text: list[str] = []
    run(words, lambda name, about: Parser(prog=name, description=about), text.append)
    return "".join(text)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    ask(
        "build",
        str(samples.double_track().overpass(tmp_path / "valley.json")),
        "-o",
        str(tmp_path / "net"),
        "--quiet",
    )
    return tmp_path / "net"


def test_build_says_what_it_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = samples.double_track().overpass(tmp_path / "valley.json")
    said = ask("build", str(source), "-o", str(tmp_path / "net"), "--name", "Valley", "--attribution", "us")
    assert "Valley" in said
    assert "CH 5.9 km" in said
    assert "1435 5.9 km" in said
    # Progress goes to standard error, results to the writer.
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "reading valley.json" in printed.err


def test_info(net: Path) -> None:
    rows = dict(line.split(maxsplit=1) for line in ask("info", str(net)).splitlines())
    assert rows["name"] == "valley"
    assert rows["edges"] == "3"
    assert rows["lines"] == "2"
    assert rows["stations"] == "3"
    assert rows["data"] == "OpenStreetMap contributors (ODbL)"


def test_info_of_the_world() -> None:
    assert "World" in ask("info")


def test_validate(net: Path) -> None:
    said = ask("validate", str(net))
    assert "components 1; the largest has 100.0% of the length" in said
    assert "loose ends 3" in said
    assert "gauge 100.0%" in said
    assert "added to the map: nothing" in said


def test_validate_with_journeys(net: Path, tmp_path: Path) -> None:
    journeys = tmp_path / "journeys.csv"
    journeys.write_text(
        "id,origin,origin_lat,origin_lon,destination,dest_lat,dest_lon,via,rail_km,confidence\n"
        "A,Westham,47.0,9.0,Eastham,47.0,9.0526,,4.0,high\n"
        "B,Westham,47.0,9.0,Hilltop,47.009,9.046,Eastham,9.9,low\n"
        "C,Westham,47.0,9.0,Paris,48.88,2.36,,,high\n",
        encoding="utf-8",
    )
    said = ask("validate", str(net), "--journeys", str(journeys))
    assert "high and medium confidence: 1, routed 100.0%, within 2 % 100.0%" in said
    assert "journeys without a railway: 1, refused 1" in said
    assert "B Westham - Hilltop" in said
    assert "A Westham - Eastham" not in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,origin\n1,A\n", "no column 'origin_lat'"),
        (
            "id,origin,origin_lat,origin_lon,destination,dest_lat,dest_lon,rail_km\nA,x,a,1,y,1,1,5\n",
            "line 2",
        ),
        ("id,origin,origin_lat,origin_lon,destination,dest_lat,dest_lon,rail_km\n", "no journeys"),
    ],
)
def test_a_list_of_journeys_that_cannot_be_read(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "j.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_journeys(path)
    with pytest.raises(InputError, match="Cannot read"):
        read_journeys(tmp_path / "none.csv")


def test_a_journey_measured(net: Path) -> None:
    a, b = Place(name="a", lat=47.0, lon=9.0), Place(name="b", lat=47.0, lon=9.0526)
    journey = Journey(id="1", origin=a, destination=b, via=(), rail_km=5.0, confidence="high")
    (found,) = measure([journey], net)
    assert found.km == pytest.approx(4.0, abs=0.03)
    assert found.error == pytest.approx(-0.2, abs=0.01)
    assert Measured(journey=replace(journey, rail_km=None), km=3.0).error is None


def test_joins_are_counted_by_kind_and_length() -> None:
    points = [(0, 0), (1000, 0), (1300, 0), (9000, 0), (0, 9000), (500, 9000)]
    graph = samples.graph(points, [(0, 1), (1, 2), (2, 3), (4, 5)])
    source = np.array([SOURCES.index(s) for s in ("osm", "join", "link", "osm")], np.uint8)
    found = examine(contract(replace(graph, source=source), name="", attribution=()))
    assert [(j.source, j.up_to_km, j.count, round(j.km, 1)) for j in found.joins] == [
        ("join", 0.5, 1, 0.3),
        ("link", 15.0, 1, 7.7),
    ]
    assert [round(km, 1) for km in found.components] == [9.0, 0.5]
    assert found.loose_ends == 4
    assert found.known == {"speed": 0, "gauge": 0, "electrification": 0, "line": 0, "country": 0}
    assert found.by_country == {"unknown": pytest.approx(9.5)}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mend"], "no command network mend.*build, info, validate, download"),
        (["build", "x"], "-o"),
        (["build", "x.osm.pbf", "-o", "net"], "no file x.osm.pbf"),
        (["build", "x", "-o", "net", "--also", "maglev"], "maglev"),
        (["info", "nothing"], "no network file"),
        (["validate", "nothing"], "no network file"),
        (["download", "europe/x", "--max-size", "0"], "--max-size"),
        (["download", "../x"], "no name of a region"),
    ],
)
def test_what_cannot_be_done(words: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        ask(*words)


def test_the_overview() -> None:
    assert all(
        word in ask() for word in ("build SOURCE", "info [FILE]", "validate [FILE]", "download REGION")
    )
    assert ask("--help") == ask()


def test_a_folder_is_no_network(net: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a folder"):
        build_network(tmp_path / "valley.json", tmp_path)
    with pytest.raises(NetworkFileError):
        ask("info", str(tmp_path))


def test_a_network_that_cannot_be_read_back_is_not_put_in_place(
    net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from route.building import build

    def torn(network: object, path: Path, **options: object) -> None:
        write_network(network, path)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes()[:-200])

    before = net.read_bytes()
    monkeypatch.setattr(build, "write_network", torn)
    with pytest.raises(NetworkFileError, match="damaged"):
        build_network(tmp_path / "valley.json", net)
    assert net.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net", "valley.json"]

"""`railroute map` and `legs` of itinerary files, several journeys, alternatives and the piece for an article."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

import route
from route import cli
from route.errors import InputError
from route.webmap import Shown, build_comparison

if TYPE_CHECKING:
    from pathlib import Path

PLACES = """title = "Only places"
[[sighting]]
place = "Khasan"
[[sighting]]
place = "Vladivostok"
"""


@pytest.fixture(scope="module")
def kim():
    return route.check("kim-2019")


def payload(page: str) -> dict:
    return json.loads(re.search(r'id="railroute-data">(.*?)</script>', page, re.DOTALL)[1])


def test_map_of_a_file_shows_the_journey_and_its_verdict(tmp_path: Path, capsys) -> None:
    target = tmp_path / "kim.html"
    assert cli.main(["map", "kim-2019", "-o", str(target)]) == 0
    page = target.read_text(encoding="utf-8")
    told = capsys.readouterr().out
    assert "does not fit as reported" in told
    assert f"Map: {target}" in told
    assert '<div class="verdict does_not_fit">' in page
    assert len(page.encode()) <= 500_000
    (journey,) = payload(page)["journeys"]
    assert [sighting["event"] for sighting in journey["sightings"]] == ["departure", "arrival", "seen"]
    assert [sighting["doubted"] for sighting in journey["sightings"]] == [True, True, False]
    assert journey["sightings"][0]["wording"] == "ved daggry onsdag"
    # It leaves at the first light of dawn.
    assert journey["sightings"][0]["from"] == journey["offset"] == 0


def test_map_of_places_alone_has_no_verdict(tmp_path: Path, capsys) -> None:
    source, target = tmp_path / "places.toml", tmp_path / "places.html"
    source.write_text(PLACES, encoding="utf-8")
    assert cli.main(["map", str(source), "-o", str(target)]) == 0
    assert "fit" not in capsys.readouterr().out
    page = target.read_text(encoding="utf-8")
    assert 'class="verdict' not in page
    assert payload(page)["journeys"][0]["sightings"] == []
    assert payload(page)["start"] is None


def test_legs_of_a_file(tmp_path: Path, capsys) -> None:
    assert cli.main(["legs", "kim-2019-reports", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [place["name"] for place in told["places"]] == ["Khasan", "Vladivostok"]
    # The departure that was reported, not the arrival there an hour before.
    assert told["total"]["departure"].startswith("2019-04-24T11:40")


def test_departure_and_train_of_the_command_go_before_those_of_the_file(capsys) -> None:
    words = [
        "legs",
        "kim-2019-reports",
        "--format",
        "json",
        "--depart",
        "2020-01-02T03:04",
        "--train",
        "freight",
    ]
    assert cli.main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"]["departure"].startswith("2020-01-02T03:04")
    slow = told["total"]["duration_h"]["p50"]
    assert cli.main(["legs", "kim-2019-reports", "--format", "json"]) == 0
    assert slow != json.loads(capsys.readouterr().out)["total"]["duration_h"]["p50"]


def test_two_files_are_compared(tmp_path: Path, capsys) -> None:
    target = tmp_path / "two.html"
    assert cli.main(["map", "kim-2019", "kim-2019-reports", "-o", str(target)]) == 0
    told = capsys.readouterr().out
    assert "Difference" in told
    assert "not through KP" in told
    data = payload(target.read_text(encoding="utf-8"))
    assert [journey["letter"] for journey in data["journeys"]] == ["A", "B"]
    # Khasan is one height of the train graph.
    first, second = data["journeys"]
    at = [
        next(stop["measure"] for stop in journey["stops"] if stop["name"] == "Khasan") + journey["shift"]
        for journey in data["journeys"]
    ]
    assert at[0] == pytest.approx(at[1], abs=2)
    assert first["shift"] == 0
    assert second["shift"] > 800_000


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["map", "kim-2019", "Paris"], "Give files, or places, not both"),
        (["map", "missing.toml"], "Cannot read missing.toml"),
        (["legs", "kim-2019", "kim-2019-reports"], "one itinerary file"),
        (["map", *["kim-2019-reports"] * 7], "7 journeys cannot be compared"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(words, part, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert part in told.err
    assert told.out == ""
    assert list(tmp_path.iterdir()) == []


def test_embed_writes_one_element(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["map", "Khasan", "Vladivostok", "--embed", "--title", 'A "<b>" title']) == 0
    piece = (tmp_path / "route-embed.html").read_text(encoding="utf-8")
    assert piece.startswith("<figure")
    assert piece.rstrip().endswith("</figure>")
    assert piece.count("<iframe") == 1
    assert "<script" not in piece
    assert "<b>" not in piece
    inner = unescape(re.search(r'srcdoc="([^"]*)"', piece)[1])
    assert inner.startswith("<!DOCTYPE html>")
    assert len(piece.encode()) <= 550_000


def test_compare_tells_what_differs(kim) -> None:
    found = route.compare([kim, route.check("kim-2019-reports"), kim])
    rows = found.to_dict()
    assert [row["letter"] for row in rows] == ["A", "B", "C"]
    assert [row["verdict"] for row in rows] == ["does_not_fit", "fits", "does_not_fit"]
    assert rows[0]["difference"] == ""
    assert "not through KP" in rows[1]["difference"]
    assert rows[2]["difference"] == "the same way"
    assert "<pre>" in found._repr_html_()
    assert found.map().to_html() == found.map().to_html()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_compare_takes_two_to_six(kim, count) -> None:
    with pytest.raises(InputError, match="Give two to 6"):
        route.compare([kim] * count)


def test_map_takes_one_to_six(kim) -> None:
    with pytest.raises(InputError, match="6 can be told apart"):
        build_comparison([Shown(itinerary=kim.trip.itinerary)] * 7)
    with pytest.raises(InputError, match="no journey"):
        build_comparison([])


def test_check_map_is_that_of_the_command(tmp_path: Path, kim, capsys) -> None:
    assert cli.main(["map", "kim-2019", "-o", str(tmp_path / "kim.html")]) == 0
    assert (tmp_path / "kim.html").read_text(encoding="utf-8") == kim.map().to_html()


def test_journey_without_a_time_at_its_first_place_starts_so_that_it_is_there_in_time() -> None:
    found = route.check(
        {
            "sighting": [
                {"place": "Khasan"},
                {"place": "Vladivostok", "event": "arrival", "date": "2019-04-24", "time": "18:00"},
            ]
        }
    )
    arrival = found.trip.itinerary.arrival
    assert arrival is not None
    assert abs(arrival.hour * 60 + arrival.minute - 18 * 60) <= 1

"""Checking reported journeys against the railway: the story, the command, constraints."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

import route
from route import cli
from route.chronology import Track, read_reported
from route.errors import InputError, NoPathError, PlaceNotFoundError
from route.planner import plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from route.checking import Check


@pytest.fixture(scope="module")
def story() -> Check:
    return route.check("kim-2019")


@pytest.fixture(scope="module")
def reports() -> Check:
    return route.check("kim-2019-reports")


def pair_of(values: Mapping[str, Any], origin: str, destination: str) -> dict[str, Any]:
    (found,) = [p for p in values["pairs"] if (p["from"], p["to"]) == (origin, destination)]
    return dict(found)


def two(start: str, end: str, **others: Any) -> dict[str, Any]:
    """Paris to Lyon on a day of 2024, from one time to another."""
    return {
        "sighting": [
            {"place": "Paris", "event": "departure", "date": "2024-06-05", "time": start},
            {"place": "Lyon", "event": "arrival", "date": "2024-06-05", "time": end},
        ],
        **others,
    }


def test_the_story_does_not_fit(story: Check) -> None:
    values = story.to_dict()
    assert story.verdict == values["verdict"] == "does_not_fit"
    whole = pair_of(values, "Pyongyang", "Vladivostok")
    assert whole["verdict"] == "does_not_fit"
    assert whole["distance_km"] == pytest.approx(1177, rel=0.02)
    # Civil dawn at Pyongyang, 05:20 KST, to 18:00 at Vladivostok, 17:00 KST.
    assert whole["available_h"] == pytest.approx(11 + 40 / 60, abs=0.03)
    assert whole["required_kmh"] == pytest.approx(100, rel=0.1)
    assert whole["train_kmh"] < 60
    assert whole["margin_h"] < -5
    assert pair_of(values, "Khasan", "Vladivostok")["verdict"] == "fits"
    assert "Two statements disagree: the departure from Pyongyang" in story.summary
    assert values["conflict"] == [0, 2]


def test_the_story_says_what_would_fit(story: Check) -> None:
    values = story.to_dict()
    departure = values["windows"][0]
    latest = datetime.fromisoformat(departure["fits_until"])
    quickest = datetime.fromisoformat(departure["possible_until"])
    stated = datetime.fromisoformat(departure["stated_earliest"])
    assert latest < quickest < stated
    assert departure["fits_from"] is None
    whole = pair_of(values, "Pyongyang", "Vladivostok")
    assert datetime.fromisoformat(whole["latest_departure"]) == latest
    start, possible = whole["start"], whole["possible_start"]
    assert 0 < possible["from_origin_km"] < start["from_origin_km"] < whole["distance_km"]
    assert start["remaining_km"] + start["from_origin_km"] == pytest.approx(whole["distance_km"], abs=0.01)
    assert start["near"]
    assert f"no further back than {start['remaining_km']:,.0f} km before Vladivostok" in story.summary
    # A run from there at the median takes what there was.
    reported = read_reported("kim-2019")
    stops = story.report.places
    track = Track(plan(stops, train="armoured").itinerary, stops, reported, (0, 1, 2, 3))
    run = track.run(0, 2, from_m=start["from_origin_km"] * 1000)
    assert run.duration.p50_s / 3600 == pytest.approx(whole["available_h"], abs=0.05)


def test_the_danish_time_is_wrong(story: Check) -> None:
    (clock,) = story.to_dict()["clocks"]
    assert clock["verdict"] == "disagrees"
    assert clock["stated_local"] == "2019-04-24T18:00:00+10:00"
    assert clock["stated_other"] == "2019-04-25T02:00:00+02:00"
    assert clock["computed_other"] == "2019-04-24T10:00:00+02:00"
    assert clock["zone"] == "Europe/Copenhagen"
    assert (
        "18:00 (UTC+10) on Wednesday 24 April 2019 in Vladivostok is 10:00 (CEST) on Wednesday 24 April 2019, not "
        "02:00 (CEST) on Thursday 25 April 2019; 8 hours have to be subtracted, not added"
    ) in story.summary


def test_the_russian_part_fits(reports: Check) -> None:
    values = reports.to_dict()
    assert values["verdict"] == "fits"
    (pair,) = values["pairs"]
    assert pair["available_h"] == pytest.approx(6.35)
    assert pair["verdict"] == "fits"
    assert pair["start"] is None
    assert [clock["verdict"] for clock in values["clocks"]] == ["agrees"]
    assert "is right" in reports.summary
    for window in values["windows"]:
        assert window["stated_earliest"] <= window["earliest"] <= window["latest"] <= window["stated_latest"]


def test_the_json_has_the_stable_keys(story: Check) -> None:
    values = json.loads(story.to_json())
    assert values == story.to_dict()
    assert {"pairs", "windows", "clocks", "verdict", "summary"} <= values.keys()
    keys = {"from", "to", "distance_km", "available_h", "required_kmh", "train_kmh", "margin_h", "verdict"}
    assert all(keys <= pair.keys() for pair in values["pairs"])
    assert all({"place", "stated", "earliest", "latest"} <= window.keys() for window in values["windows"])
    clock_keys = {"place", "stated_local", "stated_other", "zone", "computed_other", "verdict"}
    assert all(clock_keys <= clock.keys() for clock in values["clocks"])
    assert len(values["pairs"]) == 6
    assert all(isinstance(pair["train_kmh"], float) for pair in values["pairs"])


def test_the_file_carries_wording_and_source(story: Check) -> None:
    windows = story.to_dict()["windows"]
    assert all(window["wording"] and window["source"] for window in windows)
    assert windows[0]["wording"] == "ved daggry onsdag"
    assert windows[2]["wording"] == "klokken seks lokal tid"


def test_a_person_reads_sentences_and_tables(story: Check) -> None:
    text = str(story)
    assert text.startswith("Kim Jong-un's train")
    assert "does not fit" in text
    assert "© OpenStreetMap" in text
    assert all(sentence in text.replace("\n\n", " ") for sentence in story.summary.split(". ")[:3])
    assert story._repr_html_().startswith("<pre>")


def test_names_are_told_in_another_language() -> None:
    told = route.check("kim-2019-reports", lang="ko")
    assert "블라디보스토크" in told.summary
    assert "블라디보스토크" in told.to_json()


def test_fits_tight_and_not_are_told_apart() -> None:
    usual = plan(["Paris", "Lyon"]).duration_h
    verdicts = []
    for hours in (usual.p50 + 0.05, (usual.p10 + usual.p50) / 2, usual.p10 - 0.05):
        minutes = round(hours * 60)
        found = route.check(two("08:00", f"{8 + minutes // 60:02}:{minutes % 60:02}"))
        verdicts.append(found.verdict)
        assert found.report.pairs[0].verdict == found.verdict
    assert verdicts == ["fits", "tight", "does_not_fit"]


def test_an_arrival_before_the_departure_is_told() -> None:
    found = route.check(two("10:00", "08:00"))
    assert found.verdict == "does_not_fit"
    (pair,) = found.to_dict()["pairs"]
    assert pair["available_h"] == -2.0
    assert pair["required_kmh"] is None
    assert pair["start"] is None
    assert "put the arrival 2 h 00 min before the departure" in found.summary


def test_what_is_not_limited_fits() -> None:
    found = route.check(two("not before 10:00", "not before 08:00"))
    assert found.verdict == "fits"
    (pair,) = found.to_dict()["pairs"]
    assert pair["available_h"] is pair["required_kmh"] is pair["margin_h"] is None
    assert found.to_dict()["windows"][1]["earliest"] > "2024-06-05T11:00"


def test_a_highest_speed_slows_the_train() -> None:
    def takes(**constraints: Any) -> float:
        found = route.check(two("08:00", "20:00", constraints=constraints))
        return float(found.to_dict()["pairs"][0]["duration_h"]["p50"])

    free, fast, slow = takes(), takes(max_speed_kmh=400), takes(max_speed_kmh=60)
    assert fast == free
    assert slow > 427 / 60 > free
    assert takes(max_speed_kmh=50) > slow
    assert takes(train="freight") > free


def test_a_minimum_dwell_and_a_passage_are_kept() -> None:
    def sightings(**middle: Any) -> dict[str, Any]:
        ends = two("08:00", "12:00")["sighting"]
        return {"sighting": [ends[0], {"place": "Dijon", **middle}, ends[1]]}

    dwelling = route.check(sightings(minimum_dwell_min=60)).to_dict()
    passing = route.check(sightings(event="passage")).to_dict()
    long, short = (pair_of(values, "Paris", "Lyon") for values in (dwelling, passing))
    assert long["duration_h"]["p50"] > short["duration_h"]["p50"] + 0.9
    assert long["dwell_h"] == 1.0
    assert long["required_kmh"] == pytest.approx(long["distance_km"] / 3, rel=0.01)
    assert short["required_kmh"] == pytest.approx(short["distance_km"] / 4, rel=0.01)
    assert pair_of(dwelling, "Paris", "Dijon")["available_h"] == 3.0
    (window,) = [w for w in passing["windows"] if w["place"] == "Dijon"]
    assert "2024-06-05T08:30" < window["earliest"] < window["latest"] < "2024-06-05T12:00"


def test_a_contradiction_at_one_place_is_told() -> None:
    case = two("08:00", "20:00")
    case["sighting"] += [{"place": "Lyon", "event": "departure", "date": "2024-06-05", "time": "19:00"}]
    found = route.check(case)
    assert found.verdict == "does_not_fit"
    assert found.report.pairs[0].verdict == "fits"
    assert "Two statements disagree: the arrival at Lyon" in found.summary
    assert found.summary.startswith(
        "The journey does not fit as reported: the statements contradict each other."
    )
    assert "left before it had arrived" in found.summary


def test_a_journey_there_and_back_has_three_stops() -> None:
    case = two("08:00", "12:00")
    case["sighting"] += [{"place": "Paris", "event": "arrival", "date": "2024-06-05", "time": "12:30"}]
    found = route.check(case)
    assert [place.name for place in found.report.places] == ["Paris", "Lyon", "Paris"]
    assert found.verdict == "does_not_fit"
    assert found.report.conflict in {(0, 2), (1, 2)}
    assert "the arrival at Paris" in found.summary


@pytest.mark.parametrize(
    ("case", "error", "says"),
    [
        (
            two("25:00", "12:00"),
            InputError,
            r"the itinerary, sighting 1 \(Paris\): '25:00' is no time of day",
        ),
        (
            two("08:00", "between 12:00 and 11:00"),
            InputError,
            r"sighting 2 \(Lyon\): the window .* is reversed",
        ),
        (
            two("08:00", "12:00", constraints={"train": "hovercraft"}),
            InputError,
            "constraints: No train class",
        ),
        ({"sighting": [{"place": "Paris"}, {"place": "Paris"}]}, InputError, "two places or more"),
        ({"sighting": [{"place": "Xyzzyville"}, {"place": "Paris"}]}, PlaceNotFoundError, "Xyzzyville"),
        ({"sighting": [{"place": "London"}, {"place": "Dublin"}]}, NoPathError, "not connected"),
    ],
)
def test_what_cannot_be_used_is_said(case: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        route.check(case)


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "kim-2019-reports"]) == 0
    assert "fits as reported" in capsys.readouterr().out
    output = tmp_path / "found.json"
    assert cli.main(["check", "kim-2019", "-o", str(output)]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(output.read_text(encoding="utf-8"))["verdict"] == "does_not_fit"
    assert cli.main(["check", "kim-2019", "--train", "intercity", "--format", "json"]) == 0
    other = json.loads(capsys.readouterr().out)
    assert other["train"] == "intercity"
    found = json.loads(output.read_text(encoding="utf-8"))
    assert other["pairs"][3]["train_kmh"] != found["pairs"][3]["train_kmh"]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("[[sighting]]\nplace = 'Paris'\ntime = '18:00'\n", 2, "no date"),
        ("nonsense", 2, "no valid TOML"),
        ("[[sighting]]\nplace='Xyzzyville'\n[[sighting]]\nplace='Paris'\n", 3, "Xyzzyville"),
    ],
)
def test_the_command_refuses_in_one_sentence(
    text: str, code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["check", str(path)]) == code
    assert says in capsys.readouterr().err
    assert cli.main(["check"]) == 2
    assert "FILE" in capsys.readouterr().err

"""The command line: what it prints where, its messages and its exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st

from route import __version__, cli
from route.errors import (
    AmbiguousPlaceError,
    InputError,
    NoPathError,
    PlaceNotFoundError,
    RouteError,
    ServiceError,
)
from route.trip import Trip

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What the planner was asked for; it answers with the invented story."""
    calls: list[tuple[Any, dict[str, Any]]] = []

    def plan(places: Any, **options: Any) -> Trip:
        calls.append((places, options))
        return Trip(samples.story(), options["lang"])

    monkeypatch.setattr("route.planner.plan", plan)
    return calls


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def plan(places: Any, **options: Any) -> Trip:
        raise error

    monkeypatch.setattr("route.planner.plan", plan)


def railroute(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | options.pop("env", {})
    return subprocess.run(
        [sys.executable, "-m", "route", *words],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        timeout=60,
        **options,
    )


def test_without_arguments_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    told = capsys.readouterr().out
    assert all(command in told for command in ("map [PLACE", "legs [PLACE", "geocode NAME"))


@pytest.mark.parametrize("words", [["--help"], ["legs", "--help"], ["map", "-h"], ["geocode", "--help"]])
def test_help_is_asked_for(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("usage: railroute")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["lgs"], "no command 'lgs'. Choose one of: map, legs, geocode"),
        (["Paris", "Lyon"], "no command 'Paris'"),
        (["--wrong"], "--wrong"),
        (["legs", "--format", "xlsx"], "xlsx"),
        (["legs", "-o", "legs.xlsx"], "legs.xlsx"),
        (["legs", "--trian", "night"], "--trian"),
        (["legs", "--form", "json"], "--form"),
        (["legs", "--lang"], "--lang"),
        (["legs", "--online", "--offline"], "--o"),
        (["legs", "--format", "parquet"], "-o FILE"),
        (["legs", "--pick", "worst"], "worst"),
        (["legs", "--alternatives", "some"], "some"),
        (["geocode"], "NAME"),
        (["map", "--format", "json"], "--format"),
    ],
)
def test_bad_usage_is_one_sentence(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str], planned: list[Any]
) -> None:
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert part in told.err
    assert len(told.err.splitlines()) == 1
    assert planned == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("--train: there is no class 'tram'."), 2),
        (PlaceNotFoundError("No place is called Atlantis.", query="Atlantis"), 3),
        (AmbiguousPlaceError("Springfield could be several.", query="Springfield", candidates=("A", "B")), 3),
        (NoPathError("No railway.", origin="London", destination="Dublin", reason="not_connected"), 4),
        (ServiceError("Nominatim did not answer.", service="Nominatim"), 5),
        (RouteError("Something else."), 1),
    ],
)
def test_errors_have_their_codes(
    error: RouteError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, error)
    assert cli.main(["legs", "London", "Dublin"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[0] == f"railroute: {error}"
    assert len(told.err.splitlines()) <= 2


def test_candidates_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing(monkeypatch, AmbiguousPlaceError("Which?", query="Springfield", candidates=("A, US", "B, US")))
    cli.main(["legs", "Springfield", "Chicago"])
    assert capsys.readouterr().err == "railroute: Which?\nrailroute: Candidates: A, US; B, US.\n"


def test_the_unexpected_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, KeyError("edge"))
    monkeypatch.delenv("RAILROUTE_DEBUG", raising=False)
    assert cli.main(["legs"]) == 1
    told = capsys.readouterr().err
    assert told == "railroute: Unexpected KeyError: 'edge'. RAILROUTE_DEBUG=1 shows where.\n"
    monkeypatch.setenv("RAILROUTE_DEBUG", "1")
    with pytest.raises(KeyError):
        cli.main(["legs"])


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    assert cli.main(["legs"]) == 130


def test_messages_cannot_steer_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, InputError("No \x1b[2J\nplace."))
    cli.main(["legs", "x"])
    assert capsys.readouterr().err == "railroute: No \ufffd[2J\ufffdplace.\n"


def test_places_may_stand_anywhere_and_lie_in_the_south(planned: list[Any]) -> None:
    words = [
        "legs",
        "-33.9,151.2",
        "--train",
        "night",
        "Melbourne",
        "--via",
        "-35.3,149.1",
        "--via=-36,147",
        "-.5, 36",
    ]
    assert cli.main(words) == 0
    places, options = planned[0]
    assert places == ["-33.9,151.2", "Melbourne", "-.5, 36"]
    assert options["via"] == ("-35.3,149.1", "-36,147")
    assert options["train"] == "night"


def test_options_reach_the_planner(planned: list[Any]) -> None:
    words = ["legs", "A", "B", "--depart", "2019-04-24T05:00", "--network", "net", "--online", "--lang", "da"]
    assert (
        cli.main(
            [
                *words,
                *("--pick", "best", "--avoid", "country:CN", "--shortest", "--alternatives", "2"),
                *("--tz", "UTC"),
            ]
        )
        == 0
    )
    assert planned == [
        (
            ["A", "B"],
            {
                "departure": "2019-04-24T05:00",
                "train": None,
                "via": (),
                "avoid": ("country:CN",),
                "network": "net",
                "online": True,
                "lang": "da",
                "shortest": True,
                "alternatives": 2,
                "pick": "best",
                "tz": "UTC",
            },
        )
    ]


def test_a_second_clock_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["legs", "--tz", "Europe/Copenhagen", "--format", "json"]) == 0
    leg = json.loads(capsys.readouterr().out)["legs"][0]
    assert leg["departure"] == "2019-04-24T05:00:00+09:00"
    assert leg["departure_tz"] == "2019-04-23T22:00:00+02:00"
    assert datetime.fromisoformat(leg["arrival_tz"]) == datetime.fromisoformat(leg["arrival"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tz", "Mars/Olympus"], "no time zone 'Mars/Olympus'. Write UTC or an IANA name such as"),
        (["--tz", "CEST"], "no time zone 'CEST'"),
        (["--tz", "Europe"], "no time zone 'Europe'"),
        (["--tz", ""], "no time zone ''"),
        (["--tz", "UTC", "Paris", "Lyon"], "--tz UTC needs a departure"),
        (["--tz", "UTC", "--format", "gpx"], "gpx shows no second clock"),
    ],
)
def test_a_second_clock_that_cannot_be_shown(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["legs", *words]) == InputError.exit_code
    assert told in capsys.readouterr().err


def test_no_places_mean_the_story(planned: list[Any]) -> None:
    cli.main(["legs"])
    assert planned[0][0] is None


def test_legs_go_to_the_screen(planned: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["legs", "--lang", "ru"]) == 0
    told = capsys.readouterr()
    assert "Остров Русский" in told.out
    assert told.err == ""
    assert cli.main(["legs", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["distance_km"] == 1177


def test_legs_go_to_a_file(planned: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "legs.json"
    assert cli.main(["legs", "-o", str(path)]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(path.read_text(encoding="utf-8"))["legs"][2]["mode"] == "road"
    assert cli.main(["legs", "-o", str(path), "--format", "gpx"]) == 0
    assert path.read_bytes().startswith(b"<?xml")
    assert [p.name for p in path.parent.iterdir()] == ["legs.json"]


def test_a_dash_is_the_screen(
    planned: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["legs", "a", "b", "--format", "csv", "-o", "-"]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["legs", "a", "b", "--format", "csv"]) == 0
    assert printed == capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_warnings_are_told_where_no_one_would_see_them(
    planned: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    note = "railroute: note: Russky Island has no railway: the last leg is by road.\n"
    cli.main(["legs", "--format", "csv"])
    told = capsys.readouterr()
    assert told.err == note
    assert told.out.startswith("sequence,origin")
    cli.main(["legs", "-o", str(tmp_path / "legs.geojson")])
    assert capsys.readouterr() == ("", note)


def test_a_folder_is_no_file(planned: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["legs", "--format", "csv", "-o", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_map_is_written_and_its_legs_printed(
    planned: list[Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "out" / "route.html"
    assert cli.main(["map", "-o", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[1].split()[:3] == ["Pyongyang", "Khasan", "rail"]
    assert told.splitlines()[-1] == f"Map: {path}"
    assert path.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


@settings(max_examples=60)
@given(
    words=st.lists(
        st.text(max_size=30).filter(lambda word: not word.startswith("-"))
        | st.sampled_from(["--separately", "--lang", "--pick", "--format", "json", "-1,2", "--", "-h"]),
        max_size=5,
    )
)
def test_any_words_end_with_a_known_code_and_a_sentence(words: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            code = cli.main(["geocode", *words])
        except SystemExit as stop:
            code = int(stop.code or 0)
    assert code in {0, 2, 3}
    assert bool(out.getvalue()) == (code == 0)
    assert bool(err.getvalue()) == (code != 0)
    assert len(err.getvalue().splitlines()) <= 2


def test_version() -> None:
    told = railroute("--version")
    assert (told.returncode, told.stdout.decode().strip()) == (0, f"railroute {__version__}")


def test_a_process_ends_with_the_code_and_without_a_traceback() -> None:
    told = railroute("legs", "95,200", "Paris")
    assert told.returncode == 2
    assert told.stdout == b""
    assert b"Traceback" not in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="the locale of a C program is a matter of POSIX")
def test_any_locale_reads_and_writes_utf8() -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    told = railroute("geocode", "평양", "--format", "json", env=plain)
    assert told.returncode == 0, told.stderr.decode()
    assert json.loads(told.stdout.decode())[0]["query"] == "평양"


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
def test_an_argument_that_is_no_text() -> None:
    told = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"route", b"legs", b"K\xf8benhavn"],
        capture_output=True,
        cwd=ROOT,
    )
    assert told.returncode == 2
    assert told.stderr.startswith(b"railroute: An argument is no UTF-8 text")


@pytest.mark.skipif(os.name == "nt", reason="needs a pipe that closes")
@pytest.mark.parametrize("words", [["legs", "--help"], ["--version"], []])
def test_a_closed_pipe_is_no_error(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with os.fdopen(writer, "wb") as closed:
        told = subprocess.run(
            [sys.executable, "-m", "route", *words],
            stdout=closed,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=buffered,
        )
    assert told.stderr == b""
    assert told.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        told = subprocess.run(
            [sys.executable, "-m", "route", "legs", "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
    assert told.returncode == 2
    assert b"Cannot write to standard output" in told.stderr


@pytest.mark.parametrize("words", [["legs", "--format", "json"], ["legs"], ["legs", "--format", "gpx"]])
def test_legs_imports_no_frames_and_no_maps(words: list[str]) -> None:
    heavy = ("pandas", "geopandas", "folium", "branca", "matplotlib", "shapely", "geopy", "requests")
    code = (
        "import sys; from route.cli import main; code = main(sys.argv[1:]);"
        f"loaded = [name for name in {heavy} if name in sys.modules];"
        "sys.exit(f'loaded: {loaded}' if loaded else code)"
    )
    told = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, cwd=ROOT)
    assert told.returncode == 0, told.stderr.decode()


def test_version_imports_next_to_nothing() -> None:
    code = (
        "import sys; from route.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "sys.exit('numpy' in sys.modules or 'pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT).returncode == 0

"""Names on the command line: a network service, stations of a network of one's own, languages, bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from geocoding_service import HASSAN, KHASAN, Service, answer, photon

from route.building.build import build_network
from route.cli import main
from route.geocoding import PlaceIndex, curated_places, resolving
from route.planner import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHO = "Example Times graphics, maps@times.example"
JOURNEY = ["Pyongyang", "Khasan", "Vladivostok"]
HALTS = {"평양": (125.7381, 39.0056), "Хасан": (130.6453, 42.4281), "Владивосток": (131.8823, 43.1114)}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "RAILROUTE_USER_AGENT"):
        monkeypatch.delenv(name, raising=False)
    running = Service()
    yield running
    running.close()


@pytest.fixture
def online(service: Service, tmp_path: Path) -> Callable[..., list[str]]:
    """Options that ask the local server."""

    def options(**more: str) -> list[str]:
        given = {"user-agent": WHO, "cache": str(tmp_path / "cache")} | more
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        settings = (f"domain={service.domain}", "scheme=http", "timeout=5")
        return ["--online", *words, *(w for value in settings for w in ("--geocoder-option", value))]

    return options


@pytest.fixture
def khasan_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Curated places without Khasan, as if the file had never had it."""
    without = PlaceIndex(tuple(e for e in curated_places().entries if e.place.id != "khasan"))
    monkeypatch.setattr(resolving, "curated_places", lambda: without)


@pytest.fixture(scope="module")
def corridor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of one line with three stations, out of a map in the format of Overpass."""
    folder = tmp_path_factory.mktemp("corridor")
    points = dict(enumerate(HALTS.values(), start=1))
    elements: list[dict[str, object]] = [
        {
            "type": "way", "id": 1, "nodes": list(points), "tags": {"railway": "rail", "gauge": "1520"},
            "geometry": [{"lon": lon, "lat": lat} for lon, lat in points.values()],
        }
    ]  # fmt: skip
    for number, (name, (lon, lat)) in enumerate(HALTS.items(), start=1):
        tags = {"railway": "station", "name": name} | ({"name:en": "Khasan"} if name == "Хасан" else {})
        elements.append({"type": "node", "id": number, "lat": lat, "lon": lon, "tags": tags})
    source = folder / "corridor.json"
    source.write_text(json.dumps({"version": 0.6, "elements": elements}), encoding="utf-8")
    build_network(source, folder / "corridor.railnet")
    return folder / "corridor.railnet"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def where(out: str) -> list[tuple[str, str | None, str]]:
    return [(place["name"], place["country"], place["source"]) for place in json.loads(out)["places"]]


# --- Khasan, the place that a gazetteer of towns does not have


@pytest.mark.usefixtures("khasan_unknown")
def test_without_khasan_the_legs_are_refused_and_never_go_to_india(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run(capsys, "legs", *JOURNEY)
    assert (code, out) == (3, "")
    assert 'No place called "Khasan" is known near this route' in err
    assert "Hassan, India" in err
    assert "--online" in err


@pytest.mark.usefixtures("khasan_unknown")
@pytest.mark.parametrize("name", ["Khasan", "Хасан", "khasan"])
def test_khasan_of_a_network_of_ones_own(
    capsys: pytest.CaptureFixture[str], corridor: Path, name: str
) -> None:
    words = ["Pyongyang", name, "Vladivostok", "--network", str(corridor), "--format", "json"]
    code, out, err = run(capsys, "legs", *words, "--lang", "en")
    assert code == 0, err
    assert where(out)[1] == ("Khasan", "RU", "network")
    assert [leg["mode"] for leg in json.loads(out)["legs"]] == ["rail", "rail"]


@pytest.mark.usefixtures("khasan_unknown")
def test_khasan_of_nominatim(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]], corridor: Path
) -> None:
    service.answers = [answer(HASSAN, KHASAN)]
    code, out, err = run(capsys, "legs", *JOURNEY, *online(), "--lang", "en", "--format", "json")
    assert code == 0, err
    assert where(out)[1] == ("Khasan", "RU", "nominatim")
    assert [request["q"] for request in service.requests] == [["Khasan"]]
    assert service.agents[0].startswith(f"{WHO} railroute")


@pytest.mark.usefixtures("khasan_unknown")
def test_nominatim_that_knows_india_alone_is_not_followed_there(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]]
) -> None:
    service.answers = [answer(HASSAN)]
    code, out, err = run(capsys, "legs", *JOURNEY, *online())
    assert (code, out) == (3, "")
    assert 'No place called "Khasan" is known near this route' in err
    assert "Hassan, India" in err


@pytest.mark.usefixtures("khasan_unknown")
def test_khasan_of_another_service(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]]
) -> None:
    service.answers = [photon("Khasan", 42.4281, 130.6453, "RU")]
    words = [*JOURNEY, *online(geocoder="photon"), "--format", "json"]
    code, out, err = run(capsys, "geocode", *words)
    assert code == 0, err
    found = json.loads(out)[1]
    assert (found["name"], found["country"], found["kind"]) == ("Khasan", "RU", "station")
    assert found["source"] == "photon"
    assert service.requests[0]["q"] == ["Khasan"]


@pytest.mark.usefixtures("khasan_unknown")
def test_a_check_and_a_plan_ask_too(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], online: Callable[..., list[str]]
) -> None:
    from route.geocoding import OnlineSettings

    options = {"domain": service.domain, "scheme": "http"}
    settings = OnlineSettings(options=options, user_agent=WHO, cache=tmp_path / "cache")
    service.answers = [answer(KHASAN)]
    trip = plan(JOURNEY, online=settings)
    assert trip.itinerary.places[1].country == "RU"
    sightings = tmp_path / "journey.toml"
    sightings.write_text(
        'title = "Journey"\nsource = "-"\n[[sighting]]\nplace = "Khasan"\nevent = "departure"\n'
        'date = 2019-04-24\ntime = "11:40"\nwording = "-"\n[[sighting]]\nplace = "Vladivostok"\n'
        'event = "arrival"\ndate = 2019-04-24\ntime = "18:01"\nwording = "-"\n',
        encoding="utf-8",
    )
    code, out, err = run(capsys, "check", str(sightings), *online(), "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["pairs"][0]["distance_km"] < 500
    # The answer of the plan is remembered: settings are the same but for the time that is waited.
    assert len(service.requests) == 1


# --- a service that fails, and options that cannot be used


@pytest.mark.parametrize(
    ("answers", "asked", "what"),
    [
        ([(403, {}, b"")], 1, "fails"),
        ([(500, {}, b"")], 1, "fails"),
        ([(200, {}, b"<html>")], 1, "no list of places"),
        ([(429, {"Retry-After": "86400"}, b"")], 1, "is busy and asks to wait for 86400 s"),
    ],
    ids=["forbidden", "error", "html", "busy-all-day"],
)
def test_a_service_that_fails_is_exit_code_5(
    capsys: pytest.CaptureFixture[str],
    service: Service,
    online: Callable[..., list[str]],
    answers: list[tuple[int, dict[str, str], bytes]],
    asked: int,
    what: str,
) -> None:
    service.answers = list(answers)
    code, out, err = run(capsys, "legs", "Paris", "Xyzzyplugh", *online())
    assert (code, out) == (5, "")
    assert what in err
    assert f"nominatim ({service.domain})" in err
    assert len(service.requests) == asked


def test_a_busy_service_is_waited_for(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]]
) -> None:
    service.answers = [(429, {"Retry-After": "0"}, b""), answer()]
    code, _, err = run(capsys, "geocode", "Xyzzyplugh", *online())
    assert (code, len(service.requests)) == (3, 2)
    assert '"Xyzzyplugh" is known' in err


def test_a_service_that_fails_is_not_missed_where_all_is_known_offline(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]]
) -> None:
    service.answers = [(500, {}, b"")]
    code, out, _ = run(capsys, "geocode", "Paris", "Lyon", *online(), "--format", "json")
    assert code == 0
    assert [found["country"] for found in json.loads(out)] == ["FR", "FR"]
    assert service.requests == []


def test_answers_are_remembered_unless_they_may_not_be(
    capsys: pytest.CaptureFixture[str], service: Service, online: Callable[..., list[str]], tmp_path: Path
) -> None:
    for _ in range(2):
        run(capsys, "geocode", "Xyzzyplugh", *online())
    assert len(service.requests) == 1
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".json"]
    run(capsys, "geocode", "Xyzzyplugh", *online(cache="none"))
    assert len(service.requests) == 2


def test_a_secret_comes_from_the_environment_and_is_not_shown(
    capsys: pytest.CaptureFixture[str], service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOME_KEY", "0123secret")
    service.answers = [(401, {}, b"")]
    words = ["--online", "--user-agent", WHO, "--cache", str(tmp_path), "--geocoder", "opencage"]
    settings = ["api_key=env:SOME_KEY", f"domain={service.domain}", "scheme=http"]
    words += [word for value in settings for word in ("--geocoder-option", value)]
    code, _, err = run(capsys, "geocode", "Xyzzyplugh", *words)
    assert code == 5
    assert service.requests[0]["key"] == ["0123secret"]
    assert "0123secret" not in err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--online"], "there is no user agent"),
        (["--online", "--user-agent", "geopy/2"], "could be anybody's"),
        (["--online", "--user-agent", WHO, "--geocoder", "oracle"], 'no geocoder "oracle"'),
        (["--online", "--user-agent", WHO, "--geocoder", "opencage"], "api_key"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "domain"], "KEY=VALUE"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "timeout=soon"], "number of seconds"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "timeout=0"], "number of seconds"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "user_agent=x"], "--user-agent"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "api_key=env:NO_SUCH_KEY"], "NO_SUCH_KEY"),
        (["--online", "--user-agent", WHO, "--geocoder-option", "color=red"], "color"),
        (["--geocoder", "photon"], "add --online"),
        (["--user-agent", WHO], "add --online"),
        (["--offline", "--cache", "none"], "add --online"),
        (["--online", "--offline"], "not allowed with"),
    ],
)
def test_options_that_cannot_be_used_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], what: str
) -> None:
    monkeypatch.delenv("RAILROUTE_USER_AGENT", raising=False)
    code, out, err = run(capsys, "geocode", "Paris", *words)
    assert (code, out) == (2, "")
    assert what in err


# --- languages


@pytest.mark.parametrize(
    ("lang", "names"),
    [
        ("da", ["Moskva", "Ulan Bator", "Beijing"]),
        ("DA-dk", ["Moskva", "Ulan Bator", "Beijing"]),
        ("ko", ["모스크바", "울란바토르", "베이징"]),
        ("ru", ["Москва", "Улан-Батор", "Пекин"]),
        ("zh_TW", ["莫斯科", "烏蘭巴托", "北京"]),
        ("en", ["Moscow", "Ulaanbaatar", "Beijing"]),
        ("xx", ["Moscow", "Ulan Bator", "Beijing"]),
    ],
)
def test_names_come_in_the_language_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], lang: str, names: list[str]
) -> None:
    words = ["Moscow", "Ulan Bator", "Beijing", "--lang", lang, "--format", "json"]
    code, out, err = run(capsys, "geocode", *words)
    assert code == 0, err
    assert [found["name"] for found in json.loads(out)] == names


def test_the_table_of_legs_is_in_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "legs", "Köln", "København", "--lang", "da")
    assert code == 0, err
    assert "København" in out
    code, out, err = run(capsys, "legs", "Köln", "København")
    assert "Copenhagen" in out


# --- names that cannot be read


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", 2),
        ("   ", 2),
        ("x" * 10_000, 2),
        ("Par\x07is", 2),
        ("\x1b[31mParis", 2),
        ("Par\x00is", 2),
        ("Par\ud800is", 2),
        ("\u200f\u202e", 2),
        ("\u200fXyzzyplugh\u200e", 3),
        ("🚂", 2),
        ("🇰🇵", 2),
        ("Xyzzyplugh 🚂", 3),
        ("...!?", 2),
        ("\u0301\u0308", 2),
        ("%s%n{0}", 3),
    ],
)
@pytest.mark.parametrize("command", ["legs", "geocode"])
def test_bad_names_are_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], command: str, name: str, code: int
) -> None:
    got, out, err = run(capsys, command, "Paris", name)
    assert (got, out) == (code, "")
    assert err.startswith("railroute: ")
    assert err.rstrip("\n").isprintable() or all(line.isprintable() for line in err.splitlines())
    assert len(err) < 600
    assert "Traceback" not in err


def test_bytes_that_are_no_text_are_told() -> None:
    word = b"Par\xffis"
    ran = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"route", b"geocode", word], capture_output=True
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"no UTF-8 text" in ran.stderr

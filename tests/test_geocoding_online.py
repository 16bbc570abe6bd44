"""The network service that names are asked of, behaving well and badly, and geopy's interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from geocoding_service import HASSAN, KHASAN, Service, answer, nominatim
from geopy.exc import GeocoderQueryError

from route.errors import InputError, PlaceNotFoundError, ServiceError
from route.geocoding import OnlineGeocoder, OnlineSettings, PlaceIndex, curated_places, resolve
from route.geocoding.geopy_geocoder import GazetteerGeocoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHO = "Example Times graphics, maps@times.example"
STORY = ["Pyongyang", "Khasan", "Vladivostok", "Russky Island"]
WITHOUT_KHASAN = PlaceIndex(tuple(e for e in curated_places().entries if e.place.id != "khasan"))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Service()
    yield running
    running.close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(service: Service, tmp_path: Path, waits: list[float]) -> Callable[..., OnlineGeocoder]:
    def make(*, now: Callable[[], float] = lambda: 1e9, **more: object) -> OnlineGeocoder:
        chosen = {"timeout_s": 5.0, "cache": tmp_path / "cache", "user_agent": WHO} | more
        options = {"domain": service.domain, "scheme": "http"}
        return OnlineGeocoder(
            OnlineSettings(options=options, **chosen),  # type: ignore[arg-type]
            sleep=waits.append,
            clock=lambda: 0.0,
            now=now,
        )

    return make


def test_what_is_known_offline_is_not_asked(service: Service, client: Callable[..., OnlineGeocoder]) -> None:
    assert [r.place.source for r in resolve(STORY, online=True, service=client())] == ["curated"] * 4
    assert service.requests == []


def test_khasan_is_asked_of_nominatim(service: Service, client: Callable[..., OnlineGeocoder]) -> None:
    service.answers = [answer(HASSAN, KHASAN)]
    found = resolve(
        ["Pyongyang", "Khasan", "Vladivostok"],
        online=True,
        curated=WITHOUT_KHASAN,
        service=client(),
        lang="da",
    )[1]
    assert (found.place.country, found.place.source, found.place.kind) == ("RU", "nominatim", "station")
    assert found.place.id == "osm:node/7"
    assert found.place.names["en"] == "Khasan"
    assert found.place.timezone == "Asia/Vladivostok"
    assert service.requests[0]["q"] == ["Khasan"]
    assert service.requests[0]["accept-language"] == ["da"]
    assert service.agents[0].startswith(f"{WHO} railroute")


def test_india_is_refused_online_too(service: Service, client: Callable[..., OnlineGeocoder]) -> None:
    service.answers = [answer(nominatim("Hassan", 13.007, 76.096, "in", namedetails={}))]
    with pytest.raises(PlaceNotFoundError, match="Hassan, India"):
        resolve(["Pyongyang", "Khasan"], online=True, curated=WITHOUT_KHASAN, service=client())


def test_unknown_online_too(service: Service, client: Callable[..., OnlineGeocoder]) -> None:
    with pytest.raises(PlaceNotFoundError) as raised:
        resolve(["Xyzzyplugh"], online=True, service=client())
    assert "--online" not in str(raised.value)
    assert len(service.requests) == 1


def test_answers_are_remembered(
    service: Service, client: Callable[..., OnlineGeocoder], tmp_path: Path
) -> None:
    service.answers = [answer(KHASAN)]
    first = client().search("Khasan")
    assert client().search("Khasan") == first
    assert len(service.requests) == 1
    assert client().search("Khasan", lang="da") == ()
    assert len(service.requests) == 2
    assert {file.suffix for file in (tmp_path / "cache").iterdir()} == {".json"}


def test_old_answers_are_asked_for_anew_or_used_in_need(
    service: Service, client: Callable[..., OnlineGeocoder]
) -> None:
    service.answers = [answer(KHASAN), (500, {}, b""), answer()]
    later = {"now": lambda: 1e9 + 91 * 86400}
    known = client().search("Khasan")
    assert client(retries=0, **later).search("Khasan") == known
    assert client(**later).search("Khasan") == ()
    assert len(service.requests) == 3


def test_damaged_memory_is_as_if_there_were_none(
    service: Service, client: Callable[..., OnlineGeocoder], tmp_path: Path
) -> None:
    service.answers = [answer(KHASAN)] * 4
    known = client().search("Khasan")
    (file,) = (tmp_path / "cache").iterdir()
    for damage in (b"", b"[1", b'{"entries": [{"name": "x"}], "asked": 1e9}'):
        file.write_bytes(damage)
        assert client().search("Khasan") == known
    assert len(service.requests) == 4


def test_memory_that_cannot_be_written_does_no_harm(
    service: Service, client: Callable[..., OnlineGeocoder], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    service.answers = [answer(KHASAN)]
    assert len(client(cache=tmp_path / "file").search("Khasan")) == 1


def test_one_question_a_second(client: Callable[..., OnlineGeocoder], waits: list[float]) -> None:
    asking = client()
    asking.search("One")
    asking.search("Two")
    assert waits == [0.0, 1.0]


def test_a_busy_service_is_waited_for_as_it_asks(
    service: Service, client: Callable[..., OnlineGeocoder], waits: list[float]
) -> None:
    service.answers = [(429, {"Retry-After": "7"}, b""), answer(KHASAN)]
    assert len(client().search("Khasan")) == 1
    assert 7.0 in waits


@pytest.mark.parametrize(
    ("answers", "requests", "what"),
    [
        ([(429, {"Retry-After": "7"}, b"")] * 3, 3, "is busy and asks to wait for 7 s"),
        ([(429, {"Retry-After": "86400"}, b"")], 1, "is busy and asks to wait for 86400 s"),
        ([(503, {}, b"")] * 3, 3, "does not answer"),
        ([(403, {}, b"")], 1, "fails"),
        ([(500, {}, b"")], 1, "fails"),
        ([(200, {}, b"<html>")], 1, "answers with something that is no list of places"),
        ([(200, {}, b'[{"lat": "1"}]')], 1, "answers with something that is no list of places"),
        ([(200, {}, b'"Khasan"')], 1, "answers with something that is no list of places"),
        ([answer(nominatim("Nowhere", 999, 0, "ru"))], 1, "answers with something that is no list of places"),
        ([answer(nominatim("Nowhere", 1, 1, "ru", importance="much"))], 1, "no list of places"),
    ],
    ids=[
        "busy",
        "busy-all-day",
        "unavailable",
        "forbidden",
        "error",
        "html",
        "no-lon",
        "text",
        "off-globe",
        "words",
    ],
)
def test_a_service_that_fails_is_exit_code_5(
    service: Service, client: Callable[..., OnlineGeocoder], answers: list, requests: int, what: str
) -> None:
    service.answers = list(answers)
    with pytest.raises(ServiceError, match=what) as raised:
        resolve(["Xyzzyplugh"], online=True, service=client())
    assert raised.value.exit_code == 5
    assert service.domain in str(raised.value)
    assert "lat,lon" in str(raised.value)
    assert len(service.requests) == requests


def test_a_silent_service(service: Service, client: Callable[..., OnlineGeocoder]) -> None:
    service.answers = [(0, {}, b"")]
    with pytest.raises(ServiceError, match="does not answer"):
        client(timeout_s=0.1, retries=0).search("Khasan")


def test_no_service_at_all(tmp_path: Path) -> None:
    options = {"domain": "127.0.0.1:9", "scheme": "http"}
    asking = OnlineGeocoder(OnlineSettings(options=options, cache=tmp_path, retries=0, user_agent=WHO))
    with pytest.raises(ServiceError, match=r"nominatim \(127.0.0.1:9\) fails"):
        asking.search("Khasan")


def test_nothing_is_remembered_where_nothing_may_be(
    service: Service, client: Callable[..., OnlineGeocoder], tmp_path: Path
) -> None:
    for _ in range(2):
        service.answers = [answer(KHASAN)]
        assert len(client(remember=False).search("Khasan")) == 1
    assert len(service.requests) == 2
    assert not (tmp_path / "cache").exists()


def test_a_service_that_fails_does_no_harm_where_the_likeliest_place_is_enough(
    service: Service, client: Callable[..., OnlineGeocoder]
) -> None:
    names = ["Pyongyang", "Khasan", "Vladivostok"]
    for pick in ("best", "clear"):
        service.answers = [(403, {}, b"")]
        asking = client()
        if pick == "clear":
            with pytest.raises(ServiceError):
                resolve(names, online=True, curated=WITHOUT_KHASAN, service=asking)
        else:
            found = resolve(names, online=True, curated=WITHOUT_KHASAN, service=asking, pick=pick)
            assert found[1].place.source == "geonames"
    assert len(service.requests) == 2


def test_services_are_chosen_by_name() -> None:
    assert OnlineGeocoder(OnlineSettings(service="photon", user_agent=WHO)).name.startswith("photon")
    with pytest.raises(InputError, match='geopy has no geocoder "oracle"'):
        OnlineGeocoder(OnlineSettings(service="oracle", user_agent=WHO))
    with pytest.raises(InputError, match=r"cannot be set up: .*no_such_option"):
        OnlineGeocoder(OnlineSettings(options={"no_such_option": 1}, user_agent=WHO))
    with pytest.raises(InputError, match=r"cannot be set up: .*api_key"):
        OnlineGeocoder(OnlineSettings(service="opencage", user_agent=WHO))


@pytest.mark.parametrize(
    ("user_agent", "what"),
    [
        ("", "there is no user agent"),
        (" ", "there is no user agent"),
        ("geopy/2.4.1", "could be anybody's"),
        ("Mozilla/5.0", "could be anybody's"),
        ("my-application", "could be anybody's"),
        ("your name here", "could be anybody's"),
        ("railroute", "could be anybody's"),
        ("a1", "could be anybody's"),
        ("Times\r\nX-Secret: 1", "no service can read"),
        ("Газета", "no service can read"),
    ],
)
def test_who_asks_must_be_said(user_agent: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as raised:
        OnlineGeocoder(OnlineSettings(user_agent=user_agent))
    assert "RAILROUTE_USER_AGENT" in str(raised.value)
    assert str(raised.value).isprintable()


def test_who_asks_may_be_said_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAILROUTE_USER_AGENT", WHO)
    assert OnlineSettings().user_agent == WHO
    assert OnlineGeocoder().name.startswith("nominatim")


# --- geopy's interface


def test_geopy_geocode() -> None:
    geocoder = GazetteerGeocoder()
    location = geocoder.geocode("København")
    assert location.address == "Copenhagen, Denmark"
    assert (location.latitude, location.longitude) == (55.67594, 12.56553)
    assert location.raw["timezone"] == "Europe/Copenhagen"
    assert geocoder.geocode("Xyzzyplugh") is None
    labels = {found.raw["country"] for found in geocoder.geocode("Valencia", exactly_one=False)}
    assert {"ES", "VE"} <= labels
    assert GazetteerGeocoder(pick="clear").geocode("Springfield") is None
    with pytest.raises(GeocoderQueryError, match="is empty"):
        geocoder.geocode("")


def test_geopy_reverse() -> None:
    geocoder = GazetteerGeocoder()
    assert geocoder.reverse((43.11, 131.88)).raw["name"] == "Vladivostok"
    assert geocoder.reverse("48.85, 2.35", exactly_one=False)[0].address == "Paris, France"
    with pytest.raises(GeocoderQueryError):
        geocoder.reverse("somewhere")

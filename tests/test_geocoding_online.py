"""The network service that names are asked of, behaving well and badly, and geopy's interface."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from geopy.exc import GeocoderQueryError

from route.errors import InputError, PlaceNotFoundError, ServiceError
from route.geocoding import OnlineGeocoder, OnlineSettings, PlaceIndex, curated_places, resolve
from route.geocoding.geopy_geocoder import GazetteerGeocoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STORY = ["Pyongyang", "Khasan", "Vladivostok", "Russky Island"]
WITHOUT_KHASAN = PlaceIndex(tuple(e for e in curated_places().entries if e.place.id != "khasan"))


class Service:
    """A local HTTP server that speaks Nominatim's JSON, well or badly."""

    def __init__(self) -> None:
        self.requests: list[dict[str, list[str]]] = []
        self.agents: list[str] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(parse_qs(urlsplit(self.path).query))
                outer.agents.append(self.headers["User-Agent"])
                status, headers, body = outer.answers.pop(0) if outer.answers else (200, {}, b"[]")
                if status == 0:  # silence
                    time.sleep(0.5)
                    return
                self.send_response(status)
                usual = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                for name, value in (usual | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"


def nominatim(name: str, lat: float, lon: float, country: str, **more: object) -> dict[str, object]:
    return {
        "place_id": 1, "osm_type": "node", "osm_id": 7, "lat": str(lat), "lon": str(lon), "class": "railway",
        "type": "station", "addresstype": "railway", "name": name, "display_name": f"{name}, somewhere",
        "importance": 0.2, "address": {"country_code": country},
        "namedetails": {"name": name, "name:en": "Khasan"},
    } | more  # fmt: skip


def answer(*found: dict[str, object]) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(found).encode()


KHASAN = nominatim("Хасан", 42.4281, 130.6453, "ru")


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
        chosen = {"timeout_s": 5.0, "cache": tmp_path / "cache"} | more
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
    hassan = nominatim("Hassan", 13.007, 76.096, "in", osm_id=8, importance=0.5, namedetails={})
    service.answers = [answer(hassan, KHASAN)]
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
    assert service.agents[0].startswith("railroute")


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
    asking = OnlineGeocoder(OnlineSettings(options=options, cache=tmp_path, retries=0))
    with pytest.raises(ServiceError, match=r"nominatim \(127.0.0.1:9\) fails"):
        asking.search("Khasan")


def test_services_are_chosen_by_name() -> None:
    assert OnlineGeocoder(OnlineSettings(service="photon")).name.startswith("photon")
    with pytest.raises(InputError, match='geopy has no geocoder "oracle"'):
        OnlineGeocoder(OnlineSettings(service="oracle"))
    with pytest.raises(InputError, match="cannot be set up"):
        OnlineGeocoder(OnlineSettings(options={"no_such_option": 1}))
    with pytest.raises(InputError, match="user agent"):
        OnlineGeocoder(OnlineSettings(user_agent=" "))


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

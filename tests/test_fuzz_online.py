"""Generated answers of a network service: places, or one error of the package, and nothing else."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import pytest
from fuzzing import NASTY, edits, examples, spoilt
from geocoding_service import KHASAN, Service, answer, nominatim
from hypothesis import given
from hypothesis import strategies as st
from loopback import LoopbackServer

from route.errors import ServiceError
from route.geocoding import OnlineGeocoder, OnlineSettings
from route.geocoding.transport import LONGEST_ANSWER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHO = "Example Times graphics, maps@times.example"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            patch.delenv(name, raising=False)
        running = Service()
        yield running
        running.close()


def asking(service: Service, cache: Path, **more: Any) -> OnlineGeocoder:
    options = {"domain": service.domain, "scheme": "http"}
    settings: dict[str, Any] = {"retries": 0, "pause_s": 0.0, "timeout_s": 5.0} | more
    return OnlineGeocoder(
        OnlineSettings(options=options, user_agent=WHO, cache=cache, **settings), sleep=lambda _s: None
    )


def ask(service: Service, cache: Path, reply: tuple[int, dict[str, str], bytes]) -> None:
    """Places twice, the second time from memory; or an error that says which service."""
    service.answers = [reply]
    for file in cache.glob("*"):
        file.unlink()
    geocoder = asking(service, cache)
    refused = None
    try:
        found = geocoder.search("x")
    except ServiceError as error:
        refused = str(error)
    if refused is not None:
        assert service.domain in refused
        assert len(refused) < 600
        return
    assert all(isinstance(name, str) for f in found for name in (f.place.name, *f.place.names.values()))
    service.answers = []
    assert geocoder.search("x") == found


_values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([*NASTY, "ru", "station", "N", 10**400, -1, 0.5, None, True])
    | st.floats()
    | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NASTY, "name:en"]), inner, max_size=3)
    ),
    max_leaves=4,
)
_places = st.builds(
    lambda place, changes, gone: {k: v for k, v in (place | changes).items() if k not in gone},
    st.just(KHASAN),
    st.dictionaries(st.sampled_from(sorted(KHASAN)), _values, max_size=2),
    st.sets(st.sampled_from(sorted(KHASAN)), max_size=1),
)
_status = st.sampled_from([200, 200, 200, 200, 204, 301, 400, 403, 404, 429, 500, 503])
_headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After", "Location", "Content-Encoding"]),
    st.sampled_from(
        ["application/json; charset=nope", "text/html; charset=base64", "a; charset=utf-16", "86400", "nan", "-1", "9" * 50,
         "Fri, 31 Dec 1999 23:59:59 GMT", "http://127.0.0.1:9/", "file:///etc/passwd", "ftp://127.0.0.1:9/x", "//x", "gzip"]
    ),
    max_size=2,
)  # fmt: skip


@examples(80)
@given(found=st.lists(_places, max_size=3) | _values, status=_status, headers=_headers)
def test_answers_of_any_values(
    service: Service,
    tmp_path_factory: pytest.TempPathFactory,
    found: Any,
    status: int,
    headers: dict[str, str],
) -> None:
    cache = tmp_path_factory.getbasetemp() / "answers"
    ask(service, cache, (status, headers, json.dumps(found).encode()))


@examples(60)
@given(changes=edits())
def test_spoilt_answers(
    service: Service, tmp_path_factory: pytest.TempPathFactory, changes: list[Any]
) -> None:
    cache = tmp_path_factory.getbasetemp() / "answers"
    ask(service, cache, (200, {}, spoilt(answer(KHASAN)[2], changes)))


@examples(60)
@given(changes=edits())
def test_a_spoilt_memory(
    service: Service, tmp_path_factory: pytest.TempPathFactory, changes: list[Any]
) -> None:
    cache = tmp_path_factory.getbasetemp() / "memory"
    ask(service, cache, answer(KHASAN))
    (file,) = cache.glob("*.json")
    file.write_bytes(spoilt(file.read_bytes(), changes))
    service.answers = [answer(KHASAN)]
    for found in asking(service, cache).search("x"):
        assert all(isinstance(text, str) for text in (found.place.name, *found.place.names.values()))
        assert 0 <= found.importance <= 1


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        ((200, {}, b"[" * 100_000), "no list of places"),
        ((200, {}, b"[" + b" " * LONGEST_ANSWER_BYTES + b"]"), "longer than 10 MB"),
        ((500, {}, b"x" * LONGEST_ANSWER_BYTES), "fails"),
        ((200, {"Content-Type": "text/plain; charset=nope"}, b"[]"), "no list of places"),
        ((302, {"Location": "http://localhost:9/"}, b""), "sends us on to localhost:9"),
        ((302, {"Location": "ftp://127.0.0.1:9/"}, b""), "sends us on"),
        (answer(nominatim("x", 1, 1, "ru", importance=10**400)), "no list of places"),
    ],
    ids=["deep", "long", "long-failure", "encoding", "elsewhere", "ftp", "large-number"],
)
def test_an_answer_that_does_harm(
    service: Service, tmp_path: Path, reply: tuple[int, dict[str, str], bytes], what: str
) -> None:
    service.answers = [reply]
    with pytest.raises(ServiceError, match=what):
        asking(service, tmp_path).search("x")
    assert list(tmp_path.iterdir()) == []


def test_half_of_a_pair_is_remembered(service: Service, tmp_path: Path) -> None:
    ask(service, tmp_path, answer(nominatim("\ud800", 1, 1, "ru")))


def test_an_answer_that_never_ends() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                while not over.wait(0.05):
                    self.wfile.write(b" ")
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    over = threading.Event()
    server = LoopbackServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    options = {"domain": f"127.0.0.1:{server.server_address[1]}", "scheme": "http"}
    settings = OnlineSettings(options=options, user_agent=WHO, remember=False, retries=0, timeout_s=0.3)
    try:
        with pytest.raises(ServiceError, match="does not answer"):
            OnlineGeocoder(settings).search("x")
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_two_that_share_a_memory(service: Service, tmp_path: Path) -> None:
    """What one writes while another reads is there whole or not at all."""
    failures: list[BaseException] = []

    def work() -> None:
        geocoder = asking(service, tmp_path, max_age_s=-1.0)  # always asked anew, and always written
        try:
            for _ in range(25):
                assert geocoder.search("x") == ()
        except BaseException as error:  # noqa: BLE001 - told by the test itself
            failures.append(error)

    service.answers = []
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_bytes())["entries"] == []

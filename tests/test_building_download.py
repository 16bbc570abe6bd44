"""Fetching extracts: from a server on this machine that answers, breaks off, lies, or sends us elsewhere."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest
from loopback import LoopbackServer

from route.building.download import BASE_URL, download_extract
from route.building.progress import Silent
from route.errors import InputError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 4096
PATH = "europe/liechtenstein-latest.osm.pbf"
INDEX = {
    "features": [
        {
            "properties": {
                "id": "liechtenstein",
                "name": "Liechtenstein",
                "urls": {"pbf": f"{BASE_URL}{PATH}"},
            }
        },
        {
            "properties": {
                "id": "us/ohio",
                "name": "Ohio",
                "urls": {"pbf": f"{BASE_URL}north-america/us/ohio-latest.osm.pbf"},
            }
        },
        {"properties": {"id": "evil", "name": "Evil", "urls": {"pbf": f"{BASE_URL}../../etc/x.osm.pbf"}}},
    ]
}


@dataclass
class Server:
    """What the server has, and how it misbehaves."""

    url: str = ""
    content: bytes = CONTENT
    version: str = '"v1"'
    md5: str = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    break_at: int | None = None
    status: int = 200
    elsewhere: str | None = None
    length: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
            pass

        def send(self, status: int, body: bytes, headers: dict[str, str], *, cut: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if state.length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if cut is None else body[:cut])

        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            wanted = self.headers.get("Range")
            state.asked.append((path, wanted))
            if state.elsewhere and path == PATH:
                self.send(302, b"", {"Location": state.elsewhere})
            elif path == "index-v1-nogeom.json":
                self.send(200, json.dumps(INDEX).encode(), {})
            elif path == f"{PATH}.md5":
                self.send(200, f"{state.md5}  liechtenstein-latest.osm.pbf\n".encode(), {})
            elif path != PATH:
                self.send(404, b"", {})
            elif state.status != 200:
                self.send(state.status, b"", {})
            else:
                start = 0
                if wanted and self.headers.get("If-Range") == state.version:
                    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                headers = {"ETag": state.version}
                if start >= len(state.content):
                    self.send(416, b"", headers)
                    return
                if start:
                    headers["Content-Range"] = f"bytes {start}-{len(state.content) - 1}/{len(state.content)}"
                self.send(206 if start else 200, state.content[start:], headers, cut=state.break_at)

    http = LoopbackServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_address[1]}/"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def fetch(server: Server, folder: Path, region: str = "europe/liechtenstein", **options: object) -> Path:
    return download_extract(region, folder=folder, base_url=server.url, **options)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_region_is_fetched_and_checked(server: Server, tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []

    class Told(Silent):
        def at(self, done: float, total: float) -> None:
            told.append((done, total))

    path = fetch(server, tmp_path, progress=Told())
    assert path == tmp_path / "liechtenstein-latest.osm.pbf"
    assert path.read_bytes() == CONTENT
    assert names(tmp_path) == ["liechtenstein-latest.osm.pbf"]
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("region", ["liechtenstein", "Liechtenstein", " liechtenstein "])
def test_a_region_is_found_by_its_name(server: Server, tmp_path: Path, region: str) -> None:
    # The index names the public host; only the path of it is taken.
    assert fetch(server, tmp_path, region).read_bytes() == CONTENT


def test_an_unknown_region_names_those_near(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no region liechten\. Near: liechtenstein"):
        fetch(server, tmp_path, "liechten")


@pytest.mark.parametrize("region", ["", "../etc/passwd", "a b/../c", "http://x/y", "x?y", "//x"])
def test_what_is_no_region_asks_no_server(server: Server, tmp_path: Path, region: str) -> None:
    if region == "//x":  # slashes around a name are dropped, so that this is the unknown region x
        with pytest.raises(InputError, match="no region x"):
            fetch(server, tmp_path, region)
        return
    with pytest.raises(InputError, match="no name of a region"):
        fetch(server, tmp_path, region)
    assert server.asked == []


def test_an_address_out_of_the_folder_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="no usable address"):
        fetch(server, tmp_path, "evil")


def test_a_download_that_broke_off_goes_on(server: Server, tmp_path: Path) -> None:
    server.break_at = 300_000
    with pytest.raises(ServiceError, match="What has arrived is kept") as raised:
        fetch(server, tmp_path)
    assert raised.value.exit_code == 5
    assert (tmp_path / "liechtenstein-latest.osm.pbf.part").stat().st_size == 300_000
    server.break_at = None
    assert fetch(server, tmp_path).read_bytes() == CONTENT
    assert (PATH, "bytes=300000-") in server.asked
    assert names(tmp_path) == ["liechtenstein-latest.osm.pbf"]


def test_a_part_of_another_version_is_not_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.break_at = 300_000
    with pytest.raises(ServiceError):
        fetch(server, tmp_path)
    server.break_at = None
    server.version, server.content = '"v2"', CONTENT[::-1]
    server.md5 = hashlib.md5(server.content, usedforsecurity=False).hexdigest()
    assert fetch(server, tmp_path).read_bytes() == CONTENT[::-1]


def test_a_part_that_is_whole_already(server: Server, tmp_path: Path) -> None:
    (tmp_path / "liechtenstein-latest.osm.pbf.part").write_bytes(CONTENT)
    (tmp_path / "liechtenstein-latest.osm.pbf.part.etag").write_text(server.version)
    assert fetch(server, tmp_path).read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    server.asked.clear()
    fetch(server, tmp_path)
    assert server.asked == [(f"{PATH}.md5", None)]


def test_a_wrong_checksum_throws_it_away(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "net.osm.pbf"
    target.write_bytes(b"the good one")
    server.md5 = "0" * 32
    with pytest.raises(ServiceError, match="does not fit its checksum"):
        fetch(server, tmp_path, output=target)
    assert target.read_bytes() == b"the good one"
    assert not (tmp_path / "net.osm.pbf.part").exists()


@pytest.mark.parametrize("length", [True, False])
def test_what_is_too_large_is_not_fetched(server: Server, tmp_path: Path, length: bool) -> None:
    server.length = length
    with pytest.raises(InputError, match=r"more than the limit.*--max-size"):
        fetch(server, tmp_path, max_bytes=400_000)
    part = tmp_path / "liechtenstein-latest.osm.pbf.part"
    assert not part.exists() or part.stat().st_size <= 400_000


@pytest.mark.parametrize(
    ("status", "says"), [(404, "no such file"), (500, "answered 500"), (429, "answered 429")]
)
def test_a_server_that_fails(server: Server, tmp_path: Path, status: int, says: str) -> None:
    server.status = status
    with pytest.raises(ServiceError, match=says):
        fetch(server, tmp_path)
    assert names(tmp_path) == []


def test_no_checksum(server: Server, tmp_path: Path) -> None:
    server.md5 = "<html>"
    with pytest.raises(ServiceError, match="no checksum"):
        fetch(server, tmp_path)


def test_another_host_is_not_followed(server: Server, tmp_path: Path) -> None:
    server.elsewhere = "http://localhost:9/x.osm.pbf"
    with pytest.raises(ServiceError, match="sends us on to localhost:9"):
        fetch(server, tmp_path)


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"Cannot fetch from 127\.0\.0\.1:9: Connection refused\."):
        download_extract("europe/x", folder=tmp_path, base_url="http://127.0.0.1:9/")


@pytest.mark.parametrize("url", ["ftp://x/", "file:///etc/", "x"])
def test_a_base_url_that_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="whole address"):
        download_extract("europe/x", folder=tmp_path, base_url=url)

"""A local HTTP server that speaks the JSON of geocoding services, well or badly."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from loopback import LoopbackServer


class Service:
    """The server; `answers` are given in turn, then empty lists.

    An answer of status 0 is silence.
    """

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
                if status == 0:
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

        self.server = LoopbackServer(("127.0.0.1", 0), Handler)
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
    """A place as Nominatim gives it."""
    return {
        "place_id": 1, "osm_type": "node", "osm_id": 7, "lat": str(lat), "lon": str(lon), "class": "railway",
        "type": "station", "addresstype": "railway", "name": name, "display_name": f"{name}, somewhere",
        "importance": 0.2, "address": {"country_code": country},
        "namedetails": {"name": name, "name:en": "Khasan"},
    } | more  # fmt: skip


def answer(*found: dict[str, object]) -> tuple[int, dict[str, str], bytes]:
    """An answer of Nominatim."""
    return 200, {}, json.dumps(found).encode()


def photon(name: str, lat: float, lon: float, country: str) -> tuple[int, dict[str, str], bytes]:
    """An answer of Photon with one place."""
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "name": name, "countrycode": country, "country": "Somewhere", "osm_type": "N", "osm_id": 9,
            "osm_key": "railway", "osm_value": "station", "type": "house",
        },
    }  # fmt: skip
    return 200, {}, json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


KHASAN = nominatim("Хасан", 42.4281, 130.6453, "ru")
HASSAN = nominatim("Hassan", 13.007, 76.096, "in", osm_id=8, importance=0.5, namedetails={})

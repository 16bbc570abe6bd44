"""`Place`, and the curated places and roads of data/."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from pyproj import Geod

from route.errors import InputError
from route.files import data_path
from route.geocoding import curated_places, load_places
from route.places import Place

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = {"en", "da", "ko", "ru", "zh"}
KINDS = {"city", "station", "border_station", "campus"}

FEATURES = json.loads(data_path("places.geojson").read_bytes())["features"]
ROADS = json.loads(data_path("roads.geojson").read_bytes())["features"]


def test_place_is_frozen_and_hashable() -> None:
    place = Place(name="Khasan", lat=42.43, lon=130.65, names={"ru": "Хасан"})
    assert hash(place) == hash(dataclasses.replace(place, names={}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.lat = 0.0  # type: ignore[misc]


def test_name_in_a_language_falls_back_to_the_name() -> None:
    place = Place(name="Khasan", lat=42.43, lon=130.65, names={"ru": "Хасан"})
    assert [place.name_in(lang) for lang in ("ru", "da", None)] == ["Хасан", "Khasan", "Khasan"]


@pytest.mark.parametrize(("lat", "lon"), [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)])
def test_the_edge_of_the_globe_is_on_it(lat: float, lon: float) -> None:
    assert Place(name="edge", lat=lat, lon=lon).lat == lat


@pytest.mark.parametrize(("lat", "lon"), [(-90.01, 120.0), (0.0, 180.01), (95.0, 200.0)])
def test_a_position_off_the_globe_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(InputError, match="Latitude goes from"):
        Place(name="nowhere", lat=lat, lon=lon)


def test_swapped_coordinates_are_recognised() -> None:
    with pytest.raises(InputError, match="swapped"):
        Place(name="Khasan", lat=130.65, lon=42.43)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(InputError, match="must be numbers"):
        Place(name="nowhere", lat=value, lon=0.0)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature["properties"]["id"])
def test_curated_place_is_complete(feature: dict) -> None:
    properties = feature["properties"]
    assert set(properties["names"]) == LANGUAGES
    assert all(properties["names"].values())
    assert properties["name"] == properties["names"]["en"]
    assert properties["kind"] in KINDS
    assert properties["source"]
    assert properties["precision_m"] > 0
    assert (
        ZoneInfo(properties["timezone"]).key
        == {"KP": "Asia/Pyongyang", "RU": "Asia/Vladivostok"}[properties["country"]]
    )
    if properties["access"] == "rail":
        # Measured against the raw rail graph when the place was entered: a station lies on its line.
        assert 0 <= properties["track_distance_m"] <= 500
        assert set(properties["gauge_mm"]) <= {1435, 1520}
        assert properties["gauge_mm"]
    else:
        assert properties["gauge_mm"] == []


def test_ids_are_slugs_and_unique() -> None:
    ids = [feature["properties"]["id"] for feature in FEATURES]
    assert len(ids) == len(set(ids)) == len(curated_places().entries)
    assert all(part.isalnum() and part.isascii() and part.islower() for i in ids for part in i.split("-"))


def test_no_name_means_two_places() -> None:
    index = curated_places()
    for entry in index.entries:
        for name in (entry.place.name, *entry.place.names.values(), *entry.aliases):
            assert index.find(name) == (entry,), name


def test_gauges_change_where_the_reference_says() -> None:
    gauges = {entry.place.id: set(entry.gauges_mm) for entry in curated_places().entries}
    assert gauges["chongjin"] == {1435}
    assert gauges["rajin"] == gauges["tumangang"] == gauges["khasan"] == {1435, 1520}
    assert gauges["ussuriysk"] == {1520}


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [("pyongyang", "tumangang", 559), ("khasan", "vladivostok", 126), ("khasan", "ussuriysk", 185),
     ("baranovsky", "khasan", 171), ("pyongyang", "vladivostok", 688), ("vladivostok", "russky-island", 9.7)],
)  # fmt: skip
def test_great_circles_of_the_corridor(a: str, b: str, km: float) -> None:
    one, two = (curated_places().with_id(i).place for i in (a, b))  # type: ignore[union-attr]
    distance_m = Geod(ellps="WGS84").inv(one.lon, one.lat, two.lon, two.lat)[2]
    assert distance_m / 1000 == pytest.approx(km, rel=0.02)


def test_the_island_has_a_railhead() -> None:
    index = curated_places()
    island = index.with_id("russky-island")
    assert island is not None
    assert island.place.access == "road"
    assert index.railhead(island.place) == index.with_id("vladivostok").place  # type: ignore[union-attr]
    assert index.railhead(index.with_id("khasan").place) is None  # type: ignore[union-attr]


def test_roads_join_places_and_have_the_length_they_say() -> None:
    index = curated_places()
    for road in ROADS:
        properties, line = road["properties"], road["geometry"]["coordinates"]
        ends = [index.with_id(properties[end]).place for end in ("from", "to")]  # type: ignore[union-attr]
        assert [tuple(line[0]), tuple(line[-1])] == [(end.lon, end.lat) for end in ends]
        length_m = Geod(ellps="WGS84").line_length([p[0] for p in line], [p[1] for p in line])
        assert length_m / 1000 == pytest.approx(properties["distance_km"], abs=0.1)
        assert 12 <= properties["distance_km"] <= 20
        assert properties["mode"] == "road"
        assert properties["source"]
        fastest, slowest = properties["duration_min"]
        assert (
            20 <= properties["distance_km"] / slowest * 60 <= properties["distance_km"] / fastest * 60 <= 60
        )


def test_every_place_by_road_has_its_road() -> None:
    joined = {(road["properties"]["from"], road["properties"]["to"]) for road in ROADS}
    by_road = {(e.railhead, e.place.id) for e in curated_places().entries if e.place.access == "road"}
    assert by_road == joined


def write(path: Path, features: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def changed(**properties: object) -> dict:
    feature = json.loads(json.dumps(FEATURES[0]))
    feature["properties"] |= properties
    return feature


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    index = load_places(write(tmp_path / "places.geojson", FEATURES[:2]))
    assert [entry.place.id for entry in index.entries] == ["pyongyang", "west-pyongyang"]


def test_bad_files_are_told_with_place_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "places.geojson"
    with pytest.raises(InputError, match="Cannot read"):
        load_places(file)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not readable as GeoJSON"):
        load_places(file)
    missing = changed()
    del missing["properties"]["timezone"]
    with pytest.raises(InputError, match="place 1: 'timezone' is missing"):
        load_places(write(file, [missing]))
    with pytest.raises(InputError, match='place 2: the id "pyongyang" is taken'):
        load_places(write(file, [FEATURES[0], FEATURES[0]]))
    with pytest.raises(InputError, match="railhead must be the id"):
        load_places(write(file, [changed(access="road", railhead="atlantis")]))
    for wrong in ({"aliases": 5}, {"aliases": [5]}, {"name": 5}, {"names": {"en": []}}, {"id": None}):
        with pytest.raises(InputError, match="not readable"):
            load_places(write(file, [changed(**wrong)]))
    file.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InputError, match="not readable"):
        load_places(file)

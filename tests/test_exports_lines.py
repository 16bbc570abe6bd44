"""GeoJSON, GPX and KML of every kind of journey, as independent readers see them."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import fastkml
import fastkml.validator
import gpxpy
import journeys
import numpy as np
import pyogrio
import pytest
import samples
from fastkml.utils import find_all
from pygeoif.geometry import Point

from route import exports, geodesy
from route.timetable import curve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from route.itinerary import Itinerary

Make = "Callable[[], Itinerary]"
GPX = "{http://www.topografix.com/GPX/1/1}"
# The schema of GPX 1.1 wants the parts of each element in this order; those left out are not written.
ORDER = {
    "gpx": ("metadata", "wpt", "rte", "trk", "extensions"),
    "metadata": ("name", "desc", "author", "copyright", "link", "time", "keywords", "bounds"),
    "wpt": ("ele", "time", "name", "cmt", "desc", "src", "link", "sym", "type"),
    "trkpt": ("ele", "time", "name", "cmt", "desc", "src", "link", "sym", "type"),
    "trk": ("name", "cmt", "desc", "src", "link", "number", "type", "extensions", "trkseg"),
    "trkseg": ("trkpt",),
}


def positions(value: Any) -> Iterator[list[float]]:
    if isinstance(value[0], list):
        for part in value:
            yield from positions(part)
    else:
        yield value


def same_lon(one: float, other: float) -> bool:
    return abs((one - other + 180) % 360 - 180) < 2e-6


@pytest.mark.parametrize("make", journeys.ALL)
def test_geojson_keeps_to_rfc_7946(make: Make) -> None:
    journey = make()
    text = exports.to_geojson(journey)
    told = json.loads(text)
    assert told["type"] == "FeatureCollection"
    assert "crs" not in told
    assert not re.search(r"\d\.\d{8,}", text)
    west, south, east, north = told["bbox"]
    for feature in told["features"]:
        shape = feature["geometry"]
        assert set(feature) == {"type", "geometry", "properties"}
        assert shape["type"] in {"Point", "LineString", "MultiLineString"}
        for part in [shape["coordinates"]] if shape["type"] == "LineString" else []:
            assert len(part) >= 2
        for lon, lat in positions(shape["coordinates"]):
            assert -180 <= lon <= 180
            assert south <= lat <= north
            assert (west <= lon <= east) if west <= east else (lon >= west or lon <= east)
            assert lat == round(lat, 6)


@pytest.mark.parametrize("make", journeys.ALL)
def test_geojson_lines_are_those_of_the_legs(make: Make, tmp_path: Path) -> None:
    journey = make()
    path = tmp_path / "journey.geojson"
    path.write_bytes(exports.render(journey, "geojson"))
    frame = pyogrio.read_dataframe(path)
    assert frame.crs.to_epsg() == 4326
    legs = frame[frame["feature"] == "leg"]
    assert len(legs) == len(journey.legs)
    for leg, (_, row) in zip(journey.legs, legs.iterrows(), strict=True):
        assert row["distance_km"] == pytest.approx(leg.distance_m / 1000, abs=5e-4)
        assert row["origin"] == leg.origin.name
        parts = [np.array(part.coords) for part in getattr(row.geometry, "geoms", [row.geometry])]
        for part in parts:
            assert (np.abs(np.diff(part[:, 0])) <= 180).all()
        drawn = sum(geodesy.length_m(part) for part in parts)
        assert drawn == pytest.approx(geodesy.length_m(leg.coordinates), rel=1e-4, abs=1)
        for end, vertex in ((parts[0][0], leg.coordinates[0]), (parts[-1][-1], leg.coordinates[-1])):
            assert same_lon(end[0], vertex[0])
            assert end[1] == pytest.approx(vertex[1], abs=1e-6)


def test_the_box_spans_the_antimeridian_as_the_rfc_says() -> None:
    west, south, east, north = json.loads(exports.to_geojson(samples.across_the_antimeridian()))["bbox"]
    assert (west, east) == (178.5, -176.0)
    assert (south, north) == pytest.approx((65.6, 66.2), abs=0.1)
    turned = json.loads(exports.to_geojson(journeys.out_and_back_over_the_date_line()))
    assert turned["bbox"][0] > 0 > turned["bbox"][2]
    (leg,) = (one for one in turned["features"] if one["properties"]["feature"] == "leg")
    assert [part[0][0] for part in leg["geometry"]["coordinates"]] == [179.0, -180.0, 180.0]


def test_properties_of_geojson_are_stable() -> None:
    with_times, without = (
        json.loads(exports.to_geojson(journey))["features"]
        for journey in (samples.story(), samples.story(departure=None))
    )
    assert [list(feature["properties"]) for feature in with_times] == [
        list(feature["properties"]) for feature in without
    ]
    halt = with_times[-1]["properties"]
    assert list(halt) == [
        "feature", "place", "reason", "duration_h_p10", "duration_h_p50", "duration_h_p90", "detail",
        "arrival", "departure",
    ]  # fmt: skip
    assert halt["arrival"].endswith("+00:00")
    assert without[-1]["properties"]["arrival"] is None


@pytest.mark.parametrize("make", journeys.ALL)
def test_gpx_has_the_order_and_the_values_of_its_schema(make: Make) -> None:
    root = ET.fromstring(exports.to_gpx(make()).encode())  # noqa: S314 - our own text
    for element in root.iter():
        tag = element.tag.removeprefix(GPX)
        parts = [child.tag.removeprefix(GPX) for child in element]
        ranks = [ORDER[tag].index(part) for part in parts]
        assert ranks == sorted(ranks)
        if tag in {"wpt", "trkpt"}:
            for name, low, high in (("lat", -90, 90), ("lon", -180, 179.999999)):
                assert re.fullmatch(r"-?\d+(\.\d+)?", element.attrib[name])
                assert low <= float(element.attrib[name]) <= high


@pytest.mark.parametrize("make", journeys.TIMED)
def test_gpx_times_follow_the_curve(make: Make) -> None:
    journey = make()
    read = gpxpy.parse(exports.to_gpx(journey))
    assert len(read.tracks) == len(journey.legs)
    elapsed, measure = curve(journey)
    start = journey.departure.astimezone(UTC)
    for track, leg, before, after in zip(
        read.tracks, journey.legs, journey.stop_times, journey.stop_times[1:], strict=False
    ):
        points = [point for segment in track.segments for point in segment.points]
        times = [point.time for point in points]
        assert times == sorted(times)
        assert abs(times[0] - before.departure) <= timedelta(seconds=1)
        assert abs(times[-1] - after.arrival.astimezone(UTC)) <= timedelta(seconds=1)
        assert track.type == leg.mode
        # Where the journey's own curve says it is at that time; the samples without a curve are run evenly.
        if len(leg.curve):
            for point in points:
                at = np.interp((point.time - start).total_seconds(), elapsed, measure)
                lon, lat = geodesy.position_at(leg.coordinates, leg.measures_m, at - before.measure_m)
                assert geodesy.distance_m(lon, lat, point.longitude, point.latitude) < 60


@pytest.mark.parametrize("make", journeys.ALL)
def test_gpx_way_points_are_places_and_halts(make: Make) -> None:
    journey = make()
    read = gpxpy.parse(exports.to_gpx(journey))
    stops = [point for point in read.waypoints if point.type == "stop"]
    assert [point.name for point in stops] == [place.name for place in journey.places]
    for point, stop in zip(stops, journey.stop_times, strict=True):
        assert (point.longitude, point.latitude) == pytest.approx((stop.place.lon, stop.place.lat), abs=1e-6)
        moment = stop.arrival or stop.departure
        assert (point.time is None) == (moment is None)
        if moment is not None:
            assert abs(point.time - moment) <= timedelta(seconds=1)
    halts = [halt for halt in journey.halts if halt.reason != "stop"]
    found = [point for point in read.waypoints if point.type != "stop"]
    assert sorted(point.name for point in found) == sorted(halt.place for halt in halts)


@pytest.mark.parametrize("form", ["gpx", "kml"])
def test_without_a_departure_there_is_no_time(form: str) -> None:
    told = exports.render(samples.story(departure=None), form).decode()
    assert not re.search(r"<(time|when|TimeSpan|gx:Track)>", told)
    assert "Train" not in told
    assert gpxpy.parse(exports.to_gpx(samples.story(departure=None))).has_times() is False


def test_a_halt_is_two_points_at_one_place() -> None:
    journey = journeys.out_and_back_over_the_date_line()
    (track,) = gpxpy.parse(exports.to_gpx(journey)).tracks
    assert len(track.segments) == 3
    points = track.segments[1].points
    still = [
        (b.time - a.time).total_seconds()
        for a, b in pairwise(points)
        if (a.longitude, a.latitude) == (b.longitude, b.latitude)
    ]
    assert still == [1200.0]


def kml_of(journey: Itinerary) -> fastkml.KML:
    return fastkml.KML.parse(io.BytesIO(exports.render(journey, "kml")), validate=False)


@pytest.mark.parametrize("make", journeys.ALL)
def test_kml_keeps_to_its_schema(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "journey.kml"
    path.write_bytes(exports.render(make(), "kml"))
    assert fastkml.validator.validate(file_to_validate=path)


@pytest.mark.parametrize("make", journeys.ALL)
def test_kml_has_the_legs_and_the_stops(make: Make) -> None:
    journey = make()
    (document,) = kml_of(journey).features
    folders = {folder.name: folder for folder in document.features}
    assert set(folders) == {"Legs", "Stops"} | ({"Train"} if journey.departure else set())
    for mark, leg, before, after in zip(
        folders["Legs"].features, journey.legs, journey.stop_times, journey.stop_times[1:], strict=False
    ):
        assert mark.name == f"{leg.origin.name} - {leg.destination.name}"
        assert mark.style_url.url == f"#{leg.mode}"
        values = {data.name: data.value for data in mark.extended_data.elements}
        assert float(values["distance_km"]) == pytest.approx(leg.distance_m / 1000, abs=5e-4)
        if before.departure is not None:
            assert abs(mark.times.begin.dt - before.departure) <= timedelta(seconds=1)
            assert abs(mark.times.end.dt - after.arrival) <= timedelta(seconds=1)
        lines = list(mark.geometry.geoms)
        drawn = sum(geodesy.length_m(np.array(line.coords)) for line in lines)
        assert drawn == pytest.approx(geodesy.length_m(leg.coordinates), rel=1e-4, abs=1)
    places = [mark for mark in folders["Stops"].features if mark.style_url.url == "#stop"]
    assert [mark.name for mark in places] == [place.name for place in journey.places]
    for mark, place in zip(places, journey.places, strict=True):
        assert isinstance(mark.geometry, Point)
        assert (mark.geometry.x, mark.geometry.y) == pytest.approx((place.lon, place.lat), abs=1e-6)


@pytest.mark.parametrize("make", journeys.TIMED)
def test_the_train_of_kml_moves_from_start_to_end(make: Make) -> None:
    journey = make()
    (track,) = (
        mark.gx_geometry if hasattr(mark, "gx_geometry") else mark.kml_geometry
        for mark in find_all(kml_of(journey), of_type=fastkml.Placemark, name="Train")
    )
    items = track.track_items
    times = [item.when.dt for item in items]
    assert times == sorted(times)
    assert times[0] == journey.departure
    assert abs(times[-1] - journey.arrival) <= timedelta(seconds=1)
    first, last = items[0].coord, items[-1].coord
    assert first.y == pytest.approx(journey.legs[0].coordinates[0][1], abs=1e-6)
    assert last.y == pytest.approx(journey.legs[-1].coordinates[-1][1], abs=1e-6)


@pytest.mark.parametrize(("form", "layer"), [("gpx", "tracks"), ("kml", "Legs"), ("geojson", None)])
@pytest.mark.parametrize("make", journeys.ALL)
def test_gdal_reads_every_leg(make: Make, form: str, layer: str | None, tmp_path: Path) -> None:
    journey = make()
    path = tmp_path / f"journey.{form}"
    path.write_bytes(exports.render(journey, form))
    frame = pyogrio.read_dataframe(path, layer=layer)
    lines = frame[~frame.geometry.geom_type.isin(["Point"])]
    assert len(lines) == len(journey.legs)
    assert lines.crs.to_epsg() == 4326


def test_a_change_of_the_clocks_on_the_way_moves_nothing() -> None:
    # Lisbon to Vladivostok over the night of 31 March 2024, when Europe put its clocks forward.
    journey = samples.long()
    first = gpxpy.parse(exports.to_gpx(journey)).tracks[0].segments[0].points[0]
    assert first.time == datetime(2024, 3, 30, 21, tzinfo=UTC)
    passed = gpxpy.parse(exports.to_gpx(journey)).get_time_bounds()
    assert (passed.end_time - passed.start_time).total_seconds() == pytest.approx(
        journey.duration.p50_s, abs=1
    )


def test_another_clock_stands_in_the_descriptions_of_kml() -> None:
    told = exports.to_kml(samples.story(), tz=ZoneInfo("Europe/Copenhagen"))
    assert "departs Wed 2019-04-24 05:00 KST (Tue 2019-04-23 22:00 CEST)" in told
    assert '<Data name="departure_tz">' in told


def test_degrees_without_an_exponent() -> None:
    from route.exports.markup import decimal

    assert [decimal(value) for value in (1e-6, -1e-9, 180.0, -0.5, 10.0, 100.0)] == [
        "0.000001", "0", "180", "-0.5", "10", "100",
    ]  # fmt: skip

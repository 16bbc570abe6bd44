"""Formats of an itinerary: the same facts in each, in the form that its readers expect."""

from __future__ import annotations

import io
import json
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from route import exports
from route.errors import InputError
from route.exports.nights import nights
from route.exports.text import aligned, duration_text, plain, time_text
from route.itinerary import Band, Itinerary

GPX = {"g": "http://www.topografix.com/GPX/1/1"}
KML = {"k": "http://www.opengis.net/kml/2.2"}
HOSTILE = '</name><script>alert("1")</script> & `${x}` \x1b[31m \u202egnp'


def test_json_has_the_stable_keys() -> None:
    told = json.loads(exports.to_json(samples.story()))
    assert list(told) == ["places", "legs", "halts", "total", "warnings"]
    assert list(told["places"][0]) == ["name", "lat", "lon", "country", "timezone", "source", "snap_m"]
    assert list(told["legs"][0]) == [
        "sequence",
        "origin",
        "destination",
        "mode",
        "distance_km",
        "geodesic_km",
        "duration_h",
        "departure",
        "arrival",
        "gauge_mm",
        "countries",
        "lines",
    ]
    assert list(told["halts"][0]) == ["place", "reason", "duration_h"]
    assert list(told["total"]) == ["distance_km", "geodesic_km", "duration_h", "departure", "arrival"]
    assert list(told["legs"][0]["duration_h"]) == ["p10", "p50", "p90"]


def test_totals_count_the_railway_alone() -> None:
    told = exports.to_dict(samples.story())
    assert [leg["mode"] for leg in told["legs"]] == ["rail", "rail", "road"]
    assert told["total"]["distance_km"] == 850 + 327
    assert told["total"]["geodesic_km"] == pytest.approx(562.4 + 126.5, abs=0.1)
    assert told["total"]["duration_h"]["p50"] > sum(leg["duration_h"]["p50"] for leg in told["legs"])


def test_times_are_local_with_their_offset() -> None:
    told = exports.to_dict(samples.story(departure="2019-04-24T05:00"))
    assert told["total"]["departure"] == told["legs"][0]["departure"] == "2019-04-24T05:00:00+09:00"
    assert told["legs"][1]["departure"].endswith("+10:00")
    assert told["total"]["arrival"] == told["legs"][-1]["arrival"]
    without = exports.to_dict(samples.story(departure=None))
    assert without["total"]["departure"] is None
    assert without["legs"][0]["arrival"] is None


@given(p10=st.floats(0, 1e7), more=st.floats(0, 1e7))
def test_hours_keep_the_order_of_a_band(p10: float, more: float) -> None:
    told = exports.hours(Band(p10, p10 + more / 2, p10 + more))
    assert told.p10 <= told.p50 <= told.p90
    assert math.isclose(told.p10, p10 / 3600, abs_tol=5.1e-4)


def test_a_second_clock_stands_beside_the_local_one() -> None:
    story, copenhagen = samples.story(), ZoneInfo("Europe/Copenhagen")
    head, first, *_ = exports.legs_table(story, tz=copenhagen).splitlines()
    assert head.endswith("Departs (Europe/Copenhagen)  Arrives (Europe/Copenhagen)")
    assert "Wed 2019-04-24 05:00 KST" in first
    assert "Tue 2019-04-23 22:00 CEST" in first
    (leg, *_) = exports.to_dict(story, tz=copenhagen)["legs"]
    plain_leg = exports.to_dict(story)["legs"][0]
    assert {key: leg[key] for key in plain_leg} == plain_leg
    assert list(leg)[-2:] == ["departure_tz", "arrival_tz"]
    assert "departure_tz" in exports.to_csv(story, tz=copenhagen).splitlines()[0]
    without = samples.story(departure=None)
    assert exports.to_dict(without, tz=copenhagen)["legs"][0]["arrival_tz"] is None
    assert exports.legs_table(without, tz=copenhagen) == exports.legs_table(without)


@pytest.mark.parametrize(
    ("journey", "count", "dark_h"),
    [
        # The sun rises in Pyongyang at 05:43, sets on the way at 19:30 or so: the rest of a night, and a night.
        (samples.story(departure="2019-04-24T05:00"), 2, 10.9),
        # A day and a third from noon on: a night, and the next evening.
        (samples.story(departure="2019-04-24T12:00"), 2, 11.3),
        (samples.many_stops(), 1, 7.8),
        # West to east over the date line in December.
        (samples.across_the_antimeridian(), 1, 4.3),
    ],
)
def test_nights_on_the_way(journey: Itinerary, count: int, dark_h: float) -> None:
    found = nights(journey)
    assert found is not None
    assert found.count == count
    assert found.dark_s / 3600 == pytest.approx(dark_h, abs=0.1)
    assert f"Nights on the way, whole or in part: {count};" in exports.legs_table(journey)


def test_no_night_on_the_way() -> None:
    run = samples.leg(1, samples.KHASAN, samples.VLADIVOSTOK)
    noon = datetime(2019, 4, 24, 12, tzinfo=ZoneInfo("Asia/Vladivostok"))
    by_day = samples.itinerary([run], departure=noon)
    assert nights(by_day) is not None
    assert "Nights on the way, whole or in part: none." in exports.legs_table(by_day)
    assert nights(samples.story(departure=None)) is None
    assert "Nights" not in exports.legs_table(samples.story(departure=None))


def test_names_follow_the_language() -> None:
    told = exports.to_dict(samples.story(), lang="ko")
    assert [place["name"] for place in told["places"]] == ["평양", "하산", "블라디보스토크", "루스키섬"]
    assert "루스키섬" in exports.legs_table(samples.story(), lang="ko")
    assert "루스키섬" in exports.to_gpx(samples.story(), lang="ko")
    assert "루스키섬" in exports.to_kml(samples.story(), lang="ko")
    assert "루스키섬" in exports.to_csv(samples.story(), lang="ko")
    assert "루스키섬" in exports.to_geojson(samples.story(), lang="ko")


def test_table_marks_the_road_and_keeps_it_out_of_the_total() -> None:
    lines = exports.legs_table(samples.story()).splitlines()
    assert lines[3].split()[:5] == ["Vladivostok", "Russky", "Island", "road", "16.0"]
    assert "By rail 1,177.0 km (crow-fly 688.9 km), by road 16.0 km." in lines[5]
    assert any("break of gauge" in line and "bogie change" in line for line in lines)
    assert "Note: Russky Island has no railway: the last leg is by road." in lines
    assert lines[-1] == "Data: © OpenStreetMap contributors (ODbL 1.0)"


def test_table_of_a_journey_by_road_alone() -> None:
    road = samples.itinerary(
        [samples.leg(1, samples.VLADIVOSTOK, samples.RUSSKY, mode="road", distance_km=16)]
    )
    table = exports.legs_table(road)
    assert "By road 16.0 km." in table
    assert "By rail" not in table
    assert "Departs" not in table


def test_alternatives_are_told_with_their_difference() -> None:
    other = replace(samples.story(), difference="through Ussuriysk")
    story = replace(samples.story(), alternatives=(other,))
    assert "Alternative 1: 1,193.0 km, 32 h 15 min: through Ussuriysk." in exports.legs_table(story)
    (told,) = exports.to_dict(story)["alternatives"]
    assert told["difference"] == "through Ussuriysk"
    assert told["total"] == exports.to_dict(other)["total"]
    assert "alternatives" not in exports.to_dict(other)


def test_columns_align_whatever_the_script() -> None:
    table = aligned(
        ["Name", "km"], [["평양", "1.0"], ["Hà Nội", "10.0"], ["e\u0301te\u0301", "2.0"]], right=(1,)
    )
    assert table.splitlines() == ["Name      km", "평양     1.0", "Hà Nội  10.0", "e\u0301te\u0301      2.0"]


def test_text_cannot_steer_a_terminal() -> None:
    assert plain("a\x1b[31mb\u202ec\nd\u200d") == "a\ufffd[31mbc\ufffdd\u200d"
    table = exports.legs_table(samples.story(names={"Khasan": HOSTILE}))
    assert "\x1b" not in table
    assert "\u202e" not in table


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (29, "0 min"),
        (27 * 60, "27 min"),
        (59.6 * 60, "1 h 00 min"),
        (6 * 3600 + 21 * 60, "6 h 20 min"),
        (47 * 3600 + 3599, "2 d 0 h"),
        (153.4 * 3600, "6 d 9 h"),
    ],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_a_zone_is_named_by_its_abbreviation_or_offset() -> None:
    moment = datetime(2019, 4, 24, 18, tzinfo=ZoneInfo("Asia/Vladivostok"))
    assert time_text(moment) == "Wed 2019-04-24 18:00 UTC+10"
    assert time_text(moment.astimezone(ZoneInfo("Europe/Copenhagen"))) == "Wed 2019-04-24 10:00 CEST"
    assert time_text(None) == ""


def test_geojson_is_cut_at_the_antimeridian() -> None:
    told = json.loads(exports.to_geojson(samples.across_the_antimeridian()))
    leg, *points = told["features"]
    assert leg["geometry"]["type"] == "MultiLineString"
    for part in leg["geometry"]["coordinates"]:
        assert max(lon for lon, _ in part) - min(lon for lon, _ in part) < 180
    assert {abs(part[end][0]) for part, end in zip(leg["geometry"]["coordinates"], (-1, 0), strict=True)} == {
        180.0
    }
    assert [point["geometry"]["coordinates"] for point in points] == [[178.5, 66.0], [-176.0, 65.6]]


def test_geojson_tells_legs_stops_and_halts_apart() -> None:
    told = json.loads(exports.to_geojson(samples.story()))
    kinds = [feature["properties"]["feature"] for feature in told["features"]]
    assert kinds == ["leg"] * 3 + ["stop"] * 4 + ["halt"] * 2
    assert told["features"][2]["properties"]["mode"] == "road"
    assert told["attribution"] == ["© OpenStreetMap contributors (ODbL 1.0)"]
    assert told["warnings"] == ["Russky Island has no railway: the last leg is by road."]


def test_gpx_has_the_order_and_the_parts_of_its_schema() -> None:
    root = ET.fromstring(exports.to_gpx(samples.across_the_antimeridian()).encode())  # noqa: S314 - our own text
    assert [child.tag.rpartition("}")[2] for child in root] == ["metadata", "wpt", "wpt", "trk"]
    assert len(root.findall("g:trk/g:trkseg", GPX)) == 2
    story = ET.fromstring(exports.to_gpx(samples.story()).encode())  # noqa: S314
    assert [track.findtext("g:type", namespaces=GPX) for track in story.findall("g:trk", GPX)] == [
        "rail",
        "rail",
        "road",
    ]


def test_kml_has_spans_of_time_only_where_they_are_known() -> None:
    root = ET.fromstring(exports.to_kml(samples.story()).encode())  # noqa: S314
    marks = root.findall(".//k:Placemark", KML)
    assert [mark.findtext("k:styleUrl", namespaces=KML) for mark in marks] == [
        *("#rail", "#rail", "#road"),
        *("#stop", "#halt", "#halt", "#stop", "#stop", "#stop"),
        "#train",
    ]
    assert marks[0].findtext("k:TimeSpan/k:begin", namespaces=KML) == "2019-04-23T20:00:00Z"
    assert "TimeSpan" not in exports.to_kml(samples.story(departure=None))


@pytest.mark.parametrize("form", ["gpx", "kml"])
def test_markup_holds_any_name(form: str) -> None:
    text = exports.render(samples.story(names={"Khasan": HOSTILE}), form).decode()
    names = [e.text or "" for e in ET.fromstring(text.encode()).iter() if e.tag.endswith("}name")]  # noqa: S314
    assert any('</name><script>alert("1")</script> & `${x}` \ufffd[31m' in name for name in names)


def test_a_leg_of_one_vertex_is_still_a_line() -> None:
    story = samples.story()
    still = replace(
        story.legs[0], coordinates=story.legs[0].coordinates[:1], measures_m=story.legs[0].measures_m[:1]
    )
    told = json.loads(exports.to_geojson(replace(story, legs=(still, *story.legs[1:]))))
    assert told["features"][0]["geometry"]["coordinates"] == [[125.736, 39.006]] * 2


@pytest.mark.parametrize("form", exports.FORMATS)
def test_the_language_reaches_every_format(form: str) -> None:
    told = exports.render(samples.story(), form, lang="ko")
    for name in ("평양", "하산", "블라디보스토크", "루스키섬"):
        # Lines of a calendar are folded between any two letters.
        assert name.encode() in told.replace(b"\r\n ", b"")


@pytest.mark.parametrize("form", ["gpx", "parquet"])
def test_moments_take_no_second_clock(form: str) -> None:
    with pytest.raises(InputError, match=f"{form} shows no second clock"):
        exports.render(samples.story(), form, tz=ZoneInfo("UTC"))


@pytest.mark.parametrize("form", ["table", "json", "csv", "geojson", "kml", "ics"])
def test_the_second_clock_reaches_every_other_format(form: str) -> None:
    told = exports.render(samples.story(), form, tz=ZoneInfo("Europe/Copenhagen")).decode()
    assert re.search("2019-04-23[T ]22:00", told.replace("\r\n ", ""))


def test_a_halt_at_a_place_of_the_journey_is_named_in_the_language() -> None:
    halts = exports.to_dict(samples.story(), lang="ko")["halts"]
    assert [halt["place"] for halt in halts] == ["Tumangang", "Tumangang", "하산", "블라디보스토크"]


@pytest.mark.parametrize("form", exports.FORMATS)
def test_years_before_1000_have_four_digits(form: str) -> None:
    long_ago = datetime(987, 6, 5, 4, 3, tzinfo=ZoneInfo("UTC"))
    journey = samples.itinerary([samples.leg(1, samples.KHASAN, samples.VLADIVOSTOK)], departure=long_ago)
    told = exports.render(journey, form)
    if form == "parquet":
        table = pq.read_table(io.BytesIO(told))
        assert table["departure"][0].as_py() == long_ago
    else:
        assert re.search(rb"0987-?06-?0", told)


def test_format_of_a_file_name() -> None:
    assert exports.format_of(Path("a.GeoJSON"), exports.FORMATS) == "geojson"
    assert exports.format_of(Path("a.txt"), exports.FORMATS) == "table"
    assert exports.format_of(Path("folder.d/legs"), exports.FORMATS) == "table"
    with pytest.raises(InputError, match=r"legs\.xlsx.*--format"):
        exports.format_of(Path("legs.xlsx"), exports.FORMATS)
    with pytest.raises(InputError, match="table, json, csv"):
        exports.render(samples.story(), "xlsx")

"""CSV and GeoParquet of every kind of journey, as independent readers see them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import journeys
import pandas as pd
import pyarrow.parquet as pq
import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from route import exports, geodesy
from route.exports import tabular

Make = "Callable[[], Itinerary]"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize("make", journeys.ALL)
def test_csv_has_the_legs(make: Make) -> None:
    journey = make()
    text = exports.to_csv(journey)
    assert text.count("\r\n") == text.count("\n") == len(journey.legs) + 1
    frame = pd.read_csv(io.StringIO(text))
    assert list(frame["sequence"]) == [leg.sequence for leg in journey.legs]
    assert list(frame["origin"]) == [leg.origin.name for leg in journey.legs]
    assert list(frame["mode"]) == [leg.mode for leg in journey.legs]
    for column in ("distance_km", "geodesic_km", "duration_h_p10", "duration_h_p50", "duration_h_p90"):
        assert frame[column].dtype == float
    assert list(frame["distance_km"]) == pytest.approx(
        [leg.distance_m / 1000 for leg in journey.legs], abs=5e-4
    )
    assert list(frame["duration_h_p50"]) == pytest.approx(
        [leg.duration.p50_s / 3600 for leg in journey.legs], abs=5e-4
    )
    for told, stop in zip(frame["departure"], journey.stop_times[:-1], strict=True):
        if stop.departure is None:
            assert pd.isna(told)
        else:
            assert abs(datetime.fromisoformat(told) - stop.departure) <= timedelta(seconds=1)
            assert datetime.fromisoformat(told).utcoffset() == stop.departure.utcoffset()


def test_the_columns_of_csv_are_stable() -> None:
    assert exports.to_csv(samples.story()).splitlines()[0] == (
        "sequence,origin,destination,mode,distance_km,geodesic_km,duration_h_p10,duration_h_p50,"
        "duration_h_p90,departure,arrival,gauge_mm,countries,lines"
    )
    with_zone = exports.to_csv(samples.story(), tz=ZoneInfo("UTC")).splitlines()[0]
    assert with_zone.endswith(",lines,departure_tz,arrival_tz")


def test_texts_of_csv_are_in_quotes_and_numbers_are_not() -> None:
    line = exports.to_csv(samples.story()).splitlines()[1]
    assert line.startswith('1,"Pyongyang","Khasan","rail",850.0,562.368,')
    assert '"1435; 1520","KP; RU",' in line


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\u200b=1",
            "\u202e=1", "＝1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")']  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_no_text_of_csv_is_a_formula(name: str) -> None:
    (row, *_) = rows_of(exports.to_csv(samples.story(names={"Pyongyang": name})))
    assert row["origin"].startswith("'")
    assert row["origin"][1:] == name
    assert float(row["distance_km"]) == 850


def test_no_element_of_a_list_in_csv_is_a_formula() -> None:
    # Where a spreadsheet parts cells at a semicolon too, each element would be a cell.
    assert tabular._cell(["KP", "=1+1", "@x"]) == "KP; '=1+1; '@x"
    assert tabular._cell([-5]) == "'-5"
    assert tabular._cell(-5.0) == -5.0
    assert tabular._cell(None) is None


@given(st.text(st.characters(codec="utf-16"), max_size=40))
def test_a_cell_is_safe_and_is_read_back(text: str) -> None:
    cell = tabular._cell(text)
    first = cell.lstrip().lstrip("\ufeff\u200b\u202e")[:1]
    assert first not in {*"=+-@＝＋－＠"} or first == ""
    kept = cell.removeprefix("'") if cell != text else cell
    assert len(kept) == len(text) or text.startswith("'")
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC).writerow([cell, 1.5])
    assert next(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True)) == [cell, "1.5"]


@pytest.mark.parametrize("make", journeys.ALL)
def test_geoparquet_has_the_legs(make: Make) -> None:
    journey = make()
    frame = gpd.read_parquet(io.BytesIO(exports.to_parquet(journey)))
    assert frame.crs.to_epsg() == 4326
    assert list(frame.geometry.is_valid) == [leg.distance_m > 0 for leg in journey.legs]
    assert list(frame["origin"]) == [leg.origin.name for leg in journey.legs]
    assert list(frame["distance_km"]) == pytest.approx([leg.distance_m / 1000 for leg in journey.legs])
    for shape, leg in zip(frame.geometry, journey.legs, strict=True):
        parts = getattr(shape, "geoms", [shape])
        drawn = sum(geodesy.length_m(gpd.pd.DataFrame(part.coords).to_numpy()) for part in parts)
        assert drawn == pytest.approx(geodesy.length_m(leg.coordinates), rel=1e-4, abs=1)
    for row, before, after in zip(
        frame.itertuples(), journey.stop_times, journey.stop_times[1:], strict=False
    ):
        if before.departure is None:
            assert pd.isna(row.departure)
        else:
            assert row.departure.to_pydatetime() == before.departure
            assert row.arrival.to_pydatetime() == after.arrival
            local = row.departure.tz_convert(row.origin_timezone)
            assert local.utcoffset() == before.departure.utcoffset() or before is journey.stop_times[0]


@pytest.mark.parametrize("make", journeys.ALL)
def test_the_metadata_of_geoparquet_follow_its_specification(make: Make) -> None:
    schema = pq.read_schema(io.BytesIO(exports.to_parquet(make())))
    geo = json.loads(schema.metadata[b"geo"])
    assert geo["version"].startswith("1.")
    assert geo["primary_column"] == "geometry"
    (column,) = geo["columns"].values()
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) <= {"LineString", "MultiLineString"}
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    west, south, east, north = column["bbox"]
    assert -90 <= south <= north <= 90
    assert -180 <= min(west, east) <= max(west, east) <= 180
    about = json.loads(schema.metadata[b"railroute"])
    assert about["attribution"] == ["© OpenStreetMap contributors (ODbL 1.0)"]


def test_columns_and_types_of_geoparquet_are_the_same_for_every_journey() -> None:
    schemas = {
        str(pq.read_schema(io.BytesIO(exports.to_parquet(make()))).remove_metadata()) for make in journeys.ALL
    }
    assert len(schemas) == 1
    (schema,) = schemas
    assert "departure: timestamp[us, tz=UTC]" in schema
    assert "null" not in schema


def test_the_box_of_geoparquet_spans_the_antimeridian() -> None:
    schema = pq.read_schema(io.BytesIO(exports.to_parquet(samples.across_the_antimeridian())))
    west, _, east, _ = json.loads(schema.metadata[b"geo"])["columns"]["geometry"]["bbox"]
    assert (west, east) == (178.5, -176.0)


def test_geoparquet_speaks_the_language() -> None:
    frame = gpd.read_parquet(io.BytesIO(exports.render(samples.story(), "parquet", lang="ko")))
    assert list(frame["destination"]) == ["하산", "블라디보스토크", "루스키섬"]
    assert frame["departure"][0].tzinfo is not None
    assert frame["departure"][0].to_pydatetime().astimezone(UTC).hour == 20

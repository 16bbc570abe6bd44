"""The tables of stops, legs and positions."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import geopandas as gpd
import journeys
import numpy as np
import pytest
import samples

from route import geodesy, tables
from route.itinerary import Band
from route.planner import plan
from route.timetable import curve

ALL = journeys.ALL


@pytest.mark.parametrize("make", ALL)
def test_frames_have_the_rows_of_the_itinerary(make):
    itinerary = make()
    stops, legs, positions = tables.stops(itinerary), tables.legs(itinerary), tables.positions(itinerary)
    for frame in (stops, legs, positions):
        assert isinstance(frame, gpd.GeoDataFrame)
        assert frame.crs == "EPSG:4326"
        for shape, valid in zip(frame.geometry, frame.geometry.is_valid, strict=True):
            assert valid or shape.length == 0  # a leg without length is a line from a point to itself
    assert (stops.kind == "place").sum() == len(itinerary.places)
    assert list(legs.sequence) == list(range(1, len(itinerary.legs) + 1))
    assert legs.distance_km.sum() == pytest.approx(itinerary.distance_m / 1000)


def test_columns_are_those_that_are_documented():
    itinerary = samples.story()
    for frame, row in (
        (tables.stops(itinerary), tables.StopRow),
        (tables.legs(itinerary), tables.LegRow),
        (tables.positions(itinerary), tables.PositionRow),
    ):
        assert {*frame.columns, "lon", "lat"} >= set(row.__annotations__)
        assert set(frame.columns) <= {*row.__annotations__, "geometry"}
        for name in set(frame.columns) - {"geometry"}:
            assert name in row.__doc__


def test_leg_of_the_story_reads_as_published():
    leg = tables.legs(samples.story()).iloc[0]
    assert (leg.origin, leg.destination, leg["mode"]) == ("Pyongyang", "Khasan", "rail")
    assert leg.distance_km == pytest.approx(850)
    assert leg.geodesic_km == pytest.approx(559, abs=5)
    assert leg.countries == ["KP", "RU"]
    assert leg.gauge_mm == [1435, 1520]
    assert leg.departure.isoformat() == "2019-04-24T05:00:00+09:00"
    assert leg.duration_h_p10 < leg.duration_h_p50 < leg.duration_h_p90


def test_halts_stand_between_their_places_one_after_the_other():
    stops = tables.stops(samples.story())
    assert list(stops.kind) == ["place", "break_of_gauge", "border", "place", "place", "place"]
    gauge, border, khasan = stops.iloc[1], stops.iloc[2], stops.iloc[3]
    assert gauge.measure_km == border.measure_km == pytest.approx(845)
    assert border.elapsed_h_p50 == pytest.approx(gauge.elapsed_h_p50 + gauge.dwell_h_p50)
    assert border.elapsed_h_p50 + border.dwell_h_p50 < khasan.elapsed_h_p50
    assert border.arrival.utcoffset() == timedelta(0)
    assert list(stops.place.dropna()) == [0, 1, 2, 3]


@pytest.mark.parametrize("make", ALL)
def test_positions_run_from_start_to_end_and_never_back(make):
    itinerary = make()
    rows = tables.position_rows(itinerary)
    for column in ("elapsed_s", "elapsed_s_p10", "elapsed_s_p90", "measure_m", "leg"):
        assert (np.diff([row[column] for row in rows]) >= -1e-6).all()
    assert rows[0]["elapsed_s"] == rows[0]["measure_m"] == 0
    assert rows[-1]["measure_m"] == pytest.approx(itinerary.distance_m)
    assert rows[-1]["elapsed_s"] == pytest.approx(itinerary.duration.p50_s)
    assert rows[-1]["elapsed_s_p90"] == pytest.approx(itinerary.duration.p90_s)
    assert all(row["elapsed_s_p10"] <= row["elapsed_s"] <= row["elapsed_s_p90"] for row in rows)


def test_positions_stand_still_at_halts_and_stops_alone():
    rows = tables.position_rows(samples.story())
    still = [
        (round(a["measure_m"] / 1000), round((b["elapsed_s"] - a["elapsed_s"]) / 3600, 2))
        for a, b in pairwise(rows)
        if a["measure_m"] == b["measure_m"]
    ]
    assert still == [(845, 2.0), (845, 1.0), (850, 1.0), (1177, 1.0)]


def test_positions_are_breakpoints_not_vertices():
    itinerary = samples.story()
    rows = tables.position_rows(itinerary)
    assert len(rows) < 20
    assert len(rows) < sum(len(leg.coordinates) for leg in itinerary.legs) / 10


def test_positions_lie_on_the_line_at_their_measure():
    itinerary = samples.story()
    leg = itinerary.legs[0]
    for row in tables.position_rows(itinerary):
        if row["leg"] == 1:
            lon, lat = geodesy.position_at(leg.coordinates, leg.measures_m, row["measure_m"])
            assert (row["lon"], row["lat"]) == pytest.approx((lon, lat))


def test_faster_sections_take_less_of_the_time():
    slow = (300.0, "KP", (1435,), None, 30.0)
    fast = (600.0, "KP", (1435,), None, 90.0)
    leg = samples.leg(1, samples.PYONGYANG, samples.KHASAN, distance_km=600, sections=[slow, fast])
    middle = tables.position_rows(samples.itinerary([leg]))[1]
    assert middle["measure_m"] == pytest.approx(300_000)
    assert middle["elapsed_s"] == pytest.approx(leg.duration.p50_s * 0.75)


def test_times_in_utc_agree_with_local_ones():
    itinerary = samples.story()
    last = tables.position_rows(itinerary)[-1]
    assert last["time_utc"].tzinfo is UTC
    assert abs(last["time_utc"] - itinerary.arrival) < timedelta(seconds=1)


def test_without_departure_no_times():
    itinerary = samples.story(departure=None)
    assert {row["time_utc"] for row in tables.position_rows(itinerary)} == {None}
    assert {row["arrival"] for row in tables.stop_rows(itinerary)} == {None}


def test_line_across_the_antimeridian_is_cut():
    line = tables.legs(samples.across_the_antimeridian()).geometry.iloc[0]
    assert line.geom_type == "MultiLineString"
    assert line.bounds[0] >= -180
    assert line.bounds[2] <= 180
    assert all(part.bounds[2] - part.bounds[0] < 10 for part in line.geoms)


def test_legs_can_be_written_to_geoparquet():
    file = io.BytesIO()
    tables.legs(samples.story()).to_parquet(file)
    back = gpd.read_parquet(io.BytesIO(file.getvalue()))
    assert list(back.origin) == ["Pyongyang", "Khasan", "Vladivostok"]


def test_frames_are_the_callers_own():
    itinerary = samples.story()
    frame = tables.legs(itinerary)
    frame["origin"] = "changed"
    assert tables.legs(itinerary).origin[0] == "Pyongyang"


def test_positions_follow_the_curve_of_the_leg():
    itinerary = journeys.out_and_back_over_the_date_line()
    elapsed, measure = curve(itinerary)
    rows = tables.position_rows(itinerary)
    assert [row["elapsed_s"] for row in rows] == pytest.approx(elapsed[1:].tolist())
    assert [row["measure_m"] for row in rows] == pytest.approx(measure[1:].tolist())
    (halt,) = itinerary.halts
    (row,) = (row for row in tables.stop_rows(itinerary) if row["kind"] == "reversal")
    assert row["elapsed_h_p50"] * 3600 == pytest.approx(rows[1]["elapsed_s"])
    assert row["departure"] - row["arrival"] == timedelta(seconds=halt.duration.p50_s)
    # The halt keeps its own band, the running shares the rest.
    assert rows[2]["elapsed_s_p90"] - rows[1]["elapsed_s_p90"] == pytest.approx(halt.duration.p90_s)
    assert rows[-1]["elapsed_s_p10"] == pytest.approx(itinerary.duration.p10_s)


def test_a_band_stays_in_order_where_halts_outweigh_the_running():
    itinerary = journeys.out_and_back_over_the_date_line()
    (leg,) = itinerary.legs
    median = leg.duration.p50_s
    narrow = replace(leg, duration=Band(median - 60, median, median + 60))
    odd = replace(itinerary, legs=(narrow,))
    rows = tables.position_rows(odd)
    for low, high in (("elapsed_s_p10", "elapsed_s"), ("elapsed_s", "elapsed_s_p90")):
        assert all(row[low] <= row[high] + 1e-6 for row in rows)
    for name, total in (("elapsed_s_p10", median - 60), ("elapsed_s_p90", median + 60)):
        values = [row[name] for row in rows]
        assert values == sorted(values)
        assert values[-1] == pytest.approx(total)


def test_a_halt_that_the_curve_does_not_stand_for_is_reached_in_passing():
    itinerary = journeys.out_and_back_over_the_date_line()
    (halt,) = itinerary.halts
    passed = replace(halt, measure_m=halt.measure_m / 2)
    rows = tables.position_rows(itinerary)
    (row,) = (
        row for row in tables.stop_rows(replace(itinerary, halts=(passed,))) if row["kind"] == "reversal"
    )
    assert row["elapsed_h_p50"] * 3600 == pytest.approx(rows[1]["elapsed_s"] / 2)


def test_the_story_as_it_is_planned_has_one_clock_in_all_its_tables():
    itinerary = plan(None, departure="2019-04-24T05:00").itinerary
    elapsed, measure = curve(itinerary)
    rows = tables.position_rows(itinerary)
    assert np.interp([row["elapsed_s"] for row in rows], elapsed, measure) == pytest.approx(
        [row["measure_m"] for row in rows], abs=1.0
    )
    last = tables.stop_rows(itinerary)[-1]
    assert last["arrival"] == rows[-1]["time_utc"]
    for row in tables.stop_rows(itinerary):
        assert row["elapsed_h_p10"] <= row["elapsed_h_p50"] <= row["elapsed_h_p90"]
        if row["kind"] != "place":
            assert row["arrival"] in {one["time_utc"] for one in rows}

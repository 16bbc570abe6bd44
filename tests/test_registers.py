"""The registers of countries and crossings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from route import registers
from route.errors import InputError
from route.registers import DEFAULT_COUNTRY, borders, countries, country, crossing_near, same_gauge


def test_every_country_of_a_crossing_has_a_row_or_no_passenger_train():
    codes = {
        code for entry in borders() if entry.status == "open" for code in (entry.country_a, entry.country_b)
    }
    assert codes <= set(countries())


def test_values_of_countries_are_plausible():
    assert len(countries()) > 130
    for code, entry in countries().items():
        assert code == entry.iso2
        assert len(code) == 2
        assert code.isupper()
        assert 600 <= entry.main_gauge_mm <= 1676
        assert entry.main_gauge_mm not in entry.other_gauges_mm
        assert 10 <= entry.regional_commercial_kmh <= entry.express_commercial_kmh < entry.main_line_speed_kmh
        assert entry.branch_line_speed_kmh <= entry.main_line_speed_kmh <= 200
        assert entry.source


def test_values_of_crossings_are_plausible():
    assert len(borders()) > 480
    for entry in borders():
        apart = entry.distance_km(entry.lon_a, entry.lat_a)
        assert apart == pytest.approx(0, abs=1e-6)
        lon, lat = entry.position
        assert entry.distance_km(lon, lat) < 0.5
        assert entry.gauge_change_station in (None, entry.station_a, entry.station_b)
        if entry.dwell_h_typical is not None:
            assert entry.dwell_h_min is not None
            assert entry.dwell_h_max is not None
            assert 0 <= entry.dwell_h_min <= entry.dwell_h_typical <= entry.dwell_h_max
        if not same_gauge(entry.gauge_a_mm, entry.gauge_b_mm):
            assert entry.method != "none"


def test_crossings_inside_one_travel_area_have_no_formalities():
    for entry in borders():
        area = country(entry.country_a).travel_area
        if area is not None and area == country(entry.country_b).travel_area:
            assert entry.formalities == "none", entry.crossing


def test_no_train_crosses_between_the_koreas():
    rows = [entry for entry in borders() if {entry.country_a, entry.country_b} == {"KP", "KR"}]
    assert len(rows) >= 2
    assert {entry.status for entry in rows} == {"closed"}


def test_the_crossing_of_the_story():
    crossing = crossing_near("KP", "RU", 130.62, 42.42, 20)
    assert crossing is not None
    assert crossing.crossing == "Khasan–Tumangang"
    assert crossing.gauge_change_station == "Tumangang"
    assert crossing.station("KP") == "Tumangang"
    assert crossing.station("RU") == "Khasan"
    assert crossing_near("RU", "KP", 130.62, 42.42, 20) is crossing


def test_the_nearest_of_several_crossings_is_taken_and_none_out_of_reach():
    near = crossing_near("FR", "ES", 3.16, 42.43, 20)
    assert near is not None
    assert near.crossing == "Portbou–Cerbère"
    assert crossing_near("FR", "ES", 3.16, 45.0, 20) is None
    assert crossing_near("GB", "JP", 0.0, 51.0, 20_000) is None


def test_a_long_crossing_is_near_along_its_whole_length():
    tunnel = crossing_near("GB", "FR", 1.45, 51.0, 15)
    assert tunnel is not None
    assert tunnel.crossing == "Channel Tunnel"


def test_a_country_without_a_row_gets_the_default():
    assert country("QQ") is DEFAULT_COUNTRY
    assert country(None) is DEFAULT_COUNTRY
    assert country("KP").main_line_speed_kmh == 60


@given(st.integers(600, 1700), st.integers(600, 1700))
def test_same_gauge_is_symmetric(one, other):
    assert same_gauge(one, other) == same_gauge(other, one)
    assert same_gauge(one, one)


def test_russian_and_finnish_gauge_are_one():
    assert same_gauge(1520, 1524)
    assert not same_gauge(1520, 1435)


@given(st.floats(-180, 180), st.floats(-60, 60))
def test_the_distance_to_a_crossing_is_finite_and_does_not_jump_at_the_antimeridian(lon, lat):
    crossing = borders()[0]
    distance = crossing.distance_km(lon, lat)
    assert math.isfinite(distance)
    assert distance == pytest.approx(crossing.distance_km(lon + 360, lat))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("lat_a", "north", "lat_a is 'north', expected a number"),
        ("status", "half open", "status is 'half open', expected one of open"),
        ("source", "", "source is '', expected a text"),
        ("gauge_b_mm", "1435;1520", "one gauge on each side"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, monkeypatch, column, value, message):
    import csv

    from route.files import data_path

    with data_path("borders.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:3]
    rows[1][column] = value
    with (tmp_path / "borders.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setattr(registers, "data_path", lambda name: tmp_path / name)
    with pytest.raises(InputError, match=r"data/borders\.csv, line 3") as caught:
        borders.__wrapped__()
    assert message in str(caught.value)


def test_a_missing_table_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(registers, "data_path", lambda name: tmp_path / name)
    with pytest.raises(InputError, match="Install railroute again"):
        countries.__wrapped__()

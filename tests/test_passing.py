"""Towns that a line passes."""

from __future__ import annotations

import numpy as np
import pytest

from route.basemap.passing import passed_towns
from route.geodesy import distance_m, measures_m

# Through Lyon, Paris and Lille, straight between them.
LINE = np.array([[4.83, 45.76], [2.35, 48.86], [3.06, 50.63]])
MEASURES = measures_m(LINE)
TOTAL = float(MEASURES[-1])


def test_towns_come_in_the_order_of_the_line_and_lie_on_it() -> None:
    found = passed_towns(LINE, MEASURES, stops_m=(0.0, TOTAL), names=("Lyon", "Lille"))
    assert "Paris" in {town.name for town in found}
    assert [town.measure_m for town in found] == sorted(town.measure_m for town in found)
    paris = next(town for town in found if town.name == "Paris")
    assert paris.measure_m == pytest.approx(float(MEASURES[1]), abs=6_000)
    assert float(distance_m(paris.lon, paris.lat, 2.35, 48.86)) < 6_000


def test_stops_and_names_that_are_taken_are_left_out() -> None:
    near_paris = passed_towns(LINE, MEASURES, stops_m=(0.0, float(MEASURES[1]), TOTAL))
    assert all(abs(town.measure_m - float(MEASURES[1])) > 8_000 for town in near_paris)
    assert "Paris" not in {town.name for town in passed_towns(LINE, MEASURES, names=("PARIS",))}


def test_they_keep_apart_and_are_no_more_than_asked_for() -> None:
    found = passed_towns(LINE, MEASURES, most=3)
    assert len(found) == 3
    steps = np.diff([town.measure_m for town in found])
    assert steps.min() >= TOTAL / (1.6 * 3)


def test_names_are_in_the_language_asked_for() -> None:
    found = passed_towns(LINE, MEASURES, lang="ru", most=1)
    assert [town.name for town in found] == ["Париж"]


def test_across_the_antimeridian_longitudes_run_on() -> None:
    # From Suva past Labasa, Fiji, to beyond 180 degrees.
    line = np.array([[178.44, -18.14], [179.37, -16.42], [181.0, -16.0]])
    found = passed_towns(line, measures_m(line))
    assert found
    assert all(177.0 < town.lon < 181.1 for town in found)


def test_a_line_without_length_passes_nothing() -> None:
    assert passed_towns(np.array([[2.35, 48.86]]), np.zeros(1)) == ()
    assert passed_towns(np.array([[2.35, 48.86]] * 2), np.zeros(2), stops_m=(0.0,)) == ()

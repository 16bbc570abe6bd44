"""Lengths, measures and positions on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from route.geodesy import bearing, distance_m, length_m, measures_m, position_at, split_antimeridian, unwrap

SEATTLE, CHICAGO = (-122.33, 47.60), (-87.64, 41.88)  # King Street and Union Station

points = st.tuples(st.floats(-180, 180), st.floats(-89, 89))
lines = st.lists(points, min_size=2, max_size=12).map(lambda rows: np.array(rows, dtype=np.float64))


def steps(size=0.5):
    """Lines of short steps, as railways are; they may cross the antimeridian."""
    step = st.tuples(st.floats(-size, size), st.floats(-size, size))
    start = st.tuples(st.floats(-180, 180), st.floats(-70, 70))

    def walk(parts):
        first, rest = parts
        line = np.cumsum(np.array([first, *rest]), axis=0)
        line[:, 0] = (line[:, 0] + 180) % 360 - 180
        return line

    return st.tuples(start, st.lists(step, min_size=1, max_size=12)).map(walk)


def test_seattle_to_chicago_is_measured_on_the_ellipsoid():
    assert distance_m(*SEATTLE, *CHICAGO) / 1000 == pytest.approx(2795.1, abs=0.05)


def test_one_degree_of_latitude_at_the_equator_and_the_pole():
    # WGS 84: 110.574 km at the equator, 111.694 km at the pole.
    assert distance_m(0, 0, 0, 1) == pytest.approx(110_574, abs=1)
    assert distance_m(0, 89, 0, 90) == pytest.approx(111_694, abs=1)


def test_many_pairs_are_measured_as_one_by_one():
    here = np.array([[0.0, 50.0], [10.0, 60.0]])
    there = np.array([[1.0, 51.0], [-10.0, -60.0]])
    many = distance_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    assert many.tolist() == [distance_m(*a, *b) for a, b in zip(here, there, strict=True)]


@pytest.mark.parametrize(("target", "degrees"), [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), 270)])
def test_bearings_turn_clockwise_from_north(target, degrees):
    assert bearing(0, 0, *target) == pytest.approx(degrees)


@given(points, points)
def test_distance_is_symmetric(one, other):
    assert distance_m(*one, *other) == pytest.approx(distance_m(*other, *one), abs=1e-6)


@given(lines)
def test_length_is_the_last_measure_and_does_not_depend_on_direction(line):
    measures = measures_m(line)
    assert measures[0] == 0
    assert (np.diff(measures) >= 0).all()
    assert length_m(line) == pytest.approx(measures[-1])
    assert length_m(line[::-1]) == pytest.approx(length_m(line))


@given(lines, st.integers(1, 11))
def test_length_adds_up_over_a_cut(line, cut):
    cut = min(cut, len(line) - 1)
    assert length_m(line[: cut + 1]) + length_m(line[cut:]) == pytest.approx(length_m(line))


def test_lines_of_no_or_one_vertex_have_no_length():
    assert length_m(np.zeros((0, 2))) == 0
    assert length_m(np.zeros((1, 2))) == 0
    assert measures_m(np.zeros((1, 2))).tolist() == [0]


@given(steps(), st.floats(0, 1))
def test_a_position_divides_the_line_at_its_measure(line, share):
    measures = measures_m(line)
    wanted = share * float(measures[-1])
    lon, lat = position_at(line, measures, wanted)
    index = min(int(np.searchsorted(measures, wanted, side="right")), len(line) - 1)
    before = index - 1
    walked = float(measures[before]) + distance_m(*line[before], lon, lat)
    assert walked == pytest.approx(wanted, abs=0.01)
    assert -180 <= lon <= 180


def test_the_midpoint_is_that_of_the_geodesic_and_not_of_the_degrees():
    line = np.array([[10.0, 70.0], [40.0, 70.0]])
    measures = measures_m(line)
    lon, lat = position_at(line, measures, float(measures[-1]) / 2)
    assert lon == pytest.approx(25.0)
    assert lat > 70.5
    assert distance_m(10, 70, lon, lat) == pytest.approx(distance_m(lon, lat, 40, 70))


@given(steps())
def test_vertices_are_returned_as_they_are_and_ends_are_kept(line):
    measures = measures_m(line)
    found = position_at(line, measures, np.array([-5.0, 0.0, float(measures[-1]), float(measures[-1]) + 5]))
    first = line[np.searchsorted(measures, 0.0, side="right") - 1] if measures[-1] > 0 else line[0]
    if measures[1] > 0:
        assert found[:2].tolist() == [first.tolist()] * 2
    if measures[-1] > measures[-2]:
        assert found[2:].tolist() == [line[-1].tolist()] * 2


def test_measures_may_be_longer_than_the_drawing():
    line = np.array([[0.0, 0.0], [1.0, 0.0]])
    assert position_at(line, np.array([0.0, 500_000.0]), 250_000.0) == pytest.approx((0.5, 0.0))


@given(steps(2.0))
def test_unwrapping_moves_no_point_and_leaves_no_jump(line):
    flat = unwrap(line)
    assert (np.abs(np.diff(flat[:, 0])) <= 180).all()
    assert np.allclose((flat[:, 0] - line[:, 0]) % 360 % 360, 0, atol=1e-9) or np.allclose(
        np.cos(np.radians(flat[:, 0] - line[:, 0])), 1
    )
    assert (flat[:, 1] == line[:, 1]).all()


@given(steps(2.0))
def test_pieces_stay_on_their_side_of_the_antimeridian_and_keep_the_length(line):
    pieces = split_antimeridian(line)
    for piece in pieces:
        assert (np.abs(np.diff(piece[:, 0])) <= 180).all()
        assert (np.abs(piece[:, 0]) <= 180 + 1e-9).all()
    # The cut is made in degrees: on steps of up to 2 degrees that lengthens a step by less than 0.1 %.
    assert sum(map(length_m, pieces)) == pytest.approx(length_m(line), rel=1e-3, abs=1)


def test_a_line_across_the_antimeridian_becomes_two():
    first, second = split_antimeridian(np.array([[179.0, 60.0], [-179.0, 61.0], [-178.0, 61.0]]))
    assert first.tolist() == [[179, 60], [180, 60.5]]
    assert second.tolist() == [[-180, 60.5], [-179, 61], [-178, 61]]


def test_a_piece_that_comes_back_to_where_it_was_cut_is_kept():
    out_and_back = np.array([[179.0, 66.0], [-178.0, 66.0], [179.0, 66.0]])
    pieces = split_antimeridian(out_and_back)
    assert [piece.tolist() for piece in pieces] == [
        [[179, 66], [180, 66]],
        [[-180, 66], [-178, 66], [-180, 66]],
        [[180, 66], [179, 66]],
    ]


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ([[179, 60], [180, 60], [179, 61]], [[[179, 60], [180, 60], [179, 61]]]),
        ([[-179, 60], [180, 60]], [[[-179, 60], [-180, 60]]]),
        ([[180, 60], [-179, 60]], [[[-180, 60], [-179, 60]]]),
        (
            [[179, 60], [180, 60], [-180, 61], [-179, 61]],
            [[[179, 60], [180, 60], [180, 61]], [[-180, 61], [-179, 61]]],
        ),
        ([[-180, 60], [180, 61], [179, 61]], [[[180, 60], [180, 61], [179, 61]]]),
        ([[7, 47], [7, 47]], [[[7, 47], [7, 47]]]),
        ([[7, 47]], [[[7, 47]]]),
    ],
)
def test_touching_the_antimeridian_is_no_crossing(line, pieces):
    assert [piece.tolist() for piece in split_antimeridian(np.array(line, dtype=np.float64))] == pieces


@given(steps(2.0))
def test_no_vertex_is_lost_in_the_cutting(line):
    pieces = split_antimeridian(line)
    met = np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])
    kept = [row for row in met.tolist() if abs(row[0]) < 180]
    wanted = [row for row in line.tolist() if abs(row[0]) < 180]
    assert np.allclose(kept, wanted, atol=1e-9)


def test_further_columns_are_cut_along():
    timed = np.array([[179.0, 60.0, 0.0], [-179.0, 61.0, 100.0]])
    first, second = split_antimeridian(timed)
    assert first.tolist() == [[179, 60, 0], [180, 60.5, 50]]
    assert second.tolist() == [[-180, 60.5, 50], [-179, 61, 100]]

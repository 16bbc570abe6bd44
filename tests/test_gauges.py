"""Gauges by country, and where they are better left unknown."""

from __future__ import annotations

from dataclasses import replace

from networks import tracks

from route.building.gauges import fill_gauges


def test_unknown_track_gets_the_gauge_of_its_country_away_from_other_gauges() -> None:
    # A line of 1435 mm in Spain, an approach to it of 8 km, and a line 80 km on; then one in France.
    nodes = [(-3.0, 40.0), (-2.9, 40.0), (-2.8, 40.0), (-1.8, 40.0), (-1.7, 40.0), (2.0, 47.0), (2.1, 47.0)]
    graph = tracks(
        nodes,
        [(0, 1), (1, 2), (2, 3), (3, 4), (5, 6)],
        gauge=[1, 0, 0, 0, 0],
        country=[1, 1, 1, 1, 2],
    )
    filled = fill_gauges(replace(graph, gauges=((), (1435,)), countries=("", "ES", "FR")))
    assert [filled.gauges[g] for g in filled.gauge] == [(1435,), (), (), (1668,), (1435,)]


def test_a_dual_gauge_line_is_no_line_of_another_gauge() -> None:
    graph = tracks([(-3.0, 40.0), (-2.9, 40.0), (-2.8, 40.0)], [(0, 1), (1, 2)], gauge=[1, 0], country=[1, 1])
    filled = fill_gauges(replace(graph, gauges=((), (1435, 1668)), countries=("", "ES")))
    assert [filled.gauges[g] for g in filled.gauge] == [(1435, 1668), (1668,)]


def test_a_country_without_a_row_and_ferries_stay_unknown() -> None:
    graph = tracks([(-3.0, 40.0), (-2.9, 40.0), (-2.8, 40.0)], [(0, 1), (1, 2)], country=[1, 2], mode=[0, 1])
    filled = fill_gauges(replace(graph, countries=("", "QQ", "ES")))
    assert [filled.gauges[g] for g in filled.gauge] == [(), ()]

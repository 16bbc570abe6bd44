"""Tracks for one direction only, from the tags of a map to the way of a train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import building_samples as samples
import pytest

from route.building.build import build_network
from route.network.snap import snap
from route.routing import Router, line_speeds_kmh
from route.ways import way_of

if TYPE_CHECKING:
    from pathlib import Path

    from route.network.model import RailNetwork

pytest.importorskip("osmium", reason="osmium reads OpenStreetMap's files: pip install osmium")


def flying_junction(tmp_path: Path, **tags: str) -> RailNetwork:
    """A line from west to east, with a loop 500 m north of it that carries `tags`, drawn eastwards."""
    m = samples.Map()
    for number, (east, north) in enumerate(
        [(0, 0), (2_000, 0), (6_000, 0), (8_000, 0), (2_500, 500), (5_500, 500)], 1
    ):
        m.point(number, east, north)
    m.line(1, [1, 2])
    m.line(2, [2, 3], oneway="-1")
    m.line(3, [3, 4])
    m.line(4, [2, 5, 6, 3], **tags)
    return build_network(m.xml(tmp_path / "map.osm"), tmp_path / "net")


def northing(net: RailNetwork, start: float, end: float) -> float:
    """How far north the way goes between two points of the line, in metres."""
    at = [snap(net, 9.0 + east * samples.M / 0.682, 47.0, within_m=500) for east in (start, end)]
    path = Router(net).metric().path(*at)
    assert path is not None
    return float((way_of(net, line_speeds_kmh(net), path).coordinates[:, 1].max() - 47.0) / samples.M)


def test_a_oneway_track_is_run_the_way_it_is_tagged(tmp_path: Path) -> None:
    net = flying_junction(tmp_path, oneway="yes")
    assert northing(net, 500, 7_500) == pytest.approx(500, abs=5)
    assert northing(net, 7_500, 500) == pytest.approx(0, abs=5)


def test_a_preferred_direction_forbids_nothing(tmp_path: Path) -> None:
    net = flying_junction(tmp_path, railway__preferred_direction="backward")
    assert northing(net, 500, 7_500) == pytest.approx(500, abs=5)


def test_one_track_that_stands_for_both_is_run_both_ways(tmp_path: Path) -> None:
    m = samples.Map()
    for number, (east, north) in enumerate([(0, 0), (6_000, 0), (6_000, 8), (0, 8)], 1):
        m.point(number, east, north)
    m.line(1, [1, 2], oneway="yes")
    m.line(2, [3, 4], oneway="yes")
    m.line(3, [1, 4])
    m.line(4, [2, 3])
    net = build_network(m.xml(tmp_path / "map.osm"), tmp_path / "net")
    assert not net.oneway.any()
    assert northing(net, 500, 5_500) == pytest.approx(northing(net, 5_500, 500), abs=1)

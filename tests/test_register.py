"""The register of lines and the list of links, applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import building_samples as samples
import numpy as np
import pytest

from route.building.gaps import close_gaps
from route.building.links import add_links
from route.building.register import tag_lines
from route.building.rows import LineRow, LinkRow, read_lines, read_links
from route.errors import InputError
from route.files import data_path
from route.network.tracks import MODES, SOURCES, SPEED_SOURCES, TrackGraph

if TYPE_CHECKING:
    from pathlib import Path


def at(east: float, north: float = 0.0) -> tuple[float, float]:
    graph = samples.graph([(east, north), (0, 0)], [(0, 1)])
    return float(graph.lon[0]), float(graph.lat[0])


def line(*, count: int = 11, step: float = 10_000.0) -> TrackGraph:
    """A straight line of 100 km."""
    return samples.graph([(step * i, 0.0) for i in range(count)], [(i, i + 1) for i in range(count - 1)])


def row(**changes: object) -> LineRow:
    base = LineRow(
        name="Test line",
        countries=(),
        points=(at(0), at(100_000)),
        gauges_mm=(1435,),
        electrification="25kV AC",
        line_speed_kmh=160,
        official_m=None,
        kind="main",
        confidence="high",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def link(**changes: object) -> LinkRow:
    base = LinkRow(
        name="Test bridge",
        kind="bridge",
        points=(at(100_000), at(110_000)),
        length_m=11_000.0,
        speed_kmh=90.0,
        gauges_mm=(1435,),
        status="open",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def values(graph: TrackGraph) -> set[tuple[object, ...]]:
    """What the edges are tagged with."""
    return {
        (graph.lines[n], graph.gauges[g], graph.electrifications[e], int(v), SPEED_SOURCES[s])
        for n, g, e, v, s in zip(
            graph.line, graph.gauge, graph.electrification, graph.speed_kmh, graph.speed_source, strict=True
        )
    }


def test_a_row_tags_the_track_it_runs_over() -> None:
    found = tag_lines(line(), [row()])
    assert values(found) == {("Test line", (1435,), "25kV AC", 160, "register")}


def test_a_row_for_a_part_leaves_the_rest() -> None:
    found = tag_lines(line(), [row(points=(at(20_000), at(55_000)))])
    tagged = found.line > 0
    assert found.length_m[tagged].sum() == pytest.approx(35_000, abs=50)
    assert found.length_m.sum() == pytest.approx(100_000)
    assert values(found.select(~tagged)) == {("", (), "", 0, "default")}


@pytest.mark.parametrize("official_m", [98_000.0, 104_000.0, 115_000.0])
def test_official_lengths_correct_measured_ones(official_m: float) -> None:
    found = tag_lines(line(), [row(official_m=official_m)])
    assert found.length_m.sum() == pytest.approx(official_m)
    assert np.ptp(found.length_m[found.line > 0]) < 0.05 * official_m


@pytest.mark.parametrize("official_m", [60_000.0, 250_000.0])
def test_a_row_that_ran_over_other_track_is_not_applied(official_m: float) -> None:
    report: list[str] = []
    found = tag_lines(line(), [row(official_m=official_m)], report=report)
    assert values(found) == {("", (), "", 0, "default")}
    assert found.length_m.sum() == pytest.approx(100_000)
    assert len(report) == 1
    assert "Test line" in report[0]


def test_a_row_away_from_any_track_says_so() -> None:
    report: list[str] = []
    tag_lines(line(), [row(points=(at(0, 400_000), at(100_000, 400_000)))], report=report)
    assert "no track within" in report[0]


def test_dual_gauge_is_a_set() -> None:
    found = tag_lines(line(), [row(), row(name="Broad", gauges_mm=(1520,), points=(at(0), at(50_000)))])
    assert {found.gauges[g] for g in found.gauge} == {(1435,), (1435, 1520)}


@pytest.mark.parametrize(
    ("strayed", "countries", "home"), [(1, ("AT",), True), (4, ("AT",), False), (1, ("AT", "CH"), False)]
)
def test_a_line_of_one_country_that_strays_a_little_is_brought_home(
    strayed: int, countries: tuple[str, ...], home: bool
) -> None:
    # Along a border river, a coarse outline puts a bend of the line abroad.
    code = np.where(np.arange(10) < strayed, 2, 1).astype(np.uint8)
    graph = replace(line(), country=code, countries=("", "AT", "CH"))
    found = tag_lines(graph, [row(countries=countries)])
    assert ({found.countries[c] for c in found.country} == {"AT"}) is home


def test_the_high_speed_row_has_precedence_on_shared_track() -> None:
    found = tag_lines(line(), [row(), row(name="Fast", kind="highspeed", line_speed_kmh=300)])
    assert set(found.speed_kmh.tolist()) == {300}


def test_a_link_joins_two_networks() -> None:
    graph = samples.graph([(0, 0), (100_000, 0), (110_000, 0), (210_000, 0)], [(0, 1), (2, 3)])
    report: list[str] = []
    # A link looks for the large networks, of 200 km or more.
    graph = replace(graph, length_m=graph.length_m * 2.5)
    found = add_links(graph, [link()], report=report)
    added = found.source == SOURCES.index("link")
    assert found.length_m[added].tolist() == [11_000.0]
    assert found.speed_kmh[added].tolist() == [90]
    assert len(np.unique(found.components()[found.tail])) == 1
    assert report == ["added (11.0 km): Test bridge"]
    # A second time it is there already.
    again = add_links(found, [link()], report=report)
    assert again.n_edges == found.n_edges


@pytest.mark.parametrize(
    ("changes", "usable"),
    [
        ({}, True),
        ({"status": "closed"}, False),
        ({"status": "freight_only"}, True),
        ({"status": "freight_only", "kind": "train_ferry"}, False),
        ({"kind": "train_ferry"}, True),
    ],
)
def test_what_no_passenger_can_use_is_left_out(changes: dict[str, str], usable: bool) -> None:
    graph = samples.graph([(0, 0), (100_000, 0), (110_000, 0), (210_000, 0)], [(0, 1), (2, 3)])
    assert link(**changes).usable is usable
    found = add_links(graph, [link(**changes)])
    assert (found.n_edges > graph.n_edges) is usable
    if usable:
        mode = found.mode[found.source == SOURCES.index("link")]
        assert set(mode.tolist()) == {MODES.index("ferry" if "kind" in changes else "rail")}


def test_a_gap_that_the_register_shows_is_closed() -> None:
    points = [(10_000.0 * i, 0.0) for i in range(11)]
    edges = [(i, i + 1) for i in range(10) if i not in (4, 5)]
    torn = samples.graph(points, edges)
    report: list[str] = []
    found = close_gaps(torn, [row()], report=report)
    joined = found.source == SOURCES.index("register")
    assert found.length_m[joined].sum() == pytest.approx(20_000 * 1.1, rel=0.02)
    assert len(report) == int(joined.sum())
    # Without a row that runs there, nothing is closed; nor where the row is a mere guess.
    assert close_gaps(torn, []).n_edges == torn.n_edges
    assert close_gaps(torn, [row(confidence="low")]).n_edges == torn.n_edges


def test_the_tables_that_come_with_the_package() -> None:
    rows = read_lines(data_path("lines.csv"))
    assert len(rows) > 500
    assert all(len(r.points) >= 2 and 20 <= r.line_speed_kmh <= 450 for r in rows)
    assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for r in rows for lon, lat in r.points)
    links = read_links(data_path("links.csv"))
    assert any(item.kind == "train_ferry" for item in links)
    assert all(item.length_m > 0 and item.speed_kmh > 0 for item in links)


HEAD = (
    "name,countries,from_lat,from_lon,via,to_lat,to_lon,gauge_mm,electrification,line_speed_kmh,official_km,"
    "kind,confidence\n"
)


@pytest.mark.parametrize(
    "cells",
    [
        "L,CH,x,9,,47,10,1435,no,100,,main,high",
        "L,CH,47,9,,47,10,wide,no,100,,main,high",
        "L,CH,47,9,47,47,10,,no,,,main,high",
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, cells: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(HEAD + "A,CH,47,9,,47,10,1435,no,100,,main,high\n" + cells + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lines\.csv, line 3"):
        read_lines(path)

"""Lines out of tracks, and ends that touch."""

from __future__ import annotations

import itertools
from dataclasses import replace

import building_samples as samples
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.building.ends import join_touching_ends
from route.building.parallel import distance_to_track_m, lines_of, merge_parallel, without_sidings
from route.building.survey import Survey, Surveyed, graph_of
from route.building.tags import TrackTags


def surveyed(
    points: list[tuple[float, float]], edges: list[tuple[int, int]], tags: list[TrackTags] | None = None
) -> Surveyed:
    kinds = tags or [TrackTags()] * len(edges)
    table = tuple(dict.fromkeys(kinds))
    graph = samples.graph(points, edges)
    names = ("", *dict.fromkeys(t.line for t in table if t.line))
    code = np.array([names.index(t.line) for t in kinds], np.uint16)
    return Surveyed(replace(graph, line=code, lines=names), np.array([table.index(t) for t in kinds]), table)


def parts(track: Surveyed) -> int:
    graph = track.graph
    return len(np.unique(graph.components()[np.unique(np.concatenate([graph.tail, graph.head]))]))


def test_a_way_is_cut_where_a_position_is_missing() -> None:
    survey = Survey()
    survey.add(1, [1, 2, 3, 4, 5], TrackTags())
    survey.add(2, [5, 6], TrackTags(line="b"))
    refs = np.array([1, 2, 4, 5, 6])
    found = graph_of(survey, refs, np.linspace(9.0, 9.1, 5), np.full(5, 47.0))
    pairs = {(int(refs[a]), int(refs[b])) for a, b in zip(found.graph.tail, found.graph.head, strict=True)}
    assert pairs == {(1, 2), (4, 5), (5, 6)}
    assert found.graph.lines == ("", "b")


def test_a_piece_mapped_twice_counts_once() -> None:
    survey = Survey()
    survey.add(1, [1, 2, 2, 3], TrackTags())
    survey.add(2, [2, 1], TrackTags())
    found = graph_of(survey, np.array([1, 2, 3]), np.array([9.0, 9.1, 9.2]), np.full(3, 47.0))
    assert found.graph.n_edges == 2


def test_the_tables_of_codes_do_not_overflow() -> None:
    survey = Survey()
    for i in range(400):
        survey.add(i, [i, i + 1], TrackTags(gauges_mm=(600 + i,), line=f"line {i}"))
    lon = 9.0 + np.concatenate([[0.0], np.cumsum(np.linspace(1e-3, 2e-3, 400))])
    graph = graph_of(survey, np.arange(401), lon, np.full(401, 47.0)).graph
    assert len(graph.gauges) == 256
    # The shortest went; what they were is unknown, not something else.
    assert [graph.gauges[g] for g in graph.gauge[:145]] == [()] * 145
    assert [graph.gauges[g] for g in graph.gauge[145:]] == [(745 + i,) for i in range(255)]


def test_sidings_go_and_what_alone_joins_stays() -> None:
    yard = TrackTags(service=True)
    points = [(0, 0), (1000, 0), (1500, 0), (2500, 0), (1500, 300), (1600, 300), (500, 50)]
    edges = [(0, 1), (1, 2), (2, 3), (1, 4), (4, 2), (4, 5), (0, 6)]
    tags = [TrackTags(), yard, TrackTags(), yard, yard, yard, yard]
    found = without_sidings(surveyed(points, edges, tags)).graph
    kept = sorted(zip(found.tail.tolist(), found.head.tolist(), strict=True))
    assert kept == [(0, 1), (1, 2), (2, 3)]


def test_a_bridge_over_a_line_is_no_junction() -> None:
    points = [(-1000, 0), (1000, 0), (0, -1000), (0, 1000)]
    found = merge_parallel(surveyed(points, [(0, 1), (2, 3)])).graph
    assert (found.n_edges, parts(Surveyed(found, np.zeros(2, int), (TrackTags(),)))) == (2, 2)


def test_a_tunnel_under_a_line_is_a_line_of_its_own() -> None:
    points = [(0, 0), (2000, 0), (0, 3), (2000, 3)]
    tags = [TrackTags(), TrackTags(level=-1)]
    assert merge_parallel(surveyed(points, [(0, 1), (2, 3)], tags)).graph.n_edges == 2
    assert merge_parallel(surveyed(points, [(0, 1), (2, 3)])).graph.n_edges == 1


def test_one_of_nineteen_tracks_remains() -> None:
    points = [(x, 4.5 * i) for i in range(19) for x in (0.0, 400.0, 900.0)]
    edges = [(3 * i + k, 3 * i + k + 1) for i in range(19) for k in (0, 1)]
    throat = [(3 * i + 2, 3 * i + 5) for i in range(18)]
    found = merge_parallel(surveyed(points, edges + throat))
    assert found.graph.length_m.sum() < 19 * 900 / 4
    assert parts(found) == 1


@settings(max_examples=60)
@given(
    st.lists(st.floats(3.5, 40.0), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 19)), max_size=8),
    st.lists(st.tuples(st.integers(0, 4), st.integers(2, 18)), max_size=3),
    st.booleans(),
)
def test_what_was_joined_by_track_stays_joined(
    spacing: list[float], crossovers: list[tuple[int, int]], branches: list[tuple[int, int]], named: bool
) -> None:
    offsets = np.concatenate([[0.0], np.cumsum(spacing)])
    count = len(offsets)
    points = [(200.0 * i, float(y)) for y in offsets for i in range(21)]
    edges = [(21 * k + i, 21 * k + i + 1) for k in range(count) for i in range(20)]
    line = [TrackTags(line=f"line {k}" if named else "") for k in range(count) for _ in range(20)]
    for one, i in crossovers:
        k = one % count
        if k + 1 < count:
            edges.append((21 * k + i, 21 * (k + 1) + i + 1))
            line.append(TrackTags())
    for k, i in branches:
        at = 21 * (k % count) + i
        points += [
            (points[at][0] + 300.0, points[at][1] + 400.0),
            (points[at][0] + 500.0, points[at][1] + 900.0),
        ]
        edges += [(at, len(points) - 2), (len(points) - 2, len(points) - 1)]
        line += [TrackTags(line=f"branch {at}")] * 2
    track = surveyed(points, edges, line)
    found = merge_parallel(track)
    graph = found.graph
    assert graph.n_edges > 0
    assert graph.length_m.sum() <= track.graph.length_m.sum() + 1e-6
    assert len(found.tag) == graph.n_edges
    assert (graph.tail != graph.head).all()
    # Lines that were in one piece are in one piece: merging may join more, never less.
    assert parts(found) <= parts(track)
    # All track that went has track that stands for it close by.
    away = distance_to_track_m(found, track.graph.lon, track.graph.lat)
    assert away.max() <= 60.0 * count
    # Every branch is still there to its end.
    for at in range(21 * count + 1, len(points), 2):
        assert distance_to_track_m(found, track.graph.lon[[at]], track.graph.lat[[at]])[0] < 20.0


def test_the_same_tracks_give_the_same_lines() -> None:
    m = samples.double_track()
    edges, tags, number = [], [], {p: i for i, p in enumerate(m.points)}
    for refs, said in m.lines.values():
        for a, b in itertools.pairwise(refs):
            edges.append((number[a], number[b]))
            tags.append(TrackTags(service=said.get("service") == "yard", line=said.get("name", "")))
    at = [
        ((lon - 9.0) / samples.M * np.cos(np.radians(47)), (lat - 47.0) / samples.M)
        for lon, lat in m.points.values()
    ]
    one, two = (lines_of(surveyed(at, edges, tags)).graph for _ in range(2))
    assert np.array_equal(one.lon, two.lon)
    assert np.array_equal(one.tail, two.tail)


@pytest.mark.parametrize(("gap_m", "joined"), [(0.0, True), (0.5, True), (3.0, False)])
def test_ends_that_touch(gap_m: float, joined: bool) -> None:
    points = [(0.0, 0.0), (1000.0, 0.0), (400.0, gap_m), (400.0, 800.0)]
    found = join_touching_ends(surveyed(points, [(0, 1), (2, 3)]))
    assert (parts(found) == 1) is joined
    assert found.graph.length_m.sum() == pytest.approx(1800.0 - gap_m)
    assert len(found.tag) == found.graph.n_edges


def test_two_ends_that_touch_each_other() -> None:
    points = [(0.0, 0.0), (1000.0, 0.0), (1000.3, 0.2), (1800.0, 0.0)]
    found = join_touching_ends(surveyed(points, [(0, 1), (2, 3)]))
    assert (parts(found), found.graph.n_edges) == (1, 2)

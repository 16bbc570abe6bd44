"""Countries of track, and the outlines that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import building_samples as samples
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from route.building.boundaries import pack_boundaries, read_boundaries
from route.building.countries import Boundaries, Land, assign_countries
from route.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from route.network.tracks import TrackGraph

# Two countries that share a border at 9.05 degrees east, and sea beyond.
TWO = Boundaries(
    codes=("AT", "CH"), outlines=[shapely.box(8.0, 46.0, 9.05, 48.0), shapely.box(9.05, 46.0, 10.0, 48.0)]
)
M_PER_DEGREE = 111_195.0 * np.cos(np.radians(47.0))


def of(graph: TrackGraph) -> list[tuple[str, float]]:
    """Country and length of each edge, from west to east."""
    order = np.argsort(graph.lon[graph.tail] + graph.lon[graph.head], kind="stable")
    return [(graph.countries[graph.country[e]], float(graph.length_m[e])) for e in order]


def test_an_edge_is_split_at_the_border() -> None:
    graph = samples.graph([(0, 0), (10_000, 0)], [(0, 1)])
    found = of(assign_countries(graph, TWO))
    assert [c for c, _ in found] == ["AT", "CH"]
    border = 0.05 * M_PER_DEGREE
    assert [m for _, m in found] == [pytest.approx(border, abs=10), pytest.approx(10_000 - border, abs=10)]


def test_a_line_along_the_border_does_not_weave() -> None:
    at = 0.05 * M_PER_DEGREE
    points = [(at + (300 if i % 4 == 2 else -300), 1_000.0 * i) for i in range(12)]
    graph = samples.graph([(at - 9_000, 0), *points, (at - 9_000, 12_000)], [(i, i + 1) for i in range(13)])
    assert {c for c, _ in of(assign_countries(graph, TWO))} == {"AT"}


def test_a_branch_that_ends_beyond_the_border_is_abroad() -> None:
    at = 0.05 * M_PER_DEGREE
    graph = samples.graph([(at - 9_000, 0), (at - 200, 0), (at + 800, 0)], [(0, 1), (1, 2)])
    assert [c for c, _ in of(assign_countries(graph, TWO))][-1] == "CH"


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(-60_000, 60_000), st.floats(-40_000, 40_000)),
        min_size=2,
        max_size=12,
        unique=True,
    )
)
def test_no_length_is_lost(points: list[tuple[float, float]]) -> None:
    graph = samples.graph(points, [(i, i + 1) for i in range(len(points) - 1)])
    found = assign_countries(graph, TWO)
    assert found.length_m.sum() == pytest.approx(graph.length_m.sum())
    assert (found.length_m >= 0).all()
    assert set(np.unique(found.country)) <= set(range(len(found.countries)))


@pytest.mark.parametrize("count", [1, 2_500])
def test_points_are_located_one_by_one_and_all_at_once(count: int) -> None:
    lon = np.tile([8.5, 9.5, 10.5, 13.0], count)
    lat = np.full(len(lon), 47.0)
    assert TWO.locate(lon, lat)[:4].tolist() == ["AT", "CH", "CH", ""]
    assert TWO.locate(lon, lat, coast_degrees=0.0)[:4].tolist() == ["AT", "CH", "", ""]
    assert len(set(TWO.locate(lon, lat)[0::4])) == 1


def test_many_points_and_few_get_the_same_countries() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(5, 30, 3_000), rng.uniform(42, 56, 3_000)
    outlines = read_boundaries()
    one = outlines.locate(lon, lat)
    other = np.concatenate(
        [outlines.locate(lon[i : i + 500], lat[i : i + 500]) for i in range(0, 3_000, 500)]
    )
    assert one.tolist() == other.tolist()


def test_land() -> None:
    land = Land(TWO)
    along = np.linspace(8.5, 8.9, 11)
    assert land.passable(along, np.full(11, 47.0))
    assert not land.passable(np.linspace(10.1, 11.0, 11), np.full(11, 47.0))
    # Two countries meet where no crossing is listed.
    assert not land.passable(np.linspace(8.9, 9.2, 11), np.full(11, 47.0))


@pytest.mark.parametrize(
    ("place", "lon", "lat", "code"),
    [
        ("Vaduz", 9.5209, 47.141, "LI"),
        ("Khasan", 130.6453, 42.4281, "RU"),
        ("Pyongyang", 125.7364, 39.0058, "KP"),
        ("Vladivostok", 131.8823, 43.1113, "RU"),
        ("Provideniya, beyond 180 degrees", -173.2, 64.4, "RU"),
        ("Pristina", 21.16, 42.65, "XK"),
        ("a bridge off the coast of Denmark", 10.95, 55.34, "DK"),
        ("the middle of the Pacific", -140.0, 10.0, ""),
    ],
)
def test_the_outlines_of_the_world(place: str, lon: float, lat: float, code: str) -> None:
    assert read_boundaries().locate(np.array([lon]), np.array([lat])).tolist() == [code]


def test_outlines_are_packed_and_read(tmp_path: Path) -> None:
    holed = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    both = Boundaries(
        codes=("AA", "BB"),
        outlines=[holed, shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(-179, 0, -170, 1)])],
    )
    path = tmp_path / "b.npz"
    path.write_bytes(pack_boundaries(both))
    found = read_boundaries(path)
    assert found.codes == ("AA", "BB", "BB")
    assert (
        shapely.union_all(found.outlines).symmetric_difference(shapely.union_all(both.outlines)).area < 1e-9
    )
    assert pack_boundaries(both) == path.read_bytes()


@pytest.mark.parametrize("keep", [0, 100, 500])
def test_a_damaged_file_of_outlines(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "b.npz"
    path.write_bytes(pack_boundaries(TWO)[:keep])
    with pytest.raises(InputError, match="damaged"):
        read_boundaries(path)


def test_no_file_of_outlines(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        read_boundaries(tmp_path / "none.npz")

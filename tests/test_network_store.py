"""Network files and contraction: what goes in comes out, and what is no network is refused."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import building_samples as samples
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from route.errors import NetworkFileError
from route.network.contraction import chains_of, contract, contract_with_tracks
from route.network.store import read_network, write_network
from route.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    from route.network.model import RailNetwork
    from route.network.tracks import TrackGraph


@st.composite
def graphs(draw: st.DrawFn) -> TrackGraph:
    """Track graphs of any shape: rings, parallel edges, several parts."""
    count = draw(st.integers(2, 12))
    points = [
        (float(draw(st.integers(-20_000, 20_000))), float(draw(st.integers(-20_000, 20_000))))
        for _ in range(count)
    ]
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] != p[1])
    edges = draw(st.lists(pair, min_size=1, max_size=24))
    lengths = [draw(st.floats(0.2, 90_000.0)) for _ in edges]
    graph = samples.graph(points, edges, lengths)
    return replace(
        graph,
        gauge=np.array([draw(st.integers(0, 1)) for _ in edges], np.uint8),
        speed_kmh=np.array([draw(st.sampled_from([0, 80, 350])) for _ in edges], np.uint16),
        gauges=((), (1435, 1520)),
    )


def small() -> RailNetwork:
    graph = samples.graph([(0, 0), (900, 0), (2000, 500), (900, 3000)], [(0, 1), (1, 2), (1, 3)])
    station = Place(
        name="Häfen",
        lat=47.0,
        lon=9.0,
        id="X",
        country="CH",
        kind="station",
        source="network",
        names={"ko": "항구"},
    )
    return contract(graph, name="small", attribution=("a", "b"), stations=(station,))


@settings(max_examples=80)
@given(graphs())
def test_chains_take_every_edge_once(graph: TrackGraph) -> None:
    chains = chains_of(graph)
    assert sorted(e for _, edges in chains for e in edges) == list(range(graph.n_edges))
    for nodes, edges in chains:
        assert len(nodes) == len(edges) + 1
        for a, b, e in zip(nodes, nodes[1:], edges, strict=False):
            assert {a, b} == {int(graph.tail[e]), int(graph.head[e])}


@settings(max_examples=80)
@given(graphs())
def test_contraction_keeps_lengths_and_attributes(graph: TrackGraph) -> None:
    network, track = contract_with_tracks(graph, name="", attribution=())
    # To the decimetre for each piece.
    assert network.length_m.sum() == pytest.approx(graph.length_m.sum(), abs=0.1 * graph.n_edges)
    for edge in range(network.n_edges):
        part = slice(network.vertex_start[edge], network.vertex_start[edge + 1])
        pieces = track[part][1:]
        assert track[part][0] == -1
        for name in ("gauge", "speed_kmh", "mode", "line"):
            assert (getattr(graph, name)[pieces] == getattr(network, name)[edge]).all()
        assert np.diff(network.vertex_m[part]) == pytest.approx(
            np.maximum(graph.length_m[pieces], 0.1), abs=0.051
        )
        ends = network.edge_coordinates(edge)[[0, -1]]
        assert ends[0].tolist() == [
            network.node_lon[network.tail[edge]],
            network.node_lat[network.tail[edge]],
        ]
        assert ends[1].tolist() == [
            network.node_lon[network.head[edge]],
            network.node_lat[network.head[edge]],
        ]
    assert sorted(network.order.tolist()) == list(range(2 * network.n_edges))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graphs())
def test_a_network_comes_back_as_it_was(tmp_path: Path, graph: TrackGraph) -> None:
    network = contract(graph, name="x", attribution=("y",))
    write_network(network, tmp_path / "net")
    again = read_network(tmp_path / "net")
    for column in fields(network):
        one, two = getattr(network, column.name), getattr(again, column.name)
        if column.name in ("node_lon", "node_lat", "vertex_lon", "vertex_lat"):
            assert one == pytest.approx(two, abs=6e-8)
        elif column.name == "vertex_m":
            assert one == pytest.approx(two, abs=1e-6)
        elif isinstance(one, np.ndarray):
            assert np.array_equal(one, two), column.name
        else:
            assert one == two
    first = (tmp_path / "net").read_bytes()
    write_network(network, tmp_path / "net")
    assert (tmp_path / "net").read_bytes() == first


def test_stations_and_their_names_come_back(tmp_path: Path) -> None:
    network = small()
    write_network(network, tmp_path / "net")
    again = read_network(tmp_path / "net")
    assert again.stations == network.stations
    assert again.stations[0].name_in("ko") == "항구"


def test_components() -> None:
    graph = samples.graph([(0, 0), (1, 0), (5, 5), (6, 5), (7, 5)], [(0, 1), (2, 3), (3, 4)])
    network = contract(replace(graph, speed_kmh=np.array([1, 2, 3], np.uint16)), name="", attribution=())
    label = network.component_of_nodes()
    assert len(np.unique(label)) == 2
    assert (label[network.tail] == label[network.head]).all()


def spoil(path: Path, **members: bytes | None) -> None:
    """The network file with members replaced or taken out."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    for member, data in members.items():
        content.pop(member.replace("__", "."))
        if data is not None:
            content[member.replace("__", ".")] = data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    path.write_bytes(buffer.getvalue())


@pytest.fixture
def net(tmp_path: Path) -> Path:
    write_network(small(), tmp_path / "net")
    return tmp_path / "net"


def meta(net: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(net) as archive:
        return json.dumps(json.loads(archive.read("network.json")) | changes).encode()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match="no network file"):
        read_network(tmp_path / "none")


@pytest.mark.parametrize("content", [b"", b"PK", b"\x00" * 4096, b"name,lat,lon\n"])
def test_no_network_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net").write_bytes(content)
    with pytest.raises(NetworkFileError, match="not a network file"):
        read_network(tmp_path / "net")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_torn_file(net: Path, share: float) -> None:
    content = net.read_bytes()
    net.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(NetworkFileError):
        read_network(net)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.integers(1, 255))
def test_a_flipped_byte_never_gives_a_traceback(net: Path, at: int, by: int) -> None:
    content = bytearray(net.read_bytes())
    content[at % len(content)] ^= by
    spoilt = net.with_name("spoilt")
    spoilt.write_bytes(content)
    # What is left of it either reads, or is refused by the one error that the command line can tell.
    with suppress(NetworkFileError):
        assert read_network(spoilt).n_edges == 3


def test_another_version(net: Path) -> None:
    spoil(net, network__json=meta(net, version=99))
    with pytest.raises(NetworkFileError, match="version 99"):
        read_network(net)


@pytest.mark.parametrize(
    "changes",
    [
        {"gauges": []},
        {"countries": []},
        {"lines": []},
        {"decimals": "x"},
        {"decimals": 1},
        {"stations": [{}]},
    ],
)
def test_tables_that_do_not_fit(net: Path, changes: dict[str, object]) -> None:
    spoil(net, network__json=meta(net, **changes))
    with pytest.raises(NetworkFileError, match="damaged"):
        read_network(net)


@pytest.mark.parametrize("member", ["nodes", "edges", "vertices", "steps", "order"])
def test_a_table_missing_or_of_another_network(net: Path, tmp_path: Path, member: str) -> None:
    other = tmp_path / "other"
    points = [(0, 0), (900, 0), (2000, 500), (900, 3000), (400, 40), (900, 90)]
    graph = samples.graph(points, [(0, 1), (1, 2), (1, 3), (1, 4), (4, 5)])
    write_network(contract(graph, name="", attribution=()), other)
    with zipfile.ZipFile(other) as archive:
        foreign = archive.read(f"{member}.arrow")
    whole = net.read_bytes()
    spoil(net, **{f"{member}__arrow": None})
    with pytest.raises(NetworkFileError):
        read_network(net)
    net.write_bytes(whole)
    if member != "nodes":  # more nodes than edges need are no harm
        spoil(net, **{f"{member}__arrow": foreign})
        with pytest.raises(NetworkFileError):
            read_network(net)

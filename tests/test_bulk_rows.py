"""Answers in bulk are those that a single journey gets."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import networks
import numpy as np
import pandas as pd
import pytest

import route
from route.bulk.points import Points, TrackIndex
from route.bulk.rows import engine
from route.errors import RouteError
from route.network.snap import Snap, snap
from route.planner import router
from route.routing import Path
from route.runningtime import combine, combine_many, lognormal, running_time, running_times, train_class
from route.wayfinding import POINT, SNAP_WITHIN_M, TOWN
from route.ways import way_of

NUMBERS = ["distance_km", "geodesic_km", "duration_h_p10", "duration_h_p50", "duration_h_p90"]
# On every continent that has railways, borders of all kinds, islands, ferries, a road, what is not known.
# fmt: off
CITIES = [
    "Paris", "Lyon", "Berlin", "Madrid", "Lisbon", "Moscow", "Warsaw", "Minsk", "Kyiv", "Istanbul",
    "Sofia", "Budapest", "Palermo", "Naples", "London", "Dublin", "Belfast", "Tunis", "Cairo", "Aswan",
    "Johannesburg", "Cape Town", "Delhi", "Mumbai", "Karachi", "Beijing", "Ulaanbaatar", "Pyongyang",
    "Seoul", "Busan", "Tokyo", "Sapporo", "Hanoi", "Bangkok", "Singapore", "Sydney", "Perth", "Chicago",
    "Boston", "Toronto", "Vancouver", "Buenos Aires", "Santiago", "Helsinki", "Stockholm", "Oslo",
    "Narvik", "Russky Island", "Khasan", "Vladivostok", "Reykjavik", "Springfield", "Xyzzyqk", "Almaty",
    "Urumqi", "Tehran", "Monaco", "Luxembourg", "Vienna", "Zürich", "Copenhagen", "Bergen", "Malmö",
    "Irun", "Hendaye",
]
# fmt: on
PAIRS = [
    *pairwise(CITIES),
    ("Russky Island", "Khasan"),
    ("Paris, FR", "Paris, FR"),
    ("Springfield", "Springfield"),
]
POSITIONS = [
    ((48.8443, 2.3744), (45.7605, 4.8600)),
    ((52.5251, 13.3694), (52.2319, 21.0067)),
    ((43.1113, 131.8820), (55.7764, 37.6552)),
    ((35.681, 139.767), (35.681, 139.767)),
    ((35.681, 139.767), (35.6813, 139.7668)),
    ((-33.8832, 151.2070), (-37.8183, 144.9671)),
    ((64.13, -21.9), (48.85, 2.35)),
    ((0.0, -150.0), (48.85, 2.35)),
    ((90.0, 0.0), (48.85, 2.35)),
    ((51.5308, -0.1238), (53.3531, -6.2453)),
    ((40.7506, -73.9935), (41.8787, -87.6403)),
    ((38.116, 13.366), (40.853, 14.272)),
    ((39.0061, 125.7360), (37.5547, 126.9707)),
]


def planned(a: object, b: object, **options: object) -> tuple[str, dict[str, float]]:
    """Status and numbers of a single journey."""
    try:
        total = route.plan([a, b], **options).to_dict()["total"]
    except route.NoPathError:
        return "no_path", {}
    except route.InputError:
        return "invalid", {}
    except route.PlaceError as error:
        return "ambiguous" if type(error).__name__.startswith("Ambiguous") else "place_not_found", {}
    hours = {f"duration_h_{q}": total["duration_h"][q] for q in ("p10", "p50", "p90")}
    return "ok", {"distance_km": total["distance_km"], "geodesic_km": total["geodesic_km"], **hours}


def compare(frame: pd.DataFrame, expected: list[tuple[str, dict[str, float]]]) -> None:
    for row, (status, numbers) in zip(frame.to_dict("records"), expected, strict=True):
        assert row["status"] == status, row
        assert bool(row["message"]) == (status != "ok")
        for name in NUMBERS:
            # The last of the three decimals may be rounded the other way.
            assert row[name] == pytest.approx(numbers.get(name, math.nan), abs=0.0011, nan_ok=True), row


def test_city_pairs_by_name_are_answered_as_single_journeys() -> None:
    frame = route.batch(pd.DataFrame(PAIRS, columns=["origin", "destination"]))
    expected = [planned(a, b) for a, b in PAIRS]
    assert {status for status, _ in expected} == {"ok", "no_path", "place_not_found", "ambiguous"}
    compare(frame, expected)


@pytest.mark.parametrize(
    "options", [{}, {"train": "regional"}, {"shortest": True}, {"avoid": ("country:DE",)}]
)
def test_pairs_by_position_are_answered_as_single_journeys(options: dict[str, object]) -> None:
    pairs = POSITIONS + [(b, a) for a, b in POSITIONS]
    frame = pd.DataFrame(
        [(*a, *b) for a, b in pairs],
        columns=["origin_lat", "origin_lon", "destination_lat", "destination_lon"],
    )
    expected = [planned(*(f"{lat},{lon}" for lat, lon in pair), **options) for pair in pairs]
    compare(route.batch(frame, **options), expected)


def test_many_short_and_long_ways_of_the_world_are_those_of_single_journeys() -> None:
    network = router().network
    rng = np.random.default_rng(20261124)
    nodes = rng.integers(0, network.n_nodes, 60)
    near = np.minimum(nodes + rng.integers(1, 30, 60), network.n_nodes - 1)
    ends = np.concatenate([nodes.reshape(-1, 2), np.column_stack([nodes, near])[:30]])
    lat = np.round(network.node_lat[ends] + rng.uniform(-0.03, 0.03, ends.shape), 4)
    lon = np.round(np.clip(network.node_lon[ends] + rng.uniform(-0.03, 0.03, ends.shape), -180, 180), 4)
    frame = pd.DataFrame(
        np.column_stack([lat[:, 0], lon[:, 0], lat[:, 1], lon[:, 1]]),
        columns=["origin_lat", "origin_lon", "destination_lat", "destination_lon"],
    )
    rows = frame.to_dict("records")
    expected = [
        planned(f"{r['origin_lat']},{r['origin_lon']}", f"{r['destination_lat']},{r['destination_lon']}")
        for r in rows
    ]
    assert sum(status == "ok" for status, _ in expected) > 20
    compare(route.batch(frame), expected)


def test_via_and_train_of_a_row_count() -> None:
    frame = pd.DataFrame(
        {
            "origin": ["Berlin", "Berlin", "Berlin", "Berlin", "Khasan"],
            "destination": ["Munich", "Munich", "Munich", "Munich", "Russky Island"],
            "via": [None, "Frankfurt am Main; Stuttgart", "", "", "Ussuriysk"],
            "train": ["", "", "regional", "hovercraft", None],
        }
    )
    result = route.batch(frame)
    assert list(result["status"]) == ["ok", "ok", "ok", "invalid", "ok"]
    assert "hovercraft" in result["message"][3]
    compare(
        result.loc[[1, 2, 4]],
        [
            planned("Berlin", "Munich", via=["Frankfurt am Main", "Stuttgart"]),
            planned("Berlin", "Munich", train="regional"),
            planned("Khasan", "Russky Island", via=["Ussuriysk"]),
        ],
    )
    assert result["distance_km"][0] < result["distance_km"][1]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ((math.nan, 2.3, 45.7, 4.8), "origin_lat"),
        ((48.8, math.inf, 45.7, 4.8), "must be a number"),
        ((131.88, 43.11, 45.7, 4.8), "look swapped"),
        ((48.8, 2.3, 45.7, 400.0), "Latitude goes from -90 to 90"),
        (("48,8", "2.3", "45.7", "4.8"), "decimal point"),
        (("48.8", "", "45.7", "4.8"), "origin_lon is empty"),
        (("48.8", "2.3", None, "4.8"), "destination_lat is empty"),
        (("4_8.8", "2.3", "45.7", "4.8"), "no number"),
    ],
)
def test_a_row_without_a_position_is_invalid_and_stops_no_other(cells: tuple[object, ...], says: str) -> None:
    good = (
        tuple(str(x) for x in (48.8443, 2.3744, 45.7605, 4.86))
        if isinstance(cells[0], str)
        else (48.8443, 2.3744, 45.7605, 4.86)
    )
    frame = pd.DataFrame(
        [good, cells, good], columns=["origin_lat", "origin_lon", "destination_lat", "destination_lon"]
    )
    result = route.batch(frame)
    assert list(result["status"]) == ["ok", "invalid", "ok"]
    assert says in result["message"][1]
    assert result.loc[1, NUMBERS].isna().all()


def test_the_frame_comes_back_with_its_index_and_types() -> None:
    frame = pd.DataFrame(
        {
            "origin": ["Paris", "Lyon"],
            "when": pd.to_datetime(["2024-01-01", None]),
            "destination": ["Lyon", ""],
        },
        index=["b", "a"],
    )
    before = frame.copy()
    result = route.batch(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(result[before.columns.to_list()], before)
    assert list(result["status"]) == ["ok", "invalid"]


def test_a_matrix_has_a_row_for_each_pair_and_the_numbers_of_a_journey() -> None:
    names = ["Paris, FR", "Lyon", "Russky Island", "Khasan", "Xyzzyqk", "Springfield", "London"]
    places = pd.DataFrame({"id": [f"p{i}" for i in range(len(names))], "name": names})
    to = pd.DataFrame({"lat": [48.8443, 43.1113, 200.0], "lon": [2.3744, 131.8820, 0.0]})
    result = route.matrix(places, to)
    assert list(result["origin"]) == [f"p{i}" for i in range(len(names)) for _ in range(3)]
    assert list(result["destination"][:3]) == ["48.8443,2.3744", "43.1113,131.882", "200.0,0.0"]
    assert set(result["status"][2::3]) == {"invalid", "place_not_found", "ambiguous"}
    expected = [planned(a, b) for a in (*names[:4], names[6]) for b in ("48.8443,2.3744", "43.1113,131.882")]
    rows = result[
        result["origin"].isin(["p0", "p1", "p2", "p3", "p6"]) & (result["destination"] != "200.0,0.0")
    ]
    compare(rows, expected)
    square = route.matrix(places[:2])
    assert list(square["distance_km"]) == pytest.approx([0, 431.6, 431.6, 0], abs=1)


def test_the_track_index_finds_what_snapping_one_place_finds() -> None:
    network = networks.network(
        networks.tracks(
            [
                (179.9, 60.0),
                (-179.9, 60.0),
                (-179.9, 60.3),
                (10.0, 50.0),
                (10.2, 50.0),
                (10.0, 50.02),
                (10.2, 50.02),
            ],
            [(0, 1), (1, 2), (3, 4), (5, 6)],
        )
    )
    spots = [
        (180.0, 60.01),
        (-180.0, 59.99),
        (-179.95, 60.2),
        (10.1, 50.01),
        (10.1, 50.3),
        (10.1, 50.6),
        (0.0, 90.0),
    ]
    lon, lat = (np.array(c) for c in zip(*spots, strict=True))
    for town, around in ((True, TOWN), (False, POINT)):
        columns = Points(lon=lon, lat=lat, town=np.full(len(spots), town), country=np.full(len(spots), -1))
        found = TrackIndex(network).candidates(columns)
        for i, (x, y) in enumerate(spots):
            alone = snap(
                network, x, y, within_m=SNAP_WITHIN_M, spread_m=around.spread_m, access=around.access
            )
            part = slice(found.start[i], found.start[i + 1])
            assert found.edge[part].tolist() == [s.edge for s in alone]
            assert found.measure_m[part] == pytest.approx([s.measure_m for s in alone])
            assert found.access_s[part] == pytest.approx([s.access_s for s in alone])


def test_running_times_of_many_lines_are_those_of_each() -> None:
    rng = np.random.default_rng(5)
    train = train_class("intercity")
    count = rng.integers(1, 12, 200)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    n = int(count.sum())
    lengths = rng.exponential(8_000, n) * (rng.random(n) > 0.05)
    speeds = rng.choice([40.0, 80.0, 120.0, 160.0, 250.0, 300.0], n)
    practical = speeds * rng.uniform(0.5, 1.0, n)
    lines = np.repeat(np.arange(200), rng.integers(0, 3, 200))
    total = np.add.reduceat(lengths, start)
    at = total[lines] * rng.uniform(-0.1, 1.1, len(lines))
    many = running_times(
        lengths, speeds, train, practical_kmh=practical, start=start, stops=(lines, at)
    ).section_s
    for i, (a, b) in enumerate(zip(start, start + count, strict=True)):
        alone = running_time(
            lengths[a:b], speeds[a:b], train, practical_kmh=practical[a:b], stops_m=at[lines == i].tolist()
        )
        assert many[a:b].sum() == pytest.approx(alone.total_s, rel=1e-9, abs=1e-6)


def test_bands_of_many_journeys_are_those_of_each() -> None:
    rng = np.random.default_rng(6)
    journey, key = rng.integers(0, 30, 300), rng.integers(0, 5, 300)
    bands = [
        lognormal(float(m), float(s))
        for m, s in zip(rng.uniform(0, 9e4, 300), rng.uniform(0, 0.5, 300), strict=True)
    ]
    columns = np.array([(b.p10_s, b.p50_s, b.p90_s) for b in bands])
    many = combine_many(journey, key, columns, 0.4, 31)
    assert many[30].tolist() == [0, 0, 0]
    for i in range(30):
        alone = combine([(int(key[j]), bands[j]) for j in np.flatnonzero(journey == i)], 0.4)
        assert many[i] == pytest.approx([alone.p10_s, alone.p50_s, alone.p90_s], rel=1e-9)


@pytest.mark.parametrize(
    "options",
    [
        {"train": "hovercraft"},
        {"avoid": ("country",)},
        {"pick": "any"},
        {"network": "none.railnet"},
        {"jobs": 0},
    ],
)
def test_an_option_that_cannot_be_used_is_told(options: dict[str, object]) -> None:
    frame = pd.DataFrame({"origin": ["Paris"], "destination": ["Lyon"]})
    with pytest.raises(RouteError):
        route.batch(frame, **options)


def test_a_way_over_a_node_and_no_further_is_a_way() -> None:
    network = networks.network(
        networks.tracks([(10.0, 50.0), (10.2, 50.0), (10.4, 50.0)], [(0, 1), (1, 2)], mode=[0, 1])
    )
    first, second = (int(np.flatnonzero(network.mode == mode)[0]) for mode in (0, 1))
    node = set(network.tail[[first, second]]) & set(network.head[[first, second]])
    ends = [
        Snap(edge, 0.0 if network.tail[edge] in node else float(network.length_m[edge]), 0.0, 0.0)
        for edge in (first, second)
    ]
    forward = np.array([network.head[first] in node, network.tail[second] in node])
    way = way_of(
        network, np.full(2, 80.0), Path(np.array([first, second]), forward, np.zeros(2, bool), *ends)
    )
    assert (way.distance_m, way.mode, len(way.sections)) == (0.0, "rail", 1)


def test_a_train_ferry_on_the_way_is_timed_as_for_a_single_journey() -> None:
    pairs = [("Naples", "Palermo"), ("Reggio Calabria", "Messina"), ("Rome", "Catania")]
    frame = route.batch(pd.DataFrame(pairs, columns=["origin", "destination"]))
    compare(frame, [planned(a, b) for a, b in pairs])
    ferries = {s.mode for s in route.plan(list(pairs[0])).itinerary.legs[0].sections}
    assert "ferry" in ferries


def test_names_are_remembered_and_no_service_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    from route.geocoding import KnownNames, resolve, resolving

    rows = [
        ("Springfield, IL", "Chicago"),
        ("Khasan", "Vladivostok"),
        ("Xyzzyqk", "Chicago"),
        ("Khasan", "Delhi"),
    ]

    def resolved(pair: tuple[str, str], **options: object) -> tuple[list[object], str]:
        try:
            return [r.place for r in resolve(pair, **options)], ""
        except route.PlaceError as error:
            return [], str(error)

    expected = [resolved(pair) for pair in rows * 2]
    known, read = KnownNames(most=5), []
    original = resolving._read
    monkeypatch.setattr(
        resolving, "_read", lambda name, sources: read.append(name) or original(name, sources)
    )
    found = [resolved(pair, known=known) for pair in rows * 2]
    assert [places for places, _ in found] == [places for places, _ in expected]
    assert "--online" in expected[2][1]
    assert not any("--online" in says for _, says in found)
    # Six names, of which five are held at a time: some are read again, none that is at hand.
    assert len(read) == 14
    answers = route.batch(pd.DataFrame(rows, columns=["origin", "destination"]))
    assert answers["status"][2] == "place_not_found"
    assert "--online" not in answers["message"][2]


def test_threads_that_ask_at_once_get_what_each_gets_alone() -> None:
    network = router().network
    rng = np.random.default_rng(4)
    nodes = np.clip(
        rng.integers(0, network.n_nodes, (4, 150, 1)) + rng.integers(0, 40, (4, 150, 2)),
        0,
        network.n_nodes - 1,
    )
    columns = ["origin_lat", "origin_lon", "destination_lat", "destination_lon"]
    frames = [
        pd.DataFrame(
            np.stack([network.node_lat[n], network.node_lon[n]], axis=2).reshape(-1, 4), columns=columns
        )
        for n in nodes
    ]
    alone = [route.batch(frame) for frame in frames]
    engine.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        for expected, found in zip(alone, pool.map(partial(route.batch, part_rows=10), frames), strict=True):
            pd.testing.assert_frame_equal(found, expected)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from route.building.tags import (
    electrification_of,
    gauges_of,
    speed_kmh_of,
    station_id,
    station_names,
    station_of,
    track_of,
)


@pytest.mark.parametrize(
    ("text", "gauges"),
    [
        ("1435", (1435,)),
        ("1520;1435", (1435, 1520)),
        ("1435 mm", (1435,)),
        ("1000; 1435;1000", (1000, 1435)),
        ("standard", (1435,)),
        ("narrow", ()),
        ("", ()),
        ("99", ()),
        ("9999", ()),
        ("14351520", ()),
    ],
)
def test_gauges(text: str, gauges: tuple[int, ...]) -> None:
    assert gauges_of(text) == gauges


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert gauges_of(text) == tuple(sorted(set(gauges_of(text))))
    assert 0 <= speed_kmh_of(text) <= 620
    tags = {
        "railway": "rail",
        "gauge": text,
        "maxspeed": text,
        "layer": text,
        "voltage": text,
        "electrified": text,
    }
    track = track_of(
        tags | {"frequency": text, "oneway": text, "duration": text, "route": text, "name": text}
    )
    assert track is None or track.line == text.strip()


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("120", 120),
        ("75 mph", 121),
        ("75mph", 121),
        ("100;160", 160),
        ("160 km/h", 160),
        ("12 knots", 22),
        ("walk", 5),
        ("none", 0),
        ("signals", 0),
        ("99999", 0),
    ],
)
def test_speeds(text: str, kmh: int) -> None:
    assert speed_kmh_of(text) == kmh


@pytest.mark.parametrize(
    ("tags", "system"),
    [
        ({"electrified": "contact_line", "voltage": "25000", "frequency": "50"}, "25kV AC"),
        ({"electrified": "contact_line", "voltage": "15000", "frequency": "16.7"}, "15kV AC"),
        ({"electrified": "contact_line", "voltage": "1500", "frequency": "0"}, "1.5kV DC"),
        ({"electrified": "rail", "voltage": "750"}, "750V DC"),
        ({"electrified": "contact_line", "voltage": "15000"}, "15kV AC"),
        ({"electrified": "contact_line", "voltage": "25000;3000", "frequency": "50;0"}, "25kV AC;3kV DC"),
        ({"electrified": "yes"}, "yes"),
        ({"electrified": "no", "voltage": "25000"}, "no"),
        ({"voltage": "25000"}, ""),
    ],
)
def test_electrification(tags: dict[str, str], system: str) -> None:
    assert electrification_of(tags) == system


@pytest.mark.parametrize(
    "tags",
    [
        {"railway": "disused"},
        {"railway": "abandoned"},
        {"railway": "construction", "construction": "rail"},
        {"railway": "rail", "disused": "yes"},
        {"railway": "rail", "abandoned": "yes"},
        {"railway": "tram"},
        {"railway": "light_rail"},
        {"railway": "platform"},
        {"route": "ferry"},
        {"highway": "primary"},
    ],
)
def test_what_no_train_runs_on_is_left_out(tags: dict[str, str]) -> None:
    assert track_of(tags) is None


def test_other_kinds_are_taken_on_request() -> None:
    track = track_of({"railway": "light_rail"}, frozenset({"rail", "light_rail"}))
    assert track is not None
    assert track.kind == "light_rail"


@pytest.mark.parametrize("service", ["yard", "siding", "spur"])
def test_service_tracks_are_known_as_such(service: str) -> None:
    track = track_of({"railway": "rail", "service": service})
    assert track is not None
    assert track.service


def test_a_crossover_is_part_of_the_line() -> None:
    track = track_of({"railway": "rail", "service": "crossover"})
    assert track is not None
    assert not track.service


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({"bridge": "yes"}, 1),
        ({"bridge": "viaduct", "layer": "2"}, 2),
        ({"tunnel": "yes"}, -1),
        ({"tunnel": "no"}, 0),
        ({"layer": "-3"}, -3),
        ({"layer": "ground"}, 0),
    ],
)
def test_levels(tags: dict[str, str], level: int) -> None:
    track = track_of({"railway": "rail", **tags})
    assert track is not None
    assert track.level == level


@pytest.mark.parametrize(
    ("tags", "direction"),
    [
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"railway:preferred_direction": "backward"}, -1),
        ({"railway:preferred_direction": "both"}, 0),
        ({}, 0),
    ],
)
def test_directions(tags: dict[str, str], direction: int) -> None:
    track = track_of({"railway": "rail", **tags})
    assert track is not None
    assert track.direction == direction


@pytest.mark.parametrize(
    "tags",
    [{"route": "ferry", "railway": "ferry"}, {"route": "train_ferry"}, {"route": "ferry", "train": "yes"}],
)
def test_train_ferries(tags: dict[str, str]) -> None:
    track = track_of({**tags, "duration": "01:30", "name": "Strait"})
    assert track is not None
    assert (track.kind, track.duration_s, track.line, track.service) == ("ferry", 5400, "Strait", False)


def test_stations_and_their_names() -> None:
    tags = {
        "railway": "station",
        "name": "Genève",
        "name:de": "Genf",
        "name:zh-Hant": "日內瓦",
        "name:signed": "no",
    }
    assert station_of(tags)
    assert station_names(tags) == ("Genève", {"de": "Genf", "zh-Hant": "日內瓦"})


@pytest.mark.parametrize(
    "tags",
    [
        {"railway": "station"},
        {"railway": "stop", "name": "A"},
        {"railway": "station", "name": "A", "station": "subway"},
        {"railway": "station", "name": "A", "subway": "yes"},
        {"railway": "halt", "name": "A", "tram": "yes", "train": "no"},
    ],
)
def test_what_is_no_station_of_trains(tags: dict[str, str]) -> None:
    assert not station_of(tags)


def test_a_station_of_trains_and_underground_is_one() -> None:
    assert station_of({"railway": "station", "name": "A", "subway": "yes", "train": "yes"})
    assert station_of({"railway": "station", "name": "A", "station": "subway"}, frozenset({"rail", "subway"}))


def test_references() -> None:
    assert station_id({"uic_ref": "8500010", "railway:ref": "BS", "ref": "7"}, "n1") == "8500010"
    assert station_id({"railway:ref": "BS", "ref": "7"}, "n1") == "BS"
    assert station_id({"ref": "7"}, "n1") == "7"
    assert station_id({"ref": "7", "public_transport": "stop_position"}, "n1") == "n1"

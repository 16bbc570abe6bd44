"""Planning on the world network: the journeys that the project is judged by, and what is refused."""

from __future__ import annotations

import pytest

import route
from route.errors import InputError, NoPathError, PlaceNotFoundError
from route.planner import plan


def test_the_story_is_by_rail_to_vladivostok_and_by_road_to_the_island() -> None:
    trip = plan()
    legs = trip.itinerary.legs
    assert [leg.mode for leg in legs] == ["rail", "rail", "road"]
    assert legs[0].distance_m / 1000 == pytest.approx(850, rel=0.02)
    assert legs[0].countries == ("KP", "RU")
    assert any(legs[1].distance_m / 1000 == pytest.approx(km, rel=0.02) for km in (327, 372))
    assert 12 < legs[2].distance_m / 1000 < 20
    assert {h.reason for h in trip.itinerary.halts} >= {"border", "break_of_gauge"}
    assert trip.itinerary.train == "armoured"
    assert trip.distance_km == pytest.approx((legs[0].distance_m + legs[1].distance_m) / 1000)


@pytest.mark.parametrize(
    ("names", "km", "tolerance"),
    [
        (["Paris", "Lyon"], 427, 0.02),
        (["London", "Edinburgh"], 632, 0.02),
        (["Tokyo", "Osaka"], 515, 0.02),
        (["Cairo", "Aswan"], 879, 0.02),
        (["Moscow", "Vladivostok"], 9288, 0.02),
        (["Warsaw", "Moscow"], 1316, 0.02),
    ],
)
def test_distances_are_those_of_timetables(names: list[str], km: float, tolerance: float) -> None:
    assert plan(names).distance_km == pytest.approx(km, rel=tolerance)


def test_moscow_to_vladivostok_stays_in_russia_and_the_shortest_way_does_not() -> None:
    fastest = plan(["Moscow", "Vladivostok"])
    assert fastest.itinerary.legs[0].countries == ("RU",)
    assert plan(["Moscow", "Vladivostok"], shortest=True).distance_km < fastest.distance_km
    without = plan(["Moscow", "Vladivostok"], avoid=["country:CN"])
    assert without.distance_km == pytest.approx(fastest.distance_km)


@pytest.mark.parametrize(
    ("names", "reason", "says"),
    [
        (["London", "Dublin"], "not_connected", "not connected"),
        (["Tokyo", "Busan"], "not_connected", "not connected"),
        (["Reykjavik", "London"], "no_railway_near", "km away"),
        (["Seoul", "Pyongyang"], "closed_border", "closed"),
    ],
)
def test_what_no_train_can_do_is_refused_with_the_reason(names: list[str], reason: str, says: str) -> None:
    with pytest.raises(NoPathError, match=says) as caught:
        plan(names)
    assert caught.value.reason == reason


def test_an_avoided_country_that_lies_in_the_way_is_named_as_the_reason() -> None:
    with pytest.raises(NoPathError, match="--avoid") as caught:
        plan(["Moscow", "Vladivostok"], avoid=["country:RU"])
    assert caught.value.reason == "avoided"


def test_breaks_of_gauge_are_listed_where_they_are() -> None:
    reasons = [h.reason for h in plan(["Warsaw", "Moscow"]).itinerary.halts]
    assert "break_of_gauge" in reasons
    through = plan(["Madrid", "Barcelona", "Paris"]).itinerary.halts
    assert "break_of_gauge" not in [h.reason for h in through]


def test_a_huge_detour_is_given_with_a_warning() -> None:
    trip = plan(["Tallinn", "Helsinki"])
    assert any("long way round" in w for w in trip.warnings)


def test_alternatives_really_differ_and_say_how() -> None:
    trip = plan(["Beijing", "Moscow"], alternatives=2)
    others = trip.itinerary.alternatives
    assert others
    for other in others:
        assert other.difference
        assert other.distance_m != trip.itinerary.distance_m


def test_a_place_to_pass_is_passed() -> None:
    direct, round_by = plan(["Berlin", "Munich"]), plan(["Berlin", "Munich"], via=["Frankfurt am Main"])
    assert len(round_by.itinerary.legs) == 1
    assert round_by.distance_km > direct.distance_km + 100


def test_a_place_without_railway_is_reached_through_its_railhead() -> None:
    legs = plan(["Khasan", "Russky Island", "Ussuriysk"]).itinerary.legs
    assert [leg.mode for leg in legs] == ["rail", "road", "road", "rail"]
    assert legs[1].distance_m == pytest.approx(legs[2].distance_m)
    assert (legs[1].coordinates == legs[2].coordinates[::-1]).all()


def test_names_ids_positions_and_places_may_be_mixed() -> None:
    khasan = route.Place(name="Khasan station", lat=42.4281, lon=130.6453)
    trip = plan(["ussuriysk", khasan, "42.4214,130.6081"])
    assert trip.itinerary.legs[0].distance_m / 1000 == pytest.approx(260, rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"places": ["Paris"]}, "two places"),
        ({"places": ["Paris", "Lyon"], "train": "hovercraft"}, "hovercraft"),
        ({"places": ["Paris", "Lyon"], "avoid": ["China"]}, "country:CN"),
        ({"places": ["Paris", "Lyon"], "avoid": ["line:Nowhere Line"]}, "no line of that name"),
        ({"places": ["Paris", "Lyon"], "network": "/nowhere/net"}, "no network file"),
        ({"places": ["Paris", "Lyon"], "departure": "tomorrow"}, "tomorrow"),
        ({"places": ["Paris", "Lyon"], "alternatives": -1}, "alternatives"),
        ({"places": ["Vladivostok", "Russky Island"], "via": ["Khasan"]}, "Khasan"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        plan(**arguments)  # type: ignore[arg-type]


def test_an_unknown_name_is_told_before_anything_else() -> None:
    with pytest.raises(PlaceNotFoundError):
        plan(["Xyzzyville", "Paris"])

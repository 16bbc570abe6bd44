"""Names to places: the order of sources and the joint choice along a route."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.errors import (
    AmbiguousPlaceError,
    InputError,
    PlaceError,
    PlaceNotFoundError,
    RouteError,
)
from route.geocoding import PlaceIndex, curated_places, resolve
from route.geocoding.candidates import distance_km
from route.geocoding.coordinates import parse_position
from route.places import Place

STORY = ["Pyongyang", "Khasan", "Vladivostok", "Russky Island"]
NAMES = Path(__file__).parent / "data" / "city_names.csv"
CITIES = list(csv.DictReader(NAMES.read_text(encoding="utf-8").splitlines()))

WITHOUT_KHASAN = PlaceIndex(tuple(e for e in curated_places().entries if e.place.id != "khasan"))
KHASAN_STATION = Place(
    name="Хасан", lat=42.4281, lon=130.6453, kind="station", source="network", names={"en": "Khasan"}
)


def places(*names: str, **options: object) -> list[tuple[str, str | None]]:
    return [(found.place.name, found.place.country) for found in resolve(names, **options)]  # type: ignore[arg-type]


# --- the story


@pytest.mark.parametrize(
    "names",
    [
        STORY,
        ["평양", "Хасан", "Владивосток", "Остров Русский"],
        ["평양", "하산", "블라디보스토크", "루스키 섬"],
        ["平壤", "哈桑", "海参崴", "俄罗斯岛"],
        ["Pjongjang", "KHASAN", "Wladiwostok", "Russkij-øen"],
        ["pyongyang", "khasan", "vladivostok", "russky-island"],
    ],
    ids=["en", "mixed", "ko", "zh", "de-da", "ids"],
)
def test_the_story_in_any_language(names: list[str]) -> None:
    found = resolve(names)
    assert [r.place.id for r in found] == ["pyongyang", "khasan", "vladivostok", "russky-island"]
    assert [r.query for r in found] == names
    assert [r.place.source for r in found] == ["curated"] * 4
    assert found[3].place.access == "road"


def test_khasan_alone_is_the_curated_one() -> None:
    assert places("Khasan", separately=True) == [("Khasan", "RU")]


@pytest.mark.parametrize("names", [["Pyongyang", "Khasan", "Vladivostok"], ["Pyongyang", "Khasan"]])
def test_khasan_is_never_in_india(names: list[str]) -> None:
    with pytest.raises(PlaceNotFoundError, match=r"another name of Hassan, India, [\d,]+ km from") as raised:
        resolve(names, curated=WITHOUT_KHASAN)
    assert raised.value.query == "Khasan"
    assert "Hassan, IN" in raised.value.candidates[0]


@pytest.mark.parametrize("name", ["Khasan", "Хасан"])
def test_khasan_is_found_among_stations(name: str) -> None:
    found = resolve(["Pyongyang", name, "Vladivostok"], curated=WITHOUT_KHASAN, stations=[KHASAN_STATION])
    assert found[1].place.source == "network"
    assert found[1].place.timezone == "Asia/Vladivostok"
    assert found[1].score > 0.99


def test_hassan_is_in_india_when_the_route_is() -> None:
    assert places("Hassan", "Bangalore") == [("Hassan", "IN"), ("Bengaluru", "IN")]
    assert places("Khasan", "Bangalore", curated=WITHOUT_KHASAN)[0] == ("Hassan", "IN")


# --- the joint choice


@pytest.mark.parametrize(
    ("names", "countries"),
    [
        ("Paris, Lyon", "FR FR"),
        ("London, Edinburgh", "GB GB"),
        ("Tokyo, Osaka", "JP JP"),
        ("Cairo, Aswan", "EG EG"),
        ("London, Dublin", "GB IE"),
        ("Tokyo, Busan", "JP KR"),
        ("Reykjavik, London", "IS GB"),
        ("København, Göteborg, Oslo", "DK SE NO"),
        ("Köln, Brüssel, Lille, London", "DE BE FR GB"),
        ("北京, 上海", "CN CN"),
        ("Москва, Казань", "RU RU"),
        ("Αθήνα, Θεσσαλονίκη", "GR GR"),
        ("서울, 부산", "KR KR"),
        ("القاهرة, أسوان", "EG EG"),
        ("Lisboa, Oporto", "PT PT"),
        ("Kiev, Lemberg", "UA UA"),
        ("Cambridge, London", "GB GB"),
        ("Cambridge, Boston", "US US"),
        ("Birmingham, Atlanta", "US US"),
        ("Birmingham, Manchester", "GB GB"),
        ("Valencia, Madrid", "ES ES"),
        ("Warsaw, Moscow", "PL RU"),
        ("Beijing, Ulaanbaatar", "CN MN"),
        ("Madrid, Barcelona, Paris", "ES ES FR"),
        ("Moscow, Vladivostok", "RU RU"),
        ("Moscow, Vladivostok, Moscow", "RU RU RU"),
        ("Seoul, Pyongyang", "KR KP"),
        ("Tallinn, Helsinki", "EE FI"),
        ("Lisbon, Vladivostok", "PT RU"),
        ("Moscow, Beijing", "RU CN"),
        ("Sydney, Perth", "AU AU"),
        ("New York, Los Angeles", "US US"),
        ("Perth, Edinburgh", "GB GB"),
        ("Tripoli, Beirut", "LB LB"),
        ("Toledo, Chicago", "US US"),
        ("Toledo, Madrid", "ES ES"),
        ("Находка, Париж", "RU FR"),
        ("Hamburg, Zermatt", "DE CH"),
        ("København, New York", "DK US"),
    ],
)
def test_routes(names: str, countries: str) -> None:
    assert [country for _, country in places(*names.split(", "))] == countries.split()


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["Springfield", "Chicago"], "Springfield, IL"),
        (["Cambridge", "Boston"], "Cambridge, MA"),
        (["Birmingham", "Atlanta"], "Birmingham, AL"),
        (["Portland", "Seattle"], "Portland, OR"),
        (["Portland", "Boston"], "Portland, ME"),
        (["Brest", "Paris"], "Brest, FR"),
        (["Brest", "Moscow"], "Brest, BY"),
    ],
)
def test_the_neighbour_decides(names: list[str], label: str) -> None:
    assert resolve(names)[0].candidates[0].label == label


def test_order_and_direction_do_not_matter() -> None:
    there = places("Valencia", "Madrid", "Paris")
    assert places("Paris", "Madrid", "Valencia") == there[::-1]


@pytest.mark.parametrize("name", ["Springfield", "Cambridge"])
def test_alone_it_is_ambiguous(name: str) -> None:
    with pytest.raises(AmbiguousPlaceError) as raised:
        resolve([name])
    assert raised.value.exit_code == 3
    assert len(raised.value.candidates) >= 2
    assert "--pick best" in str(raised.value)
    assert "lat,lon" in str(raised.value)
    # The way out that the message names does lead out.
    label = str(raised.value).split('such as "')[1].split('"')[0]
    assert resolve([label])[0].place.name == name


def test_best_overrules() -> None:
    assert resolve(["Springfield"], pick="best")[0].candidates[0].label == "Springfield, MO"
    assert places("Pyongyang", "Khasan", pick="best", curated=WITHOUT_KHASAN)[1] == ("Hassan", "IN")
    with pytest.raises(InputError, match="pick must be"):
        resolve(["Paris"], pick="first")


def test_separately_the_neighbour_does_not_count() -> None:
    assert places("Birmingham", "Atlanta", separately=True) == [("Birmingham", "GB"), ("Atlanta", "US")]
    with pytest.raises(AmbiguousPlaceError):
        resolve(["Springfield", "Chicago"], separately=True)


@pytest.mark.parametrize(
    "names", [["Atlantis", "Paris"], ["Paris", "Atlantis"], ["London", "Atlantis", "Paris"]]
)
def test_a_town_on_another_continent_is_not_taken_silently(names: list[str]) -> None:
    with pytest.raises(PlaceNotFoundError, match="Atlantis, South Africa, 9,") as raised:
        resolve(names)
    assert raised.value.exit_code == 3
    assert 'write "Atlantis, ZA"' in str(raised.value)
    assert "--online" in str(raised.value)


def test_it_is_taken_when_said_or_near() -> None:
    assert places("Atlantis, ZA", "Paris") == [("Atlantis", "ZA"), ("Paris", "FR")]
    assert places("Atlantis", "Cape Town") == [("Atlantis", "ZA"), ("Cape Town", "ZA")]


def test_scores_are_shares_and_reasons_are_given() -> None:
    found = resolve(["Springfield", "Chicago"])[0]
    scores = [candidate.score for candidate in found.candidates]
    assert found.score == scores[0]
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1 + 1e-9
    assert len(scores) <= 10
    assert "people" in found.candidates[0].why
    assert "km from Chicago" in found.candidates[0].why
    assert found.candidates[0].place == found.place


def test_many_namesakes_are_quick() -> None:
    assert places("San José", "San Francisco", "San Diego")[0][1] == "US"


# --- ways to say a place


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Paris, FR", "FR"),
        ("Paris, Texas", "US"),
        ("Paris (Frankreich)", "FR"),
        ("Париж, Франция", "FR"),
        ("Springfield, IL", "US"),
        ("Valencia, VE", "VE"),
        ("Khasan, Russia", "RU"),
        ("Khasan, India", "IN"),
        ("Hamhung, North Korea", "KP"),
        ("geonames:2988507", "FR"),
    ],
)
def test_places_said_exactly(name: str, country: str) -> None:
    found = resolve([name])[0]
    assert found.place.country == country
    assert found.place.timezone


def test_unknown_country_behind_a_name() -> None:
    with pytest.raises(PlaceNotFoundError, match='"Gondor" in "Paris, Gondor" is no country or state'):
        resolve(["Paris, Gondor"])
    with pytest.raises(PlaceNotFoundError, match="is known there"):
        resolve(["Vladivostok, Denmark"])


def test_positions_places_and_names_mixed() -> None:
    mine = Place(name="My shed", lat=55.68, lon=12.57)
    found = resolve([mine, "42.43,130.64", "vladivostok", "Ussuriysk"])
    assert [r.place.name for r in found] == ["My shed", "42.43, 130.64", "Vladivostok", "Ussuriysk"]
    assert [r.place.timezone for r in found[:2]] == ["Europe/Copenhagen", "Asia/Vladivostok"]
    assert (found[1].place.country, found[1].place.kind, found[1].score) == (None, "point", 1.0)


@pytest.mark.parametrize(
    "text",
    ["42.43,130.64", " +42.43 , 130.64 ", "42.43;130.64", "42.43 130.64", "42,43;130,64", "42,43 130,64"],
)
def test_ways_to_write_a_position(text: str) -> None:
    place = parse_position(text)
    assert place is not None
    assert (place.lat, place.lon) == (42.43, 130.64)


@pytest.mark.parametrize("text", ["42.43", "Paris", "1,2,3", "42.43,", "abc,def", "nano, info"])
def test_what_is_no_position(text: str) -> None:
    assert parse_position(text) is None


@pytest.mark.parametrize(
    ("text", "what"),
    [("95,200", "Latitude goes from"), ("130.64,42.43", "swapped"), ("nan,3", "no position"),
     ("inf,3", "no position"), ("1,-Infinity", "no position"), ("9" * 150 + ",3", "no latitude")],
)  # fmt: skip
def test_positions_off_the_globe(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as raised:
        resolve([text, "Paris"])
    assert len(str(raised.value)) < 500


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_on_the_globe_is_read(lat: float, lon: float) -> None:
    place = parse_position(f"{lat:.6f},{lon:.6f}")
    assert place is not None
    assert (place.lat, place.lon) == (pytest.approx(lat, abs=1e-6), pytest.approx(lon, abs=1e-6))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Pariss", "Paris, FR"), ("Vladivostock Wharf", ""), ("Chassn", "Khasan"), ("Lodnon", "London")],
)
def test_wrong_spelling_gives_suggestions_never_a_guess(wrong: str, right: str) -> None:
    with pytest.raises(PlaceNotFoundError, match=f'"{wrong}" is known') as raised:
        resolve([wrong])
    assert right in str(raised.value)
    assert "Check the spelling" in str(raised.value)


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000, "Par\x07is", "!?", "🚂", "\u200f", 5, None])
def test_bad_input_is_one_clear_sentence(name: object) -> None:
    with pytest.raises(InputError) as raised:
        resolve([name, "Paris"])  # type: ignore[list-item]
    assert str(raised.value).isprintable()
    assert raised.value.exit_code == 2


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Lu", "Ll"]), max_size=20))
def test_any_text_ends_in_a_place_or_an_error_of_ours(text: str) -> None:
    try:
        assert resolve([text], pick="best")[0].place
    except RouteError as error:
        assert str(error).isprintable()  # noqa: PT017 - both outcomes are right


def test_one_text_is_not_a_list_of_names() -> None:
    with pytest.raises(InputError, match='"Paris" is one name'):
        resolve("Paris")


def test_no_names_no_places() -> None:
    assert resolve([]) == []
    assert resolve([], separately=True) == []


def test_ten_scripts_without_a_neighbour() -> None:
    wrong = []
    for city in CITIES:
        try:
            there = resolve([city["local"]])[0].place
            known = resolve([f"{city['english']}, {city['country']}"], pick="best")[0].place
        except PlaceError:
            wrong.append(city["local"])
            continue
        if there.country != city["country"] or distance_km(there, known) > 30:
            wrong.append(city["local"])
    assert len(wrong) <= 0.02 * len(CITIES), wrong


# --- stations


def station(name: str, lat: float, lon: float, **more: object) -> Place:
    return Place(name=name, lat=lat, lon=lon, kind="station", source="network", **more)  # type: ignore[arg-type]


def test_a_station_stands_for_its_town() -> None:
    stations = [station("Lyon", 45.7485, 4.8466, id="osm:1")]
    found = resolve(["Paris", "Lyon"], stations=stations)[1]
    assert found.place.id == "osm:1"
    assert "people" in found.candidates[0].why
    assert resolve(["Lyon, FR"], stations=stations)[0].place.id == "osm:1"
    assert resolve(["osm:1"], stations=stations)[0].place.name == "Lyon"


def test_a_station_elsewhere_does_not_beat_the_city() -> None:
    stations = PlaceIndex.of((station("Paris", 60.0, 30.0),))
    assert resolve(["Paris", "Lyon"], stations=stations)[0].place.source == "geonames"
    assert resolve(["Paris, FR"], stations=stations)[0].place.country == "FR"

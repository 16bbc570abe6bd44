"""The offline gazetteer: one form for the many ways to write a name, look-up, suggestions, the file."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from route.errors import InputError
from route.files import data_path
from route.gazetteer import Area, Gazetteer, checked, normalise, open_gazetteer, shown, spellings
from route.gazetteer.names import MAX_LENGTH, is_latin
from route.gazetteer.store import Store

NAMES = Path(__file__).parent / "data" / "city_names.csv"
CITIES = list(csv.DictReader(NAMES.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return open_gazetteer()


def largest(gazetteer: Gazetteer, name: str) -> tuple[str, str]:
    town = gazetteer.search(name)[0].town
    return town.name, town.country


@given(st.text())
def test_normalising_twice_changes_nothing(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_normalising_does_not_see_case(name: str) -> None:
    # Case mapping is not one to one (ẞ, İ, ŉ): what folds alike must normalise alike.
    assert normalise(name.casefold()) == normalise(name)
    assert normalise(name.lower()) == normalise(name)


@given(st.text("abcåøüéЖя北한ا ", min_size=1, max_size=12), st.sampled_from(" -'’.\u200f"))
def test_separators_do_not_count(name: str, separator: str) -> None:
    assert normalise(separator.join(name)) == normalise(name.replace(" ", ""))


@given(st.text())
def test_a_normalised_name_has_letters_or_is_empty(name: str) -> None:
    key = normalise(name)
    assert key == "" or any(char.isalnum() for char in key)
    assert not any(char.isspace() or char in "-'\u200f\u200e\ufe0f" for char in key)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("P'yŏngyang", "PYONGYANG"),
        ("Saint-Étienne", "saint etienne"),
        ("İSTANBUL", "istanbul"),
        ("Diyarbakır", "DIYARBAKIR"),
        ("Łódź", "lodz"),
        ("Weißenfels", "WEISSENFELS"),
        ("Орёл", "ОРЕЛ"),
        ("ΠΆΤΡΑ", "πατρα"),
        ("القاهـــرة", "القَاهِرَة"),
        ("أسوان", "اسوان"),
        ("تبریز", "تبريز"),
        ("평양", "\u1111\u1167\u11bc\u110b\u1163\u11bc"),
        ("ＴＯＫＹＯ", "tokyo"),
        ("ガンダム", "カ\u3099ンタ\u3099ム"),
        ("\u200fحيفا\u200f", "حيفا"),
    ],
)
def test_ways_to_write_one_name(one: str, other: str) -> None:
    assert normalise(one) == normalise(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("はし", "ばし"), ("कानपुर", "कनपर"), ("Paris", "Pari"), ("서울", "서올"), ("北京", "南京")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Köln", ("koln", "koeln")),
        ("Århus", ("arhus", "aarhus")),
        ("Tromsø", ("tromso", "tromsoe")),
        ("A\u030arhus", ("arhus", "aarhus")),
        ("Paris", ("paris",)),
        ("!!!", ()),
    ],
)
def test_spellings(name: str, keys: tuple[str, ...]) -> None:
    assert spellings(name) == keys


def test_latin_or_not() -> None:
    assert [is_latin(name) for name in ("Århus", "P'yŏngyang", "Хасан", "平壤")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("", "is empty"),
        (" \t\n", "is empty"),
        ("x" * 10_000, "10000 characters"),
        ("Par\x00is", "control"),
        ("\x1b[31mParis", "control"),
        ("Par\ud800is", "control"),
        ("...!?", "neither a letter nor a digit"),
        ("🏝️", "neither a letter nor a digit"),
        ("🇰🇵", "neither a letter nor a digit"),
        ("\u200f\u202e", "neither a letter nor a digit"),
        ("\u0301\u0308", "neither a letter nor a digit"),
        (7, "not int"),
        (None, "not NoneType"),
    ],
)
def test_names_that_cannot_be_read(name: object, what: str) -> None:
    with pytest.raises(InputError, match=what) as raised:
        checked(name)
    message = str(raised.value)
    assert message.isprintable()
    assert len(message) < 200


@pytest.mark.parametrize(
    ("given_name", "name"),
    [("  New \t York\n", "New York"), ("\u200fحيفا\u200e", "حيفا"), ("Zu\u0308rich", "Zürich"), ("Å", "Å")],
)
def test_names_are_cleaned(given_name: str, name: str) -> None:
    assert checked(given_name) == name


@given(st.text(max_size=3 * MAX_LENGTH))
def test_any_text_is_taken_or_refused_with_a_sentence(name: str) -> None:
    try:
        assert normalise(checked(name))
    except InputError as error:
        assert str(error).isprintable()  # noqa: PT017 - both outcomes are right


@given(st.text())
def test_shown_text_is_one_short_printable_line(text: str) -> None:
    assert len(shown(text)) <= 40
    assert shown(text).isprintable()


@pytest.mark.parametrize(
    ("name", "town", "country"),
    [
        ("Pyongyang", "Pyongyang", "KP"),
        ("Koeln", "Köln", "DE"),
        ("Aarhus", "Århus", "DK"),
        ("kobenhavn", "Copenhagen", "DK"),
        ("서울특별시", "Seoul", "KR"),
        ("北京市", "Beijing", "CN"),
        ("满洲里", "Manzhouli", "CN"),
        ("الخرطوم", "Khartoum", "SD"),
        ("St Gallen", "Sankt Gallen", "CH"),
        ("St. Petersburg", "Saint Petersburg", "RU"),
        ("Khasan", "Hassan", "IN"),
    ],
)
def test_look_up(gazetteer: Gazetteer, name: str, town: str, country: str) -> None:
    assert largest(gazetteer, name) == (town, country)


def test_what_is_known_of_a_town(gazetteer: Gazetteer) -> None:
    match = gazetteer.search("Vladivostok")[0]
    town = match.town
    assert (town.geonameid, town.timezone, match.by_alias) == (2013348, "Asia/Vladivostok", False)
    assert (town.lat, town.lon) == (43.10562, 131.87353)
    assert town.rail_km is not None
    assert town.rail_km < 2
    assert town.network == gazetteer.search("Lisbon")[0].town.network != 0
    assert gazetteer.search("Reykjavik")[0].town.rail_km is None


def test_towns_come_largest_first_and_aliases_are_known(gazetteer: Gazetteer) -> None:
    matches = gazetteer.search("Paris")
    populations = [match.town.population for match in matches]
    assert populations == sorted(populations, reverse=True)
    assert gazetteer.search("Lemberg")[0].by_alias
    assert not gazetteer.search("Львів")[0].by_alias


def test_unknown_names_find_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.search("Xyzzyplugh") == ()
    assert gazetteer.search("\u0001") == ()
    assert gazetteer.search("zzzzzzzzzz" * 10) == ()


@pytest.mark.parametrize(
    ("text", "name", "areas"),
    [
        ("Paris, FR", "Paris", {Area("FR")}),
        ("Paris, France", "Paris", {Area("FR")}),
        ("Paris (Frankrig)", "Paris", {Area("FR")}),
        ("Париж, Франция", "Париж", {Area("FR")}),
        ("東京、日本", "東京", {Area("JP")}),
        ("Springfield, IL", "Springfield", {Area("IL"), Area("US", "IL")}),
        ("Springfield, IL, USA", "Springfield", {Area("US", "IL")}),
        ("Springfield, Illinois", "Springfield", {Area("US", "IL")}),
        ("Cambridge, England", "Cambridge", {Area("GB", "ENG")}),
        ("London, Ontario", "London", {Area("CA", "08")}),
        ("Perth, WA, Australia", "Perth", {Area("AU", "08")}),
        ("Paris, Texas, France", "Paris", set()),
        ("Paris, Gondor", "Paris", set()),
    ],
)
def test_names_with_country_or_state(gazetteer: Gazetteer, text: str, name: str, areas: set[Area]) -> None:
    found = gazetteer.qualified(text)
    assert found is not None
    assert (found[0], set(found[1])) == (name, areas)


@pytest.mark.parametrize("text", ["Paris", "Paris,", ", FR", "(", "Paris ()"])
def test_names_without_country_or_state(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.qualified(text) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Pariss", "Paris"), ("Lodnon", "London"), ("Kopenhagn", "Copenhagen"), ("Vladivostock", "Vladivostok"),
     ("Москв", "Moscow"), ("平壤壤", "Pyongyang")],
)  # fmt: skip
def test_suggestions(gazetteer: Gazetteer, wrong: str, right: str) -> None:
    assert gazetteer.search(wrong) == ()
    assert right in [town.name for town in gazetteer.suggestions(wrong)]


def test_no_suggestions_for_noise(gazetteer: Gazetteer) -> None:
    assert gazetteer.suggestions("Xyzzyplughqwx") == ()
    assert gazetteer.suggestions("q") == ()


def test_identifiers(gazetteer: Gazetteer) -> None:
    town = gazetteer.with_id("geonames:2988507")
    assert town is not None
    assert (town.name, town.country) == ("Paris", "FR")
    assert gazetteer.with_id("geonames:1") is None
    assert gazetteer.with_id("Paris") is None


def test_nearest_town(gazetteer: Gazetteer) -> None:
    town, km = gazetteer.nearest(43.11, 131.88)
    assert (town.name, round(km)) == ("Vladivostok", 1)
    # Across the antimeridian and at the pole, where degrees are no distance.
    assert gazetteer.nearest(-16.8, -179.99)[0].country == "FJ"
    assert gazetteer.nearest(90.0, 0.0)[1] < 1500


def test_ten_scripts(gazetteer: Gazetteer) -> None:
    assert len({city["script"] for city in CITIES}) >= 10
    assert len({city["local"] for city in CITIES}) >= 300
    wrong = [
        city["local"]
        for city in CITIES
        if not (found := gazetteer.search(city["local"])) or found[0].town.country != city["country"]
    ]
    assert len(wrong) <= 0.02 * len(CITIES), wrong


def test_the_file_is_small_and_is_not_read_whole() -> None:
    """What a cold start costs, in calls and memory: seconds would tell how busy the machine is."""
    size = data_path("gazetteer.bin").stat().st_size
    assert size <= 15_000_000
    code = (
        "import cProfile, tracemalloc, numpy; from route.gazetteer import open_gazetteer\n"
        "tracemalloc.start()\n"
        "with cProfile.Profile() as profile: found = open_gazetteer().search('평양')[0].town\n"
        "calls = sum(entry.callcount for entry in profile.getstats())\n"
        "print(found.name, calls, tracemalloc.get_traced_memory()[1])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    name, calls, memory = ran.stdout.split()
    assert name == "Pyongyang"
    assert 20 < int(calls) < 3_000
    assert int(memory) < size / 2


def test_looking_up_does_not_import_what_it_does_not_need() -> None:
    code = (
        "import sys; from route.geocoding import resolve; resolve(['Paris', 'Lyon']);"
        "heavy = {'pandas', 'geopandas', 'pyarrow', 'geopy', 'rapidfuzz', 'tzfpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("damage", ["empty", "magic", "header", "short"])
def test_a_damaged_file_is_told(tmp_path: Path, damage: str) -> None:
    good = data_path("gazetteer.bin").read_bytes()
    bad = {"empty": b"", "magic": b"PK" + good[2:], "header": good[:40], "short": good[: len(good) // 2]}
    file = tmp_path / "gazetteer.bin"
    file.write_bytes(bad[damage])
    with pytest.raises(InputError, match="Install railroute anew"):
        Store(file)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read the gazetteer"):
        Store(tmp_path / "none.bin")

"""Names by language: which tag answers, the file of names of towns, countries, labels of the basemap."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from route.basemap import placenames
from route.basemap.shapes import Box
from route.errors import InputError
from route.files import data_path
from route.gazetteer import open_gazetteer
from route.gazetteer.languages import TownNames, country_names, open_names, packed_names
from route.gazetteer.lookup import Area
from route.geocoding import resolve
from route.places import Place, best_tag

if TYPE_CHECKING:
    from pathlib import Path

# What a reader of each language calls these towns; chosen from facts along routes of three continents.
READERS = """
town,country,da,ko,ru
Moscow,RU,Moskva,모스크바,Москва
Yekaterinburg,RU,Jekaterinburg,예카테린부르크,Екатеринбург
Novosibirsk,RU,Novosibirsk,노보시비르스크,Новосибирск
Krasnoyarsk,RU,Krasnojarsk,크라스노야르스크,Красноярск
Irkutsk,RU,Irkutsk,이르쿠츠크,Иркутск
Chelyabinsk,RU,Tjeljabinsk,첼랴빈스크,Челябинск
Vladivostok,RU,Vladivostok,블라디보스토크,Владивосток
Ulan Bator,MN,Ulan Bator,울란바토르,Улан-Батор
Beijing,CN,Beijing,베이징,Пекин
Harbin,CN,Harbin,하얼빈,Харбин
Pyongyang,KP,Pyongyang,평양,Пхеньян
Seoul,KR,Seoul,서울,Сеул
Tokyo,JP,Tokyo,도쿄,Токио
Tashkent,UZ,Tasjkent,타슈켄트,Ташкент
Tehran,IR,Teheran,테헤란,Тегеран
Istanbul,TR,Istanbul,이스탄불,Стамбул
Copenhagen,DK,København,코펜하겐,Копенгаген
Gothenburg,SE,Göteborg,예테보리,Гётеборг
Vienna,AT,Wien,비엔나,Вена
Prague,CZ,Prag,프라하,Прага
Warsaw,PL,Warszawa,바르샤바,Варшава
Rome,IT,Rom,로마,Рим
Lisbon,PT,Lissabon,리스본,Лиссабон
Kyiv,UA,Kyiv,키예프,Киев
Cairo,EG,Kairo,카이로,Каир
Addis Ababa,ET,Addis Abeba,아디스아바바,Аддис-Абеба
Nairobi,KE,Nairobi,나이로비,Найроби
Cape Town,ZA,Cape Town,케이프타운,Кейптаун
New York,US,New York,뉴욕,Нью-Йорк
Chicago,US,Chicago,시카고,Чикаго
Buenos Aires,AR,Buenos Aires,부에노스아이레스,Буэнос-Айрес
"""


@pytest.mark.parametrize(
    ("lang", "tag"),
    [
        ("pt", "pt"),
        ("pt-BR", "pt"),
        ("PT_br", "pt"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh_hant_HK", "zh-Hant"),
        ("no", "nb"),
        ("nb-NO", "nb"),
        ("en-GB", "en"),
        ("ptx", None),
        ("x", None),
        ("", None),
        ("--", None),
        (None, None),
    ],
)
def test_a_wider_tag_answers_for_a_narrower_one(lang: str | None, tag: str | None) -> None:
    assert best_tag(lang, ["en", "nb", "pt", "zh", "zh-Hant"]) == tag


def test_traditional_chinese_falls_back_to_chinese() -> None:
    assert best_tag("zh-TW", ["zh"]) == "zh"
    assert best_tag("zh-Hant", []) is None


def test_a_name_in_other_letters_has_the_english_one_behind_it() -> None:
    station = Place(name="Хасан", lat=42.4, lon=130.6, names={"en": "Khasan"})
    named = [station.name_in(lang) for lang in (None, "", "en-GB", "da")]
    assert named == ["Хасан", "Хасан", "Khasan", "Хасан (Khasan)"]
    assert Place(name="Хасан", lat=42.4, lon=130.6).name_in("da") == "Хасан"
    assert (
        Place(name="Ra’s Ḩadd", lat=22.5, lon=59.8, names={"en": "Ras al-Hadd"}).name_in("da") == "Ra’s Ḩadd"
    )


def test_a_curated_place_has_the_names_of_its_town_too() -> None:
    place = resolve(["Pyongyang", "Vladivostok"])[0].place
    assert (place.source, place.name_in("da"), place.name_in("ja")) == ("curated", "Pyongyang", "平壌")
    assert list(place.names)[:5] == ["en", "da", "ko", "ru", "zh"]


def test_name_in_a_language() -> None:
    place = Place(name="Munich", lat=48.1, lon=11.6, names={"de": "München", "zh-Hant": "慕尼黑"})
    named = [place.name_in(lang) for lang in (None, "de-AT", "DE", "en", "en-US", "zh-TW", "da")]
    assert named == ["Munich", "München", "München", "Munich", "Munich", "慕尼黑", "Munich"]
    assert place.tag_in("de-AT") == "de"
    assert place.tag_in("da") is None


@pytest.mark.parametrize(
    "row", list(csv.DictReader(READERS.strip().splitlines())), ids=lambda row: row["town"]
)
def test_towns_in_the_language_of_the_reader(row: dict[str, str]) -> None:
    town = open_gazetteer().search(row["town"], areas=(Area(row["country"]),))[0].town
    place = Place(name=town.name, lat=town.lat, lon=town.lon, names=open_names().of(town.geonameid))
    assert [place.name_in(lang) for lang in ("da", "ko", "ru")] == [row["da"], row["ko"], row["ru"]]


def test_names_of_the_country_come_first() -> None:
    names = list(open_names().of(524901))
    assert names[0] == "ru"
    assert names.index("zh") < names.index("af")


def test_most_of_the_large_towns_have_names_in_other_scripts() -> None:
    numbers = open_gazetteer().store.columns["id"][:1000].tolist()
    for lang in ("ko", "ru", "ja", "zh"):
        known = sum(best_tag(lang, open_names().of(number)) is not None for number in numbers)
        assert known >= 700, lang


def test_corrections_by_hand_are_in_the_file() -> None:
    gazetteer = open_gazetteer()
    with data_path("town_names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] for row in rows)
    for row in rows:
        towns = [match.town for match in gazetteer.search(row["town"], areas=(Area(row["country"]),))]
        town = next(town for town in towns if town.name == row["town"])
        named = open_names().of(town.geonameid).get(row["language"], town.name)
        assert named == row["name"], row


def test_the_file_gives_back_what_was_put_in(tmp_path: Path) -> None:
    names = {number: {"ru": f"Город {number}", "ko": f"시 {number}"} for number in range(5, 1505, 3)}
    file = tmp_path / "names.bin"
    file.write_bytes(packed_names(names))
    opened = TownNames(file)
    assert all(dict(opened.of(number)) == known for number, known in names.items())
    assert [dict(opened.of(number)) for number in (0, 4, 6, 1504, 4_000_000_000)] == [{}] * 5
    assert packed_names(dict(reversed(names.items()))) == file.read_bytes()
    file.write_bytes(packed_names({}))
    assert TownNames(file).of(5) == {}


@pytest.mark.parametrize("damage", ["missing", "empty", "magic", "header", "short", "long"])
def test_a_damaged_file_is_told(tmp_path: Path, damage: str) -> None:
    good = packed_names({1: {"ru": "Москва"}, 2: {"ko": "서울"}})
    bad = {
        "empty": b"",
        "magic": b"PK" + good[2:],
        "header": good[:20],
        "short": good[:-3],
        "long": good + b"x",
    }
    file = tmp_path / "names.bin"
    if damage != "missing":
        file.write_bytes(bad[damage])
    with pytest.raises(InputError, match="Install railroute anew"):
        TownNames(file)


def test_the_names_are_small() -> None:
    assert data_path("town_names.bin").stat().st_size < 3_000_000


@pytest.mark.parametrize(
    ("lang", "name"),
    [
        ("da", "Nordkorea"),
        ("ko", "북한"),
        ("ru", "КНДР"),
        ("zh-TW", "北韓"),
        ("de-CH", "Nordkorea"),
        ("en", "North Korea"),
    ],
)
def test_countries_in_the_language_of_the_reader(lang: str, name: str) -> None:
    assert country_names(lang)["KP"] == name
    assert placenames.country_names(lang)["KP"] == name


def test_countries_in_an_unknown_language_are_in_english() -> None:
    assert country_names("xx") == {}
    assert placenames.country_names("xx") == placenames.country_names() == placenames.country_names("")


def test_labels_of_the_basemap_in_the_language_of_the_reader() -> None:
    view = Box(110, 30, 150, 60)
    route = np.array([[126.0, 39.0], [132.0, 43.0]])
    countries = {label["code"]: label["name"] for label in placenames.countries(route, [view], lang="ko")}
    assert (countries["RU"], countries["CN"]) == ("러시아", "중국")
    cities = [label["name"] for label in placenames.cities(view, avoid=[], lang="ru")]
    assert {"Пекин", "Сеул", "Токио"} <= set(cities)
    assert {"Okhotske Hav", "Gule Hav"} <= {label["name"] for label in placenames.seas(view, lang="da-DK")}
    usual = placenames.seas(view)
    assert placenames.seas(view, lang="eo") == usual
    assert "Sea of Okhotsk" in {label["name"] for label in usual}


def test_what_the_map_names_anyway_is_not_labelled_again_in_another_language() -> None:
    view = Box(110, 30, 150, 60)
    for shown in ("Beijing", "베이징"):
        cities = placenames.cities(view, avoid=[(shown, 116.4, 39.9)], lang="ko")
        assert not {"Beijing", "베이징"} & {label["name"] for label in cities}


def test_seas_have_a_name_in_each_language() -> None:
    with data_path("basemap_seas.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert all(value and value == value.strip() for value in row.values()), row["name"]

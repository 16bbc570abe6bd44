"""Texts of the page in every language: complete, with the same fields, and written as the language writes."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import subprocess
import sys
import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import samples
from babel import Locale

from route.itinerary import Band
from route.notes import Note
from route.planner import difference
from route.words import Words, words_in

ROOT = Path(__file__).resolve().parent.parent
FILES = {path.stem: path for path in sorted((ROOT / "data" / "words").glob("*.toml"))}
MASTER = tomllib.loads(FILES["en"].read_text(encoding="utf-8"))
FIELD = re.compile(r"\{(\w*)(?::(\w+))?\}")
# Digits and marks that are the same everywhere, so that a text of them need not differ from the English one.
SAME_EVERYWHERE = re.compile(r"[\s\W\d]*|OpenStreetMap[^a-z]*|Play|Pause|Stop|Zoom", re.IGNORECASE)
DAWN = datetime(2019, 4, 24, 5, 0, tzinfo=ZoneInfo("Asia/Pyongyang"))
ARRIVAL = datetime(2019, 4, 25, 18, 1, tzinfo=ZoneInfo("Asia/Vladivostok"))


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("lang", FILES)
def test_a_sentence_that_ends_in_a_figure_has_one_full_stop(lang):
    words = words_in(lang)
    for seconds in (600, 5_580, 36_000, 259_200, 262_800):
        text = words.say("summary", distances="", middle=words.duration(seconds))
        assert text.endswith(".")
        assert not text.endswith("..")


def fields(text):
    """Fields of a text with how they are written; whether a list has an "and" is up to the language."""
    return sorted((name, "" if kind == "and" else kind) for name, kind in FIELD.findall(text))


def flat(section, prefix=""):
    """Texts of a file by their path, the forms of a number aside."""
    found = {}
    for key, value in section.items():
        if isinstance(value, dict) and prefix != "count.":
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def test_the_languages_of_the_issue_are_there():
    assert {"en", "da", "ko", "ru"} <= set(FILES)


@pytest.mark.parametrize("lang", FILES)
def test_every_text_is_there_with_the_same_fields(lang):
    texts, master = flat(tomllib.loads(FILES[lang].read_text(encoding="utf-8"))), flat(MASTER)
    assert set(texts) == set(master)
    for key, text in texts.items():
        forms = text.values() if isinstance(text, dict) else [text]
        english = master[key]["other"] if isinstance(master[key], dict) else master[key]
        for form in forms:
            assert form.strip(), key
            # The label of a clock is in the language of the itinerary: English shows it, the others name the zone.
            assert key == "notes.time_of" or fields(form) == fields(english), key
            assert form.count("{") == len(FIELD.findall(form)), key


@pytest.mark.parametrize("lang", FILES)
def test_every_count_has_the_forms_of_its_language(lang):
    forms = set(Locale.parse(lang, sep="-").plural_form.tags) | {"other"}
    for key, texts in tomllib.loads(FILES[lang].read_text(encoding="utf-8"))["count"].items():
        # Forms for decimals and for millions, as French has them, are written like the usual one.
        assert {"one", "few", "other"} & forms <= set(texts) <= forms, key


@pytest.mark.parametrize("lang", [lang for lang in FILES if lang != "en"])
def test_every_text_is_translated(lang):
    texts, master = flat(tomllib.loads(FILES[lang].read_text(encoding="utf-8"))), flat(MASTER)
    untouched = [
        key
        for key, text in texts.items()
        if not key.startswith("format.")
        and text == master[key]
        and isinstance(text, str)
        and re.search(r"[A-Za-z]{4}", FIELD.sub("", text).replace("OpenStreetMap", ""))
    ]
    # Words that a language shares with English.
    assert len(untouched) <= 6, untouched


@pytest.mark.parametrize("lang", ["ko", "ru"])
def test_languages_of_another_script_keep_no_latin_word(lang):
    texts = flat(
        {k: v for k, v in tomllib.loads(FILES[lang].read_text(encoding="utf-8")).items() if k != "format"}
    )
    for key, text in texts.items():
        for form in text.values() if isinstance(text, dict) else [text]:
            words = re.findall(r"[A-Za-z]{2,}", FIELD.sub("", form).replace("OpenStreetMap", ""))
            assert set(words) <= {"km", "mm", "ODbL", "Natural", "Earth"}, key


def notes_in_code():
    for path in sorted((ROOT / "route").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note":
                yield path.name, node


def test_every_note_of_the_code_has_its_text():
    seen = 0
    for name, call in notes_in_code():
        if name == "notes.py" or not isinstance(call.args[1], ast.Constant):
            continue
        fields = {field for field, _ in FIELD.findall(MASTER["notes"][call.args[1].value])}
        values = {keyword.arg for keyword in call.keywords}
        assert None in values or fields <= values, (name, call.args[1].value)
        seen += 1
    assert seen >= 10


def test_every_text_that_the_script_asks_for_is_there():
    asked = set()
    for path in (ROOT / "route" / "webmap" / "assets").glob("*.js"):
        asked |= set(re.findall(r"\bwords\.(\w+)|\bsay\(\"(\w+)\"", path.read_text(encoding="utf-8")))
    keys = {first or second for first, second in asked}
    assert len(keys) >= 20
    assert keys <= set(words_in("en").script)


def test_every_class_of_train_has_a_name():
    classes = {
        name
        for name, value in tomllib.loads((ROOT / "data" / "trains.toml").read_text(encoding="utf-8")).items()
        if isinstance(value, dict)
    }
    assert set(MASTER["trains"]) == classes
    assert words_in("da").train("armoured") == "pansret særtog"
    assert words_in("da").train("my_own") == "my own"


def notes():
    a, b = samples.PYONGYANG, samples.KHASAN
    story = samples.story()
    other = samples.itinerary([samples.leg(1, a, b, speed_kmh=90.0)])
    return [
        Note("Khasan is 16 km from the railway that was used for it.", "far_from_railway", place=b, km=16),
        Note("Pyongyang to Khasan: 3.0 km of the way are gaps in the map data that were closed.",
             "gaps_closed", origin=a, destination=b, km=3.0),
        Note("Pyongyang to Khasan is a long way round by rail: 2,850 km, 3.8 times the 750 km as the crow flies.",
             "long_way_round", origin=a, destination=b, km=2850, times=3.7999, crow=750),
        Note("1435 mm to 1520 mm, bogie change", "bogie_change", before="1435", after="1520"),
        Note("between Pyongyang and Khasan", "between", origin=a, destination=b),
        Note("Khasan", "place", place=b),
        difference(story, other),
    ]  # fmt: skip


@pytest.mark.parametrize("note", notes(), ids=lambda note: note.key)
def test_a_note_in_english_is_its_text(note):
    said = plain(words_in(None).note(note))
    assert said.replace("Russia", "RU").replace("North Korea", "KP") == note


def test_a_note_speaks_the_language_of_the_reader():
    far, gaps, round_, gauge, between, place, _ = notes()
    assert words_in("da").note(gauge) == "1435 mm til 1520 mm, skift af bogier"
    assert words_in("ko").note(gauge) == "1435mm에서 1520mm로, 대차 교환"
    assert words_in("ko").note(place) == "하산"
    assert words_in("ru").note(far) == "Хасан: до железной дороги, по которой проложен маршрут, 16 км."
    assert plain(words_in("ru").note(round_)).endswith("2 850 км, в 3,8 раза больше 750 км по прямой.")
    assert "평양–하산" in words_in("ko").note(between)
    assert "3,0 km" in words_in("da").note(gaps)
    assert words_in("ko").note("a name") == "a name"


def test_countries_and_dates_of_a_note():
    values = {"crossing": "Imatra–Svetogorsk", "origin": "FI", "destination": "RU"}
    for since, danish, russian in [
        ("2022", "2022", "2022 г."), ("2022-03", "marts 2022", "03.2022"), ("2022-03-28", "28. marts 2022", "28.03.2022"),
    ]:  # fmt: skip
        note = Note("...", "crossing_closed_since", **values, since=since)
        assert f"(fra Finland til Rusland) har været lukket siden {danish}:" in words_in("da").note(note)
        assert f"закрыт с {russian}:" in plain(words_in("ru").note(note))
    assert words_in("en").say("axis_zone", zone=date(2019, 4, 24)) == "Times are 24 April 2019."


def test_what_stands_in_a_note_is_not_read_as_fields():
    note = Note("x", "between", origin="{destination}", destination="{0.__class__}")
    assert words_in("en").note(note) == "between {destination} and {0.__class__}"


def test_a_note_is_a_text_and_survives_copies():
    note = Note("train ferry", "train_ferry", x=1)
    assert note == "train ferry"
    assert hash(note) == hash("train ferry")
    for twin in (copy.deepcopy(note), pickle.loads(pickle.dumps(note))):  # noqa: S301 - its own
        assert (twin, twin.key, dict(twin.values)) == (note, "train_ferry", {"x": 1})


@pytest.mark.parametrize(
    ("lang", "texts", "names"),
    [(None, "en", "North Korea"), ("DA", "da", "Nordkorea"), ("ru-RU", "ru", "КНДР"), ("ko_KR", "ko", "북한"),
     ("pt-BR", "en", "Coreia do Norte"), ("zh-Hant-TW", "en", "北韓"), ("ar", "en", "كوريا الشمالية"),
     ("xx", "en", "North Korea"), ("../en", "en", "North Korea"), ("", "en", "North Korea")],
)  # fmt: skip
def test_language_falls_back_for_texts_and_for_names(lang, texts, names):
    words = words_in(lang)
    assert words.language == texts
    assert words.country("KP") == names
    assert words.direction == "ltr"


def test_a_language_written_from_the_right_says_so():
    texts = MASTER | {"format": MASTER["format"] | {"locale": "ar"}}
    assert Words(texts=texts, language="ar", lang="ar").direction == "rtl"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 участок"), (2, "2 участка"), (4, "4 участка"), (5, "5 участков"), (11, "11 участков"), (12, "12 участков"),
     (21, "21 участок"), (22, "22 участка"), (111, "111 участков"), (1000, "1 000 участков")],
)  # fmt: skip
def test_russian_counts(number, text):
    assert plain(words_in("ru").count("legs", number)) == text


@pytest.mark.parametrize(
    ("lang", "distance", "short", "time", "band", "clock", "day"),
    [
        ("en", "1,177 km", "1.5 km", "1 h 33 min", "24 h (19 h to 3 days)", "Wed 24 Apr 2019, 05:00 KST", "Wed 24 Apr"),
        ("da", "1.177 km", "1,5 km", "1 t 33 min", "24 timer (19 timer til 3 døgn)",
         "ons. 24. apr. 2019 kl. 05.00 KST", "ons. 24. apr."),
        ("ko", "1,177km", "1.5km", "1시간 33분", "24시간 (19시간~3일)", "2019년 4월 24일 (수) 05:00 KST", "4월 24일 (수)"),
        ("ru", "1 177 км", "1,5 км", "1 ч 33 мин", "24 ч (19 ч – 3 сут)", "ср, 24 апр. 2019 г., 05:00 KST", "ср, 24 апр."),
    ],
)  # fmt: skip
def test_figures_and_times_as_the_language_writes_them(lang, distance, short, time, band, clock, day):
    words = words_in(lang)
    assert plain(words.kilometres(1_176_600)) == distance
    assert plain(words.kilometres(1_500)) == short
    assert plain(words.duration(5_580)) == time
    assert plain(words.band(Band(68_400, 86_400, 259_200))) == band
    assert plain(words.clock(DAWN)) == clock
    assert plain(words.date(DAWN)) == day
    assert words.zone(ARRIVAL) == "UTC+10"
    assert "10:01" not in words.clock(ARRIVAL).replace(".", ":")


def test_lists_zones_and_names():
    assert words_in("da").joined(["a", "b", "c"]) == "a, b og c"
    assert words_in("ru").joined(["a"]) == "a"
    assert words_in("ko").city_of("Asia/Vladivostok") == "블라디보스토크"
    assert words_in("en").city_of("America/Argentina/Buenos_Aires") == "Buenos Aires"
    assert words_in("en").city_of("UTC") == "UTC"
    assert words_in("ru").name(samples.RUSSKY) == "Остров Русский"
    assert words_in("fr").name(samples.RUSSKY) == "Russky Island"


def test_the_table_of_legs_starts_without_babel():
    code = (
        "import sys; from route.cli import main; main(['legs']); "
        "sys.exit(any(name.split('.')[0] == 'babel' for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr

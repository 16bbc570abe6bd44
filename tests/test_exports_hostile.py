"""Names and texts that mean something else to a format: the file stays valid, the text stays text."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import gpxpy
import icalendar
import pyarrow.parquet as pq
import pytest
import samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from route import exports

if TYPE_CHECKING:
    from route.itinerary import Itinerary

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`${x}` \\ $[description]",
    "quotes \" ' and & &amp; &lt;",
    "]]> -- <!-- <![CDATA[ <?xml ?>",
    "\x00\x08\x0b\x1b[31m\x7f\x85",
    "half \ud800 a pair \udfff",
    "\u200fعربي\u202egnp\u202c",
    "two\nlines\r\nof\rit\u2028and\u2029more",
    "BEGIN:VEVENT\r\nATTENDEE:mailto:x",
    "a;b,c\\n",
    "=cmd|' /C calc'!A0",
    "\ufffe\uffff\U0001f682",
    "",
    " ",
    "long " * 2000,
]
texts = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


def told_everywhere(text: str) -> Itinerary:
    """Journey that has a text wherever a journey has one."""
    story = samples.story(names={"Khasan": text})
    halts = tuple(replace(halt, place=text, detail=text) for halt in story.halts)
    legs = tuple(
        replace(leg, sections=tuple(replace(part, line=text) for part in leg.sections)) for leg in story.legs
    )
    return replace(story, legs=legs, halts=halts, warnings=(text,), attribution=(text,))


def carried(text: str) -> str:
    """Text as UTF-8 can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def xml_text(text: str) -> str:
    """Text as XML can hold it, by the table of characters of its specification."""
    held = (
        letter
        if letter in "\t\n\r"
        or " " <= letter <= "\ud7ff"
        or "\ue000" <= letter <= "\ufffd"
        or letter > "\uffff"
        else "\ufffd"
        for letter in text
    )
    return "".join(held).replace("\r\n", "\n").replace("\r", "\n")


def check_json(text: str) -> None:
    told = json.loads(exports.render(told_everywhere(text), "json").decode())
    assert told["legs"][0]["destination"] == told["places"][1]["name"] == carried(text)
    assert told["warnings"] == [carried(text)]


def check_geojson(text: str) -> None:
    told = json.loads(exports.render(told_everywhere(text), "geojson").decode())
    assert told["features"][0]["properties"]["destination"] == carried(text)
    assert told["features"][-1]["properties"]["detail"] == carried(text)


def check_csv(text: str) -> None:
    stream = io.StringIO(exports.render(told_everywhere(text), "csv").decode(), newline="")
    rows = list(csv.DictReader(stream, strict=True))
    assert len(rows) == 3
    held = "".join("\ufffd" if (c < " " and c not in "\t\n\r") or c == "\x7f" else c for c in carried(text))
    assert rows[0]["destination"] in {held, f"'{held}"}
    assert [float(row["distance_km"]) for row in rows] == [850, 327, 16]


def check_gpx(text: str) -> None:
    told = exports.render(told_everywhere(text), "gpx").decode()
    root = ET.fromstring(told.encode())  # noqa: S314 - our own text
    place = root.findall("{*}wpt")[3]
    assert place.findtext("{*}name") == xml_text(text)
    assert len(gpxpy.parse(told).tracks) == 3


def check_kml(text: str) -> None:
    root = ET.fromstring(exports.render(told_everywhere(text), "kml"))  # noqa: S314
    names = [mark.findtext("{*}name") for mark in root.findall(".//{*}Folder[2]/{*}Placemark")]
    assert names.count(xml_text(text)) == 3
    for description in root.iter("{http://www.opengis.net/kml/2.2}description"):
        assert "<" not in (description.text or "")
    assert len(root.findall(".//{*}Folder[1]/{*}Placemark")) == 3


def check_ics(text: str) -> None:
    told = exports.render(told_everywhere(text), "ics").decode()
    lines = told.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert told.count("\n") == told.count("\r\n") == told.count("\r")
    assert not [line for line in lines if line.startswith("ATTENDEE")]
    events = icalendar.Calendar.from_ical(told).walk("VEVENT")
    assert len(events) == 3
    kept = str(events[1]["LOCATION"])
    plain_text = all(c.isprintable() and c not in "\ufffe\uffff" for c in text)
    if plain_text:
        assert kept == text
    else:
        assert kept.replace("\n", "").count("\ufffd") >= sum("\ud800" <= c <= "\udfff" for c in carried(text))


def check_parquet(text: str) -> None:
    table = pq.read_table(io.BytesIO(exports.render(told_everywhere(text), "parquet")))
    assert table["destination"][0].as_py() == carried(text)
    assert table["lines"][0].as_py() == ([carried(text)] if text else [])


def check_table(text: str) -> None:
    for tz in (None, ZoneInfo("UTC")):
        told = exports.render(told_everywhere(text), "table", tz=tz).decode()
        assert all(c.isprintable() or c in "\n\u200c\u200d" or c.isspace() or ord(c) > 0xFF for c in told)
        assert "\x1b" not in told
        assert "\u202e" not in told


CHECKS = {
    "json": check_json,
    "geojson": check_geojson,
    "csv": check_csv,
    "gpx": check_gpx,
    "kml": check_kml,
    "ics": check_ics,
    "parquet": check_parquet,
    "table": check_table,
}


def test_every_format_is_checked() -> None:
    assert set(CHECKS) == set(exports.FORMATS)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("form", CHECKS)
def test_a_hostile_text_stays_text(form: str, text: str) -> None:
    CHECKS[form](text)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(text=texts)
@pytest.mark.parametrize("form", CHECKS)
def test_any_text_stays_text(form: str, text: str) -> None:
    CHECKS[form](text)

"""What every command does with input that is no good: the exit code, and words that the message has.

Each row of the tables below is a command line. It ends with its exit code, one or two lines on standard error
without a traceback, nothing on standard output, and no file left behind, not even a temporary one. The files the
rows name are made once, by `inputs`; a new command adds rows, and files where it reads new ones.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import building_samples as samples
import numpy as np
import pytest
from bad_networks import NETWORKS

from route import cli
from route.network.contraction import contract
from route.network.store import write_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Row(NamedTuple):
    """A command line, its exit code, and what the message says; `@` in a word is the folder of the inputs."""

    words: tuple[str, ...]
    code: int
    says: tuple[str, ...]


def row(line: str, code: int, *says: str) -> Row:
    """Row of a command line whose words are separated by spaces; `·` stands for a space in a word."""
    return Row(tuple("" if w == "∅" else w.replace("·", " ") for w in line.split()), code, says)


# --- Positions, names and options: what a person types.

POSITIONS = [
    row("legs nan,5 Paris", 2, '"nan,5"', "latitude and longitude"),
    row("legs inf,5 Paris", 2, '"inf,5"', "latitude and longitude"),
    row("legs 5,-Infinity Paris", 2, "latitude and longitude"),
    row("legs -inf,nan Paris", 2, '"-inf,nan"', "latitude and longitude"),
    row("map nan,nan nan,nan", 2, "latitude and longitude"),
    row("geocode nan,5", 2, "latitude and longitude"),
    row("legs 131.88,43.11 Paris", 2, "swapped", "latitude first"),
    row("map 131.88,43.11 125.7,39.0", 2, "swapped"),
    row("geocode 131.88,43.11", 2, "swapped"),
    row("legs 95,200 Paris", 2, "-90 to 90"),
    row("legs 90.0001,200 Paris", 2, "-90 to 90"),
    row("legs 43,181 Paris", 2, "-180 to 180"),
    row("legs 43,-181 Paris", 2, "-180 to 180"),
    row("legs 1e400,10 Paris", 3, "1e400"),
    row("legs 1,2,3 Paris", 3, "1,2,3"),
    row("legs 90,0 Paris", 4, "No railway within 50 km", "the nearest track is"),
    row("legs -90,0 Paris", 4, "No railway within 50 km", "none on that side of the globe"),
    row("legs 65,180 Paris", 4, "No railway within 50 km"),
    row("legs 65,-180 Paris", 4, "No railway within 50 km"),
    row("legs 0,-30 Paris", 4, "No railway within 50 km"),
    row("map 65,180 65,-180", 4, "No railway within 50 km"),
    row("legs London,·GB Dublin,·IE", 4, "not connected"),
]

NAMES = [
    row("legs Paris", 2, "two places or more"),
    row("map Paris", 2, "two places or more"),
    row("legs 48.85,2.35", 2, "two places or more"),
    row("legs ∅ Paris", 2, "empty"),
    row("legs · Paris", 2, "empty"),
    row("geocode ∅", 2, "empty"),
    row("geocode", 2, "NAME"),
    row("legs Xyzzyplugh Paris", 3, "Xyzzyplugh", "lat,lon"),
    row("geocode Springfield", 3, "Springfield", "Say which"),
    row("legs 🚂🚂🚂 Paris", 2, "neither a letter nor a digit"),
    Row(("legs", "A" * 100_000, "Paris"), 2, ("100000 characters", "at most 200")),
    Row(("geocode", "\ud800", "Paris"), 2, ("no UTF-8 text",)),
    Row(("legs", "Pa\0ris", "Lyon"), 2, ("NUL character",)),
    Row(("legs", "Pa\x1b[2Jris", "Lyon"), 2, ("control",)),
    Row(("geocode", *["Xyzzyplugh"] * 300), 3, ("Xyzzyplugh",)),
]

OPTIONS = [
    row("lgs Paris Lyon", 2, "no command 'lgs'", "map, legs"),
    row("--wrong", 2, "--wrong"),
    row("legs Paris Lyon --wrong", 2, "--wrong", "--help"),
    row("network nope", 2, "no command network nope", "build"),
    row("legs Paris Lyon --alternatives -1", 2, "--alternatives", "0 or more"),
    row("legs Paris Lyon --alternatives 1e9", 2, "--alternatives"),
    row("legs Paris Lyon --alternatives nan", 2, "--alternatives"),
    row("legs Paris Lyon --depart 2019-02-30T05:00", 2, "Departure", "2019-04-24T05:00"),
    row("legs Paris Lyon --depart 2019-02-28T25:00", 2, "Departure"),
    row("legs Paris Lyon --depart 0000-01-01T05:00", 2, "Departure"),
    row("legs Paris Lyon --depart 99999-01-01T05:00", 2, "Departure"),
    row("legs Paris Lyon --depart 9999-12-31T23:00", 2, "calendar"),
    row("legs Paris Lyon --depart 0001-01-01T00:00", 2, "calendar"),
    row("legs Paris Lyon --depart 0001-01-01T00:00+14:00", 2, "calendar"),
    row("legs Paris Lyon --depart 2019-04-24T05:00+99:00", 2, "Departure"),
    row("legs Paris Lyon --depart 2019-04-24", 2, "time of day"),
    row("legs Paris Lyon --depart tomorrow", 2, "Departure", "2019-04-24T05:00"),
    row("legs Paris Lyon --depart ∅", 2, "Departure"),
    row("legs Paris Lyon --depart 2019-03-31T02:30", 2, "put forward", "03:30"),
    row("legs Paris Lyon --depart 2019-10-27T02:30", 2, "comes twice", "+02:00"),
    row("legs Paris Lyon --depart 2019-04-24T05:00 --tz Mars", 2, "--tz", "IANA"),
    row("legs Paris Lyon --depart 2019-04-24T05:00 --tz ../../etc/passwd", 2, "--tz", "IANA"),
    row("legs Paris Lyon --depart 2019-04-24T05:00 --tz ∅", 2, "--tz"),
    Row(("legs", "Paris", "Lyon", "--depart", "2019-04-24T05:00", "--tz", "x" * 99_999), 2, ("--tz",)),
    row("legs Paris Lyon --tz=--", 2, "--tz=--", "no value"),
    row("legs Paris Lyon --tz UTC", 2, "--tz UTC", "departure"),
    row("legs Paris Lyon --avoid China", 2, "--avoid China", "country:CN"),
    row("legs Paris Lyon --avoid :", 2, "--avoid", "country:CN"),
    row("legs Paris Lyon --avoid ∅", 2, "--avoid", "country:CN"),
    row("legs Paris Lyon --avoid country:", 2, "--avoid", "country:CN"),
    row("legs Paris Lyon --avoid country:FRANCE", 2, "no country has that code", "country:GB"),
    row("legs Paris Lyon --avoid line:Nowhere", 2, "line:Nowhere"),
    row("legs Paris Lyon --avoid place:Xyzzyplugh", 3, "Xyzzyplugh"),
    row("legs Paris Lyon --avoid place:48.85,999", 2, "longitude"),
    row("legs Paris Lyon --avoid country:FR", 4, "--avoid"),
    row("legs Paris Lyon --via ∅", 2, "empty"),
    row("legs Paris Lyon --via nan,nan", 2, "latitude and longitude"),
    row("legs Paris Lyon --via 999,0", 2, "latitude and longitude"),
    row("legs Paris Lyon --via Xyzzyplugh", 3, "Xyzzyplugh"),
    row("legs Paris Lyon --via 0,-30", 4, "No railway within 50 km"),
    row("legs Paris Lyon --train tram", 2, "'tram'", "passenger"),
    row("legs Paris Lyon --format xlsx", 2, "xlsx"),
    row("legs Paris Lyon --format parquet", 2, "-o FILE"),
    row("legs Paris Lyon --pick worst", 2, "worst"),
    row("geocode Paris --format gpx", 2, "gpx"),
    row("check @/good.toml --format gpx", 2, "gpx"),
    row("network download x --max-size nan", 2, "--max-size"),
    row("network download x --max-size 1e400", 2, "--max-size"),
    row("network download x --max-size -1", 2, "--max-size"),
    row("network download no/../region", 2, "no name of a region"),
    row("network download ∅", 2, "no name of a region"),
    row("network download x/y --base-url ftp://a", 2, "--base-url", "whole address"),
    row("network download x/y --base-url http://[::1", 2, "--base-url"),
    row("network download x/y --base-url http://a·b/", 2, "--base-url"),
    row("network download x/y --base-url http://127.0.0.1:99999/", 2, "--base-url"),
    row("network download x/y --base-url http://:80/", 2, "--base-url"),
    row("network download x/y --base-url http://127.0.0.1:9/ --quiet", 5, "127.0.0.1:9", "try again"),
    row("network build @/good.osm", 2, "-o"),
    row("network build @/good.osm -o x --also tram2", 2, "tram2"),
]

# --- Files that are asked for.

OUTPUTS = [
    row("legs Paris Lyon --format csv -o @", 2, "is a folder", "-o"),
    row("map Paris Lyon -o @", 2, "is a folder"),
    row("geocode Paris --format json -o @", 2, "is a folder"),
    row("check @/good.toml --format json -o @", 2, "is a folder"),
    row("network build @/good.osm -o @ --quiet", 2, "is a folder"),
    row("network download x/y -o @ --quiet", 2, "is a folder"),
    row("legs Paris Lyon -o ∅", 2, "-o", "empty"),
    row("map Paris Lyon -o ∅", 2, "-o", "empty"),
    row("map Paris Lyon -o -", 2, "standard output", "name of a file"),
    row("batch @/pairs.csv -o -", 2, ".parquet"),
    row("matrix @/places.csv -o - --no-times", 2, ".parquet"),
    row("legs Paris Lyon -o legs.xlsx", 2, "legs.xlsx"),
    row("geocode Paris -o paris.gpx", 2, "paris.gpx"),
    row("check @/good.toml -o check.kml", 2, "check.kml"),
    row("legs Paris Lyon -o @/good.toml/legs.csv", 2, "Cannot write", "good.toml"),
    row("map Paris Lyon -o @/good.toml/map.html", 2, "Cannot write"),
    row("network build @/good.osm -o @/good.toml/x.railnet --quiet", 2, "Cannot write"),
    row("network build @/good.osm -o @/pipe --quiet", 2, "device or a pipe"),
    row("network download x/y -o @/pipe --quiet", 2, "device or a pipe"),
    row("network build @/good.osm -o @/good.osm --quiet", 2, "cannot be its own network"),
    Row(("legs", "Paris", "Lyon", "-o", "x" * 300 + ".csv"), 2, ("Cannot write", "name too long")),
    Row(("network", "build", "@/good.osm", "-o", "x" * 300, "--quiet"), 2, ("name too long",)),
    Row(("legs", "Paris", "Lyon", "-o", "a\0b.csv"), 2, ("NUL character",)),
]

INPUTS = [
    row("check none.toml", 2, "none.toml", "kim-2019"),
    row("check @", 2, "folder|directory", "kim-2019"),
    Row(("check", "x" * 5_000), 2, ("name too long",)),
    Row(("check", "a\0b"), 2, ("NUL character",)),
    row("network info none", 2, "no network file none"),
    row("network info @", 2, "network file"),
    row("network validate none", 2, "no network file none"),
    row("legs Paris Lyon --network none", 2, "no network file none"),
    row("legs Paris Lyon --network @", 2, "network file"),
    row("legs Paris Lyon --network ∅", 2, "network file"),
    Row(("map", "Paris", "Lyon", "--network", "x" * 5_000), 2, ("network file",)),
    row("check @/good.toml --network none", 2, "no network file none"),
    row("network validate @/good.railnet --journeys none", 2, "none"),
    row("network validate @/good.railnet --journeys @", 2, "folder|directory"),
    row("network build none -o x --quiet", 2, "no file none"),
    row("network build @/empty-folder -o x --quiet", 2, "empty-folder"),
]

# --- Itineraries: the keys of the file, one by one, with values that are none.

GOOD = """\
[[sighting]]
place = "Paris"
event = "departure"
date = 2019-04-24
time = "10:00"
[[sighting]]
place = "Lyon"
event = "arrival"
date = 2019-04-24
time = "18:00"
"""
ITINERARIES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "no sighting"),
    "blank": ("\n\n# nothing\n", "no sighting"),
    "html": ("<html></html>", "no valid TOML"),
    "binary": (bytes(range(256)), "UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), "UTF-8"),
    "latin-1": ('title = "Orléans"\n'.encode("latin-1"), "UTF-8"),
    "torn": (GOOD[:-9], "no valid TOML"),
    "long-line": ("title = '" + "x" * 10_000_000 + "'\n" + GOOD, "too large"),
    "long-key": ("x" * 900_000, "no valid TOML"),
    "many-parts": (".".join("a" * 100_000) + " = 1", "too large or too deep"),
    "quoted-parts": ('"a b".' * 100_000 + "a = 1", "too large or too deep"),
    "deep-list": ("x = " + "[" * 100_000, "too deeply"),
    "deep-table": ("x = " + "{a=" * 100_000, "too deeply"),
    "long-number": ("x = " + "1" * 100_000, "no valid TOML"),
    "twice": ("title = 'a'\ntitle = 'b'\n" + GOOD, "no valid TOML"),
    "unknown-key": ("titel = 'a'\n" + GOOD, "Did you mean 'title'"),
    "title": ("title = 3\n" + GOOD, "title must be a text"),
    "title-huge": ("title = 0x1" + "0" * 9_000 + "\n" + GOOD, "title must be a text"),
    "description": ("description = []\n" + GOOD, "description must be a text"),
    "source": ("source = 2019-01-01\n" + GOOD, "source must be a text"),
    "constraints": ("constraints = 3\n" + GOOD, "must be a table"),
    "constraints-list": ("constraints = []\n" + GOOD, "must be a table"),
    "constraints-key": ("constraints.trian = 'x'\n" + GOOD, "Did you mean 'train'"),
    "train": ("constraints.train = 7\n" + GOOD, "train must be a text"),
    "train-unknown": ("constraints.train = 'tram'\n" + GOOD, "'tram'"),
    "speed-text": ("constraints.max_speed_kmh = 'fast'\n" + GOOD, "max_speed_kmh must be a number"),
    "speed-nan": ("constraints.max_speed_kmh = nan\n" + GOOD, "max_speed_kmh must be a number"),
    "speed-inf": ("constraints.max_speed_kmh = inf\n" + GOOD, "max_speed_kmh must be a number"),
    "speed-zero": ("constraints.max_speed_kmh = 0\n" + GOOD, "1 or more"),
    "speed-huge": ("constraints.max_speed_kmh = 1" + "0" * 400 + "\n" + GOOD, "must be a number"),
    "speed-hex": ("constraints.max_speed_kmh = 0x1" + "0" * 9_000 + "\n" + GOOD, "must be a number"),
    "speed-true": ("constraints.max_speed_kmh = true\n" + GOOD, "must be a number"),
    "dwell-negative": ("constraints.minimum_dwell_min = -1\n" + GOOD, "0 or more"),
    "dwell-huge": ("constraints.minimum_dwell_min = 1e308\n" + GOOD, "must be a number"),
    "sighting-text": ("sighting = 'Paris'\n", "sighting must be a table"),
    "sighting-numbers": ("sighting = [1, 2]\n", "must be a table"),
    "one": (GOOD.split("[[", 2)[1].join(["[[", ""]), "two places or more"),
    "one-place": (GOOD.replace("Lyon", "Paris"), "two places or more"),
    "no-place": (GOOD.replace('place = "Lyon"\n', ""), "sighting 2: it has no place"),
    "empty-place": (GOOD.replace('"Lyon"', '" "'), "sighting 2: it has no place"),
    "place-number": (GOOD.replace('"Lyon"', "3"), "place must be a text"),
    "place-nul": (GOOD.replace('"Lyon"', '"Ly\\u0000on"'), "control"),
    "place-nan": (GOOD.replace('"Lyon"', '"nan,nan"'), "latitude and longitude"),
    "place-swapped": (GOOD.replace('"Lyon"', '"131.88,43.11"'), "swapped"),
    "lat-alone": (GOOD.replace('"Lyon"', '"Lyon"\nlat = 45.7'), "both lat and lon"),
    "lat-nan": (GOOD.replace('"Lyon"', '"Lyon"\nlat = nan\nlon = 4.8'), "lat must be a number"),
    "lat-swapped": (GOOD.replace('"Lyon"', '"Lyon"\nlat = 131.8\nlon = 43.1'), "swapped"),
    "lon-far": (GOOD.replace('"Lyon"', '"Lyon"\nlat = 45.7\nlon = 999'), "-180 to 180"),
    "event": (GOOD.replace('"arrival"', '"arrived"'), "Choose one of"),
    "event-list": (GOOD.replace('"arrival"', "[]"), "event must be a text"),
    "date-feb-30": (GOOD.replace("2019-04-24", "2019-02-30"), "no valid TOML"),
    "date-text": (GOOD.replace("2019-04-24", '"the 24th"'), "Write it as 2019-04-24"),
    "date-time": (GOOD.replace("2019-04-24", "2019-04-24T10:00:00"), "must be a day"),
    "date-number": (GOOD.replace("2019-04-24", "20190424"), "must be a day"),
    "time-number": (GOOD.replace('"10:00"', "10"), "time must be a text"),
    "time-words": (GOOD.replace('"10:00"', '"o\'clock-ish"'), "o'clock-ish"),
    "time-25": (GOOD.replace('"10:00"', '"25:00"'), "25:00"),
    "time-alone": (GOOD.replace("date = 2019-04-24\n", ""), "no date"),
    "time-gap": (GOOD.replace("2019-04-24", "2019-03-31").replace("10:00", "02:30"), "02:30"),
    "zone": (GOOD.replace('"Lyon"', '"Lyon"\nzone = "../x"'), "no time zone"),
    "zone-near": (GOOD.replace('"Lyon"', '"Lyon"\nzone = "Europe/Pariss"'), "Did you mean Europe/Paris"),
    "zone-nul": (GOOD.replace('"Lyon"', '"Lyon"\nzone = "a\\u0000"'), "no time zone"),
    "wording": (GOOD.replace('"Lyon"', '"Lyon"\nwording = 1'), "wording must be a text"),
    "note": (GOOD.replace('"Lyon"', '"Lyon"\nnote = {}'), "note must be a text"),
    "also": (GOOD + "also = 3\n", "also must be a table"),
    "also-empty": (GOOD + "[[sighting.also]]\n", "it has no zone"),
    "also-no-time": (GOOD + "[[sighting.also]]\nzone = 'UTC'\n", "needs a date and a time"),
    "also-key": (GOOD + "[[sighting.also]]\nzon = 'UTC'\n", "Did you mean 'zone'"),
    "passage-dwell": (GOOD.replace('"arrival"', '"passage"\nminimum_dwell_min = 5'), "without a stop"),
    "five-hundred": (GOOD * 250, "500 sightings"),
}

# --- Lists of journeys.

HEAD = "id,origin,origin_lat,origin_lon,destination,dest_lat,dest_lon,rail_km\n"
JOURNEY = "a,Westham,47.0,9.0,Eastham,47.0,9.05,4\n"
JOURNEYS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "no journeys"),
    "head-only": (HEAD, "no journeys"),
    "no-columns": ("a,b\n1,2\n", "has no column"),
    "utf-16": ((HEAD + JOURNEY).encode("utf-16"), "Save it as UTF-8"),
    "latin-1": ((HEAD + JOURNEY.replace("West", "Wést")).encode("latin-1"), "Save it as UTF-8"),
    "long-line": (HEAD + JOURNEY.replace("Westham", "W" * 10_000_000), "field larger"),
    "short-row": (HEAD + "a,Westham\n", "cells"),
    "wide-row": (HEAD + JOURNEY[:-1] + ",1,2\n", "cells"),
    "nan": (HEAD + JOURNEY.replace("47.0", "nan"), "must be numbers"),
    "swapped": (HEAD + JOURNEY.replace("47.0,9.0,", "131.8,43.1,"), "swapped"),
    "words": (HEAD + JOURNEY.replace("47.0", "north"), "line 2"),
    "half": (HEAD + JOURNEY.replace("47.0,9.0,", "47.0,,"), "line 2"),
    "no-length": (HEAD + JOURNEY.replace(",4\n", ",0\n"), "above 0"),
    "negative": (HEAD + JOURNEY.replace(",4\n", ",-4\n"), "above 0"),
    "infinite": (HEAD + JOURNEY.replace(",4\n", ",inf\n"), "above 0"),
}

# --- Maps that networks are built from.


def geojson(*lines: object, **properties: object) -> str:
    features = [
        {
            "type": "Feature",
            "properties": properties or {"railway": "rail"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for line in lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def overpass(*elements: object) -> str:
    return json.dumps({"elements": elements})


WAY = {"type": "way", "id": 1, "nodes": [1, 2], "tags": {"railway": "rail"}}
NODES = [{"type": "node", "id": n, "lat": 47.0, "lon": 9.0 + n / 100} for n in (1, 2)]
SOURCES: dict[str, tuple[str | bytes, str]] = {
    "empty.osm": ("", "damaged|no OpenStreetMap"),
    "empty.osm.pbf": ("", "empty"),
    "empty.json": ("", "Cannot read"),
    "empty.geojson": ("", "Cannot read"),
    "empty.parquet": ("", "Cannot read"),
    "empty.gpkg": ("", "Cannot read"),
    "empty.shp": ("", "Cannot read"),
    "empty.zip": ("", "Cannot read"),
    "text.txt": ("hello\n", "Cannot read"),
    "table.csv": ("name,lat\n", "no layer of lines"),
    "no.osm": ("<html></html>", "damaged"),
    "latin-1.osm": ("<osm version='0.6'><x a='é'/></osm>".encode("latin-1"), "damaged"),
    "bomb.osm": (
        "<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]><osm version='0.6'/>",
        "entities",
    ),
    "outside.osm": ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><osm version='0.6'/>", "entities"),
    "zeros.osm.pbf": (bytes(5_000), "damaged"),
    "ones.osm.pbf": (b"\xff" * 5_000, "damaged"),
    "large-block.osm.pbf": (b"\0\0\0\x11\n\tOSMHeader\x18\xff\xff\xff\xff\x0f", "larger than a block"),
    "torn.osm.gz": (b"\x1f\x8b\x08\0torn", "damaged"),
    "torn.osm.bz2": (b"BZh9torn", "damaged"),
    "torn.json": (overpass(*NODES, WAY)[:-20], "breaks off"),
    "utf-16.json": (overpass(*NODES, WAY).encode("utf-16"), "Cannot read"),
    "latin-1.json": ('{"elements": [{"type": "é"}]}'.encode("latin-1"), "no answer of Overpass"),
    "numbers.json": (overpass(1, 2), "no object"),
    "no-tags.json": (overpass(*NODES, WAY | {"tags": 3}), "no answer of Overpass"),
    "no-type.json": (overpass({"id": 1}), "no answer of Overpass"),
    "far.json": (overpass(*NODES, NODES[0] | {"lat": 470}, WAY), "longitudes and latitudes"),
    "nan.json": (overpass(NODES[0] | {"lat": float("nan")}, NODES[1], WAY), "longitudes and latitudes"),
    "infinite.json": (overpass(NODES[0], NODES[1] | {"lon": float("inf")}, WAY), "longitudes and latitudes"),
    "large-id.json": (overpass(*NODES, WAY | {"id": 10**30}), "no answer of Overpass"),
    "large-lat.json": (overpass(NODES[0] | {"lat": 10**400}, NODES[1], WAY), "no answer of Overpass"),
    "no-nodes.json": (overpass(WAY), "without positions"),
    "deep.json": ('{"elements": [' + "[" * 100_000, "no answer of Overpass"),
    "deep-tags.json": ('{"elements": [{"tags": ' + '{"a":' * 100_000, "no answer of Overpass"),
    "columns.geojson": (geojson([[1, 1], [2, 2]], a=1), "--assume"),
    "nan.geojson": (geojson([[float("nan"), 1], [2, 2]]), "no longitudes and latitudes|Cannot read"),
    "swapped.geojson": (geojson([[43, 131], [44, 132]]), "no longitudes and latitudes"),
    "one-point.geojson": (geojson([[1, 1]]), "no railways"),
    "same-point.geojson": (geojson([[1, 1], [1, 1]]), "no railways"),
    "no-features.geojson": (geojson(), "--assume"),
    "no-lines.geojson": (
        geojson([[1, 1], [2, 2]]).replace("LineString", "MultiPoint"),
        "no layer of lines",
    ),
    "deep.geojson": ('{"type": "FeatureCollection", "features": ' + "[" * 100_000, "Cannot read"),
}

TABLES: dict[str, tuple[str | bytes, str]] = {
    "t-empty.csv": ("", "is empty"),
    "t-columns.csv": ("a,b\n1,2\n", "needs the columns"),
    "t-half.csv": ("origin\nParis\n", "needs the columns"),
    "t-utf-16.csv": ("origin,destination\nKøln,Paris\n".encode("utf-16"), "UTF-16"),
    "t-latin-1.csv": ("origin,destination\nKøln,Paris\n".encode("latin-1"), "no UTF-8"),
    "t-twice.csv": ("origin,origin,destination\na,b,c\n", "two columns called"),
    "t-status.csv": ("origin,destination,status\na,b,c\n", "'status' already"),
    "t-quote.csv": ('origin,destination\n"Paris,Lyon\n', "row 2"),
    "t-ragged.csv": ("origin,destination\nParis,Lyon,Nice\n", "row 2"),
    "t-nul.csv": ("origin,destination\nPa\0ris,Lyon\n", "no text file"),
    "t-torn.parquet": (b"PAR1torn", "Parquet"),
}

TEXTS: dict[str, tuple[str | bytes, str]] = {
    "empty.txt": ("", "is empty"),
    "latin-1.txt": ("Toget kørte fra København.".encode("latin-1"), "--encoding"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(100), "no plain text|no text"),
}

MANY = [
    row("batch", 2, "--output"),
    row("batch @/pairs.csv", 2, "-o/--output"),
    row("batch @/none.csv -o out.csv", 2, "no file"),
    row("batch @/empty-folder -o out.csv", 2, "no Parquet file"),
    row("batch @/pairs.csv -o out.doc", 2, ".parquet"),
    row("batch @/pairs.csv -o @/pairs.csv", 2, "is the input"),
    row("batch @/pairs.csv -o @/", 2, "holds the input"),
    row("batch @/pairs.csv -o @/pairs.csv/", 2, "not called .csv"),
    row("batch @/empty-folder -o @/empty-folder/", 2, "no Parquet file|is the input"),
    row("matrix @/pairs.csv -o @/", 2, "holds the input"),
    row("batch @/pairs.csv -o out.csv --jobs 0", 2, "1 or more"),
    row("batch @/pairs.csv -o out.csv --part-rows 0", 2, "1 or more"),
    row("batch @/pairs.csv -o out.csv --train nope", 2, "No train class"),
    row("batch @/pairs.csv -o out.csv --avoid country:XX", 2, "no country"),
    row("batch @/pairs.csv -o out.csv --network @/pairs.csv", 2, "not a network file"),
    row("batch @/pairs.csv -o out.csv --dask nonsense", 2, "no address of a Dask scheduler|needs Dask"),
    row("batch @/pairs.csv -o out.csv --dask tcp://127.0.0.1:9", 5, "no Dask scheduler"),
    row("matrix @/t-columns.csv -o out.csv", 2, "needs the columns name or lat,lon"),
    row("matrix @/pairs.csv -o out.csv", 2, "needs the columns"),
    row("matrix @/places.csv --to @/t-columns.csv -o out.csv", 2, "needs the columns"),
    row("read", 2, "ARTICLE"),
    row("read @/none.txt", 2, "No such file"),
    row("read @/empty-folder", 2, "is a folder"),
    row("read @/article.txt -o out.doc", 2, "no known format"),
    row("read @/article.txt --encoding nope", 2, "no encoding"),
    row("legs --text @/article.txt Paris", 2, "not both"),
    row("map Paris Lyon -o route.jpg", 2, ".html, .png, .svg or .pdf"),
    row("map Paris Lyon -o route.png --size 5", 2, "1200x800"),
    row("map Paris Lyon -o route.png --size 99999x99999", 2, "200 to 10000"),
    row("map Paris Lyon -o route.html --size 800x600", 2, "for pictures"),
    row("map Paris Lyon -o route.png --embed", 2, "picture"),
    row("map @/none.toml", 2, "No such file"),
    row("map kim-2019 Paris", 2, "not both"),
    Row(("map", *["kim-2019"] * 7), 2, ("cannot be compared",)),
    row("geocode Paris --online", 2, "--user-agent"),
    row("geocode Paris --online --user-agent a", 2, "--user-agent"),
    row("geocode Paris --online --geocoder nope --user-agent Example·Times·(maps@times.example)", 2, "nope"),
]

ROWS = [
    *POSITIONS,
    *NAMES,
    *OPTIONS,
    *OUTPUTS,
    *INPUTS,
    *(Row(("check", f"@/{name}.toml"), 2, (says,)) for name, (_, says) in ITINERARIES.items()),
    *(
        Row(("network", "validate", "@/good.railnet", "--journeys", f"@/{name}.csv"), 2, (says,))
        for name, (_, says) in JOURNEYS.items()
    ),
    *(
        Row(("network", "build", f"@/{name}", "-o", "x.railnet", "--quiet"), 2, (says,))
        for name, (_, says) in SOURCES.items()
    ),
    *MANY,
    *(Row(("batch", f"@/{name}", "-o", "out.csv"), 2, (says,)) for name, (_, says) in TABLES.items()),
    *(Row(("read", f"@/{name}"), 2, (says,)) for name, (_, says) in TEXTS.items()),
    *(Row(("network", "info", f"@/{name}.railnet"), 2, (says,)) for name, (_, says) in NETWORKS.items()),
]


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the files that the rows name."""
    folder = tmp_path_factory.mktemp("inputs")

    def put(name: str, content: str | bytes) -> None:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    put("good.toml", GOOD)
    put("good.csv", HEAD + JOURNEY)
    (folder / "empty-folder").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    samples.double_track().xml(folder / "good.osm")
    graph = samples.graph([(0, 0), (900, 0), (2000, 500), (900, 3000)], [(0, 1), (1, 2), (1, 3)])
    coded = replace(graph, gauges=((), (1435,)), gauge=np.array([1, 1, 0], np.uint8))
    write_network(contract(coded, name="good", attribution=("nobody",)), folder / "good.railnet")
    for name, (text, _) in ITINERARIES.items():
        put(f"{name}.toml", text)
    put("pairs.csv", "origin,destination\nParis,Lyon\n")
    put("places.csv", "name\nParis\nLyon\n")
    put("article.txt", "The train left Kazan and reached Omsk.")
    for name, (text, _) in [*TABLES.items(), *TEXTS.items()]:
        put(name, text)
    for name, (text, _) in JOURNEYS.items():
        put(f"{name}.csv", text)
    for name, (text, _) in SOURCES.items():
        put(name, text)
    good = (folder / "good.railnet").read_bytes()
    for name, (change, _) in NETWORKS.items():
        put(f"{name}.railnet", change(good))
    return folder


def found(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def run(words: Sequence[str], inputs: Path) -> int:
    return cli.main([w.replace("@", str(inputs)) for w in words])


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, for which no variable says to show more."""
    monkeypatch.delenv("RAILROUTE_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", ROWS, ids=[f"{n}-{' '.join(r.words)[:70]!a}" for n, r in enumerate(ROWS)])
def test_it_is_refused_in_a_sentence(
    case: Row, inputs: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if any("/pipe" in w for w in case.words) and not (inputs / "pipe").exists():
        pytest.skip("no pipes with names here")
    before = found(inputs)
    code = run(case.words, inputs)
    told = capsys.readouterr()
    assert code == case.code, told.err
    assert told.out == ""
    lines = told.err.splitlines()
    assert 1 <= len(lines) <= 2, told.err
    assert all(line.startswith("railroute: ") for line in lines)
    assert "Unexpected" not in told.err
    assert max(map(len, lines)) < 3_000
    for words in case.says:
        assert any(word.casefold() in told.err.casefold() for word in words.split("|")), told.err
    assert found(empty) == set()
    assert found(inputs) == before

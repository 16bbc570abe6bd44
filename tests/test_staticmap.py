"""Pictures: what a reader of the file finds in them, and what must never be in them."""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import font_manager
from PIL import Image
from pyproj import Geod

from route import cli, staticmap
from route.basemap.palette import DARK, LIGHT
from route.errors import InputError
from route.places import Place
from route.staticmap import drawing
from route.staticmap.content import content
from route.staticmap.lettering import Style, arrows_along, clean, lettering, wrapped
from route.staticmap.outlines import outlines
from route.staticmap.placement import Label, around_point, place
from route.staticmap.view import Rect, around, fit, scale_bar
from route.trip import Trip
from route.words import words_in

if TYPE_CHECKING:
    from route.itinerary import Itinerary

ROOT = Path(__file__).parents[1]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "$x^2$ $\\frac{a}",
    "<img src=x onerror=alert(2)> `${alert(3)}` \\ \" ' <!-- ]]> &amp;",
    "القاهرة \u202eevil\u202c\nnew\x00 line",
]
ODD = [samples.across_the_antimeridian, samples.loop, samples.many_stops, samples.short, samples.long]
SVG = "{http://www.w3.org/2000/svg}"


def journey(*points: tuple[float, float]) -> Itinerary:
    """One leg through points of (lon, lat)."""
    ends = [
        Place(name=name, lon=(lon + 180) % 360 - 180, lat=lat)
        for name, (lon, lat) in zip(("Start", "Finish"), (points[0], points[-1]), strict=True)
    ]
    return samples.itinerary([samples.leg(1, *ends, points=points)])


ARCTIC = journey((30.0, 69.7), (33.0, 68.9), (64.0, 67.5), (86.2, 69.4))
POLAR = journey(*((float(lon), 85.0 + lon / 150) for lon in range(0, 241, 30)))
SOUTHERN = journey((115.86, -31.95), (131.0, -30.8), (151.2, -33.87))
EQUATORIAL = journey((36.8, -1.3), (39.67, -4.05))


def parsed(svg: bytes) -> ET.Element:
    """Root of an SVG that the test itself has drawn."""
    return ET.fromstring(svg)  # noqa: S314


def texts_of(svg: bytes) -> list[str]:
    """Texts that an SVG shows."""
    root = parsed(svg)
    return [text.text or "" for text in root.iter(f"{SVG}text") if text.get("aria-hidden") is None]


def planned(itinerary: Itinerary, lang: str | None = None):
    """Plan of a picture before it is drawn, and its view."""
    words = words_in(lang)
    return drawing._planned(
        content([itinerary], words, None), staticmap.Size(1200, 900), 1.0, lang, words, LIGHT
    )


@pytest.fixture(scope="module")
def story_svg() -> bytes:
    return staticmap.picture(samples.story()).to_bytes("svg")


# ---- files


@pytest.mark.parametrize("size", ["1200x800", "200x200", "300x1100"])
def test_a_png_has_the_size_that_was_asked_for(size):
    with Image.open(io.BytesIO(staticmap.picture(samples.story(), size=size).to_bytes("png"))) as image:
        image.load()
        assert image.size == tuple(staticmap.parse_size(size))
        assert "Pyongyang" in image.info["Title"]
        # Something is drawn: land, sea, paper and the route.
        colours = {colour for count, colour in image.convert("RGB").getcolors(1 << 20) if count > 40}
    for name in ("land", "sea", "paper", "c0"):
        assert tuple(int(getattr(LIGHT, name)[i : i + 2], 16) for i in (1, 3, 5)) in colours


def test_an_svg_is_whole_and_holds_no_script(story_svg):
    root = parsed(story_svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    # 1200 by 900 pixels of CSS, in points.
    assert (root.get("width"), root.get("height")) == ("900pt", "675pt")
    assert root.find(f"{SVG}title").text == "Pyongyang → Khasan → Vladivostok → Russky Island"
    assert "1,177" in root.find(f"{SVG}desc").text
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "defs", "style", "g", "path", "use", "text", "clipPath", "rect"}
    assert b"DOCTYPE" not in story_svg


def test_a_pdf_is_one(tmp_path):
    path = tmp_path / "route.pdf"
    staticmap.picture(samples.story(), size=(1200, 800)).save(path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/MediaBox \[ ?0 0 900 600 ?\]", content)
    assert b"CreationDate" not in content


def test_the_same_picture_has_the_same_bytes_in_every_process():
    code = (
        "import hashlib, samples; from route import staticmap\n"
        "picture = staticmap.picture(samples.story(), lang='ru', size=(500, 400))\n"
        "print(*(hashlib.sha256(picture.to_bytes(form)).hexdigest() for form in staticmap.FORMATS))"
    )
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert told.returncode == 0, told.stderr
    picture = staticmap.picture(samples.story(), lang="ru", size=(500, 400))
    own = [hashlib.sha256(picture.to_bytes(form)).hexdigest() for form in staticmap.FORMATS]
    assert told.stdout.split() == own


def test_settings_of_the_user_neither_matter_nor_change(story_svg):
    before = dict(mpl.rcParams)
    with mpl.rc_context(
        {"svg.fonttype": "path", "font.size": 40, "text.color": "red", "font.family": "serif"}
    ):
        assert staticmap.picture(samples.story()).to_bytes("svg") == story_svg
        assert mpl.rcParams["font.size"] == 40
    assert dict(mpl.rcParams) == before


# ---- journeys


@pytest.mark.parametrize("build", [samples.story, *ODD])
def test_every_stop_is_named(build):
    itinerary = build()
    svg = staticmap.picture(itinerary).to_bytes("svg")
    shown = " ".join(texts_of(svg))
    assert {place.name for place in itinerary.places if place.name not in shown} == set()
    assert all(place.name in parsed(svg).find(f"{SVG}desc").text for place in itinerary.places)


@pytest.mark.parametrize("itinerary", [ARCTIC, POLAR, SOUTHERN, EQUATORIAL])
def test_any_part_of_the_globe_can_be_drawn(itinerary):
    shown = texts_of(staticmap.picture(itinerary, size=(600, 500)).to_bytes("svg"))
    assert {"Start", "Finish"} <= set(shown)


@pytest.mark.parametrize(
    "itinerary", [*(build() for build in ODD), samples.story(), ARCTIC, POLAR, SOUTHERN, EQUATORIAL]
)
def test_the_whole_route_is_in_the_frame_without_a_jump(itinerary):
    plan = planned(itinerary)
    for line in plan.content.lines:
        px = plan.view.to_px(line.points)
        left, bottom, right, top = plan.page.map
        assert np.all(px > [left, bottom])
        assert np.all(px < [right, top])
        # A line torn at the antimeridian or a pole would cross the picture in one step.
        assert np.hypot(*np.diff(px, axis=0).T).max() < 140


def test_land_lies_where_it_is():
    """Points on land and on water, looked up on the picture."""
    for itinerary, dry, wet in (
        (samples.story(), (127.0, 40.5), (131.0, 40.5)),
        (samples.across_the_antimeridian(), (-178.6, 66.5), (-178.0, 65.3)),
        (samples.long(), (61.3, 60.7), (-31.0, 40.0)),
        (ARCTIC, (70.0, 66.0), (40.0, 72.0)),
        (POLAR, None, (1.0, 89.0)),
    ):
        view = planned(itinerary).view
        shapes = outlines(view, smallest_px=1.0, tolerance_px=0.2)
        for point, expected in ((dry, True), (wet, False)):
            if point is not None:
                ((x, y),) = view.to_px(np.array([point]))
                assert view.shows(*point)
                assert any(polygon.buffer(0).contains(_point(x, y)) for polygon in shapes.land) is expected


def _point(x: float, y: float):
    import shapely

    return shapely.Point(x, y)


def test_no_coast_runs_along_the_antimeridian():
    view = planned(samples.across_the_antimeridian()).view
    seam = view.to_px(np.column_stack([np.full(200, 180.0), np.linspace(65.5, 67.0, 200)]))
    shapes = outlines(view, smallest_px=1.0, tolerance_px=0.2)
    near = [min(line.distance(_point(*point)) for line in shapes.coasts) < 1.0 for point in seam]
    assert sum(near) < 20


def test_a_globe_shows_half_the_world():
    view = around(20.0, 30.0, Rect(0, 0, 200, 200), math.inf)
    shapes = outlines(view, smallest_px=1.0, tolerance_px=0.2)
    bounds = np.array([polygon.bounds for polygon in shapes.land])
    assert np.all(np.hypot(*((bounds[:, :2] + bounds[:, 2:]) / 2 - 100).T) < 100.5)
    ((x, y),) = view.to_px(np.array([[25.0, 0.0]]))
    assert any(polygon.buffer(0.1).contains(_point(x, y)) for polygon in shapes.land)


def test_several_journeys_share_a_picture():
    svg = staticmap.picture([samples.story(), samples.long()], names=["", "The long way"]).to_bytes("svg")
    shown = " ".join(texts_of(svg))
    assert all(name in shown for name in ("Pyongyang → Khasan", "The long way: 11,519", "Lisbon"))
    assert LIGHT.c0.encode() in svg
    assert LIGHT.c1.encode() in svg
    small = staticmap.picture([samples.story(), samples.long()], names=["x" * 900, ""], size=(500, 900))
    assert any(text.startswith("xxx") and text.endswith("…") for text in texts_of(small.to_bytes("svg")))
    with pytest.raises(InputError, match="no journey"):
        staticmap.picture([])


# ---- projection and scale


@pytest.mark.parametrize(
    "itinerary", [samples.story(), samples.long(), samples.short(), ARCTIC, SOUTHERN, EQUATORIAL]
)
def test_the_scale_bar_is_as_long_as_it_says(itinerary):
    plan = planned(itinerary)
    bar = scale_bar(plan.view, 220.0)
    rect = plan.view.rect
    x, y = (rect.left + rect.right) / 2, (rect.bottom + rect.top) / 2
    (west, east) = plan.view.to_lonlat(np.array([[x - bar.pixels / 2, y], [x + bar.pixels / 2, y]]))
    _, _, metres = Geod(ellps="WGS84").inv(*west, *east)
    assert metres == pytest.approx(bar.length_m, rel=0.01)
    assert 220.0 / 2.6 <= bar.pixels <= 220.0
    assert str(int(bar.length_m)).rstrip("0") in {"1", "2", "5"}
    shown = texts_of(staticmap.picture(itinerary).to_bytes("svg"))
    assert any(re.fullmatch(r"[125](0|,)*\u00a0km", text) for text in shown)


@given(
    st.floats(-179, 179), st.floats(-80, 80), st.floats(0.01, 40), st.floats(-1, 1),
)  # fmt: skip
@settings(max_examples=25)
def test_a_view_goes_there_and_back(lon, lat, span, slope):
    share = np.linspace(-0.5, 0.5, 9)
    points = np.column_stack([lon + span * share, np.clip(lat + slope * span * share * 0.5, -85, 85)])
    rect = Rect(20, 30, 820, 630)
    view = fit(points, rect, rect.grown(-80))
    px = view.to_px(points)
    assert np.all((px >= [99, 109]) & (px <= [741, 551]))
    back = view.to_lonlat(px)
    assert np.abs((back[:, 0] - points[:, 0] + 180) % 360 - 180).max() < 1e-5
    assert np.abs(back[:, 1] - points[:, 1]).max() < 1e-5


# ---- labels


boxes = st.lists(
    st.tuples(st.floats(0, 500), st.floats(0, 400), st.floats(5, 160), st.floats(5, 30)), max_size=25
)


@given(boxes, boxes)
@settings(max_examples=30)
def test_no_label_overlaps_another_or_leaves_the_frame(points, blocks):
    labels = [
        Label(*around_point(x, y, width, height, gap=6, rings=[(0, 0), (20, 1)]), limit=50.0, point=(x, y))
        for x, y, width, height in points
    ]
    obstacles = np.array([(x, y, x + width, y + height) for x, y, width, height in blocks]).reshape(-1, 4)
    frame = Rect(0, 0, 500, 400)
    chosen = place(labels, frame=frame, obstacles=obstacles, ink=np.zeros((0, 2)))
    taken = [tuple(label.boxes[at]) for label, at in zip(labels, chosen, strict=True) if at is not None]
    for index, (left, bottom, right, top) in enumerate(taken):
        assert left >= 0
        assert bottom >= 0
        assert right <= 500
        assert top <= 400
        for other in [*taken[index + 1 :], *map(tuple, obstacles)]:
            assert left >= other[2] or right <= other[0] or bottom >= other[3] or top <= other[1]
    assert chosen == place(labels, frame=frame, obstacles=obstacles, ink=np.zeros((0, 2)))


def test_a_label_takes_the_free_side():
    label = Label(*around_point(50, 50, 30, 10, gap=5), limit=50.0)
    frame, nothing = Rect(0, 0, 100, 100), np.zeros((0, 4))
    route = np.column_stack([np.linspace(50, 100, 30), np.full(30, 50.0)])
    (right,) = place([label], frame=frame, obstacles=nothing, ink=np.zeros((0, 2)))
    assert label.boxes[right][0] >= 55
    (left,) = place(
        [label], frame=frame, obstacles=np.array([[52.0, 0.0, 100.0, 100.0]]), ink=np.zeros((0, 2))
    )
    assert label.boxes[left][2] <= 52
    (clear,) = place([label], frame=frame, obstacles=nothing, ink=route)
    assert not any(a < x < c and b < y < d for x, y in route for a, b, c, d in [label.boxes[clear]])
    assert place([label], frame=Rect(0, 0, 20, 20), obstacles=nothing, ink=route) == [None]


@pytest.mark.parametrize("build", [samples.story, samples.many_stops, samples.long])
def test_labels_of_a_picture_keep_apart(build, monkeypatch):
    seen = []
    arrange = drawing.arrange

    def spied(*args, **options):
        seen.append((arrange(*args, **options), options["obstacles"], args[2].rect))
        return seen[-1][0]

    monkeypatch.setattr(drawing, "arrange", spied)
    staticmap.picture(build()).to_bytes("svg")
    ((placed, obstacles, frame),) = seen
    assert len(placed) > 8
    taken = [one.box for one in placed]
    for index, (left, bottom, right, top) in enumerate(taken):
        assert frame.left <= left < right <= frame.right
        assert frame.bottom <= bottom < top <= frame.top
        for other in [*taken[index + 1 :], *obstacles]:
            assert left >= other[2] or right <= other[0] or bottom >= other[3] or top <= other[1]


# ---- words


@pytest.mark.parametrize(("lang", "expected"), [("ko", "평양"), ("ru", "Пхеньян"), ("da", "Pyongyang")])
def test_the_language_changes_names_and_words(lang, expected):
    words = words_in(lang)
    shown = texts_of(staticmap.picture(samples.story(), lang=lang).to_bytes("svg"))
    assert any(expected in text for text in shown)
    assert words["border"] in shown
    assert words["road"] in shown


def test_hostile_texts_show_as_they_are():
    names = dict(zip(["Pyongyang", "Khasan", "Vladivostok", "Russky Island"], HOSTILE, strict=True))
    itinerary = samples.story(names=names)
    for form in staticmap.FORMATS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            content = staticmap.picture(itinerary, title=f"{HOSTILE[1]} \ud800", size=(1600, 900)).to_bytes(
                form
            )
        if form == "svg":
            root = parsed(content)
            assert not [
                element for element in root.iter() if element.tag.endswith(("script", "img", "image"))
            ]
            shown = " ".join(texts_of(content))
            assert HOSTILE[0] in shown
            assert HOSTILE[1] in shown
            assert "evil new line" in shown
            assert "\u202e" not in content.decode()


def test_arrows_point_the_way_a_title_is_read():
    assert arrows_along("القاهرة → أسوان") == "القاهرة ← أسوان"
    assert arrows_along("Cairo → أسوان") == "Cairo → أسوان"
    assert arrows_along("Paris → Lyon") == "Paris → Lyon"


def test_text_is_cleaned():
    assert clean(" a\tb\n\nc\x00\u202ed\u2066 ") == "a b cd"
    assert clean("می\u200cخواهم") == "می\u200cخواهم"


def test_what_no_font_has_is_replaced(monkeypatch):
    """On a computer with matplotlib's own fonts alone, places keep names that can be read."""
    own = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    from route.staticmap import lettering as module

    for cached in (module._fonts, module._has, module._family_for):
        cached.cache_clear()
    try:
        letters = lettering(["평양", "Pyongyang", "Пхеньян"], "ko")
        assert letters.sans == ("DejaVu Sans",)
        assert letters.first_of(["평양", "Pyongyang"]) == "Pyongyang"
        assert letters.first_of(["Пхеньян", "Pyongyang"]) == "Пхеньян"
        assert letters.writable("a 평양 b") == "a ? b"
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            shown = texts_of(staticmap.picture(samples.story(), lang="ko").to_bytes("svg"))
            staticmap.picture(samples.story(), lang="ko").to_bytes("png")
        assert "Pyongyang" in shown
        assert not [text for text in shown if "평" in text]
    finally:
        for cached in (module._fonts, module._has, module._family_for):
            cached.cache_clear()


def test_long_titles_are_broken_and_cut():
    letters = lettering(["word"], None)
    style = Style(20.0, bold=True)
    lines = wrapped("word " * 60, style, 300.0, letters, most=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(letters.width(line, style) <= 300 for line in lines)
    assert wrapped("x" * 200, style, 300.0, letters, most=9)[0].startswith("xx")
    assert wrapped("short", style, 300.0, letters, most=2) == ["short"]


@pytest.mark.parametrize("size", [(200, 200), (10_000, 200), (250, 2000)])
def test_the_sources_can_always_be_read(size):
    svg = staticmap.picture(samples.story(), size=size).to_bytes("svg")
    root = parsed(svg)
    texts = [text for text in root.iter(f"{SVG}text") if text.get("aria-hidden") is None]
    first = next(index for index, text in enumerate(texts) if text.text.startswith("Map data"))
    found = " ".join(text.text for text in texts[first:])
    for text in texts[first:]:
        # 9 pixels of CSS and more, in points.
        assert float(re.search(r"font-size: ([0-9.]+)px", text.get("style"))[1]) >= 6.75
    assert "© OpenStreetMap contributors" in found
    assert "Natural Earth" in found


# ---- sizes and colours


@pytest.mark.parametrize(
    "text", [" ", "big", "1200", "1200x", "x800", "-3x4", "1e3x800", "199x800", "10001x800"]
)
def test_a_size_that_cannot_be_drawn_is_said(text):
    with pytest.raises(InputError, match=re.escape(text)):
        staticmap.parse_size(text)


def test_sizes_are_read():
    assert staticmap.parse_size("1200x800") == (1200, 800)
    assert staticmap.parse_size(" 300 × 10000 ") == (300, 10_000)
    assert staticmap.parse_size("Portrait") == staticmap.NAMED["portrait"]
    with pytest.raises(InputError, match="5x5"):
        staticmap.picture(samples.story(), size=(5, 5))


def test_colours_are_those_of_the_page():
    style = (ROOT / "route" / "webmap" / "assets" / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    light, dark = (dict(re.findall(r"--(\w+): *([^;]+);", block)) for block in blocks[:2])
    for palette, page in ((LIGHT, light), (DARK, dark)):
        for name in palette.__slots__:
            wanted = page[name]
            if wanted.startswith("rgba"):
                red, green, blue = (int(part) for part in re.findall(r"\d+", wanted)[:3])
                wanted = f"#{red:02x}{green:02x}{blue:02x}"
            assert getattr(palette, name) == wanted, name


def test_a_picture_may_be_dark():
    svg = staticmap.picture(samples.story(), dark=True).to_bytes("svg")
    assert DARK.land.encode() in svg
    assert LIGHT.land.encode() not in svg


# ---- ways in


def test_a_trip_gives_its_picture(tmp_path):
    picture = Trip(samples.story(), lang="ko").picture(size="400x300")
    assert picture._repr_png_().startswith(b"\x89PNG")
    path = tmp_path / "route.svg"
    picture.save(path)
    assert any("평양" in text for text in texts_of(path.read_bytes()))
    with pytest.raises(InputError, match=r"route\.jpg"):
        picture.save(tmp_path / "route.jpg")
    assert not (tmp_path / "route.jpg").exists()


def test_the_command_line_draws_pictures(tmp_path, capsys):
    path = tmp_path / "route.png"
    assert cli.main(["map", "-o", str(path), "--size", "500x400", "--title", "Across the river"]) == 0
    with Image.open(path) as image:
        assert image.size == (500, 400)
        assert image.info["Title"] == "Across the river"
    assert "Russky Island" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "route.jpg"], "route.jpg"),
        (["-o", "route.png", "--size", "huge"], "huge"),
        (["--size", "1200x800"], "--size"),
        (["-o", "route.svg", "--embed"], "--embed"),
    ],
)
def test_the_command_line_says_what_does_not_fit(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["map", *words]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_matplotlib_is_imported_for_pictures_alone():
    code = (
        "import sys; from route import cli, staticmap, trip; cli.main(['legs', '--format', 'json'])\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr

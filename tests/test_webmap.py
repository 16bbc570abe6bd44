"""The map page as text: what it holds, and what it must never hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import folium
import numpy as np
import pytest
import samples
import shapely

import route
from route import geodesy, sun
from route.basemap import placenames
from route.basemap import shapes as basemap
from route.errors import InputError
from route.itinerary import Band
from route.webmap import RouteMap, Shown, build_comparison, build_map, content
from route.webmap.axis import axis_of
from route.webmap.graph import Needed
from route.webmap.zones import zones_along
from route.words import words_in

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "`${alert(3)}` \\ \" ' <!--",
    "{{ 7*7 }}{% raw %}]]>\u2028\u2029",
]
ODD = [samples.across_the_antimeridian, samples.loop, samples.many_stops, samples.short, samples.long]


@pytest.fixture(scope="module")
def story() -> str:
    return build_map(samples.story()).to_html()


@pytest.fixture(scope="module")
def plain_tags() -> list[str]:
    """Elements of a page of two journeys without anything hostile in them."""
    shown = [Shown(itinerary=samples.story()), Shown(itinerary=samples.short())]
    return Document(build_comparison(shown, title="x").to_html()).tags


class Document(HTMLParser):
    """Elements of a page, and every attribute that makes a browser fetch."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.fetched, self.data, self.texts = [], [], "", []
        self.inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside = (tag, dict(attrs))
        for name, value in attrs:
            if name in {"src", "href", "srcset", "poster", "data", "action"} and value:
                self.fetched.append(value)

    def handle_data(self, data):
        if self.inside and self.inside[0] == "script" and self.inside[1].get("type") == "application/json":
            self.data += data
        if self.inside and self.inside[0] not in {"script", "style"}:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self.inside = None


def payload(html):
    return json.loads(Document(html).data)


def decoded(text, width=2, scale=1000):
    """Inverse of `basemap.encode`, written anew."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    numbers, value, shift = [], 0, 0
    for digit in map(alphabet.index, text):
        value |= (digit & 31) << shift
        shift += 5
        if digit < 32:
            numbers.append(-(value + 1) // 2 if value & 1 else value // 2)
            value, shift = 0, 0
    return np.cumsum(np.array(numbers).reshape(-1, width), axis=0) / scale


def test_is_a_folium_map():
    route_map = build_map(samples.story())
    assert isinstance(route_map, RouteMap)
    assert isinstance(route_map, folium.Map)


def test_story_is_small_and_whole(story):
    assert len(story.encode()) <= 500_000
    assert story.startswith("<!DOCTYPE html>")
    assert story.rstrip().endswith("</html>")
    texts = " ".join(Document(story).texts)
    assert "1,177\u00a0km by rail and 16\u00a0km by road" in texts
    assert "Russky Island has no railway" in texts


def test_same_input_same_bytes(story):
    assert build_map(samples.story()).to_html() == story


def test_rendering_twice_changes_nothing():
    route_map = build_map(samples.story())
    assert route_map.to_html() == route_map.to_html() == route_map.get_root().render()


def test_two_maps_do_not_share_or_disturb(story):
    before = list(folium.Map.default_js)
    one, other = build_map(samples.story()), build_map(samples.short())
    one.add_js_link("mine", "https://example.org/mine.js")
    assert "example.org" not in other.to_html()
    assert folium.Map.default_js == before
    assert one.get_name() != other.get_name()
    assert build_map(samples.story()).to_html() == story


def test_nothing_is_fetched(story):
    page = Document(story)
    assert [address for address in page.fetched if not address.startswith(("data:", "#"))] == []
    assert "iframe" not in page.tags
    assert "object" not in page.tags
    style = "".join(re.findall(r"<style>(.*?)</style>", story, re.DOTALL))
    assert re.findall(r"url\((?![\"']?data:|#)", style) == []
    assert "@import" not in style
    assert "sourceMappingURL" not in story
    assert "default-src &#39;none&#39;" in story


def test_document_is_accessible(story):
    assert '<html lang="en" dir="ltr">' in story
    assert re.search(r"<title>[^<]*Pyongyang", story)
    assert "user-scalable" not in story
    page = Document(story)
    assert page.tags.count("main") == page.tags.count("h1") == 1
    assert 'role="img" aria-label="Pyongyang' in story


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_text(name, story):
    itinerary = samples.story(names={"Pyongyang": name, "Khasan": name + " 2"})
    html = build_map(itinerary, title=f"From {name}").to_html()
    assert Document(html).tags == Document(story).tags
    data = payload(html)
    assert data["journeys"][0]["stops"][0]["name"] == name
    assert data["journeys"][0]["legs"][0]["from"] == name
    assert any(name in text for text in Document(html).texts)


def test_hostile_warning_attribution_and_lines_are_text():
    evil = "</script><img src=x onerror=alert(1)>"
    leg = samples.leg(
        1, samples.PYONGYANG, samples.KHASAN, sections=[(900.0, "KP", (1435,), evil, 50.0)], distance_km=850
    )
    itinerary = samples.itinerary([leg], attribution=(evil,), warnings=(evil,))
    html = build_map(itinerary).to_html()
    assert "img" not in Document(html).tags
    assert payload(html)["credit"][0] == evil
    assert ["Lines", evil] in payload(html)["journeys"][0]["legs"][0]["popup"]["rows"]


def test_credits_name_every_source(story):
    credit = " ".join(payload(story)["credit"])
    for source in ("OpenStreetMap contributors", "Natural Earth", "GeoNames"):
        assert source in credit


@pytest.mark.parametrize("make", ODD)
def test_odd_routes_give_a_page_of_fair_size(make):
    html = build_map(make()).to_html()
    assert len(html.encode()) <= 600_000
    (south, west), (north, east) = payload(html)["bounds"]
    assert south < north
    assert west < east
    assert east - west < 180


def test_route_runs_on_across_the_antimeridian():
    data = payload(build_map(samples.across_the_antimeridian()).to_html())
    line = decoded(data["journeys"][0]["legs"][0]["line"], scale=10_000)
    assert np.abs(np.diff(line[:, 0])).max() < 1
    west, east = data["journeys"][0]["stops"][0]["lon"], data["journeys"][0]["stops"][1]["lon"]
    assert east - west == pytest.approx(5.5)
    assert line[0, 0] == pytest.approx(west, abs=1e-3)
    land = shapely.union_all(
        [shapely.make_valid(shapely.Polygon(decoded(p[0]))) for p in data["basemap"]["land"]]
    )
    for lon in (west, west + 1.6, east - 0.5):
        assert land.buffer(0.2).contains(shapely.Point(lon, 66.2))


def test_line_of_a_leg_keeps_measures_and_shape():
    itinerary = samples.story()
    leg, data = itinerary.legs[0], payload(build_map(itinerary).to_html())["journeys"][0]["legs"][0]
    line, measures = decoded(data["line"], scale=10_000), decoded(data["measures"], 1, 1)[:, 0]
    assert len(line) == len(measures)
    assert (np.diff(measures) >= 0).all()
    assert measures[-1] == pytest.approx(850_000, abs=1)
    for point, measure in zip(line[::7], measures[::7], strict=True):
        lon, lat = geodesy.position_at(leg.coordinates, leg.measures_m, float(measure))
        assert geodesy.distance_m(lon, lat, *point) < 60


def test_language_of_the_places():
    html = build_map(samples.story(), lang="ko").to_html()
    stops = payload(html)["journeys"][0]["stops"]
    assert stops[0]["name"] == "평양"
    assert stops[0]["lang"] == "ko"
    assert ["Pyongyang", "und"] in stops[0]["popup"]["names"]
    assert "평양" in re.search(r"<title>(.*?)</title>", html)[1]


def test_popup_shows_local_times_with_their_zone(story):
    rows = dict(payload(story)["journeys"][0]["stops"][2]["popup"]["rows"])
    assert rows["Arrives"] == "Thu 25 Apr 2019, 05:39 UTC+10"
    assert (
        dict(payload(story)["journeys"][0]["stops"][0]["popup"]["rows"])["Leaves"]
        == "Wed 24 Apr 2019, 05:00 KST"
    )


def test_without_departure_no_clocks_and_no_nights():
    html = build_map(samples.story(departure=None)).to_html()
    assert payload(html)["start"] is None
    assert 'data-zone="' not in html
    assert 'class="night"' not in html
    assert "Time since departure." in html


def test_two_halts_on_one_spot_are_one_mark(story):
    halts = [stop for stop in payload(story)["journeys"][0]["stops"] if stop["kinds"] != ["place"]]
    assert [halt["kinds"] for halt in halts] == [["break_of_gauge", "border"]]


def test_halt_shows_the_clock_of_the_halt(story):
    """Tumangang lies in North Korea, at the end of a leg to Russia: its clock is that of Pyongyang."""
    (halt,) = [stop for stop in payload(story)["journeys"][0]["stops"] if stop["kinds"] != ["place"]]
    rows = dict(halt["popup"]["rows"])
    assert rows["Arrives"].endswith("KST")
    assert rows["Leaves"].endswith("KST")
    assert samples.story().halts[0].timezone == "Asia/Pyongyang"


def test_zones_follow_the_line():
    zones = zones_along(samples.long())
    assert [zone for _, zone in zones.changes][:2] == ["Europe/Lisbon", "Europe/Moscow"]
    assert zones.at(0.0) == "Europe/Lisbon"
    assert "Asia/Irkutsk" in [zone for _, zone in zones.changes]
    assert zones.at(samples.long().distance_m) == "Asia/Vladivostok"
    starts = [start for start, _ in zones.changes]
    assert starts == sorted(starts)


def test_zones_beside_a_border_river_are_those_of_the_country_of_the_track():
    """The line up the Tumen is in North Korea, though outlines of zones cut the corners of the river."""
    assert {zone for _, zone in zones_along(samples.story()).changes} == {
        "Asia/Pyongyang",
        "Asia/Vladivostok",
    }


@pytest.mark.parametrize(
    ("lon", "lat", "is_disputed"),
    # The Line of Control near Uri, the isthmus of Crimea, the Berm; the border at Wagah, that of France at Basel.
    [
        (73.97, 34.06, True),
        (34.0, 46.1, True),
        (-8.67, 27.4, True),
        (74.57, 31.6, False),
        (7.59, 47.59, False),
    ],
)
def test_disputed_borders_are_told_apart(lon, lat, is_disputed):
    shapes = basemap.shapes(np.array([[lon - 1.0, lat - 0.5], [lon + 1.0, lat + 0.5]]))
    here = shapely.Point(lon, lat)

    def away(lines):
        return min(shapely.LineString(decoded(line)).distance(here) for line in lines)

    drawn, other = ("disputed", "borders") if is_disputed else ("borders", "disputed")
    assert away(shapes[drawn]) < 0.25
    assert not shapes[other] or away(shapes[other]) > away(shapes[drawn])


def test_several_journeys_give_the_same_bytes():
    def page():
        return build_comparison([Shown(itinerary=samples.story()), Shown(itinerary=samples.long())]).to_html()

    assert page() == page()


def test_piece_for_an_article_is_reproducible_and_fetches_nothing():
    piece = build_map(samples.story()).to_embed()
    assert piece == build_map(samples.story()).to_embed()
    assert Document(piece).tags == ["figure", "img", "iframe", "figcaption"]
    assert all(address.startswith("data:") for address in Document(piece).fetched)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_comparison_picture_and_piece_is_text(name, plain_tags):
    shown = [
        Shown(itinerary=samples.story(names={"Pyongyang": name}), name=name, difference=name),
        Shown(itinerary=samples.short(), name=name),
    ]
    route_map = build_comparison(shown, title=name)
    html = route_map.to_html()
    tags = Document(html).tags
    assert set(tags) - {"text"} == set(plain_tags) - {"text"}
    assert tags.count("script") == plain_tags.count("script")
    assert Document(route_map.to_embed()).tags == ["figure", "img", "iframe", "figcaption"]
    assert payload(html)["journeys"][0]["name"] == name


def test_one_axis_of_time_where_departures_are_near():
    near = axis_of(
        [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 6, tzinfo=UTC)], [36_000.0, 36_000.0]
    )
    assert near.offsets_s == (0.0, 21_600.0)
    assert near.end_s == 57_600.0
    far = axis_of([datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)], [36_000.0, 36_000.0])
    assert far.start is None
    assert far.offsets_s == (0.0, 0.0)
    unknown = axis_of([datetime(2024, 1, 1, tzinfo=UTC), None], [36_000.0, 40_000.0])
    assert unknown.start is None
    assert unknown.end_s == 40_000.0


def test_run_that_leaves_the_axis_is_cut_off_there():
    run = Needed(from_s=-100.0, until_s=300.0, from_m=0.0, until_m=4000.0, verdict="fits", title="", text="")
    kept = run.within(200.0)
    assert (kept.from_s, kept.until_s, kept.from_m, kept.until_m) == (0.0, 200.0, 1000.0, 3000.0)
    assert replace(run, from_s=500.0, until_s=900.0).within(200.0) is None
    back = replace(run, from_s=150.0, until_s=50.0).within(200.0)
    assert (back.from_s, back.until_s) == (150.0, 50.0)


def test_report_of_another_journey_is_refused():
    report = route.check("kim-2019-reports").report
    with pytest.raises(InputError, match="another journey"):
        build_map(samples.short(), report=report)


def test_axis_makes_room_for_what_was_reported_nearby():
    start = datetime(2024, 1, 1, tzinfo=UTC)
    axis = axis_of([start], [36_000.0], [start - timedelta(hours=1), start + timedelta(days=30)])
    assert axis.offsets_s == (3600.0,)
    assert axis.end_s == 39_600.0


def test_many_legs_share_a_colour_and_a_line_of_the_legend():
    what = content.build([Shown(itinerary=samples.many_stops())], title=None, lang=None)
    assert [item["text"] for item in what["legend"]] == ["By rail"]
    assert {leg["style"] for leg in what["data"]["journeys"][0]["legs"]} == {"rail c0"}


def test_names_beside_the_graph_keep_their_distance():
    names = content.build([Shown(itinerary=samples.many_stops())], title=None, lang=None)["graph"].names
    heights = sorted(height for height, _, _ in names)
    assert len(heights) >= 5
    assert min(b - a for a, b in pairwise(heights)) > 0.05


def test_saves_the_same_page(tmp_path, story):
    target = tmp_path / "new" / "route.html"
    route_map = build_map(samples.story())
    route_map.save(target)
    assert target.read_text(encoding="utf-8") == story
    with (tmp_path / "other.html").open("wb") as file:
        route_map.save(file)
    assert (tmp_path / "other.html").read_bytes() == target.read_bytes()


def test_saving_onto_a_folder_is_one_clear_sentence(tmp_path):
    with pytest.raises(InputError, match="folder"):
        build_map(samples.short()).save(tmp_path)


def test_notebook_gets_a_frame_of_its_own():
    html = build_map(samples.story())._repr_html_()
    page = Document(html)
    assert page.tags == ["iframe"]
    assert 'title="Pyongyang' in html


@pytest.mark.parametrize(
    ("when", "lon", "lat", "expected"),
    [
        # NOAA solar calculator, to the tenth of a degree, without refraction.
        (datetime(2024, 6, 20, 12, 0, tzinfo=UTC), 0.0, 51.48, 61.9),
        (datetime(2024, 12, 21, 12, 0, tzinfo=UTC), 0.0, 51.48, 15.1),
        (datetime(2024, 3, 20, 12, 7, tzinfo=UTC), 0.0, 0.0, 89.9),
        (datetime(2024, 6, 20, 0, 0, tzinfo=UTC), 0.0, 80.0, 13.4),
    ],
)
def test_sun_stands_where_it_should(when, lon, lat, expected):
    assert sun.altitude(when, lon, lat) == pytest.approx(expected, abs=0.2)


def test_nights_are_found_to_the_minute():
    # Down from 6 to 18 hours and from 30 hours to the end.
    found = sun.nights(lambda s: 10.0 if (s // 3600) % 24 < 6 or (s // 3600) % 24 >= 18 else -10.0, 36 * 3600)
    assert [(a / 3600, b / 3600) for a, b in found] == [
        (pytest.approx(6, abs=0.02), pytest.approx(18, abs=0.02)),
        (pytest.approx(30, abs=0.02), pytest.approx(36, abs=0.02)),
    ]


@pytest.mark.parametrize(
    ("lon", "lat", "land"),
    [(127.0, 40.5, True), (131.0, 40.0, False), (100.0, 65.0, True), (25.0, 0.0, True), (-40.0, 30.0, False),
     (50.0, 42.0, False), (0.0, -80.0, True), (178.5, 67.0, True), (-178.0, 67.0, True)],
)  # fmt: skip
def test_land_is_land_near_and_far(lon, lat, land):
    route = np.array([[125.7, 39.0], [131.9, 43.1]])
    shapes = basemap.shapes(route)
    lon += 360.0 * round((129.0 - lon) / 360.0)
    inside = 0
    for rings in shapes["land"]:
        polygon = shapely.Polygon(decoded(rings[0]), [decoded(hole) for hole in rings[1:]])
        inside += shapely.make_valid(polygon).contains(shapely.Point(lon, lat))
    assert bool(inside) is land


def test_polygons_turn_one_way_and_their_holes_the_other():
    shapes = basemap.shapes(np.array([[-9.1, 38.7], [131.9, 43.1]]))
    for rings in shapes["land"] + shapes["lakes"]:
        for index, ring in enumerate(rings):
            points = decoded(ring)
            if len(points) > 2 and shapely.Polygon(points).area > 0.01:
                assert shapely.LinearRing(points).is_ccw is (index == 0)


def test_encoding_comes_back():
    points = np.random.default_rng(1).uniform(-400, 400, (50, 2)).round(3)
    assert decoded(basemap.encode(points)) == pytest.approx(points, abs=1e-9)


def test_cities_that_the_route_names_are_left_out():
    view = basemap.Box(124.0, 38.0, 133.0, 45.0)
    names = [city["name"] for city in placenames.cities(view, avoid=[("Pyongyang", 125.75, 39.0)])]
    assert "Pyongyang" not in names
    assert "Changchun" in names


def test_country_is_written_beside_the_route_in_sight():
    view = basemap.Box(120.0, 38.0, 136.0, 45.0)
    route = np.array([[125.7, 39.0], [129.8, 41.8], [130.6, 42.4], [131.9, 43.1]])
    labels = {label["code"]: label for label in placenames.countries(route, [view])}
    assert {"KP", "CN", "RU"} <= set(labels)
    lon, lat, room = labels["KP"]["at"][0]
    assert view.west < lon < view.east
    assert view.south < lat < view.north
    assert shapely.LineString(route).distance(shapely.Point(lon, lat)) > 0.2
    assert room > 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59, "1 min"), (1620, "27 min"), (3600, "1 h"), (5580, "1 h 33 min"), (36_000, "10 h"),
     (85_000, "24 h"), (259_200, "3 days"), (626_400, "7 days 6 h")],
)  # fmt: skip
def test_durations_read_well(seconds, text):
    assert words_in("en").duration(seconds).replace("\u00a0", " ") == text


def test_band_is_written_once_where_it_has_no_width():
    assert words_in("en").band(Band(60, 60, 60)).replace("\u00a0", " ") == "1 min"
    assert words_in("en").band(Band(3600, 7200, 10_800)).replace("\u00a0", " ") == "2 h (1 h to 3 h)"

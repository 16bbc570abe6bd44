"""Sightings, verdict and several journeys on one page, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import samples

import route
from route.webmap import Shown, build_comparison, build_map

pytestmark = pytest.mark.browser

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> `${alert(3)}` \\ \"'"


@pytest.fixture(scope="module")
def checked():
    return route.check("kim-2019")


@pytest.fixture(scope="module")
def kim(checked) -> str:
    return checked.map().to_html()


@pytest.fixture(scope="module")
def two(checked) -> str:
    return route.compare([checked, route.check("kim-2019-reports")]).map().to_html()


def ready(opened):
    opened.page.wait_for_selector("[data-ready]")
    return opened


def later(itinerary, hours):
    """The same journey some hours later."""

    def moved(moment):
        return None if moment is None else moment + timedelta(hours=hours)

    return replace(
        itinerary,
        stop_times=tuple(
            replace(stop, arrival=moved(stop.arrival), departure=moved(stop.departure))
            for stop in itinerary.stop_times
        ),
    )


def test_sightings_and_verdict_are_told(show, kim):
    opened = ready(show(kim))
    opened.time(0.4)
    opened.screenshot("verdict")
    page = opened.page
    assert opened.complaints == []
    assert len(opened.requests) == 1
    assert page.locator(".verdict.does_not_fit .stamp").first.inner_text() == "does not fit"
    before = page.evaluate("getComputedStyle(document.querySelector('.verdict .stamp'), '::before').content")
    assert "✗" in before
    page.locator(".why summary").click()
    assert "The Danish time is wrong" in page.locator(".why").inner_text()
    assert page.locator(".pairs tbody tr").count() == 6
    # Dawn at Pyongyang, 18:00 at Vladivostok and the day of the summit; no time is given for Khasan.
    labels = page.locator(".seen").evaluate_all("els => els.map(e => e.getAttribute('aria-label'))")
    assert len(labels) == 3
    assert "“ved daggry onsdag”" in labels[0] or "ved daggry onsdag" in labels[0]
    assert page.locator(".reported .run").all_inner_texts() == ["✗", "✓"]


def test_sighting_stands_at_its_place_and_time(show, kim):
    page = ready(show(kim)).page
    plot, arrival = page.locator("#plot").bounding_box(), page.locator(".seen.arrival").bounding_box()
    axis = int(page.locator("#time").get_attribute("max"))
    share = (arrival["x"] + arrival["width"] / 2 - plot["x"]) / plot["width"]
    # From dawn at Pyongyang, 05:20 KST, to 18:00 at Vladivostok are 11 hours and 39 or 40 minutes.
    assert share * axis == pytest.approx(11.66 * 3600, abs=900)
    assert arrival["y"] + arrival["height"] / 2 == pytest.approx(plot["y"], abs=6)


def test_sighting_by_pointer_and_keyboard(show, kim):
    opened = ready(show(kim))
    page = opened.page
    arrival = page.locator(".seen.arrival")
    arrival.hover()
    tip = page.locator("#tip")
    assert tip.is_visible()
    assert "klokken seks lokal tid" in tip.inner_text()
    assert "Russian railways, through RIA Novosti" in tip.inner_text()
    opened.screenshot("sighting")
    page.mouse.move(640, 200)
    assert tip.is_hidden()
    arrival.focus()
    assert tip.is_visible()
    page.keyboard.press("Enter")
    sheet = page.locator(".sheet")
    sheet.wait_for()
    assert "Reported arrival at Vladivostok" in sheet.inner_text()
    assert page.locator(".told.doubted").count() == 1


def test_report_without_times_has_no_verdict(show):
    places = {"sighting": [{"place": "Pyongyang"}, {"place": "Khasan"}, {"place": "Vladivostok"}]}
    opened = ready(show(route.check(places).map().to_html()))
    assert opened.page.locator(".verdict, .seen, .stamp").count() == 0
    assert opened.page.locator(".mark.place").count() == 3
    assert opened.complaints == []


def test_hostile_report_shows_as_text(show):
    def sighting(place, event, time):
        return {
            "place": place, "event": event, "date": "2019-04-24", "time": time,
            "wording": EVIL, "source": EVIL, "note": EVIL,
        }  # fmt: skip

    found = route.check(
        {
            "title": EVIL,
            "sighting": [sighting("Pyongyang", "departure", "dawn"), sighting("Khasan", "arrival", "18:00")],
        }
    )
    for page_map in (found.map(), route.compare([found, found]).map(title=EVIL)):
        opened = ready(show(page_map.to_html()))
        page = opened.page
        assert page.locator("h1").inner_text() == EVIL
        page.locator(".seen").last.hover()
        assert EVIL in page.locator("#tip").inner_text()
        page.locator(".seen").first.dispatch_event("click")
        page.locator(".sheet").wait_for()
        assert EVIL in page.locator(".sheet").inner_text()
        opened.screenshot("hostile-report")
        assert page.locator("img[src='x']").count() == 0
        assert opened.complaints == []
        assert len(opened.requests) == 1


def test_two_journeys_on_one_axis_of_time(show, two):
    opened = ready(show(two))
    page = opened.page
    opened.time(0.2)
    opened.screenshot("compared")
    assert opened.complaints == []
    assert page.locator(".train").all_inner_texts() == ["A", "B"]
    first = [page.locator(".train").nth(i).bounding_box() for i in range(2)]
    opened.time(0.3)
    second = [page.locator(".train").nth(i).bounding_box() for i in range(2)]
    assert all(abs(a["x"] - b["x"]) + abs(a["y"] - b["y"]) > 8 for a, b in zip(first, second, strict=True))
    assert page.locator("#runs li").count() == 2
    assert page.locator(".compared tbody").count() == 2
    text = page.locator(".compared").inner_text()
    assert "does not fit" in text
    assert "not through North Korea" in text
    # The reported arrival is one: both journeys have it at one spot of the graph.
    spots = page.locator(".seen.arrival.moment").evaluate_all(
        "els => els.map(e => { const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top]; })"
    )
    assert len(spots) == 2
    assert spots[0] == pytest.approx(spots[1], abs=3)


def test_journeys_differ_by_more_than_colour(show, two):
    page = ready(show(two)).page
    dashes = page.evaluate(
        """() => [".line.j0", ".line.j1", ".run.j0", ".run.j1"].map(
            s => getComputedStyle(document.querySelector("path" + s)).strokeDasharray)"""
    )
    assert dashes[0] != dashes[1]
    assert dashes[2] != dashes[3]
    assert sorted(page.locator(".label.badge").all_inner_texts()) == ["A", "B"]


def test_legend_hides_and_shows_a_journey(show, two):
    page = ready(show(two)).page
    box = page.locator("[data-toggle='0']")
    box.focus()
    page.keyboard.press("Space")
    assert page.locator(".train").all_inner_texts() == ["B"]
    assert page.locator("g[data-journey='0']").is_hidden()
    assert page.locator("#runs li:visible").count() == 1
    assert page.locator(".mark[aria-label='Pyongyang']").count() == 0
    assert page.locator(".mark[aria-label='Khasan']").count() == 1
    page.keyboard.press("Space")
    assert sorted(page.locator(".train").all_inner_texts()) == ["A", "B"]
    assert page.locator(".mark[aria-label='Pyongyang']").count() == 1


def test_popup_of_a_shared_place_tells_of_both(show, two):
    page = ready(show(two)).page
    page.locator(".mark[aria-label='Khasan']").dispatch_event("click")
    sheet = page.locator(".sheet")
    sheet.wait_for()
    assert sheet.locator("h3").count() == 2
    assert "10:30 local time (Xinhua)" in sheet.inner_text()


@pytest.mark.parametrize(("scheme", "width", "height"), [("dark", 1280, 800), ("light", 390, 844)])
def test_comparison_dark_and_on_a_phone(show, two, scheme, width, height):
    opened = ready(show(two, width=width, height=height, color_scheme=scheme))
    opened.time(0.2)
    opened.screenshot(f"compared-{scheme}-{width}")
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".train").count() == 2
    assert opened.complaints == []


def test_six_journeys_equal_ones_and_other_continents(show):
    story = samples.story()
    shown = [
        Shown(itinerary=one, name=name)
        for one, name in [
            (story, "one"),
            (story, "the same"),
            (later(story, 6), "six hours later"),
            (samples.short(), "London"),
            (samples.loop(), "Berne"),
            (samples.across_the_antimeridian(), "Bering Strait"),
        ]
    ]
    opened = ready(show(build_comparison(shown).to_html()))
    opened.time(0.5)
    opened.screenshot("six")
    page = opened.page
    assert opened.complaints == []
    assert page.locator(".train").count() == 6
    frame = page.locator(".folium-map").bounding_box()
    for mark in page.locator(".mark.place").all():
        box = mark.bounding_box()
        assert frame["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1
    # Without a departure of every one the axis counts from each.
    assert page.locator("#now").inner_text().startswith("after ")


def test_departures_set_the_trains_apart(show):
    story = samples.story()
    html = build_comparison([Shown(itinerary=story), Shown(itinerary=later(story, 6))]).to_html()
    page = ready(show(html)).page
    offsets = page.evaluate(
        "JSON.parse(document.getElementById('railroute-data').textContent).journeys.map(j => j.offset)"
    )
    assert offsets == [0, 6 * 3600]


def test_alternatives_of_a_plan(show):
    trip = route.plan(["Moscow", "Beijing"], alternatives=1)
    opened = ready(show(trip.map(alternatives=True).to_html()))
    opened.time(0.5)
    opened.screenshot("alternatives")
    assert opened.page.locator(".compared tbody").count() == 2
    assert "Alternative 1" in opened.page.locator(".compared").inner_text()
    assert opened.complaints == []


def test_without_alternatives_the_map_is_that_of_the_journey():
    trip = route.Trip(samples.story())
    assert trip.map(alternatives=True).to_html() == build_map(samples.story()).to_html()


def test_comparison_prints_on_one_page(show, two):
    opened = ready(show(two))
    pdf = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.screenshot("compared-print")
    assert opened.page.locator(".compared").is_visible()
    assert opened.page.locator(".seen").first.is_visible()

"""The map page in a real browser."""

from __future__ import annotations

import re

import folium
import networks
import pytest
import samples

from route import cli
from route.network.store import write_network
from route.webmap import build_map

pytestmark = pytest.mark.browser

HOSTILE = {
    "Pyongyang": "</script><script>alert(1)</script>",
    "Khasan": "<img src=x onerror=alert(2)>",
    "Vladivostok": "`${alert(3)}` \\ \" ' {{ 7*7 }} {% x %}",
    "Russky Island": "שָׁלוֹם <b>& bold",
}


@pytest.fixture(scope="module")
def story() -> str:
    return build_map(samples.story()).to_html()


def ready(opened):
    opened.page.wait_for_selector("[data-ready]")
    return opened


def boxes(page, selector):
    """Rectangles of what is visible, as (left, top, right, bottom)."""
    return page.evaluate(
        """selector => [...document.querySelectorAll(selector)]
            .filter(el => getComputedStyle(el).visibility === "visible")
            .map(el => { const r = el.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })
            .filter(r => r[2] > r[0])""",
        selector,
    )


def touch(one, other):
    return one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1


def no_two_touch(rectangles):
    return not any(touch(a, b) for i, a in enumerate(rectangles) for b in rectangles[:i])


def test_story_asks_for_nothing_and_shows_route_and_stops(show, story):
    opened = ready(show(story))
    opened.time(0.3)
    opened.screenshot("story")
    assert len(opened.requests) == 1
    assert opened.complaints == []
    page = opened.page
    names = page.eval_on_selector_all(
        ".label.stop", "els => els.filter(e => e.style.visibility === 'visible').map(e => e.textContent)"
    )
    assert sorted(names) == ["Khasan", "Pyongyang", "Russky Island", "Vladivostok"]
    assert page.locator(".mark.place").count() == 4
    assert page.locator(".mark.break_of_gauge").count() == 1
    styles = page.eval_on_selector_all(
        "path.line:not(.done)[d]:not([d='M0 0'])", "els => els.map(e => e.classList.value)"
    )
    assert any("c0" in style for style in styles)
    assert any("road" in style for style in styles)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (1024, 700)])
def test_labels_touch_neither_each_other_nor_the_edge(show, story, width, height):
    page = ready(show(story, width=width, height=height)).page
    found = boxes(page, ".label")
    assert len(found) >= 6
    assert no_two_touch(found)
    frame = boxes(page, ".folium-map")[0]
    assert all(b[0] >= frame[0] and b[1] >= frame[1] and b[2] <= frame[2] and b[3] <= frame[3] for b in found)
    card = boxes(page, ".card")[0]
    assert not any(touch(card, mark) for mark in boxes(page, ".mark"))


def test_slider_moves_train_and_clocks(desk):
    opened, page = desk, desk.page
    opened.time(0)
    first = page.locator(".train").bounding_box()
    clocks = page.locator("[data-zone]").all_inner_texts()
    assert clocks == ["Wed 05:00", "Wed 06:00"]
    opened.time(0.2)
    assert page.locator(".train").bounding_box()["x"] > first["x"] + 20
    assert page.locator("[data-zone]").all_inner_texts() != clocks
    assert page.locator("#now").inner_text() == "Pyongyang → Khasan"
    opened.time(1.0)
    assert page.locator("#now").inner_text() == "Arrived at Russky Island"
    assert page.locator("#where").inner_text().startswith("km 1,193 of 1,193")


def test_keyboard_moves_slider_and_speaks_the_time(desk):
    page = desk.page
    desk.time(0)
    page.locator("#time").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    assert int(page.locator("#time").input_value()) > 3600
    assert "km" in page.locator("#time").get_attribute("aria-valuetext")


def test_play_runs_and_pauses(desk):
    page = desk.page
    desk.time(0)
    page.locator("#play").click()
    assert page.locator("#play").inner_text() == "Pause"
    for _ in range(100):
        if int(page.locator("#time").input_value()) > 600:
            break
        page.wait_for_timeout(50)
    page.locator("#play").click()
    held = page.locator("#time").input_value()
    assert int(held) > 600
    page.wait_for_timeout(150)
    assert page.locator("#time").input_value() == held


def test_pointing_at_the_graph_moves_the_train(desk):
    page = desk.page
    desk.time(0)
    plot = page.locator("#plot").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + 20)
    share = int(page.locator("#time").input_value()) / int(page.locator("#time").get_attribute("max"))
    assert share == pytest.approx(0.5, abs=0.01)
    cursor = page.locator("#cursor").bounding_box()
    assert cursor["x"] + cursor["width"] / 2 == pytest.approx(plot["x"] + plot["width"] / 2, abs=3)


def middle_of_the_line(page):
    """A point of the screen on the line of the first leg, away from stops."""
    return page.evaluate(
        """() => {
            const line = document.querySelectorAll("path.touch")[0], p = line.getPointAtLength(line.getTotalLength() * 0.4);
            const box = line.ownerSVGElement.getScreenCTM();
            return [p.x * box.a + box.e, p.y * box.d + box.f];
        }"""
    )


def test_pointing_at_the_route_shows_the_kilometre_and_moves_the_train(desk):
    opened, page = desk, desk.page
    opened.time(0)
    x, y = middle_of_the_line(page)
    page.mouse.move(x, y)
    post = page.locator(".post")
    post.wait_for()
    opened.screenshot("story-kilometre")
    text = post.inner_text()
    assert text.startswith("km ")
    assert "Pyongyang → Khasan" in text
    assert "P'yongra Line" in text
    assert "GMT+9" in text
    kilometre = int(text.split()[1].replace(",", ""))
    assert 200 < kilometre < 500
    assert f"km {kilometre} of" in page.locator("#where").inner_text()
    train = page.locator(".train").bounding_box()
    assert train["x"] + train["width"] / 2 == pytest.approx(x, abs=8)
    cursor = page.locator("#cursor").bounding_box()
    plot = page.locator("#plot").bounding_box()
    assert cursor["x"] > plot["x"] + 30
    page.mouse.move(x + 200, y + 150)
    post.wait_for(state="detached")


def test_pressing_the_route_opens_its_leg_with_the_kilometre(show, story):
    page = ready(show(story, has_touch=True)).page
    page.touchscreen.tap(*middle_of_the_line(page))
    sheet = page.locator(".sheet")
    sheet.wait_for()
    assert "As the crow flies" in sheet.inner_text()
    assert "km " in page.locator(".here").inner_text()


def test_speed_makes_the_train_faster(desk):
    page = desk.page
    speed = page.get_by_label("Speed")
    assert speed.evaluate("el => [...el.options].map(o => o.textContent)") == [
        "0.25×", "0.5×", "1×", "2×", "5×", "10×",
    ]  # fmt: skip
    covered = []
    for times in ("0.25", "10"):
        desk.time(0)
        speed.select_option(times)
        # Frames are counted, not time, so that a busy machine tells the same.
        covered.append(
            page.evaluate(
                """() => new Promise(done => {
                    let frames = 0;
                    document.getElementById("play").click();
                    requestAnimationFrame(function tick() {
                        if (++frames < 12) return requestAnimationFrame(tick);
                        document.getElementById("play").click();
                        done(+document.getElementById("time").value);
                    });
                })"""
            )
        )
    speed.select_option("1")
    assert covered[1] > covered[0] * 4


def test_full_screen_and_back(show, story):
    page = ready(show(story)).page
    button = page.get_by_role("button", name="Full screen")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.fullscreenElement !== null")
    assert button.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    page.wait_for_function("document.fullscreenElement === null")


def test_full_screen_is_not_offered_where_it_is_not_allowed(show, story):
    refused = "Object.defineProperty(document, 'fullscreenEnabled', { value: false });"
    html = story.replace("<head>", f"<head><script>{refused}</script>")
    page = ready(show(html)).page
    assert page.locator(".tool.full").count() == 0
    assert page.locator(".tool.fit").count() == 1


def test_texts_are_painted_before_the_map_is_made(show, story):
    page = show(story, altered=True).page
    page.add_init_script(
        """new MutationObserver(() => {
            if (document.querySelector("[data-ready]") && !window.madeAt) window.madeAt = performance.now();
        }).observe(document, { attributes: true, childList: true, subtree: true })"""
    )
    page.reload()
    page.wait_for_function("window.madeAt")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < page.evaluate("window.madeAt")


def test_popup_of_a_stop_by_keyboard_and_escape(desk):
    opened, page = desk, desk.page
    opened.time(0)
    stop = page.locator(".mark[aria-label='Khasan']")
    stop.focus()
    page.keyboard.press("Enter")
    sheet = page.locator(".sheet")
    sheet.wait_for()
    text = sheet.inner_text()
    assert "Хасан" in text
    assert "UTC+10" in text
    assert "850" in text
    opened.screenshot("story-popup")
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Khasan"


def test_every_stop_is_reached_by_tab(desk):
    page = desk.page
    desk.time(0)
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert {"Pyongyang", "Khasan", "Vladivostok", "Russky Island"} <= reached


def test_leg_opens_from_the_legend(show, story):
    opened = ready(show(story))
    opened.page.locator("[data-leg='2']").click()
    sheet = opened.page.locator(".sheet")
    sheet.wait_for()
    assert "by road" in sheet.inner_text()
    assert "As the crow flies" in sheet.inner_text()
    opened.page.wait_for_timeout(300)
    opened.screenshot("story-road")


def test_layer_control_hides_halts_and_names(show, story):
    page = ready(show(story)).page
    toggle = page.locator(".leaflet-control-layers-toggle").bounding_box()
    page.mouse.move(toggle["x"] + 8, toggle["y"] + 8)
    labels = page.locator(".leaflet-control-layers-overlays label")
    assert [text.strip() for text in labels.all_inner_texts()] == [
        "Land and borders", "Place names", "Route and stops", "Halts", "Night",
    ]  # fmt: skip
    labels.filter(has_text="Halts").click()
    assert page.locator(".mark.break_of_gauge").count() == 0
    assert boxes(page, ".label.halt") == []
    labels.filter(has_text="Place names").click()
    assert boxes(page, ".label.country") == []
    assert len(boxes(page, ".label.stop")) == 4


def test_fit_button_brings_the_route_back(show, story):
    page = ready(show(story)).page

    def moved(reach, far):
        """Wait until the first stop is further from where it was than some pixels, or no longer."""
        for _ in range(100):
            box = page.locator(".mark[aria-label='Pyongyang']").bounding_box()
            if (max(abs(box["x"] - before["x"]), abs(box["y"] - before["y"])) > reach) is far:
                return True
            page.wait_for_timeout(50)
        return False

    before = page.locator(".mark[aria-label='Pyongyang']").bounding_box()
    page.locator(".leaflet-control-zoom-in").click()
    assert moved(20, far=True)
    page.locator(".fit").click()
    assert moved(2, far=False)


def test_dark_mode_changes_the_colours(show, story):
    opened = ready(show(story, color_scheme="dark"))
    opened.time(0.3)
    opened.screenshot("story-dark")
    page = opened.page
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(24, 34, 41)"
    assert page.evaluate("getComputedStyle(document.querySelector('path.land')).fill") == "rgb(38, 49, 58)"


def test_phone_shows_everything_in_its_width(show, story):
    opened = ready(show(story, width=390, height=844, has_touch=True, is_mobile=True))
    opened.time(0.3)
    opened.screenshot("story-phone")
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.documentElement.scrollHeight") == 844
    assert len(boxes(page, ".label.stop")) == 4
    shown = boxes(page, ".ticks span")
    assert no_two_touch(shown)
    assert all(r[2] <= 390 for r in shown)


def test_prints_on_one_page(desk):
    opened, page = desk, desk.page
    opened.time(0)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.screenshot("story-print")
    frame = boxes(page, ".folium-map")[0]
    assert all(touch(frame, mark) and mark[2] <= frame[2] for mark in boxes(page, ".mark"))
    assert len(boxes(page, ".label.stop")) == 4
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#play").is_visible()


def test_hostile_names_show_as_text(show):
    html = build_map(samples.story(names=HOSTILE), title="<script>alert(0)</script> `${x}` \\").to_html()
    opened = ready(show(html))
    page = opened.page
    for index in range(4):
        page.locator(".mark.place").nth(index).dispatch_event("click")
        page.wait_for_timeout(50)
    for index in range(3):
        page.locator("[data-leg]").nth(index).click()
    for share in (0.3, 0.7, 1.0):
        opened.time(share)
    opened.screenshot("hostile")
    assert opened.complaints == []
    assert len(opened.requests) == 1
    assert page.locator("h1").inner_text() == "<script>alert(0)</script> `${x}` \\"
    assert page.locator("img[src='x']").count() == 0
    texts = page.eval_on_selector_all(".label.stop", "els => els.map(e => e.textContent)")
    assert sorted(texts) == sorted(HOSTILE.values())
    assert page.locator("#now").inner_text() == f"Arrived at {HOSTILE['Russky Island']}"


@pytest.mark.parametrize("name", ["across_the_antimeridian", "loop", "many_stops", "short", "long"])
def test_routes_that_break_naive_maps(show, name):
    opened = ready(show(build_map(getattr(samples, name)()).to_html()))
    opened.time(0.4)
    opened.screenshot(name)
    page = opened.page
    assert opened.complaints == []
    assert no_two_touch(boxes(page, ".label"))
    frame, card = boxes(page, ".folium-map")[0], boxes(page, ".card")[0]
    marks = boxes(page, ".mark.place")
    assert marks
    assert all(frame[0] <= m[0] and m[2] <= frame[2] and frame[1] <= m[1] and m[3] <= frame[3] for m in marks)
    assert not any(touch(card, mark) for mark in marks)


def test_a_network_of_ones_own_across_the_antimeridian(show, tmp_path):
    file, out = tmp_path / "bering.railnet", tmp_path / "bering.html"
    line = networks.tracks(
        [(178.5, 65.0), (179.5, 65.1), (-179.5, 65.3), (-178.2, 65.4)], [(0, 1), (1, 2), (2, 3)]
    )
    write_network(networks.network(line), file)
    assert cli.main(["map", "65.0,178.5", "65.4,-178.2", "--network", str(file), "-o", str(out)]) == 0
    opened = ready(show(out.read_text(encoding="utf-8")))
    opened.time(0.5)
    opened.screenshot("own-network-across-the-antimeridian")
    assert opened.complaints == []
    left, right = sorted(boxes(opened.page, ".mark.place"))
    (frame,) = boxes(opened.page, ".folium-map")
    # 162 km and not the rest of the way round the globe: both ends on one screen, well apart.
    assert frame[0] < left[0] < left[2] + 400 < right[0] < right[2] < frame[2]
    assert "of 162" in opened.page.locator("#where").inner_text()


def test_without_a_departure_there_are_no_clocks(show):
    opened = ready(show(build_map(samples.story(departure=None)).to_html()))
    opened.time(0.5)
    opened.screenshot("story-no-departure")
    assert opened.page.locator("[data-zone]").count() == 0
    assert opened.page.locator("#where").inner_text().startswith("after ")
    assert opened.complaints == []


def test_two_maps_in_one_notebook_page(show):
    html = "<!DOCTYPE html><title>n</title>" + "".join(
        build_map(sample())._repr_html_() for sample in (samples.story, samples.loop)
    )
    opened = show(html)
    for index in range(2):
        opened.page.frame_locator("iframe").nth(index).locator("[data-ready]").wait_for()
    opened.screenshot("notebook")
    assert opened.complaints == []
    first = opened.page.frame_locator("iframe").nth(0)
    assert first.locator(".mark.place").count() == 4


def test_layers_of_folium_can_be_added(show):
    route_map = build_map(samples.story())
    folium.Marker([41.0, 128.0], popup="Extra").add_to(route_map)
    opened = ready(show(route_map.to_html()))
    marker = opened.page.locator("img.leaflet-marker-icon")
    assert marker.count() == 1
    marker.dispatch_event("click")
    opened.page.locator(".leaflet-popup", has_text="Extra").wait_for()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == opened.requests[:1]

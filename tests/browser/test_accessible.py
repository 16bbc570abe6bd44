"""The map page for everyone: in four languages, without a mouse, in light and dark, on a phone, on paper."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import route
from route.checking import check
from route.webmap import build_comparison, build_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from route.itinerary import Itinerary

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "da", "ko", "ru")
ALL = tuple(sorted(path.stem for path in (ROOT / "data" / "words").glob("*.toml")))
# The same words and colours, and no processor time for frames between them.
CALM = {"reduced_motion": "reduce"}
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
AXE = {"resultTypes": ["violations"]}
# A rule that axe leaves out by default. What is marked on the map and in the graph stands where it stands (WCAG 2.2,
# 2.5.8: essential).
TARGETS = {"resultTypes": ["violations"], "runOnly": ["target-size"]}
ALL_BUT_MARKS = {"exclude": [[".mark"], [".plot"]]}
# Names, units and licences that stay as they are in every language.
PROPER = {
    "by", "cc", "earth", "geonames", "kst", "leaflet", "natural", "odbl", "openstreetmap", "utc", "km", "mm", "min",
}  # fmt: skip

FOCUSABLE = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
    .filter(el => el.tabIndex >= 0 && !el.disabled && el.checkVisibility({ visibilityProperty: true }))"""

# Contrast of every text in a box that has a colour of its own behind it (WCAG 2.2, 1.4.3), which axe cannot tell
# where boxes lie over the map.
CONTRAST = """() => {
    const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
    const over = (top, low) => top.slice(0, 3).map((c, i) => c * top[3] + low[i] * (1 - top[3]));
    const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const found = [];
    const boxes = ".card, .panel, .leaflet-popup-content-wrapper, .leaflet-control-attribution";
    for (const el of document.querySelectorAll(boxes.split(", ").flatMap(b => [b, b + " *"]).join(", "))) {
        const own = [...el.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own || !el.checkVisibility({ visibilityProperty: true })) continue;
        let behind = null, layers = [];
        for (let at = el; at && !behind; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour[3] === 1) behind = colour.slice(0, 3); else layers.unshift(colour);
        }
        const ground = layers.reduce((low, top) => over(top, low), behind || [255, 255, 255]);
        const ink = over(parse(getComputedStyle(el).color), ground);
        const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
        found.push([el.textContent.trim().slice(0, 40), (high + 0.05) / (low + 0.05)]);
    }
    return found;
}"""

# Everything that a reader sees or hears.
TEXTS = """() => {
    const texts = [document.title, document.body.innerText];
    for (const el of document.querySelectorAll("*")) {
        for (const name of ["aria-label", "aria-valuetext", "aria-description", "title", "alt", "placeholder"]) {
            if (el.hasAttribute(name)) texts.push(el.getAttribute(name));
        }
        if (el.tagName === "title" || el.classList.contains("label")) texts.push(el.textContent);
    }
    return texts;
}"""


class Pages(dict[str, str]):
    """Pages by language, made when they are asked for: of two processes that share the tests each needs some."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self.make = make

    def __missing__(self, lang: str) -> str:
        self[lang] = self.make(lang)
        return self[lang]


@pytest.fixture(scope="module")
def story() -> Itinerary:
    """The journey that the package ships with, as it is planned."""
    return route.plan(alternatives=1).itinerary


@pytest.fixture(scope="module")
def pages(story: Itinerary) -> Pages:
    return Pages(lambda lang: build_map(story, lang=lang).to_html())


@pytest.fixture(scope="module")
def checked() -> Pages:
    """The page of a check, with sightings and a verdict, beside another."""
    files = ("kim-2019.toml", "kim-2019-reports.toml")
    shown = [check(ROOT / "data" / "itineraries" / name).shown() for name in files]
    return Pages(lambda lang: build_comparison(shown, lang=lang).to_html())


def ready(opened):
    opened.page.wait_for_selector("[data-ready]")
    opened.time(0.3)
    return opened


def open_popup(page):
    page.locator(".mark.place").nth(1).focus()
    page.keyboard.press("Enter")
    page.locator(".sheet").wait_for()
    page.wait_for_timeout(300)


def axe_complaints(page):
    from axe_playwright_python.sync_playwright import Axe

    # Not `Axe.run`, which reads its half megabyte of script anew each time.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(Axe().axe_script)
    run = "([context, options]) => axe.run(context || document, options).then(done => done.violations)"
    return [
        f"{found['id']}: {found['help']}: {node['target']} {node['html'][:120]}"
        for what in ([None, AXE], [ALL_BUT_MARKS, TARGETS])
        for found in page.evaluate(run, what)
        for node in found["nodes"]
    ]


# ---- axe


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(show, pages, scheme, size):
    opened = ready(show(pages["en"], color_scheme=scheme, **CALM, **size))
    assert axe_complaints(opened.page) == []
    open_popup(opened.page)
    assert axe_complaints(opened.page) == []
    opened.screenshot(f"accessible-{scheme}-{'phone' if size else 'desk'}")
    assert len(opened.requests) == 1
    assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_a_page_of_two_checked_journeys(show, checked, scheme, size):
    opened = ready(show(checked["en"], color_scheme=scheme, **CALM, **size))
    opened.page.eval_on_selector_all("details", "els => els.forEach(el => { el.open = true; })")
    assert axe_complaints(opened.page) == []
    opened.screenshot(f"accessible-checked-{scheme}-{'phone' if size else 'desk'}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(show, pages, checked, scheme):
    for html in (pages["en"], checked["en"]):
        opened = ready(show(html, color_scheme=scheme, **CALM))
        opened.page.eval_on_selector_all("details", "els => els.forEach(el => { el.open = true; })")
        open_popup(opened.page)
        found = opened.page.evaluate(CONTRAST)
        assert len(found) > 30
        assert [(text, round(ratio, 2)) for text, ratio in found if ratio < 4.5] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_on_the_map_stand_out_from_land_and_sea(show, pages, scheme):
    page = ready(show(pages["en"], color_scheme=scheme, **CALM)).page
    colours = page.evaluate(
        """names => Object.fromEntries(names.map(name => {
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.color = `var(--${name})`;
            const rgb = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number).slice(0, 3);
            probe.remove();
            return [name, rgb];
        }))""",
        ["land", "sea", "quiet", "seaink", "ink", "soft"],
    )

    def luminance(rgb):
        parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
        return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))

    pairs = [
        ("quiet", "land"),
        ("quiet", "sea"),
        ("seaink", "sea"),
        ("ink", "land"),
        ("ink", "sea"),
        ("soft", "land"),
    ]
    for ink, ground in pairs:
        high, low = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


# ---- languages


def said(node):
    """Texts of a file of words."""
    if isinstance(node, str):
        yield re.sub(r"\{[\w:]+\}", " ", node)
    else:
        for below in node.values():
            yield from said(below)


def vocabulary(lang):
    file = tomllib.loads((ROOT / "data" / "words" / f"{lang}.toml").read_text(encoding="utf-8"))
    del file["format"]
    return set(re.findall(r"[a-z]{2,}", " ".join(said(file)).lower()))


def spoken(page):
    texts = " ".join(page.evaluate(TEXTS))
    return set(re.findall(r"[^\W\d_]{2,}", texts.lower()))


@pytest.mark.parametrize(
    ("lang", "size"),
    [*((lang, {}) for lang in ALL if lang != "en"), ("da", PHONE), ("ko", PHONE), ("ru", PHONE)],
)
def test_no_english_word_is_left(show, story, pages, lang, size):
    english = vocabulary("en") - vocabulary(lang) - PROPER
    assert len(english) > 100
    opened = ready(show(pages[lang], **CALM, **size))
    page = opened.page
    opened.screenshot(f"story-{lang}-{'phone' if size else 'desk'}")
    heard = spoken(page)
    page.eval_on_selector_all("details", "els => els.forEach(el => { el.open = true; })")
    for share in (0.0, 0.2, 0.55, 0.8, 1.0):
        opened.time(share)
        heard |= spoken(page)
    page.locator("#play").click()
    heard |= spoken(page)
    page.locator("#play").click()
    for mark in range(page.locator(".mark").count()):
        page.locator(".mark").nth(mark).dispatch_event("click")
        page.wait_for_timeout(30)
        heard |= spoken(page)
    for leg in range(page.locator("[data-leg]").count()):
        page.locator("[data-leg]").nth(leg).click()
        page.wait_for_timeout(30)
        heard |= spoken(page)
    opened.screenshot(f"story-{lang}-{'phone' if size else 'desk'}-open")
    lines = {name for leg in story.legs for name in leg.lines}
    assert (heard & english) - set(re.findall(r"\w+", " ".join(lines).lower())) == set()
    assert len(heard & vocabulary_in_full(lang)) > 40
    assert opened.complaints == []


@pytest.mark.parametrize("lang", [lang for lang in ALL if lang != "en"])
def test_no_english_word_is_left_in_the_verdict(show, checked, lang):
    english = vocabulary("en") - vocabulary(lang) - PROPER
    opened = ready(show(checked[lang], **CALM))
    page = opened.page
    page.eval_on_selector_all("details", "els => els.forEach(el => { el.open = true; })")
    opened.screenshot(f"checked-{lang}")
    # Titles and quotations are in the language of the itinerary.
    page.eval_on_selector_all("h1, .compared .what", "els => els.forEach(el => el.remove())")
    texts = " ".join(page.locator(".card, .hint").all_inner_texts())
    heard = set(re.findall(r"[^\W\d_]{2,}", re.sub("“.*?”|«.*?»|».*?«", " ", texts).lower()))
    assert len(heard & vocabulary_in_full(lang)) > 60
    assert heard & english == set()


def vocabulary_in_full(lang):
    file = tomllib.loads((ROOT / "data" / "words" / f"{lang}.toml").read_text(encoding="utf-8"))
    return set(re.findall(r"[^\W\d_]{2,}", " ".join(said(file)).lower()))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_says_its_language_and_direction(show, pages, lang):
    page = show(pages[lang], **CALM).page
    assert page.get_attribute("html", "lang") == lang
    assert page.get_attribute("html", "dir") == "ltr"


@pytest.mark.parametrize(
    ("lang", "distance", "clock"),
    [
        ("en", "of 1,189", "Wed 14:04"),
        ("da", "af 1.189", "ons. 14.04"),
        ("ko", "1,189km 중", "(수) 14:04"),
        ("ru", "из 1\u00a0189 км", "ср 14:04"),
    ],
)
def test_figures_of_the_script_are_those_of_the_language(show, pages, lang, distance, clock):
    page = ready(show(pages[lang], **CALM)).page
    page.evaluate(
        "() => { const s = document.getElementById('time'); s.value = 32640; s.dispatchEvent(new Event('input')); }"
    )
    assert distance in page.locator("#where").inner_text().replace("\u202f", "\u00a0")
    assert page.locator("[data-zone]").first.inner_text().replace("\u202f", " ") == clock
    scale = page.locator(".leaflet-control-scale-line").inner_text()
    assert re.fullmatch(r"\d+\s?(км|м)" if lang == "ru" else r"\d+\s?(km|m)", scale)


# ---- keyboard


def walk(page, steps=120):
    """Press Tab until the focus leaves the page; what had it, in order."""
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.body.focus()")
    reached = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
                const el = document.activeElement;
                if (!el || el === document.body || el === document.documentElement) return null;
                el.dataset.reached = "1";
                const style = getComputedStyle(el), box = el.getBoundingClientRect();
                return {
                    name: el.getAttribute("aria-label") || el.textContent.trim() || el.id,
                    seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
                        || style.boxShadow !== "none",
                    inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
                };
            }"""
        )
        if here is None:
            return reached, True
        reached.append(here)
    return reached, False


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_tab_reaches_everything_shows_where_it_is_and_leaves(show, pages, size):
    page = ready(show(pages["en"], **size)).page
    wanted = page.evaluate(f"({FOCUSABLE})().length")
    reached, left = walk(page)
    assert left
    assert page.evaluate(f"({FOCUSABLE})().filter(el => !el.dataset.reached).map(el => el.outerHTML)") == []
    assert len(reached) >= wanted
    assert [one["name"] for one in reached if not one["seen"]] == []
    assert [one["name"] for one in reached if not one["inside"]] == []
    names = {one["name"] for one in reached}
    assert {"Pyongyang", "Vladivostok", "Zoom in", "Zoom out", "Show the whole route", "Layers"} <= names
    assert any("Play" in name for name in names)


def test_escape_closes_the_popup_of_a_leg_and_the_focus_stays(show, pages):
    page = ready(show(pages["en"])).page
    leg = page.locator("[data-leg]").first
    leg.focus()
    page.keyboard.press("Enter")
    page.locator(".sheet").wait_for()
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.leg") == "0"


AT = "() => Math.round(document.querySelector(\".mark[aria-label='Pyongyang']\").getBoundingClientRect().x)"


def test_controls_of_the_map_work_with_space_and_enter(show, pages):
    page = ready(show(pages["en"], **CALM)).page
    before = page.evaluate(AT)
    page.locator(".leaflet-control-zoom-in").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"before => Math.abs(({AT})() - before) > 2", arg=before)
    page.locator(".fit").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"before => Math.abs(({AT})() - before) <= 2", arg=before)
    page.locator(".leaflet-control-layers-toggle").focus()
    page.keyboard.press("Enter")
    page.locator(".leaflet-control-layers-overlays input").first.wait_for()
    # Leaflet takes no click until a timer of its own has run, which was set before this one.
    page.evaluate("() => new Promise(resolve => setTimeout(resolve, 20))")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator(".leaflet-control-layers-overlays input:not(:checked)").wait_for()


# The most animations that run at a time within some frames of a click, seen from inside: a look from outside may come late.
MOVING = """() => new Promise(resolve => {
    let most = 0, frames = 0;
    document.querySelector(".leaflet-control-zoom-in").click();
    (function look() {
        most = Math.max(most, document.getAnimations().filter(a => a.playState === "running").length);
        if (++frames < 15) requestAnimationFrame(look); else resolve(most);
    })();
})"""


def test_who_wants_less_motion_gets_none(show, pages):
    for motion in ("no-preference", "reduce"):
        page = ready(show(pages["en"], reduced_motion=motion)).page
        page.wait_for_timeout(300)
        assert (page.evaluate(MOVING) == 0) is (motion == "reduce")


# ---- narrow, printed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_phone_clips_nothing_and_gives_fingers_room(show, pages, lang):
    opened = ready(show(pages[lang], **PHONE))
    page = opened.page
    page.eval_on_selector_all("details", "els => els.forEach(el => { el.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    outside = page.evaluate(
        """() => [...document.querySelectorAll(".card *, .panel *, .leaflet-control *")]
            .filter(el => el.checkVisibility({ visibilityProperty: true }) && !el.closest("svg"))
            .filter(el => { const r = el.getBoundingClientRect(); return r.width && (r.right > 391 || r.left < -1); })
            .map(el => el.outerHTML.slice(0, 120))"""
    )
    assert outside == []
    clipped = page.evaluate(
        """() => [...document.querySelectorAll(".card *, .panel *")]
            .filter(el => el.checkVisibility({ visibilityProperty: true }) && !el.closest("svg, .names"))
            .filter(el => getComputedStyle(el).overflowX !== "visible" && el.clientWidth > 2)
            .filter(el => el.scrollWidth > el.clientWidth + 1)
            .map(el => el.outerHTML.slice(0, 120))"""
    )
    assert clipped == []
    small = page.evaluate(
        f"""() => ({FOCUSABLE})().map(el => [el, (el.closest("label") || el).getBoundingClientRect()])
            .filter(([el, r]) => r.width < 24 || r.height < 24)
            .map(([el, r]) => `${{el.outerHTML.slice(0, 80)}} ${{r.width}}x${{r.height}}`)"""
    )
    assert small == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_prints_on_one_page_with_everything(show, pages, lang):
    page = ready(show(pages[lang], color_scheme="dark")).page
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_paper_shows_map_legend_chart_and_sources(show, pages, size):
    opened = ready(show(pages["en"], altered=True, **size))
    page = opened.page
    assert (
        len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True, print_background=True))) == 1
    )
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.screenshot(f"accessible-print-{'phone' if size else 'desk'}")
    sheet = page.evaluate(
        "(() => { const r = document.querySelector('main').getBoundingClientRect(); return [r.width, r.height]; })()"
    )
    for selector in (
        ".folium-map",
        "h1",
        ".legend .item",
        ".plot svg",
        ".leaflet-control-attribution",
        ".ticks",
    ):
        assert page.locator(selector).first.evaluate(
            "el => el.checkVisibility({ visibilityProperty: true })"
        ), selector
        box = page.locator(selector).first.bounding_box()
        assert box["width"] > 10
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= sheet[0] + 1
        assert box["y"] + box["height"] <= sheet[1] + 1
    assert "OpenStreetMap" in page.locator(".leaflet-control-attribution").inner_text()
    assert page.locator("#play").is_hidden()


# ---- content security policy


def test_policy_is_as_designed_and_blocks_what_it_should(show, pages):
    opened = ready(show(pages["en"], altered=True))
    page = opened.page
    failed = {}
    page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
    policy = page.get_attribute("meta[http-equiv='Content-Security-Policy']", "content")
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'unsafe-inline'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: https:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    blocked = page.evaluate(
        """async () => {
            const seen = new Set();
            addEventListener("securitypolicyviolation", event => seen.add(event.effectiveDirective));
            await fetch("https://example.org/data.json").catch(() => seen.add("fetch failed"));
            new Image().src = "http://example.org/pixel.png";
            for (const [tag, name] of [["script", "src"], ["iframe", "src"], ["link", "href"], ["object", "data"]]) {
                const el = document.createElement(tag);
                if (tag === "link") el.rel = "stylesheet";
                el[name] = "https://example.org/" + tag;
                document.body.appendChild(el);
            }
            const form = document.body.appendChild(document.createElement("form"));
            form.action = "https://example.org/form";
            form.submit();
            await new Promise(resolve => setTimeout(resolve, 400));
            return [...seen].sort();
        }"""
    )
    assert {
        "connect-src",
        "fetch failed",
        "img-src",
        "script-src-elem",
        "frame-src",
        "style-src-elem",
        "object-src",
    } <= set(blocked)
    assert "form-action" in blocked
    # Nothing went out: what was asked for was refused by the policy.
    assert set(failed) == set(opened.requests[1:])
    assert set(failed.values()) == {"csp"}

"""The piece for an article, and several maps in one page."""

from __future__ import annotations

import pytest
import samples

from route.webmap import build_map

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def piece() -> str:
    return build_map(samples.story()).to_embed()


def article(piece: str, width: int) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Article</title>'
        '<meta name="viewport" content="width=device-width"></head><body style="margin:0">'
        f'<div style="width:{width}px"><p>Text before.</p>{piece}<p id="after">Text after.</p></div>'
    )


@pytest.mark.parametrize(("width", "screen"), [(600, 640), (320, 320)])
def test_fits_the_column_of_an_article(show, piece, width, screen):
    opened = show(article(piece, width), width=screen, height=820)
    frame = opened.page.frame_locator("iframe")
    frame.locator("[data-ready]").wait_for()
    opened.screenshot(f"embed-{width}")
    assert opened.complaints == []
    assert len([url for url in opened.requests if not url.startswith(("data:", "about:"))]) == 1
    assert opened.page.locator("iframe").bounding_box()["width"] == width
    page = opened.page.frames[1]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert frame.locator(".mark.place").count() == 4
    map_box, card = frame.locator(".folium-map").bounding_box(), frame.locator(".card").bounding_box()
    assert map_box["height"] >= 220
    for mark in frame.locator(".mark.place").all():
        box = mark.bounding_box()
        assert box["y"] >= card["y"] + card["height"] - 2 or box["x"] >= card["x"] + card["width"] - 2
        assert box["y"] + box["height"] <= map_box["y"] + map_box["height"] + 1


def test_embedded_train_moves(show, piece):
    opened = show(article(piece, 600))
    frame = opened.page.frame_locator("iframe")
    frame.locator("[data-ready]").wait_for()
    before = frame.locator(".train").bounding_box()
    frame.locator("#time").focus()
    for _ in range(8):
        opened.page.keyboard.press("PageUp")
    after = frame.locator(".train").bounding_box()
    assert abs(after["x"] - before["x"]) + abs(after["y"] - before["y"]) > 20


def test_without_scripts_a_picture_stands_there(without_scripts, piece, tmp_path):
    path = tmp_path / "article.html"
    path.write_text(article(piece, 600), encoding="utf-8")
    without_scripts.page.goto(path.as_uri())
    still = without_scripts.page.frame_locator("iframe").locator(".still")
    still.locator("svg").first.wait_for()
    without_scripts.screenshot("embed-no-script")
    assert "Vladivostok" in still.text_content()
    # At once: the wait is for pages whose scripts may still come.
    assert still.evaluate("el => getComputedStyle(el).animationName") == "none"


def test_where_scripts_are_refused_a_picture_comes(show):
    """As by the policy of a system for articles: the browser can have scripts, so it leaves out <noscript>."""
    html = build_map(samples.story()).to_html()
    opened = show(html.replace("script-src &#39;unsafe-inline&#39;", "script-src &#39;none&#39;"))
    opened.page.locator(".still svg").first.wait_for()
    assert all("Content Security Policy" in complaint for complaint in opened.complaints)
    assert opened.complaints != []


def test_where_frames_are_stripped_the_picture_stays(show, piece):
    start, end = piece.index("<iframe"), piece.index("</iframe>") + len("</iframe>")
    opened = show(article(piece[:start] + piece[end:], 600))
    image = opened.page.locator("figure img")
    assert image.evaluate("el => el.complete && el.naturalWidth") == 800
    assert "by rail" in image.get_attribute("alt")
    opened.screenshot("embed-picture")
    assert opened.complaints == []


def test_two_maps_of_one_notebook_move_each_for_itself(show):
    html = "<!DOCTYPE html><title>n</title>" + "".join(
        build_map(sample())._repr_html_() for sample in (samples.story, samples.story)
    )
    opened = show(html)
    frames = [opened.page.frame_locator("iframe").nth(index) for index in range(2)]
    for frame in frames:
        frame.locator("[data-ready]").wait_for()
    start = [frame.locator("#time").input_value() for frame in frames]
    assert start == ["0", "0"]
    for index, frame in enumerate(frames):
        frame.locator("#play").click()
        for _ in range(100):
            if int(frame.locator("#time").input_value()) > 600:
                break
            opened.page.wait_for_timeout(50)
        frame.locator("#play").click()
        assert int(frame.locator("#time").input_value()) > 600
        if index == 0:
            assert frames[1].locator("#time").input_value() == "0"
    opened.screenshot("notebook-two")
    assert opened.complaints == []

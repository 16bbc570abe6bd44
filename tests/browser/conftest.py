"""A real Chromium for the tests of this folder, off the network, and the pages that they open."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

# The invented journeys of tests/samples.py, also when this folder is tested alone.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path(__file__).resolve().parents[2] / "out" / "screenshots"


def _missing(what: str) -> None:
    message = f"{what} is missing: apt-get install chromium fonts-noto-core, pip install playwright"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Function that starts Chromium as the system has it; flags are added to those of all tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        _missing("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright")
    started: list[Browser] = []
    with sync_playwright() as playwright:

        def start(*flags: str) -> Browser:
            started.append(playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags]))
            return started[-1]

        yield start
        for chromium in started:
            chromium.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@dataclass
class Opened:
    """A page in the browser, and everything that its document asked for or complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def time(self, share: float) -> None:
        """Move the slider to a share of its length, as a hand does."""
        self.page.evaluate(
            """share => {
                const slider = document.getElementById("time");
                slider.value = slider.max * share;
                slider.dispatchEvent(new Event("input"));
            }""",
            share,
        )


def empty_page(browser: Browser, *, width: int = 1280, height: int = 800, **options: Any) -> Opened:
    """Page off the network; options are those of a browser context."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
    return Opened(context.new_page())


def leave(opened: Opened, blank: Path) -> None:
    """Empty a page, so that the next document in it is as in a new one."""
    opened.page.goto(blank.as_uri())
    # Where the pointer was left, the next document would be pointed at.
    opened.page.mouse.move(-1, -1)
    opened.requests, opened.complaints = [], []


@pytest.fixture(scope="session")
def emptied() -> dict[str, list[Opened]]:
    """Pages that a test has done with, by their options, for the next test that asks for the same."""
    return {}


@pytest.fixture
def show(
    browser: Browser, emptied: dict[str, list[Opened]], tmp_path: Path
) -> Iterator[Callable[..., Opened]]:
    """Function that opens HTML as a page of its own.

    A page in a context of its own costs a second of processor time for its process, as much as the map in it. So a
    document is opened in place of that of an earlier test: it shares nothing with it, and the map stores nothing.
    `altered` says that the test leaves something behind in the page itself, as a script for each document to come.
    """
    pages: list[tuple[list[Opened] | None, Opened]] = []

    def show_html(html: str, *, altered: bool = False, **options: Any) -> Opened:
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(html, encoding="utf-8")
        same = None if altered else emptied.setdefault(repr(sorted(options.items())), [])
        opened = same.pop() if same else empty_page(browser, **options)
        pages.append((same, opened))
        opened.page.goto(path.as_uri())
        return opened

    yield show_html
    blank = tmp_path / "blank.html"
    blank.write_text("<!DOCTYPE html><title>Blank</title>", encoding="utf-8")
    for same, opened in pages:
        if same is None:
            opened.page.context.close()
        else:
            leave(opened, blank)
            same.append(opened)


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The story on a desktop screen, one page for all tests that leave it as they found it."""
    import samples

    from route.webmap import build_map

    path = tmp_path_factory.mktemp("desk") / "story.html"
    build_map(samples.story()).save(path)
    opened = empty_page(browser)
    opened.page.goto(path.as_uri())
    opened.page.wait_for_selector("[data-ready]")
    yield opened
    opened.page.context.close()


@pytest.fixture(scope="module")
def without_scripts(launch: Callable[..., Browser]) -> Iterator[Opened]:
    """Empty page of a browser whose reader has switched scripts off.

    Not a context with `java_script_enabled=False`: there Playwright takes the scripts away from a page that has
    begun. A frame in a process of its own, as that of the piece for an article, is faster: it always read its
    <noscript> as a page with scripts does, and now and then it ran them.
    """
    chromium = launch("--blink-settings=scriptEnabled=false")
    yield empty_page(chromium)
    chromium.close()

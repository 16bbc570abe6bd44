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
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        _missing("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("Playwright")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """A page in the browser, and everything that it asked for or complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

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


def open_page(
    browser: Browser, path: Path, *, width: int = 1280, height: int = 800, **options: Any
) -> Opened:
    """Open a file off the network; options are those of a browser context."""
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
    opened = Opened(context.new_page())
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("console", lambda message: opened.complaints.append(message.text))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("dialog", lambda dialog: opened.complaints.append(f"dialog: {dialog.message}"))
    opened.page.goto(path.as_uri())
    return opened


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Function that opens HTML as a page of its own."""
    pages: list[Opened] = []

    def show_html(html: str, **options: Any) -> Opened:
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(html, encoding="utf-8")
        pages.append(open_page(browser, path, **options))
        return pages[-1]

    yield show_html
    for opened in pages:
        opened.page.context.close()


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """The story on a desktop screen, one page for all tests that leave it as they found it."""
    import samples

    from route.webmap import build_map

    path = tmp_path_factory.mktemp("desk") / "story.html"
    build_map(samples.story()).save(path)
    opened = open_page(browser, path)
    opened.page.wait_for_selector("[data-ready]")
    yield opened
    opened.page.context.close()

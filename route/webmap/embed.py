"""The piece of HTML that a newsroom pastes into an article.

A picture, and over it the page in a frame of its own: where a system strips frames, or a reader has no scripts,
the picture stays; everywhere else the page covers it. Nothing is fetched. The frame is as wide as the column and
keeps a height in which map and train graph can be used, from 320 pixels up.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from route.webmap import picture

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["fragment"]

_HEIGHT = "height:clamp(600px,90vh,720px)"
_WHOLE = "position:absolute;inset:0;width:100%;height:100%;border:0"


def fragment(page: str, drawing: str, title: str, summary: str, credit: Sequence[str]) -> str:
    """Piece of HTML with the page in it.

    Parameters
    ----------
    page : str
        The whole document of the map.
    drawing : str
        Picture of it as SVG.
    title, summary : str
        What it shows.
    credit : sequence of str
        Sources to name.

    Returns
    -------
    str
        One ``figure`` element.
    """
    image = "data:image/svg+xml," + quote(drawing, safe=" =:;,/()'")
    alternative = f"{title}. {summary}"
    return (
        f'<figure class="railroute" style="margin:0;position:relative;width:100%;min-width:280px;{_HEIGHT}">\n'
        f'<img src="{escape(image)}" alt="{escape(alternative)}" width="{picture.WIDTH}" height="{picture.HEIGHT}" '
        'style="position:absolute;inset:0;width:100%;height:100%;object-fit:contain">\n'
        f'<iframe title="{escape(title)}" style="{_WHOLE}" loading="lazy" sandbox="allow-scripts" '
        f'allow="fullscreen" srcdoc="{escape(page)}"></iframe>\n'
        f'<figcaption style="position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden">'
        f"{escape(alternative)} {escape(', '.join(credit))}</figcaption>\n</figure>\n"
    )

"""One picture of one or several journeys: the page with its map, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from route.basemap.palette import DARK, LIGHT
from route.basemap.placenames import country_names
from route.staticmap import furniture
from route.staticmap.canvas import Canvas, settings
from route.staticmap.content import content as content_of
from route.staticmap.labels import arrange, ink_of
from route.staticmap.lettering import Style, clean, lettering, wrapped
from route.staticmap.outlines import lines_px, outlines
from route.staticmap.sizes import suiting
from route.staticmap.surroundings import names_in
from route.staticmap.view import Rect, fit, proportion
from route.words import words_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.basemap.palette import Palette
    from route.itinerary import Itinerary
    from route.staticmap.canvas import Format
    from route.staticmap.content import Content
    from route.staticmap.lettering import Lettering
    from route.staticmap.sizes import Size
    from route.staticmap.surroundings import Names
    from route.staticmap.tags import Placed
    from route.staticmap.view import ScaleBar, View
    from route.words import Words

__all__ = ["draw"]

_SMALLEST_SCALE = 0.62  # letters would be too small to read
_BASE_PIXELS = 1000.0  # side of the square picture that has scale 1
_NARROWEST = 600.0  # pixels of the shorter side that has scale 1 at most


class _Page(NamedTuple):
    """Words around the map in lines, and what is left for it."""

    title: tuple[Style, list[str]]
    summary: tuple[Style, list[str]]
    key: list[list[furniture.KeyItem]]
    credit: tuple[Style, list[str]]
    map: Rect


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A picture before it is drawn."""

    content: Content
    names: Names
    view: View
    letters: Lettering
    page: _Page
    palette: Palette
    scale: float
    words: Words
    lang: str | None


def draw(
    itineraries: Sequence[Itinerary],
    *,
    form: Format,
    size: Size | None,
    title: str | None,
    lang: str | None,
    dark: bool,
    names: Sequence[str] = (),
) -> bytes:
    """Picture of journeys.

    Parameters
    ----------
    itineraries : sequence of Itinerary
        At least one.
    form : str
        ``png``, ``svg`` or ``pdf``.
    size : Size or None
        Of the picture; ``None`` for what suits the route.
    title : str or None
        Heading; ``None`` for the places of the journey.
    lang : str or None
        Language of names and texts.
    dark : bool
        Whether it is light on dark.
    names : sequence of str
        What each of several journeys is called.

    Returns
    -------
    bytes
        The file.
    """
    import matplotlib as mpl

    words = words_in(lang)
    content = content_of(itineraries, words, title, names)
    route = np.concatenate([line.points for line in content.lines])
    size = size or suiting(proportion(route))
    scale = max(
        _SMALLEST_SCALE, min((size.width * size.height) ** 0.5 / _BASE_PIXELS, min(size) / _NARROWEST)
    )
    with mpl.rc_context(settings()):
        plan = _planned(content, size, scale, lang, words, DARK if dark else LIGHT)
        canvas = Canvas(size, plan.letters, form)
        _paint(canvas, plan)
        return canvas.to_bytes(clean(content.title), clean(content.description))


def _planned(
    content: Content, size: Size, scale: float, lang: str | None, words: Words, palette: Palette
) -> _Plan:
    letters = lettering(_texts(content, words), lang)
    route = np.concatenate([line.points for line in content.lines])
    page = _page(content, size, scale, letters, words)
    view = fit(route, page.map, _inner(page.map, scale))
    names = names_in(view, content, lang)
    countries = country_names(lang).values()
    letters = lettering(
        [*_texts(content, words), *names.texts(), *countries, *(name.upper() for name in countries)], lang
    )
    return _Plan(content, names, view, letters, page, palette, scale, words, lang)


def _texts(content: Content, words: Words) -> list[str]:
    """Everything that is written beside the names of the basemap."""
    made = [content.title, content.summary, content.credit, "0123456789 km?…"]
    made += [text for _, _, text in content.key]
    made += [name for stop in content.stops for name in stop.names]
    made += [mark.name for mark in content.marks]
    made += [text for line in content.lines for text in (line.distance, *line.text)]
    made += [words[kind] for kind in ("border", "break_of_gauge", "reversal")]
    return made


def _inner(rect: Rect, scale: float) -> Rect:
    """Part of the map that the route fills: it leaves room for labels and for a corner or two."""
    across = min(rect.width * 0.13 + 40 * scale, rect.width * 0.3)
    along = min(rect.height * 0.09 + 24 * scale, rect.height * 0.3)
    return Rect(rect.left + across, rect.bottom + along, rect.right - across, rect.top - along)


def _page(content: Content, size: Size, scale: float, letters: Lettering, words: Words) -> _Page:
    """Words above and below the map; on a picture with little room the legend gives way, then the summary."""
    margin = _margin(size, scale)
    width = size.width - 2 * margin
    style = Style(30 * scale, bold=True)
    text = letters.writable(content.title)
    lines = wrapped(text, style, width, letters, most=2)
    if len(lines) > 1:
        style = Style(24 * scale, bold=True)
        lines = wrapped(text, style, width, letters, most=2)
    title = (style, lines)
    style = Style(16.5 * scale)
    summary = (style, wrapped(letters.writable(content.summary), style, width, letters, most=3))
    if not content.summary:
        summary = (style, [])
    style = Style(13.5 * scale)
    items = furniture.key_items(content, words, letters, style, width)
    key = furniture.flowed(items, width, style.px * 1.6, most=4)
    style = Style(max(11.5 * scale, 9.0))
    credit = (style, wrapped(letters.writable(content.credit), style, width, letters, most=6))
    while True:
        top = size.height - margin * 0.8 - _height(title, summary, key, scale)
        bottom = margin * 0.55 + len(credit[1]) * credit[0].px * 1.3 + 6 * scale
        if top - bottom > size.height * 0.5 or not (key or summary[1]):
            return _Page(title, summary, key, credit, Rect(margin, bottom, size.width - margin, top))
        key, summary = ([], summary) if key else (key, (summary[0], []))


def _margin(size: Size, scale: float) -> float:
    return min(24 * scale, min(size) * 0.05)


def _height(
    title: tuple[Style, list[str]],
    summary: tuple[Style, list[str]],
    key: list[list[furniture.KeyItem]],
    scale: float,
) -> float:
    made = len(title[1]) * title[0].px * 1.2 + 6 * scale
    made += len(summary[1]) * summary[0].px * 1.4
    return made + len(key) * 13.5 * scale * 1.6 + 6 * scale


def _paint(canvas: Canvas, plan: _Plan) -> None:
    page, scale, palette = plan.page, plan.scale, plan.palette
    canvas.box(Rect(0, 0, *canvas.size), fill=palette.paper)
    shapes = outlines(plan.view, smallest_px=1.5 * scale, tolerance_px=0.3 * scale)
    canvas.clip(page.map)
    canvas.box(page.map, fill=palette.paper if shapes.world is not None else palette.sea)
    if shapes.world is not None:
        canvas.shapes([shapes.world], fill=palette.sea)
    canvas.shapes(shapes.land, fill=palette.land, stroke=palette.land, width=0.6 * scale)
    canvas.shapes(shapes.lakes, fill=palette.lake, stroke=palette.coast, width=0.6 * scale)
    canvas.shapes(shapes.coasts, stroke=palette.coast, width=0.8 * scale)
    canvas.shapes(shapes.borders, stroke=palette.border, width=1.0 * scale)
    dash = [5 * scale, 4 * scale]
    canvas.shapes(shapes.disputed, stroke=palette.border, width=1.2 * scale, dash=dash, cap="butt")
    lines = [lines_px(plan.view, [line.points], 0.25 * scale) for line in plan.content.lines]
    dots = _dots(plan)
    ink = np.concatenate([ink_of([part for group in lines for part in group], scale), *(
        np.array([[x, y]]) for x, y, _ in dots)])  # fmt: skip
    locator, bar_spot, bar = _corners(canvas, plan, ink)
    obstacles = [Rect(x - r, y - r, x + r, y + r) for x, y, r in dots]
    obstacles += [spot.grown(4 * scale) for spot in (locator, bar_spot) if spot is not None]
    placed = arrange(
        plan.content, plan.names, plan.view, plan.letters,
        scale=scale, obstacles=obstacles, ink=ink, land=shapes.land,
    )  # fmt: skip
    basemap = [one for one in placed if one.tag.colour in {"quiet", "seaink"}]
    _draw_labels(canvas, plan, basemap)
    _draw_lines(canvas, plan, lines)
    journey = [one for one in placed if one not in basemap]
    _draw_leaders(canvas, plan, journey)
    for x, y, radius in dots:
        canvas.disc(x, y, radius * 0.8, fill=palette.paper, stroke=palette.ink, width=radius * 0.4)
    _draw_labels(canvas, plan, journey)
    if bar_spot is not None:
        furniture.draw_scale_bar(canvas, bar, bar_spot, plan.words, _bar_style(scale), palette)
    canvas.clip(None)
    if locator is not None:
        furniture.draw_locator(canvas, plan.view, locator, palette, scale=scale, lang=plan.lang)
    canvas.box(page.map, stroke=palette.edge, width=1.0 * scale)
    _draw_words(canvas, plan)


def _bar_style(scale: float) -> Style:
    return Style(max(12.0 * scale, 8.5))


def _dots(plan: _Plan) -> list[tuple[float, float, float]]:
    """Middle and radius of the dots of stops and halts; places in one spot share a dot."""
    radius = 6.0 if len(plan.content.stops) <= 12 else 4.4
    points = [
        (stop.lon, stop.lat, radius + 1.0 if stop.end else radius) for stop in reversed(plan.content.stops)
    ]
    points = [(mark.lon, mark.lat, 3.8) for mark in plan.content.marks] + points
    px = plan.view.to_px(np.array([point[:2] for point in points]))
    found = {(round(x), round(y)): (x, y, point[2] * plan.scale)
             for (x, y), point in zip(px.tolist(), points, strict=True)}  # fmt: skip
    return list(found.values())


def _corners(
    canvas: Canvas, plan: _Plan, ink: NDArray[np.float64]
) -> tuple[Rect | None, Rect | None, ScaleBar]:
    """Where locator and scale bar go, and the bar."""
    rect, scale = plan.page.map, plan.scale
    margin = 14 * scale
    side = min(rect.width * 0.26, rect.height * 0.34, 250 * scale)
    globe = plan.view.radius_deg > furniture.GLOBE_DEG
    sizes = [
        (side * share * (0.8 if globe else 1.15), side * share * (0.8 if globe else 1.0))
        for share in (1.0, 0.8, 0.62)
    ]
    locator = None
    # Where the map itself shows half the globe there is nothing to locate.
    if side > 60 and plan.view.radius_deg < furniture.WIDEST_DEG:
        order = ((1, 0), (0, 1), (1, 1), (0, 0))
        locator = furniture.corner_for(sizes, rect, margin=margin, ink=ink, taken=[], order=order)
    style = _bar_style(scale)
    bar, width = furniture.scale_bar_size(
        plan.view, plan.words, canvas.letters, style, min(rect.width * 0.24, 240 * scale)
    )
    spot = furniture.corner_for(
        [(width, style.px * 1.9)], rect, margin=margin * 0.8, ink=ink,
        taken=[] if locator is None else [locator], order=((0, 0), (1, 0), (0, 1), (1, 1)),
    )  # fmt: skip
    return locator, spot, bar


def _draw_lines(canvas: Canvas, plan: _Plan, lines: Sequence[NDArray[np.object_]]) -> None:
    palette, scale = plan.palette, plan.scale
    many = len(plan.content.lines) > 20
    for rim in (True, False):
        for line, parts in zip(plan.content.lines, lines, strict=True):
            width = scale * ((2.6 if line.quiet else 3.6 if many else 4.2) + 2.8 * line.under)
            if rim:
                canvas.shapes(parts, stroke=palette.casing, width=width + 3.0 * scale)
            else:
                dash, cap = furniture.stroke(line.mode, width)
                canvas.shapes(parts, stroke=getattr(palette, line.colour), width=width, dash=dash, cap=cap)


def _draw_leaders(canvas: Canvas, plan: _Plan, placed: Sequence[Placed]) -> None:
    for one in placed:
        if one.leader:
            left, bottom, right, top = one.box
            # To the nearest point of the text, a little short of it.
            x, y = min(max(one.tag.x, left), right), min(max(one.tag.y, bottom), top)
            line = shapely.LineString([(one.tag.x, one.tag.y), (x, y)])
            canvas.shapes([line], stroke=plan.palette.halo, width=2.6 * plan.scale)
            canvas.shapes([line], stroke=plan.palette.soft, width=0.9 * plan.scale)


def _draw_labels(canvas: Canvas, plan: _Plan, placed: Sequence[Placed]) -> None:
    for one in placed:
        tag = one.tag
        if tag.dot:
            colour = getattr(plan.palette, tag.colour)
            canvas.disc(tag.x, tag.y, tag.dot, fill=colour, stroke=plan.palette.halo, width=1.0 * plan.scale)
        furniture.draw_label(canvas, one, plan.palette)


def _draw_words(canvas: Canvas, plan: _Plan) -> None:
    page, palette, scale = plan.page, plan.palette, plan.scale
    x, y = page.map.left, canvas.size.height - _margin(canvas.size, scale) * 0.8
    for (style, lines), colour, leading in (
        (page.title, palette.ink, 1.2),
        (page.summary, palette.soft, 1.4),
    ):
        for line in lines:
            canvas.text(x, y - style.px * 0.85, line, style, colour)
            y -= style.px * leading
        y -= 3 * scale
    style = Style(13.5 * scale)
    for row in page.key:
        at = x
        for item in row:
            furniture.draw_key_item(canvas, item, at, y - style.px * 1.05, style, palette)
            at += item.width + style.px * 1.6
        y -= style.px * 1.6
    style, lines = page.credit
    y = page.map.bottom - 6 * scale
    for line in lines:
        canvas.text(x, y - style.px * 0.9, line, style, palette.soft)
        y -= style.px * 1.3

"""What lies on a map beside the map: scale bar, locator, legend, and the signs of halts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import shapely

from route.staticmap.lettering import wrapped
from route.staticmap.outlines import outlines
from route.staticmap.surroundings import arrange_countries
from route.staticmap.tags import ASCENT, LEADING, anchor, label_size
from route.staticmap.view import Rect, around, scale_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.basemap.palette import Palette
    from route.itinerary import Mode
    from route.staticmap.canvas import Canvas
    from route.staticmap.content import Content, Kind
    from route.staticmap.lettering import Lettering, Style
    from route.staticmap.tags import Placed
    from route.staticmap.view import ScaleBar, View
    from route.words import Words

__all__ = [
    "GLOBE_DEG",
    "WIDEST_DEG",
    "KeyItem",
    "corner_for",
    "draw_key_item",
    "draw_label",
    "draw_locator",
    "draw_scale_bar",
    "draw_sign",
    "flowed",
    "key_items",
    "scale_bar_size",
    "stroke",
]

_LOCATOR_TIMES = 5.0  # how much further the locator looks than the map
_LOCATOR_LEAST_M = 450_000.0  # so far that the reader knows the coast
GLOBE_DEG = 16.0  # a map of this radius is located on the globe
WIDEST_DEG = 50.0  # a map of this radius needs no locator


class KeyItem(NamedTuple):
    """An entry of the legend.

    Parameters
    ----------
    text : str
        What it says.
    colours : tuple of str
        Names of colours of the palette: those of the line, one after the other.
    mode : str or None
        Mode of the line it explains; ``None`` if it explains a sign.
    kind : str or None
        Halt that the sign stands for.
    width : float
        On the page, in pixels.
    """

    text: str
    colours: tuple[str, ...]
    mode: Mode | None
    kind: Kind | None
    width: float


def key_items(
    content: Content, words: Words, letters: Lettering, style: Style, width: float
) -> list[KeyItem]:
    """Legend of a picture.

    Parameters
    ----------
    content : Content
        What the picture shows.
    words : Words
        Texts in its language.
    letters : Lettering
        The fonts.
    style : Style
        How the legend looks.
    width : float
        Of a row, in pixels; a longer entry is cut.

    Returns
    -------
    list of KeyItem
        Lines, then signs.
    """
    kinds = dict.fromkeys(
        kind for group in (content.marks, content.stops) for thing in group for kind in thing.kinds
    )
    rows: list[tuple[str, tuple[str, ...], Mode | None, Kind | None]] = [
        (text, colours, mode, None) for colours, mode, text in content.key
    ]
    rows += [(words[kind], (), None, kind) for kind in kinds]
    made = []
    for text, colours, mode, kind in rows:
        head = style.px * (2.5 if mode is not None else 1.45)
        (written,) = wrapped(letters.writable(text), style, width - head, letters, most=1)
        made.append(KeyItem(written, colours, mode, kind, head + letters.width(written, style)))
    return made


def flowed(items: Sequence[KeyItem], width: float, gap: float, *, most: int) -> list[list[KeyItem]]:
    """Entries of a legend in rows.

    Parameters
    ----------
    items : sequence of KeyItem
        The entries.
    width : float
        Of a row, in pixels.
    gap : float
        Between entries, in pixels.
    most : int
        How many rows there may be.

    Returns
    -------
    list of list of KeyItem
        Entries by row; those after the last row are left out.
    """
    rows: list[list[KeyItem]] = []
    used = 0.0
    for item in items:
        if rows and used + gap + item.width <= width:
            rows[-1].append(item)
            used += gap + item.width
        else:
            rows.append([item])
            used = item.width
    return rows[:most]


def stroke(mode: Mode, width: float) -> tuple[list[float] | None, Literal["butt", "round"]]:
    """How a line of a mode is dashed, and how its dashes end.

    Parameters
    ----------
    mode : str
        ``rail``, ``ferry`` or ``road``.
    width : float
        Of the line, in pixels.

    Returns
    -------
    dash : list of float or None
        Dash and gap, in pixels; ``None`` for a solid line.
    cap : str
        ``butt`` or ``round``.
    """
    if mode == "road":
        return [width * 1.5, width * 1.1], "butt"
    if mode == "ferry":
        return [width * 0.02, width * 1.75], "round"
    return None, "round"


def draw_key_item(canvas: Canvas, item: KeyItem, x: float, y: float, style: Style, palette: Palette) -> None:
    """Draw an entry of the legend.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    item : KeyItem
        The entry.
    x, y : float
        Left end of its base line, in pixels.
    style : Style
        How its text looks.
    palette : Palette
        Colours.
    """
    middle = y + style.px * 0.33
    if item.mode is not None:
        width = style.px * 0.26
        dash, cap = stroke(item.mode, width)
        ends = np.linspace(x + width / 2, x + style.px * 1.9, len(item.colours) + 1)
        for colour, start, end in zip(item.colours, ends[:-1], ends[1:], strict=True):
            line = shapely.LineString([(start, middle), (end, middle)])
            canvas.shapes([line], stroke=getattr(palette, colour), width=width, dash=dash, cap=cap)
        canvas.text(x + style.px * 2.5, y, item.text, style, palette.soft)
    elif item.kind is not None:
        draw_sign(canvas, item.kind, x + style.px * 0.5, middle, style.px * 1.0, palette)
        canvas.text(x + style.px * 1.45, y, item.text, style, palette.soft)


def draw_sign(canvas: Canvas, kind: Kind, x: float, y: float, side: float, palette: Palette) -> None:
    """Draw the sign of a halt: a border, rails of two gauges, or a train that turns.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    kind : str
        ``border``, ``break_of_gauge`` or ``reversal``.
    x, y : float
        Its middle, in pixels.
    side : float
        Its width and height, in pixels.
    palette : Palette
        Colours.
    """
    half, width = side / 2, side * 0.1
    square = shapely.box(x - half * 0.62, y - half * 0.62, x + half * 0.62, y + half * 0.62)
    canvas.shapes([square.buffer(half * 0.3)], fill=palette.paper, stroke=palette.ink, width=width)
    unit = half / 10
    if kind == "border":
        strokes = [[(0.0, low), (0.0, low + 3.0)] for low in (-6.0, -1.5, 3.0)]
    elif kind == "break_of_gauge":
        strokes = [[(-5.0, -6.0), (-2.2, 6.0)], [(5.0, -6.0), (2.2, 6.0)]]
    else:
        strokes = [[(-6.0, 2.8), (5.0, 2.8), (2.0, 5.4)], [(6.0, -2.8), (-5.0, -2.8), (-2.0, -5.4)]]
    lines = [shapely.LineString([(x + a * unit, y + b * unit) for a, b in line]) for line in strokes]
    canvas.shapes(lines, stroke=palette.ink, width=width * 1.15)


def corner_for(
    sizes: Sequence[tuple[float, float]],
    rect: Rect,
    *,
    margin: float,
    ink: NDArray[np.float64],
    taken: Sequence[Rect],
    order: Sequence[tuple[int, int]],
) -> Rect | None:
    """Corner of the map in which something covers no route.

    Parameters
    ----------
    sizes : sequence of (float, float)
        Widths and heights it may have, the best first.
    rect : Rect
        The map.
    margin : float
        Distance from its sides, in pixels.
    ink : ndarray of shape (n, 2)
        Points of routes and stops, in pixels.
    taken : sequence of Rect
        Where something else is.
    order : sequence of (int, int)
        Corners, the best first: 0 or 1 for left or right, and for bottom or top.

    Returns
    -------
    Rect or None
        Where it goes; ``None`` if there is no free corner.
    """
    for width, height in sizes:
        for right, top in order:
            left = rect.right - margin - width if right else rect.left + margin
            bottom = rect.top - margin - height if top else rect.bottom + margin
            spot = Rect(left, bottom, left + width, bottom + height)
            wide = spot.grown(margin)
            if any(wide.left < t.right and wide.right > t.left and wide.bottom < t.top and wide.top > t.bottom
                   for t in taken):  # fmt: skip
                continue
            x, y = ink.T
            if not ((x > wide.left) & (x < wide.right) & (y > wide.bottom) & (y < wide.top)).any():
                return spot
    return None


def scale_bar_size(
    view: View, words: Words, letters: Lettering, style: Style, longest: float
) -> tuple[ScaleBar, float]:
    """Scale bar of a map, and how wide it gets with its figures.

    Parameters
    ----------
    view : View
        The map.
    words : Words
        Texts in its language.
    letters : Lettering
        The fonts.
    style : Style
        How its figures look.
    longest : float
        Longest bar, in pixels.

    Returns
    -------
    bar : ScaleBar
        The bar.
    width : float
        With its figures, in pixels.
    """
    bar = scale_bar(view, longest)
    label = letters.writable(
        words.kilometres(bar.length_m) if bar.length_m >= 1000 else f"{bar.length_m:.0f} m"
    )
    return bar, max(
        bar.pixels + letters.width(label, style) * 0.5 + style.px * 0.4, letters.width(label, style)
    )


def draw_scale_bar(
    canvas: Canvas, bar: ScaleBar, spot: Rect, words: Words, style: Style, palette: Palette
) -> None:
    """Draw a scale bar with ticks at its ends and its middle.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    bar : ScaleBar
        The bar.
    spot : Rect
        Where it goes.
    words : Words
        Texts in the language of the picture.
    style : Style
        How its figures look.
    palette : Palette
        Colours.
    """
    letters = canvas.letters
    x, y, tick = spot.left + style.px * 0.4, spot.bottom + style.px * 0.2, style.px * 0.4
    line = shapely.LineString([(x, y + tick), (x, y), (x + bar.pixels, y), (x + bar.pixels, y + tick)])
    middle = shapely.LineString([(x + bar.pixels / 2, y), (x + bar.pixels / 2, y + tick * 0.75)])
    for colour, width in ((palette.halo, 0.32), (palette.ink, 0.11)):
        canvas.shapes([line, middle], stroke=colour, width=style.px * width, cap="butt")
    halo = (palette.halo, style.px * 0.16)
    top = y + tick + style.px * 0.3
    end = words.kilometres(bar.length_m) if bar.length_m >= 1000 else f"{bar.length_m:.0f} m"
    end = letters.writable(end)
    canvas.text(x, top, letters.writable(words.number(0)), style, palette.ink, align="center", halo=halo)
    # The figure stands over the tick, its unit right of it.
    number = words.number(bar.length_m / 1000 if bar.length_m >= 1000 else bar.length_m)
    figure = letters.width(letters.writable(number), style)
    canvas.text(x + bar.pixels - figure / 2, top, end, style, palette.ink, halo=halo)


def draw_label(canvas: Canvas, placed: Placed, palette: Palette) -> None:
    """Write a label at its place.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    placed : Placed
        The label.
    palette : Palette
        Colours.
    """
    tag = placed.tag
    width, height = label_size(tag, canvas.letters)
    x, y, align = anchor(placed, width, height)
    # On water a rim would show as a stain.
    halo = None if tag.style.italic else (palette.halo, tag.style.px * 0.15)
    base = y + height - tag.style.px * ASCENT
    for line in tag.lines:
        canvas.text(x, base, line, tag.style, getattr(palette, tag.colour), align=align, halo=halo)
        base -= tag.style.px * LEADING
    at = x + canvas.letters.width(tag.lines[0], tag.style) + tag.style.px * 0.8
    for kind in tag.kinds:
        middle = y + height - tag.style.px * (ASCENT - 0.36)
        draw_sign(canvas, kind, at, middle, tag.style.px * 0.95, palette)
        at += tag.style.px * 1.15


def draw_locator(
    canvas: Canvas, view: View, spot: Rect, palette: Palette, *, scale: float, lang: str | None
) -> None:
    """Draw where on the globe, or in its region, the map lies.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    view : View
        The map.
    spot : Rect
        Where the locator goes.
    palette : Palette
        Colours.
    scale : float
        Size of letters and signs.
    lang : str or None
        Language of the names of countries.
    """
    globe = view.radius_deg > GLOBE_DEG
    half_m = math.hypot(view.rect.width, view.rect.height) / 2 * view.metres
    reach = math.inf if globe else max(half_m * _LOCATOR_TIMES, _LOCATOR_LEAST_M) * 0.75
    there = around(*view.centre, spot, reach)
    shapes = outlines(there, smallest_px=2.0 * scale, tolerance_px=0.4 * scale)
    if shapes.world is not None:
        canvas.shapes([shapes.world.buffer(2.5 * scale)], fill=palette.paper)
        canvas.shapes([shapes.world], fill=palette.sea)
    else:
        canvas.box(spot.grown(2.5 * scale), fill=palette.paper)
        canvas.clip(spot)
        canvas.box(spot, fill=palette.sea)
    canvas.shapes(shapes.land, fill=palette.land, stroke=palette.land, width=0.6 * scale)
    canvas.shapes(shapes.lakes, fill=palette.lake)
    canvas.shapes(shapes.coasts, stroke=palette.coast, width=0.6 * scale)
    canvas.shapes([*shapes.borders, *shapes.disputed], stroke=palette.border, width=0.5 * scale)
    marked = _draw_frame(canvas, view, there, shapes.world, palette, scale)
    if not globe:
        for one in arrange_countries(
            there, canvas.letters, scale=scale, lang=lang, obstacles=[marked.grown(scale)]
        ):
            draw_label(canvas, one, palette)
    canvas.clip(None)
    if shapes.world is not None:
        canvas.shapes([shapes.world], stroke=palette.coast, width=1.2 * scale)
    else:
        canvas.box(spot, stroke=palette.coast, width=1.2 * scale)


def _draw_frame(
    canvas: Canvas, view: View, there: View, world: shapely.Polygon | None, palette: Palette, scale: float
) -> Rect:
    """Mark the part of the locator that the map shows, or where it is; gives the rectangle around the mark."""
    points = there.to_px(view.outline())
    points = points[np.all(np.isfinite(points), axis=1)]
    sides = np.ptp(points, axis=0)
    if sides.max() < 9 * scale:
        ((x, y),) = there.to_px(np.array([view.centre]))
        canvas.shapes([shapely.box(x - 4 * scale, y - 4 * scale, x + 4 * scale, y + 4 * scale)],
                      fill=palette.c0, stroke=palette.paper, width=1.6 * scale)  # fmt: skip
        return Rect(x, y, x, y).grown(5 * scale)
    area = shapely.make_valid(shapely.Polygon(points))
    if world is not None:
        area = shapely.intersection(area, world)
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    canvas.shapes(parts, fill=palette.c0, alpha=0.12)
    canvas.shapes(parts, stroke=palette.c0, width=1.8 * scale)
    return Rect(*area.bounds)

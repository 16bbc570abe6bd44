"""Labels as values: what they say, how large they are, and where their text stands in their box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import shapely

    from route.staticmap.content import Kind
    from route.staticmap.lettering import Lettering, Style
    from route.staticmap.view import Rect, View

__all__ = ["ASCENT", "LEADING", "Placed", "Sheet", "Tag", "anchor", "label_size", "size_of"]

LEADING = 1.22  # line height, in sizes of the letters
ASCENT, _DESCENT = 0.76, 0.22  # of the letters, in their sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A label before it has a place.

    Parameters
    ----------
    lines : tuple of str
        What it says.
    style : Style
        How its letters look.
    colour : str
        Name of a colour of the palette.
    x, y : float
        The point it belongs to, in pixels.
    kinds : tuple of str
        Halts whose signs follow the first line.
    dot : float
        Radius of a dot to draw at the point along with the label, in pixels; 0 for none.
    led : bool
        Whether a leader may join it to its point.
    """

    lines: tuple[str, ...]
    style: Style
    colour: str
    x: float
    y: float
    kinds: tuple[Kind, ...] = ()
    dot: float = 0.0
    led: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A label at its place.

    Parameters
    ----------
    tag : Tag
        The label.
    box : tuple of (float, float, float, float)
        Left, bottom, right and top of its text, in pixels.
    leader : bool
        Whether a line joins it to its point.
    """

    tag: Tag
    box: tuple[float, float, float, float]
    leader: bool


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What labels have to fit into.

    Parameters
    ----------
    view : View
        The view.
    letters : Lettering
        The fonts.
    scale : float
        Size of letters and signs, 1 for a picture of a million pixels.
    frame : Rect
        What no label leaves, in pixels.
    land : STRtree
        Land, in pixels.
    """

    view: View
    letters: Lettering
    scale: float
    frame: Rect
    land: shapely.STRtree

    def px(self, lon: float, lat: float) -> tuple[float, float]:
        """Point of the globe on the picture.

        Parameters
        ----------
        lon, lat : float
            Degrees, WGS 84.

        Returns
        -------
        tuple of (float, float)
            Pixels.
        """
        ((x, y),) = self.view.to_px(np.array([[lon, lat]]))
        return float(x), float(y)


def size_of(lines: Sequence[str], style: Style, letters: Lettering) -> tuple[float, float]:
    """Size of some lines of text.

    Parameters
    ----------
    lines : sequence of str
        The lines.
    style : Style
        How they look.
    letters : Lettering
        The fonts.

    Returns
    -------
    tuple of (float, float)
        Width and height, in pixels.
    """
    width = max(letters.width(line, style) for line in lines)
    return width, style.px * (LEADING * (len(lines) - 1) + ASCENT + _DESCENT)


def label_size(tag: Tag, letters: Lettering) -> tuple[float, float]:
    """Size of the text of a label with its signs.

    Parameters
    ----------
    tag : Tag
        The label.
    letters : Lettering
        The fonts.

    Returns
    -------
    tuple of (float, float)
        Width and height, in pixels.
    """
    width, height = size_of(tag.lines, tag.style, letters)
    signs = len(tag.kinds) * tag.style.px * 1.15 + (0.2 * tag.style.px if tag.kinds else 0.0)
    return max(width, letters.width(tag.lines[0], tag.style) + signs), height


def anchor(
    placed: Placed, width: float, height: float
) -> tuple[float, float, Literal["left", "center", "right"]]:
    """Where the text of a label stands in its box.

    Parameters
    ----------
    placed : Placed
        The label.
    width, height : float
        Size of its text, in pixels.

    Returns
    -------
    x, y : float
        Point of its lower edge at which it is aligned, in pixels.
    align : str
        ``left``, ``center`` or ``right``: towards its point, and always to the left with signs behind it.
    """
    left, bottom, right, top = placed.box
    tag = placed.tag
    middle = (left + right) / 2
    if not tag.dot:
        y = (bottom + top - height) / 2
        # The box has room for the rim of the letters.
        rim = (right - left - width) / 2
        if tag.kinds or tag.x <= left:
            return left + rim, y, "left"
        return (right - rim, y, "right") if tag.x >= right else (middle, y, "center")
    # The box of a city holds its dot, too: the text is on the side where it is wider.
    space = tag.dot * 2.0
    if abs(middle - tag.x) > width * 0.25:
        y = tag.y - height / 2
        return (tag.x + space, y, "left") if middle > tag.x else (tag.x - space, y, "right")
    above = (bottom + top) / 2 > tag.y
    return tag.x, tag.y + space if above else tag.y - space - height, "center"

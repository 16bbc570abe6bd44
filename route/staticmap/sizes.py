"""How large a picture is."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from route.errors import InputError

__all__ = ["LARGEST", "NAMED", "SMALLEST", "Size", "parse_size", "suiting"]

SMALLEST, LARGEST = 200, 10_000  # pixels; smaller holds no words, larger no machine's memory


class Size(NamedTuple):
    """Width and height of a picture.

    Parameters
    ----------
    width, height : int
        Pixels; in SVG and PDF those of CSS, 96 to an inch.
    """

    width: int
    height: int


NAMED = {
    "landscape": Size(1200, 800),
    "square": Size(1200, 1200),
    "portrait": Size(900, 1200),
    "hd": Size(1920, 1080),
    "a4": Size(2480, 3508),
    "a4-landscape": Size(3508, 2480),
}
# By the width of a route over its height, up to which each suits.
_SUITING = ((0.55, Size(900, 1200)), (1.9, Size(1200, 900)), (math.inf, Size(1200, 750)))


def parse_size(text: str) -> Size:
    """Size from what a person writes.

    Parameters
    ----------
    text : str
        Width and height in pixels, such as ``1200x800``, or the name of a size.

    Returns
    -------
    Size
        The size.

    Raises
    ------
    InputError
        If it is neither, or too small or too large to draw.
    """
    word = text.strip().casefold()
    if word in NAMED:
        return NAMED[word]
    match = re.fullmatch(r"([0-9]{1,9})\s*[x×*]\s*([0-9]{1,9})", word)
    if match is None:
        raise InputError(
            f"Cannot read the size {text!r}. Write width and height in pixels, such as 1200x800, "
            f"or one of: {', '.join(NAMED)}."
        )
    size = Size(int(match[1]), int(match[2]))
    if min(size) < SMALLEST or max(size) > LARGEST:
        raise InputError(
            f"The size {size.width}x{size.height} cannot be drawn. "
            f"Each side takes {SMALLEST} to {LARGEST} pixels."
        )
    return size


def suiting(proportion: float) -> Size:
    """Size that suits a route.

    Parameters
    ----------
    proportion : float
        Width of the route over its height.

    Returns
    -------
    Size
        Upright for a route from north to south, low for one from east to west.
    """
    return next(size for limit, size in _SUITING if proportion <= limit)

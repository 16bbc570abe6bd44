"""The labels of a picture: what may be written where, the most important first, and what of it has room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.staticmap.lettering import Style, wrapped
from route.staticmap.placement import Label, around_point, place
from route.staticmap.surroundings import city_labels, country_labels, sea_labels
from route.staticmap.tags import Placed, Sheet, Tag, label_size, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from route.staticmap.content import Content
    from route.staticmap.lettering import Lettering
    from route.staticmap.surroundings import Names
    from route.staticmap.view import Rect, View

__all__ = ["arrange", "ink_of"]

# Distances of a label from its point in widths of a letter, and their costs; far ones get a leader.
_RINGS = ((0.0, 0.0), (0.7, 1.2), (1.5, 2.2), (2.8, 3.2), (4.2, 4.4), (6.0, 5.8), (8.5, 7.5), (11.0, 9.0))
_LED_FROM = 1.25  # widths of a letter beyond which a leader joins label and point
_MOST_DISTANCES = 24
_STEP = 4.0  # pixels between the points that stand for a line, at scale 1


def ink_of(lines: Sequence[shapely.Geometry], scale: float) -> NDArray[np.float64]:
    """Points evenly along lines.

    Parameters
    ----------
    lines : sequence of LineString
        Lines, in pixels.
    scale : float
        Size of the picture's letters and signs, 1 for a picture of a million pixels.

    Returns
    -------
    ndarray of shape (n, 2)
        Points, in pixels.
    """
    if not len(lines):
        return np.zeros((0, 2))
    return np.asarray(shapely.get_coordinates(shapely.segmentize(np.asarray(lines), _STEP * scale)))


def arrange(
    content: Content,
    names: Names,
    view: View,
    letters: Lettering,
    *,
    scale: float,
    obstacles: Sequence[Rect],
    ink: NDArray[np.float64],
    land: Iterable[shapely.Geometry],
) -> list[Placed]:
    """Labels of a picture at their places.

    Parameters
    ----------
    content : Content
        What the picture shows.
    names : Names
        Names of the basemap.
    view : View
        The view.
    letters : Lettering
        The fonts.
    scale : float
        Size of letters and signs.
    obstacles : sequence of Rect
        What no label may cover.
    ink : ndarray of shape (n, 2)
        Points along the routes, in pixels.
    land : iterable of Polygon
        Land, in pixels; seas are not written on it.

    Returns
    -------
    list of Placed
        Those that have room, clear of each other and of the obstacles.
    """
    frame = view.rect.grown(-5 * scale)
    sheet = Sheet(view, letters, scale, frame, shapely.STRtree(list(land)))
    made = [
        *_stop_labels(sheet, content),
        *_distance_labels(sheet, content),
        *sea_labels(sheet, names),
        *country_labels(sheet, names),
        *city_labels(sheet, names, obstacles),
    ]
    chosen = place(
        [label for _, label in made],
        frame=frame,
        obstacles=np.array(obstacles).reshape(-1, 4),
        ink=ink,
    )
    placed = []
    for (tag, label), at in zip(made, chosen, strict=True):
        if at is not None:
            left, bottom, right, top = label.boxes[at].tolist()
            x, y = min(max(tag.x, left), right), min(max(tag.y, bottom), top)
            away = math.hypot(tag.x - x, tag.y - y)
            leader = tag.led and away > _LED_FROM * tag.style.px
            placed.append(Placed(tag, (left, bottom, right, top), leader))
    return placed


def _rim(sheet: Sheet) -> NDArray[np.float64]:
    """What a box grows by to hold the rim of its letters, too."""
    return np.array([-3.5, -1.5, 3.5, 1.5]) * sheet.scale


def _stop_labels(sheet: Sheet, content: Content) -> list[tuple[Tag, Label]]:
    many = len(content.stops) > 12
    plain = 13.5 if many else 16.0
    tags: list[tuple[Tag, float]] = []
    for stop in content.stops:
        x, y = sheet.px(stop.lon, stop.lat)
        style = Style((19.0 if stop.end else plain) * sheet.scale, bold=stop.end or not many)
        name = sheet.letters.first_of(stop.names)
        lines = tuple(wrapped(name, style, sheet.view.rect.width * 0.4, sheet.letters, most=3))
        tags.append((Tag(lines=lines, style=style, colour="ink", x=x, y=y, kinds=stop.kinds, led=True), 11.0))
    marks = []
    for mark in content.marks:
        x, y = sheet.px(mark.lon, mark.lat)
        style = Style(13.0 * sheet.scale)
        name = sheet.letters.writable(mark.name)
        marks.append(
            (Tag(lines=(name,), style=style, colour="ink", x=x, y=y, kinds=mark.kinds, led=True), 9.0)
        )
    made = []
    for tag, gap in (*tags, *marks):
        width, height = label_size(tag, sheet.letters)
        rings = [(away * tag.style.px, cost) for away, cost in _RINGS]
        boxes, costs = around_point(tag.x, tag.y, width, height, gap=gap * sheet.scale, rings=rings)
        made.append((tag, Label(boxes + _rim(sheet), costs, 14.0, point=(tag.x, tag.y))))
    return made


def _distance_labels(sheet: Sheet, content: Content) -> list[tuple[Tag, Label]]:
    lines = [line for line in content.lines if not line.quiet]
    if len(lines) > _MOST_DISTANCES:
        return []
    made = []
    for line in lines:
        style = Style(13.0 * sheet.scale, bold=True)
        text = sheet.letters.writable(line.distance)
        width, height = size_of((text,), style, sheet.letters)
        points = sheet.view.to_px(line.points)
        steps = np.hypot(*np.diff(points, axis=0).T)
        measures = np.concatenate([[0.0], np.cumsum(steps)])
        # A leg shorter than its label has its length in the legend.
        if measures[-1] < width * 1.1:
            continue
        boxes, costs = [], []
        for share in (0.5, 0.42, 0.58, 0.34, 0.66):
            x, y = (float(np.interp(share * measures[-1], measures, points[:, axis])) for axis in (0, 1))
            some, cost = around_point(
                x, y, width, height, gap=9 * sheet.scale, rings=[(0.0, 0.0), (5 * sheet.scale, 0.6)]
            )
            boxes.append(some)
            costs.append(cost + abs(share - 0.5) * 5)
        tag = Tag(lines=(text,), style=style, colour=line.colour, x=x, y=y)
        made.append((tag, Label(np.concatenate(boxes) + _rim(sheet), np.concatenate(costs), limit=4.0)))
    return made

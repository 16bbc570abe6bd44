"""Names of the surroundings: countries, cities and seas, and where on the picture each may stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.basemap import placenames
from route.basemap.shapes import Box
from route.staticmap.lettering import Style
from route.staticmap.placement import Label, place
from route.staticmap.tags import Placed, Sheet, Tag, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.staticmap.content import Content
    from route.staticmap.lettering import Lettering
    from route.staticmap.view import Rect, View

__all__ = ["Names", "arrange_countries", "city_labels", "country_labels", "names_in", "sea_labels"]

_LOCAL_M = 80_000.0  # width of a map below which the only country in sight goes without saying


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Names of the basemap in a view.

    Parameters
    ----------
    countries : sequence of CountryLabel
        Those with most room first.
    cities : sequence of CityLabel
        The largest first.
    seas : sequence of SeaLabel
        Oceans first.
    """

    countries: Sequence[placenames.CountryLabel]
    cities: Sequence[placenames.CityLabel]
    seas: Sequence[placenames.SeaLabel]

    def texts(self) -> list[str]:
        """All names, in small letters and capitals.

        Returns
        -------
        list of str
            What a font has to have letters for.
        """
        names = [item["name"] for group in (self.countries, self.cities, self.seas) for item in group]
        return names + [item["name"].upper() for item in self.countries]


def names_in(view: View, content: Content, lang: str | None) -> Names:
    """Names of countries, cities and seas that a view may show.

    Parameters
    ----------
    view : View
        The view.
    content : Content
        What the picture shows: the names of its stops are written already.
    lang : str or None
        Language of the names.

    Returns
    -------
    Names
        Names with their positions.
    """
    box = _box(view)
    route = np.concatenate([line.points for line in content.lines])
    middle = (box.west + box.east) / 2
    route[:, 0] += 360.0 * round((middle - route[:, 0].mean()) / 360.0)
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    quarters = [
        Box(west, south, east, north)
        for west, east in pairwise((box.west, lon, box.east))
        for south, north in pairwise((box.south, lat, box.north))
    ]
    # The names alone: whether there is room beside a stop is seen on the picture.
    avoid = [(name, middle + 180.0, -85.0) for stop in content.stops for name in stop.names[:-1]]
    return Names(
        placenames.countries(route, [box, *quarters], lang=lang),
        placenames.cities(box, avoid=avoid, lang=lang),
        placenames.seas(Box(middle - 180.0, -90.0, middle + 180.0, 90.0), lang=lang),
    )


def _box(view: View) -> Box:
    """Rectangle of degrees that holds a view, round its middle."""
    found = view.samples(33)
    lon0, _ = view.centre
    west_to_east = found[:, 0] - lon0
    lon = lon0 + west_to_east - 360.0 * np.round(west_to_east / 360.0)
    south, north = float(found[:, 1].min()), float(found[:, 1].max())
    for pole in (-89.9, 89.9):
        if view.shows(lon0, pole):
            lon = np.array([lon0 - 180.0, lon0 + 180.0])
            south, north = min(south, pole), max(north, pole)
    return Box(float(lon.min()), max(south, -85.0), float(lon.max()), min(north, 85.0))


def sea_labels(sheet: Sheet, names: Names) -> list[tuple[Tag, Label]]:
    """Labels of seas, on water that no land parts from where the name usually stands.

    Parameters
    ----------
    sheet : Sheet
        What they have to fit into.
    names : Names
        The names.

    Returns
    -------
    list of (Tag, Label)
        Oceans first.
    """
    rect = sheet.view.rect
    reach = 0.22 * min(rect.width, rect.height)
    widest = _box(sheet.view)
    wide = max(widest.east - widest.west, widest.north - widest.south)
    made: list[tuple[Tag, Label]] = []
    for sea in names.seas:
        x, y = sheet.px(sea["lon"], sea["lat"])
        beyond = max(rect.left - x, x - rect.right, rect.bottom - y, y - rect.top)
        # Small waters have no room on a map of a continent.
        if not math.isfinite(beyond) or beyond > 0.4 * reach or sea["zoom"] > math.log2(360.0 / wide) + 2.5:
            continue
        style = Style((19.0 if sea["zoom"] <= 3 else 16.0) * sheet.scale, italic=True)
        lines = _split(sheet.letters.writable(sea["name"]))
        width, height = size_of(lines, style, sheet.letters)
        shifts = np.linspace(-1.0, 1.0, 9) * (reach + max(beyond, 0.0))
        dx, dy = (grid.ravel() for grid in np.meshgrid(shifts, shifts))
        boxes = np.column_stack(
            [x + dx - width / 2, y + dy - height / 2, x + dx + width / 2, y + dy + height / 2]
        )
        costs = np.hypot(dx, dy) / reach * 2.0
        inside = (boxes[:, 0] > rect.left) & (boxes[:, 1] > rect.bottom) & (boxes[:, 2] < rect.right)
        inside &= boxes[:, 3] < rect.top
        boxes, costs = boxes[inside], costs[inside]
        wet = _wet(sheet, boxes, (x, y))
        # Better in the open than squeezed between shore and frame.
        air = 26 * sheet.scale
        open_water = _wet(sheet, boxes + np.array([-air, -air, air, air]), (x, y))
        within = rect.grown(-air)
        open_water &= (boxes[:, 0] > within.left) & (boxes[:, 2] < within.right)
        open_water &= (boxes[:, 1] > within.bottom) & (boxes[:, 3] < within.top)
        costs = costs + np.where(open_water, 0.0, 1.0)
        boxes = boxes + np.array([-1.0, -1.0, 1.0, 1.0]) * 8 * sheet.scale
        if wet.any():
            tag = Tag(lines=lines, style=style, colour="seaink", x=x, y=y)
            made.append((tag, Label(boxes[wet], costs[wet], limit=6.0)))
    return made


def _split(name: str) -> tuple[str, ...]:
    """A name of several words in two lines: at its bracket, else where the lines are most equal."""
    if " (" in name:
        head, tail = name.split(" (", 1)
        return head, f"({tail}"
    cuts = [index for index, letter in enumerate(name) if letter == " "]
    if len(name) < 12 or not cuts:
        return (name,)
    best = min(cuts, key=lambda cut: (abs(2 * cut - len(name)), cut))
    return name[:best], name[best + 1 :]


def _wet(sheet: Sheet, boxes: NDArray[np.float64], start: tuple[float, float]) -> NDArray[np.bool_]:
    """Whether boxes lie on water that no land parts from the usual place of the name."""
    areas = shapely.box(*boxes.T)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    ways = shapely.linestrings(np.stack([np.broadcast_to(start, middles.shape), middles], axis=1))
    # Islands are forgiven.
    mainland = [shape for shape in sheet.land.geometries if shape.area > 400 * sheet.scale**2]
    main = shapely.STRtree(mainland)
    dry = np.zeros(len(boxes), dtype=bool)
    dry[main.query(ways, predicate="crosses")[0]] = True
    covered = np.zeros(len(boxes))
    which, shapes = sheet.land.query(areas, predicate="intersects")
    overlap = shapely.intersection(shapely.make_valid(sheet.land.geometries[shapes]), areas[which])
    np.add.at(covered, which, shapely.area(overlap))
    return np.asarray(~dry & (covered < 0.03 * shapely.area(areas)))


def country_labels(sheet: Sheet, names: Names, px: float = 14.0) -> list[tuple[Tag, Label]]:
    """Labels of countries, inside their borders.

    Parameters
    ----------
    sheet : Sheet
        What they have to fit into.
    names : Names
        The names.
    px : float
        Size of the letters at scale 1, in pixels.

    Returns
    -------
    list of (Tag, Label)
        Those with most room first.
    """
    made = []
    if len(names.countries) == 1 and sheet.view.rect.width * sheet.view.metres < _LOCAL_M:
        return []
    for country in names.countries:
        style = Style(max(px * sheet.scale, 8.0), bold=True)
        name = sheet.letters.writable(country["name"])
        capital = name.upper()
        if sheet.letters.can_write(capital):
            name = capital
        boxes: list[tuple[float, float, float, float]] = []
        costs: list[float] = []
        chosen: tuple[str, ...] = ()
        for order, (lon, lat, room) in enumerate(country["at"]):
            x, y = sheet.px(lon, lat)
            radius = room * 111_000 / sheet.view.metres * max(math.cos(math.radians(lat)), 0.3)
            lines = (name,) if sheet.letters.width(name, style) < radius * 2.1 else _split(name)
            width, height = size_of(lines, style, sheet.letters)
            if not math.isfinite(x) or width > radius * 2.3 or (boxes and lines != chosen):
                continue
            chosen = lines
            for dx, dy, cost in ((0, 0, 0.0), (0, 0.4, 0.3), (0, -0.4, 0.3), (0.3, 0, 0.4), (-0.3, 0, 0.4)):
                left, bottom = x - width / 2 + dx * radius, y - height / 2 + dy * radius
                boxes.append((left, bottom, left + width, bottom + height))
                costs.append(cost + order * 0.2)
        if boxes:
            tag = Tag(lines=chosen, style=style, colour="quiet", x=x, y=y)
            made.append((tag, Label(np.array(boxes), np.array(costs), limit=3.0)))
    return made[:14]


def city_labels(sheet: Sheet, names: Names, obstacles: Sequence[Rect]) -> list[tuple[Tag, Label]]:
    """Labels of cities, each with its dot in its box.

    Parameters
    ----------
    sheet : Sheet
        What they have to fit into.
    names : Names
        The names.
    obstacles : sequence of Rect
        What their dots keep off, in pixels.

    Returns
    -------
    list of (Tag, Label)
        The largest first, as many as a reader can take in.
    """
    rect = sheet.view.rect
    most = round(4 + rect.width * rect.height / (95_000 * sheet.scale**2))
    style = Style(12.5 * sheet.scale)
    gap, dot, air = 5 * sheet.scale, 2.6 * sheet.scale, 5 * sheet.scale
    made: list[tuple[Tag, Label]] = []
    taken: list[tuple[float, float]] = []
    for city in names.cities:
        x, y = sheet.px(city["lon"], city["lat"])
        near = min((math.hypot(x - a, y - b) for a, b in taken), default=math.inf)
        hidden = any(r.left - air < x < r.right + air and r.bottom - air < y < r.top + air for r in obstacles)
        if not sheet.view.shows(city["lon"], city["lat"]) or near < 70 * sheet.scale or hidden:
            continue
        name = sheet.letters.writable(city["name"])
        width, height = size_of((name,), style, sheet.letters)
        boxes = np.array([
            (x - dot, y - height / 2, x + gap + width, y + height / 2),
            (x - gap - width, y - height / 2, x + dot, y + height / 2),
            (x - width / 2, y - dot, x + width / 2, y + gap + height),
            (x - width / 2, y - gap - height, x + width / 2, y + dot),
        ])  # fmt: skip
        boxes += np.array([-air, -air * 0.6, air, air * 0.6])
        tag = Tag(lines=(name,), style=style, colour="quiet", x=x, y=y, dot=dot)
        made.append((tag, Label(boxes, np.array([0.0, 0.3, 0.5, 0.6]), limit=1.2)))
        taken.append((x, y))
        if len(made) >= most:
            break
    return made


def arrange_countries(
    view: View, letters: Lettering, *, scale: float, lang: str | None, obstacles: Sequence[Rect]
) -> list[Placed]:
    """Names of countries on a locator.

    Parameters
    ----------
    view : View
        What it shows.
    letters : Lettering
        The fonts.
    scale : float
        Size of letters and signs.
    lang : str or None
        Language of the names.
    obstacles : sequence of Rect
        What no name may cover.

    Returns
    -------
    list of Placed
        The largest few that have room.
    """
    box = _box(view)
    # Names keep off a route: here there is none but the middle of the map.
    route = np.array([view.centre, view.centre])
    names = Names(placenames.countries(route, [box], lang=lang)[:6], (), ())
    sheet = Sheet(view, letters, scale, view.rect.grown(-3 * scale), shapely.STRtree([]))
    made = country_labels(sheet, names, px=9.5)
    chosen = place(
        [label for _, label in made],
        frame=sheet.frame,
        obstacles=np.array(obstacles).reshape(-1, 4),
        ink=np.zeros((0, 2)),
    )
    return [
        Placed(tag, tuple(label.boxes[at].tolist()), leader=False)
        for (tag, label), at in zip(made, chosen, strict=True)
        if at is not None
    ]

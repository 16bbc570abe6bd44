"""A plain picture of the journeys as SVG, for readers who see the page without its script."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.basemap import shapes as basemap
from route.basemap.disputes import parted
from route.basemap.palette import LIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.tables import StopRow
    from route.webmap.journey import Journey

__all__ = ["HEIGHT", "WIDTH", "draw"]

WIDTH, HEIGHT = 800, 500
_MARGIN = 70.0
_HEADER = 34.0
_FONTS = "Noto Sans, Segoe UI, Helvetica, Arial, sans-serif"
_LETTER = 7.4  # width of a letter of a name, in units of the drawing
_FINE_DEGREES = 18.0  # a picture of less shows the finer outlines
_COLOURS = (LIGHT.c0, LIGHT.c1, LIGHT.c2, LIGHT.c3, LIGHT.road, LIGHT.soft)
_DASHES = ("", "11 8", "3 5", "16 5 3 5", "6 6", "20 4 3 4 3 4")

_Boxes = list[tuple[float, float, float, float]]


class _View:
    """Mercator projection that fits the routes into the drawing."""

    def __init__(self, route: NDArray[np.float64]) -> None:
        points = _mercator(route)
        low, high = points.min(axis=0), points.max(axis=0)
        room = np.array([WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN - _HEADER])
        self.scale = float(min(room / np.maximum(high - low, 0.02)))
        self.middle = (low + high) / 2

    def xy(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the drawing."""
        moved = (_mercator(points) - self.middle) * self.scale * [1, -1]
        return np.asarray(moved + np.array([WIDTH / 2, (HEIGHT + _HEADER) / 2]), dtype=np.float64)

    @property
    def box(self) -> basemap.Box:
        """What the drawing shows, with a little more around it."""
        half = np.array([WIDTH / 2, (HEIGHT + _HEADER) / 2]) / self.scale
        (west, south), (east, north) = self.middle - half, self.middle + half
        return basemap.Box(west, _latitude(south), east, _latitude(north)).grown(0.05)


def draw(journeys: Sequence[Journey], title: str, credit: Sequence[str]) -> str:
    """Picture of journeys.

    Parameters
    ----------
    journeys : sequence of Journey
        The journeys.
    title : str
        Heading.
    credit : sequence of str
        Sources to name.

    Returns
    -------
    str
        An SVG element; every text in it is escaped.
    """
    view = _View(np.concatenate([journey.route for journey in journeys]))
    several = len(journeys) > 1
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" ',
        f'height="{HEIGHT}" role="img" aria-label="{escape(title)}" font-family="{_FONTS}">',
        # An inner drawing cuts off what lies outside it, whatever the shape of the box that shows it.
        f'<svg width="{WIDTH}" height="{HEIGHT}"><path fill="{LIGHT.sea}" d="M0 0H{WIDTH}V{HEIGHT}H0Z"/>',
        *_ground(view),
    ]
    for index, journey in enumerate(journeys):
        for leg, style, line in zip(journey.itinerary.legs, journey.styles, journey.lines, strict=True):
            path = _path(shapely.LineString(view.xy(line[:, :2])).simplify(0.6), closed=False)
            colour = _COLOURS[index] if several else _colour(style)
            dash = _DASHES[index] if several else "6 6" if leg.mode != "rail" else ""
            parts.append(f'<path fill="none" stroke="{LIGHT.casing}" stroke-width="7" d="{path}"/>')
            parts.append(
                f'<path fill="none" stroke="{colour}" stroke-width="4"'
                + (f' stroke-dasharray="{dash}"' if dash else "")
                + f' d="{path}"/>'
            )
    parts += _names([stop for journey in journeys for stop in journey.stops], journeys, view)
    parts.append(
        f'<path fill="{LIGHT.paper}" opacity=".93" d="M0 0H{WIDTH}V{_HEADER:g}H0Z"/>'
        f'<text x="12" y="23" font-size="17" font-weight="700" fill="{LIGHT.ink}">{escape(_short(title, 82))}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 8}" font-size="10" text-anchor="end" fill="{LIGHT.soft}" '
        f"{_HALO}>{escape(', '.join(credit))}</text></svg></svg>"
    )
    return "".join(parts)


_HALO = f'stroke="{LIGHT.halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'


def _ground(view: _View) -> list[str]:
    """Land, lakes and borders, those that are disputed dashed."""
    box = view.box
    fine = box.east - box.west <= _FINE_DEGREES
    made = []
    for name, fill in (
        ("land10" if fine else "land50", LIGHT.land),
        ("lake10", LIGHT.lake),
        ("border10" if fine else "border50", None),
    ):
        layer = basemap.layer(name)
        groups: tuple[list[str], list[str]] = ([], [])
        for turn in (-360.0, 0.0, 360.0):
            shifted = basemap.Box(box.west - turn, box.south, box.east - turn, box.north)
            if shifted.east < -180 or shifted.west > 180:
                continue
            rows = layer.within(shifted)
            shapes = shapely.clip_by_rect(layer.geometries(rows), *shifted)
            parts = (shapes, shapes[:0]) if fill else parted(shapes, layer.disputed[rows])
            for paths, geometries in zip(groups, parts, strict=True):
                for geometry in geometries:
                    drawn = shapely.transform(
                        geometry, lambda points, turn=turn: view.xy(points + np.array([turn, 0.0]))
                    )
                    paths += [
                        _path(part, closed=fill is not None)
                        for part in shapely.get_parts(drawn.simplify(0.7))
                        if part.length > 6
                    ]
        for paths, dash in zip(groups, ("", ' stroke-dasharray="5 4"'), strict=True):
            if paths:
                made.append(
                    f'<path fill="{fill or "none"}" fill-rule="evenodd" stroke-width=".8"{dash} '
                    f'stroke="{LIGHT.coast if fill else LIGHT.border}" d="{"".join(paths)}"/>'
                )
    return made


def _names(stops: Sequence[StopRow], journeys: Sequence[Journey], view: _View) -> list[str]:
    """Marks of the places and as many of their names as find room, the ends first."""
    middle = float(np.concatenate([journey.route for journey in journeys])[:, 0].mean())
    ends = {name for journey in journeys for name in (journey.names[0], journey.names[-1])}
    places = {
        (stop["name"], round(stop["lon"], 2), round(stop["lat"], 2)): stop
        for stop in stops
        if stop["kind"] == "place"
    }
    taken: _Boxes = []
    marks, names = [], []
    for stop in sorted(places.values(), key=lambda stop: stop["name"] not in ends):
        lon = stop["lon"] + 360.0 * round((middle - stop["lon"]) / 360.0)
        ((x, y),) = view.xy(np.array([[lon, stop["lat"]]])).tolist()
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{LIGHT.paper}" stroke="{LIGHT.ink}" stroke-width="2.5"/>'
        )
        text = _short(stop["name"], 40)
        wide = sum(_LETTER if ord(letter) < 0x2E80 else 14.0 for letter in text)
        for left, top in (
            (x + 10, y - 8),
            (x - 10 - wide, y - 8),
            (x - wide / 2, y + 9),
            (x - wide / 2, y - 25),
        ):
            box = (left, top, left + wide, top + 16)
            inside = left > 4 and left + wide < WIDTH - 4 and top > _HEADER and top + 16 < HEIGHT - 14
            if inside and not any(
                box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in taken
            ):
                taken.append(box)
                names.append(
                    f'<text x="{left:.1f}" y="{top + 13:.1f}" font-size="13.5" font-weight="700" '
                    f'fill="{LIGHT.ink}" {_HALO}>{escape(text)}</text>'
                )
                break
    return [*marks, *names]


def _colour(style: str) -> str:
    named = {"c0": LIGHT.c0, "c1": LIGHT.c1, "c2": LIGHT.c2, "c3": LIGHT.c3}
    return named.get(style.split()[-1]) or {"road": LIGHT.road, "ferry": LIGHT.ferry}.get(style, LIGHT.c0)


def _path(geometry: shapely.Geometry, *, closed: bool) -> str:
    rings = [geometry.exterior, *geometry.interiors] if geometry.geom_type == "Polygon" else [geometry]
    made = []
    for ring in rings:
        points = shapely.get_coordinates(ring)
        if len(points) > 1:
            made.append(
                "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points.tolist()) + ("Z" if closed else "")
            )
    return "".join(made)


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    lat = np.clip(points[:, 1], -85.0, 85.0)
    north = np.degrees(np.arcsinh(np.tan(np.radians(lat))))
    return np.column_stack([points[:, 0], north])


def _latitude(north: float) -> float:
    return math.degrees(math.atan(math.sinh(math.radians(north))))

"""The basemap of a picture: land, lakes, coasts and borders in its projection, clipped to its frame.

Land is cut into tiles of a few degrees before it is projected, so that no outline has to be followed round a pole or
over the antimeridian; the tiles of a view are those that it can see. Coasts are drawn apart from land, without the
edges at which the source cut it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.basemap.disputes import parted
from route.basemap.shapes import GRID, Box, Layer, layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.staticmap.view import View

    Geometries = NDArray[np.object_]
    Mask = NDArray[np.bool_]

__all__ = ["Outlines", "lines_px", "outlines"]

_FINE_M, _MEDIUM_M = (
    2_200.0,
    12_000.0,
)  # metres in a pixel up to which the outlines at 1:10m and 1:50m are drawn
_HEMISPHERE_PX = 180  # vertices of the outline of a globe
_SEE_DEG = 105.0  # tiles further from the centre cannot reach a hemisphere


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Shapes in pixels.

    Parameters
    ----------
    land, lakes : ndarray of Polygon
        Areas.
    coasts, borders, disputed : ndarray of LineString
        Lines.
    world : Polygon or None
        Disc that the globe fills; ``None`` where it fills the frame.
    """

    land: Geometries
    lakes: Geometries
    coasts: Geometries
    borders: Geometries
    disputed: Geometries
    world: shapely.Polygon | None


@dataclass(frozen=True, slots=True)
class _Tiles:
    """Cells of a grid of degrees that a view can see."""

    step: float
    seen: Mask  # by column from longitude -180 and row from latitude -90

    def boxes(self) -> list[Box]:
        return [
            Box(*(np.array([x, y, x + 1, y + 1]) * self.step - [180.0, 90.0, 180.0, 90.0]).tolist())
            for x, y in np.argwhere(self.seen)
        ]

    def rows(self, source: Layer) -> NDArray[np.int64]:
        """Rows of a layer whose bounding boxes meet a seen cell."""
        columns, lines = self.seen.shape
        low = np.floor((source.bounds[:, :2] / GRID + [180.0, 90.0]) / self.step).astype(np.int64)
        high = np.floor((source.bounds[:, 2:] / GRID + [180.0, 90.0]) / self.step).astype(np.int64)
        low, high = (np.clip(corner, 0, [columns - 1, lines - 1]) for corner in (low, high))
        # Sums over rectangles from a table of sums from the corner.
        table = np.zeros((columns + 1, lines + 1), dtype=np.int64)
        table[1:, 1:] = self.seen.cumsum(axis=0).cumsum(axis=1)
        (x0, y0), (x1, y1) = low.T, high.T + 1
        return np.flatnonzero(table[x1, y1] - table[x0, y1] - table[x1, y0] + table[x0, y0])

    def hold(self, lonlat: NDArray[np.float64]) -> Mask:
        """Whether points lie in seen cells."""
        columns, lines = self.seen.shape
        x, y = np.floor((lonlat + np.array([180.0, 90.0])) / self.step).astype(np.int64).T
        return np.asarray(self.seen[np.clip(x, 0, columns - 1), np.clip(y, 0, lines - 1)])


def _tiles(view: View) -> _Tiles:
    radius = 90.0 if view.globe else view.radius_deg
    step = next(size for size in (1.0, 3.0, 6.0, 15.0) if size == 15.0 or radius < size)
    columns, lines = round(360 / step), round(180 / step)
    seen = np.zeros((columns, lines), dtype=bool)
    if view.globe:
        lon, lat = np.meshgrid((np.arange(columns) + 0.5) * step - 180, (np.arange(lines) + 0.5) * step - 90)
        seen[:] = (_angle(view.centre, lon, lat) < _SEE_DEG).T
        return _Tiles(step, seen)
    found = view.samples(33)
    x, y = np.floor((found + np.array([180.0, 90.0])) / step).astype(np.int64).T
    seen[x % columns, np.clip(y, 0, lines - 1)] = True
    for pole in (-90.0, 90.0):
        if view.shows(view.centre[0], pole):
            rows = np.flatnonzero(seen.any(axis=0))
            seen[:, slice(rows[0], None) if pole > 0 else slice(None, rows[-1] + 1)] = True
    # Neighbours, for what the samples step over.
    near = seen | np.roll(seen, 1, axis=0) | np.roll(seen, -1, axis=0)
    grown = near.copy()
    grown[:, 1:] |= near[:, :-1]
    grown[:, :-1] |= near[:, 1:]
    # A tile on the far side of the globe would be turned inside out.
    lon, lat = np.meshgrid((np.arange(columns) + 0.5) * step - 180, (np.arange(lines) + 0.5) * step - 90)
    if "+proj=laea" in view.projection:
        grown &= (_angle(view.centre, lon, lat) < 150.0).T
    else:
        # Nor may one lie on the seam of the projection.
        away = np.abs((lon - view.origin_lon + 180.0) % 360.0 - 180.0)
        grown &= (away <= 180.0 - step / 2).T
    return _Tiles(step, grown)


def _angle(
    centre: tuple[float, float], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Angle between a point and others on the sphere, in degrees."""
    lon0, lat0 = np.radians(centre)
    lon, lat = np.radians(lon), np.radians(lat)
    cosine = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon - lon0)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))), dtype=np.float64)


def outlines(view: View, *, smallest_px: float, tolerance_px: float) -> Outlines:
    """Basemap of a view.

    Parameters
    ----------
    view : View
        What is shown.
    smallest_px : float
        Islands and lakes that are smaller on the picture are left out.
    tolerance_px : float
        How far lines may be moved to have fewer vertices.

    Returns
    -------
    Outlines
        Its shapes, in pixels.
    """
    tiles = _tiles(view)
    detail = "10" if view.metres < _FINE_M else "50" if view.metres < _MEDIUM_M else "world"
    land, border = layer(f"land{detail}"), layer(f"border{detail}")
    least_deg = smallest_px * view.metres / 111_000
    world = _disc(view)
    lines, disputed = _border_lines(view, tiles, border, tolerance_px)
    return Outlines(
        land=_areas(view, tiles, land, least_deg, tolerance_px, world),
        lakes=_areas(view, tiles, layer("lake10"), least_deg * 2, tolerance_px, world),
        coasts=_coast_lines(view, tiles, land, least_deg, tolerance_px, world),
        borders=_within(lines[~disputed], world),
        disputed=_within(lines[disputed], world),
        world=world,
    )


def _disc(view: View) -> shapely.Polygon | None:
    """Outline of the globe, where the frame shows more than it."""
    if view.globe:
        radius = min(view.rect.width, view.rect.height) / 2
    elif "+proj=laea" in view.projection and len(view.samples(5)) < 25:
        # Close to the antipode an outline is stretched beyond all use.
        radius = 2 * 6_371_007.0 * math.sin(math.radians(75.0)) / view.metres
    else:
        return None
    centre = np.array([view.rect.left + view.rect.right, view.rect.bottom + view.rect.top]) / 2
    origin = centre - np.array(view.middle) / view.metres
    turn = np.linspace(0, 2 * math.pi, _HEMISPHERE_PX, endpoint=False)
    return shapely.Polygon(origin + radius * np.column_stack([np.cos(turn), np.sin(turn)]))


def _clipped(view: View, geometries: Geometries) -> Geometries:
    """Shapes as single parts inside the frame and a little beyond."""
    torn = ~shapely.is_valid(geometries)
    if torn.any():
        geometries = geometries.copy()
        geometries[torn] = shapely.make_valid(geometries[torn])
    cut = shapely.clip_by_rect(geometries, *view.rect.grown(4.0))
    parts = shapely.get_parts(cut)
    parts = shapely.get_parts(parts)
    return np.asarray(parts[~shapely.is_empty(parts)])


def _areas(
    view: View,
    tiles: _Tiles,
    source: Layer,
    least_deg: float,
    tolerance_px: float,
    world: shapely.Polygon | None,
) -> Geometries:
    rows = _large(source, tiles.rows(source), least_deg)
    whole = source.geometries(rows)
    bounds = source.bounds[rows] / GRID
    pieces: list[Geometries] = []
    for box in tiles.boxes():
        meets = (
            (bounds[:, 0] <= box.east) & (bounds[:, 2] >= box.west)
            & (bounds[:, 1] <= box.north) & (bounds[:, 3] >= box.south)
        )  # fmt: skip
        if not meets.any():
            continue
        cut = shapely.clip_by_rect(whole[meets], *box)
        cut = cut[~shapely.is_empty(cut)]
        pieces.append(shapely.segmentize(cut, tiles.step / 8))
    if not pieces:
        return np.zeros(0, dtype=object)
    shapes = shapely.transform(np.concatenate(pieces), view.to_px)
    parts = _clipped(view, shapes)
    parts = parts[shapely.get_type_id(parts) == 3]
    parts = shapely.simplify(parts, tolerance_px)
    parts = parts[~shapely.is_empty(parts)]
    if world is not None:
        parts = shapely.get_parts(shapely.intersection(shapely.make_valid(parts), world))
        parts = parts[shapely.get_type_id(parts) == 3]
    return np.asarray(parts[~shapely.is_empty(parts)])


def _large(source: Layer, rows: NDArray[np.int64], least_deg: float) -> NDArray[np.int64]:
    bounds = source.bounds[rows] / GRID
    middle = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2))
    sides = (bounds[:, 2:] - bounds[:, :2]) * np.column_stack([middle, np.ones(len(rows))])
    return np.asarray(rows[sides.max(axis=1, initial=0.0) >= least_deg])


def _coast_lines(
    view: View,
    tiles: _Tiles,
    source: Layer,
    least_deg: float,
    tolerance_px: float,
    world: shapely.Polygon | None,
) -> Geometries:
    rows = _large(source, tiles.rows(source), least_deg)
    runs: list[NDArray[np.float64]] = []
    for row in rows.tolist():
        points = source.xy[source.first[row] : source.first[row + 1]] / GRID
        starts = source.rings[source.ring_first[row] : source.ring_first[row + 1]]
        held = tiles.hold(points)
        # Edges along the antimeridian and the pole are where the source cut the land.
        side, base = np.abs(points[:, 0]) >= 179.999, points[:, 1] <= -89.9
        edge = (side[1:] & side[:-1]) | (base[1:] & base[:-1])
        kept = held[1:] & held[:-1] & ~edge
        kept[starts[1:] - 1] = False
        cuts = np.flatnonzero(np.diff(kept.astype(np.int8))) + 1
        for first, last in zip([0, *cuts], [*cuts, len(kept)], strict=True):
            if last > first and kept[first]:
                runs.append(points[first : last + 1])
    return _within(lines_px(view, runs, tolerance_px), world)


def _border_lines(view: View, tiles: _Tiles, source: Layer, tolerance_px: float) -> tuple[Geometries, Mask]:
    runs: list[NDArray[np.float64]] = []
    flags: list[bool] = []
    for row in tiles.rows(source).tolist():
        points = source.xy[source.first[row] : source.first[row + 1]] / GRID
        # A border may be straight for a thousand kilometres.
        points = shapely.get_coordinates(shapely.segmentize(shapely.LineString(points), tiles.step / 4))
        held = tiles.hold(points)
        cuts = np.flatnonzero(np.diff(held.astype(np.int8))) + 1
        for run in np.split(np.arange(len(points)), cuts):
            if held[run[0]] and len(run) > 1:
                runs.append(points[run])
                flags.append(bool(source.disputed[row]))
    whole = np.array([shapely.LineString(run) for run in runs], dtype=object)
    made: list[Geometries] = []
    for kind in parted(whole, np.array(flags, dtype=bool)):
        pieces = [shapely.get_coordinates(part) for part in shapely.get_parts(kind)]
        made.append(lines_px(view, [piece for piece in pieces if len(piece) > 1], tolerance_px))
    return np.concatenate(made), np.repeat([False, True], [len(made[0]), len(made[1])])


def lines_px(view: View, lines: list[NDArray[np.float64]], tolerance_px: float) -> Geometries:
    """Lines of the globe on the picture.

    Parameters
    ----------
    view : View
        What is shown.
    lines : list of ndarray of shape (n, 2)
        (lon, lat) in degrees, at least two vertices each.
    tolerance_px : float
        How far they may be moved to have fewer vertices.

    Returns
    -------
    ndarray of LineString
        What of them is inside the frame or a little beyond, in pixels.
    """
    if not lines:
        return np.zeros(0, dtype=object)
    indices = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    points = view.to_px(np.concatenate(lines))
    fine = np.all(np.isfinite(points), axis=1)
    bad = set(indices[~fine].tolist())
    keep = ~np.isin(indices, list(bad)) if bad else slice(None)
    shapes = shapely.linestrings(points[keep], indices=np.unique(indices[keep], return_inverse=True)[1])
    cut = shapely.clip_by_rect(np.atleast_1d(shapes), *view.rect.grown(4.0))
    parts = shapely.get_parts(shapely.line_merge(cut))
    parts = parts[~shapely.is_empty(parts) & (shapely.get_type_id(parts) == 1)]
    return np.asarray(shapely.simplify(parts, tolerance_px))


def _within(lines: Geometries, world: shapely.Polygon | None) -> Geometries:
    if world is None or not len(lines):
        return lines
    parts = shapely.get_parts(shapely.intersection(lines, world))
    return np.asarray(parts[shapely.get_type_id(parts) == 1])

"""The basemap of a page: the world's land, lakes and borders, fine near the route and coarser further away.

The whole planet is drawn, so that the map never ends in a void: 1:10m outlines near the route, 1:50m around
it, generalised ones for the rest. Coordinates are whole thousandths of a degree in a compact text encoding;
the longitudes follow the route and may leave -180 to 180.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np
import shapely

from route.basemap.disputes import parted
from route.files import data_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]

__all__ = ["GRID", "Basemap", "Box", "Layer", "encode", "layer", "shapes"]

GRID = 1000  # steps in a degree
CELL = 2.5  # degrees; the fine region of a long route is made of such cells
OVERLAP = 0.02  # degrees by which neighbouring regions overlap, so that no hairline shows between them
BUDGET = 190_000  # characters of encoded outlines; beyond it the fine region shrinks
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Box(NamedTuple):
    """A rectangle on the map.

    Parameters
    ----------
    west, south, east, north : float
        Its sides in degrees, WGS 84; longitudes may leave -180 to 180.
    """

    west: float
    south: float
    east: float
    north: float

    def grown(self, degrees: float) -> Box:
        """Rectangle with every side moved outwards.

        Parameters
        ----------
        degrees : float
            By how much; latitudes stay within -85 to 85.

        Returns
        -------
        Box
            The larger rectangle.
        """
        return Box(
            self.west - degrees,
            max(self.south - degrees, -85.0),
            self.east + degrees,
            min(self.north + degrees, 85.0),
        )


class Basemap(TypedDict):
    """Outlines for the page, encoded by `encode`.

    Attributes
    ----------
    land, lakes : list of list of str
        Polygons, each a list of rings.
    borders, disputed : list of str
        Lines.
    cut_x, cut_y : list of int
        Longitudes and latitudes, in thousandths of a degree, along which polygons were cut: edges there are
        no coast and get no stroke.
    """

    land: list[list[str]]
    lakes: list[list[str]]
    borders: list[str]
    disputed: list[str]
    cut_x: list[int]
    cut_y: list[int]


@dataclass(frozen=True, slots=True)
class Layer:
    """Outlines of one layer: vertices of all rows one after the other, with the bounding box of each row.

    Parameters
    ----------
    bounds : ndarray of shape (n, 4)
        West, south, east and north of each row, in thousandths of a degree.
    first : ndarray of shape (n + 1,)
        First vertex of each row.
    xy : ndarray of shape (m, 2)
        Vertices, in thousandths of a degree.
    ring_first : ndarray of shape (n + 1,)
        First ring of each row.
    rings : ndarray
        First vertex of each ring, counted from that of its row.
    disputed : ndarray of shape (n,)
        Whether a border is disputed.
    names, codes : sequence of str or None
        Country of each row, and its ISO 3166-1 alpha-2 code.
    polygons : bool
        Whether the rows are polygons, not lines.
    """

    bounds: NDArray[np.int32]
    first: NDArray[np.int64]
    xy: NDArray[np.int32]
    ring_first: NDArray[np.int64]
    rings: NDArray[np.int64]
    disputed: NDArray[np.bool_]
    names: Sequence[str | None]
    codes: Sequence[str | None]
    polygons: bool

    def within(self, box: Box) -> NDArray[np.int64]:
        """Rows whose bounding box meets a box.

        Parameters
        ----------
        box : Box
            Where, with longitudes from -180 to 180.

        Returns
        -------
        ndarray of int
            Their indices.
        """
        west, south, east, north = (value * GRID for value in box)
        xmin, ymin, xmax, ymax = self.bounds.T
        return np.flatnonzero((xmin <= east) & (xmax >= west) & (ymin <= north) & (ymax >= south))

    def geometries(self, rows: NDArray[np.int64]) -> Geometries:
        """Rows as shapes.

        Parameters
        ----------
        rows : ndarray of int
            Their indices.

        Returns
        -------
        ndarray of Geometry
            Polygons or lines, in degrees.
        """
        made = np.empty(len(rows), dtype=object)
        for index, row in enumerate(rows):
            points = self.xy[self.first[row] : self.first[row + 1]] / GRID
            if self.polygons:
                starts = self.rings[self.ring_first[row] : self.ring_first[row + 1]]
                parts = np.split(points, starts[1:])
                made[index] = shapely.Polygon(parts[0], parts[1:])
            else:
                made[index] = shapely.LineString(points)
        return made


@cache
def layer(name: str) -> Layer:
    """One layer of the basemap file, read once.

    Parameters
    ----------
    name : str
        ``land10``, ``lake10``, ``border10``, ``land50``, ``border50``, ``landworld``, ``borderworld`` or
        ``country50``.

    Returns
    -------
    Layer
        Its outlines.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(data_path("basemap.parquet")) as file:
        groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
        table = file.read_row_group([group.column(0).statistics.min for group in groups].index(name))

    def lists(column: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        array = table[column].chunk(0)
        return array.offsets.to_numpy().astype(np.int64), array.values.to_numpy()

    first, x = lists("x")
    _, y = lists("y")
    ring_first, rings = lists("starts")
    return Layer(
        bounds=np.column_stack([table[column].to_numpy() for column in ("xmin", "ymin", "xmax", "ymax")]),
        first=first,
        xy=np.column_stack([x, y]),
        ring_first=ring_first,
        rings=rings.astype(np.int64),
        disputed=table["disputed"].to_numpy(),
        names=table["name"].to_pylist(),
        codes=table["iso2"].to_pylist(),
        polygons=not name.startswith("border"),
    )


def encode(points: NDArray[np.float64], scale: int = GRID) -> str:
    """Points as text: zigzag differences in base 64, five bits to a character.

    Parameters
    ----------
    points : ndarray of shape (n, k)
        Coordinates; `page.js` decodes them.
    scale : int
        Steps in a unit.

    Returns
    -------
    str
        Letters, digits, ``-`` and ``_`` alone.
    """
    whole = np.rint(points * scale).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, whole.shape[1]), dtype=np.int64))
    zigzag = np.where(steps < 0, -2 * steps - 1, 2 * steps).ravel()
    text: list[str] = []
    for number in zigzag.tolist():
        rest = number
        while rest > 31:
            text.append(_DIGITS[32 | (rest & 31)])
            rest >>= 5
        text.append(_DIGITS[rest])
    return "".join(text)


def _near_boxes(routes: Sequence[NDArray[np.float64]], reach: float) -> list[Box]:
    """Rectangles, in cells, that hold everything within `reach` degrees of the routes."""
    route = np.concatenate(routes)
    west, south = route.min(axis=0)
    east, north = route.max(axis=0)
    stretch = 1.0 / max(math.cos(math.radians((south + north) / 2)), 0.2)
    if max((east - west) / stretch, north - south) <= 12.0:
        box = Box(west - reach * stretch, south - reach, east + reach * stretch, north + reach)
        return [_snapped(box, 0.5)]
    reach_x, reach_y = math.ceil(reach * stretch / CELL), math.ceil(reach / CELL)
    along = np.unique(
        np.floor(np.concatenate([_densified(one) for one in routes]) / CELL).astype(np.int64), axis=0
    )
    cells = {
        (int(x) + dx, int(y) + dy)
        for x, y in along
        for dx in range(-reach_x, reach_x + 1)
        for dy in range(-reach_y, reach_y + 1)
    }
    return _rectangles(cells)


def _densified(route: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vertices at most a cell apart, so that no cell under a long straight stretch is missed."""
    line = shapely.segmentize(shapely.LineString(route), CELL / 2)
    return np.asarray(shapely.get_coordinates(line), dtype=np.float64)


def _snapped(box: Box, step: float) -> Box:
    return Box(
        math.floor(box.west / step) * step,
        max(math.floor(box.south / step) * step, -85.0),
        math.ceil(box.east / step) * step,
        min(math.ceil(box.north / step) * step, 85.0),
    )


def _rectangles(cells: set[tuple[int, int]]) -> list[Box]:
    """Cells joined into rectangles: runs along a row, equal runs of neighbouring rows into one."""
    runs: list[tuple[int, int, int]] = []
    for x, y in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if runs and runs[-1][0] == y and runs[-1][2] == x:
            runs[-1] = (y, runs[-1][1], x + 1)
        else:
            runs.append((y, x, x + 1))
    open_boxes: dict[tuple[int, int], tuple[int, int]] = {}
    done: list[Box] = []
    for y, start, end in runs:
        bottom, top = open_boxes.get((start, end), (y, y))
        if top != y:
            done.append(Box(start * CELL, bottom * CELL, end * CELL, top * CELL))
            bottom = y
        open_boxes[start, end] = (bottom, y + 1)
    done += [Box(s * CELL, b * CELL, e * CELL, t * CELL) for (s, e), (b, t) in open_boxes.items()]
    return sorted(Box(b.west, max(b.south, -85.0), b.east, min(b.north, 85.0)) for b in done)


def _clipped(
    name: str, boxes: Sequence[Box], *, tolerance: float, smallest: float = 0.0
) -> tuple[Geometries, NDArray[np.bool_]]:
    """Outlines of a layer within boxes of any longitudes, and whether each is disputed."""
    source = layer(name)
    found: list[Geometries] = []
    disputed: list[NDArray[np.bool_]] = []
    bounds = np.array(boxes)
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        shift = 360.0 * turn
        rows = source.within(Box(max(west - shift, -180.0), south, min(east - shift, 180.0), north))
        if smallest:
            sides = source.bounds[rows, 2:] - source.bounds[rows, :2]
            rows = rows[sides.max(axis=1) >= smallest * GRID]
        outlines = source.geometries(rows)
        if tolerance:
            # Before the cut, or its corners would go too. The fast kind may make a ring touch itself.
            outlines = shapely.simplify(outlines, tolerance, preserve_topology=False)
            torn = ~shapely.is_valid(outlines)
            outlines[torn] = shapely.make_valid(outlines[torn], method="structure", keep_collapsed=False)
        if turn:
            outlines = shapely.transform(
                outlines, lambda points, shift=shift: points + np.array([shift, 0.0])
            )
        for box in boxes:
            cut = shapely.clip_by_rect(outlines, box.west, box.south, box.east, box.north)
            keep = ~shapely.is_empty(cut)
            found.append(cut[keep])
            disputed.append(source.disputed[rows][keep])
    return np.concatenate(found), np.concatenate(disputed)


def _without(geometries: Geometries, holes: Sequence[Box]) -> Geometries:
    """Geometries less what finer regions draw."""
    shrunk = [
        shapely.box(b.west + OVERLAP, b.south + OVERLAP, b.east - OVERLAP, b.north - OVERLAP) for b in holes
    ]
    finer = shapely.union_all(shrunk)
    shapely.prepare(finer)
    touched = shapely.intersects(finer, geometries)
    result = geometries.copy()
    inside = touched & shapely.contains_properly(finer, geometries)
    result[touched & ~inside] = shapely.difference(shapely.make_valid(geometries[touched & ~inside]), finer)
    result[inside] = shapely.Polygon()
    return result


class _Region(NamedTuple):
    """What is drawn with one detail: boxes less holes; tolerance, smallest land and lake in degrees."""

    boxes: list[Box]
    holes: list[Box]
    land: str
    border: str
    tolerance: float
    smallest: float
    lakes: float


def _regions(routes: Sequence[NDArray[np.float64]], reach: float, tolerance: float) -> list[_Region]:
    near = _near_boxes(routes, reach)
    route = np.concatenate(routes)
    whole = Box(*route.min(axis=0).tolist(), *route.max(axis=0).tolist())
    span = max(whole.east - whole.west, whole.north - whole.south)
    around = _snapped(whole.grown(max(14.0, span * 0.6)), CELL)
    middle = round((whole.west + whole.east) / 2 / CELL) * CELL
    world = Box(middle - 180.0, -85.0, middle + 180.0, 85.0)
    around = Box(max(around.west, world.west), around.south, min(around.east, world.east), around.north)
    medium = max(0.01, min(0.06, span / 800))
    return [
        _Region(near, [], "land10", "border10", tolerance, 0.0, 0.0),
        _Region([around], near, "land50", "border50", medium, medium * 8, 0.8),
        _Region([world], [around], "landworld", "borderworld", 0.0, 0.0, 4.0),
    ]


def shapes(*routes: NDArray[np.float64]) -> Basemap:
    """Outlines of the world as a page about one route or several needs them.

    Parameters
    ----------
    *routes : ndarray of shape (n, 2)
        (lon, lat) of each whole way in degrees, without jumps at the antimeridian.

    Returns
    -------
    Basemap
        Encoded outlines, about 200 kB at most.
    """
    whole = np.concatenate(routes)
    span = float(max(np.ptp(whole[:, 0]), np.ptp(whole[:, 1])))
    reach = min(6.0, max(1.5, span)) if span <= 25 else 2.5
    tolerance = 0.0 if span <= 18 else span / 12_000
    while True:
        made = _shapes(_regions(routes, reach, tolerance))
        size = sum(map(len, made["borders"])) + sum(len(ring) for polygon in made["land"] for ring in polygon)
        if size <= BUDGET or reach <= 0.3:
            return made
        reach, tolerance = reach * 0.6, max(tolerance, 0.0015) * 1.7


def _shapes(regions: Sequence[_Region]) -> Basemap:
    made: Basemap = {"land": [], "lakes": [], "borders": [], "disputed": [], "cut_x": [], "cut_y": []}
    cut_x, cut_y = {-180.0, 180.0, 540.0, -540.0}, {-85.0, 85.0}
    for region in regions:
        drawn = region.boxes if region.holes else [box.grown(OVERLAP) for box in region.boxes]
        for box in [*drawn, *(box.grown(-OVERLAP) for box in region.holes)]:
            cut_x |= {box.west, box.east}
            cut_y |= {box.south, box.north}
        lake_tolerance, lake_smallest = (
            (max(region.tolerance, 0.03), region.lakes) if region.holes else (region.tolerance, 0.0)
        )
        land, _ = _clipped(region.land, drawn, tolerance=region.tolerance, smallest=region.smallest)
        lakes, _ = _clipped("lake10", drawn, tolerance=lake_tolerance, smallest=lake_smallest)
        lines, disputed = _clipped(region.border, drawn, tolerance=region.tolerance)
        if region.holes:
            land, lakes, lines = (_without(parts, region.holes) for parts in (land, lakes, lines))
        made["land"] += _encoded_polygons(land)
        made["lakes"] += _encoded_polygons(lakes)
        settled, unsettled = parted(lines, disputed)
        made["borders"] += _encoded_lines(settled)
        made["disputed"] += _encoded_lines(unsettled)
    made["cut_x"] = sorted({round(value * GRID) for value in cut_x})
    made["cut_y"] = sorted({round(value * GRID) for value in cut_y})
    return made


def _parts(geometries: Iterable[shapely.Geometry], kind: int) -> Geometries:
    """Single geometries of one kind, whatever collections they came in."""
    flat = np.asarray(list(geometries), dtype=object)
    for _ in range(2):
        flat = shapely.get_parts(flat)
    return np.asarray(flat[(shapely.get_type_id(flat) == kind) & ~shapely.is_empty(flat)])


def _encoded_polygons(geometries: Geometries) -> list[list[str]]:
    made = []
    for polygon in _parts(geometries, 3):
        # Holes run the other way, so that polygons of neighbouring regions may overlap without leaving a gap.
        oriented = shapely.geometry.polygon.orient(polygon)
        rings = [shapely.get_coordinates(ring)[:-1] for ring in (oriented.exterior, *oriented.interiors)]
        kept = [encode(ring) for ring in rings if len(ring) > 2]
        if kept:
            made.append(kept)
    return made


def _encoded_lines(geometries: Geometries) -> list[str]:
    return [encode(shapely.get_coordinates(line)) for line in _parts(geometries, 1)]

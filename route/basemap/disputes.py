"""Borders that are disputed, beyond those that the atlas marks: `data/disputed_borders.csv`."""

from __future__ import annotations

import csv
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from route.files import data_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["parted"]


@cache
def _areas() -> shapely.Geometry:
    """Rectangles of the register, on the map of any turn of the globe."""
    with data_path("disputed_borders.csv").open(encoding="utf-8", newline="") as file:
        sides = [
            [float(row[side]) for side in ("west", "south", "east", "north")] for row in csv.DictReader(file)
        ]
    areas = shapely.union_all(
        [
            shapely.box(west + turn, south, east + turn, north)
            for west, south, east, north in sides
            for turn in (-360.0, 0.0, 360.0)
        ]
    )
    shapely.prepare(areas)
    return areas


def parted(
    lines: NDArray[np.object_], disputed: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Borders parted into those that are settled and those that are not.

    Parameters
    ----------
    lines : ndarray of Geometry
        Border lines, WGS 84; longitudes may leave -180 to 180.
    disputed : ndarray of bool
        Whether the atlas marks them.

    Returns
    -------
    settled, disputed : ndarray of Geometry
        Lines; one that runs through an area of the register is cut where it enters and leaves.
    """
    areas = _areas()
    touched = ~disputed & shapely.intersects(areas, lines)
    return (
        np.concatenate([lines[~disputed & ~touched], shapely.difference(lines[touched], areas)]),
        np.concatenate([lines[disputed], shapely.intersection(lines[touched], areas)]),
    )

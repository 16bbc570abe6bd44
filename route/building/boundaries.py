"""Outlines of the countries that come with the package, ``data/boundaries.npz``."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from route.building.countries import Boundaries
from route.errors import InputError
from route.files import data_path

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["BOUNDARIES", "pack_boundaries", "read_boundaries"]

BOUNDARIES = "boundaries.npz"


@cache
def _installed() -> Boundaries:
    return _read(data_path(BOUNDARIES))


def read_boundaries(path: Path | None = None) -> Boundaries:
    """Read outlines of countries.

    Parameters
    ----------
    path : Path, optional
        A file made by ``tools/build_boundaries.py``; the one that comes with the package by default.

    Returns
    -------
    Boundaries
        The outlines, valid polygons.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    return _installed() if path is None else _read(path)


def _read(path: Path) -> Boundaries:
    import shapely

    try:
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
        codes = columns["codes"].tolist()
        start, ring_arc, ring_start = columns["arc_start"], columns["ring_arc"], columns["ring_start"]
        # Each arc is a start and steps from there; two neighbours share it, one of them backwards.
        x, y = (np.cumsum(columns[axis], dtype=np.int64) for axis in ("dx", "dy"))
        run = np.repeat(np.arange(len(start) - 1), np.diff(start))
        before = np.concatenate([[0], x[start[1:-1] - 1]]), np.concatenate([[0], y[start[1:-1] - 1]])
        lon = (x - before[0][run]) * columns["scale"][0] + columns["translate"][0]
        lat = (y - before[1][run]) * columns["scale"][1] + columns["translate"][1]
        points, ring = _rings(start, ring_arc, ring_start)
        rings = shapely.linearrings(np.column_stack([lon[points], lat[points]]), indices=ring)
        outlines = shapely.polygons(rings, indices=columns["polygon"].astype(np.int64))
        bad = ~shapely.is_valid(outlines)
        outlines[bad] = shapely.make_valid(outlines[bad])
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Install railroute again.") from error
    except (OSError, KeyError, ValueError, IndexError, zipfile.BadZipFile, shapely.errors.ShapelyError) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}). Install railroute again.") from error
    return Boundaries(codes=tuple(codes), outlines=list(outlines))


def _rings(
    start: NDArray[np.integer], ring_arc: NDArray[np.integer], ring_start: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Vertices of all rings, as indices into those of the arcs, and the ring of each."""
    forward = ring_arc >= 0
    arc = np.where(forward, ring_arc, ~ring_arc).astype(np.int64)
    low, count = start[arc].astype(np.int64), np.diff(start)[arc].astype(np.int64)
    owner = np.repeat(np.arange(len(ring_start) - 1), np.diff(ring_start))
    # The last vertex of an arc is the first of the next one in the ring.
    last_of_ring = np.append(owner[1:] != owner[:-1], True)
    taken = np.where(last_of_ring, count, count - 1)
    piece = np.repeat(np.arange(len(arc)), taken)
    index = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    points = np.where(forward[piece], low[piece] + index, low[piece] + count[piece] - 1 - index)
    return points, owner[piece]


def pack_boundaries(
    arcs: list[NDArray[np.int64]],
    polygons: list[tuple[str, list[list[int]]]],
    scale: tuple[float, float],
    translate: tuple[float, float],
) -> bytes:
    """Content of a file of outlines; the same outlines give the same bytes.

    Parameters
    ----------
    arcs : list of ndarray of shape (n, 2)
        Lines between outlines as steps on a grid, the first from its origin.
    polygons : list of (str, list of list of int)
        ISO 3166-1 alpha-2 code and rings, the shell first; ``~i`` stands for arc ``i`` backwards.
    scale, translate : tuple of float
        Size of a step of the grid and its origin, in degrees.

    Returns
    -------
    bytes
        A file for `read_boundaries`.
    """
    rings = [ring for _, parts in polygons for ring in parts]
    steps = np.concatenate(arcs)
    columns = {
        "codes": np.array([code for code, _ in polygons]),
        "polygon": np.repeat(np.arange(len(polygons)), [len(parts) for _, parts in polygons]).astype(np.int32),
        "ring_start": np.concatenate([[0], np.cumsum([len(ring) for ring in rings])]).astype(np.int32),
        "ring_arc": np.array([arc for ring in rings for arc in ring], np.int32),
        "arc_start": np.concatenate([[0], np.cumsum([len(arc) for arc in arcs])]).astype(np.int32),
        "dx": steps[:, 0].astype(np.int32),
        "dy": steps[:, 1].astype(np.int32),
        "scale": np.array(scale),
        "translate": np.array(translate),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, column in columns.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, column, allow_pickle=False)
            # A plain ZipInfo has a fixed date.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()

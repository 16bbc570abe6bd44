"""Outlines of the countries that come with the package, ``data/boundaries.npz``."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from route.building.countries import Boundaries
from route.errors import InputError
from route.files import data_path

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BOUNDARIES", "pack_boundaries", "read_boundaries"]

BOUNDARIES = "boundaries.npz"

_DECIMALS = 4


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
        The outlines.

    Raises
    ------
    InputError
        If the file is missing or damaged.
    """
    return _installed() if path is None else _read(path)


def _read(path: Path) -> Boundaries:
    import shapely

    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
        codes = tuple(columns["codes"].tolist())
        start = columns["ring_start"].astype(np.int64)
        ring = np.repeat(np.arange(len(start) - 1), np.diff(start))
        axes = []
        for name in ("dx", "dy"):
            run = np.cumsum(columns[name], dtype=np.int64)
            axes.append((run - np.concatenate([[0], run[start[1:-1] - 1]])[ring]) / 10.0**_DECIMALS)
        rings = shapely.linearrings(np.column_stack(axes), indices=ring)
        outlines = shapely.polygons(rings, indices=columns["polygon"].astype(np.int64))
        if len(outlines) != len(codes):
            raise ValueError("codes and outlines differ in number")
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}. Install railroute again.") from error
    except (
        OSError,
        EOFError,
        KeyError,
        ValueError,
        IndexError,
        zipfile.BadZipFile,
        zlib.error,
        shapely.errors.ShapelyError,
    ) as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}). Install railroute again.") from error
    return Boundaries(codes=codes, outlines=list(outlines))


def pack_boundaries(boundaries: Boundaries) -> bytes:
    """Content of a file of outlines; the same outlines give the same bytes.

    Parameters
    ----------
    boundaries : Boundaries
        The outlines, polygons.

    Returns
    -------
    bytes
        A file for `read_boundaries`; positions are kept to 11 m, which is finer than the outlines are drawn.
    """
    import shapely

    parts, owner = shapely.get_parts(np.array(boundaries.outlines, object), return_index=True)
    whole = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    parts, owner = parts[whole], owner[whole]
    rings, polygon = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    grid = np.rint(points * 10**_DECIMALS).astype(np.int64)
    steps = np.diff(grid, axis=0, prepend=0)
    first = np.concatenate([[True], ring[1:] != ring[:-1]])
    steps[first] = grid[first]
    columns = {
        "codes": np.array(boundaries.codes)[owner],
        "polygon": polygon.astype(np.int32),
        "ring_start": np.append(np.flatnonzero(first), len(ring)).astype(np.int32),
        "dx": steps[:, 0].astype(np.int32),
        "dy": steps[:, 1].astype(np.int32),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, column in columns.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, column, allow_pickle=False)
            # A plain ZipInfo has a fixed date.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()

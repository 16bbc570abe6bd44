"""Cells of a table that say where a place is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from route.errors import InputError
from route.places import Place

if TYPE_CHECKING:
    from route.bulk.answers import Cell

__all__ = ["as_place", "position_name", "position_place"]


def as_place(cell: Cell | tuple[Cell, Cell], side: str) -> str | Place:
    """Name in a cell, or the place at the position in two.

    Parameters
    ----------
    cell : str, or tuple of float or str
        The name, or latitude and longitude in degrees, WGS 84.
    side : str
        What it is called in messages.

    Returns
    -------
    str or Place
        The name or the place.

    Raises
    ------
    InputError
        If there is nothing, or no position on the globe.
    """
    if isinstance(cell, tuple):
        lat, lon = (
            _degrees(value, f"{side}_{axis}") for value, axis in zip(cell, ("lat", "lon"), strict=True)
        )
        if -90 <= lat <= 90 and -180 <= lon <= 180:
            return position_place(lat, lon)
        return Place(name=side, lat=lat, lon=lon)
    text = "" if cell is None else str(cell).strip()
    if not text:
        raise InputError(f"The {side} is empty.")
    return text


def position_place(lat: float, lon: float) -> Place:
    """Place of which nothing is known but where it is.

    Parameters
    ----------
    lat, lon : float
        Degrees, WGS 84.

    Returns
    -------
    Place
        Named by its position.
    """
    return Place(name=position_name(lat, lon), lat=lat, lon=lon)


def position_name(lat: float, lon: float) -> str:
    """Name of a place of which nothing is known but where it is.

    Parameters
    ----------
    lat, lon : float
        Degrees, WGS 84.

    Returns
    -------
    str
        The position.
    """
    return f"{lat:g}, {lon:g}"


def _degrees(value: Cell, column: str) -> float:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise InputError(f"{column} is empty.")
    try:
        if isinstance(value, str) and "_" in value:
            raise ValueError
        number = float(value)
    except ValueError:
        shown = " ".join(str(value)[:40].split())
        raise InputError(
            f'{column} is no number: "{shown}". Write degrees with a decimal point, such as 42.43.'
        ) from None
    if not math.isfinite(number):
        raise InputError(f"{column} must be a number of degrees, not {number}.")
    return number

"""Rows of the register of lines and of the list of links, read from their files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LineRow", "LinkRow", "Point", "read_lines", "read_links"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """Row of the register of lines.

    Parameters
    ----------
    name : str
        Name of the line or of the section.
    countries : tuple of str
        ISO 3166-1 alpha-2 codes of the countries it runs through.
    points : tuple of (lon, lat)
        Points on the line, from one end to the other, in degrees, WGS 84.
    gauges_mm : tuple of int
        Track gauges, in millimetres; several for dual gauge.
    electrification : str
        Systems, ``;`` between them; ``no`` for none.
    line_speed_kmh : int
        Line speed, in kilometres per hour.
    official_m : float or None
        Official length, in metres.
    kind : str
        ``highspeed``, ``main``, ``regional`` or ``branch``.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    name: str
    countries: tuple[str, ...] = ()
    points: tuple[Point, ...]
    gauges_mm: tuple[int, ...]
    electrification: str
    line_speed_kmh: int
    official_m: float | None
    kind: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """Row of the list of links: a bridge, a tunnel, a train ferry or a whole line that the map lacks.

    Parameters
    ----------
    name : str
        Name of the link.
    kind : str
        ``bridge``, ``tunnel``, ``embankment``, ``train_ferry`` or ``line``.
    points : tuple of (lon, lat)
        Its ends, and the points between them that give its shape, in degrees, WGS 84.
    length_m : float
        Length between the ends, in metres.
    speed_kmh : float
        Length by crossing time, in kilometres per hour.
    gauges_mm : tuple of int
        Track gauges, in millimetres.
    status : str
        ``open``, ``freight_only``, ``closed`` or another word that keeps it out.
    """

    name: str
    kind: str
    points: tuple[Point, ...]
    length_m: float
    speed_kmh: float
    gauges_mm: tuple[int, ...]
    status: str

    @property
    def usable(self) -> bool:
        """Whether a passenger can cross by train; a freight ferry carries none, a freight bridge may."""
        return self.status == "open" or (self.status == "freight_only" and self.kind != "train_ferry")


def read_lines(path: Path) -> tuple[LineRow, ...]:
    """Read the register of lines.

    Parameters
    ----------
    path : Path
        ``lines.csv``.

    Returns
    -------
    tuple of LineRow
        In the order of the file.

    Raises
    ------
    InputError
        If a row cannot be used; says which.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                via = [v.split(",") for v in row["via"].split(";") if v]
                rows.append(
                    LineRow(
                        name=row["name"],
                        countries=tuple(c for c in row["countries"].split(";") if c),
                        points=(
                            (float(row["from_lon"]), float(row["from_lat"])),
                            *((float(lon), float(lat)) for lat, lon in via),
                            (float(row["to_lon"]), float(row["to_lat"])),
                        ),
                        gauges_mm=_gauges(row["gauge_mm"]),
                        electrification=row["electrification"],
                        line_speed_kmh=int(row["line_speed_kmh"]),
                        official_m=float(row["official_km"]) * 1000 if row["official_km"] else None,
                        kind=row["kind"],
                        confidence=row["confidence"],
                    )
                )
            except (KeyError, ValueError) as error:
                raise InputError(f"{path}, line {number}: {error}.") from error
    return tuple(rows)


def read_links(path: Path) -> tuple[LinkRow, ...]:
    """Read the list of links.

    Parameters
    ----------
    path : Path
        ``links.csv``.

    Returns
    -------
    tuple of LinkRow
        In the order of the file.

    Raises
    ------
    InputError
        If a row cannot be used; says which.
    """
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                length_km = float(row["length_km"])
                via = [v.split(",") for v in row["via"].split(";") if v]
                rows.append(
                    LinkRow(
                        name=row["name"],
                        kind=row["kind"],
                        points=(
                            (float(row["from_lon"]), float(row["from_lat"])),
                            *((float(lon), float(lat)) for lat, lon in via),
                            (float(row["to_lon"]), float(row["to_lat"])),
                        ),
                        length_m=length_km * 1000,
                        speed_kmh=length_km / (float(row["crossing_time_min"]) / 60),
                        gauges_mm=_gauges(row["gauge_mm"]),
                        status=row["status"],
                    )
                )
            except (KeyError, ValueError, ZeroDivisionError) as error:
                raise InputError(f"{path}, line {number}: {error}.") from error
    return tuple(rows)


def _gauges(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(g) for g in text.split(";") if g))

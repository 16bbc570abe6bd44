"""Colours that every kind of map shares: those of the page's style sheet, under the same names."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DARK", "LIGHT", "Palette"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of a map, as ``#rrggbb``.

    Parameters
    ----------
    sea, land, lake, coast, border : str
        The basemap.
    ink, soft, quiet, seaink : str
        Text: of the journey, beside it, of the basemap's places and of its seas.
    paper, edge : str
        What the map lies on, and thin lines on it.
    c0, c1, c2, c3, road, ferry : str
        Legs: by rail, in turn, and by the other modes.
    casing : str
        The rim of a line that keeps it apart from the basemap.
    halo : str
        The rim of a text.
    """

    sea: str
    land: str
    lake: str
    coast: str
    border: str
    ink: str
    soft: str
    quiet: str
    seaink: str
    paper: str
    edge: str
    c0: str
    c1: str
    c2: str
    c3: str
    road: str
    ferry: str
    casing: str
    halo: str


LIGHT = Palette(
    sea="#cfe1ec", land="#f7f4ed", lake="#cfe1ec", coast="#9dbacb", border="#a59f97",
    ink="#1c2126", soft="#56606a", quiet="#645f57", seaink="#315b74", paper="#ffffff", edge="#d9dde1",
    c0="#c40d2e", c1="#1b5fa8", c2="#0f7b6c", c3="#7a3e9d", road="#8a5a00", ferry="#0b6f8f",
    casing="#ffffff", halo="#faf8f3",
)  # fmt: skip
DARK = Palette(
    sea="#10202d", land="#26313a", lake="#10202d", coast="#3e5566", border="#66727c",
    ink="#eef2f5", soft="#a9b4bd", quiet="#8f9ba5", seaink="#6f9ab6", paper="#182229", edge="#33414c",
    c0="#ff6b7d", c1="#6fb1ff", c2="#4fd1b8", c3="#cf9df2", road="#f0b64d", ferry="#5cc8e8",
    casing="#0b1319", halo="#10181f",
)  # fmt: skip

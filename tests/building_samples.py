"""Small maps for the tests of network building."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np

from route.network.tracks import TrackGraph

if TYPE_CHECKING:
    from pathlib import Path

M = 1 / 111_195.0
"""A metre in degrees of latitude."""


@dataclass
class Map:
    """A map as OpenStreetMap has it; positions in metres east and north of 47° N, 9° E."""

    points: dict[int, tuple[float, float]] = field(default_factory=dict)
    point_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    lines: dict[int, tuple[list[int], dict[str, str]]] = field(default_factory=dict)
    relations: list[tuple[list[int], dict[str, str]]] = field(default_factory=list)

    def point(self, number: int, east: float, north: float, **tags: str) -> None:
        self.points[number] = (9.0 + east * M / np.cos(np.radians(47.0)), 47.0 + north * M)
        if tags:
            self.point_tags[number] = {k.replace("__", ":"): v for k, v in tags.items()}

    def line(self, number: int, refs: list[int], **tags: str) -> None:
        self.lines[number] = (
            refs,
            {k.replace("__", ":"): v for k, v in ({"railway": "rail"} | tags).items()},
        )

    def xml(self, path: Path) -> Path:
        def tagged(tags: dict[str, str]) -> str:
            return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())

        parts = ["<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>"]
        for number, (lon, lat) in sorted(self.points.items()):
            tags = tagged(self.point_tags.get(number, {}))
            parts.append(f"<node id='{number}' version='1' lat='{lat:.7f}' lon='{lon:.7f}'>{tags}</node>")
        for number, (refs, tags) in sorted(self.lines.items()):
            nodes = "".join(f"<nd ref='{ref}'/>" for ref in refs)
            parts.append(f"<way id='{number}' version='1'>{nodes}{tagged(tags)}</way>")
        for number, (members, tags) in enumerate(self.relations, start=1):
            inner = "".join(f"<member type='way' ref='{ref}' role=''/>" for ref in members)
            parts.append(f"<relation id='{number}' version='1'>{inner}{tagged(tags)}</relation>")
        path.write_text("".join(parts) + "</osm>", encoding="utf-8")
        return path

    def overpass(self, path: Path, *, geometry: bool = False, remark: str | None = None) -> Path:
        elements: list[dict[str, object]] = []
        for number, (refs, tags) in self.lines.items():
            way: dict[str, object] = {"type": "way", "id": number, "nodes": refs, "tags": tags}
            if geometry:
                way["geometry"] = [{"lon": self.points[r][0], "lat": self.points[r][1]} for r in refs]
            elements.append(way)
        for number, (lon, lat) in self.points.items():
            if not geometry or number in self.point_tags:
                tags = self.point_tags.get(number, {})
                elements.append({"type": "node", "id": number, "lat": lat, "lon": lon, "tags": tags})
        content: dict[str, object] = {"version": 0.6, "osm3s": {"copyright": "ODbL"}, "elements": elements}
        if remark:
            content["remark"] = remark
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def rows(self) -> list[dict[str, object]]:
        """Features with a geometry and the tags as columns."""
        import shapely

        return [
            {**tags, "geometry": shapely.LineString([self.points[r] for r in refs])}
            for refs, tags in self.lines.values()
        ]


def double_track(length_m: float = 4_000.0) -> Map:
    """A double track with two crossovers, a yard beside it, and a branch from the northern track.

    Numbers: 1x southern track, 2x northern track, 3x branch, 4x yard.
    """
    m = Map()
    marks = [0.0, 1_000.0, 1_060.0, 2_000.0, 3_000.0, 3_060.0, length_m]
    for i, east in enumerate(marks):
        m.point(10 + i, east, 0.0)
        m.point(20 + i, east, 4.5)
    m.point(30, 2_500.0, 120.0)
    m.point(31, 3_500.0, 1_000.0)
    m.point(40, 1_500.0, -6.0)
    m.point(41, 1_900.0, -6.0)
    same = {"gauge": "1435", "maxspeed": "120", "usage": "main", "name": "Valley line"}
    m.line(1, [10, 11, 12, 13, 14, 15, 16], **same)
    m.line(2, [20, 21, 22, 23, 24, 25, 26], **same)
    m.line(3, [11, 22], service="crossover", gauge="1435")
    m.line(4, [24, 15], service="crossover", gauge="1435")
    m.line(5, [23, 30, 31], gauge="1435", maxspeed="60", usage="branch", name="Hill line")
    m.line(6, [12, 40, 41, 13], service="yard", gauge="1435")
    m.point(50, 5.0, 10.0, railway="station", name="Westham", name__de="Westheim", uic_ref="8500001")
    m.point(51, length_m - 5.0, 10.0, railway="station", name="Eastham", railway__ref="EA")
    m.point(52, 3_490.0, 1_000.0, railway="halt", name="Hilltop", ref="1", public_transport="stop_position")
    m.point(53, 2_000.0, 300.0, railway="station", name="Westham Metro", station="subway")
    return m


def graph(
    points: list[tuple[float, float]], edges: list[tuple[int, int]], lengths: list[float] | None = None
) -> TrackGraph:
    """Track graph with positions in metres east and north of 47° N, 9° E."""
    at = np.array(points)
    lon = 9.0 + at[:, 0] * M / np.cos(np.radians(47.0))
    lat = 47.0 + at[:, 1] * M
    tail, head = (np.array(column) for column in zip(*edges, strict=True))
    straight = np.hypot(*(at[tail] - at[head]).T)
    return TrackGraph.bare(
        lon, lat, tail, head, straight if lengths is None else np.array(lengths, np.float64)
    )

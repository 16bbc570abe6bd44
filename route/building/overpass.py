"""Answers of Overpass in JSON, read element by element."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from route.building.osm import LINE_ROUTES
from route.building.survey import RawStation, Survey, Surveyed, graph_of
from route.building.tags import station_id, station_names, station_of, track_of
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from route.building.progress import Silent

__all__ = ["read_overpass"]

_READ_CHARS = 1_000_000
_ELEMENTS = re.compile(r'"elements"\s*:\s*\[')
_REMARK = re.compile(r'"remark"\s*:\s*("(?:[^"\\]|\\.)*")')


def read_overpass(
    path: Path, *, kinds: frozenset[str], progress: Silent
) -> tuple[Surveyed, tuple[RawStation, ...]]:
    """Read the railways of an answer of Overpass.

    Positions may be given with the nodes (``out body; >; out skel;``) or with the ways (``out geom;``).

    Parameters
    ----------
    path : Path
        The JSON file.
    kinds : frozenset of str
        Values of ``railway`` to take.
    progress : Silent
        Is told how far it is.

    Returns
    -------
    Surveyed
        The track.
    tuple of RawStation
        Stations and halts that have names.

    Raises
    ------
    InputError
        If the file is damaged, or the answer says that it is not complete.
    """
    survey = Survey()
    lines: dict[int, str] = {}
    positions: dict[int, tuple[float, float]] = {}
    areas: list[tuple[dict[str, str], int, list[int]]] = []
    progress.step(f"reading {path.name}")
    try:
        for item in _elements(path, progress):
            tags = {str(k): str(v) for k, v in item.get("tags", {}).items()}
            if item["type"] == "node":
                if station_of(tags, kinds):
                    survey.stations.append(_station(tags, f"n{item['id']}", item["lon"], item["lat"]))
            elif item["type"] == "way":
                refs = _refs_of(item, positions)
                track = track_of(tags, kinds)
                if track is not None:
                    survey.add(int(item["id"]), refs, track)
                elif station_of(tags, kinds):
                    areas.append((tags, int(item["id"]), refs))
                if (center := item.get("center")) and station_of(tags, kinds):
                    survey.stations.append(_station(tags, f"w{item['id']}", center["lon"], center["lat"]))
            elif item["type"] == "relation" and tags.get("route") in LINE_ROUTES:
                for member in item.get("members", ()):
                    if member.get("type") == "way" and (name := tags.get("name") or tags.get("ref")):
                        lines.setdefault(int(member["ref"]), name)
        survey.name_lines(lines)
        corners = {ref for _, _, refs in areas for ref in refs}
        missing = np.setdiff1d(survey.refs(), np.fromiter(positions, np.int64, len(positions)))
        wanted = {*missing.tolist(), *corners}
        if wanted:
            for item in _elements(path, progress):
                if item["type"] == "node" and int(item["id"]) in wanted:
                    positions[int(item["id"])] = float(item["lon"]), float(item["lat"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is no answer of Overpass that can be read ({type(error).__name__}: {error}). "
            "Ask for it again with [out:json]."
        ) from error
    numbers = sorted(positions)
    at = np.array([positions[ref] for ref in numbers], np.float64).reshape(-1, 2)
    placed = np.array([(s.lon, s.lat) for s in survey.stations], np.float64).reshape(-1, 2)
    if not (np.abs(np.concatenate([at, placed])) <= (180.0, 90.0)).all():  # NaN is not below anything
        raise InputError(f"{path} has positions that are no longitudes and latitudes. Ask for it again.")
    for tags, number, ring in areas:
        known = [positions[ref] for ref in dict.fromkeys(ring) if ref in positions]
        if known:
            lon, lat = np.mean(known, axis=0).tolist()
            survey.stations.append(_station(tags, f"w{number}", lon, lat))
    surveyed = graph_of(survey, np.array(numbers, np.int64), at[:, 0], at[:, 1])
    if len(survey) and not surveyed.graph.n_edges:
        raise InputError(
            f"{path} has ways without positions. "
            "Ask Overpass with `out geom;`, or add `>; out skel;` after the ways."
        )
    return surveyed, tuple(survey.stations)


def _station(tags: dict[str, str], number: str, lon: float, lat: float) -> RawStation:
    name, names = station_names(tags)
    return RawStation(name, station_id(tags, number), float(lon), float(lat), tuple(names.items()))


def _refs_of(item: dict[str, Any], positions: dict[int, tuple[float, float]]) -> list[int]:
    """Numbers of the points of a way; positions given with the way are noted."""
    geometry = item.get("geometry")
    refs = [int(ref) for ref in item.get("nodes", ())]
    if not geometry:
        return refs
    if not refs:
        # Without numbers, ways meet where positions are the same; no number of the map is negative.
        refs = [
            -1 - (round((p["lon"] + 180) * 1e7) * 1_800_000_001 + round((p["lat"] + 90) * 1e7)) if p else 0
            for p in geometry
        ]
    for ref, point in zip(refs, geometry, strict=True):
        if point:
            positions[ref] = float(point["lon"]), float(point["lat"])
    return refs


def _elements(path: Path, progress: Silent) -> Iterator[dict[str, Any]]:
    """Elements of an answer, without holding more than a part of it."""
    decoder = json.JSONDecoder()
    total = path.stat().st_size
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig") as file:
        text = file.read(_READ_CHARS)
        start = _ELEMENTS.search(text)
        if start is None:
            raise InputError(f"{path} is no answer of Overpass: it has no elements.")
        remark = _REMARK.search(text[: start.start()])
        at = start.end()
        while True:
            while at < len(text) and text[at] in " \t\r\n,":
                at += 1
            if at < len(text) and text[at] == "]":
                remark = remark or _REMARK.search(text[at:] + file.read(_READ_CHARS))
                break
            try:
                item, at = decoder.raw_decode(text, at)
            except ValueError:
                more = file.read(_READ_CHARS)
                if not more:
                    raise InputError(
                        f"{path} is damaged: it breaks off in the middle. Ask Overpass for it again."
                    ) from None
                text, at = text[at:] + more, 0
                progress.at(raw.tell(), total)
                continue
            if not isinstance(item, dict):
                raise InputError(f"{path} is no answer of Overpass: an element is no object.")
            yield item
    if remark is not None and "error" in remark[1]:
        said = json.loads(remark[1])
        raise InputError(
            f"{path} is not complete; Overpass said: {str(said)[:200].rstrip('.')}. Ask for a smaller area."
        )

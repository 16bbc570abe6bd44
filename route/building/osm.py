"""OpenStreetMap files, PBF or XML: the railways in them, in memory bounded by the railways alone."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from route.building.survey import RawStation, Survey, Surveyed, graph_of
from route.building.tags import station_id, station_names, station_of, track_of
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from route.building.progress import Silent

__all__ = ["LINE_ROUTES", "read_osm"]

LINE_ROUTES = ("railway", "tracks")
"""Values of ``route`` of relations that are lines of track; those of trains are services."""

_CHUNK_BYTES = 8_000_000
_BLOB_HEADER_MOST = 64 * 1024
_BLOB_MOST = 33 * 1024 * 1024  # the format allows 32 MiB of data
_NEEDED = (
    "Reading OpenStreetMap files needs the package osmium, which is not installed: "
    "pip install 'railroute[build]'."
)


def read_osm(
    path: Path, *, kinds: frozenset[str], progress: Silent
) -> tuple[Surveyed, tuple[RawStation, ...]]:
    """Read the railways of an OpenStreetMap file.

    The file is read twice: for ways, stations and lines, and then for the positions of their points. What is
    kept grows with the railways in it, not with the file.

    Parameters
    ----------
    path : Path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
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
        If pyosmium is missing, or the file cannot be read to its end.
    """
    try:
        import osmium
    except ModuleNotFoundError as error:
        raise InputError(_NEEDED) from error
    survey = Survey()
    lines: dict[int, str] = {}
    areas: list[tuple[dict[str, str], int, list[int]]] = []
    progress.step(f"reading ways of {path.name}")
    wanted = osmium.filter.KeyFilter("railway", "route")
    with _errors(path):
        for item in _objects(path, wanted, osmium.osm.NODE | osmium.osm.WAY | osmium.osm.RELATION, progress):
            kind, tags = item.type_str(), dict(item.tags)
            if kind == "n":
                if station_of(tags, kinds) and item.location.valid():
                    survey.stations.append(
                        _station(tags, f"n{item.id}", item.location.lon, item.location.lat)
                    )
            elif kind == "w":
                track = track_of(tags, kinds)
                if track is not None:
                    survey.add(item.id, [node.ref for node in item.nodes], track)
                elif station_of(tags, kinds):
                    areas.append((tags, item.id, [node.ref for node in item.nodes]))
            elif tags.get("route") in LINE_ROUTES and (name := tags.get("name") or tags.get("ref")):
                for member in item.members:
                    if member.type == "w":
                        lines.setdefault(member.ref, name)
        survey.name_lines(lines)
        corners = np.array([ref for _, _, refs in areas for ref in refs], np.int64)
        refs = np.union1d(survey.refs(), corners)
        progress.step(f"reading positions of {path.name}")
        lon, lat = np.full(len(refs), np.nan), np.full(len(refs), np.nan)
        if len(refs):
            for node in _objects(path, osmium.filter.IdFilter(refs.tolist()), osmium.osm.NODE, progress):
                at = int(np.searchsorted(refs, node.id))
                if node.location.valid():
                    lon[at], lat[at] = node.location.lon, node.location.lat
    known = np.isfinite(lon)
    refs, lon, lat = refs[known], lon[known], lat[known]
    for tags, number, ring in areas:
        found = np.flatnonzero(np.isin(refs, ring))
        if len(found):
            survey.stations.append(
                _station(tags, f"w{number}", float(lon[found].mean()), float(lat[found].mean()))
            )
    return graph_of(survey, refs, lon, lat), tuple(survey.stations)


def _station(tags: dict[str, str], number: str, lon: float, lat: float) -> RawStation:
    name, names = station_names(tags)
    return RawStation(name, station_id(tags, number), lon, lat, tuple(names.items()))


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Turn what pyosmium raises into one clear sentence."""
    import osmium

    try:
        yield
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}.") from error
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except (RuntimeError, ValueError, KeyError, osmium.InvalidLocationError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> InputError:
    return InputError(
        f"{path} is damaged or no OpenStreetMap file ({why.strip().rstrip('.')}). "
        "Download it again; a download that broke off leaves a file that is too short."
    )


def _objects(path: Path, wanted: Any, entities: Any, progress: Silent) -> Iterator[Any]:
    """Objects of a file that pass a filter."""
    import osmium

    if not path.name.endswith(".pbf"):
        # Text has no blocks to tell the way by, but osmium reads it without holding it.
        if not path.is_file():
            raise FileNotFoundError(str(path))
        for count, item in enumerate(osmium.FileProcessor(str(path), entities).with_filter(wanted)):
            progress.at(count, 0)
            yield item
        return
    for content, done, total in _chunks(path):
        source = osmium.io.FileBuffer(content, "pbf")
        yield from osmium.FileProcessor(source, entities).with_filter(wanted)
        progress.at(done, total)


def _chunks(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """Pieces of a PBF file that are PBF files themselves, with the position in the file and its size.

    A PBF file is a row of blobs, each behind its length; the first describes the file, and the others do not
    depend on each other.
    """
    total = path.stat().st_size
    with path.open("rb") as file:
        head = _blob(file, path)
        if not head:
            raise _damaged(path, "it is empty")
        pieces, size = [head], len(head)
        while blob := _blob(file, path):
            pieces.append(blob)
            size += len(blob)
            if size >= _CHUNK_BYTES:
                yield b"".join(pieces), file.tell(), total
                pieces, size = [head], len(head)
        yield b"".join(pieces), total, total


def _blob(file: Any, path: Path) -> bytes:
    """Next blob with its framing; nothing at the end of the file."""
    length = file.read(4)
    if not length:
        return b""
    size = int.from_bytes(length, "big")
    if len(length) < 4 or size > _BLOB_HEADER_MOST:
        raise _damaged(
            path, "it does not begin as a PBF file does" if file.tell() <= 4 else "it ends in a block"
        )
    header = file.read(size)
    content = _data_size(header)
    if len(header) < size or content is None:
        raise _damaged(path, "it ends in a block")
    if content > _BLOB_MOST:
        raise _damaged(path, "a block of it is larger than a block can be")
    data = file.read(content)
    if len(data) < content:
        raise _damaged(path, "it ends in a block")
    return bytes(length + header + data)


def _data_size(header: bytes) -> int | None:
    """Field 3 of a BlobHeader, the size of the blob behind it."""
    at = 0
    while at < len(header):
        key, at = _varint(header, at)
        value, at = _varint(header, at)
        if key & 7 == 2:
            at += value
        elif key & 7 != 0:
            return None
        elif key >> 3 == 3:
            return value
    return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
    return 0, len(data)

"""Network files: a zip of Arrow tables and a description, read without running any code from it."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from route.errors import NetworkFileError
from route.files import write_atomic
from route.network.model import RailNetwork
from route.network.tracks import MODES, SOURCES, SPEED_SOURCES
from route.places import Place

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["FORMAT_VERSION", "read_network", "write_network"]

FORMAT_VERSION = 1
_MAX_BYTES = 4_000_000_000
_CODES = (
    "source",
    "mode",
    "oneway",
    "speed_source",
    "speed_kmh",
    "gauge",
    "electrification",
    "line",
    "country",
)


def write_network(network: RailNetwork, path: Path, *, decimals: int = 7) -> None:
    """Write a network file; the same network gives the same bytes.

    Parameters
    ----------
    network : RailNetwork
        What to write.
    path : Path
        Where to; an older file is replaced only when the new one is whole.
    decimals : int
        Decimals of a degree that positions are kept to.
    """
    import pyarrow as pa

    scale = 10**decimals
    count = np.diff(network.vertex_start)
    node = np.rint(np.column_stack([network.node_lon, network.node_lat]) * scale).astype(np.int64)
    vertex = np.rint(np.column_stack([network.vertex_lon, network.vertex_lat]) * scale).astype(np.int64)
    step_dm = np.diff(np.rint(network.vertex_m * 10).astype(np.int64), prepend=0)
    inner = np.ones(len(vertex), bool)
    inner[network.vertex_start[:-1]] = False
    not_last = inner.copy()
    not_last[network.vertex_start[1:] - 1] = False
    delta = np.diff(vertex, axis=0, prepend=vertex[:1])
    tables = {
        "nodes": pa.table(
            {"lon": _small(np.diff(node[:, 0], prepend=0)), "lat": _small(np.diff(node[:, 1], prepend=0))}
        ),
        "edges": pa.table(
            {
                "tail": _small(np.diff(network.tail.astype(np.int64), prepend=0)),
                "head": _small(network.head.astype(np.int64) - network.tail),
                "vertices": _small(count),
                "heading_tail": network.heading[0::2],
                "heading_head": network.heading[1::2],
                **{name: getattr(network, name) for name in _CODES},
            }
        ),
        "vertices": pa.table({"lon": _small(delta[not_last, 0]), "lat": _small(delta[not_last, 1])}),
        "steps": pa.table({"dm": _small(step_dm[inner])}),
        "order": pa.table({"state": network.order.astype(np.int32)}),
    }
    meta = {
        "format": "railroute network",
        "version": FORMAT_VERSION,
        "name": network.name,
        "attribution": network.attribution,
        "decimals": decimals,
        "gauges": network.gauges,
        "electrifications": network.electrifications,
        "lines": network.lines,
        "countries": network.countries,
        "stations": [
            {
                "name": p.name,
                "lat": p.lat,
                "lon": p.lon,
                "id": p.id,
                "country": p.country,
                "names": dict(p.names),
            }
            for p in network.stations
        ],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        text = json.dumps(meta, ensure_ascii=False, indent=1).encode()
        archive.writestr(zipfile.ZipInfo("network.json"), text, zipfile.ZIP_DEFLATED)
        for name, table in tables.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.arrow"), _ipc(table))
    write_atomic(path, buffer.getvalue())


def _small(values: NDArray[Any]) -> NDArray[Any]:
    """Values in the smallest integer type that holds them."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values


def _ipc(table: pa.Table) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=19))
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks())
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read_network(path: Path) -> RailNetwork:
    """Read a network file.

    Parameters
    ----------
    path : Path
        A file made by `write_network`.

    Returns
    -------
    RailNetwork
        The network; every index in it has been checked.

    Raises
    ------
    NetworkFileError
        If the file is missing, damaged, of another version, or no network file.
    """
    import pyarrow as pa

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MAX_BYTES:
                raise NetworkFileError(f"{path} is larger than a network file can be.")
            meta = json.loads(archive.read("network.json"))
            if meta.get("format") != "railroute network" or meta.get("version") != FORMAT_VERSION:
                raise NetworkFileError(
                    f"{path} is a network file of version {meta.get('version')}, and this railroute reads version "
                    f"{FORMAT_VERSION}. Build it again."
                )
            names = ("nodes", "edges", "vertices", "steps", "order")
            tables = {n: pa.ipc.open_file(pa.py_buffer(archive.read(f"{n}.arrow"))).read_all() for n in names}
    except FileNotFoundError as error:
        raise NetworkFileError(f"There is no network file {path}.") from error
    except OSError as error:
        raise NetworkFileError(f"Cannot read the network file {path}: {error.strerror or error}.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        pa.ArrowException,
        KeyError,
        ValueError,
        EOFError,
        RuntimeError,  # an encrypted member; a method of compression that is not implemented
    ) as error:
        if isinstance(error, NetworkFileError):
            raise
        raise NetworkFileError(
            f"{path} is not a network file, or it is damaged ({type(error).__name__}). Build or download it again."
        ) from error
    try:
        return _decode(meta, tables)
    except (KeyError, ValueError, TypeError, IndexError, OverflowError, pa.ArrowException) as error:
        raise NetworkFileError(f"{path} is a damaged network file ({error}). Build it again.") from error


def _column(table: pa.Table, name: str, kind: type[np.generic]) -> NDArray[Any]:
    chunks = table.column(name).chunks
    if any(chunk.null_count for chunk in chunks):
        raise ValueError(f"its column {name} has empty cells")
    # Arrow's own conversion to numpy imports pandas, which takes longer than reading the whole file.
    parts = [np.from_dlpack(chunk) for chunk in chunks if len(chunk)]
    return np.concatenate([np.zeros(0, kind), *parts]).astype(kind)


def _decode(meta: dict[str, Any], tables: dict[str, pa.Table]) -> RailNetwork:
    scale = 10.0 ** int(meta["decimals"])
    node = [np.cumsum(_column(tables["nodes"], axis, np.int64)) for axis in ("lon", "lat")]
    tail = np.cumsum(_column(tables["edges"], "tail", np.int64))
    head = tail + _column(tables["edges"], "head", np.int64)
    count = _column(tables["edges"], "vertices", np.int64)
    codes = {name: _column(tables["edges"], name, np.uint16) for name in _CODES}
    order = _column(tables["order"], "state", np.int32)
    gauges = tuple(tuple(int(g) for g in group) for group in meta["gauges"])
    lines, countries = tuple(map(str, meta["lines"])), tuple(map(str, meta["countries"]))
    electrifications = tuple(map(str, meta["electrifications"]))
    _check(
        len(tail) > 0 and count.min() >= 2 and min(tail.min(), head.min()) >= 0,
        max(tail.max(), head.max()) < len(node[0]),
        np.array_equal(np.sort(order), np.arange(2 * len(tail))),
        codes["source"].max() < len(SOURCES)
        and codes["mode"].max() < len(MODES)
        and codes["oneway"].max() <= 2,
        codes["speed_source"].max() < len(SPEED_SOURCES) and codes["gauge"].max() < len(gauges),
        codes["electrification"].max() < len(electrifications),
        codes["line"].max() < len(lines) and codes["country"].max() < len(countries),
        int((count - 2).sum()) == len(tables["vertices"]) and int((count - 1).sum()) == len(tables["steps"]),
    )
    start = np.concatenate([[0], np.cumsum(count)])
    first, last = start[:-1], start[1:] - 1
    inner = np.ones(start[-1], bool)
    inner[first] = False
    between = inner.copy()
    between[last] = False
    vertex = []
    for axis, name in enumerate(("lon", "lat")):
        step = np.zeros(start[-1], np.int64)
        step[between] = _column(tables["vertices"], name, np.int64)
        run = np.cumsum(step)
        value = run - np.repeat(run[first] - node[axis][tail], count)
        value[last] = node[axis][head]
        vertex.append(value / scale)
    metres = np.zeros(start[-1], np.int64)
    metres[inner] = _column(tables["steps"], "dm", np.int64)
    run = np.cumsum(metres)
    _check(bool(metres.min() >= 0), np.abs(vertex[1]).max() <= 90, np.abs(vertex[0]).max() <= 180)
    columns: dict[str, Any] = {
        n: c.astype(np.uint8 if n not in ("line", "speed_kmh") else np.uint16) for n, c in codes.items()
    }
    return RailNetwork(
        name=str(meta["name"]),
        attribution=tuple(map(str, meta["attribution"])),
        node_lon=node[0] / scale,
        node_lat=node[1] / scale,
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        vertex_start=start,
        vertex_lon=vertex[0],
        vertex_lat=vertex[1],
        vertex_m=(run - np.repeat(run[first], count)) / 10.0,
        gauges=gauges,
        electrifications=electrifications,
        lines=lines,
        countries=countries,
        heading=np.column_stack(
            [
                _column(tables["edges"], "heading_tail", np.uint8),
                _column(tables["edges"], "heading_head", np.uint8),
            ]
        ).ravel(),
        order=order,
        stations=tuple(
            Place(
                name=str(s["name"]),
                lat=float(s["lat"]),
                lon=float(s["lon"]),
                id=s["id"],
                country=s["country"],
                names=dict(s["names"]),
                kind="station",
                source="network",
            )
            for s in meta["stations"]
        ),
        **columns,
    )


def _check(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError("its columns do not fit together")

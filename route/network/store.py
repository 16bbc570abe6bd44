"""Network files: a zip of Arrow tables and a description, read without running any code from it."""

from __future__ import annotations

import io
import json
import struct
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
_TABLES = ("nodes", "edges", "vertices", "steps", "order")
_MAX_BYTES = 4_000_000_000
_MAX_RATIO = 100
"""How many times its own size a file may unpack to; networks come to 5 or 6, and bombs to thousands."""

_FREE_BYTES = 1_000_000
_MAX_DECIMALS = 9
_MAX_KMH = 1_000
_MAX_GAUGE_MM = 5_000
_MAX_STEP_DM = 400_000_000  # once round the globe
_MAX_FAN = 64
"""Ways on from an edge, on average, beyond which columns describe no railway; those of the world have 4.5."""

_WIDE = ("line", "speed_kmh")
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
        "nodes": _of_columns(
            {"lon": _small(np.diff(node[:, 0], prepend=0)), "lat": _small(np.diff(node[:, 1], prepend=0))}
        ),
        "edges": _of_columns(
            {
                "tail": _small(np.diff(network.tail.astype(np.int64), prepend=0)),
                "head": _small(network.head.astype(np.int64) - network.tail),
                "vertices": _small(count),
                "heading_tail": network.heading[0::2],
                "heading_head": network.heading[1::2],
                **{name: getattr(network, name) for name in _CODES},
            }
        ),
        "vertices": _of_columns({"lon": _small(delta[not_last, 0]), "lat": _small(delta[not_last, 1])}),
        "steps": _of_columns({"dm": _small(step_dm[inner])}),
        "order": _of_columns({"state": network.order.astype(np.int32)}),
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


def _of_columns(columns: dict[str, NDArray[Any]]) -> pa.Table:
    import pyarrow as pa

    # Arrow's own conversion from numpy imports pandas, as the one to it does.
    arrays = [
        pa.Array.from_buffers(
            pa.from_numpy_dtype(c.dtype), len(c), [None, pa.py_buffer(np.ascontiguousarray(c))]
        )
        for c in columns.values()
    ]
    return pa.Table.from_arrays(arrays, names=list(columns))


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
            room = min(_MAX_BYTES, _MAX_RATIO * path.stat().st_size + _FREE_BYTES)
            wanted = [archive.getinfo(name) for name in ("network.json", *(f"{n}.arrow" for n in _TABLES))]
            if sum(item.file_size for item in wanted) > room:
                raise NetworkFileError(f"{path} unpacks to more than a network file can. Do not use it.")
            meta = json.loads(archive.read("network.json"))
            if not isinstance(meta, dict) or meta.get("format") != "railroute network":
                raise ValueError("no description of a network")
            if meta.get("version") != FORMAT_VERSION:
                raise NetworkFileError(
                    f"{path} is a network file of version {str(meta.get('version'))[:20]}, and this railroute "
                    f"reads version {FORMAT_VERSION}. Build it again with this one."
                )
            tables = {n: _table(archive.read(f"{n}.arrow"), room, path) for n in _TABLES}
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
        struct.error,
        RuntimeError,  # an encrypted member; a method of compression that is not implemented
    ) as error:
        if isinstance(error, NetworkFileError):
            raise
        raise NetworkFileError(
            f"{path} is not a network file, or it is damaged ({type(error).__name__}). Build or download it again."
        ) from error
    try:
        return _decode(meta, tables)
    except (
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
        pa.ArrowException,
    ) as error:
        raise NetworkFileError(f"{path} is a damaged network file ({error}). Build it again.") from error


def _table(content: bytes, room: int, path: Path) -> pa.Table:
    """Table of an Arrow file, whose columns are measured before they are unpacked."""
    import pyarrow as pa

    # Read as the stream that stands between the magic and the footer, so that what is measured is what is read.
    if not content.startswith(b"ARROW1\0\0"):
        raise ValueError("no Arrow file")
    reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(content)[8:])
    batches = []
    try:
        first, *messages = reader
        if first.type != "schema":  # taken for one, it would end the process
            raise ValueError("a table without a schema")
        schema = pa.ipc.read_schema(first)
        for message in messages:
            room -= _unpacked(message)
            if room < 0:
                raise NetworkFileError(f"{path} unpacks to more than a network file can. Do not use it.")
            batches.append(pa.ipc.read_record_batch(message, schema))
        table = pa.Table.from_batches(batches, schema)
        table.validate()
    except OSError as error:  # Arrow's word for bytes that do not fit; nothing is read from a disk here
        raise ValueError(str(error)) from error
    return table


def _unpacked(message: pa.Message) -> int:
    """Size of the columns of a compressed record batch once they are unpacked, in bytes.

    Each compressed buffer begins with its unpacked size; where the buffers lie is said by the header of the
    message, a FlatBuffers table (Apache Arrow columnar format 1.4, Message.fbs).
    """
    if message.type != "record batch":
        raise ValueError("a message that is no record batch")
    header, body = memoryview(message.metadata), memoryview(message.body)

    def follow(at: int) -> int:
        return at + int(struct.unpack_from("<I", header, at)[0])

    def field(table: int, number: int) -> int:
        slots = table - int(struct.unpack_from("<i", header, table)[0])
        size = struct.unpack_from("<H", header, slots)[0]
        place = struct.unpack_from("<H", header, slots + 4 + 2 * number)[0] if 6 + 2 * number <= size else 0
        if not place:
            raise ValueError("a record batch without columns")
        return table + int(place)

    vector = follow(field(follow(field(follow(0), 2)), 2))
    total = 0
    for number in range(struct.unpack_from("<I", header, vector)[0]):
        offset, length = struct.unpack_from("<qq", header, vector + 4 + 16 * number)
        if length > 0:
            # -1 stands for a buffer that was left as it is.
            size = struct.unpack_from("<q", body, offset)[0]
            total += size if size >= 0 else length
    return total


def _column(table: pa.Table, name: str, kind: type[np.integer[Any]]) -> NDArray[Any]:
    import pyarrow as pa

    column = table.column(name)
    if column.null_count or not pa.types.is_integer(column.type):
        raise ValueError(f"its column {name} is not of whole numbers")
    # Arrow's own conversion to numpy imports pandas, which takes longer than reading the whole file.
    parts = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    values = np.concatenate(parts) if parts else np.zeros(0, kind)
    limits = np.iinfo(kind)
    if len(values) and (int(values.min()) < limits.min or int(values.max()) > limits.max):
        raise ValueError(f"its column {name} has numbers that are too large")
    return values.astype(kind)


def _decode(meta: dict[str, Any], tables: dict[str, pa.Table]) -> RailNetwork:
    decimals = int(meta["decimals"])
    _check(0 <= decimals <= _MAX_DECIMALS)
    scale = 10.0**decimals
    node = [np.cumsum(_column(tables["nodes"], axis, np.int64)) for axis in ("lon", "lat")]
    tail = np.cumsum(_column(tables["edges"], "tail", np.int64))
    head = tail + _column(tables["edges"], "head", np.int64)
    count = _column(tables["edges"], "vertices", np.int64)
    codes = {n: _column(tables["edges"], n, np.uint16 if n in _WIDE else np.uint8) for n in _CODES}
    order = _column(tables["order"], "state", np.int32)
    gauges = tuple(tuple(int(g) for g in group) for group in meta["gauges"])
    lines, countries = tuple(map(str, meta["lines"])), tuple(map(str, meta["countries"]))
    electrifications = tuple(map(str, meta["electrifications"]))
    _check(
        len(tail) > 0 and min(tail.min(), head.min()) >= 0,
        max(tail.max(initial=0), head.max(initial=0)) < len(node[0]),
        # Counts are bounded one by one, or their sum could overflow into what is expected.
        count.min(initial=2) >= 2 and count.max(initial=0) <= len(tables["steps"]) + 1,
        all(0 < mm < _MAX_GAUGE_MM for group in gauges for mm in group),
    )
    degree = np.bincount(np.concatenate([tail, head]))
    _check(
        int(np.square(degree).sum()) <= _MAX_FAN * 2 * len(tail),
        np.array_equal(np.sort(order), np.arange(2 * len(tail))),
        codes["source"].max() < len(SOURCES)
        and codes["mode"].max() < len(MODES)
        and codes["oneway"].max() <= 2,
        codes["speed_source"].max() < len(SPEED_SOURCES) and codes["gauge"].max() < len(gauges),
        codes["electrification"].max() < len(electrifications),
        codes["line"].max() < len(lines) and codes["country"].max() < len(countries),
        codes["speed_kmh"].max() <= _MAX_KMH,
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
    _check(
        bool(metres.min() >= 0 and metres.max() <= _MAX_STEP_DM),
        *(
            np.abs(at[1]).max() <= 90 and np.abs(at[0]).max() <= 180
            for at in (vertex, [n / scale for n in node])
        ),
    )
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
                id=None if s["id"] is None else str(s["id"]),
                country=None if s["country"] is None else str(s["country"]),
                names={str(tag): str(name) for tag, name in s["names"].items()},
                kind="station",
                source="network",
            )
            for s in meta["stations"]
        ),
        **codes,
    )


def _check(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError("its columns do not fit together")

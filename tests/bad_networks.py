"""Network files that are damaged, of another version, or made to do harm."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable


def tampered(good: bytes, **changes: object) -> bytes:
    """Network file with changed members: None to leave out, bytes, or a function of the table or the description."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            content: bytes | None = old.read(item)
            change = changes.get(item.filename.split(".")[0], False)
            if callable(change) and item.filename == "network.json":
                content = json.dumps(change(json.loads(content or b""))).encode()
            elif callable(change):
                content = arrow(change(pa.ipc.open_file(pa.py_buffer(content)).read_all()))
            elif change is not False:
                content = change  # type: ignore[assignment]
            if content is not None:
                new.writestr(item.filename, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def without_schema() -> bytes:
    """Arrow file whose first message is of no known kind; Arrow, asked for its schema, ends the process."""
    content = bytearray(arrow(pa.table({"dm": pa.array([10, 10, 10], pa.int8())})))
    content[28:29] = b"\0"
    first = next(iter(pa.ipc.MessageReader.open_stream(pa.py_buffer(bytes(content))[8:])))
    assert first.type == "unknown"
    return bytes(content)


def column(name: str, values: object) -> Callable[[pa.Table], pa.Table]:
    """Change of a table: a column with the first value replaced, or replaced whole."""

    def change(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        new = values
        if not isinstance(values, pa.Array):
            new = pa.array([values, *table.column(name).to_pylist()[1:]])
        return table.set_column(at, name, new)

    return change


def described(**changes: object) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda meta: meta | changes


def torn(share: float) -> Callable[[bytes], bytes]:
    return lambda good: good[: int(len(good) * share)]


def appended(good: bytes, name: str, content: bytes) -> bytes:
    buffer = io.BytesIO(good)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def hub(ways: int = 400) -> bytes:
    """Network in which all tracks meet in one point, so that its turns are the square of its edges."""
    tables = {
        "nodes": pa.table({"lon": pa.array([0] * (ways + 1)), "lat": pa.array([0] * (ways + 1))}),
        "edges": pa.table(
            {
                "tail": pa.array([0] * ways),
                "head": pa.array(range(1, ways + 1)),
                "vertices": pa.array([2] * ways),
                **{
                    n: pa.array([0] * ways)
                    for n in (
                        "heading_tail", "heading_head", "source", "mode", "oneway", "speed_source", "speed_kmh",
                        "gauge", "electrification", "line", "country",
                    )
                },
            }
        ),
        "vertices": pa.table({"lon": pa.array([], pa.int8()), "lat": pa.array([], pa.int8())}),
        "steps": pa.table({"dm": pa.array([10] * ways)}),
        "order": pa.table({"state": pa.array(range(2 * ways))}),
    }  # fmt: skip
    meta = {
        "format": "railroute network", "version": 1, "name": "", "attribution": [], "decimals": 5, "gauges": [[]],
        "electrifications": [""], "lines": [""], "countries": [""], "stations": [],
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("network.json", json.dumps(meta))
        for name, table in tables.items():
            archive.writestr(f"{name}.arrow", arrow(table))
    return buffer.getvalue()


BIG = pa.array(np.zeros(20_000_000, np.int8))
NETWORKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda good: b"", "not a network file"),
    "text": (lambda good: b"name,lat,lon\n", "not a network file"),
    "other-zip": (lambda good: appended(b"", "word/document.xml", b"<a/>"), "not a network file"),
    "older": (lambda good: tampered(good, network=described(version=0)), "of version 0"),
    "newer": (lambda good: tampered(good, network=described(version=2)), "of version 2"),
    "no-version": (lambda good: tampered(good, network=described(version=None)), "of version None"),
    "long-version": (lambda good: tampered(good, network=described(version="9" * 10**6)), "of version 9"),
    "other-format": (lambda good: tampered(good, network=described(format="x")), "not a network file"),
    "list": (lambda good: tampered(good, network=b"[1]"), "not a network file"),
    "deep": (lambda good: tampered(good, network=b"[" * 100_000), "not a network file"),
    "utf-16": (lambda good: tampered(good, network='{"é": 1}'.encode("utf-16")), "not a network file"),
    "nothing-said": (lambda good: tampered(good, network=lambda meta: {"format": "x"}), "not a network file"),
    "decimals": (lambda good: tampered(good, network=described(decimals=400)), "damaged"),
    "decimals-negative": (lambda good: tampered(good, network=described(decimals=-5)), "damaged"),
    "decimals-nan": (lambda good: tampered(good, network=described(decimals=float("nan"))), "damaged"),
    "gauges": (lambda good: tampered(good, network=described(gauges=[[10**30]] * 3)), "damaged"),
    "gauges-number": (lambda good: tampered(good, network=described(gauges=3)), "damaged"),
    "lines": (lambda good: tampered(good, network=described(lines=[])), "damaged"),
    "countries": (lambda good: tampered(good, network=described(countries=None)), "damaged"),
    "stations": (lambda good: tampered(good, network=described(stations=[{"name": "x"}])), "damaged"),
    "stations-nan": (
        lambda good: tampered(
            good,
            network=described(
                stations=[{"name": "x", "lat": float("nan"), "lon": 0, "id": 1, "country": 1, "names": {}}]
            ),
        ),
        "damaged",
    ),
    "stations-names": (
        lambda good: tampered(
            good,
            network=described(
                stations=[{"name": "x", "lat": 0, "lon": 0, "id": 1, "country": 1, "names": 1}]
            ),
        ),
        "damaged",
    ),
    "no-table": (lambda good: tampered(good, steps=None), "not a network file"),
    "no-arrow": (lambda good: tampered(good, steps=b"hello"), "not a network file"),
    "only-magic": (lambda good: tampered(good, steps=b"ARROW1\0\0"), "not a network file"),
    "magic-and-noise": (
        lambda good: tampered(good, steps=b"ARROW1\0\0" + b"\xff" * 99),
        "not a network file",
    ),
    "no-schema": (lambda good: tampered(good, steps=without_schema()), "not a network file"),
    "no-column": (lambda good: tampered(good, edges=lambda t: t.drop_columns(["gauge"])), "damaged"),
    "column-twice": (
        lambda good: tampered(good, edges=lambda t: t.append_column("gauge", t.column("gauge"))),
        "damaged",
    ),
    "other-table": (lambda good: tampered(good, steps=lambda t: pa.table({"x": [1]})), "damaged"),
    "no-rows": (lambda good: tampered(good, edges=lambda t: t.slice(0, 0)), "damaged"),
    "fewer-rows": (lambda good: tampered(good, steps=lambda t: t.slice(0, 1)), "damaged"),
    "floats": (lambda good: tampered(good, nodes=column("lon", 1.5)), "damaged"),
    "nan": (lambda good: tampered(good, nodes=column("lon", float("nan"))), "damaged"),
    "texts": (lambda good: tampered(good, nodes=column("lon", pa.array(["a"] * 4))), "damaged"),
    "flags": (lambda good: tampered(good, nodes=column("lon", pa.array([True] * 4))), "damaged"),
    "nulls": (lambda good: tampered(good, nodes=column("lon", None)), "damaged"),
    "far": (lambda good: tampered(good, nodes=column("lat", 10**15)), "damaged"),
    "negative-node": (lambda good: tampered(good, edges=column("tail", -1)), "damaged"),
    "far-node": (lambda good: tampered(good, edges=column("head", 10**9)), "damaged"),
    "huge-node": (lambda good: tampered(good, edges=column("tail", 2**62)), "damaged"),
    "code": (lambda good: tampered(good, edges=column("gauge", 9)), "damaged"),
    "code-negative": (lambda good: tampered(good, edges=column("line", -1)), "damaged"),
    "code-wraps": (lambda good: tampered(good, edges=column("country", 256)), "damaged"),
    "speed": (lambda good: tampered(good, edges=column("speed_kmh", 65_000)), "damaged"),
    "vertices": (lambda good: tampered(good, edges=column("vertices", 2**62)), "damaged"),
    "vertices-wrap": (
        lambda good: tampered(good, edges=column("vertices", pa.array([2**62, 2**62, 2**63 - 1]))),
        "damaged",
    ),
    "backwards": (lambda good: tampered(good, steps=column("dm", -5)), "damaged"),
    "too-long": (lambda good: tampered(good, steps=column("dm", 2**60)), "damaged"),
    "order": (lambda good: tampered(good, order=column("state", 10**6)), "damaged"),
    "order-twice": (lambda good: tampered(good, order=column("state", pa.array([0] * 6))), "damaged"),
    "hub": (lambda good: hub(), "damaged"),
    "bomb-of-columns": (
        lambda good: tampered(good, steps=lambda t: pa.table({"dm": BIG})),
        "unpacks to more",
    ),
    "bomb-of-json": (lambda good: tampered(good, network=b" " * 200_000_000), "unpacks to more"),
    **{
        f"torn-at-{share}": (torn(share), "network file") for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
    },
}

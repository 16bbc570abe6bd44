"""Generated tables, frames and texts: every row is answered or told why not, and nothing ends in a traceback."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import shutil
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import building_samples as samples
import pandas as pd
import pyarrow as pa
import pytest
from fuzzing import NASTY, edits, examples, spoilt
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import route
from route import cli
from route.bulk.answers import ANSWERS
from route.errors import RouteError
from route.network.contraction import contract
from route.network.store import write_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATUSES = {"ok", "no_path", "place_not_found", "ambiguous", "invalid"}
NUMBERS = ANSWERS[1:-1]
POSITIONS = ("origin_lat", "origin_lon", "destination_lat", "destination_lon")
SMALL = ["--network", "small.railnet"]


def _mostly(good: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Three good ones for each other one."""
    return st.sampled_from([good, good, good, other]).flatmap(lambda chosen: chosen)


_degrees = st.one_of(
    st.floats(46.9, 47.1),
    st.floats(),
    st.sampled_from([0, 90, -90, 90.0001, 180, -180, 180.0001, 131.88, 1e308, -0.0, 5e-324]),
)
_number = {
    "lat": _mostly(st.sampled_from([46.98, 47.0, 47.01]) | st.floats(46.97, 47.05), _degrees),
    "lon": _mostly(st.sampled_from([8.98, 9.0, 9.02]) | st.floats(8.97, 9.07), _degrees),
}
_odd = (
    _degrees.map(str)
    | st.sampled_from(NASTY)
    | st.sampled_from(["47,0", "47°", "1_0", "0x10", "１２", "٤٧", "47N", "4.7e1", " 47 "])
)
_cells = {axis: _mostly(values.map(str), _odd) for axis, values in _number.items()}
_names = st.sampled_from(
    ["47,9", "47.0,9.05", "47.01 9.02", "9,47", "nan,nan", "90,0", "-90,0", "0,180", "0,-180", "131.88,43.11", "Paris",
     "pyongyang", "russky", "Russky Island", "Springfield", "geonames:2988507"]
) | st.sampled_from(NASTY)  # fmt: skip
_ends = _mostly(st.sampled_from(["47,9", "47.0,9.05", "47.01 9.02", "47.02,9.0"]), _names)
_via = st.sampled_from(
    ["", "", "", ";", "; ;", "47.01,9.02", "47.01,9.02;47,9.03", ";;47,9;;", "0,-30", "Xyzzyplugh;x"]
) | st.sampled_from(NASTY)
_trains = st.sampled_from(["", "", "freight", "night", " freight ", "tram", "FREIGHT"]) | st.sampled_from(
    NASTY
)
_headings = st.sampled_from(["id", "note", "Origin", "x y", "=1+1", 'a"b', " ", "lat", "name"])


class Table(NamedTuple):
    """Columns of text."""

    columns: list[str]
    rows: list[list[str]]

    def csv(self, separator: str, end: str) -> str:
        text = io.StringIO()
        csv.writer(text, delimiter=separator, lineterminator=end).writerows([self.columns, *self.rows])
        return text.getvalue()

    @property
    def clean(self) -> bool:
        """Whether it is a table in UTF-8, so that each of its rows has to be answered."""
        words = [*self.columns, *(cell for row in self.rows for cell in row)]
        # With one column there is nothing to tell the separator by.
        return (
            len(self.columns) > 1
            and bool(self.rows)
            and not any("\0" in w or any("\ud800" <= c <= "\udfff" for c in w) for w in words)
        )


@st.composite
def _tables(
    draw: st.DrawFn, needed: list[tuple[str, ...]], cells: dict[str, st.SearchStrategy[str]]
) -> Table:
    columns = list(draw(st.sampled_from(needed)))
    columns += draw(st.lists(st.sampled_from(sorted(cells)) | _headings, max_size=3))
    columns = draw(st.permutations(list(dict.fromkeys(columns))))
    row = st.tuples(*(cells.get(name, _odd) for name in columns)).map(list)
    return Table(columns, draw(st.lists(row, max_size=5)))


_pairs = _tables(
    [("origin", "destination"), POSITIONS, POSITIONS],
    {
        "origin": _ends,
        "destination": _ends,
        "via": _via,
        "train": _trains,
        **{name: _cells[name[-3:]] for name in POSITIONS},
    },
)
_spots = _tables([("name",), ("lat", "lon"), ("lat", "lon")], {"name": _ends, **_cells})
_written = st.tuples(
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "utf-32", "cp037"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder with a small network, which the command line runs in."""
    made = tmp_path_factory.mktemp("bulk")
    graph = samples.graph([(-2_000, 0), (900, 0), (4_500, 500), (900, 3_000)], [(0, 1), (1, 2), (1, 3)])
    write_network(contract(graph, name="small", attribution=("nobody",)), made / "small.railnet")
    with contextlib.chdir(made):
        yield made


def run(words: list[str]) -> tuple[int, str, str]:
    """A command line: its exit code and what it said."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = cli.main(words)
    told = err.getvalue()
    assert "Unexpected" not in told
    assert "Traceback" not in told
    assert "Warning" not in told
    assert "\x1b" not in told
    return code, out.getvalue(), told


def bulk(folder: Path, command: str, content: bytes, ending: str, more: list[str]) -> pa.Table | None:
    """Table that a command makes of one; None if it refuses it."""
    (folder / f"in{ending}").write_bytes(content)
    out = folder / f"out{ending}"
    try:
        code, said, told = run([command, f"in{ending}", "-o", out.name, *SMALL, *more])
        assert code in (0, 2), told
        assert said == ""
        left = {path.name for path in folder.iterdir()} - {"small.railnet", f"in{ending}"}
        if code:
            assert len(told.splitlines()) == 1, told
            assert left == set()
            return None
        assert told == ""
        assert left == {out.name}
        if ending == ".parquet":
            return parquet.read_table(out)
        with out.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file, delimiter=separator_of(out), strict=True)
        return pa.table([[row[i] for row in rows] for i in range(len(head))], names=head)
    finally:
        for path in [*folder.glob("out*"), *folder.glob("in.*")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def separator_of(path: Path) -> str:
    head = path.read_text(encoding="utf-8").rpartition("status")[2]
    return head[0]


def answered(table: pa.Table, rows: int) -> None:
    """Each row has a status; good ones have numbers that go together, others say why."""
    assert table.num_rows == rows
    for row in table.select(list(ANSWERS)).to_pylist():
        assert row["status"] in STATUSES
        values = [row[name] for name in NUMBERS]
        if row["status"] == "ok":
            distance, crow, low, middle, high = map(float, values)
            assert all(map(math.isfinite, (distance, crow, low, middle, high)))
            assert distance >= 0 <= crow
            assert 0 <= low <= middle <= high
            assert not row["message"]
        else:
            assert all(v in ("", None) or math.isnan(float(v)) for v in values)
            assert row["message"]
            assert row["message"].isprintable() or "\n" not in row["message"]


@examples(50)
@given(
    table=_pairs,
    written=_written,
    more=st.sampled_from([[], ["--shortest"], ["--pick", "best"], ["--part-rows", "2"]]),
)
def test_batch_of_any_csv(folder: Path, table: Table, written: tuple[str, str, str], more: list[str]) -> None:
    separator, end, encoding = written
    content = table.csv(separator, end).encode(
        encoding, errors="replace" if encoding != "utf-8" else "surrogatepass"
    )
    found = bulk(folder, "batch", content, ".csv", more)
    if encoding in ("utf-8", "utf-8-sig") and table.clean:
        assert found is not None
    if found is not None:
        answered(found, len(table.rows))
        if encoding.startswith("utf-8") and table.clean:
            kept = found.select(list(range(len(table.columns))))
            assert kept.column_names == table.columns
            assert [
                list(row) for row in zip(*(c.to_pylist() for c in kept.columns), strict=True)
            ] == table.rows


@examples(40)
@given(table=_spots, written=_written)
def test_matrix_of_any_csv(folder: Path, table: Table, written: tuple[str, str, str]) -> None:
    separator, end, encoding = written
    content = table.csv(separator, end).encode(
        encoding, errors="replace" if encoding != "utf-8" else "surrogatepass"
    )
    found = bulk(folder, "matrix", content, ".csv", [])
    if encoding in ("utf-8", "utf-8-sig") and table.clean:
        assert found is not None
    if found is not None:
        answered(found, len(table.rows) ** 2)
        assert found.column_names[:2] == ["origin", "destination"]


@examples(30)
@given(table=_pairs, changes=edits())
def test_batch_of_spoilt_csv(folder: Path, table: Table, changes: list[Any]) -> None:
    head, _, rows = table.csv(",", "\n").encode(errors="replace").partition(b"\n")
    content = head + b"\n" + spoilt(rows, changes).decode(errors="replace").encode()
    found = bulk(folder, "batch", content, ".csv", [])
    if found is not None:
        answered(found, found.num_rows)


_typed: dict[str, st.SearchStrategy[Any]] = {
    "double": _degrees,
    "float": st.floats(width=32),
    "int64": st.integers(-200, 200),
    "uint8": st.integers(0, 255),
    "string": _odd | _names,
    "large_string": _names,
    "bool": st.booleans(),
    "binary": st.binary(max_size=4),
    "decimal128(9, 3)": st.decimals(-200, 200, places=3),
    "null": st.none(),
}
_types = {
    "double": pa.float64(), "float": pa.float32(), "int64": pa.int64(), "uint8": pa.uint8(), "string": pa.string(),
    "large_string": pa.large_string(), "bool": pa.bool_(), "binary": pa.binary(), "decimal128(9, 3)": pa.decimal128(9, 3),
    "null": pa.null(),
}  # fmt: skip


@st.composite
def _typed_tables(draw: st.DrawFn, needed: list[tuple[str, ...]]) -> pa.Table:
    names = [
        *draw(st.sampled_from(needed)),
        *draw(st.lists(st.sampled_from(["via", "train", "id", "x"]), unique=True)),
    ]
    count = draw(st.integers(0, 4))
    columns = []
    for name in names:
        usual = "double" if name.endswith(("lat", "lon")) else "string"
        kind = draw(st.sampled_from([usual, usual, usual, *_types]))
        value = _typed[kind]
        if kind == usual:
            value = _number[name[-3:]] if usual == "double" else _ends
        values = draw(st.lists(_mostly(value, value | st.none()), min_size=count, max_size=count))
        values = [v.replace("\ud800", "?") if isinstance(v, str) else v for v in values]
        column = pa.array(values, _types[kind])
        columns.append(column.dictionary_encode() if kind == "string" and draw(st.booleans()) else column)
    return pa.table(columns, names=names)


@examples(50)
@given(table=_typed_tables([("origin", "destination"), POSITIONS]))
def test_batch_of_any_parquet(folder: Path, table: pa.Table) -> None:
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    found = bulk(folder, "batch", sink.getvalue(), ".parquet", [])
    if found is not None:
        answered(found, table.num_rows)


@examples(30)
@given(table=_typed_tables([("name",), ("lat", "lon")]))
def test_matrix_of_any_parquet(folder: Path, table: pa.Table) -> None:
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    found = bulk(folder, "matrix", sink.getvalue(), ".parquet", [])
    if found is not None:
        answered(found, table.num_rows**2)


@examples(30)
@given(table=_typed_tables([("origin", "destination"), POSITIONS]), changes=edits())
def test_batch_of_spoilt_parquet(folder: Path, table: pa.Table, changes: list[Any]) -> None:
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    found = bulk(folder, "batch", spoilt(sink.getvalue(), changes), ".parquet", [])
    if found is not None:
        answered(found, found.num_rows)


_anything = st.one_of(
    _names, _degrees, st.none(), st.integers(), st.booleans(), st.dates(), st.binary(max_size=3)
)


@examples(40)
@given(data=st.data(), positions=st.booleans())
def test_frames_of_any_values(folder: Path, data: st.DataObject, positions: bool) -> None:
    names = POSITIONS if positions else ("origin", "destination")
    count = data.draw(st.integers(0, 4))
    columns = {
        name: data.draw(
            st.lists(
                _mostly(_number[name[-3:]] if positions else _ends, _anything), min_size=count, max_size=count
            )
        )
        for name in names
    }
    # As objects: text that is no Unicode is refused by pandas' own type for text.
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    before = frame.copy(deep=True)
    try:
        found = route.batch(frame, network=folder / "small.railnet")
    except RouteError:
        return
    finally:
        pd.testing.assert_frame_equal(frame, before)
    assert isinstance(found, pd.DataFrame)
    answered(pa.Table.from_pandas(found[list(ANSWERS)], preserve_index=False), count)


# --- Texts

_words = st.sampled_from(
    ["He left", "Kazan", "for", "Omsk", "and arrived in", "Paris", "Lyon", ".", "\n", "from", "to", "via", "on 24 April",
     "Пекин", "поезд из", "Москвы", "в", "平壤", "から", "München", "nach", "(", "“", "Springfield", "Mr", "the", "train",
     "47.0,9.0", "2019-04-24", "05:00", "not", "Khasan", "crossed the border at", "\u200f", "=", '"""', "\\", "]"]
) | st.sampled_from(NASTY)  # fmt: skip
_texts = st.lists(_words, max_size=30).map(" ".join)
_encodings = st.sampled_from(
    ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1251", "utf-7", "cp037"]
)


def told_well(code: int, said: str, told: str, most: int = 2) -> None:
    assert code in (0, 2, 3, 4), told
    if code:
        assert said == ""
        assert 1 <= len(told.splitlines()) <= most, told
    assert "\x1b" not in said


@examples(40)
@given(
    text=_texts,
    encoding=_encodings,
    form=st.sampled_from(["table", "json", "toml"]),
    more=st.sampled_from(
        [[], ["--pick", "best"], ["--lang", "ru"], ["--encoding", "utf-8"], ["--encoding", "utf-16"]]
    ),
)
def test_read_of_any_text(folder: Path, text: str, encoding: str, form: str, more: list[str]) -> None:
    (folder / "in.txt").write_bytes(text.encode(encoding, errors="replace"))
    code, said, told = run(["read", "in.txt", "--format", form, *more])
    told_well(code, said, told)
    if code == 0 and form == "json":
        json.loads(said)
    if code == 0 and form == "toml":
        tomllib.loads(said)
        (folder / "in.toml").write_text(said, encoding="utf-8")
        told_well(*run(["check", "in.toml", *SMALL]))


@examples(20)
@given(content=st.binary(max_size=200) | _texts.map(lambda t: t.encode(errors="replace")), changes=edits())
def test_read_of_spoilt_text(folder: Path, content: bytes, changes: list[Any]) -> None:
    (folder / "in.txt").write_bytes(spoilt(content, changes))
    told_well(*run(["read", "in.txt"]))


@examples(15)
@given(text=_texts, encoding=_encodings, form=st.sampled_from(["table", "json", "csv"]))
def test_legs_of_any_text(folder: Path, text: str, encoding: str, form: str) -> None:
    (folder / "in.txt").write_bytes(text.encode(encoding, errors="replace"))
    code, said, told = run(["legs", "--text", "in.txt", "--format", form, *SMALL])
    told_well(code, said, told, most=3)  # what was read, and why it is no journey

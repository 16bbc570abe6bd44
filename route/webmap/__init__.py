"""The map page: journeys as one interactive, self-contained HTML file made with folium.

It only draws: distances and times are those of the itinerary, verdicts those of a check. `build_map` is the way
in, `build_comparison` that for several journeys. `journey` turns the tables into texts and values, `zones` finds
whose clock holds where, `reports` does the same for sightings and verdict, `comparison` for several journeys;
`axis` and `graph` draw distance against time, `content` joins them, `leaflet` reads the library, `page` puts the
document together, `embed` and `picture` make the piece that a newsroom pastes.
"""

from __future__ import annotations

from route.webmap.journey import Shown
from route.webmap.page import RouteMap, build_comparison, build_map

__all__ = ["RouteMap", "Shown", "build_comparison", "build_map"]

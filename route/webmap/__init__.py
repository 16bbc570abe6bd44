"""The map page: an itinerary as one interactive, self-contained HTML file made with folium.

It only draws: distances and times are those of the itinerary. `build_map` is the way in; `content` turns the
tables into texts and values, `graph` draws distance against time, `basemap` cuts out the land around the
route and `placenames` writes on it, `leaflet` reads the library, `page` puts the document together.
"""

from __future__ import annotations

from route.webmap.page import RouteMap, build_map

__all__ = ["RouteMap", "build_map"]

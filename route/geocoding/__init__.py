"""Names to places: curated, offline and online sources, and the joint choice along a route."""

from __future__ import annotations

from route.geocoding.candidates import Candidate, town_place
from route.geocoding.curated import CuratedPlace, PlaceIndex, curated_places, load_places
from route.geocoding.online import OnlineGeocoder, OnlineSettings
from route.geocoding.resolving import KnownNames, Resolution, resolve

__all__ = [
    "Candidate",
    "CuratedPlace",
    "KnownNames",
    "OnlineGeocoder",
    "OnlineSettings",
    "PlaceIndex",
    "Resolution",
    "curated_places",
    "load_places",
    "resolve",
    "town_place",
]

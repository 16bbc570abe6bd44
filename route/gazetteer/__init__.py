"""Offline look-up of the world's towns by all their names."""

from __future__ import annotations

from route.gazetteer.lookup import Area, Gazetteer, Match, open_gazetteer
from route.gazetteer.names import checked, normalise, shown, spellings
from route.gazetteer.store import Town

__all__ = [
    "Area",
    "Gazetteer",
    "Match",
    "Town",
    "checked",
    "normalise",
    "open_gazetteer",
    "shown",
    "spellings",
]

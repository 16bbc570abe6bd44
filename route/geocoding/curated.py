"""The curated places of ``data/places.geojson``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from route.errors import InputError
from route.files import data_path
from route.gazetteer.names import normalise, spellings
from route.places import Place

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CuratedPlace", "PlaceIndex", "curated_places", "load_places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CuratedPlace:
    """A place of the file with what a router wants to know beyond its position.

    Parameters
    ----------
    place : Place
        The place.
    aliases : tuple of str
        Other names, in any language.
    gauges_mm : tuple of int
        Track gauges at the station, in millimetres.
    railhead : str or None
        Identifier of the place where the road to here leaves the railway; ``None`` where there is a railway.
    """

    place: Place
    aliases: tuple[str, ...] = ()
    gauges_mm: tuple[int, ...] = ()
    railhead: str | None = None


class PlaceIndex:
    """Places found by identifier and by any of their names.

    Parameters
    ----------
    entries : iterable of CuratedPlace
        The places.
    """

    def __init__(self, entries: tuple[CuratedPlace, ...]) -> None:
        self.entries = entries
        self._by_id = {entry.place.id: entry for entry in entries if entry.place.id is not None}
        self._by_key: dict[str, list[CuratedPlace]] = {}
        for entry in entries:
            names = (entry.place.name, *entry.place.names.values(), *entry.aliases)
            for key in dict.fromkeys(key for name in names for key in spellings(name)):
                self._by_key.setdefault(key, []).append(entry)

    @classmethod
    def of(cls, places: tuple[Place, ...]) -> PlaceIndex:
        """Index of places that have nothing but themselves.

        Parameters
        ----------
        places : tuple of Place
            The places.

        Returns
        -------
        PlaceIndex
            Their index.
        """
        return cls(tuple(CuratedPlace(place=place) for place in places))

    def with_id(self, identifier: str) -> CuratedPlace | None:
        """Place of an identifier.

        Parameters
        ----------
        identifier : str
            The identifier, exactly.

        Returns
        -------
        CuratedPlace or None
            The place; ``None`` if there is none.
        """
        return self._by_id.get(identifier)

    def find(self, name: str) -> tuple[CuratedPlace, ...]:
        """Places that bear a name.

        Parameters
        ----------
        name : str
            The name, in any language.

        Returns
        -------
        tuple of CuratedPlace
            The places in the order of the file; empty if there is none.
        """
        hits = {id(entry): entry for key in spellings(name) for entry in self._by_key.get(key, ())}
        return tuple(hits.values())

    def similar(self, name: str) -> tuple[Place, ...]:
        """Places with a name that looks like one that is unknown.

        Parameters
        ----------
        name : str
            The name that was not found.

        Returns
        -------
        tuple of Place
            The places, most similar first; at most one letter in four differs.
        """
        from rapidfuzz.distance import OSA  # only on a miss
        from rapidfuzz.process import extract

        key = normalise(name)
        if len(key) < 4:
            return ()
        hits = extract(
            key, list(self._by_key), scorer=OSA.distance, processor=None, score_cutoff=len(key) // 4, limit=20
        )
        places = {id(entry): entry.place for hit, _, _ in hits for entry in self._by_key[hit]}
        return tuple(places.values())

    def railhead(self, place: Place) -> Place | None:
        """Where the road to a place leaves the railway.

        Parameters
        ----------
        place : Place
            A place with ``access`` ``road``.

        Returns
        -------
        Place or None
            The place at the railway; ``None`` if the file names none.
        """
        entry = self.with_id(place.id) if place.id else None
        head = self.with_id(entry.railhead) if entry and entry.railhead else None
        return head.place if head else None


def _entry(feature: dict[str, Any]) -> CuratedPlace:
    lon, lat = feature["geometry"]["coordinates"]
    properties = feature["properties"]
    texts = [properties["name"], properties["id"], *properties["names"].values(), *properties["aliases"]]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a name or id is no text")
    return CuratedPlace(
        place=Place(
            name=properties["name"],
            lat=lat,
            lon=lon,
            country=properties["country"],
            timezone=properties["timezone"],
            kind=properties["kind"],
            source="curated",
            id=properties["id"],
            names=MappingProxyType(dict(properties["names"])),
            access=properties["access"],
        ),
        aliases=tuple(properties["aliases"]),
        gauges_mm=tuple(properties["gauge_mm"]),
        railhead=properties.get("railhead"),
    )


def load_places(path: Path) -> PlaceIndex:
    """Read a file of curated places.

    Parameters
    ----------
    path : Path
        GeoJSON with the properties of ``data/places.geojson``.

    Returns
    -------
    PlaceIndex
        Its places.

    Raises
    ------
    InputError
        If the file cannot be read, or a place lacks a property or bears the identifier of another.
    """
    number = 0
    entries: dict[str, CuratedPlace] = {}
    try:
        for number, feature in enumerate(json.loads(path.read_bytes())["features"], start=1):
            entry = _entry(feature)
            identifier = str(entry.place.id)
            if identifier in entries:
                raise InputError(f'{path}, place {number}: the id "{identifier}" is taken, give it another.')
            entries[identifier] = entry
        for entry in entries.values():
            if entry.place.access == "road" and entry.railhead not in entries:
                raise InputError(
                    f'{path}, "{entry.place.id}": its railhead must be the id of a place of the file.'
                )
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except KeyError as error:
        raise InputError(f"{path}, place {number}: {error} is missing, add it.") from error
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}, place {number}: not readable as GeoJSON of places ({error}).") from error
    return PlaceIndex(tuple(entries.values()))


@lru_cache(maxsize=1)
def curated_places() -> PlaceIndex:
    """The curated places that come with the package, read once for each process.

    Returns
    -------
    PlaceIndex
        The places.
    """
    return load_places(data_path("places.geojson"))

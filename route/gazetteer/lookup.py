"""Names to towns, without a network: exact names, names with a country or state behind them, suggestions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from route.gazetteer.names import is_latin, normalise, spellings, without_city
from route.gazetteer.store import Store, Town, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Area", "Gazetteer", "Match", "open_gazetteer"]

GEONAMES_ID = re.compile(r"geonames:(\d{1,9})")

# A name with what follows it: "Paris, FR", "Springfield, IL, USA", "Paris (France)", "東京、日本".
_QUALIFIED = re.compile(r"(?P<name>[^,，、،(（]+?)\s*(?:[,，、،(（]\s*(?P<rest>.+?)\s*[)）]?)")

_ARTICLE = "ال"
_SAINT = re.compile(r"^(?:st\.?|sankt)\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Area:
    """A country, or a first-level division of one.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-2 code.
    region : str or None
        The division as GeoNames codes it; ``None`` for the whole country.
    """

    country: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A town that bears a name that was looked up.

    Parameters
    ----------
    town : Town
        The town.
    by_alias : bool
        True if the name is not the one that GeoNames shows, but another one in Latin letters. Names in other
        scripts never are the one shown, so that they do not count as aliases.
    """

    town: Town
    by_alias: bool


class Gazetteer:
    """The world's towns, found by any of their names.

    Parameters
    ----------
    store : Store
        The opened file.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def search(self, name: str, *, areas: tuple[Area, ...] = ()) -> tuple[Match, ...]:
        """Towns that bear a name.

        Parameters
        ----------
        name : str
            A name in any language and script, without country or state.
        areas : tuple of Area
            Where to look; anywhere if empty.

        Returns
        -------
        tuple of Match
            The towns, largest population first; empty if the name is unknown.
        """
        latin = is_latin(name)
        for written in _ways_to_write(name):
            keys = spellings(written)
            indices = sorted({index for key in keys for index in self.store.find(key)})
            towns = [town for town in map(self.store.town, indices) if _inside(town, areas)]
            if towns:
                return tuple(
                    Match(town, by_alias=latin and not set(keys) & set(spellings(town.name)))
                    for town in towns
                )
        return ()

    def qualified(self, text: str) -> tuple[str, tuple[Area, ...]] | None:
        """A name and what stands behind it, taken apart.

        Parameters
        ----------
        text : str
            Such as ``Springfield, IL`` or ``Paris (France)``.

        Returns
        -------
        tuple of str and tuple of Area, or None
            The name, and the areas it may lie in, none if what stands behind it is unknown; ``None`` if
            nothing stands behind the name.
        """
        parts = _QUALIFIED.fullmatch(text)
        if parts is None:
            return None
        wanted = [self.areas(part) for part in re.split(r"[,，、،]", parts["rest"]) if normalise(part)]
        if not wanted:
            return None
        areas = wanted[0]
        for others in wanted[1:]:
            areas = tuple(
                area if area.region else Area(area.country, other.region)
                for area in areas
                for other in others
                if area.country == other.country and None in (area.region, other.region)
            )
        return parts["name"], areas

    def areas(self, name: str) -> tuple[Area, ...]:
        """Countries and divisions of a name or code.

        Parameters
        ----------
        name : str
            Such as ``FR``, ``France``, ``Frankrig``, ``Франция`` or ``Texas``.

        Returns
        -------
        tuple of Area
            All that bear it; empty if it is unknown.
        """
        known = self.store.words["areas"]
        return tuple(
            dict.fromkeys(
                Area(country, region) for key in spellings(name) for country, region in known.get(key, ())
            )
        )

    def country_name(self, code: str | None) -> str:
        """English name of a country.

        Parameters
        ----------
        code : str or None
            ISO 3166-1 alpha-2 code.

        Returns
        -------
        str
            The name; the code itself if it is unknown, empty if there is none.
        """
        name: str = self.store.words["countries"].get(code or "", code or "")
        return name

    def region_code(self, town: Town) -> str:
        """Short name of the division that a town lies in, as people write it behind the name.

        Parameters
        ----------
        town : Town
            The town.

        Returns
        -------
        str
            Such as ``IL``; empty where people do not write it.
        """
        name: str = self.store.words["region_names"].get(f"{town.country}.{town.region}", "")
        return name

    def with_id(self, text: str) -> Town | None:
        """Town of an identifier such as ``geonames:2988507``.

        Parameters
        ----------
        text : str
            The identifier.

        Returns
        -------
        Town or None
            The town; ``None`` if the text is no identifier or there is no such town.
        """
        parts = GEONAMES_ID.fullmatch(text.strip())
        index = self.store.with_id(int(parts[1])) if parts else None
        return None if index is None else self.store.town(index)

    def nearest(self, lat: float, lon: float) -> tuple[Town, float]:
        """Town nearest to a point.

        Parameters
        ----------
        lat, lon : float
            Position in degrees, WGS 84.

        Returns
        -------
        tuple of Town, float
            The town, and the distance in kilometres.
        """
        index, distance_km = self.store.nearest(lat, lon)
        return self.store.town(index), distance_km

    def landmark(self, lat: float, lon: float, *, within_km: float = 15.0) -> Town | None:
        """Town by which a reader finds a point: the largest one around.

        Parameters
        ----------
        lat, lon : float
            Position in degrees, WGS 84.
        within_km : float
            How far it may be, in kilometres, 200 at the most.

        Returns
        -------
        Town or None
            The town; ``None`` if there is none.
        """
        index = self.store.largest_within(lat, lon, within_km)
        return None if index is None else self.store.town(index)

    def suggestions(self, name: str, *, limit: int = 5) -> tuple[Town, ...]:
        """Towns with a name that looks like one that is unknown.

        Parameters
        ----------
        name : str
            The name that was not found.
        limit : int
            At most so many.

        Returns
        -------
        tuple of Town
            Those with the fewest mistakes, large ones first; empty if more than a quarter of the letters
            differ.

        Notes
        -----
        A mistake is a letter too many, too few or wrong, or two neighbours swapped (optimal string
        alignment).
        """
        from rapidfuzz.distance import OSA  # only on a miss
        from rapidfuzz.process import extract

        key = normalise(name)
        if len(key) < 3:
            return ()
        allowed = 1 if len(key) < 5 else max(2, len(key) // 4)
        nearest: dict[int, int] = {}
        for keys, at, towns in self.store.key_blocks():
            # A name of another length is that many mistakes away at least: None is skipped unread.
            similar = [other if abs(len(other) - len(key)) <= allowed else None for other in keys]
            for _, mistakes, i in extract(
                key, similar, scorer=OSA.distance, score_cutoff=allowed, limit=None
            ):
                town = int(towns[at[i]])
                nearest[town] = min(nearest.get(town, allowed), int(mistakes))
        fewest = min(nearest.values(), default=0)
        # Towns are numbered by population, the largest first.
        ranked = sorted(town for town, mistakes in nearest.items() if mistakes == fewest)
        return tuple(self.store.town(town) for town in ranked[:limit])


def _inside(town: Town, areas: tuple[Area, ...]) -> bool:
    return not areas or any(
        area.country == town.country and area.region in (None, town.region) for area in areas
    )


def _ways_to_write(name: str) -> Iterator[str]:
    yield name
    if without_city(name) != name:
        yield without_city(name)
    # The Arabic article comes and goes with the sentence that the name stood in.
    if name.startswith(_ARTICLE):
        yield name[len(_ARTICLE) :]
    elif "\u0621" <= name[0] <= "\u064a":
        yield _ARTICLE + name
    if _SAINT.match(name):
        for saint in ("Saint ", "Sankt ", "St "):
            yield _SAINT.sub(saint, name)


@lru_cache(maxsize=4)
def open_gazetteer(path: Path | None = None) -> Gazetteer:
    """The gazetteer, opened once for each process.

    Parameters
    ----------
    path : Path or None
        The file; ``None`` for the one that comes with the package.

    Returns
    -------
    Gazetteer
        The gazetteer.
    """
    return Gazetteer(open_store(path))

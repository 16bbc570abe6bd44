"""The gazetteer's file: how towns and their names lie in it, and how they are read.

The file starts with the eight bytes of `MAGIC`, the length of a header (unsigned 32 bits, little-endian) and
the header, JSON. The header gives place and length of each section, counted from the end of the header
rounded up to eight bytes:

``town.*``
    One column each of the towns, largest population first.
``names``, ``names.at``
    Names of the towns in the same order, in zlib blocks of `NAMES_PER_BLOCK`, and where each block starts.
``keys``, ``keys.at``, ``keys.first``
    All normalised names in order, in zlib blocks, where each block starts, and the first key of each. A block
    holds its keys, a zero byte, the number of towns of each key (16 bits) and the towns (32 bits).
``words``
    Countries in several languages, regions and time zones, JSON in zlib.

A look-up maps the file into memory, bisects the first keys and unpacks one block.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from route.errors import InputError
from route.files import data_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["COLUMNS", "KEYS_PER_BLOCK", "MAGIC", "NAMES_PER_BLOCK", "NO_RAIL", "Store", "Town", "open_store"]

MAGIC = b"RRGAZ01\n"
KEYS_PER_BLOCK = 512
NAMES_PER_BLOCK = 256
NO_RAIL = 255
"""Code of ``town.rail`` for more than 100 km from any railway; below that it counts half kilometres."""

COLUMNS = {
    "lat": "<i4",
    "lon": "<i4",
    "population": "<u4",
    "id": "<u4",
    "country": "<u1",
    "region": "<u2",
    "timezone": "<u2",
    "rail": "<u1",
    "network": "<u1",
}
"""Columns of a town with their types; positions in 1e-5 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A populated place of the gazetteer.

    Parameters
    ----------
    index : int
        Rank by population, from 0.
    geonameid : int
        Identifier at GeoNames.
    name : str
        Its name at GeoNames, in Latin letters and mostly in English.
    lat, lon : float
        Position in degrees, WGS 84.
    population : int
        Inhabitants; 0 if unknown.
    country : str
        ISO 3166-1 alpha-2 code, ``XK`` for Kosovo.
    region : str
        First-level division as GeoNames codes it, such as ``IL`` in the US; empty if unknown.
    timezone : str
        IANA time zone.
    rail_km : float or None
        Distance to the nearest railway in kilometres, to half a kilometre; ``None`` beyond 100 km.
    network : int
        Number of the connected railway network it lies at; 0 for none, or one of the very small ones.
    """

    index: int
    geonameid: int
    name: str
    lat: float
    lon: float
    population: int
    country: str
    region: str
    timezone: str
    rail_km: float | None
    network: int


class Store:
    """A gazetteer file, opened for reading.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If the file is missing or is not a gazetteer of this version.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                f"Cannot read the gazetteer {path}: {reason}. Install railroute anew."
            ) from error
        try:
            if self._map[: len(MAGIC)] != MAGIC:
                raise ValueError("it has another format")
            (length,) = struct.unpack_from("<I", self._map, len(MAGIC))
            start = len(MAGIC) + 4
            header: dict[str, Any] = json.loads(self._map[start : start + length])
            self._sections: dict[str, list[int]] = header["sections"]
            self._base = -(-(start + length) // 8) * 8
            if self._base + max(at + size for at, size in self._sections.values()) > len(self._map):
                raise ValueError("it is cut short")
            self.columns: dict[str, NDArray[Any]] = {
                name: self._array(f"town.{name}", dtype) for name, dtype in COLUMNS.items()
            }
            self._names_at = self._array("names.at", "<u4")
            self._keys_at = self._array("keys.at", "<u4")
            self._first = zlib.decompress(self._bytes("keys.first")).decode().split("\n")
        except (ValueError, KeyError, TypeError, struct.error, zlib.error) as error:
            raise InputError(f"Cannot use the gazetteer {path}: {error}. Install railroute anew.") from error
        # A table of many names asks all over; a block takes some 15 kB of names, or 40 kB of keys.
        self._names_block = lru_cache(maxsize=512)(self._read_names)
        self._keys_block = lru_cache(maxsize=256)(self._read_keys)

    def __len__(self) -> int:
        """Number of towns."""
        return len(self.columns["id"])

    def _bytes(self, section: str) -> bytes:
        at, size = self._sections[section]
        return self._map[self._base + at : self._base + at + size]

    def _array(self, section: str, dtype: str) -> NDArray[Any]:
        at, size = self._sections[section]
        return np.frombuffer(self._map, dtype, size // np.dtype(dtype).itemsize, self._base + at)

    def _block(self, section: str, at: NDArray[Any], number: int) -> bytes:
        start, _ = self._sections[section]
        return zlib.decompress(
            self._map[self._base + start + int(at[number]) : self._base + start + int(at[number + 1])]
        )

    def _read_names(self, number: int) -> list[str]:
        return self._block("names", self._names_at, number).decode().split("\n")

    def _read_keys(self, number: int) -> tuple[list[str], NDArray[Any], NDArray[Any]]:
        block = self._block("keys", self._keys_at, number)
        end = block.index(b"\0")
        keys = block[:end].decode().split("\n")
        counts = np.frombuffer(block, "<u2", len(keys), end + 1).astype(np.int64)
        towns = np.frombuffer(block, "<u4", int(counts.sum()), end + 1 + 2 * len(keys))
        return keys, np.concatenate(([0], np.cumsum(counts))), towns

    @cached_property
    def words(self) -> dict[str, Any]:
        """Codes and names of countries and their divisions, and time zones."""
        words: dict[str, Any] = json.loads(zlib.decompress(self._bytes("words")))
        return words

    def find(self, key: str) -> list[int]:
        """Towns that bear a name.

        Parameters
        ----------
        key : str
            The normalised name.

        Returns
        -------
        list of int
            Indices of the towns, largest first; empty if there is none.
        """
        number = bisect_right(self._first, key) - 1
        if number < 0:
            return []
        keys, at, towns = self._keys_block(number)
        i = bisect_left(keys, key)
        if i == len(keys) or keys[i] != key:
            return []
        return [int(town) for town in towns[at[i] : at[i + 1]]]

    def key_blocks(self) -> Iterator[tuple[list[str], NDArray[Any], NDArray[Any]]]:
        """All normalised names, a block at a time.

        Yields
        ------
        tuple of list of str, ndarray, ndarray
            The names; where the towns of each start, and where those of the last end; the towns.
        """
        for number in range(len(self._first)):
            yield self._read_keys(number)

    @property
    def first_keys(self) -> list[str]:
        """First normalised name of each block, in order."""
        return self._first

    def key_block(self, number: int) -> tuple[list[str], NDArray[Any], NDArray[Any]]:
        """One block of normalised names.

        Parameters
        ----------
        number : int
            Number of the block, from 0.

        Returns
        -------
        tuple of list of str, ndarray, ndarray
            As `key_blocks` yields them.
        """
        return self._read_keys(number)

    def name(self, index: int) -> str:
        """Name of a town.

        Parameters
        ----------
        index : int
            Its rank by population.

        Returns
        -------
        str
            The name.
        """
        return self._names_block(index // NAMES_PER_BLOCK)[index % NAMES_PER_BLOCK]

    def town(self, index: int) -> Town:
        """A town with all that is known of it.

        Parameters
        ----------
        index : int
            Its rank by population.

        Returns
        -------
        Town
            The town.
        """
        row = {name: int(column[index]) for name, column in self.columns.items()}
        words = self.words
        return Town(
            index=index,
            geonameid=row["id"],
            name=self.name(index),
            lat=row["lat"] / 1e5,
            lon=row["lon"] / 1e5,
            population=row["population"],
            country=words["codes"][row["country"]],
            region=words["regions"][row["region"]],
            timezone=words["timezones"][row["timezone"]],
            rail_km=None if row["rail"] == NO_RAIL else row["rail"] / 2,
            network=row["network"],
        )

    def with_id(self, geonameid: int) -> int | None:
        """Town of an identifier.

        Parameters
        ----------
        geonameid : int
            Identifier at GeoNames.

        Returns
        -------
        int or None
            Index of the town, ``None`` if there is none.
        """
        hits = np.flatnonzero(self.columns["id"] == geonameid)
        return int(hits[0]) if len(hits) else None

    def nearest(self, lat: float, lon: float) -> tuple[int, float]:
        """Town nearest to a point.

        Parameters
        ----------
        lat, lon : float
            Position in degrees, WGS 84.

        Returns
        -------
        tuple of int, float
            Index of the town, and the distance in kilometres on a sphere.
        """
        near, distance_km = self._around(lat, lon)
        best = int(distance_km.argmin())
        return int(near[best]), float(distance_km[best])

    def largest_within(self, lat: float, lon: float, within_km: float) -> int | None:
        """Largest town around a point.

        Parameters
        ----------
        lat, lon : float
            Position in degrees, WGS 84.
        within_km : float
            How far it may be, in kilometres on a sphere, 200 at the most.

        Returns
        -------
        int or None
            Index of the town; ``None`` if there is none.
        """
        near, distance_km = self._around(lat, lon)
        # Towns are stored by population, the largest first.
        found = near[distance_km <= within_km]
        return int(found[0]) if len(found) else None

    def _around(self, lat: float, lon: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Towns at about the latitude of a point, or all if there are none, with their distances in kilometres."""
        columns = self.columns
        # In 1e-5 degrees, as stored: the rows to measure are found without touching the others.
        near = np.flatnonzero(np.abs(columns["lat"] - round(lat * 1e5)) < 200_000)
        if not len(near):
            near = np.arange(len(self))
        latitudes = np.radians(columns["lat"][near] / 1e5)
        longitudes = np.radians(columns["lon"][near] / 1e5)
        phi, lam = np.radians([lat, lon])
        half = (
            np.sin((latitudes - phi) / 2) ** 2
            + np.cos(phi) * np.cos(latitudes) * np.sin((longitudes - lam) / 2) ** 2
        )
        return near, 2 * 6371.0088 * np.arcsin(np.sqrt(half))


@lru_cache(maxsize=4)
def open_store(path: Path | None = None) -> Store:
    """The gazetteer, opened once for each process.

    Parameters
    ----------
    path : Path or None
        The file; ``None`` for the one that comes with the package.

    Returns
    -------
    Store
        The gazetteer.
    """
    return Store(path or data_path("gazetteer.bin"))

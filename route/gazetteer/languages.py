"""Names of towns and countries by language.

``data/town_names.bin`` starts with the eight bytes of `MAGIC`, the length of a header (unsigned 32 bits,
little-endian) and the header, JSON with the number of towns. Three sections follow, each from a multiple of
eight bytes: the numbers of the towns at GeoNames in order (32 bits), where each block starts (32 bits), and
the blocks, zlib. A block has a line for each of `TOWNS_PER_BLOCK` towns: language tag and name in turn,
separated by tabs.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from route.errors import InputError
from route.files import data_path
from route.places import best_tag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["MAGIC", "TOWNS_PER_BLOCK", "TownNames", "country_names", "open_names", "packed_names"]

MAGIC = b"RRNAM01\n"
TOWNS_PER_BLOCK = 128

_NONE: Mapping[str, str] = MappingProxyType({})


def packed_names(names: Mapping[int, Mapping[str, str]]) -> bytes:
    """File of the names of towns.

    Parameters
    ----------
    names : mapping of int to mapping of str to str
        Names by language tag, by the number of the town at GeoNames.

    Returns
    -------
    bytes
        The content of the file; the same for the same names.
    """
    numbers = sorted(names)
    lines = ["\t".join(part for pair in names[number].items() for part in pair) for number in numbers]
    blocks = [
        zlib.compress("\n".join(lines[i : i + TOWNS_PER_BLOCK]).encode(), 9)
        for i in range(0, len(lines), TOWNS_PER_BLOCK)
    ]
    starts = np.concatenate(([0], np.cumsum([len(block) for block in blocks]))).astype("<u4")
    header = json.dumps({"towns": len(numbers), "blocks": len(blocks)}, separators=(",", ":")).encode()
    parts = [
        MAGIC + struct.pack("<I", len(header)) + header,
        np.array(numbers, "<u4").tobytes(),
        starts.tobytes(),
    ]
    return b"".join(part + bytes(-len(part) % 8) for part in parts) + b"".join(blocks)


class TownNames:
    """A file of names of towns by language, opened for reading.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If the file is missing or is not of this format.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if self._map[: len(MAGIC)] != MAGIC:
                raise ValueError("it has another format")
            (length,) = struct.unpack_from("<I", self._map, len(MAGIC))
            at = len(MAGIC) + 4
            header: dict[str, Any] = json.loads(self._map[at : at + length])
            at = -(-(at + length) // 8) * 8
            self._numbers = np.frombuffer(self._map, "<u4", header["towns"], at)
            at = -(-(at + 4 * header["towns"]) // 8) * 8
            self._starts = np.frombuffer(self._map, "<u4", header["blocks"] + 1, at)
            self._base = -(-(at + 4 * (header["blocks"] + 1)) // 8) * 8
            if self._base + int(self._starts[-1]) != len(self._map):
                raise ValueError("it is cut short")
        except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                f"Cannot read the names of towns {path}: {reason}. Install railroute anew."
            ) from error
        self._block = lru_cache(maxsize=512)(self._read)

    def _read(self, number: int) -> list[str]:
        start, end = (self._base + int(at) for at in self._starts[number : number + 2])
        return zlib.decompress(self._map[start:end]).decode().split("\n")

    def of(self, geonameid: int) -> Mapping[str, str]:
        """Names of a town that differ from its usual one.

        Parameters
        ----------
        geonameid : int
            Identifier at GeoNames.

        Returns
        -------
        mapping of str to str
            The names by IETF language tag: first those of the languages of its country, then those of
            widely read ones. Empty if none is known.
        """
        # As a number of their own type: for any other the whole column would be converted.
        at = int(np.searchsorted(self._numbers, np.uint32(geonameid)))
        if at == len(self._numbers) or self._numbers[at] != geonameid:
            return _NONE
        parts = self._block(at // TOWNS_PER_BLOCK)[at % TOWNS_PER_BLOCK].split("\t")
        return MappingProxyType(dict(zip(parts[::2], parts[1::2], strict=True)))


@lru_cache(maxsize=4)
def open_names(path: Path | None = None) -> TownNames:
    """The names of towns, opened once for each process.

    Parameters
    ----------
    path : Path or None
        The file; ``None`` for the one that comes with the package.

    Returns
    -------
    TownNames
        The names.
    """
    return TownNames(path or data_path("town_names.bin"))


@lru_cache(maxsize=16)
def country_names(lang: str | None = None) -> Mapping[str, str]:
    """Names of countries in a language.

    Parameters
    ----------
    lang : str or None
        IETF language tag.

    Returns
    -------
    mapping of str to str
        Short names by ISO 3166-1 alpha-2 code, as the Unicode CLDR has them; empty for a language that it
        does not have, and for ``None``.
    """
    if not lang:
        return _NONE
    from babel import Locale, localedata  # 30 ms that only a chosen language needs

    identifiers = {name.replace("_", "-"): name for name in localedata.locale_identifiers()}
    tag = best_tag(lang, identifiers)
    if tag is None or tag == "root":
        return _NONE
    return MappingProxyType(dict(Locale.parse(identifiers[tag]).territories))

"""Places: what a name stands for on the map."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Place", "best_tag"]

_NO_NAMES: Mapping[str, str] = MappingProxyType({})

# Regions that write Chinese in traditional characters, and the two names of Norwegian, as the likely subtags
# and aliases of the Unicode CLDR have them.
_SAME = {"zh-tw": "zh-hant", "zh-hk": "zh-hant", "zh-mo": "zh-hant", "zh-hans": "zh", "no": "nb", "iw": "he"}


def best_tag(lang: str | None, tags: Iterable[str]) -> str | None:
    """Tag that answers for a language: itself, or the nearest wider one (RFC 4647, lookup).

    Parameters
    ----------
    lang : str or None
        The language that is asked for, as an IETF tag such as ``da``, ``pt-BR`` or ``zh_TW``, in any case.
    tags : iterable of str
        Tags to choose from.

    Returns
    -------
    str or None
        One of `tags`; ``None`` if none answers.

    Examples
    --------
    >>> best_tag("pt-BR", ["pt", "en"])
    'pt'
    >>> best_tag("zh-TW", ["zh", "zh-Hant"])
    'zh-Hant'
    """
    if not lang:
        return None
    known = {tag.lower(): tag for tag in tags}
    wanted = lang.strip().replace("_", "-").lower()
    while wanted:
        for tag in (wanted, _SAME.get(wanted)):
            if tag in known:
                return known[tag]
        wanted = _SAME.get(wanted, wanted).rpartition("-")[0]
    return None


def _is_latin(name: str) -> bool:
    return all(unicodedata.name(char, "").startswith("LATIN") for char in name if char.isalpha())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point with a name.

    Parameters
    ----------
    name : str
        The name to show.
    lat, lon : float
        Position in degrees, WGS 84 (EPSG:4326); latitude -90 to 90, longitude -180 to 180.
    country : str or None
        ISO 3166-1 alpha-2 code, ``XK`` for Kosovo.
    timezone : str or None
        IANA time zone, such as ``Asia/Pyongyang``.
    kind : str
        ``city``, ``town``, ``station``, ``border_station``, ``campus`` or ``point``.
    source : str
        Where the place comes from: ``curated``, ``geonames``, ``network``, ``user``, or the name of a geocoding
        service such as ``nominatim``.
    id : str or None
        Stable identifier, if the source has one.
    names : mapping of str to str
        The name in other languages, by IETF language tag.
    access : str
        How the place is reached on its last stretch: ``rail``, or ``road`` where there is no railway.

    Raises
    ------
    InputError
        If the position is not on the globe.
    """

    name: str
    lat: float
    lon: float
    country: str | None = None
    timezone: str | None = None
    kind: str = "point"
    source: str = "user"
    id: str | None = None
    names: Mapping[str, str] = field(default_factory=lambda: _NO_NAMES, hash=False)
    access: str = "rail"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and math.isfinite(self.lon)):
            raise InputError(
                f"{self.name}: latitude and longitude must be numbers, not {self.lat}, {self.lon}."
            )
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            swapped = abs(self.lon) <= 90 and abs(self.lat) <= 180
            hint = (
                " They look swapped: write latitude first."
                if swapped
                else " Latitude goes from -90 to 90, longitude from -180 to 180."
            )
            raise InputError(f"{self.name}: {self.lat}, {self.lon} is no latitude and longitude.{hint}")

    def tag_in(self, lang: str | None) -> str | None:
        """Tag of the name that `name_in` gives.

        Parameters
        ----------
        lang : str or None
            IETF language tag.

        Returns
        -------
        str or None
            A key of `names`; ``None`` where `name` itself answers.
        """
        return best_tag(lang, self.names)

    def name_in(self, lang: str | None) -> str:
        """Name of the place in a language.

        Parameters
        ----------
        lang : str or None
            IETF language tag in any case; a wider tag answers for a narrower one, as ``pt`` for ``pt-BR``.

        Returns
        -------
        str
            The name; for ``None``, `name`; for a language without a name, `name` with the English one behind
            it where `name` is not in Latin letters.
        """
        tag = self.tag_in(lang)
        if tag is not None:
            return self.names[tag]
        english = self.names.get("en")
        if lang and english and not _is_latin(self.name):
            return f"{self.name} ({english})"
        return self.name

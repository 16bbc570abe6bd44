"""Places: what a name stands for on the map."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Place"]

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


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
        Where the place comes from: ``curated``, ``geonames``, ``network``, ``nominatim`` or ``user``.
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

    def name_in(self, lang: str | None) -> str:
        """Name of the place in a language.

        Parameters
        ----------
        lang : str or None
            IETF language tag; ``None`` or a language without a name gives `name`.

        Returns
        -------
        str
            The name.
        """
        return self.name if lang is None else self.names.get(lang, self.name)

"""Sources of networks: which reader a file is for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from route.building.osm import read_osm
from route.building.survey import OSM_ATTRIBUTION, Source
from route.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from route.building.progress import Silent

__all__ = ["read_source"]

_OSM_ENDINGS = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml", ".osm.xz")
_HEAD_BYTES = 4096


def read_source(
    path: Path, *, kinds: frozenset[str], layer: str | None, assume: str | None, progress: Silent
) -> Source:
    """Read the railways of a file.

    Parameters
    ----------
    path : Path
        The file; its ending and its first bytes tell its format.
    kinds : frozenset of str
        Kinds of railway to take.
    layer : str, optional
        Layer of a file with several.
    assume : str, optional
        Kind of railway that every line is taken for, if the file does not say.
    progress : Silent
        Is told how far it is.

    Returns
    -------
    Source
        What was read.

    Raises
    ------
    InputError
        If the file is missing, damaged or of an unknown schema.
    """
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    lower = path.name.lower()
    if lower.endswith(_OSM_ENDINGS):
        return Source(*read_osm(path, kinds=kinds, progress=progress), (OSM_ATTRIBUTION,))
    if path.is_file() and _is_overpass(path):
        from route.building.overpass import read_overpass

        return Source(*read_overpass(path, kinds=kinds, progress=progress), (OSM_ATTRIBUTION,))
    from route.building.vector import read_vector

    return read_vector(path, kinds=kinds, layer=layer, assume=assume, progress=progress)


def _is_overpass(path: Path) -> bool:
    """Whether a file is JSON that has elements rather than features."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    text = head.decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")
    if not text.startswith("{") or '"FeatureCollection"' in text:
        return False
    if '"elements"' in text or '"osm3s"' in text:
        return True
    try:
        return "elements" in json.loads(text)
    except (ValueError, RecursionError):
        return False

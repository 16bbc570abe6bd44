"""Leaflet, read from the files of the XStatic-Leaflet package and made fit to stand inside a page."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Leaflet", "leaflet"]

_SOURCE_MAP = re.compile(r"^\s*(//|/\*)[#@] sourceMappingURL=.*$", re.MULTILINE)
_IMAGE = re.compile(r"url\((['\"]?)images/([\w.-]+)\1\)")
_ICONS = {
    "iconUrl": "marker-icon.png",
    "iconRetinaUrl": "marker-icon-2x.png",
    "shadowUrl": "marker-shadow.png",
}


class Leaflet(NamedTuple):
    """Leaflet as text.

    Parameters
    ----------
    script : str
        The library, safe inside a ``script`` element.
    style : str
        Its style sheet, images as data addresses.
    icons : dict of str to str
        Options of ``L.Icon.Default`` with data addresses.
    """

    script: str
    style: str
    icons: dict[str, str]


@cache
def leaflet() -> Leaflet:
    """Leaflet without any reference to a file or an address.

    Returns
    -------
    Leaflet
        Its script, style sheet and icons.
    """
    from xstatic.pkg import leaflet as package

    folder = Path(package.BASE_DIR)

    def image(name: str) -> str:
        return "data:image/png;base64," + base64.b64encode((folder / "images" / name).read_bytes()).decode(
            "ascii"
        )

    script = _SOURCE_MAP.sub("", (folder / "leaflet.js").read_text(encoding="utf-8"))
    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    return Leaflet(
        script=script.replace("</script", "<\\/script").strip(),
        style=_IMAGE.sub(lambda found: f'url("{image(found[2])}")', style).strip(),
        icons={option: image(name) for option, name in _ICONS.items()},
    )

"""The page: a folium map that is one self-contained file."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, Figure
from jinja2 import Environment
from markupsafe import Markup

from route.files import write_atomic
from route.webmap import content, embed, picture
from route.webmap.journey import Shown
from route.webmap.leaflet import leaflet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from jinja2 import Template

    from route.chronology import Report
    from route.itinerary import Itinerary

__all__ = ["RouteMap", "build_comparison", "build_map"]

_MAX_ZOOM = 10  # the outlines are drawn for 1:10 million
_MAX_ZOOM_SHORT = 13  # for a journey within a town
_SCRIPTS = ("kit.js", "geo.js", "labels.js", "base.js", "journey.js", "stops.js", "graph.js", "page.js")

# A page may be opened by whoever was sent it: nothing is fetched but the map tiles that the reader asks for.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: https:; "
    "base-uri 'none'; form-action 'none'"
)


def _asset(name: str) -> str:
    return (files("route.webmap") / "assets" / name).read_text(encoding="utf-8")


@cache
def _templates() -> tuple[Template, Template]:
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html")), environment.from_string(_asset("map.html"))


def _script_json(value: Any) -> Markup:
    """JSON that may stand inside a ``script`` element, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, code in (("<", "3c"), (">", "3e"), ("&", "26"), ("\u2028", "2028"), ("\u2029", "2029")):
        text = text.replace(character, f"\\u{code:0>4}")
    return Markup(text)  # noqa: S704 - escaped above


class _Page(Figure):
    """Document of a map: policy, styles, Leaflet, the texts and the script."""

    def __init__(self, what: content.Content) -> None:
        super().__init__(title=what["title"])
        self._name = "Page"
        self._id = "page"
        self._template = _templates()[0]
        self.content = what
        self.picture = picture.draw(what["journeys"], what["title"], what["credit"])
        self.header = Element()  # the template has its own declaration of the character set
        self.header._parent = self  # noqa: SLF001 - as branca itself links the parts of a figure

    def render(self, **kwargs: Any) -> str:
        """Document as text."""
        for child in self._children.values():
            child.render(**kwargs)
        library = leaflet()
        page: str = self._template.render(
            page=self.content,
            policy=_POLICY,
            leaflet_script=Markup(library.script),  # noqa: S704 - the library's own file
            leaflet_style=Markup(library.style),  # noqa: S704
            page_style=Markup(_asset("page.css")),  # noqa: S704
            page_script=Markup("".join(_asset(name) for name in _SCRIPTS)),  # noqa: S704
            picture=Markup(self.picture),  # noqa: S704 - made and escaped by route.webmap.picture
            icons=_script_json(library.icons),
            data=_script_json(self.content["data"]),
            graph=Markup(self.content["graph"].svg),  # noqa: S704 - made and escaped by route.webmap.graph
            header=Markup(self.header.render(**kwargs)),  # noqa: S704 - what folium's own elements add
            html=Markup(self.html.render(**kwargs)),  # noqa: S704
            script=Markup(self.script.render(**kwargs)),  # noqa: S704
        )
        return page

    def _repr_html_(self, **kwargs: Any) -> str:
        # A frame of its own: several maps in one notebook cannot disturb each other.
        return (
            f'<iframe srcdoc="{escape(self.render(**kwargs))}" title="{escape(self.content["title"])}" '
            'style="width:100%;height:640px;border:0" allowfullscreen></iframe>'
        )


class RouteMap(folium.Map):
    """Map of a journey; layers of folium may be added to it.

    Shows itself in a notebook; `save` writes one file that needs no network. Of folium's scripts only Leaflet
    is part of the page, so elements that load further libraries stay invisible.

    Parameters
    ----------
    what : Content
        What the page shows.
    """

    def __init__(self, what: content.Content) -> None:
        bounds = what["data"]["bounds"]
        super().__init__(
            location=[(bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2], tiles=None
        )
        # The class attributes of folium.Map are shared by every map of a process and must not be touched.
        self.default_js: list[tuple[str, str]] = []
        self.default_css: list[tuple[str, str]] = []
        self._name = "Map"
        # folium draws lots for its identifiers; a fixed one gives the same bytes for the same journey.
        self._id = hashlib.sha256(_script_json(what["data"]).encode()).hexdigest()[:12]
        self._template = _templates()[1]
        self.words = what["words"]
        (south, west), (north, east) = bounds
        middle = (west + east) / 2
        self.page_options = {
            "center": self.location,
            "zoom": 5,
            "minZoom": 2,
            "maxZoom": _MAX_ZOOM if max(north - south, east - west) > 0.25 else _MAX_ZOOM_SHORT,
            "zoomSnap": 0.25,
            "zoomControl": False,
            "attributionControl": False,
            "maxBounds": [[-85, middle - 180], [85, middle + 180]],
            "maxBoundsViscosity": 1,
        }
        self._page = _Page(what)
        self._page.add_child(self, name=self.get_name())

    def to_html(self) -> str:
        """The page.

        Returns
        -------
        str
            A whole HTML document; the same journey gives the same text.
        """
        return str(self._page.render())

    def to_embed(self) -> str:
        """The page as a piece to paste into an article.

        Returns
        -------
        str
            One element of HTML: a picture, and over it the page in a frame that is as wide as the column.
        """
        what = self._page.content
        return embed.fragment(
            self.to_html(), self._page.picture, what["title"], what["summary"], what["credit"]
        )

    def save(self, outfile: str | bytes | Path | BinaryIO, close_file: bool = True, **_: Any) -> None:  # noqa: FBT001, FBT002 - folium's signature
        """Write the page.

        Parameters
        ----------
        outfile : str, bytes, Path or binary file
            Where to; a file of that name is replaced.
        close_file : bool
            Whether to close a file that was given open.
        **_ : Any
            Options of `branca.element.Element.save`, without effect here.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        page = self.to_html().encode("utf-8")
        if isinstance(outfile, str | Path):
            write_atomic(Path(outfile), page)
        elif isinstance(outfile, bytes):
            write_atomic(Path(outfile.decode()), page)
        else:
            outfile.write(page)
            if close_file:
                outfile.close()


def build_map(
    itinerary: Itinerary, *, title: str | None = None, lang: str | None = None, report: Report | None = None
) -> RouteMap:
    """Interactive map of a journey.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.
    title : str, optional
        Heading of the page; by default that of the report, else the names of the places.
    lang : str, optional
        Language of the page and of the names of places, as an IETF tag; by default English, and the usual
        names.
    report : Report, optional
        What a check of the journey found: its sightings and its verdict are shown.

    Returns
    -------
    RouteMap
        A `folium.Map`; ``save(path)`` or ``to_html()`` give the self-contained page.
    """
    return build_comparison([Shown(itinerary=itinerary, report=report)], title=title, lang=lang)


def build_comparison(
    journeys: Sequence[Shown], *, title: str | None = None, lang: str | None = None
) -> RouteMap:
    """Interactive map of several journeys, with one train graph.

    Parameters
    ----------
    journeys : sequence of Shown
        The journeys, one to six.
    title : str, optional
        Heading of the page; by default the places that they share, or their names.
    lang : str, optional
        Language of the page and of the names of places, as an IETF tag.

    Returns
    -------
    RouteMap
        A `folium.Map`; ``save(path)`` or ``to_html()`` give the self-contained page.

    Raises
    ------
    InputError
        If there is no journey, or more than can be told apart.
    """
    return RouteMap(content.build(journeys, title=title, lang=lang))

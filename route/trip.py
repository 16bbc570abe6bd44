"""A planned journey as people use it from Python: frames, totals, a map."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from route import exports

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import geopandas as gpd

    from route.exports import Hours
    from route.itinerary import Itinerary
    from route.staticmap import Picture
    from route.webmap import RouteMap, Shown

__all__ = ["Trip"]


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """What `route.plan` gives: one journey, and the ways to look at it.

    Parameters
    ----------
    itinerary : Itinerary
        The journey itself, as frozen values.
    lang : str or None
        Language of the names of places on the map and in JSON, as an IETF tag; ``None`` for their usual
        names.
    tz : ZoneInfo or None
        A zone for the times in the table and in JSON beside that of each place.
    """

    itinerary: Itinerary
    lang: str | None = None
    tz: ZoneInfo | None = None

    @property
    def legs(self) -> gpd.GeoDataFrame:
        """Legs with their lines, EPSG:4326; a new frame each time, yours to change."""
        from route import tables

        return tables.legs(self.itinerary)

    @property
    def stops(self) -> gpd.GeoDataFrame:
        """Places with their times, EPSG:4326; a new frame each time, yours to change."""
        from route import tables

        return tables.stops(self.itinerary)

    @property
    def positions(self) -> gpd.GeoDataFrame:
        """Positions along the way by time, EPSG:4326; a new frame each time, yours to change."""
        from route import tables

        return tables.positions(self.itinerary)

    @property
    def distance_km(self) -> float:
        """Length of the legs by rail along the track, in kilometres."""
        return self.itinerary.rail_m / 1000

    @property
    def duration_h(self) -> Hours:
        """Time from the first departure to the last arrival, in hours: ``p10``, ``p50`` and ``p90``."""
        return exports.hours(self.itinerary.duration)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a careful reader should know, one sentence each."""
        return self.itinerary.warnings

    def map(
        self, *, title: str | None = None, lang: str | None = None, alternatives: bool = False
    ) -> RouteMap:
        """Map of the journey.

        Parameters
        ----------
        title : str, optional
            Heading of the page; by default the names of the places.
        lang : str, optional
            Language of the page, as an IETF tag; by default that of the trip.
        alternatives : bool
            Whether to show the alternatives that were planned beside the journey, with a table of what they
            differ in.

        Returns
        -------
        RouteMap
            A `folium.Map` that shows itself in a notebook; ``save(path)`` writes the self-contained page.
        """
        from route import webmap

        if alternatives and self.itinerary.alternatives:
            return webmap.build_comparison(self.shown_alternatives(lang), title=title, lang=lang or self.lang)
        return webmap.build_map(self.itinerary, title=title, lang=lang or self.lang)

    def picture(
        self,
        *,
        size: str | tuple[int, int] | None = None,
        title: str | None = None,
        lang: str | None = None,
        dark: bool = False,
    ) -> Picture:
        """Picture of the journey for print and pages without scripts.

        Parameters
        ----------
        size : str or tuple of (int, int), optional
            Width and height in pixels, such as ``1200x800``, or the name of a size; by default what suits the
            route.
        title : str, optional
            Heading; by default the names of the places.
        lang : str, optional
            Language of names and texts, as an IETF tag; by default that of the trip.
        dark : bool
            Whether it is light on dark.

        Returns
        -------
        Picture
            It shows itself in a notebook; ``save(path)`` writes PNG, SVG or PDF by the ending of the path.

        Raises
        ------
        InputError
            If the size cannot be read or drawn.
        """
        from route import staticmap

        return staticmap.picture(self.itinerary, size=size, title=title, lang=lang or self.lang, dark=dark)

    def shown(self, difference: str = "") -> Shown:
        """Journey as a map shows it, alone or beside others.

        Parameters
        ----------
        difference : str
            How it differs from the first of several.

        Returns
        -------
        Shown
            The journey.
        """
        from route import webmap

        return webmap.Shown(itinerary=self.itinerary, difference=difference)

    def shown_alternatives(self, lang: str | None = None) -> list[Shown]:
        """Journey and its alternatives as a map shows them beside each other.

        Parameters
        ----------
        lang : str, optional
            Language of their names, as an IETF tag; by default that of the trip.

        Returns
        -------
        list of Shown
            The journey first.
        """
        from route import webmap
        from route.words import words_in

        words = words_in(lang or self.lang)
        return [
            webmap.Shown(itinerary=self.itinerary),
            *(
                webmap.Shown(
                    itinerary=other,
                    name=words.say("alternative", number=number),
                    difference=other.difference,
                )
                for number, other in enumerate(self.itinerary.alternatives, start=1)
            ),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Journey as plain values.

        Returns
        -------
        dict
            The stable JSON of ``railroute legs --format json``.
        """
        return exports.to_dict(self.itinerary, lang=self.lang, tz=self.tz)

    def to_json(self) -> str:
        """Journey as JSON text.

        Returns
        -------
        str
            What ``railroute legs --format json`` prints.
        """
        return exports.to_json(self.itinerary, lang=self.lang, tz=self.tz)

    def __str__(self) -> str:
        """Table that ``railroute legs`` prints."""
        return exports.legs_table(self.itinerary, lang=self.lang, tz=self.tz)

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        return f"<pre>{escape(str(self))}</pre>"

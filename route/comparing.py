"""Comparing: several journeys beside each other, as a table and on one map."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from route.checking import Check
from route.errors import InputError
from route.exports.text import aligned, duration_text, plain
from route.notes import Note
from route.planner import difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.itinerary import Itinerary
    from route.trip import Trip
    from route.webmap import RouteMap, Shown

__all__ = ["Comparison", "compare"]

_LETTERS = "ABCDEF"
_SAME_M = 100.0
_SAME_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What `route.compare` gives: journeys beside each other, and the ways to look at them.

    Parameters
    ----------
    shown : tuple of Shown
        The journeys with their names and what they differ in.
    lang : str or None
        Language of the names of places, as an IETF tag; ``None`` for their usual names.
    """

    shown: tuple[Shown, ...]
    lang: str | None = None

    def map(self, *, title: str | None = None, lang: str | None = None) -> RouteMap:
        """Journeys on one map, with one train graph.

        Parameters
        ----------
        title : str, optional
            Heading of the page; by default the places that they share, or their names.
        lang : str, optional
            Language of the page, as an IETF tag; by default that of the comparison.

        Returns
        -------
        RouteMap
            A `folium.Map` that shows itself in a notebook; ``save(path)`` writes the self-contained page.
        """
        from route import webmap

        return webmap.build_comparison(self.shown, title=title, lang=lang or self.lang)

    def to_dict(self) -> list[dict[str, Any]]:
        """Table of the journeys as plain values.

        Returns
        -------
        list of dict
            ``letter``, ``name``, ``distance_km``, ``duration_h`` (``p10``, ``p50``, ``p90``), ``countries``,
            ``difference`` and ``verdict`` of each; the verdict is ``None`` where nothing was reported.
        """
        return [
            {
                "letter": letter,
                "name": _name(one, self.lang),
                "distance_km": round(one.itinerary.distance_m / 1000, 3),
                "duration_h": {
                    quantile: round(getattr(one.itinerary.duration, f"{quantile}_s") / 3600, 3)
                    for quantile in ("p10", "p50", "p90")
                },
                "countries": _countries(one.itinerary),
                "difference": str(one.difference),
                "verdict": None if one.report is None else one.report.verdict,
            }
            for letter, one in zip(_LETTERS, self.shown, strict=False)
        ]

    def __str__(self) -> str:
        """Table that ``railroute map`` prints of several journeys."""
        rows = []
        for row, one in zip(self.to_dict(), self.shown, strict=True):
            band = one.itinerary.duration
            rows.append(
                [
                    row["letter"],
                    plain(row["name"]),
                    f"{row['distance_km']:,.0f}",
                    duration_text(band.p50_s),
                    f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}",
                    " ".join(row["countries"]),
                    (row["verdict"] or "").replace("_", " "),
                    plain(row["difference"]),
                ]
            )
        head = ["", "Journey", "km", "Time", "8 in 10 within", "Countries", "Verdict", "Difference"]
        if not any(one.report for one in self.shown):
            head, rows = [*head[:6], head[7]], [[*row[:6], row[7]] for row in rows]
        return aligned(head, rows, right=(2,)) + "\n"

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        return f"<pre>{escape(str(self))}</pre>"


def compare(journeys: Sequence[Trip | Check], *, lang: str | None = None) -> Comparison:
    """Lay journeys beside each other.

    Parameters
    ----------
    journeys : sequence of Trip or Check
        Two to six journeys, planned or checked; the others are told by what they differ in from the first.
    lang : str, optional
        Language of the names, as an IETF tag; by default that of the first journey.

    Returns
    -------
    Comparison
        The table and the map of them.

    Raises
    ------
    InputError
        If there are fewer than two or more than six.

    Examples
    --------
    >>> north = route.plan(["Moscow", "Beijing"])  # doctest: +SKIP
    >>> south = route.plan(["Moscow", "Beijing"], avoid=["country:MN"])  # doctest: +SKIP
    >>> route.compare([north, south]).map().save("two.html")  # doctest: +SKIP
    """
    if not 2 <= len(journeys) <= len(_LETTERS):
        raise InputError(
            f"{len(journeys)} journey{'' if len(journeys) == 1 else 's'} cannot be compared. "
            f"Give two to {len(_LETTERS)}."
        )
    made: list[Shown] = []
    for journey in journeys:
        told = _difference(made[0].itinerary, _itinerary(journey)) if made else ""
        made.append(journey.shown(told))
    return Comparison(tuple(made), lang or journeys[0].lang)


def _itinerary(journey: Trip | Check) -> Itinerary:
    return journey.trip.itinerary if isinstance(journey, Check) else journey.itinerary


def _difference(first: Itinerary, other: Itinerary) -> str:
    same = (
        abs(first.distance_m - other.distance_m) < _SAME_M
        and abs(first.duration.p50_s - other.duration.p50_s) < _SAME_S
        and _countries(first) == _countries(other)
    )
    return Note("the same way", "same_way") if same else difference(first, other)


def _countries(itinerary: Itinerary) -> list[str]:
    return list(dict.fromkeys(code for leg in itinerary.legs for code in leg.countries))


def _name(one: Shown, lang: str | None) -> str:
    places = one.itinerary.places
    return one.name or f"{places[0].name_in(lang)} → {places[-1].name_in(lang)}"

"""Several journeys on one page: how they are told apart, and the table of what they differ in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.webmap.journey import Journey, Shown
    from route.words import Words

__all__ = ["LETTERS", "MOST", "ComparedRow", "checked", "rows"]

MOST = 6
"""Journeys that can be told apart on one map."""

LETTERS = "ABCDEF"


class ComparedRow(TypedDict):
    """A journey in the table.

    Attributes
    ----------
    index : int
        Which journey.
    letter, name : str
        Its mark on map and graph, and what it is called.
    distance, time, countries, difference : str
        What it differs in.
    verdict, word : str
        What a check found, and how it is said; empty where nothing was reported.
    """

    index: int
    letter: str
    name: str
    distance: str
    time: str
    countries: str
    difference: str
    verdict: str
    word: str


def checked(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    """Journeys, if they can be shown together.

    Parameters
    ----------
    shown : sequence of Shown
        The journeys.

    Returns
    -------
    tuple of Shown
        The same.

    Raises
    ------
    InputError
        If there are none or too many.
    """
    if not shown:
        raise InputError("There is no journey to draw. Give one or more.")
    if len(shown) > MOST:
        raise InputError(
            f"{len(shown)} journeys are too many for one map: {MOST} can be told apart. Leave some out."
        )
    return tuple(shown)


def rows(journeys: Sequence[Journey], words: Words) -> list[ComparedRow]:
    """Table of the journeys.

    Parameters
    ----------
    journeys : sequence of Journey
        The journeys.
    words : Words
        Language of the texts.

    Returns
    -------
    list of ComparedRow
        One row each.
    """
    made: list[ComparedRow] = []
    for index, journey in enumerate(journeys):
        itinerary, report = journey.itinerary, journey.shown.report
        countries = dict.fromkeys(code for leg in itinerary.legs for code in leg.countries)
        made.append(
            {
                "index": index,
                "letter": LETTERS[index],
                "name": journey.title,
                "distance": words.kilometres(itinerary.distance_m),
                "time": words.band(itinerary.duration),
                "countries": " → ".join(map(words.country, countries)),
                "difference": words.note(journey.shown.difference),
                "verdict": "" if report is None else report.verdict,
                "word": "" if report is None else words[f"verdict_{report.verdict}"],
            }
        )
    return made

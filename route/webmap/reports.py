"""What was reported of a journey, and the verdict on it, as the page shows them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, TypedDict

from route.errors import InputError
from route.exports.findings import clock_words, pair_words, sentences
from route.webmap.graph import Needed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from route.chronology import PairCheck, Report, WindowCheck
    from route.webmap.axis import Axis
    from route.webmap.journey import Journey
    from route.words import Words

__all__ = ["PairRow", "Verdict", "moments", "needed", "place_notes", "sightings", "verdict"]

_PAIRS = 12  # of more, the pairs that follow each other and those that do not fit


class PairRow(TypedDict):
    """Two places of a report.

    Attributes
    ----------
    places : str
        The two places.
    there, takes : str
        Time that there was, and that the train takes.
    verdict, word : str
        ``fits``, ``tight`` or ``does_not_fit``, and how it is said.
    """

    places: str
    there: str
    takes: str
    verdict: str
    word: str


class Verdict(TypedDict):
    """The verdict on a journey.

    Attributes
    ----------
    index : int
        Which journey.
    letter : str
        Its letter, where there are several.
    verdict, word : str
        ``fits``, ``tight`` or ``does_not_fit``, and how it is said.
    headline : str
        The verdict in a sentence.
    told : list of str
        The findings, one paragraph each.
    clocks : list of str
        What is wrong or right with times that are told for a second zone.
    pairs : list of PairRow
        Pair by pair.
    """

    index: int
    letter: str
    verdict: str
    word: str
    headline: str
    told: list[str]
    clocks: list[str]
    pairs: list[PairRow]


def moments(report: Report | None) -> list[datetime]:
    """Times that a report states.

    Parameters
    ----------
    report : Report or None
        The report.

    Returns
    -------
    list of datetime
        Ends of the windows, where they have any.
    """
    if report is None:
        return []
    return [
        moment
        for window in report.windows
        for moment in (window.stated_earliest, window.stated_latest)
        if moment is not None
    ]


def sightings(journey: Journey, axis: Axis, words: Words) -> list[dict[str, Any]]:
    """Sightings for the script of the page: where they stand in the graph, and what they say.

    Parameters
    ----------
    journey : Journey
        The journey.
    axis : Axis
        Time axis of the page.
    words : Words
        Language of the texts.

    Returns
    -------
    list of dict
        One for each sighting of the report that states a time; none on an axis without a clock.
    """
    report = journey.shown.report
    if report is None or axis.start is None:
        return []
    places = _places(journey, report)
    made = []
    for number, window in enumerate(report.windows):
        start, end = window.stated_earliest, window.stated_latest
        if start is None and end is None:
            continue
        stop = journey.itinerary.stop_times[places[window.stop]]
        made.append(
            {
                "place": places[window.stop],
                "measure": round(stop.measure_m),
                "from": None if start is None else round(axis.seconds(start)),
                "until": None if end is None else round(axis.seconds(end)),
                "event": window.event,
                "doubted": number in report.conflict,
                "title": words.say(f"reported_{window.event}", place=journey.names[places[window.stop]]),
                "text": _told(window, words),
                "wording": window.wording,
                "source": window.source,
                "note": window.note,
            }
        )
    return made


def place_notes(journey: Journey, words: Words) -> dict[int, list[dict[str, Any]]]:
    """What was reported at each place, for its popup.

    Parameters
    ----------
    journey : Journey
        The journey.
    words : Words
        Language of the texts.

    Returns
    -------
    dict
        By the number of the place.
    """
    report = journey.shown.report
    made: dict[int, list[dict[str, Any]]] = {}
    if report is None:
        return made
    places = _places(journey, report)
    for number, window in enumerate(report.windows):
        place = places[window.stop]
        made.setdefault(place, []).append(
            {
                "title": words.say(f"reported_{window.event}", place=journey.names[place]),
                "text": _told(window, words) or words["no_time"],
                "wording": window.wording,
                "source": window.source,
                "note": window.note,
                "doubted": number in report.conflict,
            }
        )
    return made


def needed(journey: Journey, axis: Axis, shift_m: float, words: Words) -> list[Needed]:
    """Runs that the reports ask for, between places that follow each other with a time stated.

    Parameters
    ----------
    journey : Journey
        The journey.
    axis : Axis
        Time axis of the page.
    shift_m : float
        Where the journey starts on the axis of distance, in metres.
    words : Words
        Language of the texts.

    Returns
    -------
    list of Needed
        One for each such pair.
    """
    report = journey.shown.report
    if report is None or axis.start is None:
        return []
    places = _places(journey, report)
    made = []
    for origin, destination, leave, arrive in _bounded(report):
        pair = report.pair(origin, destination)
        row = _pair(pair, words)
        start, end = (journey.itinerary.stop_times[places[stop]].measure_m for stop in (origin, destination))
        run = Needed(
            from_s=axis.seconds(leave),
            until_s=axis.seconds(arrive),
            from_m=start + shift_m,
            until_m=end + shift_m,
            verdict=pair.verdict,
            title=f"{row['places']}: {row['word']}",
            text=words.note(pair_words(report, pair, lang=words.lang)),
        )
        made.append(run.within(axis.end_s))
    return [run for run in made if run is not None]


def verdict(journey: Journey, words: Words, index: int, letter: str) -> Verdict | None:
    """Verdict on a journey for the card of the page.

    Parameters
    ----------
    journey : Journey
        The journey.
    words : Words
        Language of the texts.
    index : int
        Which journey it is.
    letter : str
        Its letter, where there are several.

    Returns
    -------
    Verdict or None
        ``None`` without a report.
    """
    report = journey.shown.report
    if report is None:
        return None
    lang = words.lang
    clocks = [clock_words(clock, lang=lang) for clock in report.clocks]
    headline, *told = sentences(report, lang=lang)
    return {
        "index": index,
        "letter": letter,
        "verdict": report.verdict,
        "word": words[f"verdict_{report.verdict}"],
        "headline": words.note(headline),
        "told": [words.note(text) for text in told if text not in clocks],
        "clocks": [words.note(text) for text in clocks],
        "pairs": [_pair(pair, words) for pair in _listed(report)],
    }


def _listed(report: Report) -> list[PairCheck]:
    bounded = [pair for pair in report.pairs if pair.available_s is not None]
    if len(bounded) <= _PAIRS:
        return bounded
    follow = {(places[0], places[1]) for places in zip(report.places, report.places[1:], strict=False)}
    kept = [pair for pair in bounded if pair.verdict != "fits" or (pair.origin, pair.destination) in follow]
    return sorted(kept, key=lambda pair: pair.margin_s or 0.0)[:_PAIRS]


def _pair(pair: PairCheck, words: Words) -> PairRow:
    there = pair.available_s or 0.0
    return {
        "places": f"{words.name(pair.origin)} → {words.name(pair.destination)}",
        "there": ("−" if there < 0 else "") + words.duration(abs(there)),
        "takes": words.band(pair.duration),
        "verdict": pair.verdict,
        "word": words[f"verdict_{pair.verdict}"],
    }


def _told(window: WindowCheck, words: Words) -> str:
    """Window as stated: the words of the report, and what they mean on the clock."""
    start, end = window.stated_earliest, window.stated_latest
    if start is None and end is None:
        return window.stated
    if start is not None and end is not None:
        meant = (
            words.clock(start)
            if start == end
            else words.say(
                "window_between",
                start=words.clock(start),
                end=words.time(end) if start.date() == end.date() else words.clock(end),
            )
        )
    elif start is not None:
        meant = words.say("window_from", start=words.clock(start))
    else:
        meant = words.say("window_until", end=words.clock(end))  # type: ignore[arg-type]  # one of both is known
    return f"{window.stated}: {meant}" if window.stated else meant


def _places(journey: Journey, report: Report) -> list[int]:
    """Number of the place of the journey for each place of the report; a road may put more between them."""
    made: list[int] = []
    for place in report.places:
        begin = made[-1] + 1 if made else 0
        stops = journey.itinerary.places
        number = next((i for i in range(begin, len(stops)) if stops[i] == place), None)
        if number is None:
            raise InputError(
                f"The report is about another journey: {place.name} is not on it. Draw the one that was checked."
            )
        made.append(number)
    return made


def _bounded(report: Report) -> Iterator[tuple[int, int, datetime, datetime]]:
    """Pairs of places with their earliest start and latest end stated, and no such place between them."""
    leave = _ends(report, "stated_earliest")
    arrive = _ends(report, "stated_latest")
    for origin, destination in combinations(range(len(report.places)), 2):
        between = range(origin + 1, destination)
        if (
            origin in leave
            and destination in arrive
            and not any(stop in leave or stop in arrive for stop in between)
        ):
            yield origin, destination, leave[origin], arrive[destination]


def _ends(report: Report, end: str) -> dict[int, datetime]:
    """Earliest or latest time at each place: where it left from, or arrived at, if both are told."""
    made: dict[int, datetime] = {}
    wanted = "departure" if end == "stated_earliest" else "arrival"
    for window in sorted(report.windows, key=lambda w: w.event != wanted):
        moment = getattr(window, end)
        if moment is not None:
            made.setdefault(window.stop, moment)
    return made

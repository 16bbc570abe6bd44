"""The findings of a check in full sentences, to be quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from route.exports.text import duration_text, plain

if TYPE_CHECKING:
    from datetime import datetime

    from route.chronology import ClockCheck, PairCheck, Report, StartPoint, WindowCheck

__all__ = ["clock_words", "exact_text", "moment_text", "pair_words", "sentences", "window_text"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_VERDICTS = {
    "fits": "The journey fits as reported: there was time for the usual run of this train.",
    "tight": "The journey is tight as reported: there was less time than the usual run of this train takes, but "
    "one run in ten is as quick.",
    "does_not_fit": "The journey does not fit as reported: not one run in ten of this train is as quick.",
}
_CONTRADICTED = "The journey does not fit as reported: the statements contradict each other."
_EVENTS = {
    "departure": "the departure from",
    "arrival": "the arrival at",
    "passage": "the passage of",
    "seen": "the sighting at",
}


def sentences(report: Report, *, lang: str | None = None) -> list[str]:
    """Findings in full sentences, the most important first.

    Parameters
    ----------
    report : Report
        The findings.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    list of str
        A paragraph each.
    """
    pair = _main_pair(report)
    contradicted = report.conflict and (pair is None or (pair.available_s or 0.0) < 0)
    told = [_CONTRADICTED if contradicted else _VERDICTS[report.verdict]]
    if report.conflict:
        told.append(_conflict(report, pair, lang))
    if pair is not None:
        told.append(pair_words(report, pair, lang=lang))
        told += _ways_out(report, pair, lang)
    if report.verdict != "fits":
        told += _parts(report, pair, lang)
    told += [clock_words(clock, lang=lang) for clock in report.clocks]
    return [plain(text) for text in told]


def pair_words(report: Report, pair: PairCheck, *, lang: str | None = None) -> str:
    """One pair of places in words.

    Parameters
    ----------
    report : Report
        The findings it belongs to.
    pair : PairCheck
        The pair.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        One or two sentences.
    """
    origin, destination = pair.origin.name_in(lang), pair.destination.name_in(lang)
    band = pair.duration
    takes = (
        f"a train of the class {report.train} takes {duration_text(band.p50_s)} "
        f"(8 in 10 within {duration_text(band.p10_s)} to {duration_text(band.p90_s)}), halts on the way included"
    )
    way = f"From {origin} to {destination} ({_km(pair.distance_m)} km)"
    if pair.available_s is None:
        return f"{way} the statements set no limit; {takes}."
    if pair.available_s < 0:
        return f"{way} the statements put the arrival {exact_text(-pair.available_s)} before the departure; {takes}."
    first = f"{way} the statements leave {exact_text(pair.available_s)} at the most; {takes}."
    if pair.required_kmh is None:
        return f"{first} The stated dwell on the way takes all of that time."
    overall = pair.distance_m / pair.available_s * 3.6 if pair.available_s else 0.0
    parts = [f"{overall:.0f} km/h with every halt counted in"]
    if pair.dwell_s:
        stands = f"{pair.required_kmh:.0f} km/h once the stated dwell of {exact_text(pair.dwell_s)}"
        parts.append(f"{stands} is taken out")
    moving = pair.required_moving_kmh
    if moving is not None and pair.halts_s > pair.dwell_s:
        parts.append(
            f"{moving:.0f} km/h if halts take no more than the shortest usual {duration_text(pair.halts_s)}"
        )
    fast, usual, slow = (pair.train_kmh(seconds) for seconds in (band.p10_s, band.p50_s, band.p90_s))
    return (
        f"{first} It would have had to average {_joined(parts)}; this train averages {usual:.0f} km/h "
        f"(8 in 10 between {slow:.0f} and {fast:.0f})."
    )


def clock_words(clock: ClockCheck, *, lang: str | None = None) -> str:
    """One time told for two zones, in words.

    Parameters
    ----------
    clock : ClockCheck
        The two clocks.
    lang : str, optional
        Language of the name of the place, as an IETF tag.

    Returns
    -------
    str
        Whether the arithmetic is right, and what went wrong if not.
    """
    label = clock.label or f"time of {clock.zone}"
    local = f"{moment_text(clock.stated_local)} in {clock.place.name_in(lang)}"
    computed = moment_text(clock.computed_other)
    if clock.agrees:
        return f"The {label} is right: {local} is {computed}."
    minutes = round(clock.difference.total_seconds() / 60)
    hours = f"{_hours(abs(minutes))}"
    right, wrong = ("subtracted", "added") if minutes > 0 else ("added", "subtracted")
    off = (clock.stated_other - clock.computed_other).total_seconds()
    why = {
        "sign": f"{hours} have to be {right}, not {wrong}",
        "day": "the time of day is right, the day is wrong",
        "summer_time": "it is one hour off, as if summer time had been mistaken",
    }.get(clock.slip, f"it is {exact_text(abs(off))} too {'late' if off > 0 else 'early'}")
    return (
        f"The {label} is wrong: {local} is {computed}, not {moment_text(clock.stated_other)}; {why} "
        f"({clock.place.name_in(lang)} is {hours} {'ahead of' if minutes >= 0 else 'behind'} {clock.zone})."
    )


def exact_text(seconds: float) -> str:
    """Duration that follows from what is stated, to the minute.

    Parameters
    ----------
    seconds : float
        The duration, not negative.

    Returns
    -------
    str
        Such as ``25 min`` or ``6 h 21 min``.
    """
    whole, minutes = divmod(round(seconds / 60), 60)
    return f"{whole} h {minutes:02} min" if whole else f"{minutes} min"


def moment_text(moment: datetime) -> str:
    """Moment as one writes it in a text.

    Parameters
    ----------
    moment : datetime
        An aware time, in the zone of its place.

    Returns
    -------
    str
        Such as ``18:00 (UTC+10) on Wednesday 24 April 2019``.
    """
    return f"{_clock(moment)} ({_zone(moment)}) on {_day(moment)}"


def window_text(earliest: datetime | None, latest: datetime | None) -> str:
    """Window as one writes it in a text.

    Parameters
    ----------
    earliest, latest : datetime or None
        Its ends, in the zone of their place; ``None`` where there is none.

    Returns
    -------
    str
        Such as ``05:20 to 05:49 (KST) on Wednesday 24 April 2019``; ``at any time`` for no ends.
    """
    if earliest is None and latest is None:
        return "at any time"
    if earliest is None or latest is None:
        return (
            f"not before {moment_text(earliest)}"
            if earliest
            else f"not after {moment_text(latest)}"
            if latest
            else ""
        )
    if earliest == latest:
        return moment_text(earliest)
    if earliest.date() == latest.date():
        return f"{_clock(earliest)} to {moment_text(latest)}"
    return f"{moment_text(earliest)} to {moment_text(latest)}"


def _main_pair(report: Report) -> PairCheck | None:
    """Pair to speak of first: the one whose statements disagree, else the one with the least time to spare."""
    if report.conflict:
        ends = [report.windows[number].stop for number in report.conflict]
        if min(ends) != max(ends):
            return report.pair(min(ends), max(ends))
        return None
    limited = [pair for pair in report.pairs if pair.available_s is not None]
    return min(
        limited, key=lambda pair: (pair.available_s or 0.0) / max(1.0, pair.duration.p50_s), default=None
    )


def _conflict(report: Report, pair: PairCheck | None, lang: str | None) -> str:
    told = [_statement(report.windows[number], lang) for number in report.conflict]
    if len(told) == 1:
        return f"One statement cannot hold by itself: {told[0]}."
    count = "Two statements" if len(told) == 2 else f"{len(told)} statements"
    reason = (
        "" if pair else "; the train would have left before it had arrived and stood as long as is stated"
    )
    return f"{count} disagree: {' and '.join(told)}{reason}."


def _statement(window: WindowCheck, lang: str | None) -> str:
    wording = f"“{window.wording}”, " if window.wording else ""
    stated = window_text(window.stated_earliest, window.stated_latest)
    return f"{_EVENTS[window.event]} {window.place.name_in(lang)} ({wording}that is {stated})"


def _ways_out(report: Report, pair: PairCheck, lang: str | None) -> list[str]:
    """What would fit instead: another departure, another arrival, a start up the line."""
    told = []
    first = min((report.windows[number].stop for number in report.conflict), default=0)
    for number in report.conflict:
        window = report.windows[number]
        name = window.place.name_in(lang)
        if not window.would_fit:
            continue
        leaves = window.stop == first
        usual = window.fits_until if leaves else window.fits_from
        quick = window.possible_until if leaves else window.possible_from
        if usual is None or quick is None:
            continue
        what = f"latest departure from {name}" if leaves else f"earliest arrival at {name}"
        told.append(
            f"With everything else as reported, the {what} that fits is {moment_text(usual)}; with a run as quick "
            f"as one in ten, {moment_text(quick)}."
        )
    if pair.start is not None:
        origin, destination = pair.origin.name_in(lang), pair.destination.name_in(lang)
        words = f"With both times as reported, the train can have started {_start(pair.start, origin, destination, lang)}"
        if pair.possible_start is not None:
            quick_start = _start(pair.possible_start, origin, destination, lang)
            words += f"; with a run as quick as one in ten, {quick_start}"
        told.append(f"{words}.")
    return told


def _start(start: StartPoint, origin: str, destination: str, lang: str | None) -> str:
    near = start.near.name_in(lang)
    where = f"at {near}" if start.near_m < 1000 else f"{start.near_m / 1000:.0f} km from {near}"
    return (
        f"no further back than {start.remaining_m / 1000:,.0f} km before {destination}, {where}, which is "
        f"{start.measure_m / 1000:,.0f} km up the line from {origin}"
    )


def _parts(report: Report, main: PairCheck | None, lang: str | None) -> list[str]:
    """Verdict on each leg by itself, where there is more than one."""
    count = len(report.places)
    legs = [report.pair(number, number + 1) for number in range(count - 1)]
    told = []
    for verdict, words in (("fits", "fits"), ("tight", "is tight"), ("does_not_fit", "does not fit")):
        told += [
            f"{leg.origin.name_in(lang)} to {leg.destination.name_in(lang)} {words}"
            for leg in legs
            if leg.verdict == verdict and leg is not main
        ]
    if not told:
        return []
    return [f"Leg by leg, each with all the time that the statements leave it: {'; '.join(told)}."]


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    text = f"{whole} hours" if whole != 1 else "1 hour"
    return text if not rest else f"{text} {rest} minutes" if whole else f"{rest} minutes"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _zone(moment: datetime) -> str:
    zone = moment.tzname() or ""
    return f"UTC{zone}" if zone[:1] in {"+", "-"} else zone


def _km(metres: float) -> str:
    return f"{metres / 1000:,.1f}"

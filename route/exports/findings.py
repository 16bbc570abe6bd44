"""The findings of a check in full sentences, to be quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from route.exports.text import duration_text, plain
from route.notes import Note

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    told = [
        Note(_CONTRADICTED, "finding_contradicted")
        if contradicted
        else Note(_VERDICTS[report.verdict], f"finding_{report.verdict}")
    ]
    if report.conflict:
        told.append(_conflict(report, pair, lang))
    if pair is not None:
        told.append(pair_words(report, pair, lang=lang))
        told += _ways_out(report, pair, lang)
    if report.verdict != "fits":
        told += _parts(report, pair, lang)
    told += [clock_words(clock, lang=lang) for clock in report.clocks]
    return [Note(plain(text), text.key, **text.values) for text in told]


def pair_words(report: Report, pair: PairCheck, *, lang: str | None = None) -> Note:
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
    Note
        One or two sentences.
    """
    origin, destination = pair.origin.name_in(lang), pair.destination.name_in(lang)
    band = pair.duration
    takes = Note(
        f"a train of the class {report.train} takes {duration_text(band.p50_s)} "
        f"(8 in 10 within {duration_text(band.p10_s)} to {duration_text(band.p90_s)}), halts on the way included",
        "pair_takes",
        train=report.train,
        usual=band.p50_s,
        low=band.p10_s,
        high=band.p90_s,
    )
    km = pair.distance_m / 1000
    text = f"From {origin} to {destination} ({_km(pair.distance_m)} km)"
    way = Note(text, "pair_way", origin=pair.origin, destination=pair.destination, km=km)
    if pair.available_s is None:
        return Note(f"{way} the statements set no limit; {takes}.", "pair_no_limit", way=way, takes=takes)
    if pair.available_s < 0:
        return Note(
            f"{way} the statements put the arrival {exact_text(-pair.available_s)} before the departure; {takes}.",
            "pair_contradicted",
            way=way,
            takes=takes,
            early=-pair.available_s,
        )
    first = Note(
        f"{way} the statements leave {exact_text(pair.available_s)} at the most; {takes}.",
        "pair_leaves",
        way=way,
        takes=takes,
        available=pair.available_s,
    )
    if pair.required_kmh is None:
        return Note(f"{first} The stated dwell on the way takes all of that time.", "pair_dwell", first=first)
    overall = pair.distance_m / pair.available_s * 3.6 if pair.available_s else 0.0
    parts = [Note(f"{overall:.0f} km/h with every halt counted in", "average_overall", kmh=round(overall))]
    if pair.dwell_s:
        stands = (
            f"{pair.required_kmh:.0f} km/h once the stated dwell of {exact_text(pair.dwell_s)} is taken out"
        )
        parts.append(Note(stands, "average_dwell", kmh=round(pair.required_kmh), dwell=pair.dwell_s))
    moving = pair.required_moving_kmh
    if moving is not None and pair.halts_s > pair.dwell_s:
        text = (
            f"{moving:.0f} km/h if halts take no more than the shortest usual {duration_text(pair.halts_s)}"
        )
        parts.append(Note(text, "average_halts", kmh=round(moving), halts=pair.halts_s))
    fast, usual, slow = (pair.train_kmh(seconds) for seconds in (band.p10_s, band.p50_s, band.p90_s))
    return Note(
        f"{first} It would have had to average {_joined(parts)}; this train averages {usual:.0f} km/h "
        f"(8 in 10 between {slow:.0f} and {fast:.0f}).",
        "pair_average",
        first=first,
        parts=tuple(parts),
        usual=round(usual),
        slow=round(slow),
        fast=round(fast),
    )


def clock_words(clock: ClockCheck, *, lang: str | None = None) -> Note:
    """One time told for two zones, in words.

    Parameters
    ----------
    clock : ClockCheck
        The two clocks.
    lang : str, optional
        Language of the name of the place, as an IETF tag.

    Returns
    -------
    Note
        Whether the arithmetic is right, and what went wrong if not.
    """
    label = clock.label or f"time of {clock.zone}"
    told = {
        "label": Note(label, "time_of", label=label, zone=clock.zone),
        "local": clock.stated_local,
        "place": clock.place,
        "computed": clock.computed_other,
    }
    local = f"{moment_text(clock.stated_local)} in {clock.place.name_in(lang)}"
    computed = moment_text(clock.computed_other)
    if clock.agrees:
        return Note(f"The {label} is right: {local} is {computed}.", "clock_right", **told)
    minutes = round(clock.difference.total_seconds() / 60)
    hours = f"{_hours(abs(minutes))}"
    right, wrong = ("subtracted", "added") if minutes > 0 else ("added", "subtracted")
    off = (clock.stated_other - clock.computed_other).total_seconds()
    way = "late" if off > 0 else "early"
    why = {
        "sign": Note(
            f"{hours} have to be {right}, not {wrong}",
            f"clock_{right}",
            hours=abs(clock.difference.total_seconds()),
        ),
        "day": Note("the time of day is right, the day is wrong", "clock_day"),
        "summer_time": Note("it is one hour off, as if summer time had been mistaken", "clock_summer_time"),
    }.get(clock.slip, Note(f"it is {exact_text(abs(off))} too {way}", f"clock_{way}", off=abs(off)))
    side, key = ("ahead of", "clock_ahead") if minutes >= 0 else ("behind", "clock_behind")
    apart = Note(
        f"{clock.place.name_in(lang)} is {hours} {side} {clock.zone}",
        key,
        place=clock.place,
        hours=abs(clock.difference.total_seconds()),
        zone=clock.zone,
    )
    return Note(
        f"The {label} is wrong: {local} is {computed}, not {moment_text(clock.stated_other)}; {why} ({apart}).",
        "clock_wrong",
        **told,
        stated=clock.stated_other,
        why=why,
        apart=apart,
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


def _conflict(report: Report, pair: PairCheck | None, lang: str | None) -> Note:
    told = [_statement(report.windows[number], lang) for number in report.conflict]
    if len(told) == 1:
        return Note(f"One statement cannot hold by itself: {told[0]}.", "conflict_one", statement=told[0])
    count = "Two statements" if len(told) == 2 else f"{len(told)} statements"
    reason = (
        "" if pair else "; the train would have left before it had arrived and stood as long as is stated"
    )
    return Note(
        f"{count} disagree: {' and '.join(told)}{reason}.",
        "conflict_several" if pair else "conflict_dwell",
        statements=tuple(told),
    )


def _statement(window: WindowCheck, lang: str | None) -> Note:
    wording = f"“{window.wording}”, " if window.wording else ""
    stated = window_text(window.stated_earliest, window.stated_latest)
    earliest, latest = window.stated_earliest, window.stated_latest
    when = Note(stated, _window_key(earliest, latest), **_ends(earliest, latest))
    values = {"place": window.place, "wording": window.wording} if window.wording else {"place": window.place}
    return Note(
        f"{_EVENTS[window.event]} {window.place.name_in(lang)} ({wording}that is {stated})",
        f"statement_{window.event}{'_quoted' if window.wording else ''}",
        **values,
        when=when,
    )


def _window_key(earliest: datetime | None, latest: datetime | None) -> str:
    if earliest is None or latest is None:
        return "when_not_before" if earliest else "when_not_after" if latest else "when_any"
    if earliest == latest:
        return "when_at"
    return "when_same_day" if earliest.date() == latest.date() else "when_between"


def _ends(earliest: datetime | None, latest: datetime | None) -> dict[str, datetime]:
    ends = {name: end for name, end in (("earliest", earliest), ("latest", latest)) if end is not None}
    return {"at": ends["earliest"]} if earliest is not None and earliest == latest else ends


def _ways_out(report: Report, pair: PairCheck, lang: str | None) -> list[Note]:
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
            Note(
                f"With everything else as reported, the {what} that fits is {moment_text(usual)}; with a run as "
                f"quick as one in ten, {moment_text(quick)}.",
                "way_out_departure" if leaves else "way_out_arrival",
                place=window.place,
                usual=usual,
                quick=quick,
            )
        )
    if pair.start is not None:
        origin, destination = pair.origin.name_in(lang), pair.destination.name_in(lang)
        start = _start(pair.start, pair, origin, destination, lang)
        words = f"With both times as reported, the train can have started {start}"
        if pair.possible_start is None:
            told.append(Note(f"{words}.", "start", start=start))
        else:
            quick_start = _start(pair.possible_start, pair, origin, destination, lang)
            text = f"{words}; with a run as quick as one in ten, {quick_start}."
            told.append(Note(text, "start_quick", start=start, quick=quick_start))
    return told


def _start(start: StartPoint, pair: PairCheck, origin: str, destination: str, lang: str | None) -> Note:
    near = start.near.name_in(lang)
    where = f"at {near}" if start.near_m < 1000 else f"{start.near_m / 1000:.0f} km from {near}"
    return Note(
        f"no further back than {start.remaining_m / 1000:,.0f} km before {destination}, {where}, which is "
        f"{start.measure_m / 1000:,.0f} km up the line from {origin}",
        "start_at" if start.near_m < 1000 else "start_near",
        **({} if start.near_m < 1000 else {"away": round(start.near_m / 1000)}),
        remaining=round(start.remaining_m / 1000),
        destination=pair.destination,
        near=start.near,
        km=round(start.measure_m / 1000),
        origin=pair.origin,
    )


def _parts(report: Report, main: PairCheck | None, lang: str | None) -> list[Note]:
    """Verdict on each leg by itself, where there is more than one."""
    count = len(report.places)
    legs = [report.pair(number, number + 1) for number in range(count - 1)]
    told = []
    for verdict, words in (("fits", "fits"), ("tight", "is tight"), ("does_not_fit", "does not fit")):
        told += [
            Note(
                f"{leg.origin.name_in(lang)} to {leg.destination.name_in(lang)} {words}",
                f"part_{verdict}",
                origin=leg.origin,
                destination=leg.destination,
            )
            for leg in legs
            if leg.verdict == verdict and leg is not main
        ]
    if not told:
        return []
    text = f"Leg by leg, each with all the time that the statements leave it: {'; '.join(told)}."
    return [Note(text, "leg_by_leg", parts=tuple(told))]


def _joined(parts: Sequence[str]) -> str:
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

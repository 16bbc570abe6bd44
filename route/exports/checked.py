"""The findings of a check as a table for a person and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from route.errors import InputError
from route.exports.findings import clock_words, exact_text, pair_words, sentences
from route.exports.text import aligned, duration_text, plain, time_text
from route.exports.values import degrees, hours, json_text, well_formed

if TYPE_CHECKING:
    from datetime import datetime

    from route.chronology import ClockCheck, PairCheck, Report, StartPoint, WindowCheck

__all__ = ["CHECK_FORMATS", "render_check", "summary", "table", "to_dict", "to_json"]

CHECK_FORMATS = ("table", "json")
"""Formats of `render_check`."""

_WORDS = {"fits": "fits", "tight": "tight", "does_not_fit": "does not fit"}


def render_check(report: Report, format_name: str, *, lang: str | None = None) -> bytes:
    """Findings in one of `CHECK_FORMATS`.

    Parameters
    ----------
    report : Report
        The findings.
    format_name : str
        One of `CHECK_FORMATS`.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    bytes
        The content of a file of that format, UTF-8.

    Raises
    ------
    InputError
        If there is no such format.
    """
    if format_name not in CHECK_FORMATS:
        raise InputError(f"There is no format {format_name!r}. Choose one of: {', '.join(CHECK_FORMATS)}.")
    text = table(report, lang=lang) if format_name == "table" else to_json(report, lang=lang)
    return well_formed(text).encode()


def summary(report: Report, *, lang: str | None = None) -> str:
    """Findings in full sentences.

    Parameters
    ----------
    report : Report
        The findings.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        One paragraph.
    """
    return " ".join(sentences(report, lang=lang))


def to_dict(report: Report, *, lang: str | None = None) -> dict[str, Any]:
    """Findings as the plain values of the stable JSON.

    Parameters
    ----------
    report : Report
        The findings.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    dict
        With the keys ``pairs``, ``windows``, ``clocks``, ``verdict`` and ``summary``, and ``title``,
        ``train``, ``max_speed_kmh``, ``conflict``, ``attribution`` and ``warnings``. Speeds and times that
        nothing bounds are ``None``.
    """
    return {
        "title": report.title,
        "train": report.train,
        "max_speed_kmh": report.max_speed_kmh,
        "pairs": [_pair(report, pair, lang) for pair in report.pairs],
        "windows": [_window(window, lang) for window in report.windows],
        "clocks": [_clock(clock, lang) for clock in report.clocks],
        "verdict": report.verdict,
        "conflict": list(report.conflict),
        "summary": summary(report, lang=lang),
        "attribution": list(report.attribution),
        "warnings": list(report.warnings),
    }


def to_json(report: Report, *, lang: str | None = None) -> str:
    """Findings as JSON text, with the keys of `to_dict`.

    Parameters
    ----------
    report : Report
        The findings.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        JSON, ending with a newline.
    """
    return json_text(to_dict(report, lang=lang))


def table(report: Report, *, lang: str | None = None) -> str:
    """Findings for a person: the sentences, then every pair, sighting and clock.

    Parameters
    ----------
    report : Report
        The findings.
    lang : str, optional
        Language of the names of places, as an IETF tag.

    Returns
    -------
    str
        Several lines, ending with a newline.
    """
    blocks = [plain(report.title)] if report.title else []
    blocks += sentences(report, lang=lang)
    blocks.append(_pairs_table(report, lang))
    blocks.append(_windows_table(report, lang))
    if report.clocks:
        blocks.append(_clocks_table(report, lang))
    blocks += [f"Note: {plain(warning)}" for warning in report.warnings]
    blocks.append(f"Data: {plain('; '.join(report.attribution))}")
    return "\n\n".join(blocks) + "\n"


def _pairs_table(report: Report, lang: str | None) -> str:
    head = [
        "From",
        "To",
        "km",
        "Time there was",
        "Takes",
        "8 in 10 within",
        "Needs km/h",
        "Train km/h",
        "Margin",
        "",
    ]
    rows = []
    for pair in report.pairs:
        band, margin = pair.duration, pair.margin_s
        rows.append(
            [
                pair.origin.name_in(lang),
                pair.destination.name_in(lang),
                f"{pair.distance_m / 1000:,.1f}",
                "any" if pair.available_s is None else _signed(pair.available_s),
                duration_text(band.p50_s),
                f"{duration_text(band.p10_s)} to {duration_text(band.p90_s)}",
                "" if pair.required_kmh is None else f"{pair.required_kmh:.0f}",
                f"{pair.train_kmh(band.p50_s):.0f}",
                "" if margin is None else _signed(margin),
                _WORDS[pair.verdict],
            ]
        )
    return aligned(head, rows, right=(2, 6, 7))


def _windows_table(report: Report, lang: str | None) -> str:
    head = ["Sighting", "", "As stated", "Earliest", "Latest", "Would fit from", "Would fit until"]
    rows = [
        [
            window.place.name_in(lang),
            window.event,
            window.stated or "no time",
            time_text(window.earliest) or "open",
            time_text(window.latest) or "open",
            (time_text(window.fits_from) or "open") if window.would_fit else "at no time",
            (time_text(window.fits_until) or "open") if window.would_fit else "at no time",
        ]
        for window in report.windows
    ]
    return aligned(head, rows)


def _clocks_table(report: Report, lang: str | None) -> str:
    head = ["Clock", "Place", "Stated there", "Stated for it", "Is really", ""]
    rows = [
        [
            clock.label or clock.zone,
            clock.place.name_in(lang),
            time_text(clock.stated_local),
            time_text(clock.stated_other),
            time_text(clock.computed_other),
            "agrees" if clock.agrees else "disagrees",
        ]
        for clock in report.clocks
    ]
    return aligned(head, rows)


def _pair(report: Report, pair: PairCheck, lang: str | None) -> dict[str, Any]:
    band = pair.duration
    return {
        "from": pair.origin.name_in(lang),
        "to": pair.destination.name_in(lang),
        "distance_km": round(pair.distance_m / 1000, 3),
        "available_h": _hours(pair.available_s),
        "required_kmh": _speed(pair.required_kmh),
        "train_kmh": _speed(pair.train_kmh(band.p50_s)),
        "margin_h": _hours(pair.margin_s),
        "verdict": pair.verdict,
        "required_moving_kmh": _speed(pair.required_moving_kmh),
        "train_kmh_band": {
            "low": _speed(pair.train_kmh(band.p90_s)),
            "high": _speed(pair.train_kmh(band.p10_s)),
        },
        "duration_h": hours(band)._asdict(),
        "dwell_h": _hours(pair.dwell_s),
        "latest_departure": _time(pair.latest_departure),
        "earliest_arrival": _time(pair.earliest_arrival),
        "start": _start(pair.start, lang),
        "possible_start": _start(pair.possible_start, lang),
        "words": plain(pair_words(report, pair, lang=lang)),
    }


def _start(start: StartPoint | None, lang: str | None) -> dict[str, Any] | None:
    if start is None:
        return None
    return {
        "from_origin_km": round(start.measure_m / 1000, 3),
        "remaining_km": round(start.remaining_m / 1000, 3),
        "lat": degrees(start.lat),
        "lon": degrees(start.lon),
        "near": start.near.name_in(lang),
        "near_km": round(start.near_m / 1000, 3),
    }


def _window(window: WindowCheck, lang: str | None) -> dict[str, Any]:
    return {
        "place": window.place.name_in(lang),
        "stated": window.stated,
        "earliest": _time(window.earliest),
        "latest": _time(window.latest),
        "event": window.event,
        "stated_earliest": _time(window.stated_earliest),
        "stated_latest": _time(window.stated_latest),
        "would_fit": window.would_fit,
        "fits_from": _time(window.fits_from),
        "fits_until": _time(window.fits_until),
        "possible_from": _time(window.possible_from),
        "possible_until": _time(window.possible_until),
        "wording": window.wording,
        "source": window.source,
        "note": window.note,
    }


def _clock(clock: ClockCheck, lang: str | None) -> dict[str, Any]:
    return {
        "place": clock.place.name_in(lang),
        "stated_local": _time(clock.stated_local),
        "stated_other": _time(clock.stated_other),
        "zone": clock.zone,
        "computed_other": _time(clock.computed_other),
        "verdict": "agrees" if clock.agrees else "disagrees",
        "label": clock.label,
        "slip": clock.slip,
        "wording": clock.wording,
        "source": clock.source,
        "words": plain(clock_words(clock, lang=lang)),
    }


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 3)


def _speed(kmh: float | None) -> float | None:
    return None if kmh is None else round(kmh, 1)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _signed(seconds: float) -> str:
    return f"{'-' if seconds < 0 else ''}{exact_text(abs(seconds))}"

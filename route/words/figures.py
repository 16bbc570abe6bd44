"""Numbers, durations, days and clocks as a language writes them, by Unicode CLDR."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from babel import Locale

    from route.itinerary import Band

__all__ = ["MASTER", "Figures", "locale_of"]

MASTER = "en"
"""The language of the code, and of whoever has no file of texts."""

_FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
_ISO_DATE = re.compile(r"\d{4}(-\d\d){0,2}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Figures:
    """How a language writes figures.

    Parameters
    ----------
    texts : mapping of str to mapping
        Sections of the file of the language.
    """

    texts: Mapping[str, Mapping[str, Any]]

    @property
    def locale(self) -> str:
        """IETF tag of the days and figures, as ``Intl`` of a browser takes it."""
        return str(self.texts["format"]["locale"])

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, the direction of the texts."""
        return str(self._locale.text_direction)

    def count(self, key: str, number: int) -> str:
        """A number of things.

        Parameters
        ----------
        key : str
            Its key in the section ``count``.
        number : int
            How many.

        Returns
        -------
        str
            Such as ``3 legs``, in the form that the number asks for.
        """
        forms = self.texts["count"][key]
        form = forms.get(self._locale.plural_form(number)) or forms["other"]
        return self._filled(form, {"number": number})

    def number(self, value: float, decimals: int | None = None) -> str:
        """Number for a reader.

        Parameters
        ----------
        value : float
            The number.
        decimals : int, optional
            How many decimals to write; by default none for whole numbers, else as many as there are, up to
            three.

        Returns
        -------
        str
            With digits grouped as the language does.
        """
        from babel.numbers import format_decimal

        pattern = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def kilometres(self, metres: float) -> str:
        """Distance for a reader.

        Parameters
        ----------
        metres : float
            Length, in metres.

        Returns
        -------
        str
            Whole kilometres, tenths below 20 km.
        """
        km = metres / 1000
        decimals = 1 if km < 19.95 and round(km, 1) != round(km) else 0
        return self._unit("km", self.number(km, decimals))

    def millimetres(self, gauge: int) -> str:
        """Gauge of a track for a reader.

        Parameters
        ----------
        gauge : int
            Track gauge, in millimetres.

        Returns
        -------
        str
            Such as ``1435 mm``; four digits are not grouped.
        """
        return self._unit("mm", str(gauge))

    def duration(self, seconds: float) -> str:
        """Duration for a reader.

        Parameters
        ----------
        seconds : float
            How long.

        Returns
        -------
        str
            Minutes below an hour, hours and minutes below ten hours, else hours, or days and hours.
        """
        minutes = round(seconds / 60)
        if minutes < 60:
            return self._unit("minutes", self.number(minutes))
        if minutes < 600 and minutes % 60:
            form = self.texts["format"]["hours_minutes"]
            return self._filled(form, {"hours": minutes // 60, "minutes": f"{minutes % 60:02d}"})
        hours = minutes // 60 if minutes < 600 else round(seconds / 3600)
        if hours < 72:
            return self.count("hours", hours)
        days = self.count("days", hours // 24)
        if not hours % 24:
            return days
        form = self.texts["format"]["days_hours"]
        return self._filled(form, {"days": days, "hours": self.count("hours", hours % 24)})

    def elapsed(self, seconds: float, step_s: float) -> str:
        """Mark of an axis that counts the time since the departure.

        Parameters
        ----------
        seconds : float
            How long since then.
        step_s : float
            Distance of the marks, in seconds.

        Returns
        -------
        str
            Minutes, hours or days, whichever the marks count.
        """
        if step_s < 3600:
            return self._unit("minutes", self.number(round(seconds / 60)))
        unit, unit_s = ("hours", 3600) if step_s < 86_400 else ("days", 86_400)
        return self.count(unit, round(seconds / unit_s))

    def band(self, value: Band) -> str:
        """Duration with its band for a reader.

        Parameters
        ----------
        value : Band
            The duration.

        Returns
        -------
        str
            Such as ``24 h (19 h to 36 h)``; without brackets if the band has no width.
        """
        middle, low, high = (self.duration(seconds) for seconds in (value.p50_s, value.p10_s, value.p90_s))
        if low == high:
            return middle
        return self._filled(self.texts["format"]["band"], {"middle": middle, "low": low, "high": high})

    def joined(self, parts: Iterable[str]) -> str:
        """List of things, as a sentence has it.

        Parameters
        ----------
        parts : iterable of str
            The things.

        Returns
        -------
        str
            Such as ``a, b and c``.
        """
        from babel.lists import format_list

        return str(format_list(list(parts), locale=self._locale))

    def zone(self, when: dt.datetime) -> str:
        """Zone of a local time.

        Parameters
        ----------
        when : datetime
            Time, with a time zone.

        Returns
        -------
        str
            The abbreviation where there is one, else the offset, as ``UTC+10``.
        """
        name = when.tzname() or ""
        return name if name.isalpha() else f"UTC{name}" if name else ""

    def time(self, when: dt.datetime) -> str:
        """Time on a clock.

        Parameters
        ----------
        when : datetime
            Time, with a time zone.

        Returns
        -------
        str
            Such as ``05:00``.
        """
        from babel.dates import format_time

        # babel would turn the time into UTC without the zone being said again.
        pattern = self.texts["format"]["time"]
        return str(format_time(when, pattern, tzinfo=when.tzinfo, locale=self._locale))

    def date(self, when: dt.date) -> str:
        """Day without its year, for a reader.

        Parameters
        ----------
        when : date
            Day, or time with a time zone.

        Returns
        -------
        str
            Such as ``Wed 24 Apr``.
        """
        return self._day(when, "day")

    def clock(self, when: dt.datetime) -> str:
        """Local time with its day and zone, for a reader.

        Parameters
        ----------
        when : datetime
            Time, with a time zone.

        Returns
        -------
        str
            Such as ``Wed 24 Apr 2019, 05:00 KST``.
        """
        return self._moment(when, "moment", "date").rstrip()

    @cached_property
    def _locale(self) -> Locale:
        return locale_of(self.locale, MASTER)

    def _unit(self, key: str, number: str) -> str:
        return self._filled(self.texts["format"][key], {"number": number})

    def _moment(self, when: dt.datetime, form: str, day: str) -> str:
        parts = {"date": self._day(when, day), "time": self.time(when), "zone": self.zone(when)}
        return self._filled(self.texts["format"][form], parts)

    def _day(self, when: dt.date, key: str) -> str:
        from babel.dates import format_date

        return str(format_date(when, self.texts["format"][key], locale=self._locale))

    def _exact(self, seconds: float) -> str:
        """Duration to the minute, however long."""
        hours, minutes = divmod(round(seconds / 60), 60)
        if not (hours and minutes):
            return self.count("hours", hours) if hours else self._unit("minutes", self.number(minutes))
        form = self.texts["format"]["hours_minutes"]
        return self._filled(form, {"hours": hours, "minutes": f"{minutes:02d}"})

    def _iso_date(self, text: str) -> str:
        """Year, month or day of ISO 8601, each as exact as it is."""
        if not _ISO_DATE.fullmatch(text):
            return text
        year, month, day = (int(part) for part in (*text.split("-"), "1", "1")[:3])
        return self._day(dt.date(year, month, day), ("year", "month", "long_date")[text.count("-")])

    def _filled(self, form: str, values: Mapping[str, object]) -> str:
        return _FIELD.sub(lambda field: self._written(values[field[1]], field[2]), form)

    def _written(self, value: object, kind: str | None) -> str:  # noqa: ARG002 - for who knows more kinds
        """Value of a field."""
        return self.number(value) if isinstance(value, int | float) else str(value)


def locale_of(lang: str, otherwise: str) -> Locale:
    """Locale of Unicode CLDR for a language.

    Parameters
    ----------
    lang : str
        IETF tag.
    otherwise : str
        Tag of the locale for a language that there is none for.

    Returns
    -------
    Locale
        Of the language, or of a wider one, such as ``pt`` for ``pt-XX``.
    """
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(lang.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse(otherwise, sep="-")

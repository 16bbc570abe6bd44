"""What the page says in the language of its reader: texts of ``data/words/``, figures and names of Unicode CLDR.

A language that has no file of texts, such as Portuguese, shows English texts beside names in its own language.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, cast

from route.files import data_path
from route.notes import Note
from route.places import best_tag
from route.words.figures import MASTER, Figures, locale_of

if TYPE_CHECKING:
    from babel import Locale

    from route.places import Place

__all__ = ["Words", "words_in"]

_NAMED = {"country": "country", "train": "train", "city": "city_of"}  # kinds of fields, and who writes them


@dataclass(frozen=True, eq=False, kw_only=True)
class Words(Figures):
    """The texts of one language.

    Parameters
    ----------
    texts : mapping of str to mapping
        Sections of the file of the language.
    language : str
        Language of the texts, as an IETF tag.
    lang : str or None
        Language of the names, as an IETF tag; ``None`` for their usual ones.
    """

    language: str
    lang: str | None

    def __getitem__(self, key: str) -> str:
        """Text of the page or of its script.

        Parameters
        ----------
        key : str
            Its key in the sections ``page`` or ``script``.

        Returns
        -------
        str
            The text, with its fields.
        """
        text: str = self.texts["page"][key] if key in self.texts["page"] else self.texts["script"][key]
        return text

    def say(self, key: str, **values: object) -> str:
        """Text of the page with its fields filled.

        Parameters
        ----------
        key : str
            Its key in the sections ``page`` or ``script``.
        **values : object
            The fields: texts, numbers, places, dates, notes, or tuples of them.

        Returns
        -------
        str
            The text.
        """
        return self._filled(self[key], values)

    def note(self, text: str) -> str:
        """A sentence of the route in this language.

        Parameters
        ----------
        text : str
            A `Note`; any other text, such as a name, is what it is in every language.

        Returns
        -------
        str
            The text.
        """
        if not isinstance(text, Note):
            return text
        form = self.texts["notes"].get(text.key)
        return str(text) if form is None else self._filled(form, text.values)

    def credit(self, source: str) -> str:
        """Source that is to be named.

        Parameters
        ----------
        source : str
            As an itinerary names it.

        Returns
        -------
        str
            The same with its common words in this language; a source without a text stays as it is.
        """
        return str(self.texts["credits"].get(source, source))

    def train(self, name: str) -> str:
        """Class of train.

        Parameters
        ----------
        name : str
            A name of ``data/trains.toml``.

        Returns
        -------
        str
            What it is called; a class without a text keeps its name.
        """
        return str(self.texts["trains"].get(name, name.replace("_", " ")))

    @property
    def script(self) -> dict[str, str]:
        """Texts for the script of the page."""
        form = self.texts["format"]
        units = {"metres": form["m"], "kilometres": form["km"], "minutes": form["minutes"]}
        return {**self.texts["script"], **units, "hours_minutes": form["hours_minutes"]}

    def name(self, place: Place) -> str:
        """Name of a place.

        Parameters
        ----------
        place : Place
            The place.

        Returns
        -------
        str
            In this language if it has one there, else its usual name.
        """
        return place.name_in(self.lang)

    def country(self, code: str) -> str:
        """Name of a country.

        Parameters
        ----------
        code : str
            ISO 3166-1 alpha-2 code, or ``XK``.

        Returns
        -------
        str
            The name, or the code if there is none.
        """
        return str(self._names.territories.get(code.upper(), code))

    def city_of(self, zone: str) -> str:
        """City that a time zone is named for.

        Parameters
        ----------
        zone : str
            IANA name, such as ``Europe/Copenhagen``.

        Returns
        -------
        str
            The name of the city; of a zone without one, such as ``UTC``, its own name.
        """
        known = self._names.time_zones.get(zone, {}).get("city")
        return str(known or zone.rsplit("/", 1)[-1].replace("_", " "))

    @cached_property
    def _names(self) -> Locale:
        return locale_of(self.lang or self.locale, self.locale)

    def _written(self, value: object, kind: str | None) -> str:
        if isinstance(value, tuple):
            if kind == "and":
                return self.joined(self._written(part, None) for part in value)
            notes = any(isinstance(part, Note) for part in value)
            mark = "; " if notes else str(self.texts["format"]["list_separator"])
            return mark.join(self._written(part, kind) for part in value)
        if isinstance(value, str):
            if kind in _NAMED:
                named: str = getattr(self, _NAMED[kind])(value)
                return named
            return self._iso_date(value) if kind == "date" else self.note(value)
        if isinstance(value, int | float):
            if kind in ("duration", "exact"):
                return self.duration(value) if kind == "duration" else self._exact(value)
            return self.number(value, 1 if isinstance(value, float) else 0)
        if isinstance(value, dt.datetime):
            return self._part(value, kind)
        if isinstance(value, dt.date):
            return self._day(value, "long_date")
        return self.name(cast("Place", value))  # the only other thing that a note may hold

    def _part(self, when: dt.datetime, kind: str | None) -> str:
        """Time of a field, or the part of it that the field asks for."""
        if kind == "time":
            return self.time(when)
        if kind == "zone":
            return self.zone(when)
        return (
            self._day(when, "full_date") if kind == "day" else self._moment(when, "full_moment", "full_date")
        )


@cache
def words_in(lang: str | None) -> Words:
    """Texts in a language.

    Parameters
    ----------
    lang : str or None
        IETF tag, such as ``pt-BR``; ``None`` for English.

    Returns
    -------
    Words
        Texts in the language, else in the wider one (``pt``), else in English; names in the language itself.
    """
    files = {path.stem: path for path in data_path("words").glob("*.toml")}
    language = best_tag(lang, files) or MASTER
    texts = tomllib.loads(files[language].read_text(encoding="utf-8"))
    return Words(texts=texts, language=language, lang=lang or None)

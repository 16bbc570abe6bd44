"""Sentences for the reader that can be said in several languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Note"]


class Note(str):
    """A text in English that knows what it says.

    Everywhere it is the English text. Who writes in another language takes `key` and `values` to the
    translation: `route.words.Words.note` does.

    Parameters
    ----------
    text : str
        The text in English.
    key : str
        Its key in the section ``notes`` of ``data/words/``.
    **values : object
        What stands in it: a place, a text, a number as it is shown, a date, a code of a country, another note,
        or a tuple of such values.

    Attributes
    ----------
    key : str
        As given.
    values : mapping of str to object
        As given.
    """

    key: str
    values: Mapping[str, object]

    def __new__(cls, text: str, key: str, /, **values: object) -> Self:
        """Make a note: a `str` is made here."""
        note = super().__new__(cls, text)
        note.key = key
        note.values = MappingProxyType(values)
        return note

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles keep key and values."""
        return _again, (str(self), self.key, dict(self.values))


def _again(text: str, key: str, values: dict[str, object]) -> Note:
    return Note(text, key, **values)

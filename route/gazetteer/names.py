"""One form for the many ways to write a name.

The same functions run when the gazetteer is built and when it is asked, so that what is stored is what is
looked for. Normalising drops case, diacritics, spaces, hyphens and apostrophes; it joins the letter forms of
Arabic and of composed Hangul; what is left are letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from route.errors import InputError

__all__ = ["MAX_LENGTH", "checked", "is_latin", "normalise", "shown", "spellings", "without_city"]

MAX_LENGTH = 200
"""Longest name that is looked up, in characters; the longest real one has 168."""

_FOLDED = str.maketrans(
    {
        # Letters of the Latin script that Unicode does not decompose.
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ı": "i",
        "ħ": "h",
        "ŋ": "n",
        "ŧ": "t",
        # Arabic, Persian and Urdu forms of one letter, as search engines fold them.
        "ـ": None,
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ک": "ك",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ە": "ه",
    }
)

# How German, Danish, Norwegian and Swedish write these letters without the key for them.
_WITHOUT_THE_KEY = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

# "City" as it is written behind a name in Chinese, Japanese and Korean.
_CITY = re.compile(r"(?<=..)(?:市|특별시|광역시|시)$")

_KANA_MARKS = "\u3099\u309a"


def _kept(char: str) -> bool:
    if char.isalnum() or char in _KANA_MARKS:
        return True
    category = unicodedata.category(char)
    if category == "Mc":
        return True
    # Vowel signs of Indian scripts carry the word; accents, points and variation selectors do not.
    return category == "Mn" and unicodedata.combining(char) == 0 and 0x0900 <= ord(char) <= 0x1BFF


def _once(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold()).casefold().translate(_FOLDED)
    folded = unicodedata.normalize("NFKD", folded)
    return unicodedata.normalize("NFC", "".join(char for char in folded if _kept(char)))


@lru_cache(maxsize=4096)
def normalise(name: str) -> str:
    """Form of a name that does not depend on how it is written.

    Parameters
    ----------
    name : str
        A name in any script.

    Returns
    -------
    str
        Its letters and digits in lower case without diacritics; empty if it has none.
    """
    if name.isascii():
        return "".join(char for char in name.lower() if char.isalnum())
    key = _once(name)
    # A second pass changes a few rare letters once more; the fixed point makes the function idempotent.
    while (again := _once(key)) != key:
        key = again
    return key if any(char.isalnum() for char in key) else ""


def spellings(name: str) -> tuple[str, ...]:
    """Normalised forms under which a name is stored and looked for.

    Parameters
    ----------
    name : str
        A name in any script.

    Returns
    -------
    tuple of str
        The normalised form first, then the one with ``oe`` for ``ö`` and the like, if it differs. Empty if
        the name has no letter and no digit.
    """
    keys = [normalise(name)]
    if not name.isascii():
        composed = unicodedata.normalize("NFC", name).casefold()
        keys.append(normalise(composed.translate(_WITHOUT_THE_KEY)))
    return tuple(dict.fromkeys(key for key in keys if key))


def without_city(name: str) -> str:
    """Name without the word for city that Chinese, Japanese and Korean write behind it.

    Parameters
    ----------
    name : str
        A name in any script.

    Returns
    -------
    str
        The name, shortened if at least two characters are left.
    """
    return _CITY.sub("", name)


def is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters.

    Parameters
    ----------
    name : str
        A name in any script.

    Returns
    -------
    bool
        True if each of its letters is Latin.
    """
    return all(ord(char) < 0x250 for char in normalise(name) if char.isalpha())


def shown(text: str, *, limit: int = 40) -> str:
    """Text made fit for a message: one line, no control characters, not too long.

    Parameters
    ----------
    text : str
        Any text.
    limit : int
        Longest result, in characters.

    Returns
    -------
    str
        The text, shortened with an ellipsis if it is longer.
    """
    clean = "".join(
        char for char in text[: 4 * limit] if unicodedata.category(char)[0] not in "CZ" or char == " "
    ).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def checked(name: object) -> str:
    """A name that can be looked up, or an error that says why it cannot.

    Parameters
    ----------
    name : object
        What was given as a name.

    Returns
    -------
    str
        The name in composed form, without invisible marks and with single spaces.

    Raises
    ------
    InputError
        If it is no text, empty, too long, has control characters, or has neither a letter nor a digit.
    """
    if not isinstance(name, str):
        raise InputError(
            f"A place is a name, an id, 'lat,lon' or a Place, not {type(name).__name__}: write it as text."
        )
    if not name.strip():
        raise InputError("The name of a place is empty: write a name, or lat,lon.")
    if len(name) > MAX_LENGTH:
        raise InputError(
            f'The name of a place has {len(name)} characters, starting with "{shown(name, limit=20)}": '
            f"give one name of at most {MAX_LENGTH}."
        )
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") for char in text):
        raise InputError(f'The name "{shown(name)}" has control or undefined characters: type it anew.')
    # Marks of writing direction come along when a name is copied from a page; they are no part of it.
    text = "".join(
        char for char in text if unicodedata.category(char) != "Cf" or char in "\u200c\u200d"
    ).strip()
    if not normalise(text):
        what = f'"{shown(text)}" has' if shown(text) else "The name of a place has"
        raise InputError(f"{what} neither a letter nor a digit: write the name of a place, or lat,lon.")
    return text

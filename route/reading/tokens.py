"""A text as words, with where each stands and what its capitals are worth."""

from __future__ import annotations

import re
from typing import NamedTuple

from route.reading.forms import script_of
from route.reading.lexicon import abbreviations

__all__ = ["Token", "tokenise"]

# Letters and digits with the marks that belong to them: accents, points, and vowel signs of Indian scripts.
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u0900-\u0963\u0970-\u1bff\u200c\u200d\u3099\u309a\u30fc"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_ENDS = re.compile(r"[.!?…。！？؟।:;]|\n\s*\n")
_INNER_STOP = re.compile(r"[.:]\s*")
_BULLET = re.compile(r"[\n\r]\s*[-–—•*]|[«»“”„\"‘]")

_MANY = 4


class Token(NamedTuple):
    """A word of the text.

    Parameters
    ----------
    text : str
        As it stands there.
    lower : str
        In lower case.
    start, end : int
        Where it stands, in characters.
    gap : str
        What stands between it and the word before.
    script : str
        See `route.reading.forms.script_of`.
    sentence : int
        Number of its sentence.
    first : bool
        Whether it is the first word of a sentence, of a quotation or of a line of a list.
    capital : bool
        Whether it begins with a capital letter that says something: not in a line of capitals.
    caseless : bool
        Whether capitals say nothing here: a script without them, a line of capitals, a text without any.
    titled : bool
        Whether it stands in a line that capitalises every word, as headlines do.
    """

    text: str
    lower: str
    start: int
    end: int
    gap: str
    script: str
    sentence: int
    first: bool
    capital: bool
    caseless: bool
    titled: bool


_CASED = frozenset({"latin", "cyrillic", "greek", "armenian"})


def tokenise(text: str) -> list[Token]:
    """Words of a text.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    list of Token
        The words in order.
    """
    spans = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    lines = _lines(text, spans)
    small = not any(
        word[0].isupper() and not word.isupper() for word, _, _ in spans if script_of(word) in _CASED
    ) and any(word.islower() for word, _, _ in spans)
    tokens: list[Token] = []
    sentence, before, end_before = 0, "", 0
    for (word, start, end), (shouting, titled) in zip(spans, lines, strict=True):
        gap = text[end_before:start]
        ends = bool(_ENDS.search(gap)) and not _goes_on(gap, before, word)
        sentence += ends
        first = ends or not tokens or (bool(_BULLET.search(gap)) and len(gap.strip()) > 0)
        script = script_of(word)
        caseless = script not in _CASED or shouting or small
        upper = word[0].isupper()
        tokens.append(
            Token(
                text=word,
                lower=word.lower(),
                start=start,
                end=end,
                gap=gap,
                script=script,
                sentence=sentence,
                first=first,
                capital=upper and not caseless,
                caseless=caseless,
                titled=titled and not shouting,
            )
        )
        before, end_before = word, end
    return tokens


def _goes_on(gap: str, before: str, word: str) -> bool:
    """Whether a full stop does not end the sentence: an abbreviation, an initial, a number, a small letter."""
    if not _INNER_STOP.fullmatch(gap):
        return False
    if gap[0] == ":":
        return word[0].islower() or word[0].isdigit()
    initial = len(before) == 1 and before.isalpha()
    return initial or before.lower() in abbreviations() or word[0].islower() or gap == "."


def _lines(text: str, spans: list[tuple[str, int, int]]) -> list[tuple[bool, bool]]:
    """For each word whether its line is all capitals, and whether it is a headline."""
    flags: list[tuple[bool, bool]] = []
    i, start = 0, 0
    plain = False
    while i < len(spans):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop + 1
        j = i
        while j < len(spans) and spans[j][1] < stop:
            j += 1
        words = [word for word, _, _ in spans[i:j] if len(word) > 1 and script_of(word) in _CASED]
        shouting = len(words) > 1 and sum(word.isupper() for word in words) > 0.8 * len(words)
        long = [word for word in words if len(word) >= _MANY]
        titled = len(long) >= _MANY and sum(word[0].isupper() for word in long) > 0.8 * len(long)
        titled = titled and text[start:stop].rstrip()[-1:] not in {".", "!", "?"}
        plain = plain or (len(long) >= _MANY and not titled and not shouting)
        flags += [(shouting, titled)] * (j - i)
        i, start = j, stop
    # A text of headlines alone has no others to compare them with.
    return flags if plain else [(shouting, False) for shouting, _ in flags]

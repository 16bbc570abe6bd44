"""Words of a text that are names of places: the longest ones, in any of their inflected forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from route.gazetteer import normalise, spellings
from route.gazetteer.bulk import known_names
from route.gazetteer.names import MAX_LENGTH
from route.reading.forms import dictionary_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from route.gazetteer import Gazetteer
    from route.geocoding import PlaceIndex
    from route.reading.lexicon import Lexicon
    from route.reading.tokens import Token

__all__ = ["Span", "find_names"]

_LONGEST = 5
_FORMS = 7
_CURATED_SIZE = 6.0
_ALIAS, _INFLECTED = 0.7, 0.8
_CITY_STATE = 50_000
_CITY = 100_000
_SHORTEST_CODE = 4
_HAN_LONGEST, _LETTERS_LONGEST = 8, 16
_TIGHT = frozenset("-‐‑'’ʼ`")
_JOINS = frozenset({" ", "-", "‐", "‑", "'", "’", "\u00a0", "\n", "\r\n", ". ", ".", "ʼ", "`", "  "})


@dataclass(frozen=True, slots=True)
class Span:
    """A name in the text.

    Parameters
    ----------
    first, last : int
        Numbers of its first and last word.
    start, end : int
        Where it stands, in characters.
    name : str
        The normalised dictionary form.
    size : float
        Power of ten of the population of the largest place of that name; less if only another name of it.
    country : str
        ``country`` or ``region`` if it is one rather than a town, else empty.
    exact : bool
        Whether the text has the name as it stands in the gazetteer.
    glued : bool
        Whether it was cut out of a word.
    """

    first: int
    last: int
    start: int
    end: int
    name: str
    size: float
    country: str
    exact: bool
    glued: bool = False


class _Known:
    """What is known of the names that a text may have."""

    def __init__(self, names: Iterable[str], gazetteer: Gazetteer, curated: PlaceIndex) -> None:
        self._store = gazetteer.store
        wanted = set(names)
        self._towns = known_names(self._store, wanted)
        self._curated = _curated_names(curated) & wanted
        self._areas = self._store.words["areas"]
        self._cache: dict[str, tuple[float, str] | None] = {}

    def get(self, name: str) -> tuple[float, str] | None:
        """Size, and ``country`` or ``region``; ``None`` for no name."""
        if name not in self._towns and name not in self._curated and name not in self._areas:
            return None
        if name not in self._cache:
            self._cache[name] = self._look(name)
        return self._cache[name]

    def _look(self, name: str) -> tuple[float, str] | None:
        if name in self._curated:
            return _CURATED_SIZE, ""
        towns = self._towns.get(name, ())
        areas = self._areas.get(name, ()) if len(name) >= _SHORTEST_CODE or not name.isascii() else ()
        if not towns and not areas:
            return None
        columns = self._store.columns
        size = -math.inf
        for town in towns[:3]:
            people = max(int(columns["population"][town]), 100)
            alias = name[0] < "\u0250" and name not in spellings(self._store.name(town))
            size = max(size, math.log10(people) - _ALIAS * alias)
        countries = {code for code, region in areas if region is None}
        if countries:
            codes = self._store.words["codes"]
            at_home = any(
                codes[columns["country"][town]] in countries
                and columns["population"][town] >= _CITY_STATE
                and name in spellings(self._store.name(town))
                for town in towns[:3]
            )
            return (size, "") if at_home else (max(size, 0.0), "country")
        if areas and not (towns and columns["population"][towns[0]] >= _CITY):
            return max(size, 0.0), "region"
        return size, ""


@lru_cache(maxsize=4)
def _curated_names(curated: PlaceIndex) -> frozenset[str]:
    return frozenset(
        key
        for entry in curated.entries
        for name in (entry.place.name, *entry.place.names.values(), *entry.aliases)
        for key in spellings(name)
    )


def find_names(
    tokens: list[Token], lexicon: Lexicon, gazetteer: Gazetteer, curated: PlaceIndex
) -> list[Span]:
    """Names of places in a text.

    Parameters
    ----------
    tokens : list of Token
        The words of the text.
    lexicon : Lexicon
        The words of its languages.
    gazetteer : Gazetteer
        The towns.
    curated : PlaceIndex
        Places that stand above towns.

    Returns
    -------
    list of Span
        The names in order, none in another.
    """
    possible: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
    wanted: set[str] = set()
    cut: set[str] = set()
    for i, token in enumerate(tokens):
        if token.script == "unspaced":
            cut.update(_pieces(token.text))
        elif here := list(_names_from(i, tokens, lexicon)):
            possible[i] = here
            wanted.update(key for _, keys in here for key in keys)
    known = _Known(wanted | cut, gazetteer, curated)
    spans: list[Span] = []
    i = 0
    while i < len(tokens):
        if tokens[i].script == "unspaced":
            spans += _cut_out(i, tokens[i], known)
        else:
            best = max(
                filter(None, (_best(i, n, keys, tokens, known) for n, keys in possible.get(i, ()))),
                key=lambda span: (span.last, span.size),
                default=None,
            )
            if best is not None:
                spans.append(best)
                i = best.last
        i += 1
    return spans


def _names_from(i: int, tokens: list[Token], lexicon: Lexicon) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Names that may start with a word: how many words they have, and their dictionary forms."""
    token = tokens[i]
    classes = lexicon.classes(token.lower)
    small = not token.capital and not token.caseless
    if small and "geo" not in classes:
        return
    if token.text.isdigit() or len(token.text) > MAX_LENGTH:
        return
    if not small and "stop" not in classes and len(token.text) > 1:
        exact = spellings(token.text)
        yield 1, tuple(dict.fromkeys((*exact, *dictionary_forms(normalise(token.text)))))
    parts = [token]
    for j in range(i + 1, min(i + _LONGEST, len(tokens))):
        other = tokens[j]
        if other.gap not in _JOINS or len(other.text) > MAX_LENGTH or other.script != token.script:
            return
        if other.gap.startswith(".") and len(parts[-1].text) > 3:
            return
        parts.append(other)
        inner = "inner" in lexicon.classes(other.lower)
        named = other.capital or (other.caseless and "stop" not in lexicon.classes(other.lower))
        if not named and not (len(parts) == 2 and "geo" in lexicon.classes(other.lower) and not small):
            if other.gap in _TIGHT and not small:
                yield len(parts), _joined(parts)
            elif not inner:
                return
            continue
        if token.caseless and not other.caseless:
            return
        yield len(parts), _joined(parts)


def _joined(parts: list[Token]) -> tuple[str, ...]:
    words = [normalise(part.text) for part in parts]
    plain = "".join(words)
    exact = spellings(" ".join(part.text for part in parts))
    ends = dictionary_forms(words[-1])[:_FORMS] if len(parts) <= 3 else (words[-1],)
    starts = dictionary_forms(words[0])[:_FORMS]
    middle = "".join(words[1:-1])
    return tuple(dict.fromkeys((*exact, plain, *(a + middle + b for a, b in product(starts, ends)))))


def _best(i: int, n: int, keys: tuple[str, ...], tokens: list[Token], known: _Known) -> Span | None:
    """The likeliest of the forms that a name of `n` words may have."""
    first, last = tokens[i], tokens[i + n - 1]
    exact = set(spellings(" ".join(token.text for token in tokens[i : i + n])))
    best: Span | None = None
    rank = -math.inf
    for key in keys:
        found = known.get(key)
        if found is None:
            continue
        size, country = found
        is_exact = key in exact
        worth = (9.0 if country == "country" and len(key) > 3 else size) - _INFLECTED * (not is_exact)
        if worth > rank:
            rank = worth
            best = Span(
                i,
                i + n - 1,
                first.start,
                last.end,
                key,
                size - (0 if is_exact else _INFLECTED / 2),
                country,
                is_exact,
            )
    return best


def _plain(word: str) -> str:
    """The word in normalised form, letter by letter."""
    key = normalise(word)
    return key if len(key) == len(word) else word


def _pieces(word: str) -> Iterator[str]:
    key = _plain(word)
    longest = _HAN_LONGEST if word[0] >= "\u3000" else _LETTERS_LONGEST
    for start in range(len(key)):
        for end in range(start + 2, min(start + longest, len(key)) + 1):
            yield key[start:end]


def _cut_out(i: int, token: Token, known: _Known) -> Iterator[Span]:
    """Names in a run of letters without spaces, the longest at each place."""
    key = _plain(token.text)
    longest = _HAN_LONGEST if key[0] >= "\u3000" else _LETTERS_LONGEST
    at = 0
    while at < len(key):
        step = 1
        for end in range(min(at + longest, len(key)), at + 1, -1):
            found = known.get(key[at:end])
            # A short piece may be part of any word: a village does not stand out from it.
            if found is None or (found[0] < (5.0 if end - at < 4 else 3.0) and not found[1]):
                continue
            yield Span(i, i, token.start + at, token.start + end, key[at:end], *found, exact=True, glued=True)
            step = end - at
            break
        at += step

"""The words around place names and what they say, from ``data/reading.toml``."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from route.files import data_path
from route.gazetteer import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Lexicon", "abbreviations", "lexicon_for"]

_ANY = "any"

_NOTHING: frozenset[str] = frozenset()
_LANGUAGE_AT_LEAST = 0.35


@dataclass(slots=True)
class Lexicon:
    """The words of the languages of one text.

    Parameters
    ----------
    languages : tuple of str
        The languages, the one with the most words in the text first; all there are if none was recognised.
    recognised : bool
        Whether the text has enough words of them to tell.
    exact : dict of str to frozenset of str
        Classes of a word.
    prefixes : tuple of pair of str
        Beginnings of words with their class.
    glued : dict of str to tuple of str
        What stands right before or after a name in scripts without spaces, or as a particle: ``before_from``
        and the like, longest first.
    """

    languages: tuple[str, ...]
    recognised: bool
    exact: Mapping[str, frozenset[str]]
    prefixes: tuple[tuple[str, str], ...]
    glued: Mapping[str, tuple[str, ...]]
    _seen: dict[str, frozenset[str]] = field(default_factory=dict, init=False)

    def classes(self, word: str) -> frozenset[str]:
        """What a word may be.

        Parameters
        ----------
        word : str
            A word in lower case.

        Returns
        -------
        frozenset of str
            Names of classes of ``data/reading.toml``.
        """
        known = self._seen.get(word)
        if known is None:
            known = self.exact.get(word, _NOTHING)
            begins = {name for prefix, name in self.prefixes if word.startswith(prefix)}
            known = self._seen[word] = known | begins if begins else known
        return known


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    values = tomllib.loads(data_path("reading.toml").read_text(encoding="utf-8"))
    return {
        language: {name: tuple(words.split()) for name, words in table.items()}
        for language, table in values.items()
    }


def _languages() -> tuple[str, ...]:
    return tuple(language for language in _tables() if language != _ANY)


@lru_cache(maxsize=1)
def abbreviations() -> frozenset[str]:
    """Abbreviations that end with a full stop and do not end a sentence.

    Returns
    -------
    frozenset of str
        In lower case, without the full stop.
    """
    return frozenset(_tables()[_ANY]["abbreviation"])


@lru_cache(maxsize=1)
def _stop_words() -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = {}
    for language in _languages():
        table = _tables()[language]
        for word in dict.fromkeys((*table.get("stop", ()), *table.get("travel", ()))):
            languages.setdefault(word, []).append(language)
    return {word: tuple(found) for word, found in languages.items()}


def _languages_of(words: Iterable[str]) -> tuple[str, ...]:
    known = _stop_words()
    hits: Counter[str] = Counter()
    for word, times in Counter(words).items():
        languages = known.get(word, ())
        for language in languages:
            # A word of many languages says less; one that comes often says not much more than once.
            hits[language] += min(times, 20) / len(languages)  # type: ignore[assignment]  # counts of shares
    if not hits:
        return ()
    most = hits.most_common(1)[0][1]
    return tuple(language for language, n in hits.most_common(3) if n >= max(most * _LANGUAGE_AT_LEAST, 1))


def lexicon_for(text: str, words: Iterable[str]) -> Lexicon:
    """The lexicon of the languages that a text is written in.

    Parameters
    ----------
    text : str
        The text; looked at for scripts that put no spaces between words.
    words : iterable of str
        Its words in lower case.

    Returns
    -------
    Lexicon
        The lexicon.
    """
    found = list(_languages_of(words))
    sample = text[:20_000]
    if any("\u3040" <= letter <= "\u30ff" for letter in sample):
        found.append("ja")
    elif any("\u4e00" <= letter <= "\u9fff" for letter in sample):
        found.append("zh")
    if any("\uac00" <= letter <= "\ud7af" for letter in sample):
        found.append("ko")
    languages = tuple(dict.fromkeys(found))
    return _lexicon(languages)


@lru_cache(maxsize=16)
def _lexicon(languages: tuple[str, ...]) -> Lexicon:
    tables = _tables()
    exact: dict[str, set[str]] = {}
    prefixes: list[tuple[str, str]] = []
    glued: dict[str, list[str]] = {}
    for language in (_ANY, *(languages or _languages())):
        for name, words in tables[language].items():
            if name.startswith(("before_", "after_")):
                glued.setdefault(name, []).extend(words)
                continue
            for word in words:
                if word.endswith("*"):
                    prefixes.append((word[:-1], name))
                else:
                    exact.setdefault(word, set()).add(name)
                    exact.setdefault(normalise(word) or word, set()).add(name)
    return Lexicon(
        languages=languages or _languages(),
        recognised=bool(languages),
        exact={word: frozenset(names) for word, names in exact.items()},
        prefixes=tuple(prefixes),
        glued={name: tuple(sorted(set(words), key=lambda w: -len(w))) for name, words in glued.items()},
    )

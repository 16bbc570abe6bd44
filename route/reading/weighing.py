"""What the words around a name say: whether the journey goes there, and how.

A name has points for a preposition or a verb of motion before it (from, to, via: 2.5; in, at: 1.3), for its place
in a list or a chain of dashes, and for a sentence about a journey; it loses points for a sentence about
something else (born in, the agency in), for being a part of a longer name, and for being small. With
`ENOUGH` points it belongs to the journey. The words are those of ``data/reading.toml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from route.reading.finding import Span
    from route.reading.lexicon import Lexicon
    from route.reading.tokens import Token

__all__ = ["ENOUGH", "Weighed", "weigh"]

ENOUGH = 2.0
"""Points from which a name belongs to the journey."""

_CUE = {"from": 2.4, "to": 2.4, "via": 2.8, "leave": 3.0, "reach": 2.8, "chain": 2.5, "at": 1.3}
_MOVING = 0.8
_LARGE_ALONE, _TOPIC = 0.8, 1.2
_PREPOSITIONS = ("from", "via", "to", "at")
_WAYS = ("from", "to", "via", "at", "leave", "reach", "travel", "back")
_KNOWN = frozenset((*_WAYS, "stop", "says", "and", "station", "geo", "skip", "time", "people", "area"))
_BARRIER = re.compile(r"[,;:()\[\]—–!?…،、。；：]|\.\s|\n\s*\n| - ")
_CHAIN = re.compile(r"\s*(?:[-–—‑‐→⇒>~～]|->|=>)\s*")
_LIST = re.compile(r"\s*[,;،、，]?\s*")
_DATELINE = re.compile(
    r"\s*(?:\([^()\n]{2,30}\)|,?[^.\n(—–:]{0,30}(?:—|–| - |:)|[^.\n]{0,30}\([^()\n]{2,30}\))"
    # A day: PARIS, 4 May. Or: Paris, May 4, 2019.
    r"|,\s*(?:\d{1,2}\.?\s+[^\W\d]{3,12}|[^\W\d]{3,12}\.?\s+\d{1,2})(?:,?\s+\d{4})?\s*[.:,—–-]"
)
_BYLINE = re.compile(
    r"(?:by|af|av|von|par|por|di|autor|автор|текст|от|tekst|text|foto|photo|фото)\b", re.IGNORECASE
)
_YEAR = re.compile(r"1[6-9]\d\d|20\d\d")
_BACK, _AHEAD = 12, 4
_SHORT_LINE, _BYLINE_WORDS = 80, 9
# Where no prepositions are, the ending is the preposition.
_BY_ENDING = frozenset({"fi", "tr"})


@dataclass(slots=True)
class Weighed:
    """A name with what was made of it.

    Parameters
    ----------
    span : Span
        The name.
    points : float
        The points.
    cue : str
        ``from``, ``to``, ``via``, ``at``, ``leave``, ``reach``, ``chain`` or nothing.
    back : bool
        Whether the text says that the journey comes back here.
    noise : bool
        Whether it is most likely a common word, not worth listing.
    against : list of pair of float and str
        What speaks against it, with its weight.
    """

    span: Span
    points: float = 0.0
    cue: str = ""
    back: bool = False
    noise: bool = False
    against: list[tuple[float, str]] = field(default_factory=list)

    def minus(self, points: float, reason: str) -> None:
        """Take points away.

        Parameters
        ----------
        points : float
            How many.
        reason : str
            Why, for the reader.
        """
        self.points -= points
        self.against.append((points, reason))

    @property
    def reason(self) -> str:
        """The main thing that speaks against it."""
        if not self.against:
            return "nothing says that the journey goes there"
        return max(self.against)[1]


class _Text:
    """A text in the course of being weighed."""

    def __init__(self, text: str, tokens: list[Token], lexicon: Lexicon, spans: list[Span]) -> None:
        self.text, self.tokens, self.lexicon, self.spans = text, tokens, lexicon, spans
        self.classes = [lexicon.classes(token.lower) for token in tokens]
        self.at = {i: n for n, span in enumerate(spans) for i in range(span.first, span.last + 1)}
        self.small = {token.text for token in tokens if token.text.islower()}
        self.german = lexicon.languages[:1] == ("de",) and lexicon.recognised
        self.travels: dict[int, bool] = {}
        self.years: dict[int, set[str]] = {}
        for token, classes in zip(tokens, self.classes, strict=True):
            if "travel" in classes or "leave" in classes or "reach" in classes:
                self.travels[token.sentence] = True
            if _YEAR.fullmatch(token.text):
                self.years.setdefault(token.sentence, set()).add(token.text)
        self.parts: set[str] = set()

    def around(self, i: int, step: int, count: int) -> list[int]:
        """Numbers of the next words of the same sentence in one direction."""
        found: list[int] = []
        j = i + step
        while 0 <= j < len(self.tokens) and len(found) < count:
            if self.tokens[j].sentence != self.tokens[i].sentence:
                break
            found.append(j)
            j += step
        return found


def weigh(text: str, tokens: list[Token], lexicon: Lexicon, spans: list[Span]) -> list[Weighed]:
    """Weigh the names of a text.

    Parameters
    ----------
    text : str
        The text.
    tokens : list of Token
        Its words.
    lexicon : Lexicon
        The words of its languages.
    spans : list of Span
        The names, in order.

    Returns
    -------
    list of Weighed
        One for each name, in order.
    """
    page = _Text(text, tokens, lexicon, spans)
    all_years = [year for years in page.years.values() for year in years]
    main_year = max(set(all_years), key=lambda year: (all_years.count(year), year), default="")
    weighed: list[Weighed] = []
    for span in spans:
        one = Weighed(span)
        before = weighed[-1] if weighed else None
        one.cue, before_cue = _cue(page, span)
        _chain(page, one, before)
        _by_itself(page, one)
        _longer_name(page, one)
        if one.cue:
            one.points += _CUE[one.cue]
        _sentence(page, one, before_cue, main_year)
        _edges(page, one)
        weighed.append(one)
    for one in weighed:
        words = {token.lower for token in tokens[one.span.first : one.span.last + 1]}
        if words & page.parts and one.cue not in _CUE:
            one.minus(3.0, "part of a longer name elsewhere in the text")
        if one.span.country:
            kind = "a country" if one.span.country == "country" else "a region"
            one.minus(9.0, f"{kind}, no place on a line")
    return weighed


def _cue(page: _Text, span: Span) -> tuple[str, int | None]:
    """The word before a name that says how it lies on the way, and the number of the word before that."""
    glued = _glued(page, span)
    if glued:
        return glued, None
    barred = False
    unknown = 0
    verb = ""
    gap = page.tokens[span.first].gap
    ahead = page.around(span.first, -1, 6)
    for j in ahead:
        if _BARRIER.search(gap):
            break
        token, classes = page.tokens[j], page.classes[j]
        gap = token.gap
        if j in page.at and "geo" not in classes:
            break
        if "time" in classes or token.text.isdigit():
            barred = True
            continue
        found = next((name for name in _PREPOSITIONS if name in classes), "")
        if found and not barred and unknown <= 1:
            if found == "to" and "at" in classes:
                found = "to" if _moves(page, j) or _accusative(page, span) else "at"
            return found, j - 1 if j - 1 in ahead else None
        if "leave" in classes or "reach" in classes:
            verb = "leave" if "leave" in classes else "reach"
            return (verb, j - 1) if unknown <= 2 else ("", None)
        if "and" in classes:
            break
        if not classes & {"skip", "geo", "stop"}:
            unknown += 1
            if token.capital and not token.first:
                break
    endings = set(page.lexicon.languages) & _BY_ENDING or not page.lexicon.recognised
    script = page.tokens[span.first].script
    if not span.exact and (
        script in {"georgian", "armenian", "arabic", "hebrew"} or (script == "latin" and endings)
    ):
        return "at", None
    return "", None


def _accusative(page: _Text, span: Span) -> bool:
    """Whether a Slavic name has the case of a goal: that of the dictionary, or the ending of feminine nouns."""
    token = page.tokens[span.last]
    return token.script == "cyrillic" and (span.exact or token.lower.endswith(("у", "ю")))


def _moves(page: _Text, i: int) -> bool:
    """Whether a verb or noun of motion stands right before a preposition that may mean to or in."""
    return any("travel" in page.classes[j] for j in page.around(i, -1, 3))


def _glued(page: _Text, span: Span) -> str:
    """What particles and scripts without spaces say right before and after a name."""
    token = page.tokens[span.last]
    if token.script not in {"unspaced", "korean", "other"} or not page.lexicon.glued:
        return ""
    known = page.lexicon.glued
    head = page.text[max(0, span.start - 8) : span.start].rstrip()
    end = span.end
    if token.script == "korean":
        # The particle is a part of the word; the name is what stands before it.
        end = token.start + min(len(span.name), len(token.text)) if span.first == span.last else token.end
    tail = page.text[end : end + 12].lstrip()
    for role in ("from", "via", "to", "at"):
        if any(head.endswith(word) for word in known.get(f"before_{role}", ())):
            return role
    hits = [
        (len(word), role)
        for role in ("from", "via", "to", "at")
        for word in known.get(f"after_{role}", ())
        if tail.startswith(word)
    ]
    return max(hits)[1] if hits else ""


def _chain(page: _Text, one: Weighed, before: Weighed | None) -> None:
    """Members of a list go the way of the first; names joined by dashes are a route."""
    if before is None or before.span.country or one.span.country:
        return
    a, b = before.span, one.span
    between = page.text[a.end : b.start]
    if len(between) > 30:
        return
    middle = range(a.last + 1, b.first)
    if not middle and _CHAIN.fullmatch(between):
        for other in (before, one):
            if not other.cue or other.cue == "at":
                other.points += _CUE["chain"] - _CUE.get(other.cue, 0.0) * (other is before)
                other.cue = "chain"
        return
    if one.cue or not before.cue or _edge_of_sentence(page, a, b):
        return
    joined = [j for j in middle if "and" in page.classes[j]]
    rest = [j for j in middle if not page.classes[j] & {"and", "skip", "geo", "time"}]
    if rest or not (joined or _LIST.fullmatch(between)) or (not joined and not between.strip()):
        return
    one.cue = "via" if before.cue in {"from", "leave"} else before.cue
    if before.against:
        weight, reason = max(before.against)
        if weight > 1:
            one.minus(weight, reason)


def _edge_of_sentence(page: _Text, a: Span, b: Span) -> bool:
    return page.tokens[a.last].sentence != page.tokens[b.first].sentence


def _by_itself(page: _Text, one: Weighed) -> None:
    """Points of the word by itself: its capital, its length, its size."""
    span = one.span
    token = page.tokens[span.first]
    single = span.first == span.last
    classes = page.classes[span.first] if single else frozenset()
    strong = one.cue in {"from", "to", "via", "chain", "leave", "reach", "at"}
    if "area" in classes:
        one.minus(9.0, "a part of the world, no place on a line")
    if token.caseless or token.titled or page.german:
        plain = token.script in {"unspaced", "korean"}
        one.points += 0.5 if plain else 0.4 * bool(one.cue and page.german)
        if not page.lexicon.recognised and token.script not in {"latin", "cyrillic"}:
            one.points += 1.2
    elif not token.first:
        one.points += 0.4 if page.lexicon.recognised else 2.0
    if single and ("ordinary" in classes or token.lower in page.small):
        weak = token.first or token.titled or token.caseless or page.german
        if not strong or (token.first and weak):
            one.minus(2.0, "more likely a common word")
            one.noise = weak
    if single and ("time" in classes or (not strong and classes & {"people", "travel", "geo", "says"})):
        one.minus(5.0 if "time" in classes else 2.0, "more likely a common word")
        one.noise = True
    if (token.caseless or token.first) and not strong and span.size < 5.0 and not span.country:
        one.minus(1.0, "more likely a common word")
        one.noise = True
    if span.size < 4.5:
        one.minus(0.5 if span.size >= 3.5 else 1.0, "a small place that nothing else speaks for")
    elif span.size >= 5.7:
        one.points += 0.2
    if not one.cue and span.size >= 5.0 and not one.against and not token.caseless and not token.titled:
        one.points += 0.0 if page.german else _LARGE_ALONE + _TOPIC * token.first
    if len(span.name) <= 3 and span.size < 5.5 and token.script not in {"unspaced", "korean"}:
        one.minus(1.0, "a short word that may be something else")
    if token.text.isupper() and len(token.text) <= 4 and not token.caseless:
        one.minus(2.0, "an abbreviation")


def _longer_name(page: _Text, one: Weighed) -> None:
    """Whether the name is a part of the name of a person or an organisation."""
    span = one.span
    tokens = page.tokens
    first = tokens[span.first]
    by_ending = bool(set(page.lexicon.languages[:1]) & _BY_ENDING) and not span.exact
    if first.caseless or span.glued or by_ending:
        return
    known = _KNOWN if not first.titled else _KNOWN | {"aside"}
    run: list[str] = []
    if span.first > 0:
        j = span.first - 1
        token, gap = tokens[j], first.gap
        free = page.classes[j] & (known | ({"aside"} if token.first else set()))
        common = token.first and token.lower in page.small
        if (gap == " " and token.capital and not free and not common) or (
            gap in {"-", "‑"} and not free and not page.tokens[j].text.isdigit()
        ):
            if j not in page.at or not _both_large(page, j, span):
                run.append(token.lower)
        elif gap == ". " and len(token.text) == 1 and token.capital:
            run.append(token.lower)
        elif gap == " " and "people" in page.classes[j] and not one.cue:
            one.minus(3.0, "a person, by the title before it")
    if span.last + 1 < len(tokens):
        j = span.last + 1
        token = tokens[j]
        free = page.classes[j] & (known - {"people", "says"})
        if token.gap in {" ", "-", "‑"} and not free and (token.capital or token.gap != " "):
            area = j in page.at and page.spans[page.at[j]].country
            if not area and (j not in page.at or not _both_large(page, j, span)):
                run.append(token.lower)
    if run:
        one.minus(4.0, f"part of a longer name, with {run[0]!r}")
        page.parts.update(word for word in run if len(word) > 1)
        page.parts.update(token.lower for token in tokens[span.first : span.last + 1])


def _both_large(page: _Text, j: int, span: Span) -> bool:
    other = page.spans[page.at[j]]
    return min(other.size, span.size) >= 5.5 or bool(other.country)


def _sentence(page: _Text, one: Weighed, before_cue: int | None, main_year: str) -> None:
    """Points of the sentence: about a journey, about something else, in another year."""
    span = one.span
    sentence = page.tokens[span.first].sentence
    if page.travels.get(sentence):
        one.points += 1.0
    if one.cue in _PREPOSITIONS and any("travel" in page.classes[j] for j in page.around(span.first, -1, 5)):
        one.points += _MOVING
    back = page.around(span.first, -1, _BACK)
    ahead = page.around(span.last, 1, _AHEAD)
    one.back = any("back" in page.classes[j] for j in back[:5])
    aside = [j for j in back if "aside" in page.classes[j] and "travel" not in page.classes[j]]
    aside += [j for j in ahead if "aside" in page.classes[j] and not _cut_off(page, span.last, j)]
    for j in aside[:2]:
        near = span.first - 3 <= j < span.first
        one.minus(2.4 if near else 1.7, f"named beside {page.tokens[j].text!r}")
    if before_cue is not None and before_cue >= 0:
        word, classes = page.tokens[before_cue], page.classes[before_cue]
        if "aside" in classes and "travel" not in classes:
            one.minus(1.5, f"named beside {word.text!r}")
        if one.cue == "from" and _comes_from(page, before_cue):
            one.minus(4.0, f"says where {word.text!r} is from")
    if ahead and "says" in page.classes[ahead[0]] and page.tokens[ahead[0]].gap == " ":
        one.minus(1.5 if one.cue else 4.0, f"followed by {page.tokens[ahead[0]].text!r}: it speaks")
    if back and "says" in page.classes[back[0]] and not one.cue and not page.tokens[span.first].first:
        one.minus(3.0, f"preceded by {page.tokens[back[0]].text!r}: it speaks")
    years = page.years.get(sentence, set())
    if years:
        one.minus(1.0 if main_year in years else 1.5, f"about {min(years)}")
    if page.tokens[span.first].titled:
        one.minus(1.0, "in a headline")
    if (
        back
        and page.tokens[back[0]].lower == "the"
        and page.lexicon.languages[0] == "en"
        and len(span.name) > 5
    ):
        one.minus(1.5, "with an article, like a river or a region")
    if _adjective(page, span):
        one.minus(4.0, "part of a longer name")


def _comes_from(page: _Text, i: int) -> bool:
    """Whether the word before "from" is a person or a thing that comes from there, not one that goes."""
    if "people" in page.classes[i]:
        return True
    if page.classes[i] & (_KNOWN - {"stop"}):
        return False
    word = page.tokens[i]
    titled = any("people" in page.classes[j] for j in page.around(i, -1, 2))
    if word.capital and not word.first and not page.german and (titled or i not in page.at):
        return True
    for j in page.around(i, -1, 2):
        if "travel" in page.classes[j] or _BARRIER.search(page.tokens[j + 1].gap):
            return False
        if "article" in page.classes[j]:
            return "stop" not in page.classes[i]
    return False


def _adjective(page: _Text, span: Span) -> bool:
    """Whether it is an adjective that names a station, a street or a province."""
    if not span.name.endswith(("скии", "ская", "ское", "ськии", "ська")) or span.last + 1 >= len(page.tokens):
        return False
    behind = page.tokens[span.last + 1]
    return behind.gap == " " and not behind.capital and bool(page.classes[span.last + 1] & {"station", "geo"})


def _cut_off(page: _Text, i: int, j: int) -> bool:
    """Whether punctuation stands between two words."""
    return any(_BARRIER.search(page.tokens[k].gap) for k in range(i + 1, j + 1))


def _edges(page: _Text, one: Weighed) -> None:
    """Names in the dateline and the byline say where the text was written."""
    span = one.span
    line = page.text.rfind("\n", 0, span.start) + 1
    stop = page.text.find("\n", span.end)
    stop = len(page.text) if stop < 0 else stop
    head = page.text[line : span.start]
    if stop - line < _SHORT_LINE and _is_byline(page, page.text[line:stop].lstrip(" *_(")):
        one.minus(4.0, "in the byline")
    elif not head.strip(' *_«"“') and not one.cue and page.tokens[span.first].first:
        rest = page.text[span.end : span.end + 80].split("\n")[0]
        found = _DATELINE.match(rest)
        if found and len(rest) > found.end():
            one.minus(4.0, "in the dateline")


def _is_byline(page: _Text, line: str) -> bool:
    """Whether a short line says who wrote the text: By Anna Berg, Vienna."""
    words = line.split()
    if not _BYLINE.match(line) or not 2 <= len(words) <= _BYLINE_WORDS or not words[1][0].isupper():
        return False
    return not any("to" in page.lexicon.classes(word.lower()) for word in words[1:])

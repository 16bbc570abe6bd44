"""From a text to the journey that it tells: the parts of this package, joined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError, PlaceError
from route.gazetteer import open_gazetteer, shown
from route.geocoding import curated_places, resolve
from route.geocoding.candidates import SAME_PLACE_KM, distance_km
from route.geocoding.joint import CLEAR
from route.reading.finding import find_names
from route.reading.lexicon import lexicon_for
from route.reading.ordering import WEAKEST, Naming, chain, visits
from route.reading.result import Mention, Reading
from route.reading.texts import text_of
from route.reading.tokens import tokenise
from route.reading.weighing import ENOUGH, weigh

if TYPE_CHECKING:
    from route.gazetteer import Gazetteer
    from route.geocoding import Resolution
    from route.places import Place
    from route.reading.lexicon import Lexicon
    from route.reading.ordering import Stop
    from route.reading.tokens import Token
    from route.reading.weighing import Weighed

__all__ = ["read"]

_AROUND = 60
_MOST_STRUCK_PLACES = 150
_MOST_WEAK = 300
_LONGEST_NAME = 200
_ROUNDS = 3
_SAME_KM = SAME_PLACE_KM / 3


def read(
    source: str | Path, *, encoding: str | None = None, lang: str | None = None, pick: str = "clear"
) -> Reading:
    """Find the places of a journey in a text, in order.

    Parameters
    ----------
    source : str or Path
        The text itself as a ``str``, or the file with it as a ``Path``.
    encoding : str, optional
        Encoding of the file; by default UTF-8, or what the byte order mark at its start says.
    lang : str, optional
        Language of the names of places in what is printed, as an IETF tag; the language of the text is found
        from its words.
    pick : str
        ``clear`` strikes a name that stands for several places if none is clearly meant; ``best`` takes the
        likeliest one.

    Returns
    -------
    Reading
        The places of the journey in order, and all names of the text with why they were kept or struck. A
        text without a journey gives one without places.

    Raises
    ------
    InputError
        If the file cannot be read or has no text, or an argument cannot be used.
    """
    if pick not in ("clear", "best"):
        raise InputError(f'pick must be "clear" or "best", not "{shown(str(pick))}".')
    if isinstance(source, Path):
        text, name = text_of(source, encoding=encoding), source.name
    elif isinstance(source, str):
        if _is_file(source):
            raise InputError(
                f"{shown(source)} is the name of a file: give it as a Path, pathlib.Path({source!r})."
            )
        text, name = source, "the text"
    else:
        raise InputError(f"Give the text as str or its file as a Path, not {type(source).__name__}.")
    gazetteer, curated = open_gazetteer(), curated_places()
    tokens = tokenise(text)
    lexicon = lexicon_for(text, (token.lower for token in tokens))
    spans = find_names(tokens, lexicon, gazetteer, curated)
    weighed = weigh(text, tokens, lexicon, spans)
    told = _Told(text, tokens, lexicon, weighed, gazetteer, pick)
    stops = told.journey()
    return told.reading(stops, name=name, lang=lang)


def _is_file(source: str) -> bool:
    """Whether a text is so short and so without spaces that it is the name of a file that is there."""
    if not source or len(source) > _LONGEST_NAME or any(letter.isspace() for letter in source):
        return False
    try:
        return Path(source).is_file()
    except (OSError, ValueError):
        return False


class _Told:
    """The names of one text on their way to a journey."""

    def __init__(
        self,
        text: str,
        tokens: list[Token],
        lexicon: Lexicon,
        weighed: list[Weighed],
        gazetteer: Gazetteer,
        pick: str,
    ) -> None:
        self.text, self.tokens, self.lexicon = text, tokens, lexicon
        self.weighed, self.gazetteer, self.pick = weighed, gazetteer, pick
        self.groups: dict[str, list[int]] = {}
        for n, one in enumerate(weighed):
            self.groups.setdefault(one.span.name, []).append(n)
        self.places: dict[str, Place] = {}
        self.dropped: dict[str, str] = {}

    def journey(self) -> list[Stop]:
        """The places of the journey, resolved together and in order."""
        strong = [name for name in self.groups if self._points(name) >= ENOUGH]
        weak = [
            name for name in self.groups if WEAKEST <= self._points(name) < ENOUGH and name not in self.places
        ]
        self._resolve(strong)
        self._resolve_among(weak[:_MOST_WEAK], strong)
        stops = chain(self._namings())
        # Without what is far off: what the names stand for is looked at once more along the way.
        for _ in range(_ROUNDS):
            names = [name for stop in stops for name in self.places if self.places[name] == stop.place]
            names = [name for name in names if name not in self.dropped]
            before, dropped = dict(self.places), len(self.dropped)
            self._resolve(names, final=True)
            if self.places == before and len(self.dropped) == dropped:
                break
            stops = chain(self._namings(set(names)))
        return stops

    def _points(self, name: str) -> float:
        return max(self.weighed[n].points for n in self.groups[name])

    def _query(self, name: str) -> str:
        """The name, with the state or country that the text puts behind it."""
        for n in self.groups[name]:
            span = self.weighed[n].span
            if n + 1 < len(self.weighed):
                area = self.weighed[n + 1].span
                between = self.text[span.end : area.start].strip(" \n\u00a0")
                if area.country and between in {",", "(", "，", "、"}:
                    areas = self.gazetteer.areas(area.name)
                    if areas and self.gazetteer.search(name, areas=areas):
                        return f"{name}, {area.name}"
        return name

    def _resolve(self, names: list[str], *, final: bool = False) -> None:
        if not names:
            return
        found = self._found([self._query(name) for name in names])
        for name, one in zip(names, found, strict=True):
            if one is None:
                self.dropped[name] = "no place of that name is known"
                continue
            self.places[name] = one.place
            rival = _rival(one) if final and self.pick == "clear" else ""
            if rival:
                self.dropped[name] = f"may be {rival}: write which, or take --pick best"

    def _found(self, queries: list[str | Place]) -> list[Resolution | None]:
        try:
            return list(resolve(queries, pick="best", gazetteer=self.gazetteer))
        except (PlaceError, InputError):
            if len(queries) == 1:
                return [None]
            return [one for query in queries for one in self._found([query])]

    def _resolve_among(self, weak: list[str], strong: list[str]) -> None:
        """What names with little to speak for them stand for, among the others."""
        if not weak:
            return
        known: dict[int, str | Place] = {
            self.groups[name][0]: self.places[name].id or self.places[name]
            for name in strong
            if name in self.places
        }
        new: dict[int, str | Place] = {self.groups[name][0]: self._query(name) for name in weak}
        numbers = sorted({**known, **new})
        found = self._found([new.get(number) or known[number] for number in numbers])
        names = {self.groups[name][0]: name for name in weak}
        for number, one in zip(numbers, found, strict=True):
            if number in names and one is not None:
                self.places[names[number]] = one.place

    def _namings(self, names: set[str] | None = None) -> list[Naming]:
        """Mentions that may belong to the journey, near places taken for one."""
        same: dict[str, Place] = {}
        for name in self.groups:
            place = self.places.get(name)
            if place is None or name in self.dropped or (names is not None and name not in names):
                continue
            same[name] = next((p for p in same.values() if distance_km(p, place) < _SAME_KM), place)
        self.places.update(same)
        return [
            Naming(
                number=n,
                at=float(n),
                sentence=self.tokens[one.span.first].sentence,
                cue=one.cue,
                points=one.points,
                place=same[one.span.name],
                back=one.back,
                later=self._later(n),
            )
            for n, one in enumerate(self.weighed)
            if one.span.name in same and one.points >= WEAKEST
        ]

    def _later(self, n: int) -> bool:
        first = self.weighed[n].span.first
        return any(
            "later" in self.lexicon.classes(self.tokens[j].lower) for j in range(max(0, first - 4), first)
        )

    def reading(self, stops: list[Stop], *, name: str, lang: str | None) -> Reading:
        """All that was found, for the reader."""
        going = {stop.place for stop in stops}
        going_names = {name for name, place in self.places.items() if place in going} - self.dropped.keys()
        mentions: dict[int, Mention] = {}
        self._resolve_struck()
        for n, one in enumerate(self.weighed):
            place = self.places.get(one.span.name)
            on_way = one.span.name in going_names
            if one.noise and not on_way:
                continue
            kept = on_way and one.points >= WEAKEST
            reason = (one.cue or "named") if kept else self.dropped.get(one.span.name, _why_not(one))
            before, after = self._around(one)
            mentions[n] = Mention(
                text=self.text[one.span.start : one.span.end],
                start=one.span.start,
                end=one.span.end,
                before=before,
                after=after,
                place=None if one.span.country else place,
                kept=kept,
                reason=reason,
                score=one.points,
            )
        found = tuple(
            replace(mentions[naming.number], place=stop.place, kept=True) for stop, naming in visits(stops)
        )
        return Reading(
            name=name,
            languages=self.lexicon.languages if self.lexicon.recognised else (),
            stops=found,
            mentions=tuple(mentions.values()),
            lang=lang,
        )

    def _resolve_struck(self) -> None:
        """What the struck names may be, each by itself."""
        left = [
            name
            for name, members in self.groups.items()
            if name not in self.places
            and any(not (self.weighed[n].noise or self.weighed[n].span.country) for n in members)
            and not any("longer name" in reason for n in members for _, reason in self.weighed[n].against)
        ]
        for name in left[:_MOST_STRUCK_PLACES]:
            (one,) = self._found([name])
            if one is not None:
                self.places[name] = one.place

    def _around(self, one: Weighed) -> tuple[str, str]:
        """Words before and after a name, not cut inside of a word."""
        start = max(0, one.span.start - _AROUND)
        end = min(len(self.text), one.span.end + _AROUND)
        before, after = self.text[start : one.span.start], self.text[one.span.end : end]
        if start and " " in before:
            before = before[before.index(" ") + 1 :]
        if end < len(self.text) and " " in after:
            after = after[: after.rindex(" ")]
        return before, after


def _why_not(one: Weighed) -> str:
    if one.points >= WEAKEST and (not one.against or max(one.against)[0] < 1):
        return "off the way of the other places"
    return one.reason


def _rival(one: Resolution) -> str:
    """Another place that is about as likely; empty if the one is clearly meant."""
    best = one.candidates[0]
    for other in one.candidates[1:]:
        if (
            other.score > best.score * 10**-CLEAR
            and distance_km(other.place, best.place) > SAME_PLACE_KM
            and best.place.source != "curated"
        ):
            return f"{best.label} or {other.label}"
    return ""

"""What was found in a text, as values, as a table, and as an itinerary file to edit."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from route.exports.text import aligned, plain
from route.gazetteer import shown

if TYPE_CHECKING:
    from route.places import Place

__all__ = ["Mention", "Reading"]

_MOST_STRUCK = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in a text, and what was made of it.

    Parameters
    ----------
    text : str
        The words, as they stand in the text.
    start, end : int
        Where they stand, in characters from the start of the text.
    before, after : str
        The words around them.
    place : Place or None
        What they were taken for; ``None`` for what is no place on a line, such as a country.
    kept : bool
        Whether the journey goes there.
    reason : str
        Why not, or how it lies on the way: ``from``, ``via``, ``to`` and the like.
    score : float
        Points of what speaks for it; 2 is enough.
    """

    text: str
    start: int
    end: int
    before: str
    after: str
    place: Place | None
    kept: bool
    reason: str
    score: float

    @property
    def wording(self) -> str:
        """The words with those around them, in one line."""
        return " ".join(f"{self.before}{self.text}{self.after}".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The journey that a text tells.

    Parameters
    ----------
    name : str
        What was read: the file, or ``the text``.
    languages : tuple of str
        Languages of the text, as IETF tags.
    stops : tuple of Mention
        The mentions that the journey is made of, in its order.
    mentions : tuple of Mention
        All names in the order of the text, with those that were struck.
    lang : str or None
        Language of the names of places, as an IETF tag.
    """

    name: str
    languages: tuple[str, ...]
    stops: tuple[Mention, ...]
    mentions: tuple[Mention, ...]
    lang: str | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Places of the journey in order."""
        return tuple(stop.place for stop in self.stops if stop.place is not None)

    @property
    def struck(self) -> tuple[Mention, ...]:
        """The first mention of each name that does not belong to the journey."""
        kept = {mention.place for mention in self.mentions if mention.kept}
        first: dict[object, Mention] = {}
        for mention in self.mentions:
            if not mention.kept and (mention.place is None or mention.place not in kept):
                first.setdefault(mention.place or mention.text.casefold(), mention)
        return tuple(first.values())

    def to_dict(self) -> dict[str, Any]:
        """Reading as plain values.

        Returns
        -------
        dict
            The stable JSON of ``railroute read --format json``: ``languages``, ``places`` in the order of the
            journey, and all ``mentions`` in the order of the text.
        """
        return {
            "languages": list(self.languages),
            "places": [self._place(stop) | self._words(stop) for stop in self.stops],
            "mentions": [
                self._words(mention)
                | {"kept": mention.kept, "reason": mention.reason, "score": round(mention.score, 1)}
                | {"place": self._place(mention) if mention.place else None}
                for mention in self.mentions
            ],
        }

    def to_json(self) -> str:
        """Reading as JSON text.

        Returns
        -------
        str
            `to_dict`, indented.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"

    def to_toml(self) -> str:
        """Itinerary file to edit.

        Returns
        -------
        str
            TOML that ``railroute check`` and ``railroute map`` read; what was struck stands in it as comments.
        """
        lines = [
            f"# Places found in {_comment(self.name)}, in the order of the journey. Strike what is wrong, move what is",
            "# out of order; add event, date and time where the text has them. Keys are those of data/itineraries.",
            "",
            f"title = {_quoted(self.title)}",
            f"source = {_quoted(self.name)}",
        ]
        for stop in self.stops:
            lines += ["", *self._sighting(stop)]
        struck = [mention for mention in self.struck if mention.place is not None]
        if struck:
            lines += [
                "",
                "# Named in the text, but the journey does not seem to go there. To add one, take the # away.",
            ]
        for mention in struck:
            lines += ["#", f"# {_comment(mention.text)}: {_comment(mention.reason)}."]
            lines += [f"# {line}" for line in self._sighting(mention)]
        return "\n".join(lines) + "\n"

    @property
    def title(self) -> str:
        """The journey in a line: its first and its last place."""
        places = self.places
        if not places:
            return "No journey"
        ends = (places[0], places[-1]) if len(places) > 1 else (places[0],)
        return " - ".join(place.name_in(self.lang) for place in ends)

    def _sighting(self, mention: Mention) -> list[str]:
        place = mention.place
        if place is None:
            return []
        lines = ["[[sighting]]"]
        if place.source == "curated" and place.id:
            # By its identifier it keeps what the file of places knows, such as a last stretch by road.
            lines.append(f"place = {_quoted(place.id)}")
        else:
            lines += [
                f"place = {_quoted(place.name_in(self.lang))}",
                f"lat = {place.lat:.5f}",
                f"lon = {place.lon:.5f}",
            ]
        return [*lines, f"wording = {_quoted(mention.wording)}"]

    def _place(self, mention: Mention) -> dict[str, Any]:
        place = mention.place
        if place is None:
            return {}
        return {
            "name": place.name_in(self.lang),
            "lat": round(place.lat, 6),
            "lon": round(place.lon, 6),
            "country": place.country,
            "kind": place.kind,
            "source": place.source,
            "id": place.id,
        }

    def _words(self, mention: Mention) -> dict[str, Any]:
        return {
            "text": _clean(mention.text),
            "start": mention.start,
            "end": mention.end,
            "wording": _clean(mention.wording),
        }

    def __str__(self) -> str:
        """Table that ``railroute read`` prints."""
        if self.stops:
            rows = [
                [
                    str(number),
                    _named(stop.place, self.lang),
                    stop.place.country or "" if stop.place else "",
                    _around(stop),
                ]
                for number, stop in enumerate(self.stops, start=1)
            ]
            text = aligned(["", "Place", "Country", "In the text"], rows, right=(0,)) + "\n"
        else:
            text = "No place that a journey goes to was found.\n"
        struck = self.struck
        if struck:
            rows = [
                [
                    f"- {shown(mention.text)}",
                    _named(mention.place, self.lang),
                    mention.reason,
                    _around(mention),
                ]
                for mention in struck[:_MOST_STRUCK]
            ]
            text += "\n" + aligned(["Struck", "May be", "Because", "In the text"], rows) + "\n"
        if len(struck) > _MOST_STRUCK:
            text += f"and {len(struck) - _MOST_STRUCK} more; --format json lists them.\n"
        return text

    def _repr_html_(self) -> str:
        """Table for a notebook."""
        return f"<pre>{escape(str(self))}</pre>"


def _named(place: Place | None, lang: str | None) -> str:
    return place.name_in(lang) if place else ""


def _around(mention: Mention) -> str:
    before, after = (" ".join(part.split()) for part in (mention.before[-32:], mention.after[:32]))
    space = " " if mention.before[-1:].isspace() and before else ""
    behind = " " if mention.after[:1].isspace() and after else ""
    return plain(f"...{before}{space}[{' '.join(mention.text.split())}]{behind}{after}...")


def _clean(text: str) -> str:
    """Text that can be written as UTF-8."""
    return "".join("\ufffd" if unicodedata.category(letter) == "Cs" else letter for letter in text)


def _comment(text: str) -> str:
    return " ".join(plain(_clean(text)).split())


def _quoted(text: str) -> str:
    """A basic string of TOML; its escapes are those of JSON, but for the delete character."""
    return json.dumps(_clean(text), ensure_ascii=False).replace("\x7f", "\\u007f")

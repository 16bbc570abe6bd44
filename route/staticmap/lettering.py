"""Text on a picture: which installed fonts can write it, and how wide it gets.

matplotlib draws an empty box for a letter that none of the given fonts has, and reads what stands between dollar signs as
mathematics. So every text is cleaned, its letters are looked up in the installed fonts, and what cannot be written is
replaced before anything is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


__all__ = ["Lettering", "Style", "arrows_along", "clean", "lettering", "wrapped"]

# The first that is installed writes Latin, Greek and Cyrillic; matplotlib brings the last.
_SANS = (
    "Noto Sans",
    "Open Sans",
    "Source Sans 3",
    "Helvetica Neue",
    "Segoe UI",
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
)
_SERIF = ("Noto Serif", "Source Serif 4", "Georgia", "Times New Roman", "Liberation Serif", "DejaVu Serif")
# Han characters look different from country to country.
_HAN = {
    "ja": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "MS Gothic"),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "NanumGothic"),
    "zh": ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei"),
    "zh-Hant": ("Noto Sans CJK TC", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei"),
}
_EAST_ASIAN = frozenset(
    {"Cjk", "Hangul", "Hiragana", "Katakana", "Ideographic", "Fullwidth", "Halfwidth", "Bopomofo"}
)
# Fonts that draw boxes on purpose, and those of mathematics.
_ODD = (
    "LastResort",
    "Last Resort",
    "Adobe Blank",
    "STIX",
    "cmr",
    "cmb",
    "cms",
    "cmt",
    "cme",
    "cmm",
    "DejaVu Sans Display",
)
_JOINERS = "\u200c\u200d"  # shape Persian and Indian words; all other format characters only do harm
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
_PROBE_PX = 100.0


class Style(NamedTuple):
    """How a text looks.

    Parameters
    ----------
    px : float
        Size of the letters, in pixels.
    bold, italic : bool
        Their cut; italic ones have serifs, as names of waters have on maps.
    """

    px: float
    bold: bool = False
    italic: bool = False


def clean(text: str) -> str:
    """Text as one line of visible characters.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Runs of white space become one space, those that keep a figure and its unit together stay; control
        and format characters, such as those that turn the direction of writing, and unassigned ones go.
    """
    joined = _SPACES.sub(" ", text).strip()
    return "".join(
        letter for letter in joined if letter in _JOINERS or unicodedata.category(letter)[0] != "C"
    ).strip()


def arrows_along(text: str) -> str:
    """Text whose arrows point the way it is read.

    Parameters
    ----------
    text : str
        Such as names of places joined by arrows.

    Returns
    -------
    str
        With arrows to the left, if it is written from right to left throughout: an arrow is not mirrored of itself.
    """
    directions = {unicodedata.bidirectional(letter) for letter in text}
    return text.replace("→", "←") if directions & {"R", "AL"} and "L" not in directions else text


@cache
def _fonts() -> dict[str, tuple[str, int]]:
    """File and face of the upright regular cut of each installed family."""
    from matplotlib import font_manager

    found: dict[str, tuple[str, int]] = {}
    for entry in sorted(
        font_manager.fontManager.ttflist, key=lambda e: (e.name, abs(int(e.weight) - 400), e.fname)
    ):
        if entry.style == "normal" and entry.name not in found and Path(entry.fname).is_file():
            found[entry.name] = (entry.fname, entry.index)
    return found


@cache
def _has(family: str, letter: str) -> bool:
    from matplotlib.font_manager import FontPath, get_font

    fname, index = _fonts()[family]
    return bool(get_font(FontPath(fname, index)).get_char_index(ord(letter)))


@cache
def _family_for(letter: str, han: tuple[str, ...]) -> str | None:
    """Family for a letter that the first one lacks: one for its script, else any, plain sans serif ones first."""
    fonts = _fonts()
    script = unicodedata.name(letter, "?").split(" ")[0].title()
    # Arrows and the like; letters are nicer in a font that was made for their script.
    signs = () if unicodedata.category(letter)[0] in "LM" else ("DejaVu Sans",)
    first = han if script in _EAST_ASIAN else signs

    def rank(family: str) -> tuple[bool, bool, bool, int, str]:
        return script not in family, "Sans" not in family, not family.startswith("Noto"), len(family), family

    for family in (*first, *sorted(fonts, key=rank)):
        if family in fonts and not family.startswith(_ODD) and _has(family, letter):
            return family
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Lettering:
    """The fonts of one picture.

    Parameters
    ----------
    sans, serif : tuple of str
        Families, the first of them for all that it can write.
    """

    sans: tuple[str, ...]
    serif: tuple[str, ...]

    def families(self, style: Style) -> tuple[str, ...]:
        """Families of a style, for matplotlib.

        Parameters
        ----------
        style : Style
            How the text looks.

        Returns
        -------
        tuple of str
            In order; what the first lacks is written in the next.
        """
        return self.serif + self.sans if style.italic else self.sans

    def can_write(self, text: str) -> bool:
        """Whether an installed font has every letter of a text.

        Parameters
        ----------
        text : str
            Clean text.

        Returns
        -------
        bool
            True if no empty box would show.
        """
        return all(self._written(letter) for letter in set(text))

    def _written(self, letter: str) -> bool:
        return letter in _JOINERS or any(_has(family, letter) for family in self.sans)

    def first_of(self, texts: Iterable[str]) -> str:
        """First of several texts for the same thing that can be written.

        Parameters
        ----------
        texts : iterable of str
            Such as the name of a place in several scripts; at least one.

        Returns
        -------
        str
            That text, clean; if none can be written, the first without the letters that are missing.
        """
        cleaned = [clean(text) for text in texts]
        for text in cleaned:
            if text and self.can_write(text):
                return text
        return self.writable(cleaned[0])

    def writable(self, text: str) -> str:
        """Text without what cannot be written.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        str
            Clean, with a question mark for each run of letters that no font has, and plain spaces for rare ones.
        """
        made = ""
        for letter in clean(text):
            if self._written(letter):
                made += letter
            elif letter.isspace():
                made += " "
            elif not made.endswith("?"):
                made += "?"
        return made

    def width(self, text: str, style: Style) -> float:
        """Width of a text.

        Parameters
        ----------
        text : str
            What `writable` gives.
        style : Style
            How it looks.

        Returns
        -------
        float
            Pixels.
        """
        if not text:
            return 0.0
        return _width(self.families(style), text, style.bold, style.italic) * style.px / _PROBE_PX


@lru_cache(maxsize=8192)
def _width(families: tuple[str, ...], text: str, bold: bool, italic: bool) -> float:  # noqa: FBT001 - a key
    """Width of a text in letters of `_PROBE_PX`, without hinting: it grows with the letters."""
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.ft2font import LoadFlags

    files = [
        findfont(
            FontProperties(
                family=[family], weight="bold" if bold else "normal", style="italic" if italic else "normal"
            )
        )
        for family in families
    ]
    font = get_font(files)
    font.set_size(_PROBE_PX, 72.0)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64.0


def lettering(texts: Iterable[str], lang: str | None) -> Lettering:
    """Fonts for some texts.

    Parameters
    ----------
    texts : iterable of str
        Everything that may be written.
    lang : str or None
        Language of the picture, as an IETF tag: it decides the shape of Han characters.

    Returns
    -------
    Lettering
        The fewest families that can write all that installed fonts can write.
    """
    fonts = _fonts()
    sans = next((family for family in _SANS if family in fonts), "DejaVu Sans")
    serif = next((family for family in _SERIF if family in fonts), "DejaVu Serif")
    han = _han_order(lang)
    letters = {letter for text in texts for letter in clean(text)} - set(_JOINERS)
    families = [sans]
    for letter in sorted(letters):
        if any(_has(family, letter) for family in families):
            continue
        family = _family_for(letter, han)
        if family is not None:
            families.append(family)
    return Lettering(tuple(families), (serif,))


def _han_order(lang: str | None) -> tuple[str, ...]:
    tag = (lang or "").replace("_", "-")
    traditional = tag.casefold().startswith(("zh-hant", "zh-tw", "zh-hk", "yue"))
    first = "zh-Hant" if traditional else tag.split("-")[0].lower()
    order = sorted(_HAN, key=lambda key: (key != first, key != "zh", key))
    return tuple(family for key in order for family in _HAN[key])


def wrapped(text: str, style: Style, width: float, letters: Lettering, *, most: int) -> list[str]:
    """Text in lines of a width.

    Parameters
    ----------
    text : str
        What `Lettering.writable` gives.
    style : Style
        How it looks.
    width : float
        Longest line, in pixels.
    letters : Lettering
        The fonts.
    most : int
        How many lines there may be; what is too long for them ends with an ellipsis.

    Returns
    -------
    list of str
        The lines, broken at spaces, within a word only if it is wider than a line.
    """
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and letters.width(joined, style) <= width:
            lines[-1] = joined
        else:
            lines += _broken(word, style, width, letters)
    if len(lines) <= most:
        return lines
    last = f"{lines[most - 1]} {lines[most]}"
    while last and letters.width(f"{last}…", style) > width:
        last = last[:-1].rstrip()
    return [*lines[: most - 1], f"{last}…"]


def _broken(word: str, style: Style, width: float, letters: Lettering) -> Sequence[str]:
    if letters.width(word, style) <= width:
        return [word]
    pieces = [""]
    for letter in word:
        if pieces[-1] and letters.width(pieces[-1] + letter, style) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces

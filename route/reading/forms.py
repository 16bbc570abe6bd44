"""Dictionary forms that an inflected place name may have come from.

Everything here works on normalised words (see `route.gazetteer.normalise`): lower case without diacritics, so
that ``й`` is ``и``, ``ё`` is ``е`` and ``ó`` is ``o``. The rules are those of the nouns and adjectives that
place names are; they give more forms than there are, and the gazetteer says which of them is a name.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["dictionary_forms", "script_of"]

# Ending of the text, and the endings of the dictionary form in its place, likeliest first.
_CYRILLIC = {
    "ого": ("ыи", "ии", "ое", "ои"),
    "его": ("ии", "ее"),
    "ому": ("ыи", "ии", "ое", "ои"),
    "ему": ("ии", "ее"),
    "ыми": ("ые",),
    "ими": ("ие",),
    "ами": ("ы", "и", ""),
    "ями": ("и",),
    "ова": ("ов", "ово", "ева", "ів"),
    "ева": ("ев", "ево", "ів"),
    "еві": ("ів",),
    "єва": ("ів",),
    "єву": ("ів",),
    "єві": ("ів",),
    "ові": ("ів", ""),
    "ых": ("ые", "ы"),
    "их": ("ие", "и"),
    "ах": ("ы", "и"),
    "ях": ("и",),
    "ам": ("ы", "и"),
    "ям": ("и",),
    "ом": ("", "ыи", "ии", "о", "ое"),
    "ем": ("", "ь", "ии", "е"),
    "ым": ("ыи",),
    "им": ("ии",),
    "ои": ("а", "ая"),
    "еи": ("я", "а", "ия", "еи"),
    "ую": ("ая",),
    "юю": ("яя",),
    "ию": ("ия",),
    "ии": ("ия",),
    "ью": ("ь",),
    "ое": ("ыи",),
    "ка": ("ок",),
    "ке": ("ок", "ка"),
    "ку": ("ок", "ка"),
    "ком": ("ок",),
    "ла": ("ел",),
    "ле": ("ел", "ль"),
    "лу": ("ел",),
    "ца": ("ец",),
    "це": ("ец",),
    "цу": ("ец",),
    "цом": ("ец",),
    "а": ("", "о"),
    "я": ("ь", "е", "и"),
    "у": ("", "а", "о"),
    "ю": ("ь", "я", "и"),
    "ы": ("а", ""),
    "и": ("ь", "а", "я", "ия", ""),
    "е": ("", "а", "я", "ь", "о", "и"),
    "і": ("", "а", "я", "ь", "о"),
    "о": ("",),
}
_LATIN = {
    "s": ("",),
    "es": ("", "a"),
    "en": ("", "n"),
    # Polish, Czech, Slovak and their neighbours.
    "ego": ("y", "i"),
    "owie": ("ow",),
    "owa": ("ow",),
    "iu": ("", "i"),
    "ia": ("", "i"),
    "iem": ("", "i"),
    "ie": ("", "a", "o"),
    "zie": ("d", "da", "t", "ta"),
    "ze": ("ha", "ga"),
    "em": ("", "o"),
    "om": ("", "o"),
    "ach": ("y", "i", "e"),
    "ym": ("y",),
    "im": ("i",),
    "ej": ("a",),
    "a": ("", "o"),
    "u": ("", "o", "a"),
    "y": ("a", ""),
    "i": ("", "a"),
    "e": ("", "a", "o"),
    "o": ("a",),
    # Finnish and Estonian: in, into, from, at.
    "ssa": ("",),
    "sta": ("",),
    "lla": ("",),
    "lle": ("",),
    "elle": ("",),
    "een": ("e",),
    "eesta": ("e",),
    "lta": ("",),
    "iin": ("i",),
    "aan": ("a",),
    "oon": ("o",),
    "n": ("",),
    "ist": ("",),
    "st": ("",),
    # Hungarian.
    "ben": ("",),
    "ban": ("",),
    "bol": ("",),
    "rol": ("",),
    "re": ("",),
    "ra": ("",),
    "on": ("",),
    "ba": ("",),
    "be": ("",),
    # Lithuanian and Latvian.
    "iaus": ("ius",),
    "iuje": ("ius",),
    "as": ("a",),
    "uje": ("us",),
    # Romanian.
    "ului": ("",),
    "ul": ("",),
}
_GREEK = {
    "ησ": ("η",),
    "ασ": ("α",),
    "ου": ("οσ", "ο", "οι"),
    "ο": ("οσ",),
    "α": ("ασ",),
    "η": ("ησ",),
    "ων": ("εσ", "α", "οι"),
    "ουσ": ("οι",),
}
_GEORGIAN = {
    "დან": ("ი", "", "ა"),
    "იდან": ("ი",),
    "ში": ("ი", "", "ა"),
    "მდე": ("ი", ""),
    "ის": ("ი", "ა"),
    "ს": ("ი", ""),
    "ით": ("ი",),
}
_ARMENIAN: dict[str, tuple[str, ...]] = {"ից": ("",), "ում": ("",), "ը": ("",), "ի": ("",), "ն": ("",)}
_KOREAN = (
    *("역에서는", "역에서", "역까지", "역으로", "역에", "역을", "역의", "역은", "역이", "역"),
    *("에서부터", "에서는", "에서도", "으로부터", "에서", "까지", "부터", "으로", "에는", "에도", "이나"),
    *("행", "발", "시", "섬", "를", "을", "은", "는", "이", "가", "의", "와", "과", "도", "로", "에"),
)
_ARABIC = ("وبال", "وال", "بال", "فال", "كال", "ولل", "لل", "وب", "ول", "و", "ب", "ل", "ف", "ك")
_HEBREW = ("ומ", "ול", "וב", "וה", "שב", "שמ", "מה", "ב", "ל", "מ", "ה", "ו", "ש")

_SHORTEST = 3
_ENDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "cyrillic": _CYRILLIC,
    "latin": _LATIN,
    "greek": _GREEK,
    "georgian": _GEORGIAN,
    "armenian": _ARMENIAN,
}

_RANGES = (
    (0x0041, 0x024F, "latin"),
    (0x1E00, 0x1EFF, "latin"),
    (0x0370, 0x03FF, "greek"),
    (0x1F00, 0x1FFF, "greek"),
    (0x0400, 0x052F, "cyrillic"),
    (0x0530, 0x058F, "armenian"),
    (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x077F, "arabic"),
    (0x0E00, 0x0EFF, "unspaced"),
    (0x1000, 0x109F, "unspaced"),
    (0x10A0, 0x10FF, "georgian"),
    (0x1100, 0x11FF, "korean"),
    (0x1780, 0x17FF, "unspaced"),
    (0x3040, 0x30FF, "unspaced"),
    (0x3400, 0x9FFF, "unspaced"),
    (0xAC00, 0xD7AF, "korean"),
    (0xF900, 0xFAFF, "unspaced"),
    (0x20000, 0x323AF, "unspaced"),
)


@lru_cache(maxsize=4096)
def _script_of_letter(letter: str) -> str:
    code = ord(letter)
    return next((name for low, high, name in _RANGES if low <= code <= high), "other")


def script_of(word: str) -> str:
    """Script of a word, as far as it matters here.

    Parameters
    ----------
    word : str
        A word of letters.

    Returns
    -------
    str
        ``latin``, ``cyrillic``, ``greek`` and the like; ``unspaced`` for scripts that put no space between
        words; ``other`` for any else.
    """
    return _script_of_letter(word[0]) if word else "other"


@lru_cache(maxsize=16384)
def dictionary_forms(word: str) -> tuple[str, ...]:
    """Forms that a normalised word may have in a dictionary.

    Parameters
    ----------
    word : str
        The normalised word.

    Returns
    -------
    tuple of str
        The word itself first, then the others.
    """
    script = script_of(word)
    forms = [word]
    if script in _ENDINGS:
        endings = _ENDINGS[script]
        shortest = 2 if script == "cyrillic" else _SHORTEST
        for length in range(min(4, len(word) - shortest), 0, -1):
            stem = word[:-length]
            forms += [stem + ending for ending in endings.get(word[-length:], ())]
    elif script == "korean":
        for once in _without_particle(word):
            forms.append(once)
            forms += _without_particle(once)
    elif script == "arabic":
        for prefix in _ARABIC:
            if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST:
                rest = word[len(prefix) :]
                forms += ["ال" + rest, rest] if prefix.endswith("ل") and len(prefix) > 1 else [rest]
        forms.append(word[2:] if word.startswith("ال") and len(word) > 4 else "ال" + word)
    elif script == "hebrew":
        forms += [word[len(p) :] for p in _HEBREW if word.startswith(p) and len(word) - len(p) >= 2]
    return tuple(dict.fromkeys(forms))


def _without_particle(word: str) -> list[str]:
    return [word[: -len(end)] for end in _KOREAN if word.endswith(end) and len(word) - len(end) >= 2]

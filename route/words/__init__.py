"""The language of the page: its texts, and figures, days and names as the language writes them."""

from __future__ import annotations

from route.words.texts import Words, words_in

__all__ = ["Words", "words_in"]

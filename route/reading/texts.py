"""The text itself: from a file of any common Unicode encoding, or a clear word on why not."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError
from route.gazetteer import shown

if TYPE_CHECKING:
    import os

__all__ = ["LONGEST_BYTES", "text_of"]

LONGEST_BYTES = 2_000_000
"""Largest file that is read; a thick novel has one million characters."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters that texts have: tab, line feed, form feed, carriage return, and the soft end of old files.
_USUAL = frozenset("\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f\x85")


def text_of(path: str | os.PathLike[str], *, encoding: str | None = None) -> str:
    """Text of a file.

    Parameters
    ----------
    path : str or path-like
        The file.
    encoding : str, optional
        Name of its encoding; by default UTF-8, or what the byte order mark at its start says.

    Returns
    -------
    str
        The text, with line ends as they are.

    Raises
    ------
    InputError
        If there is no such file, or it is no text in that encoding, or it has nothing but space in it.
    """
    file = Path(path)
    name = shown(str(path), limit=200)
    content = _bytes_of(file, name)
    if encoding is not None:
        try:
            text = content.decode(codecs.lookup(encoding).name)
        except (LookupError, ValueError) as error:
            if isinstance(error, UnicodeError):
                raise InputError(
                    f"{name} is no text in {shown(encoding)}: byte {getattr(error, 'start', 0) + 1} does not fit. "
                    "Give its encoding with --encoding, such as windows-1251, or save it as UTF-8."
                ) from None
            raise InputError(
                f"There is no encoding {shown(encoding)!r}. Write one such as utf-8, utf-16, windows-1251 or latin-1."
            ) from None
        except (TypeError, AssertionError):  # a codec that makes no text, such as base64
            raise InputError(
                f"{shown(encoding)!r} is no encoding of texts. Write utf-8, for example."
            ) from None
        text = text.removeprefix("\ufeff")
    else:
        text = _decoded(content, name)
    if not text.strip():
        raise InputError(f"{name} is empty. Give a file with the text to read.")
    strange = sum(text.count(chr(code)) for code in range(32) if chr(code) not in _USUAL)
    if "\0" in text or strange > len(text) // 50:
        raise InputError(
            f"{name} is no plain text but some other kind of file. Save the text of it as UTF-8."
        )
    return text


def _bytes_of(file: Path, name: str) -> bytes:
    try:
        if file.is_dir():
            content = None
        else:
            with file.open("rb") as stream:
                content = stream.read(LONGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"Cannot read {name}: {reason}. Give a file with plain text.") from None
    if content is None:
        raise InputError(f"{name} is a folder. Give the file with the text.")
    if len(content) > LONGEST_BYTES:
        raise InputError(
            f"{name} is larger than {LONGEST_BYTES // 1_000_000} MB. Give the part of it that tells of the journey."
        )
    if not content:
        raise InputError(f"{name} is empty. Give a file with the text to read.")
    return content


def _decoded(content: bytes, name: str) -> str:
    encoding = next((codec for mark, codec in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in content[:4096] and encoding == "utf-8":
            raise InputError(
                f"{name} is no plain text but some other kind of file. Save the text of it as UTF-8."
            ) from None
        raise InputError(
            f"{name} is no UTF-8 text: byte {error.start + 1} does not fit. Save it as UTF-8, or give its encoding "
            "with --encoding, such as windows-1251 or windows-1252."
        ) from None

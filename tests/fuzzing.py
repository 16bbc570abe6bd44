"""What the tests with generated input share: how many there are, and how a file is spoilt."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

TIMES = int(os.environ.get("RAILROUTE_FUZZ", "1"))
"""How many times more inputs than usual are generated."""


def examples(count: int) -> settings:
    """Settings for so many inputs."""
    return settings(
        max_examples=count * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


NASTY = [
    "", " ", "-", "--", "@", ".", "..", "0", "-0", "-1", "1e400", "9" * 400, "nan", "inf", "-inf", "None", "null",
    "true", "é", "평양", "🚂", "\u202e", "\ufeff", "\x1b[2J", "\n", "a\0b", "\ud800", "%s%n", "{0}", "<b>", "=1+1",
    "'", '"', "\\", "x" * 5_000, "../..", "CON", "[", "{",
]  # fmt: skip
TOKENS = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\n", b'"', b"'", b"[", b"]", b"{", b"}", b"<", b">",
    b"&", b",", b"=", b"nan", b"NaN", b"inf", b"1e999", b"-1", b"9" * 40, b"null", b"true", b"\xe9", b"[" * 3_000,
    b"x" * 9_000, b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x80\0\0\0",
]  # fmt: skip

Edit = tuple[str, float, int, bytes]
_places = st.floats(0.0, 1.0, exclude_max=True)


def edits(most: int = 4) -> st.SearchStrategy[list[Edit]]:
    """Changes to the bytes of a file."""
    kinds = st.sampled_from(["flip", "set", "cut", "insert", "repeat", "tear", "swap"])
    token = st.sampled_from(TOKENS) | st.binary(max_size=8)
    return st.lists(st.tuples(kinds, _places, st.integers(0, 400), token), min_size=1, max_size=most)


def spoilt(content: bytes, changes: list[Edit]) -> bytes:
    """The bytes of a file with changes."""
    data = bytearray(content)
    for kind, place, number, token in changes:
        at = int(place * len(data))
        if kind == "flip" and data:
            data[at] ^= 1 << (number % 8)
        elif kind == "set" and data:
            data[at] = number % 256
        elif kind == "cut":
            del data[at : at + number]
        elif kind == "insert":
            data[at:at] = token
        elif kind == "repeat":
            data[at:at] = data[at : at + number]
        elif kind == "tear":
            del data[at:]
        elif kind == "swap":
            data[at : at + len(token)] = token
    return bytes(data)

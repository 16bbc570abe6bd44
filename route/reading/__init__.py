"""The places of a journey, found in a running text."""

from __future__ import annotations

from route.reading.reader import read
from route.reading.result import Mention, Reading

__all__ = ["Mention", "Reading", "read"]

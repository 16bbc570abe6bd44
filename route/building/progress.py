"""A progress bar for long work, on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Progress", "Silent"]

_WIDTH = 28
_EVERY_S = 0.1


class Silent:
    """Progress that nobody is told."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to clear away."""

    def step(self, what: str) -> None:
        """Begin a step.

        Parameters
        ----------
        what : str
            What is being done.
        """

    def at(self, done: float, total: float) -> None:
        """Tell how far the step is.

        Parameters
        ----------
        done : float
            Amount done.
        total : float
            Amount in all; 0 if unknown.
        """


class Progress(Silent):
    """Progress bar on a terminal; one line for each step where the output is no terminal.

    Parameters
    ----------
    stream : text stream, optional
        Where to; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._what = ""
        self._last = 0.0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._put("\r\x1b[K")

    def step(self, what: str) -> None:
        """Begin a step.

        Parameters
        ----------
        what : str
            What is being done.
        """
        self._what, self._last = what, 0.0
        self._put(f"\r\x1b[K{what}" if self._live else f"{what}\n")

    def at(self, done: float, total: float) -> None:
        """Tell how far the step is.

        Parameters
        ----------
        done : float
            Amount done.
        total : float
            Amount in all; 0 if unknown.
        """
        now = time.monotonic()
        if not self._live or now - self._last < _EVERY_S:
            return
        self._last = now
        if total > 0:
            share = min(max(done / total, 0.0), 1.0)
            filled = round(share * _WIDTH)
            bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}"
        else:
            bar = f"{done:,.0f}"
        self._put(f"\r\x1b[K{self._what} {bar}")

    def _put(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._live = False  # the reader of standard error has gone; the work goes on

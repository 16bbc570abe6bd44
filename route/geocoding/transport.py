"""How a network service is reached: answers of limited size and time, and no redirection to another host."""

from __future__ import annotations

import io
import time
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from geopy.adapters import URLLibAdapter

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPMessage

__all__ = ["LONGEST_ANSWER_BYTES", "BoundedAdapter"]

LONGEST_ANSWER_BYTES = 10_000_000
"""Largest answer that is read; ten places with all their names come to some hundred thousand."""

_PIECE_BYTES = 1 << 16


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirections within the host only, and none that gives up encryption."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        if there.netloc != here.netloc or there.scheme not in (here.scheme, "https"):
            raise URLError(f"it sends us on to {there.netloc or 'nowhere'}, where nothing is asked")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Page:
    """An answer that has been read."""

    def __init__(self, status: int, headers: HTTPMessage, content: bytes) -> None:
        self.headers = headers
        self._status, self._content = status, content

    def getcode(self) -> int:
        return self._status

    def read(self) -> bytes:
        return self._content


class BoundedAdapter(URLLibAdapter):  # type: ignore[misc]  # geopy has no types
    """Adapter of geopy that neither an endless answer nor an endlessly slow one can hold up.

    Parameters
    ----------
    proxies : dict, str or None
        As for geopy: ``None`` for those of the system.
    ssl_context : ssl.SSLContext
        As for geopy.
    """

    def __init__(self, *, proxies: dict[str, str] | str | None, ssl_context: ssl.SSLContext) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        if isinstance(proxies, str):
            proxies = {"http": proxies, "https": proxies}
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=ssl_context),
            urllib.request.ProxyHandler(proxies),
            _SameHost(),
        )
        self.urlopen = self._open

    def _open(self, request: urllib.request.Request, timeout: float) -> _Page:
        try:
            answer = self._opener.open(request, timeout=timeout)
        except HTTPError as error:
            # What a service says of its failure is not read, however long it is.
            error.close()
            raise HTTPError(error.url, error.code, error.reason, error.headers, io.BytesIO()) from error
        with answer:
            return _Page(answer.status, answer.headers, _content(answer, time.monotonic() + timeout))


def _content(answer: Any, until: float) -> bytes:
    content = bytearray()
    while piece := answer.read1(_PIECE_BYTES):
        content += piece
        if len(content) > LONGEST_ANSWER_BYTES:
            raise URLError(f"its answer is longer than {LONGEST_ANSWER_BYTES // 1_000_000} MB")
        if time.monotonic() > until:
            raise TimeoutError("timed out")
    return bytes(content)

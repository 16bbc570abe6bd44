"""Extracts of OpenStreetMap, fetched from Geofabrik: resumed, checked, and of limited size."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from route.building.progress import Silent
from route.errors import InputError, ServiceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BASE_URL", "MAX_BYTES", "download_extract"]

BASE_URL = "https://download.geofabrik.de/"

MAX_BYTES = 6_000_000_000
"""Above the largest single countries; a continent takes a machine with that much memory."""

_INDEX = "index-v1-nogeom.json"
_INDEX_MOST = 20_000_000
_TIMEOUT_S = 30.0
_PIECE = 1 << 18
_MD5 = re.compile(r"^\s*([0-9a-fA-F]{32})\b")
_TAG = re.compile(r"[\x20-\x7e]{1,500}")
_LENGTH = re.compile(r"[0-9]{1,18}")
_REGION = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")


def download_extract(
    region: str,
    output: Path | None = None,
    *,
    folder: Path,
    base_url: str | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Silent | None = None,
) -> Path:
    """Fetch the extract of a region.

    What has arrived is kept beside the file, with the ending ``.part``, until the whole is there and its
    checksum is right; a later call goes on from it if the server still has the same version.

    Parameters
    ----------
    region : str
        Name of the region as Geofabrik has it, such as ``liechtenstein`` or ``europe/liechtenstein``.
    output : Path, optional
        The file to write; by default named as on the server.
    folder : Path
        Where to write if there is no `output`.
    base_url : str, optional
        Another server with the same layout; connections go to its host alone.
    max_bytes : int
        Size beyond which nothing is fetched, in bytes.
    progress : Silent, optional
        Is told how far it is.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the region is unknown, its extract is too large, or the file cannot be written.
    ServiceError
        If the server fails, or what it sent is not what its checksum says.
    """
    progress = progress or Silent()
    name = region.strip().lower().replace(" ", "-").removesuffix("-latest.osm.pbf").strip("/")
    if not _REGION.fullmatch(name):
        raise InputError(
            f"{region!r} is no name of a region. Write it as Geofabrik does: europe/liechtenstein."
        )
    server = _Server(base_url)
    path = f"{name}-latest.osm.pbf" if "/" in name else server.path_of(name)
    target = output or folder / path.rsplit("/", 1)[-1]
    try:
        if target.is_dir():
            raise InputError(f"Cannot write {target}: it is a folder. Give a file name with -o.")
        if target.exists() and not target.is_file():
            raise InputError(f"Cannot write {target}: it is a device or a pipe. Give a file name with -o.")
    except OSError as error:
        raise InputError(f"Cannot write {target}: {error.strerror or error}.") from error
    progress.step(f"fetching {server.host}/{path}")
    wanted = server.checksum(path)
    try:
        if target.exists() and _md5(target) == wanted:
            return target
        part = target.with_name(f"{target.name}.part")
        target.parent.mkdir(parents=True, exist_ok=True)
        server.fetch(path, part, max_bytes, progress)
        if _md5(part) != wanted:
            # It would be wrong next time too.
            part.unlink()
            raise ServiceError(
                f"What {server.host} sent for {name} does not fit its checksum and was thrown away. "
                "Try again.",
                service=server.host,
            )
        part.replace(target)
        _tag_of(part).unlink(missing_ok=True)
    except ServiceError:
        raise
    except OSError as error:
        raise InputError(f"Cannot write {target}: {error.strerror or error}.") from error
    return target


def _tag_of(part: Path) -> Path:
    """File that says which version a part belongs to."""
    return part.with_name(f"{part.name}.etag")


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirections within the host only."""

    def __init__(self, host: str, scheme: str) -> None:
        self._host, self._scheme = host, scheme

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        there = urllib.parse.urlsplit(newurl)
        if there.netloc != self._host or there.scheme != self._scheme:
            raise ServiceError(
                f"{self._host} sends us on to {there.netloc or 'nowhere'}, where nothing is fetched from. "
                "If that is right, give the address with --base-url.",
                service=self._host,
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Server:
    """A server laid out as Geofabrik's."""

    def __init__(self, base_url: str | None) -> None:
        try:
            parts = urllib.parse.urlsplit(base_url or BASE_URL)
            usable = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port out of range, half a bracket
            usable = False
        if not usable or not re.fullmatch(r"[\x21-\x7e]+", base_url or BASE_URL):
            raise InputError(f"--base-url {base_url}: write a whole address, such as {BASE_URL}.")
        self.host = parts.netloc
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
        self._opener = urllib.request.build_opener(_SameHost(parts.netloc, parts.scheme))

    def _open(self, path: str, headers: dict[str, str] | None = None) -> Any:
        own = {"User-Agent": "railroute", "Accept-Encoding": "identity"}
        request = urllib.request.Request(self._base + path, headers=own | (headers or {}))  # noqa: S310 - checked
        try:
            return self._opener.open(request, timeout=_TIMEOUT_S)
        except urllib.error.HTTPError as error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            with error:
                what = "has no such file" if error.code == http.client.NOT_FOUND else f"answered {error.code}"
            raise ServiceError(
                f"{self.host} {what}: {path}. Look the region up there, or try again later.",
                service=self.host,
            ) from error
        except ServiceError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ServiceError:
        cause = getattr(error, "reason", error)
        why = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return ServiceError(
            f"Cannot fetch from {self.host}: {why}. What has arrived is kept; try again later.",
            service=self.host,
        )

    def _text(self, path: str, most: int) -> str:
        with self._open(path) as answer:
            try:
                return str(answer.read(most).decode("utf-8", errors="replace"))
            except (OSError, http.client.HTTPException) as error:
                raise self._failed(error) from error

    def path_of(self, name: str) -> str:
        """Path of the extract of a region, by the index of the server."""
        try:
            regions = [
                feature["properties"] for feature in json.loads(self._text(_INDEX, _INDEX_MOST))["features"]
            ]
            by_id = {str(r["id"]).lower(): r for r in regions if "pbf" in r.get("urls", {})}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ServiceError(f"{self.host} has an index that cannot be read.", service=self.host) from error
        found = by_id.get(name)
        if found is None:
            named = [r for r in by_id.values() if str(r.get("name", "")).lower().replace(" ", "-") == name]
            found = named[0] if len(named) == 1 else None
        if found is None:
            near = sorted(key for key in by_id if name in key or key in name)[:8]
            hint = (
                f" Near: {', '.join(near)}." if near else " Write it as Geofabrik does: europe/liechtenstein."
            )
            raise InputError(f"{self.host} has no region {name}.{hint}")
        # The addresses in the index name the public host; what counts is the path on this one.
        try:
            path = urllib.parse.urlsplit(str(found["urls"]["pbf"])).path.lstrip("/")
        except (ValueError, TypeError):
            path = ""
        if not re.fullmatch(r"[A-Za-z0-9/_.-]+\.osm\.pbf", path) or ".." in path:
            raise ServiceError(f"{self.host} gives no usable address for {name}.", service=self.host)
        return path

    def checksum(self, path: str) -> str:
        """MD5 of a file, from the file beside it."""
        match = _MD5.match(self._text(f"{path}.md5", 4096))
        if match is None:
            raise ServiceError(f"{self.host} has no checksum for {path}.", service=self.host)
        return match[1].lower()

    def fetch(self, path: str, part: Path, max_bytes: int, progress: Silent) -> None:
        """Fetch a file, going on from what is there of the same version."""
        tag = _tag_of(part)
        have = part.stat().st_size if part.exists() else 0
        version = tag.read_bytes().decode("latin-1").strip() if have and tag.exists() else ""
        if not _TAG.fullmatch(version):  # a damaged file is as if there were none
            version = ""
        headers = {"Range": f"bytes={have}-", "If-Range": version} if have and version else {}
        try:
            answer = self._open(path, headers)
        except urllib.error.HTTPError as error:
            # Nothing is left to send: the part is whole, or of another version, which the checksum tells.
            error.close()
            return
        with answer:
            going_on = answer.status == http.client.PARTIAL_CONTENT and self._starts_at(answer, have)
            done = have if going_on else 0
            length = answer.headers.get("Content-Length", "")
            total = done + int(length) if _LENGTH.fullmatch(length) else 0
            self._limit(path, total, max_bytes)
            version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
            # A weak tag does not promise the same bytes.
            usable = _TAG.fullmatch(version) and not version.startswith("W/")
            tag.write_text(version if usable else "", encoding="utf-8")
            with part.open("ab" if going_on else "wb") as file:
                done = self._copy(answer, file, path, done, total, max_bytes, progress)
        if total and done < total:
            raise ServiceError(
                f"{self.host} broke off after {done / 1e6:.1f} of {total / 1e6:.1f} MB. "
                "What has arrived is kept; the same command goes on from there.",
                service=self.host,
            )

    @staticmethod
    def _starts_at(answer: Any, have: int) -> bool:
        return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-")

    @staticmethod
    def _limit(path: str, size: int, max_bytes: int) -> None:
        if size > max_bytes:
            raise InputError(
                f"{path} is {size / 1e9:.3g} GB, more than the limit of {max_bytes / 1e9:.3g} GB. "
                "Choose a smaller region, or raise the limit with --max-size."
            )

    def _copy(
        self, answer: Any, file: IO[bytes], path: str, done: int, total: int, max_bytes: int, progress: Silent
    ) -> int:
        while True:
            try:
                piece = answer.read(_PIECE)
            except http.client.IncompleteRead as error:
                piece = error.partial
                file.write(piece)
                return done + len(piece)
            except (OSError, http.client.HTTPException) as error:
                raise self._failed(error) from error
            if not piece:
                return done
            done += len(piece)
            self._limit(path, done, max_bytes)
            file.write(piece)
            with suppress(ValueError):
                progress.at(done, total)

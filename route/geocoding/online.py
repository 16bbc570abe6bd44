"""Names asked of a network service through geopy: one at a time, politely, and remembered."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from route.errors import InputError, ServiceError
from route.files import write_atomic
from route.gazetteer.names import shown
from route.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Found", "OnlineGeocoder", "OnlineSettings", "open_geocoder"]

_STATION_TYPES = {"station", "halt", "stop", "railway"}
_TOWN_TYPES = {"city": "city", "municipality": "city", "town": "town", "village": "town", "hamlet": "town"}


_USER_AGENT_VARIABLE = "RAILROUTE_USER_AGENT"
_SHORTEST_USER_AGENT = 6  # letters; what is shorter names nobody
# What programs say of themselves when nobody has told them whom they ask for; operators refuse it.
_GENERIC = re.compile(
    r"(?:railroute|geopy|python(?:-\w+)?|curl|wget|mozilla|test(?:ing)?|my[-_ ]?(?:app(?:lication)?|agent)|"
    r"user[-_ ]?agent|unknown|example|none|your[-_ ].*)(?:[/ ][\d.]*)?",
    re.IGNORECASE,
)

# What comes of an answer that is another than was expected: an encoding that there is not is a `LookupError`, too
# many brackets are a `RecursionError`.
_NO_PLACES = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)

_LANGUAGES_TOLD = frozenset({"nominatim", "opencage", "googlev3", "locationiq"})


def _program() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms; only for --online

    try:
        return f"railroute/{version('railroute')}"
    except PackageNotFoundError:
        return "railroute"


def _checked_user_agent(text: str) -> str:
    """A user agent that says who asks, with the program behind it."""
    name = text.strip()
    how = (
        "say who you are, such as --user-agent 'Example Times graphics, maps@times.example', or set "
        f"{_USER_AGENT_VARIABLE}."
    )
    if not name:
        raise InputError(f"A network service wants to know who asks, and there is no user agent: {how}")
    if not (name.isprintable() and name.isascii()):
        raise InputError(f'The user agent "{shown(name)}" has letters that no service can read: {how}')
    if _GENERIC.fullmatch(name) or sum(map(str.isalpha, name)) < _SHORTEST_USER_AGENT:
        raise InputError(f'The user agent "{shown(name)}" could be anybody\'s: {how}')
    return f"{name} {_program()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineSettings:
    """How a service is asked.

    Parameters
    ----------
    service : str
        Name of a geocoder of geopy, such as ``nominatim``, ``photon`` or ``arcgis``.
    options : mapping
        What its class takes, such as ``domain``, ``scheme`` or ``api_key``.
    user_agent : str
        Who asks: a name, and how to reach them, as operators require; by default the environment variable
        ``RAILROUTE_USER_AGENT``. The name of the program is written behind it.
    timeout_s : float
        Longest wait for one answer, in seconds.
    pause_s : float
        Shortest time between two questions, in seconds; OpenStreetMap's Nominatim asks for one second.
    retries : int
        How often a question is put again when the service is busy or silent.
    longest_wait_s : float
        Longest wait that a busy service may ask for (``Retry-After``), in seconds.
    cache : Path or None
        Folder of remembered answers; ``None`` for the user's cache folder.
    remember : bool
        Whether answers are remembered on disk at all.
    max_age_s : float
        Age from which an answer is asked for anew, in seconds. If the service fails, older ones are used.
    """

    service: str = "nominatim"
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    user_agent: str = field(default_factory=lambda: os.environ.get(_USER_AGENT_VARIABLE, ""))
    timeout_s: float = 10.0
    pause_s: float = 1.0
    retries: int = 2
    longest_wait_s: float = 30.0
    cache: Path | None = None
    remember: bool = True
    max_age_s: float = 90 * 86400.0


@dataclass(frozen=True, slots=True)
class Found:
    """A place that a service knows under a name.

    Parameters
    ----------
    place : Place
        The place.
    importance : float
        Prominence from 0 to 1 as Nominatim gives it; 0.3 where a service gives none.
    """

    place: Place
    importance: float


class OnlineGeocoder:
    """A geocoder of geopy with a pause between questions, bounded retries and a memory on disk.

    Parameters
    ----------
    settings : OnlineSettings
        Which service, and how it is asked.
    sleep : callable
        Waits for a number of seconds.
    clock : callable
        Seconds of a clock that only goes forward.
    now : callable
        Seconds since 1970, for the age of remembered answers.

    Raises
    ------
    InputError
        If geopy has no such geocoder, it does not take these options, or the user agent says not who asks.
    """

    def __init__(
        self,
        settings: OnlineSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or OnlineSettings()
        self._sleep, self._clock, self._now = sleep, clock, now
        self._next = 0.0
        self._geolocator = self._build()

    def _build(self) -> Any:
        from geopy.exc import GeocoderNotFound, GeopyError  # only for --online
        from geopy.geocoders import get_geocoder_for_service

        from route.geocoding.transport import BoundedAdapter

        settings = self.settings
        user_agent = _checked_user_agent(settings.user_agent)
        try:
            kind = get_geocoder_for_service(settings.service)
            return kind(
                **dict(settings.options), user_agent=user_agent, timeout=settings.timeout_s,
                adapter_factory=BoundedAdapter,
            )  # fmt: skip
        except GeocoderNotFound as error:
            raise InputError(
                f'geopy has no geocoder "{shown(settings.service)}": try nominatim, photon or another of '
                "its geopy.geocoders."
            ) from error
        except (GeopyError, TypeError, ValueError) as error:
            # geopy names the missing or unknown argument; a key that was given is not repeated.
            reason = shown(str(error).partition("__init__() ")[2] or str(error), limit=120)
            raise InputError(
                f"The geocoder {shown(settings.service)} cannot be set up: {reason}. "
                "Its settings are given as --geocoder-option KEY=VALUE."
            ) from error

    @property
    def name(self) -> str:
        """Name of the service with its address, as far as known."""
        domain = getattr(self._geolocator, "domain", None)
        return f"{self.settings.service} ({domain})" if domain else self.settings.service

    def search(self, query: str, *, lang: str | None = None) -> tuple[Found, ...]:
        """Places that the service knows under a name.

        Parameters
        ----------
        query : str
            The name.
        lang : str or None
            IETF tag of the language to answer in.

        Returns
        -------
        tuple of Found
            The places as the service ranks them; empty if it knows none.

        Raises
        ------
        ServiceError
            If the service does not answer, refuses, or answers with something else, and no answer is
            remembered.
        """
        file = self._file(query, lang) if self.settings.remember else None
        remembered, age_s = self._recall(file) if file else (None, 0.0)
        if remembered is not None and 0 <= age_s <= self.settings.max_age_s:
            return tuple(_found(entry, self.settings.service) for entry in remembered)
        try:
            entries = [_entry(location) for location in self._ask(query, lang)]
            found = tuple(_found(entry, self.settings.service) for entry in entries)
        except ServiceError:
            if remembered is None:
                raise
            return tuple(_found(entry, self.settings.service) for entry in remembered)
        except _NO_PLACES as error:
            raise self._failure(query, "answers with something that is no list of places") from error
        answer = {"query": query, "lang": lang, "asked": self._now(), "entries": entries}
        if file is not None:
            # A cache that cannot be written costs a question next time, nothing else.
            with suppress(InputError):
                # As `json.loads` reads it: half of a pair, which a service may send, is no UTF-8.
                content = json.dumps(answer, ensure_ascii=False).encode(errors="surrogatepass")
                write_atomic(file, content)
        return found

    def _file(self, query: str, lang: str | None) -> Path:
        settings = self.settings
        folder = settings.cache
        if folder is None:
            import platformdirs  # only for --online

            folder = platformdirs.user_cache_path("railroute") / "geocoding"
        options = sorted(map(repr, settings.options.items()))
        key = json.dumps([settings.service.lower(), options, query, lang])
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _recall(self, file: Path) -> tuple[list[dict[str, Any]] | None, float]:
        try:
            answer = json.loads(file.read_bytes())
            entries = answer["entries"]
            for entry in entries:
                _found(entry, self.settings.service)
            return entries, self._now() - float(answer["asked"])
        except (OSError, *_NO_PLACES):
            return None, 0.0

    def _ask(self, query: str, lang: str | None) -> list[Any]:
        from geopy import exc

        service = self.settings.service.lower()
        extra: dict[str, Any] = {"exactly_one": False}
        known = signature(self._geolocator.geocode).parameters
        if "limit" in known:
            extra["limit"] = 10
        # Others refuse languages that they do not have.
        if "language" in known and service in _LANGUAGES_TOLD:
            extra["language"] = (lang or "en").replace("_", "-")
        if service == "nominatim":
            extra |= {"addressdetails": True, "namedetails": True}
        for attempt in range(self.settings.retries + 1):
            last = attempt == self.settings.retries
            self._sleep(max(0.0, self._next - self._clock()))
            try:
                with warnings.catch_warnings():
                    # geopy warns of positions off the globe before it refuses them; the refusal says enough.
                    warnings.simplefilter("ignore", UserWarning)
                    return self._geolocator.geocode(query, **extra) or []
            except exc.GeocoderRateLimited as error:
                wait = 2.0**attempt if error.retry_after is None else float(error.retry_after)
                if last or wait > self.settings.longest_wait_s:
                    raise self._failure(query, f"is busy and asks to wait for {wait:.0f} s") from error
                self._sleep(wait)
            except (exc.GeocoderTimedOut, exc.GeocoderUnavailable) as error:
                if last:
                    raise self._failure(query, f"does not answer ({shown(str(error), limit=80)})") from error
                self._sleep(2.0**attempt)
            except exc.GeocoderParseError as error:
                raise self._failure(query, "answers with something that is no list of places") from error
            except exc.GeocoderServiceError as error:
                reason = shown(str(error) or type(error).__name__, limit=80)
                raise self._failure(query, f"fails ({reason})") from error
            except (exc.GeopyError, *_NO_PLACES) as error:
                raise self._failure(query, "answers with something that is no list of places") from error
            finally:
                self._next = self._clock() + self.settings.pause_s
        raise AssertionError("the last attempt returns or raises")

    def _failure(self, query: str, what: str) -> ServiceError:
        return ServiceError(
            f'{self.name} {what} when asked for "{shown(query)}": try again later, or do without --online '
            "and give lat,lon.",
            service=self.name,
        )


def _parts(raw: Any) -> dict[str, Any]:
    """What a service says of a place, whatever the part of its answer is called."""
    if not isinstance(raw, dict):
        return {}
    inner = [raw.get(name) for name in ("properties", "address", "components", "attributes")]
    return {key: value for part in (*inner, raw) if isinstance(part, dict) for key, value in part.items()}


def _entry(location: Any) -> dict[str, Any]:
    parts = _parts(location.raw)
    details = parts.get("namedetails")
    country = str(parts.get("country_code") or parts.get("countrycode") or "").upper()
    kinds = [str(parts.get(key) or "") for key in ("addresstype", "type", "osm_value", "_type")]
    kind = next((kind for kind in kinds if kind in _STATION_TYPES or kind in _TOWN_TYPES), "")
    names = details.items() if isinstance(details, dict) else ()
    found = {
        "name": str(parts.get("name") or location.address).split(",")[0].strip(),
        "address": str(location.address),
        "lat": float(location.latitude),
        "lon": float(location.longitude),
        "country": country if len(country) == 2 else None,
        "kind": "station" if kind in _STATION_TYPES else _TOWN_TYPES.get(kind, "point"),
        "names": {tag[5:]: str(name) for tag, name in names if tag.startswith("name:")},
        "importance": min(1.0, max(0.0, float(parts.get("importance") or 0.3))),
        "id": None,
    }
    if "osm_type" in parts and "osm_id" in parts:
        whole = {"N": "node", "W": "way", "R": "relation"}.get(parts["osm_type"], parts["osm_type"])
        found["id"] = f"osm:{whole}/{parts['osm_id']}"
    return found


def _found(entry: dict[str, Any], service: str) -> Found:
    country, identifier = (None if entry[key] is None else str(entry[key]) for key in ("country", "id"))
    importance = float(entry["importance"])
    if not 0 <= importance <= 1:
        raise ValueError("an importance beyond its scale")
    place = Place(
        name=str(entry["name"]),
        lat=float(entry["lat"]),
        lon=float(entry["lon"]),
        country=country,
        kind=str(entry["kind"]),
        source=service.lower(),
        id=identifier,
        names=MappingProxyType({str(tag): str(name) for tag, name in dict(entry["names"]).items()}),
    )
    return Found(place, importance)


@lru_cache(maxsize=8)
def open_geocoder(settings: OnlineSettings) -> OnlineGeocoder:
    """The geocoder of some settings, made once for each process so that it keeps its pause.

    Parameters
    ----------
    settings : OnlineSettings
        Which service, and how it is asked.

    Returns
    -------
    OnlineGeocoder
        The geocoder.

    Raises
    ------
    InputError
        If it cannot be set up.
    """
    return OnlineGeocoder(settings)

"""Names asked of a network service through geopy: one at a time, politely, and remembered."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from route.errors import InputError, ServiceError
from route.files import write_atomic
from route.gazetteer.names import shown
from route.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["Found", "OnlineGeocoder", "OnlineSettings"]

_STATION_TYPES = {"station", "halt", "stop", "railway"}
_TOWN_TYPES = {"city": "city", "municipality": "city", "town": "town", "village": "town", "hamlet": "town"}


def _user_agent() -> str:
    try:
        return f"railroute/{version('railroute')} (names to railway routes)"
    except PackageNotFoundError:
        return "railroute (names to railway routes)"


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
        How the program introduces itself; operators ask for a name that says who calls.
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
    max_age_s : float
        Age from which an answer is asked for anew, in seconds. If the service fails, older ones are used.
    """

    service: str = "nominatim"
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    user_agent: str = field(default_factory=_user_agent)
    timeout_s: float = 10.0
    pause_s: float = 1.0
    retries: int = 2
    longest_wait_s: float = 30.0
    cache: Path | None = None
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
        If geopy has no such geocoder, or it does not take these options.
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
        from geopy.adapters import URLLibAdapter  # only for --online
        from geopy.exc import ConfigurationError, GeocoderNotFound
        from geopy.geocoders import get_geocoder_for_service

        settings = self.settings
        if not settings.user_agent.strip():
            raise InputError("A network service wants to know who asks: set a user agent.")
        try:
            kind = get_geocoder_for_service(settings.service)
            return kind(
                **dict(settings.options), user_agent=settings.user_agent, timeout=settings.timeout_s,
                adapter_factory=URLLibAdapter,
            )  # fmt: skip
        except GeocoderNotFound as error:
            raise InputError(f'geopy has no geocoder "{shown(settings.service)}": try nominatim.') from error
        except (ConfigurationError, TypeError, ValueError) as error:
            raise InputError(f"The geocoder {settings.service} cannot be set up: {error}.") from error

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
        file = self._file(query, lang)
        remembered, age_s = self._recall(file)
        if remembered is not None and 0 <= age_s <= self.settings.max_age_s:
            return tuple(_found(entry, self.settings.service) for entry in remembered)
        try:
            entries = [_entry(location) for location in self._ask(query, lang)]
            found = tuple(_found(entry, self.settings.service) for entry in entries)
        except ServiceError:
            if remembered is None:
                raise
            return tuple(_found(entry, self.settings.service) for entry in remembered)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._failure(query, "answers with something that is no list of places") from error
        answer = {"query": query, "lang": lang, "asked": self._now(), "entries": entries}
        # A cache that cannot be written costs a question next time, nothing else.
        with suppress(InputError):
            write_atomic(file, json.dumps(answer, ensure_ascii=False).encode())
        return found

    def _file(self, query: str, lang: str | None) -> Path:
        settings = self.settings
        folder = settings.cache
        if folder is None:
            import platformdirs  # only for --online

            folder = platformdirs.user_cache_path("railroute") / "geocoding"
        key = json.dumps([settings.service, sorted(map(repr, settings.options.items())), query, lang])
        return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _recall(self, file: Path) -> tuple[list[dict[str, Any]] | None, float]:
        try:
            answer = json.loads(file.read_bytes())
            entries = answer["entries"]
            for entry in entries:
                _found(entry, self.settings.service)
            return entries, self._now() - float(answer["asked"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None, 0.0

    def _ask(self, query: str, lang: str | None) -> list[Any]:
        from geopy import exc

        extra: dict[str, Any] = {"exactly_one": False}
        if self.settings.service.lower() == "nominatim":
            extra |= {"limit": 10, "addressdetails": True, "namedetails": True, "language": lang or "en"}
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
            except (exc.GeopyError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
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


def _entry(location: Any) -> dict[str, Any]:
    raw = location.raw if isinstance(location.raw, dict) else {}
    address, details = (
        part if isinstance(part, dict) else {} for part in (raw.get("address"), raw.get("namedetails"))
    )
    kind = str(raw.get("addresstype") or raw.get("type") or "")
    country = str(address.get("country_code") or "").upper()
    return {
        "name": str(raw.get("name") or location.address).split(",")[0].strip(),
        "address": str(location.address),
        "lat": float(location.latitude),
        "lon": float(location.longitude),
        "country": country if len(country) == 2 else None,
        "kind": "station" if kind in _STATION_TYPES else _TOWN_TYPES.get(kind, "point"),
        "names": {tag[5:]: str(name) for tag, name in details.items() if tag.startswith("name:")},
        "importance": min(1.0, max(0.0, float(raw.get("importance") or 0.3))),
        "id": f"osm:{raw['osm_type']}/{raw['osm_id']}" if "osm_type" in raw and "osm_id" in raw else None,
    }


def _found(entry: dict[str, Any], service: str) -> Found:
    place = Place(
        name=str(entry["name"]),
        lat=float(entry["lat"]),
        lon=float(entry["lon"]),
        country=entry["country"],
        kind=str(entry["kind"]),
        source=service,
        id=entry["id"],
        names=MappingProxyType(dict(entry["names"])),
    )
    return Found(place, float(entry["importance"]))

"""OpenStreetMap tags of railways, read: what a way is, which trains it takes, how fast, how it is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "EXTRA_KINDS",
    "KINDS",
    "TrackTags",
    "electrification_of",
    "gauges_of",
    "speed_kmh_of",
    "station_id",
    "station_names",
    "station_of",
    "track_of",
]

KINDS = ("rail", "narrow_gauge")
"""Values of ``railway`` that are railways for trains; built always."""

EXTRA_KINDS = ("light_rail", "subway", "tram", "monorail", "funicular")
"""Values of ``railway`` that are built on request: no train goes over to them."""

_SERVICE = frozenset({"yard", "siding", "spur", "industrial"})
_NOT_THROUGH = frozenset({"industrial", "military", "test", "scientific"})
_OUT_OF_USE = ("disused", "abandoned", "razed", "demolished", "proposed", "construction")
_NO = frozenset({"", "no", "none", "0"})
_MPH = 1.609344
_KNOTS = 1.852
_WALK_KMH = 5
_FASTEST_KMH = 620
_GAUGE = re.compile(r"(?<![\d.])\d{3,4}(?![\d])")
_GAUGE_WORDS = {"standard": 1435}
_SPEED = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|kmph|mph|knots)?\s*$", re.IGNORECASE)
_DURATION = re.compile(r"^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})$")
_LANGUAGE = re.compile(r"^name:([a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)$")
_MAINS_HZ = 16.0
"""Frequencies from here on are those of alternating current; below, only 0 Hz occurs, direct current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTags:
    """What the tags of one piece of track say.

    Parameters
    ----------
    kind : str
        ``rail``, ``narrow_gauge`` ..., or ``ferry`` for a train ferry.
    service : bool
        Whether it is a yard, a siding, a spur or an industrial track: nothing runs through there.
    usage : str
        ``main``, ``branch`` ..., empty if not said.
    highspeed : bool
        Whether it is part of a high-speed line.
    gauges_mm : tuple of int
        Track gauges in millimetres, ascending; empty if not said.
    electrification : str
        Systems such as ``25kV AC``, several joined by ``;``; ``no`` for none, empty if not said.
    speed_kmh : int
        Line speed in kilometres per hour; 0 if not said.
    line : str
        Name of the line; empty if not said.
    level : int
        Above or below ground: `layer`, or 1 for a bridge and -1 for a tunnel without one.
    direction : int
        Which way trains run as a rule: 1 along the way, -1 against it, 0 both or not said.
    oneway : bool
        Whether trains run only that way, and not just as a rule.
    duration_s : int
        Time a ferry takes over the whole way, in seconds; 0 if not said.
    """

    kind: str = "rail"
    service: bool = False
    usage: str = ""
    highspeed: bool = False
    gauges_mm: tuple[int, ...] = ()
    electrification: str = ""
    speed_kmh: int = 0
    line: str = ""
    level: int = 0
    direction: int = 0
    oneway: bool = False
    duration_s: int = 0


def track_of(tags: Mapping[str, str], kinds: frozenset[str] = frozenset(KINDS)) -> TrackTags | None:
    """Track that a way with these tags is.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of a way.
    kinds : frozenset of str
        Values of ``railway`` to take.

    Returns
    -------
    TrackTags or None
        None if it is no railway, or none of these kinds, or out of use. Train ferries are always taken.
    """
    railway = tags.get("railway", "")
    ferry = _is_train_ferry(tags)
    if not ferry and (railway not in kinds or any(tags.get(word, "no") not in _NO for word in _OUT_OF_USE)):
        return None
    usage = tags.get("usage", "")
    return TrackTags(
        kind="ferry" if ferry else railway,
        service=not ferry and (tags.get("service", "") in _SERVICE or usage in _NOT_THROUGH),
        usage=usage,
        highspeed=tags.get("highspeed") == "yes",
        gauges_mm=gauges_of(tags.get("gauge", "")),
        electrification=electrification_of(tags),
        speed_kmh=_speed(tags),
        line=_line_name(tags),
        level=_level(tags),
        direction=_direction(tags),
        oneway=tags.get("oneway", "no") not in _NO and not ferry,
        duration_s=_duration_s(tags.get("duration", "")) if ferry else 0,
    )


def _is_train_ferry(tags: Mapping[str, str]) -> bool:
    route = tags.get("route", "")
    if route == "train_ferry":
        return True
    carries = tags.get("railway", "") in ("ferry", "rail") or tags.get("train", "no") not in _NO
    return route == "ferry" and carries


def gauges_of(text: str) -> tuple[int, ...]:
    """Track gauges in a text.

    Parameters
    ----------
    text : str
        Value of ``gauge``, such as ``1435`` or ``1435;1520``.

    Returns
    -------
    tuple of int
        In millimetres, ascending, each once; empty if there is none between 200 and 3000.
    """
    found = {int(number) for number in _GAUGE.findall(text)}
    found |= {mm for word, mm in _GAUGE_WORDS.items() if word in text.casefold()}
    return tuple(sorted(mm for mm in found if 200 <= mm <= 3000))


def speed_kmh_of(text: str) -> int:
    """Speed in a text.

    Parameters
    ----------
    text : str
        Value of ``maxspeed``: ``120``, ``75 mph``, ``12 knots``, ``walk``; several separated by ``;``
        are those of different trains, of which the fastest counts.

    Returns
    -------
    int
        In kilometres per hour; 0 if it says none.
    """
    best = 0
    for part in re.split(r"[;,|]", text):
        if part.strip() == "walk":
            best = max(best, _WALK_KMH)
        match = _SPEED.match(part)
        if match:
            unit = (match[2] or "").casefold()
            factor = _MPH if unit == "mph" else _KNOTS if unit == "knots" else 1.0
            kmh = round(float(match[1]) * factor)
            best = max(best, kmh if kmh <= _FASTEST_KMH else 0)
    return best


def _speed(tags: Mapping[str, str]) -> int:
    """Line speed; of speeds by direction the higher, as the drawing of a track has no direction of travel."""
    keys = ("maxspeed:forward", "maxspeed:backward")
    return speed_kmh_of(tags.get("maxspeed", "")) or max(speed_kmh_of(tags.get(k, "")) for k in keys)


def electrification_of(tags: Mapping[str, str]) -> str:
    """Electrification that tags describe.

    Parameters
    ----------
    tags : mapping of str to str
        ``electrified``, ``voltage`` and ``frequency`` are read.

    Returns
    -------
    str
        ``25kV AC``, ``750V DC``, several joined by ``;``; ``no`` for none; ``yes`` for an unknown system;
        empty if not said.
    """
    electrified = tags.get("electrified", "")
    if electrified in _NO:
        return "no" if electrified else ""
    voltages = [_number(part) for part in tags.get("voltage", "").split(";")]
    frequencies = [_number(part) for part in tags.get("frequency", "").split(";")]
    systems = []
    for i, volts in enumerate(voltages):
        if not volts or volts <= 0:
            continue
        hertz = frequencies[min(i, len(frequencies) - 1)]
        # Without a frequency the voltage tells: direct current ends at 3 kV.
        kind = (
            ("AC" if hertz >= _MAINS_HZ else "DC") if hertz is not None else "AC" if volts > 4_000 else "DC"
        )
        amount = f"{volts / 1000:g}kV" if volts >= 1_000 else f"{volts:g}V"
        systems.append(f"{amount} {kind}")
    return ";".join(dict.fromkeys(systems)) or "yes"


def _number(text: str) -> float | None:
    match = re.match(r"^\s*(\d+(?:\.\d+)?)", text)
    return float(match[1]) if match else None


def _line_name(tags: Mapping[str, str]) -> str:
    for key in ("name", "railway:line_name", "line_name", "name:en"):
        if tags.get(key, "").strip():
            return tags[key].strip()
    return ""


def _level(tags: Mapping[str, str]) -> int:
    layer = tags.get("layer", "")
    if re.fullmatch(r"-?\d", layer):
        return int(layer)
    return int(tags.get("bridge", "no") not in _NO) - int(tags.get("tunnel", "no") not in _NO)


def _direction(tags: Mapping[str, str]) -> int:
    """Direction that trains run in as a rule; ``oneway`` and ``railway:preferred_direction`` say it."""
    said = tags.get("oneway", "") or tags.get("railway:preferred_direction", "")
    return {"yes": 1, "1": 1, "true": 1, "forward": 1, "-1": -1, "reverse": -1, "backward": -1}.get(said, 0)


def _duration_s(text: str) -> int:
    """Seconds of ``hh:mm``, ``hh:mm:ss`` or a number of minutes."""
    match = _DURATION.match(text.strip())
    if match and match[1] is None:
        return int(match[2]) * 3600 + int(match[3]) * 60
    if match:
        return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
    return round(float(text) * 60) if re.fullmatch(r"\d{1,4}(\.\d+)?", text.strip()) else 0


def station_of(tags: Mapping[str, str], kinds: frozenset[str] = frozenset(KINDS)) -> bool:
    """Whether an object with these tags is a station or halt with a name, for trains.

    Parameters
    ----------
    tags : mapping of str to str
        Tags of a node or way.
    kinds : frozenset of str
        Kinds of railway that are built.

    Returns
    -------
    bool
        False for stations of undergrounds, tramways and the like, unless their railway is built too.
    """
    if tags.get("railway") not in ("station", "halt") or not station_names(tags)[0]:
        return False
    kind = tags.get("station", "")
    if kind in EXTRA_KINDS:
        return kind in kinds
    others = [k for k in EXTRA_KINDS if tags.get(k, "no") not in _NO]
    return tags.get("train", "no") not in _NO or not others or any(k in kinds for k in others)


def station_names(tags: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Name of a station, and its names in other languages.

    Parameters
    ----------
    tags : mapping of str to str
        Its tags.

    Returns
    -------
    str
        The local name; empty if it has none.
    dict of str to str
        By IETF language tag, in the order of the tags' names.
    """
    names = {}
    for key in sorted(tags):
        match = _LANGUAGE.match(key)
        if match and tags[key].strip():
            names[match[1].replace("_", "-")] = tags[key].strip()
    name = tags.get("name", "").strip() or tags.get("uic_name", "").strip() or names.get("en", "")
    return name, names


def station_id(tags: Mapping[str, str], fallback: str) -> str:
    """Reference of a station.

    Parameters
    ----------
    tags : mapping of str to str
        Its tags.
    fallback : str
        What to take if it has none.

    Returns
    -------
    str
        The code of the International Union of Railways, else that of the railway, else the fallback.
    """
    # On a halt that is mapped at its track, ``ref`` is the number of the platform.
    plain = ("ref",) if tags.get("public_transport") != "stop_position" else ()
    for key in ("uic_ref", "railway:ref", *plain):
        if tags.get(key, "").strip():
            return tags[key].strip()
    return fallback

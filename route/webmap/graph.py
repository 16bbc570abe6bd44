"""The train graph: distance against time, as a drawing inside the page.

The lines are an inline SVG that stretches with its box; the letters are HTML beside it, so that they do not.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from route import sun
from route.webmap import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from route.tables import PositionRow, StopRow

__all__ = ["Graph", "Tick", "draw"]

_SIDE = 1000  # units of the drawing, either way
_ROOM = 11  # names that fit above each other beside the graph
_FEW = 9
_STEPS_S = (
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    *(3600 * hours for hours in (2, 3, 6, 12, 24, 48, 96, 168, 336)),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the time axis.

    Parameters
    ----------
    share : float
        Its place, as a share of the axis.
    text : str
        What it says.
    major : bool
        Whether it begins a day.
    """

    share: float
    text: str
    major: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """What the page needs to show the graph.

    Parameters
    ----------
    svg : str
        The drawing; every text in it is escaped.
    names : tuple of (float, str, bool)
        Height as a share from the top, name, and whether it is a place of the journey.
    ticks : tuple of Tick
        Marks of the time axis.
    end_s : float
        Length of the time axis, in seconds.
    zone : str
        Whose time the axis shows; empty if it counts hours.
    """

    svg: str
    names: tuple[tuple[float, str, bool], ...]
    ticks: tuple[Tick, ...]
    end_s: float
    zone: str


def draw(
    stops: Sequence[StopRow], positions: Sequence[PositionRow], styles: Mapping[int, str], label: str
) -> Graph:
    """Train graph of a journey.

    Parameters
    ----------
    stops : sequence of StopRow
        Places and halts.
    positions : sequence of PositionRow
        Breakpoints of the time-distance curve.
    styles : mapping of int to str
        Class of each leg, by its sequence number.
    label : str
        What the drawing shows, for who cannot see it.

    Returns
    -------
    Graph
        The drawing and the texts round it.
    """
    end_s = max(positions[-1]["elapsed_s_p90"], positions[-1]["elapsed_s"], 60.0)
    length = max(positions[-1]["measure_m"], 1.0)

    def x(seconds: float) -> str:
        return f"{seconds / end_s * _SIDE:.1f}".removesuffix(".0")

    def y(metres: float) -> str:
        return f"{(1 - metres / length) * _SIDE:.1f}".removesuffix(".0")

    parts = [
        f'<rect class="night" x="{x(start)}" y="0" width="{x(stop - start)}" height="{_SIDE}"/>'
        for start, stop in _nights(positions, end_s)
    ]
    departure = stops[0]["departure"]
    ticks = _ticks(departure, end_s)
    parts += [
        f'<path class="{"day" if tick.major else "tick"}" d="M{x(tick.share * end_s)} 0V{_SIDE}"/>'
        for tick in ticks
    ]
    for stop in stops:
        kind = "place" if stop["kind"] == "place" else "border" if stop["kind"] == "border" else "halt"
        parts.append(f'<path class="level {kind}" d="M0 {y(stop["measure_km"] * 1000)}H{_SIDE}"/>')
    early = [f"{x(row['elapsed_s_p10'])} {y(row['measure_m'])}" for row in positions]
    late = [f"{x(row['elapsed_s_p90'])} {y(row['measure_m'])}" for row in reversed(positions)]
    parts.append(f'<path class="band" d="M{"L".join([*early, *late])}Z"/>')
    for leg, style in styles.items():
        rows = [f"{x(row['elapsed_s'])} {y(row['measure_m'])}" for row in positions if row["leg"] == leg]
        parts.append(f'<path class="run {escape(style)}" d="M{"L".join(rows)}"/>')
    waits = [
        f'<path class="wait" d="M{x(a["elapsed_s"])} {y(a["measure_m"])}H{x(b["elapsed_s"])}"/>'
        for a, b in pairwise(positions)
        if b["measure_m"] == a["measure_m"] and b["elapsed_s"] > a["elapsed_s"]
    ]
    svg = (
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">' + "".join([*parts, *waits]) + "</svg>"
    )
    return Graph(
        svg=svg,
        names=_names(stops, length),
        ticks=ticks,
        end_s=end_s,
        zone=words.zone(departure) if departure else "",
    )


def _nights(positions: Sequence[PositionRow], end_s: float) -> list[tuple[float, float]]:
    start = positions[0]["time_utc"]
    if start is None:
        return []
    times = [row["elapsed_s"] for row in positions]
    # Unwrapped, because halfway between 179 and -179 lies 180, not 0.
    lons = np.unwrap([row["lon"] for row in positions], period=360).tolist()

    def height(seconds: float) -> float:
        after = min(bisect_right(times, seconds), len(times) - 1)
        before = max(after - 1, 0)
        span = times[after] - times[before]
        share = min(max((seconds - times[before]) / span, 0.0), 1.0) if span > 0 else 1.0
        lon = lons[before] + share * (lons[after] - lons[before])
        lat = positions[before]["lat"] + share * (positions[after]["lat"] - positions[before]["lat"])
        return sun.altitude(start + timedelta(seconds=seconds), lon, lat)

    return sun.nights(height, end_s, step_s=max(600.0, end_s / 2000))


def _ticks(departure: datetime | None, end_s: float) -> tuple[Tick, ...]:
    """At most nine marks: round hours of the first place's clock, or hours since the start."""
    step_s = next((step for step in _STEPS_S if end_s / step <= 9), _STEPS_S[-1])
    if departure is None:
        count = int(end_s / step_s)
        unit_s, unit = (60, "min") if step_s < 3600 else (3600, "h") if step_s < 86_400 else (86_400, "d")
        return tuple(
            Tick(share=index * step_s / end_s, text=f"{index * step_s / unit_s:g} {unit}", major=False)
            for index in range(count + 1)
        )
    made: list[Tick] = []
    start = departure.astimezone(UTC)
    midnight = departure.replace(hour=0, minute=0, second=0, microsecond=0)
    day = 0
    while True:
        # Wall-clock arithmetic on purpose: the marks are round hours of the clock, also after it was changed.
        base = midnight + timedelta(days=day)
        if (base.astimezone(UTC) - start).total_seconds() > end_s:
            return tuple(made)
        for index in range(max(1, round(86_400 / step_s))):
            when = base + timedelta(seconds=index * step_s)
            seconds = (when.astimezone(UTC) - start).total_seconds()
            if 0 <= seconds <= end_s:
                major = index == 0
                text = words.date(when) if major else f"{when.hour:02d}:{when.minute:02d}"
                made.append(Tick(share=seconds / end_s, text=text, major=major))
        day += max(1, round(step_s / 86_400))


def _names(stops: Sequence[StopRow], length: float) -> tuple[tuple[float, str, bool], ...]:
    """Names beside the graph, moved apart where they would touch; the ends and the places come first."""
    last = len(stops) - 1
    ranked = sorted(
        range(len(stops)),
        key=lambda i: (i not in (0, last), stops[i]["kind"] != "place", stops[i]["kind"] == "reversal", i),
    )
    room = 1.0 / _ROOM
    chosen: dict[str, int] = {}
    for index in ranked:
        stop = stops[index]
        share = stop["measure_km"] * 1000 / length
        near = sum(abs(stops[i]["measure_km"] * 1000 / length - share) < room * 0.9 for i in chosen.values())
        # A place may push its neighbours aside; a halt may where there are few names in all.
        crowded = near >= (2 if stop["kind"] == "place" else 3 if len(stops) <= _FEW else 1)
        if stop["name"] not in chosen and not crowded and len(chosen) < _ROOM:
            chosen[stop["name"]] = index
    order = sorted(chosen.values())
    heights = [stops[i]["measure_km"] * 1000 / length for i in order]
    for _ in range(60):
        moved = False
        for i in range(len(heights) - 1):
            gap = heights[i + 1] - heights[i]
            if gap < room - 1e-9:
                push = (room - gap) / 2
                heights[i], heights[i + 1] = heights[i] - push, heights[i + 1] + push
                moved = True
        heights = [min(max(height, 0.0), 1.0) for height in heights]
        if not moved:
            break
    return tuple(
        (round(1 - height, 4), stops[i]["name"], stops[i]["kind"] == "place")
        for height, i in zip(heights, order, strict=True)
    )

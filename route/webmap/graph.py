"""The train graph: distance against time, as a drawing inside the page.

The lines are an inline SVG that stretches with its box; the letters are HTML beside it, so that they do not.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route import sun
from route.geodesy import distance_m

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from route.tables import PositionRow, StopRow
    from route.webmap.axis import Axis, Tick
    from route.words import Words

__all__ = ["Graph", "Needed", "Track", "draw", "shifts"]

_SIDE = 1000  # units of the drawing, either way
# Which names give way to which: the ends, at 0, to none.
_RANKS = {"place": 1, "border": 2, "break_of_gauge": 2, "reversal": 3}
_TOWN = 4
_ROOM = 11  # names that fit above each other beside the graph
_FEW = 9
_SAME_M = 3_000.0  # places of two journeys nearer than this to each other are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One journey in the graph.

    Parameters
    ----------
    stops : sequence of StopRow
        Places and halts.
    positions : sequence of PositionRow
        Breakpoints of the time-distance curve.
    styles : mapping of int to str
        Class of each leg, by its sequence number.
    offset_s : float
        Departure, in seconds from the start of the axis.
    shift_m : float
        Where the journey starts on the axis of distance, in metres.
    """

    stops: Sequence[StopRow]
    positions: Sequence[PositionRow]
    styles: Mapping[int, str]
    offset_s: float = 0.0
    shift_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """The run that two reports ask for: from the earliest start to the latest end.

    Parameters
    ----------
    from_s, until_s : float
        Seconds from the start of the axis.
    from_m, until_m : float
        Distance, in metres, on the axis of distance.
    verdict : str
        ``fits``, ``tight`` or ``does_not_fit``.
    title, text : str
        What to say of it.
    """

    from_s: float
    until_s: float
    from_m: float
    until_m: float
    verdict: str
    title: str
    text: str

    def within(self, end_s: float) -> Needed | None:
        """Part of the run that lies on an axis of time.

        Parameters
        ----------
        end_s : float
            Length of the axis, in seconds.

        Returns
        -------
        Needed or None
            The run, cut off where it leaves the axis; ``None`` if no part of it is there.
        """
        low, high = min(self.from_s, self.until_s), max(self.from_s, self.until_s)
        if high < 0 or low > end_s:
            return None
        span = self.until_s - self.from_s

        if span == 0:
            return self

        def at(seconds: float) -> tuple[float, float]:
            held = min(max(seconds, 0.0), end_s)
            return held, self.from_m + (held - self.from_s) / span * (self.until_m - self.from_m)

        (from_s, from_m), (until_s, until_m) = at(self.from_s), at(self.until_s)
        return replace(self, from_s=from_s, until_s=until_s, from_m=from_m, until_m=until_m)


@dataclass(frozen=True, slots=True, kw_only=True)
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
    low_m, high_m : float
        Ends of the axis of distance, in metres.
    """

    svg: str
    names: tuple[tuple[float, str, bool], ...]
    ticks: tuple[Tick, ...]
    end_s: float
    low_m: float
    high_m: float


def shifts(journeys: Sequence[Sequence[StopRow]]) -> tuple[float, ...]:
    """Where each journey starts on a common axis of distance, so that a place they share has one height.

    Parameters
    ----------
    journeys : sequence of sequence of StopRow
        Places and halts of each journey.

    Returns
    -------
    tuple of float
        Metres; 0 for the first journey and for those that share no place with an earlier one.
    """
    made: list[float] = []
    for stops in journeys:
        places = [stop for stop in stops if stop["kind"] == "place"]
        shared = (
            before + (other["measure_km"] - own["measure_km"]) * 1000
            for own in places
            for before, earlier in zip(made, journeys, strict=False)
            for other in earlier
            if other["kind"] == "place"
            and distance_m(own["lon"], own["lat"], other["lon"], other["lat"]) < _SAME_M
        )
        made.append(next(shared, 0.0))
    return tuple(made)


def draw(
    tracks: Sequence[Track],
    axis: Axis,
    words: Words,
    label: str,
    needed: Sequence[Needed] = (),
    towns: Sequence[tuple[float, str]] = (),
) -> Graph:
    """Train graph of one journey or of several.

    Parameters
    ----------
    tracks : sequence of Track
        The journeys.
    axis : Axis
        Their time axis.
    words : Words
        Language of the marks.
    label : str
        What the drawing shows, for who cannot see it.
    needed : sequence of Needed
        Runs that reports ask for.
    towns : sequence of (float, str)
        Towns on the way: distance from the start in metres, and name.

    Returns
    -------
    Graph
        The drawing and the texts round it.
    """
    low = min(track.shift_m for track in tracks)
    high = max(track.shift_m + track.positions[-1]["measure_m"] for track in tracks)
    length = max(high - low, 1.0)

    def x(seconds: float) -> str:
        return f"{seconds / axis.end_s * _SIDE:.1f}".removesuffix(".0")

    def y(metres: float) -> str:
        return f"{(1 - (metres - low) / length) * _SIDE:.1f}".removesuffix(".0")

    parts = [
        f'<rect class="night" x="{x(start)}" y="0" width="{x(stop - start)}" height="{_SIDE}"/>'
        for start, stop in _nights(tracks[0], axis)
    ]
    ticks = axis.ticks(words)
    parts += [
        f'<path class="{"day" if tick.major else "tick"}" d="M{x(tick.share * axis.end_s)} 0V{_SIDE}"/>'
        for tick in ticks
    ]
    levels: dict[str, str] = {y(measure_m) + "town": "town" for measure_m, _ in towns}
    for track in tracks:
        for stop in track.stops:
            kind = "place" if stop["kind"] == "place" else "border" if stop["kind"] == "border" else "halt"
            if len(tracks) == 1 or kind == "place":
                levels.setdefault(y(track.shift_m + stop["measure_km"] * 1000) + kind, kind)
    parts += [
        f'<path class="level {kind}" d="M0 {at.removesuffix(kind)}H{_SIDE}"/>' for at, kind in levels.items()
    ]
    for index, track in enumerate(tracks):
        own = f' class="j{index}"' if len(tracks) > 1 else ""
        parts.append(f'<g data-journey="{index}"{own}>{_journey(track, x, y)}</g>')
    parts += [
        f'<path class="needed {escape(run.verdict)}" d="M{x(run.from_s)} {y(run.from_m)}'
        f'L{x(run.until_s)} {y(run.until_m)}"/>'
        for run in needed
    ]
    svg = (
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}">' + "".join(parts) + "</svg>"
    )
    return Graph(
        svg=svg,
        names=_names(tracks, towns, low, length),
        ticks=ticks,
        end_s=axis.end_s,
        low_m=low,
        high_m=high,
    )


def _journey(track: Track, x: Callable[[float], str], y: Callable[[float], str]) -> str:
    def at(row: PositionRow, seconds: float) -> str:
        return f"{x(track.offset_s + seconds)} {y(track.shift_m + row['measure_m'])}"

    rows = track.positions
    early = [at(row, row["elapsed_s_p10"]) for row in rows]
    late = [at(row, row["elapsed_s_p90"]) for row in reversed(rows)]
    parts = [f'<path class="band" d="M{"L".join([*early, *late])}Z"/>']
    for leg, style in track.styles.items():
        run = [at(row, row["elapsed_s"]) for row in rows if row["leg"] == leg]
        parts.append(f'<path class="run {escape(style)}" d="M{"L".join(run)}"/>')
    parts += [
        f'<path class="wait" d="M{at(a, a["elapsed_s"])}H{x(track.offset_s + b["elapsed_s"])}"/>'
        for a, b in pairwise(rows)
        if b["measure_m"] == a["measure_m"] and b["elapsed_s"] > a["elapsed_s"]
    ]
    return "".join(parts)


def _nights(track: Track, axis: Axis) -> list[tuple[float, float]]:
    start = axis.start
    if start is None:
        return []
    positions = track.positions
    times = [row["elapsed_s"] for row in positions]
    # Unwrapped, because halfway between 179 and -179 lies 180, not 0.
    lons = np.unwrap([row["lon"] for row in positions], period=360).tolist()

    def height(seconds: float) -> float:
        own = seconds - track.offset_s
        after = min(bisect_right(times, own), len(times) - 1)
        before = max(after - 1, 0)
        span = times[after] - times[before]
        share = min(max((own - times[before]) / span, 0.0), 1.0) if span > 0 else 1.0
        lon = lons[before] + share * (lons[after] - lons[before])
        lat = positions[before]["lat"] + share * (positions[after]["lat"] - positions[before]["lat"])
        return sun.altitude(start + timedelta(seconds=seconds), lon, lat)

    return sun.nights(height, axis.end_s, step_s=max(600.0, axis.end_s / 2000))


class _Name(NamedTuple):
    """A name beside the graph: its height as a share from the bottom, and how soon it gives way."""

    share: float
    name: str
    rank: int


def _names(
    tracks: Sequence[Track], towns: Sequence[tuple[float, str]], low: float, length: float
) -> tuple[tuple[float, str, bool], ...]:
    """Names beside the graph, moved apart where they would touch; the ends and the places come first."""
    rows = [
        _Name(
            (track.shift_m + stop["measure_km"] * 1000 - low) / length,
            stop["name"],
            _RANKS.get(stop["kind"], 2) if i not in (0, len(track.stops) - 1) else 0,
        )
        for track in tracks
        for i, stop in enumerate(track.stops)
        if len(tracks) == 1 or stop["kind"] == "place"
    ]
    few = len(rows) <= _FEW
    rows += [_Name((measure_m - low) / length, name, _TOWN) for measure_m, name in towns]
    room = 1.0 / _ROOM
    chosen: dict[str, int] = {}
    for index in sorted(range(len(rows)), key=lambda i: (rows[i].rank, i)):
        share, name, rank = rows[index]
        near = sum(abs(rows[i].share - share) < room * 0.9 for i in chosen.values())
        # A place may push its neighbours aside; a halt may where there are few names in all; a town never.
        crowded = near >= (1 if rank == _TOWN else 2 if rank <= _RANKS["place"] else 3 if few else 1)
        if name not in chosen and not crowded and len(chosen) < _ROOM:
            chosen[name] = index
    order = sorted(chosen.values(), key=lambda i: (rows[i].share, i))
    heights = [rows[i].share for i in order]
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
        (round(1 - height, 4), rows[i].name, rows[i].rank <= _RANKS["place"])
        for height, i in zip(heights, order, strict=True)
    )

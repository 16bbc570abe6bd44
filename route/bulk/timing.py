"""Running times of many ways: those of `route.timetable.schedule` for one, as columns.

The time on the line is computed for all ways at once. Pauses at borders, breaks of gauge and reversals are found by
the same functions as for one journey, on a line that hands out its geometry where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, cast

import numpy as np

from route.bulk.ragged import positions, starts
from route.itinerary import Section, Way
from route.network.tracks import MODES, SPEED_SOURCES
from route.runningtime import (
    calibration,
    combine_many,
    lognormal,
    practical_speed_kmh,
    running_times,
    spread_sigma,
)
from route.timetable.borders import find_borders
from route.timetable.line import Line, Piece
from route.timetable.pauses import find_pauses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.bulk.ways import Ways
    from route.itinerary import Mode
    from route.network.model import RailNetwork
    from route.places import Place
    from route.routing import Router
    from route.runningtime import TrainClass
    from route.timetable.line import Pause

__all__ = ["Measured", "Timer"]

_RAIL = MODES.index("rail")
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """Ways with the measures of their elements.

    Parameters
    ----------
    ways : Ways
        The ways.
    begin_m, end_m : ndarray of shape (k,)
        Where on its edge, from the tail, each element is entered and left, in metres.
    offset_m : ndarray of shape (k,)
        Distance from the start of the way to each element, in metres.
    length_m : ndarray of shape (n,)
        Length of each way, in metres.
    """

    ways: Ways
    begin_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    length_m: NDArray[np.float64]

    @classmethod
    def of(cls, network: RailNetwork, candidates: Candidates, ways: Ways) -> Measured:
        """Measures of ways.

        Parameters
        ----------
        network : RailNetwork
            The network.
        candidates : Candidates
            The ends of the ways.
        ways : Ways
            The ways.

        Returns
        -------
        Measured
            The ways with their measures.
        """
        edge, back = ways.state // 2, ways.state % 2 == 1
        length = network.length_m[edge]
        begin, end = np.where(back, length, 0.0), np.where(back, 0.0, length)
        found = np.flatnonzero(ways.found)
        begin[ways.start[found]] = candidates.measure_m[ways.first[found]]
        end[ways.start[found + 1] - 1] = candidates.measure_m[ways.last[found]]
        span = np.abs(end - begin)
        run = np.concatenate([[0.0], np.cumsum(span)])
        total = np.zeros(len(ways.start) - 1)
        if len(found):
            total[found] = np.add.reduceat(span, ways.start[found])
        return cls(
            ways=ways,
            begin_m=begin,
            end_m=end,
            offset_m=run[:-1] - np.repeat(run[ways.start[:-1]], ways.count),
            length_m=total,
        )


class PathLine(Line):
    """Line of one way, whose geometry is looked up in the network piece by piece.

    Parameters
    ----------
    timer : Timer
        Whose network it is in.
    measured : Measured
        The ways.
    row : int
        Which of them.
    pieces : tuple of Piece
        Its pieces.
    """

    def __init__(self, timer: Timer, measured: Measured, row: int, pieces: tuple[Piece, ...]) -> None:
        part = slice(int(measured.ways.start[row]), int(measured.ways.start[row + 1]))
        self._timer = timer
        self._state = measured.ways.state[part]
        self._begin, self._end = measured.begin_m[part], measured.end_m[part]
        self._offset = measured.offset_m[part]
        length = float(measured.length_m[row])
        way = Way(
            mode="rail",
            coordinates=np.zeros((2, 2)),
            measures_m=np.array([0.0, length]),
            sections=(),
            reversals_m=tuple(self._offset[measured.ways.reversal[part]].tolist()),
        )
        self.ways = (way,)
        self.starts = (0.0, length)
        self.pieces = pieces

    def point(self, measure_m: float, leg: int) -> tuple[float, float]:
        i = int(np.searchsorted(self._offset, measure_m))
        if 0 < i < len(self._offset) and self._offset[i] - measure_m < 1e-6:
            # Borders are nodes of the network.
            return self._timer.begin_of(int(self._state[i]))
        return super().point(measure_m, leg)

    def stretch(
        self,
        leg: int,  # noqa: ARG002 - there is one leg
        low_m: float,
        high_m: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        first, last = self._window(low_m, high_m)
        network = self._timer.network
        points, measures = [], []
        for i in range(first, last):
            edge = int(self._state[i]) // 2
            part = slice(int(network.vertex_start[edge]), int(network.vertex_start[edge + 1]))
            along = network.vertex_m[part]
            low, high = sorted((float(self._begin[i]), float(self._end[i])))
            inner = (along > low) & (along < high)
            lon = network.vertex_lon[part]
            if np.ptp(lon) > 180:
                lon = np.where(lon < 0, lon + 360.0, lon)
            lat = network.vertex_lat[part]
            marks = np.concatenate([[low], along[inner], [high]])
            line = np.column_stack([np.interp(marks, along, lon), np.interp(marks, along, lat)])
            line[:, 0] = (line[:, 0] + 180) % 360 - 180
            if self._state[i] % 2:
                line, marks = line[::-1], high + low - marks[::-1]
            points.append(line)
            measures.append(self._offset[i] + marks - low)
        return np.concatenate(points), np.concatenate(measures)

    def measure_near(self, lon: float, lat: float, leg: int, low_m: float, high_m: float) -> float | None:
        if low_m <= 0.0 or high_m >= self.starts[-1]:
            return super().measure_near(lon, lat, leg, low_m, high_m)
        first, last = self._window(low_m, high_m)
        # The same stretch of track about the same border is passed by many ways.
        into = round(low_m - float(self._offset[first]), 3)
        key = (lon, lat, round(high_m - low_m), into, self._state[first:last].tobytes())
        known = self._timer.near
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = super().measure_near(lon, lat, leg, low_m, high_m)
            known[key] = None if found is None else found - low_m
        beyond = known[key]
        return None if beyond is None else low_m + beyond

    def _window(self, low_m: float, high_m: float) -> tuple[int, int]:
        """First element of a stretch and the one after its last."""
        first = max(0, int(np.searchsorted(self._offset, low_m, side="right")) - 1)
        return first, max(first + 1, int(np.searchsorted(self._offset, high_m)))


class Timer:
    """Running times on one network for one class of train.

    Parameters
    ----------
    router : Router
        Router of the network.
    train : TrainClass
        The train.
    """

    def __init__(self, router: Router, train: TrainClass) -> None:
        network = router.network
        self.network = network
        self.train = train
        self.near: dict[tuple[float, float, int, float, bytes], float | None] = {}
        columns = [getattr(network, c) for c in ("country", "gauge", "speed_source", "mode")]
        kinds, first, self._kind = np.unique(
            np.column_stack([*columns, router.speeds_kmh]), axis=0, return_index=True, return_inverse=True
        )
        self._sections = [_section(network, float(router.speeds_kmh[e]), e) for e in first.tolist()]
        self._speed = kinds[:, 4].copy()
        self._rail = kinds[:, 3] == _RAIL
        self._country, self._gauge = kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64)
        groups: dict[tuple[object, ...], int] = {}
        self._group = np.array(
            [
                groups.setdefault((s.country, s.gauges_mm, s.speed_source == "default", s.mode), len(groups))
                for s in self._sections
            ]
        )
        keys: dict[tuple[str | None, str] | str, int] = {}
        sigmas: list[float] = []
        codes = []
        for section in self._sections:
            by_rail = section.mode == "rail"
            key = (section.country, section.speed_source) if by_rail else section.mode
            if key not in keys:
                keys[key] = len(keys)
                sigmas.append(
                    spread_sigma(section.country, section.speed_source, train)
                    if by_rail
                    else calibration().other_modes_sigma
                )
            codes.append(keys[key])
        self._key = np.array(codes)
        self._practical = np.array(
            [
                practical_speed_kmh(s.speed_kmh, s.country, s.speed_source, train.priority)
                for s in self._sections
            ]
        )
        # The band of a second of running under each key: a band is proportional to its median.
        ones = [lognormal(1.0, sigma) for sigma in sigmas]
        self._band = np.array([[b.p10_s, b.p50_s, b.p90_s] for b in ones])

    @cached_property
    def _begin(self) -> NDArray[np.int32]:
        return np.column_stack([self.network.tail, self.network.head]).ravel()

    def begin_of(self, state: int) -> tuple[float, float]:
        """Where a directed edge begins.

        Parameters
        ----------
        state : int
            The directed edge.

        Returns
        -------
        tuple of float
            (lon, lat) in degrees, WGS 84.
        """
        node = self._begin[state]
        return float(self.network.node_lon[node]), float(self.network.node_lat[node])

    def by_rail(self, ways: Ways) -> NDArray[np.bool_]:
        """Whether ways use rails at all, so that `durations_s` can time them.

        Parameters
        ----------
        ways : Ways
            The ways.

        Returns
        -------
        ndarray of shape (n,)
            False where there is nothing but a ferry, and where there is no way.
        """
        n = len(ways.start) - 1
        row = np.repeat(np.arange(n), ways.count)
        rails = np.bincount(row, weights=self.network.mode[ways.state // 2] == _RAIL, minlength=n)
        return np.asarray(rails > 0)

    def durations_s(self, measured: Measured, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Time on some ways.

        Parameters
        ----------
        measured : Measured
            The ways.
        rows : ndarray of shape (m,)
            Which of them, each with rails; train ferries may be on the way.

        Returns
        -------
        ndarray of shape (m, 3)
            The time as p10, p50 and p90, in seconds, pauses on the way included.
        """
        if not len(rows):
            return np.zeros((0, 3))
        row, kind, start_m, end_m = self._pieces(measured, rows)
        pauses = self._pauses(measured, rows, row, kind, start_m, end_m)
        owner, key = row, self._key[kind]
        seconds = self._seconds(row, kind, start_m, end_m, pauses)
        bands = self._band[key] * seconds[:, None]
        if pauses:
            names: dict[str, int] = {}
            more = [names.setdefault(pause.key, len(names)) + len(self._band) for _, pause in pauses]
            owner = np.concatenate([owner, [line for line, _ in pauses]])
            key = np.concatenate([key, more])
            bands = np.concatenate(
                [bands, [(p.duration.p10_s, p.duration.p50_s, p.duration.p90_s) for _, p in pauses]]
            )
        return combine_many(owner, key, bands, calibration().correlation, len(rows))

    def _seconds(
        self,
        row: NDArray[np.int64],
        kind: NDArray[np.int64],
        start_m: NDArray[np.float64],
        end_m: NDArray[np.float64],
        pauses: Sequence[tuple[int, Pause]],
    ) -> NDArray[np.float64]:
        """Median time on each piece; a run by rail ends where the way does, and where the train goes onto a ferry."""
        rail = self._rail[kind]
        begins = rail.copy()
        begins[1:] &= (row[1:] != row[:-1]) | ~rail[:-1]
        run_row, run_start = row[begins], start_m[begins]
        lines, measures = [], []
        for way, pause in pauses:
            if pause.listed:
                low, high = np.searchsorted(run_row, [way, way + 1])
                at = low + int(np.searchsorted(run_start[low:high], pause.measure_m)) - 1
                if at >= low:
                    lines.append(at)
                    measures.append(pause.measure_m - float(run_start[at]))
        seconds = (end_m - start_m) / self._speed[kind] * 3.6
        seconds[rail] = running_times(
            (end_m - start_m)[rail],
            self._speed[kind[rail]],
            self.train,
            practical_kmh=self._practical[kind[rail]],
            start=np.flatnonzero(begins[rail]),
            stops=(np.array(lines, np.int64), np.array(measures, np.float64)),
        ).section_s
        return np.asarray(seconds, dtype=np.float64)

    def _pieces(
        self, measured: Measured, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Row, kind, start and end of the stretches of ways on which nothing changes that counts for the time."""
        ways = measured.ways
        index = positions(ways.start[rows], ways.count[rows])
        row = np.repeat(np.arange(len(rows)), ways.count[rows])
        kind = self._kind[ways.state[index] // 2]
        # Elements of no length count only where there is nothing else.
        keep = (measured.begin_m[index] != measured.end_m[index]) | (measured.length_m[rows] == 0)[row]
        index, row, kind = index[keep], row[keep], kind[keep]
        change = np.ones(len(row), bool)
        change[1:] = (np.diff(row) != 0) | (np.diff(kind) != 0)
        change[1:] &= (measured.length_m[rows][row[1:]] > 0) | (np.diff(row) != 0)
        first = np.flatnonzero(change)
        row, kind, start_m = row[first], kind[first], measured.offset_m[index[first]]
        end_m = np.append(start_m[1:], 0.0)
        last = np.append(row[1:] != row[:-1], True)
        end_m[last] = measured.length_m[rows]
        return row, kind, start_m, end_m

    def _pauses(
        self,
        measured: Measured,
        rows: NDArray[np.int64],
        row: NDArray[np.int64],
        kind: NDArray[np.int64],
        start_m: NDArray[np.float64],
        end_m: NDArray[np.float64],
    ) -> list[tuple[int, Pause]]:
        """Pauses of the ways, with the number of the way each belongs to."""
        ways = measured.ways
        index = positions(ways.start[rows], ways.count[rows])
        of_row = np.repeat(np.arange(len(rows)), ways.count[rows])
        some = np.zeros(len(rows), bool)
        some[of_row[ways.reversal[index]]] = True
        some[row[~self._rail[kind]]] = True
        # What differs from the piece before it, or from one before that of which nothing is known.
        for code, nothing in (
            (self._country, np.array([not c for c in self.network.countries])),
            (self._gauge, np.array([not g for g in self.network.gauges])),
        ):
            known = ~nothing[code[kind]]
            r, c = row[known], code[kind][known]
            changed = (r[1:] == r[:-1]) & (c[1:] != c[:-1])
            some[r[1:][changed]] = True
        # Only what decides about pauses parts the line here: far fewer pieces.
        first = np.flatnonzero(np.append(True, (row[1:] != row[:-1]) | (np.diff(self._group[kind]) != 0)))
        row, kind, start_m = row[first], kind[first], start_m[first]
        end_m = end_m[np.append(first[1:], len(end_m)) - 1]
        begin = starts(np.bincount(row, minlength=len(rows)).astype(np.int64))
        pauses: list[tuple[int, Pause]] = []
        for i in np.flatnonzero(some).tolist():
            part = range(int(begin[i]), int(begin[i + 1]))
            pieces = tuple(
                Piece(
                    section=self._sections[kind[j]], leg=0, start_m=float(start_m[j]), end_m=float(end_m[j])
                )
                for j in part
            )
            line = PathLine(self, measured, int(rows[i]), pieces)
            runs = [list(g) for by_rail, g in groupby(pieces, lambda p: p.section.mode == "rail") if by_rail]
            borders = find_borders(line, self.train)
            pauses += [(i, p) for p in find_pauses(line, runs, borders, _NOWHERE, self.train, [])]
        return pauses


def _section(network: RailNetwork, speed_kmh: float, edge: int) -> Section:
    """What counts for the time on an edge."""
    return Section(
        start_m=0.0,
        end_m=0.0,
        country=network.countries[network.country[edge]] or None,
        gauges_mm=network.gauges[network.gauge[edge]],
        speed_kmh=speed_kmh,
        speed_source=SPEED_SOURCES[network.speed_source[edge]],
        line=None,
        source="osm",
        mode=cast("Mode", MODES[network.mode[edge]]),
    )


class _Nameless:
    """Stands for the ends of a way where pauses are named and nobody reads the names."""

    name = ""


_NOWHERE = cast("tuple[Place, ...]", (_Nameless(), _Nameless()))

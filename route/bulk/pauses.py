"""Pauses on many ways at borders, breaks of gauge and reversals: those of `route.timetable.pauses` for one, as columns.

What a border or a break of gauge costs is asked of the same functions as for one journey, once for each place and
direction. Where a scrap of a country lies on a way, it is looked at by itself.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.bulk.lines import PathLine, nearest_measures
from route.bulk.ragged import positions
from route.runningtime import calibration
from route.timetable.borders import BLIP_M, STATION_M, border_at, countries_along
from route.timetable.gauges import common_gauges, gauge_changes, misfit_per_m
from route.timetable.line import Piece
from route.timetable.pauses import (
    ENGINE_CHANGE_M,
    ENGINE_CHANGE_S,
    border_of,
    gauge_share,
    inland_change,
    is_listed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.bulk.measures import Kinds, Measured, Stretches
    from route.itinerary import Band
    from route.registers import BorderCrossing
    from route.runningtime import TrainClass
    from route.timetable.borders import Border
    from route.timetable.gauges import Offer

__all__ = ["PauseFinder", "Pauses"]


class Pauses(NamedTuple):
    """Pauses as columns.

    Parameters
    ----------
    row : ndarray of shape (n,)
        Number of the way among those asked for.
    measure_m : ndarray of shape (n,)
        Where on it, in metres from its start.
    band_s : ndarray of shape (n, 3)
        How long, as p10, p50 and p90 in seconds.
    listed : ndarray of shape (n,)
        As in `route.timetable.line.Pause`.
    key : ndarray of shape (n,)
        Pauses of one way with one key err together.
    """

    row: NDArray[np.int64]
    measure_m: NDArray[np.float64]
    band_s: NDArray[np.float64]
    listed: NDArray[np.bool_]
    key: NDArray[np.int64]


class _Borders(NamedTuple):
    """Borders that ways pass, in order of the ways and of their measures; `which` numbers the place and direction."""

    row: NDArray[np.int64]
    measure_m: NDArray[np.float64]
    which: NDArray[np.int64]


class _Change(NamedTuple):
    """A change of gauge: on which way, and made at which of all borders (none if -1) or else where and how long."""

    row: int
    border: int
    measure_m: float
    band: Band | None


class PauseFinder:
    """Finds pauses on one network for one class of train.

    Parameters
    ----------
    kinds : Kinds
        Kinds of track of the network.
    train : TrainClass
        The train.
    """

    def __init__(self, kinds: Kinds, train: TrainClass) -> None:
        self.kinds = kinds
        self.network = network = kinds.network
        self.train = train
        self._offers = [common_gauges(gauges) for gauges in network.gauges]
        every = sorted({gauge for offer in self._offers for gauge in offer})
        # Track of unknown gauge fits any.
        self._fits = np.array(
            [[g in offer or not offer for g in every] for offer in self._offers], dtype=bool
        )
        classes = {offer: number for number, offer in enumerate(dict.fromkeys(self._offers))}
        self._gauge_class = np.array([classes[offer] for offer in self._offers], dtype=np.int64)
        self._known_gauge = np.array([bool(offer) for offer in self._offers], dtype=bool)
        self._known_country = np.array([bool(code) for code in network.countries], dtype=bool)
        self._misfit = np.where(kinds.assumed, misfit_per_m(assumed=True), misfit_per_m(assumed=False))
        # What borders there are, by node and countries; and the columns of them.
        self._borders: list[Border] = []
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._crossings: dict[str, int] = {}

    def find(self, measured: Measured, rows: NDArray[np.int64], parts: Stretches) -> Pauses:
        """Pauses of some ways.

        Parameters
        ----------
        measured : Measured
            The ways.
        rows : ndarray of shape (m,)
            Which of them.
        parts : Stretches
            Their stretches.

        Returns
        -------
        Pauses
            In no order.
        """
        borders = self._find_borders(measured, self._countries(measured, rows, parts))
        changes = self._gauge_changes(measured, rows, parts, borders)
        at_borders = self._at_borders(measured, rows, borders, changes)
        found = [
            at_borders,
            _inland([(c.row, c.measure_m, c.band) for c in changes if c.band is not None]),
            self._reversals(measured, rows, at_borders),
            self._ferries(parts),
        ]
        # Keys that name nothing are each their own.
        begin, numbered = len(self._crossings), []
        for pauses in found:
            own = pauses.key < 0
            key = np.where(own, begin + np.arange(len(own)), pauses.key)
            begin += len(own)
            numbered.append(pauses._replace(key=key))
        return Pauses(*(np.concatenate(column) for column in zip(*numbered, strict=True)))

    def _countries(self, measured: Measured, rows: NDArray[np.int64], parts: Stretches) -> Stretches:
        """Stretches in one country, without those of unknown country and those that only rounded outlines make."""
        known = parts.taken(
            self._known_country[self.kinds.country[parts.kind]] & (parts.end_m > parts.start_m)
        )
        code = self.kinds.country[known.kind]
        new = np.ones(len(code), bool)
        new[1:] = (known.row[1:] != known.row[:-1]) | (code[1:] != code[:-1])
        countries = known.joined(new)
        several = np.bincount(countries.row, minlength=len(rows)) > 1
        scrap = (countries.end_m - countries.start_m < BLIP_M) & several[countries.row]
        keep = np.ones(len(countries.row), bool)
        for row in np.unique(countries.row[scrap]).tolist():
            own = range(*np.searchsorted(countries.row, [row, row + 1]).tolist())
            pieces = tuple(
                Piece(
                    section=self.kinds.sections[countries.kind[i]],
                    leg=0,
                    start_m=float(countries.start_m[i]),
                    end_m=float(countries.end_m[i]),
                )
                for i in own
            )
            line = PathLine(self.network, measured, int(rows[row]), pieces)
            begins = {start for _, start, _ in countries_along(line)}
            keep[own.start : own.stop] = [piece.start_m in begins for piece in pieces]
        return countries.taken(keep)

    def _find_borders(self, measured: Measured, countries: Stretches) -> _Borders:
        code = self.kinds.country[countries.kind]
        at = np.flatnonzero(np.append(False, countries.row[1:] == countries.row[:-1]))
        state = measured.ways.state[countries.element[at]]
        node = np.where(state % 2 == 0, self.network.tail[state // 2], self.network.head[state // 2]).astype(
            np.int64
        )
        n = len(self.network.countries)
        keys, which = np.unique((node * n + code[at - 1]) * n + code[at], return_inverse=True)
        numbers = [self._border(key // n // n, key // n % n, key % n) for key in keys.tolist()]
        return _Borders(countries.row[at], countries.start_m[at], np.array(numbers, np.int64)[which])

    def _border(self, node: int, origin: int, destination: int) -> int:
        """Number of a border by its node and countries."""
        key = (node, origin, destination)
        if key not in self._numbers:
            self._numbers[key] = len(self._borders)
            position = float(self.network.node_lon[node]), float(self.network.node_lat[node])
            names = self.network.countries
            border = border_at(0.0, 0, names[origin], names[destination], position, self.train)
            self._borders.append(border)
            if border.crossing is not None:
                self._crossings.setdefault(border.crossing.crossing, len(self._crossings))
        return self._numbers[key]

    def _gauge_changes(
        self,
        measured: Measured,
        rows: NDArray[np.int64],
        parts: Stretches,
        borders: _Borders,
    ) -> list[_Change]:
        by_rail = self.kinds.rail[parts.kind]
        begins, rail = parts.runs(self.kinds)[by_rail], parts.taken(by_rail)
        gauge = self.kinds.gauge[rail.kind]
        run = np.cumsum(begins) - 1
        fits = np.logical_and.reduceat(self._fits[gauge], np.flatnonzero(begins), axis=0)
        throughout = np.asarray(fits.any(axis=1))
        known = self._known_gauge[gauge] & ~throughout[run]
        some, run = rail.taken(known), run[known]
        if not len(run):
            return []
        new = np.ones(len(run), bool)
        of = self._gauge_class[gauge[known]]
        new[1:] = (run[1:] != run[:-1]) | (of[1:] != of[:-1])
        cost = np.add.reduceat(self._misfit[some.kind] * (some.end_m - some.start_m), np.flatnonzero(new))
        merged = some.joined(new)
        offers: list[tuple[tuple[int, int], Offer]] = [
            ((row, number), (self._offers[code], start, end, price))
            for row, number, code, start, end, price in zip(
                merged.row.tolist(),
                run[new].tolist(),
                self.kinds.gauge[merged.kind].tolist(),
                merged.start_m.tolist(),
                merged.end_m.tolist(),
                cost.tolist(),
                strict=True,
            )
        ]
        found: list[_Change] = []
        taken: set[int] = set()
        for (row, _), group in groupby(offers, lambda entry: entry[0]):
            changes = gauge_changes([offer for _, offer in group])
            if not changes:
                continue
            low, high = np.searchsorted(borders.row, [row, row + 1]).tolist()
            passed = [
                replace(self._borders[borders.which[i]], measure_m=float(borders.measure_m[i]))
                for i in range(low, high)
            ]
            for change in changes:
                index = border_of(change, passed)
                if index is not None and low + index not in taken:
                    taken.add(low + index)
                    found.append(_Change(row, low + index, change.high_m, None))
                else:
                    own = slice(*np.searchsorted(parts.row, [row, row + 1]).tolist())
                    band = self._inland(measured, int(rows[row]), parts, own, change.high_m)
                    found.append(_Change(row, -1, change.high_m, band))
        return found

    def _inland(self, measured: Measured, way: int, parts: Stretches, own: slice, measure_m: float) -> Band:
        """How long a change of gauge takes away from borders."""
        here = (parts.start_m[own] <= measure_m) & (measure_m <= parts.end_m[own])
        codes = [self.network.countries[c] for c in self.kinds.country[parts.kind[own][here]].tolist()]
        position = PathLine(self.network, measured, way, ()).point(measure_m, 0)
        return inland_change(next((code for code in codes if code), None), *position)[2]

    def _at_borders(
        self,
        measured: Measured,
        rows: NDArray[np.int64],
        borders: _Borders,
        changes: list[_Change],
    ) -> Pauses:
        """Pauses at borders, and for the changes of gauge that are made there."""
        share = np.zeros(len(borders.row))
        made = [change.border for change in changes if change.border >= 0]
        of = [self._borders[which] for which in borders.which.tolist()]
        for i in made:
            share[i] = gauge_share(of[i])
        which = np.concatenate([np.arange(len(of)), np.array(made, np.int64)])
        stations = [b.crossing.station(b.origin) if b.crossing else None for b in of]
        for i in made:
            crossing = of[i].crossing
            if crossing is not None:
                stations.append(crossing.gauge_change_station or crossing.station(of[i].destination))
        measure = borders.measure_m[which].copy()
        places = np.full((len(which), 2), np.nan)
        key = np.full(len(which), -1)
        for n, (i, station) in enumerate(zip(which.tolist(), stations, strict=True)):
            crossing = of[i].crossing
            if crossing is not None:
                places[n] = _position(crossing, station)
                key[n] = self._crossings[crossing.crossing]
        known = np.flatnonzero(key >= 0)
        around = measure[known][:, None] + np.array([-STATION_M, STATION_M])
        near = nearest_measures(
            self.network, measured, rows[borders.row[which[known]]], places[known], around
        )
        measure[known] = np.where(np.isnan(near), measure[known], near)
        dwell = np.array([(b.dwell.p10_s, b.dwell.p50_s, b.dwell.p90_s) for b in of]).reshape(-1, 3)
        part = np.concatenate([1.0 - share, share[made] if made else share[:0]])
        band = dwell[which] * part[:, None]
        listed = np.ones(len(which), bool)
        listed[: len(of)] = [
            is_listed(middle, border.formalities)
            for middle, border in zip(band[: len(of), 1].tolist(), of, strict=True)
        ]
        return Pauses(borders.row[which], measure, band, listed, key)

    def _reversals(self, measured: Measured, rows: NDArray[np.int64], at_borders: Pauses) -> Pauses:
        ways = measured.ways
        element = positions(ways.start[rows], ways.count[rows])
        reversing = ways.reversal[element]
        row = np.repeat(np.arange(len(rows)), ways.count[rows])[reversing]
        measure = measured.offset_m[element[reversing]]
        # Where the train stands long at a border anyway, the engine is changed meanwhile.
        long = at_borders.band_s[:, 1] >= ENGINE_CHANGE_S
        order = np.argsort(at_borders.row[long], kind="stable")
        stands, where = at_borders.row[long][order], at_borders.measure_m[long][order]
        low, high = np.searchsorted(stands, row), np.searchsorted(stands, row, side="right")
        pair = np.repeat(np.arange(len(row)), high - low)
        covered = np.abs(where[positions(low, high - low)] - measure[pair]) <= ENGINE_CHANGE_M
        alone = np.ones(len(row), bool)
        alone[pair[covered]] = False
        row, measure = row[alone], measure[alone]
        usual = self.train.reversal_min * 60.0 * np.array(calibration().reversal_spread)
        return Pauses(
            row, measure, np.tile(usual, (len(row), 1)), np.ones(len(row), bool), np.full(len(row), -1)
        )

    def _ferries(self, parts: Stretches) -> Pauses:
        """Shunting on and off train ferries."""
        ferry = self.kinds.ferry[parts.kind]
        first = ferry.copy()
        first[1:] &= (parts.row[1:] != parts.row[:-1]) | ~ferry[:-1]
        band = calibration().halts["train_ferry"]
        row = parts.row[first]
        return Pauses(
            row,
            parts.start_m[first],
            np.tile([band.p10_s, band.p50_s, band.p90_s], (len(row), 1)),
            np.zeros(len(row), bool),
            np.full(len(row), -1),
        )


def _position(crossing: BorderCrossing, station: str | None) -> tuple[float, float]:
    """Where a station of a crossing is, as (lon, lat)."""
    if station == crossing.station_a:
        return crossing.lon_a, crossing.lat_a
    return crossing.lon_b, crossing.lat_b


def _inland(changes: Sequence[tuple[int, float, Band]]) -> Pauses:
    """Pauses for changes of gauge away from borders."""
    return Pauses(
        np.array([row for row, _, _ in changes], np.int64),
        np.array([measure for _, measure, _ in changes], np.float64),
        np.array([(b.p10_s, b.p50_s, b.p90_s) for *_, b in changes], np.float64).reshape(-1, 3),
        np.ones(len(changes), bool),
        np.full(len(changes), -1),
    )

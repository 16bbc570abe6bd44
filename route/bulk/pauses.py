"""Pauses on many ways at borders, breaks of gauge and reversals: those of `route.timetable.pauses` for one, as columns.

What a border or a break of gauge costs is asked of the same functions as for one journey, once for each place and
direction. Where a scrap of a country lies on a way, it is looked at by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.bulk.crossings import Crossings
from route.bulk.gauges import Offers, gauge_changes
from route.bulk.lines import PathLine, nearest_measures, points_at
from route.bulk.ragged import positions, where_least
from route.runningtime import calibration
from route.timetable.borders import BLIP_M, STATION_M, countries_along
from route.timetable.gauges import common_gauges, misfit_per_m
from route.timetable.line import Piece
from route.timetable.pauses import ENGINE_CHANGE_M, ENGINE_CHANGE_S, MATCH_M, inland_change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.gauges import Changes
    from route.bulk.measures import Kinds, Measured, Stretches
    from route.bulk.ways import Ways
    from route.runningtime import TrainClass

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
        offers = [common_gauges(gauges) for gauges in network.gauges]
        every = sorted({gauge for offer in offers for gauge in offer})
        # Track of unknown gauge fits any.
        self._fits = np.array([[g in offer or not offer for g in every] for offer in offers], dtype=bool)
        classes = {offer: number for number, offer in enumerate(dict.fromkeys(offers))}
        self._offered = np.array([[g in offer for g in every] for offer in classes], dtype=bool)
        self._gauge_class = np.array([classes[offer] for offer in offers], dtype=np.int64)
        self._known_gauge = np.array([bool(offer) for offer in offers], dtype=bool)
        self._known_country = np.array([bool(code) for code in network.countries], dtype=bool)
        self._misfit = np.where(kinds.assumed, misfit_per_m(assumed=True), misfit_per_m(assumed=False))
        self._crossings = Crossings(network, train)
        self._inland_bands: dict[tuple[int, float, float], tuple[float, float, float]] = {}

    def find(self, measured: Measured, rows: NDArray[np.int64], parts: Stretches) -> Pauses:
        """Pauses of some ways.

        Parameters
        ----------
        measured : Measured
            The ways.
        rows : ndarray of shape (m,)
            Which of them, rising.
        parts : Stretches
            Their stretches.

        Returns
        -------
        Pauses
            In no order.
        """
        borders = self._find_borders(measured, self._countries(measured, rows, parts))
        changes = self._gauge_changes(parts)
        made_at = self._border_of(changes, borders)
        at_borders = self._at_borders(measured, rows, borders, made_at[made_at >= 0])
        found = [
            at_borders,
            self._inland(measured, rows, parts, changes.taken(made_at < 0)),
            self._reversals(measured, rows, at_borders),
            self._ferries(parts),
        ]
        # Keys that name nothing are each their own.
        begin, numbered = self._crossings.n_keys, []
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
        numbers = [self._crossings.number(key // n // n, key // n % n, key % n) for key in keys.tolist()]
        return _Borders(countries.row[at], countries.start_m[at], np.array(numbers, np.int64)[which])

    def _gauge_changes(self, parts: Stretches) -> Changes:
        """Changes of gauge on the ways, by their rows."""
        by_rail = self.kinds.rail[parts.kind]
        begins, rail = parts.runs(self.kinds)[by_rail], parts.taken(by_rail)
        gauge = self.kinds.gauge[rail.kind]
        run = np.cumsum(begins) - 1
        fits = np.logical_and.reduceat(self._fits[gauge], np.flatnonzero(begins), axis=0)
        throughout = np.asarray(fits.any(axis=1))
        known = self._known_gauge[gauge] & ~throughout[run]
        some, run = rail.taken(known), run[known]
        new = np.ones(len(run), bool)
        of = self._gauge_class[gauge[known]]
        new[1:] = (run[1:] != run[:-1]) | (of[1:] != of[:-1])
        first = np.flatnonzero(new)
        cost = self._misfit[some.kind] * (some.end_m - some.start_m)
        merged = some.joined(new)
        changes = gauge_changes(
            Offers(
                run[new],
                self._gauge_class[self.kinds.gauge[merged.kind]],
                merged.start_m,
                merged.end_m,
                np.add.reduceat(cost, first) if len(first) else cost,
            ),
            self._offered,
        )
        return changes._replace(run=rail.row[np.flatnonzero(begins)[changes.run]])

    def _border_of(self, changes: Changes, borders: _Borders) -> NDArray[np.int64]:
        """Which of the borders each change of gauge is made at, as by `route.timetable.pauses.border_of`; -1 for none."""
        fitting = np.flatnonzero(self._crossings.columns.changes[borders.which])
        begin = np.searchsorted(borders.row[fitting], changes.run)
        count = np.searchsorted(borders.row[fitting], changes.run, side="right") - begin
        border = fitting[positions(begin, count)]
        measure, change = borders.measure_m[border], np.repeat(np.arange(len(count)), count)
        away = np.maximum(changes.low_m[change] - measure, measure - changes.high_m[change])
        away = np.maximum(0.0, away)
        nearest = where_least(away, count)
        nearest = nearest[away[nearest] <= MATCH_M]
        # Of changes that would be made at one border, the first is.
        nearest = nearest[np.unique(border[nearest], return_index=True)[1]]
        made_at = np.full(len(count), -1)
        made_at[change[nearest]] = border[nearest]
        return made_at

    def _inland(
        self, measured: Measured, rows: NDArray[np.int64], parts: Stretches, changes: Changes
    ) -> Pauses:
        """Pauses for changes of gauge away from borders."""
        row, at = changes.run, changes.high_m
        begin = np.searchsorted(parts.row, row)
        count = np.searchsorted(parts.row, row, side="right") - begin
        part, change = positions(begin, count), np.repeat(np.arange(len(row)), count)
        code = self.kinds.country[parts.kind[part]]
        here = (parts.start_m[part] <= at[change]) & (at[change] <= parts.end_m[part])
        hits = np.flatnonzero(here & self._known_country[code])
        some, first = np.unique(change[hits], return_index=True)
        country = np.full(len(row), -1)
        country[some] = code[hits[first]]
        lon, lat = points_at(self.network, measured, rows[row], at)
        bands = [
            self._inland_band(*where)
            for where in zip(country.tolist(), lon.tolist(), lat.tolist(), strict=True)
        ]
        return Pauses(
            row,
            at,
            np.array(bands, np.float64).reshape(-1, 3),
            np.ones(len(row), bool),
            np.full(len(row), -1),
        )

    def _inland_band(self, country: int, lon: float, lat: float) -> tuple[float, float, float]:
        """How long a change of gauge takes away from borders; the country as its code, -1 if it is not known."""
        key = (country, lon, lat)
        if key not in self._inland_bands:
            band = inland_change(self.network.countries[country] if country >= 0 else None, lon, lat)[2]
            self._inland_bands[key] = band.p10_s, band.p50_s, band.p90_s
        return self._inland_bands[key]

    def _at_borders(
        self,
        measured: Measured,
        rows: NDArray[np.int64],
        borders: _Borders,
        made: NDArray[np.int64],
    ) -> Pauses:
        """Pauses at borders, and for the changes of gauge that are made at some of them."""
        every = self._crossings.columns
        n = len(borders.row)
        changing = np.zeros(n, bool)
        changing[made] = True
        at = np.concatenate([np.arange(n), made])
        which = borders.which[at]
        share = np.where(changing[at], every.share[which], 0.0)
        share[:n] = 1.0 - share[:n]
        places = np.concatenate([every.station[which[:n]], every.change_station[which[n:]]])
        key, measure = every.key[which], borders.measure_m[at]
        known = np.flatnonzero(key >= 0)
        around = measure[known][:, None] + np.array([-STATION_M, STATION_M])
        near = nearest_measures(self.network, measured, rows[borders.row[at[known]]], places[known], around)
        measure[known] = np.where(np.isnan(near), measure[known], near)
        listed = np.ones(len(at), bool)
        listed[:n] = every.listed[borders.which, changing.astype(np.int64)]
        return Pauses(borders.row[at], measure, every.dwell_s[which] * share[:, None], listed, key)

    def _reversals(self, measured: Measured, rows: NDArray[np.int64], at_borders: Pauses) -> Pauses:
        ways = measured.ways
        row, element = _reversing(ways, rows)
        measure = measured.offset_m(rows[row], element)
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


def _reversing(ways: Ways, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Reversals of some ways, as numbers of the ways among them and as elements."""
    element = np.flatnonzero(ways.reversal)
    way = np.searchsorted(ways.start, element, side="right") - 1
    row = np.searchsorted(rows, way)
    asked = rows[np.minimum(row, len(rows) - 1)] == way
    return row[asked], element[asked]

"""Ways in measures: where each element begins and ends, and the stretches on which nothing changes that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from route.bulk.ragged import positions
from route.itinerary import Section
from route.network.tracks import MODES, SPEED_SOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.bulk.ways import Ways
    from route.itinerary import Mode
    from route.network.model import RailNetwork
    from route.routing import Router

__all__ = ["Kinds", "Measured", "Stretches", "stretches"]


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
    run_m : ndarray of shape (k,)
        Distance to each element where the ways are laid end to end, in metres.
    """

    ways: Ways
    begin_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    length_m: NDArray[np.float64]
    run_m: NDArray[np.float64]

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
            run_m=run[:-1],
        )


class Kinds:
    """Kinds of track of a network: edges of one kind take a train the same time by the kilometre.

    Parameters
    ----------
    router : Router
        Router of the network.

    Attributes
    ----------
    network : RailNetwork
        The network.
    of_edge : ndarray of shape (n_edges,)
        Kind of each edge; the other columns are by kind.
    sections : list of Section
        What counts for the time.
    speed_kmh : ndarray of shape (n_kinds,)
        Line speed.
    rail, ferry : ndarray of shape (n_kinds,)
        Whether it is rail, and whether a ferry.
    country, gauge : ndarray of shape (n_kinds,)
        Codes of the network.
    assumed : ndarray of shape (n_kinds,)
        Whether the speed is only that of the country.
    """

    def __init__(self, router: Router) -> None:
        self.network = network = router.network
        columns = [getattr(network, c) for c in ("country", "gauge", "speed_source", "mode")]
        kinds, first, self.of_edge = np.unique(
            np.column_stack([*columns, router.speeds_kmh]), axis=0, return_index=True, return_inverse=True
        )
        self.sections = [_section(network, float(router.speeds_kmh[e]), e) for e in first.tolist()]
        self.speed_kmh = kinds[:, 4].copy()
        self.rail, self.ferry = (kinds[:, 3] == MODES.index(mode) for mode in ("rail", "ferry"))
        self.country, self.gauge = kinds[:, 0].astype(np.int64), kinds[:, 1].astype(np.int64)
        self.assumed = kinds[:, 2] == SPEED_SOURCES.index("default")


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


class Stretches(NamedTuple):
    """Stretches of ways of one kind each, those of one way after those of another.

    Parameters
    ----------
    row : ndarray of shape (k,)
        Number of the way among those asked for.
    kind : ndarray of shape (k,)
        Kind of track, see `Kinds`.
    start_m, end_m : ndarray of shape (k,)
        Distances from the start of the way, in metres.
    element : ndarray of shape (k,)
        The element of the ways that each begins with.
    """

    row: NDArray[np.int64]
    kind: NDArray[np.int64]
    start_m: NDArray[np.float64]
    end_m: NDArray[np.float64]
    element: NDArray[np.int64]

    def joined(self, begins: NDArray[np.bool_]) -> Stretches:
        """Fewer stretches.

        Parameters
        ----------
        begins : ndarray of shape (k,)
            Where one that stays begins; it reaches as far as the last before the next.

        Returns
        -------
        Stretches
            With the kind and the element that each begins with.
        """
        first = np.flatnonzero(begins)
        end = self.end_m[np.append(first[1:], len(self.row)) - 1] if len(first) else self.end_m[:0]
        return Stretches(self.row[first], self.kind[first], self.start_m[first], end, self.element[first])

    def runs(self, kinds: Kinds) -> NDArray[np.bool_]:
        """Where runs by rail begin: a run ends where the way does, and where the train goes onto a ferry.

        Parameters
        ----------
        kinds : Kinds
            Kinds of track.

        Returns
        -------
        ndarray of shape (k,)
            Whether each stretch is the first of a run.
        """
        rail = kinds.rail[self.kind]
        begins: NDArray[np.bool_] = rail.copy()
        begins[1:] &= (self.row[1:] != self.row[:-1]) | ~rail[:-1]
        return begins

    def taken(self, keep: NDArray[np.bool_]) -> Stretches:
        """Some of the stretches.

        Parameters
        ----------
        keep : ndarray of shape (k,)
            Which.

        Returns
        -------
        Stretches
            Those.
        """
        return Stretches(
            self.row[keep], self.kind[keep], self.start_m[keep], self.end_m[keep], self.element[keep]
        )


def stretches(kinds: Kinds, measured: Measured, rows: NDArray[np.int64]) -> Stretches:
    """Stretches of some ways on which nothing changes that counts for the time.

    Parameters
    ----------
    kinds : Kinds
        Kinds of track.
    measured : Measured
        The ways.
    rows : ndarray of shape (m,)
        Which of them.

    Returns
    -------
    Stretches
        Rows are numbered from 0 to m.
    """
    ways = measured.ways
    element = positions(ways.start[rows], ways.count[rows])
    row = np.repeat(np.arange(len(rows)), ways.count[rows])
    kind = kinds.of_edge[ways.state[element] // 2]
    some = measured.length_m[rows] > 0
    # Elements of no length count only where there is nothing else.
    keep = (measured.begin_m[element] != measured.end_m[element]) | ~some[row]
    element, row, kind = element[keep], row[keep], kind[keep]
    change = np.ones(len(row), bool)
    change[1:] = (np.diff(row) != 0) | ((np.diff(kind) != 0) & some[row[1:]])
    first = np.flatnonzero(change)
    element, row, kind = element[first], row[first], kind[first]
    start_m = measured.offset_m[element]
    end_m = np.append(start_m[1:], 0.0)
    last = np.append(row[1:] != row[:-1], True)
    end_m[last] = measured.length_m[rows]
    return Stretches(row, kind, start_m, end_m, element)

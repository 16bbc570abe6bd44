"""Ways in measures: where each element begins and ends, and the stretches on which nothing changes that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from route.bulk.ragged import positions, starts
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
    network : RailNetwork
        Their network.
    entry_m, exit_m : ndarray of shape (n,)
        Where on its edge, from the tail, the first element of each way is entered and the last one left, in metres.
    span_m : ndarray of shape (k,)
        Length of each element, in metres.
    length_m : ndarray of shape (n,)
        Length of each way, in metres.
    run_m : ndarray of shape (k,)
        Distance to each element where the ways are laid end to end, in metres.
    """

    ways: Ways
    network: RailNetwork
    entry_m: NDArray[np.float64]
    exit_m: NDArray[np.float64]
    span_m: NDArray[np.float64]
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
        # Ways have a thousand elements and more, of which hardly any are looked at: what can be told of a few
        # is left to `bounds_m` and `offset_m`.
        span = network.length_m[ways.state >> 1]
        found = np.flatnonzero(ways.found)
        entry, leave, total = (np.zeros(len(ways.start) - 1) for _ in range(3))
        entry[found] = candidates.measure_m[ways.first[found]]
        leave[found] = candidates.measure_m[ways.last[found]]
        ends = np.unique(np.concatenate([ways.start[found], ways.start[found + 1] - 1]))
        row = np.searchsorted(ways.start, ends, side="right") - 1
        run = np.zeros(len(span) + 1)
        measured = cls(
            ways=ways,
            network=network,
            entry_m=entry,
            exit_m=leave,
            span_m=span,
            length_m=total,
            run_m=run[:-1],
        )
        begin, end = measured.bounds_m(row, ends)
        span[ends] = np.abs(end - begin)
        np.cumsum(span, out=run[1:])
        if len(found):
            total[found] = np.add.reduceat(span, ways.start[found])
        return measured

    def bounds_m(
        self, row: NDArray[np.int64], element: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where elements are entered and left.

        Parameters
        ----------
        row, element : ndarray of shape (m,)
            Some elements, and the ways they are of.

        Returns
        -------
        begin, end : ndarray of shape (m,)
            On the edge of each, from its tail, in metres.
        """
        state = self.ways.state[element]
        length, back = self.network.length_m[state >> 1], state % 2 == 1
        begin, end = np.where(back, length, 0.0), np.where(back, 0.0, length)
        first = element == self.ways.start[row]
        begin[first] = self.entry_m[row[first]]
        last = element == self.ways.start[row + 1] - 1
        end[last] = self.exit_m[row[last]]
        return begin, end

    def offset_m(self, row: NDArray[np.int64], element: NDArray[np.int64]) -> NDArray[np.float64]:
        """Distance from the start of the way to elements.

        Parameters
        ----------
        row, element : ndarray of shape (m,)
            Some elements, and the ways they are of.

        Returns
        -------
        ndarray of shape (m,)
            In metres.
        """
        return np.asarray(self.run_m[element] - self.run_m[self.ways.start[row]], dtype=np.float64)


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
        kinds, first, of_edge = np.unique(
            np.column_stack([*columns, router.speeds_kmh]), axis=0, return_index=True, return_inverse=True
        )
        self.of_edge = of_edge.astype(np.int32)
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
    kind: NDArray[np.int32]
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
        Which of them, rising; each has elements.

    Returns
    -------
    Stretches
        Rows are numbered from 0 to m.
    """
    ways = measured.ways
    start, count = ways.start[rows], ways.count[rows]
    first = starts(count)
    if len(ways.state) == first[-1]:
        # The elements of all ways, which need not be picked out.
        state, span = ways.state, measured.span_m
    else:
        element = positions(start, count)
        state, span = ways.state[element], measured.span_m[element]
    kind = kinds.of_edge[state >> 1]
    change = np.ones(len(kind), bool)
    np.not_equal(kind[1:], kind[:-1], out=change[1:])
    change[first[:-1]] = True
    _without_flat(change, kind, first, np.flatnonzero(span == 0.0), measured.length_m[rows] > 0)
    begins = np.flatnonzero(change)
    row = np.searchsorted(first, begins, side="right") - 1
    element = start[row] + begins - first[row]
    start_m = measured.offset_m(rows[row], element)
    end_m = np.append(start_m[1:], 0.0)
    last = np.append(row[1:] != row[:-1], True)
    end_m[last] = measured.length_m[rows]
    return Stretches(row, kind[begins], start_m, end_m, element)


def _without_flat(
    change: NDArray[np.bool_],
    kind: NDArray[np.int32],
    first: NDArray[np.int64],
    flat: NDArray[np.int64],
    some: NDArray[np.bool_],
) -> None:
    """Let no stretch begin with elements of no length, but with the first of all where a way has no other ones.

    Parameters
    ----------
    change : ndarray of shape (k,)
        Where stretches begin; it is changed.
    kind : ndarray of shape (k,)
        Kind of track of each element.
    first : ndarray of shape (n + 1,)
        Where each way begins.
    flat : ndarray of shape (m,)
        Elements of no length.
    some : ndarray of shape (n,)
        Whether each way has others.
    """
    change[flat] = False
    change[first[:-1][~some]] = True
    row = np.searchsorted(first, flat, side="right") - 1
    flat, row = flat[some[row]], row[some[row]]
    begins = np.ones(len(flat), bool)
    begins[1:] = (flat[1:] != flat[:-1] + 1) | (row[1:] != row[:-1])
    # What comes after some of them is compared with what comes before.
    before, after, row = flat[begins] - 1, flat[np.append(begins[1:], True)[: len(flat)]] + 1, row[begins]
    inside = after < first[row + 1]
    before, after, row = before[inside], after[inside], row[inside]
    change[after] = (before < first[row]) | (kind[before] != kind[after])

"""Points of ways: one way as a line, and the places on many ways that are nearest to stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.bulk.ragged import lower_bound, positions, where_least
from route.geodesy import distance_m, points_between
from route.itinerary import Way
from route.timetable.line import SNAP_M, Line, Piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.measures import Measured
    from route.network.model import RailNetwork

__all__ = ["PathLine", "begins", "nearest_measures", "points_at"]

_AT_NODE_M = 1e-6


def begins(network: RailNetwork, state: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where directed edges begin.

    Parameters
    ----------
    network : RailNetwork
        Their network.
    state : ndarray of shape (n,)
        Directed edges, see `route.network.turns.TurnGraph`.

    Returns
    -------
    lon, lat : ndarray of shape (n,)
        Degrees, WGS 84.
    """
    node = np.where(state % 2 == 0, network.tail[state // 2], network.head[state // 2])
    return network.node_lon[node], network.node_lat[node]


class PathLine(Line):
    """Line of one way, whose geometry is looked up in the network piece by piece.

    Parameters
    ----------
    network : RailNetwork
        The network.
    measured : Measured
        The ways.
    row : int
        Which of them.
    pieces : tuple of Piece
        Its pieces.
    """

    def __init__(self, network: RailNetwork, measured: Measured, row: int, pieces: tuple[Piece, ...]) -> None:
        element = np.arange(measured.ways.start[row], measured.ways.start[row + 1])
        of = np.full(len(element), row)
        self._network = network
        self._state = measured.ways.state[element]
        self._begin, self._end = measured.bounds_m(of, element)
        self._offset = measured.offset_m(of, element)
        length = float(measured.length_m[row])
        way = Way(
            mode="rail",
            coordinates=np.zeros((2, 2)),
            measures_m=np.array([0.0, length]),
            sections=(),
            reversals_m=tuple(self._offset[measured.ways.reversal[element]].tolist()),
        )
        self.ways = (way,)
        self.starts = (0.0, length)
        self.pieces = pieces

    def point(self, measure_m: float, leg: int) -> tuple[float, float]:
        """Position of a measure; borders are nodes of the network.

        Parameters
        ----------
        measure_m : float
            Metres from the start of the way.
        leg : int
            0.

        Returns
        -------
        tuple of float
            (lon, lat) in degrees, WGS 84.
        """
        i = int(np.searchsorted(self._offset, measure_m))
        if 0 < i < len(self._offset) and self._offset[i] - measure_m < _AT_NODE_M:
            lon, lat = begins(self._network, self._state[i : i + 1])
            return float(lon[0]), float(lat[0])
        return super().point(measure_m, leg)

    def stretch(
        self,
        leg: int,  # noqa: ARG002 - there is one leg
        low_m: float,
        high_m: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Vertices of the edges of a stretch.

        Parameters
        ----------
        leg : int
            0.
        low_m, high_m : float
            The stretch, in metres from the start of the way.

        Returns
        -------
        coordinates : ndarray of shape (n, 2)
            (lon, lat) in degrees, WGS 84.
        measures_m : ndarray of shape (n,)
            Metres from the start of the way.
        """
        first = max(0, int(np.searchsorted(self._offset, low_m, side="right")) - 1)
        last = max(first + 1, int(np.searchsorted(self._offset, high_m)))
        network = self._network
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


def points_at(
    network: RailNetwork, measured: Measured, rows: NDArray[np.int64], measure_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions of measures of ways: `PathLine.point` for many.

    Parameters
    ----------
    network : RailNetwork
        The network.
    measured : Measured
        The ways.
    rows : ndarray of shape (n,)
        A way for each.
    measure_m : ndarray of shape (n,)
        Metres from the start of the way; nearly all are expected to be where an edge begins.

    Returns
    -------
    lon, lat : ndarray of shape (n,)
        Degrees, WGS 84.
    """
    start, stop = measured.ways.start[rows], measured.ways.start[rows + 1]
    element = lower_bound(measured.run_m, start, stop, measure_m, measured.run_m[start])
    at_node = (start < element) & (element < stop)
    element = np.where(at_node, element, start)
    at_node &= measured.offset_m(rows, element) - measure_m < _AT_NODE_M
    lon, lat = begins(network, measured.ways.state[element])
    for i in np.flatnonzero(~at_node).tolist():
        lon[i], lat[i] = PathLine(network, measured, int(rows[i]), ()).point(float(measure_m[i]), 0)
    return lon, lat


def nearest_measures(
    network: RailNetwork,
    measured: Measured,
    rows: NDArray[np.int64],
    places: NDArray[np.float64],
    window_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Measures of the points of ways that are nearest to places: `route.timetable.line.Line.measure_near` for many.

    Parameters
    ----------
    network : RailNetwork
        The network.
    measured : Measured
        The ways.
    rows : ndarray of shape (n,)
        A way for each place.
    places : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84.
    window_m : ndarray of shape (n, 2)
        Between which distances from the start of the way to look, in metres; they may reach beyond its ends.

    Returns
    -------
    ndarray of shape (n,)
        Distances from the start of the way, in metres; NaN where it does not come within 8 km.
    """
    result = np.full(len(rows), np.nan)
    if not len(rows):
        return result
    low = np.maximum(0.0, window_m[:, 0])
    high = np.minimum(measured.length_m[rows], window_m[:, 1])
    first, last = _elements(measured, rows, low, high)
    count = last - first
    element = positions(first, count)
    owner = np.repeat(np.arange(len(rows)), count)
    edge, back = measured.ways.state[element] >> 1, measured.ways.state[element] % 2 == 1
    # What of each edge is looked at, as measures of the edge.
    offset = measured.offset_m(rows[owner], element)
    begin, _ = measured.bounds_m(rows[owner], element)
    near, far = (np.clip(bound[owner] - offset, 0.0, measured.span_m[element]) for bound in (low, high))
    one, other = (np.where(back, begin - part, begin + part) for part in (near, far))
    spots, spot = np.unique(places[:, 0] + 1j * places[:, 1], return_inverse=True)
    looks = _Looks(edge, spot[owner], np.minimum(one, other), np.maximum(one, other))
    # Many ways pass a station on the same edges.
    looks, look = _distinct(network, looks)
    away, along, place = _nearest(network, looks, spots)
    best = where_least(away[look], count)
    some = np.flatnonzero(np.isfinite(away[look[best]]))
    best = best[some]
    asked, again = np.unique(look[best], return_inverse=True)
    at = spots[looks.spot[asked]]
    distance = distance_m(at.real.copy(), at.imag.copy(), place[0][asked], place[1][asked])
    measure = offset[best] + np.abs(along[look[best]] - begin[best])
    result[some] = np.where(distance[again] <= SNAP_M, measure, np.nan)
    return result


class _Looks(NamedTuple):
    """Stretches of edges that are looked at from spots: between which measures of the edge."""

    edge: NDArray[np.int64]
    spot: NDArray[np.int64]
    least_m: NDArray[np.float64]
    most_m: NDArray[np.float64]


def _distinct(network: RailNetwork, looks: _Looks) -> tuple[_Looks, NDArray[np.int64]]:
    """Looks, those at a whole edge from one spot only once; and which of them each is."""
    whole = (looks.least_m == 0.0) & (looks.most_m == network.length_m[looks.edge])
    every, part = np.flatnonzero(whole), np.flatnonzero(~whole)
    _, first, same = np.unique(
        looks.spot[every] * network.n_edges + looks.edge[every], return_index=True, return_inverse=True
    )
    look = np.empty(len(whole), np.int64)
    look[every], look[part] = same, len(first) + np.arange(len(part))
    kept = np.concatenate([every[first], part])
    return _Looks(looks.edge[kept], looks.spot[kept], looks.least_m[kept], looks.most_m[kept]), look


def _nearest(
    network: RailNetwork, looks: _Looks, spots: NDArray[np.complex128]
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Nearest point of each look: how far away (the square, infinite if there is nothing), its measure and position."""
    # Straight pieces between vertices, those outside left out.
    pieces = np.diff(network.vertex_start)[looks.edge] - 1
    vertex = positions(network.vertex_start[looks.edge], pieces)
    of = np.repeat(np.arange(len(pieces)), pieces)
    inside = (network.vertex_m[vertex] <= looks.most_m[of]) & (
        network.vertex_m[vertex + 1] >= looks.least_m[of]
    )
    vertex, of = vertex[inside], of[inside]
    m0, m1 = network.vertex_m[vertex], network.vertex_m[vertex + 1]
    along0, along1 = np.maximum(m0, looks.least_m[of]), np.minimum(m1, looks.most_m[of])
    x0, y0 = _cut(network, vertex, m0, m1, along0)
    x1, y1 = _cut(network, vertex, m0, m1, along1)
    # A plane that touches the globe at the place is good enough to find the nearest point.
    lon, lat = spots.real[looks.spot[of]], spots.imag[looks.spot[of]]
    shrink = np.cos(np.radians(lat))
    x0, x1 = (((x - lon + 180) % 360 - 180) * shrink for x in (x0, x1))
    y0, y1 = y0 - lat, y1 - lat
    dx, dy = x1 - x0, y1 - y0
    square = dx * dx + dy * dy
    share = np.divide(-(x0 * dx + y0 * dy), square, out=np.zeros(len(square)), where=square > 0)
    share = np.clip(share, 0.0, 1.0)
    away = (x0 + share * dx) ** 2 + (y0 + share * dy) ** 2
    best = where_least(away, np.bincount(of, minlength=len(pieces)).astype(np.int64))
    least, at = np.full(len(pieces), np.inf), np.zeros(len(pieces))
    at_lon, at_lat = np.zeros(len(pieces)), np.zeros(len(pieces))
    which = of[best]
    least[which] = away[best]
    at[which] = along0[best] + share[best] * (along1[best] - along0[best])
    at_lon[which], at_lat[which] = _cut(network, vertex[best], m0[best], m1[best], at[which])
    return least, at, (at_lon, at_lat)


def _elements(
    measured: Measured, rows: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First element of a stretch of each way, and the one after its last."""
    start, stop = measured.ways.start[rows], measured.ways.start[rows + 1]
    # All ways laid end to end, so that one search does for all of them.
    first = np.searchsorted(measured.run_m, measured.run_m[start] + low, side="right") - 1
    last = np.searchsorted(measured.run_m, measured.run_m[start] + high)
    first = np.clip(first, start, stop - 1)
    return first, np.clip(last, first + 1, stop)


def _cut(
    network: RailNetwork,
    vertex: NDArray[np.int64],
    m0: NDArray[np.float64],
    m1: NDArray[np.float64],
    along: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on straight pieces of track at given measures: a vertex as it stands, else on the geodesic."""
    lon = np.where(along <= m0, network.vertex_lon[vertex], network.vertex_lon[vertex + 1])
    lat = np.where(along <= m0, network.vertex_lat[vertex], network.vertex_lat[vertex + 1])
    cut = np.flatnonzero((along > m0) & (along < m1))
    if len(cut):
        # Ways are cut on the same pieces again and again.
        v, which = np.unique(vertex[cut], return_inverse=True)
        share = (along[cut] - m0[cut]) / (m1[cut] - m0[cut])
        lon[cut], lat[cut] = points_between(
            (network.vertex_lon[v], network.vertex_lat[v]),
            (network.vertex_lon[v + 1], network.vertex_lat[v + 1]),
            share,
            which,
        )
    return lon, lat

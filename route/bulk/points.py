"""The track at many places at once: what `route.network.snap.snap` finds for one, by a spatial index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from route.bulk.ragged import positions, starts
from route.network.snap import nearest_points
from route.wayfinding import POINT, SNAP_WITHIN_M, TOWN

if TYPE_CHECKING:
    import shapely
    from numpy.typing import NDArray

    from route.network.model import RailNetwork

__all__ = ["Candidates", "Points", "TrackIndex"]

_M_PER_DEGREE = 111_195.0
_MOST = 24  # as `snap` has it by default
_STEPS_M = (2_000.0, 12_000.0)
_PAIRS = 1_000_000
_ROUNDING_M = 1.0
_COLUMNS = ("edge", "measure_m", "distance_m", "access_s")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Places as columns.

    Parameters
    ----------
    lon, lat : ndarray of shape (n,)
        Positions in degrees, WGS 84.
    town : ndarray of shape (n,)
        Whether each is a whole town rather than a position, see `route.wayfinding.surroundings`.
    country : ndarray of shape (n,)
        Its country as a code of the network; -1 if it is not known or has no track.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    town: NDArray[np.bool_]
    country: NDArray[np.int64]

    @classmethod
    def of_positions(cls, positions: NDArray[np.complex128]) -> Points:
        """Positions of which nothing else is known.

        Parameters
        ----------
        positions : ndarray of shape (n,)
            Longitude and latitude in degrees, WGS 84, as real and imaginary part.

        Returns
        -------
        Points
            The places.
        """
        n = len(positions)
        return cls(
            lon=positions.real.copy(),
            lat=positions.imag.copy(),
            town=np.zeros(n, bool),
            country=np.full(n, -1),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Points of the track near places, those of one place after those of another, nearest first.

    Parameters
    ----------
    start : ndarray of shape (n + 1,)
        Where the candidates of each place begin.
    edge : ndarray of shape (k,)
        Edges of the network, each once for a place.
    measure_m, distance_m, access_s : ndarray of shape (k,)
        As in `route.network.snap.Snap`.
    """

    start: NDArray[np.int64]
    edge: NDArray[np.int64]
    measure_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    access_s: NDArray[np.float64]

    @property
    def count(self) -> NDArray[np.int64]:
        """Number of candidates of each place."""
        return np.diff(self.start)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of each candidate."""
        return np.repeat(np.arange(len(self.start) - 1), self.count)

    @cached_property
    def _by_edge(self) -> tuple[int, NDArray[np.int64], NDArray[np.int64]]:
        """Codes of place and edge in order, and the candidates they stand for."""
        stride = int(self.edge.max(initial=0)) + 1
        code = self.place * stride + self.edge
        order = np.argsort(code, kind="stable")
        return stride, code[order], order

    @property
    def sorted_edge(self) -> NDArray[np.int64]:
        """Edges as `edge` has them, but those of each place in ascending order."""
        return self.edge[self._by_edge[2]]

    def find(
        self, place: NDArray[np.int64], edge: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Candidates of given places on given edges.

        Parameters
        ----------
        place, edge : ndarray of shape (m,)
            The places and edges.

        Returns
        -------
        there : ndarray of shape (m,)
            Whether there is one.
        index : ndarray of shape (there.sum(),)
            Which, of those that are there.
        """
        stride, code, order = self._by_edge
        if not len(code):
            return np.zeros(len(place), bool), np.zeros(0, np.int64)
        wanted = place * stride + edge
        at = np.minimum(np.searchsorted(code, wanted), len(code) - 1)
        there = (edge < stride) & (code[at] == wanted)
        return there, order[at[there]]

    def of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions of the candidates of some places, one place after another.

        Parameters
        ----------
        places : ndarray of shape (m,)
            Numbers of places.

        Returns
        -------
        ndarray of int64
            Indices into the columns.
        """
        return positions(self.start[places], self.count[places])

    def joined(self, other: Candidates) -> Candidates:
        """These candidates and those of other places after them.

        Parameters
        ----------
        other : Candidates
            The others.

        Returns
        -------
        Candidates
            All.
        """
        return Candidates(
            start=np.concatenate([self.start, other.start[1:] + self.start[-1]]),
            **{c: np.concatenate([getattr(self, c), getattr(other, c)]) for c in _COLUMNS},
        )

    def take(self, kept: NDArray[np.int64], count: NDArray[np.int64]) -> Candidates:
        """Some of the candidates, as those of new places.

        Parameters
        ----------
        kept : ndarray of shape (m,)
            Which, one place after another.
        count : ndarray of shape (p,)
            How many of them each new place has.

        Returns
        -------
        Candidates
            The candidates.
        """
        return Candidates(start=starts(count), **{c: getattr(self, c)[kept] for c in _COLUMNS})


class TrackIndex:
    """Spatial index of the track of a network.

    Parameters
    ----------
    network : RailNetwork
        The network.
    """

    def __init__(self, network: RailNetwork) -> None:
        self.network = network

    @cached_property
    def _tree(self) -> shapely.STRtree:
        import shapely

        return shapely.STRtree(shapely.box(*self.network.bounds))

    def candidates(self, points: Points) -> Candidates:
        """Track at each of some places.

        Parameters
        ----------
        points : Points
            The places.

        Returns
        -------
        Candidates
            None for a place with no track within 50 km.
        """
        spread = np.where(points.town, TOWN.spread_m, POINT.spread_m)
        waiting = np.arange(len(points.lon))
        found: list[
            tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
        ] = []
        for step in (*_STEPS_M, None):
            reach = np.full(len(waiting), SNAP_WITHIN_M) if step is None else spread[waiting] + step
            place, edge, measure, distance = self._near(
                points.lon[waiting], points.lat[waiting], reach, spread[waiting]
            )
            first = np.full(len(waiting), np.inf)
            np.minimum.at(first, place, distance)
            limit = first + spread[waiting]
            # Track just inside the reach may have rivals just outside it.
            done = limit <= reach if step is not None else np.isfinite(first)
            keep = done[place] & (distance <= limit[place])
            found.append((waiting[place[keep]], edge[keep], measure[keep], distance[keep]))
            waiting = waiting[~done]
            if not len(waiting):
                break
        place, edge, measure, distance = (np.concatenate(c) for c in zip(*found, strict=True))
        order = np.lexsort((edge, distance, place))
        return self._chosen(points, place[order], edge[order], measure[order], distance[order])

    def _near(
        self,
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        reach_m: NDArray[np.float64],
        spread_m: NDArray[np.float64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Places and edges within reach of each other, with measure and distance of the nearest point.

        Edges that are further than the nearest by more than a spread may be left out.
        """
        import shapely

        west, _, east, _ = self.network.bounds
        degrees = reach_m / _M_PER_DEGREE
        wide = degrees / np.maximum(np.cos(np.radians(np.minimum(np.abs(lat) + degrees, 89.9))), 1e-6)
        codes = []
        # The box of an edge that crosses the antimeridian reaches beyond 180 degrees: try both sides.
        for turn in (-360.0, 0.0, 360.0):
            here = lon + turn
            some = np.flatnonzero((here + wide >= west.min()) & (here - wide <= east.max()))
            boxes = shapely.box(
                here[some] - wide[some],
                lat[some] - degrees[some],
                here[some] + wide[some],
                lat[some] + degrees[some],
            )
            place, edge = self._tree.query(boxes)
            codes.append(some[place] * self.network.n_edges + edge)
        code = np.concatenate(codes)
        if sum(len(met) > 0 for met in codes) > 1:
            code = np.unique(code)  # only beside the antimeridian an edge may be met twice
        place, edge = np.divmod(code, self.network.n_edges)
        rival = self._rivals(place, edge, lon, lat, spread_m)
        code, place, edge = code[rival], place[rival], edge[rival]
        measure, distance = np.zeros(len(code)), np.zeros(len(code))
        for begin in range(0, len(code), _PAIRS):
            part = slice(begin, begin + _PAIRS)
            measure[part], distance[part] = nearest_points(
                self.network, edge[part], lon[place[part]], lat[place[part]]
            )
        within = distance <= reach_m[place]
        return place[within], edge[within], measure[within], distance[within]

    def _rivals(
        self,
        place: NDArray[np.int64],
        edge: NDArray[np.int64],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        spread_m: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Which edges may be as near as the nearest give or take the spread, by their ends and their boxes."""
        network = self.network
        x_scale = np.cos(np.radians(lat))[place] * _M_PER_DEGREE
        lon_of, lat_of = lon[place], lat[place]
        tail = network.tail[edge]
        east = np.abs(network.node_lon[tail] - lon_of)
        # Across the antimeridian it is as far the other way round.
        east = np.minimum(east, 360.0 - east)
        end_m = np.hypot(east * x_scale, (network.node_lat[tail] - lat_of) * _M_PER_DEGREE)
        nearest = np.full(len(lon), np.inf)
        np.minimum.at(nearest, place, end_m)
        west, south, east, north = (side[edge] for side in network.bounds)
        away = np.abs(lon_of - (west + east) / 2) % 360.0
        away = np.maximum(np.minimum(away, 360.0 - away) - (east - west) / 2, 0.0)
        up = np.maximum(np.maximum(south - lat_of, lat_of - north), 0.0)
        box_m = np.hypot(away * x_scale, up * _M_PER_DEGREE)
        rival: NDArray[np.bool_] = box_m <= (nearest + spread_m + _ROUNDING_M)[place]
        return rival

    def _chosen(
        self,
        points: Points,
        place: NDArray[np.int64],
        edge: NDArray[np.int64],
        measure: NDArray[np.float64],
        distance: NDArray[np.float64],
    ) -> Candidates:
        network = self.network
        count = np.bincount(place, minlength=len(points.lon)).astype(np.int64)
        begin = starts(count)
        rank = np.arange(len(place)) - begin[place]
        line = network.line[edge].astype(np.int64)
        first_of_line = np.zeros(len(place), bool)
        first_of_line[np.unique(place * len(network.lines) + line, return_index=True)[1]] = True
        keep = (rank < _MOST) | (first_of_line & (line > 0))
        # Nobody walks over a border to spare the train its halt there: one country for each place.
        country = network.country[edge].astype(np.int64)
        own = keep & (country == points.country[place])
        at_home = np.zeros(len(points.lon), bool)
        at_home[place[own]] = True
        nearest = np.full(len(points.lon), -1)
        some = np.flatnonzero(count)
        nearest[some] = country[begin[some]]
        keep &= country == np.where(at_home, points.country, nearest)[place]
        town = points.town[place]
        s_per_m = np.where(town, TOWN.access.s_per_m, POINT.access.s_per_m)
        unnamed = np.where(town, TOWN.access.unnamed_s, POINT.access.unnamed_s)
        return Candidates(
            start=starts(np.bincount(place[keep], minlength=len(points.lon)).astype(np.int64)),
            edge=edge[keep],
            measure_m=measure[keep],
            distance_m=distance[keep],
            access_s=(distance * s_per_m + np.where(line > 0, 0.0, unnamed))[keep],
        )

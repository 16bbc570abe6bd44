"""Ways along a line of the register, in terms of track."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import distance_m
from route.network.snap import snap
from route.routing import Preferences, Router

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.building.rows import Point
    from route.network.model import RailNetwork
    from route.routing import Path

__all__ = ["LineFinder"]


class LineFinder:
    """Ways along lines, in terms of the track graph that a network was contracted from.

    Parameters
    ----------
    network : RailNetwork
        The network.
    track : ndarray of shape (n_vertices,)
        Edge of the track graph that ends at each vertex, see `route.network.contraction`.
    """

    def __init__(self, network: RailNetwork, track: NDArray[np.int64]) -> None:
        self.network, self.track = network, track
        self.metric = Router(network).metric(Preferences(by="distance"))

    def along(
        self, points: Sequence[Point], within_m: float, winding: float
    ) -> tuple[NDArray[np.int64], list[str]]:
        """Track edges of the way through some points, and what is wrong with it.

        Parameters
        ----------
        points : sequence of (lon, lat)
            Points on the line, in degrees, WGS 84.
        within_m : float
            How far from the track a point may be, in metres.
        winding : float
            A leg longer than this many times the crow's distance has come another way.

        Returns
        -------
        ndarray
            Edges of the track graph, each once.
        list of str
            What is wrong, a phrase for each leg that was not found.
        """
        edges: list[NDArray[np.int64]] = []
        faults = []
        for a, b in itertools.pairwise(points):
            path, fault = self._leg(a, b, within_m, winding)
            if fault is not None:
                faults.append(fault)
            elif path is not None:
                edges.append(self._tracks(path))
        return np.unique(np.concatenate([np.zeros(0, np.int64), *edges])), faults

    def leg(self, a: Point, b: Point, within_m: float, winding: float) -> tuple[float, str | None]:
        """Length of the way between two points of a line, and what is wrong with it.

        Parameters
        ----------
        a, b : (lon, lat)
            The points, in degrees, WGS 84.
        within_m : float
            How far from the track a point may be, in metres.
        winding : float
            A way longer than this many times the crow's distance is none.

        Returns
        -------
        float
            The length in metres; 0 if there is none.
        str or None
            What is wrong.
        """
        path, fault = self._leg(a, b, within_m, winding)
        return (0.0 if path is None or fault else self._length(path)), fault

    def _leg(self, a: Point, b: Point, within_m: float, winding: float) -> tuple[Path | None, str | None]:
        where = f"{a[1]:.3f},{a[0]:.3f} - {b[1]:.3f},{b[0]:.3f}"
        here, there = (
            snap(self.network, lon, lat, within_m=within_m, spread_m=1_000.0, most=12) for lon, lat in (a, b)
        )
        if not here or not there:
            return None, f"no track within {within_m / 1000:.0f} km at an end of {where}"
        path = self.metric.path(here, there)
        if path is None:
            return None, f"no way {where}"
        crow, length = float(distance_m(*a, *b)), self._length(path)
        if length > winding * crow + 2_000.0:
            return None, f"{length / 1000:.0f} km for {crow / 1000:.0f} km {where}"
        return path, None

    def _spans(self, path: Path) -> list[tuple[int, float, float]]:
        """Edges of a path with the measures between which it runs on each."""
        length = self.network.length_m
        spans = []
        last = len(path.edges) - 1
        for i, (edge, forward) in enumerate(zip(path.edges.tolist(), path.forward.tolist(), strict=True)):
            low, high = 0.0, float(length[edge])
            if i == 0:
                low, high = (path.start.measure_m, high) if forward else (low, path.start.measure_m)
            if i == last:
                low, high = (low, path.end.measure_m) if forward else (path.end.measure_m, high)
            spans.append((edge, low, high))
        return spans

    def _length(self, path: Path) -> float:
        return sum(high - low for _, low, high in self._spans(path))

    def _tracks(self, path: Path) -> NDArray[np.int64]:
        """Track edges of which the path runs over more than half."""
        found = []
        for edge, low, high in self._spans(path):
            part = slice(self.network.vertex_start[edge], self.network.vertex_start[edge + 1])
            measure = self.network.vertex_m[part]
            middle = (measure[:-1] + measure[1:]) / 2
            found.append(self.track[part][1:][(middle >= low) & (middle <= high)])
        return np.concatenate(found)

"""The line of a journey: ways laid end to end, in measures from the start of the journey."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import distance_m, position_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.itinerary import Band, HaltReason, Section, Way

__all__ = ["SNAP_M", "Line", "Pause", "Piece"]

SNAP_M = 8_000.0
"""How far from the line a station of it may lie; those of medium confidence lie within 3 km of their true place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Time lost at a point of the line.

    Parameters
    ----------
    measure_m : float
        Where, from the start of the journey, in metres.
    leg : int
        Index of the leg, from 0.
    reason : str
        As in `route.itinerary.Halt`.
    place, detail : str
        Words for the reader.
    duration : Band
        How long.
    key : str
        Pauses with one key err together.
    listed : bool
        False for a crossing that trains pass almost without stopping: counted, but no halt.
    """

    measure_m: float
    leg: int
    reason: HaltReason
    place: str
    detail: str
    duration: Band
    key: str
    listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A section in its place on the line of the journey.

    Parameters
    ----------
    section : Section
        The section.
    leg : int
        Index of the leg, from 0.
    start_m, end_m : float
        Measures from the start of the journey, in metres.
    """

    section: Section
    leg: int
    start_m: float
    end_m: float


class Line:
    """Ways laid end to end.

    Parameters
    ----------
    ways : sequence of Way
        One for each leg, in order.
    """

    def __init__(self, ways: Sequence[Way]) -> None:
        self.ways = tuple(ways)
        starts = [0.0]
        for way in self.ways:
            starts.append(starts[-1] + way.distance_m)
        self.starts = tuple(starts)
        self.pieces = tuple(
            Piece(section=section, leg=leg, start_m=offset + section.start_m, end_m=offset + section.end_m)
            for leg, (way, offset) in enumerate(zip(self.ways, starts, strict=False))
            for section in way.sections
        )

    def leg_at(self, measure_m: float) -> int:
        """Index of the leg at a measure.

        Parameters
        ----------
        measure_m : float
            Metres from the start of the journey.

        Returns
        -------
        int
            From 0; the later leg at a place between two.
        """
        return min(len(self.ways) - 1, max(0, bisect_right(self.starts, measure_m) - 1))

    def point(self, measure_m: float, leg: int) -> tuple[float, float]:
        """Position of a measure on a leg.

        Parameters
        ----------
        measure_m : float
            Metres from the start of the journey.
        leg : int
            Index of the leg.

        Returns
        -------
        tuple of float
            (lon, lat) in degrees, WGS 84; an end of the leg for a measure outside it.
        """
        at = measure_m - self.starts[leg]
        return position_at(*self.stretch(leg, at, at), at)

    def stretch(
        self,
        leg: int,
        low_m: float,  # noqa: ARG002 - for lines that are not at hand as a whole
        high_m: float,  # noqa: ARG002
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Vertices of a leg, at least those of a stretch of it and the ones around it.

        Parameters
        ----------
        leg : int
            Index of the leg.
        low_m, high_m : float
            The stretch, in metres from the start of the leg.

        Returns
        -------
        coordinates : ndarray of shape (n, 2)
            (lon, lat) in degrees, WGS 84.
        measures_m : ndarray of shape (n,)
            Metres from the start of the leg.
        """
        way = self.ways[leg]
        return way.coordinates, way.measures_m

    def measure_near(self, lon: float, lat: float, leg: int, low_m: float, high_m: float) -> float | None:
        """Measure of the point of a leg that is nearest to a position.

        Parameters
        ----------
        lon, lat : float
            The position, degrees, WGS 84.
        leg : int
            Index of the leg.
        low_m, high_m : float
            Between which measures to look, in metres from the start of the journey.

        Returns
        -------
        float or None
            The measure; ``None`` if the line does not come within 8 km.
        """
        offset = self.starts[leg]
        low, high = max(0.0, low_m - offset), min(self.starts[leg + 1] - offset, high_m - offset)
        if high < low:
            return None
        coordinates, measures = self.stretch(leg, low, high)
        inside = (measures > low) & (measures < high)
        ends = np.array([position_at(coordinates, measures, at) for at in (low, high)])
        points = np.concatenate([ends[:1], coordinates[inside], ends[1:]])
        marks = np.concatenate([[low], measures[inside], [high]])
        # A plane that touches the globe at the position is good enough to find the nearest point.
        flat = (points - [lon, lat]) * [math.cos(math.radians(lat)), 1.0]
        start, step = flat[:-1], np.diff(flat, axis=0)
        square = np.sum(step * step, axis=1)
        share = np.divide(-np.sum(start * step, axis=1), square, out=np.zeros(len(step)), where=square > 0)
        share = np.clip(share, 0.0, 1.0)
        nearest = int(np.argmin(np.sum((start + share[:, None] * step) ** 2, axis=1)))
        measure = float(marks[nearest] + share[nearest] * (marks[nearest + 1] - marks[nearest]))
        away = distance_m(lon, lat, *position_at(coordinates, measures, measure))
        return offset + measure if away <= SNAP_M else None

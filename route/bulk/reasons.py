"""Why there is no way, for many pairs of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.wayfinding import SNAP_WITHIN_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from route.bulk.points import Candidates, Points

__all__ = ["Reasons"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reasons:
    """Reasons for pairs of some places.

    Parameters
    ----------
    points : Points
        The places.
    names : callable
        Gives the names of places by their numbers.
    candidates : Candidates
        Track at the places.
    parts : tuple of ndarray
        Lowest and highest part of the network at each place, see `route.bulk.terminals.Ends`.
    component : ndarray of shape (n_edges,)
        Connected part of the network that each edge belongs to.
    avoiding : bool
        Whether something is avoided.
    """

    points: Points
    names: Callable[[NDArray[np.int64]], list[str]]
    candidates: Candidates
    parts: tuple[NDArray[np.int64], NDArray[np.int64]]
    component: NDArray[np.int64]
    avoiding: bool

    def of(self, origin: NDArray[np.int64], destination: NDArray[np.int64]) -> list[str]:
        """Why there is no way between the places of each pair.

        Parameters
        ----------
        origin, destination : ndarray of shape (n,)
            Numbers of the places.

        Returns
        -------
        list of str
            A sentence for each pair.
        """
        places, ends = np.unique(np.concatenate([origin, destination]), return_inverse=True)
        names = self.names(places)
        far = self._far(places, names)
        sentences = []
        a, b = ends[: len(origin)].tolist(), ends[len(origin) :].tolist()
        for i, j, joined in zip(a, b, self._joined(origin, destination).tolist(), strict=True):
            if far[i] or far[j]:
                sentences.append(far[i] or far[j])
            elif not joined:
                sentences.append(
                    f"No railway joins {names[i]} and {names[j]}: "
                    "their tracks are not connected, by land or by train ferry."
                )
            elif self.avoiding:
                sentences.append(
                    f"No railway joins {names[i]} and {names[j]} "
                    "that keeps out of what is avoided and of closed borders."
                )
            else:
                sentences.append(
                    f"No train can go from {names[i]} to {names[j]}: "
                    "every way between them crosses a border that is closed to railways."
                )
        return sentences

    def _far(self, places: NDArray[np.int64], names: list[str]) -> list[str]:
        """A sentence for each place without track, and nothing for the others."""
        far = [""] * len(places)
        for i in np.flatnonzero(self.candidates.start[places] == self.candidates.start[places + 1]).tolist():
            lat, lon = float(self.points.lat[places[i]]), float(self.points.lon[places[i]])
            far[i] = f"No railway within {SNAP_WITHIN_M / 1000:.0f} km of {names[i]} ({lat:.3f}, {lon:.3f})."
        return far

    def _joined(self, origin: NDArray[np.int64], destination: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether some track at both places is in one part of the network."""
        low, high = self.parts
        joined: NDArray[np.bool_] = low[origin] == low[destination]
        # Most places have track of one part only; the others are looked at one by one.
        several = (low[origin] < high[origin]) | (low[destination] < high[destination])
        pairs = np.flatnonzero(several)
        known: dict[int, frozenset[int]] = {}
        for i, a, b in zip(pairs.tolist(), origin[pairs].tolist(), destination[pairs].tolist(), strict=True):
            for place in (a, b):
                if place not in known:
                    known[place] = self._parts_at(place)
            joined[i] = not known[a].isdisjoint(known[b])
        return joined

    def _parts_at(self, place: int) -> frozenset[int]:
        near = slice(int(self.candidates.start[place]), int(self.candidates.start[place + 1]))
        return frozenset(self.component[self.candidates.edge[near]].tolist())

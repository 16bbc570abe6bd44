"""Simple temporal network: time points and bounds on the time between them.

After Dechter, Meiri and Pearl, *Temporal constraint networks*, Artificial Intelligence 49 (1991): a bound
``low <= after - before <= high`` is two arcs of a distance graph, ``before -> after`` of length `high` and
``after -> before`` of length ``-low``. The network has a solution if the graph has no negative cycle, and the
shortest paths of all pairs are then the tightest bounds that follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

__all__ = ["Constraint", "TemporalNetwork"]

_ROUNDING_S = 1e-3  # sums in two orders differ in the last digits; nobody states a time to the millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A bound on the time between two points: ``low_s <= after - before <= high_s``.

    Parameters
    ----------
    before, after : hashable
        The two time points.
    low_s, high_s : float
        The bound, in seconds; infinite where there is none on that side.
    tag : hashable, optional
        Where the bound comes from, for telling what disagrees.
    """

    before: Hashable
    after: Hashable
    low_s: float = -math.inf
    high_s: float = math.inf
    tag: Hashable = None


class TemporalNetwork:
    """Time points under constraints.

    Parameters
    ----------
    constraints : iterable of Constraint
        The constraints; their points are those of the network.

    Raises
    ------
    InputError
        If a bound is not a number.
    """

    def __init__(self, constraints: Iterable[Constraint]) -> None:
        self.constraints = tuple(constraints)
        points = dict.fromkeys(point for c in self.constraints for point in (c.before, c.after))
        self.index = {point: number for number, point in enumerate(points)}
        self._arcs: list[tuple[int, int, float, Constraint]] = []
        for constraint in self.constraints:
            if math.isnan(constraint.low_s) or math.isnan(constraint.high_s):
                raise InputError("A bound of a temporal network must be a number.")
            before, after = self.index[constraint.before], self.index[constraint.after]
            if constraint.high_s < math.inf:
                self._arcs.append((before, after, constraint.high_s, constraint))
            if constraint.low_s > -math.inf:
                self._arcs.append((after, before, -constraint.low_s, constraint))

    @cached_property
    def conflict(self) -> tuple[Constraint, ...]:
        """Constraints that cannot hold together, around one negative cycle; empty if there is a solution."""
        count = len(self.index)
        reach = [0.0] * count
        came: list[tuple[int, Constraint] | None] = [None] * count
        changed = -1
        for _ in range(count + 1):
            changed = -1
            for tail, head, length, constraint in self._arcs:
                if reach[tail] + length < reach[head] - _ROUNDING_S:
                    reach[head] = reach[tail] + length
                    came[head] = (tail, constraint)
                    changed = head
            if changed < 0:
                return ()
        at = changed
        for _ in range(count):  # whoever still improves hangs on a cycle: go back until surely on it
            at = self._step(came, at)[0]
        cycle: list[Constraint] = []
        end = at
        while True:
            at, constraint = self._step(came, at)
            cycle.append(constraint)
            if at == end:
                return tuple(reversed(cycle))

    @staticmethod
    def _step(came: list[tuple[int, Constraint] | None], at: int) -> tuple[int, Constraint]:
        step = came[at]
        if step is None:
            raise AssertionError("a point that was improved has a predecessor")
        return step

    @property
    def consistent(self) -> bool:
        """Whether there are times that keep every constraint."""
        return not self.conflict

    @cached_property
    def _distance_s(self) -> NDArray[np.float64]:
        """Shortest paths of all pairs (Floyd and Warshall)."""
        count = len(self.index)
        distance = np.full((count, count), np.inf)
        np.fill_diagonal(distance, 0.0)
        for tail, head, length, _ in self._arcs:
            distance[tail, head] = min(distance[tail, head], length)
        for via in range(count):
            np.minimum(distance, distance[:, via, None] + distance[via], out=distance)
        return distance

    def bounds_s(self, before: Hashable, after: Hashable) -> tuple[float, float]:
        """Tightest bounds on the time between two points.

        Parameters
        ----------
        before, after : hashable
            Two points of the network.

        Returns
        -------
        tuple of float
            Least and greatest ``after - before`` of any solution, in seconds; infinite where nothing bounds
            it.

        Raises
        ------
        InputError
            If the network has no solution.
        """
        if self.conflict:
            raise InputError("These times cannot hold together, so nothing can be tightened.")
        i, j = self.index[before], self.index[after]
        high = float(self._distance_s[i, j])
        return min(-float(self._distance_s[j, i]), high), high

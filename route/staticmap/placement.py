"""Where labels go: beside what they name, clear of each other, of marks and, as far as can be, of the route.

Each label has candidate boxes with a cost each (Imhof's rules: right above a point is best, left below worst). Labels
are set one after the other, the important ones first, each at its cheapest free candidate; then each is set once more
with all others known. The same input gives the same places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.staticmap.view import Rect

__all__ = ["Label", "around_point", "place"]

_PASSES = 3
_LEADER_POINTS = 10  # that stand for a leader
_CROSSED = 2.5  # cost of a leader across another label
# Directions from a point: right, right above, ...; the cost of each is how much worse it reads than the first.
_DIRECTIONS = (
    (1.0, 0.0, 0.0), (1.0, 0.8, 0.1), (1.0, -0.8, 0.2), (-1.0, 0.0, 0.5), (-1.0, 0.8, 0.6), (-1.0, -0.8, 0.7),
    (0.0, 1.0, 0.8), (0.0, -1.0, 0.9), (0.5, 1.0, 0.75), (-0.5, 1.0, 0.85), (0.5, -1.0, 0.85), (-0.5, -1.0, 0.95),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """Something to be written.

    Parameters
    ----------
    boxes : ndarray of shape (k, 4)
        Candidates: left, bottom, right and top, in pixels.
    costs : ndarray of shape (k,)
        How bad each is in itself.
    limit : float
        Rather than at this cost or more the label is left out.
    point : tuple of (float, float) or None
        What a leader would join the label to, in pixels; ``None`` if it never has one.
    """

    boxes: NDArray[np.float64]
    costs: NDArray[np.float64]
    limit: float
    point: tuple[float, float] | None = None

    def leaders(self) -> NDArray[np.float64]:
        """Points along the leader of each candidate.

        Returns
        -------
        ndarray of shape (k, 10, 2)
            From the box to the point, in pixels; nowhere for a label without one.
        """
        if self.point is None:
            return np.full((len(self.boxes), _LEADER_POINTS, 2), np.nan)
        x, y = self.point
        ends = np.column_stack(
            [np.clip(x, self.boxes[:, 0], self.boxes[:, 2]), np.clip(y, self.boxes[:, 1], self.boxes[:, 3])]
        )
        share = np.linspace(0.0, 1.0, _LEADER_POINTS)[None, :, None]
        return np.asarray(ends[:, None, :] * (1 - share) + np.array([x, y]) * share)


def around_point(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    gap: float,
    rings: Sequence[tuple[float, float]] = ((0.0, 0.0),),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Candidate boxes around a point.

    Parameters
    ----------
    x, y : float
        The point, in pixels.
    width, height : float
        Size of the label, in pixels.
    gap : float
        Least distance between the point and the box, in pixels.
    rings : sequence of (float, float)
        Further distances, in pixels, and the cost of each.

    Returns
    -------
    boxes : ndarray of shape (k, 4)
        Left, bottom, right and top.
    costs : ndarray of shape (k,)
        What each costs.
    """
    boxes, costs = [], []
    for away, extra in rings:
        for dx, dy, cost in _DIRECTIONS:
            # A corner of the box comes nearer to the point than its middle would.
            reach = (gap + away) / max(math.hypot(dx, dy), 1.0) if abs(dx) == 1.0 else gap + away
            left = (
                x + reach
                if dx == 1.0
                else x - reach - width
                if dx == -1.0
                else x - width / 2 + dx * width / 2
            )
            if abs(dx) == 1.0:
                bottom = y - height / 2 + dy * (height / 2 + reach * 0.6)
            else:
                bottom = y + reach if dy > 0 else y - reach - height
            boxes.append((left, bottom, left + width, bottom + height))
            costs.append(cost + extra)
    return np.array(boxes), np.array(costs)


def _overlaps(boxes: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether boxes of shape (k, 4) overlap any of shape (n, 4)."""
    return np.asarray(
        (
            (boxes[:, None, 0] < other[None, :, 2])
            & (boxes[:, None, 2] > other[None, :, 0])
            & (boxes[:, None, 1] < other[None, :, 3])
            & (boxes[:, None, 3] > other[None, :, 1])
        ).any(axis=1)
    )


def _hits(points: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points lie in boxes, both broadcast to one shape but for the last axis."""
    x, y = points[..., 0], points[..., 1]
    inside = (boxes[..., 0] < x) & (x < boxes[..., 2]) & (boxes[..., 1] < y) & (y < boxes[..., 3])
    return np.asarray(inside)


def place(
    labels: Sequence[Label],
    *,
    frame: Rect,
    obstacles: NDArray[np.float64],
    ink: NDArray[np.float64],
    ink_cost: float = 0.6,
) -> list[int | None]:
    """Candidate for each label.

    Parameters
    ----------
    labels : sequence of Label
        The most important first.
    frame : Rect
        What no label leaves.
    obstacles : ndarray of shape (n, 4)
        Boxes that no label overlaps: left, bottom, right and top, in pixels.
    ink : ndarray of shape (m, 2)
        Points, evenly along lines that a label had better not cover, in pixels.
    ink_cost : float
        Cost of each of them that a label covers.

    Returns
    -------
    list of int or None
        Index of the candidate of each label; ``None`` for one that has no room. No chosen box overlaps
        another one or an obstacle, or leaves the frame.
    """
    open_costs: list[NDArray[np.float64]] = []
    for label in labels:
        boxes = label.boxes
        outside = (
            (boxes[:, 0] < frame.left) | (boxes[:, 1] < frame.bottom)
            | (boxes[:, 2] > frame.right) | (boxes[:, 3] > frame.top)
        )  # fmt: skip
        costs = label.costs + ink_cost * _covered(boxes, ink)
        blocked = outside | (_overlaps(boxes, obstacles) if len(obstacles) else False)
        costs[blocked | (costs >= label.limit)] = np.inf
        open_costs.append(costs)

    leaders = [label.leaders() for label in labels]
    chosen: list[int | None] = [None] * len(labels)
    for _ in range(_PASSES):
        for index, label in enumerate(labels):
            taken = np.array(
                [
                    labels[other].boxes[candidate]
                    for other, candidate in enumerate(chosen)
                    if candidate is not None and other != index
                ]
            )
            costs = open_costs[index]
            if len(taken):
                costs = np.where(_overlaps(label.boxes, taken), np.inf, costs)
                costs = costs + _CROSSED * _hits(leaders[index][:, None], taken[None, :, None, :]).any(
                    axis=2
                ).sum(axis=1)
                others = [
                    leaders[other][candidate]
                    for other, candidate in enumerate(chosen)
                    if candidate is not None and other != index and labels[other].point is not None
                ]
                if others:
                    lines = np.stack(others)
                    costs = costs + _CROSSED * _hits(lines[None], label.boxes[:, None, None, :]).any(
                        axis=2
                    ).sum(axis=1)
            best = int(np.argmin(costs)) if len(costs) else 0
            chosen[index] = best if len(costs) and np.isfinite(costs[best]) else None
    return chosen


def _covered(boxes: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of the points each box covers."""
    if not len(points):
        return np.zeros(len(boxes))
    low, high = boxes.min(axis=0), boxes.max(axis=0)
    near = points[
        (points[:, 0] >= low[0])
        & (points[:, 1] >= low[1])
        & (points[:, 0] <= high[2])
        & (points[:, 1] <= high[3])
    ]
    inside = (
        (near[None, :, 0] >= boxes[:, None, 0])
        & (near[None, :, 0] <= boxes[:, None, 2])
        & (near[None, :, 1] >= boxes[:, None, 1])
        & (near[None, :, 1] <= boxes[:, None, 3])
    )
    return np.asarray(inside.sum(axis=1), dtype=np.float64)

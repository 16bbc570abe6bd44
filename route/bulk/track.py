"""Places that rows name by number, with the track there and its vertices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.bulk.points import Points
from route.wayfinding import TOWN, surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.bulk.terminals import Ends
    from route.bulk.ways import Finder
    from route.places import Place

__all__ = ["Track", "track_at"]


class Track(NamedTuple):
    """Places and what of the network is there.

    Parameters
    ----------
    points : Points
        The places.
    candidates : Candidates
        Track at each.
    terminals : Ends
        Vertices at each.
    place : callable
        Gives the place of a number.
    names : callable
        Gives the names of places by their numbers.
    """

    points: Points
    candidates: Candidates
    terminals: Ends
    place: Callable[[int], Place]
    names: Callable[[NDArray[np.int64]], list[str]]


def track_at(finder: Finder, places: Sequence[Place]) -> Track:
    """Track at some places.

    Parameters
    ----------
    finder : Finder
        Finds it.
    places : sequence of Place
        The places.

    Returns
    -------
    Track
        They are numbered in their order.
    """
    codes = {code: i for i, code in enumerate(finder.network.countries) if code}
    points = Points(
        lon=np.array([p.lon for p in places], dtype=np.float64),
        lat=np.array([p.lat for p in places], dtype=np.float64),
        town=np.array([surroundings(p) is TOWN for p in places], dtype=np.bool_),
        country=np.array([codes.get(p.country or "", -1) for p in places], dtype=np.int64),
    )
    candidates = finder.index.candidates(points)

    def names(some: NDArray[np.int64]) -> list[str]:
        return [places[number].name for number in some.tolist()]

    return Track(points, candidates, finder.terminals(candidates), places.__getitem__, names)

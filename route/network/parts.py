"""Parts of a network that no track joins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from route.geodesy import distance_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.model import RailNetwork

__all__ = ["nearest_approach"]


def nearest_approach(
    network: RailNetwork, component: NDArray[np.int64], ones: set[int], others: set[int]
) -> tuple[float, int, int]:
    """Where two parts of a network come nearest to each other.

    Parameters
    ----------
    network : RailNetwork
        The network.
    component : ndarray of shape (n_nodes,)
        Number of the connected component of each node.
    ones, others : set of int
        Components of the one part and of the other.

    Returns
    -------
    distance_m : float
        Geodesic distance, in metres.
    one, other : int
        The node of either part.
    """
    import shapely

    one, other = (np.flatnonzero(np.isin(component, list(part))) for part in (ones, others))
    if len(one) > len(other):
        gap, there, here = nearest_approach(network, component, others, ones)
        return gap, here, there
    # Nearest in space is nearest on the globe; the tree is a plane one, so that it is asked in a few planes.
    best: tuple[float, int, int] | None = None
    for turn in (-360.0, 0.0, 360.0):
        tree = shapely.STRtree(shapely.points(network.node_lon[other] + turn, network.node_lat[other]))
        found = tree.query_nearest(
            shapely.points(network.node_lon[one], network.node_lat[one]), all_matches=False
        )
        a, b = one[found[0]], other[found[1]]
        metres = distance_m(
            network.node_lon[a], network.node_lat[a], network.node_lon[b], network.node_lat[b]
        )
        i = int(np.argmin(metres))
        if best is None or metres[i] < best[0]:
            best = (float(metres[i]), int(a[i]), int(b[i]))
    assert best is not None  # noqa: S101 - both parts have nodes
    return best

"""What a network consists of, and where it may be torn: for whoever builds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.network.tracks import MODES, SOURCES, SPEED_SOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.network.model import RailNetwork

__all__ = ["JOIN_CLASSES_KM", "Examination", "Join", "examine"]

JOIN_CLASSES_KM = (0.5, 1.0, 5.0, 15.0, float("inf"))
"""Upper ends of the classes of length that joins are counted in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Joins and links of one kind and class of length.

    Parameters
    ----------
    source : str
        ``join`` for gaps closed, ``link`` for rows of the list of links, ``manual`` for drawings by hand.
    up_to_km : float
        Upper end of the class, infinite for the last.
    count : int
        How many there are.
    km : float
        Their length together.
    """

    source: str
    up_to_km: float
    count: int
    km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What a network consists of.

    Parameters
    ----------
    km : float
        Length of all its track and ferry lines.
    components : tuple of float
        Kilometres of each connected part, the longest first.
    joins : tuple of Join
        What was added to the map, by kind and class of length.
    loose_ends : int
        Nodes where track ends.
    ferry_km : float
        Length of train ferries.
    known : dict of str to float
        Share of the length of which speed, gauge, electrification, line and country are known, 0 to 1.
    by_country, by_gauge : dict of str to float
        Kilometres, most first; ``unknown`` where it is not known.
    """

    km: float
    components: tuple[float, ...]
    joins: tuple[Join, ...]
    loose_ends: int
    ferry_km: float
    known: dict[str, float]
    by_country: dict[str, float]
    by_gauge: dict[str, float]


def examine(network: RailNetwork) -> Examination:
    """Examine a network.

    Parameters
    ----------
    network : RailNetwork
        The network.

    Returns
    -------
    Examination
        What it consists of.
    """
    km = network.length_m / 1000.0
    total = float(km.sum())
    parts = np.bincount(network.component_of_nodes()[network.tail], weights=km)
    degree = np.bincount(np.concatenate([network.tail, network.head]), minlength=network.n_nodes)
    gauge_known = np.array([bool(group) for group in network.gauges])
    columns = {
        "speed": network.speed_source != SPEED_SOURCES.index("default"),
        "gauge": gauge_known[network.gauge],
        "electrification": network.electrification > 0,
        "line": network.line > 0,
        "country": network.country > 0,
    }
    return Examination(
        km=total,
        components=tuple(sorted(parts[parts > 0].tolist(), reverse=True)),
        joins=_joins(network, km),
        loose_ends=int((degree == 1).sum()),
        ferry_km=float(km[network.mode == MODES.index("ferry")].sum()),
        known={name: float(km[known].sum()) / total if total else 0.0 for name, known in columns.items()},
        by_country=_sums(network.country, km, network.countries),
        by_gauge=_sums(network.gauge, km, tuple("/".join(map(str, group)) for group in network.gauges)),
    )


def _joins(network: RailNetwork, km: NDArray[np.float64]) -> tuple[Join, ...]:
    found = []
    for code, source in enumerate(SOURCES):
        if source == "osm":
            continue
        lengths = km[network.source == code]
        low = 0.0
        for high in JOIN_CLASSES_KM:
            inside = lengths[(lengths > low) & (lengths <= high)]
            if len(inside):
                found.append(Join(source=source, up_to_km=high, count=len(inside), km=float(inside.sum())))
            low = high
    return tuple(found)


def _sums(code: NDArray[np.integer], km: NDArray[np.float64], names: tuple[str, ...]) -> dict[str, float]:
    sums = np.bincount(code, weights=km, minlength=len(names))
    present = [i for i in np.argsort(-sums, kind="stable").tolist() if sums[i] > 0]
    return {names[i] or "unknown": float(sums[i]) for i in present}

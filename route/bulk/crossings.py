"""Borders that ways pass, as columns: what each costs is asked once, of the functions that one journey asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from route.timetable.borders import border_at
from route.timetable.pauses import changes_gauge, gauge_share, is_listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.network.model import RailNetwork
    from route.registers import BorderCrossing
    from route.runningtime import TrainClass
    from route.timetable.borders import Border

__all__ = ["Borders", "Crossings"]


class Borders(NamedTuple):
    """Borders as columns.

    Parameters
    ----------
    key : ndarray of shape (n,)
        Number of the crossing; -1 if the register has none.
    dwell_s : ndarray of shape (n, 3)
        Time lost, a change of gauge included, as p10, p50 and p90 in seconds.
    changes : ndarray of shape (n,)
        Whether gauges are changed there, as by `route.timetable.pauses.changes_gauge`.
    share : ndarray of shape (n,)
        Share of the time that such a change takes.
    listed : ndarray of shape (n, 2)
        Whether it is a halt, without such a change and beside one.
    station, change_station : ndarray of shape (n, 2)
        Where trains are checked and where they change gauge, as (lon, lat); NaN without a crossing.
    """

    key: NDArray[np.int64]
    dwell_s: NDArray[np.float64]
    changes: NDArray[np.bool_]
    share: NDArray[np.float64]
    listed: NDArray[np.bool_]
    station: NDArray[np.float64]
    change_station: NDArray[np.float64]


class Crossings:
    """Borders by their places and directions, remembered.

    Parameters
    ----------
    network : RailNetwork
        The network.
    train : TrainClass
        The train.
    """

    def __init__(self, network: RailNetwork, train: TrainClass) -> None:
        self._network = network
        self._train = train
        self._borders: list[Border] = []
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._keys: dict[str, int] = {}
        self._columns = self._made(())

    @property
    def n_keys(self) -> int:
        """How many crossings there are."""
        return len(self._keys)

    @property
    def columns(self) -> Borders:
        """All borders so far."""
        new = self._borders[len(self._columns.key) :]
        if new:
            both = zip(self._columns, self._made(new), strict=True)
            self._columns = Borders(*(np.concatenate(column) for column in both))
        return self._columns

    def number(self, node: int, origin: int, destination: int) -> int:
        """Number of a border.

        Parameters
        ----------
        node : int
            Node of the network at which it is.
        origin, destination : int
            Codes of the countries.

        Returns
        -------
        int
            Its position in `columns`.
        """
        key = (node, origin, destination)
        if key not in self._numbers:
            self._numbers[key] = len(self._borders)
            position = float(self._network.node_lon[node]), float(self._network.node_lat[node])
            names = self._network.countries
            border = border_at(0.0, 0, names[origin], names[destination], position, self._train)
            self._borders.append(border)
            if border.crossing is not None:
                self._keys.setdefault(border.crossing.crossing, len(self._keys))
        return self._numbers[key]

    def _made(self, every: Sequence[Border]) -> Borders:
        share = [gauge_share(border) if changes_gauge(border) else 0.0 for border in every]
        dwell = [border.dwell for border in every]
        return Borders(
            key=np.array(
                [self._keys[b.crossing.crossing] if b.crossing else -1 for b in every], dtype=np.int64
            ),
            dwell_s=np.array([(d.p10_s, d.p50_s, d.p90_s) for d in dwell]).reshape(-1, 3),
            changes=np.array([changes_gauge(border) for border in every], dtype=bool),
            share=np.array(share, dtype=np.float64),
            listed=np.array(
                [
                    [is_listed(b.dwell.p50_s * (1.0 - s), b.formalities) for s in (0.0, part)]
                    for b, part in zip(every, share, strict=True)
                ],
                dtype=bool,
            ).reshape(-1, 2),
            station=np.array([_stations(border)[0] for border in every]).reshape(-1, 2),
            change_station=np.array([_stations(border)[1] for border in every]).reshape(-1, 2),
        )


def _stations(border: Border) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where trains are checked, and where their gauge is changed."""
    crossing = border.crossing
    if crossing is None:
        return (np.nan, np.nan), (np.nan, np.nan)
    change = crossing.gauge_change_station or crossing.station(border.destination)
    return _position(crossing, crossing.station(border.origin)), _position(crossing, change)


def _position(crossing: BorderCrossing, station: str) -> tuple[float, float]:
    """Where a station of a crossing is, as (lon, lat)."""
    if station == crossing.station_a:
        return crossing.lon_a, crossing.lat_a
    return crossing.lon_b, crossing.lat_b

"""Positions that rows name, with the track there and its vertices: tables name the same places again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from route.bulk.points import Points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.bulk.terminals import Ends
    from route.bulk.ways import Finder

__all__ = ["Spots"]

_REMEMBERED = 50_000


class Spots:
    """Positions, numbered in the order in which they come.

    Parameters
    ----------
    finder : Finder
        Finds the track at them.

    Attributes
    ----------
    position : ndarray of shape (n,)
        Longitude and latitude in degrees, WGS 84, as real and imaginary part.
    candidates : Candidates
        The track at each.
    terminals : Ends
        The vertices at each.
    """

    position: NDArray[np.complex128]
    candidates: Candidates
    terminals: Ends

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._forget()

    def _forget(self) -> None:
        self.position = np.zeros(0, np.complex128)
        self._order = np.zeros(0, np.int64)
        self.candidates = self._finder.index.candidates(Points.of_positions(self.position))
        self.terminals = self._finder.terminals(self.candidates)

    def numbers(self, position: NDArray[np.complex128]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of some positions; those that are new are added.

        Parameters
        ----------
        position : ndarray of shape (m,)
            Longitude and latitude in degrees, WGS 84, as real and imaginary part.

        Returns
        -------
        numbers : ndarray of shape (k,)
            Indices into the columns of the different positions, in order of longitude and latitude, good until the
            next call.
        which : ndarray of shape (m,)
            Which of them each position is: what is remembered has no say in it.
        """
        wanted, which = np.unique(position, return_inverse=True)
        new = wanted[~np.isin(wanted, self.position)]
        if len(self.position) + len(new) > _REMEMBERED:
            self._forget()
            new = wanted
        if len(new):
            found = self._finder.index.candidates(Points.of_positions(new))
            self.terminals.extend(self._finder.terminals(found))
            self.candidates = self.candidates.joined(found)
            self.position = np.concatenate([self.position, new])
            self._order = np.argsort(self.position)
        at = np.searchsorted(self.position, wanted, sorter=self._order)
        return self._order[at], which

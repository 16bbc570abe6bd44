"""Rows of different lengths kept in one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["positions", "starts"]


def starts(count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each row begins in the column, and where the last one ends.

    Parameters
    ----------
    count : ndarray of shape (n,)
        Lengths of the rows.

    Returns
    -------
    ndarray of shape (n + 1,)
        Offsets, the first 0.
    """
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)


def positions(begin: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in a column of the elements of some of its rows, row after row.

    Parameters
    ----------
    begin : ndarray of shape (n,)
        Where each row begins.
    count : ndarray of shape (n,)
        Lengths of the rows.

    Returns
    -------
    ndarray of shape (count.sum(),)
        Indices into the column.
    """
    before = np.cumsum(count) - count
    index: NDArray[np.int64] = np.arange(int(count.sum()), dtype=np.int64) + np.repeat(begin - before, count)
    return index

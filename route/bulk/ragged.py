"""Rows of different lengths kept in one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["lower_bound", "positions", "starts", "where_least"]


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


def where_least(values: NDArray[np.float64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """Position of the least value of each row that has any; of equal ones the first.

    Parameters
    ----------
    values : ndarray of shape (count.sum(),)
        The rows, one after another.
    count : ndarray of shape (n,)
        Their lengths.

    Returns
    -------
    ndarray of shape ((count > 0).sum(),)
        Indices into the column.
    """
    begin = (np.cumsum(count) - count)[count > 0]
    if not len(begin):
        return begin
    least = np.minimum.reduceat(values, begin)
    hits = np.flatnonzero(values == np.repeat(least, count[count > 0]))
    return hits[np.searchsorted(hits, begin)]


def lower_bound(
    values: NDArray[np.float64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    wanted: NDArray[np.float64],
    zero: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Position of the first value of each row that is not below a wanted one.

    Parameters
    ----------
    values : ndarray of shape (k,)
        Rows, one after another, each rising.
    begin, end : ndarray of shape (n,)
        Where some of the rows begin and end.
    wanted, zero : ndarray of shape (n,)
        A value for each, and what its values are counted from.

    Returns
    -------
    ndarray of shape (n,)
        Indices into the column; `end` where all are below.
    """
    low, high = begin.copy(), end.copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        below = open_ & (values[np.minimum(middle, len(values) - 1)] - zero < wanted)
        low = np.where(below, middle + 1, low)
        high = np.where(open_ & ~below, middle, high)
    return low

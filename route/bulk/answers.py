"""What is asked of many pairs, and the answers as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from route.errors import AmbiguousPlaceError, InputError, NoPathError, PlaceError, RouteError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ANSWERS", "Answers", "Cell", "Options", "Pair"]

ANSWERS = (
    "status",
    "distance_km",
    "geodesic_km",
    "duration_h_p10",
    "duration_h_p50",
    "duration_h_p90",
    "message",
)
"""Columns that are added to those of the input."""

Cell = str | float | int | None
"""What stands in a cell of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked of all rows.

    Parameters
    ----------
    train : str
        Class of train where a row names none.
    avoid : tuple of str
        As for `route.planner.plan`.
    shortest : bool
        The shortest way instead of the fastest.
    network : str or None
        A network file instead of the world network.
    pick : str
        ``clear`` or ``best``, as for `route.planner.plan`.
    times : bool
        Running times too; without them durations stay empty.
    """

    train: str = "passenger"
    avoid: tuple[str, ...] = ()
    shortest: bool = False
    network: str | None = None
    pick: str = "clear"
    times: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What a row asks for.

    Parameters
    ----------
    origin, destination : str or tuple
        A name, or latitude and longitude as they stand in the table.
    via : str
        Names of places to pass, separated by ``;``.
    train : str
        Class of train; empty for that of the options.
    """

    origin: Cell | tuple[Cell, Cell]
    destination: Cell | tuple[Cell, Cell]
    via: str = ""
    train: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """Answers to rows, as columns.

    Parameters
    ----------
    status, message : list of str
        What became of each row, and why where it has no answer.
    values : ndarray of shape (n, 5)
        Distances in kilometres and hours, in the order of `ANSWERS`; NaN where there is none.
    """

    status: list[str]
    message: list[str]
    values: NDArray[np.float64]

    @classmethod
    def empty(cls, count: int) -> Answers:
        """Columns to be filled in.

        Parameters
        ----------
        count : int
            Number of rows.

        Returns
        -------
        Answers
            Without any answer yet.
        """
        return cls(status=[""] * count, message=[""] * count, values=np.full((count, 5), np.nan))

    def fail(self, row: int, error: RouteError) -> None:
        """Enter why a row has no answer.

        Parameters
        ----------
        row : int
            The row.
        error : RouteError
            What went wrong.
        """
        if isinstance(error, NoPathError):
            self.status[row] = "no_path"
        elif isinstance(error, AmbiguousPlaceError):
            self.status[row] = "ambiguous"
        elif isinstance(error, PlaceError):
            self.status[row] = "place_not_found"
        elif isinstance(error, InputError):
            self.status[row] = "invalid"
        else:
            raise error
        self.message[row] = " ".join(str(error).split())

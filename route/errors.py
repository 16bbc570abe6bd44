"""Errors of railroute.

Each inherits the built-in that fits, carries its data as attributes, and reads as one or two sentences that
say what went wrong, where, and what to do::

    RouteError                     exit code 1
    ├── InputError (ValueError)            2   bad usage or unreadable input
    │   └── NetworkFileError               2   a network file that cannot be used
    ├── PlaceError (LookupError)           3
    │   ├── PlaceNotFoundError             3   no such place
    │   └── AmbiguousPlaceError            3   several places, none clearly meant
    ├── NoPathError (LookupError)          4   no railway path between two places
    └── ServiceError (OSError)             5   a network service failed
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AmbiguousPlaceError",
    "InputError",
    "NetworkFileError",
    "NoPathError",
    "PlaceError",
    "PlaceNotFoundError",
    "RouteError",
    "ServiceError",
]


class RouteError(Exception):
    """Root of every error that railroute raises on purpose.

    Attributes
    ----------
    exit_code : int
        Exit code of the command line for this kind of error.
    """

    exit_code: ClassVar[int] = 1


class InputError(RouteError, ValueError):
    """A value, an option or a file that cannot be used."""

    exit_code: ClassVar[int] = 2


class NetworkFileError(InputError):
    """A network file that is missing, damaged or of another format version."""


class PlaceError(RouteError, LookupError):
    """A place that cannot be resolved.

    Parameters
    ----------
    message : str
        What went wrong and what to do.
    query : str
        The name as it was given.
    candidates : tuple of str
        Descriptions of the places that come nearest, best first.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, query: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.query = query
        self.candidates = candidates


class PlaceNotFoundError(PlaceError):
    """No place of that name is known."""


class AmbiguousPlaceError(PlaceError):
    """Several places bear the name and none is clearly meant."""


class NoPathError(RouteError, LookupError):
    """No railway path joins two places.

    Parameters
    ----------
    message : str
        Which two places, and why there is no way between them.
    origin, destination : str
        Names of the two places.
    reason : str
        A word for programs: ``no_railway_near``, ``not_connected``, ``avoided`` or ``closed_border``.
    """

    exit_code: ClassVar[int] = 4

    def __init__(self, message: str, *, origin: str, destination: str, reason: str) -> None:
        super().__init__(message)
        self.origin = origin
        self.destination = destination
        self.reason = reason


class ServiceError(RouteError, OSError):
    """A network service did not answer as it should.

    Parameters
    ----------
    message : str
        Which service, what happened, what to do.
    service : str
        Name or address of the service.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, message: str, *, service: str) -> None:
        super().__init__(message)
        self.service = service

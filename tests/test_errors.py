"""The tree of errors: exit codes, built-in bases, and the data they carry."""

from __future__ import annotations

import inspect

import pytest

from route import errors


def all_errors() -> list[type[errors.RouteError]]:
    return [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.RouteError)
    ]


@pytest.mark.parametrize(
    ("kind", "code", "base"),
    [
        (errors.RouteError, 1, Exception),
        (errors.InputError, 2, ValueError),
        (errors.NetworkFileError, 2, ValueError),
        (errors.PlaceError, 3, LookupError),
        (errors.PlaceNotFoundError, 3, LookupError),
        (errors.AmbiguousPlaceError, 3, LookupError),
        (errors.NoPathError, 4, LookupError),
        (errors.ServiceError, 5, OSError),
    ],
)
def test_exit_code_and_builtin_base(kind: type[errors.RouteError], code: int, base: type[Exception]) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, base)


def test_every_error_is_public_and_drawn_in_the_docstring() -> None:
    names = {kind.__name__ for kind in all_errors()}
    assert names == set(errors.__all__)
    assert all(name in (errors.__doc__ or "") for name in names)


def test_place_error_carries_query_and_candidates() -> None:
    error = errors.AmbiguousPlaceError("Which one?", query="Springfield", candidates=("IL", "MO"))
    assert (str(error), error.query, error.candidates) == ("Which one?", "Springfield", ("IL", "MO"))


def test_no_path_error_carries_ends_and_reason() -> None:
    error = errors.NoPathError("No way.", origin="London", destination="Dublin", reason="not_connected")
    assert (error.origin, error.destination, error.reason) == ("London", "Dublin", "not_connected")


def test_service_error_reads_as_its_message() -> None:
    error = errors.ServiceError("Nominatim is silent.", service="Nominatim")
    assert (str(error), error.service) == ("Nominatim is silent.", "Nominatim")

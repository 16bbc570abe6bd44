"""From the names of places to the railway route between them.

The public names are those of `__all__`; each is loaded when it is first used, so that ``import route`` and
the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from route.bulk import batch, matrix
    from route.checking import Check, check
    from route.comparing import Comparison, compare
    from route.errors import InputError, NoPathError, PlaceError, RouteError, ServiceError
    from route.geocoding import resolve
    from route.itinerary import Band, Halt, Itinerary, Leg, StopTime
    from route.places import Place
    from route.planner import plan
    from route.reading import read
    from route.trip import Trip

__all__ = [
    "Band",
    "Check",
    "Comparison",
    "Halt",
    "InputError",
    "Itinerary",
    "Leg",
    "NoPathError",
    "Place",
    "PlaceError",
    "RouteError",
    "ServiceError",
    "StopTime",
    "Trip",
    "batch",
    "check",
    "compare",
    "matrix",
    "plan",
    "read",
    "resolve",
]

__version__ = "0.1.0"

_HOME = {
    "Band": "itinerary",
    "Check": "checking",
    "Comparison": "comparing",
    "Halt": "itinerary",
    "InputError": "errors",
    "Itinerary": "itinerary",
    "Leg": "itinerary",
    "NoPathError": "errors",
    "Place": "places",
    "PlaceError": "errors",
    "RouteError": "errors",
    "ServiceError": "errors",
    "StopTime": "itinerary",
    "Trip": "trip",
    "batch": "bulk",
    "check": "checking",
    "compare": "comparing",
    "matrix": "bulk",
    "plan": "planner",
    "read": "reading",
    "resolve": "geocoding",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Names that `dir` and completion show."""
    return sorted({*globals(), *__all__})

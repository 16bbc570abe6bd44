"""Accuracy of a network: its distances beside those of reference journeys."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from route.errors import InputError, NoPathError, RouteError
from route.places import Place
from route.planner import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["Journey", "Measured", "measure", "read_journeys"]


_COLUMNS = ("id", "origin", "origin_lat", "origin_lon", "destination", "dest_lat", "dest_lon", "rail_km")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A journey whose length by rail is known.

    Parameters
    ----------
    id : str
        Its number in the list.
    origin, destination : Place or str
        Its ends; a name where no position is given.
    via : tuple of str
        Places that it passes, in order.
    rail_km : float or None
        Its length in kilometres; None if there is no railway between its ends.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    id: str
    origin: Place | str
    destination: Place | str
    via: tuple[str, ...]
    rail_km: float | None
    confidence: str

    @property
    def title(self) -> str:
        """Names of its ends."""
        ends = (self.origin, self.destination)
        return " - ".join(end if isinstance(end, str) else end.name for end in ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a network says of a journey.

    Parameters
    ----------
    journey : Journey
        The journey.
    km : float or None
        Its length in the network; None if there is no way.
    reason : str
        Why there is none.
    """

    journey: Journey
    km: float | None
    reason: str = ""

    @property
    def error(self) -> float | None:
        """Error as a share of the known length; None where either is missing."""
        if self.km is None or self.journey.rail_km is None:
            return None
        return self.km / self.journey.rail_km - 1.0


def read_journeys(path: Path) -> tuple[Journey, ...]:
    """Read a list of reference journeys.

    Parameters
    ----------
    path : Path
        CSV with the columns ``id, origin, origin_lat, origin_lon, destination, dest_lat, dest_lon, rail_km``
        and, if it has them, ``via`` (places separated by ``;``) and ``confidence``. Where the position is
        empty, the name is looked up.

    Returns
    -------
    tuple of Journey
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read; says which line.
    """
    reader: csv.DictReader[str] | None = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            journeys = tuple(_journey(row) for row in reader)
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except KeyError as error:
        raise InputError(f"{path} has no column {error}. Give a list of journeys with it.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text ({error.reason}). Save it as UTF-8.") from error
    except (ValueError, csv.Error) as error:
        line = f", line {reader.line_num}" if reader is not None else ""
        raise InputError(f"{path}{line}: {str(error).rstrip('.')}. Correct it.") from error
    if not journeys:
        raise InputError(f"{path} has no journeys.")
    return journeys


def _journey(row: dict[str, str]) -> Journey:
    missing = [name for name in _COLUMNS if name not in row]
    if missing:
        raise KeyError(missing[0])
    if None in row.values() or None in row:
        raise ValueError("the row has not as many cells as the head has columns")
    known = float(row["rail_km"]) if row["rail_km"] else None
    if known is not None and not 0 < known < math.inf:
        raise ValueError(f"rail_km is {row['rail_km']}, and has to be a length above 0, or empty")
    return Journey(
        id=row["id"],
        origin=_place(row["origin"], row["origin_lat"], row["origin_lon"]),
        destination=_place(row["destination"], row["dest_lat"], row["dest_lon"]),
        via=tuple(part.strip() for part in (row.get("via") or "").split(";") if part.strip()),
        rail_km=known,
        confidence=row.get("confidence") or "high",
    )


def _place(name: str, lat: str, lon: str) -> Place | str:
    if not (lat or lon):
        return name
    return Place(name=name, lat=float(lat), lon=float(lon), kind="station")


def measure(
    journeys: Sequence[Journey], network: str | Path | None, *, tell: Callable[[int, int], None] | None = None
) -> tuple[Measured, ...]:
    """Measure journeys on a network.

    Parameters
    ----------
    journeys : sequence of Journey
        The journeys.
    network : str or Path or None
        A network file; the world network by default.
    tell : callable, optional
        Is told how many journeys are done, and how many there are.

    Returns
    -------
    tuple of Measured
        One for each journey.
    """
    results = []
    for number, journey in enumerate(journeys, start=1):
        try:
            trip = plan([journey.origin, journey.destination], via=journey.via, network=network, pick="best")
            results.append(Measured(journey=journey, km=trip.distance_km))
        except NoPathError as error:
            results.append(Measured(journey=journey, km=None, reason=error.reason))
        except RouteError as error:
            results.append(Measured(journey=journey, km=None, reason=str(error)))
        if tell is not None:
            tell(number, len(journeys))
    return tuple(results)

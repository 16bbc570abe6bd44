"""What `railroute map` and `railroute legs` do with itinerary files, several journeys and alternatives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from route.cli_naming import online_of
from route.errors import InputError
from route.files import data_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from route.checking import Check
    from route.comparing import Comparison
    from route.trip import Trip
    from route.webmap import RouteMap

__all__ = ["add_map_options", "chosen", "drawn", "one", "target"]

_ENDING = ".toml"
_EMBED_HELP = """write a piece of HTML to paste into an article: the page in a frame that fits its width from
320 pixels up, with a picture behind it where frames or scripts are not allowed; a system that takes addresses
only shows the page itself, uploaded and put into an iframe"""


def add_map_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only a map has.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the command.
    """
    parser.add_argument("--title", metavar="TEXT", help="heading of the page")
    parser.add_argument("--embed", action="store_true", help=" ".join(_EMBED_HELP.split()))


def chosen(options: argparse.Namespace, plan: Callable[[argparse.Namespace], Trip]) -> list[Trip | Check]:
    """Journeys that the arguments ask for.

    Parameters
    ----------
    options : Namespace
        The arguments of a journey.
    plan : callable
        Plans a journey through places.

    Returns
    -------
    list of Trip or Check
        One for each itinerary file, or the one through the places.

    Raises
    ------
    RouteError
        If files and places are mixed, or as `route.plan` and `route.check`.
    """
    shipped = {path.stem for path in data_path("itineraries").glob(f"*{_ENDING}")}
    files = [name for name in options.places if name.endswith(_ENDING) or name in shipped]
    if not files:
        return [plan(options)]
    if len(files) < len(options.places):
        other = next(name for name in options.places if name not in files)
        raise InputError(
            f"{files[0]} is a file of an itinerary and {other} is not. Give files, or places, not both."
        )
    from route.checking import read_journey

    return [
        read_journey(
            file,
            departure=options.depart,
            train=options.train,
            via=tuple(options.via),
            avoid=tuple(options.avoid),
            network=options.network,
            online=online_of(options),
            lang=options.lang,
            shortest=options.shortest,
            alternatives=options.alternatives,
            pick=options.pick,
            tz=options.tz,
        )
        for file in files
    ]


def one(options: argparse.Namespace, plan: Callable[[argparse.Namespace], Trip]) -> Trip:
    """Journey of a command that takes one.

    Parameters
    ----------
    options : Namespace
        The arguments of a journey.
    plan : callable
        Plans a journey through places.

    Returns
    -------
    Trip
        The journey; of an itinerary file the one that leaves as early as was reported.

    Raises
    ------
    RouteError
        If there are several files, or as `chosen`.
    """
    from route.trip import Trip

    journeys = chosen(options, plan)
    if len(journeys) > 1:
        raise InputError("This command takes one itinerary file. `railroute map` draws several.")
    return journeys[0] if isinstance(journeys[0], Trip) else journeys[0].trip


def drawn(journeys: list[Trip | Check], options: argparse.Namespace) -> tuple[RouteMap, str]:
    """Map of the journeys, and what to print of them.

    Parameters
    ----------
    journeys : list of Trip or Check
        The journeys.
    options : Namespace
        The arguments of the command.

    Returns
    -------
    RouteMap
        The map.
    str
        Tables for the screen.

    Raises
    ------
    InputError
        If there are more journeys than can be told apart.
    """
    from route.trip import Trip

    if len(journeys) > 1:
        from route.comparing import compare

        comparison: Comparison = compare(journeys, lang=options.lang)
        return comparison.map(title=options.title), str(comparison)
    journey = journeys[0]
    if isinstance(journey, Trip):
        return journey.map(title=options.title, alternatives=True), str(journey)
    if journey.trip.itinerary.alternatives:
        return journey.trip.map(title=options.title, alternatives=True), str(journey.trip)
    told = f"{journey.trip}\n{journey.summary}\n" if journey.stated else str(journey.trip)
    return journey.map(title=options.title), told


def target(options: argparse.Namespace) -> Path:
    """File to write the map to.

    Parameters
    ----------
    options : Namespace
        The arguments of the command.

    Returns
    -------
    Path
        The file that was named, else ``route.html`` or ``route-embed.html``.
    """
    return Path(options.output or ("route-embed.html" if options.embed else "route.html"))

"""What `railroute map` does when the file it is to write is a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    import argparse

    from route.checking import Check
    from route.trip import Trip

__all__ = ["add_picture_options", "is_picture", "write_picture"]

_PAGES = frozenset({"", ".html", ".htm"})
_SIZE_HELP = """size of a picture in pixels, such as 1200x800, or landscape, square, portrait, hd, a4, a4-landscape;
by default what suits the route"""


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that only a picture has.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the command.
    """
    parser.add_argument("--size", metavar="WxH", help=" ".join(_SIZE_HELP.split()))
    parser.add_argument("--dark", action="store_true", help="draw a picture light on dark")


def is_picture(options: argparse.Namespace) -> bool:
    """Whether the file to write is a picture.

    Parameters
    ----------
    options : Namespace
        The arguments of ``railroute map``.

    Returns
    -------
    bool
        True for PNG, SVG and PDF; False for a page.

    Raises
    ------
    InputError
        If the ending of the file is neither that of a picture nor of a page, or options do not fit it.
    """
    from route import staticmap

    output = options.output or "route.html"
    if staticmap.format_of(output) is None:
        ending = Path(output).suffix
        if ending.casefold() not in _PAGES:
            raise InputError(f"Cannot draw a map as {ending}: {output}. Choose .html, .png, .svg or .pdf.")
        if options.size is not None or options.dark:
            raise InputError(
                f"--size and --dark are for pictures, and {output} is a page, which fits its window and knows "
                "the dark by itself. Name a .png, .svg or .pdf file with -o."
            )
        return False
    if options.embed:
        raise InputError(f"--embed writes HTML, and {output} is a picture. Leave out one of them.")
    if options.size is not None:
        staticmap.parse_size(options.size)
    return True


def write_picture(journeys: list[Trip | Check], options: argparse.Namespace) -> str:
    """Draw journeys into the file that was named.

    Parameters
    ----------
    journeys : list of Trip or Check
        The journeys.
    options : Namespace
        The arguments of ``railroute map``.

    Returns
    -------
    str
        Tables for the screen.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from route import staticmap
    from route.trip import Trip

    trips = [journey if isinstance(journey, Trip) else journey.trip for journey in journeys]
    names: list[str] = []
    if len(journeys) > 1:
        from route.comparing import compare

        comparison = compare(journeys, lang=options.lang)
        names = [one.name for one in comparison.shown]
        told = str(comparison)
    else:
        journey = journeys[0]
        told = str(trips[0])
        if not isinstance(journey, Trip) and journey.stated:
            told += f"\n{journey.summary}\n"
    staticmap.picture(
        [trip.itinerary for trip in trips],
        size=options.size,
        title=options.title,
        lang=options.lang,
        dark=options.dark,
        names=names,
    ).save(options.output)
    return told

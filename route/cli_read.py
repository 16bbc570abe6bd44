"""The command ``railroute read``, and the option ``--text`` of the commands that plan a journey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError, PlaceNotFoundError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from route.places import Place
    from route.reading import Reading

__all__ = ["READ_FORMATS", "add_text", "places_of_text", "run"]

READ_FORMATS = ("table", "json", "toml")
"""Formats of ``railroute read``."""

_FEWEST, _MOST_NAMED = 2, 6


def run(
    words: Sequence[str],
    command: Callable[[str, str], argparse.ArgumentParser],
    add_output: Callable[[argparse.ArgumentParser, tuple[str, ...]], None],
    form_of: Callable[[argparse.Namespace, tuple[str, ...]], str],
    deliver: Callable[[bytes, str | None], None],
) -> None:
    """Run the command.

    Parameters
    ----------
    words : sequence of str
        The arguments after ``read``.
    command : callable
        Makes a parser from the name of a command and its description.
    add_output : callable
        Adds the options for format and file to a parser.
    form_of : callable
        The format that the options ask for.
    deliver : callable
        Writes a result to a file or to standard output.

    Raises
    ------
    PlaceNotFoundError
        If an itinerary file is asked for and the text has no journey.
    """
    from route.reading import read

    parser = command("read", "Find the places of a journey in a plain text, in order, to check and to edit.")
    parser.add_argument("text", metavar="ARTICLE", help="a file with plain text in any language")
    _add_encoding(parser)
    parser.add_argument("--lang", metavar="LANG", help="language of the names: en, da, ko, ru ...")
    parser.add_argument(
        "--pick",
        choices=("clear", "best"),
        default="clear",
        help="best: take the likeliest place even if another is nearly as likely",
    )
    add_output(parser, READ_FORMATS)
    options = parser.parse_args(list(words))
    form = form_of(options, READ_FORMATS)
    found = read(Path(options.text), encoding=options.encoding, lang=options.lang, pick=options.pick)
    if form == "toml":
        if not found.stops:
            raise _too_few(found, options.text)
        content = found.to_toml()
    else:
        content = found.to_json() if form == "json" else str(found)
    deliver(content.encode(), options.output)


def add_text(parser: argparse.ArgumentParser) -> None:
    """Add the options for a text instead of places.

    Parameters
    ----------
    parser : ArgumentParser
        The parser of a command that plans a journey.
    """
    parser.add_argument(
        "--text", metavar="ARTICLE", help="take the places from a plain text; see: railroute read"
    )
    _add_encoding(parser)


def _add_encoding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--encoding", metavar="NAME", help="encoding of the text, such as windows-1251; default: UTF-8"
    )


def places_of_text(options: argparse.Namespace, tell: Callable[[str], None]) -> list[Place]:
    """Places of the text that the options name.

    Parameters
    ----------
    options : Namespace
        With ``text``, ``encoding``, ``places``, ``lang`` and ``pick``.
    tell : callable
        Writes a line for the reader to standard error.

    Returns
    -------
    list of Place
        At least two places, in the order of the journey.

    Raises
    ------
    InputError
        If the text cannot be read, or places are given as well.
    PlaceNotFoundError
        If fewer than two places are found.
    """
    from route.reading import read

    if options.places:
        raise InputError("Give places or --text, not both: the places are taken from the text.")
    found = read(Path(options.text), encoding=options.encoding, lang=options.lang, pick=options.pick)
    places = list(found.places)
    if len(places) < _FEWEST:
        raise _too_few(found, options.text)
    names = ", ".join(place.name_in(options.lang) for place in places)
    tell(f"note: {found.name} tells of {names}. What was left out: railroute read {options.text}")
    return places


def _too_few(found: Reading, name: str) -> PlaceNotFoundError:
    names = [place.name for place in found.places]
    struck = list(dict.fromkeys(mention.text for mention in found.struck))
    what = f"only {names[0]} was found" if names else "no place was found"
    others = ", ".join(struck[:_MOST_NAMED]) + (", ..." if len(struck) > _MOST_NAMED else "")
    beside = f"; it also names {others}" if struck else ""
    return PlaceNotFoundError(
        f"{name} tells of no journey: {what} that one goes to{beside}. "
        "Give the places themselves, or write an itinerary file.",
        query=str(name),
    )

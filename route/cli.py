"""The command line: arguments, exit codes and messages.

Exit codes: 0 done; 1 unexpected; 2 bad usage or unreadable input; 3 place not found or ambiguous; 4 no
railway path; 5 a network service failed. An error is one or two lines on standard error. What a command needs
is imported when it runs, so that a light one starts at once.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from route import __version__
from route.cli_naming import add_naming, online_of
from route.errors import InputError, PlaceError, RouteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.itinerary import Itinerary
    from route.trip import Trip

__all__ = ["main"]

_LEGS_FORMATS = ("table", "json", "csv", "geojson", "gpx", "kml", "ics", "parquet")
_GEOCODE_FORMATS = ("table", "json", "geojson")
# On the screen these show the warnings of a journey; beside all else they go to standard error.
_SHOWS_WARNINGS = frozenset({"table", "json"})
_NEGATIVE_LATITUDE = re.compile(r"-(\.?\d|inf|nan)[^,]*,", re.IGNORECASE)
_INTERRUPTED, _BROKEN_PIPE, _TERMINATED = 130, 141, 143  # 128 and the number of the signal, as shells have it
_COLLECT_EVERY = 100_000
_LONGEST = 2_000

_OVERVIEW = """\
From the names of places to the railway route between them.

commands:
  map [PLACE ...]    draw the route as one HTML page and print its legs
  map FILE ...       draw journeys as reported, with their sightings and verdict; several beside each other
  legs [PLACE ...]   print distance and running time of each leg
  geocode NAME ...   print what each name is taken for
  check FILE         say whether a journey can have gone as it was reported
  read ARTICLE       find the places of a journey in a text
  batch TABLE        distance and running time of each pair in a table
  matrix PLACES      the same from each place of a table to each
  network ...        build, examine and fetch networks of your own

"railroute COMMAND --help" tells more. Without places, map and legs take the story
that the package ships with: Pyongyang, Khasan, Vladivostok, Russky Island."""

_PLACES = """\
a name in any language, the id of a curated place, or latitude,longitude such as 43.11,131.88;
none at all for the story that the package ships with; or an itinerary in TOML, as for check"""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are those of the package."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse passes over what cannot be written.
        if file is None or file is not sys.stdout:
            super()._print_message(message, file)
        else:
            _print(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        # A pipe closed by a pager shows here, where `main` can answer, and not when the interpreter ends.
        if sys.stdout:
            sys.stdout.flush()
        super().exit(status, message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the name of the program; by default those of the process.

    Returns
    -------
    int
        The exit code.
    """
    _speak_utf8()
    if argv is None:
        _be_a_process()
    try:
        _run([_argument(word) for word in (sys.argv[1:] if argv is None else argv)])
        if sys.stdout:
            sys.stdout.flush()
    except RouteError as error:
        _complain(error)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return _BROKEN_PIPE
    except MemoryError:
        _tell("There is not memory enough for this. Ask for less at a time, or use a machine with more.")
        return RouteError.exit_code
    except Exception as error:
        if os.environ.get("RAILROUTE_DEBUG"):
            raise
        _tell(f"Unexpected {type(error).__name__}: {error}. RAILROUTE_DEBUG=1 shows where.")
        return RouteError.exit_code
    finally:
        if argv is None:
            _answer_signals(last=True)
            # When the interpreter ends it looks for cycles among all there is, which goes away with it anyway.
            gc.freeze()
    return 0


def _be_a_process() -> None:
    """Settings of a process of its own, which a program that calls `main` keeps to itself."""
    _answer_signals(last=False)
    # Looking for cycles among the modules that are being loaded takes a tenth of a short run.
    gc.set_threshold(_COLLECT_EVERY)


def _answer_signals(*, last: bool) -> None:
    """Have a signal end the process as an error does, or, at the last, at once; ignored ones stay ignored."""
    ours = (signal.default_int_handler, _terminate, signal.SIG_DFL)
    with suppress(ValueError):  # signals belong to the main thread
        for number, answer in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, _terminate)):
            if signal.getsignal(number) in ours:
                signal.signal(number, signal.SIG_DFL if last else answer)


def _terminate(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not break off the clearing away
    raise SystemExit(_TERMINATED)


def _run(words: list[str]) -> None:
    commands = {
        "map": _map,
        "legs": _legs,
        "geocode": _geocode,
        "check": _check,
        "read": _read,
        "batch": _batch,
        "matrix": _matrix,
        "network": _network,
    }
    if words and words[0] in commands:
        commands[words[0]](words[1:])
        return
    if words and not words[0].startswith("-"):
        raise InputError(f"There is no command {words[0]!r}. Choose one of: {', '.join(commands)}.")
    parser = _Parser(
        prog="railroute",
        usage="railroute COMMAND ...",
        description=_OVERVIEW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"railroute {__version__}")
    parser.parse_args(words)
    parser.print_help()


def _map(words: list[str]) -> None:
    from route.cli_map import add_map_options, chosen, drawn, target
    from route.cli_picture import add_picture_options, is_picture, write_picture
    from route.files import write_atomic

    parser = _command(
        "map", "Draw the route as one HTML page that needs no network, or as a picture, and print its legs."
    )
    _add_journey(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=_file,
        help="page, or picture if it ends with .png, .svg or .pdf; default: route.html, or route-embed.html",
    )
    add_map_options(parser)
    add_picture_options(parser)
    options = parser.parse_intermixed_args(words)
    if is_picture(options):
        told = write_picture(chosen(options, _plan), options)
        _print(f"{told}\nMap: {options.output}\n")
        return
    route_map, told = drawn(chosen(options, _plan), options)
    page = route_map.to_embed() if options.embed else route_map.to_html()
    write_atomic(target(options), page.encode())
    _print(f"{told}\nMap: {target(options)}\n")


def _legs(words: list[str]) -> None:
    from route import exports
    from route.cli_map import one

    parser = _command("legs", "Print distance and running time of each leg.")
    _add_journey(parser)
    _add_output(parser, _LEGS_FORMATS)
    options = parser.parse_intermixed_args(words)
    form = _format(options, _LEGS_FORMATS)
    if form == "parquet" and not options.output:
        raise InputError("A Parquet file is not text for a screen. Say where to write it with -o FILE.")
    trip = one(options, _plan)
    itinerary = trip.itinerary
    _deliver(exports.render(itinerary, form, lang=options.lang, tz=trip.tz), options.output)
    if options.output or form not in _SHOWS_WARNINGS:
        _tell_warnings(itinerary)


def _geocode(words: list[str]) -> None:
    from route import exports, geocoding

    parser = _command(
        "geocode", "Print what each name is taken for; several are resolved together, as a route."
    )
    parser.add_argument("names", nargs="+", metavar="NAME", type=str.strip, help="as for the other commands")
    parser.add_argument("--separately", action="store_true", help="resolve each name alone")
    add_naming(parser)
    _add_output(parser, _GEOCODE_FORMATS)
    options = parser.parse_intermixed_args(words)
    form = _format(options, _GEOCODE_FORMATS)
    found = geocoding.resolve(
        options.names,
        online=online_of(options),
        pick=options.pick,
        separately=options.separately,
        lang=options.lang,
    )
    _deliver(exports.render_places(found, form, lang=options.lang), options.output)


def _check(words: list[str]) -> None:
    from route.checking import check
    from route.exports.checked import CHECK_FORMATS, render_check

    parser = _command("check", "Say whether a journey can have gone as it was reported, and what would fit.")
    parser.add_argument("itinerary", metavar="FILE", help="sightings in TOML, as in data/itineraries")
    parser.add_argument("--train", metavar="CLASS", help="class of train instead of that of the file")
    parser.add_argument("--network", metavar="FILE", help="a network of your own instead of the world's")
    add_naming(parser)
    _add_output(parser, CHECK_FORMATS)
    options = parser.parse_intermixed_args(words)
    form = _format(options, CHECK_FORMATS)
    found = check(
        options.itinerary,
        train=options.train,
        network=options.network,
        online=online_of(options),
        lang=options.lang,
        pick=options.pick,
    )
    _deliver(render_check(found.report, form, lang=options.lang), options.output)


def _read(words: list[str]) -> None:
    from route.cli_read import run

    run(words, _command, _add_output, _format, _deliver)


def _network(words: list[str]) -> None:
    from route.cli_network import run

    run(words, _command, _print)


def _batch(words: list[str]) -> None:
    from route.cli_bulk import run_batch

    run_batch(words, _command, _tell)


def _matrix(words: list[str]) -> None:
    from route.cli_bulk import run_matrix

    run_matrix(words, _command, _tell)


def _plan(options: argparse.Namespace) -> Trip:
    from route.cli_read import places_of_text
    from route.planner import plan

    return plan(
        places_of_text(options, _tell) if options.text is not None else options.places or None,
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


def _command(name: str, description: str) -> _Parser:
    return _Parser(prog=f"railroute {name}", description=description, allow_abbrev=False)


def _add_journey(parser: argparse.ArgumentParser) -> None:
    from route.cli_read import add_text

    add = parser.add_argument
    add("places", nargs="*", metavar="PLACE", type=str.strip, help=_PLACES)
    add_text(parser)
    add(
        "--via",
        action="append",
        default=[],
        metavar="PLACE",
        type=str.strip,
        help="pass here; may be given again",
    )
    add(
        "--avoid",
        action="append",
        default=[],
        metavar="WHAT",
        help="country:CN, line:NAME or place:NAME; may be given again",
    )
    add("--shortest", action="store_true", help="the shortest way instead of the fastest")
    add(
        "--alternatives",
        type=int,
        default=0,
        metavar="N",
        help="find up to N other ways that really differ; map draws them beside the first",
    )
    add(
        "--depart",
        metavar="TIME",
        help="such as 2019-04-24T05:00; local to the origin unless it has an offset",
    )
    add("--tz", metavar="ZONE", help="show the times on that clock too, such as UTC or Europe/Copenhagen")
    add(
        "--train",
        metavar="CLASS",
        help="class of train; default: passenger. An unknown one lists all there are",
    )
    add("--network", metavar="FILE", help="a network of your own instead of the world's")
    add_naming(parser)


def _add_output(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    parser.add_argument("--format", choices=formats, help="default: by the ending of FILE, else table")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=_file_or_print, help="write there instead of printing"
    )


def _file(name: str) -> str:
    if not name.strip():  # a variable of a script that was never set
        raise argparse.ArgumentTypeError("the name of the file is empty")
    if name == "-":
        raise argparse.ArgumentTypeError(
            "- is standard output, which this is not for; give the name of a file"
        )
    return name


def _file_or_print(name: str) -> str | None:
    return None if name == "-" else _file(name)


def _format(options: argparse.Namespace, formats: tuple[str, ...]) -> str:
    from route.exports import format_of

    if options.format:
        return str(options.format)
    return format_of(Path(options.output), formats) if options.output else "table"


def _deliver(content: bytes, output: str | None) -> None:
    if output:
        from route.files import write_atomic

        write_atomic(Path(output), content)
    else:
        _print(content.decode())


def _print(text: str) -> None:
    if not sys.stdout:  # closed by whoever called the program
        raise InputError("Cannot write to standard output: it is closed. Write to a file with -o.")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _give_up_output()
        raise InputError(f"Cannot write to standard output: {error.strerror or error}.") from error


def _give_up_output() -> None:
    """Let go of what is left in the buffer: it would raise once more when the interpreter closes the stream."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(message: str) -> None:
    from route.exports.text import plain

    if len(message) > _LONGEST:  # what was asked for may be of any length, and is quoted
        message = f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
    with suppress(OSError):
        # Without a standard error, `print` would take the other stream.
        print(f"railroute: {plain(message)}", file=sys.stderr or io.StringIO())


def _tell_warnings(itinerary: Itinerary) -> None:
    for warning in itinerary.warnings:
        _tell(f"note: {warning}")


def _complain(error: RouteError) -> None:
    _tell(str(error))
    if isinstance(error, PlaceError) and not all(name in str(error) for name in error.candidates):
        _tell(f"Candidates: {'; '.join(error.candidates)}.")


def _argument(word: str) -> str:
    """Argument as Unicode, and a latitude south of the equator as a value rather than an option."""
    if "\0" in word:
        raise InputError(f"An argument has a NUL character: {word[:80]!a}. Write it without.")
    if word.startswith("--") and word.endswith("=--"):
        # argparse takes the value for the end of the options, and gives an empty list.
        raise InputError(f"{word}: -- is no value. Give another one.")
    try:
        word.encode()
    except UnicodeEncodeError:
        # Where the locale is not UTF-8, the bytes of an argument have been kept as surrogates.
        try:
            word = os.fsencode(word).decode()
        except UnicodeError:
            raise InputError(f"An argument is no UTF-8 text: {word!a}.") from None
    # argparse takes what begins with a minus sign for an option; the places are stripped when they are read.
    return f" {word}" if _NEGATIVE_LATITUDE.match(word) else word


def _speak_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
            stream.reconfigure(encoding="utf-8", errors=stream.errors)

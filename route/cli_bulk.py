"""The commands for many pairs of places: batch and matrix."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["run_batch", "run_matrix"]

_EVERY_S = 0.2
_EVERY_LINE_S = 10.0

_BATCH = """\
Distance and running time of each pair of places in a table.

The table is CSV (UTF-8) or Parquet, or a folder of Parquet files. Its columns are
  origin,destination                                         names, as for the other commands; or
  origin_lat,origin_lon,destination_lat,destination_lon      degrees, used where both are there
  via      optional: places to pass, separated by ;
  train    optional: class of train of the row
All columns come back as they are, with status (ok, no_path, place_not_found, ambiguous, invalid),
distance_km, geodesic_km, duration_h_p10, duration_h_p50, duration_h_p90 and message behind them.
A folder gets one Parquet file for each file of an input folder, or files of about a million rows.
A run that was killed goes on where it stopped when the same command is given again."""


_MATRIX = """\
Distance and running time from each of some places to each, in one long table.

A table of places is CSV (UTF-8) or Parquet, with a column name, or lat and lon in degrees (used where
both are there), and optionally id. Each name is resolved by itself. The result has the columns origin and
destination (the id, else the name, else lat,lon), status, distance_km, geodesic_km, duration_h_p10,
duration_h_p50, duration_h_p90 and message. A run that was killed goes on where it stopped."""


def run_batch(
    words: list[str], command: Callable[[str, str], argparse.ArgumentParser], tell: Callable[[str], None]
) -> None:
    """Run ``railroute batch``.

    Parameters
    ----------
    words : list of str
        The arguments after the command.
    command : callable
        Makes a parser from the name of a command and its description.
    tell : callable
        Prints a note to standard error.
    """
    from route.bulk import batch

    parser = command("batch", _BATCH)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pairs", metavar="PAIRS", help="the table: .csv, .parquet, or a folder of .parquet")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="write there: .csv, .parquet, or a folder/ of .parquet",
    )
    _add_common(parser, rows="10000")
    options = parser.parse_intermixed_args(words)
    with _Progress("rows", always=options.progress) as progress:
        batch(
            options.pairs,
            options.output,
            train=options.train,
            avoid=tuple(options.avoid),
            shortest=options.shortest,
            network=options.network,
            pick=options.pick,
            times=not options.no_times,
            jobs=options.jobs,
            dask=options.dask,
            part_rows=options.part_rows,
            progress=progress,
            note=lambda text: tell(f"note: {text}"),
        )


def run_matrix(
    words: list[str], command: Callable[[str, str], argparse.ArgumentParser], tell: Callable[[str], None]
) -> None:
    """Run ``railroute matrix``.

    Parameters
    ----------
    words : list of str
        The arguments after the command.
    command : callable
        Makes a parser from the name of a command and its description.
    tell : callable
        Prints a note to standard error.
    """
    from route.bulk import matrix

    parser = command("matrix", _MATRIX)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("places", metavar="PLACES", help="the places to start from: .csv or .parquet")
    parser.add_argument("--to", metavar="PLACES", help="the places to go to; default: the same")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="write there: .csv, .parquet, or a folder/ of .parquet",
    )
    _add_common(parser, rows="50000, without times 250000")
    options = parser.parse_intermixed_args(words)
    with _Progress("pairs", always=options.progress) as progress:
        matrix(
            options.places,
            options.to,
            options.output,
            train=options.train,
            avoid=tuple(options.avoid),
            shortest=options.shortest,
            network=options.network,
            pick=options.pick,
            times=not options.no_times,
            jobs=options.jobs,
            dask=options.dask,
            part_pairs=options.part_rows,
            progress=progress,
            note=lambda text: tell(f"note: {text}"),
        )


def _add_common(parser: argparse.ArgumentParser, *, rows: str) -> None:
    add = parser.add_argument
    add("--train", metavar="CLASS", default="passenger", help="class of train; default: passenger")
    add("--avoid", action="append", default=[], metavar="WHAT", help="country:CN, line:NAME or place:NAME")
    add("--shortest", action="store_true", help="the shortest way instead of the fastest")
    add("--network", metavar="FILE", help="a network of your own instead of the world's")
    add("--pick", choices=("clear", "best"), default="clear", help="best: take the likeliest place")
    add(
        "--no-times",
        action="store_true",
        help="distances alone: durations stay empty, which is many times faster",
    )
    add("--jobs", type=int, default=1, metavar="N", help="processes; default: 1")
    add(
        "--dask",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="work on a Dask cluster, such as tcp://10.0.0.7:8786; without an address on one made here",
    )
    add(
        "--part-rows",
        type=int,
        metavar="N",
        help=f"rows done and kept at a time; default: {rows}",
    )
    add("--progress", action="store_true", help="show progress also where standard error is no terminal")


class _Progress:
    """Line on standard error that tells how far a run is."""

    def __init__(self, what: str, *, always: bool) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._shown = always or self._terminal
        self._began: tuple[float, int] | None = None
        self._last = 0.0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._terminal and self._began is not None:
            print(file=sys.stderr)

    def __call__(self, done: int, count: int) -> None:
        if not self._shown:
            return
        now = time.monotonic()
        if self._began is None:
            self._began = (now, done)
        if done < count and now - self._last < (_EVERY_S if self._terminal else _EVERY_LINE_S):
            return
        self._last = now
        since, before = self._began
        rate = (done - before) / max(now - since, 1e-9)
        text = f"railroute: {done:,} of {count:,} {self._what}"
        if done > before:
            text += f", {rate:,.0f}/s"
            if done < count:
                text += f", {_left((count - done) / rate)} left"
        print(
            f"\r\x1b[K{text}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )


def _left(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"

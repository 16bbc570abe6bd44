"""The sub-commands of ``railroute network``: building, examining and fetching networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from route.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from route.accuracy import Measured
    from route.building.validate import Examination
    from route.network.model import RailNetwork

__all__ = ["run"]

_OVERVIEW = """\
usage: railroute network COMMAND ...

Build, examine and fetch networks of railways.

commands:
  build SOURCE -o FILE   build a network from OpenStreetMap, Overpass or vector data
  info [FILE]            what a network covers
  validate [FILE]        where a network may be torn, and how true its distances are
  download REGION        fetch an extract of OpenStreetMap from Geofabrik

"railroute network COMMAND --help" tells more. Without FILE, the network of the world.
"""
_SHOWN = 8


def run(
    words: Sequence[str],
    command: Callable[[str, str], argparse.ArgumentParser],
    write: Callable[[str], None],
) -> None:
    """Run a sub-command.

    Parameters
    ----------
    words : sequence of str
        The arguments after ``network``.
    command : callable
        Makes a parser from the name of a command and its description.
    write : callable
        Writes text to standard output.

    Raises
    ------
    InputError
        If there is no such sub-command, or what it is given cannot be used.
    ServiceError
        If a server fails.
    """
    commands = {"build": _build, "info": _info, "validate": _validate, "download": _download}
    if not words or words[0] in ("-h", "--help"):
        write(_OVERVIEW)
    elif words[0] in commands:
        commands[words[0]](words[1:], command, write)
    else:
        raise InputError(f"There is no command network {words[0]}. Choose one of: {', '.join(commands)}.")


def _build(
    words: Sequence[str], command: Callable[[str, str], argparse.ArgumentParser], write: Callable[[str], None]
) -> None:
    from route.building.tags import EXTRA_KINDS, KINDS

    parser = command("network build", "Build a network from OpenStreetMap, Overpass or vector data.")
    add = parser.add_argument
    add(
        "source",
        metavar="SOURCE",
        help=".osm.pbf, .osm, Overpass JSON, GeoPackage, Shapefile, GeoJSON, GeoParquet ...",
    )
    add("-o", "--output", metavar="FILE", required=True, help="the network to write")
    add("--name", metavar="TEXT", help="what the network covers; default: the name of SOURCE")
    add("--attribution", metavar="TEXT", help="whom maps must name; default: by the kind of SOURCE")
    add(
        "--also",
        action="append",
        default=[],
        choices=EXTRA_KINDS,
        help=f"a kind of railway besides {' and '.join(KINDS)}; may be given again",
    )
    add("--layer", metavar="NAME", help="layer of a vector file")
    add("--assume", choices=(*KINDS, *EXTRA_KINDS), help="take every line of a vector file for this")
    add("--heal", action="store_true", help="join loose ends, for a torn source")
    add("--quiet", action="store_true", help="show no progress")
    options = parser.parse_args(list(words))
    _needs_scipy()
    from route.building.build import build_network
    from route.building.progress import Progress, Silent

    output = Path(options.output)
    with Silent() if options.quiet else Progress() as progress:
        network = build_network(
            Path(options.source),
            output,
            name=options.name,
            attribution=options.attribution,
            also=frozenset(options.also),
            layer=options.layer,
            assume=options.assume,
            heal=options.heal,
            progress=progress,
        )
    write(_summary(network, output))


def _needs_scipy() -> None:
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        raise InputError(
            "Building a network needs the package scipy, which is not installed: "
            "pip install 'railroute[build]'."
        )


def _info(
    words: Sequence[str], command: Callable[[str, str], argparse.ArgumentParser], write: Callable[[str], None]
) -> None:
    from route.network.store import read_network

    parser = command("network info", "Print what a network covers.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: the network of the world")
    path = _path(parser.parse_args(list(words)).file)
    write(_summary(read_network(path), path))


def _validate(
    words: Sequence[str], command: Callable[[str, str], argparse.ArgumentParser], write: Callable[[str], None]
) -> None:
    from route.building.progress import Progress
    from route.building.validate import examine
    from route.network.store import read_network

    parser = command("network validate", "Print where a network may be torn, and how true its distances are.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="default: the network of the world")
    parser.add_argument("--journeys", metavar="CSV", help="journeys whose length by rail is known")
    options = parser.parse_args(list(words))
    path = _path(options.file)
    journeys = None
    if options.journeys:
        from route.accuracy import read_journeys

        journeys = read_journeys(Path(options.journeys))
    network = read_network(path)
    text = _summary(network, path) + "\n" + _examination(examine(network))
    if journeys is not None:
        from route.accuracy import measure

        with Progress() as progress:
            progress.step("measuring journeys")
            text += "\n" + _accuracy(measure(journeys, path, tell=progress.at))
    write(text)


def _download(
    words: Sequence[str], command: Callable[[str, str], argparse.ArgumentParser], write: Callable[[str], None]
) -> None:
    from route.building.download import MAX_BYTES, download_extract
    from route.building.progress import Progress, Silent

    parser = command("network download", "Fetch an extract of OpenStreetMap from Geofabrik.")
    add = parser.add_argument
    add("region", metavar="REGION", help="such as liechtenstein or europe/liechtenstein")
    add("-o", "--output", metavar="FILE", help="default: the name that it has on the server")
    add(
        "--max-size",
        metavar="GB",
        type=float,
        default=MAX_BYTES / 1e9,
        help="fetch nothing larger; default: %(default)g",
    )
    add("--base-url", metavar="URL", help="another server with the same files")
    add("--quiet", action="store_true", help="show no progress")
    options = parser.parse_args(list(words))
    if not 0 < options.max_size < float("inf"):
        raise InputError(f"--max-size {options.max_size}: give a number of gigabytes above 0.")
    with Silent() if options.quiet else Progress() as progress:
        path = download_extract(
            options.region,
            Path(options.output) if options.output else None,
            folder=Path(),
            base_url=options.base_url,
            max_bytes=round(options.max_size * 1e9),
            progress=progress,
        )
    write(
        f"{path}  {path.stat().st_size / 1e6:.1f} MB\n"
        f"Build a network from it: railroute network build {path} -o FILE\n"
    )


def _path(file: str | None) -> Path:
    from route.files import data_path
    from route.planner import WORLD_NETWORK

    return Path(file) if file else data_path(WORLD_NETWORK)


def _summary(network: RailNetwork, path: Path) -> str:
    from route.building.validate import examine

    found = examine(network)
    ferries = f", {found.ferry_km:,.0f} km of it train ferries" if found.ferry_km >= 0.5 else ""
    rows = [
        ("name", network.name),
        ("file", f"{path}, {_size(path.stat().st_size)}"),
        ("nodes", f"{network.n_nodes:,}"),
        ("edges", f"{network.n_edges:,}"),
        ("length", f"{_km(found.km)}{ferries}"),
        ("countries", _list(found.by_country)),
        ("gauges", _list(found.by_gauge)),
        ("lines", f"{len({name for name in network.lines if name}):,}"),
        ("stations", f"{len(network.stations):,}"),
        ("data", "; ".join(network.attribution)),
    ]
    return "".join(f"{name:<10} {value}\n" for name, value in rows)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _km(value: float) -> str:
    return f"{value:,.0f} km" if value >= 100 else f"{value:.1f} km"


def _list(sums: dict[str, float]) -> str:
    shown = [f"{name} {_km(km)}" for name, km in list(sums.items())[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(sums) - _SHOWN} more" if len(sums) > _SHOWN else "")


def _examination(found: Examination) -> str:
    largest = ", ".join(_km(km) for km in found.components[:_SHOWN])
    more = f" and {len(found.components) - _SHOWN} more" if len(found.components) > _SHOWN else ""
    share = found.components[0] / found.km if found.components and found.km else 0.0
    text = [
        f"components {len(found.components):,}; the largest has {share:.1%} of the length: {largest}{more}",
        f"loose ends {found.loose_ends:,}",
        "known      "
        + ", ".join(f"{name} {part:.1%}" for name, part in found.known.items())
        + " of the length",
    ]
    if found.joins:
        text.append("added to the map:")
        low = 0.0
        for join in found.joins:
            low = max((c for c in _classes() if c < join.up_to_km), default=0.0)
            span = f"over {low:g} km" if join.up_to_km == float("inf") else f"{low:g} to {join.up_to_km:g} km"
            text.append(f"  {join.source:<8} {span:<14} {join.count:>6,}  {join.km:>9,.1f} km")
    else:
        text.append("added to the map: nothing")
    return "\n".join(text) + "\n"


def _classes() -> tuple[float, ...]:
    from route.building.validate import JOIN_CLASSES_KM

    return JOIN_CLASSES_KM


def _accuracy(results: Sequence[Measured]) -> str:
    text = []
    known = [m for m in results if m.journey.rail_km is not None]
    without = [m for m in results if m.journey.rail_km is None]
    for title, rows in (
        ("high and medium confidence", [m for m in known if m.journey.confidence in ("high", "medium")]),
        ("all", known),
    ):
        errors = [abs(m.error) for m in rows if m.error is not None]
        if rows:
            text.append(
                f"journeys, {title}: {len(rows)}, routed {len(errors) / len(rows):.1%}, "
                f"within 2 % {sum(e <= 0.02 for e in errors) / len(rows):.1%}, "
                f"within 5 % {sum(e <= 0.05 for e in errors) / len(rows):.1%}"
            )
    if without:
        refused = sum(m.km is None for m in without)
        text.append(f"journeys without a railway: {len(without)}, refused {refused}")
    far = [m for m in known if m.error is None or abs(m.error) > 0.05]
    far += [m for m in without if m.km is not None]
    if far:
        text.append("beyond 5 %, not routed, or routed without a railway:")
    for m in far:
        names = f"{m.journey.id} {m.journey.title}"
        wanted = "no railway" if m.journey.rail_km is None else f"{m.journey.rail_km:,.0f} km"
        got = f"{m.km:,.0f} km" if m.km is not None else m.reason
        error = f" ({m.error:+.1%})" if m.error is not None else ""
        text.append(f"  {names}: {got}, known {wanted}{error}")
    return "\n".join(text) + "\n"

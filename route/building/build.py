"""A network file out of a map: reading, lines out of tracks, countries, stations, and a checked file."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from route.building.boundaries import read_boundaries
from route.building.countries import Land, assign_countries
from route.building.directions import with_directions
from route.building.parallel import distance_to_track_m, lines_of
from route.building.progress import Silent
from route.building.sources import read_source
from route.building.tags import KINDS
from route.errors import InputError, NetworkFileError
from route.network.contraction import contract
from route.network.store import read_network, write_network
from route.network.tracks import MODES
from route.places import Place
from route.registers import country
from route.routing import Router

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from route.building.countries import Boundaries
    from route.building.survey import RawStation, Surveyed
    from route.network.model import RailNetwork

__all__ = ["build_network"]

_STATION_M = 1_000.0
_SAME_STATION_M = 800.0


def build_network(
    source: Path,
    output: Path,
    *,
    name: str | None = None,
    attribution: str | None = None,
    also: frozenset[str] = frozenset(),
    layer: str | None = None,
    assume: str | None = None,
    heal: bool = False,
    progress: Silent | None = None,
) -> RailNetwork:
    """Build a network file.

    Parameters
    ----------
    source : Path
        An OpenStreetMap file (PBF or XML), an answer of Overpass (JSON), or lines that pyogrio reads.
    output : Path
        The network file to write. An older one is replaced when the new one has been written and read back.
    name : str, optional
        What the network covers; the name of the source by default.
    attribution : str, optional
        Whom to name wherever the network is shown; by default what the kind of source asks for.
    also : frozenset of str
        Further kinds of railway, of `route.building.tags.EXTRA_KINDS`.
    layer : str, optional
        Layer of a file with several.
    assume : str, optional
        Kind of railway that every line is taken for, if the file does not say.
    heal : bool
        Whether to join loose ends as in a torn source; maps of a good make need none.
    progress : Silent, optional
        Is told how far it is.

    Returns
    -------
    RailNetwork
        The network as it was read back.

    Raises
    ------
    InputError
        If the source cannot be read, or the file cannot be written.
    NetworkFileError
        If no railway line is in the source.
    """
    progress = progress or Silent()
    _check_output(source, output)
    kinds = frozenset(KINDS) | also
    found = read_source(source, kinds=kinds, layer=layer, assume=assume, progress=progress)
    if not found.track.graph.n_edges:
        raise NetworkFileError(
            f"{source} has no railways of the kinds {', '.join(sorted(kinds))}. "
            "Choose a file that covers a railway."
        )
    progress.step("making lines out of tracks")
    track = with_directions(lines_of(found.track), found.track)
    if not track.graph.n_edges:
        raise NetworkFileError(
            f"{source} has only sidings and yards, no railway line. Choose a larger extract."
        )
    progress.step("finding countries")
    boundaries = read_boundaries()
    graph = _with_usual_speeds(track, boundaries).graph
    if heal:
        from route.building.healing import heal as join_loose_ends

        graph = join_loose_ends(graph, Land(boundaries))[0]
    graph = assign_countries(graph, boundaries)
    stations = _places(found.stations, track, boundaries)
    progress.step("ordering for routing")
    network = contract(
        graph,
        name=name or source.name.split(".")[0] or source.name,
        attribution=(attribution,) if attribution else found.attribution,
        stations=stations,
    )
    return _write_checked(network, output)


def _check_output(source: Path, output: Path) -> None:
    """Refuse at once what could not be written after the work of an hour."""
    try:
        if output.is_dir():
            raise InputError(f"Cannot write {output}: it is a folder. Give a file name with -o.")
        if output.exists() and not output.is_file():
            raise InputError(f"Cannot write {output}: it is a device or a pipe. Give a file name with -o.")
        if output.exists() and source.exists() and output.samefile(source):
            raise InputError(f"{source} cannot be its own network. Give another file name with -o.")
    except OSError as error:
        raise InputError(f"Cannot write {output}: {error.strerror or error}.") from error


def _with_usual_speeds(track: Surveyed, boundaries: Boundaries) -> Surveyed:
    """Track whose speed no tag says, with what is usual in its country for main or branch lines."""
    graph = track.graph
    usage = np.array([{"main": 1, "branch": 2}.get(t.usage, 0) for t in track.tags], np.int64)[track.tag]
    bare = np.flatnonzero((graph.speed_kmh == 0) & (usage > 0) & (graph.mode == MODES.index("rail")))
    if not len(bare):
        return track
    node = graph.tail[bare]
    codes, where = np.unique(
        boundaries.locate(graph.lon[node], graph.lat[node]).astype(str), return_inverse=True
    )
    rows = [country(code or None) for code in codes.tolist()]
    usual = np.array([[row.main_line_speed_kmh, row.branch_line_speed_kmh] for row in rows])
    speed = graph.speed_kmh.copy()
    speed[bare] = np.rint(usual[where, usage[bare] - 1]).astype(np.uint16)
    return replace(track, graph=replace(graph, speed_kmh=speed))


def _places(found: Sequence[RawStation], track: Surveyed, boundaries: Boundaries) -> tuple[Place, ...]:
    """Stations at the track as places, each once, from west to east."""
    if not found:
        return ()
    lon, lat = (np.array([getattr(s, axis) for s in found], np.float64) for axis in ("lon", "lat"))
    near = distance_to_track_m(track, lon, lat) <= _STATION_M
    countries = boundaries.locate(lon, lat)
    chosen: list[int] = []
    by_name: dict[str, list[int]] = {}
    # The entry with the most names first; one station is often mapped as a point, a building and a platform.
    for i in sorted(np.flatnonzero(near).tolist(), key=lambda i: (-len(found[i].names), found[i].id)):
        twins = by_name.setdefault(found[i].name.casefold(), [])
        if all(_apart_m(found[i], found[j]) > _SAME_STATION_M for j in twins):
            twins.append(i)
            chosen.append(i)
    taken: dict[str, int] = {}
    for i in chosen:
        taken[found[i].id] = taken.get(found[i].id, 0) + 1
    places = [
        Place(
            name=found[i].name,
            lat=round(found[i].lat, 7),
            lon=round(found[i].lon, 7),
            country=str(countries[i]) or None,
            kind="station",
            source="network",
            # A reference that several bear refers to none.
            id=found[i].id if taken[found[i].id] == 1 else None,
            names=dict(found[i].names),
        )
        for i in chosen
    ]
    return tuple(sorted(places, key=lambda p: (p.lon, p.lat, p.name)))


def _apart_m(a: RawStation, b: RawStation) -> float:
    east = ((a.lon - b.lon + 180) % 360 - 180) * np.cos(np.radians(a.lat))
    return float(np.hypot(east, a.lat - b.lat) * 111_195.0)


def _write_checked(network: RailNetwork, output: Path) -> RailNetwork:
    """Write a network beside its place, read it back, and put it there only if it is whole."""
    trial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        write_network(network, trial)
        written = read_network(trial)
        Router(written)
        if (written.n_nodes, written.n_edges) != (network.n_nodes, network.n_edges):
            raise NetworkFileError(
                f"The network did not come back whole from {output.parent}; nothing was replaced."
            )
        trial.replace(output)
    except OSError as error:
        raise InputError(f"Cannot write {output}: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            trial.unlink()
    return written

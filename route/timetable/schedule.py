"""The schedule: ways and a departure to an itinerary with halts, durations and stop times."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from route.errors import InputError
from route.geodesy import distance_m
from route.itinerary import ZERO, Band, Halt, Itinerary, Leg, StopTime
from route.notes import Note
from route.runningtime import (
    calibration,
    combine,
    lognormal,
    practical_speed_kmh,
    running_time,
    spread_sigma,
    train_class,
)
from route.timetable.borders import find_borders, status_warnings
from route.timetable.clock import departure_time, local_time
from route.timetable.line import Line, Pause, Piece
from route.timetable.pauses import find_pauses

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from route.itinerary import Way
    from route.places import Place
    from route.runningtime import TrainClass

__all__ = ["curve", "schedule"]


def schedule(
    places: Sequence[Place],
    snap_m: Sequence[float | None],
    ways: Sequence[Way],
    *,
    departure: str | datetime | None = None,
    train: str = "passenger",
    stop_dwell: timedelta | Sequence[timedelta | None] | None = None,
    attribution: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> Itinerary:
    """Itinerary of a journey: its ways timed, its halts found, its clocks set.

    Parameters
    ----------
    places : sequence of Place
        The places, in order.
    snap_m : sequence of float or None
        How far each place lies from the track used for it, in metres.
    ways : sequence of Way
        The way from each place to the next.
    departure : str or datetime, optional
        Departure from the first place, local to it unless it carries an offset.
    train : str
        Class of train, a name of ``data/trains.toml``.
    stop_dwell : timedelta, or sequence of timedelta or None, optional
        Time at the places between the first and the last: one for all, or one for each. Zero at a place
        between two ways by rail means that the train passes without stopping. ``None`` means the usual time:
        of a stop between two ways of one mode, of the change between ways of two.
    attribution : sequence of str
        Sources that must be named.
    warnings : sequence of str
        Sentences to keep, before those that are added here.

    Returns
    -------
    Itinerary
        The journey. Times are those of the median; a leg's band covers what lies between its departure and
        its arrival, a journey's band everything, partly correlated.

    Raises
    ------
    InputError
        If the numbers of places, ways and dwells do not match, the train class is not known, or the departure
        is no time that the clock at the origin shows once.
    """
    if len(places) < 2 or len(ways) != len(places) - 1 or len(snap_m) != len(places):
        raise InputError(
            f"{len(places)} places and {len(ways)} ways do not make a journey: it needs two places or more."
        )
    rolling = train_class(train)
    start = None if departure is None else departure_time(departure, places[0])
    line = Line(ways)
    borders = find_borders(line, rolling)
    runs = _runs(line)
    dwells = _dwells(ways, stop_dwell)
    stops_m = [measure for measure, dwell in zip(line.starts[1:-1], dwells, strict=True) if dwell.p90_s > 0]
    pauses = find_pauses(line, runs, borders, places, rolling, stops_m)
    standing = [*stops_m, *(pause.measure_m for pause in pauses if pause.listed)]
    timed = _timed(line, runs, [pause.measure_m for pause in pauses], standing, rolling)

    legs: list[Leg] = []
    stops = [
        StopTime(place=places[0], measure_m=0.0, elapsed=ZERO, dwell=ZERO, arrival=None, departure=start)
    ]
    whole: list[tuple[Hashable, Band]] = []
    since = 0.0
    for index, way in enumerate(ways):
        parts, points = _leg_parts(
            line.starts[index],
            [entry for entry in timed if entry[0].leg == index],
            [pause for pause in pauses if pause.leg == index],
        )
        duration = combine(parts, calibration().correlation)
        end = (duration.p50_s, way.distance_m)
        origin, destination = places[index], places[index + 1]
        legs.append(
            Leg(
                sequence=index + 1,
                origin=origin,
                destination=destination,
                mode=way.mode,
                coordinates=way.coordinates,
                measures_m=way.measures_m,
                distance_m=way.distance_m,
                geodesic_m=distance_m(origin.lon, origin.lat, destination.lon, destination.lat),
                duration=duration,
                sections=way.sections,
                # Sums in two orders differ in the last digit: no point may lie behind the end.
                curve=np.array([*np.minimum(points[:-1], end), end]),
            )
        )
        whole += parts
        since += duration.p50_s
        dwell = dwells[index] if index < len(dwells) else ZERO
        elapsed = combine(whole, calibration().correlation)
        whole.append((f"stop {index}", dwell))
        stops.append(
            StopTime(
                place=destination,
                measure_m=line.starts[index + 1],
                elapsed=elapsed,
                dwell=dwell,
                arrival=None if start is None else local_time(start, since, destination),
                departure=None
                if start is None or index == len(dwells)
                else local_time(start, since + dwell.p50_s, destination),
            )
        )
        since += dwell.p50_s
    on = None if start is None else start.date()
    return Itinerary(
        places=tuple(places),
        snap_m=tuple(snap_m),
        legs=tuple(legs),
        halts=_halts(line, pauses, stops, ways),
        stop_times=tuple(stops),
        duration=stops[-1].elapsed,
        train=train,
        attribution=tuple(attribution),
        warnings=(*warnings, *status_warnings(borders, rolling, on)),
    )


def _runs(line: Line) -> list[list[Piece]]:
    """Stretches that one train could run over: by rail without a change to road or ferry."""
    runs: list[list[Piece]] = []
    before = None
    for piece in line.pieces:
        if piece.section.mode == "rail":
            if before == "rail":
                runs[-1].append(piece)
            else:
                runs.append([piece])
        before = piece.section.mode
    return runs


def _dwells(ways: Sequence[Way], asked: timedelta | Sequence[timedelta | None] | None) -> list[Band]:
    between = list(pairwise(ways))
    if asked is None or isinstance(asked, timedelta):
        given: list[timedelta | None] = [asked] * len(between)
    else:
        given = list(asked)
    if len(given) != len(between):
        raise InputError(f"{len(given)} dwell times for {len(between)} places on the way: give one for each.")
    if any(dwell is not None and dwell < timedelta(0) for dwell in given):
        raise InputError("A dwell time must not be negative.")
    usual = calibration().halts
    return [
        usual["stop" if before.mode == after.mode else f"transfer_to_{after.mode}"]
        if dwell is None
        else Band(dwell.total_seconds(), dwell.total_seconds(), dwell.total_seconds())
        for dwell, (before, after) in zip(given, between, strict=True)
    ]


def _split(piece: Piece, cuts: NDArray[np.float64]) -> list[Piece]:
    inside = cuts[(cuts > piece.start_m) & (cuts < piece.end_m)]
    marks = [piece.start_m, *inside.tolist(), piece.end_m]
    return [
        Piece(section=piece.section, leg=piece.leg, start_m=start, end_m=end)
        for start, end in pairwise(marks)
    ]


def _timed(
    line: Line,
    runs: Sequence[Sequence[Piece]],
    cuts_m: Sequence[float],
    standing_m: Sequence[float],
    train: TrainClass,
) -> list[tuple[Piece, float, Hashable, float]]:
    """Pieces of the line with their time in seconds, the key of its error and its sigma, in order."""
    cuts = np.unique(np.asarray(cuts_m, dtype=np.float64))
    result: list[tuple[Piece, float, Hashable, float]] = []
    for run in runs:
        pieces = [part for piece in run for part in _split(piece, cuts)]
        sections = [piece.section for piece in pieces]
        time = running_time(
            [piece.end_m - piece.start_m for piece in pieces],
            [section.speed_kmh for section in sections],
            train,
            practical_kmh=[
                practical_speed_kmh(section.speed_kmh, section.country, section.speed_source, train.priority)
                for section in sections
            ],
            stops_m=[measure - pieces[0].start_m for measure in standing_m],
        )
        for piece, section, seconds in zip(pieces, sections, time.section_s.tolist(), strict=True):
            key = (section.country, section.speed_source)
            result.append((piece, seconds, key, spread_sigma(section.country, section.speed_source, train)))
    for piece in line.pieces:
        if piece.section.mode != "rail":
            for part in _split(piece, cuts):
                seconds = (part.end_m - part.start_m) / part.section.speed_kmh * 3.6
                result.append((part, seconds, part.section.mode, calibration().other_modes_sigma))
    return sorted(result, key=lambda entry: (entry[0].leg, entry[0].start_m, entry[0].end_m))


def _leg_parts(
    offset_m: float, timed: Sequence[tuple[Piece, float, Hashable, float]], pauses: Sequence[Pause]
) -> tuple[list[tuple[Hashable, Band]], list[tuple[float, float]]]:
    """Parts of a leg's time for its band, and the break points of its time-distance curve."""
    parts: list[tuple[Hashable, Band]] = []
    points = [(0.0, 0.0)]
    running: dict[Hashable, tuple[float, float]] = {}
    waiting = list(pauses)
    clock = 0.0

    def stand(until_m: float) -> None:
        nonlocal clock
        while waiting and waiting[0].measure_m <= until_m:
            pause = waiting.pop(0)
            parts.append((f"halt {pause.key}", pause.duration))
            if pause.duration.p50_s > 0:
                clock += pause.duration.p50_s
                points.append((clock, pause.measure_m - offset_m))

    for piece, seconds, key, sigma in timed:
        stand(piece.start_m)
        clock += seconds
        running[key] = (running.get(key, (0.0, sigma))[0] + seconds, sigma)
        points.append((clock, piece.end_m - offset_m))
    stand(float("inf"))
    parts += [(key, lognormal(seconds, sigma)) for key, (seconds, sigma) in running.items()]
    return parts, points if len(points) > 1 else [(0.0, 0.0), (0.0, 0.0)]


def _halts(
    line: Line, pauses: Sequence[Pause], stops: Sequence[StopTime], ways: Sequence[Way]
) -> tuple[Halt, ...]:
    halts: list[Halt] = []
    for index in range(len(ways)):
        for pause in pauses:
            if pause.listed and pause.leg == index:
                lon, lat = line.point(pause.measure_m, index)
                halts.append(
                    Halt(
                        place=pause.place,
                        lon=lon,
                        lat=lat,
                        leg=index + 1,
                        measure_m=min(max(0.0, pause.measure_m - line.starts[index]), ways[index].distance_m),
                        reason=pause.reason,
                        duration=pause.duration,
                        detail=pause.detail,
                    )
                )
        stop = stops[index + 1]
        if index + 1 < len(ways) and stop.dwell.p90_s > 0:
            change = ways[index].mode != ways[index + 1].mode
            lon, lat = line.point(line.starts[index + 1], index)
            halts.append(
                Halt(
                    place=Note(stop.place.name, "place", place=stop.place),
                    lon=lon,
                    lat=lat,
                    leg=index + 1,
                    measure_m=ways[index].distance_m,
                    reason="stop",
                    duration=stop.dwell,
                    detail=_change(ways[index].mode, ways[index + 1].mode) if change else "",
                )
            )
    return tuple(halts)


def _change(before: str, after: str) -> Note:
    return Note(f"change from {before} to {after}", f"change_{before}_{after}")


def curve(itinerary: Itinerary) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time-distance curve of a journey at the median running time.

    Parameters
    ----------
    itinerary : Itinerary
        The journey.

    Returns
    -------
    elapsed_s : ndarray of shape (k,)
        Seconds since the first departure at each break point, never decreasing; the last is the journey's
        p50.
    measure_m : ndarray of shape (k,)
        Metres from the start of the journey, never decreasing. Between break points both are linear:
        ``numpy.interp(seconds, elapsed_s, measure_m)`` is where the train is.
    """
    rows = [np.zeros((1, 2))]
    for leg, before in zip(itinerary.legs, itinerary.stop_times, strict=False):
        start = np.array([before.elapsed.p50_s + before.dwell.p50_s, before.measure_m])
        # A leg without a curve of its own is run evenly.
        shape = leg.curve if len(leg.curve) else np.array([[0.0, 0.0], [leg.duration.p50_s, leg.distance_m]])
        rows.append(start + shape)
    points = np.maximum.accumulate(np.concatenate(rows), axis=0)
    return points[:, 0], points[:, 1]

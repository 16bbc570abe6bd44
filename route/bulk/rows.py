"""Rows of a table to pairs of places, and the answers to columns."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from route.bulk.answers import Answers, Options, Pair
from route.bulk.cells import as_place, position_name, position_place
from route.bulk.distances import Lengths
from route.bulk.measures import Kinds, Measured
from route.bulk.points import Points
from route.bulk.reasons import Reasons
from route.bulk.spots import Spots
from route.bulk.timing import Timer
from route.bulk.track import Track, track_at
from route.bulk.ways import Finder
from route.errors import InputError, RouteError
from route.geocoding import KnownNames, resolve
from route.geocoding.curated import PlaceIndex
from route.geodesy import distance_m
from route.places import Place
from route.planner import plan, preferences_for, router
from route.roads import road_to
from route.runningtime import train_class
from route.timetable import schedule
from route.ways import way_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from route.bulk.points import Candidates
    from route.itinerary import Itinerary

__all__ = ["Engine", "engine"]

_AT_ONCE = 2_000
_REMEMBERED = 50_000


@lru_cache(maxsize=2)
def engine(options: Options) -> Engine:
    """Engine for some options, made once in a process.

    Parameters
    ----------
    options : Options
        What is asked of all rows.

    Returns
    -------
    Engine
        Ready for rows.
    """
    return Engine(options)


class Engine:
    """Answers rows on one network.

    Parameters
    ----------
    options : Options
        What is asked of all rows.

    Raises
    ------
    RouteError
        If an option cannot be used.
    """

    def __init__(self, options: Options) -> None:
        train_class(options.train)
        if options.pick not in ("clear", "best"):
            raise InputError(f'pick must be "clear" or "best", not "{options.pick}".')
        self.options = options
        self.router = router(options.network)
        preferences = preferences_for(
            self.router, avoid=options.avoid, shortest=options.shortest, pick=options.pick
        )
        self.finder = Finder(self.router, preferences)
        self._stations = PlaceIndex.of(self.router.network.stations if options.network else ())
        self.spots = Spots(self.finder)
        self._known = KnownNames()
        self._kinds = Kinds(self.router)
        self._lengths = Lengths(self.finder)
        self._timers: dict[str, Timer] = {}
        self._resolved: dict[tuple[str | Place, ...], tuple[Place, ...] | RouteError] = {}

    def answer(self, pairs: Sequence[Pair]) -> Answers:
        """Answers to rows.

        Parameters
        ----------
        pairs : sequence of Pair
            The rows.

        Returns
        -------
        Answers
            As `route.planner.plan` would give them one by one.
        """
        answers = Answers.empty(len(pairs))
        self._enter(answers, range(len(pairs)), pairs)
        return answers

    def answer_positions(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64], trains: Sequence[str] | None
    ) -> Answers:
        """Answers to rows whose ends are positions.

        Parameters
        ----------
        lat, lon : ndarray of shape (n, 2)
            Origin and destination of each row, in degrees, WGS 84.
        trains : sequence of str, optional
            Class of train of each row.

        Returns
        -------
        Answers
            As `answer` gives them for the same rows.
        """
        n = len(lat)
        answers = Answers.empty(n)
        good = (np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) <= 90) & (np.abs(lon) <= 180)).all(axis=1)
        names = np.array([(t.strip() or self.options.train) for t in trains]) if trains else None
        if names is not None:
            good &= np.isin(names, [t for t in np.unique(names).tolist() if _is_train(t)])
        rows = np.flatnonzero(good)
        # One that is wrong in any way is told so by the way of all rows.
        bad = np.flatnonzero(~good).tolist()
        wrong = [
            Pair(
                origin=(float(lat[i, 0]), float(lon[i, 0])),
                destination=(float(lat[i, 1]), float(lon[i, 1])),
                train="" if names is None else str(names[i]),
            )
            for i in bad
        ]
        self._enter(answers, bad, wrong)
        if len(rows):
            numbers, ends = self.spots.numbers(lon[rows].ravel() + 1j * lat[rows].ravel())
            position = self.spots.position

            def place(number: int) -> Place:
                return position_place(float(position[number].imag), float(position[number].real))

            def names_of(some: NDArray[np.int64]) -> list[str]:
                return [position_name(spot.imag, spot.real) for spot in position[some].tolist()]

            points = Points.of_positions(position)
            self._enter_pairs(
                answers,
                rows,
                ends.reshape(-1, 2),
                numbers,
                Track(points, self.spots.candidates, self.spots.terminals, place, names_of),
                None if names is None else names[rows],
            )
        return answers

    def _enter(self, answers: Answers, rows: Sequence[int], pairs: Sequence[Pair]) -> None:
        """Answer rows of any kind."""
        plain: list[tuple[int, Place, Place, str]] = []
        for row, pair in zip(rows, pairs, strict=True):
            try:
                train = pair.train.strip() or self.options.train
                train_class(train)
                places = self._places(pair)
                if len(places) > 2 or any(road_to(p) for p in places):
                    self.enter_plan(answers, row, places, train)
                else:
                    plain.append((row, places[0], places[1], train))
            except RouteError as error:
                answers.fail(row, error)
        if not plain:
            return
        numbers: dict[tuple[float, float, str, str, str | None], int] = {}
        distinct: list[Place] = []

        def number(place: Place) -> int:
            key = (place.lon, place.lat, place.kind, place.source, place.country)
            if key not in numbers:
                numbers[key] = len(distinct)
                distinct.append(place)
            return numbers[key]

        ends = np.array([(number(a), number(b)) for _, a, b, _ in plain], dtype=np.int64)
        self.enter_pairs(
            answers,
            np.array([row for row, *_ in plain]),
            ends,
            track_at(self.finder, distinct),
            np.array([train for *_, train in plain]),
        )

    def resolve(self, names: tuple[str | Place, ...]) -> tuple[Place, ...]:
        """Places of names that belong together, remembered.

        Parameters
        ----------
        names : tuple of str or Place
            The names.

        Returns
        -------
        tuple of Place
            The places.

        Raises
        ------
        RouteError
            If a name cannot be resolved.
        """
        known = self._resolved.get(names)
        if known is None:
            if len(self._resolved) >= _REMEMBERED:
                self._resolved.clear()
            try:
                found = resolve(names, pick=self.options.pick, stations=self._stations, known=self._known)
                known = tuple(r.place for r in found)
            except RouteError as error:
                known = error.with_traceback(None)
            self._resolved[names] = known
        if isinstance(known, RouteError):
            raise known.with_traceback(None)
        return known

    def _places(self, pair: Pair) -> tuple[Place, ...]:
        """Origin, destination and places to pass."""
        ends = [
            as_place(cell, side)
            for cell, side in ((pair.origin, "origin"), (pair.destination, "destination"))
        ]
        via = [name.strip() for name in pair.via.split(";") if name.strip()]
        names = (*ends, *via)
        if all(isinstance(name, Place) for name in names):
            return tuple(name for name in names if isinstance(name, Place))
        return self.resolve(names)

    def enter_plan(self, answers: Answers, row: int, places: Sequence[Place], train: str) -> None:
        """Answer a row as a single journey is planned.

        Parameters
        ----------
        answers : Answers
            Where the answer goes.
        row : int
            The row.
        places : sequence of Place
            Origin, destination and places to pass.
        train : str
            Class of train.

        Raises
        ------
        RouteError
            If there is no answer.
        """
        options = self.options
        journey = plan(
            places[:2],
            via=places[2:],
            train=train,
            avoid=options.avoid,
            shortest=options.shortest,
            network=options.network,
            pick=options.pick,
        ).itinerary
        answers.status[row] = "ok"
        answers.values[row] = _rounded(np.array([_totals(journey)]))[0]
        if not options.times:
            answers.values[row, 2:] = np.nan

    def enter_pairs(
        self,
        answers: Answers,
        rows: NDArray[np.int64],
        ends: NDArray[np.int64],
        track: Track,
        trains: NDArray[np.str_] | None = None,
    ) -> None:
        """Answer rows from one place to another by rail, all at once.

        Parameters
        ----------
        answers : Answers
            Where the answers go.
        rows : ndarray of shape (m,)
            Which rows are answered.
        ends : ndarray of shape (m, 2)
            Numbers of their origins and destinations.
        track : Track
            The places.
        trains : ndarray of shape (m,), optional
            Class of train of each; that of the options by default.
        """
        self._enter_pairs(answers, rows, ends, np.arange(len(track.points.lon)), track, trains)

    def _enter_pairs(
        self,
        answers: Answers,
        rows: NDArray[np.int64],
        ends: NDArray[np.int64],
        numbers: NDArray[np.int64],
        places: Track,
        trains: NDArray[np.str_] | None,
    ) -> None:
        points, candidates, terminals = places.points, places.candidates, places.terminals
        reasons = Reasons(
            points=points,
            names=places.names,
            candidates=candidates,
            parts=terminals.parts,
            component=self.finder.component,
            avoiding=bool(self.options.avoid),
        )
        n = len(numbers)
        # Rows with one origin come together, and equal ones are answered once.
        pairs, which = np.unique(ends[:, 0] * n + ends[:, 1], return_inverse=True)
        if not self.options.times:
            origin, destination = (numbers[end] for end in np.divmod(pairs, n))
            length_m, by_rail = self._lengths.of(candidates, origin, destination, terminals)
            self._enter_lengths(
                answers, rows, (origin, destination), which, (length_m, by_rail), points, reasons
            )
            return
        by_pair = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[by_pair], np.arange(0, len(pairs) + _AT_ONCE, _AT_ONCE))
        for number, begin in enumerate(range(0, len(pairs), _AT_ONCE)):
            origin, destination = (numbers[end] for end in np.divmod(pairs[begin : begin + _AT_ONCE], n))
            ways = self.finder.find(candidates, origin, destination, terminals)
            measured = Measured.of(self.router.network, candidates, ways)
            crow = distance_m(
                points.lon[origin], points.lat[origin], points.lon[destination], points.lat[destination]
            )
            inside = by_pair[bounds[number] : bounds[number + 1]]
            of_pair = which[inside] - begin
            found = ways.found[of_pair]
            for name, some in self._by_train(found, None if trains is None else trains[inside]):
                result = self._times(
                    measured,
                    np.unique(of_pair[some]),
                    crow,
                    candidates,
                    (origin, destination),
                    places.place,
                    name,
                )
                answers.values[rows[inside[some]]] = _rounded(result[of_pair[some]])
            for row in rows[inside[found]].tolist():
                answers.status[row] = "ok"
            missing, why = np.unique(of_pair[~found], return_inverse=True)
            sentences = reasons.of(origin[missing], destination[missing])
            for row, pair in zip(rows[inside[~found]].tolist(), why.tolist(), strict=True):
                answers.status[row] = "no_path"
                answers.message[row] = sentences[pair]

    def _enter_lengths(
        self,
        answers: Answers,
        rows: NDArray[np.int64],
        ends: tuple[NDArray[np.int64], NDArray[np.int64]],
        which: NDArray[np.int64],
        lengths: tuple[NDArray[np.float64], NDArray[np.bool_]],
        points: Points,
        reasons: Reasons,
    ) -> None:
        """Answer rows, of which each stands for one of some pairs, by the lengths of the pairs' ways alone."""
        (origin, destination), (length_m, by_rail) = ends, lengths
        result = np.full((len(length_m), 5), np.nan)
        found = np.isfinite(length_m)
        result[found, :2] = 0.0  # a ferry alone has no distance by rail
        fast = np.flatnonzero(found & by_rail)
        a, b = origin[fast], destination[fast]
        result[fast, 0] = length_m[fast]
        result[fast, 1] = distance_m(points.lon[a], points.lat[a], points.lon[b], points.lat[b])
        answers.values[rows] = _rounded(result)[which]
        missing = np.flatnonzero(~found)
        sentences = np.full(len(found), "", object)
        sentences[missing] = reasons.of(origin[missing], destination[missing])
        for row, ok, why in zip(rows.tolist(), found[which].tolist(), sentences[which].tolist(), strict=True):
            answers.status[row] = "ok" if ok else "no_path"
            answers.message[row] = why

    def _by_train(
        self, found: NDArray[np.bool_], trains: NDArray[np.str_] | None
    ) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Classes of train, and which of the rows that have a way each runs."""
        if trains is None:
            if found.any():
                yield self.options.train, found
            return
        for name in np.unique(trains[found]).tolist():
            yield name, found & (trains == name)

    def _times(
        self,
        measured: Measured,
        needed: NDArray[np.int64],
        crow_m: NDArray[np.float64],
        candidates: Candidates,
        ends: tuple[NDArray[np.int64], NDArray[np.int64]],
        place: Callable[[int], Place],
        train: str,
    ) -> NDArray[np.float64]:
        """What is told of ways that one train runs, in metres and seconds."""
        timer = self.timer(train)
        ways = measured.ways
        result = np.full((len(crow_m), 5), np.nan)
        by_rail = timer.by_rail(ways)[needed]
        fast = needed[by_rail]
        result[fast, 0], result[fast, 1] = measured.length_m[fast], crow_m[fast]
        result[fast, 2:] = timer.durations_s(measured, fast)
        for pair in needed[~by_rail].tolist():
            stops = place(int(ends[0][pair])), place(int(ends[1][pair]))
            path = self.finder.path(candidates, ways, pair)
            way = way_of(self.router.network, self.router.speeds_kmh, path)
            result[pair] = _totals(schedule(stops, (None, None), (way,), train=train))
        return result

    def timer(self, train: str) -> Timer:
        """Running times of a class of train.

        Parameters
        ----------
        train : str
            The class.

        Returns
        -------
        Timer
            Made once.
        """
        if train not in self._timers:
            self._timers[train] = Timer(self._kinds, train_class(train))
        return self._timers[train]


def _totals(journey: Itinerary) -> tuple[float, float, float, float, float]:
    """By rail in metres, as the crow flies in metres, and p10, p50 and p90 of the whole in seconds."""
    crow = sum(leg.geodesic_m for leg in journey.legs if leg.mode == "rail")
    band = journey.duration
    return journey.rail_m, crow, band.p10_s, band.p50_s, band.p90_s


def _is_train(name: str) -> bool:
    try:
        train_class(name)
    except InputError:
        return False
    return True


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres and seconds as kilometres and hours, with the decimals that `legs` gives them."""
    scale = np.array([1000.0, 1000.0, 3600.0, 3600.0, 3600.0])
    # Lengths are sums of decimetres: half a metre is common, and the sequence of a sum must not decide which way it goes.
    rounded: NDArray[np.float64] = np.round(np.round(values, 5) / scale, 3)
    return rounded

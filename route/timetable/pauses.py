"""Pauses: everything that makes a train stand between the places of a journey."""

from __future__ import annotations

from typing import TYPE_CHECKING

from route.itinerary import Band
from route.notes import Note
from route.registers import crossing_near, same_gauge
from route.runningtime import calibration
from route.timetable.borders import crossing_name, station_measure, station_name
from route.timetable.gauges import find_gauge_changes
from route.timetable.line import Pause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from route.places import Place
    from route.registers import BorderCrossing
    from route.runningtime import TrainClass
    from route.timetable.borders import Border
    from route.timetable.gauges import GaugeChange
    from route.timetable.line import Line, Piece

__all__ = [
    "ENGINE_CHANGE_M",
    "ENGINE_CHANGE_S",
    "MATCH_M",
    "border_of",
    "changes_gauge",
    "find_pauses",
    "gauge_share",
    "inland_change",
    "is_listed",
]

ENGINE_CHANGE_M = 3_000.0
ENGINE_CHANGE_S = 1200.0
"""Where a train stands as long as that at a border so near, its engine is changed meanwhile."""

MATCH_M = 30_000.0
"""The gauges of the track change at the border, give or take its outline and its stations."""

_WITHIN_KM = 30.0
_METHODS = {
    "bogie_change": ("bogie change", "bogie_change"),
    "variable_gauge": ("gauge changer", "gauge_changer"),
    "transfer": ("change of trains", "train_change"),
    "dual_gauge": ("change of trains", "train_change"),
}


def _share(band: Band, share: float) -> Band:
    return Band(band.p10_s * share, band.p50_s * share, band.p90_s * share)


def _between(places: Sequence[Place], leg: int) -> Note:
    origin, destination = places[leg], places[leg + 1]
    text = f"between {origin.name} and {destination.name}"
    return Note(text, "between", origin=origin, destination=destination)


def find_pauses(
    line: Line,
    runs: Sequence[Sequence[Piece]],
    borders: Sequence[Border],
    places: Sequence[Place],
    train: TrainClass,
    stops_m: Sequence[float],
) -> list[Pause]:
    """Pauses of a journey at borders, breaks of gauge, reversals and train ferries.

    The dwell of a crossing in the register covers its change of gauge. Where there is one, the crossing
    becomes two pauses, a border and a break of gauge, that share its dwell: the change takes what its method
    usually takes, but not more than the highest share of ``data/calibration.toml``.

    Parameters
    ----------
    line : Line
        The journey.
    runs : sequence of sequence of Piece
        Its runs by rail.
    borders : sequence of Border
        Its borders.
    places : sequence of Place
        Its places, for naming what has no name.
    train : TrainClass
        The train.
    stops_m : sequence of float
        Measures of the places at which the train stops.

    Returns
    -------
    list of Pause
        By measure.
    """
    pauses: list[Pause] = []
    taken: dict[int, tuple[GaugeChange, float]] = {}
    for run in runs:
        for change in find_gauge_changes(run):
            index = border_of(change, borders)
            if index is not None and index not in taken:
                taken[index] = (change, gauge_share(borders[index]))
            else:
                pauses.append(_halt_inland(line, change, places, stops_m))
    at_borders = [
        pause
        for index, border in enumerate(borders)
        for pause in _border_pauses(line, border, taken.get(index))
    ]
    pauses += at_borders
    pauses += _reversals(line, places, train, at_borders)
    pauses += _train_ferries(line, places)
    # At one measure a border comes before the change of gauge that it leads to.
    return sorted(pauses, key=lambda pause: pause.measure_m)


def border_of(change: GaugeChange, borders: Sequence[Border]) -> int | None:
    """Border at which a change of gauge is made: the nearest whose crossing is known to change gauge.

    Parameters
    ----------
    change : GaugeChange
        The change.
    borders : sequence of Border
        Borders of the journey.

    Returns
    -------
    int or None
        Index of the border; none for a change away from borders.
    """

    def away(border: Border) -> float:
        return max(0.0, change.low_m - border.measure_m, border.measure_m - change.high_m)

    fitting = [
        index for index, border in enumerate(borders) if changes_gauge(border) and away(border) <= MATCH_M
    ]
    return min(fitting, key=lambda index: away(borders[index]), default=None)


def changes_gauge(border: Border) -> bool:
    """Whether gauges are changed at a border.

    Parameters
    ----------
    border : Border
        The border.

    Returns
    -------
    bool
        True if its crossing is known to do so.
    """
    crossing = border.crossing
    return (
        crossing is not None
        and crossing.method != "none"
        and not same_gauge(crossing.gauge_a_mm, crossing.gauge_b_mm)
    )


def gauge_share(border: Border) -> float:
    """Share of the time lost at a border that its change of gauge takes.

    Parameters
    ----------
    border : Border
        A border with a crossing that changes gauge.

    Returns
    -------
    float
        0 to 1.
    """
    parameters = calibration()
    if border.crossing is None or border.dwell.p50_s <= 0:
        return 0.0
    usual = parameters.break_of_gauge[border.crossing.method].p50_s
    return min(parameters.gauge_share, usual / border.dwell.p50_s)


def _border_pauses(line: Line, border: Border, change: tuple[GaugeChange, float] | None) -> list[Pause]:
    crossing = border.crossing
    sides = {"origin": border.origin, "destination": border.destination}
    detail = f"{border.origin} to {border.destination}"
    place: str
    if crossing is None:
        place = Note(f"{border.origin}–{border.destination} border", "border_of", **sides)
        at, key = border.measure_m, f"{border.measure_m}"
        detail = Note(detail, "borders_into", **sides)
    else:
        place = station_name(crossing, crossing.station(border.origin))
        at, key = station_measure(line, border, place), crossing.crossing
        named = crossing_name(crossing)
        detail = Note(f"{detail}, {named}", "borders_at", **sides, crossing=named)
    share = change[1] if change else 0.0
    dwell = _share(border.dwell, 1.0 - share)
    pauses = [
        Pause(
            measure_m=at,
            leg=border.leg,
            reason="border",
            place=place,
            detail=detail,
            duration=dwell,
            key=key,
            listed=is_listed(dwell.p50_s, border.formalities),
        )
    ]
    if change is not None and crossing is not None:
        station = crossing.gauge_change_station or crossing.station(border.destination)
        pauses.append(
            Pause(
                measure_m=station_measure(line, border, station),
                leg=border.leg,
                reason="break_of_gauge",
                place=station_name(crossing, station),
                detail=_gauge_detail(change[0], crossing.method),
                duration=_share(border.dwell, share),
                key=key,
            )
        )
    return pauses


def is_listed(dwell_p50_s: float, formalities: str) -> bool:
    """Whether a border is a halt.

    Parameters
    ----------
    dwell_p50_s : float
        Median of the time lost, in seconds.
    formalities : str
        As in the register.

    Returns
    -------
    bool
        Formalities keep a train even where the figure is small; without them it hardly stops.
    """
    return dwell_p50_s >= calibration().listed_from_min * 60.0 or (formalities != "none" and dwell_p50_s > 0)


def _gauge_detail(change: GaugeChange, method: str) -> Note:
    how, key = _METHODS[method]
    text = f"{change.from_mm} mm to {change.to_mm} mm, {how}"
    # As texts, because the digits of a gauge are not grouped.
    return Note(text, key, before=str(change.from_mm), after=str(change.to_mm))


def _halt_inland(line: Line, change: GaugeChange, places: Sequence[Place], stops_m: Sequence[float]) -> Pause:
    """Change of gauge away from borders, at the last point that the arriving train can reach."""
    at = change.high_m
    # A stop of the journey on the stretch with both gauges is where one changes.
    for stop in stops_m:
        if change.low_m <= stop <= change.high_m:
            at = stop
    at_place = at in stops_m
    leg = max(0, line.leg_at(at) - 1) if at in line.starts[1:] else line.leg_at(at)
    codes = [piece.section.country for piece in line.pieces if piece.start_m <= at <= piece.end_m]
    code = next((entry for entry in codes if entry), None)
    row, method, duration = inland_change(code, *line.point(at, leg))
    name: str = _between(places, leg)
    if row is not None:
        name = station_name(row, row.station_a)
    elif at_place:
        name = Note(places[leg + 1].name, "place", place=places[leg + 1])
    return Pause(
        measure_m=at,
        leg=leg,
        reason="break_of_gauge",
        place=name,
        detail=_gauge_detail(change, method),
        duration=duration,
        key=f"gauge {at}",
    )


def inland_change(code: str | None, lon: float, lat: float) -> tuple[BorderCrossing | None, str, Band]:
    """How gauges are changed away from borders.

    Parameters
    ----------
    code : str or None
        The country, ISO 3166-1 alpha-2.
    lon, lat : float
        Where, in degrees, WGS 84.

    Returns
    -------
    row : BorderCrossing or None
        The register's row for it.
    method : str
        As in the register.
    duration : Band
        How long it takes.
    """
    parameters = calibration()
    row = crossing_near(code, code, lon, lat, _WITHIN_KM) if code else None
    method = row.method if row is not None else parameters.within_country.get(code or "", "transfer")
    if row is None or row.dwell_h_typical is None:
        return row, method, parameters.break_of_gauge[method]
    low, high = row.dwell_h_min or row.dwell_h_typical, row.dwell_h_max or row.dwell_h_typical
    return row, method, Band(low * 3600.0, row.dwell_h_typical * 3600.0, high * 3600.0)


def _reversals(
    line: Line, places: Sequence[Place], train: TrainClass, at_borders: Sequence[Pause]
) -> list[Pause]:
    pauses = []
    usual = train.reversal_min * 60.0
    for leg, (way, offset) in enumerate(zip(line.ways, line.starts, strict=False)):
        for measure in way.reversals_m:
            at = offset + measure
            # Where the train stands long at a border anyway, the engine is changed meanwhile.
            if any(
                abs(pause.measure_m - at) <= ENGINE_CHANGE_M and pause.duration.p50_s >= ENGINE_CHANGE_S
                for pause in at_borders
            ):
                continue
            pauses.append(
                Pause(
                    measure_m=at,
                    leg=leg,
                    reason="reversal",
                    place=_between(places, leg),
                    detail=Note("the train changes direction", "changes_direction"),
                    duration=Band(*(usual * share for share in calibration().reversal_spread)),
                    key=f"reversal {at}",
                )
            )
    return pauses


def _train_ferries(line: Line, places: Sequence[Place]) -> list[Pause]:
    """Shunting on and off a ferry that a way by rail takes; counted, no halt of its own."""
    pauses = []
    mode = "rail"
    for piece in line.pieces:
        before, mode = mode, piece.section.mode
        if mode == "ferry" and before != "ferry" and line.ways[piece.leg].mode == "rail":
            pauses.append(
                Pause(
                    measure_m=piece.start_m,
                    leg=piece.leg,
                    reason="stop",
                    place=_between(places, piece.leg),
                    detail=Note("train ferry", "train_ferry"),
                    duration=calibration().halts["train_ferry"],
                    key=f"ferry {piece.start_m}",
                    listed=False,
                )
            )
    return pauses

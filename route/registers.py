"""The registers: facts about countries and border crossings, read from the tables of ``data/``.

The tables are plain CSV so that a person can correct a row; every row carries its source and how far it is to
be trusted. Reading uses the standard library only and happens once per process.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from route.errors import InputError
from route.files import data_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "DEFAULT_COUNTRY",
    "BorderCrossing",
    "Confidence",
    "Country",
    "borders",
    "countries",
    "country",
    "crossing_near",
    "same_gauge",
]

Confidence = Literal["high", "medium", "low"]
Method = Literal["none", "bogie_change", "variable_gauge", "transfer", "dual_gauge"]
Formalities = Literal["none", "short", "normal", "long"]
Status = Literal["open", "freight_only", "closed"]

_EARTH_RADIUS_KM = 6371.0088  # mean radius R1 of WGS 84 (Moritz 2000)
_REGIONAL_SHARE = 0.7  # median of regional / express commercial speed over the rows that have both
_BRANCH_SHARE = 0.6  # median of branch / main line speed over the rows that have both


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What is typical of the railways of one country.

    Parameters
    ----------
    iso2 : str
        ISO 3166-1 alpha-2 code, ``XK`` for Kosovo, ``ZZ`` for the default.
    main_gauge_mm : int
        Gauge of the main network, in millimetres.
    other_gauges_mm : tuple of int
        Other gauges in use, in millimetres.
    travel_area : str or None
        Area without routine controls at its inner borders: ``schengen``, ``common_travel_area``,
        ``union_state``.
    express_commercial_kmh, regional_commercial_kmh : float
        Distance over scheduled time, stops included, of an express and of a regional train, in km/h.
    highspeed_commercial_kmh : float or None
        The same for the high-speed service, in km/h; ``None`` where there is none.
    main_line_speed_kmh, branch_line_speed_kmh : float
        Typical permitted speed on main and branch lines, in km/h.
    source : str
        Where the figures come from; several separated by ``;``.
    confidence : str
        ``high`` (about 10 % off), ``medium`` (20 %) or ``low`` (35 %).
    """

    iso2: str
    main_gauge_mm: int
    other_gauges_mm: tuple[int, ...]
    travel_area: str | None
    express_commercial_kmh: float
    regional_commercial_kmh: float
    highspeed_commercial_kmh: float | None
    main_line_speed_kmh: float
    branch_line_speed_kmh: float
    source: str
    confidence: Confidence


DEFAULT_COUNTRY = Country(
    iso2="ZZ",
    main_gauge_mm=1435,
    other_gauges_mm=(),
    travel_area=None,
    express_commercial_kmh=55.0,
    regional_commercial_kmh=40.0,
    highspeed_commercial_kmh=None,
    main_line_speed_kmh=90.0,
    branch_line_speed_kmh=55.0,
    source="median of the table, rounded down",
    confidence="low",
)
"""Stands for a country without a row, and for track whose country is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderCrossing:
    """A place where a railway crosses a border.

    Parameters
    ----------
    crossing : str
        Its name.
    country_a, country_b : str
        ISO 3166-1 alpha-2 codes of the two sides; equal for a break of gauge inside one country.
    station_a : str
        Border station of the first side.
    lat_a, lon_a : float
        Its position, degrees, WGS 84.
    station_b : str
        Border station of the second side.
    lat_b, lon_b : float
        Its position, degrees, WGS 84.
    gauge_a_mm, gauge_b_mm : int
        Gauge of the through track on either side, in millimetres.
    method : str
        What a passenger train does at a break of gauge: ``none``, ``bogie_change``, ``variable_gauge``,
        ``transfer`` (passengers change trains) or ``dual_gauge`` (the neighbour's gauge reaches the station).
    gauge_change_station : str or None
        Which of the two stations changes bogies or trains, if that is documented.
    formalities : str
        ``none`` (no routine stop for controls), ``short`` (below half an hour), ``normal`` or ``long`` (over
        two hours).
    dwell_h_typical, dwell_h_min, dwell_h_max : float or None
        Time an ordinary passenger train loses at both stations together, change of gauge and waiting
        included, running between the stations not, in hours.
    status : str
        ``open`` (a passenger train crosses), ``freight_only`` or ``closed``.
    status_since : str or None
        Date of the status, as precise as it is known (``2020-03``).
    source : str
        Where the row comes from; several separated by ``;``.
    confidence : str
        ``high``, ``medium`` or ``low``.
    """

    crossing: str
    country_a: str
    country_b: str
    station_a: str
    lat_a: float
    lon_a: float
    station_b: str
    lat_b: float
    lon_b: float
    gauge_a_mm: int
    gauge_b_mm: int
    method: Method
    gauge_change_station: str | None
    formalities: Formalities
    dwell_h_typical: float | None
    dwell_h_min: float | None
    dwell_h_max: float | None
    status: Status
    status_since: str | None
    source: str
    confidence: Confidence

    @property
    def position(self) -> tuple[float, float]:
        """Point between the two stations, (lon, lat) in degrees, WGS 84."""
        return (self.lon_a + self.lon_b) / 2, (self.lat_a + self.lat_b) / 2

    def station(self, iso2: str) -> str:
        """Name of the border station on one side.

        Parameters
        ----------
        iso2 : str
            ISO 3166-1 alpha-2 code of the side.

        Returns
        -------
        str
            `station_b` for `country_b`, otherwise `station_a`.
        """
        return self.station_b if iso2 == self.country_b else self.station_a

    def distance_km(self, lon: float, lat: float) -> float:
        """Distance of a point from the straight line between the two stations.

        Parameters
        ----------
        lon, lat : float
            The point, degrees, WGS 84.

        Returns
        -------
        float
            Kilometres, on a plane that touches the globe at the point: good to 0.5 % within 100 km.
        """
        scale = math.radians(1.0) * _EARTH_RADIUS_KM
        narrow = math.cos(math.radians(lat))
        ax, ay = _shift(self.lon_a - lon) * narrow, self.lat_a - lat
        bx, by = _shift(self.lon_b - lon) * narrow, self.lat_b - lat
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        along = min(1.0, max(0.0, -(ax * dx + ay * dy) / square)) if square else 0.0
        return scale * math.hypot(ax + along * dx, ay + along * dy)


def _shift(degrees: float) -> float:
    """Difference of two longitudes, -180 to 180 degrees."""
    return (degrees + 180.0) % 360.0 - 180.0


class _Row:
    """One row of a table, with readers that say where a value is wrong."""

    def __init__(self, table: str, line: int, cells: dict[str, str]) -> None:
        self.where = f"data/{table}, line {line}"
        self.cells = cells

    def fail(self, column: str, wanted: str) -> InputError:
        """Error for a cell that cannot be read."""
        return InputError(
            f"{self.where}: {column} is {self.cells.get(column)!r}, expected {wanted}. Correct the row."
        )

    def text(self, column: str) -> str:
        """Content of a cell that must not be empty."""
        value = (self.cells.get(column) or "").strip()
        if not value:
            raise self.fail(column, "a text")
        return value

    def maybe_text(self, column: str) -> str | None:
        """Content of a cell that may be empty."""
        return (self.cells.get(column) or "").strip() or None

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """Content of a cell that has a closed list of values."""
        value = self.text(column)
        if value not in allowed:
            raise self.fail(column, "one of " + ", ".join(allowed))
        return value

    def number(self, column: str) -> float:
        """Value of a cell that must hold a number."""
        value = self.maybe_number(column)
        if value is None:
            raise self.fail(column, "a number")
        return value

    def maybe_number(self, column: str) -> float | None:
        """Value of a cell that holds a number or nothing."""
        value = self.maybe_text(column)
        if value is None:
            return None
        try:
            result = float(value)
        except ValueError:
            raise self.fail(column, "a number") from None
        if not math.isfinite(result):
            raise self.fail(column, "a number")
        return result

    def gauges(self, column: str) -> tuple[int, ...]:
        """Gauges in a cell, separated by semicolons."""
        value = self.maybe_text(column)
        try:
            return tuple(int(part) for part in value.split(";")) if value else ()
        except ValueError:
            raise self.fail(column, "whole millimetres separated by ;") from None


def _rows(table: str) -> Iterator[_Row]:
    try:
        with data_path(table).open(encoding="utf-8", newline="") as file:
            for line, cells in enumerate(csv.DictReader(file), start=2):
                yield _Row(table, line, cells)
    except OSError as error:
        raise InputError(f"Cannot read data/{table}: {error.strerror}. Install railroute again.") from error


_CONFIDENCE = ("high", "medium", "low")
_METHODS = ("none", "bogie_change", "variable_gauge", "transfer", "dual_gauge")
_FORMALITIES = ("none", "short", "normal", "long")
_STATUS = ("open", "freight_only", "closed")


def _country(row: _Row) -> Country:
    default = DEFAULT_COUNTRY
    express = row.maybe_number("express_commercial_kmh") or default.express_commercial_kmh
    main = row.maybe_number("main_line_speed_kmh") or default.main_line_speed_kmh
    main_gauge = row.gauges("main_gauge_mm")
    if len(main_gauge) != 1:
        raise row.fail("main_gauge_mm", "one gauge in millimetres")
    return Country(
        iso2=row.text("iso2"),
        main_gauge_mm=main_gauge[0],
        other_gauges_mm=row.gauges("other_gauges"),
        travel_area=row.maybe_text("travel_area"),
        express_commercial_kmh=express,
        regional_commercial_kmh=row.maybe_number("regional_commercial_kmh") or express * _REGIONAL_SHARE,
        highspeed_commercial_kmh=row.maybe_number("highspeed_commercial_kmh"),
        main_line_speed_kmh=main,
        branch_line_speed_kmh=row.maybe_number("branch_line_speed_kmh") or main * _BRANCH_SHARE,
        source=row.text("source"),
        confidence=cast("Confidence", row.choice("confidence", _CONFIDENCE)),
    )


def _border(row: _Row) -> BorderCrossing:
    gauge_a, gauge_b = row.gauges("gauge_a_mm"), row.gauges("gauge_b_mm")
    if len(gauge_a) != 1 or len(gauge_b) != 1:
        raise row.fail("gauge_a_mm", "one gauge on each side, in millimetres")
    return BorderCrossing(
        crossing=row.text("crossing"),
        country_a=row.text("country_a"),
        country_b=row.text("country_b"),
        station_a=row.text("station_a"),
        lat_a=row.number("lat_a"),
        lon_a=row.number("lon_a"),
        station_b=row.text("station_b"),
        lat_b=row.number("lat_b"),
        lon_b=row.number("lon_b"),
        gauge_a_mm=gauge_a[0],
        gauge_b_mm=gauge_b[0],
        method=cast("Method", row.choice("method", _METHODS)),
        gauge_change_station=row.maybe_text("gauge_change_station"),
        formalities=cast("Formalities", row.choice("formalities", _FORMALITIES)),
        dwell_h_typical=row.maybe_number("dwell_h_typical"),
        dwell_h_min=row.maybe_number("dwell_h_min"),
        dwell_h_max=row.maybe_number("dwell_h_max"),
        status=cast("Status", row.choice("status", _STATUS)),
        status_since=row.maybe_text("status_since"),
        source=row.text("source"),
        confidence=cast("Confidence", row.choice("confidence", _CONFIDENCE)),
    )


@cache
def countries() -> Mapping[str, Country]:
    """Countries of ``data/countries.csv``.

    Returns
    -------
    mapping of str to Country
        By ISO 3166-1 alpha-2 code; cells left empty in the table carry the default.

    Raises
    ------
    InputError
        If the table cannot be read; the message names the line.
    """
    return MappingProxyType({entry.iso2: entry for entry in map(_country, _rows("countries.csv"))})


def country(iso2: str | None) -> Country:
    """Country of a code, or the default.

    Parameters
    ----------
    iso2 : str or None
        ISO 3166-1 alpha-2 code.

    Returns
    -------
    Country
        `DEFAULT_COUNTRY` for a code without a row and for ``None``.
    """
    return DEFAULT_COUNTRY if iso2 is None else countries().get(iso2, DEFAULT_COUNTRY)


@cache
def borders() -> tuple[BorderCrossing, ...]:
    """Border crossings of ``data/borders.csv``.

    Returns
    -------
    tuple of BorderCrossing
        In the order of the table; closed ones included.

    Raises
    ------
    InputError
        If the table cannot be read; the message names the line.
    """
    return tuple(map(_border, _rows("borders.csv")))


@cache
def _borders_by_pair() -> Mapping[frozenset[str], tuple[BorderCrossing, ...]]:
    pairs: dict[frozenset[str], list[BorderCrossing]] = {}
    for entry in borders():
        pairs.setdefault(frozenset((entry.country_a, entry.country_b)), []).append(entry)
    return MappingProxyType({pair: tuple(entries) for pair, entries in pairs.items()})


def crossing_near(
    country_a: str, country_b: str, lon: float, lat: float, within_km: float
) -> BorderCrossing | None:
    """Crossing of two countries nearest to a point.

    Parameters
    ----------
    country_a, country_b : str
        ISO 3166-1 alpha-2 codes, in either order; the same code twice for a break of gauge inside a country.
    lon, lat : float
        The point, degrees, WGS 84.
    within_km : float
        How far from the line between its two stations the crossing may lie, in kilometres.

    Returns
    -------
    BorderCrossing or None
        The nearest; ``None`` if there is none within reach.
    """
    entries = _borders_by_pair().get(frozenset((country_a, country_b)), ())
    nearest = min(entries, key=lambda entry: entry.distance_km(lon, lat), default=None)
    return nearest if nearest is not None and nearest.distance_km(lon, lat) <= within_km else None


def same_gauge(one_mm: int, other_mm: int) -> bool:
    """Whether trains of one gauge run on the other.

    Parameters
    ----------
    one_mm, other_mm : int
        Track gauges, in millimetres.

    Returns
    -------
    bool
        True for equal gauges, and for those of Russia and Finland (1520 and 1524 mm), which differ by less
        than what wear allows.
    """
    return one_mm == other_mm or {one_mm, other_mm} == {1520, 1524}

"""Invented journeys of known shape, for tests that draw or write an itinerary without planning one.

`story` follows the railway of the story roughly, station by station, and gives each leg its published length;
the other builders make the shapes that break naive maps.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from route import geodesy
from route.itinerary import ZERO, Band, Halt, Itinerary, Leg, Section, StopTime
from route.places import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from route.itinerary import Mode

PYONGYANG = Place(
    name="Pyongyang",
    lat=39.0058,
    lon=125.7364,
    country="KP",
    timezone="Asia/Pyongyang",
    kind="city",
    source="curated",
    id="pyongyang",
    names={"ko": "평양", "ru": "Пхеньян", "zh": "平壤", "da": "Pyongyang"},
)
KHASAN = Place(
    name="Khasan",
    lat=42.4281,
    lon=130.6453,
    country="RU",
    timezone="Asia/Vladivostok",
    kind="border_station",
    source="curated",
    id="khasan",
    names={"ko": "하산", "ru": "Хасан", "zh": "哈桑"},
)
VLADIVOSTOK = Place(
    name="Vladivostok",
    lat=43.1113,
    lon=131.8823,
    country="RU",
    timezone="Asia/Vladivostok",
    kind="city",
    source="curated",
    id="vladivostok",
    names={"ko": "블라디보스토크", "ru": "Владивосток", "zh": "符拉迪沃斯托克"},
)
RUSSKY = Place(
    name="Russky Island",
    lat=43.0245,
    lon=131.8945,
    country="RU",
    timezone="Asia/Vladivostok",
    kind="campus",
    source="curated",
    id="russky",
    names={"da": "Russkij-øen", "ko": "루스키섬", "ru": "Остров Русский"},
    access="road",
)

_COAST_LINE = [
    (125.736, 39.006), (125.72, 39.06), (125.87, 39.25), (125.94, 39.43), (126.14, 39.42), (126.36, 39.28),
    (126.55, 39.21), (126.72, 39.22), (126.95, 39.24), (127.16, 39.33), (127.25, 39.44), (127.24, 39.53),
    (127.44, 39.72), (127.54, 39.92), (127.63, 39.84), (127.79, 39.90), (127.96, 40.03), (128.19, 40.04),
    (128.32, 40.16), (128.52, 40.23), (128.72, 40.34), (128.91, 40.46), (129.05, 40.59), (129.20, 40.68),
    (129.23, 40.83), (129.33, 40.96), (129.41, 41.16), (129.55, 41.30), (129.66, 41.42), (129.61, 41.59),
    (129.67, 41.70), (129.776, 41.796), (129.92, 41.90), (130.08, 42.02), (130.17, 42.16), (130.28, 42.25),
    (130.40, 42.33), (130.46, 42.42), (130.56, 42.43), (130.608, 42.4214), (130.6453, 42.4281),
]  # fmt: skip
_RUSSIAN_LINE = [
    (130.6453, 42.4281), (130.66, 42.55), (130.78, 42.66), (130.93, 42.74), (131.08, 42.78), (131.17, 42.86),
    (131.27, 42.92), (131.33, 43.02), (131.40, 43.10), (131.47, 43.22), (131.55, 43.33), (131.70, 43.45),
    (131.83, 43.56), (131.927, 43.6456), (131.97, 43.56), (132.00, 43.47), (132.06, 43.37), (132.07, 43.27),
    (131.99, 43.24), (131.93, 43.17), (131.8823, 43.1113),
]  # fmt: skip
_BRIDGES = [
    (131.8823, 43.1113), (131.896, 43.106), (131.91, 43.095), (131.916, 43.08), (131.908, 43.063),
    (131.909, 43.048), (131.90, 43.035), (131.8945, 43.0245),
]  # fmt: skip


def line(points: Sequence[tuple[float, float]], *, step_km: float = 3.0) -> NDArray[np.float64]:
    """Line through points with vertices as close as those of a real railway, gently winding."""
    pieces: list[NDArray[np.float64]] = []
    unwrapped = geodesy.unwrap(np.array(points, dtype=np.float64))
    for start, end in pairwise(unwrapped):
        length = geodesy.distance_m(start[0], start[1], end[0], end[1]) / 1000
        count = max(1, math.ceil(length / step_km))
        share = np.arange(count)[:, None] / count
        sway = np.sin(share * math.pi * 2) * 0.03 * (end - start)[::-1] * [1, -1]
        pieces.append(start + share * (end - start) + sway)
    made = np.concatenate([*pieces, unwrapped[-1:]])
    made[:, 0] = (made[:, 0] + 180.0) % 360.0 - 180.0
    return made


def leg(
    sequence: int,
    origin: Place,
    destination: Place,
    *,
    points: Sequence[tuple[float, float]] = (),
    distance_km: float | None = None,
    speed_kmh: float = 50.0,
    mode: Mode = "rail",
    sections: Sequence[tuple[float, str | None, tuple[int, ...], str | None, float]] = (),
    standing: Band = ZERO,
) -> Leg:
    """Leg over points; `sections` are (end in km, country, gauges, line, speed)."""
    coordinates = line(points or [(origin.lon, origin.lat), (destination.lon, destination.lat)])
    measures = geodesy.measures_m(coordinates)
    length = measures[-1] if distance_km is None else distance_km * 1000
    measures = measures * (length / measures[-1]) if measures[-1] else measures
    made: list[Section] = []
    for end_km, country, gauges, name, speed in sections or [
        (length / 1000, origin.country, (), None, speed_kmh)
    ]:
        made.append(
            Section(
                start_m=made[-1].end_m if made else 0.0,
                end_m=min(end_km * 1000, float(length)),
                country=country,
                gauges_mm=gauges,
                speed_kmh=speed,
                speed_source="default",
                line=name,
                source="osm" if mode == "rail" else "manual",
                mode=mode,
            )
        )
    running = sum((part.end_m - part.start_m) / part.speed_kmh * 3.6 for part in made)
    return Leg(
        sequence=sequence,
        origin=origin,
        destination=destination,
        mode=mode,
        coordinates=coordinates,
        measures_m=measures,
        distance_m=float(length),
        geodesic_m=geodesy.distance_m(origin.lon, origin.lat, destination.lon, destination.lat),
        duration=Band(running * 0.85, running, running * 1.35) + standing,
        sections=tuple(made),
    )


def itinerary(
    legs: Sequence[Leg],
    *,
    departure: datetime | None = None,
    dwell_s: float = 900.0,
    halts: Sequence[Halt] = (),
    attribution: tuple[str, ...] = ("© OpenStreetMap contributors (ODbL 1.0)",),
    warnings: tuple[str, ...] = (),
) -> Itinerary:
    """Itinerary of legs that already have their durations, stopping at each place between them."""
    places = (legs[0].origin, *(part.destination for part in legs))
    elapsed, measure = ZERO, 0.0
    stop_times: list[StopTime] = []
    stops: list[Halt] = list(halts)
    for index, place in enumerate(places):
        inner = 0 < index < len(places) - 1
        dwell = Band(dwell_s * 0.7, dwell_s, dwell_s * 2.0) if inner else ZERO
        zone = ZoneInfo(place.timezone or "UTC")

        def clock(seconds: float, zone: ZoneInfo = zone) -> datetime | None:
            if departure is None:
                return None
            return (departure.astimezone(ZoneInfo("UTC")) + timedelta(seconds=seconds)).astimezone(zone)

        stop_times.append(
            StopTime(
                place=place,
                measure_m=measure,
                elapsed=elapsed,
                dwell=dwell,
                arrival=clock(elapsed.p50_s) if index else None,
                departure=clock(elapsed.p50_s + dwell.p50_s) if index < len(places) - 1 else None,
            )
        )
        if inner:
            previous = legs[index - 1]
            stops.append(
                Halt(
                    place=place.name, lon=place.lon, lat=place.lat, leg=previous.sequence,
                    measure_m=previous.distance_m, reason="stop", duration=dwell,
                )
            )  # fmt: skip
        if index < len(legs):
            elapsed = elapsed + dwell + legs[index].duration
            measure += legs[index].distance_m
    return Itinerary(
        places=places,
        snap_m=(0.0,) * len(places),
        legs=tuple(legs),
        halts=tuple(sorted(stops, key=lambda halt: (halt.leg, halt.measure_m))),
        stop_times=tuple(stop_times),
        duration=elapsed,
        train="long_distance",
        attribution=attribution,
        warnings=warnings,
    )


def story(*, departure: str | None = "2019-04-24T05:00", names: dict[str, str] | None = None) -> Itinerary:
    """Pyongyang, Khasan, Vladivostok by rail, Russky Island by road; `names` renames places."""

    def named(place: Place) -> Place:
        if not names or place.name not in names:
            return place
        return Place(
            name=names[place.name], lat=place.lat, lon=place.lon, country=place.country,
            timezone=place.timezone, kind=place.kind, source=place.source, access=place.access,
        )  # fmt: skip

    pyongyang, khasan, vladivostok, russky = map(named, (PYONGYANG, KHASAN, VLADIVOSTOK, RUSSKY))
    bogies, border = Band(3600.0, 2 * 3600.0, 5 * 3600.0), Band(1800.0, 3600.0, 3 * 3600.0)
    legs = [
        leg(
            1, pyongyang, khasan, points=_COAST_LINE, distance_km=850, standing=bogies + border,
            sections=[
                (223.7, "KP", (1435,), "P'yongra Line", 45.0), (795.0, "KP", (1435,), "P'yongra Line", 40.0),
                (846.0, "KP", (1435, 1520), "Hongui Line", 40.0), (850.0, "RU", (1435, 1520), None, 30.0),
            ],
        ),
        leg(
            2, khasan, vladivostok, points=_RUSSIAN_LINE, distance_km=327,
            sections=[
                (238.0, "RU", (1520,), "Baranovsky - Khasan", 50.0),
                (327.0, "RU", (1520,), "Trans-Siberian", 65.0),
            ],
        ),
        leg(3, vladivostok, russky, points=_BRIDGES, distance_km=16, mode="road", speed_kmh=35.0),
    ]  # fmt: skip
    return itinerary(
        legs,
        departure=None
        if departure is None
        else datetime.fromisoformat(departure).replace(tzinfo=ZoneInfo("Asia/Pyongyang")),
        dwell_s=3600.0,
        halts=[
            Halt(
                place="Tumangang", lon=130.608, lat=42.4214, leg=1, measure_m=845_000.0,
                reason="break_of_gauge", duration=bogies, detail="1435 mm to 1520 mm, bogie change",
            ),
            Halt(
                place="Tumangang", lon=130.608, lat=42.4214, leg=1, measure_m=845_000.0, reason="border",
                duration=border, detail="KP to RU",
            ),
        ],
        warnings=("Russky Island has no railway: the last leg is by road.",),
    )  # fmt: skip


def across_the_antimeridian() -> Itinerary:
    """Two invented rail points either side of longitude 180."""
    west = Place(name="West Point", lat=66.0, lon=178.5, country="RU", timezone="Asia/Anadyr")
    east = Place(name="East Point", lat=65.6, lon=-176.0, country="US", timezone="America/Nome")
    return itinerary(
        [leg(1, west, east, points=[(178.5, 66.0), (179.6, 66.2), (-179.2, 66.1), (-176.0, 65.6)])],
        departure=datetime(2024, 12, 21, 6, 0, tzinfo=ZoneInfo("Asia/Anadyr")),
    )


def loop() -> Itinerary:
    """Journey of one leg that ends where it began."""
    berne = Place(name="Berne", lat=46.948, lon=7.439, country="CH", timezone="Europe/Zurich")
    ring = [
        (7.439 + 0.6 * math.sin(turn), 46.548 + 0.4 * math.cos(turn))
        for turn in np.linspace(0, 2 * math.pi, 25)
    ]
    return itinerary([leg(1, berne, berne, points=ring, speed_kmh=80.0)])


def many_stops(count: int = 60) -> Itinerary:
    """Journey of many places on a winding line across Europe."""
    places = [
        Place(
            name=f"Station {index + 1}", lat=47.0 + 2.5 * math.sin(index / 7), lon=-1.0 + 0.5 * index,
            country="FR", timezone="Europe/Paris",
        )
        for index in range(count)
    ]  # fmt: skip
    return itinerary(
        [leg(index + 1, *pair, speed_kmh=90.0) for index, pair in enumerate(pairwise(places))],
        departure=datetime(2024, 6, 20, 8, 0, tzinfo=ZoneInfo("Europe/Paris")),
        dwell_s=120.0,
    )


def short() -> Itinerary:
    """Journey of two kilometres."""
    here = Place(name="Here", lat=51.5308, lon=-0.1238, country="GB", timezone="Europe/London")
    there = Place(name="There", lat=51.5174, lon=-0.1040, country="GB", timezone="Europe/London")
    return itinerary([leg(1, here, there, speed_kmh=25.0)])


def long() -> Itinerary:
    """Journey across Eurasia, by rail, ferry and rail."""
    lisbon = Place(name="Lisbon", lat=38.714, lon=-9.123, country="PT", timezone="Europe/Lisbon")
    moscow = Place(name="Moscow", lat=55.776, lon=37.655, country="RU", timezone="Europe/Moscow")
    points_west = [
        (-9.123, 38.714),
        (-3.7, 40.4),
        (2.35, 48.86),
        (13.4, 52.5),
        (21.0, 52.2),
        (37.655, 55.776),
    ]
    points_east = [
        (37.655, 55.776), (60.6, 56.85), (73.4, 55.0), (82.9, 55.0), (104.3, 52.3), (113.5, 52.0),
        (135.1, 48.5), (131.8823, 43.1113),
    ]  # fmt: skip
    return itinerary(
        [
            leg(1, lisbon, moscow, points=points_west, speed_kmh=85.0),
            leg(2, moscow, VLADIVOSTOK, points=points_east, speed_kmh=62.0),
        ],
        departure=datetime(2024, 3, 30, 21, 0, tzinfo=ZoneInfo("Europe/Lisbon")),
        dwell_s=6 * 3600.0,
    )

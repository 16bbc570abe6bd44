"""Running times on reference journeys, row by row and in sum, beside the rules of thumb of other routers.

    python benchmarks/timing.py [JOURNEYS.csv ...] [--split]

The files need the columns id, origin, origin_lat, origin_lon, destination, dest_lat, dest_lon, via, fastest_h and
confidence; typical_h is shown if it is there. Rows without fastest_h (h:mm) are left out. Where a position is empty
the name is looked up. Without a file it is benchmarks/journeys.csv.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import route
from route.planner import plan

if TYPE_CHECKING:
    from route.itinerary import Itinerary

JOURNEYS = Path(__file__).parent / "journeys.csv"
OTHERS_SHARE = 0.9  # of the line speed, which routers without a timetable reckon with


@dataclass(frozen=True)
class Journey:
    """One row of the reference, times in hours."""

    id: str
    places: tuple[str | route.Place, ...]
    rail_km: float | None
    fastest_h: float
    typical_h: float | None
    confidence: str

    @property
    def name(self) -> str:
        """Names of the two ends."""
        ends = (self.places[0], self.places[-1])
        return " - ".join(end if isinstance(end, str) else end.name for end in ends)


@dataclass(frozen=True)
class Timed:
    """A row with what railroute says to it, and what the others would, in hours."""

    journey: Journey
    km: float
    p10: float
    p50: float
    p90: float
    line_speed_h: float

    @property
    def error(self) -> float:
        """Relative error of the median."""
        return self.p50 / self.journey.fastest_h - 1

    @property
    def covered(self) -> bool:
        """Whether the band holds the fastest scheduled time."""
        return self.p10 <= self.journey.fastest_h <= self.p90


def hours(text: str) -> float | None:
    """Hours of a text h:mm."""
    if not text:
        return None
    whole, _, minutes = text.partition(":")
    return int(whole) + int(minutes) / 60


def in_fit_part(journey_id: str) -> bool:
    """Whether the fit may use a journey: about half of them, by a hash of the id that nobody chose."""
    return hashlib.sha256(journey_id.encode()).digest()[0] % 2 == 0


def read(path: Path) -> list[Journey]:
    """Rows of a file that have a time."""

    def place(name: str, lat: str, lon: str) -> str | route.Place:
        return route.Place(name=name, lat=float(lat), lon=float(lon), kind="station") if lat else name

    journeys = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            fastest = hours(row["fastest_h"])
            if fastest is None:
                continue
            via = [v.split(",") for v in row["via"].split(";") if v]
            places = (
                place(row["origin"], row["origin_lat"], row["origin_lon"]),
                *(route.Place(name=f"{lat},{lon}", lat=float(lat), lon=float(lon)) for lat, lon in via),
                place(row["destination"], row["dest_lat"], row["dest_lon"]),
            )
            journeys.append(
                Journey(
                    id=row["id"],
                    places=places,
                    rail_km=float(row["rail_km"]) if row.get("rail_km") else None,
                    fastest_h=fastest,
                    typical_h=hours(row.get("typical_h") or ""),
                    confidence=row["confidence"],
                )
            )
    return journeys


def itinerary(journey: Journey) -> Itinerary | None:
    """What railroute plans for a row; None if it finds no way."""
    try:
        return plan(journey.places, pick="best").itinerary
    except route.RouteError:
        return None


def timed(journey: Journey, planned: Itinerary) -> Timed:
    """A row with its times."""
    at_line_speed = sum(
        (section.end_m - section.start_m) / 1000 / (OTHERS_SHARE * section.speed_kmh)
        for leg in planned.legs
        for section in leg.sections
    )
    band = planned.duration
    return Timed(
        journey=journey,
        km=planned.distance_m / 1000,
        p10=band.p10_s / 3600,
        p50=band.p50_s / 3600,
        p90=band.p90_s / 3600,
        line_speed_h=at_line_speed,
    )


def figures(errors: list[float]) -> str:
    """Median absolute error, bias and share within 30 % of some relative errors."""
    off = [abs(error) for error in errors]
    within = sum(error <= 0.30 for error in off) / len(off)
    return f"median error {statistics.median(off):5.1%} ({statistics.median(errors):+.1%}), {within:.1%} within 30 %"


def best_speed(rows: list[Timed]) -> float:
    """The one speed, in km/h, that makes the median error of distance / speed smallest."""

    def spread(kmh: float) -> float:
        return statistics.median(abs(row.km / kmh / row.journey.fastest_h - 1) for row in rows)

    return min((row.km / row.journey.fastest_h for row in rows), key=spread)


def summary(title: str, rows: list[Timed]) -> str:
    """Lines about some rows: railroute, one speed, a share of the line speed."""
    kmh = best_speed(rows)
    covered = sum(row.covered for row in rows) / len(rows)
    others = {
        f"distance / {kmh:.0f} km/h": [row.km / kmh / row.journey.fastest_h - 1 for row in rows],
        f"{OTHERS_SHARE} x line speed": [row.line_speed_h / row.journey.fastest_h - 1 for row in rows],
    }
    lines = [f"{title}, {len(rows)} journeys of high and medium confidence:"]
    lines.append(f"  {'railroute':22} {figures([r.error for r in rows])}, band covers {covered:.1%}")
    lines += [f"  {name:22} {figures(errors)}" for name, errors in others.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("journeys", type=Path, nargs="*", default=[JOURNEYS])
    parser.add_argument(
        "--split", action="store_true", help="sum up the journeys of the fit and the others apart"
    )
    args = parser.parse_args()
    rows: list[Timed] = []
    missing: list[Journey] = []
    print(
        f"{'id':6} {'km':>5} {'fastest':>8} {'typical':>8} {'p10':>7} {'p50':>7} {'p90':>7} {'error':>6}  journey"
    )
    for journey in [journey for path in args.journeys for journey in read(path)]:
        planned = itinerary(journey)
        if planned is None:
            missing.append(journey)
            print(f"{journey.id:6} {'no way found':>53}  {journey.name} ({journey.confidence})")
            continue
        row = timed(journey, planned)
        rows.append(row)
        typical = f"{journey.typical_h:8.2f}" if journey.typical_h else " " * 8
        far = journey.rail_km is not None and abs(row.km / journey.rail_km - 1) > 0.05
        print(
            f"{journey.id:6} {row.km:5.0f} {journey.fastest_h:8.2f} {typical} {row.p10:7.2f} {row.p50:7.2f} {row.p90:7.2f}",
            f"{row.error:+6.0%}{' ' if row.covered else '!'} {journey.name} ({journey.confidence})",
            f"not the way of the timetable, {journey.rail_km:.0f} km" if far else "",
        )
    print("times in hours; ! fastest time outside the band p10 to p90\n")
    graded = [row for row in rows if row.journey.confidence != "low"]
    print(summary("All", graded))
    if args.split:
        print(summary("Fitted on", [row for row in graded if in_fit_part(row.journey.id)]))
        print(summary("Held out", [row for row in graded if not in_fit_part(row.journey.id)]))
    if missing:
        print(f"No way was found for {len(missing)}: {', '.join(journey.id for journey in missing)}")


if __name__ == "__main__":
    main()

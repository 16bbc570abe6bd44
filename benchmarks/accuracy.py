"""Accuracy of distances on reference journeys, row by row and in sum, beside scgraph on its own network.

    python benchmarks/accuracy.py JOURNEYS.csv [--without-peer]

The file needs the columns id, origin, origin_lat, origin_lon, destination, dest_lat, dest_lon, via, rail_km and
confidence; an empty rail_km means that there is no railway between the two and that a router must say so.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import statistics
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from route.accuracy import Journey, read_journeys
from route.errors import NoPathError, PlaceError
from route.planner import plan

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Answer:
    """What a router says to one row: a distance, or why there is none."""

    km: float | None
    note: str


def ours(journey: Journey) -> Answer:
    try:
        trip = plan([journey.origin, journey.destination], via=journey.via, pick="best")
    except NoPathError as error:
        return Answer(None, f"{error.reason}: {error}")
    except PlaceError as error:
        return Answer(None, str(error))
    itinerary = trip.itinerary
    sections = [s for leg in itinerary.legs for s in leg.sections]
    total = sum(s.end_m - s.start_m for s in sections)
    named = sum(s.end_m - s.start_m for s in sections if s.line)
    gaps = sum(s.end_m - s.start_m for s in sections if s.source == "join")
    longest = Counter[str]()
    for section in sections:
        longest[section.line or "track of no named line"] += int(section.end_m - section.start_m)
    ways = ", ".join(f"{name} {m / 1000:.0f} km" for name, m in longest.most_common(3))
    countries = ">".join(dict.fromkeys(c for leg in itinerary.legs for c in leg.countries))
    note = f"{countries}; {named / total:.0%} on named lines, {gaps / 1000:.0f} km of closed gaps; {ways}"
    return Answer(itinerary.distance_m / 1000, note)


def peer(journeys: Sequence[Journey]) -> list[Answer]:
    """The same rows by scgraph on the world network of scgraph-data, as it comes."""
    import scgraph

    # The data package names the module that held the class before scgraph 3.
    sys.modules.setdefault("scgraph.core", scgraph)
    from scgraph_data.world_railways import world_railways_geograph as graph

    answers = []
    for journey in journeys:
        if isinstance(journey.origin, str) or isinstance(journey.destination, str):
            answers.append(Answer(None, "knows no names"))
            continue
        via = [tuple(map(float, point.split(","))) for point in journey.via]
        ends = [(p.lat, p.lon) for p in (journey.origin, journey.destination)]
        chain = [ends[0], *via, ends[1]]
        total = 0.0
        try:
            for a, b in itertools.pairwise(chain):
                # It prints advice where it finds no way.
                with contextlib.redirect_stdout(io.StringIO()):
                    found = graph.get_shortest_path(
                        origin_node={"latitude": a[0], "longitude": a[1]},
                        destination_node={"latitude": b[0], "longitude": b[1]},
                        output_units="km",
                    )
                total += float(found["length"])
        except Exception as error:  # noqa: BLE001 - whatever the peer raises is its answer
            answers.append(Answer(None, type(error).__name__))
            continue
        answers.append(Answer(total, ""))
    return answers


def summary(journeys: Sequence[Journey], answers: list[Answer]) -> str:
    rows = [(j, a) for j, a in zip(journeys, answers, strict=True) if j.confidence != "low"]
    real = [(j.rail_km, a.km) for j, a in rows if j.rail_km]
    none = [a.km for j, a in rows if j.rail_km is None]
    errors = [abs(km / reference - 1) for reference, km in real if km is not None]
    signed = [km / reference - 1 for reference, km in real if km is not None]
    within = {limit: sum(e <= limit for e in errors) / len(real) for limit in (0.02, 0.05)}
    return (
        f"{len(real)} journeys of high and medium confidence: {len(errors) / len(real):.1%} routed, "
        f"{within[0.02]:.1%} within 2 %, {within[0.05]:.1%} within 5 %, median {statistics.median(signed):+.2%}; "
        f"{sum(km is None for km in none)} of {len(none)} without a railway refused"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("journeys", type=Path)
    parser.add_argument("--without-peer", action="store_true", help="leave scgraph out")
    args = parser.parse_args()
    journeys = read_journeys(args.journeys)
    answers = [ours(j) for j in journeys]
    others = None if args.without_peer else peer(journeys)
    print(f"{'id':6} {'reference':>9} {'railroute':>9} {'':>7} {'scgraph':>9} {'':>7}  journey")
    for i, (journey, answer) in enumerate(zip(journeys, answers, strict=True)):
        cells = [f"{journey.id:6}", f"{journey.rail_km or 0:9.0f}" if journey.rail_km else f"{'none':>9}"]
        for found in (answer, others[i] if others else Answer(None, "")):
            cells.append(f"{found.km:9.0f}" if found.km is not None else f"{'-':>9}")
            off = (
                f"{found.km / journey.rail_km - 1:+7.1%}"
                if found.km is not None and journey.rail_km
                else " " * 7
            )
            cells.append(off)
        print(*cells, "", f"{journey.title} ({journey.confidence})")
        wrong = answer.km is None if journey.rail_km else answer.km is not None
        beyond = bool(journey.rail_km and answer.km and abs(answer.km / journey.rail_km - 1) > 0.05)
        if wrong or beyond or journey.rail_km is None:
            print(f"       {answer.note}")
    print("railroute:", summary(journeys, answers))
    if others:
        print("scgraph:  ", summary(journeys, others))


if __name__ == "__main__":
    main()

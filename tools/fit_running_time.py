"""Fit the parameters of the running-time model to journeys with scheduled times; writes data/calibration.toml.

    python tools/fit_running_time.py [JOURNEYS.csv ...] [--check]

The files are those of benchmarks/timing.py, which publishes the result; without one it is benchmarks/journeys.csv.
Journeys of low confidence are left out, as are those routed more than 5 % off their published length: their time
belongs to another way. Of the rest, the half that `timing.in_fit_part` says is used; the other half tests the fit.

1. Practical speed and time in hand: robust least squares (soft L1) on log(p50 / fastest scheduled time); each file
   counts the same, however long it is.
2. Spread: one scale for all sigmas, so that the band p10 to p90 covers 80 % of new journeys with a confidence of 95 %
   (a distribution-free tolerance limit: Wilks 1941, Determination of sample sizes for setting tolerance limits).

Same journeys and same network give the same bytes. `--check` prints and writes nothing.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, least_squares
from scipy.stats import binom

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import timing  # noqa: E402

from route.itinerary import Band  # noqa: E402
from route.registers import country  # noqa: E402
from route.runningtime import (  # noqa: E402
    Calibration,
    TrainClass,
    calibration,
    combine,
    lognormal,
    practical_speed_kmh,
    running_time,
    train_class,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from route.itinerary import Itinerary

TARGET = ROOT / "data" / "calibration.toml"

# Section and key in the file, field of Calibration, start, bounds.
PARAMETERS = (
    ("practical_speed", "default_factor", "default_factor", 1.1, (0.7, 1.6)),
    ("practical_speed", "known_exponent", "known_exponent", 0.3, (0.0, 1.5)),
    ("practical_speed", "known_factor", "known_factor", 0.85, (0.5, 1.2)),
    ("practical_speed", "highspeed_factor", "highspeed_factor", 0.88, (0.6, 1.2)),
    ("practical_speed", "highspeed_exponent", "highspeed_exponent", 0.6, (0.0, 1.5)),
    ("long_run", "share_per_doubling", "long_run_share", 0.06, (0.0, 0.3)),
)
ROBUST_FROM = 0.1  # errors beyond this count linearly: they are of the line's data, not of the model
COVERAGE, CONFIDENCE = 0.8, 0.95
WAY_WITHIN = 0.05
_WIDEST = 2.0
# Of the spread, by source and confidence, what is given: line speeds that are not known err more, and the grades of
# countries.csv claim 10, 20 and 35 %, of which the express speed that they mean is only a part.
SOURCES = {"register": 1.0, "osm": 1.0, "default": 1.15}
GRADES = {"high": 1.0, "medium": 1.15, "low": 1.5}


@dataclass(frozen=True)
class Case:
    """A journey as the model sees it: sections by rail, halts, and what else takes time, in seconds."""

    id: str
    file: int
    fastest_s: float
    lengths_m: tuple[float, ...]
    speeds_kmh: tuple[float, ...]
    kinds: tuple[tuple[str | None, str], ...]
    stops_m: tuple[float, ...]
    halts: tuple[Band, ...]
    other_s: float = 0.0

    def sections_s(self, train: TrainClass, parameters: Calibration) -> NDArray[np.float64]:
        """Running time on each section with some parameters."""
        practical = [
            practical_speed_kmh(speed, iso2, source, train.priority, parameters)
            for speed, (iso2, source) in zip(self.speeds_kmh, self.kinds, strict=True)
        ]
        return running_time(
            self.lengths_m,
            self.speeds_kmh,
            train,
            practical_kmh=practical,
            stops_m=self.stops_m,
            parameters=parameters,
        ).section_s

    def p50_s(self, train: TrainClass, parameters: Calibration) -> float:
        """Whole time with some parameters."""
        running = float(self.sections_s(train, parameters).sum())
        return running + sum(halt.p50_s for halt in self.halts) + self.other_s

    def parts(self, train: TrainClass, parameters: Calibration) -> dict[tuple[str | None, str], float]:
        """Running time by country and source of the line speed."""
        seconds: dict[tuple[str | None, str], float] = {}
        for kind, value in zip(self.kinds, self.sections_s(train, parameters).tolist(), strict=True):
            seconds[kind] = seconds.get(kind, 0.0) + value
        return seconds


def case(journey_id: str, file: int, fastest_h: float, planned: Itinerary) -> Case:
    """The case of a planned journey; halts, and legs by road or ferry, are taken as they were planned."""
    sections = [section for leg in planned.legs for section in leg.sections if section.mode == "rail"]
    starts = np.concatenate([[0.0], np.cumsum([leg.distance_m for leg in planned.legs])])
    bare = Case(
        id=journey_id,
        file=file,
        fastest_s=fastest_h * 3600,
        lengths_m=tuple(section.end_m - section.start_m for section in sections),
        speeds_kmh=tuple(section.speed_kmh for section in sections),
        kinds=tuple((section.country, section.speed_source) for section in sections),
        stops_m=tuple(float(starts[halt.leg - 1]) + halt.measure_m for halt in planned.halts),
        halts=tuple(halt.duration for halt in planned.halts),
    )
    known = bare.p50_s(train_class(planned.train), calibration())
    return replace(bare, other_s=planned.duration.p50_s - known)


def fit_speeds(cases: Sequence[Case], start: Calibration) -> Calibration:
    """Parameters of practical speed and time in hand that fit best."""
    train = train_class("passenger")
    fields = [field for _, _, field, _, _ in PARAMETERS]

    def parameters(values: Sequence[float]) -> Calibration:
        return replace(start, **dict(zip(fields, map(float, values), strict=True)))

    files = Counter(entry.file for entry in cases)
    weight = np.sqrt([len(cases) / len(files) / files[entry.file] for entry in cases])

    def residuals(values: Sequence[float]) -> NDArray[np.float64]:
        now = parameters(values)
        off = np.array([math.log(entry.p50_s(train, now) / entry.fastest_s) for entry in cases]) / ROBUST_FROM
        # Half the square of this is the soft L1 loss.
        return np.asarray(weight * np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off**2) - 1)), dtype=np.float64)

    found = least_squares(
        residuals,
        [begin for _, _, _, begin, _ in PARAMETERS],
        bounds=tuple(zip(*(bounds for *_, bounds in PARAMETERS), strict=True)),
        diff_step=1e-3,
    )
    # What is written is what is meant: the spread is fitted to the rounded values.
    return parameters(np.round(found.x, 3))


def tolerance_rank(number: int) -> int:
    """Which of so many ordered values bounds 80 % of all with a confidence of 95 %."""
    for rank in range(1, number + 1):
        if binom.cdf(rank - 1, number, COVERAGE) >= CONFIDENCE:
            return rank
    return number


def sigma_needed(entry: Case, parameters: Calibration) -> float:
    """Sigma of a known line speed, in a country of high confidence, at which the band just holds the fastest time."""
    train = train_class("passenger")
    running = entry.parts(train, parameters)
    fixed = [(f"halt {number}", halt) for number, halt in enumerate(entry.halts)]
    fixed.append(("other", Band(entry.other_s, entry.other_s, entry.other_s)))

    def beyond(sigma: float) -> float:
        shares = {
            kind: math.hypot(
                sigma * SOURCES[kind[1]] * GRADES[country(kind[0]).confidence],
                parameters.train_sigma[train.confidence],
            )
            for kind in running
        }
        moving = [(kind, lognormal(seconds, shares[kind])) for kind, seconds in running.items()]
        band = combine([*moving, *fixed], parameters.correlation)
        return max(band.p10_s - entry.fastest_s, entry.fastest_s - band.p90_s)

    if beyond(0.0) <= 0:
        return 0.0
    return float(brentq(beyond, 0.0, _WIDEST, xtol=1e-5)) if beyond(_WIDEST) < 0 else _WIDEST


def fit_spread(cases: Sequence[Case], parameters: Calibration) -> float:
    """Sigma of a known line speed, in a country of high confidence, for which the band covers enough."""
    needed = sorted(sigma_needed(entry, parameters) for entry in cases)
    return needed[tolerance_rank(len(needed)) - 1]


def spread_table(sigma: float) -> dict[tuple[str, str], str]:
    """Values of the section ``spread`` by key."""
    return {
        ("spread", source): "{ "
        + ", ".join(f"{grade} = {sigma * by * times:.3f}" for grade, times in GRADES.items())
        + " }"
        for source, by in SOURCES.items()
    }


def with_values(text: str, values: Mapping[tuple[str, str], str]) -> str:
    """A TOML file with other values for some keys, everything else as it was.

    Raises
    ------
    KeyError
        If a key is not there.
    """
    left = dict(values)
    section = ""
    lines = []
    for line in text.splitlines():
        heading = re.fullmatch(r"\[([\w.]+)\]\s*", line)
        entry = re.match(r"(\w+)\s*=", line)
        section = heading.group(1) if heading else section
        value = left.pop((section, entry.group(1)), None) if entry else None
        lines.append(line if value is None or entry is None else f"{entry.group(1)} = {value}")
    if left:
        raise KeyError(", ".join(".".join(key) for key in left))
    return "\n".join(lines) + "\n"


def errors(cases: Sequence[Case], parameters: Calibration) -> str:
    """Figures of some cases with some parameters."""
    train = train_class("passenger")
    return timing.figures([entry.p50_s(train, parameters) / entry.fastest_s - 1 for entry in cases])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("journeys", type=Path, nargs="*", default=[timing.JOURNEYS])
    parser.add_argument("--check", action="store_true", help="print the fit, write nothing")
    args = parser.parse_args()
    cases = []
    read = [(file, journey) for file, path in enumerate(args.journeys) for journey in timing.read(path)]
    for file, journey in read:
        planned = None if journey.confidence == "low" else timing.itinerary(journey)
        if planned is None:
            continue
        if journey.rail_km and abs(planned.distance_m / 1000 / journey.rail_km - 1) > WAY_WITHIN:
            print(
                f"{journey.id}: {planned.distance_m / 1000:.0f} km instead of {journey.rail_km:.0f}, left out"
            )
            continue
        cases.append(case(journey.id, file, journey.fastest_h, planned))
    used = [entry for entry in cases if timing.in_fit_part(entry.id)]
    others = [entry for entry in cases if not timing.in_fit_part(entry.id)]
    fitted = fit_speeds(used, calibration())
    sigma = fit_spread(used, fitted)
    values = {(section, key): f"{getattr(fitted, field):.3f}" for section, key, field, _, _ in PARAMETERS}
    values |= spread_table(sigma)
    for (section, key), value in values.items():
        print(f"{section}.{key} = {value}")
    for title, part in (("fitted on", used), ("held out ", others)):
        inside = sum(sigma_needed(entry, fitted) <= sigma for entry in part) / len(part)
        print(f"{title} {len(part):3} journeys: {errors(part, fitted)}, band covers {inside:.1%}")
    # How much hangs on the halves: each journey by the parameters that the other half gives.
    swapped = fit_speeds(others, calibration())
    train = train_class("passenger")
    crossed = [
        entry.p50_s(train, parameters) / entry.fastest_s - 1
        for part, parameters in ((used, swapped), (others, fitted))
        for entry in part
    ]
    print(f"crossed   {len(crossed):3} journeys: {timing.figures(crossed)}")
    if not args.check:
        TARGET.write_text(with_values(TARGET.read_text(encoding="utf-8"), values), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The fit of the running-time model and the benchmark that publishes it, on journeys made up for the purpose."""

from __future__ import annotations

import importlib
import math
import random
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from route.itinerary import Band
from route.runningtime import calibration, classes, train_class

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="the scripts are not in the package")


@pytest.fixture(scope="module")
def tools():
    """The two scripts; they are run by hand and are not on the path of the package."""
    before = list(sys.path)
    sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "benchmarks")]
    yield importlib.import_module("fit_running_time"), importlib.import_module("timing")
    sys.path[:] = before


def made_up(fit, truth, number, noise=0.0):
    """Journeys whose fastest time is what some parameters say, give or take."""
    chance = random.Random(4)  # noqa: S311 - no secret
    kinds = [
        ("FR", "register"),
        ("CN", "register"),
        ("TR", "register"),
        ("PL", "register"),
        ("IN", "register"),
        ("RO", "default"),
    ]
    cases = []
    for index in range(number):
        iso2, source = kinds[index % len(kinds)]
        speed = 90.0 if source == "default" else chance.choice([100.0, 120.0, 160.0, 250.0, 300.0])
        lengths = tuple(chance.uniform(20_000, 500_000) for _ in range(chance.randint(1, 6)))
        halts = (Band(600.0, 1200.0, 2400.0),) if index % 5 == 0 else ()
        bare = fit.Case(
            id=f"J{index}",
            file=index % 2,
            fastest_s=1.0,
            lengths_m=lengths,
            speeds_kmh=tuple(speed for _ in lengths),
            kinds=tuple((iso2, source) for _ in lengths),
            stops_m=(),
            halts=halts,
        )
        fastest = bare.p50_s(train_class("passenger"), truth) * math.exp(chance.gauss(0, noise))
        cases.append(replace(bare, fastest_s=fastest))
    return cases


def test_the_fit_finds_the_parameters_that_journeys_were_made_with(tools):
    fit, _ = tools
    truth = replace(
        calibration(),
        default_factor=1.05,
        known_exponent=0.4,
        known_factor=0.9,
        highspeed_factor=0.8,
        highspeed_exponent=0.5,
        long_run_share=0.03,
    )
    found = fit.fit_speeds(made_up(fit, truth, 60), calibration())
    for _, _, field, _, _ in fit.PARAMETERS:
        assert getattr(found, field) == pytest.approx(getattr(truth, field), abs=0.006), field


def test_a_few_wrong_journeys_hardly_move_the_fit(tools):
    fit, _ = tools
    cases = made_up(fit, calibration(), 40, noise=0.05)
    spoilt = [
        replace(entry, fastest_s=3 * entry.fastest_s) if index % 20 == 0 else entry
        for index, entry in enumerate(cases)
    ]
    train = train_class("passenger")
    clean, found = (fit.fit_speeds(rows, calibration()) for rows in (cases, spoilt))
    change = [math.log(entry.p50_s(train, found) / entry.p50_s(train, clean)) for entry in cases]
    assert sorted(map(abs, change))[len(change) // 2] < 0.05


def test_the_spread_covers_what_it_is_fitted_to(tools):
    fit, _ = tools
    cases = made_up(fit, calibration(), 200, noise=0.15)
    sigma = fit.fit_spread(cases, calibration())
    inside = sum(fit.sigma_needed(entry, calibration()) <= sigma for entry in cases)
    assert inside >= fit.tolerance_rank(200) - 1
    # More than 80 %, since 200 journeys do not know the 80 % of all exactly; and not everything.
    assert 0.8 < inside / 200 < 0.9
    assert sigma == pytest.approx(0.15, rel=0.3)


def test_a_journey_that_takes_what_was_said_needs_no_spread(tools):
    fit, _ = tools
    entry = made_up(fit, calibration(), 1)[0]
    assert fit.sigma_needed(entry, calibration()) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("number", "rank"), [(10, 10), (59, 53), (100, 87)])
def test_tolerance_rank_is_that_of_the_binomial_distribution(tools, number, rank):
    fit, _ = tools
    assert fit.tolerance_rank(number) == rank
    if number >= 14:  # below, not even the largest value is certain enough

        def fewer(limit):
            return sum(math.comb(number, k) * 0.8**k * 0.2 ** (number - k) for k in range(limit))

        assert fewer(rank) >= 0.95 > fewer(rank - 1)


def test_values_are_written_in_place_and_comments_stay(tools):
    fit, _ = tools
    text = "# Top.\n[a]\n# Why.\nx = 1\n\n[a.b]\nx = 2\n[c]\nx = { y = 3 }\n"
    assert fit.with_values(text, {("a", "x"): "5", ("c", "x"): "{ y = 4 }"}) == (
        "# Top.\n[a]\n# Why.\nx = 5\n\n[a.b]\nx = 2\n[c]\nx = { y = 4 }\n"
    )
    with pytest.raises(KeyError, match=r"c\.z"):
        fit.with_values(text, {("c", "z"): "1"})


def test_the_fit_writes_what_the_package_reads(tools, tmp_path, monkeypatch):
    fit, _ = tools
    text = (ROOT / "data" / "calibration.toml").read_text(encoding="utf-8")
    values = {(section, key): "0.123" for section, key, *_ in fit.PARAMETERS}
    values |= fit.spread_table(0.2)
    changed = fit.with_values(text, values)
    assert tomllib.loads(changed)["spread"]["register"] == {"high": 0.2, "medium": 0.23, "low": 0.3}
    (tmp_path / "calibration.toml").write_text(changed, encoding="utf-8")
    monkeypatch.setattr(classes, "data_path", lambda name: tmp_path / name)
    read = classes.calibration.__wrapped__()
    assert {getattr(read, field) for _, _, field, _, _ in fit.PARAMETERS} == {0.123}


def test_journeys_are_read_and_split_by_their_ids(tools):
    _, timing = tools
    journeys = timing.read(timing.JOURNEYS)
    assert len({journey.id for journey in journeys}) == len(journeys) > 100
    share = sum(timing.in_fit_part(journey.id) for journey in journeys) / len(journeys)
    assert 0.4 < share < 0.6
    lyon = journeys[0]
    assert (lyon.name, lyon.rail_km, lyon.confidence) == ("Paris - Lyon", 427.0, "high")
    assert lyon.fastest_h == pytest.approx(1 + 56 / 60)


def test_the_figures_of_a_benchmark_by_hand(tools):
    _, timing = tools
    journeys = [timing.Journey(str(i), ("A", "B"), None, 10.0, None, "high") for i in range(4)]
    rows = [
        timing.Timed(journey, 1000.0, 0.8 * p50, p50, 1.25 * p50, 8.0)
        for journey, p50 in zip(journeys, (10.0, 11.0, 12.0, 20.0), strict=True)
    ]
    lines = timing.summary("Four", rows).splitlines()
    assert lines[0] == "Four, 4 journeys of high and medium confidence:"
    assert "median error 15.0% (+15.0%), 75.0% within 30 %, band covers 75.0%" in lines[1]
    assert "distance / 100 km/h" in lines[2]
    assert "median error  0.0%" in lines[2]
    assert "median error 20.0% (-20.0%), 100.0% within 30 %" in lines[3]

"""Chronology: the temporal network, words for times, clocks, files of sightings, judging."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from route.chronology import (
    Constraint,
    OtherClock,
    Sighting,
    Statement,
    Stop,
    TemporalNetwork,
    Window,
    check_clock,
    judge,
    read_reported,
    reported_from,
    verdict_of,
    window_of,
)
from route.errors import InputError
from route.itinerary import Band
from route.places import Place
from route.sun import SUNSET, altitude
from route.timetable.clock import zone_of

if TYPE_CHECKING:
    from pathlib import Path

PYONGYANG = Place(name="Pyongyang", lat=39.0058, lon=125.7364, timezone="Asia/Pyongyang")
VLADIVOSTOK = Place(name="Vladivostok", lat=43.1113, lon=131.8823, timezone="Asia/Vladivostok")
BERLIN = Place(name="Berlin", lat=52.52, lon=13.405, timezone="Europe/Berlin")
DAY = date(2019, 4, 24)


# ---- the temporal network


@st.composite
def solved_networks(draw: st.DrawFn) -> tuple[list[int], list[Constraint]]:
    """Times of some points, and constraints that they keep."""
    times = draw(st.lists(st.integers(-1000, 1000), min_size=2, max_size=6))
    slack = st.one_of(st.integers(0, 300), st.just(math.inf))
    constraints = []
    for _ in range(draw(st.integers(1, 12))):
        before, after = draw(st.permutations(range(len(times))))[:2]
        apart = times[after] - times[before]
        constraints.append(
            Constraint(
                before=before,
                after=after,
                low_s=apart - draw(slack),
                high_s=apart + draw(slack),
                tag=len(constraints),
            )
        )
    return times, constraints


@given(solved_networks())
def test_tightening_widens_nothing_and_excludes_no_solution(
    network: tuple[list[int], list[Constraint]],
) -> None:
    times, constraints = network
    tightened = TemporalNetwork(constraints)
    assert tightened.consistent
    for c in constraints:
        low, high = tightened.bounds_s(c.before, c.after)
        assert low >= c.low_s - 1e-6
        assert high <= c.high_s + 1e-6
    for before, after in combinations(tightened.index, 2):
        low, high = tightened.bounds_s(before, after)
        assert low - 1e-6 <= times[after] - times[before] <= high + 1e-6


@given(solved_networks())
@settings(max_examples=30)
def test_bounds_are_those_of_a_linear_program(network: tuple[list[int], list[Constraint]]) -> None:
    _, constraints = network
    tightened = TemporalNetwork(constraints)
    rows, limits = [], []
    for c in constraints:
        row = np.zeros(len(tightened.index))
        row[tightened.index[c.after]], row[tightened.index[c.before]] = 1.0, -1.0
        for sign, limit in ((1.0, c.high_s), (-1.0, -c.low_s)):
            if math.isfinite(limit):
                rows.append(sign * row)
                limits.append(limit)
    before, after = list(tightened.index)[:2]
    aim = np.zeros(len(tightened.index))
    aim[tightened.index[after]], aim[tightened.index[before]] = 1.0, -1.0
    for sign, bound in zip((1.0, -1.0), tightened.bounds_s(before, after), strict=True):
        solution = linprog(sign * aim, A_ub=rows or None, b_ub=limits or None, bounds=(None, None))
        if math.isfinite(bound):
            assert solution.status == 0
            assert sign * solution.fun == pytest.approx(bound, abs=1e-5)
        else:
            assert solution.status in {2, 3, 4}  # unbounded, as the solver words it


@given(solved_networks(), st.integers(0, 11), st.integers(1, 500))
def test_what_disagrees_is_told_and_nothing_else(
    network: tuple[list[int], list[Constraint]], number: int, beyond: int
) -> None:
    _, constraints = network
    chosen = constraints[number % len(constraints)]
    _, high = TemporalNetwork(constraints).bounds_s(chosen.before, chosen.after)
    if not math.isfinite(high):
        return
    too_late = Constraint(before=chosen.before, after=chosen.after, low_s=high + beyond, tag="new")
    conflict = TemporalNetwork([*constraints, too_late]).conflict
    assert "new" in {c.tag for c in conflict}
    assert not TemporalNetwork(conflict).consistent
    for left_out in range(len(conflict)):
        rest = [c for i, c in enumerate(conflict) if i != left_out]
        assert TemporalNetwork(rest).consistent
    with pytest.raises(InputError, match="cannot hold together"):
        TemporalNetwork([*constraints, too_late]).bounds_s(chosen.before, chosen.after)


def test_the_example_of_dechter_meiri_and_pearl() -> None:
    # When John and Fred left home: the paper's simple temporal problem, and its minimal network.
    minutes = [(0, 1, 10, 20), (1, 2, 30, 40), (3, 2, 10, 20), (3, 4, 40, 50), (0, 4, 60, 70)]
    network = TemporalNetwork(
        [Constraint(before=a, after=b, low_s=low, high_s=high) for a, b, low, high in minutes]
    )
    assert network.bounds_s(0, 1) == (10, 20)
    assert network.bounds_s(0, 2) == (40, 50)
    assert network.bounds_s(0, 3) == (20, 30)
    assert network.bounds_s(0, 4) == (60, 70)


def test_a_bound_must_be_a_number() -> None:
    with pytest.raises(InputError, match="number"):
        TemporalNetwork([Constraint(before=0, after=1, low_s=math.nan)])


# ---- judging


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[Stop], list[Statement], dict[tuple[int, int], Band], list[float]]:
    """A journey that was made at the median or slower, and what is truly said of it."""
    count = draw(st.integers(2, 4))
    legs = [draw(st.integers(10, 300)) for _ in range(count - 1)]
    dwells = [draw(st.integers(0, 40)) for _ in range(count)]
    durations = {}
    for i, j in combinations(range(count), 2):
        usual = float(sum(legs[i:j]) + sum(dwells[i + 1 : j]))
        durations[i, j] = Band(usual * 0.8, usual, usual * 1.3)
    clock, arrivals, departures = float(draw(st.integers(0, 1000))), [], []
    for i in range(count):
        arrivals.append(clock)
        clock += dwells[i] + draw(st.integers(0, 20))
        departures.append(clock)
        clock += (legs[i] if i < count - 1 else 0) + draw(st.integers(0, 50))
    statements, truth = [], []
    slack = st.one_of(st.integers(0, 60), st.just(math.inf))
    for i in range(count):
        for event in draw(st.lists(st.sampled_from(["arrival", "departure", "seen"]), max_size=2)):
            at = departures[i] if event == "departure" else arrivals[i]
            statements.append(
                Statement(stop=i, event=event, earliest_s=at - draw(slack), latest_s=at + draw(slack))
            )
            truth.append(at)
    return [Stop(dwell_s=float(d)) for d in dwells], statements, durations, truth


@given(journeys())
@settings(max_examples=60)
def test_a_journey_that_was_made_fits_and_its_times_are_never_excluded(journey: Any) -> None:
    stops, statements, durations, truth = journey
    found = judge(stops, statements, durations)
    assert found.verdict == "fits"
    assert found.conflict == ()
    for statement, windows, at in zip(statements, found.windows, truth, strict=True):
        assert windows.tightened is not None
        assert statement.earliest_s - 1e-6 <= windows.tightened[0] <= at + 1e-6
        assert at - 1e-6 <= windows.tightened[1] <= statement.latest_s + 1e-6
        for wider in (windows.fitting, windows.possible):
            assert wider is not None
            assert wider[0] - 1e-6 <= at <= wider[1] + 1e-6
    for (i, j), band in durations.items():
        assert verdict_of(found.available_s(i, j), band) == "fits"


@given(journeys(), st.integers(0, 3), st.integers(0, 400))
@settings(max_examples=60)
def test_the_whole_is_never_better_than_a_pair_and_what_disagrees_is_named(
    journey: Any, number: int, earlier: int
) -> None:
    stops, _, durations, _ = journey
    last = len(stops) - 1
    said = [
        Statement(stop=0, event="departure", earliest_s=5000.0),
        Statement(stop=last, event="arrival", latest_s=5000.0 + durations[0, last].p90_s - earlier),
        Statement(stop=number % len(stops), event="seen"),
    ]
    found = judge(stops, said, durations)
    order = ["fits", "tight", "does_not_fit"]
    pairs = [verdict_of(found.available_s(i, j), band) for (i, j), band in durations.items()]
    assert order.index(found.verdict) >= max(order.index(verdict) for verdict in pairs)
    assert found.conflict == (() if found.verdict == "fits" else (0, 1))
    latest = found.windows[0].fitting
    assert latest is not None
    assert latest[1] <= said[1].latest_s - durations[0, last].p50_s + 1e-6


def test_the_thresholds_are_the_median_and_the_tenth_percentile() -> None:
    band = Band(80.0, 100.0, 130.0)
    assert [verdict_of(s, band) for s in (math.inf, 100.0, 99.9, 80.0, 79.9, -5.0)] == [
        "fits",
        "fits",
        "tight",
        "tight",
        "does_not_fit",
        "does_not_fit",
    ]


def test_the_time_there_was_leaves_the_stated_dwell_to_the_stops() -> None:
    stops = [Stop(), Stop(dwell_s=60.0), Stop()]
    durations = {(0, 1): Band(1, 1, 1), (0, 2): Band(100, 100, 100), (1, 2): Band(1, 1, 1)}
    said = [
        Statement(stop=0, event="departure", earliest_s=0.0),
        Statement(stop=2, event="arrival", latest_s=300.0),
    ]
    found = judge(stops, said, durations)
    assert found.available_s(0, 2) == 300.0
    assert found.available_s(0, 1) == 240.0
    assert found.available_s(1, 2) == 240.0


def test_a_departure_before_the_arrival_at_one_place_disagrees() -> None:
    said = [
        Statement(stop=1, event="arrival", earliest_s=100.0),
        Statement(stop=1, event="departure", latest_s=50.0),
    ]
    durations = {(0, 1): Band(1, 1, 1)}
    found = judge([Stop(), Stop()], said, durations)
    assert found.verdict == "does_not_fit"
    assert found.conflict == (0, 1)
    passing = [
        Statement(stop=1, event="passage", earliest_s=100.0),
        Statement(stop=1, event="departure", latest_s=99.0),
    ]
    assert judge([Stop(), Stop(passage=True)], passing, durations).conflict == (0, 1)


# ---- words for times


def local(window: Window, zone: str) -> tuple[str, str]:
    return tuple(  # type: ignore[return-value]
        "" if end is None else end.astimezone(ZoneInfo(zone)).strftime("%d %H:%M")
        for end in (window.earliest, window.latest)
    )


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("18:00", ("24 18:00", "24 18:00")),
        ("18:00 local", ("24 18:00", "24 18:00")),
        ("at 6:30 pm local time", ("24 18:30", "24 18:30")),
        ("12:05 am", ("24 00:05", "24 00:05")),
        ("08:00 UTC", ("24 18:00", "24 18:00")),
        ("10:00+02:00", ("24 18:00", "24 18:00")),
        ("2019-04-23 18:00", ("23 18:00", "23 18:00")),
        ("2019-04-24T18:00:00+10:00", ("24 18:00", "24 18:00")),
        ("between 10:30 and 10:40", ("24 10:30", "24 10:40")),
        ("10:30-10:40", ("24 10:30", "24 10:40")),
        ("10:30 – 10:40", ("24 10:30", "24 10:40")),
        ("from 10:30 to 2019-04-25 02:00", ("24 10:30", "25 02:00")),
        ("not before 10:30", ("24 10:30", "")),
        ("after 10:30", ("24 10:30", "")),
        ("not after 10:40", ("", "24 10:40")),
        ("by 10:40 local", ("", "24 10:40")),
        ("about 18:00", ("24 17:45", "24 18:15")),
        ("not before about 18:00", ("24 17:45", "")),
        ("noon", ("24 12:00", "24 12:00")),
        ("morning", ("24 00:00", "24 12:00")),
        ("afternoon", ("24 12:00", "24 18:00")),
        ("Evening", ("24 18:00", "25 00:00")),
        ("day", ("24 00:00", "25 00:00")),
        ("2019-04-23", ("23 00:00", "24 00:00")),
        ("", ("24 00:00", "25 00:00")),
    ],
)
def test_words_are_windows(words: str, window: tuple[str, str]) -> None:
    assert local(window_of(words, VLADIVOSTOK, DAY), "Asia/Vladivostok") == window


def test_nothing_said_is_any_time() -> None:
    assert window_of("", VLADIVOSTOK, None) == Window()


def test_the_sun_stands_where_the_words_say() -> None:
    def height(moment: datetime | None) -> float:
        assert moment is not None
        return altitude(moment, PYONGYANG.lon, PYONGYANG.lat)

    dawn = window_of("dawn", PYONGYANG, DAY)
    assert height(dawn.earliest) == pytest.approx(-6, abs=0.1)
    assert height(dawn.latest) == pytest.approx(SUNSET, abs=0.1)
    assert local(dawn, "Asia/Pyongyang") == ("24 05:20", "24 05:49")
    dusk, night = window_of("dusk", PYONGYANG, DAY), window_of("night", PYONGYANG, DAY)
    assert height(dusk.earliest) == pytest.approx(SUNSET, abs=0.1)
    assert dusk.latest == night.earliest
    assert night.latest == window_of("dawn", PYONGYANG, DAY + timedelta(days=1)).earliest
    assert window_of("daylight", PYONGYANG, DAY) == Window(dawn.latest, dusk.earliest)
    sunset = window_of("sunset", PYONGYANG, DAY)
    assert sunset.earliest is not None
    assert dusk.earliest == sunset.earliest + timedelta(minutes=10)


@given(
    st.dates(date(1990, 1, 1), date(2040, 1, 1)),
    st.floats(-58, 58),
    st.integers(-179, 179),
    st.sampled_from(["dawn", "sunset"]),
)
@settings(max_examples=40)
def test_dawn_is_on_the_day_that_is_asked_for(day: date, lat: float, lon: int, word: str) -> None:
    place = Place(name="here", lat=lat, lon=lon)
    zone = ZoneInfo("Etc/UTC") if abs(lon) < 30 else None
    window = window_of(word, place, day, zone)
    assert window.earliest is not None
    assert window.latest is not None
    middle = window.earliest + (window.latest - window.earliest) / 2
    assert middle.astimezone(zone or zone_of(place)).date() == day
    assert -7 < altitude(middle, lon, lat) < 3


def test_zones_have_their_history() -> None:
    before = window_of("18:00", PYONGYANG, date(2017, 6, 1)).earliest
    since = window_of("18:00", PYONGYANG, date(2018, 6, 1)).earliest
    assert before == datetime(2017, 6, 1, 9, 30, tzinfo=UTC)
    assert since == datetime(2018, 6, 1, 9, 0, tzinfo=UTC)
    moscow = window_of("11:01", VLADIVOSTOK, DAY, ZoneInfo("Europe/Moscow"))
    assert moscow == window_of("18:01 local", VLADIVOSTOK, DAY)


@pytest.mark.parametrize(
    ("words", "day", "says"),
    [
        ("between 10:40 and 10:30", DAY, "reversed"),
        ("between 22:00 and 02:00", DAY, "next day"),
        ("25:00", DAY, "00:00 to 23:59"),
        ("13:00 pm", DAY, "no time of day"),
        ("18:00", None, "no date"),
        ("dawn", None, "no date"),
        ("klokken seks", DAY, "not understood"),
        ("2019-02-30 18:00", DAY, "no date"),
        ("18:00+99:00", DAY, "offset"),
    ],
)
def test_words_that_cannot_be_used_are_told(words: str, day: date | None, says: str) -> None:
    with pytest.raises(InputError, match=says):
        window_of(words, VLADIVOSTOK, day)


def test_times_that_the_clocks_skip_or_repeat_are_told() -> None:
    with pytest.raises(InputError, match=r"no 2019-03-31 02:30 in Europe/Berlin.*03:30"):
        window_of("02:30", BERLIN, date(2019, 3, 31))
    with pytest.raises(InputError, match=r"came twice.*02:30\+02:00 or 02:30\+01:00"):
        window_of("02:30", BERLIN, date(2019, 10, 27))
    first = window_of("02:30+02:00", BERLIN, date(2019, 10, 27)).earliest
    assert first == datetime(2019, 10, 27, 0, 30, tzinfo=UTC)


def test_no_dawn_in_the_polar_summer_and_no_two_zones_at_once() -> None:
    tromso = Place(name="Tromsø", lat=69.65, lon=18.96, timezone="Europe/Oslo")
    with pytest.raises(InputError, match=r"no dawn at Tromsø on 2019-06-21"):
        window_of("dawn", tromso, date(2019, 6, 21))
    with pytest.raises(InputError, match="Leave one of the two out"):
        window_of("18:00 local", VLADIVOSTOK, DAY, ZoneInfo("Europe/Moscow"))


# ---- two clocks


def told(day: date, words: str, zone: str) -> OtherClock:
    return OtherClock(zone=ZoneInfo(zone), label="", day=day, time=words, wording="", source="")


SIGHTING = Sighting(
    item="file, sighting 1",
    place="Vladivostok",
    event="arrival",
    day=DAY,
    time="18:00",
    zone=None,
    wording="",
    source="",
    note="",
    minimum_dwell_s=None,
    also=(),
)


@pytest.mark.parametrize(
    ("day", "words", "zone", "slip"),
    [
        (DAY, "10:00", "Europe/Copenhagen", ""),
        (DAY + timedelta(days=1), "02:00", "Europe/Copenhagen", "sign"),
        (DAY + timedelta(days=1), "10:00", "Europe/Copenhagen", "day"),
        (DAY, "09:00", "Europe/Copenhagen", "summer_time"),
        (DAY, "12:34", "Europe/Copenhagen", "other"),
        (DAY, "17:00", "Asia/Pyongyang", ""),
        (DAY, "19:00", "Asia/Pyongyang", "sign"),
    ],
)
def test_the_slip_of_a_clock_is_found(day: date, words: str, zone: str, slip: str) -> None:
    found = check_clock(
        1, VLADIVOSTOK, SIGHTING, window_of("18:00", VLADIVOSTOK, DAY), told(day, words, zone)
    )
    assert found.slip == slip
    assert found.agrees is (slip == "")
    assert found.computed_other == found.stated_local


def test_only_clock_times_can_be_compared() -> None:
    with pytest.raises(InputError, match=r"sighting 1: only clock times"):
        check_clock(
            1,
            VLADIVOSTOK,
            SIGHTING,
            window_of("dawn", VLADIVOSTOK, DAY),
            told(DAY, "10:00", "Europe/Copenhagen"),
        )
    with pytest.raises(InputError, match=r"second clock: there was no"):
        check_clock(
            1,
            VLADIVOSTOK,
            SIGHTING,
            window_of("18:00", VLADIVOSTOK, DAY),
            told(date(2019, 3, 31), "02:30", "Europe/Copenhagen"),
        )


# ---- the file


def written(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


SEEN = '[[sighting]]\nplace = "Khasan"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no sighting"),
        ("title = \n", "no valid TOML"),
        ("date = 2019-02-30\n", "no valid TOML"),
        ('titel = "x"\n' + SEEN, "unknown key 'titel'. Did you mean 'title'"),
        (SEEN + 'tiem = "18:00"\n', r"sighting 1 \(Khasan\): unknown key 'tiem'. Did you mean 'time'"),
        (
            SEEN + 'zone = "Asia/Vladivostock"\n',
            "no time zone 'Asia/Vladivostock'. Did you mean Asia/Vladivostok",
        ),
        (SEEN + 'zone = "Mars"\n', "no time zone 'Mars'"),
        (SEEN + 'time = "18:00"\n', r"sighting 1 \(Khasan\): it has a time but no date"),
        (SEEN + 'date = "24 April"\n', "is no date"),
        (SEEN + "date = 12\n", "date must be a day"),
        (SEEN + "time = 12\ndate = 2019-04-24\n", "time must be a text"),
        (SEEN + 'event = "left"\n', "Choose one of: departure"),
        (SEEN + 'event = "passage"\nminimum_dwell_min = 5\n', "without a stop"),
        (SEEN + "minimum_dwell_min = -5\n", "0 or more"),
        (SEEN + 'minimum_dwell_min = "5"\n', "must be a number"),
        (SEEN + "lat = 42.0\n", "both lat and lon"),
        (SEEN + "lat = 142.0\nlon = 130.0\n", "no latitude"),
        (SEEN + "wording = 5\n", "text in quotes"),
        ("[[sighting]]\ndate = 2019-04-24\n", "sighting 1: it has no place"),
        (SEEN + '[[sighting.also]]\ndate = 2019-04-24\ntime = "02:00"\n', r"also 1: it has no zone"),
        (SEEN + '[[sighting.also]]\nzone = "Europe/Copenhagen"\n', "needs a date and a time"),
        ("sighting = 5\n", "a table, or a list"),
        ("sighting = [5]\n", "sighting 1 must be a table"),
        ("constraints = 5\n" + SEEN, "constraints must be a table"),
        ("[constraints]\nmax_speed_kmh = 0\n" + SEEN, "1 or more"),
        ("[constraints]\nspeed = 60\n" + SEEN, "unknown key 'speed'"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_item(text: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError, match=says) as caught:
        read_reported(path)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No such file.*kim-2019"):
        read_reported(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe6"')
    with pytest.raises(InputError, match="UTF-8"):
        read_reported(tmp_path / "latin.toml")


def test_values_of_toml_and_of_python_are_read(tmp_path: Path) -> None:
    text = (
        'source = "all"\n[constraints]\nminimum_dwell_min = 10\n'
        + SEEN
        + "date = 2019-04-24\ntime = 18:00:00\n"
        + SEEN
        + "time = 2019-04-24T18:00:00+10:00\nminimum_dwell_min = 5\n"
        + '[[sighting]]\nplace = "There"\nlat = 42.0\nlon = 130\nevent = "passage"\n'
    )
    first, second, third = read_reported(written(tmp_path, text)).sightings
    assert window_of(first.time, VLADIVOSTOK, first.day) == window_of(second.time, VLADIVOSTOK, second.day)
    assert [s.minimum_dwell_s for s in (first, second, third)] == [600.0, 300.0, None]
    assert third.place == Place(name="There", lat=42.0, lon=130.0)
    assert first.source == "all"
    (plain,) = reported_from({"sighting": {"place": VLADIVOSTOK, "date": DAY, "time": "dawn"}}).sightings
    assert plain.place is VLADIVOSTOK
    assert plain.day == DAY

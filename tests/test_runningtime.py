"""Train performance, practical speed, recovery margin and bands."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.errors import InputError
from route.itinerary import ZERO, Band
from route.registers import countries
from route.runningtime import (
    calibration,
    classes,
    combine,
    lognormal,
    performance,
    practical_speed_kmh,
    running_time,
    spread_sigma,
    train_class,
    trains,
)

sections = st.lists(st.tuples(st.floats(1, 60_000), st.floats(20, 320)), min_size=1, max_size=12)
names = st.sampled_from(list(trains()))


def columns(rows):
    return [length for length, _ in rows], [speed for _, speed in rows]


def hours(km, kmh, name, iso2, source="register"):
    train = train_class(name)
    practical = practical_speed_kmh(float(kmh), iso2, source, train.priority)
    return running_time([km * 1000.0], [float(kmh)], train, practical_kmh=[practical]).total_s / 3600


def test_every_class_is_described_and_can_reach_its_speed():
    assert {"passenger", "highspeed", "intercity", "regional", "night", "freight", "armoured"} <= set(
        trains()
    )
    for train in trains().values():
        assert train.source
        assert train.description
        # Nominal power is enough for the highest speed on the level.
        assert performance(train).max_speed_kmh == pytest.approx(train.max_speed_kmh, rel=0.03)


def test_services_of_the_passenger_class_never_get_worse_with_line_speed():
    services = [service for _, service in train_class("passenger").services]
    for slower, faster in pairwise(services):
        assert faster.max_speed_kmh >= slower.max_speed_kmh
        assert faster.stop_spacing_km >= slower.stop_spacing_km
        assert faster.dwell_min <= slower.dwell_min
        assert faster.recovery_percent <= slower.recovery_percent
        assert faster.recovery_min_per_100km <= slower.recovery_min_per_100km


def test_a_run_by_hand():
    # 1 m/s² up, 0.5 m/s² down, 72 km/h: 20 s and 40 s, 200 m and 400 m; 9,400 m at 20 m/s.
    train = replace(
        train_class("regional"),
        power_kw=1e9,
        start_acceleration_ms2=1.0,
        braking_ms2=0.5,
        davis_a_n=0.0,
        davis_b_n_per_kmh=0.0,
        davis_c_n_per_kmh2=0.0,
        services=(
            (0.0, replace(train_class("regional").services[0][1], recovery_percent=0.0, stop_spacing_km=1e6)),
        ),
    )
    time = running_time([10_000.0], [72.0], train)
    assert time.minimum_s == pytest.approx(20 + 470 + 40, abs=0.05)
    assert time.recovery_s == 0
    assert time.dwell_s == 0
    # 300 m are too short for it: v²/2 (1 + 2) = 300, so v = 14.14 m/s, up in 14.14 s and down in 28.28 s.
    assert running_time([300.0], [72.0], train).minimum_s == pytest.approx(3 * 200**0.5, abs=0.05)


def test_power_limits_acceleration():
    strong = train_class("intercity")
    weak = replace(strong, power_kw=strong.power_kw / 3)
    fast, slow = performance(strong), performance(weak)
    assert np.interp(30.0, slow.speed_ms, slow.time_s) > 1.5 * np.interp(30.0, fast.speed_ms, fast.time_s)


def test_recovery_margin_by_distance_starts_at_30_km():
    train = train_class("intercity")
    short, long = (running_time([km * 1000.0], [120.0], train) for km in (30, 31))
    percent = train.services[0][1].recovery_percent / 100
    assert short.recovery_s == pytest.approx(percent * short.minimum_s)
    assert long.recovery_s == pytest.approx(percent * long.minimum_s + 1.5 * 60 * 0.31)


@given(sections, names)
def test_the_parts_add_up(rows, name):
    time = running_time(*columns(rows), train_class(name))
    assert time.total_s == pytest.approx(float(time.section_s.sum()))
    assert (time.section_s > 0).all()
    assert min(time.recovery_s, time.dwell_s) >= 0


@given(sections, names, st.floats(1, 3), st.data())
def test_a_faster_line_is_never_slower(rows, name, factor, data):
    lengths, speeds = columns(rows)
    index = data.draw(st.integers(0, len(rows) - 1))
    faster = [speed * factor if place == index else speed for place, speed in enumerate(speeds)]
    train = train_class(name)
    before = running_time(lengths, speeds, train, practical_kmh=speeds)
    after = running_time(lengths, speeds, train, practical_kmh=faster)
    assert after.total_s <= before.total_s * (1 + 1e-9)


@given(sections, st.floats(1, 3))
def test_the_passenger_class_is_never_slower_on_a_line_that_is_faster_throughout(rows, factor):
    lengths, speeds = columns(rows)
    train = train_class("passenger")
    faster = running_time(lengths, [speed * factor for speed in speeds], train).total_s
    assert faster <= running_time(lengths, speeds, train).total_s * (1 + 1e-9)


@settings(max_examples=50)
@given(sections, names, st.floats(1.0, 2.0), st.sampled_from(["power", "speed", "braking", "start", "light"]))
def test_a_better_train_is_never_slower(rows, name, factor, what):
    train = train_class(name)
    services = tuple(
        (start, replace(s, max_speed_kmh=s.max_speed_kmh * factor)) for start, s in train.services
    )
    better = {
        "power": replace(train, power_kw=train.power_kw * factor),
        "speed": replace(train, services=services),
        "braking": replace(train, braking_ms2=train.braking_ms2 * factor),
        "start": replace(train, start_acceleration_ms2=train.start_acceleration_ms2 * factor),
        "light": replace(train, mass_t=train.mass_t / factor),
    }[what]
    # The curves are tabulated every 0.1 m/s: grids of two trains differ by less than one in 10,000.
    assert running_time(*columns(rows), better).total_s <= running_time(*columns(rows), train).total_s * (
        1 + 1e-4
    )


@given(sections, names, st.lists(st.floats(0, 700_000), max_size=5), st.floats(0, 700_000))
def test_adding_a_stop_never_saves_time(rows, name, stops, another):
    train = train_class(name)
    without = running_time(*columns(rows), train, stops_m=stops)
    with_it = running_time(*columns(rows), train, stops_m=[*stops, another])
    assert with_it.total_s >= without.total_s * (1 - 1e-9)


@given(sections, names, st.lists(st.floats(0, 700_000), max_size=3), st.floats(0, 1), st.data())
def test_cutting_a_section_at_a_passing_point_changes_nothing(rows, name, stops, share, data):
    train = train_class(name)
    index = data.draw(st.integers(0, len(rows) - 1))
    length, speed = rows[index]
    cut = [*rows[:index], (length * share, speed), (length * (1 - share), speed), *rows[index + 1 :]]
    whole = running_time(*columns(rows), train, stops_m=stops)
    parts = running_time(*columns(cut), train, stops_m=stops)
    assert parts.total_s == pytest.approx(whole.total_s, rel=1e-6)
    assert parts.section_s[index : index + 2].sum() == pytest.approx(
        whole.section_s[index], rel=1e-6, abs=1e-6
    )


@given(sections, names)
def test_a_longer_line_takes_longer(rows, name):
    train = train_class(name)
    longer = running_time(*columns([*rows, (1000.0, 80.0)]), train).total_s
    assert longer > running_time(*columns(rows), train).total_s


def test_an_empty_line_takes_no_time():
    assert running_time([], [], train_class("passenger")).total_s == 0
    assert running_time([0.0], [100.0], train_class("passenger")).total_s == 0


@pytest.mark.parametrize(
    ("lengths", "speeds", "message"),
    [
        ([1.0, 2.0], [50.0], "do not match"),
        ([-1.0], [50.0], "0 or more"),
        ([1.0], [0.0], "above 0"),
        ([1.0], [float("nan")], "above 0"),
        ([float("inf")], [50.0], "0 or more"),
    ],
)
def test_what_is_no_profile_is_refused(lengths, speeds, message):
    with pytest.raises(InputError, match=message):
        running_time(lengths, speeds, train_class("passenger"))


def test_an_unknown_class_is_named_with_its_neighbour():
    with pytest.raises(InputError, match=r"No train class 'armored'\. Did you mean armoured\?"):
        train_class("armored")


@pytest.mark.parametrize("iso2", sorted(countries()))
def test_main_lines_of_a_country_give_its_commercial_speed_before_the_fit(iso2):
    row, parameters = countries()[iso2], replace(calibration(), default_factor=1.0, long_run_share=0.0)
    line = row.main_line_speed_kmh
    practical = practical_speed_kmh(line, iso2, "default", 0.0, parameters)
    time = running_time(
        [3_000_000.0], [line], train_class("passenger"), practical_kmh=[practical], parameters=parameters
    )
    assert 3000 / (time.total_s / 3600) == pytest.approx(row.express_commercial_kmh, rel=0.03)


@given(st.sampled_from([*sorted(countries()), "QQ", None]), st.floats(10, 400), st.floats(-0.5, 1))
def test_practical_speed_lies_within_its_limits(iso2, speed, priority):
    for source in ("default", "register", "osm"):
        practical = practical_speed_kmh(speed, iso2, source, priority)
        assert 0 < practical <= speed * calibration().ceiling
        assert practical <= practical_speed_kmh(speed, iso2, source, 1.0)
        if source != "default":
            assert practical <= speed


@given(st.sampled_from([*sorted(countries()), None]), st.floats(10, 400), st.floats(0, 100))
def test_a_line_tagged_faster_is_never_counted_on_less(iso2, speed, more):
    for source in ("default", "register"):
        slow, fast = (practical_speed_kmh(value, iso2, source) for value in (speed, speed + more))
        assert slow <= fast + 1e-9


def test_lines_are_for_high_speed_only_where_trains_of_high_speed_run():
    assert countries()["FR"].highspeed_commercial_kmh
    assert countries()["PT"].highspeed_commercial_kmh is None
    assert practical_speed_kmh(300.0, "FR", "register") > 250
    factors = {speed: practical_speed_kmh(speed, "PT", "register") / speed for speed in (120.0, 220.0, 300.0)}
    assert len({round(factor, 9) for factor in factors.values()}) == 1
    # The better the services of a country, the more of the line speed is left.
    assert practical_speed_kmh(300.0, "CN", "register") > practical_speed_kmh(300.0, "TR", "register")


def test_trains_that_run_far_have_time_in_hand():
    train, parameters = train_class("passenger"), calibration()
    day = parameters.long_run_from_km * 1000.0

    def per_km(metres, line, rolling=train):
        return running_time([metres], [line], rolling).recovery_s / metres

    assert per_km(8 * day, 120.0) > 1.5 * per_km(day, 120.0)
    # Not at high speed, and not for a train the line is kept clear for.
    assert per_km(8 * day, 300.0) == pytest.approx(per_km(day, 300.0), rel=0.1)
    kept_clear = train_class("armoured")
    assert kept_clear.priority == 1
    assert per_km(8 * day, 50.0, kept_clear) == pytest.approx(per_km(day, 50.0, kept_clear), rel=0.1)


def test_the_share_in_hand_is_by_doublings_of_the_distance():
    train, parameters = train_class("night"), calibration()
    bare = replace(parameters, long_run_share=0.0)
    metres = [4 * parameters.long_run_from_km * 1000.0]
    times = [running_time(metres, [100.0], train, parameters=p).total_s for p in (bare, parameters)]
    assert times[1] / times[0] == pytest.approx(1 + 2 * parameters.long_run_share)


def test_a_train_with_priority_reaches_the_line_speed():
    assert practical_speed_kmh(60.0, "KP", "default", 1.0) == 60
    assert practical_speed_kmh(60.0, "KP", "default") < 60


def test_spread_grows_as_knowledge_shrinks():
    train = train_class("passenger")
    assert spread_sigma("DE", "register", train) < spread_sigma("DE", "default", train)
    assert spread_sigma("DE", "default", train) < spread_sigma("LB", "default", train)
    assert spread_sigma("DE", "default", train) < spread_sigma("DE", "default", train_class("armoured"))


# Published times, so that a change of the data that spoils the model is seen. Bounds are about 12 %.
@pytest.mark.parametrize(
    ("km", "kmh", "name", "iso2", "source", "low", "high"),
    [
        (427, 300, "passenger", "FR", "register", 1.7, 2.1),  # Paris - Lyon 1:56
        (515, 285, "passenger", "JP", "register", 2.1, 2.6),  # Tokyo - Shin-Osaka 2:21
        (9288, 120, "passenger", "RU", "register", 130, 168),  # Moscow - Vladivostok 145 to 167 h
        (845, 47, "passenger", "KP", "register", 25, 31),  # Pyongyang - Tumangang 27:35
        (327, 70, "armoured", "RU", "register", 5.7, 7.0),  # Khasan - Vladivostok 6:21
    ],
)
def test_known_journeys_come_out(km, kmh, name, iso2, source, low, high):
    assert low < hours(km, kmh, name, iso2, source) < high


bands = st.tuples(st.floats(0, 1e6), st.floats(0, 0.5)).map(lambda pair: lognormal(*pair))
parts = st.lists(st.tuples(st.integers(0, 4), bands), max_size=8)


@given(parts, st.tuples(st.integers(0, 4), bands), st.floats(0, 1))
def test_adding_a_part_makes_no_quantile_smaller(some, another, correlation):
    before, after = combine(some, correlation), combine([*some, another], correlation)
    slack = 1e-6
    assert before.p10_s <= after.p10_s + slack
    assert before.p50_s <= after.p50_s + slack
    assert before.p90_s <= after.p90_s + slack
    assert after.p10_s <= after.p50_s + slack
    assert after.p50_s <= after.p90_s + slack


@given(st.lists(bands, min_size=2, max_size=6))
def test_correlation_widens_a_band(several):
    separate = list(enumerate(several))
    alone, together = combine(separate, 0.0), combine(separate, 1.0)
    assert together.p90_s >= alone.p90_s - 1e-6
    same_key = combine([("one", band) for band in several], 0.3)
    assert same_key.p90_s == pytest.approx(together.p90_s)
    assert same_key.p10_s == pytest.approx(together.p10_s, abs=1e-6)


def test_two_independent_equal_parts():
    band = Band(90.0, 100.0, 120.0)
    total = combine([("a", band), ("b", band)], 0.0)
    assert (total.p10_s, total.p50_s, total.p90_s) == pytest.approx(
        (200 - 10 * 2**0.5, 200, 200 + 20 * 2**0.5)
    )
    assert combine([], 0.5) == ZERO


@pytest.mark.parametrize(
    ("reader", "file", "content"),
    [
        ("trains", "trains.toml", "[tram]\ndescription = 'no more than that'\n"),
        ("trains", "trains.toml", "not toml"),
        ("calibration", "calibration.toml", "[spread]\n"),
    ],
)
def test_a_damaged_data_file_is_one_sentence(tmp_path, monkeypatch, reader, file, content):
    (tmp_path / file).write_text(content, encoding="utf-8")
    monkeypatch.setattr(classes, "data_path", lambda name: tmp_path / name)
    with pytest.raises(InputError, match=rf"data/{file}.*Correct the file\."):
        getattr(classes, reader).__wrapped__()
    (tmp_path / file).unlink()
    with pytest.raises(InputError, match="Install railroute again"):
        getattr(classes, reader).__wrapped__()

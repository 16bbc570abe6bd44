"""Halts, durations, stop times and clocks of journeys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from route.errors import InputError
from route.geodesy import measures_m
from route.itinerary import Section, Way
from route.places import Place
from route.timetable import curve, departure_time, schedule
from route.timetable.gauges import find_gauge_changes
from route.timetable.line import Line


def place(name, lat, lon, country=None, timezone="UTC"):
    return Place(name=name, lat=lat, lon=lon, country=country, timezone=timezone)


def way(points, sections, *, mode="rail", reversals_km=()):
    """A way through points, (lon, lat); sections are (km, country, gauges, km/h[, speed source[, mode]])."""
    coordinates = np.array(points, dtype=np.float64)
    total = sum(section[0] for section in sections) * 1000.0
    measures = measures_m(coordinates)
    parts, start = [], 0.0
    for km, country, gauges, kmh, *rest in sections:
        parts.append(
            Section(
                start_m=start,
                end_m=start + km * 1000.0,
                country=country,
                gauges_mm=gauges,
                speed_kmh=kmh,
                speed_source=rest[0] if rest else "default",
                line=None,
                source="osm",
                mode=rest[1] if len(rest) > 1 else mode,
            )
        )
        start += km * 1000.0
    return Way(
        mode=mode,
        coordinates=coordinates,
        measures_m=measures * total / measures[-1]
        if measures[-1] > 0
        else np.linspace(0, total, len(measures)),
        sections=tuple(parts),
        reversals_m=tuple(km * 1000.0 for km in reversals_km),
    )


PYONGYANG = place("Pyongyang", 39.0058, 125.7364, "KP", "Asia/Pyongyang")
KHASAN = place("Khasan", 42.4281, 130.6453, "RU", "Asia/Vladivostok")
VLADIVOSTOK = place("Vladivostok", 43.1113, 131.8823, "RU", "Asia/Vladivostok")
ISLAND = place("Russky Island", 43.0245, 131.8945, "RU", "Asia/Vladivostok")

TO_KHASAN = [
    (125.7364, 39.0058),
    (127.25, 39.44),
    (129.33, 40.96),
    (130.29, 42.2556),
    (130.6081, 42.4214),
    (130.6228, 42.4254),
    (130.6453, 42.4281),
]
STORY = (
    [PYONGYANG, KHASAN, VLADIVOSTOK, ISLAND],
    [
        way(
            TO_KHASAN,
            [
                (795, "KP", (1435,), 60.0),
                (51.4, "KP", (1435, 1520), 60.0),
                (2.2, "RU", (1435, 1520), 60.0),
            ],
        ),
        way(
            [(130.6453, 42.4281), (131.9272, 43.6456), (131.8823, 43.1113)],
            [(238, "RU", (1520,), 70.0, "register"), (89, "RU", (1520,), 120.0)],
        ),
        way([(131.8823, 43.1113), (131.8945, 43.0245)], [(16, "RU", (), 40.0, "default")], mode="road"),
    ],
)


def plan(places, ways, **options):
    return schedule(places, [0.0] * len(places), ways, **options)


def story(**options):
    return plan(*STORY, **options)


def hours(band):
    return band.p50_s / 3600


def summary(itinerary):
    return [(halt.place, halt.reason, halt.leg) for halt in itinerary.halts]


def test_the_story_halts_at_the_border_changes_bogies_and_goes_on_by_road():
    trip = story(departure="2019-04-24T05:00", train="armoured")
    assert summary(trip) == [
        ("Tumangang", "border", 1),
        ("Tumangang", "break_of_gauge", 1),
        ("Khasan", "stop", 1),
        ("Vladivostok", "stop", 2),
    ]
    border, gauge, _, change = trip.halts
    assert border.detail == "KP to RU, Khasan–Tumangang"
    assert gauge.detail == "1435 mm to 1520 mm, bogie change"
    assert change.detail == "change from rail to road"
    # Both lie where the line passes Tumangang station, 2.5 km before the border line.
    assert gauge.measure_m == pytest.approx(844_000, abs=1500)
    assert (gauge.lon, gauge.lat) == pytest.approx((130.6081, 42.4214), abs=0.01)
    assert [leg.mode for leg in trip.legs] == ["rail", "rail", "road"]
    # 6:21 were reported for this leg, by this train.
    assert hours(trip.legs[1].duration) == pytest.approx(6.35, rel=0.1)
    # Dawn to 18:00 in Vladivostok, 12 hours, does not fit.
    assert trip.stop_times[2].elapsed.p10_s > 15 * 3600
    assert trip.warnings == ()


def test_the_dwell_of_a_crossing_is_not_counted_twice():
    from route.registers import crossing_near

    trip = story()
    border, gauge = trip.halts[:2]
    row = crossing_near("KP", "RU", 130.62, 42.42, 20)
    assert row is not None
    assert row.dwell_h_typical is not None
    assert hours(border.duration) + hours(gauge.duration) == pytest.approx(row.dwell_h_typical)


def test_back_again_bogies_are_changed_at_the_same_station():
    places, ways = STORY
    back = [
        way(
            [tuple(point) for point in one.coordinates[::-1].tolist()],
            [
                ((s.end_m - s.start_m) / 1000, s.country, s.gauges_mm, s.speed_kmh, s.speed_source)
                for s in one.sections[::-1]
            ],
            mode=one.mode,
        )
        for one in ways[::-1]
    ]
    trip = plan(places[::-1], back)
    found = [(halt.place, halt.leg, halt.detail) for halt in trip.halts if halt.reason == "break_of_gauge"]
    assert found == [("Tumangang", 3, "1520 mm to 1435 mm, bogie change")]
    assert [halt.place for halt in trip.halts if halt.reason == "border"] == ["Khasan"]


def test_times_are_local_and_zones_have_their_history():
    for year, offset in ((2014, 9.0), (2017, 8.5), (2018, 8.5), (2019, 9.0)):
        trip = story(departure=f"{year}-04-24T05:00", train="armoured")
        assert trip.departure is not None
        assert trip.departure.utcoffset() == timedelta(hours=offset)
    trip = story(departure="2019-04-24T05:00", train="armoured")
    stop = trip.stop_times[2]
    assert stop.arrival is not None
    assert stop.departure is not None
    assert stop.arrival.utcoffset() == timedelta(hours=10)
    assert trip.departure is not None
    assert (stop.arrival - trip.departure).total_seconds() == pytest.approx(stop.elapsed.p50_s, abs=1)
    assert (stop.departure - stop.arrival).total_seconds() == pytest.approx(stop.dwell.p50_s, abs=1)


def test_a_departure_with_an_offset_is_that_moment():
    moment = departure_time("2019-04-23T20:00Z", PYONGYANG)
    assert moment == datetime(2019, 4, 23, 20, tzinfo=UTC)
    assert moment.isoformat() == "2019-04-24T05:00:00+09:00"
    assert departure_time(datetime(2019, 4, 24, 5), PYONGYANG) == moment  # noqa: DTZ001 - a wall clock is the point


COPENHAGEN = place("Copenhagen", 55.67, 12.56, "DK", "Europe/Copenhagen")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2019-03-31T02:30", r"there is no 2019-03-31 02:30 in Europe/Copenhagen.*Depart at 03:30"),
        ("2019-10-27T02:30", r"comes twice.*02:30\+02:00 or \+01:00"),
        ("2019-02-30T05:00", "is no date and time"),
        ("tomorrow", "is no date and time"),
        ("2019-04-24", "has no time of day"),
        ("9999-12-31T23:59-12:00", "outside the calendar"),
    ],
)
def test_a_time_that_is_not_one_moment_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        departure_time(text, COPENHAGEN)


def test_pyongyang_lost_half_an_hour_and_found_it_again():
    # Clocks went back at 00:00 on 15 August 2015, and forward at 23:30 on 4 May 2018.
    with pytest.raises(InputError, match="comes twice"):
        departure_time("2015-08-14T23:45", PYONGYANG)
    with pytest.raises(InputError, match="there is no 2018-05-04 23:45"):
        departure_time("2018-05-04T23:45", PYONGYANG)


def test_an_unknown_zone_is_refused_and_a_missing_one_follows_from_the_position():
    with pytest.raises(InputError, match="no time zone 'Mars/Olympus'"):
        departure_time("2019-04-24T05:00", place("X", 0, 0, timezone="Mars/Olympus"))
    nameless = Place(name="39.0058,125.7364", lat=39.0058, lon=125.7364)
    assert departure_time("2019-04-24T05:00", nameless).utcoffset() == timedelta(hours=9)


def test_a_journey_beyond_the_calendar_is_refused():
    with pytest.raises(InputError, match="outside the calendar"):
        story(departure="9999-12-31T12:00")


PARIS, BRUSSELS = place("Paris", 48.88, 2.355, "FR"), place("Brussels", 50.84, 4.336, "BE")


def test_a_schengen_border_is_counted_but_not_listed():
    # The line passes the crossing of Esplechin, 3.13 E, 50.6 N.
    there = way(
        [(2.355, 48.88), (3.3, 50.6), (4.336, 50.84)],
        [(210, "FR", (1435,), 300.0, "register"), (100, "BE", (1435,), 300.0, "register")],
    )
    inside = way([(2.355, 48.88), (3.3, 50.6), (4.336, 50.84)], [(310, "FR", (1435,), 300.0, "register")])
    trip, domestic = plan([PARIS, BRUSSELS], [there]), plan([PARIS, BRUSSELS], [inside])
    assert trip.halts == ()
    assert 0 < trip.duration.p50_s - domestic.duration.p50_s < 600


def test_a_border_without_a_row_has_formalities_unless_the_area_is_one():
    def trip(here, there):
        line = way([(10, -30), (14, -30)], [(200, here, (), 100.0), (200, there, (), 100.0)])
        return plan([place("A", -30, 10), place("B", -30, 14)], [line])

    strict = trip("KP", "KR")
    assert [(halt.place, halt.reason, halt.detail) for halt in strict.halts] == [
        ("KP–KR border", "border", "KP to KR")
    ]
    assert hours(strict.halts[0].duration) > 1
    assert trip("DE", "FR").halts == ()


def test_a_closed_crossing_is_said_once_and_only_after_its_date():
    # Kaesong - Dorasan, closed since November 2008.
    line = way([(126.4, 38.1), (126.85, 37.75)], [(28, "KP", (1435,), 60.0), (30, "KR", (1435,), 60.0)])
    ends = [place("Kaesong", 38.1, 126.4, "KP"), place("Munsan", 37.75, 126.85, "KR")]
    sentence = (
        "The crossing Kaesong–Dorasan (Gyeongui line) (KP to KR) is closed since 2008-11: "
        "no ordinary passenger train takes this way."
    )
    assert plan(ends, [line], warnings=["Kept."]).warnings == ("Kept.", sentence)
    assert plan(ends, [line], departure="2019-01-01T08:00").warnings == (sentence,)
    assert plan(ends, [line], departure="2008-01-01T08:00").warnings == ()


def test_freight_may_use_what_is_open_to_freight():
    line = way([(129.7, 42.99), (129.99, 42.93)], [(12, "CN", (1435,), 60.0), (12, "KP", (1435,), 60.0)])
    ends = [place("Tumen", 42.99, 129.7, "CN"), place("Namyang", 42.93, 129.99, "KP")]
    assert "freight trains only" in plan(ends, [line]).warnings[0]
    assert plan(ends, [line], train="freight").warnings == ()


def test_a_country_that_only_a_rounded_outline_makes_is_no_border():
    def trip(middle_km):
        line = way(
            [(129, 40), (130, 41)],
            [(50, "KP", (1435,), 60.0), (middle_km, "CN", (1435,), 60.0), (50, "KP", (1435,), 60.0)],
        )
        return plan([place("A", 40, 129), place("B", 41, 130)], [line])

    assert trip(1.5).halts == ()
    assert [halt.reason for halt in trip(20).halts] == ["border", "border"]


def test_monaco_is_a_country():
    line = way(
        [(7.28, 43.70), (7.3985, 43.7215), (7.419, 43.7383), (7.463, 43.7555), (7.50, 43.775)],
        [(12.5, "FR", (), 100.0), (1.7, "MC", (), 100.0), (8, "FR", (), 100.0)],
    )
    trip = plan([place("Nice", 43.70, 7.28), place("Menton", 43.775, 7.50)], [line])
    assert trip.legs[0].countries == ("FR", "MC")
    # Two crossings of about two minutes, neither of them worth a line in the table.
    assert trip.halts == ()


def changes(*sections):
    line = way([(0, 0), (5, 0)], [(km, "XX", gauges, 80.0, source) for km, gauges, source in sections])
    return [
        (change.from_mm, change.to_mm, round(change.low_m / 1000), round(change.high_m / 1000))
        for change in find_gauge_changes(Line([line]).pieces)
    ]


def test_gauges_are_changed_where_both_are():
    assert changes((100, (1435,), "osm"), (50, (1435, 1520), "osm"), (100, (1520,), "osm")) == [
        (1435, 1520, 100, 150)
    ]
    assert changes((100, (1435,), "osm"), (100, (1520,), "osm")) == [(1435, 1520, 100, 100)]
    assert changes((100, (1435, 1520), "osm"), (100, (1520,), "osm")) == []
    assert changes((100, (1435,), "osm"), (100, (), "osm"), (100, (1668,), "osm")) == [(1435, 1668, 100, 200)]


def test_finland_and_russia_have_one_gauge():
    assert changes((200, (1524,), "osm"), (200, (1520,), "osm")) == []


def test_short_track_of_assumed_gauge_beside_a_known_line_is_its_station():
    assert changes((4, (1668,), "default"), (600, (1435,), "register"), (6, (1668,), "default")) == []
    assert changes((100, (1668,), "default"), (500, (1435,), "register")) == [(1668, 1435, 100, 100)]


def test_passengers_change_trains_at_a_break_of_gauge_inside_a_country():
    ends = [place("A", 36, 139, "JP"), place("B", 35, 137, "JP"), place("C", 34, 135, "JP")]
    one = way([(139, 36), (137, 35)], [(250, "JP", (1067,), 115.0)])
    two = way([(137, 35), (135, 34)], [(250, "JP", (1435,), 270.0, "register")])
    trip = plan(ends, [one, two])
    assert [(h.place, h.reason, h.leg, h.detail) for h in trip.halts] == [
        ("B", "break_of_gauge", 1, "1067 mm to 1435 mm, change of trains"),
        ("B", "stop", 1, ""),
    ]
    spain = [
        way([(-4, 40), (-3, 41)], [(150, "ES", (1668,), 160.0), (200, "ES", (1435,), 300.0, "register")])
    ]
    found = plan([place("A", 40, -4, "ES"), place("B", 41, -3, "ES")], spain)
    assert found.halts[0].detail == "1668 mm to 1435 mm, gauge changer"


def test_a_reversal_takes_time_and_a_train_that_stands_anyway_loses_none():
    ends = [place("A", 47, 8), place("B", 47, 10)]
    sections = [(150, "CH", (1435,), 140.0)]
    straight = plan(ends, [way([(8, 47), (10, 47)], sections)])
    turned = plan(ends, [way([(8, 47), (10, 47)], sections, reversals_km=[70])])
    assert [halt.reason for halt in turned.halts] == ["reversal"]
    assert turned.duration.p50_s - straight.duration.p50_s > turned.halts[0].duration.p50_s
    border = way(TO_KHASAN, [(846.4, "KP", (1435,), 60.0), (2.2, "RU", (1435,), 60.0)], reversals_km=[845])
    assert [halt.reason for halt in plan([PYONGYANG, KHASAN], [border]).halts] == ["border"]


def test_a_train_ferry_is_timed_with_its_shunting():
    line = way(
        [(15.5, 38.5), (15.65, 38.22), (15.56, 38.19), (15.2, 37.5)],
        [(40, "IT", (), 120.0), (9, "IT", (), 15.0, "default", "ferry"), (90, "IT", (), 120.0)],
    )
    trip = plan([place("A", 38.5, 15.5), place("B", 37.5, 15.2)], [line])
    rail = way([(15.5, 38.5), (15.2, 37.5)], [(130, "IT", (), 120.0)])
    without = plan([place("A", 38.5, 15.5), place("B", 37.5, 15.2)], [rail])
    assert hours(trip.duration) > hours(without.duration) + 9 / 15 + 0.5
    assert trip.halts == ()


def test_a_place_can_be_passed_or_given_a_dwell():
    ends = [place("A", 47, 8), place("B", 47, 9), place("C", 47, 10)]
    ways = [way([(lon, 47), (lon + 1, 47)], [(76, "CH", (1435,), 140.0)]) for lon in (8, 9)]
    whole = plan([ends[0], ends[2]], [way([(8, 47), (10, 47)], [(152, "CH", (1435,), 140.0)])])
    passed = plan(ends, ways, stop_dwell=timedelta(0))
    assert passed.duration.p50_s == pytest.approx(whole.duration.p50_s, rel=1e-6)
    assert passed.duration.p90_s == pytest.approx(whole.duration.p90_s, rel=1e-6)
    assert passed.halts == ()
    stopped = plan(ends, ways, stop_dwell=[timedelta(hours=1)])
    assert stopped.duration.p50_s > passed.duration.p50_s + 3600
    assert hours(stopped.halts[0].duration) == 1
    usual = plan(ends, ways)
    assert passed.duration.p50_s < usual.duration.p50_s < stopped.duration.p50_s


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": "tram"}, "No train class 'tram'"),
        ({"stop_dwell": [timedelta(1)]}, "1 dwell times for 2 places on the way"),
        ({"stop_dwell": timedelta(-1)}, "must not be negative"),
        ({"departure": "noon"}, "no date and time"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        story(**options)


def test_places_and_ways_must_match():
    places, ways = STORY
    with pytest.raises(InputError, match="do not make a journey"):
        plan(places, ways[:2])


def test_two_places_at_one_point():
    here = way([(8, 47), (8, 47)], [(0, "CH", (), 80.0)])
    trip = plan([place("A", 47, 8), place("A again", 47, 8)], [here], departure="2024-01-01T00:00")
    assert trip.duration.p50_s == 0
    assert trip.arrival == trip.departure


def test_a_leg_without_a_curve_is_run_evenly():
    from dataclasses import replace

    trip = story()
    bare = replace(trip, legs=tuple(replace(leg, curve=np.zeros((0, 2))) for leg in trip.legs))
    elapsed, measure = curve(bare)
    assert elapsed[-1] == pytest.approx(trip.duration.p50_s)
    assert measure[-1] == pytest.approx(trip.distance_m)


codes = st.sampled_from(["KP", "RU", "CN", "MN", "FR", None, "QQ"])
gauges = st.sampled_from([(1435,), (1520,), (1435, 1520), (1524,), ()])
section = st.tuples(
    st.floats(0.1, 300), codes, gauges, st.floats(20, 300), st.sampled_from(["default", "register"])
)
leg = st.tuples(st.lists(section, min_size=1, max_size=5), st.sampled_from(["rail", "rail", "road", "ferry"]))
legs = st.lists(leg, min_size=1, max_size=4)
classes = st.sampled_from(["passenger", "armoured", "freight", "regional"])


def build(rows):
    ways, places = [], [place("P0", 42.0, 125.0, timezone="Asia/Pyongyang")]
    zones = ["Asia/Vladivostok", "Europe/Moscow", "Europe/Copenhagen", "America/St_Johns"]
    for index, (sections, mode) in enumerate(rows):
        lon = 125.0 + 2 * index
        middle = (lon + 1.0, 42.3)
        ways.append(way([(lon, 42.0), middle, (lon + 2, 42.0)], sections, mode=mode, reversals_km=[0.05]))
        places.append(place(f"P{index + 1}", 42.0, lon + 2, timezone=zones[index % 4]))
    return places, ways


@settings(max_examples=40)
@given(legs, classes, st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_journey_is_consistent(rows, train, moment):
    places, ways = build(rows)
    trip = plan(places, ways, train=train, departure=moment)
    assert len(trip.legs) == len(trip.stop_times) - 1 == len(ways)

    previous = moment
    elapsed = (0.0, 0.0, 0.0)
    for stop in trip.stop_times:
        for time in (stop.arrival, stop.departure):
            if time is not None:
                assert time.tzinfo is not None
                assert time.astimezone(UTC) >= previous - timedelta(seconds=1)
                previous = time.astimezone(UTC)
        now = (stop.elapsed.p10_s, stop.elapsed.p50_s, stop.elapsed.p90_s)
        assert all(later >= earlier - 1e-6 for later, earlier in zip(now, elapsed, strict=True))
        assert now[0] <= now[1] + 1e-6
        assert now[1] <= now[2] + 1e-6
        elapsed = now
    assert trip.duration == trip.stop_times[-1].elapsed

    standing = sum(stop.dwell.p50_s for stop in trip.stop_times)
    assert sum(leg.duration.p50_s for leg in trip.legs) + standing == pytest.approx(trip.duration.p50_s)

    times, measures = curve(trip)
    assert (np.diff(times) >= 0).all()
    assert (np.diff(measures) >= 0).all()
    assert times[-1] == pytest.approx(trip.duration.p50_s)
    assert measures[-1] == pytest.approx(trip.distance_m)
    for entry in trip.legs:
        assert entry.curve[0].tolist() == [0, 0]
        assert entry.curve[-1] == pytest.approx([entry.duration.p50_s, entry.distance_m])
        assert (np.diff(entry.curve, axis=0) >= 0).all()

    for halt in trip.halts:
        assert 0 <= halt.measure_m <= trip.legs[halt.leg - 1].distance_m
        assert halt.place
    # Halts on the way are inside the leg's time.
    for entry in trip.legs:
        inside = [h.duration.p50_s for h in trip.halts if h.leg == entry.sequence and h.reason != "stop"]
        assert sum(inside) <= entry.duration.p50_s + 1e-6


@settings(max_examples=40)
@given(legs, classes)
def test_splitting_a_leg_at_a_passing_point_changes_nothing(rows, train):
    rows = [(sections, "rail") for sections, _ in rows]
    places, ways = build(rows)
    apart = plan(places, ways, train=train, stop_dwell=timedelta(0))
    offsets = np.cumsum([0.0, *(one.distance_m for one in ways)])
    joined = Way(
        mode="rail",
        coordinates=np.concatenate([one.coordinates for one in ways]),
        measures_m=np.concatenate([one.measures_m + at for one, at in zip(ways, offsets, strict=False)]),
        sections=tuple(
            Section(
                start_m=s.start_m + at,
                end_m=s.end_m + at,
                country=s.country,
                gauges_mm=s.gauges_mm,
                speed_kmh=s.speed_kmh,
                speed_source=s.speed_source,
                line=s.line,
                source=s.source,
                mode=s.mode,
            )
            for one, at in zip(ways, offsets, strict=False)
            for s in one.sections
        ),
        reversals_m=tuple(m + at for one, at in zip(ways, offsets, strict=False) for m in one.reversals_m),
    )
    whole = plan([places[0], places[-1]], [joined], train=train)
    assert whole.duration.p50_s == pytest.approx(apart.duration.p50_s, rel=1e-6)


@settings(max_examples=40)
@given(legs, classes)
def test_stopping_on_the_way_never_saves_time(rows, train):
    rows = [(sections, "rail") for sections, _ in rows]
    places, ways = build(rows)
    through = plan(places, ways, train=train, stop_dwell=timedelta(0))
    stopping = plan(places, ways, train=train)
    assert stopping.duration.p50_s >= through.duration.p50_s - 1e-6


def test_a_status_is_compared_with_the_day_of_departure():
    from route.runningtime import train_class
    from route.timetable.borders import find_borders, status_warnings

    line = Line([way([(23.5, 52.07), (23.75, 52.1)], [(8, "PL", (1435,), 100.0), (9, "BY", (1520,), 100.0)])])
    passenger = train_class("passenger")
    borders = find_borders(line, passenger)
    assert [(entry.origin, entry.destination) for entry in borders] == [("PL", "BY")]
    assert status_warnings(borders, passenger, date(2019, 12, 31)) == []
    assert len(status_warnings(borders, passenger, date(2020, 4, 1))) == 1
    assert len(status_warnings(borders, passenger, None)) == 1

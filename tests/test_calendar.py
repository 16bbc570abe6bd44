"""The calendar, as a reader of iCalendar that is not ours sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import icalendar
import journeys
import pytest
import samples

from route import cli, exports
from route.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from route.itinerary import Itinerary


def test_another_reader_finds_the_legs() -> None:
    story = samples.story()
    calendar = icalendar.Calendar.from_ical(exports.to_ics(story))
    events = calendar.walk("VEVENT")
    assert len(events) == len(story.legs)
    assert len({str(event["UID"]) for event in events}) == len(events)
    for event, leg, start, end in zip(
        events, story.legs, story.stop_times, story.stop_times[1:], strict=False
    ):
        assert start.departure is not None
        assert end.arrival is not None
        assert event["DTSTART"].dt == start.departure.astimezone(UTC).replace(microsecond=0)
        assert event["DTEND"].dt == end.arrival.astimezone(UTC).replace(microsecond=0)
        assert event["GEO"].latitude == pytest.approx(leg.origin.lat)
        assert event["GEO"].longitude == pytest.approx(leg.origin.lon)
        assert str(event["SUMMARY"]).startswith(f"{leg.origin.name} – {leg.destination.name}")
        assert f"{leg.distance_m / 1000:,.1f} km" in str(event["DESCRIPTION"])
    assert "KST" in str(events[0]["DESCRIPTION"])


def test_special_characters_survive_and_lines_are_short() -> None:
    name = "Khasan; a\\b, “Хасан” " + "하산 " * 40
    text = exports.to_ics(samples.story(names={"Khasan": name}))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n")
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[1]
    assert str(event["LOCATION"]) == name


def test_a_line_break_in_a_name_starts_no_property() -> None:
    text = exports.to_ics(samples.story(names={"Khasan": "Khasan\r\nATTENDEE:x"}))
    assert not any(line.startswith("ATTENDEE") for line in text.split("\r\n"))
    assert len(icalendar.Calendar.from_ical(text).walk("VEVENT")) == 3


def test_line_breaks_are_kept_as_such() -> None:
    text = exports.to_ics(samples.story(names={"Khasan": "one\r\ntwo\nthree\u2028four\\n"}))
    event = icalendar.Calendar.from_ical(text).walk("VEVENT")[1]
    assert str(event["LOCATION"]) == "one\ntwo\nthree\nfour\\n"


def test_an_event_is_the_same_in_every_language_and_another_at_another_time() -> None:
    def uids(text: str) -> list[str]:
        return [str(event["UID"]) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]

    story = samples.story()
    assert uids(exports.to_ics(story)) == uids(exports.to_ics(story, lang="ko", tz=ZoneInfo("UTC")))
    later = samples.story(departure="2019-04-24T06:00")
    assert not set(uids(exports.to_ics(story))) & set(uids(exports.to_ics(later)))


@pytest.mark.parametrize("make", journeys.TIMED)
def test_events_of_every_journey_are_valid(make: Callable[[], Itinerary]) -> None:
    journey = make()
    calendar = icalendar.Calendar.from_ical(exports.to_ics(journey))
    events = calendar.walk("VEVENT")
    assert {"PRODID", "VERSION"} <= set(calendar)
    assert len({str(event["UID"]) for event in events}) == len(events) == len(journey.legs)
    for event, leg in zip(events, journey.legs, strict=True):
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event)
        # An end must be later than the start (RFC 5545, 3.8.2.2): a leg of no duration has none.
        assert ("DTEND" in event) == (leg.duration.p50_s > 0)
        assert "DTEND" not in event or event["DTEND"].dt > event["DTSTART"].dt


def test_times_on_another_clock_stand_beside_the_local_ones() -> None:
    text = exports.to_ics(samples.story(), tz=ZoneInfo("Europe/Copenhagen"))
    told = str(icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["DESCRIPTION"])
    assert "Departs Pyongyang: Wed 2019-04-24 05:00 KST (Tue 2019-04-23 22:00 CEST)" in told


def test_a_journey_without_a_departure_has_no_calendar() -> None:
    with pytest.raises(InputError, match="--depart"):
        exports.to_ics(samples.story(departure=None))
    story = samples.story()
    broken = replace(story.stop_times[1], arrival=None)
    with pytest.raises(InputError, match="each leg"):
        exports.to_ics(replace(story, stop_times=(story.stop_times[0], broken, *story.stop_times[2:])))


def test_the_command_writes_a_calendar(tmp_path: Path) -> None:
    output = tmp_path / "story.ics"
    assert cli.main(["legs", "-o", str(output)]) == 0
    calendar = icalendar.Calendar.from_ical(output.read_bytes())
    assert len(calendar.walk("VEVENT")) == 3

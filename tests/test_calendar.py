"""The calendar, as a reader of iCalendar that is not ours sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import icalendar
import pytest
import samples

from route import cli, exports
from route.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


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

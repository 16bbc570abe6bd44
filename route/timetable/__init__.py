"""Timetable: from the ways between places to halts, durations and local clocks.

`line` lays the ways end to end, `borders` and `gauges` find where a train has to stop, `clock` reads a
departure and tells local time, `schedule` joins them into an itinerary.
"""

from route.timetable.clock import departure_time
from route.timetable.schedule import curve, schedule

__all__ = ["curve", "departure_time", "schedule"]

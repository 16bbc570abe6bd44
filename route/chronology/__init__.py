"""Chronology: what was reported about a journey, and whether the railway allows it.

`reported` reads the file of sightings, `phrases` turns the words of a time into a window, `temporal` is the
simple temporal network, `judging` holds statements, dwells and running times against each other in plain
numbers, `clocks` checks a time that is told in two zones, `track` times any part of the way, `examining` joins
them into a `report`.
"""

from route.chronology.clocks import ClockCheck, check_clock
from route.chronology.examining import examine
from route.chronology.judging import Judgement, Statement, Stop, judge, verdict_of
from route.chronology.phrases import Window, window_of
from route.chronology.report import PairCheck, Report, StartPoint, WindowCheck
from route.chronology.reported import OtherClock, Reported, Sighting, read_reported, reported_from
from route.chronology.temporal import Constraint, TemporalNetwork
from route.chronology.track import Track

__all__ = [
    "ClockCheck",
    "Constraint",
    "Judgement",
    "OtherClock",
    "PairCheck",
    "Report",
    "Reported",
    "Sighting",
    "StartPoint",
    "Statement",
    "Stop",
    "TemporalNetwork",
    "Track",
    "Window",
    "WindowCheck",
    "check_clock",
    "examine",
    "judge",
    "read_reported",
    "reported_from",
    "verdict_of",
    "window_of",
]

"""Running time: from a train and a line to how long it takes, with a band.

`classes` reads the train classes and the parameters, `performance` is the train performance calculation,
`model` says which speed can be counted on and puts the two together, `bands` combines uncertain durations.
"""

from route.runningtime.bands import combine, combine_many, lognormal
from route.runningtime.classes import Calibration, Service, TrainClass, calibration, train_class, trains
from route.runningtime.model import (
    RunningTime,
    RunningTimes,
    practical_speed_kmh,
    running_time,
    running_times,
    spread_sigma,
)
from route.runningtime.performance import Performance, performance

__all__ = [
    "Calibration",
    "Performance",
    "RunningTime",
    "RunningTimes",
    "Service",
    "TrainClass",
    "calibration",
    "combine",
    "combine_many",
    "lognormal",
    "performance",
    "practical_speed_kmh",
    "running_time",
    "running_times",
    "spread_sigma",
    "train_class",
    "trains",
]

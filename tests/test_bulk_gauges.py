"""Changes of gauge on many runs: those of one run are the measure."""

from __future__ import annotations

import numpy as np

from route.bulk.gauges import Offers, gauge_changes
from route.bulk.ragged import lower_bound, where_least
from route.timetable.gauges import gauge_changes as changes_of_one

GAUGES = (1000, 1067, 1435, 1520)


def test_changes_of_many_runs_are_those_of_each():
    rng = np.random.default_rng(5)
    sets = [frozenset(np.array(GAUGES)[rng.random(4) < 0.3].tolist()) or frozenset({1435}) for _ in range(12)]
    classes = list(dict.fromkeys(sets))
    offered = np.array([[gauge in offer for gauge in GAUGES] for offer in classes])
    rows, expected = [], []
    for run in range(0, 3_000, 3):
        at, code, offers = 0.0, -1, []
        for _ in range(rng.integers(1, 14)):
            code = rng.choice([c for c in range(len(classes)) if c != code])
            # Track of unknown gauge and of no length lies between.
            start = at + rng.choice([0.0, 0.0, 700.0])
            at = start + rng.choice([0.0, rng.uniform(0, 2_000), rng.uniform(0, 60_000)])
            cost = (at - start) * rng.choice([0.001, 0.00005])
            rows.append((run, code, start, at, cost))
            offers.append((classes[code], start, at, cost))
        expected += [(change.low_m, change.high_m, run) for change in changes_of_one(offers)]
    run, code, start, end, cost = (np.array(column) for column in zip(*rows, strict=True))
    found = gauge_changes(Offers(run, code, start, end, cost), offered)
    assert len(expected) > 500
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_no_track_has_no_changes():
    none, nowhere = np.zeros(0, np.int64), np.zeros(0)
    assert len(gauge_changes(Offers(none, none, nowhere, nowhere, nowhere), np.ones((1, 2), bool)).run) == 0
    one = np.zeros(1, np.int64)
    flat = Offers(one, one, np.zeros(1), np.zeros(1), np.zeros(1))
    assert len(gauge_changes(flat, np.ones((1, 2), bool)).run) == 0


def test_rows_of_a_column_are_searched_one_by_one():
    rng = np.random.default_rng(6)
    count = rng.integers(0, 6, 200)
    begin = np.cumsum(count) - count
    values = rng.integers(0, 4, count.sum()).astype(float)
    rows = [values[a : a + n] for a, n in zip(begin.tolist(), count.tolist(), strict=True)]
    least = [a + int(np.argmin(row)) for a, row in zip(begin.tolist(), rows, strict=True) if len(row)]
    assert where_least(values, count).tolist() == least
    rising = np.concatenate([np.sort(row) for row in rows])
    wanted = rng.uniform(-1, 5, 200).round()
    places = [
        a + int(np.searchsorted(np.sort(row), w))
        for a, row, w in zip(begin.tolist(), rows, wanted.tolist(), strict=True)
    ]
    assert lower_bound(rising, begin, begin + count, wanted - 3.0, np.full(200, 3.0)).tolist() == places
    assert where_least(np.zeros(0), np.zeros(3, np.int64)).tolist() == []

"""Millions of pairs: distances and running times in bulk, the same as `route.planner.plan` gives one by one.

`points` finds the track at many places, `terminals`, `searching` and `ways` the ways between many pairs, `timing`
their running times (`gauges` and `crossings` what stops them, `reasons` why there is none), `distances` their
lengths where no times are asked for, all on columns. `rows` turns rows of a table into pairs and `answers`;
`reading` and `writing` stream tables, `parts` makes a run resumable, `workers` spreads it over processes or a Dask
cluster. `job` asks the pairs of a table, `all_pairs` all pairs of some places.
"""

from route.bulk.all_pairs import matrix
from route.bulk.job import batch

__all__ = ["batch", "matrix"]

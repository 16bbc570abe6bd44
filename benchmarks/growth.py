"""How cost grows: with the places of a route, with the pairs of a matrix, with the size of the network."""

from __future__ import annotations

import importlib.util

import numpy as np
from peers import FAST, OURS, PLOTS, measured, questions, turn_graph
from report import Table, least, lines, seconds

COPIES = (1, 2, 4, 8)
STOPS = (2, 4, 8, 16, 32, 64)
SIDES = (125, 250, 500, 1_000, 2_000)
PEERS = (OURS, FAST, "scgraph, default", "igraph")


def with_network() -> Table:
    """The world, and copies of it beside each other: a query should not feel the others."""
    made = Table(
        "The network grows",
        "One, two, four and eight copies of the world's turn graph in one graph; pairs within one copy.",
        ("copies", "arcs", *(f"{name}: {what}" for name in PEERS for what in ("build", "distance"))),
    )
    series: dict[str, dict[float, float]] = {name: {} for name in PEERS}
    for copies in COPIES:
        found = measured(copies, PEERS)
        cells: list[str] = []
        for name in PEERS:
            one = found.get(name)
            cells += ["-", "-"] if one is None else [seconds(one["build_s"]), seconds(one["distance_s"])]
            if one is not None:
                series[name][copies] = one["distance_s"] * 1e6
        made.rows.append((str(copies), f"{len(turn_graph(copies)['tail']):,}", *cells))
    drawn = {name: points for name, points in series.items() if points}
    lines(
        PLOTS / "network.svg",
        "One distance as the network grows",
        "copies of the world",
        "microseconds",
        drawn,
    )
    return made


def with_stops(runs: int) -> Table:
    """plan() through more and more places, at random on the tracks of Europe and Asia."""
    from route.planner import plan, router
    from route.runningtime import train_class

    train_class("passenger")
    network = router().network
    asked = questions(turn_graph())
    edges = asked["places"][: max(STOPS)] // 2
    nodes = network.tail[edges]
    places = [f"{network.node_lat[n]:.5f},{network.node_lon[n]:.5f}" for n in nodes]
    made = Table(
        "The route grows",
        "`plan()` through places at random on the greatest network, line of the way, halts and times included.",
        ("places", "km", "plan()", "a leg"),
    )
    for stops in STOPS:
        trip = plan(places[:stops])
        took = least(lambda stops=stops: plan(places[:stops]), runs)
        made.rows.append((str(stops), f"{trip.distance_km:,.0f}", seconds(took), seconds(took / (stops - 1))))
    return made


def with_pairs() -> Table:
    """The matrix grows: what one row costs."""
    from engines import Railroute, RailrouteFast

    graph = turn_graph()
    plain = Railroute(graph)
    fast = RailrouteFast(graph) if importlib.util.find_spec("numba") else None
    draw = np.random.default_rng(7)
    inside = questions(graph)["places"]
    made = Table(
        "The matrix grows",
        "Costs between n places and themselves: one-to-many searches of railroute's engine, and those of railroute[fast].",
        ("places", "pairs", "railroute", "pairs/s", "railroute[fast]", "pairs/s"),
    )
    for side in SIDES:
        places = draw.choice(inside, side, replace=True).tolist()
        cells: list[str] = []
        for engine in (plain, fast):
            if engine is None:
                cells += ["-", "-"]
                continue
            took = least(lambda places=places, engine=engine: engine.rows(places, places), 1)
            cells += [seconds(took), f"{side**2 / took:,.0f}"]
        made.rows.append((f"{side:,}", f"{side**2:,}", *cells))
    return made

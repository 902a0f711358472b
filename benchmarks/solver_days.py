"""Days of 24 periods that are coupled: gaps and times; prints a table.

Run:  python benchmarks/solver_days.py [questions per class] [time limit, s]

Groups are those of `solver_suite.py`: 60 random kinds, one node may be lost. Demand is a day's wave
between 20 and 100 % of 60, 500 or 2000 requests/s, with up to 3 % of noise: no two hours are
alike. Each hour is a period of its own; nothing is asked but the least cost.

starts          a node runs ten minutes before the period that it is started for
2 types         accelerators of two types at most, over the whole day
starts, 2 types both
reserved        a third of the kinds is paid around the clock, and starts count
"""

import sys
import time
from dataclasses import replace
from math import cos, pi
from random import Random
from statistics import median
from typing import Any

from solver_suite import groups

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import DaySolution, solve_over_day
from recommender.solvers.prove import is_proven

DEMANDS = (60.0, 500.0, 2000.0)
KINDS = 60
START_UP_MIN = 10
CLASSES: dict[str, tuple[dict[str, Any], int, float]] = {
    "starts": ({}, START_UP_MIN, 0.0),
    "2 types": ({"max_types": 2}, 0, 0.0),
    "starts, 2 types": ({"max_types": 2}, START_UP_MIN, 0.0),
    "reserved": ({}, START_UP_MIN, 0.35),
}
"""Limits, minutes of start-up, share of kinds that are paid around the clock."""


def question(name: str, demand_per_s: float, seed: int) -> OverDay:
    """One day of a class; reserved kinds cost 40 % less per hour."""
    limits, start_up_min, reserved = CLASSES[name]
    rng = Random(seed)
    kinds = groups(KINDS, rng)
    kinds = tuple(
        replace(g, committed=True, usd_per_h=round(0.6 * g.usd_per_h, 2))
        if rng.random() < reserved
        else g
        for g in kinds
    )
    blocks = tuple(
        Block(f"{hour}h", demand_per_s * _share(hour) * rng.uniform(0.97, 1.0), 60)
        for hour in range(24)
    )
    peak = max(block.demand_per_s for block in blocks)
    service = SingleService(groups=kinds, demand_per_s=peak, **limits)
    return OverDay(service, blocks, start_up_min, stated=1)


def _share(hour: int) -> float:
    return 0.6 - 0.4 * cos(2 * pi * (hour - 3) / 24)


def gap(solved: DaySolution) -> float | None:
    """Share by which the plan may be too dear; None without a plan or a bound."""
    return solved.solution.gap


def main(per_class: int, time_limit_s: float) -> None:
    """One line per class and demand."""
    print("| class | demand | kinds kept | proven | gap, median (most) | seconds, median (most) |")
    print("|---|---|---|---|---|---|")
    for name in CLASSES:
        for demand in DEMANDS:
            _line(name, demand, per_class, time_limit_s)


def _line(name: str, demand: float, per_class: int, time_limit_s: float) -> None:
    gaps, seconds, kept, proven = [], [], [], 0
    for seed in range(per_class):
        asked = question(name, demand, seed)
        start = time.perf_counter()
        solved = solve_over_day(asked, time_limit_s=time_limit_s)
        seconds.append(time.perf_counter() - start)
        kept.append(len(asked.kept))
        proven += is_proven(solved.solution.outcome)
        found = gap(solved)
        gaps.append(1.0 if found is None else found)
    print(
        f"| {name} | {demand:g} | {median(kept):.0f} | {proven}/{per_class} "
        f"| {median(gaps):.2%} ({max(gaps):.2%}) | {median(seconds):.1f} ({max(seconds):.1f}) |",
        flush=True,
    )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 3, float(given[1]) if len(given) > 1 else 60.0)

"""CPU time of a single-service solve with proof, by class of question; prints a table.

Run:  python benchmarks/solver_suite.py [questions per class]

Groups are random, priced around 1.5 USD per request/s and hour with a spread of 30 %, on nodes of
1 to 8 accelerators; demand is 20, 60, 500 or 2000 requests/s over 60 or 300 groups. Small demands
make redundancy bind, large ones do not.
"""

import sys
import time
from random import Random
from statistics import median, quantiles
from typing import Any

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import RackLimit, SingleService
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.program.column import Column
from recommender.program.program import Program
from recommender.solvers import prove
from recommender.solvers.prove import is_proven
from recommender.solvers.registry import load

DEMANDS = (20.0, 60.0, 500.0, 2000.0)
TIME_LIMIT_S = 30.0


def groups(count: int, rng: Random) -> tuple[FailureGroup, ...]:
    """Random groups with all attributes known."""
    return tuple(_group(i, rng) for i in range(count))


def _group(i: int, rng: Random) -> FailureGroup:
    accelerators = rng.choice([1, 2, 4, 8, 8, 8])
    rate = accelerators * rng.uniform(0.5, 4)
    return FailureGroup(
        name=f"g{i}",
        offer=f"g{i}",
        provider=f"p{rng.randint(0, 5)}",
        region="r",
        zone=f"z{rng.randint(0, 2)}",
        accelerator=f"type{rng.randint(0, 8)}",
        nodes=1,
        accelerators=accelerators,
        replicas={f"c{i}": 1},
        requests_per_s=rate,
        usd_per_h=round(rate * 1.5 * rng.uniform(0.7, 1.3), 2),
        nameplate_w=float(round(accelerators * rng.uniform(400, 1800))),
        quality_loss_pct=rng.choice([0.0, 0.0, 0.3, 0.8]),
        carbon_g_per_h=float(round(accelerators * rng.uniform(50, 400))),
        rack_units=rng.choice([2, 4, 5, 8]),
    )


def limits(base: Solution) -> dict[str, dict[str, Any]]:
    """Classes of limits, tight against the unlimited optimum."""
    bought = [(base.groups[name], n) for name, n in base.counts.items()]
    watts = sum(g.nameplate_w * n for g, n in bought)
    grams = sum((g.carbon_g_per_h or 0.0) * n for g, n in bought)
    accelerators = sum(g.accelerators * n for g, n in bought)
    racks = sum(n for _, n in bought)
    return {
        "N+1": {},
        "N+2": {"failures": 2},
        "power": {"power_w": 0.85 * watts},
        "power, then cost": {"objectives": ("power", "cost")},
        "2 types": {"max_types": 2},
        "a zone lost": {"survive": ("zone",), "failures": 0},
        "2 providers, 60 % each": {"max_share": {"provider": 0.6}, "min_spread": {"provider": 2}},
        "many rows": {
            "power_w": 0.95 * watts,
            "carbon_g_per_h": 0.95 * grams,
            "max_accelerators": max(1, int(0.98 * accelerators)),
            "max_types": 4,
            "survive": ("provider",),
            "racks": RackLimit(count=racks, units=42, power_w=40_000.0),
        },
    }


def main(per_class: int) -> None:
    """One line per class and demand: columns, median, 90th percentile, most; how many proven.

    The first solve of a process loads CP-SAT (half a second); one is made before the clock runs.
    """
    prepare()
    every: list[float] = []
    print("| groups | demand | class | columns | median CPU ms | p90 | most | proven |")
    print("|---|---|---|---|---|---|---|---|")
    for count in (60, 300):
        for demand in DEMANDS:
            asked = [
                SingleService(groups=groups(count, Random(seed)), demand_per_s=demand)
                for seed in range(per_class)
            ]
            bases = [solve_single_service(question) for question in asked]
            for name in limits(bases[0]):
                every += _line(count, demand, name, asked, bases)
    second = sum(ms <= 1000 for ms in every)
    print(f"{second} of {len(every)} within 1 s of CPU time, all within {max(every):.0f} ms")


def prepare() -> None:
    """Load the solvers into this process: its CPU time is then all that they take."""
    prove.get = load
    load("cpsat")(Program((Column("a", 1, 1),), ()), time_limit_s=1)
    load("scip")(Program((Column("a", 1, 1),), ()), time_limit_s=1)


def _line(
    count: int, demand: float, name: str, asked: list[SingleService], bases: list[Solution]
) -> list[float]:
    """Prints the line; CPU milliseconds of each question."""
    milliseconds, columns, proven, open_ended = [], [], 0, 0
    for question, base in zip(asked, bases, strict=True):
        fresh = SingleService(
            **{
                "groups": question.groups,
                "demand_per_s": question.demand_per_s,
                **limits(base)[name],
            }
        )
        start = time.process_time()
        solution = solve_single_service(fresh, time_limit_s=TIME_LIMIT_S)
        milliseconds.append(1000 * (time.process_time() - start))
        columns.append(len(fresh.columns))
        proven += is_proven(solution.outcome)
        open_ended += not is_proven(solution.outcome) and solution.outcome.bound is None
    p90 = quantiles(milliseconds, n=10)[-1] if len(milliseconds) > 1 else milliseconds[0]
    note = f" ({open_ended} without bound)" if open_ended else ""
    print(
        f"| {count} | {demand:g} | {name} | {median(columns):.0f} | {median(milliseconds):.0f} "
        f"| {p90:.0f} | {max(milliseconds):.0f} | {proven}/{len(asked)}{note} |",
        flush=True,
    )
    return milliseconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)

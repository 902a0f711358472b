"""CPU time of complete fronts of mixed plans, cost x power at 1 cent and 1 W; prints a table.

Run:  python benchmarks/solver_fronts.py

The groups are those of `solver_suite.py`. The second table is at the units of a published run of
label setting (rates in 1/20,000 of the demand, prices in cents, power in 10 W, no redundancy): 48
groups with 110 points took 7.3 s by labels and 33.6 s by an epsilon-constraint loop of CP-SAT.
"""

import time
from dataclasses import replace
from random import Random

from solver_suite import groups, prepare

from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.single_service import SingleService

LIMIT_S = 120.0
ASKED = (
    (48, 2000.0, 0),
    (48, 2000.0, 1),
    (48, 500.0, 2),
    (48, 60.0, 1),
    (60, 2000.0, 1),
    (300, 2000.0, 1),
    (300, 500.0, 1),
    (300, 60.0, 1),
    (300, 20.0, 2),
)


def coarse(question: SingleService) -> SingleService:
    """The same in coarse units: 0.1 requests/s, whole cents, 10 W, rounded against the buyer."""
    rounded = tuple(
        replace(
            g,
            requests_per_s=int(10 * g.requests_per_s) / 10,
            nameplate_w=10 * -(-g.nameplate_w // 10),
        )
        for g in question.groups
    )
    return replace(question, groups=rounded, failures=0)


def main() -> None:
    """A line per question."""
    prepare()
    mixed_front(SingleService(groups=groups(4, Random(0)), demand_per_s=20.0))  # compiles
    print("| groups | demand | lost | units | columns | points | CPU s | complete, proven |")
    print("|---|---|---|---|---|---|---|---|")
    for count, demand, failures in ASKED:
        asked = SingleService(
            groups=groups(count, Random(0)), demand_per_s=demand, failures=failures
        )
        _line(count, asked, "1 W, 1 cent")
    for seed in range(3):
        asked = SingleService(groups=groups(48, Random(seed)), demand_per_s=2000.0)
        _line(48, coarse(asked), "10 W, 0.1/s")


def _line(count: int, asked: SingleService, units: str) -> None:
    start = time.process_time()
    front = mixed_front(asked, time_limit_s=LIMIT_S)
    seconds = time.process_time() - start
    columns = len(replace(asked, objectives=("cost", "power")).columns)
    print(
        f"| {count} | {asked.demand_per_s:g} | {asked.failures} | {units} | {columns} "
        f"| {len(front.points)} | {seconds:.2f} | {front.complete}, {front.proven} |",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""CPU time of complete fronts of mixed plans, cost x power at 1 cent and 1 W; prints a table.

Run:  python benchmarks/solver_fronts.py             complete fronts
      python benchmarks/solver_fronts.py classes     with rows on classes, 10 s of wall time each

The groups are those of `solver_suite.py`. The second table is at the units of a published run of
label setting (rates in 1/20,000 of the demand, prices in cents, power in 10 W, no redundancy): 48
groups with 110 points took 7.3 s by labels and 33.6 s by an epsilon-constraint loop of CP-SAT.
"""

import sys
import time
from dataclasses import replace
from itertools import product
from random import Random

from solver_suite import groups, limits, prepare

from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service

LIMIT_S = 120.0
CLASSES_LIMIT_S = 10.0
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


def with_rows_on_classes() -> None:
    """Fronts under limits on types, zones, providers and racks: points and gap after 10 s."""
    print("| groups | demand | class | points | solves | gap | wall s |")
    print("|---|---|---|---|---|---|---|")
    for count, demand in product((60, 300), (20.0, 60.0, 500.0, 2000.0)):
        asked = SingleService(groups=groups(count, Random(0)), demand_per_s=demand)
        limited = limits(solve_single_service(asked))
        for name in ("2 types", "a zone lost", "2 providers, 60 % each", "many rows"):
            rows = limited[name]
            if name == "many rows":  # tight at the least cost: room for a front
                racks = rows["racks"]
                rows = {
                    **{key: value for key, value in rows.items() if key != "power_w"},
                    "carbon_g_per_h": 1.3 * rows["carbon_g_per_h"],
                    "max_accelerators": int(1.3 * rows["max_accelerators"]),
                    "racks": replace(racks, count=int(1.3 * racks.count) + 1),
                }
            question = SingleService(groups=asked.groups, demand_per_s=demand, **rows)
            start = time.perf_counter()
            front = mixed_front(question, time_limit_s=CLASSES_LIMIT_S)
            print(
                f"| {count} | {demand:g} | {name} | {len(front.points)} | {front.solves} "
                f"| {100 * front.gap:.2f} % | {time.perf_counter() - start:.1f} |",
                flush=True,
            )


def main() -> None:
    """A line per question."""
    prepare()
    mixed_front(SingleService(groups=groups(4, Random(0)), demand_per_s=20.0))  # compiles
    if sys.argv[1:] == ["classes"]:
        with_rows_on_classes()
        return
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

"""Days with starts or few types: rounds and searches against CP-SAT on one program over the day.

Run:  python benchmarks/day_agreement.py [days] [first seed]

Three to six periods, four to eight random kinds of `solver_suite.py` (prices 1e4 to 1e6, rates 1e2
to 1e5 in the program's units), one node may be lost; half of the days have starts, half a limit on
types, some both, some a limit on power. Days that either does not close in 30 s are counted apart.
Prints counts; exit code 1 on any disagreement.
"""

import sys
from collections import Counter
from random import Random
from unittest.mock import patch

from solver_suite import groups

from recommender.formulation import periods_incumbent, periods_types
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import solve_over_day
from recommender.solvers.outcome import Outcome
from recommender.solvers.prove import is_proven

TIME_LIMIT_S = 30.0


def random_day(seed: int) -> OverDay:
    """One day that nothing but starts and types couples."""
    rng = Random(seed)
    demand = rng.choice([20.0, 60.0, 200.0])
    lengths = [rng.choice([60, 120, 240]) for _ in range(rng.randint(2, 5))]
    lengths.append(1440 - sum(lengths))
    shares = [1.0, *(rng.uniform(0.2, 1.0) for _ in lengths[1:])]
    rng.shuffle(shares)
    blocks = tuple(
        Block(f"{i}", demand * share, minutes)
        for i, (share, minutes) in enumerate(zip(shares, lengths, strict=True))
    )
    starts, types = rng.choice([(10, None), (30, None), (0, 2), (10, 2), (10, 1)])
    limits = {"max_types": types, "failures": rng.randint(0, 2)}
    if rng.random() < 0.2:
        limits["power_w"] = demand * rng.uniform(500, 1200)
    kinds = groups(rng.randint(4, 8), rng)
    service = SingleService(groups=kinds, demand_per_s=demand, **limits)
    return OverDay(service, blocks, starts, stated=1)


def by_program(question: OverDay) -> Outcome:
    """By one program over all periods."""
    with (
        patch.object(periods_incumbent, "is_searchable", lambda _: False),
        patch.object(periods_types, "is_searchable", lambda _: False),
    ):
        return solve_over_day(question, time_limit_s=TIME_LIMIT_S).solution.outcome


def main(days: int, first: int) -> int:
    """Counts; 1 on any disagreement."""
    counts: Counter[str] = Counter()
    for seed in range(first, first + days):
        question = random_day(seed)
        searched = solve_over_day(question, time_limit_s=TIME_LIMIT_S).solution.outcome
        whole = by_program(question)
        counts[f"searched, {' + '.join(searched.proof) or searched.status.value}"] += 1
        if not (is_proven(searched) and is_proven(whole)):
            counts["not closed by both"] += 1
        elif (searched.status, searched.objective) == (whole.status, whole.objective):
            counts["agree"] += 1
        else:
            counts["WRONG"] += 1
            print("WRONG", seed, searched.objective, whole.objective, flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:6d}  {name}")
    return 1 if counts["WRONG"] else 0


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]] + [100, 0][len(sys.argv) - 1 :]
    sys.exit(main(*arguments))

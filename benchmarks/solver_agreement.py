"""Agreement of the solvers on random programs of realistic magnitude; prints a table.

Run:  python benchmarks/solver_agreement.py [programs] [first seed]

Prices 1e4..1e7, rates 1e2..1e5, demand 1e5 units, half with a spare row, a third with bounds, a
third with a power row, a fifth with a limit on types. Of exact_cover, SCIP and HiGHS those that
decide in time must give one status and objective; CP-SAT, an independent exact method, must find
nothing cheaper.
"""

import sys
import time
from collections import Counter
from random import Random

from recommender.program.column import Column
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import DECIDED
from recommender.solvers.registry import get

TIME_LIMIT_S = 20.0
CP_SAT_LIMIT_S = 5.0


def random_program(seed: int) -> Program:
    """One service's program with random rates, prices and rows."""
    rng = Random(seed)
    n = rng.randint(3, 14)
    size = 10 ** rng.uniform(2, 4.5)
    rate = {f"n{i}": max(100, int(size * rng.uniform(0.2, 3))) for i in range(n)}
    price = {p: int(q * rng.uniform(70, 130)) for p, q in rate.items()}
    rows = [Row("demand[s]", rate, ">=", rng.randint(100_000, 130_000))]
    if rng.random() < 0.5:
        theta = rng.choice(sorted(rate.values()))
        capped = {p: min(q, theta) for p, q in rate.items()}
        rows.append(Row("spare[s]", capped, ">=", 100_000 + rng.randint(1, 2) * theta))
    most = {p: max(-(-r.rhs // r.coefficients[p]) for r in rows) for p in rate}
    if rng.random() < 0.33:
        most = {p: min(u, rng.choice([u, 1, 2, 5, 20])) for p, u in most.items()}
    columns = [Column(p, price[p], most[p]) for p in rate]
    if rng.random() < 0.33:
        watts = {p: int(q * rng.uniform(4, 12)) + 1 for p, q in rate.items()}
        rows.append(Row("power", watts, "<=", int(rng.uniform(5, 11) * 120_000)))
    if rng.random() < 0.2:
        types = {p: f"type{rng.randint(0, 3)}" for p in rate}
        columns += variety_columns(types)
        rows += variety(types=types, upper=most, limit=rng.randint(1, 2))
    return Program(tuple(columns), tuple(rows))


def cheaper_exists(program: Program, outcome: Outcome) -> str:
    """What CP-SAT says: `none`, `unknown` in its time, or `CHEAPER`."""
    rows = program.rows
    if outcome.objective is not None:
        cost = {c.name: c.cost for c in program.columns if c.cost}
        rows = (*rows, Row("cheaper", cost, "<=", outcome.objective - 1))
    second = get("cpsat")(Program(program.columns, rows), time_limit_s=CP_SAT_LIMIT_S)
    answers = {Status.INFEASIBLE: "none", Status.NOT_REACHED: "unknown"}
    return answers.get(second.status, "CHEAPER")


def main(programs: int, first: int) -> int:
    """Counts of agreement and time per solver; exit code 1 on any disagreement."""
    seconds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    wrong: list[int] = []
    for seed in range(first, first + programs):
        program = random_program(seed)
        answers = {}
        for name in ("exact_cover", "scip", "highs"):
            start = time.perf_counter()
            answers[name] = get(name)(program, time_limit_s=TIME_LIMIT_S)
            seconds[name] += time.perf_counter() - start
        best = min(answers.values(), key=lambda a: (a.objective is None, a.objective))
        start = time.perf_counter()
        verdict = cheaper_exists(program, best)
        seconds["cpsat"] += time.perf_counter() - start
        counts[f"CP-SAT: {verdict} cheaper"] += 1
        counts[answers["exact_cover"].status.value] += 1
        decided = [a for a in answers.values() if a.status in DECIDED]
        counts["not closed in time"] += len(decided) < len(answers)
        same = len({(a.status, a.objective) for a in decided}) == 1
        if not same or verdict == "CHEAPER":
            wrong.append(seed)
            print("DISAGREE", seed, {n: (a.status.value, a.objective) for n, a in answers.items()})
    for name, total in seconds.items():
        print(f"{name:12s} {1000 * total / programs:8.2f} ms per program")
    print(dict(counts))
    print(f"{programs} programs from seed {first}: {len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]] + [1000, 0][len(sys.argv) - 1 :]
    sys.exit(main(*arguments))

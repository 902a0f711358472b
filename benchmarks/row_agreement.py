"""Zero wrong optima over all families of rows: every outcome against an independent method.

Run:  python benchmarks/row_agreement.py [programs] [first seed]

Each random program (`random_programs.py`) is solved with proof, as plans are. Then the exact
method that did not prove it looks for anything cheaper; what it cannot decide in 0.3 s is solved
by SCIP and HiGHS, of which each that decides must agree. Prints counts and CPU time; exit code 1 on
any disagreement.
"""

import sys
import time
from collections import Counter

from random_programs import random_program

from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.registry import load as get
from recommender.solvers.turns import cheaper_than

TIME_LIMIT_S = 30.0
SECOND_LIMIT_S = 0.3


def verdict(program, outcome: Outcome) -> str:
    """Who agrees: an exact method, floating-point solvers, nobody in time; or `WRONG`."""
    if outcome.status not in prove.DECIDED:
        return f"not decided: {outcome.status.value}"
    asked = program if outcome.objective is None else cheaper_than(program, outcome.objective)
    other = "exact_cover" if "exact:cpsat" in outcome.proof else "cpsat"
    second = get(other)(asked, time_limit_s=SECOND_LIMIT_S)
    if second.values:
        return "WRONG"
    if second.status is Status.INFEASIBLE:
        return "a second exact method agrees"
    answers = [get(name)(program, time_limit_s=TIME_LIMIT_S) for name in ("scip", "highs")]
    decided = [a for a in answers if a.status in prove.DECIDED]
    if any((a.status, a.objective) != (outcome.status, outcome.objective) for a in decided):
        return "WRONG"
    return f"{' and '.join(a.solver for a in decided)} agree" if decided else "no second answer"


def main(programs: int, first: int) -> int:
    """Counts of outcomes and verdicts; 1 on any disagreement."""
    prove.get = get  # solvers in this process: its CPU time is then all that they take
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    wrong = []
    for seed in range(first, first + programs):
        program = random_program(seed)
        start = time.process_time()
        outcome = prove.solve(program, time_limit_s=TIME_LIMIT_S)
        seconds.append(time.process_time() - start)
        said = verdict(program, outcome)
        counts[f"{outcome.status.value}, {prove.proof_text(outcome) or 'no proof'}"] += 1
        counts[said] += 1
        if said == "WRONG":
            wrong.append(seed)
            print("WRONG", seed, outcome.objective, flush=True)
        if seed % 500 == 499:
            print(seed + 1 - first, dict(counts), flush=True)
    seconds.sort()
    for name, count in sorted(counts.items()):
        print(f"{count:6d}  {name}")
    print(
        f"CPU per program with proof: mean {1000 * sum(seconds) / programs:.0f} ms, 90 % within "
        f"{1000 * seconds[9 * programs // 10]:.0f} ms, most {1000 * seconds[-1]:.0f} ms"
    )
    print(f"{programs} programs from seed {first}: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(a) for a in sys.argv[1:]] + [1000, 0][len(sys.argv) - 1 :]
    sys.exit(main(*arguments))

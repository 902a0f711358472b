"""Speed of the simulator on one core, and of the verification of a default plan, warm.

    python benchmarks/simulator_speed.py [PLAN]

Prints one Markdown row per measurement: CPU time, the best of five. Two replicas (one rank and
two) at a load of about 0.8 on log-normal lengths, 400,000 requests; a saved plan, by default that
of the main command, verified on its workload, with a node down, and with a failure in the replay.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from recommender import Spec, recommend
from recommender.performance.step_law import StepLaw
from recommender.queueing.simulator import simulate, warm_up
from recommender.report.read import read_plan
from recommender.verification.plan_replay import verify_plan
from recommender.workload import Lengths

REQUESTS = 400_000
ONE_RANK = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
TWO_RANKS = StepLaw(
    a=10.9e-3, b=2.3e-5, g=1.13e-8, d=9.4e-6, q=6.9e-10, max_batch=256.0, kv_tokens=2.4e6,
    chunk_tokens=8192.0, ranks=2.0,
)  # fmt: skip


def lengths() -> Lengths:
    """Prompts of 740 tokens on average, outputs of 200."""
    random = np.random.default_rng(0)
    return Lengths(
        np.exp(random.normal(6.0, 1.1, 20_000)).astype(np.int64) + 1,
        np.exp(random.normal(4.8, 1.0, 20_000)).astype(np.int64) + 1,
    )


def cpu_s(work: Callable[[], Any]) -> float:
    """Least CPU time of five runs after one that does not count [s]."""
    work()
    found = []
    for _ in range(5):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    """Print the rows."""
    warm_up()
    known = lengths()
    print("| what | CPU time | |\n|---|---:|---:|")
    for name, law, rate in (("one rank", ONE_RANK, 14.0), ("two ranks", TWO_RANKS, 33.0)):
        run = simulate(law, known, rate, requests=REQUESTS)
        seconds = cpu_s(lambda law=law, rate=rate: simulate(law, known, rate, requests=REQUESTS))
        speed = run.arrived / seconds / 1e6
        print(f"| simulator, {name} | {seconds:.3f} s | {speed:.1f} M requests/s |", flush=True)
    if len(sys.argv) > 1:
        plan = read_plan(sys.argv[1])
    else:
        plan = recommend(Spec(model="236b", qps="2000", p99="200ms"), front=False, explain=False)
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("verify", {}),
        ("verify --failures 1", {"failures": 1}),
        ("verify --fail-at 10min:20min", {"fail_at": "10min:20min"}),
    )
    for name, options in asked:
        seconds = cpu_s(lambda options=options: verify_plan(plan, **options))
        print(f"| `{name}`, {len(plan.deployments)} deployments | {seconds:.2f} s | |", flush=True)


if __name__ == "__main__":
    main()

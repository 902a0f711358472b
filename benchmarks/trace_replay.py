"""Plans replayed on a real trace, and how much dearer they are than the cheapest that holds.

    python benchmarks/trace_replay.py TRACE [--model 236b] [--rates 50,500,5000] [--slo-over trace]

For each rate in the peak minute: solve for chat targets with the trace's lengths, without headroom
and redundancy (a burst or a failure is not part of the question), and replay the plan on the
superposed trace. Then search downwards: plans solved for smaller and smaller demands are replayed
at the full rate, by bisection to 1 %, and the cheapest that holds is the one to compare with. Step
times are the same on both sides. Prints one Markdown row per rate.

The promise is a p99 at the rate of the peak minute, a replay's p99 is over the whole trace, in
which most minutes are quieter: `mean / peak` says how much. So the second pair of columns replays
the peak alone: renewal arrivals at the peak rate for all the time. With `--slo-over trace` the plan
promises a p99 over the whole trace, and the peak alone is left out.
"""

import argparse
from pathlib import Path

from recommender import Spec, recommend
from recommender.plan import Plan
from recommender.traces.read import read_trace
from recommender.traces.superpose import superpose
from recommender.traces.workload_file import read_workload
from recommender.verification.sources import FromLaw, FromTrace, Source
from recommender.verification.verify import Replay, verify

LEAST_SHARE = 0.5
HALVINGS = 6


def solved(model: str, trace: Path, rate: float, over: str) -> Plan:
    """The plan for a peak rate, without margins for bursts and failures."""
    return recommend(
        Spec(
            model=model,
            qps=f"{rate:g}",
            p99="300ms",
            trace=str(trace),
            slo_over=over,
            headroom="0%",
            redundancy="none",
        ),
        front=False,
        explain=False,
    )


def holds(plan: Plan, demand: float, source: Source) -> str:
    """The verdict of a replay at a demand."""
    asked = Replay(
        demand_requests_per_s=demand, failures=0, hours=0.0, source=source, arrivals="trace"
    )
    return verify(plan, asked).verdict


class Solver:
    """Plans by demand, each solved once."""

    def __init__(self, model: str, trace: Path, over: str) -> None:
        self.model, self.trace, self.over = model, trace, over
        self.plans: dict[float, Plan] = {}

    def plan(self, rate: float) -> Plan:
        """The plan for a demand."""
        if rate not in self.plans:
            self.plans[rate] = solved(self.model, self.trace, rate, self.over)
        return self.plans[rate]

    def cheapest(self, demand: float, source: Source) -> float:
        """Cost of the cheapest plan for a smaller demand that holds at the full one [$/h]."""
        low, high = LEAST_SHARE, 1.0
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if holds(self.plan(demand * middle), demand, source) == "holds":
                high = middle
            else:
                low = middle
        return cost(self.plan(demand * high))


def cost(plan: Plan) -> float:
    """What a plan costs [$/h]."""
    assert plan.totals is not None
    return plan.totals.cost_usd_per_h


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("trace", type=Path)
    parser.add_argument("--model", default="236b")
    parser.add_argument("--rates", default="50,500,5000")
    parser.add_argument("--slo-over", choices=("peak", "trace"), default="peak")
    asked = parser.parse_args()
    trace = read_trace(asked.trace)
    solver = Solver(asked.model, asked.trace, asked.slo_over)
    print("| requests/s | mean / peak | plan $/h | trace | cheapest $/h | dearer by | "
          "peak alone | cheapest $/h | dearer by |")  # fmt: skip
    print("|---:|---:|---:|---|---:|---:|---|---:|---:|")
    for rate in (float(text) for text in asked.rates.split(",")):
        plan = solver.plan(rate)
        if plan.totals is None:
            print(f"| {rate:g} | - | {plan.status} |")
            continue
        arrivals = superpose(trace, requests_per_s=rate)
        cells = [f"{rate:,.0f}", f"{arrivals.mean_requests_per_s / rate:.2f}", f"{cost(plan):,.0f}"]
        law = FromLaw(read_workload(asked.trace, requests_per_s=rate))
        sources = (FromTrace(arrivals), law) if asked.slo_over == "peak" else (FromTrace(arrivals),)
        for source in sources:
            verdict, least = holds(plan, rate, source), solver.cheapest(rate, source)
            cells += [verdict, f"{least:,.0f}", f"{cost(plan) / least - 1:.1%}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

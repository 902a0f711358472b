"""Plans replayed on a real trace, and how much dearer they are than the cheapest that holds.

    python benchmarks/trace_replay.py TRACE [--model 236b] [--rates 50,500,5000]

For each rate in the peak minute: solve for chat targets with the trace's lengths, without headroom
and redundancy (a burst or a failure is not part of the question), replay the plan on the
superposed trace, then raise the load on it until the replay breaks; the plan solved for that much
less is the cheapest that holds, if it does. Step times are the same on both sides. Prints one
Markdown row per rate.
"""

import argparse
from pathlib import Path

from recommender import Spec, recommend
from recommender.plan import Plan
from recommender.traces.read import read_trace
from recommender.traces.superpose import superpose
from recommender.verification.sources import FromTrace
from recommender.verification.verify import Replay, verify

LEAST_SHARE = 0.5
HALVINGS = 6


def solved(model: str, trace: Path, rate: float) -> Plan:
    """The plan for a peak rate, without margins for bursts and failures."""
    return recommend(
        Spec(
            model=model,
            qps=f"{rate:g}",
            p99="300ms",
            trace=str(trace),
            headroom="0%",
            redundancy="none",
        ),
        front=False,
        explain=False,
    )


def holds(plan: Plan, demand: float, source: FromTrace) -> str:
    """The verdict of a replay at a demand."""
    asked = Replay(
        demand_requests_per_s=demand, failures=0, hours=0.0, source=source, arrivals="trace"
    )
    return verify(plan, asked).verdict


def smallest_share(plan: Plan, demand: float, source: FromTrace) -> float:
    """Smallest share of the plan that still holds: replicas taken away evenly."""
    low, high = LEAST_SHARE, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if holds(plan, demand / middle, source) == "holds":
            high = middle
        else:
            low = middle
    return high


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("trace", type=Path)
    parser.add_argument("--model", default="236b")
    parser.add_argument("--rates", default="50,500,5000")
    asked = parser.parse_args()
    trace = read_trace(asked.trace)
    print("| requests/s | cost $/h | replay | cheapest that holds $/h | dearer by |")
    print("|---|---|---|---|---|")
    for rate in (float(text) for text in asked.rates.split(",")):
        plan = solved(asked.model, asked.trace, rate)
        if plan.totals is None:
            print(f"| {rate:g} | - | {plan.status} | - | - |")
            continue
        source = FromTrace(superpose(trace, requests_per_s=rate))
        verdict = holds(plan, rate, source)
        cost = least = plan.totals.cost_usd_per_h
        if verdict == "holds":
            smaller = solved(asked.model, asked.trace, rate * smallest_share(plan, rate, source))
            if smaller.totals is not None and holds(smaller, rate, source) == "holds":
                least = min(least, smaller.totals.cost_usd_per_h)
        print(
            f"| {rate:g} | {cost:,.0f} | {verdict} | {least:,.0f} | {cost / least - 1:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

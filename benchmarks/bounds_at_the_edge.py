"""Where the upper bound on rates holds: by the share of its capacity that a replica may use.

Run:  python benchmarks/bounds_at_the_edge.py [requests] [seed]

Random requests (three models, seven length distributions, TTFT p99 0.5 to 8 s, ITL p99 50 ms,
burstiness as it is or 1.5). For replicas that do both, and for the pools of random splits, up to
four kinds: two of all, two whose idle percentile is 0.4 to 1.1 of the limit. Their simulated rate
(`simulated_rate`) over the bound that lazy refinement starts from (`largest_rate`, upper).
Prints, for rates by the closed form below and above half of the capacity: kinds, share with a
ratio of at most 1, and of at most 1.01 (a simulated rate is known to 1 %), the largest ratio, and
how many have a rate where the closed form says none.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from recommender.deadline import deadline_in
from recommender.decision.rates import Rates
from recommender.decision.study_of import study_of
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.split import splits
from recommender.errors import SpecError
from recommender.queueing.capacity import capacity
from recommender.queueing.largest_rate import largest_rate
from recommender.queueing.latency import target_s
from recommender.queueing.simulated_rate import simulated_rate
from recommender.request.spec_file import make_spec

LENGTHS = [
    {"workload": "fixed", "isl": "4000", "osl": "300"},
    {"workload": "fixed", "isl": "1000", "osl": "200"},
    {"workload": "fixed", "isl": "16000", "osl": "500"},
    *({"workload": name} for name in ("chat", "rag", "code", "reasoning")),
]
ON = [("8b", "L40S,H100"), ("8b", "A100,B200"), ("70b", "H100,H200"), ("qwen3-30b-a3b", "H100")]
TTFT = ["500ms", "1s", "2s", "4s", "8s"]
BURSTINESS = [{}, {}, {}, {"burstiness": "1.5"}]
SPLITS = 3
IDLE = 1e-4
HALF = 0.5


def books(random: np.random.Generator) -> Iterator[tuple[str, Rates]]:
    """Rates of one request: of replicas that do both, and of pools under some splits."""
    model, gpu = ON[random.integers(len(ON))]
    asked = {"model": model, "gpu": gpu, "qps": "20", "itl_p99": "50ms"}
    asked |= {"ttft_p99": TTFT[random.integers(len(TTFT))]}
    asked |= LENGTHS[random.integers(len(LENGTHS))] | BURSTINESS[random.integers(len(BURSTINESS))]
    study = study_of(make_spec(asked), deadline=deadline_in(3600))
    yield "replicas that do both", study.rates
    pools, request = two_pools(study), study.request
    grid = list(splits(request.slo, request.workload.lengths))
    for position in random.choice(len(grid), size=SPLITS, replace=False):
        for pool in (pools.prefill, pools.decode):
            yield f"{pool.name} pools", pool.book(grid[position]).rates


def kinds(book: Rates, random: np.random.Generator) -> list[int]:
    """Some kinds that have a capacity, half of them near the edge."""
    most = capacity(book.law, book.workload.lengths)
    first = book.slo.apart[0]
    near = target_s(book.law, book.workload, first, IDLE * most) / first.limit_s
    pools = np.flatnonzero(most > 0), np.flatnonzero((most > 0) & (near > 0.4) & (near < 1.1))
    return [int(k) for p in pools for k in random.choice(p, size=min(2, p.size), replace=False)]


def ratio(book: Rates, kind: int) -> tuple[float, float]:
    """Central rate over the capacity, and simulated rate over its bound; infinite over none."""
    law = book.law.take(kind)
    most = float(capacity(law, book.workload.lengths)[0])
    bound = float(book.rate[kind])
    guess = bound if bound > 0 else 0.02 * most
    found = simulated_rate(law, book.workload, book.slo, guess=guess).requests_per_s
    central = float(largest_rate(law, book.workload, book.slo)[0])
    return central / most, found / bound if bound > 0 else float("inf") if found > 0 else 0.0


def main() -> None:
    """Print one line per side and half."""
    requests, seed = (int(x) for x in (*sys.argv[1:], "100", "1")[:2])
    random = np.random.default_rng(seed)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(requests):
        try:
            asked = list(books(random))
        except SpecError:  # lengths that no kind of this request holds
            continue
        for name, book in asked:
            for kind in kinds(book, random):
                share, over = ratio(book, kind)
                half = "below half of the capacity" if share < HALF else "from half on"
                found[name, half].append(over)
    for (name, half), over in sorted(found.items()):
        ratios = np.asarray(over)
        known = ratios[np.isfinite(ratios)]
        print(
            f"{name}, {half}: {ratios.size} kinds, {(ratios <= 1).mean():.1%} hold, "
            f"{(ratios <= 1.01).mean():.1%} within 1 %, largest {known.max(initial=0.0):.2f}, "
            f"{ratios.size - known.size} where the closed form says none"
        )


if __name__ == "__main__":
    main()

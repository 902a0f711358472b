"""Latency limits that would be enough: each target alone, and the share that goodput asks for.

A limit L is relaxed to L * r, and goodput g to 1 - (1 - g) * r, with the smallest factor r up to 64
for which there is a plan, found by bisection on log r.
"""

from collections.abc import Callable, Iterator
from math import ceil, exp, floor, log, log10

from recommender.decision.decision import Decision
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.explanation.wording import duration_text
from recommender.request.slo_of import flag_of
from recommender.slo import Slo

MOST_RELAXED = 64.0
HALVINGS = 10
LEAST_GOODPUT = 0.5

Enough = Callable[[Decision], bool]


def relaxed_targets(study: Study, enough: Enough) -> Iterator[tuple[str, str, Decision]]:
    """(flag, least value that is enough, plan) of every target that alone can mend the request."""
    slo = study.request.slo
    for index, target in enumerate(slo.targets):

        def relaxed(factor: float, index: int = index, limit_s: float = target.limit_s) -> Slo:
            return slo.with_limit(index, limit_s * factor)

        if (found := _least(study, relaxed, MOST_RELAXED, enough)) is not None:
            least = duration_text(three_digits_up(target.limit_s * found[0]))
            yield flag_of(study.request.spec, index), f"at least {least}", found[1]
    if slo.goodput is not None:
        allowed = 1.0 - slo.goodput

        def fewer(factor: float) -> Slo:
            return slo.with_goodput(1.0 - allowed * factor)

        most = min(MOST_RELAXED, (1.0 - LEAST_GOODPUT) / allowed)
        if (found := _least(study, fewer, most, enough)) is not None:
            share = floor(1e4 * (1.0 - allowed * found[0])) / 1e4
            yield "--goodput", f"at most {share:.2%}", found[1]


def _least(
    study: Study, slo_at: Callable[[float], Slo], most: float, enough: Enough
) -> tuple[float, Decision] | None:
    """The smallest factor with a plan, and the plan."""
    best: tuple[float, Decision] | None = None
    low, high = 0.0, log(most)
    for step in range(HALVINGS + 1):
        middle = high if step == 0 else (low + high) / 2
        decision = _decided(study, slo_at(exp(middle)))
        if enough(decision):
            best, high = (exp(middle), decision), middle
        elif step == 0:
            return None
        else:
            low = middle
    return best


def _decided(study: Study, slo: Slo) -> Decision:
    workload = study.request.workload
    return study.with_rates(Rates(study.rates.law, workload, slo, Trust.SAFE)).decide()


def three_digits_up(value: float) -> float:
    """Rounded up to the digits that are shown, so that what is shown is enough."""
    scale = 10.0 ** (2 - floor(log10(value)))
    return ceil(value * scale - 1e-9) / scale

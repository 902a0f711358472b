"""Latency limits that would be enough: each target alone, and the share that goodput asks for.

A limit L is relaxed to L * r, and goodput g to 1 - (1 - g) * r, r up to 64. Only values as they
are shown are tried, so that what is read can be typed. Bisection on log r:

    closed forms   r_low at optimistic rates (no plan below it), r_high at safe ones
    simulated      between them, where the request is simulated; the least r that holds

A bisection that the time limit ended knows a limit that is enough, and not that less is not.
"""

from collections.abc import Callable, Iterator
from math import ceil, exp, floor, log, log10
from typing import Generic, NamedTuple, TypeVar

from recommender.decision.decision import Decision
from recommender.decision.rates import Rates, Trust
from recommender.explanation.least_enough import least_enough
from recommender.explanation.trials import Trials
from recommender.request.slo_of import flag_of
from recommender.slo import Slo
from recommender.wording import duration_text

MOST_RELAXED = 64.0
HALVINGS = 10
SIMULATED_HALVINGS = 8
"""Over a range of 64 the limit is known to 64^(1/256), 1.6 %."""
LEAST_GOODPUT = 0.5

Enough = Callable[[Decision], bool]
SloAt = Callable[[float], Slo]
Answer = TypeVar("Answer")


class Found(NamedTuple, Generic[Answer]):
    """The smallest factor that is known to be enough, and its answer.

    Attributes
    ----------
    is_least
        Whether the bisection went to its end, so that less is not enough.
    """

    factor: float
    answer: Answer
    is_least: bool


def relaxed_targets(trials: Trials, enough: Enough) -> Iterator[tuple[str, str, Decision]]:
    """(flag, least value that is enough, plan) of every target that alone can mend the request."""
    request = trials.study.request
    slo = request.slo
    for index, target in enumerate(slo.targets):

        def shown(factor: float, limit_s: float = target.limit_s) -> float:
            return three_digits_up(limit_s * factor)

        def relaxed(factor: float, index: int = index, at: Callable[..., float] = shown) -> Slo:
            return slo.with_limit(index, at(factor))

        if (found := _least(trials, relaxed, MOST_RELAXED, enough)) is not None:
            enough_s = duration_text(shown(found.factor))
            value = least_enough(enough_s, is_least=found.is_least, simulated=trials.simulates)
            yield flag_of(request.spec, index), value, found.answer
    if slo.goodput is not None:
        allowed = 1.0 - slo.goodput

        def share(factor: float) -> float:
            return floor(1e4 * (1.0 - allowed * factor) + 1e-9) / 1e4

        def fewer(factor: float) -> Slo:
            return slo.with_goodput(share(factor))

        most = min(MOST_RELAXED, (1.0 - LEAST_GOODPUT) / allowed)
        if (found := _least(trials, fewer, most, enough)) is not None:
            value = least_enough(
                f"{share(found.factor):.2%}",
                is_least=found.is_least,
                simulated=trials.simulates,
                most=True,
            )
            yield "--goodput", value, found.answer


def _least(trials: Trials, slo_at: SloAt, most: float, enough: Enough) -> Found[Decision] | None:
    """The smallest factor with a plan, and the plan."""

    def at(trust: Trust) -> Callable[[float], Decision | None]:
        return lambda factor: _closed_form(trials, slo_at(factor), trust)

    if not trials.simulates:
        return bisected(at(Trust.SAFE), 1.0, most, enough, HALVINGS)
    low = bisected(at(Trust.SIMULATED), 1.0, most, enough, HALVINGS)
    if low is None:
        return None

    def simulated(factor: float) -> Decision | None:
        return trials.decide(slo=slo_at(factor))

    first = simulated(low.factor)
    if first is not None and enough(first):
        return Found(low.factor, first, low.is_least)
    high = bisected(at(Trust.SAFE), low.factor, most, enough, HALVINGS)
    if high is not None:
        found = bisected(simulated, low.factor, high.factor, enough, SIMULATED_HALVINGS)
        if found is not None:
            return found
    return bisected(simulated, low.factor, most, enough, SIMULATED_HALVINGS)


def bisected(
    decide: Callable[[float], Answer | None],
    least: float,
    most: float,
    enough: Callable[[Answer], bool],
    halvings: int,
) -> Found[Answer] | None:
    """The smallest factor that is enough; as far as it is known when `decide` has no more time."""
    best: Found[Answer] | None = None
    low, high = log(least), log(most)
    for step in range(halvings + 1):
        middle = high if step == 0 else (low + high) / 2
        decision = decide(exp(middle))
        if decision is None:
            return None if best is None else best._replace(is_least=False)
        if enough(decision):
            best, high = Found(exp(middle), decision, is_least=True), middle
        elif step == 0:
            return None
        else:
            low = middle
    return best


def _closed_form(trials: Trials, slo: Slo, trust: Trust) -> Decision | None:
    """The optimum on closed forms, optimistic where rates would be simulated; None: no time."""
    if trials.is_over:
        return None
    request, law = trials.study.request, trials.study.table.law
    book = Rates(law, request.workload, slo, trust)
    return trials.study.with_rates(
        Rates(law, request.workload, slo, Trust.CENTRAL, rate=book.rate)
    ).decide()


def three_digits_up(value: float) -> float:
    """Rounded up to the digits that are shown, so that what is shown is enough."""
    scale = 10.0 ** (2 - floor(log10(value)))
    return ceil(value * scale - 1e-9) / scale

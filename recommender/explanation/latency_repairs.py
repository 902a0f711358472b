"""Latency limits that would be enough: each target alone, and the share that goodput asks for.

A limit L is relaxed to L * r, and goodput g to 1 - (1 - g) * r, r up to 64. Only values as they
are shown are tried, so that what is read can be typed. Bisection on log r:

    closed forms   r_low at optimistic rates (no plan below it), r_high at safe ones
    simulated      between them, where the request is simulated; the least r that holds

A bisection that the time limit ended knows a limit that is enough, and not that less is not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, exp, floor, log, log2, log10
from typing import Generic, NamedTuple, TypeVar

from recommender.decision.decision import Decision
from recommender.decision.rates import Rates, Trust
from recommender.explanation.least_enough import least_enough
from recommender.explanation.trials import Trials
from recommender.request.request import Request
from recommender.request.slo_of import flag_of
from recommender.slo import Slo
from recommender.wording import duration_text

MOST_RELAXED = 64.0
HALVINGS = 10
SIMULATED_HALVINGS = 8
"""Over a range of 64 the limit is known to 64^(1/256), 1.6 %."""
LEAST_GOODPUT = 0.5

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders(Generic[Answer]):
    """What decides the request with other targets; None: not in time.

    Attributes
    ----------
    optimistic, safe
        By closed forms.
    simulated
        On simulated rates; None where the request is not simulated.
    halvings
        Of the range of r on closed forms.
    apart
        On simulated rates the range is halved until its ends are so far apart, or eight times.
    """

    optimistic: Callable[[Slo], Answer | None]
    safe: Callable[[Slo], Answer | None]
    simulated: Callable[[Slo], Answer | None] | None
    halvings: int = HALVINGS
    apart: float = 1.0

    def simulated_halvings(self, low: float, high: float) -> int:
        """As few as leave the limit known well enough."""
        if self.apart <= 1.0 or high <= low:
            return SIMULATED_HALVINGS
        needed = ceil(log2(max(log(high / low) / log(self.apart), 1.0)))
        return min(needed, SIMULATED_HALVINGS)


def relaxed_targets(
    trials: Trials, enough: Callable[[Decision], bool]
) -> Iterator[tuple[str, str, Decision]]:
    """(flag, least value that is enough, plan) of every target that alone can mend the request."""
    deciders = Deciders(
        optimistic=lambda slo: _closed_form(trials, slo, Trust.SIMULATED),
        safe=lambda slo: _closed_form(trials, slo, Trust.SAFE),
        simulated=(lambda slo: trials.decide(slo=slo)) if trials.simulates else None,
    )
    return relaxed_slo(trials.study.request, deciders, enough)


def relaxed_slo(
    request: Request, deciders: Deciders[Answer], enough: Callable[[Answer], bool]
) -> Iterator[tuple[str, str, Answer]]:
    """The same, whatever decides."""
    slo, simulates = request.slo, deciders.simulated is not None
    for index, target in enumerate(slo.targets):

        def shown(factor: float, limit_s: float = target.limit_s) -> float:
            return three_digits_up(limit_s * factor)

        def relaxed(factor: float, index: int = index, at: Callable[..., float] = shown) -> Slo:
            return slo.with_limit(index, at(factor))

        if (found := _least(deciders, relaxed, MOST_RELAXED, enough)) is not None:
            enough_s = duration_text(shown(found.factor))
            value = least_enough(enough_s, is_least=found.is_least, simulated=simulates)
            yield flag_of(request.spec, index), value, found.answer
    if slo.goodput is not None:
        allowed = 1.0 - slo.goodput

        def share(factor: float) -> float:
            return floor(1e4 * (1.0 - allowed * factor) + 1e-9) / 1e4

        def fewer(factor: float) -> Slo:
            return slo.with_goodput(share(factor))

        most = min(MOST_RELAXED, (1.0 - LEAST_GOODPUT) / allowed)
        if (found := _least(deciders, fewer, most, enough)) is not None:
            text = f"{share(found.factor):.2%}"
            value = least_enough(text, is_least=found.is_least, simulated=simulates, most=True)
            yield "--goodput", value, found.answer


def _least(
    deciders: Deciders[Answer],
    slo_at: Callable[[float], Slo],
    most: float,
    enough: Callable[[Answer], bool],
) -> Found[Answer] | None:
    """The smallest factor with a plan, and the plan."""

    def at(decide: Callable[[Slo], Answer | None]) -> Callable[[float], Answer | None]:
        return lambda factor: decide(slo_at(factor))

    halvings = deciders.halvings
    if deciders.simulated is None:
        return bisected(at(deciders.safe), 1.0, most, enough, halvings)
    low = bisected(at(deciders.optimistic), 1.0, most, enough, halvings)
    if low is None:
        return None
    simulated = at(deciders.simulated)
    first = simulated(low.factor)
    if first is not None and enough(first):
        return Found(low.factor, first, low.is_least)
    high = bisected(at(deciders.safe), low.factor, most, enough, halvings)
    if high is not None:
        steps = deciders.simulated_halvings(low.factor, high.factor)
        found = bisected(simulated, low.factor, high.factor, enough, steps)
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

"""A plan with its explanation: what binds, the price of margins and defaults, runners-up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.alternatives import alternatives
from recommender.explanation.binding import binding
from recommender.explanation.day_condition import day_condition
from recommender.explanation.in_time import NOT_PROVEN
from recommender.explanation.ledger import ledger
from recommender.explanation.options_that_pay import options_that_pay
from recommender.explanation.runners_up import ONE_DEPLOYMENT, runners_up
from recommender.plan import Assumption, LedgerLine, Plan, RunnerUp
from recommender.solvers.outcome import Status

WORTH_SAYING_PCT = 10.0
"""A default that moves the answer by more is printed with its price."""
TOO_HIGH = (
    ", and no limit or objective that compares rates, or grows with them, was broken or made worse "
    "by a bound that is too high"
)


def explained(study: Study, decision: Decision, plan: Plan, most_alternatives: int = 0) -> Plan:
    """The plan with what binds, its ledger, its runners-up and so many alternatives."""
    others = runners_up(study, decision)
    plan = replace(
        plan,
        binding=(
            *binding(study, decision),
            *_notes(decision, others),
            *condition_of_proof(study, decision),
            *options_that_pay(study, decision),
        ),
        ledger=ledger(study, decision),
        runners_up=(*others, *alternatives(study, decision, most=most_alternatives)),
    )
    return replace(plan, assumptions=with_effects(plan.assumptions, plan.ledger))


def _notes(decision: Decision, others: Sequence[RunnerUp]) -> Iterator[str]:
    """What rounding to integers may cost, and whether mixing is worth its trouble."""
    loss = decision.solution.rounding_loss
    yield f"integers: rates were rounded down by at most {loss.rate:.2g} of their value"
    for other in others:
        proven = NOT_PROVEN not in other.reason
        if other.restriction == ONE_DEPLOYMENT and other.cost_usd_per_h and proven:
            saved = 1 - decision.cost_usd_per_h / other.cost_usd_per_h  # of what --single costs
            cost = other.cost_usd_per_h
            yield (
                f"mixing saves {100 * saved:.3g} %: --single buys {other.description} "
                f"for ${cost:,.{2 if cost < 100 else 0}f}/h"
            )


def condition_of_proof(study: Study, decision: Decision) -> Iterator[str]:
    """What an optimum, or a gap, rests on where not every kind of replica was simulated."""
    if decision.gap_condition:
        yield decision.gap_condition
        return
    optimal = decision.solution.outcome.status is Status.OPTIMAL
    if not study.simulates or study.doubts or not (optimal or decision.solution.gap is not None):
        return
    yield from day_condition(study.request)
    closed = study.rates.closed
    bounded = int((closed & (study.rates.rate > 0)).sum())
    too_high = study.question.compares_rates or study.question.grows_with_rates
    if bounded:
        yield (
            f"condition: {len(closed) - int(closed.sum())} kinds of replica (layout, batch, tokens "
            f"a step) were simulated; {bounded} others were left out by bounds on their rates, "
            f"closed forms at their upper 95 % limit: the {'optimum' if optimal else 'gap'} holds "
            f"where these do{TOO_HIGH if too_high else ''}"
        )


def with_effects(
    assumptions: Sequence[Assumption], lines: Sequence[LedgerLine]
) -> tuple[Assumption, ...]:
    """Assumptions whose margin costs more than WORTH_SAYING_PCT carry its price."""
    price_pct = {line.assumption: line.price_pct or 0.0 for line in lines if line.assumption}
    return tuple(
        replace(assumption, effect=f"costs {price_pct[assumption.name]:.0f} % of the plan")
        if price_pct.get(assumption.name, 0.0) > WORTH_SAYING_PCT
        else assumption
        for assumption in assumptions
    )

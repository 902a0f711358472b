"""Runners-up that differ: the best plan without what won, and what it loses.

1. without the accelerator that costs most in the plan
2. without its provider
3. with another cut or precision on the same accelerator
4. as one deployment, when the plan mixes several; over a day, with one fleet for all of it
5. each other model alone, when the spec names several (see other_models)

Over a day of periods a runner-up is described by its busiest period, and costs its mean.

Replica kinds that were never simulated compete with their closed form here, which is never above
the bound they had in the proof: no runner-up can come out better than the plan.
"""

from collections.abc import Iterator
from dataclasses import replace

from recommender.assembly.assemble import assemble
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.other_models import other_models
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.failure_group import FailureGroup
from recommender.plan import RunnerUp
from recommender.relative import percent_of
from recommender.units import SECONDS_PER_HOUR

ONE_DEPLOYMENT = "one deployment, no mixing"
ONE_FLEET = "the same nodes around the clock"


def runners_up(study: Study, decision: Decision) -> tuple[RunnerUp, ...]:
    """Alternatives, each optimal under its restriction."""
    main = max(decision.purchase, key=lambda pair: pair[0].usd_per_h * pair[1])[0]
    won = {_cut(study, int(key)) for key in main.replicas}
    variants = [
        *_without(study, main),
        (
            f"another layout on {main.accelerator}",
            study.decide(
                keep=lambda o: o.accelerator == main.accelerator,
                allowed=lambda position: _cut(study, position) not in won,
            ),
        ),
    ]
    if decision.day is not None:
        variants.append((ONE_FLEET, study.decide(day=None)))
    elif len(decision.purchase) > 1:
        variants.append((ONE_DEPLOYMENT, study.decide(single=True)))
    others = (
        replace(_runner_up(study, what, other, decision), reason=quality)
        if quality and other.purchase
        else _runner_up(study, what, other, decision)
        for what, other, quality in other_models(study, decision)
    )
    return (*others, *(_runner_up(study, what, other, decision) for what, other in variants))


def _without(study: Study, main: FailureGroup) -> Iterator[tuple[str, Decision]]:
    """Without the accelerator and the provider of the plan, unless nothing else was asked for."""
    spec, offers = study.request.spec, study.enumeration.market.offers
    if not spec.gpu or len({offer.accelerator for offer in offers}) > 1:
        other = study.decide(keep=lambda o: o.accelerator != main.accelerator)
        yield f"without {main.accelerator}", other
    if len(set(spec.provider)) != 1:
        yield f"without {main.provider}", study.decide(keep=lambda o: o.provider != main.provider)


def _cut(study: Study, position: int) -> tuple[object, ...]:
    layout = study.table.layouts[position]
    return (layout.precision, layout.kv_precision, layout.tp, layout.pp, layout.adp, layout.ep)


def _runner_up(study: Study, restriction: str, other: Decision, won: Decision) -> RunnerUp:
    if not other.purchase:
        return RunnerUp(restriction, "no plan", None, None, None, None, "infeasible")
    plan = assemble(study.request, study.table, study.rates, other.purchase, simulate=False)
    cost = won.cost_usd_per_h
    return RunnerUp(
        restriction=restriction,
        description=purchase_text(study, other.purchase),
        cost_usd_per_h=other.cost_usd_per_h,
        cost_pct=percent_of(other.cost_usd_per_h - cost, cost),
        p99_s=plan.totals.p99_s,
        power_w=plan.totals.power_nameplate_w,
        reason=(
            f"{_requests_per_usd(other)} requests per dollar within the SLO, "
            f"the plan {_requests_per_usd(won)}"
        ),
    )


def _requests_per_usd(decision: Decision) -> str:
    """Requests within the SLO that a dollar buys; nodes that cost nothing set no limit."""
    if not decision.cost_usd_per_h:
        return "unlimited"
    rate = decision.mean(lambda group: group.requests_per_s)
    return f"{rate * SECONDS_PER_HOUR / decision.cost_usd_per_h:,.0f}"

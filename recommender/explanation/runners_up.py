"""Runners-up that differ: the best plan without what won, and what it loses.

1. without the accelerator that costs most in the plan
2. without its provider
3. with another cut or precision on the same accelerator
4. as one deployment, when the plan mixes several; over a day, with one fleet for all of it
5. each other model alone, when the spec names several (see other_models)

Over a day of periods a runner-up is described by its busiest period, and costs its mean.

Replica kinds that were never simulated compete with their closed form here, which is never above
the bound they had in the proof: no runner-up can come out better than the plan. Of plans of one
kind at equal cost and power the fastest is taken, by closed forms, as for the plan itself
(`assembly.tie_break`). What is not decided in time stays in the list and says so.
"""

from collections.abc import Callable, Iterator

from catalog.schema import Offer
from recommender.assembly.carried_p99 import carried_p99_s
from recommender.assembly.nodes import nameplate_w, nodes_of
from recommender.assembly.tie_break import fastest_of_equals
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.in_time import NOT_PROVEN, in_time, is_unproven, why_open
from recommender.explanation.other_models import other_models
from recommender.explanation.purchase_text import purchase_text
from recommender.formulation.failure_group import FailureGroup
from recommender.plan import RunnerUp
from recommender.relative import percent_of
from recommender.units import SECONDS_PER_HOUR

ONE_DEPLOYMENT = "one deployment, no mixing"
ONE_FLEET = "the same nodes around the clock"
Variant = tuple[str, Decision | None]
"""What is left out, and the optimum then; None: out of time."""


def runners_up(study: Study, decision: Decision) -> tuple[RunnerUp, ...]:
    """Alternatives, each optimal under its restriction."""
    variants = tuple(_variants(study, decision))
    others = (
        _runner_up(study, what, other, decision, reason=quality)
        for what, other, quality in other_models(study, decision)
    )
    return (*others, *(_runner_up(study, what, other, decision) for what, other in variants))


def _variants(study: Study, decision: Decision) -> Iterator[Variant]:
    """What is left out of the request, and the optimum then."""
    main = max(decision.purchase, key=lambda pair: pair[0].usd_per_h * pair[1])[0]
    won = {_cut(study, int(key)) for key in main.replicas}
    yield from _without(study, main)
    other_cut = _fastest(
        study,
        keep=lambda o: o.accelerator == main.accelerator,
        allowed=lambda position: _cut(study, position) not in won,
    )
    yield f"another layout on {main.accelerator}", other_cut
    if decision.day is not None:
        yield ONE_FLEET, in_time(study, day=None)
    elif len(decision.purchase) > 1:
        alone = in_time(study, single=True)
        fastest = alone and fastest_of_equals(study, alone, simulate=False)
        yield ONE_DEPLOYMENT, fastest


def _without(study: Study, main: FailureGroup) -> Iterator[Variant]:
    """Without the accelerator and the provider of the plan, unless nothing else was asked for."""
    spec, offers = study.request.spec, study.enumeration.market.offers
    if not spec.gpu or len({offer.accelerator for offer in offers}) > 1:
        other = _fastest(study, keep=lambda o: o.accelerator != main.accelerator)
        yield f"without {main.accelerator}", other
    if len(set(spec.provider)) != 1:
        other = _fastest(study, keep=lambda o: o.provider != main.provider)
        yield f"without {main.provider}", other


def _fastest(
    study: Study,
    *,
    keep: Callable[[Offer], bool],
    allowed: Callable[[int], bool] = lambda position: True,
) -> Decision | None:
    """The optimum under a restriction, the fastest of its equals; None: out of time."""
    found = in_time(study, keep=keep, allowed=allowed)
    if found is None:
        return None
    return fastest_of_equals(study, found, keep=keep, allowed=allowed, simulate=False)


def _cut(study: Study, position: int) -> tuple[object, ...]:
    layout = study.table.layouts[position]
    return (layout.precision, layout.kv_precision, layout.tp, layout.pp, layout.adp, layout.ep)


def _runner_up(
    study: Study, restriction: str, other: Decision | None, won: Decision, *, reason: str = ""
) -> RunnerUp:
    if other is None or other.is_open:
        return RunnerUp(restriction, "", None, None, None, None, why_open(other))
    if not other.purchase:
        return RunnerUp(restriction, "no plan", None, None, None, None, "infeasible")
    request, purchase = study.request, other.purchase
    cost = won.cost_usd_per_h
    why = reason or _why(other, won)
    return RunnerUp(
        restriction=restriction,
        description=purchase_text(study, other.purchase),
        cost_usd_per_h=other.cost_usd_per_h,
        cost_pct=percent_of(other.cost_usd_per_h - cost, cost),
        p99_s=carried_p99_s(request, study.table, study.rates, purchase, simulate=False),
        power_w=nameplate_w(request, nodes_of(request, purchase)),
        reason=f"{why}; {NOT_PROVEN}" if is_unproven(other) else why,
    )


def _why(other: Decision, won: Decision) -> str:
    """What a dollar buys of either, at what their nodes can carry within the SLO.

    A dearer one may carry more for a dollar, in larger nodes: then it has room that nobody asked
    for, and that is why it is dearer.
    """
    text = (
        f"carries up to {_requests_per_usd(other)} requests per dollar within the SLO, the plan "
        f"{_requests_per_usd(won)}"
    )
    dearer = other.cost_usd_per_h > won.cost_usd_per_h > 0
    if not dearer or _rate(other) * won.cost_usd_per_h < _rate(won) * other.cost_usd_per_h:
        return text
    return f"{text}, but in all {_in_all(other)}, the plan {_in_all(won)}, which is enough"


def _rate(decision: Decision) -> float:
    """What its nodes carry within the SLO, all of them up; over a day in the mean [requests/s]."""
    return decision.mean(lambda group: group.requests_per_s)


def _in_all(decision: Decision) -> str:
    """`12.7/s`, and from 100 the whole number, which tells near ones apart: `2,406/s`."""
    rate = _rate(decision)
    return f"{rate:,.0f}/s" if rate >= 99.95 else f"{rate:.3g}/s"


def _requests_per_usd(decision: Decision) -> str:
    """Requests within the SLO that a dollar buys; nodes that cost nothing set no limit."""
    if not decision.cost_usd_per_h:
        return "unlimited"
    bought = _rate(decision) * SECONDS_PER_HOUR / decision.cost_usd_per_h
    return f"{bought:,.0f}" if bought >= 10 else f"{bought:.2g}"

"""Why nothing is feasible: the nearest miss of each limit, one sentence each."""

from collections.abc import Iterator
from math import ceil

from recommender.decision.decision import Decision
from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.enumeration.market import Market
from recommender.explanation.by_margin import margin_sentence, out_by_margin
from recommender.explanation.losses import fewer_losses
from recommender.explanation.nearest import nearest_to_slo
from recommender.explanation.quality_repairs import less_quality
from recommender.explanation.repairs import (
    LIMITS,
    MOST_NODES,
    REQUIREMENTS,
    rounded_up,
    witness,
)
from recommender.explanation.trials import Trials
from recommender.plan import Repair
from recommender.solvers.outcome import Status

CLOSED_FORMS = "by closed forms at their safe factor, "
NOT_LOOKED_FOR = "the time was up before any limit was found that is too tight alone"
LARGEST_DEMAND = 10_000
"""Groups of the best kind: beyond, rates in 1/100,000 of the demand are too coarse for a plan."""


def what_stops(study: Study, trials: Trials) -> tuple[str, ...]:
    """All limits of which one alone is too tight; demand and stock where no limit is."""
    if len(study.table) == 0:
        return ("no deployment fits any accelerator of the chosen offers; see what was left out",)
    if not (study.rates.rate > 0).any():
        uncertain = margin_sentence(study, out_by_margin(study))
        nearest = f"latency: {nearest_to_slo(study)}"
        margin = (f"latency, by its margin alone: {uncertain}",) if uncertain else ()
        return (nearest, *margin)
    found = (*_limits(study, trials), *_demand(study), *_stock(study, trials))
    if not found and trials.missed:
        return (NOT_LOOKED_FOR,)
    return found or (_together(study, trials),)


def _limits(study: Study, trials: Trials) -> Iterator[str]:
    for limit in LIMITS:
        if (found := _without(study, trials, limit.field)) is not None:
            decision, how = found
            used = rounded_up(limit.used(decision), limit.unit)
            proven = decision.solution.outcome.status is Status.OPTIMAL
            plan = "the cheapest plan" if proven else "a plan"
            yield f"{limit.flag}: {how}{plan} without it uses {used}"
    losses = fewer_losses(study, lambda less: _plan(trials, less, trials.decide(less)))
    for loss, (_, how) in losses:
        yield f"{loss.cause}: {how}there is a plan without it"
    for less, (_, how) in less_quality(study, lambda q: _plan(trials, q, trials.decide(q))):
        yield f"{less.cause}: {how}there is a plan {less.where}"
    for flag, field in REQUIREMENTS:
        if (found := _without(study, trials, field)) is not None:
            yield f"{flag}: {found[1]}there is a plan without it"


def _together(study: Study, trials: Trials) -> str:
    """Of limits that each forbid every plan: what the cheapest plan without all of them uses."""
    none = "several limits together: to leave out any single one is not enough"
    asked = study.question
    limits = [limit for limit in LIMITS if getattr(asked, limit.field)]
    for limit in limits:
        asked = asked.without(limit.field)
    found = _plan(trials, asked, trials.decide(asked)) if len(limits) > 1 else None
    if found is None:
        return none
    decision, how = found
    flags = " and ".join(limit.flag for limit in limits)
    used = " and ".join(rounded_up(limit.used(decision), limit.unit) for limit in limits)
    proven = decision.solution.outcome.status is Status.OPTIMAL
    plan = "the cheapest plan" if proven else "a plan"
    return f"{none}; {how}{plan} without {flags} uses {used}: {witness(study, decision)}"


def _demand(study: Study) -> Iterator[str]:
    """A demand that takes more nodes than anyone can buy."""
    groups = study.decider.groups(study.enumeration.market, study.question)
    best = max((group.requests_per_s for group in groups), default=0.0)
    demand = study.question.demand_per_s * (1 + study.question.headroom)
    if best and demand > LARGEST_DEMAND * best:
        yield (
            f"demand: {demand:,.0f} requests/s with headroom take at least "
            f"{ceil(demand / best):,} nodes of the best kind ({best:,.3g} requests/s each); plans "
            f"of more than {LARGEST_DEMAND:,} are not looked for: ask for a part of the demand"
        )


def _stock(study: Study, trials: Trials) -> Iterator[str]:
    decision = _with_any_stock(study, trials)
    if decision is not None:
        yield f"stock: with enough of it, {witness(study, decision)}"


def stock_repairs(study: Study, trials: Trials) -> Iterator[Repair]:
    """The stock that the cheapest plan with any stock takes, offer by offer."""
    decision = _with_any_stock(study, trials)
    if decision is None:
        return
    nodes: dict[str, int] = {}
    for group, count in decision.purchase:
        nodes[group.offer] = nodes.get(group.offer, 0) + count * group.nodes
    offers = study.enumeration.market.offers
    stock = {offer.name: offer.stock for offer in offers if offer.stock is not None}
    short = {name: count for name, count in nodes.items() if count > stock.get(name, count)}
    value = ", ".join(f"{count:,} nodes of {offer}" for offer, count in sorted(short.items()))
    if value and sum(nodes.values()) <= MOST_NODES:
        value += " (what the cheapest plan takes; another may do with less)"
        yield Repair("stock", value, witness(study, decision))


def _with_any_stock(study: Study, trials: Trials) -> Decision | None:
    """The plan if nothing ran out; None where no offer states a stock, or there is still none."""
    market = study.enumeration.market
    if all(offer.stock is None for offer in market.offers):
        return None
    offers = tuple(offer.model_copy(update={"stock": None}) for offer in market.offers)
    unlimited = Market(offers, market.kinds_of_offer)
    decision = trials.decide(market=unlimited)
    return decision if decision is not None and decision.purchase else None


def _without(study: Study, trials: Trials, field: str) -> tuple[Decision, str] | None:
    """The plan without a limit that is set, and how it was found; None where there is none."""
    if not getattr(study.question, field):
        return None
    return _plan(trials, study.question.without(field), trials.without(field))


def _plan(
    trials: Trials, question: Question, decision: Decision | None
) -> tuple[Decision, str] | None:
    """The plan of a trial that may not have been decided in time, and how it was found."""
    how = "" if trials.simulates else CLOSED_FORMS
    if decision is None:
        decision, how = trials.by_closed_forms(question), CLOSED_FORMS
    return None if decision is None or not decision.purchase else (decision, how)

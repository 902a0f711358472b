"""Of plans that are equal in all objectives, the one with the lowest p99.

The program cannot see p99: at the rate that is really carried it is no sum over columns. So its
optimum is compared with the plans of one kind of group that cost and draw the same

    m = cost / price of a group  groups,    p99 = that of the first target at Q / m per group

and the fastest is solved again, alone, under all limits of the request. The chosen plan is then
a point of the front of single-deployment plans, or beyond it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from catalog.schema import Offer
from recommender.assembly.carried_p99 import carried_p99_s
from recommender.decision.decider import OPEN
from recommender.decision.decision import Decision
from recommender.decision.groups_needed import groups_needed
from recommender.decision.purchase_value import purchase_value
from recommender.decision.quality_objective import at_best_quality, better_of_equals, level_of
from recommender.decision.question import Question
from recommender.decision.study import Study, cost_usd_per_h
from recommender.enumeration.market import Market
from recommender.queueing.latency import target_s
from recommender.solvers.outcome import Status
from recommender.solvers.prove import is_proven

MOST_TRIED = 6
"""Each try may have to simulate a kind."""
NOT_COMPARED = (
    "of plans that are equal in all objectives, a faster one was not ruled out in time; raise "
    "--time-limit"
)
SAME = 1e-9


class Rival(NamedTuple):
    """A kind of group that costs the same, and its p99 by the closed form [s]."""

    p99_s: float
    offer: str
    position: int


def chosen(study: Study) -> tuple[Study, Decision]:
    """The best decision of a study, and the study at the level of quality that it rests on."""
    study = at_best_quality(study)
    return study, fastest_of_equals(study, better_of_equals(study, study.decide()))


def fastest_of_equals(
    study: Study,
    decision: Decision,
    *,
    keep: Callable[[Offer], bool] = lambda offer: True,
    allowed: Callable[[int], bool] = lambda position: True,
    simulate: bool | None = None,
) -> Decision:
    """The decision, or one that is equal in all objectives with a lower p99.

    Parameters
    ----------
    keep, allowed
        Offers and kinds that the decision was among (see `Study.decide`).
    simulate
        Whether p99s are simulated; as the study does unless given.
    """
    simulated = study.simulates if simulate is None else simulate
    if study.question.day is not None:  # a rival would have to be equal in every period
        return decision
    if decision.solution.outcome.status is not Status.OPTIMAL:  # its equals are not known
        return decision
    rivals = sorted(_faster(study, decision, keep, allowed)) if decision.purchase else []
    if not rivals:
        return decision
    best, best_s = decision, _p99_s(study, decision, simulate=simulated)
    notes = decision.notes
    for rival in rivals[:MOST_TRIED]:
        other = None if study.deadline.is_over else _alone(study, rival)
        if other is None or other.solution.outcome.status in OPEN:
            notes = (*decision.notes, NOT_COMPARED)
        elif _equal(study, other, decision):
            found_s = _p99_s(study, other, simulate=simulated)
            if found_s < best_s:
                best, best_s = _proven_as(decision, other), found_s
    return replace(best, notes=notes)


def _proven_as(decision: Decision, other: Decision) -> Decision:
    """An equal of a decision: its proof is of one kind alone, and rests on that of the decision."""
    outcome = decision.solution.outcome
    if is_proven(outcome):
        return other
    lent = replace(other.solution.outcome, proof=outcome.proof)
    return replace(other, solution=replace(other.solution, outcome=lent))


def _faster(
    study: Study,
    decision: Decision,
    keep: Callable[[Offer], bool],
    allowed: Callable[[int], bool],
) -> Iterator[Rival]:
    """Kinds of group of which a whole number costs and draws the same, and that are faster."""
    market = study.enumeration.market.where(keep)
    found = [rival for rival in _as_cheap(study, decision, market) if allowed(rival[1])]
    if not found:
        return
    positions = np.asarray([position for _, position, _ in found], dtype=np.intp)
    rates = np.asarray([rate for _, _, rate in found], dtype=np.float64)
    predicted_s = _predicted_s(study, decision)
    for (offer, position, _), p99_s in zip(
        found, _first_target_s(study, positions, rates), strict=True
    ):
        if p99_s < predicted_s * (1 - 1e-6):
            yield Rival(float(p99_s), offer, position)


def _as_cheap(study: Study, decision: Decision, market: Market) -> Iterator[tuple[str, int, float]]:
    """(offer, kind, requests/s per replica) of plans that cost and draw the same, and suffice."""
    table, question = study.table, study.question
    cost = cost_usd_per_h(decision.purchase)
    watts = sum(group.nameplate_w * count for group, count in decision.purchase)
    short = level_of(study, decision)
    for offer, kinds in zip(market.offers, market.kinds_of_offer, strict=True):
        nodes = round(cost / offer.usd_per_h) if offer.usd_per_h else 0
        if abs(nodes * offer.usd_per_h - cost) > SAME * cost:
            continue
        if nodes * offer.nameplate_power_w > watts * (1 + SAME):
            continue
        for position in (int(p) for kind in kinds for p in table.of_hardware(kind)):
            groups, rest = divmod(nodes, int(table.nodes[position]))
            replicas = table.replicas_per_group(position)
            capacity = replicas * float(study.rates.rate[position])
            if rest or not capacity or table.shortfall_pct[position] > short:
                continue
            if groups >= _fewest(capacity, question):
                yield offer.name, position, question.demand_per_s / (groups * replicas)


def _fewest(capacity: float, question: Question) -> int:
    (fewest,) = groups_needed(
        np.asarray([capacity]),
        demand=question.demand_per_s,
        headroom=question.headroom,
        losses=question.failures,
    )
    return int(fewest)


def _first_target_s(
    study: Study, positions: npt.NDArray[np.intp], rate: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Closed-form percentile of the first target of replicas at a rate each [s]."""
    request, first = study.request, study.request.slo.primary
    return target_s(study.table.law.take(positions), request.workload, first, rate)


def _predicted_s(study: Study, decision: Decision) -> float:
    """Closed-form p99 of the decision, whose replicas run at equal shares of their rates [s]."""
    rates = study.rates.rate
    used = np.asarray(sorted({int(k) for g, _ in decision.purchase for k in g.replicas}))
    capacity = sum(
        rates[int(key)] * number * count
        for group, count in decision.purchase
        for key, number in group.replicas.items()
    )
    share = study.question.demand_per_s / capacity
    return float(np.max(_first_target_s(study, used, rates[used] * share)))


def _alone(study: Study, rival: Rival) -> Decision:
    return study.decide(
        keep=lambda offer: offer.name == rival.offer,
        allowed=lambda position: position == rival.position,
    )


def _equal(study: Study, other: Decision, decision: Decision) -> bool:
    return bool(other.purchase) and all(
        purchase_value(name, other.purchase) <= purchase_value(name, decision.purchase) * (1 + SAME)
        for name in study.question.objectives
    )


def _p99_s(study: Study, decision: Decision, *, simulate: bool) -> float:
    """p99 of the plan [s]."""
    return carried_p99_s(
        study.request, study.table, study.rates, decision.purchase, simulate=simulate
    )

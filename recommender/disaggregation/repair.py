"""Pools as a repair, and repairs of pools, on the rates that the changed command would rest on.

Where replicas that do both meet no target, pools of their own may. Where `--disaggregate only`
finds none, each limit is left out in turn: the least that pools use of it is its repair; then
margins and limits of latency are relaxed (`relaxed`).
"""

from collections.abc import Iterator
from dataclasses import replace

from recommender.decision.decision import Decision
from recommender.decision.question import Question
from recommender.decision.study import Study
from recommender.disaggregation.not_compared import FLAG
from recommender.disaggregation.pools_of import OBJECTIVES, TwoPools, two_pools, why_not
from recommender.disaggregation.pools_of_day import cost_usd_per_h, counted_usd_per_h
from recommender.disaggregation.relaxed import relaxed
from recommender.disaggregation.search import Search
from recommender.explanation.counted import counted
from recommender.explanation.least_enough import least_enough
from recommender.explanation.losses import fewer_losses
from recommender.explanation.repairs import (
    LIMITS,
    REQUIREMENTS,
    Limit,
    rounded_up,
    witness,
)
from recommender.explanation.trials import Trials
from recommender.formulation.solve_pools import PoolsSolution
from recommender.plan import Repair
from recommender.solvers.outcome import Status
from recommender.wording import hourly


def pools_repair(study: Study) -> tuple[tuple[Repair, ...], bool]:
    """`--disaggregate auto` with what it buys, where that was not asked for and is enough.

    And whether that is decided.
    """
    request = study.request
    if request.spec.disaggregate != "never" or why_not(request, study.question):
        return (), True
    if study.deadline.is_over:
        return (), False
    as_asked = Trials(study).study
    found = Search(as_asked, two_pools(as_asked)).best()
    if found.best is None:
        return (), found.decided
    return (Repair(FLAG, "auto", _witness(found.best[1], study.question)),), True


def repairs_of_pools(
    study: Study, pools: TwoPools, decision: Decision
) -> Iterator[tuple[str, Repair]]:
    """(cause, repair) of a request for pools only: each limit that alone is too tight.

    `decision` is the best plan of replicas that do both, for which pools need not be asked.
    """
    for limit in LIMITS:
        if getattr(study.question, limit.field) is None:
            continue
        if limit.objective not in OBJECTIVES:
            yield from _left_out(limit.flag, limit.field, study, pools)
        elif (found := _least(study, pools, limit)) is not None:
            used = rounded_up(_used(found, limit.objective, study.question), limit.unit)
            proven = found.outcome.status is Status.OPTIMAL
            cause = f"{limit.flag}: {'no pools use less than' if proven else 'pools use'} {used}"
            value = least_enough(used, is_least=proven, simulated=study.simulates)
            yield cause, Repair(limit.flag, value, _witness(found, study.question))
    for loss, found in fewer_losses(study, lambda less: _best(study, pools, less)):
        cause = f"{loss.cause}: there are pools without it"
        yield cause, Repair(loss.flag, loss.value, _witness(found, study.question))
    for flag, field in REQUIREMENTS:
        if getattr(study.question, field):
            yield from _left_out(flag, field, study, pools)
    for flag, value, found in relaxed(study, pools):
        yield (
            f"{flag}: there are pools with {value}",
            Repair(flag, value, _witness(found, study.question)),
        )
    if decision.purchase:
        cause = f"{FLAG} only: there is a plan without pools"
        yield cause, Repair(FLAG, "auto", witness(study, decision))


def _used(found: PoolsSolution, objective: str, question: Question) -> float:
    """What pools use of what is limited, as rows count it; of money over a day the mean."""
    if question.day is not None and objective == "cost":
        return counted_usd_per_h(question.day, found.over_day)
    name = {"cost": "usd_per_h", "power": "nameplate_w"}.get(objective, objective)
    pairs = (pair for bought in found.bought.values() for pair in bought)
    return float(sum(getattr(counted(group), name) * n for group, n in pairs))


def _least(study: Study, pools: TwoPools, limit: Limit) -> PoolsSolution | None:
    """The pools that use least of what is limited."""
    question = study.question.without(limit.field)
    if limit.objective is not None:
        question = replace(question, objective=limit.objective, then=(), tolerances=())
    return _best(study, pools, question)


def _best(study: Study, pools: TwoPools, question: Question) -> PoolsSolution | None:
    """The best pools of another question within the time that is left."""
    if study.deadline.is_over:
        return None
    best = Search(study, pools, question).best().best
    return None if best is None else best[1]


def _left_out(flag: str, field: str, study: Study, pools: TwoPools) -> Iterator[tuple[str, Repair]]:
    """A limit of which no least is sought."""
    limit = Limit(flag, field, lambda decision: 0.0, "", None)
    if (found := _least(study, pools, limit)) is not None:
        cause = f"{flag}: there are pools without it"
        yield cause, Repair(flag, f"without {flag}", _witness(found, study.question))


def _witness(found: PoolsSolution, question: Question) -> str:
    """What the pools cost, over a day on average, and how large they are at their largest rate."""
    bought, cost = found.bought, cost_usd_per_h(found, question)
    pools = " and ".join(
        f"{sum(group.accelerators * n for group, n in pairs):,} accelerators for {pool}"
        for pool, pairs in bought.items()
    )
    return f"{hourly(cost)}: {pools}"

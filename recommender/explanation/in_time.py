"""Variants that explain a decision, in what its time leaves; what is not decided says so.

decided          the optimum of the variant, or that it has none
not proven       a plan of the variant: its optimum may be better
not decided      neither; a report shows the variant with that remark in place of figures
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from catalog.schema import Offer
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.plan import Plan
from recommender.solvers.outcome import Status
from recommender.wording import duration_text

NOT_IN_TIME = "not decided in time"
NOT_PROVEN = "not proven in time"
AT_LEAST = f"{NOT_PROVEN}: at least that"
"""Of a price: the variant may be cheaper still."""


def in_time(
    study: Study,
    *,
    keep: Callable[[Offer], bool] | None = None,
    allowed: Callable[[int], bool] = lambda position: True,
    **changes: object,
) -> Decision | None:
    """The optimum of a variant (see Study.decide); None where the time is up before it begins."""
    if study.deadline.is_over:
        return None
    return study.decide(keep=keep, allowed=allowed, **changes)


def why_open(decision: Decision | None) -> str:
    """Why nothing is known of a variant; empty where it has a plan, or is known to have none."""
    if decision is None:
        return NOT_IN_TIME
    if not decision.is_open:
        return ""
    outcome = decision.solution.outcome
    return f"not decided: {outcome.message}" if outcome.status is Status.FAILED else NOT_IN_TIME


def is_unproven(decision: Decision) -> bool:
    """Whether a variant has a plan that may not be its best."""
    return bool(decision.purchase) and decision.solution.outcome.status is not Status.OPTIMAL


def with_what_is_missing(plan: Plan, study: Study) -> Plan:
    """The plan with one warning that names all that the time did not suffice for."""
    missing = list(_missing(plan, study))
    if not missing:
        return plan
    limit = duration_text(study.request.spec.time_limit)
    text = f"the time limit of {limit} left out: {'; '.join(missing)}; raise --time-limit"
    return replace(plan, warnings=(*plan.warnings, text))


def _missing(plan: Plan, study: Study) -> Iterator[str]:
    lines = [line for line in plan.ledger if _is_open(line.note)]
    runners = [runner for runner in plan.runners_up if _is_open(runner.reason)]
    if lines:
        yield f"the price of {', '.join(line.margin for line in lines)}"
    if runners:
        yield f"runners-up {', '.join(runner.restriction for runner in runners)}"
    yield from (line for line in plan.binding if _is_open(line))
    closed = sum(not point.simulated for point in plan.front)
    if closed and study.simulates:
        yield f"the simulation of {closed} of {len(plan.front)} points of the front"


def _is_open(text: str) -> bool:
    return NOT_IN_TIME in text or NOT_PROVEN in text

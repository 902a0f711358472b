"""Whether `--share` and `--speculative` pay, with the figure: what the plan would be without them.

--share         a choice per deployment, so the plan shares accelerators only where that pays; the
                other side is the best plan of shared, or of unshared, instances only, on the rates
                of the proof (closed forms for kinds that were never simulated)
--speculative   how every replica runs, whether it pays or not; the other side is the same request
                without drafts. Both on central closed forms: their ratio is what is said
"""

from collections.abc import Iterator

from recommender.decision.decision import Decision, value_of
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.explanation.in_time import (
    NOT_IN_TIME,
    NOT_PROVEN,
    in_time,
    is_unproven,
    why_open,
)
from recommender.explanation.purchase_text import purchase_text
from recommender.wording import hourly


def options_that_pay(study: Study, decision: Decision) -> Iterator[str]:
    """A sentence per option that was asked for; `study` with frozen rates."""
    spec = study.request.spec
    if any(goal.objective == "latency" for goal in spec.goals):
        return
    if spec.share != "off":
        yield _sharing(study, decision)
    if spec.speculative is not None:
        yield _drafts(study)


def _sharing(study: Study, decision: Decision) -> str:
    table, option = study.table, f"--share {study.request.spec.share}"
    shared = [bool(table.sharing(position)) for position in range(len(table))]
    used = any(shared[int(key)] for group in decision.kinds for key in group.replicas)
    if not any(shared):
        return f"{option}: no accelerator on offer can be shared for this model"
    other = in_time(study, allowed=lambda position: shared[position] != used)
    if other is None or other.is_open:
        return f"{option}: whether it pays was {why_open(other)}"
    if not other.purchase:
        kinds = "instances with an accelerator of their own" if used else "shared instances"
        return f"{option}: {kinds} alone meet no targets and limits"
    goal = study.question.objectives[0]
    ours, theirs = value_of(goal, decision), value_of(goal, other)
    bought = f"{purchase_text(study, other.purchase)} for {hourly(other.cost_usd_per_h)}"
    bought = f"{bought} ({NOT_PROVEN})" if is_unproven(other) else bought
    if used:
        saved = 100 * (1 - ours / theirs) if theirs else 0.0
        return f"sharing saves {saved:.3g} % of {goal}: without it {bought}"
    more = 100 * (theirs / ours - 1) if ours else 0.0
    return f"{option} does not pay: {goal} of shared instances alone is {more:.3g} % more, {bought}"


def _drafts(study: Study) -> str:
    request, goal = study.request, study.question.objectives[0]
    plain = request.spec.model_copy(update={"speculative": None})
    if study.deadline.is_over:
        return f"--speculative: whether it pays was {NOT_IN_TIME}"
    base = study.comparison().decide()
    other = study_of(plain, catalog=request.catalog, deadline=study.deadline)
    without = other.comparison().decide()
    if base.is_open or without.is_open:
        return f"--speculative: whether it pays was {why_open(base) or why_open(without)}"
    if is_unproven(base) or is_unproven(without):
        return f"--speculative: whether it pays was {NOT_PROVEN}"
    if not without.purchase:
        return "--speculative is needed: without drafts no plan meets targets and limits"
    if not base.purchase:
        return "--speculative: by closed forms only the request without drafts has a plan"
    return drafts_text(goal, value_of(goal, base), value_of(goal, without))


def drafts_text(goal: str, drafted: float, plain_value: float) -> str:
    """What drafts do to an objective, from its values by closed forms with and without them."""
    if drafted == plain_value:
        return f"--speculative does not pay: {goal} is the same without drafts (by closed forms)"
    if drafted < plain_value:
        saved = 100 * (1 - drafted / plain_value)
        return f"--speculative saves {saved:.3g} % of {goal} (ratio of closed forms)"
    lost = 100 * (1 - plain_value / drafted)
    return (
        f"--speculative does not pay: without drafts {goal} is {lost:.3g} % lower (ratio of "
        "closed forms); leave it out"
    )

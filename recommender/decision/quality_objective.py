r"""`--minimize quality`: the least loss of quality that the limits allow, then the cheapest plan.

    short[c]   = 100 (1 - q[c] / Q*)       what a replica kind is short of the best model
    level of a plan = max over its kinds   its worst deployment
    smallest level l such that a plan of kinds with short <= l meets every limit

Symbol   Meaning                                                            Unit
q[c]     quality of the kind's model after quantisation                     points of 100
Q*       quality of the best model that fits any node at hand, unquantised  points of 100

With one model short[c] is its loss by quantisation. The worst of a plan is no sum over columns,
and levels are few (models x formats), so a level is chosen outside of the program: whatever is
feasible at one is feasible at the next, and bisection finds the smallest. All trials rest on one
book of rates, so the level found is the best for the rates of the plan. A trial that time did not
suffice for leaves a doubt, and the plan is then not called optimal.

`cost,quality:2%` first minimises the goals before, then limits each as `limited_goals` says. Where
several models are to be chosen from and nobody says how quality ranks, it breaks ties: of plans
that are equal in the last objective, the better one.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from recommender.decision.decision import Decision
from recommender.decision.limited_goals import goals_after, goals_before, limited
from recommender.decision.study import Study
from recommender.request.goals import LIMITED, Goal
from recommender.solvers.outcome import Status

NOT_RANKED = (
    "of plans that are equal in all objectives, one of a better model was not ruled out in time; "
    "raise --time-limit"
)


def at_best_quality(study: Study) -> Study:
    """The study whose question has the smallest level; unchanged where quality is no objective."""
    goals = study.request.spec.goals
    names = [goal.objective for goal in goals]
    if "quality" not in names:
        return study
    at = names.index("quality")
    question = study.question
    if at:
        before = replace(study, question=goals_before(question, goals[: at + 1])).decide()
        if not before.purchase:
            return study  # infeasible: the caller explains why
        if before.solution.outcome.status is not Status.OPTIMAL:
            study = replace(study, doubts=(f"{names[0]} was not proven least before quality",))
        question = limited(question, goals[: at + 1], before.purchase)
    asked = replace(study, question=goals_after(question, goals, at))
    doubts: list[str] = []
    found = smallest_level(asked, levels_of(study), doubts)
    found = asked if found is None else found
    return replace(found, doubts=(*found.doubts, *doubts))


def better_of_equals(study: Study, decision: Decision) -> Decision:
    """The decision, or one of better models that is equal in every objective.

    Only where several models of known quality are to be chosen from, at one rate.
    """
    goals = study.request.spec.goals
    names = [goal.objective for goal in goals]
    ranked = study.table.quality is not None and bool(study.table.models)
    if not ranked or not decision.purchase or study.question.day is not None:
        return decision
    if decision.solution.outcome.status is not Status.OPTIMAL:
        return decision  # its equals are not known
    if set(names) & {"latency", "quality"} or any(name not in LIMITED for name in names):
        return decision
    better = [level for level in levels_of(study) if level < level_of(study, decision)]
    goals_and_quality = (*goals, Goal("quality"))
    question = limited(study.question, goals_and_quality, decision.purchase)
    missed: list[str] = []
    found = smallest_level(replace(study, question=question), better, missed)
    if missed:
        decision = replace(decision, notes=(*decision.notes, NOT_RANKED))
    if found is None:
        return decision
    level = found.question.most_shortfall_pct
    other = study.decide(most_shortfall_pct=level)
    proven = other.solution.outcome.status is Status.OPTIMAL
    if not proven:
        return replace(decision, notes=(*decision.notes, NOT_RANKED))
    return replace(other, notes=decision.notes)


def level_of(study: Study, decision: Decision) -> float:
    """What the worst deployment of a plan is short of the best model [%]."""
    inside = {int(key) for group, _ in decision.purchase for key in group.replicas}
    return float(study.table.shortfall_pct[sorted(inside)].max())


def levels_of(study: Study) -> tuple[float, ...]:
    """The levels of kinds that hold the SLO, best first [%]."""
    usable = study.rates.rate > 0
    return tuple(float(level) for level in np.unique(study.table.shortfall_pct[usable]))


def smallest_level(study: Study, levels: Sequence[float], doubts: list[str]) -> Study | None:
    """The study at the smallest level with a plan; None where even the last has none.

    What time did not suffice for goes to `doubts`.
    """
    open_levels: list[float] = []

    def at_level(number: int) -> Study:
        question = replace(study.question, most_shortfall_pct=levels[number])
        return replace(study, question=question)

    def has_plan(number: int) -> bool:
        if study.deadline.is_over:
            open_levels.append(levels[number])
            return False
        decision = at_level(number).decide()
        if decision.is_open:
            open_levels.append(levels[number])
        return bool(decision.purchase)

    number = _first(len(levels), has_plan)
    doubts.extend(
        f"a quality {level:.3g} % short of the best was not ruled out in time; raise --time-limit"
        for level in sorted(open_levels)[:1]
    )
    return None if number is None else at_level(number)


def _first(count: int, holds: Callable[[int], bool]) -> int | None:
    """Smallest number below `count` that holds, where larger ones do too; None where none does."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return None if low == count else low

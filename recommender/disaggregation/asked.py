"""Pools where they are asked for, and what a plan says where they are not.

Of this folder the engine loads this file and its words alone: the search over pools comes with the
first request that asks for it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.clock import Clock
from recommender.decision.decider import HALF
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.disaggregation.not_compared import NOT_COMPARED
from recommender.plan import Plan

if TYPE_CHECKING:
    from recommender.disaggregation.compare import Comparison


def before_pools(study: Study) -> Study:
    """The study for the decision without pools: where these alone are asked for, half the time."""
    if study.request.spec.disaggregate != "only":
        return study
    return replace(study, deadline=study.deadline.share(HALF))


def for_pools(asked: Study, begun: Study, decided: Study) -> Study:
    """The study for the search over pools, of that which was begun and decided without them.

    The time that loading the simulator took is on top; closed forms that stood in for a decision
    that was late are no reason to look for pools on closed forms.
    """
    if asked.request.spec.disaggregate != "only":
        return decided
    if asked.simulates and not decided.simulates:
        return asked
    loading_s = decided.deadline.at_s - begun.deadline.at_s
    return replace(decided, deadline=asked.deadline.later(loading_s))


def comparison_with_pools(study: Study, decision: Decision, clock: Clock) -> "Comparison | None":
    """What the search over pools found against the decision; None where nobody asked."""
    if study.request.spec.disaggregate == "never":
        return None
    from recommender.disaggregation.compare import compare

    return compare(study, decision, clock)


def told_of_pools(plan: Plan, study: Study, comparison: "Comparison | None") -> Plan:
    """A plan without pools that says what became of them."""
    if comparison is None:
        return replace(plan, assumptions=(*plan.assumptions, NOT_COMPARED))
    from recommender.disaggregation.compare import with_comparison

    return with_comparison(plan, study, comparison)

"""A plan on closed forms, where the time did not suffice for any plan: better late than none.

It is a plan of `--fast`: every rate is a closed form times its lower 95 % factor, so it holds
the targets, and may be dearer than need be. It gets a moment beyond the time limit, in which a few
of the groups on offer are weighed (`few_groups`), and is never called optimal; the demand alone
bounds how much cheaper another may be. That bound has rates of its own, and says which:

    gap = 1 - least / value,   least = (1 + h) D min over all groups of  objective / rate

Symbol   Meaning                                                         Unit
value    objective of the plan, on closed forms at their lower limit     $/h, W, ...
rate     what a group carries: simulated where time sufficed, else the   requests/s
         closed form at its upper 95 % limit; with `--fast` at its lower
D, h     demand, headroom                                                requests/s, 1

With `--fast` only plans on rates as small as these are bounded. Where arrivals are too bursty for
closed forms there is no such plan.
"""

from dataclasses import replace

from recommender.deadline import moment_after
from recommender.decision.cut_short import GRACE_S
from recommender.decision.decider import Decider
from recommender.decision.decision import Decision, value_of
from recommender.decision.few_groups import least_value
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.trust import closed_forms_serve
from recommender.solvers.outcome import Status

NOT_SIMULATED = (
    "no plan on simulated rates was found in time: this one rests on closed forms at their safe "
    "factor, as with --fast; raise --time-limit"
)
LATE = "the time was up before a plan was proven best; raise --time-limit"


def on_closed_forms(study: Study, decision: Decision) -> tuple[Study, Decision]:
    """The study and decision on closed forms in place of one that time did not suffice for."""
    late = decision.solution.outcome.status is Status.NOT_REACHED and not decision.purchase
    request = study.request
    if not (late and closed_forms_serve(request, study.table.law)):
        return study, decision
    doubt = NOT_SIMULATED if study.simulates else LATE
    rates = Rates(study.table.law, request.workload, request.slo, Trust.SAFE)
    safe = study.with_rates(rates)
    few = replace(safe, decider=Decider(study.table, rates, break_ties=False, few=True))
    found = replace(few, deadline=moment_after(study.deadline, GRACE_S)).decide()
    if not found.purchase:
        return study, decision
    outcome = replace(found.solution.outcome, status=Status.FEASIBLE, bound=None, proof=())
    solution = replace(found.solution, outcome=outcome, gap=_gap(study, found))
    condition = "" if solution.gap is None else _condition(study)
    notes = (*found.notes, doubt)
    return safe, replace(found, solution=solution, notes=notes, gap_condition=condition)


def _condition(study: Study) -> str:
    """Where the gap holds: by which rates demand was bounded."""
    kinds = len(study.rates.settled)
    if not study.simulates:
        return (
            f"condition: the gap holds among plans on safe closed forms, as --fast takes the rates"
            f" of all {kinds} kinds of replica; simulated rates are mostly larger, and a plan on"
            " them may be cheaper still"
        )
    known = int(study.rates.settled.sum())
    return (
        f"condition: {known} of {kinds} kinds of replica were simulated; demand was bounded with"
        " closed forms at their upper 95 % limit for the others: the gap holds where these do"
    )


def _gap(study: Study, found: Decision) -> float | None:
    """Share by which a plan may be better that nobody looked at.

    None where traffic is limited: rates too high leave groups out that may be cheaper.
    """
    if study.question.max_network_share is not None:
        return None
    groups = study.decider.groups(study.enumeration.market, study.question)
    least = least_value(groups, study.question)
    value = value_of(study.question.objectives[0], found)
    return None if value <= 0.0 else max(0.0, 1.0 - least / value)

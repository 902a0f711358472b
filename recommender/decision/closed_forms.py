"""A plan on closed forms, where the time did not suffice for any plan: better late than none.

It is the plan of `--fast`: every rate is a closed form times its lower 95 % factor, so it holds
the targets, and may be dearer than need be. It gets a moment beyond the time limit and is never
called optimal. Where arrivals are too bursty for closed forms there is none.
"""

from dataclasses import replace

from recommender.deadline import deadline_in
from recommender.decision.cut_short import GRACE_S
from recommender.decision.decision import Decision
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
    if not (late and closed_forms_serve(request)):
        return study, decision
    doubt = NOT_SIMULATED if study.simulates else LATE
    rates = Rates(study.table.law, request.workload, request.slo, Trust.SAFE)
    safe = replace(study.with_rates(rates), doubts=(*study.doubts, doubt))
    found = replace(safe, deadline=deadline_in(GRACE_S)).decide()
    return (safe, found) if found.purchase else (study, decision)

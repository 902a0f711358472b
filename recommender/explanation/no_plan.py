"""The plan of a request that has none: what stops it, and which change alone would be enough."""

from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.explanation.funnel import funnel_of
from recommender.explanation.nearest import end_to_end_bound
from recommender.explanation.repairs import repairs
from recommender.explanation.trials import Trials
from recommender.explanation.warnings import within_rounding
from recommender.explanation.what_stops import stock_repairs, what_stops
from recommender.plan import Plan
from recommender.solvers.outcome import Status
from recommender.solvers.prove import proof_text

NOT_ALL_TRIED = "repairs: the time was up before all were tried; raise --time-limit for more"


def no_plan(study: Study, decision: Decision) -> Plan:
    """Status and proof of the solve, its causes, and repairs where it is infeasible."""
    request, outcome = study.request, decision.solution.outcome
    infeasible = outcome.status is Status.INFEASIBLE
    failed = outcome.status is Status.FAILED  # then nothing in the request stops it
    trials = Trials(study)  # where the time is up already, causes are those of the closed forms
    stopped = () if failed else (*what_stops(study, trials), *end_to_end_bound(study))
    found = (*repairs(study, trials), *stock_repairs(study, trials)) if infeasible else ()
    return Plan(
        status=str(outcome.status),
        proof=proof_text(outcome),
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=" or ".join(model.id for model in request.models),
        targets=request.slo.targets,
        goodput=request.slo.goodput,
        solver=outcome.solver,
        assumptions=request.assumptions,
        binding=stopped,
        repairs=found,
        warnings=(
            *((outcome.message,) if outcome.message else ()),
            *((NOT_ALL_TRIED,) if infeasible and trials.missed else ()),
            *(within_rounding(decision.solution.rounding_loss) if infeasible else ()),
        ),
        funnel=funnel_of(study),
    )

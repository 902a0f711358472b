"""The bare plan of a decision: what to buy and run, with status, proof, bound and warnings."""

import datetime
from dataclasses import replace

from recommender.assembly.assemble import assemble
from recommender.assembly.day import over_day
from recommender.decision.decision import Decision, value_of
from recommender.decision.study import Study
from recommender.explanation.day_warnings import warnings_of_day
from recommender.explanation.fast_warnings import fast_warnings
from recommender.explanation.funnel import funnel_of
from recommender.explanation.warnings import rounded_away, warnings_of
from recommender.formulation.solve_single_service import Solution
from recommender.plan import Plan
from recommender.solvers.outcome import Status
from recommender.solvers.prove import proof_text


def plan_of(study: Study, decision: Decision, *, simulate: bool | None = None) -> Plan:
    """The plan, not yet audited or explained."""
    request, solution = study.request, decision.solution
    simulated = study.simulates if simulate is None else simulate
    parts = assemble(request, study.table, study.rates, decision.purchase, simulate=simulated)
    periods, totals = over_day(study, decision, parts, simulate=simulated)
    objective = value_of(study.question.objectives[0], decision)
    bound = None if study.doubts else _bound(solution, objective)
    outcome = solution.outcome
    if study.doubts:
        outcome = replace(outcome, status=Status.FEASIBLE)
    return Plan(
        status=str(outcome.status),
        proof=proof_text(outcome),
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=" + ".join(dict.fromkeys(d.model for d in parts.deployments)),
        targets=request.slo.targets,
        goodput=request.slo.goodput,
        deployments=parts.deployments,
        nodes=parts.nodes,
        placements=parts.placements,
        totals=totals,
        periods=periods,
        objective=objective,
        bound=bound,
        gap=None if bound is None else _gap(objective, bound),
        solver=solution.outcome.solver,
        assumptions=request.assumptions,
        warnings=(
            *filter(None, (solution.outcome.message,)),
            *study.doubts,
            *decision.notes,
            *rounded_away(solution.rounding_loss),
            *fast_warnings(study, parts),
            *warnings_of(request, parts, today=datetime.date.today(), periods=periods),
            *warnings_of_day(request, parts, periods, today=datetime.date.today()),
        ),
        funnel=funnel_of(study),
    )


def _bound(solution: Solution, objective: float) -> float | None:
    """The proven bound on the objective: itself when optimal, else as far as it is known."""
    if solution.outcome.status is Status.OPTIMAL:
        return objective
    return None if solution.gap is None else objective * (1 - solution.gap)


def _gap(objective: float, bound: float) -> float:
    """Share by which a better plan could be better; a plan that costs nothing cannot be beaten."""
    return (objective - bound) / objective if objective else 0.0

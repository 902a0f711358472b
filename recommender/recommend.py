"""From a spec to a proven, audited plan. Read this function first: it is the whole engine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import catalog as catalogue
from catalog import Catalog
from recommender.assemble import assemble
from recommender.audit import audit
from recommender.binding import binding
from recommender.decision import Decider, Decision
from recommender.enumeration import Enumeration, enumerate_replicas
from recommender.front_points import front_points
from recommender.latency_objective import fastest_level
from recommender.ledger import ledger
from recommender.plan import Assumption, Funnel, Plan
from recommender.progress import SILENT, Progress
from recommender.question import objective_of, question_of
from recommender.rates import Rates, Trust
from recommender.repairs import repairs
from recommender.request import Request, resolve
from recommender.runners_up import runners_up
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import proof_text
from recommender.spec import Spec
from recommender.study import Study
from recommender.warnings import warnings_of


def recommend(
    spec: Spec,
    *,
    catalog: Catalog | None = None,
    progress: Progress = SILENT,
    explain: bool = True,
) -> Plan:
    """The best plan for a spec, with its proof, front and audit.

    Parameters
    ----------
    catalog
        Facts to use; by default the shipped ones with the spec's overlays.
    explain
        Whether ledger, runners-up and front are computed as well.

    Returns
    -------
    Plan
        With status `infeasible` and repairs when nothing meets the request.

    Raises
    ------
    SpecError, CatalogError, MissingData
        The request cannot be understood, or the catalogue lacks what it needs.
    """
    clock = _Clock(progress)
    with clock.phase("catalogue"):
        facts = catalog or catalogue.load([Path(p) for p in spec.catalog])
        request = resolve(spec, facts)
    with clock.phase("sizing"):
        enumeration = enumerate_replicas(request)
    with clock.phase("rates"):
        study = _study(request, enumeration)
    with clock.phase("solving"):
        decision = study.decide()
    if not decision.purchase:
        with clock.phase("repairs"):
            return _no_plan(study, decision, clock.seconds)
    with clock.phase("plan"):
        plan = _plan(study, decision)
    with clock.phase("audit"):
        plan = replace(plan, audit=audit(plan, spec, facts, replay=not spec.fast))
    if explain:
        with clock.phase("front"):
            plan = replace(plan, front=front_points(study, plan))
        with clock.phase("explanation"):
            plan = replace(
                plan,
                binding=binding(study, decision),
                ledger=ledger(study, decision),
                runners_up=runners_up(study, decision),
            )
            plan = replace(plan, assumptions=_with_effects(plan))
    return replace(plan, seconds=clock.seconds)


def _study(request: Request, enumeration: Enumeration) -> Study:
    trust = Trust.SAFE if request.spec.fast else Trust.SIMULATED
    if request.spec.minimize == "latency":
        request = fastest_level(request, enumeration, trust)
    rates = Rates(enumeration.table.law, request.workload, request.slo, trust)
    return Study(
        request, enumeration, question_of(request.spec), Decider(enumeration.table, rates)
    )


def _plan(study: Study, decision: Decision) -> Plan:
    request, solution = study.request, decision.solution
    simulate = not request.spec.fast
    parts = assemble(request, study.table, study.rates, decision.purchase, simulate=simulate)
    objective = objective_of(study.question.objectives[0], decision.purchase)
    bound = _bound(solution.outcome, objective)
    return Plan(
        status=str(solution.outcome.status),
        proof=proof_text(solution.outcome),
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=request.model.id,
        deployments=parts.deployments,
        nodes=parts.nodes,
        placements=parts.placements,
        totals=parts.totals,
        objective=objective,
        bound=bound,
        gap=None if bound is None else (objective - bound) / objective,
        solver=solution.outcome.solver,
        assumptions=request.assumptions,
        warnings=warnings_of(request, parts, decision),
        funnel=_funnel(study),
    )


def _bound(outcome: Outcome, objective: float) -> float | None:
    """The proven bound on the objective: itself when optimal, else unknown."""
    return objective if outcome.status is Status.OPTIMAL else None


def _no_plan(study: Study, decision: Decision, seconds: Mapping[str, float]) -> Plan:
    request, outcome = study.request, decision.solution.outcome
    found = repairs(study) if outcome.status is Status.INFEASIBLE else ()
    return Plan(
        status=str(outcome.status),
        proof=proof_text(outcome),
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=request.model.id,
        solver=outcome.solver,
        assumptions=request.assumptions,
        repairs=found,
        warnings=(outcome.message,) if outcome.message else (),
        funnel=_funnel(study),
        seconds=seconds,
    )


def _funnel(study: Study) -> Funnel:
    rejections = study.enumeration.rejections
    return Funnel(
        considered=study.enumeration.considered,
        candidates=int((study.rates.rate > 0).sum()),
        rejected=dict(rejections.counts),
        examples=dict(rejections.examples),
    )


def _with_effects(plan: Plan) -> tuple[Assumption, ...]:
    """Defaults that move the answer by more than 10 % carry their price."""
    prices = {line.margin: line for line in plan.ledger}
    named = {
        "confidence": "model error of step times",
        "headroom": "burst headroom",
        "redundancy": "redundancy",
    }
    lines = []
    for assumption in plan.assumptions:
        line = prices.get(named.get(assumption.name, ""))
        if line is not None and line.price_pct is not None and line.price_pct > 10:
            effect = f"costs {line.price_pct:.0f} % of the plan"
            assumption = replace(assumption, effect=effect)
        lines.append(assumption)
    return tuple(lines)


class _Clock:
    """Wall time per phase, told to the progress display."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    def phase(self, name: str) -> "_Phase":
        return _Phase(self, name)


class _Phase:
    def __init__(self, clock: _Clock, name: str) -> None:
        self.clock, self.name, self.start = clock, name, 0.0

    def __enter__(self) -> None:
        self.start = perf_counter()
        self.clock.progress.phase(self.name)

    def __exit__(self, *_: object) -> None:
        self.clock.seconds[self.name] = perf_counter() - self.start

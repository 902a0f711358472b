"""From a spec to a proven, audited plan. Read this function first: it is the whole engine."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import Catalog
from recommender.assembly.tie_break import chosen
from recommender.audit import audit
from recommender.clock import Clock
from recommender.decision.closed_forms import on_closed_forms
from recommender.decision.decision import Decision
from recommender.decision.load_simulator import load_simulator
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.disaggregation.asked import (
    before_pools,
    comparison_with_pools,
    for_pools,
    told_of_pools,
)
from recommender.enumeration.known_sizes import KnownSizes
from recommender.explanation.explained import explained
from recommender.explanation.in_time import with_what_is_missing
from recommender.explanation.no_plan import NOT_ALL_TRIED, no_plan
from recommender.explanation.plan_of import plan_of
from recommender.fronts.front_points import PRINTED, front_points
from recommender.plan import Plan
from recommender.program.program import Program
from recommender.progress import SILENT, Progress
from recommender.request.spec import Spec
from recommender.solvers.outcome import Status

if TYPE_CHECKING:
    from recommender.disaggregation.compare import Comparison


def recommend(
    spec: Spec,
    *,
    catalog: Catalog | None = None,
    progress: Progress = SILENT,
    front: bool = True,
    explain: bool = True,
    most_front_points: int | None = PRINTED,
    write_lp: Path | None = None,
    most_alternatives: int = 0,
    sizes: KnownSizes | None = None,
) -> Plan:
    """The best plan for a spec, with its proof, front and audit; where there is none, repairs.

    Parameters
    ----------
    catalog
        Facts to use; by default the shipped ones with the spec's overlays.
    front, explain
        Whether the front, and whether ledger and runners-up, are computed as well.
    most_front_points
        Points of the front, spread evenly; None gives all.
    most_alternatives
        Best plans with other sets of accelerator types to add to the runners-up.
    write_lp
        Where to write the integer program that was solved last, `.lp` or `.mps`.
    sizes
        Kept by whoever asks for many plans in turn: requests that differ in demand and limits
        alone are sized once.

    Raises
    ------
    SpecError, CatalogError, MissingData
        The request cannot be understood, or the catalogue lacks what it needs.
    """
    clock = Clock(progress)
    study = study_of(spec, catalog=catalog, clock=clock, sizes=sizes)
    study, decision, comparison = _with_pools(study, clock)
    if comparison is not None and comparison.decides:
        return _of_pools(study, decision, comparison, clock, explain=explain, write_lp=write_lp)
    if write_lp is not None:
        write_program(decision.solution.program, write_lp)
    if not decision.purchase:
        return told_of_pools(_without_a_plan(study, decision, clock), study, comparison)
    plan = _audited(study, _planned(study, decision, clock), clock)
    if not decision.interrupted:
        most = (most_front_points, most_alternatives)
        plan = _with_explanation(study, decision, plan, clock, most, front=front, explain=explain)
    return replace(told_of_pools(plan, study, comparison), seconds=clock.seconds)


def decide(study: Study, clock: Clock) -> tuple[Study, Decision]:
    """The optimum, and the study it rests on.

    Where the safe closed form of `--fast` has no plan, that says nothing yet: the request is
    decided again on simulated rates, so that `infeasible` never means "not sure". Where the time is
    up before any plan is found, that of closed forms is taken, and says so.
    """
    with clock.phase("solving"):
        study, decision = on_closed_forms(*chosen(study))
    late = decision.solution.outcome.status is Status.NOT_REACHED
    if decision.purchase or study.simulates or late:
        return study, decision
    return decide(_simulating(study, clock), clock)


def _with_pools(study: Study, clock: Clock) -> "tuple[Study, Decision, Comparison | None]":
    """The optimum, the study it rests on, and what became of pools.

    Where nothing but pools was asked for and closed forms have none, it says as little as in
    `decide`: both are decided again on simulated rates.
    """
    asked = study
    begun = before_pools(asked)
    study, decision = decide(begun, clock)
    of_pools = for_pools(asked, begun, study)
    comparison = comparison_with_pools(of_pools, decision, clock)
    late = study.simulates or of_pools.deadline.is_over
    if comparison is None or not comparison.asked_in_vain or late:
        return study, decision, comparison
    study = replace(study, deadline=of_pools.deadline)
    return _with_pools(_simulating(study, clock), clock)


def _simulating(study: Study, clock: Clock) -> Study:
    """The study on simulated rates, with the time that loading the simulator takes on top."""
    request = study.request
    within = study.deadline.later(load_simulator(clock))
    rates = Rates(study.table.law, request.workload, request.slo, Trust.SIMULATED)
    return replace(study.with_rates(rates), deadline=within)


def write_program(program: Program, path: Path) -> None:
    """Export the program that was solved last."""
    from recommender.solvers.pulp_door import write_lp

    write_lp(program, path)


def _with_explanation(
    study: Study,
    decision: Decision,
    plan: Plan,
    clock: Clock,
    most: tuple[int | None, int],
    *,
    front: bool,
    explain: bool,
) -> Plan:
    """The plan with its front and its explanation; `most` points of one, plans of the other."""
    compared = study.with_rates(study.rates.frozen()) if front or explain else study
    try:
        if front and decision.day is None:  # one rate for all plans
            plan = _with_front(compared, plan, clock, most[0])
        if explain:
            with clock.phase("explanation"):
                plan = explained(compared, decision, plan, most[1])
        plan = with_what_is_missing(plan, compared)
    except KeyboardInterrupt:
        plan = replace(plan, warnings=(*plan.warnings, "interrupted: not all is explained"))
    return plan


def _without_a_plan(study: Study, decision: Decision, clock: Clock) -> Plan:
    """No plan, with what stops it and what would mend it."""
    from recommender.disaggregation.repair import pools_repair

    with clock.phase("repairs"):
        plan = no_plan(study, decision)
        if decision.solution.outcome.status is Status.INFEASIBLE:
            found, decided = pools_repair(study)
            missed = () if decided or NOT_ALL_TRIED in plan.warnings else (NOT_ALL_TRIED,)
            plan = replace(
                plan, repairs=(*plan.repairs, *found), warnings=(*plan.warnings, *missed)
            )
    return replace(plan, seconds=clock.seconds)


def _of_pools(
    study: Study,
    decision: Decision,
    comparison: "Comparison",
    clock: Clock,
    *,
    explain: bool,
    write_lp: Path | None,
) -> Plan:
    """The plan of pools that win, or were asked for; it has no front."""
    from recommender.disaggregation.answer import no_pools, plan_with_pools
    from recommender.disaggregation.compare import nothing_found, program_of
    from recommender.disaggregation.repair import repairs_of_pools

    study = comparison.study or study
    if comparison.winner is None:
        plan = no_pools(study, nothing_found(comparison))
        if plan.status == str(Status.INFEASIBLE) and comparison.pools is not None:
            with clock.phase("repairs"):
                found = tuple(repairs_of_pools(study, comparison.pools, decision))
            plan = replace(
                plan,
                binding=(*plan.binding, *(cause for cause, _ in found)),
                repairs=tuple(repair for _, repair in found),
                warnings=(*plan.warnings, *((NOT_ALL_TRIED,) if study.deadline.is_over else ())),
            )
        return replace(plan, seconds=clock.seconds)
    if write_lp is not None:
        write_program(program_of(comparison), write_lp)
    with clock.phase("plan"):
        plan = plan_with_pools(study, decision, comparison, explain=explain)
        plan = with_what_is_missing(plan, study)
    return replace(_audited(study, plan, clock), seconds=clock.seconds)


def _planned(study: Study, decision: Decision, clock: Clock) -> Plan:
    """The bare plan, in its phase."""
    with clock.phase("plan"):
        return plan_of(study, decision)


def _with_front(study: Study, plan: Plan, clock: Clock, most: int | None) -> Plan:
    """The plan with the front of single-deployment plans."""
    with clock.phase("front"):
        return replace(plan, front=front_points(study, plan, most=most))


def _audited(study: Study, plan: Plan, clock: Clock) -> Plan:
    """The plan with what its audit found."""
    request = study.request
    with clock.phase("audit"):
        findings = audit(plan, request.spec, request.catalog, replay=study.simulates)
    return replace(plan, audit=findings)

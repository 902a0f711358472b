"""The plan whose prompts and tokens are served by pools of their own, with its explanation."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import replace

from recommender.assembly.assemble import Assembled
from recommender.decision.decision import Decision
from recommender.decision.study import Study
from recommender.disaggregation.compare import Comparison
from recommender.disaggregation.drafts_that_pay import drafts_that_pay
from recommender.disaggregation.margins import margins
from recommender.disaggregation.pools_of import TwoPools
from recommender.disaggregation.pools_of_day import cost_usd_per_h, objective_value
from recommender.disaggregation.pools_plan import PoolsParts, assemble_pools
from recommender.disaggregation.pools_plan_day import assemble_over_day
from recommender.disaggregation.search import Candidate, Found, Search
from recommender.explanation.day_condition import day_condition
from recommender.explanation.day_warnings import warnings_of_day
from recommender.explanation.fast_warnings import fast_warnings
from recommender.explanation.funnel import funnel_of
from recommender.explanation.in_time import NOT_PROVEN, is_unproven, why_open
from recommender.explanation.purchase_text import purchase_text
from recommender.explanation.warnings import warnings_of
from recommender.formulation.binding import binding_rows
from recommender.formulation.solve_pools import PoolsSolution
from recommender.plan import Assumption, Plan, PoolSplit, RunnerUp
from recommender.request.spec import Spec
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import DECIDED, proof_text
from recommender.wording import duration_text

WITHOUT = "replicas that compute prompts and tokens"
NOT_RULED_OUT = (
    "a better split of the budget, or a better plan without pools, was not ruled out in time; "
    "raise --time-limit"
)
Best = tuple[Candidate, PoolsSolution]
DELAYS = "a prompt beside them delays the tokens of others"


def plan_with_pools(
    study: Study, decision: Decision, comparison: Comparison, *, explain: bool
) -> Plan:
    """The plan of the pools that won; `decision` is the best without pools."""
    pools, search, found = comparison.pools, comparison.search, comparison.found
    assert pools is not None and search is not None and found is not None
    assert found.best is not None
    candidate, solution = found.best
    request, outcome = study.request, proven_with(decision, study, solution.outcome)

    def assembled(at: Study, bought: PoolsSolution) -> PoolsParts:
        return assemble_pools(
            at, pools, candidate, bought,
            simulate=study.simulates, without_pools=comparison.without_pools,
        )  # fmt: skip

    day = assemble_over_day(study, candidate, solution, assembled)
    parts, today = day.peak, datetime.date.today()
    objective = objective_value(solution, study.question)
    proven = outcome.status is Status.OPTIMAL
    plan = Plan(
        status=str(outcome.status),
        proof=proof_text(outcome),
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=request.model.id,
        targets=request.slo.targets,
        goodput=request.slo.goodput,
        deployments=parts.parts.deployments,
        nodes=parts.parts.nodes,
        placements=parts.parts.placements,
        totals=parts.parts.totals,
        pools=parts.split,
        periods=day.periods,
        objective=objective,
        bound=objective if proven else None,
        gap=0.0 if proven else None,
        solver=outcome.solver,
        assumptions=(*request.assumptions, *_assumptions(candidate, request.spec)),
        binding=tuple(_binding(study, found, candidate, solution, parts.split)),
        warnings=(
            *filter(None, (solution.outcome.message,)),
            *study.doubts,
            *(() if proven else (NOT_RULED_OUT,)),
            *warnings_of(request, parts.parts, today=today, periods=day.periods),
            *warnings_of_day(request, parts.parts, day.periods, today=today),
            *_warnings(study, candidate, parts.parts),
        ),
        funnel=funnel_of(study),
    )
    return _explained(plan, study, decision, search, found.best) if explain else plan


def _explained(plan: Plan, study: Study, decision: Decision, search: Search, best: Best) -> Plan:
    """The plan with what its margins cost, whether drafts pay, and the best without pools."""
    candidate, solution = best
    return replace(
        plan,
        ledger=margins(study, search, candidate, cost_usd_per_h(solution, study.question)),
        binding=(*plan.binding, *_condition(study, search.pools), *drafts_that_pay(study)),
        runners_up=tuple(_runners_up(study, decision, plan)),
    )


def _condition(study: Study, pools: TwoPools) -> Iterator[str]:
    """What the optimum rests on where not every kind was simulated in every split."""
    yield from day_condition(study.request)
    counted = [pool.simulated_and_bounded() for pool in (pools.prefill, pools.decode)]
    simulated, bounded = (sum(counts) for counts in zip(*counted, strict=True))
    if study.simulates and bounded:
        yield (
            f"condition: {simulated} kinds of replica, each in a part of a split, were simulated; "
            f"{bounded} others were left out by bounds on their rates, closed forms at their upper "
            "95 % limit: the optimum holds where these do"
        )


def proven_with(decision: Decision, study: Study, outcome: Outcome) -> Outcome:
    """The outcome of pools: with `--disaggregate auto` they are best if the rest is decided too.

    What rests on doubts is never best.
    """
    if study.doubts and outcome.status is Status.OPTIMAL:
        return replace(outcome, status=Status.FEASIBLE, proof=())
    undecided = decision.solution.outcome.status not in DECIDED
    if study.request.spec.disaggregate == "only" or not undecided:
        return outcome
    if outcome.status is not Status.OPTIMAL:
        return outcome
    return replace(outcome, status=Status.FEASIBLE, proof=())


def _assumptions(candidate: Candidate, spec: Spec) -> Iterator[Assumption]:
    """What pools take for granted."""
    provider, region = candidate.site
    yield Assumption(
        "pools",
        f"prefill and decode replicas both at {provider} {region}, on one network, with "
        f"{candidate.formats[0]} weights and {candidate.formats[1]} KV cache; a node is in one "
        "pool; the decode side emits every token",
        "--disaggregate never",
    )
    if spec.prefix_hit:
        yield Assumption(
            "prefix hits in pools",
            f"prefill replicas find {spec.prefix_hit:.0%} of prompt tokens and compute the rest; "
            "caches move whole, for a decode replica finds none",
            "--prefix-hit",
        )
    if spec.periods:
        yield Assumption(
            "pools over the day",
            "one split of the budget, format and site for all periods; nodes stay in their pool",
            "--profile",
        )
    if spec.speculative is not None:
        yield Assumption(
            "drafts in pools",
            "both pools have the layer that drafts: prompts pass through it, and its cache moves "
            "with the others; decode replicas draft",
            "--speculative",
        )


def _binding(
    study: Study, found: Found, candidate: Candidate, solution: PoolsSolution, split: PoolSplit
) -> Iterator[str]:
    """Which split won, which rows bind, and what it gains."""
    best = "the best" if found.decided else "the best found in time"
    first = split.parts[0]
    yield (
        f"split of the budget: {duration_text(first.prefill_limit_s)} prefill, "
        f"{duration_text(first.transfer_limit_s)} KV transfer, "
        f"{duration_text(first.decode_limit_s)} decode side, {best} of {found.considered} splits, "
        "formats and sites"
    )
    if not solution.over_day:
        yield from _rows(solution)
    gain = _gain_pct(study, split, solution)
    if gain is not None:
        what = f"{abs(gain):.3g} % of {study.question.objectives[0]}"
        yield f"pools {'save' if gain >= 0 else 'lose'} {what} against {WITHOUT}"


def _rows(solution: PoolsSolution) -> Iterator[str]:
    """Rows without room; a choice of theta inside the program is no promise."""
    counts = {group.name: n for pairs in solution.bought.values() for group, n in pairs}
    names = [
        name
        for program in solution.programs
        for name in binding_rows(program, counts)
        if not name.startswith(("one_theta[", "theta["))
    ]
    if names:
        yield f"binding rows: {', '.join(dict.fromkeys(names))}"


def _gain_pct(study: Study, split: PoolSplit, solution: PoolsSolution) -> float | None:
    if split.without_pools is None:
        return None
    ours = objective_value(solution, study.question)
    return 100 * (split.without_pools - ours) / split.without_pools


def _runners_up(study: Study, decision: Decision, plan: Plan) -> Iterator[RunnerUp]:
    """The best plan without pools, and what it loses."""
    assert plan.totals is not None
    if decision.is_open:
        yield RunnerUp(WITHOUT, "", None, None, None, None, why_open(decision))
        return
    if not decision.purchase:
        yield RunnerUp(WITHOUT, "no plan", None, None, None, None, "infeasible")
        return
    totals, cost = plan.totals, decision.cost_usd_per_h
    ours = totals.cost_usd_per_h if decision.day is None else totals.mean_cost_usd_per_h or 0.0
    yield RunnerUp(
        WITHOUT,
        purchase_text(study, decision.purchase),
        cost,
        100 * (cost - ours) / ours,
        None,
        sum(group.nameplate_w * count for group, count in decision.purchase),
        f"{DELAYS}; {NOT_PROVEN}" if is_unproven(decision) else DELAYS,
    )


def _warnings(study: Study, candidate: Candidate, parts: Assembled) -> Iterator[str]:
    yield from fast_warnings(study, parts)
    provider, region = candidate.site
    offers = len({d.offer for d in parts.deployments})
    yield (
        f"pools: caches move between the nodes at the network rate of their offers; ask {provider} "
        f"whether its nodes in {region} stand on one such network"
        + (f" ({offers} kinds of offer are used)" if offers > 1 else "")
    )
    degrees: Mapping[str, set[int]] = {
        pool: {d.tp for d in parts.deployments if d.pool == pool} for pool in ("prefill", "decode")
    }
    if degrees["prefill"] != degrees["decode"]:
        yield (
            "pools: prefill and decode replicas differ in tensor parallelism; the engine's KV "
            "connector must map caches between the two"
        )


def no_pools(study: Study, reason: tuple[str, bool]) -> Plan:
    """`--disaggregate only` without a plan: why, and whether that is certain."""
    request, (why, certain) = study.request, reason
    return Plan(
        status=str(Status.INFEASIBLE if certain else Status.NOT_REACHED),
        proof="",
        spec=request.spec.model_dump(mode="json", exclude_none=True),
        model=request.model.id,
        targets=request.slo.targets,
        assumptions=request.assumptions,
        binding=(why,),
        funnel=funnel_of(study),
    )

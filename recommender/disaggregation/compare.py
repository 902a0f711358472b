"""With pools or without: the better plan wins, the other one is a runner-up.

pools win     their objectives, in turn and in canonical units, are below those of the plan
              whose replicas do both (a tie is for the simpler one), or there is no such plan
pools lose    the search stops where no pools can cost less: the report has that bound
"""

from dataclasses import dataclass, replace

from recommender.clock import Clock
from recommender.deadline import moment_after
from recommender.decision.closed_forms import LATE, NOT_SIMULATED
from recommender.decision.cut_short import GRACE_S
from recommender.decision.decision import Decision, value_of
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.trust import closed_forms_serve
from recommender.disaggregation.not_compared import FLAG, NOT_COMPARED
from recommender.disaggregation.pools_of import TwoPools, two_pools, why_not
from recommender.disaggregation.pools_of_day import price_units
from recommender.disaggregation.search import Candidate, Found, Search, Value
from recommender.errors import SpecError
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.pools import program
from recommender.formulation.sized_group import sized
from recommender.formulation.solve_pools import PoolsSolution
from recommender.plan import Plan, RunnerUp
from recommender.program.canonical import PRICE_UNITS_PER_USD, RateUnit
from recommender.program.program import Program
from recommender.relative import percent_of
from recommender.solvers.outcome import Status

UNDECIDED = {Status.OPTIMAL: Status.FEASIBLE, Status.INFEASIBLE: Status.NOT_REACHED}
"""Status without pools -> status while pools are not decided."""
NOT_RULED_OUT = (
    "this is a plan without pools; whether prefill and decode pools are better was not decided in "
    "time: raise --time-limit"
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Comparison:
    """What the search over pools found, against a decision without pools.

    Attributes
    ----------
    refused
        Why pools were not compared; empty when they were.
    study
        What the answer rests on: rates, time, doubts.
    """

    pools: TwoPools | None = None
    search: Search | None = None
    found: Found | None = None
    refused: str = ""
    without_pools: float | None = None

    asked_only: bool = False
    study: Study | None = None

    @property
    def decides(self) -> bool:
        """Whether the answer is about pools: they win, or nothing else was asked for."""
        return self.asked_only or self.winner is not None

    @property
    def asked_in_vain(self) -> bool:
        """Whether nothing but pools was asked for, and a whole search found none."""
        return self.asked_only and self.winner is None and not self.interrupted

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the search."""
        return self.found is not None and self.found.interrupted

    @property
    def winner(self) -> tuple[Candidate, PoolsSolution] | None:
        """The pools, where they win."""
        return None if self.found is None else self.found.best


def compare(study: Study, decision: Decision, clock: Clock) -> Comparison:
    """Search for pools that beat the decision, as `--disaggregate` asks.

    Raises SpecError where pools are asked for and cannot be had for this request.
    """
    asked = study.request.spec.disaggregate
    if asked == "never" or decision.interrupted:
        return Comparison()
    refused = why_not(study.request, study.question)
    if refused and asked == "only":
        raise SpecError(f"{FLAG} only: {refused}")
    if refused:
        return Comparison(refused=refused)
    bought = decision.purchase if asked == "auto" else ()
    with clock.phase("prefill and decode pools"):
        pools = two_pools(study)
        search = Search(study, pools)
        found = _searched(search, ceiling(study, decision) if bought else None)
        serve = closed_forms_serve(study.request, study.table.law)
        if asked == "only" and found.is_late and serve:
            study, search, found = _on_closed_forms(study, search, found)
    objective = study.question.objectives[0]
    return Comparison(
        study=study,
        pools=search.pools,
        search=search,
        found=found,
        without_pools=value_of(objective, decision) if decision.purchase else None,
        asked_only=asked == "only",
    )


def _searched(search: Search, most: Value | None) -> Found:
    """The search; an interrupt ends it undecided, and the plan without pools stands."""
    try:
        return search.best(ceiling=most)
    except KeyboardInterrupt:
        return replace(search.undecided(), interrupted=True)


def _on_closed_forms(study: Study, late: Search, open_: Found) -> tuple[Study, Search, Found]:
    """Pools on closed forms, in a moment of their own, where time did not suffice for any.

    As `decision.closed_forms`: the plan of `--fast`, never called optimal.
    """
    request, rate = study.request, study.rates.rate
    doubts = (*study.doubts, NOT_SIMULATED if study.simulates else LATE)
    rates = Rates(study.table.law, request.workload, request.slo, Trust.SAFE, rate=rate)
    safe = replace(study.with_rates(rates), doubts=doubts)
    within = replace(safe, deadline=moment_after(study.deadline, GRACE_S))
    search = Search(within, two_pools(within))
    found = _searched(search, None)
    if found.best is None:
        return study, late, open_
    return safe, search, replace(found, decided=False)


def program_of(comparison: Comparison) -> Program:
    """The program of both pools together, for the split that won."""
    assert comparison.search is not None and comparison.winner is not None
    if comparison.search.question.day is not None:  # a row for none of them is of both
        parts = comparison.winner[1].programs
        columns = (column for part in parts for column in part.columns)
        return Program(tuple(columns), tuple(row for part in parts for row in part.rows))
    pools = comparison.search.question_of(comparison.winner[0])
    return program(pools, objective=pools.whole.objectives[-1])


def ceiling(study: Study, decision: Decision) -> Value:
    """Objectives of a decision in canonical units: what pools must be below."""
    bought = decision.purchase
    if decision.day is not None:
        return (price_units(decision.cost_usd_per_h),)
    counts = {group.name: count for group, count in bought}
    columns = sized((group for group, _ in bought), RateUnit(study.question.demand_per_s))
    return tuple(
        float(sum(ATTRIBUTES[name](column) * counts[column.name] for column in columns))
        for name in study.question.objectives
    )


def with_comparison(plan: Plan, study: Study, comparison: Comparison) -> Plan:
    """A plan without pools that says what became of them."""
    if comparison.refused:
        line = replace(NOT_COMPARED, value=f"compute prompts and tokens: {comparison.refused}")
        return replace(plan, assumptions=(*plan.assumptions, line))
    if comparison.found is None:
        return plan
    runner = _loser(study, comparison.found, comparison.without_pools)
    if not comparison.found.decided:
        plan = _with_pools_open(plan)
    if plan.totals is None:
        return replace(plan, binding=(*plan.binding, f"{runner.restriction}: {runner.reason}"))
    return replace(plan, runners_up=(*plan.runners_up, runner))


def status_with(comparison: Comparison, status: Status) -> Status:
    """Status of a decision without pools, where pools that are not decided may change it."""
    if comparison.found is None or comparison.found.decided:
        return status
    return UNDECIDED.get(status, status)


def _with_pools_open(plan: Plan) -> Plan:
    """A plan without pools, or none, where pools were not decided: its bound is not theirs."""
    if plan.totals is None and plan.status not in UNDECIDED:
        return plan
    status = str(UNDECIDED.get(Status(plan.status), plan.status))
    said = (*plan.warnings, NOT_RULED_OUT) if plan.totals is not None else plan.warnings
    return replace(plan, status=status, proof="", bound=None, gap=None, warnings=said)


def _loser(study: Study, found: Found, cost: float | None) -> RunnerUp:
    """Pools that do not win: the bound on what they cost."""
    what = "prefill and decode pools"
    if not found.decided:
        reason = "not decided in time"
        return RunnerUp(what, "", None, None, None, None, reason)
    if found.bound is None:
        reason = f"none of {found.considered} splits, formats and sites meets targets and limits"
        return RunnerUp(what, "no plan", None, None, None, None, reason)
    if study.question.objectives[0] != "cost" or cost is None:
        return RunnerUp(what, "", None, None, None, None, "every split is worse")
    least = found.bound / PRICE_UNITS_PER_USD
    pct = percent_of(least - cost, cost)
    reason = f"at least that, over {found.considered} splits, formats and sites"
    return RunnerUp(what, "bound", least, pct, None, None, reason)


def nothing_found(comparison: Comparison) -> tuple[str, bool]:
    """Why `--disaggregate only` has no plan, and whether that is certain."""
    found = comparison.found
    if found is None or not found.decided:
        return "pools: not decided in time", False
    return (
        f"no pools meet the request: {found.considered} splits of the latency budget, formats and "
        "sites were tried",
        True,
    )

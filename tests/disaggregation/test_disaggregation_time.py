"""Pools that time does not suffice for: what is known stays, and nothing is called best."""

from dataclasses import replace

import pytest

from recommender.clock import Clock
from recommender.deadline import Deadline, OutOfTime
from recommender.decision.closed_forms import LATE, NOT_SIMULATED
from recommender.decision.rates import Trust
from recommender.disaggregation import compare as comparing
from recommender.disaggregation.answer import plan_with_pools, proven_with
from recommender.disaggregation.asked import before_pools, for_pools
from recommender.disaggregation.compare import (
    NOT_RULED_OUT,
    Comparison,
    compare,
    status_with,
    with_comparison,
)
from recommender.disaggregation.margins import margins
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.search import Search
from recommender.engine import decide
from recommender.explanation.in_time import NOT_IN_TIME
from recommender.explanation.plan_of import plan_of
from recommender.fronts.front_axes import axes_of
from recommender.fronts.pools_front import front_of_pools
from recommender.progress import SILENT
from recommender.solvers.outcome import Outcome, Status

OVER = Deadline(0.0)


@pytest.fixture
def decided(study):
    """A request with `--disaggregate auto`, and its decision without pools."""
    return decide(study(disaggregate="auto"), Clock(SILENT))


def test_a_plan_is_not_optimal_while_pools_are_open(decided):
    study, decision = decided
    comparison = compare(replace(study, deadline=OVER), decision, Clock(SILENT))
    assert comparison.winner is None and not comparison.found.decided
    alone = plan_of(study, decision)
    assert alone.status == "optimal" and alone.proof
    plan = with_comparison(alone, study, comparison)
    assert (plan.status, plan.proof, plan.bound, plan.gap) == ("feasible", "", None, None)
    assert NOT_RULED_OUT in plan.warnings
    assert plan.runners_up[-1].reason == NOT_IN_TIME


def test_a_plan_cut_short_claims_no_bound_while_pools_are_open(decided):
    """A bound on plans without pools says nothing of pools, which may be much cheaper."""
    study, decision = decided
    comparison = compare(replace(study, deadline=OVER), decision, Clock(SILENT))
    late = replace(plan_of(study, decision), status="feasible", proof="", gap=0.01)
    plan = with_comparison(late, study, comparison)
    assert (plan.status, plan.bound, plan.gap) == ("feasible", None, None)
    assert NOT_RULED_OUT in plan.warnings


@pytest.mark.parametrize(
    ("status", "then"),
    [
        (Status.OPTIMAL, Status.FEASIBLE),
        (Status.INFEASIBLE, Status.NOT_REACHED),
        (Status.FEASIBLE, Status.FEASIBLE),
    ],
)
def test_statuses_without_pools_say_less_while_pools_are_open(status, then, decided):
    study, decision = decided
    late = compare(replace(study, deadline=OVER), decision, Clock(SILENT))
    assert status_with(late, status) is then
    assert status_with(Comparison(), status) is status
    plan = with_comparison(replace(plan_of(study, decision), status=str(status)), study, late)
    assert plan.status == str(then)


def test_the_best_of_settled_kinds_is_kept_when_the_time_is_up(study, monkeypatch):
    """Closed forms are settled at once; the time ends before the first candidate is taken."""
    asked = study(disaggregate="only")
    search = Search(asked, two_pools(asked))
    whole = search.best()
    assert whole.decided and whole.best is not None
    checks: list[int] = []

    def check(self):
        checks.append(1)
        if len(checks) == 2:  # the first candidate is solved, the second not looked at
            raise OutOfTime

    monkeypatch.setattr(Deadline, "check", check)
    part = Search(asked, two_pools(asked)).best()
    assert not part.decided and part.best is not None
    assert part.considered == whole.considered
    assert part.best[1].outcome.status is Status.FEASIBLE and part.best[1].outcome.proof == ()
    assert part.best[1].objectives >= whole.best[1].objectives


def test_what_is_settled_is_the_answer_also_where_the_time_is_up_by_then(study, monkeypatch):
    """The last candidate is solved and settled within the time: nothing is left to do."""
    asked = study(disaggregate="only")
    search = Search(asked, two_pools(asked))
    best, _ = search.best().best
    checks: list[int] = []

    def check(self):
        checks.append(1)
        if len(checks) == 2:
            raise OutOfTime

    monkeypatch.setattr(Deadline, "check", check)
    found = Search(asked, two_pools(asked)).best(only=best)
    assert found.decided and found.best[1].outcome.status is Status.OPTIMAL


def test_a_solve_that_finds_no_plan_in_time_leaves_what_was_settled(study, monkeypatch):
    asked = study(disaggregate="only")
    solve, solved = Search.solve, []

    def out_of_time(self, candidate):
        solved.append(candidate)
        found = solve(self, candidate)
        if len(solved) == 1:
            return found
        late = replace(found.outcome, status=Status.NOT_REACHED)
        return replace(found, bought={}, objectives=(), outcome=late)

    monkeypatch.setattr(Search, "solve", out_of_time)
    found = Search(asked, two_pools(asked)).best()
    assert len(solved) == 2 and not found.decided
    assert found.best is not None and found.best[0] is solved[0]
    assert found.best[1].outcome.status is Status.FEASIBLE


def test_a_candidate_that_was_not_proven_leaves_no_claim(study, monkeypatch):
    asked = study(disaggregate="only")
    solve = Search.solve

    def feasible(self, candidate):
        found = solve(self, candidate)
        if found.outcome.status is not Status.OPTIMAL:
            return found
        return replace(found, outcome=replace(found.outcome, status=Status.FEASIBLE))

    monkeypatch.setattr(Search, "solve", feasible)
    found = Search(asked, two_pools(asked)).best()
    assert found.best is not None and found.best[1].outcome.status is Status.FEASIBLE
    assert not found.decided
    front = front_of_pools(asked, axes_of("cost,power"), step=1, progress=SILENT)
    assert not front.complete and not front.points


def test_pools_that_win_are_best_only_if_the_rest_is_decided(decided):
    study, decision = decided
    outcome = Outcome(Status.OPTIMAL, proof=("exact:exact_cover",))
    assert proven_with(decision, study, outcome) == outcome
    feasible = replace(decision.solution.outcome, status=Status.FEASIBLE)
    late = replace(decision, solution=replace(decision.solution, outcome=feasible))
    assert proven_with(late, study, outcome).status is Status.FEASIBLE
    spec = study.request.spec.model_copy(update={"disaggregate": "only"})
    only = replace(study, request=replace(study.request, spec=spec))
    assert proven_with(late, only, outcome) == outcome


def test_margins_of_pools_without_time_have_no_price(study):
    asked = study(disaggregate="only")
    search = Search(asked, two_pools(asked))
    candidate, _ = search.best().best
    late = replace(asked, deadline=OVER)
    lines = {line.margin: line for line in margins(late, search, candidate, 100.0)}
    for name in ("burst headroom", "redundancy"):
        assert lines[name].note == NOT_IN_TIME and lines[name].price_usd_per_h is None


@pytest.mark.parametrize(("fast", "said"), [("false", NOT_SIMULATED), ("true", LATE)])
def test_pools_alone_are_found_on_closed_forms_when_the_time_is_up(study, fast, said):
    asked = study(disaggregate="only", fast=fast)
    _, decision = decide(study(disaggregate="only"), Clock(SILENT))
    late = compare(replace(asked, deadline=OVER), decision, Clock(SILENT))
    best = Search(study(disaggregate="only"), two_pools(study(disaggregate="only"))).best().best
    assert late.winner is not None and late.study is not None
    assert late.winner[1].objectives == best[1].objectives
    assert late.study.rates.trust is Trust.SAFE and late.study.deadline.is_over
    plan = plan_with_pools(late.study, decision, late, explain=False)
    assert (plan.status, plan.proof, plan.bound) == ("feasible", "", None)
    assert said in plan.warnings


def test_nothing_is_made_up_where_closed_forms_have_none_either(study, monkeypatch):
    asked = study(disaggregate="only", fast="false")
    _, decision = decide(study(disaggregate="only"), Clock(SILENT))
    monkeypatch.setattr(comparing, "GRACE_S", 0.0)
    late = compare(replace(asked, deadline=OVER), decision, Clock(SILENT))
    assert late.winner is None and late.found is not None and not late.found.decided
    assert late.study is not None and not late.study.doubts


def test_pools_alone_get_half_of_the_time(study):
    now = [0.0]
    clock = Deadline(60.0, lambda: now[0])
    only, auto = (
        replace(study(disaggregate=asked, fast="false"), deadline=clock)
        for asked in ("only", "auto")
    )
    assert before_pools(only).deadline.left_s == 30.0
    assert before_pools(auto).deadline.left_s == 60.0
    half = before_pools(only)
    assert for_pools(only, half, half).deadline.left_s == 60.0
    loaded = replace(half, deadline=half.deadline.later(3.0))  # the simulator took 3 s to load
    assert for_pools(only, half, loaded).deadline.left_s == 63.0
    # a decision that fell back to closed forms says nothing of pools
    safe = replace(study(disaggregate="only"), deadline=clock, doubts=(NOT_SIMULATED,))
    assert for_pools(only, half, safe) is only
    assert for_pools(auto, auto, safe) is safe

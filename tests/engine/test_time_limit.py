"""What the time limit leaves out is named, and nothing that it ended is called optimal.

Clocks are counters: a deadline is over after so many decisions, whatever they take.
"""

from dataclasses import replace

import pytest

from recommender import Spec, recommend
from recommender.clock import Clock
from recommender.deadline import Deadline, deadline_in
from recommender.decision.closed_forms import NOT_SIMULATED
from recommender.decision.cut_short import out_of_time
from recommender.decision.decider import Decider
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.engine import decide
from recommender.explanation.explained import explained
from recommender.explanation.in_time import NOT_IN_TIME, NOT_PROVEN, with_what_is_missing
from recommender.explanation.ledger import AT_LEAST, ledger
from recommender.explanation.plan_of import plan_of
from recommender.explanation.runners_up import ONE_DEPLOYMENT, runners_up
from recommender.explanation.what_stops import NOT_LOOKED_FOR
from recommender.fronts.front_points import front_points
from recommender.progress import SILENT
from recommender.solvers.outcome import Status

ASKED = {"model": "8b", "qps": "40", "p99": "500ms", "gpu": "H100,L40S,L4"}
OVER = Deadline(0.0)


@pytest.fixture(scope="module")
def decided(facts):
    """A study without hurry, and its decision on closed forms."""
    study = study_of(Spec(**ASKED, fast=True), catalog=facts, deadline=deadline_in(3600))
    return decide(study, Clock(SILENT))


@pytest.fixture
def decisions(monkeypatch):
    """The deadlines that decisions were given, one entry per decision begun."""
    begun: list[Deadline] = []
    before = Decider.decide

    def counted(self, market, question, **more):
        begun.append(more["deadline"])
        no_hurry = {"deadline": deadline_in(3600)}  # only the number of decisions counts here
        return before(self, market, question, **(more | no_hurry))

    monkeypatch.setattr(Decider, "decide", counted)
    return begun


def after(count, begun):
    """Over once so many decisions have begun."""
    return Deadline(float(count), now=lambda: float(len(begun)))


def test_without_time_every_explanation_is_named_and_none_is_invented(decided):
    study, decision = decided
    late = replace(study, deadline=OVER)
    plan = with_what_is_missing(explained(late, decision, plan_of(late, decision), 2), late)
    whole = explained(study, decision, plan_of(study, decision), 2)
    assert [line.margin for line in plan.ledger] == [line.margin for line in whole.ledger]
    assert all(line.note == NOT_IN_TIME for line in plan.ledger)
    assert all(line.price_usd_per_h is None for line in plan.ledger)
    named = {runner.restriction for runner in plan.runners_up}
    assert {r.restriction for r in whole.runners_up if "without" in r.restriction} <= named
    assert all(runner.reason == NOT_IN_TIME for runner in plan.runners_up)
    assert all(runner.cost_usd_per_h is None for runner in plan.runners_up)
    (warning,) = [text for text in plan.warnings if "left out" in text]
    for name in (*(line.margin for line in plan.ledger), *named):
        assert name in warning
    assert "raise --time-limit" in warning
    assert not any("left out" in text for text in with_what_is_missing(whole, study).warnings)


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6])
def test_no_decision_begins_when_the_time_is_up(count, decided, decisions):
    study, decision = decided
    late = replace(study, deadline=after(count, decisions))
    plan = explained(late, decision, plan_of(late, decision))
    assert len(decisions) == count
    missing = [x for x in (*plan.ledger, *plan.runners_up) if NOT_IN_TIME in str(x)]
    assert missing and set(decisions) <= {late.deadline}


def test_a_variant_that_is_not_proven_says_so(decided, monkeypatch):
    study, decision = decided
    before = Study.decide

    def feasible(self, **changes):
        found = before(self, **changes)
        outcome = replace(found.solution.outcome, status=Status.FEASIBLE, proof=())
        return replace(found, solution=replace(found.solution, outcome=outcome))

    monkeypatch.setattr(Study, "decide", feasible)
    headroom = next(line for line in ledger(study, decision) if line.margin == "burst headroom")
    assert headroom.note == AT_LEAST and headroom.price_usd_per_h is not None
    planned = [r for r in runners_up(study, decision) if r.cost_usd_per_h is not None]
    assert planned and all(r.reason.endswith(NOT_PROVEN) for r in planned)
    plan = explained(study, decision, plan_of(study, decision))
    assert not any("mixing saves" in text for text in plan.binding)
    assert ONE_DEPLOYMENT not in " ".join(plan.binding)


def test_no_plan_out_of_time_is_not_infeasible(decided, monkeypatch):
    study, decision = decided
    before = Study.decide

    def nothing(self, **changes):
        found = before(self, **changes)
        outcome = replace(found.solution.outcome, status=Status.NOT_REACHED, values={})
        return replace(found, purchase=(), solution=replace(found.solution, outcome=outcome))

    monkeypatch.setattr(Study, "decide", nothing)
    for runner in runners_up(study, decision):
        assert (runner.description, runner.reason) == ("", NOT_IN_TIME)
    assert all(line.note == NOT_IN_TIME for line in ledger(study, decision))


def test_points_of_the_front_stay_closed_forms_when_the_time_is_up(facts):
    spec = Spec(**(ASKED | {"gpu": "L40S"}))
    study, decision = decide(
        study_of(spec, catalog=facts, deadline=deadline_in(3600)), Clock(SILENT)
    )
    frozen = replace(study.with_rates(study.rates.frozen()), deadline=OVER)
    plan = plan_of(study, decision)
    points = front_points(frozen, plan)
    assert len(points) > 1
    assert all(point.simulated == point.chosen for point in points)
    (warning,) = with_what_is_missing(replace(plan, front=points, warnings=()), frozen).warnings
    assert f"the simulation of {len(points) - 1} of {len(points)} points of the front" in warning


def test_a_plan_of_closed_forms_is_better_than_none_and_not_optimal(facts):
    spec = Spec(**(ASKED | {"gpu": "L40S", "time_limit": "0.001ms"}))
    plan = recommend(spec, catalog=facts)
    fast = recommend(Spec(**(ASKED | {"gpu": "L40S", "fast": True})), catalog=facts, explain=False)
    assert (plan.status, plan.proof) == ("feasible", "")
    assert 0.0 < plan.bound < plan.objective and 0.0 < plan.gap < 1.0  # by the demand alone
    (condition,) = (line for line in plan.binding if line.startswith("condition: "))
    assert condition.startswith("condition: 0 of ") and condition.endswith(
        "closed forms at their upper 95 % limit for the others: the gap holds where these do"
    )
    assert NOT_SIMULATED in plan.warnings
    assert all(finding.holds for finding in plan.audit)
    assert {d.rate_basis for d in plan.deployments} == {d.rate_basis for d in fast.deployments}
    assert plan.totals.cost_usd_per_h >= fast.totals.cost_usd_per_h - 1e-9


def test_an_infeasible_request_without_time_says_what_it_did_not_look_for(facts):
    spec = Spec(**ASKED, fast=True, budget="$0.5/h", max_nodes=1)
    study, decision = decide(study_of(spec, catalog=facts), Clock(SILENT))
    assert decision.solution.outcome.status is Status.INFEASIBLE
    from recommender.explanation import no_plan as module

    late = replace(study, deadline=Deadline(0.0, now=iter(range(10**6)).__next__))
    plan = module.no_plan(late, decision)
    assert plan.status == "infeasible" and not plan.repairs
    assert module.NOT_ALL_TRIED in plan.warnings
    assert plan.binding == (NOT_LOOKED_FOR,)


def test_goals_before_latency_leave_their_plan(facts, decisions):
    """The only decision in time is that of the least cost; its plan stands, with doubts."""
    spec = Spec(**(ASKED | {"gpu": "L40S", "minimize": "cost,latency:5%", "fast": True}))
    deadline = Deadline(1.0, now=lambda: float(len(decisions)))
    study = study_of(spec, catalog=facts, deadline=deadline)
    assert len(decisions) == 1 and study.deadline.is_over
    assert study.request.slo.primary.limit_s == pytest.approx(0.5)
    assert any("was not ruled out in time" in doubt for doubt in study.doubts)
    found = study.decide()
    cheapest = recommend(Spec(**(ASKED | {"gpu": "L40S", "fast": True})), catalog=facts)
    assert found.cost_usd_per_h <= 1.05 * cheapest.totals.cost_usd_per_h * (1 + 1e-6)
    plan = plan_of(study, found)
    assert (plan.status, plan.proof, plan.gap) == ("feasible", "", None)


def test_the_reason_says_what_helps():
    assert "--time-limit" in out_of_time(2) and "2 rounds" in out_of_time(2)

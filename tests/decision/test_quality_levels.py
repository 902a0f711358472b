"""Levels chosen outside of the program: quality, the goals around it, and one model for a day."""

from dataclasses import dataclass, replace
from math import ceil
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import recommend
from recommender.deadline import Deadline, deadline_in
from recommender.decision.each_model import best_of_models
from recommender.decision.limited_goals import canonical_use, goals_after, goals_before, limited
from recommender.decision.quality_objective import _first, levels_of, smallest_level
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.fronts.dominance import nondominated
from recommender.request.goals import goals_of, last_minimised
from recommender.request.spec_file import make_spec
from recommender.solvers.outcome import Outcome, Status

ASKED = {"qps": "20", "p99": "1s", "gpu": "H100,L40S", "fast": True}


@pytest.fixture(scope="module")
def study(facts):
    """Two models, on closed forms."""
    spec = make_spec(ASKED | {"model": "14b,8b"})
    return study_of(spec, catalog=facts, deadline=deadline_in(3600))


@given(st.integers(0, 40), st.integers(0, 41))
def test_bisection_finds_the_first_that_holds(count, first):
    expected = first if first < count else None
    assert _first(count, lambda at: at >= first) == expected


def test_smallest_level_is_the_first_of_all_levels_with_a_plan(study):
    best = study.decide(most_shortfall_pct=0.0).cost_usd_per_h
    assert best > study.decide().cost_usd_per_h
    question = replace(study.question, budget_usd_per_h=best - 0.01)
    limited_study = replace(study, question=question)
    levels = levels_of(study)
    feasible = [bool(limited_study.decide(most_shortfall_pct=level).purchase) for level in levels]
    assert feasible == sorted(feasible) and any(feasible) and not all(feasible)
    found = smallest_level(limited_study, levels, [])
    assert found is not None
    assert found.question.most_shortfall_pct == levels[feasible.index(True)]


def test_a_level_that_was_not_ruled_out_is_a_doubt(facts, monkeypatch):
    """Time does not suffice for the best level: what is found at the next one is no optimum."""
    decide = Study.decide

    def late(study, **changes):
        found = decide(study, **changes)
        if study.question.most_shortfall_pct != 0.0:
            return found
        outcome = Outcome(Status.NOT_REACHED)
        return replace(found, purchase=(), solution=replace(found.solution, outcome=outcome))

    spec = make_spec(ASKED | {"model": "14b,8b", "minimize": "quality"})
    sure = recommend(spec, catalog=facts, front=False, explain=False)
    assert (sure.status, sure.proof != "") == ("optimal", True)
    monkeypatch.setattr(Study, "decide", late)
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert (plan.status, plan.proof) == ("feasible", "")
    assert "a quality 0 % short of the best was not ruled out in time" in plan.warnings[0]


def test_goals_before_a_level_become_limits(study):
    goals = goals_of("cost,power:10%,quality:50%")
    question = goals_before(study.question, goals)
    assert (question.objective, question.then, question.tolerances) == ("cost", ("power",), (0.1,))
    bought = study.decide().purchase
    used = canonical_use("cost", bought), canonical_use("power", bought)
    within = limited(study.question, goals, bought)
    assert within.budget_usd_per_h == used[0] * 1.1
    assert within.power_w == used[1] * 1.5
    tight = limited(replace(study.question, budget_usd_per_h=1.0), goals, bought)
    assert tight.budget_usd_per_h == 1.0  # never looser than what is asked for


@pytest.mark.parametrize(
    ("text", "at", "objective", "then"),
    [
        ("quality,cost,power", 0, "cost", ("power",)),
        ("cost,quality", 1, "cost", ()),
        ("power,quality", 1, "power", ()),
        ("power,quality,cost", 1, "cost", ()),
        ("quality", 0, "quality", ()),
    ],
)
def test_what_remains_to_be_minimised(study, text, at, objective, then):
    question = goals_after(study.question, goals_of(text), at)
    assert (question.objective, question.then) == (objective, then)
    assert question.objectives[0] == last_minimised(goals_of(text))


@pytest.mark.parametrize(
    "goals", ["cost,latency:5%,power", "power,latency:10%", "power,quality,cost", "quality,power"]
)
def test_the_objective_of_a_plan_is_what_its_program_minimised(facts, goals):
    spec = make_spec(ASKED | {"model": "8b,14b", "minimize": goals, "max_nodes": 30})
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert plan.status == "optimal" and all(finding.holds for finding in plan.audit)


def test_the_front_of_two_models_is_that_of_both_fronts(facts):
    def points(names):
        asked = {"model": names, "gpu": "H100", "provider": "nebius", "single": True}
        spec = make_spec(ASKED | asked)  # the chosen plan is a point of the front as well
        plan = recommend(spec, catalog=facts, explain=False, most_front_points=None)
        assert plan.totals.quality in (50.0, 60.0)
        return {
            (round(p.cost_usd_per_h, 4), ceil(p.p99_s * 1e6 - 1e-3), p.power_w, -p.quality)
            for p in plan.front
        }

    both = points("14b=60,8b=50")
    apart = sorted(points("14b=60") | points("8b=50"))
    kept = nondominated(np.asarray(apart))
    assert both == {apart[int(i)] for i in kept}


@dataclass(frozen=True)
class _Decision:
    """As much of a decision as the choice looks at."""

    purchase: tuple
    cost_usd_per_h: float
    solution: object


@dataclass(frozen=True)
class _Solution:
    """Stands in for a solution."""

    outcome: Outcome
    gap: float | None = 0.01


def decision(model, cost, status=Status.OPTIMAL):
    """A decision that buys one group of a model, or nothing."""
    group = SimpleNamespace(usd_per_h=cost, model=model)
    outcome = Outcome(status, objective=1, bound=1)
    return _Decision(() if cost is None else ((group, 1),), cost, _Solution(outcome))


TABLE = SimpleNamespace(models=("a", "a", "b"), model=lambda position: "aab"[position])
COST = SimpleNamespace(objectives=("cost",))


def best_of(decisions):
    """The best of decisions by model; each may only look at its own kinds."""

    def decide(allowed, deadline):
        (model,) = {TABLE.model(p) for p in range(3) if allowed(p)}
        return decisions[model]

    deadline = Deadline(60.0, now=lambda: 0.0)
    return best_of_models(TABLE, COST, lambda position: True, decide, deadline)


def test_over_a_day_the_cheapest_model_is_taken():
    cheap, dear = decision("a", 3.0), decision("b", 4.0)
    assert best_of({"a": cheap, "b": dear}) is cheap
    assert best_of({"a": dear, "b": cheap}) is cheap
    nothing = decision("b", None, Status.INFEASIBLE)
    assert best_of({"a": dear, "b": nothing}) is dear
    assert not best_of({"a": nothing, "b": nothing}).purchase


def test_each_model_has_its_share_of_the_time_that_is_left():
    """Two models and 60 s: 30 s for the first, and what it left for the second."""
    passed = iter([0.0, 0.0, 10.0, 10.0])
    given: list[float] = []

    def decide(allowed, deadline):
        given.append(deadline.at_s)
        return decision("ab"[len(given) - 1], 3.0)

    deadline = Deadline(60.0, now=passed.__next__)
    best_of_models(TABLE, COST, lambda position: True, decide, deadline)
    assert given == [30.0, 60.0]  # 0 + 60/2, 10 + 50/1


def test_no_plan_is_not_infeasible_while_a_model_is_undecided():
    nothing = decision("a", None, Status.INFEASIBLE)
    late = decision("b", None, Status.NOT_REACHED)
    assert best_of({"a": nothing, "b": late}) is late


def test_a_bound_of_one_undecided_model_is_none_of_the_other():
    """The bound of a plan of 3 $/h says nothing of a model whose own bound may be 1 $/h."""
    cheap = decision("a", 3.0, Status.FEASIBLE)
    assert best_of({"a": cheap, "b": decision("b", 4.0)}) is cheap, "the only one that is open"
    for other in (decision("b", None, Status.NOT_REACHED), decision("b", 4.0, Status.FEASIBLE)):
        best = best_of({"a": cheap, "b": other})
        assert best.purchase == cheap.purchase
        assert best.solution.outcome.bound is None and best.solution.gap is None


def test_the_program_that_is_exported_states_the_choice(facts, tmp_path):
    path = tmp_path / "choice.lp"
    spec = make_spec(ASKED | {"model": "14b,8b"})
    recommend(spec, catalog=facts, front=False, explain=False, write_lp=path)
    text = path.read_text()
    assert "one_model" in text and text.count("serves") > 3

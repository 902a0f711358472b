"""What must not change the optimum, and what can move it one way only."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import group

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_single_service import solve_single_service

RATES = st.integers(20, 4000).map(lambda r: r / 16)
GROUP = st.builds(
    lambda rate, usd, watts, kind, zone: {
        "rate": rate,
        "usd": usd / 100,
        "nameplate_w": float(watts),
        "accelerator": f"type{kind}",
        "zone": f"z{zone}",
    },
    RATES,
    st.integers(50, 9000),
    st.integers(100, 9000),
    st.integers(0, 2),
    st.integers(0, 2),
)
QUESTIONS = st.builds(
    lambda groups, **rest: SingleService(
        groups=tuple(group(f"g{i}", **g) for i, g in enumerate(groups)), **rest
    ),
    st.lists(GROUP, min_size=2, max_size=9),
    demand_per_s=st.sampled_from([64.0, 512.0, 2048.0]),
    failures=st.integers(0, 2),
    headroom=st.sampled_from([0.0, 0.125]),
    power_w=st.sampled_from([None, None, 60_000.0]),
    max_types=st.sampled_from([None, 2]),
    survive=st.sampled_from([(), (), ("zone",)]),
)


def cost(question: SingleService) -> float:
    """Objective; infinite when infeasible."""
    objective = solve_single_service(question).outcome.objective
    return float("inf") if objective is None else objective


def every(question: SingleService, change: dict[str, float]) -> tuple[FailureGroup, ...]:
    """All groups with some attributes multiplied."""
    return tuple(
        replace(g, **{name: getattr(g, name) * factor for name, factor in change.items()})
        for g in question.groups
    )


@settings(max_examples=60, deadline=None)
@given(question=QUESTIONS, new=GROUP)
def test_one_more_group_never_costs(question, new):
    more = replace(question, groups=(*question.groups, group("new", **new)))
    assert cost(more) <= cost(question)


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_a_copy_of_a_group_changes_nothing(question):
    copy = replace(question.groups[0], name="copy", offer="copy")
    assert cost(replace(question, groups=(*question.groups, copy))) == cost(question)


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_demand_and_rates_scale_together(question):
    scaled = replace(
        question,
        groups=every(question, {"requests_per_s": 4.0}),
        demand_per_s=question.demand_per_s * 4,
    )
    assert cost(scaled) == cost(question)


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_prices_scale_the_optimum(question):
    scaled = replace(question, groups=every(question, {"usd_per_h": 8.0}))
    assert cost(scaled) == 8 * cost(question)


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_power_and_its_limit_scale_together(question):
    limit = None if question.power_w is None else question.power_w * 2
    scaled = replace(question, groups=every(question, {"nameplate_w": 2.0}), power_w=limit)
    assert cost(scaled) == cost(question)


@settings(max_examples=60, deadline=None)
@given(question=QUESTIONS)
def test_relaxing_never_hurts(question):
    best = cost(question)
    assert cost(replace(question, power_w=None)) <= best
    assert cost(replace(question, max_types=None)) <= best
    assert cost(replace(question, survive=())) <= best
    assert cost(replace(question, headroom=0.0)) <= best
    assert cost(replace(question, failures=max(0, question.failures - 1))) <= best
    assert cost(replace(question, demand_per_s=question.demand_per_s / 2)) <= best


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_the_optimum_as_a_budget_is_enough_and_one_unit_less_is_not(question):
    best = cost(question)
    if best == float("inf"):
        return
    assert cost(replace(question, budget_usd_per_h=best / 10_000)) == best
    assert cost(replace(question, budget_usd_per_h=(best - 1) / 10_000)) == float("inf")


@settings(max_examples=40, deadline=None)
@given(question=QUESTIONS)
def test_the_same_question_has_the_same_plan(question):
    first, second = solve_single_service(question), solve_single_service(replace(question))
    assert first.counts == second.counts and first.theta_per_s == second.theta_per_s

"""One model for a plan, or a mean of their quality: against every plan, and each model alone."""

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from single_service_cases import brute_force, group

from recommender.formulation.mixed_front import mixed_front
from recommender.formulation.model_search import minimise_over_models
from recommender.formulation.single_service import RackLimit, SingleService
from recommender.formulation.solve_single_service import solve_single_service
from recommender.formulation.spare_search import minimise
from recommender.solvers import prove
from recommender.solvers.outcome import Outcome, Status

BIG = {"model": "big", "quality": 68.0}
SMALL = {"model": "small", "quality": 48.0}
DEMANDS = [20.0, 25.0, 32.0, 40.0, 50.0]
"""Divisors of 100,000: no rate loses a part of a unit, as 20 of 60 does, of which it takes 4."""


def cost(question):
    """Least cost, None without a plan."""
    solution = solve_single_service(question)
    if not solution.counts:
        return None
    return sum(solution.groups[name].usd_per_h * n for name, n in solution.counts.items())


def models_of(question):
    """Models of the best plan."""
    return {group.model for group in solve_single_service(question).groups.values()}


@st.composite
def questions(draw, big=2, small=2):
    """A few groups of two models, with N+0 or N+1 and now and then a limit."""
    groups = tuple(
        group(
            f"{model['model'][0]}{i}",
            draw(st.integers(20, 60)),
            float(draw(st.integers(5, 60))),
            stock=draw(st.sampled_from([None, None, 1, 2])),
            accelerator=draw(st.sampled_from(["h", "l"])),
            accelerators=draw(st.sampled_from([1, 4, 8])),
            **model,
        )
        for model, most in ((BIG, big), (SMALL, small))
        for i in range(draw(st.integers(1, most)))
    )
    return SingleService(
        groups=groups,
        demand_per_s=draw(st.sampled_from(DEMANDS)),
        headroom=0.0,
        failures=draw(st.integers(0, 1)),
        max_types=draw(st.sampled_from([None, None, 1])),
        power_w=draw(st.sampled_from([None, 5000.0])),
        one_model=True,
    )


@settings(max_examples=60, deadline=None)
@given(questions())
def test_one_model_is_the_best_of_each_alone(question):
    alone = [
        cost(replace(question, groups=tuple(g for g in question.groups if g.model == name)))
        for name in ("big", "small")
    ]
    found = [c for c in alone if c is not None]
    assert cost(question) == (pytest.approx(min(found)) if found else None)
    if found:
        assert len(models_of(question)) == 1


@settings(max_examples=60, deadline=None)
@given(questions())
def test_one_model_against_every_plan(question):
    best = brute_force(question)
    assert cost(question) == (None if best is None else pytest.approx(best))


@settings(max_examples=40, deadline=None)
@given(questions(small=1), st.sampled_from([50.0, 58.0, 63.0, 68.0]))
def test_mean_quality_of_mixed_models_against_every_plan(question, least):
    mixed = replace(question, one_model=False, least_mean_quality=least)
    best = brute_force(mixed, waste=2)
    assert cost(mixed) == (None if best is None else pytest.approx(best))


@settings(max_examples=30, deadline=None)
@given(questions())
def test_more_models_and_less_quality_are_never_dearer(question):
    both = cost(question)
    mixed = [
        cost(replace(question, one_model=False, least_mean_quality=q)) for q in (None, 50, 60, 68)
    ]
    priced = [float("inf") if c is None else c for c in mixed]
    assert priced == sorted(priced)  # a higher least quality is never cheaper
    assert both is None or priced[0] <= both + 1e-9  # mixing may only help
    big = replace(question, groups=tuple(g for g in question.groups if g.model == "big"))
    alone = cost(big)
    assert alone is None or (both is not None and both <= alone + 1e-9)


@settings(max_examples=30, deadline=None)
@given(questions(), st.randoms(use_true_random=False))
def test_order_and_pruning_change_nothing(question, random):
    shuffled = list(question.groups)
    random.shuffle(shuffled)
    assert cost(replace(question, groups=tuple(shuffled))) == cost(question)
    assert cost(replace(question, prune=False)) == cost(question)


@settings(max_examples=25, deadline=None)
@given(questions())
def test_the_front_of_one_model_is_that_of_both_apart(question):
    def points(names):
        groups = tuple(g for g in question.groups if g.model in names)
        asked = replace(question, groups=groups)
        front = mixed_front(asked, first="cost", second="accelerators", time_limit_s=20)
        assert front.complete
        return {(p.first, p.second) for p in front.points}

    apart = points({"big"}) | points({"small"})
    best = {p for p in apart if not any(o != p and o[0] <= p[0] and o[1] <= p[1] for o in apart)}
    assert points({"big", "small"}) == best


LIMITS = st.sampled_from(
    [
        {"survive": ("provider",)}, {"min_spread": {"provider": 2}}, {"survive": ("zone",)},
        {"max_share": {"provider": 0.6}}, {"min_utilisation": 0.5}, {"max_nodes": 3},
        {"objectives": ("power", "cost")}, {"budget_usd_per_h": 60.0},
        {"objectives": ("cost", "power"), "tolerances": (0.2,)},
        {"racks": RackLimit(count=2, units=16, power_w=4000.0)},
        {"survive_rack": True, "failures": 0}, {"need_one_of": (("accelerator", ("l",)),)},
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(questions(), LIMITS, st.randoms(use_true_random=False))
def test_search_over_models_is_the_whole_program(question, limits, random):
    groups = tuple(
        replace(
            g, provider=random.choice("pq"), zone=random.choice("uv"), rack_units=8, rack_nodes=2
        )
        for g in question.groups
    )
    asked = replace(question, groups=groups, **limits)
    if asked.survive_rack:
        asked = replace(asked, groups=tuple(replace(g, stock=None) for g in groups))
    objective = asked.objectives[0]

    def solve(program, seconds):
        return prove.solve(program, time_limit_s=seconds)

    deadline = time.perf_counter() + 30
    whole = minimise(asked, objective, (), solve, deadline).outcome()
    apart = minimise_over_models(asked, objective, (), solve, deadline).outcome()
    assert (apart.status, apart.objective) == (whole.status, whole.objective)
    assert len(models_of(asked)) == (1 if apart.values else 0)


def test_two_cheap_halves_of_different_models_are_no_plan():
    # 40/s each for $10, one in stock; 80/s for $30: mixing costs $20, one model $30
    halves = (group("b", 40, 10.0, stock=1, **BIG), group("s", 40, 10.0, stock=1, **SMALL))
    question = SingleService(
        groups=(*halves, group("b2", 80, 30.0, **BIG)), demand_per_s=80.0, headroom=0.0, failures=0,
        one_model=True,
    )  # fmt: skip
    assert cost(question) == 30.0
    assert cost(replace(question, one_model=False)) == 20.0
    # (68 + 48) / 2 = 58 points in the mean
    assert cost(replace(question, one_model=False, least_mean_quality=58.0)) == 20.0
    assert cost(replace(question, one_model=False, least_mean_quality=58.001)) == 30.0


def test_a_model_whose_solves_failed_bounds_nothing():
    """The plan of the other model is a plan, and no bound: gap 1, not 0."""
    groups = (group("a", 50.0, 10.0, **SMALL), group("b", 50.0, 9.0, **BIG))
    asked = SingleService(groups=groups, demand_per_s=100.0, failures=0, one_model=True)

    def solve(program, seconds):
        if any(column.name == "b" for column in program.columns):
            return Outcome(Status.FAILED, message="crashed")
        return prove.solve(program, time_limit_s=seconds)

    found = minimise_over_models(asked, "cost", (), solve, time.perf_counter() + 30).outcome()
    assert (found.status, found.bound) == (Status.FEASIBLE, 0)

"""What if: each step is the answer to that value alone; what cannot change is not redone."""

from dataclasses import replace

import pytest

import recommender.what_if.what_if as module
from recommender import Spec, recommend
from recommender.deadline import Deadline
from recommender.decision.study_of import study_of
from recommender.report.sweep_table import basis, flips_text, sweep_section
from recommender.what_if.what_if import Step, what_if

SPEC = Spec(model="8b", qps="30", p99="500ms", gpu="H100,L40S,L4", fast=True)


def steps_of(spec, path, values, facts):
    return list(what_if(spec, path, values, catalog=facts))


@pytest.fixture
def studies(monkeypatch):
    """Counts how often replicas are sized and rated."""
    made = []

    def counted(spec, **more):
        made.append(spec)
        return study_of(spec, **more)

    monkeypatch.setattr(module, "study_of", counted)
    return made


def cost(facts, **changes):
    spec = Spec.model_validate(
        SPEC.model_dump(mode="json", exclude_none=True, exclude_unset=True) | changes
    )
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    return None if plan.totals is None else plan.totals.cost_usd_per_h


def test_every_step_has_the_whole_time_limit(facts, monkeypatch):
    """Also where a step takes sizes and rates of the first one."""
    given: list[Deadline] = []
    before = module.decide

    def heard(study, clock):
        given.append(study.deadline)
        return before(study, clock)

    monkeypatch.setattr(module, "decide", heard)
    steps_of(SPEC, "price.H100", ("-50%", "+0%", "+20%"), facts)
    assert len({deadline.at_s for deadline in given}) == 3
    assert [d.at_s for d in given] == sorted(d.at_s for d in given)


def test_a_sweep_over_prices_sizes_and_rates_once(studies, facts):
    steps = steps_of(SPEC, "price.H100", ("-50%", "-20%", "+0%", "+20%"), facts)
    assert len(studies) == 1
    assert [s.status for s in steps] == ["optimal"] * 4
    costs = [s.cost_usd_per_h for s in steps]
    assert costs == sorted(costs)  # dearer accelerators never make the plan cheaper
    assert costs[2] == cost(facts)  # +0 % is today


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("qps", ("10", "100")),
        ("redundancy", ("none", "n+2")),
        ("headroom", ("0%", "50%")),
        ("max_types", ("1", "3")),
    ],
)
def test_each_step_is_the_answer_to_that_value_alone(path, values, studies, facts):
    steps = steps_of(SPEC, path, values, facts)
    assert len(studies) == (2 if path == "qps" else 1)  # a replica's share of bursts is another
    assert [s.cost_usd_per_h for s in steps] == [cost(facts, **{path: v}) for v in values]


@pytest.mark.parametrize(
    ("path", "values"), [("p99", ("400ms", "2s")), ("gpu", ("L4", "H100")), ("isl", ("100", "4k"))]
)
def test_what_changes_replicas_is_sized_again(path, values, studies, facts):
    steps = steps_of(SPEC, path, values, facts)
    assert len(studies) == 2
    assert [s.cost_usd_per_h for s in steps] == [cost(facts, **{path: v}) for v in values]


def test_flips_are_marked_where_the_hardware_changes(facts):
    steps = steps_of(SPEC, "gpu", ("L4", "L4", "H100", "L4"), facts)
    assert [s.flips for s in steps] == [False, False, True, True]


def test_no_plan_is_a_flip_too(facts):
    steps = steps_of(SPEC, "budget", ("$0.01/h", "$100/h", "$0.01/h"), facts)
    assert [s.status for s in steps] == ["infeasible", "optimal", "infeasible"]
    assert [s.flips for s in steps] == [False, True, True]
    assert [s.cost_usd_per_h is None for s in steps] == [True, False, True]


def test_an_offer_without_stock_at_first_comes_back(facts):
    """stock 0 leaves the offer out of the market; with stock it must be there again."""
    winner = recommend(SPEC, catalog=facts, front=False, explain=False).nodes[0].offer
    none, some = steps_of(SPEC, f"stock.{winner}", ("0", "50"), facts)
    assert some.cost_usd_per_h == cost(facts)
    assert none.cost_usd_per_h > some.cost_usd_per_h
    again, without = steps_of(SPEC, f"stock.{winner}", ("50", "0"), facts)
    assert again.cost_usd_per_h == some.cost_usd_per_h
    assert without.cost_usd_per_h == none.cost_usd_per_h


def test_less_stock_never_makes_it_cheaper(studies, facts):
    winner = recommend(SPEC, catalog=facts, front=False, explain=False).nodes[0].offer
    costs = [s.cost_usd_per_h for s in steps_of(SPEC, f"stock.{winner}", ("50", "2", "1"), facts)]
    assert costs == sorted(costs)
    assert len(studies) == 1


def test_a_value_that_cannot_be_read_fails_alone(facts):
    good, bad, unknown = steps_of(SPEC, "qps", ("10", "NaN", "1e30"), facts)
    assert (good.status, bad.status, unknown.status) == ("optimal", "failed", "failed")
    assert "not a number" in bad.answer
    assert bad.cost_usd_per_h is None and not bad.flips


def test_an_unknown_path_says_what_was_meant(facts):
    (step,) = steps_of(SPEC, "qpss", ("1",), facts)
    assert step.status == "failed" and "did you mean qps?" in step.answer


def test_a_minimal_latency_is_found_anew_for_each_price(facts):
    """With the prices halved the same money buys a plan that is at least as fast. One kind of
    accelerator: what is minimised is the time with the margin for model error, which is wider for
    an H100 PCIe that was never run, so that its plan may be slower where it is as predicted.
    """
    spec = Spec(
        model="8b", qps="30", p99="500ms", gpu="H100 80GB SXM5", minimize="latency",
        budget="$20/h", fast=True,
    )  # fmt: skip
    dear, cheap = steps_of(spec, "price.H100", ("+0%", "-50%"), facts)
    assert cheap.p99_s <= dear.p99_s
    halved = replace(
        facts,
        offers={
            n: o.model_copy(update={"usd_per_h": o.usd_per_h / 2}) for n, o in facts.offers.items()
        },
    )
    alone = recommend(spec, catalog=halved, front=False, explain=False)
    assert cheap.cost_usd_per_h == pytest.approx(alone.totals.cost_usd_per_h)
    assert cheap.p99_s == pytest.approx(alone.totals.p99_s)


def test_a_step_rests_on_simulated_rates_like_the_main_command(facts):
    spec = SPEC.model_copy(update={"fast": False, "gpu": ("H100",), "provider": ("nebius",)})
    (step,) = steps_of(spec, "qps", ("30",), facts)
    plan = recommend(spec, catalog=facts, front=False, explain=False)
    assert step.rates == "simulated"
    assert (step.cost_usd_per_h, step.p99_s) == (plan.totals.cost_usd_per_h, plan.totals.p99_s)
    assert basis([step]) == "Rates and p99 are simulated."
    fast = replace(step, value="40", rates="closed form")
    assert basis([fast]) == "Rates are closed form; p99 is by closed forms. Nothing is simulated."
    mixed = basis([step, fast])
    assert mixed.startswith("Rates (p99 likewise): 30 simulated, 40 closed form. ")
    assert mixed.endswith("compare these steps without --fast.")  # else more money buys less


def _step(value, *, flips=False, status="optimal"):
    cost = None if status == "failed" else 1.0
    return Step(
        value=value,
        status=status,
        cost_usd_per_h=cost,
        p99_s=cost,
        power_nameplate_w=cost,
        nodes=1,
        accelerators=1,
        answer="",
        flips=flips,
    )


def test_a_flip_lies_between_two_values():
    """It was said to be at +0%, which is today's value: -10 % has the other answer."""
    steps = [_step("-10%"), _step("+0%", flips=True), _step("+10%"), _step("+20%", flips=True)]
    text = flips_text(steps)
    assert text.startswith(
        "The answer flips between -10% and +0%, between +10% and +20% (+0% is today's value)."
    )
    assert text in [getattr(block, "text", "") for block in sweep_section("qps", steps).blocks]
    assert flips_text(steps[:1]) == "The answer does not flip."


def test_a_value_that_failed_is_no_end_of_a_flip():
    steps = [_step("10"), _step("NaN", status="failed"), _step("30", flips=True)]
    assert flips_text(steps).startswith("The answer flips between 10 and 30. > marks")

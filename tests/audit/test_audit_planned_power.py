"""Power at planned load: by hand for a step law of round numbers, and changed in plans."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from audited_requests import ASKED

from recommender.audit import audit
from recommender.audit.planned_power import planned_w
from recommender.workload import Lengths

LENGTHS = Lengths(np.array([1000]), np.array([100]))
LAW = {
    "a": 0.010,
    "b": 0.001,
    "g": 0.0,
    "d": 1e-4,
    "q": 0.0,
    "max_batch": 8.0,
    "kv_tokens": 1e6,
    "ranks": 1.0,
    "step_j": 3.5,
    "sequence_j": 0.0,
    "prompt_j": 0.07,
}


@pytest.fixture
def two_of_eight(planned, facts):
    """(deployment, catalogue): two replicas of one H100 on a node of eight, 2 requests/s each."""
    offer = next(
        o
        for o in facts.offers.values()
        if o.accelerator == "H100 80GB SXM5" and o.node_accelerators == 8
    )
    d = replace(
        planned("8b")[0].deployments[0],
        offer=offer.name,
        accelerator=offer.accelerator,
        **{"tp": 1, "pp": 1, "adp": 1, "dp": 2, "instances_per_accelerator": 1},
        requests_per_s=4.0,
        tpot_p99_s=0.02,
        step_law=LAW,
    )
    assert facts.accelerators[offer.accelerator].tdp_w == 700
    return d, facts


def test_by_hand(two_of_eight):
    d, facts = two_of_eight
    # prompts: 2/s * 1000 * 1e-4 s = 0.2 of the time; 0.07 J / 1e-4 s = 700 W, 1 TDP
    # decoding: 2/s * 100 * 0.02 s = 4 at a time; 3.5 J / (0.010 + 4 * 0.001) s = 250 W
    tokens = 1 - exp(-4) - 0.2
    on_prompts, on_tokens = 0.17 + 0.78 * (1 - exp(-1)), 0.17 + 0.78 * (1 - exp(-250 / 700))
    chip_w = 700 * (0.12 * exp(-4) + on_prompts * 0.2 + on_tokens * tokens)
    host_w = (1500 + 700 * (0.2 + tokens)) / 8
    idle_w = 6 * (0.12 * 700 + 1500 / 8)  # six accelerators run nothing
    expected = 1.08 * (2 * (chip_w + host_w) + idle_w)
    assert planned_w(d, 8, facts, LENGTHS) == pytest.approx(expected)


def test_without_requests_all_of_it_is_idle(two_of_eight):
    d, facts = two_of_eight
    idle = replace(d, requests_per_s=0.0)
    assert planned_w(idle, 8, facts, LENGTHS) == pytest.approx(1.08 * 8 * (84 + 187.5))


def test_never_more_than_the_nameplate(two_of_eight):
    d, facts = two_of_eight
    offer = facts.offers[d.offer].model_copy(update={"nameplate_power_w": 2000.0})
    small = replace(facts, offers={**facts.offers, d.offer: offer})
    assert planned_w(d, 8, small, LENGTHS) == 2000.0
    assert planned_w(d, 4, small, LENGTHS) == 1000.0  # of half a node


def test_prompts_in_a_cache_take_no_time(two_of_eight):
    d, facts = two_of_eight
    found = Lengths(LENGTHS.input_tokens, LENGTHS.output_tokens, np.array([900]))
    # prompts: 2/s * 100 * 1e-4 s = 0.02 of the time, tokens the rest of 1 - exp(-4)
    assert planned_w(d, 8, facts, found) < planned_w(d, 8, facts, LENGTHS)
    fewer = Lengths(np.array([100]), LENGTHS.output_tokens)
    assert planned_w(d, 8, facts, found) == pytest.approx(planned_w(d, 8, facts, fewer))


@pytest.mark.parametrize("name", ASKED)
def test_finds_a_plan_of_less_power(name, planned, facts):
    """A hundredth less, everywhere it is stated: nothing else in the plan contradicts it."""
    plan, spec = planned(name)
    less = replace(
        plan,
        deployments=tuple(replace(d, power_w=0.99 * d.power_w) for d in plan.deployments),
        totals=replace(
            plan.totals,
            power_w=0.99 * plan.totals.power_w,
            energy_kwh_per_month=0.99 * plan.totals.energy_kwh_per_month,
            joules_per_output_token=0.99 * plan.totals.joules_per_output_token,
            carbon_kg_per_month=0.99 * plan.totals.carbon_kg_per_month
            if plan.totals.carbon_kg_per_month
            else None,
        ),
    )
    found = [f.promise for f in audit(less, spec, facts, replay=False) if not f.holds]
    assert found == [f"{d.name}: planned power" for d in plan.deployments]

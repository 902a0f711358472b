"""How the answer must move when the question does: no reference values, only directions.

Each solve is the whole engine on the closed forms of fast mode; costs are compared with the
tolerance of floats only.
"""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from recommender import Spec, recommend
from recommender.audit import audit
from recommender.clock import Clock
from recommender.decision.study_of import study_of
from recommender.engine import decide
from recommender.explanation.plan_of import plan_of
from recommender.progress import SILENT

BASES = {
    "8b": {"model": "8b", "qps": "40", "p99": "500ms", "gpu": "H100,L40S,L4"},
    "70b": {"model": "70b", "qps": "12", "p99": "1500ms", "gpu": "H100,H200,A100"},
    "236b": {"model": "236b", "qps": "40", "p99": "1s", "gpu": "H100,H200,B200"},
}

NAMES = ["8b", *(pytest.param(name, marks=pytest.mark.slow) for name in ("70b", "236b"))]


@pytest.fixture(scope="session")
def cost(facts):
    """(name of a base request, changed values) -> $/h, or infinity without a plan."""

    @cache
    def solved(name, changes):
        asked = {k: v for k, v in (BASES[name] | dict(changes)).items() if v is not None}
        return cost_of(Spec(**asked, fast=True), facts)

    return lambda name, **changes: solved(name, tuple(sorted(changes.items())))


def cost_of(spec, catalog):
    """Of one book of rates: `recommend` would ask the simulator before it says infeasible."""
    study = study_of(spec, catalog=catalog)
    decision = study.decide()
    assert decision.solution.outcome.status in ("optimal", "infeasible")
    if not decision.purchase:
        return np.inf
    plan = plan_of(study, decision)
    assert all(f.holds for f in audit(plan, spec, catalog, replay=False))
    return plan.totals.cost_usd_per_h


def rises(costs):
    """Never falls, beyond floating-point noise."""
    return all(b >= a * (1 - 1e-9) for a, b in pairwise(costs))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("key", "harder"),
    [
        ("qps", ("1", "5", "6", "20", "80", "500")),
        ("redundancy", ("none", "n+1", "n+2", "n+3")),
        ("headroom", ("0%", "10%", "20%", "21%", "100%")),
        ("confidence", ("50%", "80%", "95%", "99%")),
        ("p99", ("10s", "2s", "1500ms", "1s", "700ms", "500ms", "300ms", "200ms")),
        ("tpot_p99", ("500ms", "100ms", "50ms", "30ms", "20ms")),
        ("isl", ("100", "500", "1000", "4000", "12000")),
        ("burstiness", (0.5, 1.0, 1.2)),  # beyond 1.25 rates are simulated: another method
        ("max_types", (3, 2, 1)),
        ("precision", ("bf16,fp8,int8", "bf16,fp8", "bf16")),
    ],
)
def test_asking_for_more_never_costs_less(name, key, harder, cost):
    costs = [cost(name, **{key: value}) for value in harder]
    assert np.isfinite(costs[0])
    assert rises(costs), dict(zip(harder, costs, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_longer_outputs_never_cost_less(name, cost):
    """Under a target for the first token. (TPOT p99 is a mean over the tokens of a request, and
    stricter for short outputs: one prompt of another request in between weighs more.)"""
    target = {"p99": None, "ttft_p99": BASES[name]["p99"]}
    costs = [cost(name, osl=osl, **target) for osl in ("20", "100", "300", "1000")]
    assert rises(costs), costs


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("times", [2, 5])
def test_many_small_services_are_no_cheaper_than_a_large_one(name, times, cost):
    """`times` copies of the plan for Q carry times * Q, and survive the same losses."""
    rate = float(BASES[name]["qps"])
    assert cost(name, qps=f"{times * rate}") <= times * cost(name) * (1 + 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_single_deployment_is_no_cheaper_than_a_mixture(name, cost):
    assert rises([cost(name), cost(name, single=True)])


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_above_the_optimum_changes_nothing(name, cost):
    least = cost(name)
    assert cost(name, budget=f"${least + 0.01}/h") == least
    assert cost(name, power="100MW", max_nodes=10_000, max_accelerators=10**6) == least
    assert cost(name, budget=f"${least - 0.01}/h") == np.inf


def sold(facts, change):
    """The catalogue with its offers changed."""
    return replace(facts, offers=change(dict(facts.offers)))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [0.5, 2.0, 10.0])
def test_prices_scale_the_cost(name, factor, cost, facts):
    def dearer(offers):
        return {
            n: o.model_copy(update={"usd_per_h": o.usd_per_h * factor}) for n, o in offers.items()
        }

    spec = Spec(**BASES[name], fast=True)
    assert cost_of(spec, sold(facts, dearer)) == pytest.approx(factor * cost(name), rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [1, 2])
def test_more_offers_never_make_it_dearer(name, seed, cost, facts):
    random = np.random.default_rng(seed)
    kept = {n for n in facts.offers if random.random() < 0.5}
    more = kept | {n for n in facts.offers if random.random() < 0.5}
    spec = Spec(**BASES[name], fast=True)

    def only(names):
        return sold(facts, lambda offers: {n: o for n, o in offers.items() if n in names})

    costs = [cost_of(spec, only(kept)), cost_of(spec, only(more)), cost(name)]
    assert rises(costs[::-1])


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_offers_changes_nothing(name, facts):
    spec = Spec(**BASES[name], fast=True)
    random = np.random.default_rng(7)

    def shuffled(offers):
        names = list(offers)
        random.shuffle(names)
        return {n: offers[n] for n in names}

    def bought(catalog):
        plan = recommend(spec, catalog=catalog, front=False, explain=False)
        return sorted((n.offer, n.nodes) for n in plan.nodes), plan.totals

    assert bought(facts) == bought(sold(facts, shuffled)) == bought(sold(facts, shuffled))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_offer_under_another_name_changes_nothing(name, cost, facts):
    def doubled(offers):
        return offers | {f"{n} again": o.model_copy(update={"name": f"{n} again"})
                         for n, o in offers.items()}  # fmt: skip

    assert cost_of(Spec(**BASES[name], fast=True), sold(facts, doubled)) == cost(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "better", [{"memory_bandwidth_gb_per_s": 1.3}, {"memory_gb": 1.3}, {"flops": 1.3}]
)
def test_better_hardware_at_the_same_price_never_costs_more(name, better, cost, facts):
    """Every accelerator faster or larger by 30 %: every plan of before still holds.

    Without a margin for model error: hardware that was never run has a wider one.
    """
    asked = {"confidence": "50%"}
    peaks = ("fp32", "tf32", "fp16", "bf16", "fp8", "fp4")
    wanted = {f"{p}_tflops": 1.3 for p in peaks} | {"int8_tops": 1.3, "int4_tops": 1.3}
    factors = wanted if "flops" in better else better

    def improved(row):
        changes = {f: getattr(row, f) * x for f, x in factors.items() if getattr(row, f)}
        if "memory_gb" in changes and row.usable_memory_gib is not None:
            changes["usable_memory_gib"] = row.usable_memory_gib * 1.3
        return row.model_copy(update=changes)

    catalog = replace(
        facts, accelerators={n: improved(row) for n, row in facts.accelerators.items()}
    )
    before = cost(name, **asked)
    after = cost_of(Spec(**BASES[name], **asked, fast=True), catalog)
    assert rises([after, before]), (after, before)


def test_a_larger_model_costs_more(cost):
    """70b needs more than 8b of everything, at the same rate and targets."""
    asked = {"qps": "20", "p99": "1s", "gpu": "H100,H200,B200"}
    assert rises([cost("8b", **asked), cost("70b", **asked)])


@pytest.mark.parametrize("name", NAMES)
def test_power_and_accelerators_as_objectives_use_the_least_of_them(name, facts):
    def totals(objective):
        spec = Spec(**BASES[name], minimize=objective, fast=True)
        return recommend(spec, catalog=facts, front=False, explain=False).totals

    by_cost, by_power, by_count = totals("cost"), totals("power"), totals("accelerators")
    assert by_power.power_nameplate_w <= min(by_cost.power_nameplate_w, by_count.power_nameplate_w)
    assert by_count.accelerators <= min(by_cost.accelerators, by_power.accelerators)
    assert by_cost.cost_usd_per_h <= min(by_power.cost_usd_per_h, by_count.cost_usd_per_h) + 1e-9


@pytest.mark.parametrize("name", NAMES[:2])
def test_more_money_buys_no_slower_plan(name, cost, facts):
    """--minimize latency: the level falls as the budget rises, and the plan keeps within both."""
    least = cost(name)

    def fastest(budget):
        spec = Spec(**BASES[name], minimize="latency", budget=f"${budget}/h", fast=True)
        study, _ = decide(study_of(spec, catalog=facts), Clock(SILENT))
        totals = recommend(spec, catalog=facts, front=False, explain=False).totals
        level_s = study.rates.slo.primary.limit_s
        assert totals.p99_s <= level_s * (1 + 1e-9)
        return level_s, totals.cost_usd_per_h

    factors = (1.0, 1.5, 3.0, 10.0)
    levels, costs = zip(*(fastest(least * factor) for factor in factors), strict=True)
    assert all(paid <= least * f + 1e-6 for paid, f in zip(costs, factors, strict=True))
    assert rises(levels[::-1]) and levels[-1] < levels[0]

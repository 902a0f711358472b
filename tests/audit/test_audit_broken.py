"""The audit finds every plan in which one number was changed."""

from dataclasses import fields, replace

import pytest

from recommender.audit import audit
from recommender.plan import Deployment, NodePurchase, Placement, Totals


def broken(plan, spec, facts, *, replay=False):
    """Promises that do not hold."""
    return [f.promise for f in audit(plan, spec, facts, replay=replay) if not f.holds]


def with_totals(plan, **changes):
    return replace(plan, totals=replace(plan.totals, **changes))


def with_first(plan, part, **changes):
    """The plan with its first deployment, node or placement changed."""
    first, *others = getattr(plan, part)
    return replace(plan, **{part: (replace(first, **changes), *others)})


LIES = {
    "cheaper": (lambda p: with_totals(p, cost_usd_per_h=p.totals.cost_usd_per_h - 1), "cost per h"),
    "cheaper month": (lambda p: with_totals(p, cost_usd_per_month=1.0), "cost per month"),
    "cheaper tokens": (
        lambda p: with_totals(p, usd_per_million_output_tokens_at_peak=0.01),
        "million output tokens at the peak",
    ),
    "cheaper deployment": (lambda p: with_first(p, "deployments", cost_usd_per_h=0.5), "adds up"),
    "another price": (lambda p: with_first(p, "nodes", usd_per_node_h=1.0), "price of"),
    "better objective": (lambda p: replace(p, objective=p.objective / 2), "objective"),
    "a node fewer": (
        lambda p: with_first(p, "nodes", nodes=p.nodes[0].nodes - 1),
        "hold the placements",
    ),
    "a replica more": (
        lambda p: with_first(p, "deployments", dp=p.deployments[0].dp + 1),
        "stands on a node",
    ),
    "a group more": (
        lambda p: with_first(p, "placements", groups=p.placements[0].groups + 1),
        "hold the placements",
    ),
    "replicas that do not fit": (
        lambda p: with_first(
            p, "placements", replicas={n: 9 * c for n, c in p.placements[0].replicas.items()}
        ),
        "fits on its",
    ),
    "lighter weights": (
        lambda p: with_first(p, "deployments", weights_gib=p.deployments[0].weights_gib * 0.9),
        "weights per accelerator",
    ),
    "larger cache": (
        lambda p: with_first(p, "deployments", kv_cache_gib=p.deployments[0].kv_cache_gib + 20),
        ": memory",
    ),
    "more tokens cached": (
        lambda p: with_first(
            p,
            "deployments",
            step_law={**p.deployments[0].step_law, "kv_tokens": 1e9},
        ),
        "KV cache holds its tokens",
    ),
    "faster replicas": (
        lambda p: with_first(
            p, "deployments", max_requests_per_s=p.deployments[0].max_requests_per_s * 1.2
        ),
        ": rate",
    ),
    "faster than the datasheet": (
        lambda p: with_first(p, "deployments", max_requests_per_s=1e9),
        "arithmetic within the datasheet",
    ),
    "tokens faster than memory": (
        lambda p: with_first(p, "deployments", tpot_p99_s=1e-5),
        "TPOT p99 within the datasheet",
    ),
    "less carried": (
        lambda p: with_first(p, "deployments", requests_per_s=p.deployments[0].requests_per_s / 2),
        "rates of deployments add up",
    ),
    "total carried": (lambda p: with_totals(p, requests_per_s=1.0), "carried rate is the peak"),
    "another share": (lambda p: with_first(p, "deployments", share=0.123), "share"),
    "another utilisation": (lambda p: with_first(p, "deployments", utilisation=0.1), "utilisation"),
    "less power": (lambda p: with_totals(p, power_w=p.totals.power_w * 0.9), "power of deploy"),
    "more power than nameplate": (
        lambda p: with_totals(p, power_w=p.totals.power_nameplate_w * 1.01),
        "planned power below nameplate",
    ),
    "smaller nameplate": (
        lambda p: with_totals(p, power_nameplate_w=p.totals.power_nameplate_w * 0.99),
        "nameplate power",
    ),
    "less energy": (lambda p: with_totals(p, energy_kwh_per_month=1.0), "energy per month"),
    "p99 beyond the target": (
        lambda p: with_first(p, "deployments", ttft_p99_s=p.deployments[0].ttft_p99_s + 1),
        "TTFT p99",
    ),
    "companion TPOT beyond its target": (
        lambda p: with_first(p, "deployments", tpot_p99_s=0.051),
        "TPOT p99",
    ),
    "TTFT below its bound": (
        lambda p: with_first(p, "deployments", ttft_p99_s=0.041),
        "TTFT p99 above its bound",
    ),
    "p99 of the plan": (lambda p: with_totals(p, p99_s=p.totals.p99_s * 0.9), "worst deployment"),
    "better quality": (
        lambda p: with_first(p, "deployments", quality_loss_pct=-0.5),
        "quality loss as measured",
    ),
    "another tp": (
        lambda p: with_first(p, "deployments", tp=p.deployments[0].tp * 2),
        "accelerators of a replica",
    ),
    "another ep": (lambda p: with_first(p, "deployments", ep=3), "expert parallel"),
    "fewer accelerators": (lambda p: with_totals(p, accelerators=1), "accelerators"),
    "fewer nodes": (lambda p: with_totals(p, nodes=1), "nodes"),
}


@pytest.mark.parametrize("name", ["8b", "mixed", "236b"])
@pytest.mark.parametrize("lie", LIES)
def test_finds_a_changed_number(lie, name, planned, facts):
    plan, spec = planned(name)
    change, promise = LIES[lie]
    found = broken(change(plan), spec, facts)
    assert any(promise in f for f in found), found


def changed(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value + 1 if isinstance(value, int) else value * 1.3 + 0.01


NOT_PROMISED = {
    "ttft_p99_s": "larger is no lie; smaller is found in replay",
    "tpot_p99_s": "larger is no lie; smaller is found in replay",
    "itl_p99_s": "not a target of this request",
    "e2e_p99_s": "not a target of this request",
    "ttft_p99_predicted_s": "for information",
    "tpot_p99_predicted_s": "for information",
    "e2e_p99_predicted_s": "for information",
    "degraded_p99_s": "larger is no lie; smaller is found in replay",
}


@pytest.mark.parametrize("name", ["mixed", "deepseek-v3"])
@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("deployments", Deployment),
        ("nodes", NodePurchase),
        ("placements", Placement),
        ("totals", Totals),
    ],
)
def test_every_number_of_a_plan_is_checked(name, part, kind, planned, facts):
    """Each number, changed alone, is found; a new field needs a check or a reason."""
    plan, spec = planned(name)
    whole = getattr(plan, part)
    item = whole if part == "totals" else whole[0]
    for field in fields(kind):
        value = changed(getattr(item, field.name))
        if value is None or field.name in NOT_PROMISED:
            continue
        change = {field.name: value}
        lie = with_totals(plan, **change) if part == "totals" else with_first(plan, part, **change)
        assert broken(lie, spec, facts), f"{part}.{field.name} = {value} is not found"


SPECS = {
    "budget": ({"budget": 90.0}, "budget"),
    "power": ({"power": 10_000.0}, "power limit"),
    "accelerators": ({"max_accelerators": 4}, "most accelerators"),
    "nodes": ({"max_nodes": 2}, "most nodes"),
    "types": ({"max_types": 1}, "most accelerator types"),
    "single": ({"single": True}, "one deployment only"),
    "headroom": ({"headroom": 5.0}, "peak and headroom"),
    "redundancy": ({"redundancy": "n+3"}, "worst 3 node(s) lost"),
    "demand": ({"qps": 90.0}, "carried rate is the peak"),
    "quality": ({"max_quality_loss": -0.01}, "quality loss"),
    "bandwidth": ({"min_bandwidth": 1e14}, "bandwidth"),
    "provider": ({"provider": ("lambda",)}, "among the offers asked for"),
    "region": ({"region": ("nowhere",)}, "among the offers asked for"),
    "terms": ({"terms": ("spot",)}, "among the offers asked for"),
    "accelerator": ({"gpu": ("L4",)}, "among the offers asked for"),
    "not this accelerator": ({"gpu": ("!B200",)}, "among the offers asked for"),
    "TPOT": ({"tpot_p99": 0.001}, "TPOT p99"),
    "E2E": ({"e2e_p99": 0.5}, "E2E p99"),
}


@pytest.mark.parametrize("limit", SPECS)
def test_finds_a_limit_that_is_not_met(limit, planned, facts):
    """The mixed plan (two kinds of accelerator) against a tighter request."""
    plan, spec = planned("mixed")
    assert len({d.accelerator for d in plan.deployments}) == 2
    change, promise = SPECS[limit]
    found = broken(plan, spec.model_copy(update=change), facts)
    assert any(promise in f for f in found), found


def with_offer(facts, name, **changes):
    offers = {**facts.offers, name: facts.offers[name].model_copy(update=changes)}
    return replace(facts, offers=offers)


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ({"stock": 1}, "stock of"),
        ({"usd_per_h": 1.0}, "cost per hour"),
        ({"nameplate_power_w": 1.0}, "nameplate power"),
        ({"node_accelerators": 1}, "fits on its"),
        ({"default": False}, "among the offers asked for"),
    ],
)
def test_finds_a_plan_that_the_catalogue_does_not_sell(change, promise, planned, facts):
    plan, spec = planned("mixed")
    other = with_offer(facts, plan.nodes[0].offer, **change)
    found = broken(plan, spec, other)
    assert any(promise in f for f in found), found


def twice_as_fast(plan):
    """A lie without a contradiction: every rate that a replica is said to hold is doubled."""
    return replace(
        plan,
        deployments=tuple(
            replace(d, max_requests_per_s=2 * d.max_requests_per_s, utilisation=d.utilisation / 2)
            for d in plan.deployments
        ),
        placements=tuple(replace(p, requests_per_s=2 * p.requests_per_s) for p in plan.placements),
    )


def test_replay_finds_rates_that_are_not_held(simulated, facts):
    plan, spec = simulated
    assert broken(twice_as_fast(plan), spec, facts) == []  # consistent, and within the datasheet
    found = broken(twice_as_fast(plan), spec, facts, replay=True)
    assert any("replayed at its largest rate" in f for f in found), found


@pytest.mark.parametrize("metric", ["ttft", "tpot"])
def test_replay_finds_a_latency_that_is_too_good(metric, simulated, facts):
    plan, spec = simulated
    field = f"{metric}_p99_s"
    better = with_first(plan, "deployments", **{field: 0.8 * getattr(plan.deployments[0], field)})
    found = broken(better, spec, facts, replay=True)
    assert any(f"{metric.upper()} p99 is no better than a replay" in f for f in found), found


def test_replay_finds_a_target_that_is_not_met(simulated, facts):
    plan, spec = simulated
    tighter = spec.model_copy(update={"p99": 0.6 * plan.totals.p99_s})
    found = broken(plan, tighter, facts, replay=True)
    assert any("TTFT p99 replayed" in f for f in found), found


def test_a_cache_larger_than_the_share_of_free_memory(planned, facts):
    """TensorRT-LLM takes 0.9 of what is free: a hundredth more is found."""
    plan, spec = planned("share of free memory")
    first = plan.deployments[0]
    free_gib = first.vram_usable_gib - first.weights_gib - first.overhead_gib
    assert first.kv_cache_gib == pytest.approx(0.9 * free_gib)
    larger = with_first(plan, "deployments", kv_cache_gib=first.kv_cache_gib * 1.01)
    assert any(": memory" in f for f in broken(larger, spec, facts))

"""A plan survives its JSON; anything else is refused with one clear line."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_strategy import json_values, plans
from sample_plan import INFEASIBLE, PLAN

from recommender.errors import SpecError
from recommender.plan import Deployment, FrontPoint, Plan, Repair, Totals
from recommender.report.json_plan import from_json, to_json

QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("plan", [PLAN, INFEASIBLE], ids=["plan", "infeasible"])
def test_samples_survive(plan: Plan) -> None:
    """Reading what was written gives an equal plan, and writing that gives the same text."""
    text = to_json(plan)
    assert from_json(text) == plan
    assert to_json(from_json(text)) == text


@QUIET
@given(plans())
def test_any_plan_survives(plan: Plan) -> None:
    """Round trip is identity, whatever the content."""
    assert from_json(to_json(plan)) == plan


def test_shape_is_the_contract() -> None:
    """Names that others rely on, at the place where they rely on them."""
    document = json.loads(to_json(PLAN))
    top = (
        "schema_version status proof assumptions ledger spec plan objective bound gap solver front "
        "audit repairs warnings model binding runners_up funnel seconds"
    )
    assert set(top.split()) <= set(document)
    assert {"deployments", "nodes", "placements", "totals", "periods"} == set(document["plan"])
    deployment = (
        "service model provider offer accelerator precision kv_precision engine tp pp adp ep dp "
        "accelerators_per_replica nodes_per_replica nodes accelerators requests_per_s "
        "max_requests_per_s share utilisation ttft_p99_s tpot_p99_s e2e_p99_s vram_used_gib "
        "cost_usd_per_h power_w basis"
    )
    totals = (
        "nodes accelerators requests_per_s cost_usd_per_h cost_usd_per_month "
        "usd_per_million_output_tokens power_w power_nameplate_w p99_s degraded_p99_s "
        "energy_kwh_per_month cost_not_included"
    )
    assert set(deployment.split()) <= {f.name for f in fields(Deployment)}
    assert set(deployment.split()) <= set(document["plan"]["deployments"][0])
    assert set(totals.split()) <= {f.name for f in fields(Totals)}
    assert set(totals.split()) <= set(document["plan"]["totals"])
    point = {"cost_usd_per_h", "p99_s", "power_w", "quality_loss_pct", "chosen", "plan"}
    assert point <= {f.name for f in fields(FrontPoint)}
    assert {f.name for f in fields(Repair)} >= {"change", "value", "witness"}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_infinity_is_written(number: float) -> None:
    """The field that holds it is named."""
    with pytest.raises(ValueError, match=r"plan\.gap is"):
        to_json(replace(PLAN, gap=number))


def test_one_plan_has_one_text() -> None:
    """A whole number in a field of floats is written as it is after reading: 4544 as 4544.0."""
    plan = replace(PLAN, objective=4544, seconds={"solve": 1})
    assert to_json(plan) == to_json(from_json(to_json(plan)))
    assert '"objective": 4544.0' in to_json(plan)


def test_numpy_scalars_become_plain() -> None:
    """What numpy computed is written like any number; what JSON lacks is named."""
    finding = replace(PLAN.audit[0], holds=np.bool_(True), stated=np.float64(0.5))
    plan = replace(PLAN, audit=(finding,), gap=np.float32(0.25))
    back = from_json(to_json(plan))
    assert back == plan
    assert (type(back.audit[0].holds), type(back.gap)) == (bool, float)
    with pytest.raises(TypeError, match=r"plan\.gap is a complex"):
        to_json(replace(PLAN, gap=1j))


def _damaged(**changes: object) -> str:
    return json.dumps({**json.loads(to_json(PLAN)), **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON: .* line 1, column"),
        ("[]", "no schema_version"),
        ("null", "no schema_version"),
        ('{"apiVersion": "v1"}', "no schema_version"),
        (_damaged(schema_version="0"), "schema_version '0', this program reads '1'"),
        (_damaged(schema_version=1), "schema_version 1, this program"),
        (_damaged(plan=None), "plan is None; right would be an object"),
        (_damaged(plan={"deployment": []}), "unknown key 'deployment'; did you mean deployments?"),
        (_damaged(stats=1), "unknown key 'stats'; did you mean status?"),
        (_damaged(status="good"), "status is 'good'; known are"),
        (_damaged(status=3), "status is 3; right would be a text"),
        (_damaged(gap="small"), "gap is 'small'; right would be a number"),
        (_damaged(gap=True), "gap is True; right would be a number"),
        (_damaged(front={}), "front is {}; right would be a list"),
        (_damaged(front=[{}]), r"front\[0\] lacks chosen, cost_usd_per_h"),
        (_damaged(targets=[{"metric": "ttf", "limit_s": 1}]), r"targets\[0\].metric is 'ttf'"),
        ('{"schema_version": "1", "plan": {}}', "lacks model, proof, spec, status"),
        ('{"gap": NaN}', "holds NaN"),
        ('{"gap": 1e999}', "holds the number '1e999'"),
        ('{"gap": 1, "gap": 2}', "a key twice"),
        ("[" * 100_000, "not readable JSON"),
        (f'{{"gap": {"9" * 5000}}}', "not readable JSON"),
    ],
)
def test_foreign_text_is_refused(text: str, message: str) -> None:
    """One clear SpecError (exit code 2), whatever the damage."""
    with pytest.raises(SpecError, match=message):
        from_json(text)


def test_truncated_file_is_refused() -> None:
    """Half a file is not a plan."""
    text = to_json(PLAN)
    for end in range(0, len(text) - 2, 997):
        with pytest.raises(SpecError):
            from_json(text[:end])


@QUIET
@given(st.sampled_from(sorted(json.loads(to_json(PLAN)))), json_values)
def test_damage_never_gives_a_traceback(key: str, value: object) -> None:
    """Any value in any place is read or refused with a SpecError."""
    try:
        plan = from_json(_damaged(**{key: value}))
    except SpecError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(plan, Plan)

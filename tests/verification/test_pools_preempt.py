"""`verify --kv preempt` of plans with pools: laws that compute again, preemptions, refusals."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import catalog
from recommender import Spec, recommend
from recommender.assembly.stated_law import law_of
from recommender.commands.verify_command import command
from recommender.disaggregation.pool_laws import decode_law
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.report.json_plan import to_json
from recommender.request.request import Request, resolve
from recommender.request.spec_file import make_spec
from recommender.verification.plan_replay import verify_plan
from recommender.verification.sized_again import recompute_laws

SPEC = {
    "model": "8b", "qps": "10", "workload": "fixed", "isl": "2k", "osl": "300", "ttft_p99": "3s",
    "itl_p99": "60ms", "gpu": "H100", "precision": "bf16", "provider": "nebius",
    "disaggregate": "only", "fast": "true",
}  # fmt: skip


@pytest.fixture(scope="module")
def pools() -> Plan:
    return recommend(make_spec(SPEC), front=False, explain=False)


@pytest.fixture(scope="module")
def request_of(pools: Plan) -> Request:
    return resolve(make_spec(SPEC), catalog.load())


def test_the_law_that_computes_again_is_that_of_a_replica_that_does_both(
    pools: Plan, request_of: Request
) -> None:
    (d,) = (d for d in pools.deployments if d.pool == "decode")
    laws = recompute_laws(pools, request_of)
    assert list(laws) == [d.name]
    law, stated = laws[d.name], law_of(d)
    assert (law.a, law.b, law.g) == pytest.approx((stated.a, stated.b, stated.g))
    assert law.chunk_tokens == d.chunk_tokens
    # received, 2,000 tokens cost a decode step, computed again several times that
    assert float(law.d) > 20 * float(stated.d)
    assert decode_law(law, request_of.workload.lengths).d == pytest.approx(stated.d)


def test_a_plan_without_pools_needs_none(pools: Plan, request_of: Request) -> None:
    assert recompute_laws(replace(pools, pools=None), request_of) == {}


def test_a_layout_that_is_not_sized_is_refused(pools: Plan, request_of: Request) -> None:
    odd = tuple(replace(d, max_batch=77) for d in pools.deployments)
    with pytest.raises(SpecError, match="not sized any more"):
        recompute_laws(replace(pools, deployments=odd), request_of)


def test_preemptions_of_pools_are_counted(pools: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(to_json(pools))
    shown = CliRunner().invoke(command, [str(path), "--kv", "preempt"], standalone_mode=False)
    assert shown.return_value == 0, shown.output
    assert "0 preemptions" in shown.output


def _with_cache(plan: Plan, kv_tokens: float) -> Plan:
    return replace(
        plan,
        deployments=tuple(
            replace(d, step_law=dict(d.step_law) | {"kv_tokens": kv_tokens})
            if d.pool == "decode"
            else d
            for d in plan.deployments
        ),
    )


def test_decode_replicas_short_of_cache_preempt_also_where_nodes_fail(pools: Plan) -> None:
    short = _with_cache(pools, 4_400.0)
    found = verify_plan(short, kv="preempt")
    assert all((replay.preemptions or 0) > 0 for replay in found.replays)
    assert verify_plan(short).replays[0].preemptions is None
    whole, less = (
        verify_plan(plan, kv="preempt", fail_at="3min:2min", failures=1).outages
        for plan in (pools, short)
    )
    for roomy, tight in zip(whole, less, strict=True):
        assert tight.phases[0].targets[0].value_s > roomy.phases[0].targets[0].value_s


def test_preemption_with_drafts_is_refused_with_what_to_do() -> None:
    spec = Spec(model="8b", qps="10", p99="300ms", gpu=("H100",), speculative="3:2.5", fast=True)
    plan = recommend(spec, front=False, explain=False)
    with pytest.raises(SpecError, match="--kv reserve"):
        verify_plan(plan, kv="preempt")

"""Drafts in pools: by hand, against the engine that they stand for, and from spec to replay."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from disaggregation_specs import SMALL

import catalog
from recommender.audit import audit
from recommender.audit.pools import token_bytes
from recommender.disaggregation import drafts_that_pay
from recommender.disaggregation.pool_laws import IN_FLIGHT, decode_law, prefill_law
from recommender.disaggregation.pool_table import decode_rows
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.split import splits
from recommender.engine import recommend
from recommender.performance.step_law import StepLaw
from recommender.plan import Plan
from recommender.queueing.arrivals import Draw
from recommender.queueing.draft_gains import Gains, draw_steps
from recommender.queueing.simulator import replay
from recommender.queueing.tandem import Handover, replay_tandem, simulate_tandem
from recommender.request.spec_file import make_spec
from recommender.verification import outage
from recommender.verification.plan_replay import verify_plan
from recommender.workload import Lengths

LENGTHS = Lengths(np.array([1000, 3000], np.int64), np.array([100, 300], np.int64))
LAW = StepLaw(
    a=np.array([5e-3]), b=np.array([8e-5]), g=np.array([1e-8]), d=np.array([2e-5]),
    q=np.array([1e-10]), max_batch=np.array([256.0]), kv_tokens=np.array([4e5]),
    chunk_tokens=np.array([2048.0]), tokens_per_step=2.5, verified_tokens=4.0,
)  # fmt: skip


def test_decode_by_hand() -> None:
    # d' = 1e-8 + 8e-5 / 2000 = 5e-8;  C' = 256 * (3000 + 4);  K' = 0.95 * 4e5
    law = decode_law(LAW, LENGTHS)
    assert law.d[0] == pytest.approx(5e-8)
    assert law.chunk_tokens[0] == 256 * 3004
    assert law.kv_tokens[0] == pytest.approx((1 - IN_FLIGHT) * 4e5)
    assert (law.tokens_per_step, law.verified_tokens) == (2.5, 4.0)


def test_prefill_pays_for_the_drafts_of_its_batch() -> None:
    # B = 4e5 / 2000 = 200;  B_m = sqrt(200 * 25) = 70.71;  a' = 5 ms + 70.71 * 80 us
    law = prefill_law(
        LAW, LENGTHS, context_tokens=2000.0, prompt_token_s=np.array([2e-5]), held_s=0.3
    )
    assert law.a[0] == pytest.approx(5e-3 + 5000**0.5 * 8e-5)


def test_decode_is_an_engine_that_finds_its_prompts_in_the_cache() -> None:
    """The same requests on an engine with all of each prompt cached but its last token.

    Prompts of one length: of others b is spread over their tokens, right on average only.
    """
    lengths = replace(LENGTHS, input_tokens=np.array([2000, 2000]))
    law, count, random = decode_law(LAW, lengths).take(0), 4000, np.random.default_rng(1)
    index = random.integers(2, size=count)
    arrival = np.cumsum(random.exponential(1 / 60.0, count))
    inputs, outputs = lengths.input_tokens[index], lengths.output_tokens[index]
    rank = np.zeros(count, np.int64)
    ours = replay(law, Draw(arrival, inputs, outputs, rank))
    whole = replace(law, d=float(LAW.b[0]), q=float(LAW.g[0]), chunk_tokens=2048.0)
    cached = replay(whole, Draw(arrival, inputs, outputs, rank, cached_tokens=inputs - 1))
    for metric in ("ttft", "tpot", "e2e"):
        for p in (0.5, 0.9, 0.99):
            assert ours.percentile(metric, p) == pytest.approx(
                cached.percentile(metric, p), rel=1e-3
            )


def test_no_prompt_waits_for_the_budget_of_a_full_batch() -> None:
    """256 long prompts at once beside nothing: one step of 5 ms + 256 * (b + g * 3000)."""
    law = replace(decode_law(LAW, LENGTHS).take(0), kv_tokens=1e7, b=0.0, d=1e-8)
    arriving = Draw(
        np.zeros(256), np.full(256, 3000), np.full(256, 2), np.zeros(256, np.int64)
    )  # fmt: skip
    run = replay(law, arriving)
    assert run.ttft_s == pytest.approx(np.full(256, 5e-3 + 256 * 3000 * 1e-8))


def test_a_lone_request_through_both_pools_by_hand() -> None:
    """20 ms + 10 ms, 1000 * (10 us + 20 us), 20 ms + 5 ms; then 10 steps of 4 tokens, 5 ms each."""
    prefill = StepLaw(a=1e-2, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=8.0, kv_tokens=1e5,
                      chunk_tokens=2048.0, frontend_s=0.02, tokens_per_step=4.0,
                      verified_tokens=4.0)  # fmt: skip
    decode = replace(prefill, a=5e-3, chunk_tokens=1e5)
    run = simulate_tandem(
        prefill, decode, Lengths(np.array([1000]), np.array([41])),
        prefill_requests_per_s=1e-3, decode_requests_per_s=1e-3, requests=50,
        handover=Handover(sent_s_per_token=1e-5, received_s_per_token=2e-5),
    )  # fmt: skip
    assert run.ttft_s.max() == pytest.approx(0.030 + 0.030 + 0.025)
    assert run.e2e_s - run.ttft_s == pytest.approx(10 * 5e-3)


def test_the_seed_draws_what_drafts_gain_in_the_tandem() -> None:
    law = StepLaw(a=5e-3, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=8.0, kv_tokens=1e5,
                  chunk_tokens=1e5, tokens_per_step=2.5, verified_tokens=4.0)  # fmt: skip
    alone = Draw(np.arange(40.0) * 10, np.full(40, 100), np.full(40, 41), np.zeros(40, np.int64))
    moves = Handover(sent_s_per_token=1e-5, received_s_per_token=1e-5)
    run, other = (
        replay_tandem(law, law, [alone], share=1.0, handover=moves, seed=seed) for seed in (7, 8)
    )
    steps = draw_steps(np.full(40, 40), Gains(2.5, 4), seed=7)[4:-1]  # warm-up and end cut off
    assert (run.e2e_s - run.ttft_s) / 5e-3 == pytest.approx(steps)
    assert (run.e2e_s != other.e2e_s).any()


@pytest.mark.parametrize(
    ("drafts", "settings"),
    [
        # 1,024 sequences of 8 tokens fill 8,192; those of 16 fit in no budget: 512 of them do
        ("7:4", {(256, 2048, 256.0), (1024, 8192, 1024.0)}),
        ("15:3", {(256, 8192, 256.0), (1024, 8192, 512.0)}),
    ],
)
def test_the_smallest_budget_that_holds_a_batch_with_its_drafts(study, drafts, settings) -> None:
    table = study(speculative=drafts).table
    found = {
        (table.layouts[i].max_batch, table.layouts[i].chunk_tokens, float(table.law.max_batch[i]))
        for i in decode_rows(table)
        if table.layouts[i].pp == 1
    }
    assert found == settings


def test_prompts_pass_the_layer_that_drafts_and_its_cache_moves(study) -> None:
    """33 layers of work and cache in place of 32: rates fall, bytes grow."""
    plain, drafting = study(), study(speculative="3:2.1")
    (one, other) = (two_pools(of) for of in (plain, drafting))
    assert other.decode.received_bytes is not None and one.decode.received_bytes is not None
    assert other.decode.received_bytes.max() == pytest.approx(
        one.decode.received_bytes.max() * 33 / 32
    )
    split = next(splits(plain.request.slo, plain.request.workload.lengths))
    before, after = (pools.prefill.book(split).rates.rate for pools in (one, other))
    assert 0.8 * before.max() < after.max() < 32 / 33 * before.max()


MANY = SMALL | {"disaggregate": "only", "qps": "300"}


@cache
def _plan(drafts: str) -> Plan:
    return recommend(make_spec(MANY | ({"speculative": drafts} if drafts else {})), front=False)


def test_drafts_cost_where_none_is_accepted_and_more_accepted_cost_less() -> None:
    costs = [_plan(drafts).objective for drafts in ("3:4", "3:2.5", "", "3:1")]
    assert costs == sorted(costs) and costs[0] < costs[-1]


def test_the_plan_says_what_drafts_do_and_the_audit_agrees() -> None:
    plan = _plan("3:2.5")
    assert plan.pools is not None and plan.audit
    assert all(finding.holds for finding in plan.audit)
    assert any(a.name == "drafts in pools" for a in plan.assumptions)
    plain = _plan("").objective
    assert plain is not None and plan.objective is not None
    (said,) = (line for line in plan.binding if "--speculative" in line)
    saved = 100 * (1 - plan.objective / plain)
    assert said.startswith(f"in pools --speculative saves {saved:.3g} % of cost")
    (kept,) = (line for line in _plan("3:1").binding if "--speculative" in line)
    assert "does not pay" in kept
    prefill, *decode = plan.deployments
    # 33 layers * 2 * 8 heads * 128 * 2 B
    moved = set(plan.pools.kv_bytes_per_token.values())
    assert {round(m) for m in moved} == {33 * 2 * 8 * 128 * 2}
    assert {d.step_law["tokens_per_step"] for d in decode} == {2.5}
    assert prefill.transfer_s_per_token > 0


def test_the_audit_counts_the_cache_of_the_layer_that_drafts() -> None:
    plan, facts = _plan("3:2.5"), catalog.load()
    spec = make_spec(MANY | {"speculative": "3:2.5"})
    found = token_bytes(plan.deployments[-1], spec, facts)
    without = token_bytes(
        plan.deployments[-1], spec.model_copy(update={"speculative": None}), facts
    )
    assert found is not None and without is not None
    assert found / without == pytest.approx(33 / 32)
    assert plan.pools is not None
    less = {name: value * 32 / 33 for name, value in plan.pools.kv_bytes_per_token.items()}
    edited = replace(plan, pools=replace(plan.pools, kv_bytes_per_token=less))
    broken = audit(edited, spec, facts, replay=False)
    assert any("cache of a prompt token" in f.promise and not f.holds for f in broken)


def test_what_is_not_decided_in_time_is_said(study, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = study(speculative="3:2.1", disaggregate="only")
    monkeypatch.setattr(drafts_that_pay, "_best", lambda study: None)
    (said,) = drafts_that_pay.drafts_that_pay(asked)
    assert said.endswith("not decided in time")
    assert not list(drafts_that_pay.drafts_that_pay(study()))


def test_the_plan_holds_in_replay() -> None:
    assert verify_plan(_plan("3:2.5")).verdict == "holds"


@pytest.mark.slow
def test_a_failure_is_replayed_with_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "MOST_REPETITIONS", 1)
    failed = verify_plan(_plan("3:2.5"), fail_at="1min:1min")
    assert {p.verdict for o in failed.outages for p in o.phases if p.phase == "before"} <= {
        "holds",
        "undecided",
    }

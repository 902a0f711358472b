"""Goodput and TPOT of buckets over pools: the split, what the plan says, who checks it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from disaggregation_specs import SMALL

import catalog
from recommender.audit import audit
from recommender.disaggregation.split import decode_slo, prefill_slo, splits
from recommender.engine import recommend
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.report.json_plan import from_json, to_json
from recommender.report.sections import sections
from recommender.request.spec_file import make_spec
from recommender.slo import EVERY_REQUEST, Bucket, Slo, Target
from recommender.verification.plan_replay import verify_plan
from recommender.workload import Lengths

LENGTHS = Lengths(np.array([1000, 3000], np.int64), np.array([100, 300], np.int64))
ASKED = SMALL | {"disaggregate": "only", "fast": "false", "goodput": "95%", "qps": "30"}


@cache
def _plan() -> Plan:
    return recommend(make_spec(ASKED), front=False, explain=False)


def test_the_split_of_goodput_by_hand() -> None:
    slo = Slo((Target("ttft", 2.0, 0.95), Target("tpot", 0.03, 0.95)), goodput=0.95)
    split = next(splits(slo, LENGTHS))
    (part,) = split.parts
    assert part.late == pytest.approx(0.05)
    assert prefill_slo(split, LENGTHS).targets[0].percentile == pytest.approx(1 - 0.75 * 0.05)
    decode = decode_slo(split, slo)
    # a share 1 - 0.05/8 of the decode pool's requests meets both of its limits together
    assert decode.goodput == pytest.approx(0.99375)
    assert [t.metric for t in decode.together] == ["ttft", "tpot"]
    assert all(t.percentile == pytest.approx(0.99375) for t in decode.targets)
    assert [t.limit_s for t in decode.targets] == [part.decode_s, 0.03]


def test_the_parts_together_miss_no_more_than_goodput_allows() -> None:
    slo = Slo((Target("ttft", 2.0, 0.9), Target("itl", 0.03)), goodput=0.9)
    split = next(splits(slo, LENGTHS))
    (part,) = split.parts
    decode = decode_slo(split, slo)
    assert decode.goodput is not None
    late = 0.75 * part.late + (1 - decode.goodput) + (1 / 16 + 2 / 32) * part.late
    assert late == pytest.approx(0.1)
    assert decode.apart == (Target("itl", 0.03),)


def test_the_plan_states_the_goodput_of_the_whole() -> None:
    plan = _plan()
    assert plan.status == "optimal" and plan.goodput == 0.95
    prefill, decode = (
        [d for d in plan.deployments if d.pool == pool] for pool in ("prefill", "decode")
    )
    assert all(d.goodput is None for d in prefill)
    assert all(d.goodput is not None and d.goodput >= 0.95 for d in decode)
    assert all(finding.holds for finding in plan.audit)
    assert any("goodput replayed" in finding.promise for finding in plan.audit)
    found = verify_plan(plan)
    assert found.verdict == "holds"
    assert all(r.goodput_judged is not None for r in found.replays)


def test_less_goodput_takes_no_more_hardware() -> None:
    loose = recommend(make_spec(ASKED | {"goodput": "90%"}), front=False, explain=False)
    assert loose.objective is not None and _plan().objective is not None
    assert loose.objective <= _plan().objective  # type: ignore[operator]


def test_the_audit_finds_a_goodput_that_was_raised() -> None:
    plan = _plan()
    best = tuple(replace(d, goodput=1.01) if d.goodput is not None else d for d in plan.deployments)
    found = audit(replace(plan, deployments=best), make_spec(ASKED), catalog.load(), replay=True)
    assert not all(f.holds for f in found if "bears out" in f.promise)


def test_tpot_of_a_bucket_belongs_to_the_decode_pool() -> None:
    asked = SMALL | {"disaggregate": "only", "slo": "tpot p95 <= 25ms for output >= 100"}
    plan = recommend(make_spec(asked), front=False, explain=False)
    assert plan.status == "optimal" and all(finding.holds for finding in plan.audit)
    assert [t.bucket.min_output_tokens for t in plan.targets][-1] == 100
    decode = [d for d in plan.deployments if d.pool == "decode"]
    assert all(d.targets_s[-1] <= 0.025 for d in decode)


SHORT, LONG = Bucket(max_input_tokens=1024), Bucket(min_input_tokens=1025)
HALVES = Lengths(np.array([500, 600, 700, 4000], np.int64), np.array([9, 9, 9, 9], np.int64))
BUCKETS = {flag: value for flag, value in ASKED.items() if flag != "ttft_p99"} | {
    "slo": "ttft <= 400ms for input <= 1024; ttft <= 3s; e2e <= 30s for input > 1024",
}


def _goodput(*targets: Target) -> Slo:
    return Slo(targets, 1.0).with_goodput(0.9)


def test_transfers_of_disjoint_buckets_have_the_whole_tail_by_hand() -> None:
    # 3/4 of the requests are short, 1/4 long: each counts once, S = 1
    slo = _goodput(Target("ttft", 0.4, bucket=SHORT), Target("ttft", 2.0, bucket=LONG))
    split = next(splits(slo, HALVES))
    assert [part.shared_by for part in split.parts] == [1.0, 1.0]
    assert split.parts[0].moved_late == pytest.approx(0.1)


def test_overlapping_buckets_share_the_tail_of_transfers_by_hand() -> None:
    # short ones are tightest for 3/4, all requests for the others: S = 3/4 + 1
    slo = _goodput(Target("ttft", 0.4, bucket=SHORT), Target("ttft", 2.0))
    split = next(splits(slo, HALVES))
    assert [part.shared_by for part in split.parts] == [1.75, 1.75]
    assert split.parts[0].moved_late == pytest.approx(0.1 / 1.75)
    # percentiles judge each bucket by itself
    apart = Slo((Target("ttft", 0.4, 0.9, SHORT), Target("ttft", 2.0, 0.9)))
    assert [part.shared_by for part in next(splits(apart, HALVES)).parts] == [1.0, 1.0]


def test_a_looser_bucket_is_the_tightest_of_nobody_and_costs_nothing() -> None:
    slo = _goodput(Target("ttft", 2.0), Target("ttft", 9.0, bucket=SHORT))
    assert next(splits(slo, HALVES)).parts[0].shared_by == 1.0


def test_both_pools_have_goodput_for_their_buckets() -> None:
    slo = _goodput(Target("ttft", 0.4, bucket=SHORT), Target("ttft", 2.0))
    split = next(splits(slo, HALVES))
    prefill, decode = prefill_slo(split, HALVES), decode_slo(split, slo)
    assert prefill.goodput == pytest.approx(1 - 0.75 * 0.1)
    assert decode.goodput == pytest.approx(1 - 0.1 / 8)
    assert [t.bucket for t in prefill.together] == [SHORT, EVERY_REQUEST]
    late = (1 - prefill.goodput) + (1 - decode.goodput)  # type: ignore[operator]
    moved = (1 / 16 + 2 / 32) * split.parts[0].moved_late
    assert late + (0.75 + 1.0) * moved == pytest.approx(0.1)
    # caches may wait for as long as the loosest bucket does: a rare one may miss its own limit
    slots_s = [part.decode_s for part in split.parts]
    assert split.after_prefill_s == pytest.approx(split.transfer_s + max(slots_s))


@cache
def _of_buckets() -> Plan:
    return recommend(make_spec(BUCKETS), front=False, explain=False)


def test_buckets_with_goodput_from_spec_to_replay() -> None:
    plan = _of_buckets()
    assert plan.status == "optimal" and plan.pools is not None and plan.pools.goodput == 0.95
    assert [f.promise for f in plan.audit if not f.holds] == []
    assert any("its part of goodput replayed" in f.promise for f in plan.audit)
    assert len(plan.pools.parts) == 3
    found = verify_plan(plan)
    assert found.verdict == "holds" and found.changed == ()
    assert from_json(to_json(plan)) == plan
    assert "goodput counts requests" in str(sections(plan))


def test_the_audit_adds_up_the_tails_of_all_requests() -> None:
    plan, spec = _of_buckets(), make_spec(BUCKETS)
    assert plan.pools is not None
    first, *others = plan.pools.parts
    for field, value in (
        ("prefill_percentile", 0.95), ("decode_percentile", 0.97), ("network_percentile", 0.97),
    ):  # fmt: skip
        parts = (replace(first, **{field: value}), *others)
        edited = replace(plan, pools=replace(plan.pools, parts=parts))
        found = audit(edited, spec, catalog.load(), replay=False)
        assert [f.promise for f in found if not f.holds] == ["split of goodput: tails of the parts"]


def test_buckets_of_outputs_are_refused_with_what_to_do() -> None:
    asked = BUCKETS | {"slo": "ttft <= 3s; e2e <= 30s for output <= 200", "fast": "true"}
    with pytest.raises(SpecError, match="state percentiles in place of --goodput"):
        recommend(make_spec(asked), front=False, explain=False)

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
from recommender.plan import Plan
from recommender.request.spec_file import make_spec
from recommender.slo import Slo, Target
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

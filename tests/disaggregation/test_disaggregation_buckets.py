"""TTFT and E2E of buckets over pools: transfers by hand, and from spec to replay."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from disaggregation_specs import SMALL

import catalog
from recommender.audit import audit
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.split import splits
from recommender.disaggregation.transfer import largest_transfer_rate, prompts_of
from recommender.engine import recommend
from recommender.plan import Plan
from recommender.report.json_plan import from_json, to_json
from recommender.report.sections import sections
from recommender.request.spec_file import make_spec
from recommender.slo import Bucket, Slo, Target
from recommender.verification.plan_replay import verify_plan
from recommender.workload import Lengths

SHORT = "ttft p95 <= 400ms for input <= 1024"
BRIEF = "e2e p95 <= 12s for output <= 400"
ASKED = SMALL | {"disaggregate": "only", "slo": f"{SHORT}; {BRIEF}", "qps": "120"}


@cache
def _plan(fast: str = "true", **changes: str) -> Plan:
    spec = make_spec(ASKED | {"fast": fast} | changes)
    return recommend(spec, front=False, explain=False)


def test_a_cache_of_a_bucket_waits_for_those_of_all_requests() -> None:
    lengths = Lengths(np.array([100, 4000], np.int64), np.array([5, 5], np.int64))
    slo = Slo((Target("ttft", 2.0, 0.99, Bucket(max_input_tokens=500)), Target("ttft", 2.0)))
    short, every = next(splits(slo, lengths)).parts
    found, whole = (prompts_of(lengths, part, least_tokens=0.0) for part in (short, every))
    assert (found.long, whole.long) == (100.0, 4000.0)
    assert found.mean == whole.mean == 2050.0
    assert (found.wait == whole.wait).all()
    rates = [
        largest_transfer_rate(
            np.array([1e-6]), prompts, part.transfer_s, clump_tokens=np.array([0.0])
        )[0]
        for prompts, part in ((found, short), (whole, every))
    ]
    assert rates[0] >= rates[1] > 0  # a short cache has more time left to wait


def test_a_pool_moves_at_the_least_rate_of_all_parts(study) -> None:
    asked = study(slo=SHORT)
    pools = two_pools(asked)
    split = next(splits(asked.request.slo, asked.request.workload.lengths))
    formats, site = pools.decode.formats[0], pools.decode.sites[0]
    widest = float(np.max(pools.decode.received_bytes))
    most = pools.prefill.side(split, formats, site, widest).most
    for part in split.parts:
        alone = replace(split, parts=(part,))
        assert (most <= pools.prefill.side(alone, formats, site, widest).most).all()


def test_the_plan_splits_every_target_and_the_audit_agrees() -> None:
    plan = _plan("false")
    assert plan.status == "optimal" and plan.pools is not None
    assert [p.target for p in plan.pools.parts] == [t for t in plan.targets if t.metric != "tpot"]
    for part in plan.pools.parts:
        assert part.tandem_s is not None
        assert part.tandem_s <= part.bound_s <= part.target.limit_s
    assert plan.audit and all(finding.holds for finding in plan.audit)
    promises = " ".join(finding.promise for finding in plan.audit)
    for target in plan.targets:
        assert target.name in promises
    assert verify_plan(plan).verdict == "holds"


def test_the_report_and_json_have_every_part() -> None:
    plan = _plan()
    assert plan.pools is not None
    assert from_json(to_json(plan)) == plan
    (shown,) = (section for section in sections(plan) if section.name == "pools")
    text = str(shown)
    for part in plan.pools.parts:
        assert part.target.name in text


def test_tighter_buckets_never_cost_less_and_loose_ones_nothing() -> None:
    without = recommend(
        make_spec({k: v for k, v in ASKED.items() if k != "slo"}), front=False, explain=False
    )
    costs = [
        _plan(slo=f"ttft p95 <= {limit} for input <= 1024").objective
        for limit in ("30s", "400ms", "150ms")
    ]
    assert costs[0] == without.objective
    assert costs == sorted(costs)


@pytest.mark.parametrize(
    ("field", "value"),
    [("prefill_percentile", 0.9), ("decode_percentile", 0.9), ("transfer_limit_s", 9.0)],
)
def test_the_audit_finds_an_edited_part(field: str, value: float) -> None:
    plan = _plan()
    assert plan.pools is not None
    *others, last = plan.pools.parts
    parts = (*others, replace(last, **{field: value}))
    edited = replace(plan, pools=replace(plan.pools, parts=parts))
    found = audit(edited, make_spec(ASKED), catalog.load(), replay=False)
    assert any(f.promise.startswith(f"split of {last.target.name}") and not f.holds for f in found)


def test_the_audit_finds_a_part_that_is_missing() -> None:
    plan = _plan()
    assert plan.pools is not None
    edited = replace(plan, pools=replace(plan.pools, parts=plan.pools.parts[:1]))
    found = audit(edited, make_spec(ASKED), catalog.load(), replay=False)
    assert any("is stated" in f.promise and not f.holds for f in found)


STRICT = "ttft p99.5 <= 400ms for output <= 300"


def test_a_looser_target_may_take_longer_to_move_than_what_counts_as_moving() -> None:
    """h follows from the strictest target, whose transfers those of the loose one meet as well."""
    plan = _plan(slo=STRICT, qps="40")
    assert plan.pools is not None
    loose, strict = sorted(plan.pools.parts, key=lambda part: part.target.percentile)
    # outputs say nothing of prompts here: the bucket's long prompt is as long as that of all
    assert strict.transfer_limit_s <= plan.pools.moving_limit_s < loose.transfer_limit_s
    spec = make_spec(plan.spec)
    found = audit(plan, spec, catalog.load(), replay=False)
    assert [f.promise for f in found if not f.holds] == []
    for h in (0.9 * strict.transfer_limit_s, 0.5 * plan.pools.moving_limit_s):
        split = replace(plan.pools, moving_limit_s=h)
        broken = audit(replace(plan, pools=split), spec, catalog.load(), replay=False)
        assert any("counts as moving" in f.promise and not f.holds for f in broken)

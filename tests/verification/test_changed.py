"""Plans that were edited, or that another version wrote: every changed number is found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recommender import Spec, recommend
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.verification.plan_replay import verify_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    spec = Spec(model="8b", qps="20", p99="300ms", gpu=("H100",))
    return recommend(spec, front=False, explain=False)


def edited(plan: Plan, **changes: Any) -> Plan:
    first, *others = plan.deployments
    return replace(plan, deployments=(replace(first, **changes), *others))


def with_law(name: str, factor: float) -> Callable[[Plan], Plan]:
    def change(plan: Plan) -> Plan:
        law = dict(plan.deployments[0].step_law)
        return edited(plan, step_law=law | {name: law[name] * factor})

    return change


def of_first(field: str, factor: float) -> Callable[[Plan], Plan]:
    def change(plan: Plan) -> Plan:
        return edited(plan, **{field: type(getattr(d := plan.deployments[0], field))(
            getattr(d, field) * factor)})  # fmt: skip

    return change


def test_a_plan_as_it_was_written_is_not_changed(plan: Plan) -> None:
    found = verify_plan(plan)
    assert found.changed == ()
    assert found.verdict == "holds"


def test_a_target_may_be_tighter_than_asked(plan: Plan) -> None:
    """`--minimize latency` seeks a level below the target."""
    first, *others = plan.targets
    assert (
        verify_plan(replace(plan, targets=(replace(first, limit_s=0.299), *others))).changed == ()
    )
    assert verify_plan(replace(plan, targets=tuple(others))).changed[0].promise == "target TTFT p99"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        *((with_law(name, 0.99), "of the step law") for name in ("a", "b", "g", "d", "q")),
        (with_law("kv_tokens", 2.0), "kv_tokens of the step law"),
        (with_law("frontend_s", 0.5), "frontend_s of the step law"),
        (of_first("dp", 2.0), "every replica stands on a node"),
        (of_first("max_requests_per_s", 1.5), "utilisation"),
        (of_first("requests_per_s", 0.5), "share"),
        (of_first("cost_usd_per_h", 0.5), "cost of deployments adds up"),
        (of_first("ttft_p99_s", 0.5), "TTFT p99"),
        (of_first("tp", 2.0), "accelerators of a replica"),
        (lambda p: edited(p, precision="int4"), "its layout is one that is sized"),
        (lambda p: replace(p, spec=dict(p.spec) | {"qps": "19qps"}), "carried rate is the peak"),
        (
            lambda p: replace(p, targets=(replace(p.targets[0], limit_s=9.0), *p.targets[1:])),
            "target TTFT p99",
        ),
        (
            lambda p: replace(p, totals=replace(p.totals, cost_usd_per_h=1.0)),
            "cost per hour",
        ),
    ],
)
def test_an_edited_number_is_found(plan: Plan, change: Callable[[Plan], Plan], part: str) -> None:
    found = verify_plan(change(plan))
    assert found.verdict == "breaks"
    assert any(part in finding.promise for finding in found.changed), found.changed


def placed(plan: Plan, **changes: Any) -> Plan:
    first, *others = plan.placements
    return replace(plan, placements=(replace(first, **changes), *others))


def law_of(plan: Plan, **changes: float) -> Plan:
    return edited(plan, step_law=dict(plan.deployments[0].step_law) | changes)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda p: edited(p, offer="nobody/8x"), "no offer nobody/8x"),
        (lambda p: edited(p, accelerator="nothing"), "no accelerator nothing"),
        (lambda p: edited(p, model="nothing"), "model nothing is not 8b"),
        (lambda p: edited(p, dp=0), "dp is 0"),
        (lambda p: edited(p, max_requests_per_s=float("inf")), "max_requests_per_s is inf"),
        (lambda p: edited(p, step_law={}), "no step law"),
        (lambda p: edited(p, step_law={"a": 1.0}), "missing b, chunk_tokens"),
        (lambda p: law_of(p, a=-1.0), "a of the step law is -1"),
        (lambda p: law_of(p, old=1.0), "unknown or missing old"),
        (lambda p: law_of(p, max_batch=1e12), "max_batch of the step law is 1e.12"),
        (lambda p: law_of(p, **dict.fromkeys("abgdq", 0.0)), "takes no time"),
        (lambda p: law_of(p, kv_tokens=9.0), "size the plan with this workload"),
        (lambda p: placed(p, replicas={"other": 1}), "other is no deployment"),
        (lambda p: placed(p, groups=0), "counts must be at least 1"),
        (lambda p: placed(p, offer="nobody/8x"), "no such offer"),
        (lambda p: replace(p, targets=()), "no targets"),
        (lambda p: replace(p, deployments=p.deployments * 2), "two deployments of one name"),
    ],
)
def test_what_cannot_be_replayed_is_refused(
    plan: Plan, change: Callable[[Plan], Plan], part: str
) -> None:
    with pytest.raises(SpecError, match=part):
        verify_plan(change(plan))

"""Replaying plans: losses by hand, verdicts, what mends, and the command's exit codes."""

from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from recommender.commands.verify_command import command
from recommender.errors import SpecError
from recommender.performance.step_law import StepLaw
from recommender.plan import Deployment, Finding, Placement, Plan
from recommender.queueing.simulator import simulate
from recommender.slo import Target
from recommender.verification import plan_replay
from recommender.verification.judge import goodput, growth, judge
from recommender.verification.losses import survivors
from recommender.verification.sources import FromLaw
from recommender.verification.verification import Verification, worst
from recommender.verification.verify import Replay, verify
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
WORKLOAD = Workload("w", 40.0, Lengths(np.array([500, 1500]), np.array([100, 200])))


def deployment(name: str, *, dp: int, each: float, carries: float) -> Deployment:
    law = {k: v for k, v in asdict(LAW).items() if k != "basis"}
    texts = {f.name: "x" for f in fields(Deployment) if f.type is str}
    numbers = {f.name: 1.0 for f in fields(Deployment) if f.type is float}
    counts = {f.name: 1 for f in fields(Deployment) if f.type is int}
    known = {
        "name": name,
        "dp": dp,
        "requests_per_s": carries * dp,
        "max_requests_per_s": each * dp,
        "step_law": law,
    }
    return Deployment(**(texts | numbers | counts | known))  # type: ignore[arg-type]


def plan(*, each: float = 14.0, limit_s: float = 1.0, groups: int = 4) -> Plan:
    """`groups` nodes of one replica each."""
    return Plan(
        status="optimal",
        proof="none",
        spec={},
        model="m",
        targets=(Target("ttft", limit_s), Target("tpot", 0.05)),
        deployments=(deployment("d1", dp=groups, each=each, carries=10.0),),
        placements=(
            Placement(
                offer="o", groups=groups, nodes_per_group=1, replicas={"d1": 1}, requests_per_s=each
            ),
        ),
    )


def asked(demand: float, failures: int = 0) -> Replay:
    return Replay(
        demand_requests_per_s=demand,
        failures=failures,
        hours=0.0,
        source=FromLaw(WORKLOAD),
        arrivals="steady",
    )


def test_the_largest_groups_are_lost_and_the_others_carry_their_load() -> None:
    mixed = replace(
        plan(),
        deployments=(
            deployment("d1", dp=4, each=10.0, carries=5.0),
            deployment("d2", dp=2, each=30.0, carries=15.0),
        ),
        placements=(
            Placement(
                offer="a", groups=2, nodes_per_group=1, replicas={"d1": 2}, requests_per_s=20
            ),
            Placement(
                offer="b", groups=2, nodes_per_group=2, replicas={"d2": 1}, requests_per_s=30
            ),
        ),
    )
    # capacity 2*20 + 2*30 = 100; without one group of 30: 70, so at 35/s everything runs at half
    left = survivors(mixed, demand=35.0, failures=1)
    assert left.replicas == {"d1": 4, "d2": 1}
    assert left.requests_per_s == {"d1": 5.0, "d2": 15.0}
    # the two largest are both of b: 40 left
    assert survivors(mixed, demand=20.0, failures=2).requests_per_s == {"d1": 5.0}
    with pytest.raises(SpecError, match="only 4 failure groups"):
        survivors(mixed, demand=1.0, failures=4)


def test_a_plan_with_room_holds() -> None:
    found = verify(plan(), asked(40.0))
    assert found.verdict == "holds"
    (replayed,) = found.replays
    assert replayed.replicas == 4
    assert replayed.requests_per_s == pytest.approx(10.0, rel=0.03)
    assert replayed.goodput > 0.98
    assert not replayed.grows
    times = [m.value_s for m in replayed.percentiles["ttft"]]
    assert times == sorted(times)


def test_losing_nodes_can_break_it_and_the_mend_is_said() -> None:
    found = verify(plan(limit_s=0.15), asked(44.0, failures=2))  # 22/s each
    assert found.verdict == "breaks"
    (replayed,) = found.replays
    assert replayed.replicas == 2
    assert "replicas instead of 2" in replayed.mend
    assert found.lost == ("2 x group of o (1 node(s), 14 requests/s)",)


def test_overload_is_seen_as_a_growing_queue() -> None:
    run = simulate(LAW, WORKLOAD.lengths, 60.0, requests=10_000)
    ratio, grows = growth(run)
    assert grows
    assert ratio > 3
    judged = judge(run, Target("ttft", 1.0))
    assert judged.verdict == "breaks"
    assert judged.breaks_from_s is not None


def test_a_limit_at_the_percentile_itself_is_undecided() -> None:
    run = simulate(LAW, WORKLOAD.lengths, 12.0, requests=10_000)
    exact = run.percentile("ttft", 0.99)
    assert judge(run, Target("ttft", exact)).verdict == "undecided"
    assert judge(run, Target("ttft", 2 * exact)).verdict == "holds"
    assert judge(run, Target("ttft", 0.5 * exact)).verdict == "breaks"


def test_goodput_needs_every_target_of_a_request() -> None:
    run = simulate(LAW, WORKLOAD.lengths, 12.0, requests=10_000)
    middle = run.percentile("ttft", 0.5)
    assert goodput(run, [Target("ttft", middle)]) == pytest.approx(0.5, abs=0.01)
    assert goodput(run, [Target("ttft", middle), Target("e2e", 1e-6)]) == 0.0


def test_an_edited_plan_does_not_hold() -> None:
    fine = Verification(demand_requests_per_s=1.0, arrivals="", lost=(), replays=())
    assert fine.verdict == "holds"
    edited = replace(fine, changed=(Finding("rate", 2.0, 1.0, "requests/s", False),))
    assert edited.verdict == "breaks"
    assert worst(("holds", "undecided")) == "undecided"


def test_the_command_exits_by_the_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from recommender.report.json_plan import to_json

    def stand_in(read: Plan, **_: object) -> Verification:
        return verify(read, asked(40.0))

    monkeypatch.setattr(plan_replay, "verify_plan", stand_in)
    path = tmp_path / "plan.json"
    for limit_s, code in ((1.0, 0), (0.02, 5)):
        path.write_text(to_json(plan(limit_s=limit_s)))
        result = CliRunner().invoke(command, [str(path)], standalone_mode=False)
        assert result.return_value == code, result.output
        as_json = CliRunner().invoke(command, [str(path), "--json"], standalone_mode=False)
        assert '"verdict"' in as_json.output


def test_plans_without_deployments_are_refused() -> None:
    with pytest.raises(SpecError, match="nothing to replay"):
        plan_replay.verify_plan(replace(plan(), deployments=()))


def test_a_cache_needs_a_trace_and_preemptions_are_counted(tmp_path: Path) -> None:
    from recommender import Spec, recommend
    from recommender.plan import Plan
    from recommender.report.json_plan import to_json

    saved: Plan = recommend(
        Spec(model="8b", qps="5", p99="300ms", gpu=("H100",), fast=True), front=False, explain=False
    )
    path = tmp_path / "plan.json"
    path.write_text(to_json(saved))
    shown = CliRunner().invoke(command, [str(path), "--kv", "preempt"], standalone_mode=False)
    assert shown.return_value == 0, shown.output
    assert "0 preemptions" in shown.output
    refused = CliRunner().invoke(command, [str(path), "--prefix-cache", "off"])
    assert "--prefix-cache needs --trace" in str(refused.exception)

"""A failure in a replay: phases, verdicts, recovery, and what the command says about it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_verify import LAW, WORKLOAD, asked, plan

from recommender.commands.verify_command import command
from recommender.errors import SpecError
from recommender.plan import Plan
from recommender.queueing.simulator import simulate
from recommender.report.blocks import Items
from recommender.report.outage_section import outage_sections
from recommender.verification import plan_replay
from recommender.verification.outage import Failure, replay_outage
from recommender.verification.sources import FromLaw
from recommender.verification.verification import Outage, Verification
from recommender.verification.verify import verify


def outage(
    asked: Plan, demand: float, *, failures: int = 1, repair_s: float | None = 300.0
) -> Outage:
    failure = Failure(failures=failures, fails_s=200.0, repair_s=repair_s, end_s=1200.0)
    return replay_outage(asked, failure, FromLaw(WORKLOAD), demand=demand)


def test_a_plan_with_room_keeps_its_tail_through_a_failure() -> None:
    found = outage(plan(), 32.0)  # 8/s each, 10.7/s with one of four down
    assert {phase.phase for phase in found.phases} == {"before", "during", "after"}
    assert all(phase.verdict == "holds" for phase in found.phases)
    before, during, after = found.phases
    assert during.targets[0].value_s > before.targets[0].value_s
    assert after.targets[0].value_s == pytest.approx(before.targets[0].value_s, rel=0.1)
    assert all(r.back_after_s is not None for r in found.recoveries)


def test_long_phases_are_the_steady_states_of_verify() -> None:
    failure = Failure(failures=1, fails_s=1000.0, repair_s=2000.0, end_s=5000.0)
    found = replay_outage(plan(), failure, FromLaw(WORKLOAD), demand=32.0)
    before, during, _ = found.phases
    for phase, failures in ((before, 0), (during, 1)):
        (steady,) = verify(plan(), asked(32.0, failures)).replays
        for judged, known in zip(phase.targets, steady.targets, strict=True):
            assert judged.value_s == pytest.approx(known.value_s, rel=0.06)
    # Little's law: in flight on the lost replica = rate * mean time from arrival to last token
    run = simulate(LAW, WORKLOAD.lengths, 8.0, requests=20_000)
    error = 4 * (8.0 * run.e2e_s.mean() / found.incidents) ** 0.5
    assert found.retried == pytest.approx(8.0 * run.e2e_s.mean(), abs=error)


@pytest.mark.parametrize(
    ("burstiness", "repetitions"),
    [(1.0, 1), (1.5, 1), (8.0, 3), (40.0, 7)],
)
def test_bursts_are_replayed_as_often_as_tells_the_targets(
    burstiness: float, repetitions: int
) -> None:
    """Two survivors stand for three: 2 * 32/3 requests/s * 300 s = 6,400 requests of the outage in
    an incident, more than 4,000, a tenth of 40,000. With 32/3 of 40 requests/s each meets bursts
    of cv^2 = 1 + 0.267 * (8^2 - 1) = 17.8: 40,000 * 17.8 / 2^2 = 178,000 requests are needed, a
    tenth are 2.8 incidents. At most they are 400,000, a tenth 6.25.
    """

    class Seen(Exception):
        pass

    def first(text: str) -> None:
        raise Seen(text)

    failure = Failure(failures=1, fails_s=200.0, repair_s=300.0, end_s=1200.0)
    source = FromLaw(replace(WORKLOAD, burstiness=burstiness))
    with pytest.raises(Seen) as seen:
        replay_outage(plan(), failure, source, demand=32.0, progress=first)
    assert str(seen.value) == f"failure 1 of {10 * repetitions}"


def test_more_failures_are_worse() -> None:
    tails = []
    for failures in (1, 2):
        during = outage(plan(), 28.0, failures=failures).phases[1]
        tails.append(during.targets[0].value_s)
    assert tails[0] < tails[1]


def test_an_overload_ends_only_after_the_repair() -> None:
    found = outage(plan(), 64.0, failures=2)  # 16/s each, then 32/s: more than a replica can
    phases = {phase.phase: phase for phase in found.phases}
    assert phases["during"].verdict == "breaks"
    assert phases["during"].goodput < phases["before"].goodput
    ttft = found.recoveries[0]
    assert ttft.back_after_s is not None
    assert ttft.back_after_s > 300.0
    shown = "\n".join(
        entry
        for section in outage_sections(found)
        for block in section.blocks
        if isinstance(block, Items)
        for entry in block.items
    )
    assert "--redundancy n+2" in shown
    assert "for good" in shown


def test_nodes_that_stay_down_have_no_time_after() -> None:
    found = outage(plan(), 64.0, failures=2, repair_s=None)
    assert {phase.phase for phase in found.phases} == {"before", "during"}
    assert found.returns_s is None
    assert found.recoveries[0].back_after_s is None
    verification = Verification(
        demand_requests_per_s=64.0, arrivals="", lost=found.lost, replays=(), outages=(found,)
    )
    assert verification.verdict == "breaks"


def test_what_takes_too_long_is_refused() -> None:
    failure = Failure(failures=1, fails_s=1e7, repair_s=60.0, end_s=2e7)
    with pytest.raises(SpecError, match="let it happen earlier"):
        replay_outage(plan(), failure, FromLaw(WORKLOAD), demand=32.0)


def test_the_command_tells_what_a_failure_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recommender.report.json_plan import to_json

    def stand_in(read: Plan, **asked: object) -> Verification:
        assert asked["fail_at"] == "10min"
        found = outage(read, 32.0)
        return Verification(
            demand_requests_per_s=32.0, arrivals="", lost=found.lost, replays=(), outages=(found,)
        )

    monkeypatch.setattr(plan_replay, "verify_plan", stand_in)
    path = tmp_path / "plan.json"
    path.write_text(to_json(plan()))
    shown = CliRunner().invoke(command, [str(path), "--fail-at", "10min"], standalone_mode=False)
    assert shown.return_value == 0, shown.output
    assert "requests are sent again" in shown.output
    as_json = CliRunner().invoke(
        command, [str(path), "--fail-at", "10min", "--json"], standalone_mode=False
    )
    phases = json.loads(as_json.output)["outages"][0]["phases"]
    assert {phase["phase"] for phase in phases} == {"before", "during", "after"}
    assert "TTFT p99 is back inside" in shown.output or "throughout" in shown.output
    assert max(map(len, shown.output.splitlines())) <= 80

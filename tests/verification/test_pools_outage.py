"""Failures in plans with pools: who is interrupted, who carries what, and the steady states."""

from dataclasses import replace

import numpy as np
import pytest
from test_verify import WORKLOAD, asked, deployment, plan

from recommender.assembly.stated_law import law_of
from recommender.errors import SpecError
from recommender.plan import Placement, Plan, PoolSplit
from recommender.queueing.arrivals import Draw
from recommender.report.outage_section import outage_sections
from recommender.slo import Target
from recommender.verification.incident import Kind, Times
from recommender.verification.outage import Failure
from recommender.verification.pools import verify_pools
from recommender.verification.pools_incident import replay_pools_incident
from recommender.verification.pools_outage import replay_pools_outage
from recommender.verification.pools_senders import (
    ELSEWHERE,
    BothPools,
    Member,
    Senders,
    receivers_of,
    weights,
)
from recommender.verification.sources import FromLaw

DEMAND = 32.0
SPLIT = PoolSplit(
    parts=(), moving_limit_s=0.1, tandem_p99_s={}, kv_bytes_per_token={}, least_tokens=0.0,
    without_pools=None,
)  # fmt: skip


def with_pools(*, prefill: int = 4, decode: int = 4) -> Plan:
    """Nodes of one replica each: 16/s of a prefill replica, 14/s of a decode replica."""
    p = deployment("p1", dp=prefill, each=16.0, carries=DEMAND / prefill)
    d = deployment("d1", dp=decode, each=14.0, carries=DEMAND / decode)
    return replace(
        plan(),
        targets=(Target("ttft", 1.5), Target("tpot", 0.05)),
        pools=SPLIT,
        deployments=(
            replace(p, pool="prefill", transfer_s_per_token=1e-5),
            replace(d, pool="decode", transfer_s_per_token=1e-5,
                    step_law={**d.step_law, "d": 1e-8, "q": 0.0, "chunk_tokens": 1e6}),
        ),
        placements=tuple(
            Placement(offer="o", groups=n, nodes_per_group=1, replicas={name: 1}, requests_per_s=e)
            for name, n, e in (("p1", prefill, 16.0), ("d1", decode, 14.0))
        ),
    )  # fmt: skip


def member(name: str, **changes: float) -> Member:
    kind = {"rate": 8.0, "degraded_rate": 8.0, "lost": 0, "left": 4, "stand_ins": 4} | changes
    place = 0 if name == "p1" else 1
    law = law_of(with_pools().deployments[place])
    return Member(kind=Kind(law=law, **kind), s_per_token=1e-5)  # type: ignore[arg-type]


FAILED = {"degraded_rate": 32.0 / 3, "lost": 1, "left": 3, "stand_ins": 1}


def test_routing_by_hand() -> None:
    decode = {"d1": member("d1", **FAILED)}
    assert [r.lost for r in receivers_of(decode)] == [False, True]
    # 8/32 each; with one down 10.67/32 for a survivor
    assert weights(decode, degraded=False) == pytest.approx([0.25, 0.25])
    assert weights(decode, degraded=True) == pytest.approx([1 / 3, 0.0])


def test_two_senders_stand_for_four() -> None:
    """4 replicas of 8/s hand a quarter each to 2 receivers: 2 of them half, 8/s per receiver."""
    pools = BothPools(
        prefill={"p1": member("p1", stand_ins=2)},
        decode={"d1": member("d1", **FAILED)},
        least_tokens=0.0,
    )
    times = Times(fails_s=1000.0, returns_s=1000.0, end_s=1000.0)
    flows = Senders(pools=pools, times=times, source=FromLaw(WORKLOAD), seed=1).flows([])
    assert len(flows) == 2
    for receiver in (0, 1):
        got = sum(int((flow.receiver == receiver).sum()) for flow in flows)
        assert got == pytest.approx(8000, abs=4 * 8000**0.5)
    assert all((flow.receiver == ELSEWHERE).sum() == 0 for flow in flows)
    # first arrival + prompt + 1000 tokens * 10 us on average before it has left
    assert all((flow.sent_s > flow.requests.arrival + 0.005).all() for flow in flows)


def test_requests_sent_again_come_once_and_late() -> None:
    pools = BothPools(prefill={"p1": member("p1")}, decode={"d1": member("d1")}, least_tokens=0.0)
    times = Times(fails_s=50.0, returns_s=80.0, end_s=100.0, noticed_s=60.0)
    source = FromLaw(WORKLOAD)
    senders = Senders(pools=pools, times=times, source=source, seed=1)
    again = Draw(np.full(40, 45.0), np.full(40, 500), np.full(40, 100), np.zeros(40, np.int64))
    alone, more = senders.flows([]), senders.flows([again])
    assert sum(int(flow.retried.sum()) for flow in more) == 40
    for one, other in zip(alone, more, strict=True):
        late = other.sent_s[other.retried]
        assert (late > 60.0).all() and (other.requests.arrival[other.retried] == 45.0).all()
        early = one.sent_s < 60.0
        own = ~other.retried & (other.sent_s < 60.0)
        assert np.array_equal(one.sent_s[early], other.sent_s[own])
        assert np.array_equal(one.receiver[early], other.receiver[own])


@pytest.mark.parametrize("pool", ["prefill", "decode"])
def test_every_request_is_answered_once(pool: str) -> None:
    prefill, decode = member("p1"), member("d1")
    failed = {**FAILED, "stand_ins": 3}
    pools = BothPools(
        prefill={"p1": member("p1", **failed) if pool == "prefill" else prefill},
        decode={"d1": member("d1", **failed) if pool == "decode" else decode},
        least_tokens=0.0,
    )
    times = Times(fails_s=100.0, returns_s=200.0, end_s=400.0, noticed_s=110.0)
    found = replay_pools_incident(pools, times, FromLaw(WORKLOAD), seed=3)
    parts = [part for of in (found.survivors, found.lost) for part in of.get("p1 then d1", [])]
    retried = sum(int(part.retried.sum()) for part in parts)
    assert retried == found.interrupted
    # until it is noticed 10 s * 8/s, and what was in flight: less than 5 s of it
    assert 80 - 4 * 80**0.5 < retried < 80 + 40 + 4 * 120**0.5
    answered = sum(part.run.ttft_s.size for part in parts)
    assert answered == pytest.approx(400 * DEMAND, abs=4 * (400 * DEMAND) ** 0.5)
    assert all((part.run.ttft_s > 0.02).all() for part in parts)
    waited = [part.run.ttft_s[part.retried] for part in parts if part.retried.any()]
    assert np.concatenate(waited).max() > 10.0


def test_long_phases_are_the_steady_states_of_verify() -> None:
    whole = with_pools()
    failure = Failure(failures=1, fails_s=600.0, repair_s=900.0, end_s=1600.0)
    outages = replay_pools_outage(whole, failure, FromLaw(WORKLOAD), demand=DEMAND)
    assert [outage.what for outage in outages] == ["prefill nodes down", "decode nodes down"]
    (up,) = verify_pools(whole, asked(DEMAND)).replays
    down = verify_pools(whole, asked(DEMAND, 1)).replays
    for outage, steady in zip(outages, down, strict=True):
        before, during, _ = outage.phases
        for phase, known in ((before, up), (during, steady)):
            for judged, target in zip(phase.targets, known.targets, strict=True):
                assert judged.value_s == pytest.approx(target.value_s, rel=0.08)


def test_the_report_names_the_pool_that_fails() -> None:
    failure = Failure(failures=1, fails_s=100.0, repair_s=100.0, end_s=300.0, unnoticed_s=10.0)
    outages = replay_pools_outage(with_pools(), failure, FromLaw(WORKLOAD), demand=DEMAND)
    titles = [section.title for outage in outages for section in outage_sections(outage)]
    assert "Failure: prefill nodes down" in titles
    assert "Before, during, after: decode nodes down" in titles


def test_a_pool_of_one_group_cannot_lose_it() -> None:
    failure = Failure(failures=1, fails_s=100.0, repair_s=100.0, end_s=300.0)
    with pytest.raises(SpecError, match="the decode pool has only 1 failure groups"):
        replay_pools_outage(with_pools(decode=1), failure, FromLaw(WORKLOAD), demand=8.0)

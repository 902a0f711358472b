"""A plan for bursty arrivals against its whole fleet: one stream, each request to one replica."""

from functools import cache

import numpy as np
import pytest

import catalog
from recommender.assembly.stated_law import law_of
from recommender.audit import audit
from recommender.engine import recommend
from recommender.plan import Plan
from recommender.queueing.arrivals import Draw
from recommender.queueing.simulator import replay
from recommender.request.chosen_workload import chosen_workload
from recommender.request.spec import Spec

ASKED = {
    "model": "8b", "p99": "500ms", "workload": "code", "burstiness": "6", "provider": "nebius",
    "gpu": "H100", "headroom": "0%",
}  # fmt: skip
REQUESTS = 400_000


def spec_of(qps: str, **others: str) -> Spec:
    return Spec.model_validate(ASKED | {"qps": qps} | others)


@cache
def plan_of(qps: str) -> Plan:
    return recommend(spec_of(qps), catalog=catalog.load(), front=False)


def p99s_of_the_fleet(plan: Plan, spec: Spec) -> tuple[float, float]:
    """p99 of TTFT and TPOT over all replicas of the one deployment [s]."""
    (d,) = plan.deployments
    workload = chosen_workload(spec, catalog.load())
    random = np.random.default_rng(5)
    square = workload.burstiness**2
    arrival = np.cumsum(random.gamma(1 / square, square, REQUESTS)) / spec.qps
    replica = random.integers(d.dp, size=REQUESTS)
    chosen = random.integers(workload.lengths.input_tokens.size, size=REQUESTS)
    runs = []
    for number in range(d.dp):
        mine = np.flatnonzero(replica == number)
        draw = Draw(
            arrival[mine],
            workload.lengths.input_tokens[chosen[mine]],
            workload.lengths.output_tokens[chosen[mine]],
            np.zeros(mine.size, np.int64),
        )
        runs.append(replay(law_of(d), draw, lead=200))
    ttft = np.concatenate([run.ttft_s for run in runs])
    tpot = np.concatenate([run.tpot_s for run in runs])
    return float(np.quantile(ttft, 0.99)), float(np.nanquantile(tpot, 0.99))


@pytest.mark.parametrize("qps", ["10", "60"])
def test_the_stated_p99s_are_those_of_the_fleet(qps: str) -> None:
    """A few replicas and a dozen: half or a tenth of the bursts reach each; within 6 %."""
    plan = plan_of(qps)
    (d,) = plan.deployments
    ttft_s, tpot_s = p99s_of_the_fleet(plan, spec_of(qps))
    assert d.ttft_p99_s == pytest.approx(ttft_s, rel=0.06)
    assert d.tpot_p99_s == pytest.approx(tpot_s, rel=0.06)
    assert ttft_s <= 0.5 * 1.03


def test_a_replica_of_a_larger_service_carries_more() -> None:
    """Six times the demand takes less than six times the replicas."""
    (few,), (many,) = plan_of("10").deployments, plan_of("60").deployments
    assert many.dp < 4 * few.dp
    assert many.max_requests_per_s / many.dp > 1.5 * few.max_requests_per_s / few.dp


def test_a_fleet_cut_down_at_night_holds_there_too() -> None:
    """With a fifth of the demand a replica gets five times the share, and carries half as much.

    The peak is no dearer for it, and each period costs what it would as a service of its own.
    """
    asked = spec_of("60", profile="0-8h:20%,8-24h:100%")
    plan = recommend(asked, catalog=catalog.load(), front=False)
    night, day = plan.periods
    assert night.p99_s is not None and day.p99_s is not None
    assert max(day.p99_s, night.p99_s) <= 0.5
    (of_night,), (of_day,) = night.deployments, day.deployments
    of_one = [d.max_requests_per_s / d.dp for d in (of_night, of_day)]
    assert 0.2 * of_one[1] < of_one[0] < 0.7 * of_one[1]
    (day_alone,), (night_alone,) = plan_of("60").deployments, plan_of("12").deployments
    assert of_day.dp == day_alone.dp
    assert of_night.dp == night_alone.dp
    broken = [f for f in audit(plan, asked, catalog.load(), replay=True) if not f.holds]
    assert not broken


def test_a_day_of_bursts_says_what_its_optimum_rests_on() -> None:
    asked = spec_of("60", profile="0-8h:20%,8-24h:100%")
    plan = recommend(asked, catalog=catalog.load(), front=False)
    (said,) = (line for line in plan.binding if "of bursts every kind" in line)
    assert "at 12/s" in said and "condition: " in said
    assert not any("of bursts every kind" in line for line in plan_of("60").binding)

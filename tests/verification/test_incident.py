"""Failures during a replay: conservation laws, hand computations, and when the tail is back."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from recommender.errors import SpecError
from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, join_draws
from recommender.queueing.policy import KvPolicy
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay, simulate
from recommender.slo import Slo, Target
from recommender.verification.fail_at import failure_at
from recommender.verification.incident import (
    Incident,
    Kind,
    Part,
    Times,
    compact,
    replay_incident,
)
from recommender.verification.load import Load
from recommender.verification.recovery import back_inside_s, goodput_back_s
from recommender.verification.sources import FromLaw
from recommender.workload import Lengths, Workload

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)
SECONDS = StepLaw(  # every step takes one second
    a=1.0, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=8.0, kv_tokens=1e6, chunk_tokens=2048.0
)
WORKLOAD = Workload("w", 40.0, Lengths(np.array([500, 1500]), np.array([100, 200])), 1.5)
TIMES = Times(fails_s=60.0, returns_s=150.0, end_s=240.0)


def kind(**changed: object) -> Kind:
    known = Kind(law=LAW, rate=8.0, degraded_rate=12.0, lost=1, left=3, stand_ins=3)
    return replace(known, **changed)  # type: ignore[arg-type]


def parts(incident: Incident) -> list[Part]:
    return [
        part
        for by_name in (incident.survivors, incident.lost)
        for found in by_name.values()
        for part in found
    ]


@dataclass(frozen=True)
class Given:
    """The same requests for every replica, as long as its load lasts."""

    arrival_s: tuple[float, ...]
    output_tokens: int
    kv: KvPolicy = "reserve"

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        raise NotImplementedError

    def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
        times = np.array(self.arrival_s)
        times = times[load.at(times) > 0.0]
        return Draw(
            times,
            np.full(times.size, 10),
            np.full(times.size, self.output_tokens),
            np.zeros(times.size, np.int64),
        )


def test_replicas_draw_what_their_drafts_gain_each_for_itself() -> None:
    """The same requests on three survivors: all three had the same steps."""
    drafting = replace(LAW, tokens_per_step=2.5, verified_tokens=4.0)
    given = Given(tuple(np.arange(1.0, 50.0, 0.5)), 200)
    found = replay_incident({"d1": kind(law=drafting)}, TIMES, given, seed=3)
    first, second, third = (part.run.e2e_s for part in found.survivors["d1"])
    size = min(first.size, second.size, third.size)
    assert not np.array_equal(first[:size], second[:size])
    assert not np.array_equal(second[:size], third[:size])


def test_a_survivor_computes_an_interrupted_request_again_by_hand() -> None:
    """Steps of 1 s, five tokens each; requests at 0 and 1 s on every replica; failure at 3.5 s.

    The lost replica is in step 4 then: both of its requests are interrupted. The survivor has
    its own two, done after 5 and 6 s; at the end of its step 4 it takes the other two in: first
    token at 5 s, the last at 9 s. Times count from 0 and 1 s.
    """
    both = {"d": Kind(law=SECONDS, rate=1.0, degraded_rate=2.0, lost=1, left=1, stand_ins=1)}
    times = Times(fails_s=3.5, returns_s=100.0, end_s=100.0)
    found = replay_incident(both, times, Given((0.0, 1.0), 5), seed=0)
    assert found.interrupted == 2
    ((lost,), (survivor,)) = found.lost["d"], found.survivors["d"]
    assert lost.run.ttft_s.size == 0
    assert survivor.retried.tolist() == [False, False, True, True]
    assert survivor.run.ttft_s.tolist() == [1.0, 1.0, 5.0, 4.0]
    assert survivor.run.e2e_s.tolist() == [5.0, 5.0, 9.0, 8.0]
    assert survivor.run.tpot_s.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_until_a_failure_is_noticed_requests_wait_on_the_lost_node_by_hand() -> None:
    """As above, with a third request at 4 s, half a second after the failure at 3.5 s.

    Noticed at 6.5 s: all three are sent on then, in the survivor's step from 6 to 7 s they wait
    (it computes its own third request, until 9 s), first tokens at 8 s.
    """
    both = {"d": Kind(law=SECONDS, rate=1.0, degraded_rate=2.0, lost=1, left=1, stand_ins=1)}
    times = Times(fails_s=3.5, returns_s=100.0, end_s=100.0, noticed_s=6.5)
    found = replay_incident(both, times, Given((0.0, 1.0, 4.0), 5), seed=0)
    assert found.interrupted == 3
    (survivor,) = found.survivors["d"]
    assert survivor.retried.tolist() == [False] * 3 + [True] * 3
    assert survivor.run.ttft_s.tolist() == [1.0, 1.0, 1.0, 8.0, 7.0, 4.0]
    assert survivor.run.e2e_s.tolist() == [5.0, 5.0, 5.0, 12.0, 11.0, 8.0]


def test_what_is_complete_in_time_is_not_sent_again() -> None:
    both = {"d": Kind(law=SECONDS, rate=1.0, degraded_rate=2.0, lost=1, left=1, stand_ins=1)}
    times = Times(fails_s=5.5, returns_s=100.0, end_s=100.0)  # the first is done after 5 s
    found = replay_incident(both, times, Given((0.0, 1.0), 5), seed=0)
    assert found.interrupted == 1
    assert found.lost["d"][0].run.e2e_s.tolist() == [5.0]


@pytest.mark.parametrize("ranks", [1.0, 4.0])
def test_every_request_is_answered_once(ranks: int) -> None:
    law = replace(LAW, ranks=ranks)
    slower = replace(LAW.slower(1.3), ranks=ranks)
    kinds = {
        "fast": kind(law=law),
        "slow": kind(law=slower, rate=5.0, degraded_rate=7.5, lost=2, left=2, stand_ins=2),
    }
    asked: list[Draw] = []

    class Counted(FromLaw):
        def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
            asked.append(super().stream(law, load, seed))
            return asked[-1]

    found = replay_incident(kinds, TIMES, Counted(WORKLOAD), seed=7)
    answered = parts(found)
    assert found.interrupted > 0
    # requests that arrived anywhere = requests answered somewhere
    assert sum(part.run.ttft_s.size for part in answered) == sum(d.arrival.size for d in asked)
    assert sum(int(part.retried.sum()) for part in answered) == found.interrupted
    lengths = np.sort(join_draws(asked).output_tokens)
    assert np.array_equal(
        lengths, np.sort(np.concatenate([part.run.output_tokens for part in answered]))
    )
    for part in answered:
        ends = part.run.arrival_s + part.run.e2e_s
        assert np.all(part.run.e2e_s >= part.run.ttft_s)
        assert np.all(ends[part.retried] > TIMES.fails_s)
        assert np.all(part.run.arrival_s[part.retried] <= TIMES.fails_s)
        assert part.run.completed == part.run.arrived
    for name in kinds:
        for part in found.lost[name]:
            ends = part.run.arrival_s + part.run.e2e_s - LAW.frontend_s
            before = part.run.arrival_s < TIMES.returns_s
            assert np.all(ends[before] <= TIMES.fails_s)


def test_every_request_is_answered_once_also_when_it_is_noticed_late() -> None:
    asked: list[Draw] = []

    class Counted(FromLaw):
        def stream(self, law: StepLaw, load: Load, seed: int) -> Draw:
            asked.append(super().stream(law, load, seed))
            return asked[-1]

    late = replace(TIMES, noticed_s=80.0)
    found = replay_incident({"d": kind()}, late, Counted(WORKLOAD), seed=7)
    answered = parts(found)
    assert sum(part.run.ttft_s.size for part in answered) == sum(d.arrival.size for d in asked)
    # in flight at 60 s, and 8/s for 20 s more
    assert found.interrupted == pytest.approx(8.0 * (20 + 1.7), rel=0.35)
    for part in answered:
        again = part.run.arrival_s[part.retried] + part.run.ttft_s[part.retried]
        assert np.all(again > 80.0)


def test_requests_are_sent_on_by_routing_weight() -> None:
    kinds = {
        "many": kind(rate=20.0, lost=3, left=30, stand_ins=30, degraded_rate=1.0),
        "few": kind(rate=20.0, lost=3, left=5, stand_ins=5, degraded_rate=2.0),
    }
    found = replay_incident(kinds, TIMES, FromLaw(WORKLOAD), seed=1)
    many = sum(int(part.retried.sum()) for part in found.survivors["many"])
    # weights 30 * 1 and 5 * 2
    assert many / found.interrupted == pytest.approx(
        0.75, abs=4 * (0.19 / found.interrupted) ** 0.5
    )


def test_an_incident_is_decided_by_its_seed() -> None:
    one, two, other = (
        replay_incident({"d": kind()}, TIMES, FromLaw(WORKLOAD), seed=seed) for seed in (4, 4, 5)
    )
    assert np.array_equal(parts(one)[0].run.e2e_s, parts(two)[0].run.e2e_s)
    assert one.interrupted == two.interrupted
    assert parts(one)[0].run.e2e_s.size != parts(other)[0].run.e2e_s.size


def test_less_memory_changes_no_percentile() -> None:
    whole = replay_incident({"d": kind()}, TIMES, FromLaw(WORKLOAD), seed=4)
    small = compact(whole)
    assert small.interrupted == whole.interrupted
    for one, two in zip(parts(whole), parts(small), strict=True):
        assert two.run.ttft_s.dtype == np.float32
        assert two.run.e2e_s == pytest.approx(one.run.e2e_s, rel=1e-6)
        assert np.array_equal(two.run.output_tokens, one.run.output_tokens)
        assert two.run.gaps.sum() == one.run.gaps.sum()


def test_back_inside_is_the_first_bucket_that_is_good_for_good() -> None:
    """4,000 requests in 40 s, so four buckets of 10 s; the limit is missed by those in 10-20 s."""
    run = simulate(LAW, WORKLOAD.lengths, 5.0, requests=4000)
    arrival_s = 100.0 + np.linspace(0.0, 40.0, 4000, endpoint=False)
    late = (arrival_s >= 110.0) & (arrival_s < 120.0)
    run = replace(run, arrival_s=arrival_s, ttft_s=np.where(late, 2.0, 0.1))
    assert back_inside_s(run, Target("ttft", 1.0), start_s=100.0, end_s=140.0) == 120.0
    assert back_inside_s(run, Target("ttft", 3.0), start_s=100.0, end_s=140.0) == 100.0
    assert back_inside_s(run, Target("ttft", 0.05), start_s=100.0, end_s=140.0) is None
    # goodput: a quarter of the requests misses, which 70 % allow at once and 90 % after it
    limits = (Target("ttft", 1.0), Target("tpot", 100.0))
    for asked, back_s in ((0.7, 100.0), (0.9, 120.0)):
        assert goodput_back_s(run, Slo(limits, asked), start_s=100.0, end_s=140.0) == back_s
    assert goodput_back_s(run, Slo(limits), start_s=100.0, end_s=140.0) is None
    # at the median the bad quarter does not matter
    assert back_inside_s(run, Target("ttft", 1.0, 0.5), start_s=100.0, end_s=140.0) == 100.0


def test_the_flag_gives_times() -> None:
    found = failure_at("10min:30min", failures=2, hours=0.0)
    assert (found.failures, found.fails_s, found.repair_s, found.end_s) == (2, 600, 1800, 4200)
    assert found.times == Times(fails_s=600, returns_s=2400, end_s=4200)
    for_good = failure_at("2min", failures=0, hours=2.0)
    assert for_good.failures == 1
    assert for_good.times == Times(fails_s=120, returns_s=7200, end_s=7200)
    noticed = failure_at("10min:30min:15s", failures=1, hours=0.0)
    assert (noticed.unnoticed_s, noticed.times.sent_on_s) == (15.0, 615.0)
    assert failure_at("10min::15s", failures=1, hours=0.0).repair_s is None
    assert failure_at("peak:1min", failures=1, hours=0, peak_s=240.0).fails_s == 240.0


@pytest.mark.parametrize("text", ["", "10", "30s", "1h:x", "peak", "1min:2min:3min"])
def test_a_flag_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="--fail-at"):
        failure_at(text, failures=1, hours=0.0)


def test_few_requests_can_be_replayed_in_given_sections() -> None:
    two = Given((0.0, 1.0), 3).stream(SECONDS, Load((0.0, 9.0), (1.0,)), 0)
    run = replay(SECONDS, two, sections=np.array([0, 1]))
    assert run.ttft_s.size == 2
    with pytest.raises(ValueError, match="at least 10"):
        replay(SECONDS, two)

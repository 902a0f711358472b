"""What a prefix cache finds in a replay: choices, refusals, and block hashes through a replay."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender.errors import SpecError
from recommender.performance.step_law import StepLaw
from recommender.traces.read import read_trace
from recommender.traces.superpose import superpose
from recommender.traces.trace import Trace, TraceError
from recommender.verification.load import Load
from recommender.verification.prefix_hits import with_hits
from recommender.verification.sources import FromTrace

LAW = StepLaw(
    a=8e-3, b=5e-5, g=1e-8, d=2e-5, q=1e-9, max_batch=256.0, kv_tokens=1e6, chunk_tokens=2048.0
)


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Talks of ten turns over ten minutes, each a block of 512 longer than the one before."""
    lines = []
    for second in range(600):
        talk, turn = second % 60, second // 60
        hashes = [100 * talk + n for n in range(turn + 1)]
        lines.append(
            f'{{"timestamp": {1000 * second}, "input_length": {512 * (turn + 1)}, '
            f'"output_length": 20, "hash_ids": {hashes}}}'
        )
    path: Path = tmp_path_factory.mktemp("trace") / "talks.jsonl"
    path.write_text("\n".join(lines))
    return read_trace(path)


def bare() -> Trace:
    times = np.arange(200.0)
    return Trace("bare", "log", times, np.full(200, 9), np.full(200, 9), None, ())


def test_the_default_follows_the_plan_and_the_trace(hashed: Trace) -> None:
    off, words = with_hits(hashed, prefix_hit=0.0, asked=None)
    assert off.cached_tokens is None
    assert off.blocks is None
    assert "the plan counts on none" in words
    simulated, words = with_hits(hashed, prefix_hit=0.3, asked=None)
    assert simulated.blocks is not None
    assert "LRU" in words
    planned, words = with_hits(bare(), prefix_hit=0.5, asked=None)
    assert planned.cached_tokens is not None
    assert planned.cached_tokens.tolist() == [4] * 200  # half of 9, rounded down


def test_an_unbounded_cache_finds_what_the_trace_says(hashed: Trace) -> None:
    ideal, words = with_hits(hashed, prefix_hit=0.0, asked="ideal")
    assert ideal.cached_tokens is not None
    # turns 0..9 find 0..9 of 1..10 blocks: 45 of 55
    assert ideal.cached_tokens.sum() / ideal.input_tokens.sum() == pytest.approx(45 / 55)
    assert "82% of prompt tokens" in words


@pytest.mark.parametrize("asked", ["lru", "ideal"])
def test_a_trace_without_hashes_has_nothing_to_find(asked: str) -> None:
    with pytest.raises(SpecError, match="needs block hashes"):
        with_hits(bare(), prefix_hit=0.0, asked=asked)  # type: ignore[arg-type]


def test_one_replica_finds_nearly_all_and_many_find_little(hashed: Trace) -> None:
    trace, _ = with_hits(hashed, prefix_hit=0.0, asked="lru")
    alone = superpose(trace, requests_per_s=1.0)
    assert alone.shift_s.size == 1
    whole = FromTrace(alone)(LAW, 1.0, 600, 1)
    # of n blocks n - 1 are in the cache, the last token is computed: about the ideal 82 %
    assert whole.cached_share == pytest.approx(45 / 55, abs=0.03)
    many = FromTrace(superpose(trace, requests_per_s=50.0))
    # each turn comes to this replica with 1/50: the sum of m/50 for m < n of n blocks would be
    # 165/50 of the 55 of a talk, 6 %, less what two earlier turns have in common
    assert 0.03 < many(LAW, 1.0, 20_000, 1).cached_share < 0.06
    # all of them on one replica: 3,000 prompts come before the next turn of a talk, too many for
    # 1M tokens of KV, which the least recently used give way in; not for a hundred times as many
    assert many(LAW, 50.0, 2000, 1).cached_share == 0.0
    roomy = replace(LAW, kv_tokens=1e8)
    assert many(roomy, 50.0, 2000, 1).cached_share == pytest.approx(whole.cached_share, abs=0.05)


def test_a_stream_that_is_thinned_keeps_its_hashes(hashed: Trace) -> None:
    trace, _ = with_hits(hashed, prefix_hit=0.0, asked="lru")
    source = FromTrace(superpose(trace, requests_per_s=5.0))
    stream = source.stream(LAW, Load((0.0, 200.0, 500.0), (1.0, 4.0)), 3)
    assert stream.prefixes is not None
    assert stream.prefixes.counts.tolist() == (stream.input_tokens // 512).tolist()


def test_preemption_with_a_simulated_cache_is_refused(hashed: Trace) -> None:
    trace, _ = with_hits(hashed, prefix_hit=0.0, asked="lru")
    with pytest.raises(TraceError, match="preempt"):
        FromTrace(superpose(trace, requests_per_s=1.0), kv="preempt")


def test_a_replay_says_what_was_left_out_of_its_trace(tmp_path: Path) -> None:
    from recommender import Spec, recommend
    from recommender.report.verification_section import verification_sections
    from recommender.verification.plan_replay import verify_plan

    rows = [f"{n / 4},{300 + n % 200},{20 + n % 50}\n" for n in range(4000)]
    path = tmp_path / "log.csv"
    path.write_text("arrival_s,input_tokens,output_tokens\n" + "".join(rows) + "1001.0,9")
    spec = Spec(model="8b", qps="5", p99="300ms", trace=str(path), gpu=("H100",), fast=True)
    plan = recommend(spec, front=False, explain=False)
    assert any(
        "repaired: recommend workload log.csv says how" in a.source for a in plan.assumptions
    )
    found = verify_plan(plan, trace_file=path)
    assert found.verdict == "holds"
    assert len(found.repairs) == 1
    assert "x 2 copies" in found.arrivals
    assert "trace: 1 rows left out" in str(verification_sections(found))

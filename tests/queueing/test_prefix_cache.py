"""The prefix cache of the simulator: by hand, against an unbounded one, and conservation of KV."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.performance.step_law import StepLaw
from recommender.queueing.admission import admit, release, tokens_to_admit
from recommender.queueing.arrivals import Draw, join_draws
from recommender.queueing.policy import Policy
from recommender.queueing.prefix_cache import evict, leading_blocks, pin, pinned_blocks, unpin
from recommender.queueing.prefixes import Prefixes, _numbered
from recommender.queueing.quiet_steps import quiet_steps, slowest_rank
from recommender.queueing.simulator import replay
from recommender.queueing.state import ABSENT, BLOCK, RANK

LAW = StepLaw(a=1.0, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=64.0, kv_tokens=1e6, chunk_tokens=1e5)
BLOCK_TOKENS = 10


def stream(
    arrival_s: list[float],
    blocks: list[list[int]],
    *,
    extra: int = 5,
    output: int = 2,
    copies: list[int] | None = None,
    ranks: int = 1,
) -> Draw:
    """Prompts of these blocks and `extra` tokens more."""
    counts = np.array([len(found) for found in blocks])
    ends = np.cumsum(counts)
    size = counts.size
    return Draw(
        np.array(arrival_s),
        counts * BLOCK_TOKENS + extra,
        np.full(size, output),
        np.arange(size) % ranks,
        None,
        Prefixes(
            np.array([block for found in blocks for block in found], np.int64),
            ends - counts,
            counts,
            np.zeros(size, np.int64) if copies is None else np.array(copies),
            BLOCK_TOKENS,
        ),
    )


def prefilled(draw: Draw, law: StepLaw = LAW) -> int:
    size = draw.arrival.size
    return replay(law, draw, sections=np.zeros(size, np.int64)).prefilled_tokens


def test_leading_blocks_that_are_known_are_not_computed_again() -> None:
    # 25 + 35 tokens; of the second 20 are found, 15 computed; the third begins differently
    draw = stream([0.0, 100.0, 200.0], [[1, 2], [1, 2, 3], [7, 2, 3]])
    assert prefilled(draw) == 25 + 15 + 35
    run = replay(LAW, draw, sections=np.zeros(3, np.int64))
    assert run.cached_share == pytest.approx(20 / 95)


def test_the_last_token_is_always_computed() -> None:
    assert prefilled(stream([0.0, 9.0], [[1, 2], [1, 2]], extra=0)) == 20 + 1


def test_only_whole_blocks_are_found() -> None:
    """The last hash of a prompt can stand for a block that is not full."""
    draw = stream([0.0, 9.0], [[1, 2, 3], [1, 2, 3]], extra=-4)  # 26 tokens
    assert prefilled(draw) == 26 + 6


def test_copies_of_a_trace_share_no_blocks() -> None:
    blocks = [[1, 2], [1, 2]]
    assert prefilled(stream([0.0, 9.0], blocks, copies=[0, 1])) == 50
    assert prefilled(stream([0.0, 9.0], blocks, copies=[3, 3])) == 30


def test_each_rank_has_its_own_cache() -> None:
    blocks = [[1, 2]] * 4
    one, two = (
        stream([0.0, 9.0, 18.0, 27.0], blocks),
        stream([0.0, 9.0, 18.0, 27.0], blocks, ranks=2),
    )
    assert prefilled(one) == 25 + 3 * 5
    assert prefilled(two, replace(LAW, ranks=2.0)) == 2 * (25 + 5)


def test_the_least_recently_used_block_gives_way_by_hand() -> None:
    """KV of 60 tokens, one request after the other, blocks of 10, outputs of 2."""
    law = replace(LAW, kv_tokens=60.0)
    times = [0.0, 100.0, 200.0]
    # beside B (27 tokens) there is room for 33: both blocks of A stay
    assert prefilled(stream(times, [[1, 2], [3, 4], [1, 2]]), law) == 25 + 25 + 5
    # beside C (47 tokens) there is room for 13: block 2, the end of A, gives way
    assert prefilled(stream(times, [[1, 2], [5, 6, 7, 8], [1, 2]]), law) == 25 + 45 + 15
    # beside D (57 tokens) there is room for none
    assert prefilled(stream(times, [[1, 2], [5, 6, 7, 8, 9], [1, 2]]), law) == 25 + 55 + 25


def test_a_block_in_use_counts_once() -> None:
    """Two requests of 25 + 2 tokens that share 20 need 34 of KV together, apart 54."""
    two, apart = [[1, 2], [1, 2]], [[1, 2], [3, 4]]
    law = replace(LAW, kv_tokens=34.0)
    together = replay(law, stream([0.0, 0.0], two), sections=np.zeros(2, np.int64))
    assert together.ttft_s.tolist() == [1.0, 1.0]
    assert together.most_kv_tokens == 34
    in_turn = replay(law, stream([0.0, 0.0], apart), sections=np.zeros(2, np.int64))
    assert in_turn.ttft_s.tolist() == [1.0, 3.0]  # after two steps of the first


def random_stream(size: int, ranks: int = 1) -> Draw:
    random = np.random.default_rng(11)
    talks = [[int(n) for n in random.integers(1000 * t, 1000 * t + 999, 12)] for t in range(40)]
    blocks = [talks[random.integers(40)][: random.integers(1, 12)] for _ in range(size)]
    arrival_s = np.cumsum(random.exponential(4.0, size)).tolist()
    return stream(arrival_s, blocks, output=6, ranks=ranks)


def unbounded(draw: Draw) -> int:
    """Tokens computed with a cache that forgets nothing: by a set of prefixes."""
    assert draw.prefixes is not None
    known: set[int] = set()
    total = 0
    for n in range(draw.arrival.size):
        start = draw.prefixes.starts[n]
        blocks = draw.prefixes.ids[start : start + draw.prefixes.counts[n]].tolist()
        found = next((i for i, block in enumerate(blocks) if block not in known), len(blocks))
        known.update(blocks)
        total += int(draw.input_tokens[n]) - found * BLOCK_TOKENS
    return total


def test_with_much_room_it_is_an_unbounded_cache() -> None:
    draw = random_stream(400)
    assert prefilled(draw) == unbounded(draw)


def test_more_room_finds_more_and_kv_is_never_exceeded() -> None:
    draw = random_stream(400)
    computed = []
    for kv_tokens in (200.0, 1000.0, 4000.0, 1e6):
        law = replace(LAW, kv_tokens=kv_tokens)
        run = replay(law, draw, sections=np.zeros(400, np.int64))
        assert run.completed == run.arrived == 400
        assert run.most_kv_tokens <= kv_tokens
        assert run.requests_in_system * run.span_s == pytest.approx(run.sojourn_s, rel=1e-9)
        computed.append(run.prefilled_tokens)
    assert computed == sorted(computed, reverse=True)
    assert computed[0] > computed[-1]


def test_streams_are_taken_and_joined_with_their_prefixes() -> None:
    draw = random_stream(100)
    first, last = draw.take(np.arange(60)), draw.take(np.arange(60, 100))
    assert prefilled(join_draws([first, last])) == prefilled(draw)
    with pytest.raises(ValueError, match="different traces"):
        join_draws([first, random_stream(10)])


def test_blocks_are_numbered_without_gaps_in_a_table_or_by_sorting() -> None:
    for keys in ([5, 2, 2, 9, 5], [5, 2, 2, 9_000_000, 5]):
        numbered, known = _numbered(np.array(keys))
        assert numbered.tolist() == [1, 0, 0, 2, 1]
        assert known == 3
    assert _numbered(np.zeros(0, np.int64))[1] == 0


def test_what_is_not_simulated_is_refused() -> None:
    draw = random_stream(20)
    for policy in (Policy(kv="preempt"), Policy(lockstep=False)):
        with pytest.raises(ValueError, match="prefix cache"):
            replay(LAW, draw, policy=policy)


def test_the_compiled_parts_keep_their_list() -> None:
    """Three blocks with two users; idle ones go in order of use, the end of a prompt first."""
    cache = np.zeros((1, 4), BLOCK)
    cache["newer"] = cache["older"] = ABSENT
    cache["newer"][:, 3] = cache["older"][:, 3] = 3
    rank = np.zeros(1, RANK)[0]
    blocks = np.array([0, 1, 2], np.int64)
    assert leading_blocks(cache, 0, blocks, 0, 3) == 0
    assert pin(cache, rank, 0, blocks, 0, 3) == 3
    assert pin(cache, rank, 0, blocks, 0, 2) == 0
    assert pinned_blocks(cache, 0, blocks, 0, 3) == 3
    assert unpin(cache, rank, 0, blocks, 0, 3) == 1
    assert unpin(cache, rank, 0, blocks, 0, 2) == 2
    evict(cache, rank, 0, 1)
    # block 2 went first, then 1, the end of the other prompt
    assert leading_blocks(cache, 0, blocks, 0, 3) == 1
    assert all(map(callable, (admit, release, tokens_to_admit, quiet_steps, slowest_rank)))

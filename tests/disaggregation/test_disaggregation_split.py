"""The split: parts and tails add up to the budget, whatever the targets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.disaggregation.split import (
    DECODE_TAIL,
    LENGTH_TAIL,
    NETWORK_TAIL,
    PREFILL_TAIL,
    Split,
    decode_slo,
    prefill_slo,
    prefill_target,
    splits,
)
from recommender.slo import Bucket, Slo, Target
from recommender.workload import Lengths

LENGTHS = Lengths(
    np.array([100, 200, 1000, 3000], np.int64), np.array([10, 300, 10, 300], np.int64)
)
SHORT = Bucket(max_input_tokens=500)
BRIEF = Bucket(max_output_tokens=20)


def grid(*targets: Target) -> list[Split]:
    return list(splits(Slo(targets), LENGTHS))


def test_tails_add_up_to_that_of_the_target() -> None:
    # 3/4 + 1/8 + 1/16 + 2 * 1/32 = 24/32 + 4/32 + 2/32 + 2/32 = 1
    assert PREFILL_TAIL + DECODE_TAIL + LENGTH_TAIL + 2 * NETWORK_TAIL == 1.0


def test_by_hand() -> None:
    # 2 s, 5 % for the transfer, 10 % for decode:  2 - 0.1 - 0.2 = 1.7 s for prefill
    slo = Slo((Target("ttft", 2.0), Target("itl", 0.03)))
    (split,) = (s for s in splits(slo, LENGTHS) if _is(s, 0.1, 0.2))
    (part,) = split.parts
    assert part.prefill_s == pytest.approx(1.7)
    (prefill,) = prefill_slo(split, LENGTHS).targets
    assert (prefill.metric, prefill.percentile) == ("ttft", pytest.approx(0.9925))
    first, gaps = decode_slo(split, slo).targets
    assert first.limit_s == pytest.approx(0.2)
    assert first.percentile == pytest.approx(0.99875)
    assert gaps == Target("itl", 0.03)
    assert (split.transfer_s, split.after_prefill_s) == pytest.approx((0.1, 0.3))


def _is(split: Split, transfer_s: float, decode_s: float) -> bool:
    part = split.parts[0]
    found = part.transfer_s, part.decode_s
    return found == (pytest.approx(transfer_s), pytest.approx(decode_s))


@given(
    st.floats(0.05, 30.0),
    st.floats(0.05, 60.0),
    st.sampled_from([0.5, 0.9, 0.99, 0.999]),
    st.sampled_from([("ttft",), ("e2e",), ("ttft", "e2e")]),
    st.sampled_from([Bucket(), SHORT, BRIEF]),
)
def test_parts_and_tails_add_up_to_the_targets(first_s, more_s, percentile, metrics, bucket):
    limits = {"ttft": first_s, "e2e": first_s + more_s}
    slo = Slo(tuple(Target(m, limits[m], percentile, bucket) for m in metrics))
    found = list(splits(slo, LENGTHS))
    assert found
    for split in found:
        decode = decode_slo(split, slo).targets
        assert [part.target for part in split.parts] == list(slo.targets)
        for part, last in zip(split.parts, decode, strict=True):
            assert min(part.prefill_s, part.transfer_s, part.decode_s) > 0
            whole_s = part.prefill_s + part.transfer_s + part.decode_s
            assert whole_s == pytest.approx(part.target.limit_s)
            mine = prefill_target(part, LENGTHS)
            late = 1 - mine.percentile + 1 - last.percentile
            assert late < 1 - percentile


def test_without_a_budget_there_is_no_split() -> None:
    assert not grid(Target("tpot", 0.05))


def test_every_target_is_split_at_its_own_percentile() -> None:
    # of 1 s at p90 and 2 s at p99, 2 % for the transfer and 50 % for decode leave 48 %
    found = grid(Target("ttft", 1.0, 0.9), Target("ttft", 2.0, 0.99))
    (split,) = (s for s in found if _is(s, 0.02, 0.5))
    assert [p.prefill_s for p in split.parts] == pytest.approx([0.48, 0.96])
    targets = prefill_slo(split, LENGTHS).targets
    assert [t.percentile for t in targets] == pytest.approx([1 - 0.075, 1 - 0.0075])
    # caches hold memory for as long as the target at p99 allows
    assert (split.transfer_s, split.after_prefill_s) == pytest.approx((0.04, 1.04))


def test_what_follows_from_another_target_is_left_out() -> None:
    """E2E at p95 takes the prefill part of TTFT at p99, which holds it."""
    split = grid(Target("e2e", 9.0, 0.95), Target("ttft", 2.0, 0.99))[0]
    (kept,) = prefill_slo(split, LENGTHS).targets
    assert kept.percentile == pytest.approx(0.9925)
    assert split.parts[0].prefill_s == split.parts[1].prefill_s == kept.limit_s


def test_prefill_of_a_bucket_of_inputs_and_of_outputs_by_hand() -> None:
    # inputs alone: 1 - 3/4 * 0.01; half of all requests have short answers: 1 - 3/4 * 0.01 * 1/2
    (short,) = grid(Target("ttft", 2.0, 0.99, SHORT))[0].parts
    (brief,) = grid(Target("e2e", 9.0, 0.99, BRIEF))[0].parts
    found = [prefill_target(part, LENGTHS) for part in (short, brief)]
    assert [t.bucket for t in found] == [SHORT, Bucket()]
    assert [t.percentile for t in found] == pytest.approx([0.9925, 0.99625])


def test_e2e_takes_the_prefill_part_of_the_requests_that_it_is_about() -> None:
    every, short = Target("ttft", 2.0), Target("ttft", 0.5, 0.99, SHORT)
    for bucket, limit_s in ((SHORT, 0.5), (Bucket(), 2.0), (BRIEF, 2.0)):
        split = grid(every, short, Target("e2e", 9.0, 0.99, bucket))[0]
        of = {part.target.limit_s: part.prefill_s for part in split.parts}
        assert of[9.0] == of[limit_s]
    strict = grid(replace(every, limit_s=1.0, percentile=0.5), every, Target("e2e", 9.0))[0]
    assert strict.parts[2].prefill_s == strict.parts[1].prefill_s


def test_requests_in_no_bucket_hold_memory_for_longer() -> None:
    # the longest prompt of the bucket has 200 tokens, of all 3,000: 15 times as long
    short, every = Target("ttft", 2.0, 0.99, SHORT), Target("ttft", 3.0)
    alone, covered = grid(short)[0], grid(short, every)[0]
    (part,) = alone.parts
    assert alone.transfer_s == pytest.approx(15 * part.transfer_s)
    assert alone.after_prefill_s == pytest.approx(15 * part.transfer_s + part.decode_s)
    assert covered.transfer_s == covered.parts[1].transfer_s
    loose = grid(replace(short, limit_s=90.0), every)[0]
    assert loose.transfer_s == covered.transfer_s  # a loose bucket holds no memory for longer


def test_a_cache_waits_for_a_slot_not_for_the_last_token() -> None:
    """Of E2E p99 and TTFT p95 the second says how long a slot takes; x_t is that of both."""
    first = Target("ttft", 2.0, 0.95)
    split = grid(first, Target("e2e", 20.0, 0.99))[0]
    assert split.after_prefill_s == grid(first)[0].after_prefill_s < 2.0


def test_a_cache_waits_no_longer_than_the_rest_of_the_budget() -> None:
    for split in grid(Target("ttft", 2.0)):
        assert split.parts[0].prefill_s + split.after_prefill_s == pytest.approx(2.0)

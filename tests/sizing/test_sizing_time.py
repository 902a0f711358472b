"""Roofline, prefill, decode, attention and collectives: hand sums, limits, monotonicity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.sizing import attention, collectives, decode, prefill, roofline

positive = st.floats(1e-9, 1e9)


@given(positive, positive, st.floats(1, 20))
def test_smooth_max_lies_between_max_and_sum(x, y, sharpness):
    value = roofline.smooth_max(x, y, sharpness=sharpness)
    assert max(x, y) * (1 - 1e-12) <= value <= (x + y) * (1 + 1e-12)


@given(positive, positive, positive)
def test_smooth_max_is_homogeneous(x, y, factor):
    scaled = roofline.smooth_max(factor * x, factor * y, sharpness=2.2)
    assert scaled == pytest.approx(factor * roofline.smooth_max(x, y, sharpness=2.2))


@given(positive, positive, positive)
def test_smooth_max_is_monotone(x, y, more):
    value = roofline.smooth_max(x, y, sharpness=2.2)
    assert roofline.smooth_max(x + more, y, sharpness=2.2) >= value * (1 - 1e-12)


def test_smooth_max_by_hand():
    assert roofline.smooth_max(3.0, 4.0, sharpness=2.0) == pytest.approx(5.0)  # sqrt(9+16)
    assert roofline.smooth_max(0.0, 0.0, sharpness=2.0) == 0
    assert roofline.smooth_max(0.0, 7.0, sharpness=2.0) == 7
    assert roofline.smooth_max(1.0, 2.0, sharpness=500.0) == pytest.approx(2.0)


def test_roofline_time():
    # 60 FLOP at 10 FLOP/s = 6 s of arithmetic, 16 B at 2 B/s = 8 s of traffic: sqrt(36 + 64) = 10 s
    assert roofline.smooth_max(60 / 10, 16 / 2, sharpness=2.0) == pytest.approx(10.0)


def test_prefill_work_by_hand():
    # 2*1000 parameters*10 tokens
    assert prefill.linear_flop(active_parameters=1000, tokens=10) == 20_000
    # 10 tokens that see 5 others in the mean
    assert prefill.causal_context_tokens(prompt_tokens=10) == 5


def test_causal_context_by_enumeration():
    seen = np.mean([t + 0.5 for t in range(64)])  # token t attends to t before it and itself
    assert prefill.causal_context_tokens(prompt_tokens=64) == pytest.approx(seen)


def test_windowed_context_by_enumeration():
    seen = np.mean([min(t + 0.5, 100) for t in range(1000)])
    context = prefill.windowed_context_tokens(prompt_tokens=1000, window_tokens=100)
    assert context == pytest.approx(seen, rel=1e-3)
    short = prefill.windowed_context_tokens(prompt_tokens=80, window_tokens=100)
    assert short == 40  # all of it fits the window: t/2


def test_distinct_experts_limits():
    def used(tokens):
        return decode.distinct_experts(experts=160, experts_per_token=6, tokens=tokens)

    assert used(0) == 0
    assert used(1) == pytest.approx(6)
    assert used(2) == pytest.approx(6 + 6 * (1 - 6 / 160))  # the second token's new ones
    assert used(10_000) == pytest.approx(160)


def test_distinct_experts_against_drawing():
    rng = np.random.default_rng(1)
    drawn = [
        len(np.unique([rng.choice(32, size=4, replace=False) for _ in range(12)]))
        for _ in range(3000)
    ]
    formula = decode.distinct_experts(experts=32, experts_per_token=4, tokens=12)
    assert np.mean(drawn) == pytest.approx(formula, rel=0.01)


def test_hottest_rank_of_one_rank_is_the_mean():
    assert decode.hottest_rank_experts(experts=64, used_experts=40.0, ranks=1) == 40
    assert decode.hottest_rank_tokens(tokens=10.0, experts_per_token=4, ranks=1) == 40


def test_hottest_rank_against_drawing():
    rng = np.random.default_rng(2)
    tokens, experts, k, ranks = 64, 64, 4, 8
    pairs, used = [], []
    for _ in range(1000):
        choice = np.concatenate([rng.choice(experts, k, replace=False) for _ in range(tokens)])
        rank = choice // (experts // ranks)
        pairs.append(np.bincount(rank, minlength=ranks).max())
        used.append(np.bincount(np.unique(choice) // (experts // ranks)).max())
    formula = decode.hottest_rank_tokens(tokens=tokens, experts_per_token=k, ranks=ranks)
    assert np.mean(pairs) == pytest.approx(formula, rel=0.12)
    mean_used = decode.distinct_experts(experts=experts, experts_per_token=k, tokens=tokens)
    hottest = decode.hottest_rank_experts(experts=experts, used_experts=mean_used, ranks=ranks)
    assert np.mean(used) == pytest.approx(hottest, rel=0.12)


def test_attention_work_by_hand():
    assert attention.attention_flop_per_pair(heads=64, head_dim=128, tp=8) == 4096  # 4*128*8
    expanded = attention.expanded_latent_flop_per_pair(
        heads=128, nope_head_dim=128, rope_head_dim=64, value_head_dim=128, tp=8
    )
    assert expanded == 2 * 320 * 16
    absorbed = attention.absorbed_latent_flop_per_pair(
        heads=128, kv_lora_rank=512, rope_head_dim=64, tp=1
    )
    assert absorbed == 2 * 1088 * 128
    assert absorbed / ((512 + 64) * 2) == pytest.approx(242, abs=1)  # FLOP per byte at 16 bits


def test_collectives_by_hand():
    # 1 MB / 100 GB/s = 10 us
    reduce = collectives.transfer_s(message_bytes=1e6, bandwidth_bytes_per_s=100e9)
    assert reduce == pytest.approx(10e-6)
    # min(8, 3) others, min(8, 15) others, nobody else
    copies = [
        collectives.dispatched_copies(experts_per_token=8, accelerators=n) for n in (4, 16, 1)
    ]
    assert copies == [3, 8, 0]
    # 10 tokens to 3 others * 1000 wide * 2 B = 60 kB over 60 GB/s = 1 us
    exchange = collectives.transfer_s(message_bytes=10 * 3 * 1000 * 2, bandwidth_bytes_per_s=60e9)
    assert exchange == pytest.approx(1e-6)


@pytest.mark.parametrize(
    ("link_gb", "measured"),
    [(300, (182, 121, 107)), (450, (283, 194, 176)), (900, (478, 345, 245))],
    ids=["A100", "H100", "B200"],
)
def test_switched_rule_is_within_a_third_of_measured(link_gb, measured):
    for accelerators, bandwidth in zip((2, 4, 8), measured, strict=True):
        rule = collectives.switched_all_reduce_bandwidth(
            link_bytes_per_s=link_gb, accelerators=accelerators
        )
        assert rule == pytest.approx(bandwidth, rel=0.33)


def test_pcie_rule_lies_between_the_slowest_and_the_quickest_measured_server():
    """L40S 3.3 and 1.1 GB/s of 31.5; RTX 5090 35 * 4/6 and 28 * 8/14 GB/s of 63."""
    for accelerators, slowest, quickest in ((4, 3.3 / 31.5, 23.3 / 63), (8, 1.1 / 31.5, 16 / 63)):
        share = collectives.pcie_all_reduce_bandwidth(
            host_link_bytes_per_s=1.0, accelerators=accelerators
        )
        assert slowest < share < quickest
    # 0.5 * (2/4)^0.75 = 0.297
    assert collectives.pcie_all_reduce_bandwidth(
        host_link_bytes_per_s=1.0, accelerators=4
    ) == pytest.approx(0.2973, rel=1e-3)

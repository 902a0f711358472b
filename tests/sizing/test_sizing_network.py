"""Traffic of requests on a node's network: hand sums, limits, monotony."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.sizing.kv_cache import kv_bytes_per_sequence, kv_bytes_per_token_layer
from recommender.sizing.network import (
    front_end_bytes,
    kv_transfer_bytes,
    kv_transfer_s,
    network_rate_limit,
)

POSITIVE = st.floats(1e-3, 1e12)


def test_front_end_of_a_chat_request():
    # 1155 * 8 + 211 * 512 = 9,240 + 108,032
    assert front_end_bytes(input_tokens=1155, output_tokens=211) == 117_272


def test_llama_70b_prompt_of_1000_tokens_moves_328_mb():
    # 8 heads / tp 4 = 2 heads; 2 * 2 * 128 * 2 B = 1,024 B; * 80 layers = 81,920 B per token
    layer = kv_bytes_per_token_layer(kv_heads=8, head_dim=128, bytes_per_element=2, tp=4)
    rank = kv_bytes_per_sequence(
        context_tokens=1000, bytes_per_token_layer=layer, growing_layers=80
    )
    moved = kv_transfer_bytes(sequence_bytes_per_rank=rank, ranks=4)
    assert moved == 327_680_000
    # 0.32768 GB / (0.7 * 50 GB/s) = 9.36 ms, and 50 GB/s carry 106.8 of them a second
    time_s = kv_transfer_s(
        transfer_bytes=moved, sender_bytes_per_s=400e9, receiver_bytes_per_s=50e9
    )
    assert time_s == pytest.approx(9.3623e-3, rel=1e-4)
    rate = network_rate_limit(request_bytes=moved, node_bytes_per_s=50e9)
    assert rate == pytest.approx(106.81, rel=1e-4)


def test_replicated_heads_are_pulled_by_every_rank_that_holds_them():
    def moved(tp):
        layer = kv_bytes_per_token_layer(kv_heads=8, head_dim=128, bytes_per_element=2, tp=tp)
        return kv_transfer_bytes(sequence_bytes_per_rank=layer * 1000, ranks=tp)

    assert moved(1) == moved(8) == moved(16) / 2  # 16 ranks hold each of the 8 heads twice


def test_idle_transfer_of_nothing_takes_its_latency():
    nothing = kv_transfer_s(
        transfer_bytes=0.0, sender_bytes_per_s=1e9, receiver_bytes_per_s=1e9, latency_s=2e-5
    )
    assert nothing == 2e-5


@given(moved=POSITIVE, first=POSITIVE, second=POSITIVE, more=st.floats(1, 10))
def test_more_bytes_take_longer_and_more_bandwidth_carries_more(moved, first, second, more):
    time_s = kv_transfer_s(
        transfer_bytes=moved, sender_bytes_per_s=first, receiver_bytes_per_s=second
    )
    longer_s = kv_transfer_s(
        transfer_bytes=moved * more, sender_bytes_per_s=first, receiver_bytes_per_s=second
    )
    swapped_s = kv_transfer_s(
        transfer_bytes=moved, sender_bytes_per_s=second, receiver_bytes_per_s=first
    )
    assert longer_s >= time_s == swapped_s
    rate = network_rate_limit(request_bytes=moved, node_bytes_per_s=first)
    assert network_rate_limit(request_bytes=moved, node_bytes_per_s=first * more) >= rate
    # a node that sends one request after the other, and nothing else, reaches its largest rate
    alone_s = kv_transfer_s(
        transfer_bytes=moved, sender_bytes_per_s=first, receiver_bytes_per_s=first
    )
    assert rate * alone_s == pytest.approx(1)

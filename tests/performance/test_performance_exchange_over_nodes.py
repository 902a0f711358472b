"""Dispatch and combine over nodes: by hand, continuous, and against measured DeepEP kernels."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.calibration import load_calibration
from recommender.hardware import Hardware
from recommender.performance.communication import communication
from recommender.performance.interconnect import links
from recommender.sizing import collectives

MICRO = 1e-6


def hardware(network=400.0, domain=8, node=8, link=450.0):
    accelerator = SimpleNamespace(
        name="H100 80GB SXM5", scale_up_domain=domain, link_gb_per_s=link, link_type="none",
        host_link_gb_per_s=63.0, accelerators_per_node=node,
    )  # fmt: skip
    return Hardware(accelerator, node, network)


RACK = hardware(domain=72, node=4, link=900.0)


def exchange(accelerators, *, ep=None, bits=8.0, tp=1, machine=None):
    """Of one layer with DeepSeek-V3's hidden width and 8 experts per token."""
    stage = np.array([float(accelerators)])
    machine = machine or hardware()
    table = SimpleNamespace(
        tp=np.array([float(tp)]), pp=np.ones(1), adp=stage / tp,
        ep=stage if ep is None else np.array([float(ep)]), stage_accelerators=stage,
        compute_bits=np.array([bits]),
    )  # fmt: skip
    return communication(
        shape=SimpleNamespace(hidden=7168, experts_per_token=8, reduces_per_layer=2.0), table=table,
        links=links(
            hardware=machine, tp=table.tp, stage=stage, calibration=load_calibration()
        ),
        layers=np.ones(1), expert_layers=np.ones(1),
    )  # fmt: skip


def test_copies_that_leave_a_node_by_hand():
    # 8 copies in 2, 4 and 9 nodes: half, three quarters, eight ninths leave
    leaving = [collectives.copies_to_other_nodes(copies=8.0, nodes=n) for n in (2, 4, 9)]
    assert leaving == pytest.approx([4.0, 6.0, 64 / 9])
    # the other node is missed with 1/2^8; each of 3 others with 0.75^8 = 0.1001
    reached = [collectives.other_nodes_reached(copies=8.0, nodes=n) for n in (1, 2, 4)]
    assert reached == pytest.approx([0.0, 1 - 1 / 256, 3 * (1 - 0.1001)], abs=1e-4)


@given(st.floats(1, 16), st.floats(1, 64))
def test_forwarding_never_sends_more_and_never_more_than_the_nodes(copies, nodes):
    away = collectives.copies_to_other_nodes(copies=copies, nodes=nodes)
    reached = collectives.other_nodes_reached(copies=copies, nodes=nodes)
    assert 0 <= reached <= nodes - 1 + 1e-9
    assert reached <= away * (1 + 1e-9)


def test_a_token_over_two_nodes_by_hand():
    """4 copies leave: 7,168 * (1.03125 + 2) B * 4 = 86.9 kB over 0.92 * 50 GB/s = 1.889 us."""
    found = exchange(16)
    assert found.exchange_token_s[0] == pytest.approx(7168 * 3.03125 * 4 / 46e9)
    assert found.exchange_token_s[0] == pytest.approx(1.889 * MICRO, rel=1e-3)
    # a prompt token once, 0.996 * 21.7 kB over 0.8 * 50 GB/s = 0.541 us, while 8 copies of it pass
    # the links inside: 8 * 21.7 kB over 0.6 * 450 GB/s = 0.644 us
    assert found.exchange_prompt_token_s[0] == pytest.approx(0.644 * MICRO, rel=1e-3)
    slow = exchange(16, machine=hardware(network=200.0))
    assert slow.exchange_prompt_token_s[0] == pytest.approx(2 * 0.541 * MICRO, rel=1e-3)


def test_sixteen_bit_models_dispatch_sixteen_bits():
    assert exchange(16, bits=16.0).exchange_token_s[0] == pytest.approx(7168 * 4 * 4 / 46e9)


@pytest.mark.parametrize(
    ("nodes", "dispatch", "combine"),
    [(2, (178 - 22) / 254, (332 - 27) / 254), (4, (259 - 29) / 254, (501 - 29) / 254),
     (8, (304 - 30) / 254, (587 - 32) / 254)],
)  # fmt: skip
def test_decodes_against_low_latency_kernels(nodes, dispatch, combine):
    """Microseconds per token between 2 and 256 tokens, 8 H100 per node, 400 Gb/s each."""
    found = exchange(8 * nodes).exchange_token_s[0]
    assert found == pytest.approx((dispatch + combine) * MICRO, rel=0.05)


@pytest.mark.parametrize(
    ("nodes", "dispatch", "combine"), [(2, 1609, 3928), (4, 3518, 6912), (8, 11612, 8809)]
)
def test_prompts_against_normal_kernels(nodes, dispatch, combine):
    """Microseconds for 8,192 tokens of each accelerator, 20 processors of each sending."""
    found = 8192 * exchange(8 * nodes).exchange_prompt_token_s[0]
    assert found == pytest.approx((dispatch + combine) * MICRO, rel=0.05 if nodes == 2 else 0.21)


@pytest.mark.parametrize("bits", [8.0, 16.0])
def test_inside_a_rack_by_hand(bits):
    """GB200: 4 accelerators per node, 72 in a domain; 8 copies of 7,168 elements of 1.03 or 2 bytes
    and 2 bytes back over 0.6 of 900 GB/s: 0.322 or 0.425 us.
    """
    found = exchange(32, machine=RACK, bits=bits)
    assert found.exchange_token_s[0] == pytest.approx(
        (0.3219 if bits == 8.0 else 0.4248) * MICRO, rel=1e-3
    )
    assert found.exchange_prompt_token_s == found.exchange_token_s
    assert found.exchange_over_nodes[0] == 0


@pytest.mark.parametrize(
    ("accelerators", "narrow", "wide"),
    [(8, 0.298, 0.374), (16, 0.314, 0.399), (32, 0.331, 0.428), (64, 0.343, 0.441)],
)
def test_against_kernels_of_a_rack(accelerators, narrow, wide):
    """Microseconds per token of a layer on GB200, between 128 and 1,024 tokens: dispatch in 8 and
    in 16 bits, combine in 16 (NVLink kernels of TensorRT-LLM, aiconfigurator-core 0.12.0).
    """
    for bits, measured in ((8.0, narrow), (16.0, wide)):
        found = exchange(accelerators, machine=RACK, bits=bits)
        assert found.exchange_token_s[0] == pytest.approx(measured * MICRO, rel=0.07)


def test_cards_on_a_host_bridge_cross_nodes_only_when_they_do():
    cards = hardware(domain=1, node=8, link=0.0)
    assert exchange(8, machine=cards).exchange_over_nodes[0] == 0
    assert exchange(16, machine=cards).exchange_over_nodes[0] == 1


def test_a_slow_link_inside_bounds_what_crosses():
    """Copies inside take longer than those that leave: 4 * 21.7 kB over 0.6 * 10 GB/s, and all 8
    of a prompt's token.
    """
    found = exchange(16, machine=hardware(link=10.0))
    assert found.exchange_token_s[0] == pytest.approx(7168 * 3.03125 * 4 / 6e9)
    assert found.exchange_prompt_token_s[0] == pytest.approx(7168 * 3.03125 * 8 / 6e9)


@pytest.mark.parametrize("ep", [None, 1])
def test_more_nodes_never_send_less(ep):
    for name in ("exchange_token_s", "exchange_prompt_token_s"):
        found = [getattr(exchange(8 * n, ep=ep), name)[0] for n in (2, 3, 4, 8, 16)]
        assert found == sorted(found)


def test_experts_cut_by_tensor_parallelism_use_plain_collectives():
    """To all 16 ranks, 8 of them on the other node: 16 bits both ways over 0.7 * 50 GB/s; two
    ranks of 8 send everything to each other, an eighth by each accelerator.
    """
    found = exchange(16, ep=1).exchange_token_s[0]
    assert found == pytest.approx(2 * 7168 * 2 * 8 / 35e9)
    assert exchange(16, ep=1, tp=8).exchange_token_s[0] == pytest.approx(
        2 * 7168 * 2 * 1 / 8 / 35e9
    )


def test_tensor_ranks_share_what_a_rank_sends():
    assert exchange(16, tp=2).exchange_token_s[0] == pytest.approx(
        exchange(16).exchange_token_s[0] / 2
    )


def test_nodes_of_one_accelerator_send_for_all_experts_that_they_do_not_hold():
    """8 experts of a token on two nodes of one accelerator each: 4 messages cross for a decode,
    and a prompt's token stays at home with 1/2^8. 7168 * 3.03 B at 0.92 and 0.8 of 50 GB/s.
    """
    pair = exchange(2, machine=hardware(network=50.0, domain=1, node=1))
    message = 7168 * (2 + 1 + 4 / 128)
    assert pair.exchange_token_s[0] == pytest.approx(4 * message / 46e9)
    prompt_s = (1 - 1 / 256) * message / 40e9
    assert pair.exchange_prompt_token_s[0] == pytest.approx(prompt_s)

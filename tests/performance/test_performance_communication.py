"""Collectives of a stage: how often, how much per token, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from catalog.loader import load
from recommender.performance.communication import communication
from recommender.performance.interconnect import Links
from recommender.performance.model_shape import model_shape


def links():
    ones = np.ones(1)
    return Links(
        reduce_latency_s=5e-6 * ones,
        reduce_bandwidth=100e9 * ones,
        exchange_latency_s=14e-6 * ones,
        exchange_bandwidth=60e9 * ones,
        exchange_nodes=ones,
        exchange_network=50e9 * ones,
        hop_latency_s=1e-6 * ones,
        hop_bandwidth=50e9 * ones,
    )


def of(*, tp=1, adp=1, ep=1, pp=1, layers=10.0, expert_layers=0.0, reduces=2.0):
    cut = {name: np.asarray([float(n)]) for name, n in (("tp", tp), ("adp", adp), ("ep", ep))}
    table = SimpleNamespace(
        **cut,
        pp=np.asarray([float(pp)]),
        stage_accelerators=np.asarray([float(tp * adp)]),
        compute_bits=np.asarray([8.0]),
    )
    return communication(
        shape=SimpleNamespace(hidden=1000, experts_per_token=8, reduces_per_layer=reduces),
        table=table,
        links=links(),
        layers=np.asarray([layers]),
        expert_layers=np.asarray([expert_layers]),
    )


def test_two_all_reduces_a_layer_by_hand():
    found = of(tp=4)
    # 2 * 10 layers * 5 us; a token: 20 messages of 1,000 * 2 B over 100 GB/s = 0.4 us
    assert found.reduce_latency_s == pytest.approx(100e-6)
    assert found.reduce_token_s == pytest.approx(0.4e-6)
    assert found.exchange_latency_s == found.hop_latency_s == 0


def test_parallel_blocks_and_single_ones_reduce_once_a_layer():
    once, twice = of(tp=4, reduces=1.0), of(tp=4)
    assert once.reduce_latency_s == pytest.approx(twice.reduce_latency_s / 2)
    assert once.reduce_token_s == pytest.approx(twice.reduce_token_s / 2)
    # 1.5 * 10 - 6: experts on attention ranks replace theirs
    mixed = of(tp=2, adp=4, ep=8, expert_layers=6.0, reduces=1.5)
    assert mixed.reduce_latency_s == pytest.approx(9 * 5e-6)


def test_experts_on_attention_ranks_by_hand():
    found = of(tp=2, adp=4, ep=8, expert_layers=6.0)
    # 2 * 10 - 6 all-reduces; 2 * 6 exchanges; a token: 6 * 1,000 * (1.03125 + 2) B * min(8, 7)
    # / 2 over 60 GB/s: dispatched in 8 bits
    assert found.reduce_latency_s == pytest.approx(14 * 5e-6)
    assert found.exchange_latency_s == pytest.approx(12 * 14e-6)
    assert found.exchange_token_s == pytest.approx(6 * 1000 * 3.03125 * 7 / 2 / 60e9)
    assert found.exchange_prompt_token_s == found.exchange_token_s


def test_experts_cut_by_tensor_parallelism_go_to_all_other_ranks():
    found = of(tp=2, adp=4, ep=1, expert_layers=6.0)
    assert found.exchange_token_s == pytest.approx(12 * 2000 * 3 / 2 / 60e9)


def test_a_hop_by_hand():
    found = of(tp=2, pp=2)
    # 2,000 B / 2 ranks over 50 GB/s = 20 ns
    assert found.hop_latency_s == pytest.approx(1e-6)
    assert found.hop_token_s == pytest.approx(20e-9)


def test_one_accelerator_is_silent():
    found = of()
    assert all(getattr(found, name) == 0 for name in found.__slots__)


@pytest.mark.parametrize(
    ("name", "blocks", "reduces"),
    [
        ("deepseek-ai/DeepSeek-V3", 2.0, 2.0),
        ("tiiuae/falcon-180B", 2.0, 1.0),  # attention and feed-forward side by side
        ("nvidia/Nemotron-H-56B-Base-8K", 1.0, 1.0),  # 10 + 54 mixers and 54 feed-forward of 118
        ("google/gemma-4-26B-A4B", 2.0, 2.0),  # experts beside a dense block
    ],
)
def test_blocks_and_all_reduces_of_a_layer(name, blocks, reduces):
    shape = model_shape(load().model(name))
    assert (shape.blocks_per_layer, shape.reduces_per_layer) == (blocks, reduces)

"""Weights, cache, activations and concurrency: hand sums, limits, monotonicity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.sizing import activations, concurrency, kv_cache, weights

KIB = 1024


def test_weights_by_hand():
    held = weights.weight_bytes_per_accelerator(
        replicated_parameters=800.0, expert_parameters=6400.0, embedding_parameters=100.0,
        bytes_per_parameter=1.0, tp=2, adp=4,
    )  # fmt: skip
    assert held == 400 + 800 + 100  # 800/2 + 6400/(2*4) + 2*100/2


def test_experts_only_quantised():
    held = weights.weight_bytes_per_accelerator(
        replicated_parameters=10.0, expert_parameters=100.0, embedding_parameters=0.0,
        bytes_per_parameter=2.0, expert_bytes_per_parameter=0.5, tp=1, adp=1,
    )  # fmt: skip
    assert held == 70  # 10*2 + 100*0.5


def test_expert_bytes_do_not_depend_on_how_they_are_cut():
    """tp 8 and adp 8 hold the same routed experts; dividing by ep again would be double."""

    def held(tp, adp):
        return weights.weight_bytes_per_accelerator(
            replicated_parameters=0.0, expert_parameters=800.0, embedding_parameters=0.0,
            bytes_per_parameter=1.0, tp=tp, adp=adp,
        )  # fmt: skip

    assert held(8, 1) == held(1, 8) == 100


@given(st.integers(1, 200), st.integers(1, 16))
def test_fullest_stage_is_at_least_the_mean(layers, pp):
    fullest = weights.layers_of_fullest_stage(layers=layers, pp=pp)
    assert layers / pp <= fullest < layers / pp + 1


def test_embedding_copies():
    assert weights.embedding_copies_of_fullest_stage(pp=1, tied=False) == 2
    assert weights.embedding_copies_of_fullest_stage(pp=1, tied=True) == 1
    assert weights.embedding_copies_of_fullest_stage(pp=2, tied=True) == 1
    assert weights.embedding_copies_of_fullest_stage(pp=4, tied=False) == 1


def test_cache_of_llama_70b_is_320_kib_per_token():
    per_layer = kv_cache.kv_bytes_per_token_layer(
        kv_heads=8, head_dim=128, bytes_per_element=2, tp=1
    )
    assert 80 * per_layer == 320 * KIB


def test_cache_of_deepseek_v2_is_67_5_kib_per_token():
    per_layer = kv_cache.latent_kv_bytes_per_token_layer(
        kv_lora_rank=512, rope_head_dim=64, bytes_per_element=2
    )
    assert 60 * per_layer == 67.5 * KIB


@pytest.mark.parametrize(("tp", "heads"), [(1, 8), (3, 3), (8, 1), (16, 1)])
def test_a_head_is_never_split(tp, heads):
    per_layer = kv_cache.kv_bytes_per_token_layer(
        kv_heads=8, head_dim=1, bytes_per_element=1, tp=tp
    )
    assert per_layer == 2 * heads  # ceil(8/tp)


def test_sliding_window_caps_the_cache():
    def held(tokens):
        return kv_cache.kv_bytes_per_sequence(
            context_tokens=tokens, bytes_per_token_layer=10, growing_layers=1,
            windowed_layers=5, window_tokens=100, state_bytes=7,
        )  # fmt: skip

    assert held(50) == 10 * (50 + 5 * 50) + 7
    assert held(1000) == 10 * (1000 + 5 * 100) + 7


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_cache_without_windows_is_linear(one, other):
    def held(tokens):
        return kv_cache.kv_bytes_per_sequence(
            context_tokens=tokens, bytes_per_token_layer=3, growing_layers=2
        )

    assert held(one + other) == pytest.approx(held(one) + held(other))


def test_token_capacity():
    tokens = kv_cache.kv_token_capacity(
        free_bytes=np.array([1e6, -5.0]), bytes_per_sequence=1e3, context_tokens=100
    )
    assert tokens.tolist() == [1e5, 0]  # 1e6 / (10 B per token); nothing when negative


def test_activations_by_hand():
    def peak(sequences):
        return activations.activation_bytes(
            step_tokens=10, hidden=8, widest_intermediate=6, sampled_sequences=sequences, vocab=50
        )

    assert peak(1) == 1640  # a layer: 10 tokens * (8*8 + 3*6) * 2 B; logits only 1 * 50 * 16 B
    assert peak(3) == 2400  # the sampler: 3 sequences * 50 * 16 B


@pytest.mark.parametrize(
    ("vocab", "printed_gib"), [(128256, 1.89), (100352, 1.52), (152064, 2.29), (262144, 3.99)]
)
def test_sampler_peaks_that_vllm_prints(vocab, printed_gib):
    """1,024 sequences on H100: Llama-3.1-8B, phi-4, Kimi-Dev-72B, gemma-3-27b."""
    peak = activations.activation_bytes(
        step_tokens=1, hidden=1, widest_intermediate=1, sampled_sequences=1024, vocab=vocab
    )
    assert peak / 2**30 == pytest.approx(printed_gib, rel=0.05)


def test_budget_adds_up():
    usable = activations.usable_bytes(memory_bytes=100, utilisation=0.9)
    overhead = activations.overhead_bytes(activation_bytes=5, runtime_bytes=10)
    budget = activations.kv_budget_bytes(
        usable_bytes=usable, weight_bytes=50, overhead_bytes=overhead
    )
    assert budget == 25  # 90 - 50 - 15
    of_free = activations.kv_budget_bytes(
        usable_bytes=100, weight_bytes=50, overhead_bytes=overhead, share=0.9
    )
    assert of_free == pytest.approx(31.5)  # 0.9 * (100 - 50 - 15)


def test_mean_context_of_constant_lengths():
    # prompt 100, output 10: contexts 100..110 in the mean, that is 105
    mean = concurrency.mean_context_tokens(
        mean_output_tokens=10, mean_input_times_output=1000, mean_output_squared=100
    )
    assert mean == 105


def test_mean_context_counts_long_outputs_more():
    """Outputs 2 and 18 with prompt 0: steps see 2*1 and 18*9 over 20 steps, 8.2."""
    mean = concurrency.mean_context_tokens(
        mean_output_tokens=10, mean_input_times_output=0, mean_output_squared=(4 + 324) / 2
    )
    assert mean == pytest.approx((2 * 1 + 18 * 9) / 20)


def test_concurrency_is_bounded_by_batch_and_cache():
    def run(kv_tokens):
        return concurrency.concurrent_sequences(
            max_batch=8, kv_tokens=kv_tokens, mean_context_tokens=100
        )

    assert run(500) == 5
    assert run(5000) == 8

"""Laws of steps that verify drafts: limits, hand sums, memory of the drafting layer."""

from dataclasses import replace

import numpy as np
import pytest
from performance_rows import (
    H100,
    LLAMA_70B,
    PRECISIONS,
    PROTOTYPE,
    QWEN3_235B,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)  # fmt: skip

from recommender.layout import Layout
from recommender.performance.build_stage import build_stage
from recommender.performance.layout_table import layout_table
from recommender.performance.linearise import linearise
from recommender.performance.memory import memory_of_table
from recommender.performance.model_shape import model_shape
from recommender.performance.moments import moments
from recommender.performance.roofline import replica_laws
from recommender.performance.speculation import (
    NO_SPECULATION,
    Speculation,
    attention_s,
    prompt_layers,
    verifying_step_s,
)
from recommender.performance.step_time import linear_step_s

CHAT = fixed_lengths(1024, 256)
TP8 = Layout("bf16", "bf16", tp=8)


def table(model=LLAMA_70B):
    return layout_table([TP8], accelerator=H100, precisions=PRECISIONS, support=SUPPORT)


def law(calibration, speculation=NO_SPECULATION, model=LLAMA_70B):
    return replica_laws(
        model=model, hardware=node(H100), layouts=[TP8], engine=VLLM, precisions=PRECISIONS,
        support=SUPPORT, lengths=CHAT, calibration=calibration, speculation=speculation,
    )  # fmt: skip


def stage(calibration, model=LLAMA_70B):
    return build_stage(
        shape=model_shape(model), hardware=node(H100), calibration=calibration, table=table(),
        moments=moments(CHAT),
    )  # fmt: skip


def steps(calibration, speculation, sequences, constants=PROTOTYPE["dense"]):
    return float(
        verifying_step_s(
            stage(calibration), constants, speculation,
            sequences=np.array([float(sequences)]), prompt_tokens=np.zeros(1),
            prompt_ranks=np.ones(1),
        )[0]
    )  # fmt: skip


def test_without_drafts_nothing_changes(calibration):
    plain, none = law(calibration), law(calibration, Speculation(0, 1.0))
    for name in ("a", "b", "g", "d", "q", "max_batch", "kv_tokens"):
        assert getattr(plain, name) == getattr(none, name)
    assert plain.tokens_per_step == plain.verified_tokens == 1.0


def test_a_step_computes_all_drafts_and_one_more(calibration):
    """3 drafts of 16 sequences: a step of 64 tokens, and 3 drafts of a layer and the head each.

    The host schedules 16 sequences, not 64: 48 times its cost per sequence less.
    """
    constants = PROTOTYPE["dense"]
    plain = {
        tokens: float(
            linear_step_s(
                stage(calibration), constants, sequences=np.array([float(tokens)]),
                prompt_tokens=np.zeros(1), prompt_ranks=np.ones(1),
            )[0]
        )
        for tokens in (16, 64)
    }  # fmt: skip
    head_s = 8192 * 128256 * 2 / 8 / 3.35e12 / constants.bandwidth_share  # read once per draft
    layer_s = (plain[16] - constants.step_s - 16 * constants.sequence_s) / 80
    expected = plain[64] - 48 * constants.sequence_s + 3 * (layer_s + head_s)
    assert steps(calibration, Speculation(3, 2.5), 16) == pytest.approx(expected, rel=0.005)


def test_host_time_is_paid_once_per_sequence(calibration):
    """A slower host adds B times its time, whatever is drafted."""
    slow = replace(PROTOTYPE["dense"], sequence_s=PROTOTYPE["dense"].sequence_s + 1e-3)
    for speculation in (NO_SPECULATION, Speculation(3, 2.5), Speculation(7, 2.5)):
        more = steps(calibration, speculation, 16, slow) - steps(calibration, speculation, 16)
        assert more == pytest.approx(16e-3)


def test_drafts_read_the_cache_of_their_layer_and_prompts_pass_it(calibration):
    """80 layers: g * (1 + 3/80) where reading sets the pace, d and q * (1 + 1/80)."""
    drafting, plain = law(calibration, Speculation(3, 2.5)), law(calibration)
    one = law(calibration, Speculation(1, 1.5))
    constants, work = PROTOTYPE["dense"], stage(calibration).decode
    reading = replace(work, flop_s=0.0 * work.flop_s)
    read_s = work.read_s / constants.kv_bandwidth_share
    found = attention_s(reading, stage(calibration), constants, Speculation(3, 2.5))
    assert found == pytest.approx(read_s * (1 + 3 / 80), rel=1e-9)
    assert drafting.g >= plain.g * (1 + 3 / 80) * (1 - 1e-12)
    assert one.g < drafting.g
    assert drafting.q == pytest.approx(plain.q * (1 + 1 / 80))
    assert prompt_layers(stage(calibration), Speculation(3, 2.5)) == pytest.approx(1 + 1 / 80)


def test_the_law_yields_the_accepted_tokens(calibration):
    drafting, plain = law(calibration, Speculation(3, 2.5)), law(calibration)
    assert (drafting.tokens_per_step, drafting.verified_tokens) == (2.5, 4.0)
    assert drafting.a + 64 * drafting.b > plain.a + 64 * plain.b
    assert drafting.b > 2 * plain.b  # four tokens' arithmetic, one sequence's host time
    assert drafting.g >= plain.g  # the cache is read once
    assert drafting.g < 4 * plain.g


def test_small_batches_gain_and_large_ones_pay(calibration):
    """Per token, a verifying step is quicker at 4 sequences and slower at 2,048."""
    speculation = Speculation(3, 2.0)
    for sequences, quicker in ((4, True), (2048, False)):
        plain = steps(calibration, NO_SPECULATION, sequences)
        assert (steps(calibration, speculation, sequences) / 2.0 < plain) == quicker


def test_the_batch_fits_the_budget(calibration):
    layout = Layout("bf16", "bf16", tp=8, max_batch=1024, chunk_tokens=2048)
    found = replica_laws(
        model=LLAMA_70B, hardware=node(H100), layouts=[layout], engine=VLLM,
        precisions=PRECISIONS, support=SUPPORT, lengths=CHAT, calibration=calibration,
        speculation=Speculation(3, 2.0),
    )  # fmt: skip
    assert found.max_batch == 512  # 2048 / 4


def test_sequences_that_gain_more_tokens_bring_prompts_more_often(calibration):
    """Twice the tokens per step end requests twice as fast: as if answers were half as long."""
    layout = Layout("fp8", "bf16", tp=1, adp=8, ep=8, max_batch=64, chunk_tokens=8192)

    def found(accepted, prompt_per_output):
        line = linearise(
            build_stage(
                shape=model_shape(QWEN3_235B), hardware=node(H100), calibration=calibration,
                table=layout_table(
                    [layout], accelerator=H100, precisions=PRECISIONS, support=SUPPORT
                ),
                moments=moments(CHAT),
            ),
            PROTOTYPE["moe"], max_batch=np.array([64.0]), chunk_tokens=np.array([8192.0]),
            kv_tokens=np.array([1e6]), speculation=Speculation(3, accepted),
            moments=replace(moments(CHAT), prompt_per_output=prompt_per_output),
        )  # fmt: skip
        return float(line.prompt_token_s[0])

    assert found(2.0, 1.0) == pytest.approx(found(1.0, 2.0))
    assert found(2.0, 1.0) > found(1.0, 1.0)


def test_the_drafting_layer_has_weights_and_a_cache(calibration):
    common = dict(
        shape=model_shape(QWEN3_235B), hardware=node(H100), table=table(), engine=VLLM,
        context_tokens=1152.0,
    )  # fmt: skip
    plain, deeper = memory_of_table(**common), memory_of_table(**common, draft_layers=1.0)
    assert deeper.weight_bytes == pytest.approx(plain.weight_bytes * (1 + 1 / 94))
    assert deeper.kv_bytes_per_token == pytest.approx(plain.kv_bytes_per_token * (1 + 1 / 94))

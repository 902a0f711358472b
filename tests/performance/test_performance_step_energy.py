"""Energy of steps: hand sums, limits, and the power of a replica that follows from it."""

from dataclasses import replace

import numpy as np
import pytest
from performance_rows import (
    H100,
    LLAMA_70B,
    PRECISIONS,
    QWEN3_235B,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)  # fmt: skip

from recommender.layout import Layout
from recommender.performance.planned_power import busy_power_w, replica_power_w
from recommender.performance.roofline import replica_laws
from recommender.performance.shared_law import sliced, time_shared
from recommender.performance.speculation import NO_SPECULATION, Speculation
from recommender.performance.step_law import StepLaw

CHAT = fixed_lengths(1024, 256)
WARM = node(H100.model_copy(update={"tdp_w": 700.0}))


def law(calibration, speculation=NO_SPECULATION, **layout):
    return replica_laws(
        model=LLAMA_70B, hardware=WARM, layouts=[Layout("bf16", "bf16", tp=8, **layout)],
        engine=VLLM, precisions=PRECISIONS, support=SUPPORT, lengths=CHAT,
        calibration=calibration, speculation=speculation,
    ).take(0)  # fmt: skip


def test_energy_of_an_empty_step_is_that_of_reading_the_weights(calibration):
    """69.5 G parameters * 2 B / 8 * 300 pJ/B = 5.21 J, and the operations of 16 idle rows."""
    assert law(calibration).step_j == pytest.approx(69.5e9 * 2 / 8 * 300e-12, rel=0.05)


def test_energy_of_a_sequence_is_its_operations_and_its_cache(calibration):
    """2 * 69.5 G / 8 operations * 6.4 pJ; 1152 tokens * 320 KiB / 8 * 300 pJ."""
    operations = 2 * 69.5e9 / 8 * 6.4e-12
    cache = 1152 * 80 * 2 * 8 * 128 * 2 / 8 * 300e-12
    assert law(calibration).sequence_j == pytest.approx(operations + cache, rel=0.2)


def test_energy_of_a_prompt_token_is_its_operations(calibration):
    """2 * 68.5 G without the output head, attention to 512 tokens: a few percent more."""
    assert law(calibration).prompt_j == pytest.approx(2 * 68.5e9 / 8 * 6.4e-12, rel=0.05)


def test_pipeline_stages_share_the_energy_of_a_step(calibration):
    """Two stages read half of the weights each, twice per round: once for each micro-batch."""
    two = replica_laws(
        model=LLAMA_70B, hardware=WARM, layouts=[Layout("bf16", "bf16", tp=4, pp=2)],
        engine=VLLM, precisions=PRECISIONS, support=SUPPORT, lengths=CHAT,
        calibration=calibration,
    ).take(0)  # fmt: skip
    assert two.step_j == pytest.approx(2 * law(calibration).step_j, rel=0.1)


def test_a_prompt_token_takes_the_same_energy_however_the_replica_is_cut(calibration):
    """tp8: 8 accelerators each an eighth of it. adp8: one all of it, experts spread over 8 of 8."""
    cuts = (Layout("fp8", "bf16", tp=8, ep=8), Layout("fp8", "bf16", tp=1, adp=8, ep=8))
    whole, cut = (
        replica_laws(
            model=QWEN3_235B, hardware=WARM, layouts=[layout], engine=VLLM, precisions=PRECISIONS,
            support=SUPPORT, lengths=CHAT, calibration=calibration,
        ).take(0)
        for layout in cuts
    )  # fmt: skip
    assert cut.prompt_j == pytest.approx(8 * whole.prompt_j, rel=0.05)


def test_slices_draw_together_what_the_accelerator_draws(calibration):
    """Half of the work in each of two slices: the accelerator's power, half of it each."""
    one = law(calibration)
    half = replace(
        one, step_j=one.step_j / 2, sequence_j=one.sequence_j / 2, prompt_j=one.prompt_j / 2
    )
    slices = sliced(half, instances=2.0)
    assert (slices.a, slices.d) == (one.a, one.d)
    each = replica_power_w(
        law=slices, lengths=CHAT, requests_per_s=1.0, tpot_s=0.02, hardware=WARM, accelerators=4
    )
    assert each == pytest.approx(watts(one, 1.0, 0.02) / 2)


def watts(one: StepLaw, rate: float, tpot_s: float) -> float:
    found = replica_power_w(
        law=one, lengths=CHAT, requests_per_s=rate, tpot_s=tpot_s, hardware=WARM, accelerators=8
    )
    assert found is not None
    return found


def test_power_of_a_replica_by_hand():
    """Rate 1/s: prompts 0.2 of the time, 256*20 ms = 5.12 sequences, decoding 0.794 of it.

    decode   (5 + 0.2*5.12) J / (10 + 0.5*5.12) ms = 480 W: 0.17 + 0.78*(1 - e^-0.685) = 0.557
    prompts  0.1 J / 0.195 ms = 512 W: 0.17 + 0.78*(1 - e^-0.731) = 0.574
    """
    one = StepLaw(
        a=0.010, b=0.0005, g=0.0, d=0.2 / 1024, q=0.0, max_batch=256.0, kv_tokens=1e6,
        chunk_tokens=8192.0, step_j=5.0, sequence_j=0.2, prompt_j=0.1,
    )  # fmt: skip
    share = (1 - 0.2 - 0.794) * 0.12 + 0.2 * 0.574 + 0.794 * 0.557
    host = (1500 + 700 * 0.994) * 8 / 8
    assert watts(one, 1.0, 0.020) == pytest.approx((8 * 700 * share + host) * 1.08, rel=2e-3)


def test_a_busy_replica_draws_no_less(calibration):
    one = law(calibration)
    busy = busy_power_w(law=one, lengths=CHAT, requests_per_s=4.0, hardware=WARM, accelerators=8)
    assert busy is not None
    for rate in (0.1, 1.0, 2.0, 4.0):
        for tpot_s in (0.005, 0.02, 0.05):
            assert watts(one, rate, tpot_s) <= busy * (1 + 1e-12)


def test_instances_that_share_an_accelerator_share_its_power(calibration):
    one = law(calibration)
    many = time_shared(one, instances=np.array([3.0]), host_s=np.array([0.0])).take(0)
    full = (one.step_j + 8 * one.sequence_j) / (one.a + 8 * one.b)
    shared = (many.step_j + 8 * many.sequence_j) / (many.a + 8 * many.b)
    assert shared == pytest.approx(full)


def test_laws_without_energy_draw_the_fixed_shares():
    one = StepLaw(
        a=0.010, b=0.0, g=0.0, d=0.0, q=0.0, max_batch=256.0, kv_tokens=1e6, chunk_tokens=8192.0
    )
    everything = (8 * 700 * 0.60 + 2200) * 1.08
    busy = busy_power_w(law=one, lengths=CHAT, requests_per_s=1.0, hardware=WARM, accelerators=8)
    assert busy == pytest.approx(everything)


def test_drafts_take_energy_of_their_layer_and_the_head(calibration):
    """3 drafts: 3 * (68.5/80 + 1.05) G parameters more to read per step, 2 B / 8 * 300 pJ each.

    An empty step hardly computes; a prompt token passes 81 layers of 80.
    """
    drafting, plain = law(calibration, Speculation(3, 2.5)), law(calibration)
    more = 3 * (68.5e9 / 80 + 1.05e9) * 2 / 8 * 300e-12
    assert drafting.step_j - plain.step_j == pytest.approx(more, rel=0.1)
    assert drafting.prompt_j == pytest.approx(plain.prompt_j * 81 / 80)


def test_energy_of_a_sequence_that_verifies_drafts(calibration):
    """4 tokens through 69.5 G parameters, 3 drafts through 1.9 G; the cache once and 3/80."""
    found = law(calibration, Speculation(3, 2.5)).sequence_j
    operations = 2 * (4 * 69.5e9 + 3 * (68.5e9 / 80 + 1.05e9)) / 8 * 6.4e-12
    cache = 1152 * 80 * 2 * 8 * 128 * 2 / 8 * 300e-12 * (1 + 3 / 80)
    assert found == pytest.approx(operations + cache, rel=0.05)

"""Pools that compute prompts: all attention ranks at once, over a network that does not age.

DeepSeek-V3 in 8 bits, 16,384 prompt tokens on each H100: 58 layers with experts of
3 * 7168 * 2048 = 44.04 million weights, 8 of 256 for a token.
"""

from dataclasses import replace

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import load_calibration
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.load_constants import load_constants
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.timing import Timing
from recommender.performance.stage import Work
from recommender.performance.step_time import format_share

CALIBRATION = load_calibration()
NOTHING = Work(np.zeros(1), np.zeros(1))


def prompts(*, ranks=32, version="2025-05", **without):
    """Times of 8 prompts of 2,048 tokens per rank; `without` replaces parts of the stage."""
    [question] = understood(
        [
            row(
                kind="throughput", engine="SGLang", engine_version=version, tp=1, dp=ranks,
                ep=ranks, gpu_count=ranks, nodes=ranks // 8, isl=2048, osl=1,
                concurrency_or_batch=8 * ranks, metric="prefill_tok_per_s", unit="tok/s",
                model="DeepSeek-V3", params_total_b=671, params_active_b=37,
            )
        ]
    ).questions  # fmt: skip
    table = scenario_table([question.scenario], CALIBRATION)
    changed = replace(table, stage=replace(table.stage, **without))
    return Timing(changed, load_constants([question.scenario], CALIBRATION), np.array([8.0]))


@pytest.mark.parametrize("ranks", [16, 32, 64])
def test_experts_have_the_tokens_of_all_ranks(ranks):
    """16,384 * 8 = 131,072 pairs for each accelerator, however many there are:
    131,072 * 2 * 44.04e6 * 58 = 6.70e14 operations, 0.338 s at the peak of 1,979 TFLOP/s. The
    fullest accelerator has up to 3 % more.
    """
    full, bare = prompts(ranks=ranks), prompts(ranks=ranks, expert=NOTHING)
    constants = full.constants.step
    reached = constants.expert_compute_share * format_share(full.table.stage, constants)
    found = (full.static_prefill - bare.static_prefill) / full.constants.vintage
    assert found[0] == pytest.approx(0.338 / reached[0], rel=0.03)


def test_decodes_send_no_prompts():
    full, bare = prompts(), prompts(exchange_prompt_token_s=np.zeros(1))
    assert full.decode == bare.decode


@pytest.mark.parametrize("version", ["2024-12", "2025-05", "2026-01"])
def test_the_network_is_as_old_as_it_is(version):
    """A prompt's token reaches 3 * (1 - (3/4)^8) = 2.70 other nodes with 7168 * 3.03 bytes, over
    0.8 * 50 GB/s: 1.466 us, 58 times; 1.393 s for 16,384 tokens in any version.
    """
    full = prompts(version=version)
    bare = prompts(version=version, exchange_prompt_token_s=np.zeros(1))
    assert full.static_prefill - bare.static_prefill == pytest.approx(1.393, rel=1e-3)


def test_inside_a_node_older_versions_send_slower():
    """Their constants are fitted to whole steps, exchange and all."""
    spent = []
    for version in ("2024-12", "2026-01"):
        full = prompts(ranks=8, version=version)
        bare = prompts(ranks=8, version=version, exchange_prompt_token_s=np.zeros(1))
        spent.append((full.static_prefill - bare.static_prefill) / full.constants.vintage)
    assert spent[0] == pytest.approx(spent[1])

"""Budgets of a step and sizes of a batch that notes state."""

import numpy as np
import pytest
from ideal_timing import ideal
from measurement_rows import one, questions, value

from recommender.accuracy.prompt_chunks import chunk_tokens, further_steps, later_steps
from recommender.accuracy.stated_limits import stated_sequences, stated_step_tokens

TTFT = {"kind": "ttft", "metric": "ttft_mean", "unit": "ms"}
E2E = {"kind": "e2e", "metric": "e2e_mean", "unit": "s"}
REQUESTS = {"kind": "throughput", "metric": "request_throughput", "unit": "req/s"}


def chunks(**changes):
    """(P, m - 1, further steps) of the good row: 16 in flight, 1,024 in, 256 out."""
    timing = ideal(questions(changes))
    size = chunk_tokens(timing.table, timing.batch)
    number = timing.table.computed / size
    later, further = (
        later_steps(timing.table, number),
        further_steps(timing.table, timing.batch, number),
    )
    return float(size[0]), float(later[0]), float(further[0])


def test_a_budget_is_of_decodes_and_prompts_by_hand():
    """512 - 16 = 496 tokens of prompts: 1024/496 = 2.06 steps, 33 for all 16 prompts of 256 steps.

    512 of answers of 64: 512 - 16 = 496 too, and 33 < 64. 128: decodes would leave 112, prompts
    are 1024/1088 of all tokens, so 120.5: 8.5 steps each, 136 for all, of which 64 have decodes
    and 7.5 are waited for by the prompt itself: 64.5 more.
    """
    budget = {"notes": "--max-num-batched-tokens 512"}
    assert chunks(**budget) == pytest.approx((496, 1024 / 496 - 1, 0))
    assert chunks(**budget, osl=64) == pytest.approx((496, 1024 / 496 - 1, 0))
    small = {"notes": "max_num_batched_tokens=128", "osl": 64}
    assert chunks(**small) == pytest.approx((120.47, 7.5, 64.5), rel=1e-3)


def test_sglang_s_chunks_are_of_prompts_alone():
    sglang = {"engine": "SGLang", "engine_version": "0.5.5"}
    assert chunks(**sglang, notes="chunked prefill size 512") == pytest.approx((512, 1, 0))


def test_drafts_take_from_the_budget():
    """512 - 4*16 = 448."""
    notes = "--max-num-batched-tokens 512; mtp speculative 3 tokens, accepted length 2"
    assert chunks(notes=notes)[0] == pytest.approx(448)


def test_a_prompt_that_is_cut_waits_for_whole_steps():
    """Of one request: two chunks of 512 - 1 tokens take one step of decodes more than one."""
    alone = {"concurrency_or_batch": 1, "isl": 1022}
    whole, cut = (
        ideal(questions({**alone, "notes": note})) for note in ("", "--max-num-batched-tokens 512")
    )
    assert cut.first_token_parts.prompt - cut.prompt == pytest.approx(cut.decode)
    assert cut.decode == pytest.approx(whole.decode)


@pytest.mark.parametrize("kind", [{}, TTFT, E2E, REQUESTS])
def test_limits_that_nothing_reaches_are_as_without(kind):
    """1,024 tokens beside 16 decodes fit a budget of 2,048; 16 fit a batch of 16."""
    for notes in ("--max-num-batched-tokens 2048", "--max-num-seqs 16", "max_num_seqs=1024"):
        assert value(**kind, notes=notes) == value(**kind), notes
        assert one(**kind, notes=notes).assumptions == one(**kind).assumptions


def test_smaller_budgets_delay_first_tokens():
    budgets = (2048, 1024, 512, 256, 128, 64, 32)
    first = [value(**TTFT, notes=f"--max-num-batched-tokens {budget}") for budget in budgets]
    assert first == sorted(first)
    assert first[-1] > 2 * first[0]


def test_smaller_budgets_serve_fewer_in_the_end():
    """Each step takes its weights and launches, whatever it carries."""
    long = {**REQUESTS, "isl": 8192, "osl": 64}
    rates = [value(**long, notes=f"max_num_batched_tokens {budget}") for budget in (256, 128, 64)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.8 * rates[0]


def test_a_batch_is_no_larger_than_stated():
    """Of 32 in flight 16 are served at a time: their tokens come as if there were 16."""
    capped = {"concurrency_or_batch": 32, "notes": "--max-num-seqs 16"}
    assert value(**capped) == value(concurrency_or_batch=16)
    small = {"concurrency_or_batch": 32, "notes": "--max-num-batched-tokens 16"}
    assert float(ideal(questions(small)).batch[0]) == 16


def test_the_others_wait_by_littles_law():
    """32 requests in flight = requests per second * seconds of each."""
    capped = {"concurrency_or_batch": 32, "notes": "--max-num-seqs 16"}
    assert value(**capped, **REQUESTS) * value(**capped, **E2E) == pytest.approx(32, rel=0.01)


def test_larger_batches_serve_more_and_wait_less():
    sizes = (4, 8, 16, 32, 64)
    notes = [{"concurrency_or_batch": 64, "notes": f"--max-num-seqs {size}"} for size in sizes]
    rates = [value(**REQUESTS, **note) for note in notes]
    first = [value(**TTFT, **note) for note in notes]
    assert rates == sorted(rates)
    assert first == sorted(first, reverse=True)


def test_as_many_as_fit_are_as_many_as_are_allowed():
    offline = {
        "kind": "throughput", "metric": "output_throughput_offline", "unit": "tok/s",
        "concurrency_or_batch": "",
    }  # fmt: skip
    assert float(ideal(questions({**offline, "notes": "max_num_seqs=64"})).batch[0]) == 64
    default = float(ideal(questions(offline)).batch[0])
    assert default > 64
    assert float(ideal(questions({**offline, "notes": "max_num_seqs=100000"})).batch[0]) >= default


def test_a_stated_batch_is_no_more_in_doubt():
    """First tokens of a batch that the cache holds many times wait for places, not for room."""
    capped = one(**TTFT, concurrency_or_batch=32, notes="--max-num-seqs 16")
    plain = one(**TTFT, concurrency_or_batch=16)
    assert np.log(capped.high / capped.low) < 1.5 * np.log(plain.high / plain.low)


@pytest.mark.parametrize(
    ("notes", "tokens"),
    [
        ("--max-num-batched-tokens 2048", 2048),
        ("max_num_batched_tokens=2048", 2048),
        ("max_num_tokens: 2048", 2048),
        ("chunked prefill size 2048", 2048),
        ("--chunked-prefill-size 2048", 2048),
        ("--chunked-prefill-size -1", None),
        ("max_num_batched_tokens default", None),
        ("max_num_batched_tokens=0", None),
        ("chunked prefill", None),
    ],
)
def test_words_for_a_budget(notes, tokens):
    assert stated_step_tokens(notes) == tokens


def test_words_for_a_batch():
    assert stated_sequences("--max-num-seqs 64", engine="vllm", ranks=8) == 64
    assert stated_sequences("--max-running-requests 64", engine="sglang", ranks=8) == 8
    assert stated_sequences("max_batch_size=64", engine="trtllm", ranks=1) == 64
    assert stated_sequences("concurrency 64", engine="vllm", ranks=1) is None

"""Prompt tokens that a prefix cache held: attended and kept, but not computed."""

import numpy as np
import pytest
from ideal_timing import ideal
from measurement_rows import one, questions, value

from recommender.accuracy.stated_hits import stated_hits
from recommender.workload import Lengths

SMALL = {
    "model": "Llama-3.1-8B", "params_total_b": 8, "params_active_b": 8, "tp": 1, "gpu_count": 1,
    "precision_weights": "bf16", "isl": 8192, "concurrency_or_batch": 1,
}  # fmt: skip
TTFT = {"kind": "ttft", "metric": "ttft_mean", "unit": "ms"}
RATE = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
HALF = "prefix cache hit rate 50%"


def test_half_a_prompt_by_hand():
    """Llama 3.1 8B in bf16 on one H100 at its peak of 989.4 TFLOP/s, 8,192 tokens.

    whole  2 * 6.98e9 * 8192 = 114.4e12;  4 * 4096 * 32 * 8192^2/2 = 17.6e12;  133.4 ms
    half   2 * 6.98e9 * 4096 = 57.2e12;   4 * 4096 * 32 * (8192^2 - 4096^2)/2 = 13.2e12;  71.1 ms
    and 0.31 ms for the head, which is read.
    """
    static = {**SMALL, "kind": "ttft", "metric": "ttft_static_batch"}
    whole = ideal(questions(static)).static_prefill[0]
    half = ideal(questions({**static, "notes": HALF})).static_prefill[0]
    assert whole == pytest.approx(0.1337, rel=0.01)
    assert half == pytest.approx(0.0714, rel=0.01)


def test_prompts_in_a_closed_loop_attend_to_what_was_found():
    """One more pair of tokens costs the same, chunked or not: the difference to half the length,
    computed whole, is the 4096 * 4096 pairs with what was found.
    """
    hits = ideal(questions({**SMALL, "notes": HALF}))
    short = ideal(questions({**SMALL, "isl": 4096}))
    pairs = 4 * 4096 * 32 * 4096.0**2 / 989.4e12
    assert hits.prompt[0] - short.prompt[0] == pytest.approx(pairs, rel=0.02)


def test_as_plans_count_them():
    """c * (k + c/2) of `Lengths.attended_factor`, to a token."""
    hits = ideal(questions({**SMALL, "notes": "prefix hits 25%"}))
    inputs = np.array([8192])
    lengths = Lengths(inputs, np.array([256])).with_hits(0.25)
    assert hits.table.computed[0] == pytest.approx(lengths.mean_computed)
    whole = ideal(questions({**SMALL, "isl": 6144}))
    own = lengths.attended_factor * 6144.0**2 / 2 - 6144.0**2 / 2
    pairs = 4 * 4096 * 32 * own / 989.4e12
    assert hits.prompt[0] - whole.prompt[0] == pytest.approx(pairs, rel=0.02)


def test_contexts_stay_whole():
    """Alone, nobody's prompt delays a token: steps are those of the whole context."""
    assert value(**SMALL, notes=HALF) == value(**SMALL)
    assert value(**SMALL) > value(**{**SMALL, "isl": 4096})


@pytest.mark.parametrize("notes", ["prefix cache hit rate 0%", "prefix hits 0.0"])
def test_no_hits_are_as_without(notes):
    for kind in ({}, TTFT, RATE):
        assert value(**kind, notes=notes) == value(**kind)
        assert one(**kind, notes=notes).assumptions == one(**kind).assumptions


def test_the_last_token_is_always_computed():
    computed = ideal(questions({**SMALL, "notes": "prefix cache hit rate 100%"})).table.computed[0]
    assert computed == 1.0
    assert value(**SMALL, **TTFT, notes="prefix cache hit rate 100%") > 0


@pytest.mark.parametrize("in_flight", [1, 16, 64])
def test_more_hits_are_faster(in_flight):
    notes = [f"prefix hits {share}%" for share in (0, 20, 50, 80, 100)]
    changes = [{"concurrency_or_batch": in_flight, "notes": note} for note in notes]
    first = [value(**TTFT, **change) for change in changes]
    assert first == sorted(first, reverse=True)
    assert first[0] > first[-1]
    rates = [value(**RATE, **change) for change in changes]
    assert rates == sorted(rates)


def test_rates_of_prompts_count_them_whole():
    """Clients send whole prompts: input tokens per output token are 1,024 / 256."""
    sent = {"kind": "throughput", "metric": "input_tokens_per_s", "unit": "tok/s"}
    assert value(**sent, notes=HALF) == pytest.approx(4 * value(**RATE, notes=HALF))


@pytest.mark.parametrize(
    ("notes", "share"),
    [
        ("prefix cache hit rate 50%", 0.5),
        ("Prefix cache hit rate: GPU: 50.0%, CPU: 0.00%", 0.5),
        ("prefix hits 0.5", 0.5),
        ("prefix caching hit rate=0.5", 0.5),
        ("--prefix-hit 50%", 0.5),
        ("cache hit rate: 0.5", 0.5),
        ("prefix cache hit ratio 50 %", 0.5),
        ("L2 cache hit rate 50%", None),
        ("prefix hits 50", None),
        ("prefix cache hit rate 150%", None),
        ("no-enable-prefix-caching", None),
    ],
)
def test_words_for_it(notes, share):
    assert stated_hits(notes) == share


@pytest.mark.parametrize("notes", ["prefix hits 50", "prefix cache hit rate 150%"])
def test_what_is_no_share_is_said(notes):
    assert f"not modelled as it is stated: {notes}" in one(notes=notes).assumptions
    assert value(notes=notes) == value()

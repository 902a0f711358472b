"""Drafts whose accepted length the notes state: steps verify them, and gain what is stated."""

import pytest
from ideal_timing import ideal
from measurement_rows import one, questions, value

from recommender.accuracy.scenario import Refused
from recommender.accuracy.stated_drafts import stated_drafts, stated_gain

DRAFTS = "mtp speculative 3 tokens"
ALONE = {"concurrency_or_batch": 1}


def test_a_step_that_verifies_three_drafts_by_hand():
    """Llama 3.1 70B in fp8 on four H100, alone, at peak bandwidth: nothing but reading.

    layers 68.45e9 B / 4 / 3.35e12 = 5.108 ms, head 128256 * 8192 * 2 B / 4 / 3.35e12 = 0.157 ms,
    cache 81,920 B * 1,152 / 3.35e12 = 0.028 ms; a draft reads 1/80 of layers and cache, and the
    head: (5.108 + 0.028) * (1 + 3/80) + 0.157 * (1 + 3) = 5.957 ms for 2.1 tokens.
    """
    row = questions({**ALONE, "notes": f"{DRAFTS}, accepted length 2.1"})
    assert ideal(row).tpot[0] == pytest.approx(5.957e-3 / 2.1, rel=0.02)
    plain = questions(ALONE)
    assert ideal(plain).tpot[0] == pytest.approx(5.293e-3, rel=0.02)


def test_alone_tokens_come_as_much_faster_as_steps_gain():
    times = [value(**ALONE, notes=f"{DRAFTS}, accepted length {gain}") for gain in (1, 2.1, 4)]
    assert times[0] / times[1] == pytest.approx(2.1)
    assert times[0] / times[2] == pytest.approx(4.0)
    assert times[0] > value(**ALONE)  # what nobody accepts is computed all the same


def test_no_drafts_are_none():
    assert value(notes="accepted length 1") == value()


@pytest.mark.parametrize("in_flight", [1, 16, 128])
def test_longer_accepted_lengths_are_faster(in_flight):
    gains = (1, 1.5, 2, 3, 4)
    notes = [f"{DRAFTS}, mean acceptance length {gain}" for gain in gains]
    times = [value(concurrency_or_batch=in_flight, notes=note) for note in notes]
    assert times == sorted(times, reverse=True)
    rates = [
        value(concurrency_or_batch=in_flight, notes=note, kind="throughput",
              metric="output_throughput", unit="tok/s")
        for note in notes
    ]  # fmt: skip
    assert rates == sorted(rates)


def test_drafts_that_gain_the_same_cost_more_the_more_there_are():
    times = [
        value(notes=f"mtp speculative {drafts} tokens, accepted length 2") for drafts in (1, 2, 4)
    ]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_prompts_pass_through_the_layer_that_drafts():
    """1 of 80 layers more, of a prompt that is computed alone."""
    static = {"kind": "ttft", "metric": "ttft_static_batch", "isl": 8192}
    plain, drafting = value(**static), value(**static, notes=f"{DRAFTS}, accepted length 2")
    assert drafting == pytest.approx(plain * 81 / 80)


@pytest.mark.parametrize(
    ("notes", "gain"),
    [
        ("mtp speculative 3 tokens; accepted length 2.1", 2.1),
        ("MTP speculative 3 tokens, mean acceptance length: 2.10", 2.1),
        ("MTP speculative 3 tokens, mean accepted tokens 2.1", 2.1),
        ("num_speculative_tokens=3, accept len: 2.1", 2.1),
        ('{"num_speculative_tokens": 3}, accept_length=2.1', 2.1),
        ("--speculative 3:2.1", 2.1),
        ("mtp speculative 3 tokens, draft acceptance rate 70%", 3.1),
        ("mtp speculative 3 tokens, acceptance rate: 0.7", 3.1),
    ],
)
def test_words_for_it(notes, gain):
    assert stated_drafts(notes) == 3
    assert stated_gain(notes) == pytest.approx(gain)


def test_what_is_stated_is_no_assumption():
    """Without it, it is guessed and said; without drafts it is of no use, and said as well."""
    stated = one(notes=f"{DRAFTS}, accepted length 2.1").assumptions
    assert not any("accepted" in text for text in stated)
    assert any(
        "70% of 3 drafts accepted (assumed)" in text for text in one(notes=DRAFTS).assumptions
    )
    lost = one(notes="accepted length 2.1")
    assert "not modelled as it is stated: accepted length 2.1" in lost.assumptions
    assert lost.value == value()


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ("mtp speculative 3 tokens", False),
        ("MTP, --speculative 3:2.1", False),
        ("--speculative 3:2.1", True),
    ],
)
def test_who_drafts_is_assumed_where_it_is_not_said(notes, told):
    assumed = one(notes=notes).assumptions
    assert ("drafts made by one layer of the model (not reported)" in assumed) is told


@pytest.mark.parametrize(("drafts", "gain"), [(1, 2.1), (3, 4.5), (3, 0.8)])
def test_a_step_gains_what_it_verifies_at_most(drafts, gain):
    answer = one(notes=f"mtp speculative {drafts} tokens, accepted length {gain}")
    assert isinstance(answer, Refused)
    assert answer.reason == (
        f"accepted length {gain:g}: a step with {drafts} drafts gains 1 to {drafts + 1} tokens,"
        " its own one included"
    )


def test_drafts_of_a_server_are_counted():
    """They had been read of closed loops and offline runs alone, and nobody was told."""
    server = {
        "kind": "throughput", "metric": "output_tokens_per_s_server", "unit": "tok/s",
        "concurrency_or_batch": "",
    }  # fmt: skip
    limits = "TTFT <= 2 s; TPOT <= 40 ms"
    plain = value(**server, notes=limits)
    assert value(**server, notes=f"{limits}; {DRAFTS}, accepted length 3") > plain
    assert value(**server, notes=f"{limits}; {DRAFTS}") > plain

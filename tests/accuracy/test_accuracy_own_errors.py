"""Errors of the user's own deployments: what is claimed, of what, and never below the floor."""

from dataclasses import replace

import pytest
from own_deployments import LENGTHS, runs_of
from run_rows import CALIBRATION

from catalog.calibration import load_calibration
from recommender.accuracy.fit.calibration_writer import new_folder, write_corrected
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.own_margin import FLOOR
from recommender.accuracy.fit.own_runs import correct
from recommender.accuracy.prediction import predict

KNOWN = CALIBRATION.find_error(
    basis="known", engines=("vllm dense llama-3.3 CDNA4", "vllm dense llama-3.3", "vllm dense")
)


def corrected(records):
    return correct(understood(records), CALIBRATION, source="own measurements: test")


def claims(records):
    return [one for done in corrected(records)[1] for one in done.claimed]


def test_twenty_runs_of_a_deployment_have_errors_of_their_own():
    (claim,) = claims(runs_of())
    row = claim.row
    assert (row.accelerator, row.engine, row.tp, row.kind) == ("MI355X", "vllm", 4.0, "tpot")
    assert (row.rows, row.runs, row.most_sequences) == (20, 20, 128.0)
    # contexts: 512 + 256/2 = 640, 2048 + 512/2 = 2304; prompts per output: 1024/512, 1024/256
    assert (row.least_context_tokens, row.most_context_tokens) == (640.0, 2304.0)
    assert (row.least_prompt_per_output, row.most_prompt_per_output) == (2.0, 4.0)
    assert row.low < 0 < row.high
    assert "20 different runs, deviation" in str(claim)
    assert str(claim).endswith("contexts of 320 to 4,608 tokens and up to 256 sequences of a rank")


def test_exact_runs_claim_the_floor_and_no_less():
    """Three quarters of what known configurations of the group have, on either side."""
    (claim,) = claims(runs_of(noise=0.0))
    assert claim.row.log_standard_deviation == pytest.approx(
        FLOOR * KNOWN.log_standard_deviation, abs=1e-4
    )
    assert claim.row.low == pytest.approx(FLOOR * KNOWN.low, abs=1e-4)
    assert claim.row.high == pytest.approx(FLOOR * KNOWN.high, abs=1e-4)


def test_noisy_runs_claim_their_noise_also_where_that_is_more_than_known():
    (claim,) = claims(runs_of(noise=0.4))
    assert claim.row.log_standard_deviation > KNOWN.log_standard_deviation


def test_too_few_runs_leave_errors_as_shipped():
    records = runs_of(lengths=LENGTHS[:1], loads=(1, 2, 4, 8, 16, 32, 64, 96, 128))
    calibration, (done,) = corrected(records)
    assert done.claimed[0].row is None
    assert str(done.claimed[0]).endswith(
        "9 different runs (lengths or requests in flight further apart than by chance), at least 10"
        " are needed for errors of its own"
    )
    assert calibration.own_errors == ()
    assert calibration.errors == CALIBRATION.errors


def test_repetitions_are_no_further_runs():
    records = runs_of(lengths=LENGTHS[:1])
    assert [one.row for one in claims(4 * records)] == [None]


def test_means_of_drawn_lengths_are_one_setting():
    """512 and 513 tokens, 8.1 and 8.2 in flight: the same run again."""
    again = [
        runs_of(
            lengths=[(512 + shift, 256 - shift)],
            loads=[load + shift / 10 for load in (8, 32, 64, 128)],
        )
        for shift in range(5)
    ]
    (claim,) = claims([row for rows in again for row in rows])
    assert (claim.row, claim.runs) == (None, 4)


def test_between_ten_and_nineteen_runs_have_a_margin_but_no_interval():
    records = runs_of(lengths=LENGTHS[:2])
    calibration, (done,) = corrected(records)
    (claim,) = done.claimed
    assert (claim.runs, claim.row.low, claim.row.high) == (10, None, None)
    assert [one.basis for one in predict(records, calibration)] == ["roofline"] * 10


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": "MTP speculative 2 tokens"},
        {"gpu_count": 16, "tp": 16, "nodes": 2},
        {"tp": "", "gpu_count": ""},
    ],
)
def test_runs_that_say_nothing_of_a_plain_deployment_in_a_node(changes):
    assert [one.row for one in claims(runs_of(**changes)) if one.row is not None] == []


def test_only_what_was_run_is_surer():
    """Its interval is that of its runs; other degrees, accelerators, models, lengths, loads and
    engines stay as they were.
    """
    records = runs_of()
    calibration, (done,) = corrected(records)
    claim = done.claimed[0].row
    shipped = replace(calibration, own_errors=())
    (own,) = predict(runs_of(lengths=[(1024, 256)], loads=[16]), calibration)
    assert own.basis == "own runs"
    assert own.high / own.low == pytest.approx(pow(2.718281828, claim.high - claim.low), rel=1e-6)
    (before,) = predict(runs_of(lengths=[(1024, 256)], loads=[16]), shipped)
    assert own.high / own.low < 0.5 * before.high / before.low
    for changes in (
        {"tp": 8, "gpu_count": 8}, {"gpu": "AMD MI300X"}, {"gpu": "NVIDIA H100"},
        {"model": "Qwen3-32B"}, {"isl": 32768}, {"osl": 4096}, {"concurrency_or_batch": 512},
        {"engine": "SGLang"}, {"precision_weights": "bf16"},
    ):  # fmt: skip
        other = runs_of(**{"lengths": [(1024, 256)], "loads": [16]} | changes)
        assert predict(other, calibration) == predict(other, shipped), changes


def test_several_deployments_are_held_out_one_by_one():
    """Four and eight ways, 20 % apart: each is off by that when the scale is the other's."""
    both = [*runs_of(noise=0.0), *runs_of(noise=0.0, slower=1.2, tp=8, gpu_count=8)]
    slow = {claim.row.tp: claim.row.log_standard_deviation for claim in claims(both)}
    alone = claims(runs_of(noise=0.0))[0].row.log_standard_deviation
    assert slow[8.0] > alone
    assert slow[4.0] == alone  # it is faster, and held to the floor


def test_throughput_has_its_own_error_with_the_signs_of_a_rate():
    changes = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
    rows = [*runs_of(noise=0.05), *runs_of(noise=0.05, **changes)]
    kinds = {claim.row.kind: claim.row for claim in claims(rows)}
    assert set(kinds) == {"tpot", "throughput"}
    assert kinds["throughput"].low < 0 < kinds["throughput"].high


def test_rows_without_a_load_speak_for_none():
    """Of 20 lengths as many as fit: `up to 0 sequences` had been said, which holds for nothing."""
    offline = {"kind": "throughput", "metric": "output_throughput", "unit": "tok/s"}
    lengths = [(256 * i, 64 * o) for i in (1, 2, 4, 8, 16) for o in (1, 2, 4, 8)]
    assert claims(runs_of(lengths=lengths, loads=("",), **offline)) == []


def test_the_table_is_written_and_read_back(tmp_path):
    calibration, _ = corrected(runs_of())
    with new_folder(tmp_path / "own") as folder:
        write_corrected(folder, calibration)
    assert load_calibration(tmp_path / "own").own_errors == calibration.own_errors
    assert load_calibration().own_errors == ()

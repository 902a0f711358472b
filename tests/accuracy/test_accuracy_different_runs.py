"""Which runs are different, and which are one that was repeated with other random lengths."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measurement_rows import questions

from recommender.accuracy.fit.different_runs import Mean, different_runs, grouped
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.run_reports import Bench, report_records

H100 = Bench("H100", 1, 1, "bf16", "vllm")


def runs_of(*changes):
    return len(set(different_runs(questions(*changes))))


def means(*values, requests=1e9):
    return [Mean(value, requests=requests) for value in values]


def test_means_of_many_requests_are_one_within_a_tenth():
    """1.1 * 512.3 = 563.5."""
    assert grouped(means(513.9, 1024.0, 512.3, 564.0)) == [0, 2, 0, 1]


def test_means_of_few_requests_are_one_within_chance():
    """Of 100 each: exp(3 * sqrt(2/100)) = exp(0.4243) = 1.528; of 37, exp(0.6975) = 2.009."""
    factor = math.exp(3 * math.sqrt(0.02))
    assert factor == pytest.approx(1.528, abs=1e-3)
    assert grouped(means(100.5, 100.5 * factor * 0.999, requests=100)) == [0, 0]
    assert grouped(means(100.5, 100.5 * factor * 1.001, requests=100)) == [0, 1]
    assert grouped([Mean(500.5), Mean(1000.5)]) == [0, 0]
    assert grouped([Mean(500.5), Mean(1010.5)]) == [0, 1]


def test_what_was_asked_for_does_not_scatter():
    """Typed lengths a quarter apart differ; one that was asked for twice is one at any value."""
    assert runs_of({"isl": 1024}, {"isl": 1280}) == 2
    assert runs_of({"isl": 1024}, {"isl": 1090}) == 1
    assert runs_of({"isl": 1024}, {"isl": 1279.4}) == 1
    slow, fast = ({"notes": "50 requests, 2 per s", "concurrency_or_batch": c} for c in (3.1, 9.7))
    assert runs_of(slow, fast) == 1
    assert runs_of(slow, {**fast, "notes": "50 requests, 4 per s"}) == 2
    assert runs_of({"concurrency_or_batch": 16}, {"concurrency_or_batch": 20}) == 2
    assert runs_of({"concurrency_or_batch": 16.1}, {"concurrency_or_batch": 20.3}) == 1


def test_the_number_of_requests_is_read_from_the_notes():
    near = {"isl": 1000.3}, {"isl": 1250.7}
    assert runs_of(*near) == 1
    many = ({**one, "notes": "random lengths, 2000 requests"} for one in near)
    assert runs_of(*many) == 2


@pytest.mark.parametrize("requests", [10, 30, 100])
def test_repetitions_of_one_benchmark_with_drawn_lengths_are_one_run(tmp_path, requests):
    """`--random-range-ratio 0.9`, 20 times over: means that are up to a half apart."""
    rng = np.random.default_rng(requests)
    runs = []
    for _ in range(20):
        inputs, outputs = (n * rng.uniform(0.1, 1.9, requests).sum() for n in (1024, 256))
        runs.append(
            {"model_id": "Llama-3.1-8B", "request_rate": "inf", "max_concurrency": 16,
             "duration": 9.0, "completed": requests, "total_input_tokens": inputs,
             "total_output_tokens": outputs, "mean_ttft_ms": 95.0, "mean_tpot_ms": 9.0}
        )  # fmt: skip
    path = tmp_path / "runs.json"
    path.write_text("\n".join(map(json.dumps, runs)))
    records = report_records(path, H100)[0]
    lengths = [float(record["isl"]) for record in records]
    assert max(lengths) > 1.1 * min(lengths)
    assert len(set(different_runs(understood(records).questions))) == 1


def test_deployments_with_several_replicas_are_told_by_what_a_rank_has():
    """16 over two replicas are as many on each as 8 on one."""
    one = {"concurrency_or_batch": 8}
    assert runs_of(one, {"concurrency_or_batch": 16, "gpu_count": 8}) == 1
    assert runs_of(one, {"concurrency_or_batch": 16}) == 2


@given(st.lists(st.floats(1.0, 1e5), min_size=1, max_size=20), st.integers(1, 5000))
def test_repeating_rows_makes_no_runs_and_more_requests_no_fewer(values, requests):
    few = grouped(means(*values, requests=float(requests)))
    assert grouped(means(*values, *values, requests=float(requests))) == few + few
    assert max(grouped(means(*values))) >= max(few)

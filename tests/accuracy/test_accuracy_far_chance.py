"""How often predictions are off by more than three times: said per row, true of rows held out."""

import csv
import shutil

import numpy as np
import pytest
from measurement_rows import one, row

from catalog.calibration import FOLDER, load_calibration
from recommender.accuracy.far_chance import far_chance
from recommender.accuracy.fit.far_rows import chances, far_counts
from recommender.accuracy.fit.spread_fit import Sample
from recommender.accuracy.prediction import predict
from recommender.accuracy.spread import FEATURES

FAR_OFF = np.log(3.5)


def sample(errors, groups, folds):
    """Rows of one way of holding out."""
    count = len(errors)
    return Sample(
        errors=np.asarray(errors, dtype=float),
        features=np.zeros((count, len(FEATURES))),
        groups=tuple(groups),
        configurations=np.array([str(index) for index in range(count)]),
        fold=np.asarray(folds)[:, None],
        way=np.zeros(count, dtype=np.intp),
        traits=((),) * count,
        reach=np.zeros((count, 2)),
    )


def test_a_group_has_as_much_say_as_all_from_twenty_rows_on():
    """1 of 99: 1.5/100. A group with 10 of 30: (10 + 20 * 0.015) / 50; one with none of 5 below."""
    assert far_chance((1, 99), (0, 0)) == pytest.approx(0.015)
    assert far_chance((1, 99), (10, 30)) == pytest.approx(0.206)
    assert far_chance((1, 99), (0, 5)) == pytest.approx(20 * 0.015 / 25)
    assert far_chance((1, 99), (3000, 10_000)) == pytest.approx(0.3, rel=0.01)
    assert far_chance((0, 2806), (0, 0)) == pytest.approx(0.5 / 2807)


def test_more_far_rows_are_a_larger_chance():
    found = [far_chance((far, 200), (far // 2, 40)) for far in range(0, 80, 5)]
    assert np.all(np.diff(found) > 0)


def test_rows_are_counted_in_each_of_their_groups():
    rows = sample(
        [FAR_OFF, -FAR_OFF, 0.1, 1.0], [("a", "a x"), ("a", "a y"), ("a", "a x"), ("b",)], [0] * 4
    )
    assert far_counts(rows) == {
        (): (2, 4), ("a",): (2, 3), ("a", "a x"): (1, 2), ("a", "a y"): (1, 1), ("b",): (0, 1),
    }  # fmt: skip


def test_what_is_expected_of_a_fold_comes_from_the_others():
    """All far rows are in fold 0: it expects none of them, and the others expect half of theirs."""
    errors = [FAR_OFF] * 50 + [0.0] * 50
    found = chances(sample(errors, [("a",)] * 100, [0] * 50 + [1] * 50))
    assert found[:50] == pytest.approx(np.full(50, 20 * (0.5 / 51) / 70))
    assert found[50:] == pytest.approx(np.full(50, (50 + 20 * (50.5 / 51)) / 70))


def test_as_many_were_off_as_was_expected():
    """Cross-fitted over folds: within twice, or five rows; not where the architecture is new."""
    with (FOLDER / "interval_scores.csv").open(newline="") as file:
        scores = [line for line in csv.DictReader(file) if line["group"] == "*"]
    assert len(scores) > 15
    for line in scores:
        far, expected = float(line["far"]), float(line["far_expected"])
        if line["basis"] != "roofline":
            assert abs(far - expected) < 5.0 or 0.5 < far / expected < 2.0, line


def test_first_tokens_are_less_sure_than_steps_and_least_where_runs_waited_for_room():
    step = one().far_chance
    first = {"kind": "ttft", "metric": "ttft_mean"}
    usual = one(**first).far_chance
    gpt_oss = {
        "model": "gpt-oss-120b", "params_total_b": 117, "params_active_b": 5.1, "gpu": "H200",
        "engine": "TensorRT-LLM", "engine_version": "1.1", "precision_weights": "mxfp4", "tp": 1,
        "gpu_count": 1,
    }  # fmt: skip
    assert 0 < step < 0.5 * usual < usual < 0.01 < one(**first, **gpt_oss).far_chance < 0.3


def test_a_less_sure_level_is_off_no_less_often():
    """Of first tokens without any silicon like it fewer were far off than of new families."""
    first = {"kind": "ttft", "metric": "ttft_mean"}
    for common in ({}, first):
        hardware = ("NVIDIA H200", "RTX 6000 Ada", "AMD MI355X")
        found = [one(**common, gpu=name).far_chance for name in hardware]
        assert found == sorted(found), common


def test_loops_that_wait_for_room_have_an_interval_and_no_odds():
    waits = one(kind="ttft", metric="ttft_mean", concurrency_or_batch=3000)
    assert waits.far_chance is None
    assert waits.high / waits.low > 9


def test_folders_from_before_say_nothing(tmp_path):
    older = tmp_path / "older"
    shutil.copytree(FOLDER, older)
    with (older / "errors.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != "far"]
    with (older / "errors.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    (answer,) = predict([row()], load_calibration(older))
    assert answer.far_chance is None
    assert answer.low == one().low

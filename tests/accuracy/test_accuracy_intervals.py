"""Intervals: sizes of errors, their quantiles, levels, and coverage on errors of known law."""

import csv
import datetime
import shutil
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import (
    FOLDER,
    load_calibration,
)
from recommender.accuracy.error_level import SUREST_FIRST
from recommender.accuracy.fit.conformal import (
    LEAST_COVERED,
    _held_out_sizes,
    calibrated,
    quantiles,
)
from recommender.accuracy.fit.error_samples import level_samples
from recommender.accuracy.fit.folds import WAYS
from recommender.accuracy.fit.interval_tables import write_errors
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.fit.spread_fit import Sample, fit_spread
from recommender.accuracy.scenario_table import scenario_table
from recommender.accuracy.spread import FEATURES, LIMIT, factor, traits
from recommender.errors import SpecError

CALIBRATION = load_calibration()


def sample(errors, feature=None, groups=None, folds=5, traits=None):
    """Rows of one way, each a configuration of its own, with one feature."""
    count = len(errors)
    features = np.zeros((count, len(FEATURES)))
    if feature is not None:
        features[:, 0] = feature
    return Sample(
        errors=np.asarray(errors, dtype=float),
        features=features,
        groups=tuple(groups or [("one",)] * count),
        configurations=np.array([str(index) for index in range(count)]),
        fold=(np.arange(count) % folds)[:, None],
        way=np.zeros(count, dtype=int),
        traits=tuple(traits or [()] * count),
        reach=np.zeros((count, 2)),
    )


def laplace(size, seed=0):
    return np.random.default_rng(seed).laplace(size=len(size)) * size


def test_the_size_of_one_group_is_the_mean_error():
    errors = np.tile([0.1, -0.2, 0.3, -0.4], 25)
    spread = fit_spread(sample(errors))
    assert spread.group_size(["one"]) == pytest.approx(0.25, rel=1e-3)  # (0.1+0.2+0.3+0.4)/4
    assert spread.group_size(["never seen"]) == pytest.approx(0.25, rel=1e-3)


def test_few_rows_are_one_group():
    spread = fit_spread(sample([0.1, -0.3] * 10, feature=np.arange(20.0)))
    assert spread.group_size(["one"]) == pytest.approx(0.2)
    assert not spread.slope.any()


def test_sizes_follow_a_feature_and_groups_shrink_to_their_parent():
    count = 2000
    feature = np.linspace(-1, 1, count)
    wild = np.arange(count) % 4 == 0
    groups = [("all", "wild" if own else "tame") for own in wild]
    size = 0.1 * np.exp(0.8 * feature) * np.where(wild, 3.0, 1.0)
    spread = fit_spread(sample(laplace(size), feature=feature, groups=groups))
    assert spread.slope[0] == pytest.approx(0.8, abs=0.1)
    ratio = spread.group_size(["all", "wild"]) / spread.group_size(["all", "tame"])
    assert 2.4 < ratio < 3.2  # three, and a little less for shrinkage
    rare = fit_spread(
        sample(laplace(np.full(60, 0.1)), groups=[("all", "a")] * 58 + [("all", "b")] * 2)
    )
    assert rare.group_size(["all", "b"]) == pytest.approx(rare.group_size(["all"]), rel=0.5)


def test_a_trait_widens_the_rows_that_have_it():
    wild = np.arange(1000) % 2 == 0
    size = np.where(wild, 0.3, 0.1)
    traits = [("version wild",) if own else ("version tame",) for own in wild]
    spread = fit_spread(sample(laplace(size), traits=traits))
    apart = spread.trait["version wild"] - spread.trait["version tame"]
    assert np.exp(apart) == pytest.approx(3.0, rel=0.15)
    unknown = spread.sizes(sample([0.0], traits=[("version new",)]))
    assert 0.1 < unknown[0] < 0.3  # between those that are known
    assert spread.sizes(sample([0.0], traits=[("version wild",)])) > unknown


def test_traits_of_a_row():
    usual = ("version vllm dense 2026-03", "format vllm dense fp8")
    assert traits_of(row(engine_version="2026-03")) == usual


def test_traits_of_first_tokens_say_what_is_asked_of_the_server_at_once():
    """16 * 2,048 tokens are a burst of 32,768, 15 * 2,048 are not. Llama-3.1-8B in bf16 on 8 H100
    could stream 91,000 tokens per second at 128 requests (`test_accuracy_groups`).
    """
    usual = ("version vllm dense 2026-03", "format vllm dense fp8")
    first = {"kind": "ttft", "metric": "ttft_mean", "engine_version": "2026-03", "isl": 2048}
    bursts = ("burst vllm dense 2026-03", "burst vllm dense 2026-03 fp8")
    assert traits_of(row(**first)) == (*usual, *bursts)
    assert traits_of(row(**first, concurrency_or_batch=15)) == usual
    assert traits_of(row(**{**first, "metric": "ttft_static_batch"})) == usual
    small = {
        "model": "Llama-3.1-8B", "precision_weights": "bf16", "tp": 8, "gpu_count": 8,
        "concurrency_or_batch": 128, "osl": 512,
    }  # fmt: skip
    busy = traits_of(row(**{**first, **small, "isl": 1024}))
    assert busy[2:] == (
        "busy vllm dense",
        "burst vllm dense 2026-03",
        "burst vllm dense 2026-03 bf16",
    )


def traits_of(record):
    questions = understood([record]).questions
    table = scenario_table([question.scenario for question in questions], CALIBRATION)
    [found] = traits(questions, table)
    return found


def test_rows_of_one_configuration_count_less():
    """A hundred bad rows of one configuration say less than a hundred configurations."""
    errors = np.r_[np.full(100, 0.1), np.full(100, 0.4)]
    apart = sample(errors)
    together = replace(apart, configurations=np.array([*map(str, range(100)), *["same"] * 100]))
    one = fit_spread(together).group_size(["one"])
    # weights 1 and 100 * 100^-0.5 = 10: (100*0.1 + 10*0.4) / 110
    assert one == pytest.approx(14 / 110, rel=1e-3)
    assert one < fit_spread(apart).group_size(["one"])


def test_quantiles_by_hand():
    assert quantiles(np.arange(1.0, 20.0)) == (1.0, 19.0)  # rank 20*0.05 = 1
    assert quantiles(np.arange(1.0, 40.0)) == (2.0, 38.0)  # rank 40*0.05 = 2
    assert quantiles(np.arange(1.0, 12.0)) == (1.0, 11.0)  # rank 0.6: the extremes


def test_fewer_missed_is_wider():
    ratios = laplace(np.ones(500))
    ends = [quantiles(ratios, missed) for missed in (0.4, 0.2, 0.1, 0.05)]
    assert all(b[0] <= a[0] and b[1] >= a[1] for a, b in pairwise(ends))


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="9 rows; an interval needs 10"):
        calibrated(sample([0.1] * 9))


@pytest.mark.parametrize("seed", range(3))
def test_intervals_cover_nine_of_ten_rows_of_known_noise(seed):
    count = 3000
    rng = np.random.default_rng(seed)
    feature = rng.uniform(-1, 1, count)
    size = 0.15 * np.exp(feature)
    errors = laplace(size, seed + 100)
    found = calibrated(sample(errors, feature=feature))
    inside = (errors >= found.ends[:, 0]) & (errors <= found.ends[:, 1])
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
    for part in (feature < -0.5, feature > 0.5):  # not only in the mean
        assert inside[part].mean() == pytest.approx(0.9, abs=0.04)
    width = found.ends[:, 1] - found.ends[:, 0]
    assert np.median(width[feature > 0.5]) > 2 * np.median(width[feature < -0.5])


def test_intervals_are_moved_out_until_they_cover():
    """A fifth of the rows, one fold, is off by 0.5: the other folds know nothing of it, so that
    four fifths are covered. All ends move to where 85 % are: to that fold's errors.
    """
    errors = laplace(np.full(500, 0.05))
    errors[::5] = 0.5
    found = calibrated(sample(errors))
    inside = (errors >= found.ends[:, 0]) & (errors <= found.ends[:, 1])
    assert inside.mean() >= LEAST_COVERED
    assert found.ends[0, 1] == pytest.approx(0.5)
    even = calibrated(sample(laplace(np.full(500, 0.05))))
    assert even.ends.max() < 0.25  # nothing is moved where nine of ten are covered


def test_intervals_lean_where_errors_do():
    found = calibrated(sample(np.abs(laplace(np.full(400, 0.2)))))
    assert found.high > 5 * abs(found.low)


def test_the_slow_side_of_a_rate_is_below():
    errors = np.where(np.arange(400) % 2, 0.4, -0.1)
    times, rates = calibrated(sample(errors)), calibrated(sample(errors), "throughput")
    assert times.slow > 2 * rates.slow


def test_no_row_sizes_itself():
    errors = laplace(np.full(200, 0.2))
    wild = errors.copy()
    wild[::5] *= 50  # fold 0
    fold = np.arange(200) % 5 == 0
    before, after = _held_out_sizes(sample(errors)), _held_out_sizes(sample(wild))
    assert after[fold] == pytest.approx(before[fold])
    assert np.all(after[~fold] > before[~fold])


def test_factor_is_held_within_its_limits():
    assert factor(np.array([0.0, 9.0, -9.0])) == pytest.approx([1.0, np.exp(LIMIT), np.exp(-LIMIT)])


DAY = datetime.date(2026, 11, 22)


def samples_of(rows, held):
    """Samples of rows that are all calibrated."""
    questions = understood(rows).questions
    table = scenario_table([question.scenario for question in questions], CALIBRATION)
    return level_samples(questions, table, ["calibrated"] * len(rows), held, CALIBRATION)


def test_tables_of_too_few_rows_are_refused(tmp_path):
    samples = samples_of([row()], {way: np.zeros(1) for way in WAYS})
    with pytest.raises(SpecError, match="10 held-out rows: too few"):
        write_errors(tmp_path, samples, samples, [], day=DAY)


def test_tables_of_known_noise(tmp_path):
    """What is written covers, and reads back as a calibration that widens with the level."""
    rows = [
        row(isl=128 * (1 + index % 16), concurrency_or_batch=2 ** (index % 7), tp=2 ** (index % 3))
        for index in range(800)
    ]
    noise = {"lengths": 0.05, "configuration": 0.1, "model": 0.2, "accelerator": 0.2}
    held = {way: laplace(np.full(800, noise.get(way, 0.3))) for way in WAYS}
    shutil.copytree(FOLDER, tmp_path / "new")
    samples = samples_of(rows, held)
    planned = samples_of(rows, {way: 2 * errors for way, errors in held.items()})
    write_errors(tmp_path / "new", samples, planned, [], day=DAY)
    found = load_calibration(tmp_path / "new")
    margins = [
        error.log_standard_deviation / error.high
        for name in ("known", "calibrated")
        if (error := found.find_error(basis=name)) is not None
    ]
    # symmetric noise: the 80th percentile ln(2.5) in deviations of 0.648, against ln(10); doubled
    assert margins == pytest.approx([2 * np.log(2.5) / 0.648 / np.log(10)] * 2, rel=0.25)
    width = [
        error.high - error.low
        for name in SUREST_FIRST
        if name != "assumed" and (error := found.find_error(basis=name)) is not None
    ]
    assert len(width) == 4
    assert width == sorted(width)
    # of a Laplace distribution with mean size 0.1: 2*0.1*ln(10) = 0.46
    assert width[1] == pytest.approx(0.46, rel=0.25)
    with (tmp_path / "new" / "interval_scores.csv").open() as file:
        scores = [line for line in csv.DictReader(file) if line["group"] == "*"]
    assert all(84 <= float(line["coverage_pct"]) <= 96 for line in scores)

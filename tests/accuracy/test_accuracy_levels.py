"""Levels of errors: what makes a deployment known, and that less known means wider."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from measurement_rows import row

from catalog.calibration import (
    FittedAccelerator,
    FittedConfiguration,
    SpreadSlope,
    load_calibration,
)
from recommender.accuracy.error_level import SUREST_FIRST, error_level
from recommender.accuracy.fit.fitted_tables import accelerators, configurations
from recommender.accuracy.fit.measured import understood
from recommender.accuracy.prediction import predict
from recommender.accuracy.regime import basis_of
from recommender.accuracy.room import may_wait
from recommender.accuracy.scenario_table import scenario_table

CALIBRATION = load_calibration()


def own_calibration(**changes):
    """The shipped constants, fitted to one deployment."""
    question = understood([row()]).questions[0]
    common = {"source": "test", "date": "2026-11-22"}
    runs = [{**own, **common} for own in configurations([question])]
    hardware = [{**own, **common, **changes} for own in accelerators([question] * 15)]
    return replace(
        CALIBRATION,
        configurations=tuple(FittedConfiguration.model_validate(own) for own in runs),
        accelerators=tuple(FittedAccelerator.model_validate(own) for own in hardware),
    )


def level(calibration, **changes):
    question = understood([row(**changes)]).questions[0]
    return error_level(question, basis_of(question, calibration), calibration)


def test_levels():
    fitted = own_calibration()
    assert level(fitted) == "known"
    assert level(fitted, isl="4096", concurrency_or_batch="64") == "known"  # another load of it
    assert level(fitted, tp="2", gpu_count="2") == "calibrated"
    assert level(fitted, precision_weights="bf16") == "calibrated"
    assert level(fitted, model="Llama-3.1-8B", tp="1", gpu_count="1") == "calibrated"
    assert level(fitted, model="Qwen3-32B") == "recombined"  # run elsewhere, and never here
    assert level(fitted, tp="", gpu_count="4") == "assumed"
    assert level(fitted, gpu="NVIDIA H200") == "transferred"  # Hopper, but never run


def test_what_a_guess_decides_is_not_known():
    """What drafts gain, and how many decode where more are in flight than the cache holds."""
    drafts = "mtp speculative 3 tokens"
    assert level(CALIBRATION) == "known"
    assert level(CALIBRATION, notes=drafts) == "assumed"
    assert level(CALIBRATION, notes=f"{drafts}, accepted length 2.1") == "known"
    stated = width(CALIBRATION, notes=f"{drafts}, accepted length 2.1")
    assert width(CALIBRATION, notes=drafts) >= stated * (1 - 1e-9)
    many = {"concurrency_or_batch": 3000}
    share = {"notes": "--gpu-memory-utilization 0.9"}
    waiting = understood([row(), row(**many), row(**many, **share)]).questions
    table = scenario_table([question.scenario for question in waiting], CALIBRATION)
    assert may_wait(waiting, table).tolist() == [False, True, False]
    basis = basis_of(waiting[1], CALIBRATION)
    assert error_level(waiting[1], basis, CALIBRATION, waits=True) == "assumed"


def test_an_accelerator_with_other_figures_is_another_one():
    assert level(own_calibration(memory_bandwidth_gb_per_s=9999.0)) == "transferred"


def test_few_rows_do_not_make_an_accelerator_known():
    question = understood([row()]).questions[0]
    assert accelerators([question] * 14) == []
    assert len(accelerators([question] * 15)) == 1


def width(calibration, **changes):
    [answer] = predict([row(**changes)], calibration)
    return answer.high / answer.low


@pytest.mark.parametrize("version", ["0.8.0", "0.10.0", "0.15.0"])
def test_what_is_less_known_is_wider(version):
    """Of versions that are like others: what one adds by itself (0.12.0) differs by level."""
    fitted = own_calibration()
    known = width(fitted, engine_version=version)
    new = width(fitted, engine_version=version, tp="2", gpu_count="2")
    unseen = width(fitted, engine_version=version, gpu="NVIDIA H200")
    assert 1.0 < known < new < unseen


def test_shipped_levels_never_claim_more_than_a_surer_one():
    for kind in ("tpot", "ttft", "throughput"):
        rows = [
            CALIBRATION.find_error(basis=name, kind=kind)
            for name in SUREST_FIRST
            if name != "assumed"
        ]
        assert all(b.low <= a.low and b.high >= a.high for a, b in pairwise(rows))


def test_a_trait_of_the_table_reaches_the_interval():
    """Twice the spread for versions of 2026-03, in the logarithm; others as before."""
    slope = SpreadSlope(
        basis="calibrated", kind="tpot", feature="version vllm dense 2026-03", at=0.0,
        slope=np.log(2.0), rows=50, source="test", verification="derived", date="2026-11-22",
    )  # fmt: skip
    fitted = replace(own_calibration(), spread=())
    wider = replace(fitted, spread=(slope,))
    new = {"tp": "2", "gpu_count": "2"}
    for version, ratio in (("2026-03", 2.0), ("2026-02", 1.0)):
        before, after = (
            np.log(width(own, engine_version=version, **new)) for own in (fitted, wider)
        )
        assert after / before == pytest.approx(ratio)

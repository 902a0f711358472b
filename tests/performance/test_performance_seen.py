"""The error of a plan's step times: as wide as what was run is like the candidate."""

import math
from dataclasses import replace

import pytest
from performance_rows import H100, LLAMA_70B, PRECISIONS, SUPPORT, VLLM, fixed_lengths, node

from catalog.calibration import FittedConfiguration
from catalog.network import network
from recommender.enumeration.confidence import confidence_factor, deviations
from recommender.layout import Layout
from recommender.performance.roofline import replica_laws

TP1, TP4 = Layout("fp8", "fp8"), Layout("fp8", "fp8", tp=4)


def law(calibration, accelerator=H100, layout=TP4):
    return replica_laws(
        model=LLAMA_70B, hardware=node(accelerator), engine=VLLM, precisions=PRECISIONS,
        support=SUPPORT, lengths=fixed_lengths(1024, 256), calibration=calibration,
        layouts=[layout],
    ).take(0)  # fmt: skip


def without_runs(calibration):
    return replace(calibration, configurations=())


def with_run(calibration, tp):
    run = FittedConfiguration.model_validate(
        {
            "network": network(LLAMA_70B), "accelerator": H100.name, "engine": "vllm",
            "weight_bits": 8, "tp": tp, "pp": 1, "adp": 1, "ep": 1, "rows": 1, "source": "test",
            "date": "2026-11-22",
        }
    )  # fmt: skip
    return replace(calibration, configurations=(run,))


def with_known_error(calibration, factor):
    """Errors of known configurations as `factor` times those of new ones (0.2)."""
    sizes = {"known": 0.2 * factor, "calibrated": 0.2}
    errors = [
        row.model_copy(update={"log_standard_deviation": sizes[row.basis]})
        for row in calibration.errors
        if row.basis in sizes
    ]
    rest = [row for row in calibration.errors if row.basis not in sizes]
    return replace(calibration, errors=(*errors, *rest))


def test_a_configuration_that_was_run_has_the_error_of_known_ones(calibration):
    """Half the spread of log errors: the rest of rel_error (of the line) is the same, added in
    squares: new^2 - known^2 = 0.2^2 - 0.1^2.
    """
    shared = with_known_error(calibration, 0.5)
    new, known = law(with_run(shared, 8)), law(with_run(shared, 4))
    assert new.basis == known.basis == "calibrated"
    assert new.rel_error**2 - known.rel_error**2 == pytest.approx(0.2**2 - 0.1**2)


def test_a_configuration_that_was_run_is_never_less_sure(calibration):
    """By the shipped errors; a group whose new lengths are as hard to predict may be as sure."""
    new, known = law(without_runs(calibration)), law(with_run(calibration, 4))
    assert known.rel_error <= new.rel_error


def with_errors_of(calibration, level, size):
    """All errors of this level as large as `size`."""
    rows = (
        row.model_copy(update={"log_standard_deviation": size}) if row.basis == level else row
        for row in calibration.errors
    )
    return replace(calibration, errors=tuple(rows))


@pytest.mark.parametrize(
    "changes",
    [{"name": "H100 twin"}, {"memory_bandwidth_gb_per_s": 5000.0}, {"bf16_tflops": 1500.0}],
)
def test_a_hypothetical_accelerator_of_known_silicon_is_new(changes, calibration):
    doubted = with_errors_of(calibration, "transferred", 0.5)
    real = law(doubted, layout=TP1)
    imagined = law(doubted, H100.model_copy(update=changes), TP1)
    assert (real.basis, imagined.basis) == ("calibrated", "transferred")
    assert imagined.rel_error >= 0.5 > real.rel_error


def test_what_was_never_run_together_is_less_sure(calibration):
    """Another size of the family, on this accelerator with this engine, makes it surer."""
    [run] = with_run(calibration, 1).configurations
    other_size = run.model_copy(update={"network": "another", "family": LLAMA_70B.family})
    doubted = with_errors_of(calibration, "recombined", 0.5)
    met = law(replace(doubted, configurations=(other_size,)))
    unmet = law(without_runs(doubted))
    assert (met.basis, unmet.basis) == ("calibrated", "calibrated")
    assert unmet.rel_error >= 0.5 > met.rel_error
    assert unmet.a == met.a


def test_a_family_is_no_surer_where_it_was_not_run(calibration):
    """The calibrated error of this family alone is raised to 0.9."""
    name = "vllm dense llama-3.1 Hopper"
    doubted = tuple(
        row.model_copy(update={"log_standard_deviation": 0.9})
        if (row.basis, row.kind, row.engine) == ("calibrated", "tpot", name)
        else row
        for row in calibration.errors
    )
    imagined = law(replace(calibration, errors=doubted), H100.model_copy(update={"name": "twin"}))
    assert imagined.basis == "transferred"
    assert imagined.rel_error >= 0.9


def test_more_memory_alone_is_the_same_accelerator(calibration):
    assert law(calibration, H100.model_copy(update={"memory_gb": 96.0})).basis == "calibrated"


def test_a_folder_without_the_table_judges_by_silicon(calibration):
    old = replace(calibration, accelerators=())
    assert law(old, H100.model_copy(update={"name": "H100 twin"}), TP1).basis == "calibrated"


def test_margin_by_hand():
    """z(80 %) = -ln(2*0.2)/sqrt(2) = 0.9163/1.4142 = 0.648; exp(0.648*0.2) = 1.138."""
    assert confidence_factor(0.2, confidence=0.8) == pytest.approx(1.138, abs=5e-4)
    assert deviations(0.95) == pytest.approx(math.log(10) / math.sqrt(2))
    assert confidence_factor(0.2, confidence=0.5) == 1.0
    assert confidence_factor(0.0, confidence=0.99) == 1.0
    assert deviations(0.2) == pytest.approx(-deviations(0.8))


def test_more_confidence_is_slower():
    factors = [confidence_factor(0.2, confidence=c) for c in (0.5, 0.6, 0.8, 0.9, 0.99)]
    assert factors == sorted(factors)

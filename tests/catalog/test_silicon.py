"""Kinds of silicon, what they inherit, and the factors that a calibration gives them."""

from dataclasses import replace

import pytest

import catalog
from catalog.calibration import ArchitectureFactor, Deviation, Factors, load_calibration
from catalog.silicon import lineage, silicon

ACCELERATORS = catalog.load().accelerators
FACT = {"source": "test", "verification": "derived", "date": "2026-11-22"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("B200 180GB SXM", "Blackwell"), ("RTX PRO 6000 Blackwell Server", "Blackwell GDDR"),
        ("A100 80GB SXM4", "Ampere"), ("A10", "Ampere GDDR"), ("L40S", "Ada"),
        ("H100 80GB SXM5", "Hopper"), ("B300 288GB SXM", "Blackwell Ultra"),
        ("Jetson AGX Orin 64GB", "Ampere LPDDR"),
    ],
)  # fmt: skip
def test_memory_tells_chips_of_one_architecture_apart(name, kind):
    assert silicon(ACCELERATORS[name]) == kind


def test_a_row_without_memory_type_goes_by_its_form():
    b200 = ACCELERATORS["B200 180GB SXM"].model_copy(update={"memory_type": None})
    assert silicon(b200) == "Blackwell"
    card = ACCELERATORS["RTX 5090"].model_copy(update={"memory_type": None})
    assert silicon(card) == "Blackwell GDDR"


def test_lineages_run_from_the_remotest_relative():
    assert lineage("Blackwell GDDR") == ("Hopper", "Blackwell", "Blackwell GDDR")
    assert lineage("Blackwell Ultra") == ("Hopper", "Blackwell", "Blackwell Ultra")
    assert lineage("Gaudi") == ("Gaudi",)


def calibration(architectures=(), deviations=()):
    return replace(
        load_calibration(),
        architectures=tuple(
            ArchitectureFactor(
                architecture=name, compute_factor=factor, bandwidth_factor=1.0, rows=20, **FACT
            )
            for name, factor in architectures
        ),
        deviations=tuple(deviations),
    )


def factors(known, accelerator="B200 180GB SXM", family="qwen3"):
    return known.factors(
        engine="vllm", kind="dense", accelerator=ACCELERATORS[accelerator], family=family
    )


def test_unmeasured_silicon_takes_the_factors_of_its_nearest_measured_relative():
    assert factors(calibration([("Hopper", 1.5)])).compute_factor == 1.5
    assert factors(calibration([("Hopper", 1.5), ("Blackwell", 0.8)])).compute_factor == 0.8
    assert factors(calibration([("Gaudi", 2.0)])) == Factors()


def test_factors_multiply():
    """1.5 of the silicon x 0.5 of the engine on it x 0.8 of the family = 0.6."""
    own = {"engine": "vllm", "kind": "dense", "bandwidth_factor": 1.0, "overhead_factor": 1.0}
    rows = [
        Deviation(scope="silicon", name="Blackwell", compute_factor=0.5, rows=20, **own, **FACT),
        Deviation(scope="family", name="qwen3", compute_factor=0.8, rows=20, **own, **FACT),
        Deviation(scope="family", name="llama-3", compute_factor=9.0, rows=20, **own, **FACT),
    ]
    known = calibration([("Blackwell", 1.5)], rows)
    assert factors(known).compute_factor == pytest.approx(0.6)
    assert factors(known, family="gemma").compute_factor == pytest.approx(0.75)


def test_errors_are_looked_up_from_the_narrowest_group_that_has_some():
    known = load_calibration()
    wide = known.find_error(basis="calibrated", kind="tpot")
    assert wide is not None and wide.engine == "*"
    narrow = known.find_error(
        basis="calibrated", kind="tpot", engines=("vllm moe no-such-family", "vllm moe")
    )
    assert narrow is not None and narrow.engine == "vllm moe"
    assert known.find_error(basis="calibrated", kind="no such kind") is None

"""The shipped calibration: complete, sourced, within physical limits, near published runs."""

import pytest
from performance_rows import (
    B200,
    DEEPSEEK_V2,
    H100,
    H200,
    LLAMA_70B,
    PRECISIONS,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)

from catalog.calibration import ANY_ENGINE, FOLDER, load_calibration
from recommender.layout import Layout
from recommender.performance.constants import constants_of
from recommender.performance.roofline import replica_laws


def test_every_planned_engine_and_kind_has_constants(calibration):
    for kind in ("dense", "moe"):
        for engine in ("vllm", "sglang", "trtllm", ANY_ENGINE):
            assert calibration.constants(engine=engine, kind=kind).engine == engine
        assert calibration.constants(engine="no such engine", kind=kind).engine == ANY_ENGINE


def test_every_row_has_source_and_date(calibration):
    tables = (
        calibration.step_constants, calibration.architectures, calibration.collectives,
        calibration.errors,
    )  # fmt: skip
    for row in (row for table in tables for row in table):
        assert row.source
        assert row.date.year >= 2026


def test_reached_shares_are_shares(calibration):
    for row in calibration.step_constants:
        for architecture in (None, *calibration.architectures):
            values = constants_of(row, architecture)
            for name in ("bandwidth_share", "compute_share", "kv_bandwidth_share"):
                assert 0 < getattr(values, name) <= 1


def test_a_surer_basis_never_claims_more_error(calibration):
    """Of fitted bases; composed operators claim what they were measured to reach."""
    order = ("calibrated", "transferred", "roofline")
    errors = [calibration.log_error(basis=basis) for basis in order]
    assert errors == sorted(errors)


@pytest.mark.parametrize(
    ("model", "accelerator", "tp", "prompt_ms", "token_ms"),
    [
        (DEEPSEEK_V2, H100, 8, 37, 6), (DEEPSEEK_V2, B200, 8, 23, 6),
        (LLAMA_70B, H100, 4, 54, 10), (LLAMA_70B, H200, 4, 53, 8),
    ],
)  # fmt: skip
def test_laws_are_near_the_prototypes(model, accelerator, tp, prompt_ms, token_ms, calibration):
    """Fitted to other runs than the prototype, the constants stay within a factor of 1.6."""
    law = replica_laws(
        model=model, hardware=node(accelerator), engine=VLLM, precisions=PRECISIONS,
        support=SUPPORT, lengths=fixed_lengths(1024, 256), calibration=calibration,
        layouts=[Layout("fp8", "fp8", tp=tp, max_batch=8)],
    ).take(0)  # fmt: skip
    prompt = 1e3 * (law.a + law.d * 1024 + law.q * 1024 * 512)
    token = 1e3 * (law.a + law.b + law.g * 1152)
    assert prompt_ms / 1.6 <= prompt <= prompt_ms * 1.6
    assert token_ms / 1.6 <= token <= token_ms * 1.6


def test_a_broken_table_is_named(tmp_path):
    for path in FOLDER.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    table = tmp_path / "collectives.csv"
    table.write_text(table.read_text().replace(",182,", ",fast,"))
    with pytest.raises(ValueError, match=r"collectives\.csv line 2"):
        load_calibration(tmp_path)

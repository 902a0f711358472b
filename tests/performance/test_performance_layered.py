"""Laws from measured operators: a known line comes back, gaps stay calibrated, real tables."""

import importlib.util
from dataclasses import dataclass

import numpy as np
import pytest
from performance_rows import (
    H100,
    LLAMA_70B,
    PRECISIONS,
    SUPPORT,
    VLLM,
    fixed_lengths,
    node,
)  # fmt: skip

import catalog
from catalog.network import network
from recommender.errors import SpecError
from recommender.layout import Layout
from recommender.performance import measured
from recommender.performance.layered import layered_laws, measured_line
from recommender.performance.moments import moments
from recommender.performance.roofline import replica_laws

CHAT = fixed_lengths(1024, 256)
LAYOUTS = [Layout("bf16", "bf16", tp=tp) for tp in (4, 8)]
A, B, G, D, Q = 7e-3, 4e-5, 3e-9, 2.5e-5, 6e-10
INSTALLED = importlib.util.find_spec(measured.PACKAGE) is not None


@dataclass(frozen=True)
class Known:
    """Times of a law whose coefficients are known; none of steps longer than `longest`."""

    longest: int = 10**9

    def decode_s(self, sequences, context):
        return A + B * sequences + G * sequences * context if context <= self.longest else None

    def prompt_s(self, tokens, before):
        return A + D * tokens + Q * tokens * (before + tokens / 2)

    def mixed_s(self, tokens, sequences, context):
        return self.decode_s(sequences, context) + D * tokens + Q * tokens**2 / 2


def laws(calibration):
    return replica_laws(
        model=LLAMA_70B, hardware=node(H100), layouts=LAYOUTS, engine=VLLM,
        precisions=PRECISIONS, support=SUPPORT, lengths=CHAT, calibration=calibration,
    )  # fmt: skip


def test_a_known_law_comes_back(calibration):
    line = measured_line(Known(), laws(calibration).take(0), moments(CHAT))
    assert line is not None
    found = (line.a, line.b, line.g, line.d, line.q)
    assert found == pytest.approx((A, B, G, D, Q), rel=1e-6)
    assert line.error == pytest.approx(0.0, abs=1e-9)


def test_only_covered_layouts_are_measured(calibration):
    plain = laws(calibration)
    layered = layered_laws(
        plain, LAYOUTS, lambda layout: Known() if layout.tp == 8 else None,
        moments=moments(CHAT), calibration=calibration, engine="vllm dense",
    )  # fmt: skip
    assert list(layered.basis) == ["calibrated", "measured"]
    assert layered.a[0] == plain.a[0]
    assert layered.a[1] == pytest.approx(A)
    assert layered.rel_error[1] == pytest.approx(
        calibration.log_error(basis="measured", engines=("vllm dense",))
    )
    for name in ("kv_tokens", "max_batch", "chunk_tokens", "step_j", "frontend_s"):
        assert np.array_equal(getattr(layered, name), getattr(plain, name))


def test_a_gap_in_the_tables_keeps_the_calibrated_law(calibration):
    assert measured_line(Known(longest=1500), laws(calibration).take(0), moments(CHAT)) is None


def test_what_is_not_covered(monkeypatch):
    monkeypatch.setattr(measured, "shipped_models", lambda: {LLAMA_70B.id: network(LLAMA_70B)})
    monkeypatch.setattr(measured, "_handle", lambda *arguments: arguments)
    found = measured.step_times(LLAMA_70B, node(H100), Layout("fp8", "bf16", tp=8), "vllm")
    assert found is not None
    other = LLAMA_70B.model_copy(update={"id": "other", "layers": 81})
    elsewhere = node(H100.model_copy(update={"name": "H100 80GB PCIe"}))
    for model, hardware, layout, engine in (
        (other, node(H100), LAYOUTS[0], "vllm"),
        (LLAMA_70B, elsewhere, LAYOUTS[0], "vllm"),
        (LLAMA_70B, node(H100), LAYOUTS[0], "llama.cpp"),
        (LLAMA_70B, node(H100), Layout("int4", "bf16", tp=8), "vllm"),
        (LLAMA_70B, node(H100), Layout("bf16", "bf16", tp=4, pp=2), "vllm"),
        (LLAMA_70B, node(H100), Layout("bf16", "bf16", tp=1, adp=8, ep=8), "vllm"),
        (LLAMA_70B, node(H100), Layout("bf16", "bf16", tp=16), "vllm"),
    ):
        assert measured.step_times(model, hardware, layout, engine) is None


def test_a_network_is_covered_whatever_its_name(monkeypatch):
    """The package ships Llama-3.1-70B; `70b` here is Llama-3.1-70B-Instruct."""
    shipped = {"vendor/Base-FP8": network(LLAMA_70B), "vendor/Base": network(LLAMA_70B), "x": ""}
    monkeypatch.setattr(measured, "shipped_models", lambda: shipped)
    assert measured.shipped_as(LLAMA_70B) == "vendor/Base"
    assert measured.shipped_as(LLAMA_70B.model_copy(update={"id": "x"})) == "x"
    assert measured.shipped_as(LLAMA_70B.model_copy(update={"layers": 81})) is None


@pytest.mark.skipif(INSTALLED, reason="the extra is installed")
def test_the_extra_is_asked_for():
    with pytest.raises(SpecError, match=r"\[aic\]"):
        measured.check_installed()


@pytest.mark.skipif(not INSTALLED, reason="needs the extra: pip install .[aic]")
def test_real_tables():
    """Llama-3.1-8B in bf16 on one H100 reads 15 GB: no step is shorter than 4.5 ms."""
    model = LLAMA_70B.model_copy(update={"id": "meta-llama/Meta-Llama-3.1-8B"})
    times = measured.step_times(model, node(H100), Layout("bf16", "bf16", tp=1), "vllm")
    assert times is not None
    one, many = times.decode_s(1, 1024), times.decode_s(64, 1024)
    longer, mixed = times.decode_s(64, 4096), times.mixed_s(1024, 64, 1152)
    assert one and many and longer and mixed
    assert 4.5e-3 < one < many < longer
    assert many + 10e-3 < mixed < many + 40e-3
    assert measured.shipped_as(catalog.load().model("70b")) == "meta-llama/Meta-Llama-3.1-70B"
    unread = [name for name, sizes in measured.shipped_models().items() if not sizes]
    assert len(unread) < 0.2 * len(measured.shipped_models())

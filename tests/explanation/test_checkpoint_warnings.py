"""Weights that the catalogue lists no checkpoint of: what is true of the format, and no more."""

from types import SimpleNamespace

import pytest

from recommender.explanation.checkpoint_warnings import checkpoint_warnings


def warned(facts, precision, model, engine="vllm"):
    """The sentences on one model in one format."""
    request = SimpleNamespace(
        models=(facts.models[model],), catalog=facts, engine=SimpleNamespace(name=engine)
    )
    return list(checkpoint_warnings(request, [(precision, model), (precision, model)]))


@pytest.fixture(scope="session")
def unlisted(facts):
    """A model in bf16 without any checkpoint in the catalogue."""
    listed = {row.model for row in facts.checkpoints}
    return next(
        m.id for m in facts.models.values() if m.native_precision == "bf16" and m.id not in listed
    )


@pytest.mark.parametrize(
    ("precision", "engine", "said"),
    [
        ("fp8", "vllm", "or let vllm quantise while loading (--quantization fp8)"),
        ("fp8", "sglang", "or let sglang quantise while loading (--quantization fp8)"),
        ("fp8", "trtllm", "else its bf16 weights have to be converted first"),
        ("int4", "vllm", "else it has to be quantised first, with calibration data"),
        ("int8", "sglang", "else it has to be quantised first, with calibration data"),
        ("fp4", "trtllm", "else it has to be quantised first, with calibration data"),
        ("q4_k_m", "llama.cpp", "else its bf16 weights have to be converted first"),
    ],
)
def test_what_it_takes_depends_on_the_format(precision, engine, said, facts, unlisted):
    """One sentence for two deployments, which does not say that no checkpoint is published."""
    (text,) = warned(facts, precision, unlisted, engine)
    assert text.startswith(f"the catalogue knows no {precision} checkpoint of {unlisted}: ")
    assert text.endswith(said) and "published one" in text


def test_engines_cannot_quantise_what_is_quantised(facts):
    name = next(
        m.id
        for m in facts.models.values()
        if m.native_precision == "mxfp4" and not facts.checkpoint(m, "fp8")
    )
    (text,) = warned(facts, "fp8", name)
    assert "while loading" not in text and "mxfp4 weights have to be converted" in text


def test_listed_native_and_16_bit_formats_need_no_warning(facts, unlisted):
    row = facts.checkpoints[0]
    assert warned(facts, row.precision, row.model) == []
    assert warned(facts, "bf16", unlisted) == []
    assert warned(facts, "fp16", unlisted) == []

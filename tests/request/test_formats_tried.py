"""Formats of weights that are tried without being named: the native one, and none that is wider."""

import pytest

from recommender.request.formats_tried import precisions_tried
from recommender.request.spec import Spec


@pytest.mark.parametrize(
    ("model", "tried"),
    [
        ("70b", ("bf16", "fp8", "int8")),
        ("deepseek-ai/DeepSeek-R1", ("fp8", "int8")),
        ("openai/gpt-oss-120b", ("mxfp4",)),
    ],
)
def test_nothing_wider_than_the_native_format_is_tried(facts, model, tried):
    """gpt-oss was planned in fp8, twice its size, beside its own mxfp4."""
    spec = Spec(model=model, qps="1", p99="1s")
    assert precisions_tried(spec, facts, facts.model(model)) == tried
    named = Spec(model=model, qps="1", p99="1s", precision=("bf16", "fp8"))
    assert precisions_tried(named, facts, facts.model(model)) == ("bf16", "fp8")

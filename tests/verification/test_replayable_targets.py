"""Targets of a damaged plan that nothing can be judged by: refused, with the place."""

from dataclasses import replace

import pytest
from test_verify import plan

from recommender.errors import SpecError
from recommender.verification.replayable import check_replayable


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"percentile": 1e308}, "percentile is 1e\\+308"),
        ({"percentile": 1.0}, "percentile is 1"),
        ({"percentile": 0.0}, "percentile is 0"),
        ({"percentile": -0.99}, "percentile is -0.99"),
        ({"limit_s": 0.0}, "limit is 0 s"),
        ({"limit_s": -1.0}, "limit is -1 s"),
    ],
)
def test_a_target_out_of_range(changes, complaint):
    first, *others = plan(limit_s=1.0).targets
    damaged = replace(plan(limit_s=1.0), targets=(replace(first, **changes), *others))
    with pytest.raises(SpecError, match=f"target on ttft: {complaint}"):
        check_replayable(damaged)


@pytest.mark.parametrize("goodput", [0.0, 1.0, -1.0, 1e308])
def test_goodput_out_of_range(goodput):
    with pytest.raises(SpecError, match="asks for a goodput"):
        check_replayable(replace(plan(limit_s=1.0), goodput=goodput))

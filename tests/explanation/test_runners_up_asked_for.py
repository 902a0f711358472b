"""No runner-up without the only thing that was asked for: that it is infeasible says nothing."""

import pytest

from recommender import Spec, recommend

ASKED = {"model": "8b", "qps": "20", "p99": "500ms", "fast": True}


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ({"provider": "nebius", "gpu": "H100"}, set()),
        ({"provider": "nebius", "gpu": "H100,L40S"}, {"accelerator"}),
        ({"provider": "nebius,lambda", "gpu": "H100"}, {"accelerator", "provider"}),
        ({"gpu": "H100-SXM"}, {"provider"}),
    ],
)
def test_only_what_has_another(facts, more, left_out):
    plan = recommend(Spec(**(ASKED | more)), catalog=facts, front=False)
    sold = {d.provider for d in plan.deployments}, {d.accelerator for d in plan.deployments}
    kinds = [
        "provider" if line.restriction.removeprefix("without ") in sold[0] else "accelerator"
        for line in plan.runners_up
        if line.restriction.startswith("without ")
    ]
    assert set(kinds) == left_out

"""What comparisons compute of a purchase alone is what the assembled plan says."""

import pytest

from recommender import Spec
from recommender.assembly.assemble import assemble
from recommender.assembly.carried_p99 import carried_p99_s
from recommender.assembly.nodes import nameplate_w, nodes_of, nodes_usd_per_h
from recommender.decision.study_of import study_of

ASKED = {
    "p99": {"p99": "300ms"},
    "another percentile": {"slo": ["ttft p95 <= 300ms"]},
    "a bucket": {"slo": ["ttft p95 <= 200ms for input <= 1024"], "p99": "300ms"},
    "end to end": {"e2e_p99": "30s"},
}


@pytest.mark.parametrize("name", ASKED)
def test_a_purchase_alone_has_the_p99_and_the_nodes_of_its_plan(name, facts):
    asked = {"model": "8b", "qps": "20", "gpu": "H100,L40S", "fast": True} | ASKED[name]
    study = study_of(Spec.model_validate(asked), catalog=facts)
    request, purchase = study.request, study.decide().purchase
    plan = assemble(request, study.table, study.rates, purchase, simulate=False)
    alone_s = carried_p99_s(request, study.table, study.rates, purchase, simulate=False)
    assert alone_s == plan.totals.p99_s == max(d.targets_predicted_s[0] for d in plan.deployments)
    nodes = nodes_of(request, purchase)
    assert nameplate_w(request, nodes) == plan.totals.power_nameplate_w
    assert nodes_usd_per_h(nodes) == plan.totals.cost_usd_per_h


def test_percentiles_that_are_p99_are_not_found_twice(facts):
    asked = {"model": "8b", "qps": "20", "gpu": "H100", "ttft_p99": "300ms", "fast": True}
    study = study_of(Spec.model_validate(asked), catalog=facts)
    purchase = study.decide().purchase
    parts = assemble(study.request, study.table, study.rates, purchase, simulate=False)
    for deployment in parts.deployments:
        assert deployment.targets_s[0] == deployment.ttft_p99_s

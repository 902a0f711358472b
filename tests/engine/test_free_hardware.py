"""Hardware that costs nothing per hour: no percentage is taken of it, nothing divides by it."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from catalog import load
from recommender import Spec, recommend
from recommender.decision.decision import Decision
from recommender.explanation.explained import _notes
from recommender.explanation.runners_up import ONE_DEPLOYMENT
from recommender.plan import RunnerUp
from recommender.relative import percent_of
from recommender.what_if.what_if import what_if

FREE = (
    "provider,instance_type,accelerator,node_accelerators,price_per_h,terms,stock\n"
    "us,hgx-1,H100 80GB SXM5,8,0,owned,4\n"
)
ASKED = {"model": "8b", "qps": "50", "p99": "300ms", "fast": True}


def test_percent_of() -> None:
    assert percent_of(1.0, 4.0) == 25.0
    assert percent_of(1.0, 0.0) is None


@pytest.mark.parametrize("profile", [None, "0-8h:30%,8-24h:100%"])
def test_free_nodes_are_planned(tmp_path: Path, profile: str | None) -> None:
    file = tmp_path / "offers.csv"
    file.write_text(FREE)
    asked = {**ASKED, "provider": "us", "terms": "owned", "profile": profile}
    spec = Spec.model_validate(asked)
    most = 0 if profile else 1  # alternatives are of one period
    plan = recommend(spec, catalog=load([file]), most_alternatives=most)
    assert plan.status == "optimal" and plan.totals is not None
    assert plan.totals.cost_usd_per_h == 0
    assert plan.objective == plan.bound == plan.gap == 0  # nothing is cheaper than nothing
    assert all(finding.holds for finding in plan.audit)
    assert {line.price_pct for line in plan.ledger} <= {None, 0.0}
    assert all(other.cost_pct is None for other in plan.runners_up)


def test_a_sweep_down_to_no_price(facts) -> None:
    spec = Spec.model_validate({**ASKED, "gpu": "H100"})
    free, priced = what_if(spec, "price.H100", ["-100%", "+0%"], catalog=facts)
    assert free.status == priced.status == "optimal"
    assert free.cost_usd_per_h == 0 and (priced.cost_usd_per_h or 0) > 0


@pytest.mark.parametrize(
    ("mixed", "saves"), [(51.6, "45.3 %"), (94.3, "0.106 %"), (94.4, "0 %"), (0.0, "100 %")]
)
def test_mixing_saves_a_share_of_what_one_deployment_costs(mixed: float, saves: str) -> None:
    rival = RunnerUp(ONE_DEPLOYMENT, "8 x H100", 94.4, 83.0, 0.1, 1.0, "")
    solution = SimpleNamespace(rounding_loss=SimpleNamespace(rate=0.0))
    decision = cast(Decision, SimpleNamespace(solution=solution, cost_usd_per_h=mixed))
    told = list(_notes(decision, [rival]))
    # (94.4 - 51.6) / 94.4 = 42.8 / 94.4 = 45.3 %
    assert told[-1].startswith(f"mixing saves {saves}: --single buys 8 x H100 for $94")

"""Own hardware of an overlay counts beside whatever is rented."""

from pathlib import Path

import pytest

from catalog import load
from recommender.request.offer_choice import choose_offers
from recommender.request.request import resolve
from recommender.request.spec import Spec

OWN = (
    "provider,instance_type,accelerator,node_accelerators,terms,stock,electricity_per_kwh\n"
    "us,hgx-1,H100 80GB SXM5,8,owned,4,0.12\n"
)


@pytest.mark.parametrize("terms", ["on_demand", "spot", "owned", None])
def test_own_hardware_counts_whatever_is_rented(tmp_path: Path, terms: str | None) -> None:
    file = tmp_path / "offers-own.csv"
    file.write_text(OWN)
    asked = {"model": "8b", "qps": "10", "p99": "500ms", "gpu": "H100"}
    spec = Spec.model_validate(asked if terms is None else {**asked, "terms": terms})
    offers, _ = choose_offers(spec, load([file]))
    kinds = {offer.terms for offer in offers}
    assert kinds == {"owned", *([] if terms == "owned" else [terms or "on_demand"])}


def test_what_an_hour_of_own_nodes_is_made_of_is_an_assumption(tmp_path):
    """The PUE stood nowhere in the report: 1.56 times the electricity of a node without one."""
    rows = "us,hgx,H100 80GB SXM5,8,owned,4,,0.12,{pue},3,8000\n"
    columns = (
        "provider,instance_type,accelerator,node_accelerators,terms,stock,price_per_h,"
        "electricity_per_kwh,pue,amortisation_per_h,nameplate_power_w\n"
    )
    texts = {}
    for pue in ("", "1.2"):
        (tmp_path / "offers.csv").write_text(columns + rows.format(pue=pue))
        spec = Spec(model="8b", qps="5", p99="500ms", terms="owned", provider="us")
        found = resolve(spec, load([tmp_path])).assumptions
        texts[pue] = {a.name: a.value for a in found}
    assert "1.56 where none is stated (the world mean" in texts[""]["an hour of own nodes"]
    assert "1.56" not in texts["1.2"]["an hour of own nodes"]
    rented = resolve(Spec(model="8b", qps="5", p99="500ms"), load([])).assumptions
    assert "an hour of own nodes" not in {a.name for a in rented}


def test_the_limit_of_quality_and_the_formats_that_are_not_tried_are_assumptions():
    """At 5 % and with fp4 the same job cost a third less, and nothing said so."""
    found = {
        a.name: a.value for a in resolve(Spec(model="8b", qps="5", p99="1s"), load([])).assumptions
    }
    assert found["quality loss"] == "at most 1 % by the precision of weights"
    assert found["precisions"].endswith("; int4 and fp4 only where named")
    assert "no quotes and no discounts for volume" in found["prices"]
    named = Spec(model="8b", qps="5", p99="1s", precision="fp8", max_quality_loss="2.5%")
    found = {a.name: a.value for a in resolve(named, load([])).assumptions}
    assert (found["precisions"], found["quality loss"][:13]) == ("fp8", "at most 2.5 %")

"""Own hardware of an overlay counts beside whatever is rented."""

from pathlib import Path

import pytest

from catalog import load
from recommender.request.offer_choice import choose_offers
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

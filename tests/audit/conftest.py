"""Plans to audit, solved once."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from audited_requests import ASKED


@pytest.fixture(scope="session")
def scarce(facts):
    """Two nodes of each B200 offer, so that a plan that wants more must mix."""
    offers = {
        name: offer.model_copy(update={"stock": 2}) if "B200" in offer.accelerator else offer
        for name, offer in facts.offers.items()
    }
    return replace(facts, offers=offers)


@pytest.fixture(scope="session")
def planned(facts, scarce):
    """Name of a request -> (plan, spec), each solved at most once."""
    from recommender import Spec, recommend

    known = {}

    def solve(name):
        if name not in known:
            spec = Spec(fast=True, **ASKED[name])
            sold = scarce if name == "mixed" else facts
            known[name] = recommend(spec, catalog=sold, front=False, explain=False), spec
        return known[name]

    return solve


@pytest.fixture(scope="session")
def simulated(facts):
    """A plan whose rates are simulated, for replays."""
    from recommender import Spec, recommend

    spec = Spec(model="8b", qps="50", p99="500ms", gpu="H100,L40S")
    return recommend(spec, catalog=facts, front=False, explain=False), spec

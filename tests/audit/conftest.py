"""Plans to audit, solved once."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ASKED = {
    "8b": {"model": "8b", "qps": "50", "p99": "500ms"},
    "70b": {"model": "70b", "qps": "50", "p99": "1s"},
    "mixed": {"model": "70b", "qps": "80", "p99": "1s", "gpu": "H100,B200", "provider": "nebius"},
    "236b": {"model": "236b", "qps": "2000", "p99": "200ms"},
    "deepseek-v3": {"model": "deepseek-v3", "qps": "20", "p99": "2s"},
    "spans nodes": {
        "model": "405b", "qps": "5", "e2e_p99": "120s", "precision": "bf16", "gpu": "A100",
    },
    "limited": {
        "model": "8b", "qps": "20", "ttft_p99": "1s", "tpot_p99": "80ms", "redundancy": "n+2",
        "budget": "$100/h", "power": "50kW", "max_types": 1, "max_nodes": 40,
        "max_accelerators": 100, "min_bandwidth": "800GB/s", "headroom": "35%",
    },
    "one token": {
        "model": "8b", "qps": "5", "e2e_p99": "30s", "workload": "fixed", "isl": "1024", "osl": "1",
    },
    "single": {"model": "70b", "qps": "50", "p99": "1s", "single": True},
    "least power": {"model": "8b", "qps": "5", "e2e_p99": "60s", "minimize": "power"},
    "a size": {"model": "34b", "qps": "5", "p99": "2s"},
}  # fmt: skip


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

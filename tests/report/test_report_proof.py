"""What a report says of the proof: figures with their unit, and the condition that it rests on."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sample_plan import PLAN

from recommender import Spec, recommend
from recommender.explanation.explained import condition_of_proof
from recommender.report.terminal import to_text
from recommender.solvers.outcome import Status


@pytest.mark.parametrize(
    ("minimize", "shown"),
    [
        ("cost", "minimised cost: 4,544 $/h, bound 4,544 $/h"),
        ("power,cost:5%", "minimised power,cost:5%: power 4,544 W, bound 4,544 W"),
        ("latency", "minimised latency: cost 4,544 $/h, bound 4,544 $/h"),
        ("carbon", "minimised carbon: 4,544 g CO2e/h, bound 4,544 g CO2e/h"),
        ("cost,latency:2%", "minimised cost,latency:2%: cost 4,544 $/h, bound 4,544 $/h"),
    ],
)
def test_the_objective_has_its_unit(minimize: str, shown: str) -> None:
    spec = PLAN.spec | {"minimize": minimize}
    text = to_text(replace(PLAN, spec=spec, objective=4544.0, bound=4544.0, gap=0.0))
    assert shown in " ".join(text.split())


def test_an_objective_in_millions_is_whole() -> None:
    """Six digits of it would be `1.06109e+06`."""
    text = " ".join(to_text(replace(PLAN, objective=1_061_088.0, bound=1_061_087.4)).split())
    assert "minimised cost: 1,061,088 $/h, bound 1,061,087 $/h" in text


def test_energy_of_a_token_has_no_exponent() -> None:
    totals = replace(PLAN.totals, joules_per_output_token=9123.4)
    assert "9,120 J per output token" in " ".join(to_text(replace(PLAN, totals=totals)).split())


def test_the_condition_of_the_proof_is_said_where_rates_are_simulated() -> None:
    """Kinds that were never simulated are left out by bounds that hold at 95 % each."""
    asked = {"model": "8b", "qps": "20", "p99": "500ms", "gpu": "H100", "provider": "nebius"}
    simulated = recommend(Spec(**asked), front=False)
    (line,) = (line for line in simulated.binding if line.startswith("condition: "))
    assert "were left out by bounds on their rates" in line
    quick = recommend(Spec(**asked, fast=True), front=False)
    assert not any(line.startswith("condition: ") for line in quick.binding)


@pytest.mark.parametrize(("limit", "said"), [({}, False), ({"min_utilisation": "10%"}, True)])
def test_limits_that_compare_rates_condition_the_proof_further(
    limit: dict[str, str], said: bool
) -> None:
    """A bound above a kind's rate may break a share that the rate itself would keep."""
    asked = {"model": "8b", "qps": "20", "p99": "500ms", "gpu": "H100", "provider": "nebius"}
    plan = recommend(Spec(**asked, **limit), front=False)
    (line,) = (line for line in plan.binding if line.startswith("condition: "))
    assert line.endswith("by a bound that is too high") is said


@pytest.mark.parametrize(
    ("status", "gap", "doubts", "said"),
    [
        (Status.OPTIMAL, 0.0, (), "the optimum holds where these do"),
        (Status.FEASIBLE, 0.2, (), "the gap holds where these do"),
        (Status.FEASIBLE, None, (), ""),
        (Status.FEASIBLE, 0.2, ("a doubt",), ""),  # then no gap is stated
    ],
)
def test_only_what_is_claimed_has_a_condition(
    status: Status, gap: float | None, doubts: tuple[str, ...], said: str
) -> None:
    rates = SimpleNamespace(closed=np.array([False, True]), rate=np.array([1.0, 2.0]))
    asked = SimpleNamespace(compares_rates=False, grows_with_rates=False)
    request = SimpleNamespace(workload=SimpleNamespace(quieter=()))
    study: Any = SimpleNamespace(
        simulates=True, doubts=doubts, rates=rates, question=asked, request=request
    )
    outcome = SimpleNamespace(status=status)
    solution = SimpleNamespace(outcome=outcome, gap=gap)
    decision: Any = SimpleNamespace(solution=solution, gap_condition="")
    text = " ".join(condition_of_proof(study, decision))
    assert text.endswith(said) and bool(text) is bool(said)

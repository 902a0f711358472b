"""Fronts of mixed plans and alternatives from the command: proven, falling, and complete or not."""

import json

import pytest
from click.testing import CliRunner

from recommender import Spec, recommend
from recommender.commands.front_command import command
from recommender.errors import SpecError
from recommender.fronts.front_axes import Axes, axes_of
from recommender.fronts.mixed_fronts import front_of_mixed
from recommender.progress import SILENT

ASKED = {"model": "8b", "qps": "60", "p99": "500ms", "gpu": "H100,H200,L40S,L4"}


@pytest.fixture(scope="module")
def front():
    """Axes -> front of the small request."""
    return lambda axes, **more: front_of_mixed(Spec(**ASKED, **more), Axes(axes), progress=SILENT)


@pytest.mark.parametrize("axes", [("cost", "power"), ("cost", "accelerators"), ("cost", "p99")])
def test_each_point_gives_up_one_axis_for_the_other(front, axes):
    found = front(axes)
    second = {"power": "power_w", "accelerators": "accelerators", "p99": "p99_s"}[axes[1]]
    costs = [point.cost_usd_per_h for point in found.points]
    others = [getattr(point, second) for point in found.points]
    assert found.complete and found.points
    assert costs == sorted(set(costs))
    assert others == sorted(set(others), reverse=True)
    exact = ("exact_cover", "cpsat", "front_search")
    assert all(any(method in proof for method in exact) for proof in found.proofs)


def test_it_starts_at_the_cheapest_plan(front):
    spec = Spec(**ASKED, fast=True)
    cheapest = recommend(spec, front=False, explain=False).totals
    first = front(("cost", "power")).points[0]
    assert first.cost_usd_per_h == pytest.approx(cheapest.cost_usd_per_h)
    assert first.power_w == pytest.approx(cheapest.power_nameplate_w)


def test_a_front_that_ran_out_of_time_says_so(front):
    found = front(("cost", "power"), time_limit="1ms")
    assert not found.complete
    assert found.extent.startswith("time was up")


@pytest.mark.parametrize("text", ["cost", "cost,cost", "cost,beauty", "a,b,c"])
def test_axes_that_are_none(text):
    with pytest.raises(SpecError, match="must be two or more of cost, power"):
        axes_of(text)


def run(*more):
    """The command on the small request."""
    flags = [part for key, value in ASKED.items() for part in (f"--{key}", value)]
    return CliRunner().invoke(command, [*flags, "-q", *more], standalone_mode=False)


def test_command_prints_json_with_proofs():
    done = run("--mixed", "cost,power", "--json")
    assert done.return_value == 0
    document = json.loads(done.stdout)
    assert document["complete"] and len(document["proofs"]) == len(document["points"])


def test_command_prints_a_table_and_writes_csv(tmp_path):
    assert "complete" in run("--mixed", "cost,accelerators").stdout
    file = tmp_path / "front.csv"
    assert run("--mixed", "cost,accelerators", "-o", str(file)).return_value == 0
    assert file.read_text().splitlines()[0].endswith("proof")


def test_alternatives_use_other_types_and_cost_no_less():
    plan = recommend(Spec(**ASKED, fast=True), front=False, most_alternatives=3)
    others = [line for line in plan.runners_up if line.restriction.startswith("with ")]
    costs = [line.cost_usd_per_h for line in others]
    assert 1 <= len(others) <= 3
    assert len({line.restriction for line in others}) == len(others)
    assert costs == sorted(costs)
    assert costs[0] >= plan.totals.cost_usd_per_h - 1e-9

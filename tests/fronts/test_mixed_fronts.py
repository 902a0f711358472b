"""Fronts of mixed plans and alternatives from the command: proven, falling, and complete or not."""

import json

import pytest
from click.testing import CliRunner

from recommender import Spec, recommend
from recommender.commands.front_command import command
from recommender.deadline import OutOfTime
from recommender.decision.decision import value_of
from recommender.decision.rates import Rates
from recommender.decision.study_of import study_of
from recommender.errors import SpecError
from recommender.fronts import mixed_points
from recommender.fronts.front_axes import Axes, axes_of
from recommender.fronts.mixed_fronts import front_of_mixed
from recommender.progress import SILENT
from recommender.report.mixed_front_report import sections
from recommender.wording import hourly

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


@pytest.mark.parametrize("more", [{}, {"fast": True}, {"burstiness": 6, "fast": True}])
def test_it_starts_at_the_plan(front, more):
    """Fast and bursty is simulated: no closed form is safe there."""
    plan = recommend(Spec(**ASKED, **more), front=False, explain=False).totals
    found = front(("cost", "power"), **more)
    first = found.points[0]
    assert first.cost_usd_per_h == pytest.approx(plan.cost_usd_per_h)
    assert first.power_w == pytest.approx(plan.power_nameplate_w)
    assert first.p99_s == pytest.approx(plan.p99_s, rel=1e-3)
    simulated = more != {"fast": True}
    assert first.simulated == simulated
    assert found.basis.startswith("Rates are simulated") == simulated


@pytest.mark.parametrize(
    ("axes", "objective", "more"),
    [
        (("cost", "energy"), "energy", {}),
        (("cost", "nodes"), "nodes", {}),
        (("cost", "power"), "power", {"max_provider_share": "60%"}),
        (("cost", "quality"), "cost", {"max_mean_quality_loss": "0.5%"}),
    ],
)
def test_either_end_is_the_plan_of_its_objective(front, axes, objective, more):
    """Also where a larger rate is not always better, so that a bound may hide a plan."""
    found = front(axes, **more)
    spec = Spec(**ASKED, minimize=objective, **more)
    decision = study_of(spec).decide()
    assert found.complete
    at = axes.index(objective)
    least = min(values[at] for values in found.values)
    assert least <= value_of(objective, decision) * (1 + 1e-3)


def test_what_is_not_simulated_in_time_is_safe_and_said(front, monkeypatch):
    def settle(*asked):
        raise OutOfTime

    whole = front(("cost", "power"))
    monkeypatch.setattr(Rates, "settle", settle)
    found = front(("cost", "power"))
    assert found.basis.startswith("Time was up with the rates of 0 kinds of replica simulated")
    fast = front(("cost", "power"), fast=True)
    assert found.values == fast.values
    assert found.values[0][0] > whole.values[0][0]


def test_ctrl_c_while_rates_are_simulated_leaves_a_safe_front(front, monkeypatch, tmp_path):
    def settle(*asked):
        raise KeyboardInterrupt

    monkeypatch.setattr(Rates, "settle", settle)
    file = tmp_path / "front.json"
    found = front_of_mixed(Spec(**ASKED), axes_of("cost,nodes"), progress=SILENT, file=file)
    assert found.points and found.basis.startswith("Ctrl-C came with the rates of 0 kinds")
    assert not any(point.simulated for point in found.points) and not file.exists()


def test_levels_of_p99_are_closed_forms_beside_what_the_plan_costs(front):
    found = front(("cost", "p99"))
    plan = recommend(Spec(**ASKED), front=False, explain=False).totals
    assert f"its plan for this request costs {hourly(plan.cost_usd_per_h)}" in found.basis
    assert "nothing is simulated" in found.basis
    assert "recommend" not in front(("cost", "p99"), fast=True).basis


def test_a_front_without_a_plan_says_that_nothing_holds(front):
    found = front_of_mixed(Spec(**(ASKED | {"p99": "1ms"})), axes_of("cost,power"), progress=SILENT)
    assert found.complete and not found.points
    assert found.basis.startswith("No kind of replica on offer holds the targets")


def test_closed_forms_are_marked_among_simulated_values(front, monkeypatch):
    monkeypatch.setattr(mixed_points, "MOST_RUNS", 1)
    found = front(("cost", "power"), provider="nebius,lambda,coreweave", burstiness=3)
    (section,) = sections(found)
    cells = [row[1].text for row in section.blocks[0].rows]
    assert [text.startswith("~") for text in cells] == [not p.simulated for p in found.points]
    assert "p99 with ~ is a closed form" in found.basis


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

"""A front that is kept in a file: interrupted, refused for other requests, and taken up again."""

import json

import pytest

from recommender import Spec
from recommender.deadline import OutOfTime
from recommender.decision.rates import Rates
from recommender.errors import SpecError
from recommender.formulation import front_walk
from recommender.fronts.front_axes import axes_of
from recommender.fronts.mixed_fronts import front_of_mixed
from recommender.progress import SILENT
from recommender.queueing import simulated_rate

ASKED = {"model": "8b", "qps": "600", "p99": "500ms", "gpu": "H100,H200,L40S,L4", "fast": True}
SIMULATED = {"model": "8b", "qps": "60", "p99": "500ms", "gpu": "H100", "provider": "nebius,lambda"}
COSTS = axes_of("cost,accelerators")


@pytest.fixture(scope="module")
def whole():
    return front_of_mixed(Spec(**ASKED, max_provider_share="60%"), COSTS, progress=SILENT)


def interrupted(monkeypatch, file, solves, axes=COSTS):
    """A front whose user gives up after so many solves."""
    left = [solves]
    real = front_walk.solve_single_service

    def solve(*asked, **more):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(*asked, **more)

    with monkeypatch.context() as patched:
        patched.setattr(front_walk, "solve_single_service", solve)
        spec = Spec(**ASKED, max_provider_share="60%")
        return front_of_mixed(spec, axes, progress=SILENT, file=file)


def test_ctrl_c_keeps_the_front_so_far_and_a_second_run_goes_on(monkeypatch, tmp_path, whole):
    file = tmp_path / "front.json"
    part = interrupted(monkeypatch, file, 3)
    assert not part.complete and part.points and part.gap > 0
    assert part.extent.startswith("interrupted: incomplete, but")
    spec = Spec(**ASKED, max_provider_share="60%")
    resumed = front_of_mixed(spec, COSTS, progress=SILENT, file=file)
    assert resumed.complete and resumed.values == whole.values

    def none_left(*asked, **more):
        raise AssertionError("everything is in the file")

    monkeypatch.setattr(front_walk, "solve_single_service", none_left)
    again = front_of_mixed(spec, COSTS, progress=SILENT, file=file)
    assert again.values == whole.values and again.proofs == resumed.proofs


def test_simulated_rates_are_kept_and_not_simulated_again(monkeypatch, tmp_path):
    file = tmp_path / "front.json"
    first = front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)
    kept = json.loads(file.read_text())["rates"]
    assert kept["settled"] and str(len(kept["settled"])) in first.basis

    def never(*asked, **more):
        raise AssertionError("every rate is in the file")

    monkeypatch.setattr(simulated_rate, "simulated_rate", never)
    again = front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)
    assert again.values == first.values and again.basis == first.basis


def test_a_front_on_fewer_simulated_rates_is_found_anew(monkeypatch, tmp_path):
    """Time was up for one kind: a later run simulates it, and takes no part on the rates before."""
    file = tmp_path / "front.json"
    left = [1]
    real = Rates.settle

    def settle(self, *asked):
        left[0] -= 1
        if left[0] < 0:
            raise OutOfTime
        return real(self, *asked)

    with monkeypatch.context() as patched:
        patched.setattr(Rates, "settle", settle)
        part = front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)
    assert part.complete and part.basis.startswith("Time was up with the rates of 1 kind of")
    resumed = front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)
    assert resumed.basis.startswith("Rates are simulated")
    assert resumed.values == front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT).values
    assert resumed.values[0][0] <= part.values[0][0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"of": "x"}, "another request"),
        ({"settled": [[0, -1.0]]}, "damaged"),
        ({"settled": [[10**6, 1.0]]}, "damaged"),
        ({"settled": None}, "damaged"),
        ({"bounds": [[0, "much"]]}, "damaged"),
    ],
)
def test_rates_that_cannot_be_of_the_request_are_refused(tmp_path, change, says):
    file = tmp_path / "front.json"
    front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)
    document = json.loads(file.read_text())
    document["rates"] |= change
    file.write_text(json.dumps(document))
    with pytest.raises(SpecError, match=says):
        front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)


def test_a_file_of_closed_forms_is_another_request(tmp_path):
    file = tmp_path / "front.json"
    front_of_mixed(Spec(**SIMULATED, fast=True), COSTS, progress=SILENT, file=file)
    with pytest.raises(SpecError, match="another request"):
        front_of_mixed(Spec(**SIMULATED), COSTS, progress=SILENT, file=file)


def test_ctrl_c_before_the_first_point_is_said(monkeypatch, tmp_path):
    part = interrupted(monkeypatch, tmp_path / "front.json", 0)
    assert part.points == () and part.gap is None
    assert part.extent == "interrupted before the first point"


def test_levels_are_taken_up_one_by_one(monkeypatch, tmp_path):
    file, axes = tmp_path / "front.json", axes_of("cost,accelerators,p99")
    part = interrupted(monkeypatch, file, 4, axes)
    assert not part.complete
    assert len(json.loads(file.read_text())["parts"]) >= 1


@pytest.mark.parametrize("other", [{"qps": "601"}, {"max_provider_share": "70%"}])
def test_the_front_of_another_request_is_refused(monkeypatch, tmp_path, other):
    file = tmp_path / "front.json"
    interrupted(monkeypatch, file, 2)
    spec = Spec(**{**ASKED, "max_provider_share": "60%", **other})
    with pytest.raises(SpecError, match="another request"):
        front_of_mixed(spec, COSTS, progress=SILENT, file=file)


def test_a_plan_that_was_changed_in_the_file_is_found(monkeypatch, tmp_path):
    file = tmp_path / "front.json"
    interrupted(monkeypatch, file, 2)
    document = json.loads(file.read_text())
    point = document["parts"][""]["points"][0]
    name = next(iter(point["counts"]))
    point["counts"] = point["values"] = {name: 1}
    file.write_text(json.dumps(document))
    with pytest.raises(SpecError, match="a plan of the file breaks"):
        front_of_mixed(Spec(**ASKED, max_provider_share="60%"), COSTS, progress=SILENT, file=file)


@pytest.mark.parametrize(
    ("key", "value"), [("boxes", [[1, 2]]), ("boxes", 5), ("points", [{}]), ("fingerprint", None)]
)
def test_a_damaged_file_is_refused(monkeypatch, tmp_path, key, value):
    file = tmp_path / "front.json"
    interrupted(monkeypatch, file, 2)
    document = json.loads(file.read_text())
    if value is None:
        del document["parts"][""][key]
    else:
        document["parts"][""][key] = value
    file.write_text(json.dumps(document))
    with pytest.raises(SpecError, match="a front in the file is damaged"):
        front_of_mixed(Spec(**ASKED, max_provider_share="60%"), COSTS, progress=SILENT, file=file)


def test_groups_that_only_another_objective_needs_are_taken_up(tmp_path):
    # Fewest nodes: 8 accelerators each, dearer by the accelerator than nodes of one, and the least
    # number of nodes was asked for alone, where nothing is compared by its cost or power.
    spec = Spec(model="8b", qps="150", p99="300ms", fast=True, provider="nebius,coreweave")
    file, axes = tmp_path / "front.json", axes_of("cost,power,nodes")
    whole = front_of_mixed(spec, axes, progress=SILENT, file=file)
    assert whole.complete
    again = front_of_mixed(spec, axes, progress=SILENT, file=file)
    assert again.values == whole.values and again.complete  # whichever method proved each point


def test_another_file_is_named(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text("{}")
    with pytest.raises(SpecError, match="is no file of `recommend front --resume`"):
        front_of_mixed(Spec(**ASKED), COSTS, progress=SILENT, file=file)

"""The front of pools: its points and ends are optima, and nothing lies between them."""

from dataclasses import replace
from functools import cache

import pytest
from disaggregation_specs import SMALL

import catalog
from recommender.deadline import Deadline, deadline_in
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.search import Search
from recommender.errors import SpecError
from recommender.fronts.front_axes import axes_of
from recommender.fronts.mixed_fronts import front_of_mixed
from recommender.fronts.pools_front import PoolsFront, front_of_pools
from recommender.progress import SILENT
from recommender.request.spec_file import make_spec

TWO_KINDS = SMALL | {
    "disaggregate": "only", "gpu": "H100,B200", "qps": "200", "minimize": "cost,power",
}  # fmt: skip


@cache
def _study() -> Study:
    """B200s are dear and draw little, so that money buys power."""
    known = catalog.load()
    dear = {
        name: offer.model_copy(
            update={
                "usd_per_h": 2 * offer.usd_per_h,
                "nameplate_power_w": 0.3 * offer.nameplate_power_w,
            }
        )
        for name, offer in known.offers.items()
        if offer.accelerator.startswith("B200")
    }
    facts = replace(known, offers={**known.offers, **dear})
    return study_of(make_spec(TWO_KINDS), catalog=facts, deadline=deadline_in(3600))


@cache
def _front() -> PoolsFront:
    return front_of_pools(_study(), axes_of("cost,power"), step=1, progress=SILENT)


def test_cost_rises_and_power_falls() -> None:
    front = _front()
    assert front.complete and len(front.points) >= 2
    costs, watts = zip(*front.values, strict=True)
    assert list(costs) == sorted(set(costs)) and list(watts) == sorted(set(watts), reverse=True)
    for point, (cost, power) in zip(front.points, front.values, strict=True):
        assert point.cost_usd_per_h == pytest.approx(cost, abs=1e-3)
        assert point.power_w == pytest.approx(power, abs=point.nodes)
        assert point.plan.startswith("prefill: ")


def test_the_ends_are_the_optima_of_both_objectives() -> None:
    study, front = _study(), _front()
    for objectives, at in ((("cost", "power"), 0), (("power", "cost"), -1)):
        first, *then = objectives
        question = replace(study.question, objective=first, then=tuple(then))
        best = Search(study, two_pools(study), question).best().best
        assert best is not None
        cost, power = front.values[at]
        found = dict(zip(objectives, best[1].objectives, strict=True))
        assert found == {"cost": round(cost * 10_000), "power": round(power)}


def test_no_pools_lie_between_two_points() -> None:
    study, front = _study(), _front()
    (_, upper), (cost, _) = front.values[0], front.values[1]
    between = replace(study.question, power_w=upper - 0.5, budget_usd_per_h=cost - 1e-3)
    found = Search(study, two_pools(study), between).best()
    assert found.decided and found.best is None


def test_what_a_front_of_pools_is_not_made_of() -> None:
    for axes in ("cost,p99", "cost,carbon", "cost,power,nodes"):
        with pytest.raises(SpecError, match="two axes of cost, power"):
            front_of_pools(_study(), axes_of(axes), step=1, progress=SILENT)
    both = make_spec(TWO_KINDS | {"disaggregate": "auto"})
    with pytest.raises(SpecError, match="one at a time"):
        front_of_mixed(both, axes_of("cost,power"), progress=SILENT)


def test_time_that_is_up_leaves_an_incomplete_front() -> None:
    study = _study()
    late = replace(study, deadline=Deadline(0.0))
    front = front_of_pools(late, axes_of("cost,power"), step=1, progress=SILENT)
    assert not front.complete and front.extent == "time was up: incomplete"

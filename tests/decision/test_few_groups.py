"""A few of many groups: the best of every kind that limits may ask for, and a bound on the rest."""

from types import SimpleNamespace

import pytest

from recommender.decision.few_groups import OF_ALL, OF_EACH_VALUE, few_groups, least_value
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block


def group(
    name: str, rate: float, usd: float, provider: str = "p", model: str = "m"
) -> FailureGroup:
    return FailureGroup(
        name=name, offer=name, provider=provider, region="r", accelerator="h", nodes=1,
        accelerators=8, replicas={name: 1}, requests_per_s=rate, usd_per_h=usd, nameplate_w=1e3,
        model=model,
    )  # fmt: skip


def question(**changes: object) -> SimpleNamespace:
    asked = {"objectives": ("cost",), "demand_per_s": 100.0, "headroom": 0.2, "day": None}
    return SimpleNamespace(**(asked | changes))


CHEAP = [group(f"cheap{n:03}", 10.0, 10.0 + 0.01 * n) for n in range(200)]
DEAR = [group(f"dear{n}", 10.0, 50.0 + n, provider="q") for n in range(5)]
OTHER = [group(f"other{n}", 10.0, 90.0 + n, model="n") for n in range(5)]


def test_the_best_of_all_and_of_every_seller_and_model_are_kept() -> None:
    kept = {g.name for g in few_groups([*OTHER, *CHEAP, *DEAR], question())}
    expected = {f"cheap{n:03}" for n in range(OF_ALL)}
    expected |= {f"dear{n}" for n in range(OF_EACH_VALUE)}
    expected |= {f"other{n}" for n in range(OF_EACH_VALUE)}
    assert kept == expected


def test_groups_of_no_rate_are_no_use() -> None:
    assert few_groups([group("idle", 0.0, 1.0)], question()) == []
    assert least_value([group("idle", 0.0, 1.0)], question()) == 0.0


def test_every_plan_costs_at_least_the_demand_at_the_best_price_per_rate() -> None:
    """(1 + 20 %) * 100/s * 10 $/h / 10/s = 120 $/h."""
    assert least_value([*CHEAP, *DEAR], question()) == pytest.approx(120.0)


def test_over_a_day_it_is_the_mean_of_its_periods() -> None:
    """Half of the day 100/s, half 20/s: 1.2 * 60/s * 1 $ = 72 $/h; accelerators are of the peak:
    1.2 * 100/s * 8 / 10/s = 96."""
    day = SimpleNamespace(blocks=(Block("day", 100.0, 720), Block("night", 20.0, 720)))
    assert least_value(CHEAP, question(day=day)) == pytest.approx(72.0)
    most = question(day=day, objectives=("accelerators",))
    assert least_value(CHEAP, most) == pytest.approx(96.0)

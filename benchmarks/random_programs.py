"""Random programs with every family of rows, at realistic magnitudes: for agreement of solvers.

A seed gives one program: of a single service (one theta, or none), of two pools, or of a day of
three periods; with each limit asked for at random, near where it starts to hurt.
"""

from dataclasses import replace
from random import Random
from typing import Any

from recommender.formulation import pools
from recommender.formulation.alike import in_order
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_program import program_over_day
from recommender.formulation.single_service import RackLimit, SingleService
from recommender.formulation.single_service_program import program as service_program
from recommender.program.program import Program

USD_PER_REQUEST = 1.5


def random_program(seed: int, *, most_kinds: int = 14) -> Program:
    """One program of up to so many kinds of group (three copies where zones are alike)."""
    rng = Random(seed)
    asked = _service(rng, rng.randint(4, most_kinds), rng.choice([20.0, 60.0, 500.0, 2000.0]))
    kind = rng.random()
    if kind < 0.1:
        return _pools(rng)
    if kind < 0.2:
        return _day(rng)
    theta = rng.choice(asked.thetas()) if asked.failures and asked.columns else None
    return in_order(asked, service_program(asked, objective="cost", theta=theta))


def _pools(rng: Random) -> Program:
    demand, failures = rng.choice([20.0, 60.0, 500.0]), rng.randint(0, 1)
    fleets = tuple(
        SingleService(
            groups=tuple(_group(rng, f"{name} {i}") for i in range(rng.randint(2, 4))),
            demand_per_s=demand,
            failures=failures,
            service=name,
        )
        for name in ("prefill", "decode")
    )
    return pools.program(pools.Pools(fleets=fleets), objective="cost")


def _day(rng: Random) -> Program:
    groups = tuple(
        replace(_group(rng, f"g{i}"), committed=rng.random() < 0.4)
        for i in range(rng.randint(2, 4))
    )
    demand = rng.choice([60.0, 500.0])
    service = SingleService(groups=groups, demand_per_s=demand, failures=0)
    blocks = (
        Block("night", demand * rng.uniform(0.2, 0.6), 480),
        Block("day", demand, 720),
        Block("evening", demand * rng.uniform(0.4, 0.9), 240),
    )
    return program_over_day(OverDay(service, blocks, 0), objective="cost")


def _service(rng: Random, kinds: int, demand: float) -> SingleService:
    groups = [_group(rng, f"g{i}") for i in range(kinds)]
    if rng.random() < 0.3:  # sold in alike zones
        groups = [
            replace(g, name=f"{g.name} in {zone}", zone=zone)
            for g in groups[: max(3, kinds // 3)]
            for zone in ("z1", "z2", "z3")
        ]
    limits = {name: value for name, value in _limits(rng, demand).items() if rng.random() < 0.2}
    failures = 0 if "survive" in limits else rng.randint(0, 2)
    return SingleService(groups=tuple(groups), demand_per_s=demand, failures=failures, **limits)


def _limits(rng: Random, demand: float) -> dict[str, Any]:
    """Every limit that a question can have, from tight to loose."""
    cost = 1.2 * demand * USD_PER_REQUEST * rng.uniform(1.0, 1.8)
    return {
        "survive": rng.choice([("zone",), ("provider",), ("accelerator",)]),
        "survive_rack": True,
        "budget_usd_per_h": cost,
        "power_w": demand * rng.uniform(500, 1200),
        "carbon_g_per_h": demand * rng.uniform(60, 200),
        "max_accelerators": int(demand * rng.uniform(0.5, 1.2)) + 8,
        "max_nodes": int(demand * rng.uniform(0.08, 0.4)) + 3,
        "max_types": rng.randint(1, 3),
        "max_share": {"provider": rng.choice([0.4, 0.6, 0.8])},
        "min_spread": {rng.choice(["provider", "zone"]): 2},
        "min_utilisation": rng.choice([0.5, 0.7, 0.8]),
        "mean_quality_loss_pct": rng.choice([0.1, 0.3, 0.6]),
        "racks": RackLimit(count=int(demand / 12) + 2, units=42, power_w=40_000.0),
    }


def _group(rng: Random, name: str) -> FailureGroup:
    accelerators = rng.choice([1, 2, 4, 8, 8, 8])
    rate = accelerators * rng.uniform(0.5, 4)
    return FailureGroup(
        name=name,
        offer=f"offer of {name}",
        provider=f"p{rng.randint(0, 3)}",
        region="r",
        zone=f"z{rng.randint(0, 2)}",
        accelerator=f"type{rng.randint(0, 4)}",
        nodes=1,
        accelerators=accelerators,
        replicas={name: 1},
        requests_per_s=rate,
        usd_per_h=round(rate * USD_PER_REQUEST * rng.uniform(0.7, 1.3), 2),
        nameplate_w=float(round(accelerators * rng.uniform(400, 1800))),
        quality_loss_pct=rng.choice([0.0, 0.0, 0.3, 0.8]),
        carbon_g_per_h=float(round(accelerators * rng.uniform(50, 400))),
        rack_units=rng.choice([2, 4, 5, 8]),
        rack_nodes=rng.choice([4, 8]),
        stock=rng.choice([None, None, None, 2, 10, 40]),
    )

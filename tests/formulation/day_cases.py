"""Days for tests: a service over periods, and what its fleets cost by hand."""

from hypothesis import strategies as st
from single_service_cases import group

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_periods import DaySolution

NIGHT, DAY = Block("night", 40.0, 480), Block("day", 100.0, 720)
EVENING = Block("evening", 50.0, 240)
CLOUD = group("cloud", 20.0, 10.0)
OWN = group("own", 20.0, 2.0, stock=2, committed=True)
RESERVED = group("reserved", 20.0, 6.0, committed=True)


def over_day(groups, blocks=(NIGHT, DAY, EVENING), *, start_up_min=0, **limits):
    """N+0 without headroom unless changed."""
    plain = {"headroom": 0.0, "failures": 0}
    service = SingleService(groups=tuple(groups), demand_per_s=100.0, **(plain | limits))
    return OverDay(service, tuple(blocks), start_up_min)


def mean_cost(question: OverDay, solution: DaySolution) -> float:
    """Mean dollars per hour, by hand from the fleets."""
    cost = {g.name: g.usd_per_h for g in question.service.groups}
    minutes = sum(block.minutes for block in question.blocks)
    return (
        sum(
            block.minutes * sum(cost[name] * n for name, n in fleet.items())
            for block, fleet in zip(question.blocks, solution.fleets, strict=True)
        )
        / minutes
    )


RATES = st.sampled_from([10.0, 20.0, 25.0, 40.0, 50.0])
PRICES = st.integers(2, 40).map(float)
SHARES = st.sampled_from([20.0, 40.0, 50.0, 80.0, 100.0])


@st.composite
def questions(draw):
    kinds = draw(st.integers(1, 3))
    groups = [
        group(
            f"p{i}",
            draw(RATES),
            draw(PRICES),
            committed=draw(st.booleans()),
            accelerator=draw(st.sampled_from(["x", "y"])),
            stock=draw(st.sampled_from([None, 1, 3])),
        )
        for i in range(kinds)
    ]
    lengths = draw(st.sampled_from([(720, 720), (480, 960), (1440 - 60, 60)]))
    low = draw(SHARES)
    blocks = (Block("low", low, lengths[0]), Block("high", 100.0, lengths[1]))
    limits = {
        "failures": draw(st.integers(0, 1)),
        "headroom": draw(st.sampled_from([0.0, 0.2])),
        "max_types": draw(st.sampled_from([None, 1])),
        "budget_usd_per_h": draw(st.sampled_from([None, None, 60.0])),
    }
    return over_day(groups, blocks, **limits)

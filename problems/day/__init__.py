r"""A day of periods: which nodes to own or reserve, and which to rent while they are needed.

Story. Demand follows the clock. Own and reserved nodes are paid around the clock, rented ones while
they run. Each period carries its peak with headroom, and its bare peak with the worst k nodes gone.

    min   (1/24) sum_t h[t] sum_p price[p] * n[p,t]  +  starts
    s.t.  the rows of a single service in every period t, at its demand
          n[p,t] = n[p]                                        p owned or reserved

Example. Four own H100 nodes of 7/s cost $1.91/h to run, rented ones $23.60/h; 18, 60 and 36
requests/s by night, day and evening. Own nodes carry the night; 7 and 3 rented ones join by day and
in the evening: $102.04/h on average. (`worked/own_nodes_and_a_rented_peak.yaml`)

`worked/*.yaml` are such instances with their optimum and how it was found.
"""

from dataclasses import dataclass
from typing import Any

from problems.worked import groups_of, worked_files
from recommender.formulation.periods import Block, OverDay
from recommender.formulation.single_service import SingleService

MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class WorkedDay:
    """An instance with its known optimum.

    Attributes
    ----------
    optimum_usd_per_h
        Least mean cost, starts included; None for an infeasible instance.
    how
        How the optimum was found, in words that can be checked.
    """

    name: str
    question: OverDay
    optimum_usd_per_h: float | None
    how: str


def worked_days() -> tuple[WorkedDay, ...]:
    """All instances of `worked/`, by name."""
    return tuple(_problem(name, raw) for name, raw in worked_files(__package__))


def _problem(name: str, raw: dict[str, Any]) -> WorkedDay:
    groups = groups_of(raw.pop("nodes"))
    optimum, how = raw.pop("optimum_usd_per_h"), raw.pop("how")
    start_up_min = raw.pop("start_up_min", 0)
    blocks = tuple(
        Block(period, float(row["demand_per_s"]), round(MINUTES_PER_HOUR * row["hours"]))
        for period, row in raw.pop("periods").items()
    )
    demand = max(block.demand_per_s for block in blocks)
    service = SingleService(groups=groups, demand_per_s=demand, **raw)
    return WorkedDay(name, OverDay(service, blocks, start_up_min), optimum, how)

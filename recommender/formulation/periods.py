r"""Demand per period of the day: what can be switched off is paid only while it runs.

    min   (1/W) sum_t w[t] sum_p price[p] n[p,t]                      mean cost per hour
    s.t.  for every period t:  demand, spare, loss, stock, power, accelerators, nodes, racks,
                               share, spread, quality                   as for a single service
          n[p,t] = n[p]                                    p committed: paid around the clock
          spare[s,t]   some theta among the rates of t's own fleet      (spare_choice)
          budget, carbon     on the mean of the day
          utilisation        in the busiest period
          variety            types of the whole day

Symbol     Meaning                                                              Unit
t          period of the day; those of equal demand are one when nothing        index
           depends on what runs before or after them
w[t], W    length of t, of the day                                              min
n[p,t]     failure groups of kind p that run in t                               count
committed  owned or reserved; on demand and spot are paid by the hour

Every period has its own unit of rates, demand / 100 000: its rows are those of a plan for its rate
alone. A period without demand has no rows. Power, accelerators and nodes as objectives are those of
the busiest moment, then of the mean; cost, carbon and energy are means.

Dominance is that of a single service, with rates compared before rounding, so that it holds in the
unit of every period; an elastic group may take the place of a committed one, not the other way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd

from recommender.formulation.dominance import ATTRIBUTES, undominated
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.sized_group import SizedGroup, sized
from recommender.program.canonical import RateUnit


@dataclass(frozen=True, slots=True)
class Block:
    """Periods that share a fleet: its name, its demand [requests/s], its length [min]."""

    name: str
    demand_per_s: float
    minutes: int


@dataclass(frozen=True)
class OverDay:
    """The question: a service whose demand changes over the day.

    Attributes
    ----------
    service
        Demand of the busiest period, margins, limits and objectives.
    blocks
        In the order of the day where `start_up_min` is above 0; in any order otherwise.
    start_up_min
        Minutes that a node of the next period runs, and is paid, before that period begins.
    stated
        How many objectives were asked for; those after them only break ties, and get little time.
        None is all of them.
    """

    service: SingleService
    blocks: tuple[Block, ...]
    start_up_min: int = 0
    stated: int | None = None

    @cached_property
    def peak(self) -> Block:
        """The busiest period, the first of equals."""
        return max(self.blocks, key=lambda block: block.demand_per_s)

    @cached_property
    def busy(self) -> tuple[Block, ...]:
        """Periods with any demand."""
        return tuple(block for block in self.blocks if block.demand_per_s > 0)

    @cached_property
    def unit_min(self) -> int:
        """Largest time that all lengths are multiples of [min]: it keeps coefficients small."""
        return gcd(*(block.minutes for block in self.blocks), self.start_up_min)

    @cached_property
    def kept(self) -> tuple[FailureGroup, ...]:
        """The groups that the program has columns for."""
        groups = [group for group in self.service.groups if group.requests_per_s > 0]
        return _undominated(self.service, groups) if self.service.prune else tuple(groups)

    @cached_property
    def committed(self) -> tuple[FailureGroup, ...]:
        """Those of them that are paid around the clock."""
        return tuple(group for group in self.kept if group.committed)

    @property
    def decomposes(self) -> bool:
        """Whether each period can be solved on its own: nothing reaches over several."""
        service = self.service
        couples = (
            self.start_up_min,
            bool(self.committed),
            service.max_types is not None,
            service.carbon_g_per_h is not None,
            service.budget_usd_per_h is not None and service.objectives[0] != "cost",
            any(service.tolerances),
        )
        return not any(couples)

    def weight(self, block: Block) -> int:
        """w[t] in the unit of the program."""
        return block.minutes // self.unit_min

    @cached_property
    def day(self) -> int:
        """W in the unit of the program."""
        return sum(self.weight(block) for block in self.blocks)

    def before(self, block: Block) -> Block:
        """The period before, around midnight."""
        return self.blocks[self.blocks.index(block) - 1]

    @cached_property
    def _services(self) -> dict[Block, SingleService]:
        """The rows of each period: the service at its rate, without limits over the whole day."""
        service = self.service
        return {
            block: replace(
                service,
                groups=self.kept,
                demand_per_s=block.demand_per_s,
                budget_usd_per_h=None,
                carbon_g_per_h=None,
                max_types=None,
                min_utilisation=service.min_utilisation if block == self.peak else None,
                tolerances=(),
                prune=False,
            )
            for block in self.busy
        }

    def at(self, block: Block) -> SingleService:
        """The service in one period; its rates in the unit of that period's demand."""
        return self._services[block]


def column_of(group: SizedGroup, block: Block) -> str:
    """n[p] of a committed group, else n[p,t]."""
    return group.name if group.group.committed else f"{group.name} in {block.name}"


def weights_of(question: OverDay, objective: Objective, *, at_peak: bool) -> dict[str, int]:
    """Coefficient of every group's column: w[t] or W times its value, or its value at the peak."""
    value = ATTRIBUTES[objective]
    weights: dict[str, int] = {}
    for block in question.busy:
        for g in question.at(block).columns:
            time = question.day if g.group.committed else question.weight(block)
            name = column_of(g, block)
            weight = value(g) * (block == question.peak if at_peak else time)
            weights[name] = max(weights.get(name, 0), weight)
    return weights


def weights_in(question: OverDay, objective: Objective, block: Block) -> dict[str, int]:
    """Coefficients of what an objective comes to while a period runs."""
    value = ATTRIBUTES[objective]
    return {column_of(g, block): value(g) for g in question.at(block).columns}


def _undominated(
    service: SingleService, groups: Iterable[FailureGroup]
) -> tuple[FailureGroup, ...]:
    """Elastic groups that elastic ones do not dominate; committed ones that none dominates."""
    ranked = _by_rank(service, groups)
    elastic = [g for g in ranked if not g.group.committed]
    needed = [
        *(g for g in _prune(service, ranked) if g.group.committed),
        *_prune(service, elastic),
    ]
    return tuple(g.group for g in sorted(needed, key=lambda g: g.name))


def _prune(service: SingleService, ranked: Sequence[SizedGroup]) -> list[SizedGroup]:
    attributes = dict.fromkeys(["cost", *service.dominance_attributes()])
    return undominated(ranked, attributes=list(attributes), keys=service.dominance_keys())


def _by_rank(service: SingleService, groups: Iterable[FailureGroup]) -> list[SizedGroup]:
    """Groups in canonical integers, with the rank of their rate for a rate: floors keep order."""
    given = list(groups)
    smallest = min((group.requests_per_s for group in given), default=1.0)
    rank = {rate: i for i, rate in enumerate(sorted({g.requests_per_s for g in given}), start=1)}
    return [_ranked(g, rank[g.group.requests_per_s]) for g in sized(given, RateUnit(smallest))]


def _ranked(group: SizedGroup, rank: int) -> SizedGroup:
    return replace(group, rate=rank, least_rate=rank, most_rate=rank)

r"""Single service: which nodes to buy for one service, at least cost, power or accelerators.

    min   sum_p objective[p] * n[p]                         n[p] = failure groups of kind p
    s.t.  demand        sum_p rate[p] n[p]              >= (1 + h) D
          spare         sum_p min(rate[p], theta) n[p]  >= D + k theta    for one theta in {rate[p]}
          larger, theta                                                   theta is that of the plan
          stock[o]      sum_{p on o} nodes[p] n[p]      <= stock[o]       where an offer has a stock
          budget, power, accelerators, nodes                          where the request has a limit
          uses, variety                                               where it limits types

One program per theta: `programs` are solved in `solve_single_service`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from recommender.formulation.dominance import ATTRIBUTES, Key, undominated
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.sized_group import SizedGroup, sized
from recommender.program.canonical import (
    RATE_UNITS_PER_DEMAND,
    RateUnit,
    budget_units,
    power_limit_units,
)
from recommender.program.column import Column
from recommender.program.constraints.accelerators import accelerators
from recommender.program.constraints.budget import budget
from recommender.program.constraints.demand import demand
from recommender.program.constraints.nodes import nodes
from recommender.program.constraints.power import power
from recommender.program.constraints.spare import own_theta, spare
from recommender.program.constraints.stock import stock
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row

Objective = Literal["cost", "power", "accelerators", "nodes"]


@dataclass(frozen=True, kw_only=True)
class SingleService:
    """The question.

    Attributes
    ----------
    demand_per_s
        D, rate in the peak window, above 0 [requests/s].
    headroom
        h, burst headroom with all nodes up [1].
    failures
        k, worst failure groups that may be lost at once [count].
    budget_usd_per_h, power_w
        Limits on price and on nameplate power; None is no limit.
    max_accelerators, max_nodes, max_types
        Limits on counts; None is no limit.
    objectives
        Minimised in turn: each later one among the optima of those before.
    prune
        Whether dominated groups are left out; the optimum is the same without.
    """

    groups: tuple[FailureGroup, ...]
    demand_per_s: float
    headroom: float = 0.2
    failures: int = 1
    service: str = "service"
    budget_usd_per_h: float | None = None
    power_w: float | None = None
    max_accelerators: int | None = None
    max_nodes: int | None = None
    max_types: int | None = None
    objectives: tuple[Objective, ...] = ("cost",)
    prune: bool = True

    @cached_property
    def unit(self) -> RateUnit:
        """Unit of rates."""
        return RateUnit(self.demand_per_s)

    @cached_property
    def columns(self) -> list[SizedGroup]:
        """The groups that the program has columns for."""
        groups = sized(self.groups, self.unit)
        if not self.prune:
            return groups
        keys: list[Key] = [] if self.max_types is None else [lambda g: g.group.accelerator]
        return undominated(groups, attributes=self._attributes(), keys=keys)

    @property
    def required(self) -> int:
        """(1 + h) D [rate units]."""
        return self.unit.required(headroom=self.headroom)

    def thetas(self) -> list[int]:
        """The rates that theta may take, largest first [rate units]."""
        return sorted({g.rate for g in self.columns}, reverse=True)

    def _attributes(self) -> list[str]:
        limits = {
            "cost": self.budget_usd_per_h,
            "power": self.power_w,
            "accelerators": self.max_accelerators,
            "nodes": self.max_nodes,
        }
        return [a for a in ATTRIBUTES if a in self.objectives or limits[a] is not None]


def program(
    question: SingleService,
    *,
    objective: Objective,
    theta: int | None,
    extra: Sequence[Row] = (),
) -> Program:
    """The program for one theta [rate units]; without spare row when it is None."""
    groups = question.columns
    covers = list(_covers(question, theta))
    upper = {g.name: _most(g, covers) for g in groups}
    if theta is not None:
        own = own_theta(
            question.service, rate=rates(groups), failures=question.failures, theta=theta
        )
        covers += own
        upper |= {g.name: min(upper[g.name], question.failures) for g in groups if g.rate > theta}
    cost = ATTRIBUTES[objective]
    columns = [Column(g.name, cost(g), upper[g.name]) for g in groups]
    rows = [*covers, *_stocks(groups), *_limits(question)]
    if question.max_types is not None:
        types = {g.name: g.group.accelerator for g in groups}
        columns += variety_columns(types)
        rows += variety(types=types, upper=upper, limit=question.max_types)
    return Program(tuple(columns), (*rows, *extra))


def rates(groups: Sequence[SizedGroup]) -> dict[str, int]:
    """Rate of each column [rate units]."""
    return {g.name: g.rate for g in groups}


def _covers(question: SingleService, theta: int | None) -> Iterator[Row]:
    rate = rates(question.columns)
    yield demand(question.service, rate=rate, required=question.required)
    if theta is not None:
        yield spare(
            question.service,
            rate=rate,
            demand=RATE_UNITS_PER_DEMAND,
            failures=question.failures,
            theta=theta,
        )


def _most(group: SizedGroup, covers: Sequence[Row]) -> int:
    """Most groups of a kind in a plan without waste: with them alone every cover is met."""
    enough = max(-(-row.rhs // row.coefficients[group.name]) for row in covers)
    stocked = group.group.stock
    return enough if stocked is None else min(enough, stocked // group.group.nodes)


def _stocks(groups: Sequence[SizedGroup]) -> Iterator[Row]:
    """A stock row where several groups share an offer; one alone is bounded by its column."""
    offers: dict[str, list[SizedGroup]] = {}
    for group in groups:
        if group.group.stock is not None:
            offers.setdefault(group.group.offer, []).append(group)
    for offer, members in offers.items():
        if len(members) > 1:
            taken = {g.name: g.group.nodes for g in members}
            yield stock(offer, nodes=taken, available=members[0].group.stock or 0)


def _limits(question: SingleService) -> Iterator[Row]:
    groups = question.columns
    if question.budget_usd_per_h is not None:
        limit = budget_units(usd_per_h=question.budget_usd_per_h)
        yield budget(price={g.name: g.price for g in groups}, limit=limit)
    if question.power_w is not None:
        limit = power_limit_units(watts=question.power_w)
        yield power(nameplate={g.name: g.power for g in groups}, limit=limit)
    if question.max_accelerators is not None:
        taken = {g.name: g.group.accelerators for g in groups}
        yield accelerators(accelerators=taken, limit=question.max_accelerators)
    if question.max_nodes is not None:
        yield nodes(nodes={g.name: g.group.nodes for g in groups}, limit=question.max_nodes)

r"""Pools: one program that buys several fleets for one service, as prefill and decode replicas.

    min   sum_f sum_p objective[p] * n[p]                    n[p] = groups of kind p, in one fleet f
    s.t.  demand[f]       sum_{p in f} rate[p] n[p]              >= (1 + h) D          per fleet
          spare[f,theta]  sum_{p in f} min(rate[p], theta) n[p]  >= (D + k theta) z[f,theta]
          one_theta[f]    sum_theta z[f,theta]                   >= 1
          loss[f,K=v]     sum_{p in f, not in v} rate[p] n[p]    >= D
          stock, budget, power, accelerators, nodes, variety, spread, racks, need    over all fleets

Every request passes through every fleet, so each carries the whole rate. A group belongs to one
fleet, hence a lost node is lost to one of them; of any k nodes at most k are in one fleet, and all
k may be: the service survives k losses exactly when each fleet does. So each chooses its own theta
(`spare_choice`).

Without a row over all fleets the program falls apart: the optimum is the sum of the optima of the
fleets, objective by objective (`is_joint`).

Bounds: with ceil(D / rate) + k groups of one kind, and enough of them for the other covers, its
fleet needs nothing else of what covers ask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from recommender.errors import SpecError
from recommender.formulation.classes import classes
from recommender.formulation.dominance import ATTRIBUTES
from recommender.formulation.limits import class_losses, limit_columns, limits, rates, stocks
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.sized_group import SizedGroup
from recommender.program.canonical import RATE_UNITS_PER_DEMAND
from recommender.program.column import Column
from recommender.program.constraints.demand import demand
from recommender.program.constraints.spare_choice import spare_choice, theta_columns
from recommender.program.constraints.variety import variety, variety_columns
from recommender.program.program import Program
from recommender.program.row import Row


@dataclass(frozen=True, kw_only=True)
class Pools:
    """The question: fleets that ask the same but for their groups and their name (`service`).

    Names of groups are unique over all fleets.
    """

    fleets: tuple[SingleService, ...]

    def __post_init__(self) -> None:
        first = self.fleets[0]
        if any(replace(f, groups=(), service="") != replace(first, groups=(), service="")
               for f in self.fleets):  # fmt: skip
            raise ValueError("the fleets of a service share its demand, margins and limits")
        if first.compares_rates or first.min_utilisation is not None or first.survive_rack:
            raise SpecError(
                "limits that compare rates or lose a rack are not stated for several pools"
            )

    @cached_property
    def whole(self) -> SingleService:
        """All fleets as one question: what the rows over all of them look at."""
        kept = tuple(column.group for fleet in self.fleets for column in fleet.columns)
        return replace(self.fleets[0], groups=kept, service="all", prune=False)

    @property
    def is_joint(self) -> bool:
        """Whether a row names groups of several fleets, or a tolerance is shared by them."""
        return self.fleets[0].budget_usd_per_h is not None or self.shares_more_than_a_budget

    @property
    def shares_more_than_a_budget(self) -> bool:
        """The same but for a budget, which is a look at the least cost where that is sought."""
        one = self.fleets[0]
        limited = (
            one.power_w, one.carbon_g_per_h, one.max_accelerators, one.max_nodes, one.max_types,
            one.racks,
        )  # fmt: skip
        stocked = any(g.stock is not None for fleet in self.fleets for g in fleet.groups)
        spread = bool(one.min_spread or one.need_one_of)
        return stocked or spread or any(one.tolerances) or any(x is not None for x in limited)


def program(question: Pools, *, objective: Objective, extra: Sequence[Row] = ()) -> Program:
    """The program of all fleets together."""
    whole = question.whole
    cost, groups = ATTRIBUTES[objective], whole.columns
    covers = [row for fleet in question.fleets for row in _covers(fleet)]
    upper = {g.name: _most(fleet, g) for fleet in question.fleets for g in fleet.columns}
    columns = [Column(g.name, cost(g), upper[g.name]) for g in groups]
    for fleet in question.fleets:
        if fleet.failures:
            columns += theta_columns(fleet.service, rate=rates(fleet.columns))
    rows = [*covers, *stocks(groups), *limits(whole)]
    columns += limit_columns(whole)
    if whole.max_types is not None:
        types = classes(groups, "accelerator")
        columns += variety_columns(types)
        rows += variety(types=types, upper=upper, limit=whole.max_types)
    return Program(tuple(columns), (*rows, *extra))


def _covers(fleet: SingleService) -> Iterator[Row]:
    rate = rates(fleet.columns)
    yield demand(fleet.service, rate=rate, required=fleet.required)
    if fleet.failures:
        yield from spare_choice(
            fleet.service, rate=rate, demand=RATE_UNITS_PER_DEMAND, failures=fleet.failures
        )
    yield from class_losses(fleet)


def _most(fleet: SingleService, group: SizedGroup) -> int:
    """Most groups of a kind in a plan without waste."""
    enough = [-(-fleet.required // group.rate)]
    enough.append(-(-RATE_UNITS_PER_DEMAND // group.rate) + fleet.failures)
    enough += [
        -(-row.rhs // row.coefficients[group.name])
        for row in class_losses(fleet)
        if group.name in row.coefficients
    ]
    stocked = group.group.stock
    most = max(enough)
    return most if stocked is None else min(most, stocked // group.group.nodes)

r"""Single service: which nodes to buy for one service, at least cost or another objective.

    min   sum_p objective[p] * n[p]                         n[p] = failure groups of kind p,
                  price, power, accelerators, nodes, carbon or energy of one
    s.t.  demand        sum_p rate[p] n[p]              >= (1 + h) D
          spare         sum_p min(rate[p], theta) n[p]  >= D + k theta    for one theta in {rate[p]}
          larger, theta                                                   theta is that of the plan
          loss          sum_{p not in v} rate[p] n[p]   >= D              per value v of a class
          rack_loss     what the worst rack leaves      >= D              per offer
          stock[o]      sum_{p on o} nodes[p] n[p]      <= stock[o]       where an offer has a stock
          budget, power, accelerators, nodes, carbon                      limits of totals
          utilisation, share, quality, model_quality                      limits that compare rates
          uses, variety, in, spread, racks, need, serves, one_model       limits that count kinds

One program per theta (`single_service_program`), solved in `spare_search`. Each row family:
program/constraints/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from recommender.formulation.classes import ClassName, class_of
from recommender.formulation.dominance import ATTRIBUTES, Key, undominated
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.sized_group import SizedGroup, sized
from recommender.program.canonical import RateUnit

Objective = Literal["cost", "power", "accelerators", "nodes", "carbon", "energy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RackLimit:
    """Racks at hand: how many, and what one holds [count, rack units, W]."""

    count: int
    units: int
    power_w: float


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
    survive
        Classes of which any one value may be lost whole (a zone, a provider, a type).
    survive_rack
        Whether any one rack may be lost; groups then know how many of their nodes share one.
    budget_usd_per_h, power_w, carbon_g_per_h
        Limits on price, nameplate power and emissions; None is no limit.
    max_accelerators, max_nodes, max_types
        Limits on counts; None is no limit.
    max_share, min_spread
        Class -> largest share of the capacity in one value [1]; values that must be used [count].
    min_utilisation
        Least share of the capacity that the demand uses [1].
    mean_quality_loss_pct
        Limit of the mean over requests [%].
    least_mean_quality
        Least quality of the models' answers, in the mean over requests [points of 100].
    one_model
        Whether all groups of a plan serve the same model.
    need_one_of
        (class, values): something of one of these values is bought.
    ceilings
        Objective -> most that it may be [canonical units]: how fronts ask for a part of the plans.
    objectives
        Minimised in turn: each later one among the optima of those before.
    stated
        How many of the objectives are asked for: without them a plan is not optimal, and the rest
        break ties. None leaves that to whoever reads the message of an outcome.
    tolerances
        How far each objective may rise for the later ones, as a share of its optimum [1]; 0 where
        not given. ("power",) after ("cost",) with 0.02: least power within 2 % of the least cost.
    prune
        Whether dominated groups are left out; the optimum is the same without.
    """

    groups: tuple[FailureGroup, ...]
    demand_per_s: float
    headroom: float = 0.2
    failures: int = 1
    service: str = "service"
    survive: tuple[ClassName, ...] = ()
    survive_rack: bool = False
    budget_usd_per_h: float | None = None
    power_w: float | None = None
    carbon_g_per_h: float | None = None
    max_accelerators: int | None = None
    max_nodes: int | None = None
    max_types: int | None = None
    max_share: Mapping[ClassName, float] = field(default_factory=dict)
    min_spread: Mapping[ClassName, int] = field(default_factory=dict)
    min_utilisation: float | None = None
    mean_quality_loss_pct: float | None = None
    least_mean_quality: float | None = None
    one_model: bool = False
    racks: RackLimit | None = None
    need_one_of: tuple[tuple[ClassName, tuple[str, ...]], ...] = ()
    ceilings: Mapping[Objective, int] = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ("cost",)
    stated: int | None = None
    tolerances: tuple[float, ...] = ()
    prune: bool = True

    @cached_property
    def unit(self) -> RateUnit:
        """Unit of rates."""
        return RateUnit(self.demand_per_s)

    @cached_property
    def finer(self) -> int:
        """By how much units of rates are finer in rows that compare them [1]."""
        return self.unit.finer(group.requests_per_s for group in self.groups)

    @cached_property
    def columns(self) -> list[SizedGroup]:
        """The groups that the program has columns for."""
        groups = sized(self.groups, self.unit)
        if not self.prune:
            return groups
        attributes, keys = self.dominance_attributes(), self.dominance_keys()
        return undominated(groups, attributes=attributes, keys=keys)

    @property
    def required(self) -> int:
        """(1 + h) D [rate units]."""
        return self.unit.required(headroom=self.headroom)

    @property
    def compares_rates(self) -> bool:
        """Whether a row compares rates with each other."""
        quality = (self.mean_quality_loss_pct, self.least_mean_quality)
        return bool(self.max_share) or any(limit is not None for limit in quality)

    @property
    def models(self) -> dict[str, str]:
        """Column -> model, where a plan may serve only one of several; else empty."""
        models = {g.name: g.group.model for g in self.columns} if self.one_model else {}
        return models if len(set(models.values())) > 1 else {}

    def thetas(self) -> list[int]:
        """The rates that theta may take, largest first [rate units]."""
        return sorted({g.rate for g in self.columns}, reverse=True)

    def dominance_attributes(self) -> list[str]:
        """Attributes in use: what dominance looks at (see dominance)."""
        compared = self.compares_rates or self.min_utilisation is not None
        in_use = {
            "cost": self.budget_usd_per_h is not None,
            "power": self.power_w is not None,
            "accelerators": self.max_accelerators is not None,
            "nodes": self.max_nodes is not None,
            "carbon": self.carbon_g_per_h is not None,
            "energy": False,
            "loss": self.mean_quality_loss_pct is not None,
            "rate": compared,
            "least rate": compared,
            "quality": self.least_mean_quality is not None,
        }
        wanted = {*self.objectives, *self.ceilings}
        return [a for a in ATTRIBUTES if a in wanted or in_use.get(a)]

    def dominance_keys(self) -> list[Key]:
        """Keys in use: only groups that are equal on them are compared."""
        needed = [name for name, _ in self.need_one_of]
        named = dict.fromkeys([*self.survive, *self.max_share, *self.min_spread, *needed])
        if self.max_types is not None:
            named["accelerator"] = None
        keys: list[Key] = [_class_key(name) for name in named]
        if self.one_model:
            keys.append(lambda g: g.group.model)
        if self.survive_rack:  # fewer nodes of the same rate: more of them in the rack that is lost
            keys += [lambda g: str(g.group.nodes), lambda g: g.group.racks_of]
        return keys if self.racks is None else [*keys, lambda g: g.group.offer]


def _class_key(name: ClassName) -> Key:
    return lambda g: class_of(g.group, name)

"""What is asked of a plan, as numbers; with groups that can be bought it is a program."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from recommender.decision.day import Day
from recommender.decision.offer_facts import OfferFacts
from recommender.formulation.classes import ClassName
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective as ProgramObjective
from recommender.formulation.single_service import RackLimit, SingleService
from recommender.request.goals import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Demand, margins and limits of one service; `replace` gives its variants.

    Attributes
    ----------
    survive
        Classes of which any one value may be lost whole.
    survive_rack
        Whether any one rack may be lost.
    zones
        Zones per region that every offer is sold in; None is as the offers say.
    max_provider_share, min_utilisation
        Shares of the capacity [1].
    then, tolerances
        Objectives after the first, before ties are broken; how much each of all objectives may
        lose for the ones after it [1].
    min_host_ram_factor
        Least host RAM of a node, in weights of the replicas on it [1].
    within_days, cooling, max_load_time_s, max_network_share
        Limits on single offers: most days from order to use; air or liquid; most time to read
        a node's weights from its drives [s]; most of its network that requests use [1].
    request_bytes
        Text of a mean request and its answer on a node's network [B].
    carbon_g_per_wh, rack_units, facts
        By offer name: emissions of a Wh at the node, PUE included [g]; height of a node [U];
        what other limits look at.
    one_model
        Whether all requests are served by one of several models.
    min_quality, least_mean_quality
        Least quality of every deployment; of the mean over requests [points of 100].
    most_shortfall_pct
        Most that any deployment is short of the best model unquantised [%] (quality_objective).
    day
        Periods of the day with their demands; None where one fleet serves all of it.
    """

    demand_per_s: float
    headroom: float
    failures: int
    budget_usd_per_h: float | None
    power_w: float | None
    max_accelerators: int | None
    max_nodes: int | None
    max_types: int | None
    objective: Objective
    single: bool
    survive: tuple[ClassName, ...] = ()
    survive_rack: bool = False
    zones: int | None = None
    min_zones: int | None = None
    min_providers: int | None = None
    max_provider_share: float | None = None
    min_utilisation: float | None = None
    mean_quality_loss_pct: float | None = None
    carbon_g_per_h: float | None = None
    racks: RackLimit | None = None
    min_host_ram_factor: float | None = None
    within_days: float | None = None
    cooling: str | None = None
    max_load_time_s: float | None = None
    max_network_share: float | None = None
    request_bytes: float = 0.0
    then: tuple[Objective, ...] = ()
    tolerances: tuple[float, ...] = ()
    carbon_g_per_wh: Mapping[str, float] = field(default_factory=dict)
    rack_units: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, OfferFacts] = field(default_factory=dict)
    one_model: bool = False
    min_quality: float | None = None
    least_mean_quality: float | None = None
    most_shortfall_pct: float | None = None
    day: Day | None = None

    def without(self, limit: str) -> "Question":
        """The same question without one of its limits, by field name."""
        defaults = {f.name: f.default for f in fields(self)}
        without = None if defaults[limit] is MISSING else defaults[limit]
        changes: dict[str, Any] = {limit: without}
        return replace(self, **changes)

    @property
    def compares_rates(self) -> bool:
        """Whether a larger rate of a kind may make a plan worse or break a limit."""
        limits = (
            self.max_provider_share,
            self.min_utilisation,
            self.mean_quality_loss_pct,
            self.least_mean_quality,
            self.carbon_g_per_h,
            self.max_network_share,
        )
        return any(limit is not None for limit in limits)

    @property
    def grows_with_rates(self) -> bool:
        """Whether rates too high hide plans even without the rows that compare rates.

        Emissions and power at planned load grow with the rate, and so does traffic on a network.
        """
        limited = self.carbon_g_per_h is not None or self.max_network_share is not None
        return limited or self.objective in ("carbon", "energy")

    @property
    def limits_rates_from_above(self) -> bool:
        """Whether a node that is filled to the brim may break a limit."""
        limits = (self.min_utilisation, self.max_network_share, self.max_provider_share)
        return any(limit is not None for limit in limits)

    @property
    def zones_matter(self) -> bool:
        """Whether a row names zones, so that groups are kept apart by zone."""
        return "zone" in self.survive or (self.min_zones or 1) > 1

    @property
    def places_matter(self) -> bool:
        """Whether one kind of node in one place cannot meet the limits."""
        share = self.max_provider_share
        several = max(self.min_zones or 1, self.min_providers or 1) > 1
        return bool(self.survive) or several or (share is not None and share < 1)

    @property
    def needs_planned_power(self) -> bool:
        """Whether carbon or energy of the groups is looked at."""
        wanted = {"carbon", "energy"} & {self.objective, *self.then}
        return bool(wanted or self.carbon_g_per_wh)

    @property
    def objectives(self) -> tuple[ProgramObjective, ...]:
        """What the program minimises in turn; cost and power break ties.

        The levels of latency and quality are chosen outside (latency_objective.py,
        quality_objective.py); then the cheapest counts.
        """
        wanted = self._wanted
        tie: ProgramObjective = "power" if "cost" in wanted else "cost"
        second: list[ProgramObjective] = [] if tie in wanted else [tie]
        if wanted == ["accelerators"]:
            second = ["power"]
        return (*wanted, *second)

    @property
    def _wanted(self) -> list[ProgramObjective]:
        """The objectives that are asked for."""
        wanted: list[ProgramObjective] = []
        for stated in (self.objective, *self.then):
            if stated != "latency" and stated != "quality":
                wanted.append(stated)
        return wanted or ["cost"]

    @property
    def stated(self) -> int:
        """How many of the objectives are asked for; the others break ties."""
        return len(self._wanted)

    def about(self, groups: Sequence[FailureGroup]) -> SingleService:
        """The program over these groups."""
        spread: dict[ClassName, int | None] = {
            "zone": self.min_zones,
            "provider": self.min_providers,
        }
        share = self.max_provider_share
        return SingleService(
            groups=tuple(groups),
            demand_per_s=self.demand_per_s,
            headroom=self.headroom,
            failures=self.failures,
            survive=self.survive,
            survive_rack=self.survive_rack,
            budget_usd_per_h=self.budget_usd_per_h,
            power_w=self.power_w,
            carbon_g_per_h=self.carbon_g_per_h,
            max_accelerators=self.max_accelerators,
            max_nodes=self.max_nodes,
            max_types=self.max_types,
            max_share={} if share is None else {"provider": share},
            min_spread={name: m for name, m in spread.items() if m is not None and m > 1},
            min_utilisation=self.min_utilisation,
            mean_quality_loss_pct=self.mean_quality_loss_pct,
            least_mean_quality=self.least_mean_quality,
            one_model=self.one_model,
            racks=self.racks,
            objectives=self.objectives,
            tolerances=self.tolerances[: len(self.objectives)],
        )

"""One request with everything computed for it so far: the workbench that explanations share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from catalog.schema import Offer
from recommender.decision import Decider, Decision
from recommender.enumeration import Enumeration
from recommender.formulation.failure_group import FailureGroup
from recommender.question import Question
from recommender.rates import Rates, Trust
from recommender.replica_table import ReplicaTable
from recommender.request import Request


@dataclass(frozen=True, slots=True)
class Study:
    """A request, its replica kinds, and the rates that have been found."""

    request: Request
    enumeration: Enumeration
    question: Question
    decider: Decider

    @property
    def table(self) -> ReplicaTable:
        """The sized replica kinds."""
        return self.enumeration.table

    @property
    def rates(self) -> Rates:
        """The book of rates at the request's confidence and SLO."""
        return self.decider.rates

    def decide(
        self,
        *,
        keep: Callable[[Offer], bool] | None = None,
        allowed: Callable[[int], bool] = lambda position: True,
        **changes: object,
    ) -> Decision:
        """The optimum of a variant: fewer offers or kinds, other limits of the question."""
        market = self.enumeration.market
        return self.decider.decide(
            market if keep is None else market.where(keep),
            replace(self.question, **changes),  # type: ignore[arg-type]
            allowed=allowed,
            time_limit_s=self.request.spec.time_limit,
            solver=self.request.spec.solver,
        )

    def with_rates(self, rates: Rates) -> "Study":
        """The same study on another book of rates (other margins, no simulation)."""
        return replace(self, decider=Decider(self.table, rates))

    def comparison(self, *, confidence_law: bool = True, frontend: bool = True) -> "Study":
        """The study on central closed forms, with or without a margin: cheap and consistent."""
        law = self.table.law if confidence_law else self.table.central_law
        if not frontend:
            law = replace(law, frontend_s=law.frontend_s * 0.0)
        return self.with_rates(Rates(law, self.request.workload, self.request.slo, Trust.CENTRAL))


def cost_usd_per_h(purchase: Sequence[tuple[FailureGroup, int]]) -> float:
    """What a purchase costs."""
    return sum(group.usd_per_h * count for group, count in purchase)

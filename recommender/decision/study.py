"""One request with everything computed for it so far: the workbench that explanations share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from catalog.schema import Offer
from recommender.deadline import Deadline
from recommender.decision.decider import HALF, Decider
from recommender.decision.decision import Decision
from recommender.decision.each_model import best_of_models
from recommender.decision.question import Question
from recommender.decision.rates import Rates, Trust, held_rate
from recommender.enumeration.enumeration import Enumeration
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.performance.step_law import StepLaw
from recommender.request.request import Request
from recommender.workload import Lengths

LONG_PROMPT = 0.99


@dataclass(frozen=True)
class Study:
    """A request, its replica kinds, and the rates that have been found.

    Attributes
    ----------
    deadline
        When the time of the decision is up: all that is decided here takes what is left.
    doubts
        What its question rests on and is not proven, in words: then no plan of it is.
    """

    request: Request
    enumeration: Enumeration
    question: Question
    decider: Decider
    deadline: Deadline
    doubts: tuple[str, ...] = ()

    @property
    def table(self) -> ReplicaTable:
        """The sized replica kinds."""
        return self.enumeration.table

    @property
    def rates(self) -> Rates:
        """The book of rates at the request's confidence and SLO."""
        return self.decider.rates

    @property
    def simulates(self) -> bool:
        """Whether plans rest on simulated rates (otherwise on closed forms)."""
        return self.rates.trust is Trust.SIMULATED

    def decide(
        self,
        *,
        keep: Callable[[Offer], bool] | None = None,
        allowed: Callable[[int], bool] = lambda position: True,
        **changes: object,
    ) -> Decision:
        """The optimum of a variant: fewer offers or kinds, other limits of the question."""
        market = self.enumeration.market
        spec, chosen = self.request.spec, market if keep is None else market.where(keep)
        question: Question = replace(self.question, **changes)  # type: ignore[arg-type]

        def decide(inside: Callable[[int], bool], until: Deadline) -> Decision:
            day, solver = question.day, spec.solver
            if day is not None and day.start_up_min and not self.rates.settled.all():
                # Without starts periods are apart: what they use is settled at little cost.
                apart = replace(question, day=replace(day, start_up_min=0))
                half = until.share(HALF)
                self.decider.settle_for(chosen, apart, allowed=inside, deadline=half, solver=solver)
            return self.decider.decide(
                chosen, question, allowed=inside, deadline=until, solver=solver
            )

        if question.day is None or not question.one_model:
            return decide(allowed, self.deadline)
        return best_of_models(self.table, question, allowed, decide, self.deadline)

    def with_rates(self, rates: Rates) -> "Study":
        """The same study on another book of rates (other margins, no simulation)."""
        ties = not self.question.zones_matter  # many columns: the cheapest is enough to compare
        return replace(self, decider=Decider(self.table, rates, break_ties=ties))

    def comparison(self, *, confidence_law: bool = True, frontend: bool = True) -> "Study":
        """The study on central closed forms, with or without a margin: cheap and consistent.

        Each cut competes with one engine setting: the one of its largest rate, or, where none
        meets the SLO, the one that is fastest when idle.
        """
        law = self.table.law if confidence_law else self.table.central_law
        if not frontend:
            law = replace(law, frontend_s=law.frontend_s * 0.0)
        request, few = self.request, self._one_setting_per_cut
        rate = np.zeros(len(self.table))
        rate[few] = held_rate(law.take(few), request.workload, request.slo)
        return self.with_rates(Rates(law, request.workload, request.slo, Trust.CENTRAL, rate=rate))

    @cached_property
    def _one_setting_per_cut(self) -> npt.NDArray[np.intp]:
        idle_s = quickest_prompt_s(self.table.law, self.request.workload.lengths)
        best: dict[tuple[object, ...], tuple[float, float, int]] = {}
        for position, rate in enumerate(self.rates.rate):
            rank = (-float(rate), float(idle_s[position]), position)
            cut = self.table.cut(position)
            best[cut] = min(best.get(cut, rank), rank)
        return np.asarray(sorted(position for _, _, position in best.values()), dtype=np.intp)


def quickest_prompt_s(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """Time of a long prompt alone on each replica: its chunks and their steps, shape (n,) [s]."""
    prompt = float(np.quantile(lengths.computed_tokens, LONG_PROMPT))
    steps = np.ceil(prompt / np.asarray(law.chunk_tokens))
    attended = lengths.attended_factor * prompt**2 / 2
    return np.asarray(steps * law.a + law.prompt_stretch * (law.d * prompt + law.q * attended))


def cost_usd_per_h(purchase: Sequence[tuple[FailureGroup, int]]) -> float:
    """What a purchase costs."""
    return sum(group.usd_per_h * count for group, count in purchase)

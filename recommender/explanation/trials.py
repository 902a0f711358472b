"""Variants of a request without a plan, decided by the rules that their own command would have.

Rates      Where                       What a variant says
simulated  by default                  what its command comes to
safe       `--fast`, which tries       a plan of its command; less may be enough, as its
           closed forms first          command simulates where closed forms find none

All variants of one report share the book of rates and one time limit. What is not reached in
time is None, never a guess; the closed forms then serve for causes, and say so.
"""

from dataclasses import replace
from time import perf_counter

from recommender.decision.decider import Decider
from recommender.decision.decision import Decision
from recommender.decision.question import Question, question_of
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.trust import trust_of
from recommender.enumeration.market import Market
from recommender.enumeration.of_models import enumerate_models
from recommender.performance.step_law import StepLaw
from recommender.request.request import resolve
from recommender.slo import Slo
from recommender.solvers.outcome import Status

OF_THE_MARKET = ("racks", "cooling")
"""Limits whose facts only some offers state: the others are left out with them."""


class Trials:
    """Decides variants of a study until the time is up.

    Parameters
    ----------
    time_limit_s
        For all variants together [s]; by default the time limit of the request.
    """

    def __init__(self, study: Study, *, time_limit_s: float | None = None) -> None:
        request = study.request
        self.trust = trust_of(request.spec, request)
        simulated = self.trust is Trust.SIMULATED
        same = simulated and study.simulates
        self.study = study if same else study.with_rates(self._rates(study, self.trust))
        self.safe = self.study if not simulated else study.with_rates(self._rates(study))
        limit_s = request.spec.time_limit if time_limit_s is None else time_limit_s
        self.deadline = perf_counter() + limit_s
        self._wider: dict[str, Study] = {}

    @property
    def simulates(self) -> bool:
        """Whether variants rest on simulated rates."""
        return self.trust is Trust.SIMULATED

    def decide(
        self,
        question: Question | None = None,
        *,
        slo: Slo | None = None,
        law: StepLaw | None = None,
        market: Market | None = None,
    ) -> Decision | None:
        """The optimum of another question, SLO, step times or stock; None: out of time."""
        if self._left_s <= 0:
            return None
        study = self.study
        if slo is not None or law is not None:
            request = study.request
            rates = Rates(law or study.table.law, request.workload, slo or request.slo, self.trust)
            study = study.with_rates(rates)
        if market is not None:
            study = replace(study, enumeration=replace(study.enumeration, market=market))
        return self._decided(replace(study, question=question or study.question))

    def study_without(self, field: str) -> Study:
        """The study without a limit; where that limit leaves out offers, with them again."""
        study = self.study
        if field not in OF_THE_MARKET:
            return replace(study, question=study.question.without(field))
        if field not in self._wider:
            spec = study.request.spec.model_copy(update={field: None})
            request = resolve(spec, study.request.catalog)
            enumeration = enumerate_models(request)
            rates = Rates(enumeration.table.law, request.workload, request.slo, self.trust)
            decider = Decider(enumeration.table, rates)
            self._wider[field] = Study(request, enumeration, question_of(request), decider)
        return self._wider[field]

    def without(self, field: str) -> Decision | None:
        """The optimum of the study without a limit; None: out of time."""
        return self._decided(self.study_without(field)) if self._left_s > 0 else None

    @property
    def _left_s(self) -> float:
        return self.deadline - perf_counter()

    def _decided(self, study: Study) -> Decision | None:
        """The optimum within the time that is left."""
        spec = study.request.spec.model_copy(update={"time_limit": self._left_s})
        decision = replace(study, request=replace(study.request, spec=spec)).decide()
        status = decision.solution.outcome.status
        return decision if decision.purchase or status is Status.INFEASIBLE else None

    def by_closed_forms(self, question: Question) -> Decision:
        """The optimum at the safe factor of closed forms."""
        return replace(self.safe, question=question).decide()

    @staticmethod
    def _rates(study: Study, trust: Trust = Trust.SAFE) -> Rates:
        return Rates(study.table.law, study.request.workload, study.request.slo, trust)

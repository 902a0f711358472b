"""Variants of a request without a plan, decided by the rules that their own command would have.

Rates      Where                       What a variant says
simulated  by default                  what its command comes to
safe       `--fast`, which tries       a plan of its command; less may be enough, as its
           closed forms first          command simulates where closed forms find none

All variants of one report share the book of rates and the deadline of the decision that they
explain. What is not reached in time is None, never a guess, and `missed` says so; the closed forms
then serve for causes, with a moment of their own, as a request without a plan needs its causes.
"""

from dataclasses import replace

from recommender.deadline import Deadline, moment_after
from recommender.decision.decider import Decider
from recommender.decision.decision import Decision
from recommender.decision.question import Question
from recommender.decision.question_of import question_of
from recommender.decision.quieter_periods import with_quieter_periods
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.trust import trust_of
from recommender.enumeration.market import Market
from recommender.enumeration.of_models import enumerate_models
from recommender.performance.step_law import StepLaw
from recommender.request.request import resolve
from recommender.slo import Slo

CAUSES_S = 2.0
"""For all causes by closed forms together, where the time of the decision is up [s]."""
OF_THE_MARKET = ("racks", "cooling")
"""Limits whose facts only some offers state: the others are left out with them."""


class Trials:
    """Decides variants of a study until the time is up.

    Parameters
    ----------
    deadline
        Of all variants together; by default that of the study.

    Attributes
    ----------
    missed
        Whether a variant was not decided in time.
    """

    def __init__(self, study: Study, *, deadline: Deadline | None = None) -> None:
        request = study.request
        self.trust = trust_of(request.spec, request, study.table.law)
        simulated = self.trust is Trust.SIMULATED
        same = simulated and study.simulates
        self.study = study if same else study.with_rates(self._rates(study, self.trust))
        self.safe = self.study if not simulated else study.with_rates(self._rates(study))
        self.deadline = deadline or study.deadline
        self.missed = False
        self._causes: Deadline | None = None
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
            request = with_quieter_periods(request, enumeration)
            rates = Rates(enumeration.table.law, request.workload, request.slo, self.trust)
            decider = Decider(enumeration.table, rates)
            self._wider[field] = Study(
                request, enumeration, question_of(request), decider, self.deadline
            )
        return self._wider[field]

    def without(self, field: str) -> Decision | None:
        """The optimum of the study without a limit; None: out of time."""
        if self.is_over:
            return None
        return self._decided(self.study_without(field))

    @property
    def is_over(self) -> bool:
        """Whether the time is up; who asks has a variant to decide, which is then missed."""
        self.missed = self.missed or self.deadline.is_over
        return self.deadline.is_over

    def _decided(self, study: Study) -> Decision | None:
        """The optimum within the time that is left."""
        if self.is_over:
            return None
        decision = replace(study, deadline=self.deadline).decide()
        self.missed = self.missed or decision.is_open
        return None if decision.is_open else decision

    def by_closed_forms(self, question: Question) -> Decision | None:
        """The optimum at the safe factor of closed forms; None: out of time for that as well."""
        within = self.deadline
        if within.is_over:
            self._causes = self._causes or moment_after(within, CAUSES_S, now=within.now)
            within = self._causes
        if within.is_over:
            return None
        return replace(self.safe, question=question, deadline=within).decide()

    @staticmethod
    def _rates(study: Study, trust: Trust = Trust.SAFE) -> Rates:
        return Rates(study.table.law, study.request.workload, study.request.slo, trust)

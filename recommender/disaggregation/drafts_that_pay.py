"""Whether `--speculative` pays in pools, with the figure: what pools would be without drafts.

Both sides are the best pools of their request on closed forms: central ones where the plan is
simulated, those of the plan where it is not. Their ratio is what is said.
"""

from collections.abc import Iterator

from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.study_of import study_of
from recommender.disaggregation.pools_of import two_pools
from recommender.disaggregation.pools_of_day import objective_value
from recommender.disaggregation.search import Search
from recommender.explanation.in_time import NOT_IN_TIME
from recommender.explanation.options_that_pay import drafts_text

FLAG = "--speculative"


def drafts_that_pay(study: Study) -> Iterator[str]:
    """One sentence where drafts were asked for."""
    if study.request.spec.speculative is None:
        return
    drafted = _best(study)
    plain = None if drafted is None else _best(_without(study))
    if drafted is None or plain is None:
        yield f"{FLAG}: whether it pays in pools was {NOT_IN_TIME}"
    elif not plain[0]:
        yield f"{FLAG} is needed: without drafts no pools meet targets and limits"
    elif not drafted[0]:
        yield f"{FLAG}: by closed forms only the request without drafts has pools"
    else:
        yield f"in pools {drafts_text(study.question.objectives[0], drafted[1], plain[1])}"


def _without(study: Study) -> Study:
    request = study.request
    plain = request.spec.model_copy(update={"speculative": None})
    return study_of(plain, catalog=request.catalog, deadline=study.deadline)


def _best(study: Study) -> tuple[bool, float] | None:
    """Whether there are pools, and their first objective; None where that is not decided."""
    if study.deadline.is_over:
        return None
    request, rate = study.request, study.rates.rate
    trust = Trust.CENTRAL if study.simulates else study.rates.trust
    book = Rates(study.table.law, request.workload, request.slo, trust, rate=rate)
    on_forms = study.with_rates(book)  # of which pools, with books of their own, read the trust
    found = Search(on_forms, two_pools(on_forms)).best()
    if not found.decided:
        return None
    if found.best is None:
        return False, 0.0
    return True, objective_value(found.best[1], study.question)

"""Whether a variant rests on rates that were never simulated, though those of the plan were."""

from recommender.decision.decision import Decision
from recommender.decision.study import Study

BY_CLOSED_FORM = "price by closed forms"


def uses_closed_forms(study: Study, decision: Decision) -> bool:
    """Whether it uses a kind of replica whose rate in comparisons is a central closed form."""
    closed = study.rates.closed
    return any(closed[int(key)] for group in decision.kinds for key in group.replicas)

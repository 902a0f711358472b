"""What is computed before the first solve: names, sizes, the question, bounds on rates.

The time of the decision begins once the request is read; loading the simulator does not count.
"""

from pathlib import Path

import catalog as catalogue
from catalog import Catalog
from recommender.clock import Clock
from recommender.deadline import Deadline, deadline_in
from recommender.decision.decider import Decider
from recommender.decision.latency_objective import Fastest, fastest
from recommender.decision.load_simulator import load_simulator
from recommender.decision.question_of import question_of
from recommender.decision.quieter_periods import SHARE_OF_TIME, with_quieter_periods
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.decision.trust import trust_of
from recommender.enumeration.known_sizes import KnownSizes
from recommender.enumeration.of_models import enumerate_models
from recommender.progress import SILENT
from recommender.request.request import resolve
from recommender.request.spec import Spec


def study_of(
    spec: Spec,
    *,
    catalog: Catalog | None = None,
    clock: Clock | None = None,
    keep_rejections: bool = False,
    deadline: Deadline | None = None,
    sizes: KnownSizes | None = None,
) -> Study:
    """Everything that is computed before the first solve: names, sizes, bounds on rates.

    The deadline is that of the spec's time limit from now on, unless another decision gives its.
    Without `keep_rejections`, `sizes` may be those of a request before.
    """
    clock = clock or Clock(SILENT)
    with clock.phase("catalogue"):
        facts = catalog or catalogue.load([Path(p) for p in spec.catalog])
        request = resolve(spec, facts)
    within = deadline or deadline_in(spec.time_limit)
    with clock.phase("sizing"):
        if sizes is None or keep_rejections:
            enumeration = enumerate_models(request, keep_rejections=keep_rejections)
        else:
            enumeration = sizes.of(request)
    trust = trust_of(spec, request, enumeration.table.law)
    if trust is Trust.SIMULATED:
        within = within.later(load_simulator(clock))
    with clock.phase("rates"):
        looked = within.share(SHARE_OF_TIME) if trust is Trust.SIMULATED else None
        request = with_quieter_periods(request, enumeration, deadline=looked)
        asked = Fastest(request, question_of(request))
        if any(goal.objective == "latency" for goal in spec.goals):
            asked = fastest(request, enumeration, trust, within)
        request = asked.request
        rates = asked.rates or Rates(enumeration.table.law, request.workload, request.slo, trust)
    decider = Decider(enumeration.table, rates)
    return Study(request, enumeration, asked.question, decider, within, asked.doubts)

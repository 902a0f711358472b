"""What is computed before the first solve: names, sizes, the question, bounds on rates."""

from pathlib import Path

import catalog as catalogue
from catalog import Catalog
from recommender.clock import Clock
from recommender.decision.decider import Decider
from recommender.decision.latency_objective import Fastest, fastest
from recommender.decision.question import question_of
from recommender.decision.rates import Rates
from recommender.decision.study import Study
from recommender.decision.trust import trust_of
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
) -> Study:
    """Everything that is computed before the first solve: names, sizes, bounds on rates."""
    clock = clock or Clock(SILENT)
    with clock.phase("catalogue"):
        facts = catalog or catalogue.load([Path(p) for p in spec.catalog])
        request = resolve(spec, facts)
    with clock.phase("sizing"):
        enumeration = enumerate_models(request, keep_rejections=keep_rejections)
    trust = trust_of(spec, request)
    with clock.phase("rates"):
        asked = Fastest(request, question_of(request))
        if any(goal.objective == "latency" for goal in spec.goals):
            asked = fastest(request, enumeration, trust)
        request = asked.request
        rates = Rates(enumeration.table.law, request.workload, request.slo, trust)
    decider = Decider(enumeration.table, rates)
    return Study(request, enumeration, asked.question, decider, asked.doubts)

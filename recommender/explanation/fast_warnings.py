"""A warning where `--fast` asked for closed forms, and the plan rests on simulated rates."""

from collections.abc import Iterator

from recommender.assembly.assemble import Assembled
from recommender.decision.rates import Trust
from recommender.decision.study import Study
from recommender.decision.trust import closed_forms_serve


def fast_warnings(study: Study, parts: Assembled) -> Iterator[str]:
    """Simulated rates are larger than safe ones: a budget cut by a cent may then cost less."""
    simulated = any(d.rate_basis == Trust.SIMULATED.value for d in parts.deployments)
    if not study.request.spec.fast or not simulated:
        return
    if not closed_forms_serve(study.request, study.table.law):
        yield "--fast: arrivals are too bursty for closed forms, so rates were simulated"
    else:
        yield (
            "--fast: its safe closed forms find no plan within the limits, so this one rests on "
            "simulated rates; it can cost less than a plan of --fast with looser limits: compare "
            "it with plans without --fast"
        )

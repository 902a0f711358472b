"""What the other models would have cost: the best plan of each alone, under all other limits.

Quality is not asked for here, neither as a limit nor as an objective, and no objective is held to
what the plan came to: a model that was too weak or too dear is priced as well.
"""

from collections.abc import Iterator
from dataclasses import replace

from recommender.decision.decision import Decision
from recommender.decision.question_of import question_of
from recommender.decision.study import Study
from recommender.explanation.in_time import in_time


def other_models(study: Study, won: Decision) -> Iterator[tuple[str, Decision | None, str]]:
    """(restriction, its best plan, its quality in words) per model that alone did not win.

    The plan is None where the time was up.
    """
    table = study.table
    stated = question_of(study.request)
    free = replace(study, question=replace(stated, min_quality=None, least_mean_quality=None))
    served = {table.model(int(key)) for group in won.kinds for key in group.replicas}
    for model in dict.fromkeys(table.models):
        if served == {model}:
            continue

        def of_model(position: int, model: str = model) -> bool:
            return table.model(position) == model

        decision = in_time(free, allowed=of_model)
        name = model.rpartition("/")[2]
        yield f"{name} alone", decision, "" if decision is None else _quality(study, decision)


def _quality(study: Study, decision: Decision) -> str:
    """The quality of a plan's worst deployment, beside what is asked for."""
    inside = {int(key) for group in decision.kinds for key in group.replicas}
    known = [q for q in (study.table.quality_at(position) for position in inside) if q is not None]
    if not known:
        return ""
    least = study.request.spec.min_quality
    asked = "" if least is None or min(known) >= least else f", {least:.4g} asked for"
    return f"quality {min(known):.4g}{asked}"

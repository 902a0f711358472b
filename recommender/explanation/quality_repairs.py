"""What less quality would make possible: the best that has a plan, and models that may mix.

Levels are those of the replica kinds that hold the SLO. A plan at one of them is a plan at every
lower one, so bisection finds the highest below what is asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np

from recommender.decision.question import Question
from recommender.decision.study import Study

Found = TypeVar("Found")


class LessQuality(NamedTuple):
    """A change of the request: what to write instead, and where there is a plan then."""

    flag: str
    value: str
    cause: str
    where: str


def less_quality(
    study: Study, plan_of: Callable[[Question], Found | None]
) -> Iterator[tuple[LessQuality, Found]]:
    """Each change that is enough alone, and its plan."""
    asked = study.question
    field = "min_quality" if asked.min_quality is not None else "least_mean_quality"
    least = getattr(asked, field)
    if least is None:
        return
    lower = [q for q in _levels(study) if q < least]
    if (found := _best(lower, lambda q: plan_of(_at(asked, field, q)))) is not None:
        quality, plan = found
        flag, where = "--min-quality", f"of quality {quality:g}"
        yield LessQuality(flag, f"at most {quality:g}", flag, where), plan
    if asked.one_model:
        mixed = replace(asked, one_model=False, min_quality=None, least_mean_quality=least)
        together = plan_of(mixed)
        if together is not None:
            value, where = "given: then --min-quality is a mean", "with several at a time"
            yield LessQuality("--mix-models", value, "one model", where), together


def _at(asked: Question, field: str, quality: float) -> Question:
    if field == "min_quality":
        return replace(asked, min_quality=quality)
    return replace(asked, least_mean_quality=quality)


def _levels(study: Study) -> list[float]:
    """Quality of the kinds that hold the SLO, best first [points of 100]."""
    if study.table.quality is None:
        return []
    return [float(q) for q in np.unique(study.table.quality[study.rates.rate > 0])[::-1]]


def _best(
    levels: list[float], plan_of: Callable[[float], Found | None]
) -> tuple[float, Found] | None:
    """The first level with a plan, where all after it have one too."""
    low, high = 0, len(levels)
    best: tuple[float, Found] | None = None
    while low < high:
        middle = (low + high) // 2
        plan = plan_of(levels[middle])
        if plan is None:
            low = middle + 1
        else:
            best, high = (levels[middle], plan), middle
    return best

"""scores.csv: errors of the speed rows in sample and held out, what `docs/accuracy.md` shows.

`way` is `in sample` or how rows were held out; `group` is all rows of a kind, those of the
engines that planning offers (`planned engines`), or those that count as covered, all or those from
files alone, without the wheel's; `as planned` are the covered ones of these engines as a plan
predicts them (`training.HeldOutErrors`). Power is scored within each scope as well.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from catalog.calibration import Basis
from recommender.accuracy.error_kind import error_kind
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

PLANNED_ENGINES = ("vllm", "sglang", "trtllm")
WITHIN = 0.20
POWER_SCOPES = ("power_all", "power_one", "power_share", "power_node")


def score_rows(
    questions: Sequence[Question],
    bases: Sequence[Basis],
    errors: Mapping[str, Floats],
    of_files: Sequence[bool] = (),
) -> Iterable[dict[str, object]]:
    """One row per way of holding out, kind and group; `of_files` says which rows are from files."""
    kinds = np.array([error_kind(question) for question in questions])
    planned = np.array([q.scenario.engine in PLANNED_ENGINES for q in questions], dtype=bool)
    covered = np.array([basis == "calibrated" for basis in bases], dtype=bool)
    groups: dict[str, npt.NDArray[np.bool_]] = {
        "all": np.ones(len(questions), dtype=bool),
        "planned engines": planned,
        "covered": covered,
        "covered, planned engines": covered & planned,
    }
    if of_files:
        groups["covered, of files"] = covered & np.array(of_files)
    for way, found in errors.items():
        for kind in sorted(set(kinds)):
            for group, members in groups.items():
                mine = found[members & (kinds == kind) & np.isfinite(found)]
                if len(mine):
                    yield {"way": way, "kind": kind, "group": group, **_score(mine)}


def plan_score_rows(
    questions: Sequence[Question], bases: Sequence[Basis], errors: Mapping[str, Floats]
) -> Iterable[dict[str, object]]:
    """The same of what plans predict: one row per way and kind."""
    for row in score_rows(questions, bases, errors):
        if row["group"] == "covered, planned engines":
            yield {**row, "group": "as planned"}


def _score(errors: Floats) -> dict[str, object]:
    """Of log(measured / predicted)."""
    relative = np.abs(np.expm1(-errors))
    return {
        "rows": len(errors),
        "median_error_pct": round(100 * float(np.median(relative)), 1),
        "mean_error_pct": round(100 * float(relative.mean()), 1),
        "bias_pct": round(100 * float(np.expm1(-errors.mean())), 1),
        "within_20_pct": round(100 * float((relative <= WITHIN).mean()), 1),
    }


def power_score_rows(
    questions: Sequence[Question], errors: Mapping[str, Floats]
) -> Iterable[dict[str, object]]:
    """Scores of power within one scope each, never across: one row per way and quantity."""
    scopes = np.array([question.quantity.name for question in questions])
    for way, found in errors.items():
        for scope in POWER_SCOPES:
            mine = found[(scopes == scope) & np.isfinite(found)]
            if len(mine):
                yield {"way": way, "kind": "power", "group": scope, **_score(mine)}

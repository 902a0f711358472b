"""Repeated settings whose measured values contradict each other.

Two rows repeat each other when everything that a prediction may know is equal: quantity, model,
accelerator, layout, precisions, engine and year of its version, lengths, load and concurrency.
Where the largest value of such a set is more than half as large again as the smallest, at least
one of them was measured under a setting that nobody reported (speculation, another frontend, a
warm cache), and no prediction could be right for both: all of them are left out of fits and of
scores. Rows within that factor are noise, and stay.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.accuracy.question import Question

LARGEST_RATIO = 1.5

Setting = tuple[object, ...]


def contradictory(questions: Sequence[Question], values: Sequence[float]) -> npt.NDArray[np.bool_]:
    """Which rows belong to a set that contradicts itself, shape (n,)."""
    repeated: dict[Setting, list[float]] = {}
    settings = [setting_of(question) for question in questions]
    for setting, value in zip(settings, values, strict=True):
        repeated.setdefault(setting, []).append(value)
    return np.array(
        [max(repeated[setting]) > LARGEST_RATIO * min(repeated[setting]) for setting in settings]
    )


def setting_of(question: Question) -> Setting:
    """Everything that a prediction of the row may know."""
    item = question.scenario
    return (
        question.quantity, question.load, item.model.id, item.accelerator.name, item.accelerators,
        item.engine, item.year, item.weights.name, item.kv_bytes, item.tp, item.pp, item.adp,
        item.ep, item.concurrency, item.input_tokens, item.output_tokens, item.options,
    )  # fmt: skip

"""Ways to hold rows out, so that no row both fits and scores.

configuration  a fifth of the (model, accelerator, engine, precision, layout) sets: what a row
               of known hardware and engine meets (`calibrated`)
model          all rows of a model family: a new model (`transferred`)
accelerator    all rows of an accelerator: a new one of a known architecture (`transferred`)
architecture   all rows of an architecture: nothing like it was measured (`roofline`)
"""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from recommender.accuracy.question import Question

CONFIGURATION_FOLDS = 5
LARGEST_FOLDS = 8
"""Groups held out one by one, largest first; the rest are held out together."""

Mask = npt.NDArray[np.bool_]
WAYS = ("configuration", "model", "accelerator", "architecture")


def held_out(questions: Sequence[Question], way: str) -> Iterator[Mask]:
    """Masks of the rows to score, one per fold; together they cover every row once."""
    groups = np.array([_group(question, way) for question in questions])
    names, counts = np.unique(groups, return_counts=True)
    if way == "configuration":
        for fold in names:
            yield groups == fold
        return
    order = names[np.argsort(-counts)]
    for name in order[:LARGEST_FOLDS]:
        yield groups == name
    rest = np.isin(groups, order[LARGEST_FOLDS:])
    if rest.any():
        yield rest


def _group(question: Question, way: str) -> str:
    scenario = question.scenario
    if way == "model":
        return scenario.model.family
    if way == "accelerator":
        return scenario.accelerator.name
    if way == "architecture":
        return scenario.accelerator.architecture
    configuration = (
        scenario.model.id, scenario.accelerator.name, scenario.engine, scenario.weights.name,
        scenario.tp, scenario.pp, scenario.adp, scenario.ep,
    )  # fmt: skip
    digest = hashlib.sha256(repr(configuration).encode()).digest()
    return str(digest[0] % CONFIGURATION_FOLDS)

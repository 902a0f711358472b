"""Weights of the learned residual of first tokens in closed loops (`first_token`).

    minimise  sum_i rho(e_i - sum_g w_g . x_i) + ridge * |w|^2

Symbol  Meaning                                                                  Unit
e_i     log(measured / predicted) of row i by the fitted constants               1
w_g     weights of a group that row i belongs to: engine, with family, on silicon
rho     square up to SCALE, linear beyond: one wrong run moves little
ridge   4: a group needs about that many rows to have a say

It is kept because it wins with rows held out by configuration, by model family and by
accelerator alike; groups that a fold has not seen add nothing.
"""

from collections.abc import Sequence

import numpy as np

from recommender.accuracy.first_token import WEIGHTS, Group, features, groups_of
from recommender.accuracy.question import Question
from recommender.performance.layout_table import Floats

RIDGE = 4.0
SCALE = 0.12
ROUNDS = 12

Weights = dict[Group, Floats]


def fit_first_token(questions: Sequence[Question], errors: Floats) -> Weights:
    """Weights of every group of these rows; `errors` are log(measured / predicted)."""
    if not questions:
        return {}
    scenarios = [question.scenario for question in questions]
    names = sorted({group for scenario in scenarios for group in groups_of(scenario)})
    place = {name: index for index, name in enumerate(names)}
    x, width = features(scenarios), len(WEIGHTS)
    design = np.zeros((len(scenarios), width * len(names)))
    for row, scenario in enumerate(scenarios):
        for group in groups_of(scenario):
            start = width * place[group]
            design[row, start : start + width] = x[row]
    solution = _robust_ridge(design, errors)
    return {name: solution[width * index :][:width] for name, index in place.items()}


def _robust_ridge(design: Floats, target: Floats) -> Floats:
    """Iteratively reweighted ridge regression (Huber weights)."""
    weights = np.ones(len(target))
    solution: Floats = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        weighted = design * weights[:, None]
        curvature = weighted.T @ design + RIDGE * np.eye(design.shape[1])
        solution = np.asarray(np.linalg.solve(curvature, weighted.T @ target), dtype=np.float64)
        weights = 1 / np.maximum(np.abs(target - design @ solution) / SCALE, 1.0)
    return solution


def explained(questions: Sequence[Question], weights: Weights) -> Floats:
    """What the weights explain of the log errors of these rows, shape (n,)."""
    if not questions:
        return np.zeros(0)
    scenarios = [question.scenario for question in questions]
    nothing = np.zeros(len(WEIGHTS))
    summed = [
        sum((weights.get(group, nothing) for group in groups_of(scenario)), nothing)
        for scenario in scenarios
    ]
    return np.asarray((features(scenarios) * np.array(summed)).sum(axis=1))

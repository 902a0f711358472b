"""Weights of the learned residual of first tokens in closed loops (`first_token`).

    minimise  sum_i rho(e_i - sum_g w_g . x_i) + ridge * |w|^2

Symbol  Meaning                                                                  Unit
e_i     log(measured / predicted) of row i by the fitted constants               1
w_g     weights of a group that row i belongs to: engine, with family, on silicon, of a month, in
        a format of weights
rho     square up to SCALE, linear beyond: one wrong run moves little
ridge   4: a group needs about that many rows to have a say

It is kept because it wins with rows held out by configuration, by accelerator and by architecture,
and loses nothing by model family; groups that a fold has not seen add nothing.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.accuracy.first_token import WEIGHTS, Group, groups_of
from recommender.accuracy.scenario import Scenario
from recommender.performance.layout_table import Floats

RIDGE = 4.0
SCALE = 0.12
ROUNDS = 8

Weights = dict[Group, Floats]
Positions = npt.NDArray[np.intp]


def fit_first_token(scenarios: Sequence[Scenario], x: Floats, errors: Floats) -> Weights:
    """Weights of every group of these rows; `x` are their `features`, `errors` are
    log(measured / predicted).
    """
    if not scenarios:
        return {}
    groups = [groups_of(scenario) for scenario in scenarios]
    names = sorted({group for own in groups for group in own})
    place = {name: index for index, name in enumerate(names)}
    positions = np.array([[place[group] for group in own] for own in groups], dtype=np.intp)
    solution = _robust_ridge(x, positions, errors, len(names))
    return {name: solution[index] for name, index in place.items()}


def _robust_ridge(x: Floats, positions: Positions, target: Floats, groups: int) -> Floats:
    """Iteratively reweighted ridge regression (Huber weights), shape (groups, features).

    Rows of the same groups add one small matrix to the normal equations: the design itself,
    nearly all zeros, is never made.
    """
    width = x.shape[1]
    kinds, kind_of_row = np.unique(positions, axis=0, return_inverse=True)
    members = [np.flatnonzero(kind_of_row.ravel() == kind) for kind in range(len(kinds))]
    columns = [(width * kind[:, None] + np.arange(width)).ravel() for kind in kinds]
    weights = np.ones(len(target))
    solution: Floats = np.zeros((groups, width))
    for _ in range(ROUNDS):
        curvature, gradient = RIDGE * np.eye(groups * width), np.zeros(groups * width)
        for rows, own in zip(members, columns, strict=True):
            copies = len(own) // width
            weighted = x[rows] * weights[rows, None]
            curvature[np.ix_(own, own)] += np.tile(weighted.T @ x[rows], (copies, copies))
            gradient[own] += np.tile(weighted.T @ target[rows], copies)
        found = np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)
        solution = found.reshape(groups, width)
        left = target - (solution[positions].sum(axis=1) * x).sum(axis=1)
        weights = 1 / np.maximum(np.abs(left) / SCALE, 1.0)
    return solution


def explained(scenarios: Sequence[Scenario], x: Floats, weights: Weights) -> Floats:
    """What the weights explain of the log errors of these rows, shape (n,)."""
    if not scenarios:
        return np.zeros(0)
    nothing = np.zeros(len(WEIGHTS))
    summed = [
        sum((weights.get(group, nothing) for group in groups_of(scenario)), nothing)
        for scenario in scenarios
    ]
    return np.asarray((x * np.array(summed)).sum(axis=1))

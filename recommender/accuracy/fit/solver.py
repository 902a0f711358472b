"""Robust least squares with a Gaussian prior: Levenberg-Marquardt on reweighted residuals.

    minimise  sum_i 2*(sqrt(1 + r_i^2) - 1)  +  sum_k ((v_k - m_k)/s_k)^2

The first term grows like |r| for large residuals (soft L1), so that a row that is wrong by ten
standard deviations pulls no more than one that is wrong by one. Weights 1/sqrt(1 + r^2) turn
each iteration into linear least squares (Triggs et al. 2000, section 4.3).
"""

from collections.abc import Callable

import numpy as np

from recommender.performance.layout_table import Floats

ITERATIONS = 40
TOLERANCE = 1e-5
LARGEST_DAMPING = 1e8


def solve(
    residuals: Callable[[Floats], Floats],
    jacobian: Callable[[Floats], Floats],
    start: Floats,
    *,
    mean: Floats,
    deviation: Floats,
    iterations: int = ITERATIONS,
) -> Floats:
    """The minimiser, by the derivatives of the residuals, shape (rows, size)."""

    def normal_equations(vector: Floats, weights: Floats) -> tuple[Floats, Floats]:
        slopes = jacobian(vector)
        weighted = slopes * weights[:, None]
        return weighted.T @ residuals(vector), weighted.T @ slopes

    return minimise(
        residuals, normal_equations, start, mean=mean, deviation=deviation, iterations=iterations
    )


def minimise(
    residuals: Callable[[Floats], Floats],
    normal_equations: Callable[[Floats, Floats], tuple[Floats, Floats]],
    start: Floats,
    *,
    mean: Floats,
    deviation: Floats,
    iterations: int = ITERATIONS,
) -> Floats:
    """The minimiser; `mean` and `deviation` of the prior have the shape of `start`.

    `normal_equations` gives J'Wr and J'WJ at a vector, for the weights W of the residuals r.
    """

    def cost(vector: Floats, found: Floats) -> float:
        robust = 2 * (np.sqrt(1 + found**2) - 1)
        return float(robust.sum() + (((vector - mean) / deviation) ** 2).sum())

    vector, damping = start.copy(), 1e-2
    found = residuals(vector)
    at = cost(vector, found)
    for _ in range(iterations):
        gradient, curvature = normal_equations(vector, 1 / np.sqrt(1 + found**2))
        gradient = gradient + (vector - mean) / deviation**2
        curvature = curvature + np.diag(1 / deviation**2)
        before = at
        while damping < LARGEST_DAMPING:
            step = np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), -gradient)
            trial = residuals(vector + step)
            if cost(vector + step, trial) < at:
                vector, found, at = vector + step, trial, cost(vector + step, trial)
                damping = max(damping / 5, 1e-9)
                break
            damping *= 4
        if before - at < TOLERANCE * before:
            break
    return vector

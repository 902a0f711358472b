r"""Row prices of the linear relaxation: a dense dual simplex with bounds, in floats.

    min c x,   A x + s = b,   0 <= x <= u,   s >= 0          c >= 0, so x = 0 is dual feasible

    leave   the basic variable that is furthest outside its bounds
    enter   the non-basic one whose reduced cost reaches 0 first:  min |d[j]| / |alpha[j]|
    stop    all inside: prices y = -c_B B^-1 >= 0 are optimal;
            none may enter: the row of B^-1 is a ray that shows infeasibility

Symbol   Meaning
B        columns of the basis; its inverse is exchanged column by column
d        reduced costs, >= 0 at the lower bound and <= 0 at the upper
alpha    row of B^-1 (A I) of the variable that leaves

The prices only steer: whoever uses them computes with integers and needs no more than y >= 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]

TOLERANCE = 1e-9
MOST_PIVOTS = 500
REFRESH = 64
"""Pivots after which the inverse of the basis is computed anew, against drift."""
SMALLEST_PIVOT = 1e-11
"""A smaller one is drift."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of the rows, shape (rows,), all >= 0.

    Attributes
    ----------
    feasible
        False: `rows` is a ray, ``min over 0 <= x <= u of (rows A) x > rows b``.
    """

    rows: Reals
    feasible: bool


def prices(cost: Reals, matrix: Reals, rhs: Reals, upper: Reals) -> Prices:
    """Prices of the rows ``matrix x <= rhs``; those at hand when pivots run out."""
    m, n = matrix.shape
    scale_rows = 1.0 / np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1.0)
    scale_cost = 1.0 / max(float(cost.max(initial=0.0)), 1.0)
    full = np.hstack([matrix * scale_rows[:, None], np.eye(m)])
    b = rhs * scale_rows
    c = np.concatenate([cost * scale_cost, np.zeros(m)])
    u = np.concatenate([upper, np.full(m, np.inf)])
    basis = np.arange(n, n + m)
    at_upper = np.zeros(n + m, bool)
    y = np.zeros(m)
    inverse = np.eye(m)
    for pivot in range(MOST_PIVOTS):
        if pivot % REFRESH == REFRESH - 1:
            try:
                inverse = np.linalg.inv(full[:, basis])
            except np.linalg.LinAlgError:  # drift led to no basis: the prices so far steer as well
                break
        y = c[basis] @ inverse
        step = _step(full, b, c, u, basis, at_upper, inverse, y)
        if step is None:
            break
        leaving, entering, to_upper = step
        if entering < 0:
            ray = inverse[leaving] * (1.0 if to_upper else -1.0)
            return Prices(_usable(-ray) * scale_rows, feasible=False)
        column = inverse @ full[:, entering]
        if not np.isfinite(column).all() or abs(column[leaving]) < SMALLEST_PIVOT:
            break  # drift again: no number may come of it
        at_upper[basis[leaving]] = to_upper
        at_upper[entering] = False
        basis[leaving] = entering
        inverse = _exchanged(inverse, column, leaving)
    return Prices(_usable(-y) * scale_rows / scale_cost, feasible=True)


def _usable(found: Reals) -> Reals:
    """Prices of at least 0; none where drift left no number."""
    return np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)


def _exchanged(inverse: Reals, column: Reals, leaving: int) -> Reals:
    """Inverse of the basis after `column` (in terms of the old basis) took the place `leaving`."""
    row = inverse[leaving] / column[leaving]
    updated = inverse - np.outer(column, row)
    updated[leaving] = row
    return updated


def _step(
    full: Reals,
    b: Reals,
    c: Reals,
    u: Reals,
    basis: npt.NDArray[np.int64],
    at_upper: npt.NDArray[np.bool_],
    inverse: Reals,
    y: Reals,
) -> tuple[int, int, bool] | None:
    """Position that leaves, column that enters (-1: none can), and whether it leaves upwards."""
    outside = np.where(at_upper, np.where(np.isfinite(u), u, 0.0), 0.0)
    outside[basis] = 0.0
    inside = inverse @ (b - full @ outside)
    below, above = -inside, inside - u[basis]
    violation = np.maximum(below, above)
    leaving = int(np.argmax(violation))
    if violation[leaving] <= TOLERANCE * max(1.0, float(np.abs(inside).max())):
        return None
    to_upper = bool(above[leaving] > below[leaving])
    alpha = (inverse[leaving] @ full) * (1.0 if to_upper else -1.0)
    nonbasic = np.ones(len(c), bool)
    nonbasic[basis] = False
    eligible = nonbasic & np.where(at_upper, alpha < -TOLERANCE, alpha > TOLERANCE)
    if not eligible.any():
        return leaving, -1, to_upper
    candidates = np.flatnonzero(eligible)
    ratio = np.abs((c - y @ full)[candidates]) / np.abs(alpha[candidates])
    return leaving, int(candidates[np.argmin(ratio)]), to_upper

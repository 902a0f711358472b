r"""Multipliers of rows: one exact bound for all points, and what it rules out.

    alpha z  >=  sum_j min over 0 <= x[j] <= u[j] of w[j] x[j]  -  sum_r beta[r] b[r]  =:  L
    w[j] = alpha c[j] + sum_r beta[r] a[r][j]                    beta >= 0, rows a x <= b

    x[j] <= (alpha (best - 1) - L) / w[j]    for w[j] > 0 in every point better than `best`

Symbol       Meaning
alpha, beta  row prices of the linear relaxation as integers; alpha = 0 for a ray that shows that
             the relaxation is infeasible: then L > 0 proves that the program is
w[j]         reduced cost of column j, scaled by alpha
best         cost of the incumbent

The prices are floats; after rounding to integers every line above is exact.
"""

from dataclasses import dataclass, replace

import numpy as np

from recommender.solvers.cover.problem import INFINITE, CoverProblem, selected
from recommender.solvers.cover.relaxation import Reals, prices

PRICE_BITS = 20
LARGEST_BITS = 58


@dataclass(frozen=True, slots=True)
class Multipliers:
    """Integer prices: `alpha` of the objective, `beta` per row; all >= 0."""

    alpha: int
    beta: tuple[int, ...]


def multipliers(problem: CoverProblem) -> Multipliers:
    """From the linear relaxation (types are left out of it)."""
    if not problem.names or not problem.rows:
        return Multipliers(1, (0,) * len(problem.rows))
    relaxed = prices(
        np.array(problem.cost, np.float64),
        np.array(problem.rows, np.float64),
        np.array(problem.rhs, np.float64),
        np.array(problem.upper, np.float64),
    )
    total = float(relaxed.rows @ _largest(problem))
    if not relaxed.feasible:
        return Multipliers(0, _integers(relaxed.rows, 2.0**LARGEST_BITS / max(total, 1e-300)))
    total += sum(c * u for c, u in zip(problem.cost, problem.upper, strict=True))
    bits = max(0, min(PRICE_BITS, LARGEST_BITS - int(total).bit_length()))
    return Multipliers(1 << bits, _integers(relaxed.rows, float(1 << bits)))


def _integers(rows: Reals, unit: float) -> tuple[int, ...]:
    """Prices in whole units, rounded down; a price beyond 62 bits is none."""
    return tuple(int(y * unit) if y * unit < 2.0**62 else 0 for y in rows)


def _largest(problem: CoverProblem) -> Reals:
    """Per row the largest absolute value of rhs or activity."""
    upper = np.array(problem.upper, np.float64)
    activity = np.abs(np.array(problem.rows, np.float64)) @ upper
    return activity + np.abs(np.array(problem.rhs, np.float64))


def reduced_costs(problem: CoverProblem, with_: Multipliers) -> list[int]:
    """w, in search order."""
    w = [with_.alpha * c for c in problem.cost]
    for beta, row in zip(with_.beta, problem.rows, strict=True):
        if beta:
            w = [x + beta * a for x, a in zip(w, row, strict=True)]
    return w


def scaled_bound(problem: CoverProblem, with_: Multipliers) -> int:
    """L."""
    w = reduced_costs(problem, with_)
    least = sum(x * u for x, u in zip(w, problem.upper, strict=True) if x < 0)
    return least - sum(beta * b for beta, b in zip(with_.beta, problem.rhs, strict=True))


def bound(problem: CoverProblem, with_: Multipliers) -> int:
    """No point costs less; INFINITE when there is no point at all."""
    scaled = scaled_bound(problem, with_)
    if with_.alpha == 0:
        return INFINITE if scaled > 0 else 0
    return max(0, -(-scaled // with_.alpha))


def tightened(problem: CoverProblem, with_: Multipliers, best: int | None) -> CoverProblem:
    """Without columns that no better point uses; the cheapest reduced costs come last.

    The search then decides the unlikely columns first, and the few that carry the optimum of the
    relaxation adapt to them at the end.
    """
    w = reduced_costs(problem, with_)
    upper = list(problem.upper)
    if best is not None and with_.alpha:
        room = with_.alpha * (best - 1) - scaled_bound(problem, with_)
        upper = [min(u, max(room, 0) // x) if x > 0 else u for u, x in zip(upper, w, strict=True)]
    kept = [j for j, u in enumerate(upper) if u > 0]
    nearest: dict[int, int] = {}
    for j in kept:
        t = problem.type_of[j]
        nearest[t] = min(nearest.get(t, w[j]), w[j])
    kept.sort(key=lambda j: (-nearest[problem.type_of[j]], problem.type_of[j], -w[j], j))
    return selected(replace(problem, upper=tuple(upper)), kept)

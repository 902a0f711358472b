r"""Which tables the search gets, given the multipliers of its rows.

    per cover r with beta[r] > 0   F over r, all other rows in the weights:  w = alpha c + beta . a
    main cover                     F over r alone:                           w = c
    per pack r                     least activity of r that covers the rest: w = a[r]
                                   (in the first stage only where beta[r] > 0)

The first gives at least the bound of the linear relaxation and follows r exactly; the second is
exact where one row decides; the third ends branches that can no longer stay within r.
Coarse units come first: the largest power of two that keeps the best ratio within 0.2 %.
"""

from fractions import Fraction

from recommender.solvers.cover.multipliers import Multipliers
from recommender.solvers.cover.problem import CoverProblem
from recommender.solvers.cover.table import Table, Weights, build

COST = Weights(alpha=1, beta={})
COARSE_LOSS = Fraction(2, 1000)
MEMORY_BYTES = 96 * 2**20


def tables(problem: CoverProblem, with_: Multipliers, *, coarse: bool) -> list[Table]:
    """The tables of one stage of the search; the first stage is coarse."""
    if not problem.covers or not problem.names:
        return []
    main = max(problem.covers, key=lambda r: with_.beta[r] * -problem.rhs[r])
    wanted = [(main, COST)]
    others = [r for r in range(len(problem.rows)) if with_.beta[r] and r != main]
    if others and with_.alpha:
        wanted += [(r, _weights(with_, r)) for r in problem.covers if with_.beta[r]]
    packs = [r for r in problem.packs if with_.beta[r] or not coarse]
    wanted += [(main, Weights(alpha=0, beta={r: 1})) for r in packs]
    return [
        build(problem, cover=r, scale=_scale(problem, r, len(wanted), coarse), weights=weights)
        for r, weights in wanted
    ]


def _weights(with_: Multipliers, cover: int) -> Weights:
    beta = {r: b for r, b in enumerate(with_.beta) if b and r != cover}
    return Weights(alpha=with_.alpha, beta=beta)


def _scale(problem: CoverProblem, cover: int, tables: int, coarse: bool) -> int:
    """Units per entry: coarse, or as fine as fits in memory."""
    entries = -problem.rhs[cover] * len(problem.names) * problem.types_allowed * tables
    fits = max(1, -(-8 * entries // MEMORY_BYTES))
    return max(fits, _coarse(problem, cover)) if coarse else fits


def _coarse(problem: CoverProblem, cover: int) -> int:
    """Largest power of two whose rounding leaves the best ratio within COARSE_LOSS."""
    columns = [(c, -a) for c, a in zip(problem.cost, problem.rows[cover], strict=True) if a and c]
    if not columns:
        return 1
    best = min(Fraction(c, q) for c, q in columns) * (1 - COARSE_LOSS)
    scale = 1
    while scale < -problem.rhs[cover] and all(
        Fraction(c, -(-q // (2 * scale)) * 2 * scale) >= best for c, q in columns
    ):
        scale *= 2
    return scale

r"""Which tables to build: cheap ones first, better ones when the search does not close.

    level 1   the main cover, in the coarsest units that cost its fractional bound 0.2 % at most
    level 2   every cover, in its own units
    level 3   per packing row the Lagrangian c + mu a of the main cover, and the feasibility table

    mu[r]  maximises  fill(c + mu a[r]) - mu b[r]       fill: fractional optimum of the cover

Symbol   Meaning
fill(w)  min sum w x, sum q x >= d, 0 <= x <= u, x real: columns by rising w / q
a, b     a packing row ``a . x <= b``

Multipliers only steer: any mu >= 0 gives a valid bound, so floats may choose it, as a fraction
alpha / beta, while the bound itself is computed in integers.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from recommender.solvers.cover.problem import CoverProblem
from recommender.solvers.cover.table import Table, Weights, build

COST = Weights(alpha=1, beta={})
COARSE_LOSS = Fraction(2, 1000)
MEMORY_BYTES = 96 * 2**20
MULTIPLIER_DENOMINATOR = 1000
GOLDEN_STEPS = 60
NODES_PER_LEVEL = (300, 3000)


def levels(problem: CoverProblem) -> list[Callable[[], list[Table]]]:
    """Builders of sets of tables, each set at least as strong as the one before."""
    if not problem.covers:
        return [list]
    main = problem.covers[0]
    stages = [lambda: [build(problem, cover=main, scale=_coarse(problem, main), weights=COST)]]
    if len(problem.covers) > 1 or _coarse(problem, main) > 1:
        stages.append(lambda: _all_covers(problem))
    if problem.packs:
        stages.append(lambda: _all_covers(problem) + _for_packs(problem, main))
    return stages


def _all_covers(problem: CoverProblem) -> list[Table]:
    covers = problem.covers
    return [
        build(problem, cover=r, scale=_scale(problem, r, len(covers)), weights=COST) for r in covers
    ]


def _for_packs(problem: CoverProblem, main: int) -> list[Table]:
    scale = _scale(problem, main, 2 * len(problem.packs))
    tables = []
    for r in problem.packs:
        tables.append(_feasibility(problem, main, r, scale))
        tables += _lagrangian(problem, main, r, scale)
    return tables


def _scale(problem: CoverProblem, cover: int, tables: int) -> int:
    """Units per entry so that so many tables fit in memory."""
    entries = -problem.rhs[cover] * len(problem.names) * problem.types_allowed * max(tables, 1)
    return max(1, -(-8 * entries // MEMORY_BYTES))


def _coarse(problem: CoverProblem, cover: int) -> int:
    """Largest power of two whose rounding leaves the best ratio within COARSE_LOSS."""
    columns = [(c, -a) for c, a in zip(problem.cost, problem.rows[cover], strict=True) if a and c]
    if not columns:
        return _scale(problem, cover, 1)
    best = min(Fraction(c, q) for c, q in columns) * (1 - COARSE_LOSS)
    scale = 1
    while scale < -problem.rhs[cover] and all(
        Fraction(c, -(-q // (2 * scale)) * 2 * scale) >= best for c, q in columns
    ):
        scale *= 2
    return max(scale, _scale(problem, cover, 1))


def _feasibility(problem: CoverProblem, cover: int, pack: int, scale: int) -> Table:
    """Least activity of the packing row that covers what is left."""
    return build(problem, cover=cover, scale=scale, weights=Weights(alpha=0, beta={pack: 1}))


def _lagrangian(problem: CoverProblem, cover: int, pack: int, scale: int) -> list[Table]:
    """The table at the best multiplier of the packing row; none when that is 0."""
    mu = _best_multiplier(problem, cover, pack)
    share = Fraction(mu).limit_denominator(MULTIPLIER_DENOMINATOR)
    if not share:
        return []
    weights = Weights(alpha=share.denominator, beta={pack: share.numerator})
    return [build(problem, cover=cover, scale=scale, weights=weights)]


def _best_multiplier(problem: CoverProblem, cover: int, pack: int) -> float:
    """Where the concave Lagrangian bound is largest, by golden section on the ratio scale."""
    a, b = problem.rows[pack], problem.rhs[pack]
    q = [-x for x in problem.rows[cover]]
    largest = max((c / w for c, w in zip(problem.cost, a, strict=True) if w), default=0.0)

    def bound(mu: float) -> float:
        weights = [c + mu * w for c, w in zip(problem.cost, a, strict=True)]
        return _fill(weights, q, problem.upper, -problem.rhs[cover]) - mu * b

    return _maximum(bound, 0.0, 10 * largest) if largest else 0.0


def _maximum(f: Callable[[float], float], low: float, high: float) -> float:
    golden = (5**0.5 - 1) / 2
    for _ in range(GOLDEN_STEPS):
        width = golden * (high - low)
        left, right = high - width, low + width
        if f(left) < f(right):
            low = left
        else:
            high = right
    middle = (low + high) / 2
    return 0.0 if f(0.0) >= f(middle) else middle


def _fill(weights: Sequence[float], q: Sequence[int], upper: Sequence[int], need: int) -> float:
    total, left = 0.0, float(need)
    for j in sorted((j for j in range(len(q)) if q[j]), key=lambda j: weights[j] / q[j]):
        taken = min(float(upper[j]), left / q[j])
        total += taken * weights[j]
        left -= taken * q[j]
        if left <= 0:
            return total
    return float("inf")

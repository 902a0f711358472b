"""Programs for tests: random ones, the regression for CBC, and the optimum by enumeration."""

from itertools import product
from random import Random

from recommender.program.column import Column
from recommender.program.program import Program
from recommender.program.row import Row

CBC_WRONG = Program(
    tuple(Column(f"x{i}", c, 10) for i, c in enumerate((96, 105, 169, 210, 249, 279))),
    (
        Row(
            "demand[chat]",
            {f"x{i}": q for i, q in enumerate((10224, 20918, 32390, 41795, 43912, 50987))},
            ">=",
            49730,
        ),
    ),
)
"""Optimum 274 = 105 + 169 (20918 + 32390 = 53308 >= 49730); CBC 2.10.3 in PuLP 3.3.2: 279."""


def brute_force(program: Program) -> int | None:
    """Least objective over all points; None when no point is feasible."""
    best = None
    for point in product(*(range(c.upper + 1) for c in program.columns)):
        values = {c.name: x for c, x in zip(program.columns, point, strict=True)}
        if not program.broken_rows(values):
            objective = program.objective(values)
            best = objective if best is None else min(best, objective)
    return best


def small(seed: int) -> Program:
    """Up to 4 columns, with covers, packs, mixed rows and sometimes a limit on types."""
    rng = Random(seed)
    columns = [
        Column(f"c{i}", rng.randint(0, 30), rng.randint(0, 5)) for i in range(rng.randint(1, 4))
    ]
    rows = [
        Row(f"row{r}", _some(rng, columns, 0, 12), sense, rhs)
        for r, (sense, rhs) in enumerate(
            [(">=", rng.randint(-2, 30)) for _ in range(rng.randint(0, 3))]
            + [("<=", rng.randint(-1, 40)) for _ in range(rng.randint(0, 2))]
        )
    ]
    if rng.random() < 0.3:
        sense = rng.choice(["<=", ">=", "=="])
        rows.append(Row("mixed", _some(rng, columns, -9, 9), sense, rng.randint(-5, 10)))
    if rng.random() < 0.4:
        _limit_types(rng, columns, rows)
    return Program(tuple(columns), tuple(rows))


def _some(rng: Random, columns: list[Column], low: int, high: int) -> dict[str, int]:
    return {c.name: rng.randint(low, high) for c in columns if rng.random() < 0.9}


def _limit_types(rng: Random, columns: list[Column], rows: list[Row]) -> None:
    types = {c.name: f"t{rng.randint(0, 2)}" for c in columns}
    rows += [Row(f"uses[{c.name}]", {c.name: 1, types[c.name]: -c.upper}, "<=", 0) for c in columns]
    names = sorted(set(types.values()))
    rows.append(Row("variety", dict.fromkeys(names, 1), "<=", rng.randint(0, 2)))
    columns += [Column(name, 0, 1) for name in names]


def realistic(seed: int) -> Program:
    """Prices 1e4..1e7, rates 1e2..1e5, demand 1e5: what a service gives; half with a spare row."""
    rng = Random(seed)
    n = rng.randint(3, 12)
    size = 10 ** rng.uniform(2, 4.5)
    rate = {f"n{i}": max(100, int(size * rng.uniform(0.2, 3))) for i in range(n)}
    price = {p: int(q * rng.uniform(70, 130)) for p, q in rate.items()}
    required = rng.randint(100_000, 130_000)
    rows = [Row("demand[s]", rate, ">=", required)]
    if rng.random() < 0.5:
        theta = rng.choice(sorted(rate.values()))
        capped = {p: min(q, theta) for p, q in rate.items()}
        rows.append(Row("spare[s]", capped, ">=", 100_000 + rng.randint(1, 2) * theta))
    most = {p: max(-(-r.rhs // r.coefficients[p]) for r in rows) for p in rate}
    if rng.random() < 0.3:
        most = {p: min(u, rng.choice([u, 1, 2, 5])) for p, u in most.items()}
    return Program(tuple(Column(p, price[p], most[p]) for p in rate), tuple(rows))

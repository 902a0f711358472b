"""A front drawn in plain characters: cost to the right, p99 upwards, `*` is the chosen plan."""

import math
from collections.abc import Sequence

from recommender.plan import FrontPoint
from recommender.report import quantities as q

ROWS = 10
LEAST_COLUMNS = 20
POINT, CHOSEN = "o", "*"
WIDE = 8
"""An axis whose largest value is more than this many times the smallest is logarithmic."""


def front_plot(points: Sequence[FrontPoint], p99_name: str, width: int) -> list[str]:
    """Lines of at most `width` characters; empty when there is nothing to compare."""
    if len(points) < 2:
        return []
    costs = [p.cost_usd_per_h for p in points]
    tails = [p.p99_s for p in points]
    top, bottom = q.duration(max(tails)), q.duration(min(tails))
    margin = max(len(top), len(bottom))
    columns = max(LEAST_COLUMNS, width - margin - 3)
    grid = [[" "] * columns for _ in range(ROWS)]
    for point in sorted(points, key=lambda p: p.chosen):  # the chosen one is drawn last, on top
        row = ROWS - 1 - _place(point.p99_s, tails, ROWS)
        column = _place(point.cost_usd_per_h, costs, columns)
        grid[row][column] = CHOSEN if point.chosen else POINT
    labels = [top, *[""] * (ROWS - 2), bottom]
    logarithmic = ", cost on a logarithmic scale" if is_wide(costs) else ""
    lines = [f"{p99_name} ({CHOSEN} chosen{logarithmic})"]
    lines += [
        f"{label:>{margin}} |{''.join(cells)}".rstrip()
        for label, cells in zip(labels, grid, strict=True)
    ]
    left, right = q.dollars_per_hour(min(costs)), q.dollars_per_hour(max(costs))
    lines.append(f"{'':{margin}} +{'-' * columns}")
    lines.append(f"{'':{margin}}  {left}{right:>{max(1, columns - len(left))}}")
    return lines


def _place(value: float, values: Sequence[float], cells: int) -> int:
    """Index of the cell of `value` when `values` span them all."""
    scale = math.log if is_wide(values) else _linear
    low, high, at = scale(min(values)), scale(max(values)), scale(value)
    return 0 if high == low else round((at - low) / (high - low) * (cells - 1))


def is_wide(values: Sequence[float]) -> bool:
    """Whether they span so much that only a logarithmic axis shows the small ones apart."""
    return min(values) > 0 and max(values) / WIDE > min(values)


def _linear(value: float) -> float:
    return value / 4  # the span of two floats may not be one, that of their quarters is

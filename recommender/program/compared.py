r"""Rates that a row compares with each other, rounded against the plan.

    sum_p weight[p] * rate[p] * n[p]  <=  limit      rate up where weight > 0, down where it is < 0

Rates of six digits are as good as exact (`RateUnit.span`), and the same up and down. With rates of
few units, all rounded down, as in rows that only ask for enough of them, a plan could break what
the row promises: 40,000 nodes of 2.7 units of rate are used less than 40,000 nodes of 2.
"""

from collections.abc import Mapping

Span = tuple[int, int]
"""A rate rounded down, and rounded up, in the same unit."""


def weighted(weight: Mapping[str, int], rate: Mapping[str, Span]) -> dict[str, int]:
    """Coefficients of a row ``<=``; groups without any rate have none."""
    return {p: weight[p] * (up if weight[p] > 0 else down) for p, (down, up) in rate.items() if up}

r"""Accelerators: the plan takes at most so many accelerators.

    accelerators:   sum_p accelerators[p] * n[p]  <=  limit

Symbol            Kind       Meaning                                      Unit
n[p]              variable   failure groups of kind p                     integer
accelerators[p]   parameter  accelerators paid for in one group           count
"""

from collections.abc import Mapping

from recommender.program.row import Row


def accelerators(*, accelerators: Mapping[str, int], limit: int) -> Row:
    """The row; accelerators that are bought count, used or not."""
    return Row("accelerators", dict(accelerators), "<=", limit)

r"""Quality: the mean quality loss over requests stays within a limit.

    quality:     sum_p loss[p] * rate[p] * n[p]  <=  L * sum_p rate[p] * n[p]

    in integers:   sum_p (loss[p] - L) * rate[p] * n[p]  <=  0

Symbol    Kind       Meaning                                                       Unit
n[p]      variable   failure groups of kind p                                      integer
rate[p]   parameter  largest rate of one; requests are shared in proportion to it  finer rate units
loss[p]   parameter  quality loss of its precision, rounded up                     1e-4 %
L         parameter  limit of the mean, rounded down                               1e-4 %

The rate of a group with more loss than L is rounded up, that of others down.
The limit of every single deployment is not a row: it filters candidates.
"""

from collections.abc import Mapping

from recommender.program.compared import Span, weighted
from recommender.program.row import Row


def quality(*, rate: Mapping[str, Span], loss: Mapping[str, int], limit: int) -> Row:
    """The row; `loss` and `limit` in the same unit."""
    return Row("quality", weighted({p: loss[p] - limit for p in rate}, rate), "<=", 0)

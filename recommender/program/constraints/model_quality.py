r"""Model quality: the mean quality of answers over requests is at least a limit.

    model_quality:   sum_p quality[p] * rate[p] * n[p]  >=  Q * sum_p rate[p] * n[p]

    in integers:     sum_p (Q - quality[p]) * rate[p] * n[p]  <=  0

Symbol      Kind       Meaning                                                       Unit
n[p]        variable   failure groups of kind p                                      integer
rate[p]     parameter  largest rate of one; requests are shared in proportion to it  finer units
quality[p]  parameter  quality of its model after quantisation, rounded down         1e-4 points
Q           parameter  least mean, rounded up                                        1e-4 points

The rate of a group of less quality than Q is rounded up, that of others down.
A plan of one model has no such row: there every deployment keeps the limit, which filters
candidates. The row is for plans that may mix models.
"""

from collections.abc import Mapping

from recommender.program.compared import Span, weighted
from recommender.program.row import Row


def model_quality(*, rate: Mapping[str, Span], quality: Mapping[str, int], least: int) -> Row:
    """The row; `quality` and `least` in the same unit."""
    weight = {p: least - quality[p] for p in rate}
    return Row("model_quality", weighted(weight, rate), "<=", 0)

r"""Utilisation: at peak the plan is used at least to a share of what it could carry.

    utilisation:   sum_p rate[p] * n[p]  <=  floor(D / u)

Symbol    Kind       Meaning                                            Unit
n[p]      variable   failure groups of kind p                           integer
rate[p]   parameter  largest rate of one within the SLO, rounded up     finer rate units
D         parameter  rate of the service in its peak window             finer rate units
u         parameter  least utilisation, carried / largest rate          1

An upper bound of utilisation is the demand row with headroom 1 / u - 1.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from recommender.program.compared import Span, weighted
from recommender.program.row import Row


def utilisation(*, rate: Mapping[str, Span], demand: int, least: Fraction) -> Row:
    """The row; `rate` and `demand` in the same rate units, `least` above 0."""
    return Row("utilisation", weighted(dict.fromkeys(rate, 1), rate), "<=", floor(demand / least))

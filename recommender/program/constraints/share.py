r"""Share: no provider (zone, region, accelerator type) holds more than a share of the capacity.

    share[K=v]:   sum_{p: K(p) = v} rate[p] * n[p]  <=  s * sum_p rate[p] * n[p]     for every v

    in integers, s = a / b:   sum_p (b [K(p) = v] - a) * rate[p] * n[p]  <=  0

Symbol    Kind       Meaning                                              Unit
n[p]      variable   failure groups of kind p                             integer
rate[p]   parameter  largest rate of one within the SLO: rounded up       finer rate units
                     where it counts for v, down where against
K(p)      key        provider, zone, region or accelerator type of p
s         parameter  largest share of one value (`canonical.share_limit`)    1
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from recommender.program.compared import Span, weighted
from recommender.program.row import Row


def share(
    kind: str, *, rate: Mapping[str, Span], values: Mapping[str, str], most: Fraction
) -> Iterator[Row]:
    """One row per value; `values` maps column p to K(p), `kind` names K."""
    a, b = most.numerator, most.denominator
    for value in sorted(set(values.values())):
        weight = {p: b * (values[p] == value) - a for p in rate}
        yield Row(f"share[{kind}={value}]", weighted(weight, rate), "<=", 0)

r"""Order: of zones that sell the same, the first holds the most capacity.

    order[s,K=v]:   sum_{p: K(p) = u} rate[p] * n[p]  >=  sum_{p: K(p) = v} rate[p] * n[p]
                                                          u, v: neighbours in a list of alike values

Symbol    Kind       Meaning                                              Unit
n[p]      variable   failure groups of kind p                             integer
rate[p]   parameter  largest rate of one within the SLO                   rate units
K(p)      key        zone of p

Where values are alike (the same groups at the same price in each), exchanging two of them turns a
plan into one that is just as good, and some exchanges put them in this order: the optimum stays,
its m! copies go. The loss of the first is then the worst, and the rows `loss` of the others follow.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from recommender.program.row import Row


def order(
    service: str,
    kind: str,
    *,
    rate: Mapping[str, int],
    values: Mapping[str, str],
    alike: Sequence[str],
) -> Iterator[Row]:
    """A row per pair of neighbours in `alike`; `values` maps column p to K(p), `kind` names K."""
    for larger, smaller in pairwise(alike):
        sign = {larger: 1, smaller: -1}
        difference = {p: sign[values[p]] * q for p, q in rate.items() if values[p] in sign and q}
        yield Row(f"order[{service},{kind}={smaller}]", difference, ">=", 0)

r"""Loss of a class: with any one zone, region, provider or accelerator type gone, D is carried.

    loss[s,K=v]:   sum_{p: K(p) != v} rate[p] * n[p]  >=  D          for every value v of class K

Symbol    Kind       Meaning                                              Unit
n[p]      variable   failure groups of kind p                             integer
rate[p]   parameter  largest rate of one within the SLO, rounded down     rate units
K(p)      key        zone, region, provider or accelerator type of p
D         parameter  rate of s in its peak window, without headroom       rate units

With a single value of K nothing is left after its loss: the row ``0 >= D`` is infeasible and its
name says why.
"""

from collections.abc import Iterator, Mapping

from recommender.program.row import Row


def loss(
    service: str, kind: str, *, rate: Mapping[str, int], values: Mapping[str, str], demand: int
) -> Iterator[Row]:
    """One row per value; `values` maps column p to K(p), `kind` names K."""
    for value in sorted(set(values.values())):
        rest = {p: q for p, q in rate.items() if q and values[p] != value}
        yield Row(f"loss[{service},{kind}={value}]", rest, ">=", demand)

r"""Demand: all nodes up, the plan carries the peak rate of a service with burst headroom.

    demand[s]:   sum_p rate[p] * n[p]  >=  required[s]          required = ceil((1 + h) * D)

Symbol       Kind       Meaning                                            Unit
n[p]         variable   failure groups (or replicas) of kind p             integer
rate[p]      parameter  largest rate of one within the SLO, rounded down   rate units
D            parameter  rate of s in its peak window                       rate units
h            parameter  burst headroom                                     1

A service that nothing can serve yields the row ``0 >= required``: infeasible, under the name of
the service to look at.
"""

from collections.abc import Mapping

from recommender.program.row import Row


def demand(service: str, *, rate: Mapping[str, int], required: int) -> Row:
    """Row of one service; `rate` and `required` in the same rate units."""
    return Row(f"demand[{service}]", {p: q for p, q in rate.items() if q}, ">=", required)

r"""Budget: the plan costs at most so much per hour.

    budget:      sum_p price[p] * n[p]  <=  budget

Symbol     Kind       Meaning                                        Unit
n[p]       variable   failure groups of kind p                       integer
price[p]   parameter  price of all nodes of one group, rounded up    1e-4 USD/h
budget     parameter  limit, rounded down                            1e-4 USD/h
"""

from collections.abc import Mapping

from recommender.program.row import Row


def budget(*, price: Mapping[str, int], limit: int) -> Row:
    """The row; `price` and `limit` in the same price units."""
    return Row("budget", dict(price), "<=", limit)

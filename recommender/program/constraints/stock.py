r"""Stock: no more nodes of an offer than can be had.

    stock[o]:    sum_{p on o} nodes[p] * n[p]  <=  stock[o]

Symbol     Kind       Meaning                                   Unit
n[p]       variable   failure groups of kind p                  integer
nodes[p]   parameter  nodes of one group                        count
stock[o]   parameter  nodes of the offer that can be had        count
"""

from collections.abc import Mapping

from recommender.program.row import Row


def stock(offer: str, *, nodes: Mapping[str, int], available: int) -> Row:
    """Row of one offer."""
    return Row(f"stock[{offer}]", dict(nodes), "<=", available)

r"""Nodes: the plan takes at most so many nodes.

    nodes:       sum_p nodes[p] * n[p]  <=  limit

Symbol     Kind       Meaning                        Unit
n[p]       variable   failure groups of kind p       integer
nodes[p]   parameter  nodes of one group             count
"""

from collections.abc import Mapping

from recommender.program.row import Row


def nodes(*, nodes: Mapping[str, int], limit: int) -> Row:
    """The row, in nodes."""
    return Row("nodes", dict(nodes), "<=", limit)

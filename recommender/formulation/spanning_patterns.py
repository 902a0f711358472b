r"""Spanning patterns: one replica on several nodes, all of them whole.

    nodes    N = ceil(g / G)                for g > G
    kept     unless  m whole groups on as many nodes carry as much:  m * c >= c_span

Symbol   Meaning                                                             Unit
g        accelerators of the replica                                         count
G        accelerators of one node: what is bought, and lost, as a whole      count
c_span   largest rate of the spanning replica within the SLO                 requests/s
c, m     rate of another pattern, and its copies on N nodes                  requests/s, count

It goes without loss: for every theta of the spare row ``m * min(c, theta) >= min(c_span, theta)``
holds with ``m * c >= c_span``, every other row counts nodes, and a rack loses no more of the m than
of the one (``m * min(c, theta w) >= min(c_span, theta w_span)``, as m whole groups take its nodes).
"""

from collections.abc import Sequence

from recommender.formulation.node_pattern import NodePattern, Replica, pattern_of


def spanning_patterns(replicas: Sequence[Replica], room: int) -> list[NodePattern]:
    """The best spanning replica of each number of nodes."""
    best: dict[int, Replica] = {}
    for replica in replicas:
        if replica.accelerators > room:
            best.setdefault(-(-replica.accelerators // room), replica)
    return [pattern_of((best[nodes],), nodes=nodes) for nodes in sorted(best)]


def carries_as_much(other: NodePattern, pattern: NodePattern) -> bool:
    """Whether whole copies of `other` on as many nodes carry as much with no more loss."""
    copies, rest = divmod(pattern.nodes, other.nodes)
    return (
        rest == 0
        and copies * other.requests_per_s >= pattern.requests_per_s
        and other.quality_loss_pct <= pattern.quality_loss_pct
    )

r"""Whole nodes: replicas share nodes, and nodes are bought whole.

    nodes[o]:    sum_{c on o} g[c] * x[c]  <=  G[o] * y[o]

Symbol  Kind       Meaning                                                     Unit
x[c]    variable   replicas of candidate c                                     integer
y[o]    variable   nodes of offer o                                            integer
g[c]    parameter  accelerators of one replica; a replica larger than a node
                   takes ceil(g / G) nodes whole: g[c] = G * ceil(g / G)       count
G[o]    parameter  accelerators of one node                                    count

The row is exact, that is, every point of it can be packed, when the sizes that are at most G form
a divisibility chain up to G (1 | 2 | 4 | 8): fill nodes in order of falling size. Otherwise it
promises too much (five replicas of 3 take 15 of the 16 accelerators of two nodes of 8, but a node
holds only two), and the caller must use node patterns instead; `whole_nodes` refuses.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from recommender.program.row import Row


def is_divisibility_chain(sizes: Iterable[int], node_accelerators: int) -> bool:
    """Whether the sizes up to a node divide each other in turn, and the largest divides a node."""
    chain = [*sorted({g for g in sizes if g <= node_accelerators}), node_accelerators]
    return all(large % small == 0 for small, large in pairwise(chain))


def whole_nodes(
    offer: str, *, accelerators: Mapping[str, int], nodes: str, node_accelerators: int
) -> Row:
    """Row of one offer: `accelerators` of one replica per column, `nodes` is the column y[o].

    Raises
    ------
    ValueError
        When the sizes do not form a divisibility chain up to the node.
    """
    if not is_divisibility_chain(accelerators.values(), node_accelerators):
        sizes = sorted(set(accelerators.values()))
        raise ValueError(f"{offer}: replicas of {sizes} do not chain up to {node_accelerators}")
    coefficients = {c: _taken(g, node_accelerators) for c, g in accelerators.items()}
    return Row(f"nodes[{offer}]", {**coefficients, nodes: -node_accelerators}, "<=", 0)


def _taken(accelerators: int, node_accelerators: int) -> int:
    """Accelerators that a replica keeps from others: whole nodes when it spans several."""
    if accelerators <= node_accelerators:
        return accelerators
    return -(-accelerators // node_accelerators) * node_accelerators

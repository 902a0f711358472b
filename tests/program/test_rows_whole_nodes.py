"""nodes[o]:  sum_{c on o} g[c] * x[c]  <=  G[o] * y[o]."""

from itertools import product

import pytest

from recommender.program.constraints.whole_nodes import is_divisibility_chain, whole_nodes
from recommender.program.row import Row


def test_row_is_the_equation_on_paper():
    row = whole_nodes("hgx", accelerators={"tp2": 2, "tp8": 8}, nodes="y", node_accelerators=8)
    assert row == Row("nodes[hgx]", {"tp2": 2, "tp8": 8, "y": -8}, "<=", 0)


@pytest.mark.parametrize(
    ("tp2", "tp8", "nodes", "fits"),
    [
        (4, 0, 1, True),  #  4 * 2 =  8 <=  8
        (5, 0, 1, False),  # 5 * 2 = 10 >   8
        (1, 1, 1, False),  # 2 + 8 = 10 >   8
        (4, 1, 2, True),  #  8 + 8 = 16 <= 16
        (0, 0, 0, True),
    ],
)
def test_replicas_fit_exactly_when_their_accelerators_do(tp2, tp8, nodes, fits):
    row = whole_nodes("o", accelerators={"tp2": 2, "tp8": 8}, nodes="y", node_accelerators=8)
    assert row.holds({"tp2": tp2, "tp8": tp8, "y": nodes}) is fits


def test_replica_that_spans_nodes_takes_them_whole():
    row = whole_nodes("o", accelerators={"tp12": 12}, nodes="y", node_accelerators=8)
    assert row.coefficients == {"tp12": 16, "y": -8}  # ceil(12 / 8) * 8


@pytest.mark.parametrize(
    ("sizes", "node", "chain"),
    [
        ([1, 2, 4, 8], 8, True),
        ([2, 4], 8, True),
        ([], 8, True),
        ([16, 32], 8, True),  # larger than a node: whole nodes anyway
        ([3], 8, False),  # 3 does not divide 8
        ([2, 3], 6, False),  # 2 does not divide 3
        ([2, 6], 6, True),
    ],
)
def test_chain(sizes, node, chain):
    assert is_divisibility_chain(sizes, node) is chain


def test_sizes_without_chain_are_refused():
    with pytest.raises(ValueError, match="do not chain up to 8"):
        whole_nodes("o", accelerators={"tp3": 3}, nodes="y", node_accelerators=8)


def packs(counts: dict[int, int], room: list[int]) -> bool:
    """Exhaustive packing: the largest item that is left goes into each node it fits."""
    largest = max((g for g, n in counts.items() if n), default=None)
    if largest is None:
        return True
    rest = {**counts, largest: counts[largest] - 1}
    return any(
        packs(rest, [*room[:i], free - largest, *room[i + 1 :]])
        for i, free in enumerate(room)
        if free >= largest and free not in room[:i]
    )


@pytest.mark.parametrize(("sizes", "node"), [([1, 2, 4], 4), ([2, 6], 6), ([1, 3], 6)])
def test_row_holds_exactly_when_a_packing_exists(sizes, node):
    assert is_divisibility_chain(sizes, node)
    row = whole_nodes(
        "o", accelerators={str(g): g for g in sizes}, nodes="y", node_accelerators=node
    )
    for counts in product(range(5), repeat=len(sizes)):
        point = {str(g): n for g, n in zip(sizes, counts, strict=True)}
        for nodes in range(5):
            fits = packs(dict(zip(sizes, counts, strict=True)), [node] * nodes)
            assert row.holds({**point, "y": nodes}) is fits

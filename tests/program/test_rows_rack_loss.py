"""rack_loss: equation, boundary, degenerate cases, and every way to lose a rack."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.program.constraints.rack_loss import enough_alone, rack_loss, rack_loss_columns
from recommender.program.row import Row

RATE = {"a": 3, "b": 5, "c": 7}
ON_O = {"a": 1, "b": 2}
"""c stands elsewhere; b takes two of the nodes of a rack."""


def rows_of(rate, rack_nodes, capacity, demand):
    return list(
        rack_loss("s", "o", rate=rate, rack_nodes=rack_nodes, capacity=capacity, demand=demand)
    )


def holds(rate, rack_nodes, capacity, demand, counts):
    """Whether some choice of the switches meets the rows: those that hold are switched on."""
    names = [
        c.name for c in rack_loss_columns("o", rate=rate, rack_nodes=rack_nodes, capacity=capacity)
    ]
    rows = rows_of(rate, rack_nodes, capacity, demand)
    return any(
        all(row.holds({**counts, **dict(zip(names, choice, strict=True))}) for row in rows)
        for choice in product((0, 1), repeat=len(names))
    )


def test_rows_are_the_equations_on_paper():
    # R = 4, D = 20; rates per node: a 3/1, b 5/2
    assert rows_of(RATE, ON_O, 4, 20) == [
        # theta 0: all of o is gone
        Row("rack_loss[s,o,0]", {"c": 7, "rack_theta[o,0]": -20}, ">=", 0),
        # theta 5/2, times 2: a min(6, 5), b min(10, 5 * 2), c 14; 2 * 20 + 5 * 4 = 60
        Row("rack_loss[s,o,5/2]", {"a": 5, "b": 10, "c": 14, "rack_theta[o,5/2]": -60}, ">=", 0),
        # theta 3: a 3, b min(5, 6), c 7; 20 + 3 * 4 = 32
        Row("rack_loss[s,o,3]", {"a": 3, "b": 5, "c": 7, "rack_theta[o,3]": -32}, ">=", 0),
        Row(
            "one_rack[s,o]",
            {"rack_theta[o,0]": 1, "rack_theta[o,5/2]": 1, "rack_theta[o,3]": 1},
            ">=",
            1,
        ),
    ]
    columns = list(rack_loss_columns("o", rate=RATE, rack_nodes=ON_O, capacity=4))
    assert [(c.cost, c.upper) for c in columns] == [(0, 1)] * 3


@pytest.mark.parametrize(
    ("a", "c", "survives"),
    [
        (4, 2, True),  #  4 - 3 = 1 left of a: 3 + 14 = 17
        (3, 2, False),  # all of a is one rack: 14 < 17
        (2, 3, True),  #  all of a is one rack, and 21 are elsewhere
    ],
)
def test_three_nodes_of_one_kind_to_a_rack(a, c, survives):
    rate = {"a": 3, "c": 7}
    assert holds(rate, {"a": 1}, 3, 17, {"a": a, "c": c}) is survives
    assert holds(rate, {"a": 1}, 3, 18, {"a": a, "c": c}) is (survives and c == 3)


def test_an_offer_alone_needs_a_rack_more():
    # D = 10, q = 4, R = 8: ceil(10/4) + 8 = 11 nodes; 10 leave 8 < 10
    assert enough_alone(rate=4, rack_nodes=1, capacity=8, demand=10) == 11
    assert holds({"a": 4}, {"a": 1}, 8, 10, {"a": 11})
    assert not holds({"a": 4}, {"a": 1}, 8, 10, {"a": 10})
    # replicas over two nodes: four in a rack of eight, ceil(10/4) + 4 = 7
    assert enough_alone(rate=4, rack_nodes=2, capacity=8, demand=10) == 7


def test_a_rack_of_nothing_that_carries():
    rows = rows_of({"a": 0, "c": 7}, {"a": 1}, 2, 7)
    assert [row.name for row in rows] == ["rack_loss[s,o,0]", "one_rack[s,o]"]
    assert holds({"a": 0, "c": 7}, {"a": 1}, 2, 7, {"c": 1})


def left_after_worst_rack(rate, rack_nodes, capacity, counts):
    """Every set of groups that fits into a rack is taken away."""
    on = [p for p in rack_nodes if counts.get(p)]
    total = sum(rate[p] * n for p, n in counts.items())
    worst = 0
    for taken in product(*(range(counts[p] + 1) for p in on)):
        if sum(rack_nodes[p] * m for p, m in zip(on, taken, strict=True)) <= capacity:
            worst = max(worst, sum(rate[p] * m for p, m in zip(on, taken, strict=True)))
    return total - worst


COUNTS = st.fixed_dictionaries({p: st.integers(0, 4) for p in "abcd"})
RATES = st.fixed_dictionaries({p: st.integers(0, 9) for p in "abcd"})


@settings(max_examples=200, deadline=None)
@given(rate=RATES, counts=COUNTS, capacity=st.integers(1, 4), demand=st.integers(1, 40))
def test_groups_of_one_node_are_exact(rate, counts, capacity, demand):
    on = dict.fromkeys("abc", 1)
    left = left_after_worst_rack(rate, on, capacity, counts)
    assert holds(rate, on, capacity, demand, counts) is (left >= demand)


@settings(max_examples=200, deadline=None)
@given(
    rate=RATES,
    counts=COUNTS,
    capacity=st.integers(1, 7),
    width=st.integers(1, 3),
    demand=st.integers(1, 40),
)
def test_groups_of_equal_width_are_exact(rate, counts, capacity, width, demand):
    on = dict.fromkeys("abc", min(width, capacity))
    left = left_after_worst_rack(rate, on, capacity, counts)
    assert holds(rate, on, capacity, demand, counts) is (left >= demand)


@settings(max_examples=200, deadline=None)
@given(rate=RATES, counts=COUNTS, capacity=st.integers(2, 6), demand=st.integers(1, 40))
def test_groups_of_several_nodes_are_safe_and_at_most_one_group_off(rate, counts, capacity, demand):
    on = {"a": 1, "b": 2, "c": 2}
    left = left_after_worst_rack(rate, on, capacity, counts)
    found = holds(rate, on, capacity, demand, counts)
    if found:
        assert left >= demand
    if left >= demand + max(rate[p] for p in on):
        assert found


@settings(max_examples=100, deadline=None)
@given(
    rate=st.integers(1, 50),
    width=st.integers(1, 4),
    racks=st.integers(1, 3),
    demand=st.integers(1, 200),
)
def test_enough_alone_is_the_least(rate, width, racks, demand):
    capacity = width * racks
    enough = enough_alone(rate=rate, rack_nodes=width, capacity=capacity, demand=demand)
    on = {"p": width}
    assert holds({"p": rate}, on, capacity, demand, {"p": enough})
    assert not holds({"p": rate}, on, capacity, demand, {"p": enough - 1})

r"""Loss of a rack: with every node of any one rack gone, D is carried.

A rack of o (an instance type in a place, whatever the terms) holds R[o] nodes, all of o; a replica
over several nodes stands in one rack where it fits. Which groups share a rack is not known, so the
plan survives the worst rack.

    rack_loss[s,o,theta]:  sum_{p not on o} rate[p] n[p]
                         + sum_{p on o} min(rate[p], theta w[p]) n[p]
                                                          >=  (D + theta R[o]) z[o,theta]
    one_rack[s,o]:         sum_theta z[o,theta]  >=  1

Symbol      Kind       Meaning                                                   Unit
n[p]        variable   failure groups of kind p                                  integer
z[o,theta]  variable   the row of this theta is asked for                        0 or 1
rate[p]     parameter  largest rate of one within the SLO, rounded down          rate units
w[p]        parameter  nodes of one in a rack, min(nodes[p], R[o])               count
R[o]        parameter  nodes of o that one rack holds                            count
theta       choice     0 or one of rate[p] / w[p], p on o: what a node counts    rate units
                       for at most
D           parameter  rate of s in its peak window, without headroom            rate units

Proof. A rack takes m[p] <= n[p] groups with ``sum w m <= R``. For every theta >= 0 it takes
``sum rate m <= sum (rate - theta w)+ n + theta R``, so what is left is at least the left side of
the row minus ``theta R``: a plan that meets one row survives. The least of these bounds over theta
is the linear relaxation of that knapsack (duality); it is piecewise linear in theta, so 0 or a rate
per node attains it. It equals the worst rack where groups by falling rate per node fill R exactly:
always with groups of one node (R best groups: theta is the rate of the next one, or 0 when o has
no more than R), and with equal w. Else it asks for less than one group too much.
For that R is first rounded down to a multiple of the greatest common divisor of the w: no set of
groups can fill what is left.

Rows are written times the denominator of theta. With z = 0 a row asks for nothing, as its left side
is never negative: there is no big-M.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import gcd

from recommender.program.column import Column
from recommender.program.row import Row


def rack_loss_columns(
    offer: str, *, rate: Mapping[str, int], rack_nodes: Mapping[str, int]
) -> Iterator[Column]:
    """A switch z for each theta of o; `rack_nodes` maps the columns on it to w."""
    for theta in _thetas(rate, rack_nodes):
        yield Column(_switch(offer, theta), 0, 1)


def rack_loss(
    service: str,
    offer: str,
    *,
    rate: Mapping[str, int],
    rack_nodes: Mapping[str, int],
    capacity: int,
    demand: int,
) -> Iterator[Row]:
    """Rows of one o.

    Parameters
    ----------
    rate
        Of every column of the program [rate units].
    rack_nodes
        Column on o -> w, nodes of one group in a rack [count].
    capacity
        R, nodes of o that a rack holds [count].
    demand
        D [rate units].
    """
    thetas = _thetas(rate, rack_nodes)
    capacity -= capacity % gcd(*rack_nodes.values()) if rack_nodes else 0
    for theta in thetas:
        a, b = theta.numerator, theta.denominator
        kept = {
            p: min(b * q, a * rack_nodes[p]) if p in rack_nodes else b * q for p, q in rate.items()
        }
        switch = {_switch(offer, theta): -(b * demand + a * capacity)}
        terms = {p: q for p, q in kept.items() if q}
        yield Row(f"rack_loss[{service},{offer},{theta}]", {**terms, **switch}, ">=", 0)
    yield Row(f"one_rack[{service},{offer}]", {_switch(offer, t): 1 for t in thetas}, ">=", 1)


def enough_alone(*, rate: int, rack_nodes: int, capacity: int, demand: int) -> int:
    """Groups of one kind that meet a row without any other: ceil(D/q + R/w); R as in the row."""
    return -(-(demand * rack_nodes + rate * capacity) // (rate * rack_nodes))


def _thetas(rate: Mapping[str, int], rack_nodes: Mapping[str, int]) -> list[Fraction]:
    per_node = {Fraction(rate[p], w) for p, w in rack_nodes.items() if rate[p]}
    return sorted({Fraction(0), *per_node})


def _switch(offer: str, theta: Fraction) -> str:
    return f"rack_theta[{offer},{theta}]"

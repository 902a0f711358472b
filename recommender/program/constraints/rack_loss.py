r"""Loss of a rack: with every node of any one rack gone, D is carried.

A rack of o (an instance type in a place, whatever the terms) holds R[o] nodes, all of o; a group
of several nodes stands in as few racks as hold it, and is lost with any of them. Which groups share
a rack, and how a group is divided over its racks, is not known: the plan survives the worst rack.

    rack_loss[s,o,theta,v]:  sum_{p not on o} rate[p] n[p]
                           + sum_{p on o, v divides w[p]} min(rate[p], theta w[p]) n[p]
                                                      >=  (D + theta R[o,v]) z[o,theta,v]
    one_rack[s,o]:           sum_{theta,v} z[o,theta,v]  >=  1

Symbol        Kind       Meaning                                                 Unit
n[p]          variable   failure groups of kind p                                integer
z[o,theta,v]  variable   the row of this theta and v is asked for                0 or 1
rate[p]       parameter  largest rate of one within the SLO, rounded down        rate units
w[p]          parameter  fewest nodes that one p puts into a rack it stands in,   count
                         nodes[p] - R (ceil(nodes[p] / R) - 1)
R             parameter  nodes of o that one rack holds                          count
R[o,v]        parameter  R rounded down to a multiple of v                       count
theta         choice     0 or one of rate[p] / w[p]: what a node counts for      rate units
                         at most
v             choice     a common divisor of some w: groups of other widths      count
                         count for nothing, the others fill no more than R[o,v]
D             parameter  rate of s in its peak window, without headroom          rate units

Width. A group of N nodes in ceil(N / R) racks has at most R in each of the others, so at least w in
any: N itself where a rack holds it, else what is left of whole racks (R where nothing is). A rack
that m[p] groups of each p stand in thus has ``sum w m <= R``. All such m occur: groups fill their
other racks, and the rests, w nodes of each, share one. So these m are exactly what a rack takes,
and no way to divide a group is worse than whole racks first: of 4 nodes at R = 3, 3 + 1 lets one
rack take three groups, 2 + 2 but one. (A group over more racks than it needs is not covered.)

Proof. Let the groups whose width v does not divide be lost whole. Of the others a rack takes
m[p] <= n[p] with ``sum w m <= R``, and so ``<= R[v]``, every w being a multiple of v. For every
theta >= 0 it takes ``sum rate m <= sum (rate - theta w)+ n + theta R[v]``, so what is left is at
least the left side of the row minus ``theta R[v]``: a plan that meets one row survives. The least
of these bounds over theta is the linear relaxation of that knapsack (duality); it is piecewise
linear in theta, so 0 or a rate per node attains it. It equals the worst rack where groups by
falling rate per node fill R[v] exactly: always for a plan whose groups on o have one width v, as
groups of one node have (theta is then the rate per node of the next group, or 0 when o has no more
than fit). A plan of mixed widths may be asked for less than one group too much.

Rows are written times the denominator of theta. With z = 0 a row asks for nothing, as its left side
is never negative: there is no big-M. A v is left out when a divisor of it has the same R[v].
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import gcd
from typing import NamedTuple

from recommender.program.column import Column
from recommender.program.row import Row


def nodes_in_rack(nodes: int, capacity: int) -> int:
    """w: fewest nodes of a group of `nodes` in a rack of `capacity` that it stands in [count]."""
    return (nodes - 1) % capacity + 1


def rack_loss_columns(
    offer: str, *, rate: Mapping[str, int], rack_nodes: Mapping[str, int], capacity: int
) -> Iterator[Column]:
    """A switch z for each choice of an o; `rack_nodes` maps the columns on it to w."""
    for choice in _choices(rate, rack_nodes, capacity):
        yield Column(_switch(offer, choice), 0, 1)


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
    choices = _choices(rate, rack_nodes, capacity)
    for choice in choices:
        a, b, v = choice.theta.numerator, choice.theta.denominator, choice.width
        terms = {_switch(offer, choice): -(b * demand + a * (capacity - capacity % v))}
        for p, q in rate.items():
            w = rack_nodes.get(p)
            kept = b * q if w is None else (min(b * q, a * w) if w % v == 0 else 0)
            if kept:
                terms[p] = kept
        yield Row(f"rack_loss[{service},{offer},{choice}]", terms, ">=", 0)
    yield Row(f"one_rack[{service},{offer}]", {_switch(offer, c): 1 for c in choices}, ">=", 1)


def enough_alone(*, rate: int, rack_nodes: int, capacity: int, demand: int) -> int:
    """Groups of one kind that survive the loss of a rack without any other: those it holds more."""
    return -(-demand // rate) + capacity // rack_nodes


class _Choice(NamedTuple):
    theta: Fraction
    width: int

    def __str__(self) -> str:
        return str(self.theta) if self.width == 1 else f"{self.theta},{self.width}"


def _choices(
    rate: Mapping[str, int], rack_nodes: Mapping[str, int], capacity: int
) -> list[_Choice]:
    """Every theta with every width; at theta 0 nothing on o counts, whatever the width."""
    found = [_Choice(Fraction(0), 1)]
    for width in _widths(rack_nodes.values(), capacity):
        fitting = {p: w for p, w in rack_nodes.items() if w % width == 0 and rate[p]}
        thetas = {Fraction(rate[p], w) for p, w in fitting.items()}
        found += [_Choice(theta, width) for theta in sorted(thetas)]
    return found


def _widths(rack_nodes: Iterable[int], capacity: int) -> list[int]:
    """Common divisors of some of the w, without those that a divisor with the same R replaces."""
    divisors: set[int] = set()
    for w in set(rack_nodes):
        divisors |= {w, *(gcd(w, v) for v in divisors)}
    kept: list[int] = []
    for v in sorted(divisors):
        if all(v % u or capacity % u != capacity % v for u in kept):
            kept.append(v)
    return kept


def _switch(offer: str, choice: _Choice) -> str:
    return f"rack_theta[{offer},{choice}]"

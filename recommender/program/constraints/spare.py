r"""Spare: with the worst k failure groups gone, the plan still carries the peak rate.

    capacity left after the worst k losses  =  max over theta in {rate[p]} of
                                               sum_p n[p] * min(rate[p], theta)  -  k * theta

    spare[s]:    sum_p min(rate[p], theta) * n[p]  >=  D + k * theta       for some theta

Symbol    Kind       Meaning                                             Unit
n[p]      variable   failure groups of kind p                            integer
rate[p]   parameter  what one group carries, and its loss takes away     rate units
theta     choice     one of the rates; a program is solved for each      rate units
k         parameter  groups that may be lost at once                     count
D         parameter  rate of s in its peak window, without headroom      rate units

Proof. Let the groups' rates be r_1 >= r_2 >= ... For any theta the k largest keep at most theta
each in the sum, so ``sum min(r_i, theta) - k theta <= sum_{i > k} r_i``; equality holds at
``theta = r_{k+1}`` (and, with at most k groups, the right side is 0: nothing is left).
So a plan survives exactly when some theta of its own rates satisfies the row: no big-M.
The unit of loss is what fails as a whole: a node, or all nodes of a replica that spans several.

A surviving plan need only be found under its own theta = r_{k+1}, so the program of a theta may ask

    larger[s]:   sum_{p: rate[p] > theta} n[p]  <=  k          at most k groups are larger
    theta[s]:    sum_{p: rate[p] = theta} n[p]  >=  1          and one has that rate

which tightens each program. Every surviving plan with more than k groups is in that of its own
theta; it may be in those of its k larger rates too, where the row asks for no less than survival.
"""

from collections.abc import Iterator, Mapping

from recommender.program.row import Row


def spare(service: str, *, rate: Mapping[str, int], demand: int, failures: int, theta: int) -> Row:
    """Row for one theta; `rate`, `demand` and `theta` in the same rate units."""
    capped = {p: min(q, theta) for p, q in rate.items() if q}
    return Row(f"spare[{service}]", capped, ">=", demand + failures * theta)


def own_theta(service: str, *, rate: Mapping[str, int], failures: int, theta: int) -> Iterator[Row]:
    """The rows `larger` and `theta` of one program."""
    larger = {p: 1 for p, q in rate.items() if q > theta}
    if larger:
        yield Row(f"larger[{service}]", larger, "<=", failures)
    yield Row(f"theta[{service}]", {p: 1 for p, q in rate.items() if q == theta}, ">=", 1)


def rate_after_worst_losses(
    *, rate: Mapping[str, int], counts: Mapping[str, int], failures: int
) -> int:
    """Rate that is left when the `failures` largest groups of a plan are gone [rate units]."""
    left, to_lose = 0, failures
    for p in sorted(counts, key=lambda p: -rate.get(p, 0)):
        lost = min(to_lose, counts[p])
        to_lose -= lost
        left += (counts[p] - lost) * rate.get(p, 0)
    return left

r"""Lengths of periods with the starts that they pay for: what a group costs while a period runs.

    a[p,t] = w[t] + lambda[p,t] - lambda[p,t+1]

Symbol        Meaning                                              Unit
w[t], S       length of a period, of a start                       1 / FINER of the program's unit
lambda[p,t]   what t pays per group that it runs more than t - 1   as S, from 0 to S
a[p,t]        what a group costs in t, per price                   as S
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.formulation.periods import OverDay
from recommender.solvers.fleet_search.fleets import Integers
from recommender.solvers.fleet_search.rounds import FORBIDDEN, Layers, cheapest

FINER = 16
"""lambda is a multiple of 1 / FINER of the program's unit of time."""
LEAST_SHARE = 4
"""A period keeps at least 1 / LEAST_SHARE of its length as a[t]: else its fleets have no limit."""


@dataclass(frozen=True, slots=True)
class Times:
    """Of the periods with demand.

    Attributes
    ----------
    start, weight
        S and w[t].
    follows
        Whether anything runs in the period before.
    """

    start: int
    weight: tuple[int, ...]
    follows: tuple[bool, ...]

    @property
    def most_charged(self) -> int:
        """Largest lambda that leaves every period 1 / LEAST_SHARE of its length."""
        shortest = min(self.weight)
        return min(self.start, shortest - shortest // LEAST_SHARE)

    def lengths(self, charged: Integers) -> Integers:
        """a, shape as lambda: (periods, kinds)."""
        runs = np.array(self.follows)[:, None]
        a: Integers = np.array(self.weight)[:, None] + charged
        a -= np.roll(charged * runs, -1, axis=0)
        return a

    def first_shares(self, least: Sequence[int]) -> Integers:
        """lambda, the same for all kinds: a start where the least cost rises, as periods can bear.

        max sum lambda[t] (v[t] - v[t-1]) over multiples of S / FINER: a round through them.
        """
        price = np.arange(FINER + 1) * (self.start // FINER)
        rises = [
            v - follows * least[t - 1]
            for t, (v, follows) in enumerate(zip(least, self.follows, strict=True))
        ]
        most = max(sum(abs(rise) for rise in rises) * self.start, 1)
        change = []
        for t in range(len(rises)):
            spare = self.weight[t - 1] - self.weight[t - 1] // LEAST_SHARE
            change.append(np.where(price[None, :] - price[:, None] <= spare, 0, FORBIDDEN))
        zero = [np.zeros(len(price), np.int64)] * len(rises)
        layers = Layers([most - price * rise for rise in rises], zero, change)
        found = cheapest(layers, limit=FORBIDDEN - 1, out_of_time=lambda: False)
        assert found is not None, "the same price all day is allowed"
        return price[list(found.states)][:, None]


def times_of(question: OverDay) -> Times:
    """The times of a day with starts."""
    blocks = question.busy
    return Times(
        start=FINER * question.start_up_min // question.unit_min,
        weight=tuple(FINER * question.weight(block) for block in blocks),
        follows=tuple(question.before(block) in blocks for block in blocks),
    )

r"""A better lambda for a day with starts: the dual over fleets that are known, again and again.

    lambda  =  best over the pool (`shares`)
    v[t]    =  least sum_p a[p,t] price[p] n[p] over all fleets, by enumeration: L is exact
    pool    +  the fleets that reach it

The pool knows less than all fleets, so lambda can promise more than v holds; what counts is the
largest L. Symbols are those of `periods_started`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from recommender.formulation.periods_times import Times
from recommender.solvers.fleet_search.fleets import (
    Integers,
    Period,
    Priced,
    TooMany,
    fleets_within,
)
from recommender.solvers.fleet_search.shares import shares

MOST_FLEETS = 1_000
"""Per period; more are too many changes to look at."""
PATIENCE, WORTH = 4, 100
"""A better lambda closes at least 1 / WORTH of what is open; so many in a row may fail to."""


class Shared(NamedTuple):
    """lambda, shape (periods, kinds), and v of it per period."""

    charged: Integers
    value: list[int]


def improved(
    known: Shared,
    fleets: Sequence[Integers],
    periods: Sequence[Period],
    times: Times,
    *,
    most: int,
    in_time: Callable[[], None],
) -> Shared:
    """The best lambda found; `most`: cost of a plan [price x time]; `in_time` raises when late."""
    pool, charged, in_vain = list(fleets), known.charged, 0
    while in_vain < PATIENCE and sum(known.value) < most:
        charged = shares(
            pool,
            price=periods[0].price,
            weight=times.weight,
            start=times.most_charged,
            follows=times.follows,
            first=charged,
            target=most,
        )
        try:
            cheap, value = _cheapest(times.lengths(charged), pool, periods, in_time)
        except TooMany:
            break
        gain, needed = sum(value) - sum(known.value), (most - sum(known.value)) // WORTH
        in_vain = 0 if gain > needed else in_vain + 1
        if gain > 0:
            known = Shared(charged, value)
        pool = [np.unique(np.vstack(both), axis=0) for both in zip(pool, cheap, strict=True)]
    return known


def _cheapest(
    lengths: Integers,
    pool: Sequence[Integers],
    periods: Sequence[Period],
    in_time: Callable[[], None],
) -> tuple[list[Integers], list[int]]:
    """Per period all fleets as cheap as the cheapest one known, and v."""
    cheap, value = [], []
    for period, a, fleets in zip(periods, lengths, pool, strict=True):
        in_time()
        priced = Priced(period, a * period.price)
        limit = int((fleets @ priced.price).min())
        cheap.append(fleets_within(priced, limit, most=MOST_FLEETS))
        value.append(int((cheap[-1] @ priced.price).min()))
    return cheap, value

"""Fleets within a price and rounds through a day, against every one of them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.solvers.fleet_search.fleets import Period, Priced, TooMany, fleets_within
from recommender.solvers.fleet_search.rounds import FORBIDDEN, Layers, cheapest


def period(price, rate, *, need=100_000, failures=0, upper=None, rows=(), least=()) -> Period:
    kinds = len(price)
    matrix = np.array([rate, *rows], np.int64).reshape(1 + len(rows), kinds)
    return Period(
        names=tuple(f"p{i}" for i in range(kinds)),
        price=np.array(price, np.int64),
        rate=np.array(rate, np.int64),
        upper=np.array(upper or [2**40] * kinds, np.int64),
        matrix=matrix,
        least=np.array([need, *least], np.int64),
        need=need,
        failures=failures,
    )


def serves(given: Period, fleet: tuple[int, ...]) -> bool:
    """By hand: every row, and the rate after the largest groups are gone."""
    rows = all(
        sum(a * n for a, n in zip(row, fleet, strict=True)) >= least
        for row, least in zip(given.matrix.tolist(), given.least.tolist(), strict=True)
    )
    groups = sorted(r for r, n in zip(given.rate.tolist(), fleet, strict=True) for _ in range(n))
    left = sum(groups[: max(0, len(groups) - given.failures)])
    return rows and (given.failures == 0 or left >= 100_000)


@st.composite
def periods(draw):
    kinds = draw(st.integers(1, 3))
    rate = [
        draw(st.sampled_from([0, 9_000, 20_000, 35_000, 50_000, 110_000])) for _ in range(kinds)
    ]
    price = [draw(st.integers(1, 30)) for _ in range(kinds)]
    upper = [draw(st.sampled_from([1, 3, 40])) for _ in range(kinds)]
    rows, least = [], []
    if draw(st.booleans()):  # at most so many groups
        rows, least = [[-1] * kinds], [-draw(st.integers(1, 6))]
    need = draw(st.sampled_from([100_000, 120_000]))
    failures = draw(st.integers(0, 2))
    return period(price, rate, need=need, failures=failures, upper=upper, rows=rows, least=least)


@settings(max_examples=150, deadline=None)
@given(periods(), st.integers(0, 60), st.booleans())
def test_fleets_are_those_of_enumeration(given, limit, all_fleets):
    price = given.price.tolist()
    counts = (
        range(min(limit // p, u) + 1) for p, u in zip(price, given.upper.tolist(), strict=True)
    )
    every = {
        fleet
        for fleet in product(*counts)
        if sum(p * n for p, n in zip(price, fleet, strict=True)) <= limit and serves(given, fleet)
    }
    if not all_fleets:
        every = {
            fleet
            for fleet in every
            if not any(
                n and serves(given, (*fleet[:i], n - 1, *fleet[i + 1 :]))
                for i, n in enumerate(fleet)
            )
        }
    found = fleets_within(Priced(given, given.price), limit, most=10**6, all_fleets=all_fleets)
    assert {tuple(fleet) for fleet in found.tolist()} == every
    assert len(found) == len(every)


def test_fleets_by_hand():
    """Groups of 20 and 50 (% of the demand) at 5 and 12: 24, 25, 26 and 27 within 27.

    2 x 50 = 24;  5 x 20 = 25;  50 + 3 x 20 = 27; 4 x 20 = 80 % is too little, 2 x 50 + 20 too much.
    """
    given = period([5, 12], [20_000, 50_000])
    found = fleets_within(Priced(given, given.price), 27, most=100).tolist()
    assert sorted(found) == [[0, 2], [3, 1], [5, 0]]


def test_too_many_fleets_are_refused():
    with pytest.raises(TooMany):
        small = period([1, 1, 1, 1], [2_000] * 4)
        fleets_within(Priced(small, small.price), 60, most=10)


@st.composite
def layers(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    value = st.integers(0, 9)

    def numbers(*shape):
        return np.array(draw(st.lists(value, min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))), np.int64).reshape(shape)  # fmt: skip # noqa: E501

    change = []
    for t, size in enumerate(sizes):
        one = numbers(sizes[t - 1], size)
        one[numbers(sizes[t - 1], size) > 7] = FORBIDDEN
        change.append(one)
    return Layers([numbers(s) for s in sizes], [numbers(s) for s in sizes], change)


def every_round(given: Layers) -> list[tuple[int, int, tuple[int, ...]]]:
    """(value, tie-break, states) of every round that makes no forbidden change."""
    found = []
    for states in product(*(range(len(own)) for own in given.own)):
        changes = [given.change[t][states[t - 1], s] for t, s in enumerate(states)]
        if all(c < FORBIDDEN for c in changes):
            value = sum(int(o[s]) for o, s in zip(given.own, states, strict=True))
            second = sum(int(o[s]) for o, s in zip(given.second, states, strict=True))
            found.append((value + sum(map(int, changes)), second, states))
    return found


@settings(max_examples=200, deadline=None)
@given(layers())
def test_the_cheapest_round_is_that_of_every_one(given):
    every = every_round(given)
    found = cheapest(given, limit=FORBIDDEN - 1, out_of_time=lambda: False)
    if not every:
        assert found is None
        return
    assert found is not None
    assert (found.value, found.second) == min((value, second) for value, second, _ in every)
    assert (found.value, found.second, found.states) in every


@settings(max_examples=200, deadline=None)
@given(layers(), st.integers(0, 30))
def test_no_round_within_the_limit_is_taken_out(given, limit):
    smaller, left = given.within(limit)
    kept = [set(k.tolist()) for k in left]
    for value, _, states in every_round(given):
        if value <= limit:
            assert all(s in k for s, k in zip(states, kept, strict=True))
    assert [len(own) for own in smaller.own] == [len(k) for k in left]


def test_a_search_that_is_late_says_so():
    ring = Layers(
        [np.zeros(2, np.int64)] * 3, [np.zeros(2, np.int64)] * 3, [np.eye(2, dtype=int)] * 3
    )
    with pytest.raises(TimeoutError):
        cheapest(ring, limit=9, out_of_time=lambda: True)

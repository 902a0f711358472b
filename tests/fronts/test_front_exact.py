"""The front of single-deployment plans equals brute force over every (kind, number of groups)."""

from fractions import Fraction
from math import ceil, inf, isfinite

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recommender.decision.groups_needed import groups_needed
from recommender.fronts.front import Kinds, group_counts, single_deployment_front

UNLIMITED = 10**9


def kinds_of(rows):
    """Kinds from rows (capacity, $/h, W, loss %, stock in groups)."""
    capacity, usd, watts, loss, stock = (
        np.asarray(c, dtype=float) for c in zip(*rows, strict=True)
    )
    return Kinds(
        replica_kind=np.arange(len(rows), dtype=np.intp),
        offer=np.arange(len(rows), dtype=np.intp),
        capacity=capacity,
        usd_per_h=usd,
        nameplate_w=watts,
        quality_loss_pct=loss,
        most_groups=stock.astype(np.int64),
    )


def latency_of(idle_s, slope, breaks_above=inf):
    """p99 = idle * (1 + slope * rate), broken above a rate: monotone, as every queue's is."""
    idle_s, slope = np.asarray(idle_s, dtype=float), np.asarray(slope, dtype=float)

    def p99_s(kind, rate):
        time = idle_s[kind] * (1 + slope[kind] * rate)
        return np.where(rate > breaks_above, np.inf, time)

    return p99_s


def canonical(row, groups, p99_s):
    """1e-4 $/h, us, W, 1e-3 %."""
    _, usd, watts, loss, _ = row
    return (
        groups * ceil(usd * 1e4 - 1e-6),
        ceil(p99_s * 1e6),
        groups * ceil(watts),
        round(loss * 1e3),
    )


def every_plan(rows, latency, *, demand, headroom, losses, limits=()):
    """All (kind, m) of the definition: kind by kind, m by m, in plain arithmetic."""
    plans = {}
    for kind, row in enumerate(rows):
        capacity, usd, watts, _, stock = row
        if capacity <= 0:
            continue
        m = 1
        while m * capacity < demand * (1 + headroom) * (1 - 1e-12) or (
            m - losses
        ) * capacity < demand * (1 - 1e-12):
            m += 1
        most = min(stock, 8 * m)
        at = np.asarray([kind])
        idle = float(latency(at, np.asarray([1e-9]))[0])
        while m <= most:
            p99_s = float(latency(at, np.asarray([demand / m]))[0])
            spent = {"usd_per_h": m * usd, "power_w": m * watts}
            if isfinite(p99_s) and all(spent[axis] <= limit for axis, limit in limits):
                plans[kind, m] = canonical(row, m, p99_s)
            if p99_s <= 1.02 * idle or m == most:
                break
            m = min(most, max(m + 1, int(m * 1.02)))
    return plans


def best_of(plans):
    points = set(plans.values())
    return {
        p
        for p in points
        if not any(q != p and all(a <= b for a, b in zip(q, p, strict=True)) for q in points)
    }


def points_of(front, rows, latency, demand):
    return {
        canonical(
            rows[kind], int(m), float(latency(np.asarray([kind]), np.asarray([demand / m]))[0])
        )
        for kind, m in zip(front.kind, front.groups, strict=True)
    }


prices = st.integers(1, 4000).map(lambda cents: cents / 100)
kind_rows = st.tuples(
    st.floats(0.5, 60),
    prices,
    st.integers(100, 15_000).map(float),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([UNLIMITED, 1, 3, 12]),
)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(kind_rows, min_size=1, max_size=45),
    demand=st.floats(1, 300),
    headroom=st.sampled_from([0.0, 0.2, 0.5]),
    losses=st.integers(0, 3),
    seed=st.integers(0, 10**6),
    budget=st.none() | st.floats(5, 2000),
    power=st.none() | st.floats(500, 200_000),
    breaks=st.sampled_from([inf, 25.0]),
)
def test_equals_brute_force(rows, demand, headroom, losses, seed, budget, power, breaks):
    random = np.random.default_rng(seed)
    latency = latency_of(
        random.uniform(0.02, 0.5, len(rows)), random.uniform(0.001, 0.3, len(rows)), breaks
    )
    limits = [
        (axis, limit)
        for axis, limit in (("usd_per_h", budget), ("power_w", power))
        if limit is not None
    ]
    asked = {"demand": demand, "headroom": headroom, "losses": losses, "limits": limits}
    plans = every_plan(rows, latency, **asked)
    front = single_deployment_front(kinds_of(rows), latency, **asked)
    assert set(zip(front.kind.tolist(), front.groups.tolist(), strict=True)) <= set(plans)
    assert points_of(front, rows, latency, demand) == best_of(plans)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(kind_rows, min_size=1, max_size=60),
    demand=st.floats(1, 300),
    seed=st.integers(0, 10**6),
)
def test_an_independent_library_agrees(rows, demand, seed):
    moocore = pytest.importorskip("moocore")
    random = np.random.default_rng(seed)
    latency = latency_of(
        random.uniform(0.02, 0.5, len(rows)), random.uniform(0.001, 0.3, len(rows))
    )
    asked = {"demand": demand, "headroom": 0.2, "losses": 1}
    points = np.unique(list(every_plan(rows, latency, **asked).values()), axis=0).astype(float)
    front = single_deployment_front(kinds_of(rows), latency, **asked)
    if len(points) == 0:
        assert len(front.kind) == 0
        return
    oracle = points[moocore.is_nondominated(points)].astype(int)
    assert points_of(front, rows, latency, demand) == {*map(tuple, oracle.tolist())}


def test_one_kind_on_paper():
    """Q = 10, h = 20 %, k = 1, c = 5: demand needs 12/5 -> 3, survival 10/5 + 1 = 3 groups.

    p99 = 0.1 (1 + 0.1 * 10/m): 0.13333 s at m = 3, 0.10417 s at m = 24, the most (8 * 3).
    """
    rows = [(5.0, 2.5, 700.0, 0.0, UNLIMITED)]
    latency = latency_of([0.1], [0.1])
    front = single_deployment_front(kinds_of(rows), latency, demand=10, headroom=0.2, losses=1)
    assert front.groups[0] == 3
    assert front.usd_per_h[0] == 7.5  # 3 * 2.50
    assert front.power_w[0] == 2100  # 3 * 700
    assert front.p99_s[0] == pytest.approx(0.133334, abs=1e-9)  # rounded up to a microsecond
    assert list(front.groups) == list(range(3, 25))  # 24 = 8 * 3 groups: 0.1042 s, 4 % off idle
    assert (np.diff(front.p99_s) < 0).all() and (np.diff(front.usd_per_h) > 0).all()


def test_stops_at_the_first_count_within_two_percent_of_idle():
    """p99 = 1 + 1/m * 0.1: at m = 5 it is 1.02, 2 % over idle; the sixth group buys nothing."""
    latency = latency_of([1.0], [0.1])
    rows = [(2.0, 1.0, 100.0, 0.0, UNLIMITED)]
    front = single_deployment_front(kinds_of(rows), latency, demand=1, headroom=0, losses=0)
    assert list(front.groups) == [1, 2, 3, 4, 5]


def test_stock_ends_a_kind():
    rows = [(5.0, 2.5, 700.0, 0.0, 4), (5.0, 9.0, 700.0, 0.0, UNLIMITED)]
    latency = latency_of([0.1, 0.1], [0.1, 0.1])
    front = single_deployment_front(kinds_of(rows), latency, demand=10, headroom=0.2, losses=1)
    assert sorted(front.groups[front.kind == 0]) == [3, 4]
    assert min(front.groups[front.kind == 1]) == 5  # cheaper counts lose to the first kind


def test_a_kind_whose_stock_is_too_small_has_no_plan():
    rows = [(5.0, 2.5, 700.0, 0.0, 2)]  # three are needed
    front = single_deployment_front(
        kinds_of(rows), latency_of([0.1], [0.1]), demand=10, headroom=0.2, losses=1
    )
    assert len(front.kind) == 0


def test_limits_cut_the_front_not_its_cheap_end():
    rows = [(5.0, 2.5, 700.0, 0.0, UNLIMITED)]
    latency = latency_of([0.1], [0.1])
    asked = {"demand": 10, "headroom": 0.2, "losses": 1}
    within = single_deployment_front(kinds_of(rows), latency, **asked, limits=[("usd_per_h", 12.5)])
    assert list(within.groups) == [3, 4, 5]  # 5 * 2.50 = 12.50
    power = single_deployment_front(kinds_of(rows), latency, **asked, limits=[("power_w", 2799)])
    assert list(power.groups) == [3]  # 4 * 700 = 2800
    none = single_deployment_front(kinds_of(rows), latency, **asked, limits=[("usd_per_h", 7.49)])
    assert len(none.groups) == 0


def test_a_kind_that_breaks_the_target_even_idle_is_left_out():
    rows = [(5.0, 1.0, 700.0, 0.0, UNLIMITED), (5.0, 2.0, 700.0, 0.0, UNLIMITED)]
    latency = latency_of([np.inf, 0.1], [0.1, 0.1])
    front = single_deployment_front(kinds_of(rows), latency, demand=10, headroom=0, losses=0)
    assert set(front.kind) == {1}


def test_sorted_by_cost_and_without_kinds_empty():
    rows = [(5.0, 2.5, 700.0, 0.0, UNLIMITED), (20.0, 8.0, 900.0, 0.0, UNLIMITED)]
    front = single_deployment_front(
        kinds_of(rows), latency_of([0.1, 0.05], [0.1, 0.1]), demand=10, headroom=0.2, losses=1
    )
    assert list(front.usd_per_h) == sorted(front.usd_per_h)
    none = single_deployment_front(
        kinds_of([(0.0, 1.0, 1.0, 0.0, 1)]), latency_of([1], [1]), demand=1, headroom=0, losses=0
    )
    assert len(none.kind) == 0 and none.plans_compared == 0


@given(
    capacity=st.integers(1, 5000).map(lambda x: x / 100),
    demand=st.integers(1, 50_000).map(lambda x: x / 100),
    headroom=st.integers(0, 100).map(lambda x: x / 100),
    losses=st.integers(0, 3),
)
@example(capacity=0.01, demand=225.25, headroom=0.32, losses=0)  # 29733 exactly
def test_groups_needed_is_the_least_that_carries(capacity, demand, headroom, losses):
    (fewest,) = groups_needed(
        np.asarray([capacity]), demand=demand, headroom=headroom, losses=losses
    )
    c, q, h = (Fraction(str(x)) for x in (capacity, demand, headroom))

    def carries(m):
        return m * c >= (1 + h) * q and (m - losses) * c >= q

    assert carries(int(fewest)) and not carries(int(fewest) - 1)


@given(st.integers(1, 500), st.integers(1, 5000))
def test_group_counts_rise_to_the_most_in_steps_of_one_or_two_percent(fewest, most):
    counts = group_counts(fewest, most)
    assert counts[0] == fewest and counts[-1] == max(fewest, most)
    steps = np.diff(counts)
    assert (steps >= 1).all()
    assert (steps <= np.maximum(1, 0.02 * counts[:-1])).all()

r"""Days on which nodes are started: the cheapest round through fleets, proven by two bounds.

    day(n)   =  sum_t w[t] C[t]  +  S sum_t sum_p price[p] max(d[p,t], 0)
             =  L  +  sum_t own[t]  +  sum_t change[t]
    own      =  sum_p a[p,t] price[p] n[p,t]  -  v[t]  >=  0          v[t]: the least of the sum
    a[p,t]   =  w[t] + lambda[p,t] - lambda[p,t+1]                    L = sum_t v[t]
    change   =  sum_p price[p] (S max(d[p,t], 0) - lambda[p,t] d[p,t])  >=  0

for every 0 <= lambda <= S: a period pays lambda for what it runs more than the one before. So L
bounds the day, and one with own[t] > r[t] in some period costs more than L + min r. Fleets within a
growing r are enumerated, the cheapest round through them is exact (both in
`recommender/solvers/fleet_search`), and the day is solved once it costs no more than L + min r.

First lambda is S where the least cost of a period alone rises, so that v[t] is known from it. Later
it is the dual over the fleets found (`shares`), which lets far fewer of them into the next rounds.

Symbol       Meaning                                         Unit
n, d         groups of kind p in period t, and n[t] - n[t-1]  count
C[t]         price of the fleet of t                         price units
w[t], S      length of a period, of a start                  1 / FINER of the program's unit of time
r[t]         how far above v a fleet may be                  price x time
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_arrays import changes, period_of, ties, too_much_at_once
from recommender.formulation.periods_dual import MOST_FLEETS, Shared, improved
from recommender.formulation.periods_round import Best, Started
from recommender.formulation.periods_times import FINER, times_of
from recommender.program.canonical import price_units
from recommender.solvers.fleet_search.fleets import Integers, Period, Priced, TooMany, fleets_within
from recommender.solvers.fleet_search.rounds import FORBIDDEN, Layers, cheapest

FEW_FLEETS = 300
"""Per period, before lambda is improved."""
FIRST_SHARE = 4096
"""The first r is this part of what is open; each is GROWTH times the one before."""
GROWTH = 4
NARROW = (1, 2, 3, 5)
"""Kinds that better plans are looked for with, where all of them make too many fleets."""


def is_searchable(question: OverDay) -> bool:
    """Whether starts are all that couples periods, and rows name counts of groups only.

    Not with groups that cost nothing: no price bounds how many of them a fleet has.
    """
    service = question.service
    others = (
        bool(question.committed),
        service.max_types is not None,
        service.carbon_g_per_h is not None,
        service.budget_usd_per_h is not None,
        service.objectives[0] != "cost",
        any(service.tolerances),
        any(price_units(usd_per_h=group.usd_per_h) == 0 for group in question.kept),
    )
    return bool(question.start_up_min) and not any(others)


@dataclass
class Search:
    """One search; `least` is the proven least cost of every period alone.

    Attributes
    ----------
    charged
        lambda, shape (periods, kinds).
    lower
        L, in units of price x time.
    beat
        Cost of a plan that is known already, in the unit of the program over the day.
    fleets, found
        Per period: fleets found, and how far above v they are; -1 before any are.
    reach
        r: as `found`, once the cheapest round through them is known.
    """

    question: OverDay
    least: Mapping[Block, int]
    deadline: float
    beat: int | None = None
    periods: list[Period] = field(default_factory=list)
    fleets: list[Integers] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    reach: list[int] = field(default_factory=list)
    best: Best | None = None
    ties_broken: bool = False

    def __post_init__(self) -> None:
        blocks = self.question.busy
        self.times = times_of(self.question)
        self.charged = self.times.first_shares([self.least[block] for block in blocks])
        self.value = [
            int(a) * self.least[block]
            for a, block in zip(self.times.lengths(self.charged)[:, 0], blocks, strict=True)
        ]

    @property
    def lower(self) -> int:
        """L, in price x time."""
        return sum(self.value)

    @property
    def bound(self) -> int:
        """L, in the unit of the program over the day."""
        return -(-self.lower // FINER)

    def run(self) -> Started | None:
        """The best round that was found; None where a row has switches, or nothing is found.

        Nor where a kind is too small to count in a busy period, but not in a quiet one.
        """
        for block in self.question.busy:
            period = period_of(self.question.at(block))
            if period is None or (self.periods and period.names != self.periods[0].names):
                return None
            self.periods.append(period)
        self.charged = np.repeat(self.charged, len(self.periods[0].names), axis=1)
        self.least_bound = 0
        with suppress(TimeoutError):
            self._widen(FEW_FLEETS)
            if self._is_open():
                self._narrow()
            if self._is_open():
                self._improve()
                self._widen(MOST_FLEETS)
        self._bounded()
        bound = -(-self.least_bound // FINER)
        if self.best is None:
            return None if self.beat is None else Started({}, self.beat, bound, ties_broken=False)
        cost, rest = divmod(self.best.cost, FINER)
        assert rest == 0, "lengths and starts are whole units of time"
        ties_broken = self.ties_broken and bound >= cost
        ties_broken &= (
            self.times.start not in self.times.weight
        )  # fleets that are not minimal may tie there
        return Started(self._chosen(), cost, bound, ties_broken)

    def _bounded(self) -> None:
        """Keep the larger of the bounds so far: L + min r, or the best plan where that is less."""
        most = self._most
        if most is not None and self.reach:
            self.least_bound = max(self.least_bound, min(most, self.lower + min(self.reach)))

    def _is_open(self) -> bool:
        self._bounded()
        return self._most is not None and self.least_bound < self._most

    @property
    def _most(self) -> int | None:
        """Cost of the best plan known [price x time]."""
        known = [] if self.best is None else [self.best.cost]
        return min(known + ([] if self.beat is None else [self.beat * FINER]), default=None)

    def _narrow(self) -> None:
        """Better plans, no bound: rounds through fleets of the kinds that are used most."""
        price = self.periods[0].price
        use = sum((found * price).mean(axis=0) for found in self.fleets)
        order = np.argsort(-np.asarray(use), kind="stable")
        whole, fleets = self.periods, self.fleets
        for kinds in NARROW:
            self.periods = [
                replace(
                    period,
                    upper=np.where(np.isin(range(len(price)), order[:kinds]), period.upper, 0),
                )
                for period in whole
            ]
            try:
                self._widen(FEW_FLEETS, complete=False)
            finally:
                self.periods, self.fleets, self.reach = whole, fleets, []

    def _widen(self, most: int, *, complete: bool = True) -> None:
        """Rounds through fleets within a growing r, until r is what is open or too many are.

        `complete` is False where periods have some of their kinds only.
        """
        count, r = len(self.periods), 0
        self.priced = [
            Priced(period, a * period.price)
            for period, a in zip(self.periods, self.times.lengths(self.charged), strict=True)
        ]
        self.fleets, self.found = [np.empty((0, 0), np.int64)] * count, [-1] * count
        self.reach = [*self.found]
        full: set[int] = set()
        while True:
            full |= {t for t in range(count) if t not in full and not self._enumerate(t, r, most)}
            if self.found == self.reach:
                return
            if all(len(found) for found in self.fleets):
                self.best = self._round() or self.best
                self.ties_broken &= complete
            self.reach = [*self.found]
            if complete:
                self._bounded()
            if len(full) == count:
                return
            far = self.lower if self._most is None else self._most - self.lower
            if r >= far:
                return
            r = min(far, max(GROWTH * r, far // FIRST_SHARE, 1))

    def _enumerate(self, t: int, r: int, most: int) -> bool:
        """Take in the fleets of a period within r; whether there are not too many."""
        self._in_time()
        every = self.times.weight[t] < self.times.start
        for far in (r, (max(self.found[t], 0) + r) // 2):
            with suppress(TooMany):
                self.fleets[t] = fleets_within(
                    self.priced[t], self.value[t] + far, most=most, all_fleets=every
                )
                self.found[t] = far
                return far == r
        return False

    def _improve(self) -> None:
        """A better lambda, and v of it."""
        if self._most is not None:
            self.charged, self.value = improved(
                Shared(self.charged, self.value),
                self.fleets,
                self.periods,
                self.times,
                most=self._most,
                in_time=self._in_time,
            )

    def _round(self) -> Best | None:
        """The cheapest round through the fleets found, unless it is dearer than the best."""
        limit = FORBIDDEN - 1 if self._most is None else self._most - self.lower
        own = [
            found @ priced.price - value
            for found, priced, value in zip(self.fleets, self.priced, self.value, strict=True)
        ]
        near = [np.flatnonzero(value <= limit) for value in own]
        fleets = [found[k] for found, k in zip(self.fleets, near, strict=True)]
        own = [value[k] for value, k in zip(own, near, strict=True)]
        second = ties(self.question, fleets)
        self.ties_broken = second is not None
        second = second or [np.zeros(len(found), np.int64) for found in fleets]
        change = [self._change(t, fleets[t - 1], fleets[t]) for t in range(len(fleets))]
        layers, left = Layers(own, second, change).within(limit)
        if not all(len(k) for k in left):
            return None
        found_round = cheapest(layers, limit=limit, out_of_time=self._is_late)
        if found_round is None:
            return None
        chosen = zip(fleets, left, found_round.states, strict=True)
        return Best(self.lower + found_round.value, [f[k[s]] for f, k, s in chosen])

    def _change(self, t: int, before: Integers, now: Integers) -> Integers:
        """Value of every change into a period; FORBIDDEN where both fleets do not fit at once."""
        self._in_time()
        follows, price = self.times.follows[t], self.periods[t].price
        if not follows:
            before = np.zeros_like(before)
        value = changes(before, now, price * self.times.start, price * self.charged[t])
        if follows and len(self.periods) > 1:
            service = self.question.at(self.question.busy[t])
            value[too_much_at_once(service, before, now)] = FORBIDDEN
        return value

    def _is_late(self) -> bool:
        return time.perf_counter() > self.deadline

    def _in_time(self) -> None:
        if self._is_late():
            raise TimeoutError

    def _chosen(self) -> dict[Block, dict[str, int]]:
        assert self.best is not None
        return {
            block: {name: int(n) for name, n in zip(period.names, counts, strict=True) if n}
            for block, period, counts in zip(
                self.question.busy, self.periods, self.best.fleets, strict=True
            )
        }

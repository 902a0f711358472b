r"""Days on which nodes are started: the cheapest round through fleets, proven by two bounds.

    day(n)   =  sum_t w[t] C[t]  +  S sum_t sum_p price[p] max(n[p,t] - n[p,t-1], 0)
             =  L  +  sum_t a[t] (C[t] - v[t])  +  sum_t change[t]
    C[t]     =  sum_p price[p] n[p,t]  >=  v[t], the proven least cost of t alone
    a[t]     =  w[t] + lambda[t] - lambda[t+1]            L = sum_t a[t] v[t]
    change   =  sum_p price[p] (S max(d[p], 0) - lambda[t] d[p])  >=  0,     d = n[t] - n[t-1]

for every 0 <= lambda[t] <= S: starts cost at least what a fleet costs more than the one before.
So L bounds the day, and one with a[t] (C[t] - v[t]) > r in some period costs more than L + r. The
fleets within a growing r are enumerated, the cheapest round through them is exact (both in
`recommender/solvers/fleet_search`), and the day is solved once it costs no more than L + r.

Symbol      Meaning                                         Unit
n[p,t]      failure groups of kind p in period t            count
w[t], S     length of a period, of a start                  1 / FINER of the program's unit of time
lambda[t]   part of a start that t pays for being dearer    as S
r           how far above v a fleet may be                  price x time
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_arrays import period_of, ties, too_much_at_once
from recommender.solvers.fleet_search.fleets import Integers, Period, TooMany, fleets_within
from recommender.solvers.fleet_search.rounds import FORBIDDEN, Layers, cheapest

FINER = 8
"""Prices of starts are multiples of 1 / FINER of a start."""
LEAST_SHARE = 4
"""A period keeps at least 1 / LEAST_SHARE of its length as a[t]: else its fleets have no limit."""
MOST_FLEETS = 2_500
"""Per period; more are too many changes to look at."""
FIRST_SHARE = 256
"""The first r is this part of what is open; each is GROWTH times the one before."""
GROWTH = 4


def is_searchable(question: OverDay) -> bool:
    """Whether starts are all that couples periods, and rows name counts of groups only."""
    service = question.service
    others = (
        bool(question.committed),
        service.max_types is not None,
        service.carbon_g_per_h is not None,
        service.budget_usd_per_h is not None,
        service.objectives[0] != "cost",
        any(service.tolerances),
    )
    return bool(question.start_up_min) and not any(others)


@dataclass(frozen=True, slots=True)
class Best:
    """A round: what it costs above L, and its fleet in each period with demand."""

    value: int
    fleets: list[Integers]


@dataclass(frozen=True, slots=True)
class Started:
    """The best round so far.

    Attributes
    ----------
    fleets
        Group name -> number, per period with demand.
    cost, bound
        What it costs, and what no day costs less than, in the unit of the program over the day.
    ties_broken
        Whether it is the best of its cost in the objectives that follow.
    """

    fleets: dict[Block, dict[str, int]]
    cost: int
    bound: int
    ties_broken: bool


@dataclass
class Search:
    """One search; `least` is the proven least cost of every period alone."""

    question: OverDay
    least: Mapping[Block, int]
    deadline: float
    periods: list[Period] = field(default_factory=list)
    best: Best | None = None
    reached: int = -1
    ties_broken: bool = False

    def __post_init__(self) -> None:
        blocks = self.question.busy
        self.start = FINER * self.question.start_up_min // self.question.unit_min
        self.weight = [FINER * self.question.weight(block) for block in blocks]
        self.value = [self.least[block] for block in blocks]
        self.charged = self._charged()
        self.lower = sum(a * v for a, v in zip(self._own_weights(), self.value, strict=True))

    @property
    def bound(self) -> int:
        """L, in the unit of the program over the day."""
        return -(-self.lower // FINER)

    def run(self) -> Started | None:
        """The best round that was found; None where a row has switches, or nothing is found."""
        for block in self.question.busy:
            period = period_of(self.question.at(block))
            if period is None:
                return None
            self.periods.append(period)
        with suppress(TooMany, TimeoutError):
            self._widen()
        if self.best is None:
            return None
        bound = self.lower + min(self.best.value, self.reached)
        ties_broken = self.ties_broken and self.best.value <= self.reached
        ties_broken &= self.start not in self.weight  # fleets that are not minimal may tie there
        cost, rest = divmod(self.lower + self.best.value, FINER)
        assert rest == 0, "lengths and starts are whole units of time"
        return Started(self._fleets(), cost, -(-bound // FINER), ties_broken)

    def _widen(self) -> None:
        """Rounds through fleets within a growing r, until r is what is open."""
        r = 0
        while self.best is None or self.best.value > self.reached:
            found = self._round(r)
            self.reached = r
            self.best = found or self.best
            self._in_time()
            if self.best is None and r > sum(self.value) * self.weight[0]:
                return  # no fleets fit one after the other, as far as this looks
            open_value = sum(self.value) * self.start if self.best is None else self.best.value
            r = max(GROWTH * r, open_value // FIRST_SHARE, 1)
            r = r if self.best is None else min(r, self.best.value)

    def _charged(self) -> list[int]:
        """lambda: a whole start where the least cost rises, within what periods can bear.

        max sum lambda[t] (v[t] - v[t-1]) over multiples of S / FINER: a round through them.
        """
        price = np.arange(FINER + 1) * (self.start // FINER)
        rises = [
            v - (self.value[t - 1] if self._follows(t) else 0) for t, v in enumerate(self.value)
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
        return [int(price[s]) for s in found.states]

    def _follows(self, t: int) -> bool:
        """Whether the period before has demand too; else nothing ran."""
        return self.question.before(self.question.busy[t]) in self.question.busy

    def _own_weights(self) -> Iterator[int]:
        """a[t]."""
        count = len(self.weight)
        for t in range(count):
            after = (t + 1) % count
            charged = self.charged[after] if self._follows(after) else 0
            yield self.weight[t] + self.charged[t] - charged

    def _round(self, r: int) -> Best | None:
        """The cheapest round through fleets within r, unless it is dearer than the best."""
        limit = FORBIDDEN - 1 if self.best is None else self.best.value
        fleets, own = [], []
        for t, a in enumerate(self._own_weights()):
            found = fleets_within(
                self.periods[t],
                self.value[t] + r // a,
                most=MOST_FLEETS,
                all_fleets=self.weight[t] < self.start,
            )
            self._in_time()
            fleets.append(found)
            own.append(a * (found @ self.periods[t].price - self.value[t]))
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
        return Best(found_round.value, [f[k[s]] for f, k, s in chosen])

    def _is_late(self) -> bool:
        return time.perf_counter() > self.deadline

    def _in_time(self) -> None:
        if self._is_late():
            raise TimeoutError

    def _change(self, t: int, before: Integers, now: Integers) -> Integers:
        """Value of every change into a period; FORBIDDEN where both fleets do not fit at once."""
        self._in_time()
        period, follows = self.periods[t], self._follows(t)
        if not follows:
            before = np.zeros_like(before)
        value = np.zeros((len(before), len(now)), np.int64)
        for p, price in enumerate(period.price):
            more = now[None, :, p] - before[:, None, p]
            value += int(price) * (self.start * np.maximum(more, 0) - self.charged[t] * more)
        if follows and len(self.periods) > 1:
            value[too_much_at_once(self.question.at(self.question.busy[t]), before, now)] = (
                FORBIDDEN
            )
        return value

    def _fleets(self) -> dict[Block, dict[str, int]]:
        assert self.best is not None
        return {
            block: {name: int(n) for name, n in zip(period.names, counts, strict=True) if n}
            for block, period, counts in zip(
                self.question.busy, self.periods, self.best.fleets, strict=True
            )
        }

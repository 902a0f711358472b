r"""How many nodes to own or reserve: a search over their counts, each period solved on its own.

    value(c)  =  W price . c  +  sum_t w[t] v_t(c)        v_t(c): least rented cost of period t
    box       =  all c with  lo <= c <= hi
    bound     =  W price . lo  +  sum_t w[t] v_t(hi)      more committed nodes never rent more

Symbol   Meaning                                                              Unit
c        committed groups, one kind per offer                                 count
v_t      optimum of t where committed groups cost nothing and c of them       price units
         are in stock; it is served by some of them, the rest stand by

Boxes are split by rising bound; hi of each is a plan. With no limit on what runs at once, on shares
or on types, a committed group too many breaks no row, so that v_t falls in c and the bound holds.
Every v_t is proven like any plan, and so is the optimum.
"""

import heapq
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import prod

from recommender.formulation.periods import Block, OverDay
from recommender.formulation.periods_program import useful_counts
from recommender.formulation.single_service import Objective
from recommender.formulation.solve_single_service import Solution, solve_single_service
from recommender.formulation.spare_search import left
from recommender.program.canonical import price_units
from recommender.solvers.outcome import Outcome, Status
from recommender.solvers.prove import DECIDED, combined

Counts = tuple[int, ...]
MOST_VECTORS = 20_000
"""Beyond, one program for the whole day is the better way."""


def is_searchable(question: OverDay) -> bool:
    """Whether committed counts are all that couples periods, and there are not too many."""
    service = question.service
    others = (
        question.start_up_min,
        service.objectives[0] != "cost",
        any(service.tolerances),
        service.max_types is not None,
        service.carbon_g_per_h is not None,
        service.power_w is not None,
        service.max_accelerators is not None,
        service.max_nodes is not None,
        service.racks is not None,
        service.min_utilisation is not None,
        service.compares_rates,
        service.min_spread,
        service.need_one_of,
        service.survive_rack,
    )
    committed = question.committed
    if any(others) or len({group.offer for group in committed}) < len(committed):
        return False
    return prod(count + 1 for count in _useful(question, question.peak)) <= MOST_VECTORS


@dataclass
class Search:
    """One search; `solved` remembers each period at each count that it can tell apart."""

    question: OverDay
    solver: str | None
    deadline: float
    solved: dict[tuple[Block, Counts], Solution] = field(default_factory=dict)
    useful: dict[Block, Counts] = field(default_factory=dict)

    def run(self) -> tuple[dict[Block, dict[str, int]], Outcome]:
        """Group name -> number per period with demand, and what is proven of them."""
        top = _useful(self.question, self.question.peak)
        none = tuple(0 for _ in top)
        best, least = top, self._value(top)
        if least is None:
            return {}, self._nothing()
        bound = self._bound(none, top) or 0
        boxes = [(bound, none, top)] if top != none else []
        while boxes:
            bound, lo, hi = heapq.heappop(boxes)
            if bound >= least or time.perf_counter() > self.deadline:
                break
            for low, high in _halves(lo, hi):
                value, below = self._value(high), self._bound(low, high)
                if value is not None and value < least:
                    best, least = high, value
                if below is not None and low != high:
                    heapq.heappush(boxes, (below, low, high))
        else:
            bound = least
        fleets = self._fleets(best)
        values = fleets[self.question.peak]
        return fleets, self._outcome(values, least, min(bound, least))

    def _value(self, counts: Counts) -> int | None:
        rented = self._rented(counts)
        return None if rented is None else self._price(counts) + rented

    def _bound(self, lo: Counts, hi: Counts) -> int | None:
        rented = self._rented(hi)
        return None if rented is None else self._price(lo) + rented

    def _price(self, counts: Counts) -> int:
        committed = self.question.committed
        units = (price_units(usd_per_h=g.usd_per_h) for g in committed)
        return self.question.day * sum(u * n for u, n in zip(units, counts, strict=True))

    def _rented(self, counts: Counts) -> int | None:
        """Sum of w[t] v_t; None where a period has no plan with so many."""
        total = 0
        for block in self.question.busy:
            solution = self._period(block, counts)
            if not solution.counts:
                return None
            total += self.question.weight(block) * (solution.outcome.objective or 0)
        return total

    def _period(self, block: Block, counts: Counts) -> Solution:
        if block not in self.useful:
            self.useful[block] = _useful(self.question, block)
        told_apart = tuple(map(min, counts, self.useful[block]))
        key = (block, told_apart)
        if key not in self.solved:
            self.solved[key] = self._solve(block, told_apart, ("cost",))
        return self.solved[key]

    def _solve(self, block: Block, counts: Counts, objectives: tuple[Objective, ...]) -> Solution:
        """The period with so many committed groups at hand, at no cost."""
        at = self.question.at(block)
        stock = dict(zip((g.name for g in self.question.committed), counts, strict=True))
        groups = tuple(
            replace(g, usd_per_h=0.0, stock=stock[g.name] * g.nodes) if g.committed else g
            for g in at.groups
            if not g.committed or stock[g.name]
        )
        service = replace(at, groups=groups, objectives=objectives)
        return solve_single_service(service, solver=self.solver, time_limit_s=left(self.deadline))

    def _fleets(self, counts: Counts) -> dict[Block, dict[str, int]]:
        """All committed groups in every period, and what is rented, ties broken as asked."""
        committed = {g.name: n for g, n in zip(self.question.committed, counts, strict=True) if n}
        fleets = {}
        for block in self.question.busy:
            known = self._period(block, counts)
            found = self._solve(block, counts, self.question.service.objectives)
            if not found.counts or _rent(found) > _rent(known):  # out of time
                found = known
            rented = {
                name: n for name, n in found.counts.items() if not found.groups[name].committed
            }
            fleets[block] = {**rented, **committed}
        return fleets

    def _outcome(self, values: Mapping[str, int], least: int, bound: int) -> Outcome:
        parts = [solution.outcome for solution in self.solved.values()]
        exact = all(part.status in DECIDED for part in parts)
        closed = exact and bound == least
        return Outcome(
            Status.OPTIMAL if closed else Status.FEASIBLE,
            values=values,
            objective=least,
            bound=bound if exact else None,
            solver=parts[-1].solver,
            seconds=sum(part.seconds for part in parts),
            proof=combined(parts) if closed else (),
        )

    def _nothing(self) -> Outcome:
        """A period has no plan even with all that can be committed."""
        parts = [solution.outcome for solution in self.solved.values()]
        stops = next(part for part in parts if not part.values)
        return replace(stops, objective=None, bound=None)


def _rent(solution: Solution) -> int:
    """What is paid by the hour; committed groups are at hand for nothing [price units]."""
    price = {name: price_units(usd_per_h=g.usd_per_h) for name, g in solution.groups.items()}
    return sum(price[name] * n for name, n in solution.counts.items())


def _halves(lo: Counts, hi: Counts) -> list[tuple[Counts, Counts]]:
    """The box in two, across its longest side."""
    side = max(range(len(lo)), key=lambda i: hi[i] - lo[i])
    middle = (lo[side] + hi[side]) // 2
    return [
        (lo, (*hi[:side], middle, *hi[side + 1 :])),
        ((*lo[:side], middle + 1, *lo[side + 1 :]), hi),
    ]


def _useful(question: OverDay, block: Block) -> Counts:
    """Of each committed group, how many alone carry a period and survive its losses."""
    upper = useful_counts(question, block)
    return tuple(upper.get(group.name, 0) for group in question.committed)

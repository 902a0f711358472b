r"""The best pools over all splits of the budget: lazy refinement, best first.

    candidate     a split of the grid, and for both pools a format, a site (seller, region), and
                  the most bytes of a prompt token that a receiver pulls: ranks that hold copies
                  of heads, or the latent of MLA, pull each their own
    bound         sum over pools of (1+h) D * min over kinds of (objective per request/s)
    repeat        take the candidate with the smallest value (its bound, until it is solved)
                  settled:      it is the optimum of the grid
                  not solved:   solve it at the current rates: its value
                  else:         simulate the kinds that it uses, solve it again
    until         the smallest value is not below the ceiling (the plan without pools), or settled

Rates start as bounds from above (decision.rates), so a value that rests on one of them is a bound
from below on what its candidate costs: the first settled candidate at the head of the queue is
the best of the grid, on the condition stated there. Splits that share a part share its book.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from recommender.deadline import OutOfTime
from recommender.decision.question import Question
from recommender.decision.solved import Solved, solved
from recommender.decision.study import Study
from recommender.disaggregation.pool import Format, Pool, Side, Site
from recommender.disaggregation.pools_of import TwoPools
from recommender.disaggregation.pools_of_day import (
    mean_demand_per_s,
    tied_over_day,
    together_over_day,
)
from recommender.disaggregation.split import Split, splits
from recommender.disaggregation.transfer import Floats
from recommender.formulation.pools import Pools
from recommender.formulation.single_service import SingleService
from recommender.formulation.solve_pools import (
    PoolsSolution,
    all_bought,
    solve_together,
    together,
)
from recommender.program.canonical import PRICE_UNITS_PER_USD
from recommender.solvers.outcome import Status

Value = tuple[float, ...]
"""Objectives in turn, in canonical units; a shorter one is a bound on the first."""
NARROWER = 4.0
"""A candidate for narrower receivers moves at most a quarter as much as the one before."""
_PER_UNIT = {"cost": PRICE_UNITS_PER_USD}


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """Two pools that fit together."""

    split: Split
    formats: Format
    site: Site
    sides: Mapping[str, Side]


Entry = tuple[Value, int, Candidate, PoolsSolution | None, int]
"""Bound or value, number, candidate, its solution if it was solved, version of the rates there."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Found:
    """What the search came to.

    Attributes
    ----------
    best
        The optimum of the grid with its solution; None when nothing beats the ceiling.
    bound
        No pools cost less [canonical units of the first objective]; None where none serve.
    decided
        Whether the search ended before its time, with every solve it rests on proven.
    considered, solves, simulated
        Candidates of the grid, programs solved, kinds simulated.
    interrupted
        Whether Ctrl-C ended it.
    """

    best: tuple[Candidate, PoolsSolution] | None
    bound: float | None
    decided: bool
    considered: int
    solves: int
    simulated: int
    interrupted: bool = False

    @property
    def is_late(self) -> bool:
        """Whether the time was up before anything was found, and nobody else ended it."""
        return self.best is None and not self.decided and not self.interrupted


class Search:
    """One search; the pools keep their books for the next one."""

    def __init__(self, study: Study, pools: TwoPools, question: Question | None = None) -> None:
        self.study, self.pools = study, pools
        self.question = study.question if question is None else question
        self.considered = self.solves = self.simulated = 0
        self.unproven = False
        self._least_of: dict[tuple[str, Site], Floats] = {}
        self._parts: dict[tuple[object, ...], tuple[SingleService, Solved]] = {}

    def candidates(self) -> Iterator[Candidate]:
        """Every split with every format that both pools have."""
        prefill, decode = self.pools.prefill, self.pools.decode
        formats = sorted(set(prefill.formats) & set(decode.formats))
        request = self.study.request
        grid = splits(request.slo, request.workload.lengths)
        for split, shared, site in product(grid, formats, prefill.sites):
            for widest in widths(decode, shared):
                sides = {
                    pool.name: pool.side(split, shared, site, widest) for pool in (prefill, decode)
                }
                yield Candidate(split, shared, site, sides)

    def best(self, *, ceiling: Value | None = None, only: Candidate | None = None) -> Found:
        """The best of the grid (or of one candidate) below the ceiling."""
        queue: list[Entry] = []
        try:
            return self._searched(queue, ceiling, only)
        except OutOfTime:
            return self._settled_of(queue, ceiling)

    def _searched(self, queue: list[Entry], ceiling: Value | None, only: Candidate | None) -> Found:
        considered = self.considered = 0
        for candidate in self.candidates() if only is None else (only,):
            considered = self.considered = considered + 1
            least = self._least(candidate)
            if least < float("inf"):
                heapq.heappush(queue, ((least,), considered, candidate, None, -1))
        while queue:
            value, number, candidate, solution, version = heapq.heappop(queue)
            if ceiling is not None and value >= ceiling:
                return self._found(None, value[0], considered, decided=not self.unproven)
            current = solution is not None and version == _version(candidate)
            if solution is not None and current and not self._settle(candidate, solution):
                best = candidate, self._as_proven(solution)
                return self._found(best, value[0], considered, decided=not self.unproven)
            self.study.deadline.check()  # what is settled was returned: nothing is lost here
            solution = self.solve(candidate)
            if solution.outcome.status is Status.INFEASIBLE:
                continue
            if not solution.bought:
                raise OutOfTime
            self.unproven = self.unproven or solution.outcome.status is not Status.OPTIMAL
            entry = (solution.objectives, number, candidate, solution, _version(candidate))
            heapq.heappush(queue, entry)
        return self._found(None, None, considered)

    def _as_proven(self, solution: PoolsSolution) -> PoolsSolution:
        """The solution; not best for certain where another candidate's was not proven."""
        if not self.unproven:
            return solution
        outcome = replace(solution.outcome, status=Status.FEASIBLE, proof=())
        return replace(solution, outcome=outcome)

    def _settled_of(self, queue: list[Entry], ceiling: Value | None) -> Found:
        """The best that rests on settled kinds when the time is up, not proven; if there is one."""
        settled = [
            (value, number, candidate, solution)
            for value, number, candidate, solution, version in queue
            if solution is not None
            and version == _version(candidate)
            and not any(s.unsettled(all_bought(solution, n)) for n, s in candidate.sides.items())
            and (ceiling is None or value < ceiling)
        ]
        if not settled:
            return self.undecided()
        _, _, candidate, solution = min(settled, key=lambda entry: entry[:2])
        self.unproven = True
        best = candidate, self._as_proven(solution)
        return self._found(best, None, self.considered, decided=False)

    def undecided(self) -> Found:
        """What is known when a search is broken off: nothing."""
        return self._found(None, None, 0, decided=False)

    def _found(
        self,
        best: tuple[Candidate, PoolsSolution] | None,
        bound: float | None,
        considered: int,
        *,
        decided: bool = True,
    ) -> Found:
        return Found(
            best=best,
            bound=bound,
            decided=decided,
            considered=considered,
            solves=self.solves,
            simulated=self.simulated,
        )

    def solve(self, candidate: Candidate) -> PoolsSolution:
        """The candidate at the current rates."""
        spec, fleets = self.study.request.spec, {}
        known = {name: self._key(side) for name, side in candidate.sides.items()}
        for name, side in candidate.sides.items():
            kept = self._parts.get(known[name])
            fleets[name] = side.fleet(self.question) if kept is None else kept[0]
        pools, day = Pools(fleets=tuple(fleets.values())), self.question.day
        budget, left_s = self.question.budget_usd_per_h, self.study.deadline.left_s
        if pools.shares_more_than_a_budget and day is not None:
            self.solves += 1
            return tied_over_day(
                day, pools.fleets, budget_usd_per_h=budget, solver=spec.solver, time_limit_s=left_s
            )
        if pools.is_joint and day is None:
            self.solves += 1
            return solve_together(pools, solver=spec.solver, time_limit_s=left_s)
        found = {name: self._part(known[name], fleet) for name, fleet in fleets.items()}
        if day is not None:
            return together_over_day(day, found, budget_usd_per_h=budget)
        return together(pools.fleets, [solution for solution, _ in found.values()])

    def question_of(self, candidate: Candidate) -> Pools:
        """The program's question at the current rates."""
        return Pools(fleets=tuple(side.fleet(self.question) for side in candidate.sides.values()))

    def _part(self, key: tuple[object, ...], fleet: SingleService) -> Solved:
        """One pool by itself; splits share their halves."""
        if key not in self._parts:
            spec = self.study.request.spec
            self.solves += 1
            left_s = self.study.deadline.left_s
            self._parts[key] = fleet, solved(fleet, self.question, spec.solver, left_s)
        return self._parts[key][1]

    def _key(self, side: Side) -> tuple[object, ...]:
        return side.pool.name, side.site, id(side.book), side.book.version, side.most.tobytes()

    def _settle(self, candidate: Candidate, solution: PoolsSolution) -> bool:
        """Simulate what the solution uses; False where all of it is settled."""
        settled = True
        for name, side in candidate.sides.items():
            rows = side.unsettled(all_bought(solution, name))
            side.settle(rows, self.study.deadline)
            self.simulated += len(rows)
            settled = settled and not rows
        return not settled

    def _least(self, candidate: Candidate) -> float:
        """Bound on the first objective, in canonical units; infinite where a pool has no kind."""
        objective = self.question.objectives[0]
        per_request = sum(
            side.least(self._per_accelerator(side, objective)) for side in candidate.sides.values()
        )
        demand = mean_demand_per_s(self.question) * (1 + self.question.headroom)
        return per_request * demand * _PER_UNIT.get(objective, 1)

    def _per_accelerator(self, side: Side, objective: str) -> Floats:
        key = side.pool.name, side.site
        if key not in self._least_of:
            self._least_of[key] = per_accelerator(side, objective)
        return self._least_of[key]


@lru_cache(maxsize=256)
def widths(decode: Pool, formats: Format) -> tuple[float, ...]:
    """Most bytes of a prompt token that receivers may pull, from all kinds to the narrowest [B]."""
    received = [] if decode.received_bytes is None else decode.received_bytes.tolist()
    own = {width for width, of in zip(received, decode.formats, strict=True) if of == formats}
    found: list[float] = []
    for width in sorted(own, reverse=True):
        if not found or width * NARROWER <= found[-1]:
            found.append(width)
    return tuple(found)


def _version(candidate: Candidate) -> int:
    return sum(side.book.version for side in candidate.sides.values())


def per_accelerator(side: Side, objective: str) -> Floats:
    """Objective per accelerator of each kind of node, at the cheapest offer of the site."""
    market = side.market
    least = np.full(len(side.pool.kinds.table.hardware), np.inf)
    for offer, kinds in zip(market.offers, market.kinds_of_offer, strict=True):
        of_node = {
            "cost": offer.usd_per_h,
            "power": offer.nameplate_power_w,
            "accelerators": float(offer.node_accelerators),
            "nodes": 1.0,
        }[objective]
        for kind in kinds:
            least[kind] = min(least[kind], of_node / offer.node_accelerators)
    return least

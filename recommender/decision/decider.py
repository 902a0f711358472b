"""The decision: which failure groups to buy, by lazy refinement of the rates.

    repeat
        build the best groups of every kind of node from the current rates
        solve the program
        settle (simulate) the replica kinds that the optimum uses
    until the optimum uses settled kinds only

Where a row compares rates with each other (shares, utilisation, mean quality, carbon at planned
load), a rate that is too high can make it fail. Nothing is called infeasible there before every
kind on offer is settled; and once the optimum is settled the other kinds on offer are, too, as far
as half of the time suffices: rates that they do not have may have kept their plans out.

The last optimum is best for the settled rates: every kind that was never simulated entered its
program with a bound on its rate (at the 95 % level, kind by kind), and a lower rate would only
take plans away, none of them this one. That does not need rates to fall from round to round (a
simulation may end above the bound, and that rate stands), but it needs rows and objectives in
which a larger rate is never worse: see `recommender.decision.rates`. Pruning is redone from all
kinds in every round, because a kind that was pruned by an optimistic rate returns when that rate
falls.

All solves and simulations take what is left of one deadline. While rates are to be simulated, a
solve may take half of it, so that one that cannot be closed leaves time for the simulations of
what it found; an optimum that rests on settled kinds and is not proven then gets all the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from recommender.deadline import Deadline, OutOfTime, deadline_in, moment_after
from recommender.decision.cut_short import GRACE_S, INTERRUPTED, cut_short, out_of_time
from recommender.decision.decision import Decision, Purchase
from recommender.decision.few_groups import few_groups
from recommender.decision.groups_on_offer import Allowed, GroupsOnOffer, every_kind
from recommender.decision.question import Question
from recommender.decision.rates import Rates
from recommender.decision.single import best_single
from recommender.decision.solved import Solved, solved
from recommender.enumeration.market import Market
from recommender.enumeration.replica_table import ReplicaTable
from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.single_service import Objective, SingleService
from recommender.formulation.solve_single_service import Solution
from recommender.solvers.outcome import Status, not_minimised

HALF = 0.5
"""Share of what is left that a solve may take while rates are to be simulated."""
TENTH = 0.1
"""The same where rows compare rates: dozens of kinds are simulated until the best plan rests on
settled ones, and a good plan names them as well as the best one does."""
UNSTATED_S = 60.0
OPEN = (Status.FEASIBLE, Status.NOT_REACHED)


class Decider:
    """Solves variants of one request (limits, markets) on one book of rates."""

    def __init__(
        self, table: ReplicaTable, rates: Rates, *, break_ties: bool = True, few: bool = False
    ) -> None:
        self.table = table
        self.rates = rates
        self.break_ties = break_ties
        self.few = few
        """Whether a few groups are enough: a plan of them proves nothing (`few_groups`)."""

    def decide(
        self,
        market: Market,
        question: Question,
        *,
        allowed: Allowed = every_kind,
        deadline: Deadline | None = None,
        solver: str | None = None,
    ) -> Decision:
        """Refine until the optimum rests on settled kinds.

        Parameters
        ----------
        allowed
            Replica kinds that may be used, by position in the table.
        deadline
            When the time is up; in a minute unless given.
        """
        reached: list[Solution] = []
        within = deadline or deadline_in(UNSTATED_S)
        try:
            return self._refined(market, question, allowed, within, solver, reached)
        except OutOfTime:
            why, grace = out_of_time(len(reached)), moment_after(within, GRACE_S)
            return self._cut_short(market, question, allowed, _last(reached), why, grace)
        except KeyboardInterrupt:
            if not reached or question.day is not None:
                raise
            grace = deadline_in(GRACE_S)
            left = self._cut_short(market, question, allowed, _last(reached), INTERRUPTED, grace)
            if not left.purchase:
                raise
            return replace(left, interrupted=True)

    def settle_for(
        self,
        market: Market,
        question: Question,
        *,
        allowed: Allowed,
        deadline: Deadline,
        solver: str | None,
    ) -> None:
        """Settle what the optimum of a question uses, as far as the time suffices for it."""
        with suppress(OutOfTime):
            self._refined(market, question, allowed, deadline, solver, [])

    def _refined(
        self,
        market: Market,
        question: Question,
        allowed: Allowed,
        deadline: Deadline,
        solver: str | None,
        reached: list[Solution],
    ) -> Decision:
        """The loop; the optimum of each round goes to `reached`."""
        on_offer = GroupsOnOffer(market, question, self.table, self.rates, allowed=allowed)
        last = bool(self.rates.settled.all())  # nothing is left to simulate
        looking = deadline.share(HALF)
        while True:
            limit = deadline if last else deadline.share(TENTH if question.compares_rates else HALF)
            groups = on_offer.groups()
            if self.few:
                groups = few_groups(groups, question)
            if question.single:
                groups = best_single(groups, question)
            problem = replace(question.about(groups), stated=question.stated)
            solution, fleets = self._in_passes(problem, question, solver, limit)
            purchase = fleets[0 if question.day is None else question.day.peak]
            unsettled = self._unsettled(tuple(pair for fleet in fleets for pair in fleet))
            reached.append(solution)
            ruled_out = solution.outcome.status is Status.INFEASIBLE
            if ruled_out and question.compares_rates:
                unsettled = self._unsettled_of(groups)
            if not unsettled:
                if self._settled_beside(question, solution, groups, allowed, on_offer, looking):
                    continue
                if last or solution.outcome.status not in OPEN or deadline.is_over:
                    break
                last = True
                continue
            for position in unsettled:
                deadline.check()
                self.settle(position, allowed, deadline)
                on_offer.rate_changed(position)
        if solution.outcome.status is Status.NOT_REACHED and not self.rates.settled.all():
            raise OutOfTime
        bought = fleets if question.day is not None and purchase else ()
        return Decision(solution, purchase, len(reached), question.day, bought)

    def _cut_short(
        self,
        market: Market,
        question: Question,
        allowed: Allowed,
        last: Solution,
        why: str,
        grace: Deadline,
    ) -> Decision:
        """The best plan of kinds that are settled, if any (see cut_short)."""
        settled = self.rates.settled
        groups = GroupsOnOffer(
            market,
            question,
            self.table,
            self.rates,
            allowed=lambda p: bool(settled[p]) and allowed(p),
        ).groups()
        if question.single:
            groups = best_single(groups, question)
        problem = question.about(groups)
        first = replace(problem, objectives=problem.objectives[:1])
        found, fleets = solved(first, question, None, grace.left_s)
        solution = cut_short(question, found, last, why=why)
        if not solution.counts:
            return Decision(solution, (), rounds=0)
        if question.day is None:
            return Decision(solution, fleets[0], rounds=0)
        return Decision(solution, fleets[question.day.peak], 0, question.day, fleets)

    def _unsettled_of(self, groups: Sequence[FailureGroup]) -> list[int]:
        """Kinds of any group on offer: rows that compare rates can fail on rates too high."""
        return self._unsettled(tuple((group, 1) for group in groups))

    def _settled_beside(
        self,
        question: Question,
        solution: Solution,
        groups: Sequence[FailureGroup],
        allowed: Allowed,
        on_offer: GroupsOnOffer,
        looking: Deadline,
    ) -> bool:
        """Whether kinds were settled that an optimum does not use, and whose rates may hide a
        better one: a row that compares rates was broken, or an objective worse, at their bounds.
        """
        rates_matter = question.compares_rates or question.grows_with_rates
        if not rates_matter or solution.outcome.status is not Status.OPTIMAL:
            return False
        settled = False
        with suppress(OutOfTime):
            for position in self._unsettled_of(groups):
                looking.check()
                self.settle(position, allowed, looking)
                on_offer.rate_changed(position)
                settled = True
        return settled

    def _in_passes(
        self, problem: SingleService, question: Question, solver: str | None, limit: Deadline
    ) -> Solved:
        """What the last pass comes to that is needed: a plan that is not settled ends them.

        An optimum of the one objective that is asked for stands, also where time did not suffice
        to break its ties.
        """
        known: Solved | None = None
        for objectives in self._passes(problem):
            asked = replace(problem, objectives=objectives)
            found = solved(asked, question, solver, limit.left_s)
            if known is not None and found[0].outcome.status in OPEN and question.stated == 1:
                message = not_minimised(problem.objectives[1], found[0].outcome)
                outcome = replace(known[0].outcome, message=message)
                return replace(known[0], outcome=outcome), known[1]
            known = found
            solution, fleets = found
            bought = tuple(pair for fleet in fleets for pair in fleet)
            planned = fleets[0 if question.day is None else question.day.peak]
            if self._unsettled(bought) or not planned or solution.outcome.status in OPEN:
                break
        assert known is not None  # there is a pass, whatever the rates
        return known

    def _passes(self, problem: SingleService) -> Iterator[tuple[Objective, ...]]:
        """Ties are broken only once the optimum is settled: half the solves."""
        if not (self.break_ties and self.rates.settled.all()):
            yield problem.objectives[:1]
        if self.break_ties:
            yield problem.objectives

    def groups(self, market: Market, question: Question) -> list[FailureGroup]:
        """What can be bought at the current rates, with all that the question looks at."""
        return GroupsOnOffer(market, question, self.table, self.rates).groups()

    def _unsettled(self, purchase: Purchase) -> list[int]:
        used = {int(key) for group, _ in purchase for key in group.replicas}
        return sorted(position for position in used if not self.rates.settled[position])

    def settle(self, position: int, allowed: Allowed, deadline: Deadline | None = None) -> None:
        """Simulate a kind; first only whether it can beat the best settled one of its node.

        Raises OutOfTime when the deadline ends it; the kind then keeps its bound.
        """
        rival = self._best_settled_per_accelerator(position, allowed)
        threshold = rival * float(self.table.accelerators[position])
        worth_a_try = 0 < threshold < float(self.rates.rate[position])
        if not (worth_a_try and self.rates.cap(position, threshold)):
            self.rates.settle(position, deadline)

    def _best_settled_per_accelerator(self, position: int, allowed: Allowed) -> float:
        """Rate per accelerator of the best settled kind on nodes of the same kind [requests/s]."""
        rows = self.table.of_hardware(int(self.table.hardware_index[position]))
        rivals = [
            int(row)
            for row in rows[self.rates.settled[rows]]
            if self.table.nodes[row] == self.table.nodes[position] and allowed(int(row))
        ]
        if not rivals:
            return 0.0
        return float((self.rates.rate[rivals] / self.table.accelerators[rivals]).max())


def _last(reached: Sequence[Solution]) -> Solution:
    """The last solution, with what was known last without the rows that compare rates."""
    loose = next((s.loose for s in reversed(reached) if s.loose is not None), None)
    return replace(reached[-1], loose=loose)

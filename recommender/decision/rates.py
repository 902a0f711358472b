"""What each replica kind can carry within the SLO: bounds first, simulation where it matters.

Symbol    Meaning                                                           Unit
rate      current bound on the rate of one replica, lambda-bar              requests/s
settled   whether the rate may stand in a plan                              boolean

Trust    Starts from                                Settled
SIMULATED  closed form x its upper 95 % factor      when simulated
SAFE       closed form x its lower 95 % factor      at once (`--fast`, batches)
CENTRAL    closed form                              at once (comparisons of margins)

Lazy refinement starts from optimistic rates and settles only the kinds that an optimum uses;
every other kind keeps a bound that is at least its true rate (at the 95 % level of the closed
form, kind by kind; less often where limits leave less than half of the capacity, see
`rate_factors`), so the last optimum cannot be beaten by a kind whose bound holds.

This holds where a larger rate is never worse: for demand, spare and losses, and for every limit
and objective that does not read rates. Where one does (least utilisation, provider shares, mean
quality loss; planned power, and with it carbon and energy, grows with the rate), a bound that is
too high can hide a kind, and the optimum is that of the book of rates, not beyond it.
"""

from enum import Enum
from math import inf

import numpy as np
import numpy.typing as npt

from recommender.deadline import Deadline
from recommender.performance.step_law import StepLaw
from recommender.queueing.largest_rate import Factor, largest_rate
from recommender.slo import Slo
from recommender.workload import Workload


class Trust(Enum):
    """How a rate becomes good enough for a plan."""

    SIMULATED = "simulated"
    SAFE = "closed form, 95 % lower factor"
    CENTRAL = "closed form"


_FACTOR: dict[Trust, Factor] = {
    Trust.SIMULATED: "upper",
    Trust.SAFE: "lower",
    Trust.CENTRAL: "central",
}


def held_rate(
    law: StepLaw, workload: Workload, slo: Slo, *, factor: Factor = "central"
) -> npt.NDArray[np.float64]:
    """Largest rate by closed forms of which replicas hold their share in every period."""
    each = [largest_rate(law, w, slo, factor=factor) / share for w, share in workload.held_in]
    found: npt.NDArray[np.float64] = np.min(each, axis=0)
    return found


class Rates:
    """Mutable book of rates; pruning must be redone after a change."""

    def __init__(
        self,
        law: StepLaw,
        workload: Workload,
        slo: Slo,
        trust: Trust,
        *,
        rate: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self.law = law
        self.workload = workload if workload.quieter else workload.quietest
        self.slo = slo
        self.trust = trust
        self.rate: npt.NDArray[np.float64] = (
            held_rate(law, workload, slo, factor=_FACTOR[trust]) if rate is None else rate
        )
        settled = trust is not Trust.SIMULATED or rate is not None
        self.settled: npt.NDArray[np.bool_] = np.full(len(law), settled)
        self.closed: npt.NDArray[np.bool_] = np.zeros(len(law), dtype=np.bool_)
        """In a copy for comparisons: kinds that were never simulated, by their closed form."""

    def frozen(self) -> "Rates":
        """A copy for comparisons: no more simulation, closed forms where nothing is settled.

        No rate is above its bound here, so no optimum on the copy beats the one proven here.
        """
        if self.settled.all():
            return self
        central = held_rate(self.law, self.workload, self.slo)
        rate = np.where(self.settled, self.rate, np.minimum(central, self.rate))
        copy = Rates(self.law, self.workload, self.slo, self.trust, rate=rate)
        copy.closed = ~self.settled
        return copy

    def thawed(self) -> "Rates":
        """A book to simulate in, from a copy for comparisons: bounds again where it has closed
        forms, and what was simulated as it is. What is settled in it leaves the copy as it was.
        """
        book = Rates(self.law, self.workload, self.slo, self.trust)
        known = ~self.closed
        book.rate[known] = self.rate[known]
        book.settled[known] = True
        return book

    def in_period(self, workload: Workload) -> "Rates":
        """What replicas are planned with in a period of the day (`Workload.of_period`)."""
        share = workload.planned_share
        if share == 1.0:
            return self
        copy = Rates(self.law, workload, self.slo, self.trust, rate=self.rate * share)
        copy.settled, copy.closed = self.settled, self.closed
        return copy

    def settle(self, position: int, deadline: Deadline | None = None) -> None:
        """Simulate the largest rate of one kind within the SLO and put it in the book.

        Raises OutOfTime, and leaves the book as it is, when the deadline ends the search.
        """
        from recommender.queueing.simulated_rate import simulated_rate

        law, held = self.law.take(position), inf
        for workload, share in self.workload.held_in:
            found = simulated_rate(
                law,
                workload,
                self.slo,
                guess=min(float(self.rate[position]), held) * share,
                before_run=deadline.check if deadline else lambda: None,
            )
            held = min(held, found.requests_per_s / share)
            if held <= 0.0:
                break
        self.rate[position] = held
        self.settled[position] = True

    def cap(self, position: int, requests_per_s: float) -> bool:
        """Try to show by one simulation that a kind does not hold this rate; lower it if so.

        The run is one of those that `settle` would make (same requests, same seed), so a rate
        that does not hold here lies above what `settle` would find.
        """
        from recommender.queueing.simulated_rate import holds

        law = self.law.take(position)
        periods = self.workload.held_in
        if all(holds(law, w, self.slo, requests_per_s * s) == "holds" for w, s in periods):
            return False
        # Strictly below, so that the settled rival wins the tie in the next round.
        self.rate[position] = min(self.rate[position], requests_per_s * (1 - 1e-9))
        return True

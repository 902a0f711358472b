"""The rates that a whole front rests on: simulated, of every kind of replica its plans may need.

    repeat   columns of the front's programs at the rates of now (undominated groups)
             simulate the kinds in them that are not simulated yet
    until    all of them are

A kind that is never simulated is in no column even at its upper bound: something simulated is as
good on every axis and in every row. It then stands at its closed form times the lower 95 % factor,
which changes no point. So the front is one of the rates that `recommend` plans with, and its
cheapest point is that plan.

Half of what is left of the time may go into this. Kinds that it does not suffice for stand at the
same safe closed forms: every point holds, and some could be cheaper.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.deadline import OutOfTime
from recommender.decision.decider import HALF
from recommender.decision.groups_on_offer import every_kind
from recommender.decision.rates import Rates, Trust
from recommender.decision.study import Study
from recommender.errors import SpecError
from recommender.formulation.single_service import SingleService

Programs = Callable[[], Sequence[SingleService]]
"""The programs of a front, at the rates of now."""


@dataclass(frozen=True, eq=False, slots=True)
class FrontRates:
    """A book of rates for all points of a front.

    Attributes
    ----------
    simulated
        Replica kinds with a simulated rate [count].
    whole
        Whether every kind that a plan may need is among them.
    interrupted
        Whether Ctrl-C ended the simulations.
    """

    rates: Rates
    simulated: int
    whole: bool
    interrupted: bool = False


def rates_on_offer(
    study: Study, programs: Programs, told: Callable[[int], None] = lambda kinds: None
) -> FrontRates:
    """Simulate, in the study's book, what the programs of a front need.

    `told` hears of the kinds simulated so far.
    """
    rates, within = study.rates, study.deadline.share(HALF)
    whole = interrupted = False
    try:
        while unsettled := _unsettled(programs(), rates):
            for position in unsettled:
                within.check()
                study.decider.settle(position, every_kind, within)
                told(int(rates.settled.sum()))
        whole = True
    except OutOfTime:
        pass
    except KeyboardInterrupt:
        interrupted = True
    safe = Rates(rates.law, rates.workload, rates.slo, Trust.SAFE).rate
    rate = np.where(rates.settled, rates.rate, safe)
    book = Rates(rates.law, rates.workload, rates.slo, Trust.SIMULATED, rate=rate)
    return FrontRates(book, int(rates.settled.sum()), whole, interrupted)


def _unsettled(programs: Sequence[SingleService], rates: Rates) -> list[int]:
    """Kinds in the columns of any program that are not simulated."""
    groups = (column.group for program in programs for column in program.columns)
    inside = {int(key) for group in groups for key in group.replicas}
    return sorted(at for at in inside if not rates.settled[at])


def record_of(rates: Rates) -> dict[str, Any]:
    """What was simulated, as plain data: whole searches, and bounds that one run has lowered."""
    start = _bounds(rates)
    lowered = ~rates.settled & (rates.rate != start)
    return {
        "of": _fingerprint(start),
        "settled": _listed(rates, rates.settled),
        "bounds": _listed(rates, lowered),
    }


def restore(record: Mapping[str, Any], rates: Rates) -> None:
    """Put a record into a book that begins; SpecError where it is damaged or of another request."""
    try:
        of = record["of"]
        known = [(settled, int(at), float(rate))
                 for settled in (True, False)
                 for at, rate in record["settled" if settled else "bounds"]]  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise SpecError(f"rates in the file are damaged: {error!r}; start a new file") from error
    if of != _fingerprint(rates.rate):
        raise SpecError("the file holds a front of another request, step or catalogue")
    for settled, at, rate in known:
        if not (0 <= at < len(rates.rate) and isfinite(rate) and rate >= 0.0):
            raise SpecError(f"rates in the file are damaged: {at}, {rate}; start a new file")
        rates.rate[at], rates.settled[at] = rate, settled


def _listed(rates: Rates, which: npt.NDArray[np.bool_]) -> list[list[float]]:
    return [[int(at), float(rates.rate[at])] for at in np.flatnonzero(which)]


def _bounds(rates: Rates) -> npt.NDArray[np.float64]:
    return Rates(rates.law, rates.workload, rates.slo, Trust.SIMULATED).rate


def _fingerprint(bounds: npt.NDArray[np.float64]) -> str:
    """Of the bounds that a request begins with: its laws, lengths and limits are in them."""
    return sha256(bounds.tobytes()).hexdigest()[:32]

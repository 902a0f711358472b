"""A day of periods: which of them share a fleet, and what a day of fleets comes to.

    mean of f  =  (1/W) sum_t w[t] f(fleet of t)
    starts     =  sum over t and kinds of  max( n[p,t] - n[p,t-1], 0 )      elastic kinds
    mean cost  =  mean of price + (1/W) * start-up time * price of what is started

Periods of equal demand share a fleet, unless nodes take time to start: then each has its own.

Of bursts a replica gets a larger share where there are fewer requests, and carries less of them
within its limits. Instead of one rate per period a replica has one, lambda, and carries the share
rho[t] of it (`workload.quieter`), so that what the program calls demand is Q[t]/rho[t]:

    sum of rho[t] lambda n[p,t]  >=  Q[t]
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from recommender.formulation.failure_group import FailureGroup
from recommender.formulation.periods import Block
from recommender.request.profile import MINUTES_PER_DAY, Period
from recommender.request.spec import Spec
from recommender.workload import Workload

Fleet = Sequence[tuple[FailureGroup, int]]


@dataclass(frozen=True)
class Day:
    """Periods of the day, and the blocks of them that share a fleet.

    Attributes
    ----------
    block_of
        Per period, the position of its block.
    start_up_min
        Minutes that a node runs before the period that it is started for.
    of_service
        Q per block [requests/s]; empty where every rho is 1, so that it is the demand.
    """

    periods: tuple[Period, ...]
    blocks: tuple[Block, ...]
    block_of: tuple[int, ...]
    start_up_min: int
    of_service: tuple[float, ...] = ()

    @property
    def peak(self) -> int:
        """Position of the busiest block, the first of equals."""
        demands = [block.demand_per_s for block in self.blocks]
        return demands.index(max(demands))

    @property
    def requests_per_s(self) -> tuple[float, ...]:
        """Rate of the service per block."""
        return self.of_service or tuple(block.demand_per_s for block in self.blocks)

    def mean(self, fleets: Sequence[Fleet], value: Callable[[FailureGroup], float]) -> float:
        """Mean over the day of what a value of groups adds up to."""
        total = sum(
            block.minutes * sum(value(group) * count for group, count in fleet)
            for block, fleet in zip(self.blocks, fleets, strict=True)
        )
        return total / MINUTES_PER_DAY

    def start_up_usd_per_h(self, fleets: Sequence[Fleet]) -> float:
        """Mean cost of the time that nodes run before their period begins [$/h]."""
        started = sum(
            group.usd_per_h * count
            for position in range(len(self.blocks))
            for group, count in new_in(fleets[position], fleets[position - 1])
        )
        return started * self.start_up_min / MINUTES_PER_DAY if self.start_up_min else 0.0

    def mean_cost_usd_per_h(self, fleets: Sequence[Fleet]) -> float:
        """Mean cost, start-ups included [$/h]."""
        running = self.mean(fleets, lambda group: group.usd_per_h)
        return running + self.start_up_usd_per_h(fleets)


def new_in(fleet: Fleet, before: Fleet) -> Iterator[tuple[FailureGroup, int]]:
    """Elastic groups of a fleet that did not run in the one before."""
    ran = {group.name: count for group, count in before}
    for group, count in fleet:
        new = count - ran.get(group.name, 0)
        if new > 0 and not group.committed:
            yield group, new


def day_of(spec: Spec, workload: Workload | None = None) -> Day | None:
    """The day of a spec, at the rates of its workload; None where one fleet serves all of it."""
    periods = spec.periods
    if len({period.share for period in periods}) < 2:
        return None
    start_up_min = round((spec.start_up or 0.0) / 60)
    day = _each(periods, spec.qps, start_up_min) if start_up_min else _shared(periods, spec.qps)
    return day if workload is None else _planned(day, workload)


def _planned(day: Day, workload: Workload) -> Day:
    """The same with demands at which replicas carry their whole rate."""
    shares = tuple(workload.share_at(block.demand_per_s) for block in day.blocks)
    if all(share == 1.0 for share in shares):
        return day
    blocks = (
        replace(block, demand_per_s=block.demand_per_s / share)
        for block, share in zip(day.blocks, shares, strict=True)
    )
    return replace(day, blocks=tuple(blocks), of_service=day.requests_per_s)


def _shared(periods: Sequence[Period], qps: float) -> Day:
    """One block per share, in the order of their first period."""
    shares = list(dict.fromkeys(period.share for period in periods))
    blocks = []
    for share in shares:
        members = [period for period in periods if period.share == share]
        name = "+".join(period.label for period in members)
        blocks.append(Block(name, qps * share, sum(period.minutes for period in members)))
    block_of = tuple(shares.index(period.share) for period in periods)
    return Day(tuple(periods), tuple(blocks), block_of, 0)


def _each(periods: Sequence[Period], qps: float, start_up_min: int) -> Day:
    """One block per period; the last and the first are one night where their shares are equal."""
    blocks = [Block(period.label, qps * period.share, period.minutes) for period in periods]
    block_of = list(range(len(periods)))
    first, last = periods[0], periods[-1]
    if first.share == last.share:
        night = blocks.pop()
        blocks[0] = Block(
            f"{last.label}+{first.label}", night.demand_per_s, first.minutes + last.minutes
        )
        block_of[-1] = 0
    return Day(tuple(periods), tuple(blocks), tuple(block_of), start_up_min)

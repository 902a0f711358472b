"""The largest rate of a replica by simulation, and whether a given rate holds.

A rate *holds* when the upper confidence limit of every requirement of the SLO (`verdict`) is
within its limit, *breaks* when a lower limit is beyond, and is undecided between. The largest rate
is the root of

    y(lambda) = max over requirements of log( upper confidence limit / limit )

in log lambda. All runs use the same random numbers, which makes y nearly monotone: short runs
bracket the root from the guess, then long runs move along the slope of the bracket until one
holds with at most 1 % of rate to spare. The rate that is returned was itself simulated and holds.
It was found with the numbers that it holds with, which flatters it: so the percentiles of a run
with others, the one that a plan states, must lie within the limits too, or the rate is lowered
until they do.
A rate beyond the capacity counts as broken: gaps between tokens do not grow with the requests that
wait, and no run is long enough for a queue that grows without end to exceed a limit of an hour.
Over a profile of the rate (`over_profile`) it is that of the busiest window.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import capacity
from recommender.queueing.over_profile import simulate_workload
from recommender.queueing.run_length import run_length
from recommender.queueing.simulated import Simulated
from recommender.queueing.verdict import OTHER_SEED, Verdict, requirements, verdict
from recommender.slo import Slo
from recommender.workload import Workload

SCREENED_OF_DECIDED = 4
_TOLERANCE = 0.01
_BRACKET = 0.04
_MOST_SCREENS = 16
_MOST_DECISIONS = 10
_MOST_CONFIRMED = 8
_FIRST_REACH = 0.015
_LARGEST_REACH = 1.5
_LARGEST_STEP = 0.4
_LEAST_SHARE = 0.003
_LEAST_SLOPE = 0.2
_BEYOND_ROOT = 1.15


@dataclass(frozen=True, eq=False, slots=True)
class SimulatedRate:
    """The largest rate found; 0 when the replica breaks the SLO at 0.3 % of the guess.

    Attributes
    ----------
    requests_per_s
        Over all ranks of the replica [requests/s].
    run
        The long run at that rate, which holds; None when the rate is 0. Gaps between tokens are
        counted where the SLO looks at them.
    runs, requests
        Simulations made, and the requests they measured.
    """

    requests_per_s: float
    run: Simulated | None
    runs: int
    requests: int


@dataclass(frozen=True, slots=True)
class _Point:
    rate: float
    excess: float
    run: Simulated

    @property
    def log_rate(self) -> float:
        return float(np.log(self.rate))


def simulated_rate(
    law: StepLaw,
    workload: Workload,
    slo: Slo,
    *,
    guess: float,
    seed: int = 0,
    before_run: Callable[[], None] = lambda: None,
) -> SimulatedRate:
    """Largest rate whose upper confidence limits meet every target, within about 1 %.

    Parameters
    ----------
    guess
        A positive rate to start from [requests/s], best that of the closed form.
    before_run
        Called before each run; what it raises ends the search.
    """
    search = _Search(law, workload, slo, seed, before_run)
    bracket = search.bracket(guess)
    if bracket is None:
        return SimulatedRate(0.0, None, search.runs, search.requests)
    best = search.decide(*bracket)
    best = None if best is None else search.confirmed(best)
    if best is None:
        return SimulatedRate(0.0, None, search.runs, search.requests)
    return SimulatedRate(best.rate, best.run, search.runs, search.requests)


def holds(
    law: StepLaw,
    workload: Workload,
    slo: Slo,
    requests_per_s: float,
    *,
    requests: int | None = None,
    seed: int = 0,
) -> Verdict:
    """Whether the replica meets the SLO at `requests_per_s`, by one run.

    `requests` are as many as its largest rate needs (`run_length`), unless given.
    """
    needed = requests or run_length(law, workload, slo)
    run = simulate_workload(
        law, workload, requests_per_s, requests=needed, seed=seed, counts_gaps=slo.looks_at_gaps
    )
    return "breaks" if _over_capacity(law, workload, requests_per_s) > 0.0 else verdict(run, slo)


def _over_capacity(law: StepLaw, workload: Workload, requests_per_s: float) -> float:
    """Log of the rate over the capacity: at most 0 where the replica is not overloaded."""
    most = float(capacity(law, workload.lengths)[0])
    return log(requests_per_s / most) if most > 0.0 else inf


class _Search:
    """The runs of one search, counted."""

    def __init__(
        self,
        law: StepLaw,
        workload: Workload,
        slo: Slo,
        seed: int,
        before_run: Callable[[], None],
    ) -> None:
        self.law, self.workload, self.slo, self.seed = law, workload, slo, seed
        self.before_run = before_run
        self.decided = run_length(law, workload, slo)
        self.screened = self.decided // SCREENED_OF_DECIDED
        self.runs = 0
        self.requests = 0

    def at(self, rate: float, *, requests: int) -> _Point:
        run = self.run(rate, requests=requests, seed=self.seed)
        # a long run will have a half-width smaller by the root of the number of requests
        share = min(run.ttft_s.size / self.decided, 1.0) ** 0.5
        return _Point(rate, self.excess(run, rate, half_widths=share), run)

    def run(self, rate: float, *, requests: int, seed: int) -> Simulated:
        self.before_run()
        self.runs += 1
        self.requests += requests
        return simulate_workload(
            self.law, self.workload, rate,
            requests=requests, seed=seed, counts_gaps=self.slo.looks_at_gaps,
        )  # fmt: skip

    def excess(self, run: Simulated, rate: float, *, half_widths: float) -> float:
        """y of a run, at so many half-widths above its estimates."""
        parts = [part.excess(half_widths) for part in requirements(run, self.slo)]
        return max(*parts, _over_capacity(self.law, self.workload, rate))

    def confirmed(self, held: _Point) -> _Point | None:
        """The rate that holds, or less, so that also other random numbers meet the limits."""
        rate, step = held.rate, 0.5 * _TOLERANCE
        for _ in range(_MOST_CONFIRMED):
            other = self.run(rate, requests=self.decided, seed=OTHER_SEED)
            if self.excess(other, rate, half_widths=0.0) <= 0.0:
                point = held if rate == held.rate else self.at(rate, requests=self.decided)
                if point.excess <= 0.0:  # nearly always: y is only nearly monotone
                    return point
            rate, step = rate * float(np.exp(-step)), 2.0 * step
        return None

    def bracket(self, guess: float) -> tuple[_Point, _Point] | None:
        """Two short runs, one that holds and one that does not, near to each other."""
        low: _Point | None = None
        high: _Point | None = None
        rate, reach = guess, _FIRST_REACH
        point: _Point | None = None
        same_side = 0
        for _ in range(_MOST_SCREENS):
            before, point = point, self.at(rate, requests=self.screened)
            low, high = (point, high) if point.excess <= 0.0 else (low, point)
            if low is not None and high is not None:
                width = high.log_rate - low.log_rate
                if width <= _BRACKET:
                    break
                moved = before is not None and (before.excess <= 0.0) == (point.excess <= 0.0)
                same_side = same_side + 1 if moved else 0
                # beyond the capacity the line says nothing: one end would stay for ever
                edge = 0.5 * width if same_side else min(0.2 * width, 0.4 * _BRACKET)
                rate = _between(low, high, edge=edge)
                continue
            reach = min(_reach(before, point, 2.0 * reach), _LARGEST_REACH)
            rate *= float(np.exp(reach if point.excess <= 0.0 else -reach))
            if rate < _LEAST_SHARE * guess:
                return None
        return None if low is None or high is None else (low, high)

    def decide(self, low: _Point, high: _Point) -> _Point | None:
        """The best long run that holds, starting from the root inside the bracket."""
        slope = (high.excess - low.excess) / (high.log_rate - low.log_rate)
        slope = max(slope, _LEAST_SLOPE)
        held: _Point | None = None
        failed: _Point | None = None
        rate, reach = _root(low, high), 0.5 * _TOLERANCE
        for _ in range(_MOST_DECISIONS):
            point = self.at(rate, requests=self.decided)
            if held is not None and point.excess <= 0.0 and point.rate > held.rate:
                rise = (point.excess - held.excess) / (point.log_rate - held.log_rate)
                slope = min(max(rise, _LEAST_SLOPE), slope)
            held, failed = (point, failed) if point.excess <= 0.0 else (held, point)
            spare = -point.excess / slope
            if held is not None and failed is not None:
                if failed.log_rate - held.log_rate <= _TOLERANCE:
                    break
                rate = _between(held, failed, edge=0.3 * _TOLERANCE)
            elif held is not None:
                if spare <= _TOLERANCE:
                    break
                rate *= float(np.exp(min(spare - 0.25 * _TOLERANCE, _LARGEST_STEP)))
            else:
                reach *= 2.0
                rate *= float(np.exp(min(spare, 0.0) - reach))
        return held


def _reach(before: _Point | None, point: _Point, doubled: float) -> float:
    """How far to step in log rate: a little beyond the root of the line through two points."""
    if before is not None:
        slope = (point.excess - before.excess) / (point.log_rate - before.log_rate)
        if slope > _LEAST_SLOPE:
            return max(_BEYOND_ROOT * abs(point.excess) / slope, _FIRST_REACH)
    return max(doubled, 0.6 * abs(point.excess))


def _root(low: _Point, high: _Point) -> float:
    """Rate where the line through both points is zero."""
    share = -low.excess / max(high.excess - low.excess, 1e-12)
    return float(np.exp(low.log_rate + share * (high.log_rate - low.log_rate)))


def _between(low: _Point, high: _Point, *, edge: float) -> float:
    """The root, kept off the ends of the bracket by `edge` in log rate."""
    inside = np.clip(np.log(_root(low, high)), low.log_rate + edge, high.log_rate - edge)
    return float(np.exp(inside))

"""A promise that one replay finds broken is replayed again, by runs with other seeds.

    x_1 .. x_k   estimates of k independent runs as long as the first; mean m, standard deviation s
    what is promised of all requests   m -+ t * s / sqrt(k)             must lie beyond the limit
    what one run is stated to say      m -  t * s * sqrt(1 + 1/k)       must lie above it

t is Student's quantile with k - 1 degrees of freedom. The second is a prediction limit: a stated
percentile is an estimate of one run, at least as long as these, whose own variance s^2 is added to
that of their mean. Batches of one run tell its spread too small, since queues last from one to the
next: over 20 seeds the TPOT p99 of a trace had s = 3.0 %, its batches said 2.0 % (40,000 requests
each). A plan 2.4 s low was called broken by one replay; of right ones k runs call 0.1 % so.
"""

from collections.abc import Callable
from math import sqrt
from statistics import fmean, stdev

from recommender.queueing.simulated import Simulated
from recommender.slo import Target

CONFIDENCE = 0.999
"""One-sided, of the lower limit of a replay: a plan has many, and none may cry wolf."""
SCREENED = 0.95
"""One-sided, of the one replay that tells whether a stated percentile is replayed again."""
SEED = 977
OTHER_SEEDS = tuple(range(7_001, 7_021))
STUDENT_19 = 3.579
"""99.9 % quantile of Student's distribution with 19 degrees of freedom (tabulated)."""
OF_TWO_RUNS = 2.0**0.5
"""Half-width of a difference of two runs, in those of one."""


class Repeated:
    """Runs of the same replicas at the same rate: the first, others only where it looks broken."""

    def __init__(self, run: Callable[[int], Simulated]) -> None:
        """`run` replays with a seed."""
        self._run = run
        self.first = run(SEED)

    def lower_s(self, target: Target) -> float:
        """Lower confidence limit of a percentile [s]: of one run, if beyond its limit of all."""
        found_s, half_s = self.first.estimate(target, confidence=CONFIDENCE)
        if found_s - half_s <= target.limit_s:
            return found_s - half_s
        mean_s, width_s = self._others(lambda run: run.estimate(target)[0], of_one=False)
        return mean_s - width_s

    def least_stated_s(self, target: Target, stated_s: float) -> float:
        """Least that a run may say of a percentile [s]: by one run, of what looks low by all."""
        found_s, half_s = self.first.estimate(target, confidence=SCREENED)
        if stated_s >= found_s - OF_TWO_RUNS * half_s:
            found_s, half_s = self.first.estimate(target, confidence=CONFIDENCE)
            return found_s - OF_TWO_RUNS * half_s
        mean_s, width_s = self._others(lambda run: run.estimate(target)[0], of_one=True)
        return mean_s - width_s

    def most_share(
        self, upper: float, asked: float, share_of: Callable[[Simulated], float]
    ) -> float:
        """Upper confidence limit of a share [1]: `upper` of one run, if below `asked` of all."""
        if upper < asked:
            mean, width = self._others(share_of, of_one=False)
            upper = mean + width
        return min(upper, 1.0)

    def most_stated_share(
        self, upper: float, stated: float, share_of: Callable[[Simulated], float]
    ) -> float:
        """Most that a run may say of a share [1]: `upper` of one run, if below it by all."""
        if upper < stated:
            mean, width = self._others(share_of, of_one=True)
            upper = mean + width
        return min(upper, 1.0)

    def _others(
        self, measure: Callable[[Simulated], float], *, of_one: bool
    ) -> tuple[float, float]:
        """Mean over the other seeds and half-width: of that mean, or of one run against it."""
        found = [measure(self._run(seed)) for seed in OTHER_SEEDS]  # one in memory at a time
        variances = 1.0 / len(found) + (1.0 if of_one else 0.0)
        return fmean(found), STUDENT_19 * stdev(found) * sqrt(variances)

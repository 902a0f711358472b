"""What one run says about an SLO: it holds, it breaks, or there are too few requests to tell.

Each requirement is an estimate with a confidence half-width against a limit

    target of its own    percentile of its metric over its bucket [s]   <=  limit_s
    goodput              share of requests that miss any of its limits   <=  1 - goodput

and holds when estimate + half-width is within the limit, breaks when estimate - half-width is
beyond. Nothing is told by fewer than 50 requests beyond a percentile, which are 5 per batch.

    requests for a verdict = max(40,000, 200 / ((1 - p) * share of requests in the bucket))
    of bursty arrivals     = those * (c / 2)^2,  at most 400,000 unless the percentile needs more
    for the largest rate   = more where the percentile hardly grows with it (`run_length`)

so that 200 are expected beyond the percentile. Bursty arrivals come in clumps, of about c^2
requests where c is their coefficient of variation, and it is clumps that are independent: over 30
seeds the p99 of TTFT of 40,000 requests had a standard deviation of 0.6 % at c = 1, 3.4 % at c = 4
and 11 % at c = 10; of 640,000 at c = 10 it was 2 %. A target that needs more than a million
requests is refused before anything is computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log
from typing import Literal

from recommender.queueing.nodes import share_of_requests
from recommender.queueing.simulated import Simulated
from recommender.slo import EVERY_REQUEST, Slo, Target
from recommender.workload import Lengths

Verdict = Literal["holds", "breaks", "undecided"]

DECIDED = 40_000
MOST_DECIDED = 1_000_000
MOST_FOR_CLUMPS = 400_000
CONFIDENCE = 0.95
OTHER_SEED = 20_240_601
"""Of the runs that a plan states: other arrivals than those that its rates were found with."""
BEYOND = 200
FEWEST_BEYOND = 50
CLUMPED = 2.0
"""Coefficient of variation from which more requests are needed than beyond the percentile."""
_GOODPUT_WEIGHT = 0.2
_LEAST_MISSED = 0.02


@dataclass(frozen=True, slots=True)
class Requirement:
    """An estimate against its limit [s for a target, 1 for goodput]."""

    estimate: float
    half_width: float
    limit: float
    enough: bool
    """Whether so many requests lie beyond the percentile that the estimate tells anything."""
    weight: float = 1.0
    """Exponent that makes shares fall with the rate about as steeply as times do."""

    @property
    def verdict(self) -> Verdict:
        """Holds or breaks with confidence, or undecided."""
        if not self.enough:
            return "undecided"
        if self.estimate - self.half_width > self.limit:
            return "breaks"
        return "holds" if self.estimate + self.half_width <= self.limit else "undecided"

    def excess(self, half_widths: float) -> float:
        """Weighted log of (estimate + so many half-widths) / limit: at most 0 if it holds."""
        width = half_widths * self.half_width if half_widths else 0.0  # an unknown one is infinite
        beyond = (self.estimate + width) / self.limit
        return self.weight * log(max(beyond, _LEAST_MISSED if self.weight < 1.0 else 1e-9))


def requirements(
    run: Simulated, slo: Slo, *, confidence: float = CONFIDENCE
) -> Iterator[Requirement]:
    """One per target of its own, and one for goodput."""
    for target in slo.apart:
        estimate, half_width = run.estimate(target, confidence=confidence)
        yield Requirement(estimate, half_width, target.limit_s, enough(run, target))
    if slo.goodput is not None:
        share, half_width = run.share_met(slo.together, confidence=confidence)
        allowed = 1.0 - slo.goodput
        told = run.ttft_s.size * allowed >= FEWEST_BEYOND
        yield Requirement(1.0 - share, half_width, allowed, told, _GOODPUT_WEIGHT)


def enough(run: Simulated, target: Target) -> bool:
    """Whether at least 50 requests lie beyond the percentile; true where nothing is measured."""
    counted = run.counted(target)
    if counted == 0.0 and target.bucket == EVERY_REQUEST:
        return True  # no request of this workload has the metric, so none can miss it
    return counted * (1.0 - target.percentile) >= FEWEST_BEYOND


def verdict(run: Simulated, slo: Slo, *, confidence: float = CONFIDENCE) -> Verdict:
    """What one run says about every requirement together."""
    found = [part.verdict for part in requirements(run, slo, confidence=confidence)]
    return next((v for v in ("breaks", "undecided") if v in found), "holds")


def requests_needed(slo: Slo, lengths: Lengths, *, burstiness: float = 1.0) -> int:
    """Requests of a run that tells whether the SLO holds; burstiness as in `Workload`."""
    needed = [requests_for(target, lengths) for target in slo.apart]
    if slo.goodput is not None:
        needed.append(ceil(BEYOND / (1.0 - slo.goodput)))
    return _for_clumps(max(DECIDED, *needed), burstiness)


def requests_that_tell(slo: Slo, *, burstiness: float = 1.0) -> int:
    """`requests_needed` for lengths that are not known: as if every request were in its bucket."""
    allowed = [1.0 - target.percentile for target in slo.apart]
    allowed += [] if slo.goodput is None else [1.0 - slo.goodput]
    return _for_clumps(max(DECIDED, ceil(BEYOND / min(allowed))), burstiness)


def _for_clumps(requests: int, burstiness: float) -> int:
    """As many clumps of requests as there are requests in a run of moderate burstiness."""
    clumped = min(ceil(requests * (burstiness / CLUMPED) ** 2), MOST_FOR_CLUMPS)
    return min(max(requests, clumped), MOST_DECIDED)


def requests_for(target: Target, lengths: Lengths) -> int:
    """Requests of which 200 are expected beyond the percentile of a target."""
    share = 1.0
    if target.bucket != EVERY_REQUEST:
        share = share_of_requests(lengths, target.bucket, target.metric)
    return ceil(BEYOND / (1.0 - target.percentile) / max(share, 1e-12))

"""The busiest minute of a trace by itself: a plan promises its percentiles there.

Most of a trace is quieter, so that the percentile over all of it may be kept while that of its
busiest minute is not. A stretch around that minute (`traces.around_peak`) is replayed over and over
with other random routing, and only requests of the minute are judged. Each pass lies in one batch,
so that confidence limits come from whole minutes. `--slo-over trace` promises the percentile over
all of the trace: then the minute is told, and not judged.
"""

from dataclasses import replace
from math import ceil

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.policy import Policy
from recommender.queueing.simulated import BATCHES, Simulated
from recommender.queueing.simulator import replay
from recommender.slo import Slo
from recommender.traces.around_peak import AroundPeak, around_peak
from recommender.traces.superpose import PEAK_WINDOW_S
from recommender.verification.judge import goodput, judge_slo
from recommender.verification.sources import MOST_WITH_BLOCKS, FromTrace, check_fits, longest
from recommender.verification.verification import Busiest

MOST_PASSED = 2_000_000
"""Requests of all passes through the stretch together."""


class AtBusiest(FromTrace):
    """Requests of the stretch around the busiest minute of a trace, pass after pass."""

    arrivals: AroundPeak

    def __call__(self, law: StepLaw, rate: float, requests: int, seed: int) -> Simulated:
        """One replica at `rate` requests/s in that minute; about `requests` of it are measured."""
        share = rate / self.arrivals.requests_per_s
        stream = self.arrivals.stream(
            share=share, passes=self.passes(rate, requests), ranks=int(law.ranks), seed=seed
        )
        check_fits(longest(stream), law, "trace")
        inside = self.arrivals.in_peak(stream.arrival)
        batch = np.where(inside, self.arrivals.pass_of(stream.arrival) % BATCHES, -1)
        run = replay(law, stream, policy=Policy(kv=self.kv), sections=batch, seed=seed)
        return _only(run, inside, batch)

    def passes(self, rate: float, requests: int) -> int:
        """How often the minute comes, for so many requests in it and at least one per batch."""
        wanted = ceil(requests / (rate * PEAK_WINDOW_S))
        most = MOST_PASSED if self.arrivals.trace.blocks is None else MOST_WITH_BLOCKS
        return max(min(wanted, int(most / self.per_pass(rate))), BATCHES)

    def per_pass(self, rate: float) -> float:
        """Requests of one pass through the stretch [count]."""
        share = rate / self.arrivals.requests_per_s
        return share * self.arrivals.mean_requests_per_s * self.arrivals.period_s

    def of_minute(self, run: Simulated) -> Simulated:
        """Requests of a run through such passes that lie in the minute; gaps stay those of all."""
        inside = self.arrivals.in_peak(run.arrival_s)
        return _only(run, inside, self.arrivals.pass_of(run.arrival_s) % BATCHES)


def at_busiest(source: FromTrace) -> AtBusiest:
    """The busiest minute of a trace, as another source."""
    return AtBusiest(around_peak(source.arrivals), source.kv)


def busiest_of(run: Simulated, slo: Slo, source: AtBusiest, *, promised: bool) -> Busiest:
    """What a run of the busiest minute says."""
    judged, of_goodput = judge_slo(run, slo)
    return Busiest(
        start_s=source.arrivals.peak_start_s,
        minutes=np.unique(source.arrivals.pass_of(run.arrival_s)).size,
        requests=run.ttft_s.size,
        # one minute repeated: it breaks from its start, or not at all
        targets=tuple(replace(target, breaks_from_s=None) for target in judged),
        goodput=goodput(run, slo.targets),
        goodput_judged=of_goodput and replace(of_goodput, breaks_from_s=None),
        promised=promised,
    )


def _only(run: Simulated, inside: np.ndarray, batch: np.ndarray) -> Simulated:
    return replace(
        run,
        ttft_s=run.ttft_s[inside],
        tpot_s=run.tpot_s[inside],
        e2e_s=run.e2e_s[inside],
        arrival_s=run.arrival_s[inside],
        input_tokens=run.input_tokens[inside],
        output_tokens=run.output_tokens[inside],
        batch=batch[inside],
    )

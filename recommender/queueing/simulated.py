"""What a simulation measured: times per request, and percentiles with their uncertainty.

The requests after the warm-up are cut into K batches of equal length in order of arrival, or as
`batch` says where the rate has a trend (`over_profile`). The
percentile is that of all of them; its variance comes from the spread of the batches' percentiles
q_k around it (sectioning; Asmussen and Glynn 2007, III.5):

    s^2 = sum_k (q_k - q)^2 / (K - 1),     upper limit = q + t * s / sqrt(K)

with t the quantile of Student's distribution with K - 1 degrees of freedom at the confidence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.queueing.nodes import in_bucket
from recommender.queueing.state import BINS_PER_DECADE, SHORTEST_GAP_S, Floats, Integers
from recommender.queueing.tails import normal_quantile
from recommender.slo import EVERY_REQUEST, Bucket, Metric, Target

BATCHES = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Simulated:
    """One run. Arrays of requests hold the measured ones, in order of arrival, shape (n,).

    Attributes
    ----------
    ttft_s, e2e_s
        Server-side time to the first and to the last token [s].
    tpot_s
        Mean gap per output token after the first [s]; NaN for one-token outputs.
    gaps
        Counts of the gaps between tokens in logarithmic bins, shape (BATCHES, BINS); shape
        (0, BINS) of a run that does not count them.
    arrival_s
        Arrival of the measured requests, shape (n,) [s].
    input_tokens, output_tokens
        Their lengths, shape (n,) [tokens].
    arrived, completed
        Requests of the whole run, warm-up included.
    requests_in_system
        Time average over the whole run.
    busy_s, span_s
        Time in steps; first arrival to last completion.
    """

    ttft_s: Floats
    tpot_s: Floats
    e2e_s: Floats
    gaps: Floats
    arrival_s: Floats
    input_tokens: Integers
    output_tokens: Integers
    arrived: int
    completed: int
    sojourn_s: float
    """Sum over all requests of arrival to last token, without frontend and pipeline fill [s]."""
    requests_in_system: float
    busy_s: float
    span_s: float
    steps: int
    prefilled_tokens: int
    decoded_tokens: int
    preemptions: int
    most_sequences: int
    most_kv_tokens: int
    cached_share: float = 0.0
    """Prompt tokens found in the prefix cache, of those of the measured requests."""
    batch: Integers | None = None
    """Batch of each measured request, shape (n,); None is K batches of equal length in order."""

    def percentile(self, metric: Metric, p: float, bucket: Bucket = EVERY_REQUEST) -> float:
        """The `p` quantile over the requests of a bucket, of `itl` over gaps [s]; 0 without any."""
        if metric == "itl":
            return _gap_quantile(self._counted_gaps.sum(axis=0), p)
        return _quantile(np.concatenate(self._batches(metric, bucket)), p)

    def upper_limit(self, metric: Metric, p: float, *, confidence: float = 0.95) -> float:
        """Upper confidence limit of `percentile` [s]."""
        return self.percentile(metric, p) + self.half_width(metric, p, confidence=confidence)

    def half_width(
        self,
        metric: Metric,
        p: float,
        bucket: Bucket = EVERY_REQUEST,
        *,
        confidence: float = 0.95,
    ) -> float:
        """One-sided confidence half-width of `percentile` [s]."""
        return self.estimate(Target(metric, 0.0, p, bucket), confidence=confidence)[1]

    def estimate(self, target: Target, *, confidence: float = 0.95) -> tuple[float, float]:
        """Percentile that a target asks about, and its one-sided half-width [s]."""
        metric, p = target.metric, target.percentile
        if metric == "itl":
            centre = self.percentile(metric, p)
            parts = [_gap_quantile(row, p) for row in self._counted_gaps]
        else:
            batches = self._batches(metric, target.bucket)
            centre = _quantile(np.concatenate(batches), p)
            parts = [_quantile(part, p) for part in batches if part.size]
        return centre, _half_width(parts, centre, confidence)

    def counted(self, target: Target) -> float:
        """Requests (of `itl`: gaps) that the percentile of a target is over."""
        if target.metric == "itl":
            return float(self._counted_gaps.sum())
        return float(sum(part.size for part in self._batches(target.metric, target.bucket)))

    def met(self, targets: Iterable[Target]) -> npt.NDArray[np.bool_]:
        """Which requests meet every limit that applies to them, shape (n,); gaps do not count."""
        good = np.ones(self.ttft_s.size, dtype=np.bool_)
        for target in targets:
            if target.metric != "itl":
                times = self._times[target.metric]
                inside = in_bucket(target.bucket, self.input_tokens, self.output_tokens)
                good &= ~inside | (times <= target.limit_s) | np.isnan(times)
        return good

    def share_met(
        self, targets: Iterable[Target], *, confidence: float = 0.95
    ) -> tuple[float, float]:
        """Share of requests that meet every limit, and its one-sided half-width."""
        good = self.met(targets)
        share = float(good.mean())
        parts = [float(part.mean()) for part in self.parts(good)]
        return share, _half_width(parts, share, confidence)

    def parts(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Values of the measured requests, shape (n,), batch by batch."""
        if self.batch is None:
            return np.array_split(values, BATCHES)
        return [values[self.batch == number] for number in range(BATCHES)]

    def _batches(self, metric: Metric, bucket: Bucket) -> list[Floats]:
        """Times of the requests of a bucket that have the metric, batch by batch."""
        times = self._times[metric]
        if metric != "tpot" and bucket == EVERY_REQUEST:
            return self.parts(times)
        kept = np.ones(times.size, np.bool_) if metric != "tpot" else ~np.isnan(times)
        if bucket != EVERY_REQUEST:
            kept &= in_bucket(bucket, self.input_tokens, self.output_tokens)
        if kept.all():
            return self.parts(times)
        batches = zip(self.parts(times), self.parts(kept), strict=True)
        return [batch[inside] for batch, inside in batches]

    @property
    def _counted_gaps(self) -> Floats:
        if self.gaps.shape[0] == 0:
            raise ValueError("this run did not count the gaps between tokens")
        return self.gaps

    @cached_property
    def _times(self) -> dict[Metric, Floats]:
        return {"ttft": self.ttft_s, "tpot": self.tpot_s, "e2e": self.e2e_s}


def _half_width(parts: Sequence[float], centre: float, confidence: float) -> float:
    """t * s / sqrt(K) of the batches around the estimate from all of them."""
    count = len(parts)
    if count < BATCHES:  # of a bucket that some batches do not hold; of no metric at all
        return float("inf") if count else 0.0
    spread = sum((part - centre) ** 2 for part in parts) / (count - 1)
    return student_quantile(confidence, count - 1) * float(np.sqrt(spread / count))


def _quantile(times: Floats, p: float) -> float:
    """The ceil(p*n)-th smallest; 0 without any."""
    if times.size == 0:
        return 0.0
    place = min(int(np.ceil(p * times.size)), times.size) - 1
    return float(np.partition(times, place)[place])


def _gap_quantile(counts: Floats | Integers, p: float) -> float:
    """Interpolated (in log time) inside the bin."""
    total = float(counts.sum())
    if total == 0.0:
        return 0.0
    cumulative = np.cumsum(counts)
    place = int(np.searchsorted(cumulative, p * total))
    before = float(cumulative[place - 1]) if place else 0.0
    inside = (p * total - before) / float(counts[place])
    return float(SHORTEST_GAP_S * 10.0 ** ((place + inside) / BINS_PER_DECADE))


def student_quantile(confidence: float, freedom: int) -> float:
    """Quantile of Student's t, by its expansion in 1/freedom (Fisher and Cornish 1960).

    Error below 0.001 from 9 degrees of freedom for confidences up to 0.99.
    """
    z = normal_quantile(confidence)
    terms = (
        (z**3 + z) / 4.0,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96.0,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384.0,
    )
    return z + sum(term / float(freedom) ** (k + 1) for k, term in enumerate(terms))

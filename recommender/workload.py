"""What arrives: requests per second and the joint distribution of their token lengths.

Prompt tokens found in a prefix cache are attended and stored, but not computed. Of a prompt of I
tokens with k found, c = I - k are computed, and they attend to

    sum over c of ctx = c*(k + c/2) = (I^2 - k^2)/2

tokens. In terms of c alone that is phi*c^2/2 with phi = E[I^2 - k^2]/E[c^2], exact in the mean, and
for every prompt where the same share h of each is found: phi = (1 + h)/(1 - h).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recommender.rate_profile import PEAK_ALONE, Level, RateProfile
from recommender.stream import Stream

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lengths:
    """Joint empirical distribution of prompt and output lengths.

    Attributes
    ----------
    input_tokens, output_tokens
        Equally likely pairs, shape (n,) [tokens]; every length is at least 1.
    cached_tokens
        Prompt tokens of each pair that the prefix cache holds, below the prompt's length; None
        is no cache.
    """

    input_tokens: Tokens
    output_tokens: Tokens
    cached_tokens: Tokens | None = None

    @cached_property
    def mean_input(self) -> float:
        """Mean prompt length [tokens]."""
        return float(self.input_tokens.mean())

    @cached_property
    def mean_output(self) -> float:
        """Mean output length [tokens]."""
        return float(self.output_tokens.mean())

    @cached_property
    def longest(self) -> int:
        """Longest prompt plus output of one request [tokens]."""
        return int((self.input_tokens + self.output_tokens).max())

    @cached_property
    def computed_tokens(self) -> Tokens:
        """Prompt tokens that are computed, c, shape (n,)."""
        found = self.cached_tokens
        return self.input_tokens if found is None else self.input_tokens - found

    @cached_property
    def mean_computed(self) -> float:
        """Mean of the prompt tokens that are computed [tokens]."""
        return float(self.computed_tokens.mean())

    @cached_property
    def attended_factor(self) -> float:
        """phi: what attention inside prompts costs, over that of prompts of c tokens [1]."""
        if self.cached_tokens is None:
            return 1.0
        whole, found = self.input_tokens.astype(float), self.cached_tokens.astype(float)
        computed = self.computed_tokens.astype(float)
        return float((whole**2 - found**2).mean() / (computed**2).mean())

    @cached_property
    def hit_share(self) -> float:
        """Share of all prompt tokens that the prefix cache holds [1]."""
        return 1.0 - self.mean_computed / self.mean_input

    def with_hits(self, share: float) -> "Lengths":
        """This share of prompt tokens found, spread as `cached_tokens` is, else over all prompts.

        Raises
        ------
        ValueError
            More than `cached_tokens` hold; the last token of a prompt is always computed.
        """
        if share == 0.0:
            return replace(self, cached_tokens=None)
        known = self.cached_tokens is not None
        if known and share > self.hit_share + 1e-9:
            raise ValueError(
                f"{share:.0%} of prompt tokens, where {self.hit_share:.1%} can be found"
            )
        found = self.input_tokens if self.cached_tokens is None else self.cached_tokens
        scaled = np.floor(found * (share / self.hit_share if known else share) + 1e-9)
        return replace(
            self, cached_tokens=np.minimum(scaled, self.input_tokens - 1).astype(np.int64)
        )

    def rescaled(self, *, mean_input: float | None, mean_output: float | None) -> "Lengths":
        """The same shape with other means [tokens]; lengths are rounded and stay at least 1."""
        inputs = _rescale(self.input_tokens, mean_input)
        outputs = _rescale(self.output_tokens, mean_output)
        if self.cached_tokens is None:
            return Lengths(inputs, outputs)
        shares = self.cached_tokens / self.input_tokens
        found = np.minimum(np.floor(shares * inputs + 1e-9), inputs - 1).astype(np.int64)
        return Lengths(inputs, outputs, found)


def _rescale(tokens: Tokens, mean: float | None) -> Tokens:
    if mean is None:
        return tokens
    scaled: Tokens = np.maximum(np.rint(tokens * (mean / tokens.mean())), 1).astype(np.int64)
    return scaled


@dataclass(frozen=True, eq=False)
class Workload:
    """Arrivals of one service in its peak window.

    Attributes
    ----------
    requests_per_s
        Rate in the peak window [requests/s].
    lengths
        Token lengths of the requests.
    burstiness
        Coefficient of variation of the times between arrivals; 1 is Poisson.
    least_requests_per_s
        Rate of the quietest period that the fleet is cut down for, where a replica gets the
        largest share of all requests; None where one fleet serves the peak, or where no bursts
        would grow with the share [requests/s].
    peak_to_mean
        Rate in the peak window over the mean rate; None when unknown.
    """

    name: str
    requests_per_s: float
    lengths: Lengths
    burstiness: float = 1.0
    source: str = ""
    peak_to_mean: float | None = None
    ideal_hits: float | None = None
    """Share of prompt tokens that an unbounded prefix cache finds; None when unknown."""
    drawn_from: Stream | None = None
    """The busier trace whose arrivals these are a random part of; None where they are its own."""
    rate_profile: RateProfile | None = None
    """What percentiles are counted over; None is the peak rate for all the time."""
    least_requests_per_s: float | None = None
    quieter: tuple[tuple[float, float], ...] = ()
    """Rates of quieter periods [requests/s], falling, each with the share of its rate that a
    replica is planned with then; empty where rates are those of the quietest period all day."""
    planned_share: float = 1.0
    """That of the period which this workload is (`of_period`)."""

    def with_arrivals_of(self, trace: Stream) -> "Workload":
        """Arrivals like those of a trace: a random part of them where it is busier."""
        if self.requests_per_s >= trace.requests_per_s:
            return replace(self, burstiness=trace.burstiness, drawn_from=None)
        met = float(trace.burstiness_at(np.asarray(self.requests_per_s)))
        return replace(self, burstiness=met, drawn_from=trace)

    @property
    def stream(self) -> Stream:
        """What replicas get their requests from."""
        return Stream(self.burstiness, self.requests_per_s)

    @property
    def quietest(self) -> "Workload":
        """The same in its quietest period: a rate that holds there holds in all others."""
        if self.least_requests_per_s is None:
            return self
        return replace(self, requests_per_s=self.least_requests_per_s, least_requests_per_s=None)

    @property
    def held_in(self) -> "tuple[tuple[Workload, float], ...]":
        """(workload of a period, share of its rate that a replica must hold there)."""
        if not self.quieter:
            return ((self.quietest, 1.0),)
        alone = replace(self, least_requests_per_s=None, quieter=())
        quieter = ((replace(alone, requests_per_s=rate), share) for rate, share in self.quieter)
        return ((alone, 1.0), *quieter)

    def share_at(self, requests_per_s: float) -> float:
        """Share of its rate that a replica is planned with in a period of this rate.

        That of the next quieter rate which was looked at, and never less than keeps the fleet of
        a busier one, which holds for less as well (a little more: the peak stays the busiest).
        """
        below = requests_per_s * (1 + 1e-9)  # a rate that was looked at, but for rounding
        found = next((share for rate, share in self.quieter if rate <= below), 1.0)
        if not self.quieter or requests_per_s >= self.requests_per_s:
            return 1.0
        busier = ((self.requests_per_s, 1.0), *self.quieter)
        stays = max(share * requests_per_s / rate for rate, share in busier if rate > below)
        return min(max(found, stays * (1 + 1e-6)), 1.0)

    def of_period(self, requests_per_s: float) -> "Workload":
        """The same at the rate of one period, alone."""
        return replace(
            self,
            requests_per_s=requests_per_s,
            planned_share=self.share_at(requests_per_s),
            peak_to_mean=None,
            least_requests_per_s=None,
            quieter=(),
        )

    def levels(self, *, safe: bool = False) -> tuple[Level, ...]:
        """Levels of the rate for closed forms (`rate_profile`)."""
        return PEAK_ALONE if self.rate_profile is None else self.rate_profile.levels(safe=safe)

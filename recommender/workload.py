"""What arrives: requests per second and the joint distribution of their token lengths."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lengths:
    """Joint empirical distribution of prompt and output lengths.

    Attributes
    ----------
    input_tokens, output_tokens
        Equally likely pairs, shape (n,) [tokens]; every length is at least 1.
    """

    input_tokens: Tokens
    output_tokens: Tokens

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

    def rescaled(self, *, mean_input: float | None, mean_output: float | None) -> "Lengths":
        """The same shape with other means [tokens]; lengths are rounded and stay at least 1."""
        return Lengths(
            _rescale(self.input_tokens, mean_input), _rescale(self.output_tokens, mean_output)
        )


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
    peak_to_mean
        Rate in the peak window over the mean rate; None when unknown.
    """

    name: str
    requests_per_s: float
    lengths: Lengths
    burstiness: float = 1.0
    source: str = ""
    peak_to_mean: float | None = None

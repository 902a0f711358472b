"""A trace: when requests came, and how long they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from recommender.errors import SpecError

Seconds = npt.NDArray[np.float64]
Tokens = npt.NDArray[np.int64]


TOKENS_PER_BLOCK = 512
"""Of Mooncake's block hashes."""


class TraceError(SpecError):
    """A trace cannot be read; the message names the line."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Hashes of the prompts' blocks of 512 tokens: `hashes[ends[i - 1]:ends[i]]` of request i.

    A hash stands for its block and everything before it.
    """

    hashes: Tokens
    ends: Tokens

    @staticmethod
    def of(blocks: Sequence[tuple[int, ...]]) -> "Blocks":
        """From the hashes of each request."""
        ends = np.cumsum([len(hashes) for hashes in blocks])
        return Blocks(np.fromiter(chain.from_iterable(blocks), np.int64), ends)


@dataclass(frozen=True, eq=False)
class Trace:
    """Requests in order of arrival, each field of shape (n,).

    Attributes
    ----------
    arrival_s
        Seconds since the first request, not decreasing.
    cached_tokens
        Prompt tokens whose blocks an unbounded prefix cache would hold; None if unknown.
    repairs
        What was changed or left out, one sentence each, with its count.
    blocks
        Hashes of the prompts' blocks; None if unknown.
    """

    source: str
    format: str
    arrival_s: Seconds
    input_tokens: Tokens
    output_tokens: Tokens
    cached_tokens: Tokens | None
    repairs: tuple[str, ...]
    blocks: Blocks | None = None

    def __len__(self) -> int:
        return int(self.arrival_s.size)

    @property
    def duration_s(self) -> float:
        """First to last arrival [s]."""
        return float(self.arrival_s[-1])

    @property
    def requests_per_s(self) -> float:
        """Mean rate: gaps over the time they take [requests/s]."""
        return (len(self) - 1) / self.duration_s

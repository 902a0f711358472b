"""Which blocks of tokens the prompts of a stream begin with, for replays with a prefix cache.

Requests of different copies of a trace come from different users: they share no blocks. Only
whole blocks can be found again, as in vLLM.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.queueing.state import Integers

_SPARSE = 20


@dataclass(frozen=True, eq=False)
class Prefixes:
    """Blocks of n requests: those of request i are `ids[starts[i] : starts[i] + counts[i]]`.

    Attributes
    ----------
    ids
        Blocks of all prompts of the trace, from 0; a block stands for all tokens up to its end.
    copies
        Copy of the trace that the request belongs to, shape (n,).
    block_tokens
        Length of a block [tokens].
    """

    ids: Integers
    starts: Integers
    counts: Integers
    copies: Integers
    block_tokens: int

    def __getitem__(self, index: npt.NDArray[Any]) -> "Prefixes":
        return Prefixes(
            self.ids, self.starts[index], self.counts[index], self.copies[index], self.block_tokens
        )

    @staticmethod
    def joined(parts: Sequence["Prefixes"]) -> "Prefixes":
        """The requests of several streams of one trace."""
        first = parts[0]
        if any(part.ids is not first.ids for part in parts):
            raise ValueError("streams of different traces cannot be joined")
        return Prefixes(
            first.ids,
            np.concatenate([part.starts for part in parts]),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.copies for part in parts]),
            first.block_tokens,
        )

    def table(self, input_tokens: Integers) -> tuple[Integers, Integers, int]:
        """Offsets (n + 1,), blocks numbered from 0 without gaps, and how many there are."""
        counts = np.minimum(self.counts, input_tokens // self.block_tokens)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        blocks = self.ids[np.repeat(self.starts, counts) + within]
        most = int(self.ids.max(initial=0)) + 1
        return offsets, *_numbered(np.repeat(self.copies, counts) * most + blocks)


def _numbered(keys: Integers) -> tuple[Integers, int]:
    """Keys (at least 0) by their rank among the different ones, and how many these are."""
    span = int(keys.max(initial=-1)) + 1
    if span > _SPARSE * keys.size:  # too many for a table: sort them
        known, numbered = np.unique(keys, return_inverse=True)
        return numbered.astype(np.int64).reshape(-1), int(known.size)
    used = np.zeros(span, np.bool_)
    used[keys] = True
    rank = np.cumsum(used) - 1
    return rank[keys], int(rank[-1]) + 1 if span else 0

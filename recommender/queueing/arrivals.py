"""The random numbers of a simulation, drawn once and used at every rate (common random numbers).

Arrivals are a renewal process: gaps of mean 1/lambda, exponential for burstiness 1, otherwise
gamma with that coefficient of variation. Lengths are drawn with replacement from their empirical
joint distribution, and the rank of a request is chosen at random, which splits Poisson arrivals
into independent Poisson queues.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.queueing.prefixes import Prefixes
from recommender.queueing.state import Floats, Integers
from recommender.workload import Lengths


@dataclass(frozen=True, eq=False)
class Draw:
    """Requests in order, each field of shape (n,)."""

    arrival: Floats
    """Not decreasing [s]; of `draw_requests` at a rate of one per second: divide by the rate."""
    input_tokens: Integers
    output_tokens: Integers
    rank: Integers
    cached_tokens: Integers | None = None
    """Prompt tokens that a prefix cache holds."""
    prefixes: Prefixes | None = None
    """Blocks of the prompts, for a cache that is simulated; takes the place of `cached_tokens`."""

    def take(self, index: npt.NDArray[Any], *, arrival: Floats | None = None) -> "Draw":
        """These requests, at their own times or at others of shape (index,) [s]."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        chosen: dict[str, Any] = {
            name: None if part is None else part[index] for name, part in parts.items()
        }
        return Draw(**(chosen if arrival is None else chosen | {"arrival": arrival}))


def join_draws(parts: Sequence[Draw]) -> Draw:
    """All requests of several draws, in the order of the parts."""

    def joined(name: str) -> Any:
        found = [getattr(part, name) for part in parts]
        if any(part is None for part in found):
            return None
        return Prefixes.joined(found) if name == "prefixes" else np.concatenate(found)

    return Draw(**{field.name: joined(field.name) for field in fields(Draw)})


@lru_cache(maxsize=8)
def draw_requests(
    lengths: Lengths, *, count: int, seed: int, burstiness: float, ranks: int
) -> Draw:
    """`count` requests; the same for the same arguments."""
    gaps_seed, lengths_seed, ranks_seed = np.random.SeedSequence(seed).spawn(3)
    random = np.random.default_rng(gaps_seed)
    if burstiness == 1.0:
        gaps = random.standard_exponential(count)
    else:
        gaps = random.gamma(burstiness**-2, burstiness**2, count)
    chosen = np.random.default_rng(lengths_seed).integers(lengths.input_tokens.size, size=count)
    return Draw(
        arrival=np.cumsum(gaps),
        input_tokens=lengths.input_tokens[chosen].astype(np.int64),
        output_tokens=lengths.output_tokens[chosen].astype(np.int64),
        rank=np.random.default_rng(ranks_seed).integers(ranks, size=count),
        cached_tokens=None if lengths.cached_tokens is None else lengths.cached_tokens[chosen],
    )

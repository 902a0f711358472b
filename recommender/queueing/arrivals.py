"""The random numbers of a simulation, drawn once and used at every rate (common random numbers).

Arrivals are a renewal process: gaps of mean 1/lambda, exponential for burstiness 1, otherwise
gamma with that coefficient of variation. Of a stream that is shared (`recommender.stream`) every
gap is the sum of a geometric number of gaps (`shared_gaps`). Lengths are drawn with replacement
from their empirical joint distribution, and the rank of a request is chosen at random, which splits
Poisson arrivals into independent Poisson queues.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from recommender.queueing.prefixes import Prefixes
from recommender.queueing.shared_gaps import shared_gaps
from recommender.queueing.state import Floats, Integers
from recommender.stream import Stream
from recommender.workload import Lengths

_KEPT = 3
"""Of a search: its short runs, its long ones, and the one that confirms."""


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


def draw_requests(
    lengths: Lengths,
    *,
    count: int,
    seed: int,
    burstiness: float,
    ranks: int,
    share: float = 1.0,
) -> Draw:
    """`count` requests, each `share` of a stream that has `burstiness`; the same for the same
    arguments, and nearly the same arrivals for nearly the same share.
    """
    draw = _draw_requests(lengths, count, seed, burstiness, ranks)
    if share >= 1.0 or burstiness == 1.0:  # a share of Poisson arrivals is Poisson
        return draw
    gaps = shared_gaps(count, seed=seed, burstiness=burstiness, share=share)
    return replace(draw, arrival=np.cumsum(gaps))


def draw_for_several(
    lengths: Lengths,
    stream: Stream,
    *,
    requests_per_s: float,
    replicas: int,
    count: int,
    seed: int,
    ranks: int,
) -> list[Draw]:
    """About `count` requests, shared at random by equal replicas of this rate each; in seconds."""
    together = replicas * requests_per_s
    share = stream.share(together)
    draw = draw_requests(
        lengths, count=count, seed=seed, burstiness=stream.burstiness, ranks=ranks, share=share
    )
    draw = replace(draw, arrival=draw.arrival / together)
    return split(draw, replicas, seed=seed)


def split(draw: Draw, replicas: int, *, seed: int) -> list[Draw]:
    """Each request goes to one of `replicas`, chosen at random."""
    if replicas == 1:
        return [draw]
    chosen = np.random.default_rng([seed, replicas]).integers(replicas, size=draw.arrival.size)
    return [draw.take(np.flatnonzero(chosen == replica)) for replica in range(replicas)]


@lru_cache(maxsize=_KEPT)
def _draw_requests(lengths: Lengths, count: int, seed: int, burstiness: float, ranks: int) -> Draw:
    """Requests that are all of their stream."""
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

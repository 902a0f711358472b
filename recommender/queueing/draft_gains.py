"""Tokens that a sequence gains per step with drafts, and the steps that its output then takes.

Every draft is accepted with the same probability p, independently (Leviathan et al. 2023,
arXiv:2211.17192, eq. 1); the first that is not ends the step, whose own token comes on top:

    P(G = g) = p^(g-1) * (1 - p)  for g < v,      P(G = v) = p^(v-1),      v = k + 1
    E[G]     = 1 + p + ... + p^k = A              gives p

A request of n tokens after the first takes D(n) steps, the first number of gains that adds up to
n or more. By the first gain,

    E[D(n)]   = 1 + sum_g P(g) * E[D(n-g)]
    E[D(n)^2] = 1 + sum_g P(g) * (2*E[D(n-g)] + E[D(n-g)^2]),        D(n) = 0 for n <= 0

ceil(n/v) <= D(n) <= n. With A = 1 or A = v every step gains the same, and D(n) is certain.

Symbol  Meaning                                                           Unit
G, A    tokens gained in a step, and their mean                           tokens
k, v    drafts per step; tokens of a sequence that a step verifies        count
D       decode steps of a request                                         count

Real acceptance is likelier in some requests than in others, which spreads D further; A is given as
one number, from which that cannot be known.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import fsum

import numpy as np

from recommender.queueing.state import Floats, Integers

_HALVINGS = 100


@dataclass(frozen=True, slots=True)
class Gains:
    """Mean gain of a step A, 1 <= A <= v, and the largest v [tokens]; (1, 1) without drafts.

    Raises
    ------
    ValueError
        A is not between 1 and v.
    """

    mean: float = 1.0
    most: int = 1

    def __post_init__(self) -> None:
        if not 1.0 <= self.mean <= self.most:
            raise ValueError(f"a step that verifies {self.most} tokens cannot gain {self.mean:g}")

    @property
    def certain(self) -> bool:
        """Whether every step gains the same."""
        return self.mean in (1.0, float(self.most))


ONE_TOKEN = Gains()


@dataclass(frozen=True, slots=True)
class Steps:
    """D of some requests, arrays of one shape [count]."""

    mean: Floats
    variance: Floats
    fewest: Floats
    most: Floats


def steps_of(tokens: Floats, gains: Gains) -> Steps:
    """Steps of requests with these output tokens after the first, shape (n,)."""
    fewest = np.ceil(tokens / (gains.most if gains.mean > 1.0 else 1))
    if gains.certain:
        return Steps(fewest, np.zeros_like(fewest), fewest, fewest)
    longest = int(tokens.max(initial=0.0))
    mean, variance = _moments(gains, 1 << longest.bit_length())
    index = tokens.astype(np.intp)
    return Steps(mean[index], variance[index], fewest, tokens)


@lru_cache(maxsize=64)
def probabilities(gains: Gains) -> tuple[float, ...]:
    """P(G = 1), ..., P(G = v)."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        accepted = 0.5 * (low + high)
        if fsum(accepted**k for k in range(gains.most)) < gains.mean:
            low = accepted
        else:
            high = accepted
    powers = [accepted**k for k in range(gains.most)]
    return (*(more - less for more, less in pairwise(powers)), powers[-1])


@lru_cache(maxsize=16)
def _moments(gains: Gains, longest: int) -> tuple[Floats, Floats]:
    """Mean and variance of D(0), ..., D(longest)."""
    v = gains.most
    backwards = np.array(probabilities(gains)[::-1])
    mean, square = np.zeros(v + longest + 1), np.zeros(v + longest + 1)  # D(-v) first
    for n in range(1, longest + 1):
        before = backwards @ mean[n : n + v]
        mean[v + n] = 1.0 + before
        square[v + n] = 1.0 + 2.0 * before + backwards @ square[n : n + v]
    return mean[v:], np.maximum(square - mean**2, 0.0)[v:]


def draw_steps(tokens: Integers, gains: Gains, *, seed: int) -> Integers:
    """D of each request, drawn; the same for the same arguments.

    ceil(rest/v) further steps are needed whatever they gain: they are drawn together.
    """
    if gains == ONE_TOKEN:
        return tokens
    if gains.certain:
        return np.asarray(steps_of(tokens.astype(np.float64), gains).mean.astype(np.int64))
    random = np.random.default_rng(np.random.SeedSequence([seed, gains.most]))
    chances, values = np.array(probabilities(gains)), np.arange(1, gains.most + 1)
    rest, steps = tokens.astype(np.int64), np.zeros(tokens.shape, np.int64)
    open_ = np.flatnonzero(rest > 0)
    while open_.size:
        sure = -(-rest[open_] // gains.most)
        rest[open_] -= random.multinomial(sure, chances) @ values
        steps[open_] += sure
        open_ = open_[rest[open_] > 0]
    return steps

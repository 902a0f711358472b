"""Attention ranks that step together: what the slowest of them costs the others.

The ranks of a replica have separate queues, batches and KV caches, but every step lasts as long
as that of its slowest rank. Prompts come as chunks of at most C tokens. With m prompts per rank
and step, in m*k chunks (taken as compound Poisson: relative variance c2 / (m*k)), the largest
prefill among r ranks, counted in mean prompts, is

    M(m) = m * (1 + E),   E^-1.5 = (r - 1)^-1.5 + (e_r*(x + 0.3*x^2))^-1.5 + (top/m - 1)^-1.5

with x = sqrt(c2 / (m*k)): a 1.5-norm of three limits. M -> r*m when prefills are rare and never
overlap; M -> m + e_r*sd when every step has many (0.3 for their skewness); M <= top, the prompts
of a full budget. Norm and 0.3 are fitted to 250 sampled maxima of compound Poisson variables with
gamma sizes (r = 2..32, m = 0.02..30): 3 % root mean square, 12 % at most. The largest batch is
E[n] + e_r*sd(n).

Symbol  Meaning                                                                   Unit
r       ranks                                                                     count
m       prompts that start on one rank in a step                                  count
k       chunks of a prompt, E[ceil(I/C)]                                          count
c2      k * E[sum of squared chunks] / E[I]^2                                     -
top     C / E[I]                                                                  count
e_r     expected maximum of r standard normal variables                           -
v_r     their variance, about 1 / (1 + 0.8*ln r)                                  -

One rank: M(m) = m, e_1 = 0, v_1 = 1.
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.laws import Array
from recommender.queueing.moments import LengthMoments
from recommender.queueing.nodes import length_nodes
from recommender.queueing.tails import largest_of_normals

_TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockstep:
    """The constants of M and the extremes of r normals, each of shape (n,)."""

    ranks: Array
    rare: Array
    """(r - 1)^-1.5; infinite for one rank."""
    relative_square: Array
    """c2 / k."""
    top: Array
    largest: Array
    """e_r."""
    largest_variance: Array
    """v_r."""
    chunk_share: Array
    """E[sum of squared chunks] / E[I^2]: 1 for prompts within one chunk."""

    def prefills(self, prompts_per_step: Array) -> tuple[Array, Array]:
        """M and its derivative dM/dm at m = `prompts_per_step`."""
        m = prompts_per_step
        if not np.isfinite(self.rare).any():
            return m, np.ones_like(m)
        x = np.sqrt(self.relative_square / np.maximum(m, _TINY))
        crowd = _power(self.largest * x * (1.0 + 0.3 * x) + _TINY)
        room = np.maximum(self.top / np.maximum(m, _TINY) - 1.0, 1e-3)
        full = _power(room)
        norm = self.rare + crowd + full
        excess = 1.0 / np.cbrt(norm * norm)
        drop = 0.5 * crowd * (1.0 + 0.6 * x) / (1.0 + 0.3 * x) + full * (1.0 + 1.0 / room)
        slope = 1.0 + excess * (1.0 - np.where(np.isfinite(norm), drop / norm, 0.0))
        return m * (1.0 + excess), np.where(m < self.top, np.maximum(slope, 0.0), 1.0)

    def variance_factor(self, mean_factor: Array) -> Array:
        """Variance of the largest prefill over that of one rank, where its mean is M/m.

        r when prefills never overlap, v_r when every step has many; fitted between, like M.
        """
        overlap = (mean_factor - 1.0) / np.maximum(self.ranks - 1.0, 1.0)
        between = np.maximum(overlap, 0.0) ** 1.6
        return self.largest_variance + (self.ranks - self.largest_variance) * between


def _power(limit: Array) -> Array:
    """limit^-1.5."""
    return 1.0 / (limit * np.sqrt(limit))


def lockstep(ranks: Array, chunk_tokens: Array, moments: LengthMoments) -> Lockstep:
    """Prepare M for these ranks and chunks, each of shape (n,)."""
    largest = largest_of_normals(ranks)
    squares = _squared_chunks(chunk_tokens, moments)
    with np.errstate(divide="ignore"):
        return Lockstep(
            ranks=ranks,
            rare=_power(ranks - 1.0),
            relative_square=squares / moments.input_mean**2,
            top=chunk_tokens / moments.input_mean,
            largest=largest,
            largest_variance=1.0 / (1.0 + 0.8 * np.log(ranks)),
            chunk_share=squares / moments.input_powers[2],
        )


def _squared_chunks(chunk_tokens: Array, moments: LengthMoments) -> Array:
    """E[sum of squared chunks] of a prompt, over the prompt nodes [tokens^2]."""
    nodes = length_nodes(moments.lengths).prompts
    if nodes is None:
        raise ValueError("a length distribution has at least one request")
    whole = np.floor(nodes.input_tokens / chunk_tokens)
    rest = nodes.input_tokens - whole * chunk_tokens
    total: Array = (nodes.weight * (whole * chunk_tokens**2 + rest**2)).sum(axis=0)
    return total

"""How long a prompt waits before, and beside, its own prefill.

Prompts that arrive during a step are prefilled together in the next one: the step times are a
gated chain  tau' = tau0 + A(tau),  A(t) the prefill work that arrives within t. Its moments follow
from those of the compound Poisson process A. An arriving prompt sees a step chosen by length:

    wait   = rest of that step + prefill of the others that it holds
    E[wait] = tau0*u*(1+rho)/(2*(1-rho)) + V + behind
    V      = lambda*E[s'^2] / (2*(1-rho'))      (Pollaczek and Khinchine),  s' = s + tau0*I/(C-n)
    behind = prompts that come after it but finish in the same step (at most half a chunk)

V is exact for tau0 = 0, where a rank is an M/G/1 queue; s' spreads the base of a step over the
tokens of its budget, and rho' = 1 is the token-budget bound.

Symbol   Meaning                                                                   Unit
lambda   arrivals at a rank                                                        1/s
s        prefill time of a prompt; rho = lambda*E[s], rho' = lambda*E[s']           s
tau0     a step without prefill                                                    s
u        probability that the replica is stepping when a prompt arrives            -

Arrivals in clumps (`clumping`) raise the prefills beside a prompt, and the waits in heavy traffic.
Ranks in lockstep: the chain runs at the prefill of the slowest rank (`Stalls`).
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.capacity import prefill_moments
from recommender.queueing.clumping import clumping
from recommender.queueing.laws import Array, Laws
from recommender.queueing.moments import LengthMoments
from recommender.queueing.tails import Tail, gamma_law

MOST_LOAD = 0.9995
Moments3 = tuple[Array, Array, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalls:
    """How the prefills of all ranks lengthen a step; each of shape (n,)."""

    rate: Array
    """Mean, in prompts per second of step."""
    variance_rate: Array
    """Variance, in prompts per second of step; equals `rate` for one rank."""
    feedback: Array
    """f: mean prefill time that one more second of step adds to the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The wait of a prompt as a mixture, each of shape (n,).

    With probability `idle` nothing; with `quiet` the rest of a step without prefill, uniform up
    to `quiet_s`; otherwise `busy_s` on average.
    """

    idle: Array
    quiet: Array
    quiet_s: Array
    busy_s: Array
    busy_variance: Array
    mean_s: Array
    variance: Array
    seen_s: Array
    """Mean length of the step that a prompt falls into."""

    def exceeds(self, t: Array) -> Array:
        """P(wait > t); 1 for t < 0."""
        return self.law()(t)

    def law(self) -> Tail:
        """P(wait > t) as a function of t."""
        busy = gamma_law(mean=self.busy_s, variance=self.busy_variance)
        rest = 1.0 - self.idle - self.quiet

        def tail(t: Array) -> Array:
            uniform = np.minimum(np.maximum(1.0 - t / self.quiet_s, 0.0), 1.0)
            return np.where(t < 0.0, 1.0, self.quiet * uniform + rest * busy(t))

        return tail


def prompt_wait(
    laws: Laws,
    moments: LengthMoments,
    prefill: Moments3,
    *,
    rate: Array,
    stalls: Stalls,
    base_s: Array,
    budget: Array,
    batch: Array,
    burstiness: float,
    stream_rate: Array,
    bursts: Array,
) -> Wait:
    """The wait at a rate, for each law.

    `stream_rate` is that of the whole stream, `bursts` the variability of what a rank gets of it.
    """
    one, two, _ = prefill
    idle = np.exp(-batch * laws.ranks) * np.maximum(1.0 - laws.ranks * rate * (laws.a + one), 0.0)
    vacation = (1.0 - idle) * base_s
    clump = clumping(base_s + one, stream_rate, burstiness)
    seen_1, seen_2 = _seen_step(vacation, stalls, prefill, noise=np.minimum(clump, bursts))
    rho = np.minimum(rate * one, MOST_LOAD)
    beside = rho * clump
    plain, plain_variance = pollaczek(rate, prefill)
    shared = prefill_moments(laws.d + base_s / budget, laws.q, moments)
    queue, queue_variance = pollaczek(rate, shared)
    behind = 0.5 * beside * seen_1
    most_behind = 0.5 * laws.d * budget
    wait = (0.5 + beside) * seen_1 - np.maximum(behind - most_behind, 0.0)
    wait = wait + (queue - plain) * bursts
    square = seen_2 * (1.0 / 3.0 + beside + beside**2) + rate * clump * two * seen_1
    gated_variance = np.maximum(square - ((0.5 + beside) * seen_1) ** 2, 0.0)
    gated = np.minimum(most_behind / np.maximum(behind, 1e-12), 1.0)
    single_variance = plain_variance * bursts**2 + vacation**2 / 12.0
    variance = gated * gated_variance + (1.0 - gated) * single_variance
    variance = variance + np.maximum(queue_variance - plain_variance, 0.0) * bursts**2
    calm = (1.0 - stalls.rate * one) * np.exp(-rate * clump * base_s)
    return wait_mixture(
        wait, variance, idle=idle * calm, quiet=(1.0 - idle) * calm, quiet_s=base_s, seen_s=seen_1
    )


def wait_mixture(
    mean: Array, variance: Array, *, idle: Array, quiet: Array, quiet_s: Array, seen_s: Array
) -> Wait:
    """Split off the quiet part; the rest keeps the mean and the variance of the whole."""
    busy = np.maximum(1.0 - idle - quiet, 1e-9)
    busy_s = np.maximum(mean - 0.5 * quiet * quiet_s, 1e-3 * mean) / busy
    square = np.maximum(variance + mean**2 - quiet * quiet_s**2 / 3.0, 0.0) / busy
    return Wait(
        idle=idle,
        quiet=quiet,
        quiet_s=quiet_s + 1e-12,
        busy_s=busy_s,
        busy_variance=np.maximum(square - busy_s**2, 0.01 * busy_s**2),
        mean_s=mean,
        variance=variance,
        seen_s=seen_s,
    )


def _seen_step(
    vacation: Array, stalls: Stalls, prefill: Moments3, *, noise: Array
) -> tuple[Array, Array]:
    """First two moments of the step that an arrival falls into: E[t^2]/E[t] and E[t^3]/E[t].

    The chain is linear around its mean: t' = c + f*t + noise of variance v*t.
    """
    one, two, three = prefill
    f = stalls.feedback
    mean = np.maximum(vacation, 1e-12) / np.maximum(1.0 - stalls.rate * one, 1.0 - MOST_LOAD)
    variance = noise * stalls.variance_rate * two * mean / (1.0 - f * f)
    third = noise * stalls.variance_rate * (3.0 * f * two * variance + three * mean) / (1.0 - f**3)
    square = mean * mean + variance
    return square / mean, mean * mean + 3.0 * variance + third / mean


def pollaczek(rate: Array, service: Moments3) -> tuple[Array, Array]:
    """Mean and variance of the FCFS wait in M/G/1 (Takacs 1962)."""
    one, two, three = service
    free = 1.0 - np.minimum(rate * one, MOST_LOAD)
    mean = rate * two / (2.0 * free)
    return mean, mean**2 + rate * three / (3.0 * free)

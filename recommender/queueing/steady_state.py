"""A replica at rest at a rate: its batch, its step time, and how long a prompt waits.

A rank is a state-dependent processor-sharing queue: every decoding sequence gains one token per
step, whatever its age. Such a queue is insensitive to the output law (Cohen 1979; Kelly 1979), so
the batch size is negative binomial:

    p(n) ~ prod_{k<=n} x*(A/B + k)/k,    A = a/(1-pi),  B = beta/(1-pi),  x = lambda*E[D]*B
    E[n] = lambda*E[D]*(A + B)/(1 - x),  Var[n] = E[n]/(1 - x) * zc,  tau = (A + B)/(1 - x)

Prompts that arrive during a step are prefilled together in the next one: the step times are a
gated chain  tau' = tau0 + A(tau),  A(t) the prefill work that arrives within t. Its moments follow
from those of the compound Poisson process A. An arriving prompt sees a step chosen by length:

    wait = residual of that step + prefill of the others that it holds
         = tau0*u*(1+rho)/(2*(1-rho)) + V + behind
    V    = lambda*E[s'^2] / (2*(1-rho'))        (Pollaczek and Khinchine),  s' = s + tau0*I/(C-n)
    behind = prompts that come after it but finish in the same step (at most half a chunk)

s' spreads the base of a step over the tokens of its budget: V is exact for a = beta = 0 and
diverges at the token-budget bound. Ranks in lockstep: pi and the step chain see the prefill of
the slowest rank, phi*lambda (`lockstep`).

Slot wait: with probability P(n >= N) a prompt waits for a slot, for an exponential time
(Allen and Cunneen 1978).

Symbol  Meaning                                                                    Unit
pi      share of time that prefill takes, phi*lambda*s                             -
rho     lambda*s: own rank's share;  rho' = lambda*E[s']                           -
tau0    a + beta*n: a step without prefill                                         s
u       probability that the replica is stepping when a prompt arrives             -
zc      (1 + burstiness^2) / 2                                                     -
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.capacity import full_batch
from recommender.queueing.laws import Array, Laws
from recommender.queueing.lockstep import prefill_factor
from recommender.queueing.moments import LengthMoments
from recommender.queueing.tails import largest_of_normals

_MOST_LOAD = 0.9995


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What does not depend on the rate; each of shape (n,)."""

    laws: Laws
    moments: LengthMoments
    burstiness: float
    per_sequence_s: Array
    prefill_1: Array
    prefill_2: Array
    prefill_3: Array
    """Moments of the prefill time of a prompt [s, s^2, s^3]."""
    slots: Array
    largest: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyState:
    """A rank at a rate; each of shape (n,), seconds and counts."""

    batch: Array
    batch_sd: Array
    base_s: Array
    gap_s: Array
    """Mean time between the tokens of a sequence, tau."""
    stall_share: Array
    """pi."""
    stall_rate: Array
    """phi * lambda [1/s]."""
    sequence_stall_s: Array
    """B: what one more sequence adds to the time between tokens."""
    load: Array
    """x."""
    budget: Array
    wait_s: Array
    wait_variance: Array
    others_s: Array
    """Mean prefill of the other ranks in the step of a prompt."""
    slot_probability: Array
    slot_wait_s: Array


def prepare(laws: Laws, moments: LengthMoments, *, burstiness: float) -> Prepared:
    """Work shared by all rates."""
    one, two, three = prefill_moments(laws.d, laws.q, moments)
    return Prepared(
        laws=laws,
        moments=moments,
        burstiness=burstiness,
        per_sequence_s=laws.b + laws.g * moments.context,
        prefill_1=one,
        prefill_2=two,
        prefill_3=three,
        slots=full_batch(laws, moments),
        largest=largest_of_normals(laws.ranks),
    )


def prefill_moments(d: Array, q: Array, moments: LengthMoments) -> tuple[Array, Array, Array]:
    """First three moments of d*I + q*I^2/2."""
    e = moments.input_powers
    one = d * e[1] + q * (e[2] / 2)
    two = d * d * e[2] + d * q * e[3] + q * q * (e[4] / 4)
    three = d**3 * e[3] + d * d * q * (1.5 * e[4]) + d * q * q * (0.75 * e[5]) + q**3 * (e[6] / 8)
    return one, two, three


def steady_state(known: Prepared, rank_rate: Array) -> SteadyState:
    """The rank at `rank_rate` requests/s, shape (n,), below its capacity."""
    laws, moments = known.laws, known.moments
    steps = moments.decode_steps
    bursts = 0.5 * (1.0 + known.burstiness**2)
    powers = moments.input_powers
    phi = prefill_factor(
        ranks=laws.ranks,
        largest=known.largest,
        prompts_per_step=rank_rate * (laws.a + known.per_sequence_s),
        relative_square=powers[2] / powers[1] ** 2,
    )
    stall_rate = phi * rank_rate
    stall = np.minimum(stall_rate * known.prefill_1, _MOST_LOAD)
    empty_s = laws.a / (1.0 - stall)
    sequence_s = known.per_sequence_s / (1.0 - stall)
    load = np.minimum(rank_rate * steps * sequence_s, _MOST_LOAD)
    gap = (empty_s + sequence_s) / (1.0 - load)
    batch = np.minimum(rank_rate * steps * gap, known.slots)
    variance = batch / (1.0 - load) * bursts
    batch_sd = np.sqrt(variance)
    uneven = known.per_sequence_s * known.largest * np.minimum(batch_sd, known.slots - batch)
    base = laws.a + known.per_sequence_s * batch + uneven
    gap = np.maximum(gap + uneven / (1.0 - stall), known.per_sequence_s + laws.a)
    budget = np.maximum(laws.chunk_tokens - batch, 1.0)
    wait, wait_variance, others = _prompt_wait(known, rank_rate, stall_rate, base, budget, batch)
    slot_probability, slot_wait = _slot_wait(known, rank_rate, batch, variance, stall)
    return SteadyState(
        batch=batch, batch_sd=batch_sd, base_s=base, gap_s=gap, stall_share=stall,
        stall_rate=stall_rate, sequence_stall_s=sequence_s, load=load, budget=budget,
        wait_s=wait, wait_variance=wait_variance, others_s=others,
        slot_probability=slot_probability, slot_wait_s=slot_wait,
    )  # fmt: skip


def _prompt_wait(
    known: Prepared, rate: Array, stall_rate: Array, base: Array, budget: Array, batch: Array
) -> tuple[Array, Array, Array]:
    """Mean and variance of the wait before and beside the own prefill, and the others' prefill."""
    laws, moments = known.laws, known.moments
    one, two, three = known.prefill_1, known.prefill_2, known.prefill_3
    bursts = 0.5 * (1.0 + known.burstiness**2)
    alone = rate * (laws.a + one)
    stepping = 1.0 - np.exp(-batch) * np.maximum(1.0 - alone, 0.0)
    vacation = stepping * base
    seen_1, seen_2 = _seen_step(vacation, stall_rate, one, two, three)
    rho = np.minimum(rate * one, _MOST_LOAD)
    shared_1, shared_2, shared_3 = prefill_moments(laws.d + base / budget, laws.q, moments)
    queue_1, queue_v = _pollaczek(rate, shared_1, shared_2, shared_3)
    plain_1, plain_v = _pollaczek(rate, one, two, three)
    behind = 0.5 * rho * seen_1
    excess = np.maximum(behind - 0.5 * laws.d * budget, 0.0)
    wait = ((0.5 + rho) * seen_1 - excess + queue_1 - plain_1) * bursts
    second = seen_2 * (1.0 / 3.0 + rho + rho * rho) + rate * two * seen_1
    gated_v = np.maximum(second - ((0.5 + rho) * seen_1) ** 2, 0.0)
    gated = np.minimum(0.5 * laws.d * budget / np.maximum(behind, 1e-12), 1.0)
    variance = gated * gated_v + (1.0 - gated) * (plain_v + vacation**2 / 12.0)
    variance = (variance + np.maximum(queue_v - plain_v, 0.0)) * bursts**2
    return wait, variance, (stall_rate - rate) * one * seen_1


def _seen_step(
    vacation: Array, rate: Array, one: Array, two: Array, three: Array
) -> tuple[Array, Array]:
    """First two moments of the step that an arrival falls into: E[t^2]/E[t] and E[t^3]/E[t]."""
    rho = np.minimum(rate * one, _MOST_LOAD)
    m1 = np.maximum(vacation, 1e-12) / (1.0 - rho)
    m2 = (vacation**2 + 2.0 * vacation * rho * m1 + rate * two * m1) / (1.0 - rho**2)
    m3 = (
        vacation**3
        + 3.0 * vacation**2 * rho * m1
        + 3.0 * vacation * (rho**2 * m2 + rate * two * m1)
        + 3.0 * rho * rate * two * m2
        + rate * three * m1
    ) / (1.0 - rho**3)
    return m2 / m1, m3 / m1


def _pollaczek(rate: Array, one: Array, two: Array, three: Array) -> tuple[Array, Array]:
    """Mean and variance of the FCFS wait in M/G/1 (Takacs 1962)."""
    free = 1.0 - np.minimum(rate * one, _MOST_LOAD)
    mean = rate * two / (2.0 * free)
    return mean, mean**2 + rate * three / (3.0 * free)


def _slot_wait(
    known: Prepared, rate: Array, batch: Array, variance: Array, stall: Array
) -> tuple[Array, Array]:
    """Probability that a prompt waits for a slot, and the mean of that wait [s]."""
    moments = known.moments
    if moments.decode_steps <= 0.0:
        return np.zeros_like(rate), np.zeros_like(rate)
    full_step = (known.laws.a + known.per_sequence_s * known.slots) / (1.0 - stall)
    drain = known.slots / (moments.decode_steps * full_step)
    load = np.minimum(rate / drain, _MOST_LOAD)
    distance = 2.0 * (np.sqrt(known.slots) - np.sqrt(batch)) / np.sqrt(variance / (batch + 1e-9))
    tail = 0.5 * np.exp(-0.5 * np.maximum(distance, 0.0) ** 2)
    probability = np.minimum(tail * 0.5 / np.maximum(1.0 - load, 0.05), 1.0)
    spread = moments.decode_steps_square / moments.decode_steps**2 - 1.0
    uneven = 0.5 * (known.burstiness**2 + min(spread, 4.0))
    return probability, uneven / (drain * (1.0 - load))

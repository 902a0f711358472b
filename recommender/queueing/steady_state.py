"""A replica at rest at a rate: its batch, its step time, and what a request waits for.

A rank is a state-dependent processor-sharing queue: every decoding sequence gains one token per
step, whatever its age. Such a queue is insensitive to the output law (Cohen 1979; Kelly 1979), so
that the batch is negative binomial. The mean gap between the tokens of a sequence solves

    tau = a + beta*(1 + n + uneven) + s*M(lambda*tau),     n = lambda*E[D]*tau

(for one rank tau = (a + beta) / (1 - lambda*(s + beta*E[D])), a hyperbola in the load), and

    Var[n] = n*(1 - 1/r) + n / (r*(1 - x)) * zc,           x = lambda*E[D]*beta / (1 - pi')

Symbol   Meaning                                                                   Unit
lambda   arrivals at a rank                                                        1/s
n        mean batch of a rank                                                      count
uneven   e_r * sqrt(n): the fullest of r ranks above the mean                      count
s, M     prefill of a prompt; of the slowest rank, in prompts (`lockstep`)         s, count
pi       share of time that prefill takes, s*M/tau                                -
pi'      prefill that one more second of step brings, (lambda*s + pi)/2: what the  -
         square root in M gives between its limits, and grows with the load
zc       (1 + c_r^2) / 2: renewal arrivals in heavy traffic, of the replica        -

Slot wait: with probability P(n >= N) a prompt waits for a slot, for an exponential time (Allen and
Cunneen 1978).
"""

from dataclasses import dataclass

import numpy as np

from recommender.queueing.capacity import full_batch, prefill_moments
from recommender.queueing.clumping import split_variability
from recommender.queueing.laws import Array, Laws
from recommender.queueing.lockstep import Lockstep, lockstep
from recommender.queueing.moments import LengthMoments
from recommender.queueing.prompt_wait import MOST_LOAD, Moments3, Stalls, Wait, prompt_wait
from recommender.stream import Stream

_NEWTON_STEPS = 5
_LEAST_RATE = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What does not depend on the rate; arrays of shape (n,)."""

    laws: Laws
    moments: LengthMoments
    stream: Stream
    per_sequence_s: Array
    """beta."""
    prefill: Moments3
    """Moments of the prefill time of a prompt [s, s^2, s^3]."""
    together: Lockstep
    slots: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyState:
    """A rank at a rate; each of shape (n,), seconds and counts."""

    rank_rate: Array
    stream_rate: Array
    """Of all requests of which the replica gets a share."""
    batch: Array
    base_s: Array
    """A step without prefill."""
    gap_s: Array
    """Mean time between the tokens of a sequence, tau."""
    gap_sd_s: Array
    """Standard deviation of that, from the batch."""
    stalls: Stalls
    load: Array
    """x."""
    budget: Array
    """Tokens of a step that prompts can have."""
    wait: Wait
    slot_probability: Array
    slot_wait_s: Array


def prepare(laws: Laws, moments: LengthMoments, *, stream: Stream) -> Prepared:
    """Work shared by all rates."""
    prefill = prefill_moments(laws.d, laws.q, moments)
    return Prepared(
        laws=laws,
        moments=moments,
        stream=stream,
        per_sequence_s=laws.b + laws.g * moments.context,
        prefill=prefill,
        together=lockstep(laws.ranks, laws.chunk_tokens, moments),
        slots=full_batch(laws, moments),
    )


def steady_state(known: Prepared, rank_rate: Array, *, relative: float = 1.0) -> SteadyState:
    """The rank at `rank_rate` requests/s, shape (n,), below its capacity.

    `relative` is the rate at that time over the one that its stream is stated for.
    """
    laws, steps, ranks = known.laws, known.moments.decode_steps, known.laws.ranks
    burstiness = known.stream.burstiness
    rate = ranks * np.maximum(rank_rate, _LEAST_RATE)
    stream_rate = relative * known.stream.shared_by(rate / relative)
    bursts = split_variability(burstiness, stream_rate / rate)
    rank_bursts = split_variability(burstiness, stream_rate / rate * ranks)
    gap = _gap(known, rank_rate)
    largest = known.together.prefills(rank_rate * gap)[0]
    own_share = rank_rate * known.prefill[0]
    feedback = np.minimum(0.5 * (own_share + known.prefill[0] * largest / gap), MOST_LOAD)
    load = np.minimum(rank_rate * steps * known.per_sequence_s / (1.0 - feedback), MOST_LOAD)
    batch = np.minimum(rank_rate * steps * gap, known.slots)
    own = batch * (1.0 - 1.0 / ranks)
    common = batch / (ranks * (1.0 - load)) * bursts
    uneven = np.minimum(known.together.largest * np.sqrt(own), known.slots - batch)
    base = laws.a + known.per_sequence_s * (batch + uneven)
    budget = np.maximum(laws.chunk_tokens - laws.verified_tokens * batch, 1.0)
    others = known.together.variance_factor(largest / (rank_rate * gap)) - 1.0
    others = np.maximum(others, 0.0)
    many = rank_rate * (1.0 + others * known.together.chunk_share)
    stalls = Stalls(rate=largest / gap, variance_rate=many, feedback=feedback)
    wait = prompt_wait(
        laws, known.moments, known.prefill,
        rate=rank_rate, stalls=stalls, base_s=base, budget=budget, batch=batch,
        burstiness=burstiness, stream_rate=stream_rate, bursts=rank_bursts,
    )  # fmt: skip
    spread = np.sqrt(common + known.together.largest_variance * own)
    slot_probability, slot_wait = _slot_wait(
        known, rank_rate, batch, own + common, largest, rank_bursts - 0.5
    )
    return SteadyState(
        rank_rate=rank_rate,
        stream_rate=stream_rate,
        batch=batch,
        base_s=base,
        gap_s=gap,
        gap_sd_s=known.per_sequence_s / (1.0 - feedback) * spread,
        stalls=stalls,
        load=load,
        budget=budget,
        wait=wait,
        slot_probability=slot_probability,
        slot_wait_s=slot_wait,
    )


def _gap(known: Prepared, rank_rate: Array) -> Array:
    """tau by Newton's method, exact after one step for one rank.

    The right-hand side is concave in tau: from above, every iterate stays above the root.
    """
    beta, steps = known.per_sequence_s, known.moments.decode_steps
    idle = np.maximum(known.laws.a + beta, 1e-12)
    longest = idle + beta * known.slots + known.prefill[0] * known.together.top
    longest = np.minimum(longest, 0.98 * known.together.top / np.maximum(rank_rate, 1e-300))
    gap = np.maximum(longest, idle)
    for _ in range(_NEWTON_STEPS if np.any(known.laws.ranks > 1.0) else 1):
        largest, slope = known.together.prefills(rank_rate * gap)
        batch = rank_rate * steps * gap
        uneven = known.together.largest * np.sqrt(batch * (1.0 - 1.0 / known.laws.ranks))
        step = idle + beta * (batch + uneven) + known.prefill[0] * largest
        marginal = beta * (batch + 0.5 * uneven) / gap + rank_rate * known.prefill[0] * slope
        gap = gap + (step - gap) / np.maximum(1.0 - marginal, 1.0 - MOST_LOAD)
        gap = np.clip(gap, idle, np.maximum(longest, idle))
    return gap


def _slot_wait(
    known: Prepared, rate: Array, batch: Array, variance: Array, largest: Array, arriving: Array
) -> tuple[Array, Array]:
    """Probability that a prompt waits for a slot, and the mean of that wait [s]."""
    moments = known.moments
    if moments.decode_steps <= 0.0:
        return np.zeros_like(rate), np.zeros_like(rate)
    slots = known.slots
    full_prefill = known.prefill[0] * known.together.prefills(slots / moments.decode_steps)[0]
    full_step = known.laws.a + known.per_sequence_s * slots + full_prefill
    by_kv = slots < known.laws.max_batch
    variance = variance + np.where(by_kv, batch * moments.held_relative_variance, 0.0)
    return waits_for_slot(
        moments,
        slots=slots,
        drain=slots / (moments.decode_steps * full_step),
        rate=rate,
        batch=batch,
        variance=variance,
        arriving=arriving,
    )


def waits_for_slot(
    moments: LengthMoments, *, slots: Array, drain: Array, rate: Array, batch: Array,
    variance: Array, arriving: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """Probability and mean [s] of the wait where `slots` are emptied at `drain` requests/s.

    `batch` and `variance` are those of the sequences that hold slots; `arriving` is half the
    squared coefficient of variation of the arrivals (Allen and Cunneen 1978).
    """
    load = np.minimum(rate / drain, MOST_LOAD)
    distance = 2.0 * (np.sqrt(slots) - np.sqrt(batch)) / np.sqrt(variance / (batch + 1e-9))
    tail = 0.5 * np.exp(-0.5 * np.maximum(distance, 0.0) ** 2)
    probability = np.minimum(tail * 0.5 / np.maximum(1.0 - load, 0.05), 1.0)
    spread = moments.decode_steps_square / moments.decode_steps**2 - 1.0
    uneven = arriving + 0.5 * min(spread, 4.0)
    return probability, uneven / (drain * (1.0 - load))

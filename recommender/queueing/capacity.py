"""The largest stable rate of a replica, in requests per second over all its ranks.

Two bounds, whichever binds first (per rank, then times the ranks):

slots    with the batch full, a request leaves every E[D] * tau / N seconds:
             lambda * E[D] * tau(N, lambda) <= N,      N = min(max_batch, 0.97 * kv_tokens / hold)
budget   the prompts of a step fit into what the decodes leave of its token budget:
             lambda * (s + tau0 * E[I] / (C - n)) <= 1

Symbol  Meaning                                                                    Unit
s       mean prefill time of a prompt, d*E[I] + q*E[I^2]/2                         s
beta    cost of a sequence per step, b + g*ctx                                     s
tau0    step without prefill, a + beta*n (with ranks: of the fullest rank)         s
n       mean batch at this rate, at most N                                         count
tau     step with prefill, tau0 / (1 - phi*lambda*s)                               s
C       token budget of a step                                                     tokens
0.97    packing loss of reservations of unequal length (measured)                  -

The bounds follow from counting steps; the second is the one often forgotten: it binds for
prefill-heavy loads and small budgets. A replica whose KV cache cannot hold the longest request
has no capacity.
"""

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.laws import Array, Laws, as_laws
from recommender.queueing.lockstep import prefill_factor
from recommender.queueing.moments import LengthMoments, length_moments
from recommender.queueing.tails import largest_of_normals
from recommender.workload import Lengths

KV_PACKING = 0.97
LEAST_BUDGET = 1.0
_HALVINGS = 24


def capacity(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """Largest stable rate of each replica [requests/s], shape (n,)."""
    return rank_capacity(as_laws(law), length_moments(lengths))


def rank_capacity(laws: Laws, moments: LengthMoments) -> Array:
    """`capacity` of prepared laws; still over all ranks [requests/s]."""
    slots = full_batch(laws, moments)
    low = np.zeros(len(laws))
    high = _bound_without_stalls(laws, moments, slots)
    for _ in range(_HALVINGS):
        rate = 0.5 * (low + high)
        stable = _is_stable(laws, moments, slots, rate)
        low = np.where(stable, rate, low)
        high = np.where(stable, high, rate)
    return np.where(laws.kv_tokens >= moments.longest, low * laws.ranks, 0.0)


def full_batch(laws: Laws, moments: LengthMoments) -> Array:
    """N: sequences that fit on a rank, by slots and by KV reservations [count]."""
    by_kv = KV_PACKING * laws.kv_tokens / moments.held
    return np.maximum(np.minimum(laws.max_batch, by_kv), 1.0)


def prefill_s(laws: Laws, moments: LengthMoments) -> Array:
    """Mean prefill time of a prompt beyond the step's base [s]."""
    powers = moments.input_powers
    return laws.d * powers[1] + 0.5 * laws.q * powers[2]


def _bound_without_stalls(laws: Laws, moments: LengthMoments, slots: Array) -> Array:
    base = laws.a + (laws.b + laws.g * moments.context) * slots
    decode = moments.decode_steps * base / slots
    prompts = prefill_s(laws, moments) + laws.a * moments.input_mean / laws.chunk_tokens
    return 1.0 / np.maximum(np.maximum(decode, prompts), 1e-300)


def _is_stable(
    laws: Laws, moments: LengthMoments, slots: Array, rate: Array
) -> npt.NDArray[np.bool_]:
    powers = moments.input_powers
    per_sequence = laws.b + laws.g * moments.context
    largest = largest_of_normals(laws.ranks)
    full_base = laws.a + per_sequence * slots
    phi = prefill_factor(
        ranks=laws.ranks,
        largest=largest,
        prompts_per_step=rate * full_base,
        relative_square=powers[2] / powers[1] ** 2,
    )
    free = np.maximum(1.0 - phi * rate * prefill_s(laws, moments), 1e-9)
    load = rate * moments.decode_steps * per_sequence / free
    unlimited = rate * moments.decode_steps * laws.a / free / np.maximum(1.0 - load, 1e-9)
    batch = np.where(load < 1.0, np.minimum(unlimited, slots), slots)
    slot_bound = rate * moments.decode_steps * full_base / free <= slots
    budget = np.maximum(laws.chunk_tokens - batch, LEAST_BUDGET)
    base = laws.a + per_sequence * (batch + largest * np.sqrt(batch))
    busy = rate * (prefill_s(laws, moments) + base * powers[1] / budget)
    return slot_bound & (busy < 1.0)

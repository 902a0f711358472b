"""The largest stable rate of a replica, in requests per second over all its ranks.

At saturation a rank holds n sequences and every step starts m = n/E[D] prompts to replace those
that leave. The step then lasts tau(n), and the rate is n / (E[D] * tau(n)), larger for larger n.
Two bounds on n, whichever binds first:

slots    n = N = min(max_batch, kv_tokens/h - h2/(2*h^2)),  tau = a + beta*N + s*M(N/E[D])
budget   the prompts of a step fit into what the decodes leave of its token budget,
         v*n + m*E[I] <= C: n = C*E[D]/(E[I] + v*E[D]),     tau = a + beta*n + s*(C-v*n)/E[I]

Symbol  Meaning                                                                    Unit
D       decode steps of a request                                                  count
s       mean prefill time of a prompt, d*E[I] + q*E[I^2]/2                         s
beta    cost of a sequence per step, b + g*ctx                                     s
M       largest prefill of the ranks, in prompts (`lockstep`); M(m) = m for one    count
C       token budget of a step                                                     tokens
v       tokens of it that a decoding sequence takes: 1, or its drafts and one more count
h, h2   mean and mean square of the KV reservation of a resident request: a KV      tokens
        cache runs, on average, half a (size-biased) reservation below its size

Both follow from counting steps; the second is the one often forgotten: it binds for prefill-heavy
loads and small budgets. A rank whose KV cache cannot hold the longest request has no capacity.
"""

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.laws import Array, Laws, as_laws, step_gains
from recommender.queueing.lockstep import lockstep
from recommender.queueing.moments import LengthMoments, length_moments
from recommender.workload import Lengths


def capacity(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """Largest stable rate of each replica [requests/s], shape (n,)."""
    moments = length_moments(lengths, step_gains(law))
    return replica_capacity(as_laws(law, attended=moments.attended), moments)


def replica_capacity(laws: Laws, moments: LengthMoments) -> Array:
    """`capacity` of prepared laws [requests/s], over all ranks."""
    one = prefill_moments(laws.d, laws.q, moments)[0]
    together = lockstep(laws.ranks, laws.chunk_tokens, moments)
    per_sequence = laws.b + laws.g * moments.context
    steps, prompt = moments.decode_steps, moments.input_mean

    taken = laws.verified_tokens
    batch = laws.chunk_tokens * steps / (prompt + taken * steps)
    prompts = (laws.chunk_tokens - taken * batch) / prompt
    rate = prompts / (laws.a + per_sequence * batch + one * prompts)
    if steps > 0.0:
        slots = full_batch(laws, moments)
        largest = together.prefills(slots / steps)[0]
        rate = np.minimum(rate, slots / steps / (laws.a + per_sequence * slots + one * largest))
    return np.where(laws.kv_tokens >= moments.longest, rate * laws.ranks, 0.0)


def full_batch(laws: Laws, moments: LengthMoments) -> Array:
    """N: sequences that fit on a rank, by slots and by KV reservations [count]."""
    by_kv = laws.kv_tokens / moments.held - 0.5 * (1.0 + moments.held_relative_variance)
    return np.maximum(np.minimum(laws.max_batch, by_kv), 1.0)


def prefill_moments(d: Array, q: Array, moments: LengthMoments) -> tuple[Array, Array, Array]:
    """First three moments of the prefill time of a prompt, d*I + q*I^2/2 [s, s^2, s^3]."""
    e = moments.input_powers
    one = d * e[1] + q * (e[2] / 2)
    two = d * d * e[2] + d * q * e[3] + q * q * (e[4] / 4)
    three = d**3 * e[3] + d * d * q * (1.5 * e[4]) + d * q * q * (0.75 * e[5]) + q**3 * (e[6] / 8)
    return one, two, three

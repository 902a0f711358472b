"""Attention ranks that step together: what the slowest of them costs the others.

The ranks of a replica have separate queues, batches and KV caches, but every step lasts as long
as that of its slowest rank. So a step is lengthened by the largest of the ranks' prefills and by
the largest of their batches:

    E[max_i P_i] = phi * E[P]         E[max_i n_i] = E[n] + e_r * sd(n)

Symbol  Meaning                                                                   Unit
r       ranks                                                                     count
m       prompts that start on one rank in a step                                  count
c2      E[I^2] / E[I]^2, so that var(P) / E[P]^2 = c2 / m (compound Poisson)      -
e_r     expected maximum of r standard normal variables                           -
phi     lock-step factor of the prefill, from 1 to r: r when prefills are rare    -
        (m -> 0, they never overlap), 1 + e_r * sqrt(c2 / m) when every step has many

The two limits are joined by a 3-norm:  (phi - 1)^-3 = (r - 1)^-3 + (e_r * sqrt(c2 / m))^-3.
"""

import numpy as np

from recommender.queueing.laws import Array

_SMALL = 1e-9


def prefill_factor(
    *, ranks: Array, largest: Array, prompts_per_step: Array, relative_square: float
) -> Array:
    """phi, from 1 to `ranks`; `largest` is e_r."""
    rare = np.maximum(ranks - 1.0, _SMALL)
    many = largest * np.sqrt(relative_square / np.maximum(prompts_per_step, _SMALL)) + _SMALL
    return 1.0 + (rare**-3 + many**-3) ** (-1.0 / 3.0)

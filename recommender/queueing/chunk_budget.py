"""The token budget of a step that keeps the gaps between tokens within a target.

A step whose budget C is full of prompt tokens lasts

    tau(C) = a + beta*n + s/E[I] * (C - n)          so      C <= n + (limit - a - beta*n) * E[I]/s

As soon as more than a share 1 - p of the steps carries a full chunk, that is the p-th percentile
of the gaps; so the budget that keeps tau(C) within the limit holds for every percentile and rate
(Sarathi-Serve, Agrawal et al. 2024). n is the full batch, the worst case.

Symbol   Meaning                                                                   Unit
beta     cost of a sequence per step, b + g*ctx                                    s
s        mean prefill time of a prompt, so s/E[I] per token                        s
n        decoding sequences                                                        count
"""

import numpy as np
import numpy.typing as npt

from recommender.performance.step_law import StepLaw
from recommender.queueing.capacity import full_batch, prefill_moments
from recommender.queueing.laws import as_laws, step_gains
from recommender.queueing.moments import length_moments
from recommender.workload import Lengths


def largest_chunk_tokens(
    law: StepLaw, lengths: Lengths, *, itl_s: float, full: float = 1.0
) -> npt.NDArray[np.float64]:
    """Largest token budget whose full step stays within `itl_s`, shape (n,); 0 where none does.

    `full` is the share of its batch that the replica holds; 1 is the worst case.
    """
    moments = length_moments(lengths, step_gains(law))
    laws = as_laws(law, attended=moments.attended)
    batch = full_batch(laws, moments) if moments.decode_steps > 0 else np.zeros(len(laws))
    per_token = prefill_moments(laws.d, laws.q, moments)[0] / moments.input_mean
    batch = full * batch
    base = laws.a + (laws.b + laws.g * moments.context) * batch
    room = np.floor((itl_s - base) / per_token + 1e-9)
    return np.where(room >= 1.0, laws.verified_tokens * batch + room, 0.0)

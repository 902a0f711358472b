"""How many steps of a replica change nothing but contexts, and can be taken in one jump; compiled.

Without prefill the time of step i is first + growth * i, so that n steps take
n * (first + growth * (n - 1) / 2) seconds.
"""

import numpy as np

from recommender.compiled import compiled_in_place, inlined
from recommender.queueing.state import Integers, Records, Replica


@inlined
def slowest_rank(replica: Replica, ranks: Records, after: int, decoding: bool) -> tuple[int, float]:
    """The rank that sets the pace `after` steps from now, and the time of that step."""
    slowest, longest = 0, -1.0
    for r in range(replica.ranks):
        rank = ranks[r]
        seconds = replica.a + rank.prefill_s
        if decoding:
            context = rank.context + rank.batch * after * replica.tokens_per_step
            seconds += replica.b * rank.batch + replica.g * context
        if seconds > longest:
            slowest, longest = r, seconds
    return slowest, longest


@compiled_in_place
def quiet_steps(
    replica: Replica, ranks: Records, heaps: Integers, step: int, wait_s: float
) -> tuple[int, float]:
    """Steps to jump: to the next finish, arrival, preemption, or change of the slowest rank."""
    steps = 1 << 30
    for r in range(replica.ranks):
        rank = ranks[r]
        if rank.batch > 0:
            steps = min(steps, (heaps[r, 0] >> 32) - step)
            if replica.preempt:
                steps = min(steps, (replica.kv_tokens - rank.held) // rank.batch)
    slowest, first_s = slowest_rank(replica, ranks, 0, True)
    growth = replica.g * ranks[slowest].batch * replica.tokens_per_step
    if wait_s < steps * (first_s + 0.5 * growth * (steps - 1)):
        half = first_s - 0.5 * growth  # wait = steps * half + steps^2 * growth / 2
        root = 2.0 * wait_s / (half + np.sqrt(half * half + 2.0 * growth * wait_s))
        steps = min(steps, int(np.ceil(root)))
    steps = max(steps, 1)
    while steps > 1 and slowest_rank(replica, ranks, steps - 1, True)[0] != slowest:
        steps = steps >> 1
    return steps, growth

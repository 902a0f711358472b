"""A decode engine in a pool: prompts come with their cache; what it preempts it computes itself.

    first step of a prompt of I tokens      d' * I, one token of the budget     cache received
    after a preemption, of P tokens         d*P + q*P*ctx, P of the budget      computed here

Sized plans reserve the whole length of a request when it starts. vLLM takes KV as it is needed: a
received prompt takes its own length, each step one token more, and when the cache runs out the
youngest sequence loses all of its own. Its prompt and the tokens it produced are computed again by
the decode engine, beside the decodes of others: the NIXL and Mooncake connectors of vLLM V1 move a
request's cache once, and what comes back from preemption has no computed tokens.

Symbol  Meaning                                                             Unit
d'      of the decode pool's law, `disaggregation.pool_laws`                s/token
d, q    of the same replica's law where it does both                        s/token, s/token^2
"""

from dataclasses import replace

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw
from recommender.queueing.policy import Policy
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay
from recommender.queueing.state import Integers


def replay_received(
    law: StepLaw,
    arriving: Draw,
    *,
    recompute: StepLaw | None,
    lead: int = 0,
    measured: int | None = None,
    sections: Integers | None = None,
    seed: int = 0,
) -> Simulated:
    """Simulate requests whose caches arrive whole on a replica of a decode pool, as `replay` does.

    `recompute` is the law of this replica where it does both: then KV is taken as it is needed.
    None reserves it, and nothing is computed again.
    """
    if recompute is None:
        return replay(
            law, arriving, lead=lead, measured=measured, sections=sections, seed=seed
        )  # fmt: skip
    engine = replace(law, d=recompute.d, q=recompute.q, chunk_tokens=recompute.chunk_tokens)
    return replay(
        engine,
        arriving,
        lead=lead,
        measured=measured,
        sections=sections,
        seed=seed,
        policy=Policy(kv="preempt"),
        received_s_per_token=float(law.d),
    )

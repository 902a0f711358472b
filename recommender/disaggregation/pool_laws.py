r"""Step laws of the two pools, from the law of a replica that does both.

Prefill: steps hold prompt tokens only. The law's `d` is the cost of prompt tokens beside a batch
of B_m sequences (performance.linearise), which has loaded the experts that such a batch needs; so
a prefill step pays for that batch too, an upper bound on a step without it:

    a' = a + b * B_m,      B_m = sqrt(B * max(B/8, 1)),   B = min(max_batch, K / ctx)

and its cache holds prompts until they have moved. At most 1/d tokens are computed per second, so
within w seconds no more than  w/d + C  of them, and u more while a prompt of sigma > 1 is on its
longer way to being ready. These get prompts of r(X) tokens ready, found in a prefix cache or not
(`ready_tokens`; r(X) = X without hits):

    K' = K - (r(w/d + u + C) + I_max),      u = (sigma - 1) * (c + phi*q*c^2/(2*d))

Decode: prompts come with their cache, but for the last token, which the engine computes itself to
get the first token of the answer: a step like any other, b + g*I seconds of it for this sequence.

    d' = g + b / E[I],   q' = 0,   C' = N * (I_max + v),   N' = min(N, C),   K' = (1 - f) * K

so that a prompt of I tokens costs b + g*I (b on average), never waits for the token budget, and
takes its slot and its cache. f of the cache is set aside for sequences that are still moving: they
hold theirs for at most x_t (but for the tail), so on average half of f suffices up to a rate of

    R  <=  f/2 * K / (x_t * E[I + O])                         per rank (Little's law)

With drafts (performance.speculation) both pools have the layer that drafts, its weights and its
cache: every prompt passes through it, and its cache moves with the others, for decode replicas
could not draft without. The d, q, K and N of the law know of it. Prefill steps pay for the drafts
of their B_m sequences too. The one token of a new sequence costs a decode step as much as the v of
the others: more than it computes, and it drafts for the next step like them.

Symbol  Meaning                                                                  Unit
C, N    token budget, and most sequences of a step, per rank                     tokens, count
K       KV cache of a rank                                                       tokens
v       tokens of a decoding sequence in a step: 1, or its drafts and one more   count
w       longest time that a cache waits on its prefill replica                   s
f       IN_FLIGHT                                                                1
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recommender.disaggregation.ready_tokens import ready_tokens
from recommender.performance.linearise import RANGE
from recommender.performance.moments import moments
from recommender.performance.step_law import Number, StepLaw
from recommender.workload import Lengths, Workload

IN_FLIGHT = 0.05
"""Share of a decode replica's cache for sequences that are moving in."""


def prefill_workload(workload: Workload) -> Workload:
    """The prompts, one output token each."""
    lengths = workload.lengths
    prompts = replace(lengths, output_tokens=np.ones_like(lengths.output_tokens))
    return replace(workload, lengths=prompts)


def decode_workload(workload: Workload) -> Workload:
    """The whole requests, whose caches arrive whole; no queue ends more regular than Poisson."""
    lengths = replace(workload.lengths, cached_tokens=None)
    return replace(workload, lengths=lengths, burstiness=max(workload.burstiness, 1.0))


def law_in_pool(
    pool: str, law: StepLaw, *, central: StepLaw, lengths: Lengths, held_s: float
) -> StepLaw:
    """Law of replicas in a pool, from theirs when they do both (`central`: without margin)."""
    if pool == "decode":
        return decode_law(law, lengths)
    return prefill_law(
        law,
        lengths,
        context_tokens=moments(lengths).context_tokens,
        prompt_token_s=central.d,
        held_s=held_s,
    )


def prefill_law(
    law: StepLaw,
    lengths: Lengths,
    *,
    context_tokens: Number,
    prompt_token_s: Number,
    held_s: float,
) -> StepLaw:
    """Law of a replica that computes prompts only, arrays of shape (n,).

    Parameters
    ----------
    context_tokens
        Mean context of a decoding sequence, around which the law was drawn [tokens].
    prompt_token_s
        Fastest time of a prompt token: without the margin for model error [s].
    held_s
        w.
    """
    batch = np.minimum(law.max_batch, law.kv_tokens / context_tokens)
    middle = np.sqrt(np.maximum(batch, 1.0) * np.maximum(batch / RANGE, 1.0))
    longest = float(lengths.input_tokens.max())
    computed = held_s / prompt_token_s + _longer_way_tokens(law, lengths) + law.chunk_tokens
    waiting = ready_tokens(computed, lengths) + longest
    kept = np.maximum(law.kv_tokens - waiting, 0.0)
    return replace(law, a=law.a + law.b * middle, kv_tokens=kept)


def _longer_way_tokens(law: StepLaw, lengths: Lengths) -> Number:
    """u; a margin for model error leaves it as it is."""
    longest = float(lengths.computed_tokens.max())
    attended = lengths.attended_factor * law.q / law.d * longest**2 / 2
    return (law.prompt_stretch - 1.0) * (longest + attended)


def most_in_flight(law: StepLaw, lengths: Lengths) -> npt.NDArray[np.float64]:
    """Requests whose cache may be moving in on average, per rank, shape (n,) [count]."""
    held = lengths.mean_input + lengths.mean_output
    return np.asarray(0.5 * IN_FLIGHT * law.kv_tokens / held, dtype=np.float64)


def decode_law(law: StepLaw, lengths: Lengths) -> StepLaw:
    """Law of a replica whose prompts arrive with their cache, arrays of shape (n,)."""
    slots = np.minimum(law.max_batch, law.chunk_tokens)
    longest = float(lengths.input_tokens.max())
    return replace(
        law,
        d=law.g + law.b / lengths.mean_input,
        q=law.q * 0.0,
        prompt_stretch=law.prompt_stretch * 0.0 + 1.0,
        max_batch=slots,
        chunk_tokens=slots * (longest + law.verified_tokens),
        kv_tokens=law.kv_tokens * (1.0 - IN_FLIGHT),
    )

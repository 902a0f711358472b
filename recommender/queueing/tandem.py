"""Two engines in a row: one computes prompts, their caches move, the other produces the tokens.

    first token = prefill + sent + received + decode wait and first step     (last token alike)

    prefill     replay of the prompts with one output token each (frontend, queue, prompt)
    sent        FIFO over the network of the prefill replica:   t_k = max(r_k, t_{k-1}) + s*I_k
    received    FIFO over the network of the decode replica, after the whole cache was sent
    decode      replay of the requests as they arrive there; its law has no prompt work (`pools`):
            caches arrive whole, whatever the prefill replica found in its prefix cache

Symbol  Meaning                                                                   Unit
r_k     time at which cache k is ready to move                                    s
s       transfer time of a prompt token on one rank's share of a network          s/token
I_k     prompt                                                                    tokens
M       prefill replicas that feed one decode replica, ceil(r_d / r_p)            count
r_p,r_d rate of one prefill, and of one decode replica                            requests/s

The decode engine emits every token, the first one too, as vLLM's connectors do: the answer of the
prefill engine is thrown away. Store and forward is slower than a transfer that streams, and the
fewest senders give the burstiest arrivals: both on the safe side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_for_several
from recommender.queueing.policy import VLLM, Policy
from recommender.queueing.received import replay_received
from recommender.queueing.simulated import Simulated
from recommender.queueing.simulator import replay
from recommender.queueing.state import Floats, Integers
from recommender.stream import POISSON, Stream
from recommender.workload import Lengths

_WARM_UP = 0.10
_COOL_DOWN = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """How a cache moves from a prefill rank to a decode rank.

    Attributes
    ----------
    sent_s_per_token, received_s_per_token
        Transfer time of a prompt token on one rank's share of its node's network [s].
    least_tokens
        What a shorter prompt moves as well: state and windows do not shrink with it [tokens].
    """

    sent_s_per_token: float
    received_s_per_token: float
    least_tokens: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The prefill replicas that feed one decode replica, and the share that each sends to it."""

    replicas: int
    share: float


def feed(*, prefill_requests_per_s: float, decode_requests_per_s: float) -> Feed:
    """The fewest senders for the rate of one decode replica (rates of one replica each)."""
    replicas = max(1, ceil(decode_requests_per_s / prefill_requests_per_s * (1 - 1e-9)))
    return Feed(
        replicas=replicas,
        share=min(1.0, decode_requests_per_s / (replicas * prefill_requests_per_s)),
    )


def simulate_tandem(
    prefill: StepLaw,
    decode: StepLaw,
    lengths: Lengths,
    *,
    prefill_requests_per_s: float,
    decode_requests_per_s: float,
    handover: Handover,
    requests: int = 40_000,
    seed: int = 0,
    stream: Stream = POISSON,
) -> Simulated:
    """About `requests` requests of one decode replica, from arrival to last token.

    Rates are of one replica each, over all its ranks [requests/s]. The senders share the requests
    of one stream, so that a burst comes to all of them.
    """
    fed = feed(
        prefill_requests_per_s=prefill_requests_per_s, decode_requests_per_s=decode_requests_per_s
    )
    streams = draw_for_several(
        lengths,
        stream,
        requests_per_s=prefill_requests_per_s,
        replicas=fed.replicas,
        count=ceil(requests / (1 - _WARM_UP - _COOL_DOWN) / fed.share),
        seed=seed,
        ranks=int(prefill.ranks),
    )
    return replay_tandem(prefill, decode, streams, share=fed.share, handover=handover, seed=seed)


def replay_tandem(
    prefill: StepLaw,
    decode: StepLaw,
    streams: Sequence[Draw],
    *,
    share: float,
    handover: Handover,
    seed: int = 0,
    recompute: StepLaw | None = None,
) -> Simulated:
    """One decode replica behind the prefill replicas that receive `streams`.

    `share` of each stream, chosen at random, goes to this decode replica; the rest loads the
    prefill replica and its network. With `recompute` both engines take KV as they need it, and the
    decode replica computes by this law what it preempted (`received`). Raises ValueError as
    `replay` does.
    """
    random = np.random.default_rng([seed, 7])
    policy = VLLM if recompute is None else Policy(kv="preempt")
    parts = [_prefilled(prefill, stream, handover, share, random, policy) for stream in streams]
    arrival, spent, inputs, outputs = (
        np.concatenate([part[field] for part in parts]) for field in range(4)
    )
    sent = arrival + spent
    rank = random.integers(int(decode.ranks), size=sent.size)
    received = moved(sent, rank, handover.received_s_per_token, inputs, handover.least_tokens)
    order = np.argsort(received, kind="stable")
    lead = int(_WARM_UP * order.size)
    measured = order.size - lead - int(_COOL_DOWN * order.size)
    arriving = Draw(
        arrival=received[order],
        input_tokens=inputs[order].astype(np.int64),
        output_tokens=outputs[order].astype(np.int64),
        rank=rank[order],
    )
    run = replay_received(
        decode, arriving, recompute=recompute, lead=lead, measured=measured, seed=seed
    )
    before = (received - arrival)[order][lead : lead + measured] + float(prefill.frontend_s)
    return replace(
        run,
        ttft_s=run.ttft_s + before,
        e2e_s=run.e2e_s + before,
        cached_share=float(np.mean([part[4] for part in parts])),
    )


def _prefilled(
    law: StepLaw,
    stream: Draw,
    handover: Handover,
    share: float,
    random: np.random.Generator,
    policy: Policy,
) -> tuple[Floats, Floats, Integers, Integers, float]:
    """Of the requests kept: arrival, time until the cache is sent, prompt and output; hit share."""
    prompts = replace(stream, output_tokens=np.ones_like(stream.output_tokens))
    run = replay(law, prompts, policy=policy)
    ready = stream.arrival + run.ttft_s - float(law.frontend_s)
    sent = moved(
        ready, stream.rank, handover.sent_s_per_token, stream.input_tokens, handover.least_tokens
    )
    kept = random.random(sent.size) < share if share < 1.0 else np.ones(sent.size, dtype=np.bool_)
    spent = sent - stream.arrival
    lengths = stream.input_tokens[kept], stream.output_tokens[kept]
    return stream.arrival[kept], spent[kept], *lengths, run.cached_share


def moved(
    ready: Floats, rank: Integers, s_per_token: float, tokens: Integers, least_tokens: float
) -> Floats:
    """When each cache has moved: one FIFO queue per rank."""
    moved = np.empty_like(ready)
    service = s_per_token * np.maximum(tokens, least_tokens)
    for one in np.unique(rank):
        mine = np.flatnonzero(rank == one)
        mine = mine[np.argsort(ready[mine], kind="stable")]
        moved[mine] = fifo(ready[mine], service[mine])
    return moved


def fifo(ready: Floats, service: Floats) -> Floats:
    """Departures of one server, first come first served: t_k = max(r_k, t_{k-1}) + s_k [s]."""
    work = np.cumsum(service)
    return np.asarray(work + np.maximum.accumulate(ready - (work - service)))

"""Discrete-event simulation of one replica: the judge of every rate that a plan prints.

A run draws its requests (`arrivals`) or is given them (`replay`), lets the compiled kernel step
the engine (`kernel`), and cuts off a warm-up and the end, where the load has ceased. The frontend
and what a prompt's own way is longer are added to the first token afterwards: they delay a request
but occupy nothing.

Prompt tokens found in a prefix cache are not computed, but attended and read.
"""

import dataclasses
from typing import Any

import numpy as np

from recommender.performance.step_law import StepLaw
from recommender.queueing.arrivals import Draw, draw_requests
from recommender.queueing.draft_gains import draw_steps
from recommender.queueing.laws import step_gains
from recommender.queueing.policy import VLLM, KvPolicy, Policy, Routing, Scheduler
from recommender.queueing.prefixes import Prefixes
from recommender.queueing.simulated import BATCHES, Simulated
from recommender.queueing.state import (
    ABSENT,
    BINS,
    BLOCK,
    RANK,
    REQUEST,
    TOTAL,
    Floats,
    Integers,
    Records,
    Replica,
)
from recommender.stream import POISSON, Stream
from recommender.workload import Lengths

_WARM_UP = 0.10
_WARM_UP_IN_FLIGHT = 2.0
COOL_DOWN = 0.03


def simulate(
    law: StepLaw,
    lengths: Lengths,
    requests_per_s: float,
    *,
    requests: int = 40_000,
    seed: int = 0,
    stream: Stream = POISSON,
    scheduler: Scheduler = "chunked",
    kv: KvPolicy = "reserve",
    routing: Routing = "random",
    lockstep: bool = True,
    counts_gaps: bool = True,
) -> Simulated:
    """Simulate one replica (a scalar law) and measure `requests` requests after the warm-up.

    Parameters
    ----------
    requests_per_s
        Rate of the replica, over all its ranks [requests/s].
    stream, and scheduler, kv, routing, lockstep
        What the replica gets its requests from; see `Policy`.
    counts_gaps
        Whether gaps between tokens are counted, for the percentiles of ITL: a fifth of the work.

    Raises
    ------
    ValueError
        A law of several replicas, a rate that is not positive, too few requests, an unknown
        policy, or a request that the KV cache of a rank cannot hold.
    """
    policy = Policy(scheduler, kv, routing, lockstep)
    replica = _replica(law, policy)
    _check_rate(requests_per_s)
    _check_fits(lengths.longest, replica)
    lead = lead_requests(law, requests)
    draw = draw_requests(
        lengths,
        count=lead + requests + int(COOL_DOWN * requests),
        seed=seed,
        burstiness=stream.burstiness,
        ranks=replica.ranks,
        share=stream.share(requests_per_s),
    )
    arriving = dataclasses.replace(draw, arrival=draw.arrival / requests_per_s)
    return replay(
        law, arriving, lead=lead, measured=requests, policy=policy, seed=seed,
        counts_gaps=counts_gaps,
    )  # fmt: skip


def _check_rate(requests_per_s: float) -> None:
    if not (requests_per_s > 0.0 and np.isfinite(requests_per_s)):
        raise ValueError(f"a positive rate is needed, not {requests_per_s} requests/s")


def lead_requests(law: StepLaw, requests: int) -> int:
    """Requests before those that are measured: a share of them, and enough to fill the replica."""
    in_flight = float(np.asarray(law.max_batch * law.ranks).reshape(()))
    return min(int(_WARM_UP * requests) + int(_WARM_UP_IN_FLIGHT * in_flight), requests)


def replay(
    law: StepLaw,
    arriving: Draw,
    *,
    lead: int = 0,
    measured: int | None = None,
    policy: Policy = VLLM,
    sections: Integers | None = None,
    seed: int = 0,
    counts_gaps: bool = True,
    received_s_per_token: float = 0.0,
) -> Simulated:
    """Simulate given requests on one replica; `arriving.arrival` is in seconds, not decreasing.

    The first `lead` requests are a warm-up; the next `measured` (all others, if None) are measured.
    `sections`, shape (n,), says in which row of `Simulated.gaps` gaps are counted while a request
    is the next to arrive (-1 and BATCHES: in none); by default all batches are equally long.
    `seed` draws what drafts gain; without drafts nothing is drawn here. Where caches come from
    another engine a prompt token takes `received_s_per_token`, and the law's work is that of what
    is preempted. Raises ValueError as `simulate` does.
    """
    replica = _replica(law, policy)._replace(received_s_per_token=received_s_per_token)
    count = arriving.arrival.size
    measured = count - lead if measured is None else measured
    _check(replica, arriving, measured, policy, least=BATCHES if sections is None else 1)
    if sections is None:
        sections = (np.arange(count) - lead) * BATCHES // measured
    batch = np.clip(sections, -1, BATCHES) + 1
    totals = np.zeros(1, TOTAL)
    gaps = np.zeros((BATCHES + 2 if counts_gaps else 0, BINS))
    done = _records(arriving, batch, policy, replica.ranks)
    done["decode_steps"] = draw_steps(arriving.output_tokens - 1, step_gains(law), seed=seed)
    if policy.lockstep or replica.ranks == 1:
        _run(replica, done, gaps, totals, arriving.prefixes)
    else:
        done = _run_apart(replica, done, gaps, totals)
    return _measured(law, done, gaps[1:-1], totals[0], slice(lead, lead + measured))


def _replica(law: StepLaw, policy: Policy) -> Replica:
    if len(law) != 1:
        raise ValueError(f"one replica is simulated at a time, not {len(law)}; use law.take(i)")

    def scalar(value: object) -> float:
        return float(np.asarray(value, dtype=np.float64).reshape(()))

    return Replica(
        a=scalar(law.a),
        b=scalar(law.b),
        g=scalar(law.g),
        d=scalar(law.d),
        q=scalar(law.q),
        max_batch=int(scalar(law.max_batch)),
        kv_tokens=int(scalar(law.kv_tokens)),
        chunk_tokens=int(scalar(law.chunk_tokens)),
        ranks=int(scalar(law.ranks)),
        tokens_per_step=scalar(law.tokens_per_step),
        verified_tokens=int(scalar(law.verified_tokens)),
        prefill_first=policy.scheduler == "prefill_first",
        preempt=policy.kv == "preempt",
    )


def _check(replica: Replica, arriving: Draw, measured: int, policy: Policy, *, least: int) -> None:
    if measured < least:
        raise ValueError(f"at least {least} requests are needed, not {measured}")
    _check_fits(int((arriving.input_tokens + arriving.output_tokens).max()), replica)
    if arriving.prefixes is not None and (replica.preempt or not policy.lockstep):
        raise ValueError("a prefix cache is simulated for reserved KV and ranks in lockstep only")
    if replica.preempt and replica.tokens_per_step != 1.0:
        raise ValueError("preemption is simulated for one token a step only, not for speculation")
    if min(replica.max_batch, replica.chunk_tokens, replica.ranks) < 1:
        raise ValueError("max_batch, chunk_tokens and ranks are at least 1")


def _check_fits(longest: int, replica: Replica) -> None:
    if longest > replica.kv_tokens:
        raise ValueError(
            f"the longest request has {longest} tokens, "
            f"the KV cache of a rank holds {replica.kv_tokens}"
        )


def _records(arriving: Draw, batch: Integers, policy: Policy, ranks: int) -> Records:
    requests = np.zeros(arriving.arrival.size, REQUEST)
    requests["arrival_s"] = arriving.arrival
    requests["input_tokens"] = arriving.input_tokens
    requests["output_tokens"] = arriving.output_tokens
    if arriving.cached_tokens is not None:  # the last prompt token is always computed
        requests["cached_tokens"] = np.minimum(arriving.cached_tokens, arriving.input_tokens - 1)
    if policy.routing == "random":
        requests["rank"] = arriving.rank
    else:
        in_turn = np.arange(batch.size) % ranks
        requests["rank"] = -1 if policy.routing == "least_outstanding" else in_turn
    requests["batch"] = batch
    return requests


def _run(
    replica: Replica,
    requests: Records,
    gaps: Floats,
    totals: Records,
    prefixes: Prefixes | None = None,
) -> None:
    from recommender.queueing.kernel import run

    offsets = blocks = cache = None
    if prefixes is not None:
        replica = replica._replace(block_tokens=prefixes.block_tokens)
        offsets, blocks, known = prefixes.table(requests["input_tokens"])
        cache = np.zeros((replica.ranks, known + 1), BLOCK)
        cache["newer"] = cache["older"] = ABSENT
        cache["newer"][:, known] = cache["older"][:, known] = known
    ranks = np.zeros(replica.ranks, RANK)
    ranks["head"] = -1
    ranks["done"] = -1
    heaps = np.zeros((replica.ranks, replica.max_batch + 1), np.int64)
    most_ready = replica.ranks * min(replica.max_batch, replica.chunk_tokens) + 1
    ready = np.zeros(most_ready, np.int64)
    run(requests, replica, ranks, heaps, ready, gaps, totals, offsets, blocks, cache)


def _run_apart(replica: Replica, requests: Records, gaps: Floats, totals: Records) -> Records:
    """Each rank by itself: as many runs of one rank, their totals added."""
    alone = replica._replace(ranks=1)
    done = requests.copy()
    for rank in range(replica.ranks):
        mine = np.flatnonzero(requests["rank"] == rank)
        part = requests[mine]
        part["rank"] = 0
        own = np.zeros(1, TOTAL)
        _run(alone, part, gaps, own)
        done[mine] = part
        for name in TOTAL.names or ():
            join = np.maximum if name.startswith("most") or name == "end_s" else np.add
            totals[name] = join(totals[name], own[name])
    return done


def _measured(law: StepLaw, done: Records, gaps: Floats, total: Any, kept: slice) -> Simulated:
    chosen = done[kept]
    steps = chosen["output_tokens"] - 1.0
    decode = chosen["finish_s"] - chosen["first_s"]
    span = float(total["end_s"] - done["arrival_s"][0])
    beside = _beside_steps_s(law, chosen)
    return Simulated(
        ttft_s=chosen["first_s"] - chosen["arrival_s"] + beside,
        tpot_s=np.where(steps > 0, decode / np.maximum(steps, 1.0), np.nan),
        e2e_s=chosen["finish_s"] - chosen["arrival_s"] + beside,
        gaps=gaps,
        arrival_s=chosen["arrival_s"].copy(),
        input_tokens=chosen["input_tokens"].copy(),
        output_tokens=chosen["output_tokens"].astype(np.int64),
        arrived=done.size,
        completed=int(np.count_nonzero(done["finish_s"])),
        sojourn_s=float((done["finish_s"] - done["arrival_s"]).sum()),
        requests_in_system=float(total["request_seconds"]) / span,
        busy_s=float(total["busy_s"]),
        span_s=span,
        steps=int(total["steps"]),
        prefilled_tokens=int(total["prefilled_tokens"]),
        decoded_tokens=round(float(total["decoded_tokens"]) * float(law.tokens_per_step)),
        preemptions=int(total["preemptions"]),
        most_sequences=int(total["most_sequences"]),
        most_kv_tokens=int(total["most_kv_tokens"]),
        cached_share=float(chosen["cached_tokens"].sum() / chosen["input_tokens"].sum()),
    )


def _beside_steps_s(law: StepLaw, requests: Records) -> Floats:
    """What each request waits for beside the engine's steps: frontend, and its prompt's stretch."""
    cached, whole = requests["cached_tokens"], requests["input_tokens"]
    computed = whole - cached
    prompt_s = law.d * computed + law.q * computed * (cached + whole) / 2
    return np.asarray(law.frontend_s + (law.prompt_stretch - 1.0) * prompt_s)


def is_compiled() -> bool:
    """Whether the kernel is compiled in this process."""
    import sys

    kernel = sys.modules.get("recommender.queueing.kernel")
    return kernel is not None and bool(kernel.run.signatures)


def warm_up() -> None:
    """Compile the kernel, or load it from numba's cache (seconds, the first time)."""
    lengths = Lengths(np.array([4], np.int64), np.array([2], np.int64))
    law = StepLaw(
        a=1e-3, b=0.0, g=0.0, d=1e-6, q=0.0, max_batch=2.0, kv_tokens=64.0, chunk_tokens=8.0
    )
    simulate(law, lengths, 1.0, requests=BATCHES)

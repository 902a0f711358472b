"""The compiled heart of the simulator: continuous batching, event by event.

Every step, in the order of vLLM V1 and Sarathi-Serve (Agrawal et al. 2024): each decoding sequence
takes one token of the step's budget; what is left goes to prompts, first come first served, the
last one possibly cut into a chunk. A prompt is admitted when a slot and a KV reservation for its
whole length are free. The step lasts

    tau = max over ranks of  a + b*B + g*S + d*P + q*P*ctx

and every rank waits for the slowest. Steps without prefill until the next arrival or the next
finished sequence change nothing but the contexts: their times are an arithmetic series, and they
are taken in one jump. So the work is O(log B) per request, whatever its output length.

Times are in seconds, lengths in tokens. All functions are in this one file because numba renews
its cache when the file of a function changes, not when that of a callee does.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np

from recommender.queueing.state import (
    BINS,
    BINS_PER_DECADE,
    SHORTEST_GAP_S,
    Floats,
    Integers,
    Records,
    Replica,
)

_Function = TypeVar("_Function", bound=Callable[..., object])
_FOREVER = 1e300


def _compiled(function: _Function) -> _Function:
    return cast(_Function, numba.njit(cache=True, error_model="numpy")(function))


@_compiled
def _push(heaps: Integers, rank: int, size: int, key: int) -> None:
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heaps[rank, parent] <= key:
            break
        heaps[rank, child] = heaps[rank, parent]
        child = parent
    heaps[rank, child] = key


@_compiled
def _pop(heaps: Integers, rank: int, size: int) -> None:
    """Remove the least key of a heap of `size`."""
    last = size - 1
    key = heaps[rank, last]
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= last:
            break
        if child + 1 < last and heaps[rank, child + 1] < heaps[rank, child]:
            child += 1
        if heaps[rank, child] >= key:
            break
        heaps[rank, parent] = heaps[rank, child]
        parent = child
    heaps[rank, parent] = key


@_compiled
def _enqueue(requests: Records, ranks: Records, index: int) -> None:
    rank = ranks[requests[index].rank]
    requests[index].following = -1
    if rank.head < 0:
        rank.head = index
    else:
        requests[rank.tail].following = index
    rank.tail = index


@_compiled
def _prefill(
    r: int, requests: Records, replica: Replica, ranks: Records, ready: Integers, count: int
) -> tuple[int, int]:
    """Spend the step's budget on the queue; prefilled tokens, and requests ready so far."""
    rank = ranks[r]
    budget = replica.chunk_tokens
    if not replica.prefill_first:
        budget -= rank.batch
    tokens, slots, attended = 0, rank.batch, 0.0
    while budget > 0 and rank.head >= 0:
        request = requests[rank.head]
        if rank.done == 0:
            held = rank.reserved + request.input_tokens + request.output_tokens
            if slots >= replica.max_batch or held > replica.kv_tokens:
                break
            rank.reserved = held
        chunk = min(request.input_tokens - rank.done, budget)
        attended += chunk * (rank.done + 0.5 * chunk)
        tokens += chunk
        budget -= chunk
        rank.done += chunk
        if rank.done < request.input_tokens:
            break
        ready[count] = rank.head
        count += 1
        slots += 1
        rank.done = 0
        rank.head = request.following
    rank.prefill_s = replica.d * tokens + replica.q * attended
    return tokens, count


@_compiled
def _slowest(replica: Replica, ranks: Records, after: int, decoding: bool) -> tuple[int, float]:
    """The rank that sets the pace `after` steps from now, and the time of that step."""
    slowest, longest = 0, -1.0
    for r in range(replica.ranks):
        rank = ranks[r]
        seconds = replica.a + rank.prefill_s
        if decoding:
            context = rank.context + rank.batch * after
            seconds += replica.b * rank.batch + replica.g * context
        if seconds > longest:
            slowest, longest = r, seconds
    return slowest, longest


@_compiled
def _quiet_steps(
    replica: Replica, ranks: Records, heaps: Integers, step: int, wait_s: float
) -> tuple[int, float]:
    """Steps to jump: up to the next finish, the next arrival, or a change of the slowest rank."""
    steps = 1 << 30
    for r in range(replica.ranks):
        if ranks[r].batch > 0:
            steps = min(steps, (heaps[r, 0] >> 32) - step)
    slowest, first_s = _slowest(replica, ranks, 0, True)
    growth = replica.g * ranks[slowest].batch
    if wait_s < steps * (first_s + 0.5 * growth * (steps - 1)):
        half = first_s - 0.5 * growth  # wait = steps * half + steps^2 * growth / 2
        root = 2.0 * wait_s / (half + np.sqrt(half * half + 2.0 * growth * wait_s))
        steps = min(steps, int(np.ceil(root)))
    steps = max(steps, 1)
    while steps > 1 and _slowest(replica, ranks, steps - 1, True)[0] != slowest:
        steps = steps >> 1
    return steps, growth


@_compiled
def _bin(gap_s: float) -> int:
    place = int(BINS_PER_DECADE * np.log10(gap_s / SHORTEST_GAP_S + 1e-300))
    return min(max(place, 0), BINS - 1)


@_compiled
def _count_gaps(
    gaps: Floats, row: int, first_s: float, growth: float, steps: int, batch: int
) -> None:
    """Gaps first_s, first_s + growth, ... of `batch` sequences, spread evenly over their bins."""
    low = _bin(first_s)
    high = low if steps == 1 else _bin(first_s + growth * (steps - 1))
    share = steps * batch / (high - low + 1)
    for place in range(low, high + 1):
        gaps[row, place] += share


@_compiled
def _finish(
    r: int, requests: Records, ranks: Records, heaps: Integers, step: int, now: float
) -> int:
    """Take out the sequences that end at `step`; how many."""
    rank = ranks[r]
    ended = 0
    while rank.batch > 0 and (heaps[r, 0] >> 32) <= step:
        request = requests[heaps[r, 0] & 0xFFFFFFFF]
        _pop(heaps, r, rank.batch)
        length = request.input_tokens + request.output_tokens
        rank.batch -= 1
        rank.context -= length
        rank.reserved -= length
        request.finish_s = now
        ended += 1
    return ended


@_compiled
def _start(
    index: int, requests: Records, ranks: Records, heaps: Integers, step: int, now: float
) -> int:
    """First token of a request whose prefill ended; 1 if it is complete with that."""
    request = requests[index]
    rank = ranks[request.rank]
    request.first_s = now
    more = request.output_tokens - 1
    if more == 0:
        request.finish_s = now
        rank.reserved -= request.input_tokens + 1
        return 1
    _push(heaps, request.rank, rank.batch, ((step + more) << 32) + index)
    rank.batch += 1
    rank.context += request.input_tokens + 1
    return 0


@_compiled
def run(
    requests: Records, replica: Replica, ranks: Records, heaps: Integers, ready: Integers,
    gaps: Floats, totals: Records,
) -> None:  # fmt: skip
    """Simulate until the last request is complete; `totals` has one record."""
    total, last = totals[0], requests.size
    arrived, ended, step, now = 0, 0, 0, 0.0
    while ended < last:
        while arrived < last and requests[arrived].arrival_s <= now:
            _enqueue(requests, ranks, arrived)
            total.request_seconds += now - requests[arrived].arrival_s
            arrived += 1
        if arrived == ended:
            now = requests[arrived].arrival_s
            continue
        count, prefilled, decoding = 0, 0, 0
        for r in range(replica.ranks):
            tokens, count = _prefill(r, requests, replica, ranks, ready, count)
            prefilled += tokens
            decoding += ranks[r].batch
            total.most_kv_tokens = max(total.most_kv_tokens, ranks[r].reserved)
        steps, growth = 1, 0.0
        stopped = replica.prefill_first and prefilled > 0
        first_s = _slowest(replica, ranks, 0, not stopped)[1]
        if prefilled == 0:
            wait_s = requests[arrived].arrival_s - now if arrived < last else _FOREVER
            steps, growth = _quiet_steps(replica, ranks, heaps, step, wait_s)
        seconds = steps * (first_s + 0.5 * growth * (steps - 1))
        now += seconds
        total.busy_s += seconds
        total.steps += steps
        total.prefilled_tokens += prefilled
        total.request_seconds += (arrived - ended) * seconds
        if decoding > 0 and not stopped:
            step += steps
            total.decoded_tokens += steps * decoding
            row = requests[min(arrived, last - 1)].batch
            _count_gaps(gaps, row, first_s, growth, steps, decoding)
            for r in range(replica.ranks):
                ranks[r].context += steps * ranks[r].batch
                ended += _finish(r, requests, ranks, heaps, step, now)
        for place in range(count):
            ended += _start(ready[place], requests, ranks, heaps, step, now)
            total.most_sequences = max(
                total.most_sequences, ranks[requests[ready[place]].rank].batch
            )
    total.end_s = now

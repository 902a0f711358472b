"""The compiled heart of the simulator: continuous batching, event by event.

Every step, in the order of vLLM V1 and Sarathi-Serve (Agrawal et al. 2024): each decoding sequence
takes one token of the step's budget; what is left goes to prompts, first come first served, the
last one possibly cut into a chunk. The step lasts

    tau = max over ranks of  a + b*B + g*S + d*P + q*P*ctx

and every rank waits for the slowest. KV cache: either a prompt is admitted when its whole length
is free (reservation), or when its next chunk is; then decodes may run out, and the youngest
sequence is preempted: it goes back to the head of the queue, and its prompt and the tokens it has
produced are computed again. A prompt whose cache comes from another engine takes its whole length
at once, one token of the budget, and received_s_per_token * I seconds; what is preempted is then
computed here.

Steps without prefill until the next arrival, the next finished sequence or the next preemption
change nothing but the contexts: their times are an arithmetic series, and they are taken in one
jump. So the work is O(log B) per request, whatever its output length. With speculative decoding the
steps of every request are drawn beforehand (`draft_gains`); contexts grow by the mean A per step.
Times are in seconds, lengths in tokens. `totals` has one record; with a prefix cache the blocks of
request i are `blocks[offsets[i]:offsets[i + 1]]`.
"""

from recommender.compiled import compiled_in_place, inlined
from recommender.queueing.admission import admit, release, tokens_to_admit
from recommender.queueing.gaps import count_gaps
from recommender.queueing.heap import REQUEST_MASK, pop, push, remove
from recommender.queueing.quiet_steps import quiet_steps, slowest_rank
from recommender.queueing.state import (
    Floats,
    Integers,
    OrNone,
    Record,
    Records,
    Replica,
)

_FOREVER = 1e300


@compiled_in_place
def _enqueue(requests: Records, ranks: Records, index: int) -> None:
    """At the end of its rank's queue; a request without a rank goes to the least busy one."""
    if requests[index].rank < 0:
        least = 0
        for r in range(1, ranks.size):
            if ranks[r].outstanding < ranks[least].outstanding:
                least = r
        requests[index].rank = least
    rank = ranks[requests[index].rank]
    requests[index].following = -1
    if rank.head < 0:
        rank.head = index
    else:
        requests[rank.tail].following = index
    rank.tail = index
    rank.outstanding += 1


@compiled_in_place
def _preempt(
    r: int, requests: Records, replica: Replica, ranks: Records, heaps: Integers, step: int
) -> int:
    """Free KV for the next decode step, youngest sequence first; how many were preempted."""
    rank = ranks[r]
    count = 0
    while rank.batch > 0 and rank.held + rank.batch > replica.kv_tokens:
        count += 1
        if rank.done > 0:  # the prompt under way is the youngest
            rank.held -= rank.done - requests[rank.head].cached_tokens
            rank.done = -1
            continue
        youngest = 0
        for place in range(1, rank.batch):
            order = requests[heaps[r, place] & REQUEST_MASK].admitted
            if order > requests[heaps[r, youngest] & REQUEST_MASK].admitted:
                youngest = place
        key = heaps[r, youngest]
        index = key & REQUEST_MASK
        request = requests[index]
        remove(heaps, r, rank.batch, youngest)
        request.produced = request.output_tokens - ((key >> 32) - step)
        rank.batch -= 1
        rank.context -= request.input_tokens + request.produced
        rank.held -= request.input_tokens + request.produced - 1 - request.cached_tokens
        request.following = rank.head
        if rank.head < 0:
            rank.tail = index
        rank.head = index
    return count


@inlined
def _prefill(
    r: int, requests: Records, replica: Replica, ranks: Records, ready: Integers, count: int,
    offsets: OrNone, blocks: OrNone, cache: OrNone,
) -> tuple[int, int]:  # fmt: skip
    """Spend the step's budget on the queue; prefilled tokens, and requests ready so far."""
    rank = ranks[r]
    budget = replica.chunk_tokens
    if not replica.prefill_first:
        budget -= rank.batch * replica.verified_tokens
    tokens, received, slots, attended = 0, 0, rank.batch, 0.0
    while budget > 0 and rank.head >= 0:
        index = rank.head
        request = requests[index]
        prompt = request.input_tokens + request.produced
        starts = rank.done < 0
        has_cache = replica.received_s_per_token > 0.0 and request.produced == 0
        needed = 0
        if starts and not replica.preempt:
            needed = tokens_to_admit(r, index, request, replica, offsets, blocks, cache)
        chunk = prompt
        if not has_cache:
            chunk = min(prompt - (request.cached_tokens if starts else rank.done), budget)
        if replica.preempt:
            needed = chunk + rank.batch
        if (starts and slots >= replica.max_batch) or rank.held + needed > replica.kv_tokens:
            break
        if starts:
            admit(r, index, request, replica, rank, offsets, blocks, cache)
        rank.held += chunk if replica.preempt else 0
        if has_cache:
            received += chunk
            budget -= 1
        else:
            attended += chunk * (rank.done + 0.5 * chunk)
            tokens += chunk
            budget -= chunk
        rank.done += chunk
        if rank.done < prompt:
            break
        ready[count] = rank.head
        count += 1
        slots += 1
        rank.done = -1
        rank.head = request.following
    rank.prefill_s = replica.d * tokens + replica.q * attended
    rank.prefill_s += replica.received_s_per_token * received
    return tokens + received, count


@inlined
def _steps_left(request: Record) -> int:
    """Decode steps of a request from its (next) first token on."""
    return int(request.decode_steps - request.produced)


@inlined
def _grown(request: Record, replica: Replica) -> float:
    """Context tokens that the decode steps of a complete request added."""
    return float(request.produced + _steps_left(request) * replica.tokens_per_step)


@inlined
def _decode(
    r: int, requests: Records, replica: Replica, ranks: Records, heaps: Integers,
    steps: int, step: int, now: float, offsets: OrNone, blocks: OrNone, cache: OrNone,
) -> int:  # fmt: skip
    """Take `steps` steps up to number `step`; how many sequences end with that."""
    rank = ranks[r]
    rank.context += steps * rank.batch * replica.tokens_per_step
    if replica.preempt:
        rank.held += steps * rank.batch
    ended = 0
    while rank.batch > 0 and (heaps[r, 0] >> 32) <= step:
        index = heaps[r, 0] & REQUEST_MASK
        request = requests[index]
        pop(heaps, r, rank.batch)
        rank.batch -= 1
        rank.context -= request.input_tokens + 1 + _grown(request, replica)
        release(index, request, replica, rank, offsets, blocks, cache)
        request.finish_s = now
        ended += 1
    return ended


@inlined
def _start(
    index: int, requests: Records, replica: Replica, ranks: Records, heaps: Integers,
    step: int, now: float, offsets: OrNone, blocks: OrNone, cache: OrNone,
) -> int:  # fmt: skip
    """Next token of a request whose prefill ended; 1 if it is complete with that."""
    request = requests[index]
    rank = ranks[request.rank]
    if request.produced == 0:
        request.first_s = now
    more = _steps_left(request)
    if more == 0:
        request.finish_s = now
        release(index, request, replica, rank, offsets, blocks, cache)
        return 1
    push(heaps, request.rank, rank.batch, ((step + more) << 32) + index)
    rank.batch += 1
    rank.context += request.input_tokens + request.produced + 1
    return 0


@inlined
def _form_step(
    requests: Records, replica: Replica, ranks: Records, heaps: Integers, ready: Integers,
    total: Record, step: int, offsets: OrNone, blocks: OrNone, cache: OrNone,
) -> tuple[int, int, bool]:  # fmt: skip
    """Choose the step's prompts on every rank: prefills that end, tokens, whether it is quiet."""
    count, prefilled, quiet = 0, 0, True
    for r in range(replica.ranks):
        ranks[r].prefill_s = 0.0
        if replica.preempt:
            preempted = _preempt(r, requests, replica, ranks, heaps, step)
            total.preemptions += preempted
            if preempted > 0:  # no admission in such a step
                quiet = False
                continue
        tokens, count = _prefill(r, requests, replica, ranks, ready, count, offsets, blocks, cache)
        prefilled += tokens
        total.most_kv_tokens = max(total.most_kv_tokens, ranks[r].held)
    return count, prefilled, quiet and prefilled == 0


@compiled_in_place
def run(
    requests: Records, replica: Replica, ranks: Records, heaps: Integers, ready: Integers,
    gaps: Floats, totals: Records, offsets: OrNone, blocks: OrNone, cache: OrNone,
) -> None:  # fmt: skip
    """Simulate until the last request is complete; the last three are None without a cache."""
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
        count, prefilled, quiet = _form_step(
            requests, replica, ranks, heaps, ready, total, step, offsets, blocks, cache
        )
        steps, growth, decoding = 1, 0.0, 0
        for r in range(replica.ranks):
            decoding += ranks[r].batch
        stopped = replica.prefill_first and prefilled > 0
        first_s = slowest_rank(replica, ranks, 0, not stopped)[1]
        if quiet:
            wait_s = requests[arrived].arrival_s - now if arrived < last else _FOREVER
            steps, growth = quiet_steps(replica, ranks, heaps, step, wait_s)
        seconds = steps * (first_s + 0.5 * growth * (steps - 1))
        now += seconds
        total.busy_s += seconds
        total.steps += steps
        total.prefilled_tokens += prefilled
        total.request_seconds += (arrived - ended) * seconds
        if decoding > 0 and not stopped:
            step += steps
            total.decoded_tokens += steps * decoding
            if gaps.size > 0:
                row = requests[min(arrived, last - 1)].batch
                count_gaps(gaps, row, first_s, growth, steps, decoding)
            for r in range(replica.ranks):
                ended += _decode(
                    r, requests, replica, ranks, heaps, steps, step, now, offsets, blocks, cache
                )
        for place in range(count):
            ended += _start(
                ready[place], requests, replica, ranks, heaps, step, now, offsets, blocks, cache
            )
            rank = ranks[requests[ready[place]].rank]
            total.most_sequences = max(total.most_sequences, rank.batch)
    total.end_s = now

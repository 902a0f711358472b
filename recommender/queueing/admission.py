"""KV cache of a rank: what a request takes when it starts, and gives back when it ends; compiled.

With a prefix cache the blocks of a prompt count once, however many requests under way have them:

    held = sum over requests under way of (prompt + output - tokens of their blocks)
         + tokens of the blocks that any of them has

Without one `offsets`, `blocks` and `cache` are None: numba then leaves out what depends on them.
"""

from recommender.compiled import inlined
from recommender.queueing.prefix_cache import evict, leading_blocks, pin, pinned_blocks, unpin
from recommender.queueing.state import OrNone, Record, Replica


@inlined
def tokens_to_admit(
    r: int, index: int, request: Record, replica: Replica, offsets: OrNone,
    blocks: OrNone, cache: OrNone,
) -> int:  # fmt: skip
    """KV to reserve for a request, less what others hold; finds its prefix in the cache."""
    needed: int = request.input_tokens + request.output_tokens
    if cache is not None:
        first, last = offsets[index], offsets[index + 1]
        found = replica.block_tokens * leading_blocks(cache, r, blocks, first, last)
        request.cached_tokens = min(found, request.input_tokens - 1)
        needed -= replica.block_tokens * pinned_blocks(cache, r, blocks, first, last)
    return needed


@inlined
def admit(
    r: int, index: int, request: Record, replica: Replica, rank: Record, offsets: OrNone,
    blocks: OrNone, cache: OrNone,
) -> None:  # fmt: skip
    """Start a request: reserve its KV, with blocks of its prefix counted once for all users."""
    request.admitted = rank.admissions
    rank.admissions += 1
    rank.done = request.cached_tokens
    if not replica.preempt:
        rank.held += request.input_tokens + request.output_tokens
    if cache is not None:
        first, last = offsets[index], offsets[index + 1]
        added = pin(cache, rank, r, blocks, first, last)
        rank.held -= replica.block_tokens * (last - first - added)
        evict(cache, rank, r, (replica.kv_tokens - rank.held) // replica.block_tokens)


@inlined
def release(
    index: int, request: Record, replica: Replica, rank: Record, offsets: OrNone,
    blocks: OrNone, cache: OrNone,
) -> None:  # fmt: skip
    """Give back the KV tokens of a complete request, but for blocks that others use."""
    length = request.input_tokens + request.output_tokens
    rank.outstanding -= 1
    if replica.preempt:
        rank.held -= length - 1 - request.cached_tokens
    elif cache is None:
        rank.held -= length
    else:
        first, last = offsets[index], offsets[index + 1]
        freed = unpin(cache, rank, request.rank, blocks, first, last)
        rank.held -= length - replica.block_tokens * (last - first - freed)

"""The prefix cache of a rank, compiled: whole blocks of prompts that stay in the KV cache.

A block is *pinned* while a request under way uses it, then *idle*; idle blocks give way, least
recently used first, as soon as requests need their room, and the end of a prompt goes before its
beginning. So a block takes KV space once, however many requests share it.

`cache` has one row per rank and one record per block, and one more, the ends of the list of idle
blocks. `blocks[first:last]` are those of one request.
"""

from recommender.compiled import compiled_in_place
from recommender.queueing.state import ABSENT, Integers, Record, Records


@compiled_in_place
def leading_blocks(cache: Records, r: int, blocks: Integers, first: int, last: int) -> int:
    """Blocks at the start of a prompt that are in the cache."""
    place = first
    while place < last:
        block = cache[r, blocks[place]]
        if block.users == 0 and block.newer == ABSENT:
            break
        place += 1
    return place - first


@compiled_in_place
def pinned_blocks(cache: Records, r: int, blocks: Integers, first: int, last: int) -> int:
    """Blocks of a prompt that other requests keep in the cache."""
    count = 0
    for place in range(first, last):
        if cache[r, blocks[place]].users > 0:
            count += 1
    return count


@compiled_in_place
def _unlink(cache: Records, r: int, number: int) -> None:
    block = cache[r, number]
    cache[r, block.newer].older = block.older
    cache[r, block.older].newer = block.newer
    block.newer = ABSENT
    block.older = ABSENT


@compiled_in_place
def pin(cache: Records, rank: Record, r: int, blocks: Integers, first: int, last: int) -> int:
    """A request takes its blocks; how many of them nobody had taken before."""
    added = 0
    for place in range(first, last):
        block = cache[r, blocks[place]]
        if block.users == 0:
            added += 1
            if block.newer != ABSENT:
                _unlink(cache, r, blocks[place])
                rank.idle -= 1
        block.users += 1
    return added


@compiled_in_place
def unpin(cache: Records, rank: Record, r: int, blocks: Integers, first: int, last: int) -> int:
    """A request is complete; how many of its blocks nobody uses any more."""
    end = cache.shape[1] - 1
    freed = 0
    for place in range(last - 1, first - 1, -1):
        number = blocks[place]
        block = cache[r, number]
        block.users -= 1
        if block.users == 0:
            freed += 1
            newest = cache[r, end].older
            block.older = newest
            block.newer = end
            cache[r, newest].newer = number
            cache[r, end].older = number
            rank.idle += 1
    return freed


@compiled_in_place
def evict(cache: Records, rank: Record, r: int, room: int) -> None:
    """Drop the idle blocks, least recently used first, for which there is no room."""
    end = cache.shape[1] - 1
    while rank.idle > room:
        _unlink(cache, r, cache[r, end].newer)
        rank.idle -= 1

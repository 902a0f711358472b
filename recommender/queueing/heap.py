"""Binary heaps of sequences by their last step, one row per rank; compiled.

A key is last step * 2^32 + request. `size` is the number of keys before the call.
"""

from recommender.compiled import compiled_in_place
from recommender.queueing.state import Integers

REQUEST_MASK = 0xFFFFFFFF


@compiled_in_place
def push(heaps: Integers, rank: int, size: int, key: int) -> None:
    """Add a key."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heaps[rank, parent] <= key:
            break
        heaps[rank, child] = heaps[rank, parent]
        child = parent
    heaps[rank, child] = key


@compiled_in_place
def pop(heaps: Integers, rank: int, size: int) -> None:
    """Remove the least key."""
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


@compiled_in_place
def remove(heaps: Integers, rank: int, size: int, place: int) -> None:
    """Remove the key at `place`: raise it to the top, then pop it."""
    key = heaps[rank, place]
    while place > 0:
        parent = (place - 1) >> 1
        heaps[rank, place] = heaps[rank, parent]
        place = parent
    heaps[rank, 0] = key
    pop(heaps, rank, size)

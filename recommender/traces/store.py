"""Requests kept in memory: all of them, or evenly every second, fourth, ... of a longer trace."""

from collections.abc import Sequence

import numpy as np

from recommender.traces.block import Block, join_blocks
from recommender.traces.trace import Blocks, Trace

MOST_HASHES = 20_000_000
"""Block hashes kept for a replay, 160 MB."""


class Store:
    """At most `most` requests in order of the file; `step` is how many stand for one."""

    def __init__(self, most: int) -> None:
        self.step = 1
        self._most = most
        self._seen = 0
        self._size = 0
        self._hashes = 0
        self._parts: list[Block] = []

    def add(self, block: Block) -> None:
        """Keep every `step`-th request of the next block."""
        place = np.arange(self._seen, self._seen + block.arrival_s.size)
        self._seen += block.arrival_s.size
        self._keep(block.take(np.flatnonzero(place % self.step == 0)))
        while self._size > self._most:
            self.step *= 2
            whole = join_blocks(self._parts)
            self._parts, self._size, self._hashes = [], 0, 0
            self._keep(whole.take(np.arange(0, whole.arrival_s.size, 2)))

    def _keep(self, block: Block) -> None:
        self._hashes += sum(map(len, block.blocks))
        if self._hashes > MOST_HASHES:
            block = block.without_hashes()
            self._parts = [part.without_hashes() for part in self._parts]
        self._parts.append(block)
        self._size += block.arrival_s.size

    def trace(self, source: str, name: str, repairs: Sequence[str]) -> Trace:
        """What was kept, in order of time."""
        whole = join_blocks(self._parts)
        order = np.argsort(whole.arrival_s, kind="stable")
        whole = whole.take(order)
        said = list(repairs)
        if self._hashes > MOST_HASHES:
            said.append(f"more than {MOST_HASHES:,} block hashes: not kept for replays")
        return Trace(
            source=source,
            format=name,
            arrival_s=whole.arrival_s - whole.arrival_s[0],
            input_tokens=whole.input_tokens,
            output_tokens=whole.output_tokens,
            cached_tokens=whole.cached_tokens,
            repairs=tuple(said),
            blocks=Blocks.of(whole.blocks) if whole.blocks else None,
        )

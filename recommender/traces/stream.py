"""The requests of a trace file block by block, with prefix hits, and what had to be left out.

Prefix hits from block hashes: a prompt reuses its leading blocks that any earlier request had, so
an unbounded cache serves min(prompt, leading known blocks * tokens of a block). Of more than
4,000,000 different blocks, later ones are not remembered: the hits are then a lower bound.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from recommender.traces.block import FAILED, Block, Problems, block_of
from recommender.traces.chunks import Chunk, chunks
from recommender.traces.fast_table import fast_block
from recommender.traces.rows import Format, format_of
from recommender.traces.trace import TOKENS_PER_BLOCK, TraceError

MOST_BLOCKS = 4_000_000
_MOST_UNREADABLE = 0.01
_LEAST_FOR_SHARE = 100_000
"""Rows after which too many unreadable ones end the reading early."""


class TraceStream:
    """One reading of a file; `repairs` is complete when `blocks` is exhausted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems = Problems()
        self.requests = 0
        self._known: set[int] = set()
        self._forgetful = False
        self._chunks = chunks(path)
        self._format, self._first = self._start()

    @property
    def format(self) -> str:
        """Name of the format."""
        return self._format.columns.format

    def _start(self) -> tuple[Format, Chunk | None]:
        for chunk in self._chunks:
            number, text, rest = chunk.after_first_line()
            if rest is not None:
                found = format_of(self.path, number, text)
                return found, rest if found.header else chunk
        raise TraceError(f"{self.path} is empty; a trace has a header line and one request a line")

    def blocks(self) -> Iterator[Block]:
        """The blocks; TraceError, naming the line, as soon as the file is no usable trace."""
        if self._first is not None and self._first.content:
            yield self._read(self._first)
        for chunk in self._chunks:
            yield self._read(chunk)
        self._check(at_end=True)

    def _read(self, chunk: Chunk) -> Block:
        block = fast_block(chunk, self._format) if self._format.header else None
        if block is None:
            block = block_of(self._format.rows(chunk.lines()))
        self.problems.update(block.problems)
        self.requests += block.arrival_s.size
        if self.requests > _LEAST_FOR_SHARE:
            self._check(at_end=False)
        return self._with_hits(block) if block.blocks else block

    def _with_hits(self, block: Block) -> Block:
        lengths = block.input_tokens.tolist()
        hits = [self._hits(hashes, n) for hashes, n in zip(block.blocks, lengths, strict=True)]
        return replace(block, cached_tokens=np.array(hits, np.int64))

    def _hits(self, hashes: tuple[int, ...], prompt: int) -> int:
        leading = 0
        for block in hashes:
            if block not in self._known:
                break
            leading += 1
        if len(self._known) < MOST_BLOCKS:
            self._known.update(hashes)
        else:
            self._forgetful = True
        return min(leading * TOKENS_PER_BLOCK, prompt)

    def _check(self, *, at_end: bool) -> None:
        problems = self.problems
        unreadable = problems.count.total() - problems.count[FAILED]
        cut = at_end and problems.last_problem not in ("", FAILED)  # a last line that breaks off
        total = self.requests + problems.count.total()
        lines = [(n, p) for p, n in problems.first_line.items() if p != FAILED]
        if lines and unreadable - cut > _MOST_UNREADABLE * total:
            line, problem = min(lines)
            raise TraceError(
                f"{self.path}, line {line}: {problem}; {unreadable} of {total} rows cannot be "
                f"read, more than {_MOST_UNREADABLE:.0%}"
            )
        if at_end and self.requests < 2:
            raise TraceError(f"{self.path} has {self.requests} usable requests; at least 2 needed")

    def repairs(self) -> list[str]:
        """What was left out, one sentence each."""
        found = [
            f"{count} rows left out: {problem} (first in line {self.problems.first_line[problem]})"
            for problem, count in self.problems.count.most_common(8)
        ]
        if self._forgetful:
            found.append(
                f"more than {MOST_BLOCKS:,} different blocks: prefix hits are a lower bound"
            )
        return found

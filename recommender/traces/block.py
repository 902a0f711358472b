"""Requests of one chunk of a trace, and what was wrong with the other rows."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from recommender.traces.rows import NO_TOKENS, Row
from recommender.traces.trace import Seconds, Tokens

FAILED = NO_TOKENS
MOST_PROBLEMS = 100
_OTHER = "other problems"


@dataclass
class Problems:
    """Rows that cannot be used: how many, and where the first one of each kind is."""

    count: Counter[str] = field(default_factory=Counter)
    first_line: dict[str, int] = field(default_factory=dict)
    last_line: int = 0
    last_problem: str = ""
    """Of the last row; empty if it could be used."""

    def add(self, problem: str, line: int, count: int = 1) -> None:
        """Count `count` rows, the first of them in `line`."""
        if problem not in self.count and len(self.count) >= MOST_PROBLEMS:
            problem = _OTHER
        self.count[problem] += count
        self.first_line.setdefault(problem, line)

    def update(self, later: "Problems") -> None:
        """Add those of a later chunk."""
        for problem, count in later.count.items():
            self.add(problem, later.first_line[problem], count)
        self.last_line, self.last_problem = later.last_line, later.last_problem


@dataclass(frozen=True, eq=False)
class Block:
    """Usable requests in order of the file, arrays of shape (n,), times as the file gives them.

    Attributes
    ----------
    cached_tokens
        As the file states them; None without such a column.
    blocks
        Hashes of the blocks of each prompt; empty without.
    """

    arrival_s: Seconds
    input_tokens: Tokens
    output_tokens: Tokens
    cached_tokens: Tokens | None
    blocks: tuple[tuple[int, ...], ...]
    problems: Problems

    def take(self, index: npt.NDArray[np.intp]) -> "Block":
        """These requests."""
        return replace(
            self,
            arrival_s=self.arrival_s[index],
            input_tokens=self.input_tokens[index],
            output_tokens=self.output_tokens[index],
            cached_tokens=None if self.cached_tokens is None else self.cached_tokens[index],
            blocks=tuple(self.blocks[i] for i in index.tolist()) if self.blocks else (),
        )

    def without_hashes(self) -> "Block":
        """The same without block hashes."""
        return replace(self, blocks=())


def join_blocks(blocks: Sequence[Block]) -> Block:
    """All requests in turn; cached tokens and hashes only where every block has them."""
    filled = [block for block in blocks if block.arrival_s.size]
    cached = [block.cached_tokens for block in filled if block.cached_tokens is not None]
    hashed = all(block.blocks for block in filled)
    return Block(
        arrival_s=np.concatenate([block.arrival_s for block in filled]),
        input_tokens=np.concatenate([block.input_tokens for block in filled]),
        output_tokens=np.concatenate([block.output_tokens for block in filled]),
        cached_tokens=np.concatenate(cached) if len(cached) == len(filled) else None,
        blocks=tuple(hashes for block in filled for hashes in block.blocks) if hashed else (),
        problems=Problems(),
    )


def block_of(rows: Iterable[Row]) -> Block:
    """Collect rows that were read one by one."""
    problems, usable = Problems(), []
    for row in rows:
        problems.last_line, problems.last_problem = row.line, row.problem
        if row.problem:
            problems.add(row.problem, row.line)
        else:
            usable.append(row)
    cached = [row.cached_tokens for row in usable if row.cached_tokens is not None]
    return Block(
        arrival_s=np.array([row.arrival_s for row in usable], np.float64),
        input_tokens=np.array([row.input_tokens for row in usable], np.int64),
        output_tokens=np.array([row.output_tokens for row in usable], np.int64),
        cached_tokens=np.array(cached, np.int64) if usable and len(cached) == len(usable) else None,
        blocks=tuple(row.blocks for row in usable) if any(row.blocks for row in usable) else (),
        problems=problems,
    )

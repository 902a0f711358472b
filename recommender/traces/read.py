"""Read a trace, with stated repairs and bounded memory.

Found                                   Done
rows without a readable time or length  left out and counted; refused beyond 1 % of the rows
negative times                          left out and counted, the same
no output (or prompt) tokens            left out and counted: failed requests
a last line that breaks off             left out
rows out of order                       sorted, counted
more than 2,000,000 tokens              left out and counted
two formats in one file                 refused, with the line
fewer than two usable requests          refused
more than 5,000,000 requests            only the first 5,000,000 are read

Prefix hits from block hashes: a prompt reuses its leading blocks that any earlier request had, so
an unbounded cache serves min(prompt, leading known blocks * tokens of a block).
"""

from array import array
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np

from recommender.traces.rows import Row, read_rows
from recommender.traces.trace import Seconds, Tokens, Trace, TraceError

MOST_REQUESTS = 5_000_000
TOKENS_PER_BLOCK = 512
"""Of Mooncake's block hashes."""
_MOST_UNREADABLE = 0.01
_FAILED = "no prompt or no output tokens"


def read_trace(path: Path | str) -> Trace:
    """The requests of a file; TraceError, naming the line, if it is no usable trace."""
    path = Path(path)
    name, rows = read_rows(path)
    builder = _Builder()
    for row in islice(rows, MOST_REQUESTS):
        builder.add(row)
    more = next(rows, None) is not None
    return builder.trace(path, name, more=more)


class _Builder:
    """Columns that grow, and what was left out."""

    def __init__(self) -> None:
        self.arrival = array("d")
        self.input = array("q")
        self.output = array("q")
        self.cached = array("q")
        self.known_blocks: set[int] = set()
        self.left_out: list[Row] = []
        self.problems: Counter[str] = Counter()
        self.last: Row | None = None

    def add(self, row: Row) -> None:
        self.last = row
        if row.problem:
            self.problems[row.problem] += 1
            if len(self.left_out) < 1000:
                self.left_out.append(row)
            return
        self.arrival.append(row.arrival_s)
        self.input.append(row.input_tokens)
        self.output.append(row.output_tokens)
        if row.cached_tokens is not None:
            self.cached.append(row.cached_tokens)
        elif row.blocks:
            self.cached.append(self._hits(row))

    def _hits(self, row: Row) -> int:
        leading = 0
        for block in row.blocks:
            if block not in self.known_blocks:
                break
            leading += 1
        self.known_blocks.update(row.blocks)
        return min(leading * TOKENS_PER_BLOCK, row.input_tokens)

    def trace(self, path: Path, name: str, *, more: bool) -> Trace:
        self._check(path)
        repairs = self._repairs(more=more)
        arrival: Seconds = np.frombuffer(self.arrival, dtype=np.float64)
        late = int(np.count_nonzero(np.diff(arrival) < 0))
        order = np.argsort(arrival, kind="stable")
        if late:
            repairs.append(f"{late} rows came earlier than the row before: sorted by time")
        if arrival[order[-1]] == arrival[order[0]]:
            raise TraceError(f"{path}: all {order.size} requests have the same time; no rate")

        def column(values: "array[int]") -> Tokens:
            found: Tokens = np.frombuffer(values, dtype=np.int64)[order]
            return found

        return Trace(
            source=str(path),
            format=name,
            arrival_s=arrival[order] - arrival[order[0]],
            input_tokens=column(self.input),
            output_tokens=column(self.output),
            cached_tokens=column(self.cached) if len(self.cached) == len(self.input) else None,
            repairs=tuple(repairs),
        )

    def _check(self, path: Path) -> None:
        unreadable = sum(n for problem, n in self.problems.items() if problem != _FAILED)
        if self.left_out and self.left_out[-1] is self.last and self.last.problem != _FAILED:
            unreadable -= 1  # a last line that breaks off
        total = len(self.arrival) + self.problems.total()
        bad = next((row for row in self.left_out if row.problem != _FAILED), None)
        if bad is not None and unreadable > max(_MOST_UNREADABLE * total, 0):
            raise TraceError(
                f"{path}, line {bad.line}: {bad.problem}; {unreadable} of {total} rows cannot be "
                f"read, more than {_MOST_UNREADABLE:.0%}"
            )
        if len(self.arrival) < 2:
            raise TraceError(f"{path} has {len(self.arrival)} usable requests; at least 2 needed")

    def _repairs(self, *, more: bool) -> list[str]:
        found = [
            f"{count} rows left out: {problem} (first in line {self._line(problem)})"
            for problem, count in self.problems.most_common(8)
        ]
        if more:
            found.append(f"only the first {MOST_REQUESTS:,} requests were read")
        return found

    def _line(self, problem: str) -> int:
        return next((row.line for row in self.left_out if row.problem == problem), 0)

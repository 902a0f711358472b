"""A chunk of a table read at once, some millions of rows a second, where every row is plain.

The rules are those of `rows`; a chunk with anything unusual (quotes, blank lines, another number
of fields, a fraction of a token, text where a number should be) gives None and is read row by row.
"""

from io import BytesIO

import numpy as np
import numpy.typing as npt

from recommender.traces.block import Block, Problems
from recommender.traces.chunks import Chunk
from recommender.traces.columns import Columns, seconds_array
from recommender.traces.rows import (
    MANY_TOKENS,
    MOST_SECONDS,
    MOST_TOKENS,
    NO_TIME,
    NO_TOKENS,
    Format,
)
from recommender.traces.trace import Seconds

_UTC = b"+00:00"


def fast_block(chunk: Chunk, found: Format) -> Block | None:
    """The requests of a chunk; None where it must be read row by row."""
    content = chunk.content
    rows = content.count(b"\n") + (not content.endswith(b"\n"))
    separators = content.count(found.separator.encode())
    if b'"' in content or separators != rows * (len(found.header) - 1):
        return None
    if content.count(b"\r") not in (0, content.count(b"\n")):
        return None
    names = [found.columns.input, found.columns.output]
    if found.columns.cached:
        names.append(found.columns.cached)
    tokens = _numbers(content, found, names)
    if tokens is None or len(tokens) != rows:
        return None
    if not (np.abs(tokens) < 2.0**53).all() or (tokens != np.floor(tokens)).any():
        return None
    arrival_s = _times(content, found)
    return None if arrival_s is None else _block(chunk, arrival_s, tokens)


def _numbers(content: bytes, found: Format, names: list[str]) -> npt.NDArray[np.float64] | None:
    try:
        return np.loadtxt(
            BytesIO(content),
            delimiter=found.separator,
            usecols=[found.header.index(name) for name in names],
            comments=None,
            ndmin=2,
        )
    except ValueError:
        return None


def _times(content: bytes, found: Format) -> Seconds | None:
    """Arrivals in seconds, of numbers or of dates in UTC."""
    columns: Columns = found.columns
    numbers = _numbers(content, found, [columns.arrival])
    if numbers is not None:
        times = seconds_array(numbers[:, 0], unit=columns.seconds_per_unit)
        return times if np.isfinite(times).all() else None
    try:
        dates = np.loadtxt(
            BytesIO(content.replace(_UTC, b"")),
            dtype="U32",
            delimiter=found.separator,
            usecols=found.header.index(columns.arrival),
            comments=None,
            ndmin=1,
        ).astype("datetime64[ns]")
    except ValueError:
        return None
    if np.isnat(dates).any():
        return None
    nanoseconds: Seconds = dates.astype(np.int64).astype(np.float64)
    return nanoseconds * 1e-9


def _block(chunk: Chunk, arrival_s: Seconds, tokens: npt.NDArray[np.float64]) -> Block:
    lengths = tokens[:, :2]
    checks = (
        (NO_TIME, ~((arrival_s >= 0.0) & (arrival_s < MOST_SECONDS))),
        (NO_TOKENS, (lengths < 1).any(axis=1)),
        (MANY_TOKENS, (lengths > MOST_TOKENS).any(axis=1)),
    )
    problems = Problems(last_line=chunk.line + arrival_s.size - 1)
    usable = np.ones(arrival_s.size, np.bool_)
    for problem, bad in checks:
        places = np.flatnonzero(bad & usable)
        usable[places] = False
        if places.size:
            problems.add(problem, chunk.line + int(places[0]), places.size)
            if places[-1] == arrival_s.size - 1:
                problems.last_problem = problem
    whole = tokens[usable].astype(np.int64)
    return Block(
        arrival_s=arrival_s[usable],
        input_tokens=whole[:, 0].copy(),
        output_tokens=whole[:, 1].copy(),
        cached_tokens=whole[:, 2].copy() if whole.shape[1] > 2 else None,
        blocks=(),
        problems=problems,
    )

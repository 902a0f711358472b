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
equal times                             kept: requests that came together
rows that repeat the one before         kept, and counted beyond 1 % of the rows

Of more than 5,000,000 requests, `read_trace` reads the stretch around the busiest minute that
holds as many (the file is read twice), and `describe_trace` keeps every second, fourth, ... one;
its statistics are of all of them. Both say so among the repairs.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from recommender.traces.block import Block
from recommender.traces.statistics import TraceStatistics
from recommender.traces.store import Store
from recommender.traces.stream import TraceStream
from recommender.traces.stretch import busiest_stretch
from recommender.traces.survey import Survey
from recommender.traces.trace import Trace

Tell = Callable[[str], None]

MOST_REQUESTS = 5_000_000
_MILLION = 1_000_000
_MANY_REPEATED = 0.01


def describe_trace(
    path: Path | str, *, progress: Tell = lambda _: None
) -> tuple[Trace, TraceStatistics]:
    """Requests and statistics of a file, in one pass; TraceError if it is no usable trace."""
    stream, survey, store = TraceStream(Path(path)), Survey(str(path)), Store(MOST_REQUESTS)
    for block in _told(stream, progress):
        survey.add(block)
        store.add(block)
    found = survey.statistics()
    repairs = [*stream.repairs(), *_noted(survey)]
    if store.step > 1:
        repairs.append(
            f"{survey.requests:,} requests: statistics are of all of them, lengths are kept of "
            f"one in {store.step}"
        )
    return store.trace(str(path), stream.format, repairs), found


def read_trace(path: Path | str, *, progress: Tell = lambda _: None) -> Trace:
    """The requests of a file; TraceError, naming the line, if it is no usable trace."""
    stream, survey, store = TraceStream(Path(path)), Survey(str(path)), Store(MOST_REQUESTS)
    for block in _told(stream, progress):
        survey.add(block)
        store.add(block)
    survey.statistics()
    repairs = [*stream.repairs(), *_noted(survey)]
    if store.step == 1:
        return store.trace(str(path), stream.format, repairs)
    start_s, end_s = busiest_stretch(survey, MOST_REQUESTS)
    again, part = TraceStream(Path(path)), Store(MOST_REQUESTS)
    for block in _told(again, progress):
        inside = (block.arrival_s >= start_s) & (block.arrival_s < end_s)
        part.add(block.take(np.flatnonzero(inside)))
    origin_s = survey.first_s
    repairs.append(
        f"{survey.requests:,} requests: only those from second {start_s - origin_s:,.0f} to "
        f"{end_s - origin_s:,.0f} are used, around the busiest minute"
    )
    if part.step > 1:
        repairs.append(f"of these, one in {part.step}")
    return part.trace(str(path), stream.format, repairs)


def _told(stream: TraceStream, progress: Tell) -> Iterator[Block]:
    """The blocks of a file, with a word for every million requests."""
    millions = 0
    for block in stream.blocks():
        if stream.requests >= (millions + 1) * _MILLION:
            millions = stream.requests // _MILLION
            progress(f"reading the trace, {millions} M requests")
        yield block


def _noted(survey: Survey) -> list[str]:
    """What was sorted, and what was kept although it may be wrong."""
    found = []
    if survey.late:
        found.append(f"{survey.late} rows came earlier than the row before: sorted by time")
    if survey.repeated > _MANY_REPEATED * survey.requests:
        found.append(
            f"{survey.repeated} rows repeat the one before, time and lengths: kept; take them out "
            "if requests were logged twice"
        )
    return found

"""The workload file that `recommend workload` writes and specs read with `--trace`.

JSON: rates and burstiness of the trace, and at most 20,000 pairs of lengths, with the prompt tokens
that an unbounded prefix cache finds where the trace tells (`--prefix-hit` says what share is).
Longer traces are thinned evenly along the order of prompt, then output length, so that both ends
stay.
"""

import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from recommender.stream import Stream
from recommender.traces.day_profile import day_profile
from recommender.traces.statistics import TraceStatistics
from recommender.traces.trace import Tokens, Trace, TraceError
from recommender.workload import Lengths, Workload

VERSION = "1"
MOST_PAIRS = 20_000
LEAST_BURSTINESS, MOST_BURSTINESS = 0.05, 20.0


def workload_text(trace: Trace, found: TraceStatistics, *, name: str) -> str:
    """The file's text, ending with a newline; the same trace gives the same text."""
    order = np.lexsort((trace.output_tokens, trace.input_tokens))
    if order.size > MOST_PAIRS:
        order = order[np.linspace(0, order.size - 1, MOST_PAIRS).round().astype(np.intp)]
    columns = [trace.input_tokens, trace.output_tokens]
    if trace.cached_tokens is not None:
        columns.append(trace.cached_tokens)
    pairs = np.stack([column[order] for column in columns], axis=1)
    document = {
        "workload_version": VERSION,
        "name": name,
        "source": _source(Path(trace.source).name, trace, found),
        "mean_requests_per_s": found.requests_per_s,
        "peak_requests_per_s": {f"{w.seconds:g}": w.peak_requests_per_s for w in found.windows},
        "profile": day_profile(trace),
        "burstiness": simulated_burstiness(found),
        "cached_share": found.cached_share,
        "lengths": pairs.tolist(),
    }
    return json.dumps(document) + "\n"


def simulated_burstiness(found: TraceStatistics) -> float:
    """Burstiness of a trace within what arrivals are drawn with: evenly spaced ones have none."""
    return min(max(found.burstiness, LEAST_BURSTINESS), MOST_BURSTINESS)


def is_workload_file(path: Path) -> bool:
    """Whether a file starts like one of ours (any other is read as a trace)."""
    try:
        with path.open("rb") as file:
            return b'"workload_version"' in file.read(64)
    except OSError as error:
        raise TraceError(f"cannot read {path}: {error.strerror or error}") from None


def read_workload_file(path: Path, *, requests_per_s: float) -> Workload:
    """The workload at a rate; TraceError if the file is not one of ours."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = document["workload_version"]
        if version != VERSION:
            raise TraceError(f"{path} has workload_version {version!r}; this reads {VERSION!r}")
        pairs = np.array(document["lengths"], dtype=np.int64)
        burstiness = float(document["burstiness"])
        peak = float((document.get("peak_requests_per_s") or {}).get("60", 0.0))
        name, source = str(document["name"]), str(document["source"])
    except OSError as error:
        raise TraceError(f"cannot read {path}: {error.strerror or error}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TraceError(f"{path} is not a workload file: {error}") from None
    if pairs.ndim != 2 or pairs.shape[1] not in (2, 3) or pairs.size == 0:
        raise TraceError(f"{path}: lengths are not pairs, nor triples with cached tokens")
    if pairs[:, :2].min() < 1:
        raise TraceError(f"{path}: lengths are not pairs of at least one token each")
    if not 0.0 <= peak < inf:
        raise TraceError(f"{path}: a busiest minute of {peak:g} requests/s is none")
    if not 0.0 < burstiness <= 20.0:
        raise TraceError(f"{path}: burstiness {burstiness:g} must lie between 0 and 20")
    cached = pairs[:, 2].copy() if pairs.shape[1] == 3 else None
    lengths, ideal = _with_cache(pairs[:, 0].copy(), pairs[:, 1].copy(), cached)
    found = Workload(name, requests_per_s, lengths, source=source, ideal_hits=ideal)
    return found.with_arrivals_of(Stream(burstiness, peak))


def _with_cache(
    inputs: Tokens, outputs: Tokens, cached: Tokens | None
) -> tuple[Lengths, float | None]:
    """Lengths with the hits of an unbounded cache, and their share; the last token is computed."""
    if cached is None:
        return Lengths(inputs, outputs), None
    lengths = Lengths(inputs, outputs, np.clip(cached, 0, inputs - 1))
    return lengths, lengths.hit_share


def read_workload(path: Path | str, *, requests_per_s: float) -> Workload:
    """The workload of a workload file or of a trace, at a rate: what `--trace` means."""
    path = Path(path)
    if is_workload_file(path):
        return read_workload_file(path, requests_per_s=requests_per_s)
    from recommender.traces.read import describe_trace

    trace, found = describe_trace(path)
    lengths, ideal = _with_cache(trace.input_tokens, trace.output_tokens, trace.cached_tokens)
    minute = found.window(60.0)
    workload = Workload(
        name=path.stem,
        requests_per_s=requests_per_s,
        lengths=lengths,
        ideal_hits=ideal,
        source=_source(path.name, trace, found),
    )
    peak = 0.0 if minute is None else minute.peak_requests_per_s
    return workload.with_arrivals_of(Stream(simulated_burstiness(found), peak))


def read_profile(path: Path) -> str:
    """The profile of a workload file or of a trace; TraceError where it has none."""
    if not is_workload_file(path):
        from recommender.traces.read import describe_trace

        found: object = day_profile(describe_trace(path)[0])
    else:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TraceError(f"{path} is not a workload file: {error}") from None
        found = document.get("profile") if isinstance(document, dict) else None
    if not isinstance(found, str):
        raise TraceError(
            f"{path} has no profile over the day: its trace is shorter than 24 h; state the "
            "periods, like 0-8h:30%,8-20h:100%,20-24h:60%"
        )
    return found


def _source(name: str, trace: Trace, found: TraceStatistics) -> str:
    """Where a workload comes from, and how much of it was used or repaired."""
    text = f"{name}, {found.requests} requests, format {trace.format}"
    if trace.repairs:
        text += f", repaired: recommend workload {name} says how"
    return text

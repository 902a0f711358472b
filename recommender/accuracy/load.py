"""How a measured deployment was driven, from the row's metric and notes.

static    one batch: all prompts at once, then decode until all are done; also a pool that
          only decodes, since no prompt delays its tokens
closed    a fixed number of requests in flight; a new one starts when one ends
offline   as many requests in flight as fit: the largest throughput
server    as many as keep the stated limits of TTFT and TPOT
"""

import re
from dataclasses import dataclass
from typing import Literal

from recommender.accuracy.measurement import Measurement
from recommender.accuracy.stated_drafts import stated_drafts
from recommender.units import MILLI

LoadKind = Literal["static", "closed", "offline", "server"]

_STATIC_METRICS = re.compile(
    r"decode_tok_per_s|prefill_tok_per_s|itl_(intercept|slope)|prompt_time|token_time"
    r"|first_token_latency|ttft_static_batch|singlestream"
)
_LIMIT = r"{}\s*<=\s*(\d{{1,9}}(?:\.\d+)?)\s*(ms|s)\b"
STATIC_ENGINES = ("neuron", "eager")


@dataclass(frozen=True, slots=True)
class Load:
    """Kind of load; limits only of a server [s]."""

    kind: LoadKind
    ttft_limit_s: float | None = None
    tpot_limit_s: float | None = None
    speculated_tokens: int = 0
    """Draft tokens per step (multi-token prediction)."""


def load_of(row: Measurement, *, engine: str) -> Load:
    """The load of a row."""
    notes = row.notes.casefold()
    speculated = stated_drafts(notes)
    batched = engine in STATIC_ENGINES and row.concurrency is not None
    alone = "static" in notes or "decode pool" in notes
    if _STATIC_METRICS.match(row.metric) or alone or batched:
        return Load("static", speculated_tokens=speculated)
    if "server" in row.metric or "interactive" in row.metric:
        limits = _limit(row.notes, "TTFT"), _limit(row.notes, "TPOT")
        return Load("server", *limits, speculated_tokens=speculated)
    if row.concurrency is None or "offline" in row.metric:
        return Load("offline", speculated_tokens=speculated)
    return Load("closed", speculated_tokens=speculated)


def _limit(notes: str, metric: str) -> float | None:
    found = re.search(_LIMIT.format(metric), notes)
    return float(found[1]) * (MILLI if found[2] == "ms" else 1.0) if found else None

"""What the compiled simulator works on: records, so that a request is one line of the cache."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Records = npt.NDArray[Any]
"""Array of one of the record types below."""
Record = Any
"""One element of such an array; numba knows its fields, a type checker does not."""

OrNone = Any
"""An array of a prefix cache, or None without one; type checkers cannot follow numba here."""

REQUEST = np.dtype(
    [
        ("arrival_s", np.float64),
        ("first_s", np.float64),
        ("finish_s", np.float64),
        ("input_tokens", np.int64),
        ("output_tokens", np.int32),
        ("decode_steps", np.int32),  # after the prefill, if it is never preempted
        ("following", np.int64),  # next request in the queue; -1 at its end
        ("cached_tokens", np.int32),  # of the prompt, found in the prefix cache
        ("produced", np.int32),  # output tokens before the last preemption
        ("admitted", np.int32),  # order of admission
        ("rank", np.int16),  # -1: the one with the fewest requests
        ("batch", np.int16),  # row of the gap histogram while this is the next arrival
    ]
)
assert REQUEST.itemsize == 64

RANK = np.dtype(
    [
        ("batch", np.int64),  # decoding sequences
        ("context", np.float64),  # sum of their context [tokens]
        ("held", np.int64),  # KV tokens reserved, or in use
        ("done", np.int64),  # tokens prefilled of the prompt at the head; -1: not admitted
        ("head", np.int64),  # first request in the queue; -1 when empty
        ("tail", np.int64),
        ("outstanding", np.int64),  # requests not yet complete
        ("admissions", np.int64),  # so far
        ("idle", np.int64),  # blocks in the prefix cache that no request uses
        ("prefill_s", np.float64),  # prefill time of the step being formed
    ]
)

BLOCK = np.dtype(
    [
        ("users", np.int32),  # requests under way whose prompt has the block
        ("newer", np.int32),  # neighbours in the list of idle blocks
        ("older", np.int32),
    ]
)
ABSENT = -1
"""`newer` and `older` of a block that is not in that list."""

TOTAL = np.dtype(
    [
        ("busy_s", np.float64),
        ("end_s", np.float64),
        ("request_seconds", np.float64),  # integral of the requests in the system
        ("steps", np.int64),
        ("prefilled_tokens", np.int64),
        ("decoded_tokens", np.int64),
        ("preemptions", np.int64),
        ("most_sequences", np.int64),
        ("most_kv_tokens", np.int64),
    ]
)

BINS_PER_DECADE = 100
SHORTEST_GAP_S = 1e-6
BINS = 1000
"""Logarithmic bins of the gaps between tokens: 1 us to 10,000 s."""


class Replica(NamedTuple):
    """The step law and the policies of the engine."""

    a: float
    b: float
    g: float
    d: float
    q: float
    max_batch: int
    kv_tokens: int
    chunk_tokens: int
    ranks: int
    prefill_first: bool
    """Prompts stop the decodes."""
    tokens_per_step: float
    verified_tokens: int
    """Of the budget, per decoding sequence."""
    preempt: bool
    """KV is taken as it is needed, and taken away from the youngest; else reserved in full."""
    block_tokens: int = 0
    """Length of a block of the prefix cache; 0 without one."""
    received_s_per_token: float = 0.0
    """Of a prompt token whose cache came over the network, in its first step; 0: none do."""

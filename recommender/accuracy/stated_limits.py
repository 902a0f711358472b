"""Limits of the scheduler as notes state them: tokens of a step, and sequences of a batch.

tokens      `--max-num-batched-tokens 2048` (vLLM: prompts and decodes), `max_num_tokens 2048`
            (TensorRT-LLM: the same), `chunked prefill size 2048` (SGLang: prompts alone)
sequences   `--max-num-seqs 64` (vLLM), `--max-running-requests 64` (SGLang: of all attention
            ranks together), `max_batch_size 64` (TensorRT-LLM)
"""

import re

_COUNT = r"[\s=:]{0,3}(\d{1,7})(?![\d.])"
_TOKENS = re.compile(
    r"(?:\bmax[_-]num[_-](?:batched[_-])?tokens|\bchunked[ _-]prefill[ _-](?:size|budget))" + _COUNT
)
_SEQUENCES = re.compile(
    r"\b(?:max[_-]num[_-]seqs|max[_-]running[_-]requests|max[_-]batch[_-]size)" + _COUNT
)
OF_ALL_RANKS = "sglang"


def stated_step_tokens(notes: str) -> float | None:
    """The budget of one step [tokens]; 0 is none, as SGLang's -1."""
    return _stated(_TOKENS, notes)


def stated_sequences(notes: str, *, engine: str, ranks: float) -> float | None:
    """Most sequences of a batch, per attention rank [count]."""
    stated = _stated(_SEQUENCES, notes)
    if stated is None or engine != OF_ALL_RANKS:
        return stated
    return max(stated / ranks, 1.0)


def _stated(pattern: re.Pattern[str], notes: str) -> float | None:
    found = pattern.search(notes.casefold())
    return (float(found[1]) or None) if found else None

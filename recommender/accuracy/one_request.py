"""Whether one request of the stated lengths can be held at all.

    P * w + s + (G * L + D * min(L, window)) * c <= M

Where the row names no format of the cache, and the usual one holds no request though 8 bits do, the
cache is taken to be in 8 bits.

More than that fits nowhere, whatever the engine does: weights and cache are counted once, without
what ranks hold twice. Not judged are stand-ins, whose cache is a guess, `llama.cpp` and deployments
whose notes say that the host takes a part (offload); where they say that several replicas share a
prompt (context parallelism), or tp is blank, M is the memory of all accelerators.

Symbol  Meaning                                                                       Unit
P, w    parameters; bytes of a weight, as narrow as `possible_layout` allows           count, B
G, D    layers whose cache grows with the context, and those with a window             count
L       prompt and answer, as far as the row states them                               tokens
c       bytes of a token in one layer, in the stated format, else in 8 bits            B
s       recurrent state of a sequence                                                  B
M       memory of all accelerators of a replica                                        B
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from recommender.accuracy.measurement import Measurement
from recommender.accuracy.scenario import Scenario
from recommender.performance.memory import token_layer_kv_bytes
from recommender.performance.model_shape import model_shape
from recommender.units import BITS_PER_BYTE, GB

BILLION = 1e9
_WHOLE = np.array(1.0)
NARROWEST_CACHE_BYTES = 1.0
"""Of an element, where the row names no format."""
_HOST_HOLDS = re.compile(r"offload", re.IGNORECASE)
_OVER_REPLICAS = re.compile(r"context[- ]parallel|\bd?cp[ =-]?\d|\bhelix\b", re.IGNORECASE)


def stated_tokens(row: Measurement) -> float:
    """Prompt and answer of one request, as far as they are stated [tokens]."""
    return (row.input_tokens or 0.0) + (row.output_tokens or 0.0)


def too_long(row: Measurement, scenario: Scenario, *, weight_bytes: float) -> str:
    """Why no request of the stated lengths fits beside the weights; blank where one may."""
    if not _is_judged(row, scenario):
        return ""
    cache = _cache_bytes(row, scenario, element_bytes=_least_element_bytes(row, scenario))
    count, memory = _memory(row, scenario)
    if weight_bytes + cache <= count * memory:
        return ""
    return (
        f"one request of {stated_tokens(row):,.0f} tokens does not fit: {cache / GB:.3g} GB of"
        f" cache and {weight_bytes / GB:.3g} GB of weights in {count:g} x {memory / GB:.3g} GB;"
        " check isl, osl, gpu_count and tp"
    )


def in_a_cache_that_holds_it(row: Measurement, scenario: Scenario) -> Scenario:
    """The scenario, with a cache of 8 bits where a wider one, which nobody stated, holds none."""
    least = _least_element_bytes(row, scenario)
    if least == scenario.kv_bytes or not _is_judged(row, scenario):
        return scenario
    cache = _cache_bytes(row, scenario, element_bytes=scenario.kv_bytes)
    weights = scenario.model.total_params_b * BILLION * scenario.weights.bytes_per_weight
    count, memory = _memory(row, scenario)
    if weights + cache <= count * memory:
        return scenario
    told = (
        f"cache in {least * BITS_PER_BYTE:g} bits: one request of {stated_tokens(row):,.0f} tokens"
        f" takes {cache / GB:.3g} GB in {scenario.kv_bytes * BITS_PER_BYTE:g}"
    )
    return replace(scenario, kv_bytes=least, assumptions=(*scenario.assumptions, told))


def beyond_context(row: Measurement, scenario: Scenario) -> Iterator[str]:
    """Lengths beyond those that the model was made for."""
    tokens, most = stated_tokens(row), scenario.model.max_context
    if row.kind == "memory" or scenario.guessed_model or not most or tokens <= most:
        return
    yield (
        f"{tokens:,.0f} tokens, beyond the longest context of {scenario.model.id} ({most:,}):"
        " as if it were stretched (rope scaling)"
    )


def _is_judged(row: Measurement, scenario: Scenario) -> bool:
    """Whether a request of a known size has to be in the accelerators' memory."""
    hosted = scenario.engine == "llama.cpp" or _HOST_HOLDS.search(row.notes) is not None
    known = stated_tokens(row) > 0 and not scenario.guessed_model
    return known and row.kind != "memory" and not hosted


def _memory(row: Measurement, scenario: Scenario) -> tuple[float, float]:
    """Accelerators that hold one request, and the memory of each [B]."""
    count = scenario.tp * scenario.pp * scenario.adp
    if row.tp is None or _OVER_REPLICAS.search(row.notes):
        count = max(count, scenario.accelerators)
    return count, scenario.accelerator.memory_bytes


def _least_element_bytes(row: Measurement, scenario: Scenario) -> float:
    """Bytes of an element in the stated format, else in the narrowest usual one [B]."""
    if row.kv_precision.casefold() not in ("", "auto"):
        return scenario.kv_bytes
    return min(scenario.kv_bytes, NARROWEST_CACHE_BYTES)


def _cache_bytes(row: Measurement, scenario: Scenario, *, element_bytes: float) -> float:
    """Cache and state of one sequence, each held once [B]."""
    shape, tokens = model_shape(scenario.model), stated_tokens(row)
    per_layer = token_layer_kv_bytes(shape=shape, tp=_WHOLE, element_bytes=np.array(element_bytes))
    windowed = shape.windowed_layers * min(tokens, shape.window_tokens)
    return float(per_layer) * (shape.growing_layers * tokens + windowed) + shape.state_bytes

"""Memory quantities of a question: what an engine prints at start-up, per accelerator.

    weights, activations, non_torch, kv                         `kv_pool`
    kv tokens    kv / bytes of a token in all layers            windows are not subtracted
                 vLLM keeps layers in groups as large as the smaller kind: 10 full and 52 windowed
                 ones of Gemma 3 27B take the room of 10*(1 + 6) = 70
    memory used  weights + cache of the tokens + 0.6 GiB        engines without a pool

That is what is printed: a count of tokens that all layers could keep. More sequences fit than its
quotient with their lengths where layers have windows, which `batch` subtracts.
"""

from math import ceil

import numpy as np

from recommender.accuracy.kv_pool import kv_pool
from recommender.accuracy.question import Question
from recommender.accuracy.resolve import SHORT_PROMPT
from recommender.performance.memory import token_layer_kv_bytes
from recommender.performance.model_shape import ModelShape, model_shape
from recommender.units import GIB

POOLLESS_GIB = 0.6
BLOCK_TOKENS = 16


def memory_amounts(question: Question) -> dict[str, float]:
    """All memory quantities of a question by name: bytes per accelerator, tokens per rank."""
    scenario = question.scenario
    shape, pool = model_shape(scenario.model), kv_pool(scenario)
    token = _token_bytes(question, shape)
    tokens = (scenario.input_tokens or SHORT_PROMPT) + (scenario.output_tokens or 0.0)
    return {
        "weights": pool.weights,
        "file_size": shape.total_parameters * scenario.weights.bytes_per_weight,
        "activations": pool.activations,
        "non_torch": pool.non_torch,
        "kv_memory": pool.kv,
        "kv_half": pool.kv / 2,
        "kv_tokens": pool.kv / token,
        "kv_blocks": pool.kv / token / BLOCK_TOKENS,
        "memory_used": pool.weights + tokens * token + POOLLESS_GIB * GIB,
    }


def _token_bytes(question: Question, shape: ModelShape) -> float:
    """Cache of one token in all layers on one accelerator of a rank [B]."""
    scenario = question.scenario
    per_layer = token_layer_kv_bytes(
        shape=shape, tp=np.array(scenario.tp), element_bytes=np.array(scenario.kv_bytes)
    )
    layers = _cached_layers(shape.growing_layers, shape.windowed_layers, scenario.engine)
    return float(per_layer) * layers / scenario.pp


def _cached_layers(growing: float, windowed: float, engine: str) -> float:
    """Layers that a block of the cache has room for, padding of groups included."""
    if engine != "vllm" or not growing or not windowed:
        return growing + windowed
    group = min(growing, windowed)
    return group * (ceil(growing / group) + ceil(windowed / group))

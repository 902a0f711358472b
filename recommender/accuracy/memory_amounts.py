"""Memory quantities of a question: what an engine prints at start-up, per accelerator.

    weights      stage weights (`recommender.performance.memory`)
    activations  peak of the profiling run: t = 8192 tokens, n = 1024 sequences (256 on
                 accelerators below 70 GiB or versions before 2025, which have no chunked prefill
                 and take t = the longest request)
    non_torch    0.25 GiB, 2.1 GiB when accelerators of a stage exchange tensors
    kv           u*M - weights - activations - non_torch        vLLM
                 u*(M - weights - activations - non_torch)      TensorRT-LLM: of what is free
                 u*(M - non_torch) - weights                     SGLang: u = mem-fraction-static
    kv tokens    kv / bytes of a token in all layers            windows are not subtracted
                 vLLM keeps layers in groups as large as the smaller kind: 10 full and 52 windowed
                 ones of Gemma 3 27B take the room of 10*(1 + 6) = 70
    memory used  weights + cache of the tokens + 0.6 GiB        engines without a pool

Symbol  Meaning                                                                       Unit
u       share of the memory that the engine claims, read from the notes, else 0.9
        (vLLM, TensorRT-LLM) or 0.88 (SGLang)                                         1
M       memory that the driver reports, read from the notes, else the catalogue's     B

Figures of activations and non_torch as vLLM 0.19 prints them on H100; until 0.11 the sampler took
more (`recommender.sizing.activations`). A version that is not stated counts as one of mid-2025.
SGLang takes its share of what is free once runtime and collectives have theirs.
"""

import re
from math import ceil

import numpy as np

from recommender.accuracy.load_constants import USUAL_YEAR
from recommender.accuracy.own_engine import memory_share, shares_free_memory
from recommender.accuracy.question import Question
from recommender.accuracy.resolve import CHUNK_TOKENS, SHORT_PROMPT
from recommender.accuracy.stated_share import stated_share, usual_share
from recommender.performance.memory import token_layer_kv_bytes
from recommender.performance.model_shape import ModelShape, model_shape
from recommender.sizing import activations, weights
from recommender.units import BITS_PER_BYTE, GIB

_MAX_LENGTH = re.compile(r"max[_-]model[_-]len[^\d]{0,3}(\d{1,9})(?!\d)")
_REPORTED = re.compile(
    r"(?:GPU reports|GPU total|total_gpu_memory=|GPU)\s*(\d{1,9}(?:\.\d+)?)\s*GiB"
)
MANY_SEQUENCES, FEW_SEQUENCES = 1024.0, 256.0
MANY_SEQUENCES_SINCE, LEAN_SAMPLER_SINCE = 2025.0, 2025.85
"""Years of versions; the second is after vLLM 0.11 and before 0.19: between them it is a guess."""
LARGE_MEMORY = 70 * GIB
ONE_GIB, SEVERAL_GIB = 0.25, 2.1
POOLLESS_GIB = 0.6
SHORTEST_PROFILE = 2048.0
BLOCK_TOKENS = 16


def memory_amounts(question: Question) -> dict[str, float]:
    """All memory quantities of a question by name: bytes per accelerator, tokens per rank."""
    scenario = question.scenario
    shape = model_shape(scenario.model)
    held = _weights(question, shape)
    peak = _activations(question, shape)
    outside = (ONE_GIB if scenario.tp * scenario.adp == 1 else SEVERAL_GIB) * GIB
    kv = max(_kv_bytes(question, held=held, peak=peak, outside=outside), 0.0)
    token = _token_bytes(question, shape)
    tokens = (scenario.input_tokens or SHORT_PROMPT) + (scenario.output_tokens or 0.0)
    return {
        "weights": held,
        "file_size": shape.total_parameters * scenario.weights.bytes_per_weight,
        "activations": peak,
        "non_torch": outside,
        "kv_memory": kv,
        "kv_half": kv / 2,
        "kv_tokens": kv / token,
        "kv_blocks": kv / token / BLOCK_TOKENS,
        "memory_used": held + tokens * token + POOLLESS_GIB * GIB,
    }


def _kv_bytes(question: Question, *, held: float, peak: float, outside: float) -> float:
    """What is left for the cache beside weights, activations and what is outside of torch [B]."""
    share, memory = _utilisation(question), _memory(question)
    if question.scenario.engine == "sglang":
        return share * (memory - outside) - held
    if shares_free_memory(question.scenario):
        return share * (memory - held - peak - outside)
    return share * memory - held - peak - outside


def _weights(question: Question, shape: ModelShape) -> float:
    """Weights of the fullest stage on one accelerator [B]."""
    scenario = question.scenario
    layers = weights.layers_of_fullest_stage(layers=shape.layers, pp=scenario.pp)
    share = float(layers) / shape.layers
    copies = weights.embedding_copies_of_fullest_stage(pp=scenario.pp, tied=shape.tied)
    routed = shape.expert_layers * shape.experts * shape.expert_parameters
    held_together = weights.key_value_copies(kv_heads=shape.kv_heads, tp=scenario.tp)
    copied = (float(held_together) - 1) * shape.key_value_parameters
    attention = shape.attention_parameters + copied
    blocks = attention + shape.dense_parameters + shape.shared_parameters
    wide = max(scenario.weights.bytes_per_weight, 16 / BITS_PER_BYTE)
    return float(
        weights.weight_bytes_per_accelerator(
            replicated_parameters=share * blocks,
            expert_parameters=share * routed,
            embedding_parameters=copies * shape.vocab_parameters,
            bytes_per_parameter=scenario.weights.bytes_per_weight,
            tp=scenario.tp,
            adp=scenario.adp,
            embedding_bytes_per_parameter=wide,
        )
    )


def _activations(question: Question, shape: ModelShape) -> float:
    scenario = question.scenario
    year = scenario.year or USUAL_YEAR
    recent, lean = year >= MANY_SEQUENCES_SINCE, year >= LEAN_SAMPLER_SINCE
    large = _memory(question) >= LARGE_MEMORY
    return float(
        activations.activation_bytes(
            step_tokens=CHUNK_TOKENS if recent else _longest(question),
            hidden=shape.hidden,
            widest_intermediate=shape.widest_intermediate / scenario.tp,
            sampled_sequences=MANY_SEQUENCES if recent and large else FEW_SEQUENCES,
            vocab=shape.vocab,
            logit_bytes=activations.LOGIT_BYTES if lean else activations.OLD_LOGIT_BYTES,
        )
    )


def _longest(question: Question) -> float:
    """Longest request: what engines without chunked prefill profile with [tokens]."""
    stated = _MAX_LENGTH.search(question.row.notes)
    length = float(stated[1]) if stated else question.scenario.model.max_context
    return max(length or 0.0, SHORTEST_PROFILE)


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


def _utilisation(question: Question) -> float:
    stated = stated_share(question.row.notes)
    if stated is not None:
        return stated
    return memory_share(question.scenario, usual=usual_share(question.scenario.engine))


def _memory(question: Question) -> float:
    stated = _REPORTED.search(question.row.notes)
    return float(stated[1]) * GIB if stated else question.scenario.accelerator.memory_bytes

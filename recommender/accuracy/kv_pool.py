"""Memory of one accelerator as an engine splits it at start-up: weights, activations, cache.

    weights      stage weights (`recommender.performance.memory`), and the layer that drafts where
                 the row states what drafts gain
    activations  peak of the profiling run: t = 8192 tokens, n = 1024 sequences (256 on
                 accelerators below 70 GiB or versions before 2025, which have no chunked prefill
                 and take t = the longest request); budgets and batches that are stated in place
    non_torch    0.25 GiB, 2.1 GiB when accelerators of a stage exchange tensors
    kv           u*M - weights - activations - non_torch        vLLM
                 u*(M - weights - activations - non_torch)      TensorRT-LLM: of what is free
                 u*(M - non_torch) - weights                     SGLang: u = mem-fraction-static

Symbol  Meaning                                                                       Unit
u       share of the memory that the engine claims: as stated, else 0.9 (vLLM,        1
        TensorRT-LLM) or 0.88 (SGLang)
M       memory that the driver reports, as stated, else the catalogue's               B

Figures of activations and non_torch as vLLM 0.19 prints them on H100; until 0.11 the sampler took
more (`recommender.sizing.activations`). A version that is not stated counts as one of mid-2025.
SGLang takes its share of what is free once runtime and collectives have theirs.
"""

from dataclasses import dataclass

from recommender.accuracy.load_constants import USUAL_YEAR
from recommender.accuracy.own_engine import memory_share, shares_free_memory
from recommender.accuracy.resolve import CHUNK_TOKENS
from recommender.accuracy.scenario import Scenario
from recommender.accuracy.stated_share import usual_share
from recommender.performance.model_shape import ModelShape, model_shape
from recommender.performance.speculation import NO_SPECULATION
from recommender.sizing import activations, weights
from recommender.units import BITS_PER_BYTE, GB, GIB

MANY_SEQUENCES, FEW_SEQUENCES = 1024.0, 256.0
MANY_SEQUENCES_SINCE, LEAN_SAMPLER_SINCE = 2025.0, 2025.85
"""Years of versions; the second is after vLLM 0.11 and before 0.19: between them it is a guess."""
LARGE_MEMORY = 70 * GIB
ONE_GIB, SEVERAL_GIB = 0.25, 2.1
SHORTEST_PROFILE = 2048.0


@dataclass(frozen=True, slots=True)
class Pool:
    """Bytes of one accelerator of the fullest stage."""

    weights: float
    activations: float
    non_torch: float
    kv: float
    """Left for the cache; 0 where nothing is."""


def kv_pool(scenario: Scenario) -> Pool:
    """What the engine of a scenario makes of the memory of an accelerator."""
    shape = model_shape(scenario.model)
    held, peak = _weights(scenario, shape), _activations(scenario, shape)
    outside = (ONE_GIB if scenario.tp * scenario.adp == 1 else SEVERAL_GIB) * GIB
    kv = _kv_bytes(scenario, held=held, peak=peak, outside=outside)
    return Pool(held, peak, outside, max(kv, 0.0))


def beyond_share(scenario: Scenario) -> str:
    """Why a stated share of the memory holds no engine; blank where it may."""
    share = scenario.options.memory_share
    if share is None or shares_free_memory(scenario):
        return ""
    held, claimed = _weights(scenario, model_shape(scenario.model)), share * _memory(scenario)
    if held < claimed:
        return ""
    return (
        f"weights of {held / GB:.3g} GB per accelerator do not fit into a share of {share:g} of its"
        f" memory ({claimed / GB:.3g} GB)"
    )


def _kv_bytes(scenario: Scenario, *, held: float, peak: float, outside: float) -> float:
    """What is left for the cache beside weights, activations and what is outside of torch [B]."""
    share, memory = _utilisation(scenario), _memory(scenario)
    if scenario.engine == "sglang":
        return share * (memory - outside) - held
    if shares_free_memory(scenario):
        return share * (memory - held - peak - outside)
    return share * memory - held - peak - outside


def _weights(scenario: Scenario, shape: ModelShape) -> float:
    """Weights of the fullest stage on one accelerator [B]."""
    layers = weights.layers_of_fullest_stage(layers=shape.layers, pp=scenario.pp)
    share = float(layers) / shape.layers
    copies = weights.embedding_copies_of_fullest_stage(pp=scenario.pp, tied=shape.tied)
    routed = shape.expert_layers * shape.experts * shape.expert_parameters
    held_together = weights.key_value_copies(kv_heads=shape.kv_heads, tp=scenario.tp)
    copied = (float(held_together) - 1) * shape.key_value_parameters
    attention = shape.attention_parameters + copied
    blocks = attention + shape.dense_parameters + shape.shared_parameters
    wide = max(scenario.weights.bytes_per_weight, 16 / BITS_PER_BYTE)
    drafting = scenario.options.speculation or NO_SPECULATION
    return (1.0 + drafting.draft_layers / shape.layers) * float(
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


def _activations(scenario: Scenario, shape: ModelShape) -> float:
    year, options = scenario.year or USUAL_YEAR, scenario.options
    recent, lean = year >= MANY_SEQUENCES_SINCE, year >= LEAN_SAMPLER_SINCE
    large = _memory(scenario) >= LARGE_MEMORY
    sampled = MANY_SEQUENCES if recent and large else FEW_SEQUENCES
    return float(
        activations.activation_bytes(
            step_tokens=options.step_tokens or (CHUNK_TOKENS if recent else _longest(scenario)),
            hidden=shape.hidden,
            widest_intermediate=shape.widest_intermediate / scenario.tp,
            sampled_sequences=options.most_sequences or sampled,
            vocab=shape.vocab,
            logit_bytes=activations.LOGIT_BYTES if lean else activations.OLD_LOGIT_BYTES,
        )
    )


def _longest(scenario: Scenario) -> float:
    """Longest request: what engines without chunked prefill profile with [tokens]."""
    length = scenario.options.longest or scenario.model.max_context
    return max(length or 0.0, SHORTEST_PROFILE)


def _utilisation(scenario: Scenario) -> float:
    stated = scenario.options.memory_share
    if stated is not None:
        return stated
    return memory_share(scenario, usual=usual_share(scenario.engine))


def _memory(scenario: Scenario) -> float:
    return scenario.options.memory_bytes or scenario.accelerator.memory_bytes

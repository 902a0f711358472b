"""Memory, re-derived tensor by tensor.

The model is written out as its matrices; each is cut over the replica as the layout says and
the bytes are summed for the fullest accelerator. What is left of the claimed memory must hold
the KV cache that the plan states. Beside both stand

    runtime                  the engine's own, and 1.4 GiB where accelerators work together
    the larger of   t * 2 B * (8 h + 3 i)    one layer of a step of t tokens, i of its width per tp
                    n * 16 B * v             logits of n sequences over a vocabulary of v
"""

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from catalog import Catalog
from catalog.schema import LanguageModel
from recommender.audit.conversions import GIB
from recommender.audit.finding import at_most, equal
from recommender.audit.models import model_of, models_by_id
from recommender.audit.shared import part_of
from recommender.plan import Deployment, Finding, Plan
from recommender.request.spec import Spec

TOGETHER_GIB = 1.4
"""Buffers of collectives, as engines print them at start-up."""


class Tensor(NamedTuple):
    """One kind of matrix of a layer: elements, and over how many accelerators it is cut."""

    elements: int
    cut: int
    quantised: bool = True


def findings(plan: Plan, spec: Spec, catalog: Catalog) -> Iterator[Finding]:
    """Weights are the re-derived bytes; everything fits into the accelerator."""
    models = models_by_id(spec, catalog)
    for d in plan.deployments:
        model = model_of(d, models)
        deeper = 1 + (0 if spec.speculative is None else 1) / model.layers  # one layer more drafts
        weights_gib = deeper * fullest_stage_bytes(model, d, catalog) / GIB
        whole_gib = catalog.accelerators[d.accelerator].memory_bytes / GIB
        usable_gib = whole_gib * part_of(d, catalog).memory
        yield equal(
            f"{d.name}: weights per accelerator",
            d.weights_gib,
            weights_gib,
            "GiB",
            "within 2 %: norms, biases and replicated routers",
            tolerance=0.02,
        )
        beside_gib = _beside_gib(model, d, catalog)
        yield equal(f"{d.name}: memory beside weights and cache", d.overhead_gib, beside_gib, "GiB")
        used_gib = d.weights_gib + d.kv_cache_gib + d.overhead_gib
        yield at_most(f"{d.name}: memory", used_gib, _claimed_gib(d, usable_gib, catalog), "GiB")
        yield equal(f"{d.name}: stated memory", d.vram_used_gib, used_gib, "GiB")
        yield equal(f"{d.name}: memory to use", d.vram_usable_gib, usable_gib, "GiB")
        yield from _cache(model, d, catalog, deeper)


def _beside_gib(model: LanguageModel, d: Deployment, catalog: Catalog) -> float:
    """Runtime of the engine, and what one step needs at its peak [GiB]."""
    runtime_gib = catalog.engine(d.engine).non_torch_gib
    together_gib = TOGETHER_GIB if d.tp * d.adp > 1 else 0.0
    routed = model.experts_per_token * model.expert_intermediate + model.shared_expert_intermediate
    width = max(routed, model.intermediate if model.dense_ffn_layers else 0)
    layer = d.chunk_tokens * 2 * (8 * model.hidden + 3 * width / d.tp)
    return runtime_gib + together_gib + max(layer, d.max_batch * 16 * model.vocab) / GIB


def _claimed_gib(d: Deployment, usable_gib: float, catalog: Catalog) -> float:
    """Most memory that the engine claims: a share of all, or all but a share of what is free."""
    engine = catalog.engine(d.engine)
    left = 1 - engine.memory_utilisation
    if engine.utilisation_of == "free":
        return usable_gib - left * (usable_gib - d.weights_gib - d.overhead_gib)
    return usable_gib - left * usable_gib


def _cache(
    model: LanguageModel, d: Deployment, catalog: Catalog, deeper: float
) -> Iterator[Finding]:
    """The cache holds the tokens that the step law counts on (models with one kind of cache)."""
    unusual = model.state_layers or model.windowed_layers or model.kv_bytes_per_token_growing
    if unusual or not d.step_law:
        return
    if model.attention == "MLA":
        values = model.kv_lora_rank + model.qk_rope_head_dim
    else:
        values = 2 * ceil(model.kv_heads / d.tp) * model.head_dim
    part = ceil(model.layers / d.pp) / model.layers
    growing = model.layers if model.growing_layers is None else model.growing_layers
    token_bits = part * growing * values * catalog.precision(d.kv_precision).weight_bits
    held_gib = deeper * d.step_law["kv_tokens"] * token_bits / 8 / GIB
    yield at_most(f"{d.name}: KV cache holds its tokens", held_gib, d.kv_cache_gib, "GiB")


def fullest_stage_bytes(model: LanguageModel, d: Deployment, catalog: Catalog) -> float:
    """Bytes of weights on one accelerator of the stage that holds most [B]."""
    bits = catalog.precision(d.precision).weight_bits
    table = Tensor(model.vocab * model.hidden, d.tp, quantised=False)
    tables = 1 if model.tied_embeddings or d.pp > 1 else 2
    layers_of_stage = ceil(model.layers / d.pp)
    if _is_uneven(model):
        return _uneven_bytes(model, d, bits, layers_of_stage) + tables * _bytes(table, bits)
    dense = min(model.dense_layers, layers_of_stage) if model.is_moe else layers_of_stage
    # Expert layers are the heavier ones: the fullest stage holds as many of them as it can.
    if model.is_moe and d.pp > 1:
        dense = max(0, layers_of_stage - (model.layers - model.dense_layers))
    attention = sum(_bytes(t, bits) for t in _attention(model, d.tp)) * layers_of_stage
    feed_forward = sum(_bytes(t, bits) for t in _dense_ffn(model, d.tp)) * dense
    experts = sum(_bytes(t, bits) for t in _experts(model, d)) * (layers_of_stage - dense)
    return attention + feed_forward + experts + tables * _bytes(table, bits)


def _is_uneven(model: LanguageModel) -> bool:
    """Whether layers differ beyond leading dense ones, or their blocks are not plain matrices."""
    mixed = model.moe_layers is not None or model.ffn_layers is not None
    return bool(model.state_layers or mixed or model.ffn_params_m or model.expert_hidden)


def _uneven_bytes(model: LanguageModel, d: Deployment, bits: float, layers_of_stage: int) -> float:
    """Experts are written out; every other weight must be somewhere, alike in all layers [B]."""
    part = layers_of_stage / model.layers
    width = model.expert_hidden or model.hidden
    expert = model.ffn_matrices * width * model.expert_intermediate * model.routed_experts
    experts = Tensor(expert * ceil(part * model.expert_layers), d.tp * d.adp)
    every = model.vocab * model.hidden * (1 if model.tied_embeddings else 2)
    others = round(model.total_params_b * 1e9) - expert * model.expert_layers - every
    return _bytes(experts, bits) + part * _bytes(Tensor(others, d.tp), bits)


def _bytes(tensor: Tensor, bits: float) -> float:
    return tensor.elements / tensor.cut * (bits if tensor.quantised else 16) / 8


def _attention(model: LanguageModel, tp: int) -> Iterator[Tensor]:
    hidden = model.hidden
    if model.attention_params_m:  # sparse attention: its size is stated, of all layers
        yield Tensor(round(model.attention_params_m * 1e6 / model.layers), tp)
        return
    if model.attention == "MLA":
        head = model.qk_nope_head_dim + model.qk_rope_head_dim
        if model.q_lora_rank:
            yield Tensor(hidden * model.q_lora_rank, tp)
            yield Tensor(model.q_lora_rank * model.heads * head, tp)
        else:
            yield Tensor(hidden * model.heads * head, tp)
        yield Tensor(hidden * (model.kv_lora_rank + model.qk_rope_head_dim), tp)
        yield Tensor(
            model.kv_lora_rank * model.heads * (model.qk_nope_head_dim + model.v_head_dim), tp
        )
        yield Tensor(model.heads * model.v_head_dim * hidden, tp)
        return
    yield Tensor(2 * hidden * model.heads * model.head_dim, tp)  # queries and output
    yield Tensor(2 * hidden * model.kv_heads * model.head_dim, min(tp, model.kv_heads))


def _dense_ffn(model: LanguageModel, tp: int) -> Iterator[Tensor]:
    yield Tensor(model.ffn_matrices * model.hidden * model.intermediate, tp)


def _experts(model: LanguageModel, d: Deployment) -> Iterator[Tensor]:
    if not model.is_moe:
        return
    expert = model.ffn_matrices * model.hidden
    yield Tensor(expert * model.expert_intermediate * model.routed_experts, d.tp * d.adp)
    yield Tensor(expert * model.shared_expert_intermediate, d.tp)
    yield Tensor(model.hidden * model.routed_experts, 1, quantised=False)  # router

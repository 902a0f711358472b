"""Memory of one accelerator of the fullest stage, and the cache that is left.

    kv = utilisation * memory - weights - overhead          vLLM, SGLang: a share of all memory
       = utilisation * (memory - weights - overhead)        TensorRT-LLM: of what is free
    K  = kv * c / (bytes of a sequence of c tokens)            tokens per attention rank

Formulas: `recommender.sizing.weights`, `kv_cache`, `activations`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catalog.schema import Engine, LanguageModel, Precision, Support
from recommender.hardware import Hardware
from recommender.layout import Layout
from recommender.performance.layout_table import Floats, LayoutTable, layout_table
from recommender.performance.model_shape import ModelShape, model_shape
from recommender.performance.moments import moments
from recommender.performance.stage_share import stage_share
from recommender.sizing import activations, kv_cache, weights
from recommender.sizing.number import Number
from recommender.units import GIB
from recommender.workload import Lengths

COLLECTIVE_GIB = 1.4
"""Buffers of NCCL and custom all-reduces: vLLM 0.19 on H100 prints 0.25 GiB outside PyTorch
with one accelerator, 2.07 to 2.21 GiB with two or four; engines claim 0.73 GiB for both."""


@dataclass(frozen=True, slots=True)
class MemoryTable:
    """Bytes per accelerator of the fullest stage, shape (n,)."""

    weight_bytes: Floats
    overhead_bytes: Floats
    kv_bytes: Floats
    """Left for the cache; not above zero means that the layout does not fit."""
    kv_bytes_per_token: Floats
    """Of one more token of a sequence with the mean context."""
    kv_tokens: Floats
    """Capacity of the cache per attention rank [tokens]; 0 when nothing fits."""
    usable_bytes: float


def memory(
    *,
    model: LanguageModel,
    hardware: Hardware,
    layouts: Sequence[Layout],
    engine: Engine,
    precisions: Mapping[str, Precision],
    support: Mapping[str, Support],
    lengths: Lengths,
) -> MemoryTable:
    """Memory of these layouts; see `memory_of_table` for many calls on one table."""
    table = layout_table(
        layouts, accelerator=hardware.accelerator, precisions=precisions, support=support
    )
    return memory_of_table(
        shape=model_shape(model),
        hardware=hardware,
        table=table,
        engine=engine,
        context_tokens=moments(lengths).context_tokens,
    )


def memory_of_table(
    *,
    shape: ModelShape,
    hardware: Hardware,
    table: LayoutTable,
    engine: Engine,
    context_tokens: Number,
    draft_layers: float = 0.0,
) -> MemoryTable:
    """Memory of the layouts of a table, for sequences of this mean context.

    `draft_layers`: layers that draft tokens, like one of the model's, with a cache of their own.
    """
    deeper = 1.0 + draft_layers / shape.layers
    weight_bytes = deeper * stage_weight_bytes(shape=shape, table=table)
    overhead = activations.overhead_bytes(
        activation_bytes=activations.activation_bytes(
            step_tokens=table.chunk_tokens,
            hidden=shape.hidden,
            widest_intermediate=shape.widest_intermediate / table.tp,
            sampled_sequences=table.max_batch,
            vocab=shape.vocab,
        ),
        runtime_bytes=runtime_bytes(engine, table.stage_accelerators),
    )
    of_all = engine.utilisation_of == "all"
    usable = activations.usable_bytes(
        memory_bytes=hardware.accelerator.memory_bytes,
        utilisation=engine.memory_utilisation if of_all else 1.0,
    )
    free = activations.kv_budget_bytes(
        usable_bytes=usable,
        weight_bytes=weight_bytes,
        overhead_bytes=overhead,
        share=1.0 if of_all else engine.memory_utilisation,
    )
    sequence = deeper * sequence_kv_bytes(shape=shape, table=table, context_tokens=context_tokens)
    tokens = kv_cache.kv_token_capacity(
        free_bytes=free, bytes_per_sequence=sequence, context_tokens=context_tokens
    )
    return MemoryTable(
        weight_bytes=np.asarray(weight_bytes),
        overhead_bytes=np.asarray(overhead),
        kv_bytes=np.asarray(free),
        kv_bytes_per_token=np.asarray(sequence / context_tokens),
        kv_tokens=np.asarray(tokens),
        usable_bytes=float(usable),
    )


def runtime_bytes(engine: Engine, accelerators: Floats) -> Floats:
    """Context of the runtime, and buffers of its collectives when there are several [B]."""
    shared = np.where(accelerators > 1, COLLECTIVE_GIB, 0.0)
    return np.asarray((engine.non_torch_gib + shared) * GIB)


def stage_weight_bytes(*, shape: ModelShape, table: LayoutTable) -> Floats:
    """Weights per accelerator of the fullest stage, shape (n,) [B]."""
    held = stage_share(shape=shape, table=table)
    return np.asarray(
        weights.weight_bytes_per_accelerator(
            replicated_parameters=held.replicated_parameters,
            expert_parameters=held.expert_layers * shape.experts * shape.expert_parameters,
            embedding_parameters=held.embedding_copies * shape.vocab_parameters,
            bytes_per_parameter=table.weight_bytes,
            tp=table.tp,
            adp=table.adp,
        )
    )


def sequence_kv_bytes(*, shape: ModelShape, table: LayoutTable, context_tokens: Number) -> Floats:
    """Cache and state of one sequence per accelerator of the fullest stage [B]."""
    share = stage_share(shape=shape, table=table).share
    per_token_layer = token_layer_kv_bytes(
        shape=shape, tp=table.tp, element_bytes=table.kv_element_bytes
    )
    return np.asarray(
        kv_cache.kv_bytes_per_sequence(
            context_tokens=context_tokens,
            bytes_per_token_layer=per_token_layer,
            growing_layers=share * shape.growing_layers,
            windowed_layers=share * shape.windowed_layers,
            window_tokens=shape.window_tokens,
            state_bytes=share * shape.state_bytes / table.tp,
        )
    )


def token_layer_kv_bytes(*, shape: ModelShape, tp: Floats, element_bytes: Floats) -> Floats:
    """Cache of one token in one layer per accelerator, shape (n,) [B]."""
    model = shape.model
    if model.attention == "MLA":
        return np.asarray(
            kv_cache.latent_kv_bytes_per_token_layer(
                kv_lora_rank=model.kv_lora_rank,
                rope_head_dim=model.qk_rope_head_dim,
                bytes_per_element=element_bytes,
            )
        )
    return np.asarray(
        kv_cache.kv_bytes_per_token_layer(
            kv_heads=shape.kv_heads,
            head_dim=model.head_dim,
            bytes_per_element=element_bytes,
            tp=tp,
        )
    )

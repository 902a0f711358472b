"""Attention of one stage: linear in the context, so the step law holds it exactly.

    decode   bytes/b and flop/f per context token
    prefill  flop/f per (prompt token, context token)

A layer with a sliding window w reads min(context, w) tokens: below the window its cost belongs
to the context, above it to the sequence. Recurrent state is read and written once per token.
Decodes multiply in the format of the cache where kernels do: on Blackwell of the data centre
(compute capability 10) those of TensorRT-LLM, which SGLang and vLLM call as well, reach 0.9 to 1.3
of the 16-bit peak with a cache of 8 bits and 0.5 to 0.7 with one of 16; on Hopper 0.8 and 0.7, so
that 16 bits stay the measure there (latent attention of 128 heads, batches from 128; operator
tables of aiconfigurator-core 0.12.0). Prompts multiply in 16 bits.

The window is compared with the mean context; within one length distribution this is the only
place where the law is not exact for attention.
"""

from dataclasses import dataclass

import numpy as np

from catalog.schema import Accelerator
from recommender.performance.layout_table import (
    Floats,
    LayoutTable,
    peak_flop_per_s,
    sixteen_bit_flop_per_s,
)
from recommender.performance.memory import token_layer_kv_bytes
from recommender.performance.model_shape import ModelShape
from recommender.performance.moments import Moments
from recommender.performance.stage import Work
from recommender.sizing import attention, prefill
from recommender.sizing.number import Number

NARROW_ATTENTION = "10"
"""Major compute capability whose decode kernels multiply in the format of the cache."""


@dataclass(frozen=True, slots=True)
class AttentionWork:
    """At peak, shape (n,) [s]."""

    decode: Work
    """Per context token of a decoding sequence."""
    window: Work
    """Per decoding sequence: filled windows and recurrent state."""
    prompt_pair_s: Floats
    """Per prompt token and token of context it attends to."""


def attention_work(
    *,
    shape: ModelShape,
    table: LayoutTable,
    share: Floats,
    bandwidth: float,
    accelerator: Accelerator,
    moments: Moments,
) -> AttentionWork:
    """Attention of the fullest stage; `share` of all layers are on it."""
    flop_per_s = sixteen_bit_flop_per_s(accelerator)
    flop = _decode_flop_per_pair(shape, table) / decode_flop_per_s(
        accelerator, kv_element_bytes=table.kv_element_bytes
    )
    read = (
        token_layer_kv_bytes(shape=shape, tp=table.tp, element_bytes=table.kv_element_bytes)
        / bandwidth
    )
    filled = np.where(shape.window_tokens < moments.context_tokens, 1.0, 0.0)
    growing = share * (shape.growing_layers + (1.0 - filled) * shape.windowed_layers)
    windows = share * shape.windowed_layers * shape.window_tokens * filled
    state = 2 * share * shape.state_bytes / table.tp / bandwidth
    pairs = share * (shape.growing_layers + shape.windowed_layers * _window_ratio(shape, moments))
    return AttentionWork(
        decode=Work(flop_s=flop * growing, read_s=read * growing),
        window=Work(flop_s=flop * windows, read_s=read * windows + state),
        prompt_pair_s=np.asarray(_prefill_flop_per_pair(shape, table) * pairs / flop_per_s),
    )


def decode_flop_per_s(accelerator: Accelerator, *, kv_element_bytes: Floats) -> Floats:
    """Peak of the format that decodes attend in, shape (n,) [FLOP/s]."""
    wide = sixteen_bit_flop_per_s(accelerator)
    capability = (accelerator.compute_capability or "").partition(".")[0]
    if capability != NARROW_ATTENTION or accelerator.fp8_tflops is None:
        return np.full_like(kv_element_bytes, wide)
    narrow = peak_flop_per_s(accelerator, compute_format="fp8")
    return np.where(kv_element_bytes <= 1.0, narrow, wide)


def _window_ratio(shape: ModelShape, moments: Moments) -> Number:
    """Context of a prompt token in a windowed layer against a growing one, at the mean prompt."""
    if not shape.window_tokens:
        return 0.0
    windowed = prefill.windowed_context_tokens(
        prompt_tokens=moments.prompt_tokens, window_tokens=shape.window_tokens
    )
    causal = prefill.causal_context_tokens(prompt_tokens=moments.prompt_tokens)
    return windowed / causal


def _decode_flop_per_pair(shape: ModelShape, table: LayoutTable) -> Floats:
    model = shape.model
    if model.attention == "MLA":
        return np.asarray(
            attention.absorbed_latent_flop_per_pair(
                heads=shape.heads,
                kv_lora_rank=model.kv_lora_rank,
                rope_head_dim=model.qk_rope_head_dim,
                tp=table.tp,
            )
        )
    return np.asarray(
        attention.attention_flop_per_pair(heads=shape.heads, head_dim=model.head_dim, tp=table.tp)
    )


def _prefill_flop_per_pair(shape: ModelShape, table: LayoutTable) -> Floats:
    model = shape.model
    if model.attention == "MLA":
        return np.asarray(
            attention.expanded_latent_flop_per_pair(
                heads=shape.heads,
                nope_head_dim=model.qk_nope_head_dim,
                rope_head_dim=model.qk_rope_head_dim,
                value_head_dim=model.v_head_dim,
                tp=table.tp,
            )
        )
    return np.asarray(
        attention.attention_flop_per_pair(heads=shape.heads, head_dim=model.head_dim, tp=table.tp)
    )

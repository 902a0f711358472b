"""Attention whose layers differ: matrices and cache, where the plain formula does not hold.

growing / windowed layers with their own K/V heads and widths (MiMo, Gemma 4):
    matrices  h*(H*d + K*d + K*v) + H*v*h      (Gemma 4: V is K, one projection less)
    cache     K*(d + v) * 2 bytes per token
gated output (Qwen3-Next, Qwen3.5, Kimi-K3):  + h*H*d  (h*H*v for MLA)
sparse indexer (DeepSeek-V3.2, GLM-5): + q*n_i*d_i + h*d_i + h*n_i
compressed attention (DeepSeek-V4), one shared K=V head of width d, ratio r per layer:
    matrices  h*q + q*H*d + h*d + H*d*o + g*o*h, + 2*h*d per layer with r > 0 (twice for r = 4),
              + q*n_i*d_i + h*n_i + 4*h*d_i for the indexers of r = 4
    cache     2*d/r bytes per token growing, 2*d windowed
"""

from typing import NamedTuple

from catalog.model_reader.config import Config
from catalog.model_reader.layer_kinds import LayerKinds

BYTES = 2
OVERLAPPING_RATIO = 4
"""Compression ratio whose blocks overlap (two projections) and that has an indexer."""


class Attention(NamedTuple):
    """Overrides; None where the plain formula holds."""

    parameters: float | None = None
    growing_bytes_per_token: float | None = None
    windowed_bytes_per_token: float | None = None
    growing_layers: int | None = None
    windowed_layers: int | None = None


def attention(config: Config, kinds: LayerKinds) -> Attention:
    """What differs from the plain formula."""
    if config.compress_ratios:
        return _compressed(config, kinds.layers)
    if config.kv_lora_rank:
        extra = _gate(config, config.v_head_dim or 0) + _indexer(config)
        if not extra:
            return Attention()
        return Attention(parameters=(kinds.growing) * (_latent(config) + extra))
    if config.windowed_kv_heads or config.growing_head_dim:
        return _mixed(config, kinds)
    if config.output_gate:
        d, kv = head_dim(config), config.kv_heads or config.heads
        plain = config.hidden_size * d * (config.heads + 2 * kv + config.heads)
        return Attention(parameters=kinds.growing * (plain + _gate(config, d)))
    return Attention()


def head_dim(config: Config) -> int:
    """Width of a head."""
    return config.head_dim or config.hidden_size // config.heads


def _gate(config: Config, width: int) -> int:
    return config.hidden_size * config.heads * width if config.output_gate else 0


def _indexer(config: Config) -> int:
    heads, width = config.index_n_heads or 0, config.index_head_dim or 0
    h = config.hidden_size
    return (config.q_lora_rank or 0) * heads * width + h * width + h * heads


def _latent(config: Config) -> int:
    h, heads, rank, latent = (
        config.hidden_size,
        config.heads,
        config.q_lora_rank or 0,
        config.kv_lora_rank or 0,
    )
    nope, rope, value = (
        config.qk_nope_head_dim or 0,
        config.qk_rope_head_dim or 0,
        config.v_head_dim or 0,
    )
    queries = h * rank + rank * heads * (nope + rope) if rank else h * heads * (nope + rope)
    return queries + h * (latent + rope) + latent * heads * (nope + value) + heads * value * h


def _mixed(config: Config, kinds: LayerKinds) -> Attention:
    d, kv = head_dim(config), config.kv_heads or config.heads
    growing_dim, growing_kv = config.growing_head_dim or d, config.growing_kv_heads or kv
    windowed_kv = config.windowed_kv_heads or kv
    value, growing_value = config.v_head_dim or d, config.v_head_dim or growing_dim
    projections = 1 if config.shared_kv else 2

    def matrices(kv_heads: int, key: int, val: int, kv_projections: int) -> int:
        keys_values = kv_heads * (key + (val if kv_projections == 2 else 0))
        return config.hidden_size * (config.heads * (key + val) + keys_values)

    growing = matrices(growing_kv, growing_dim, growing_value, projections)
    windowed = matrices(windowed_kv, d, value, 2)
    return Attention(
        parameters=kinds.growing * growing + kinds.windowed * windowed,
        growing_bytes_per_token=kinds.growing * growing_kv * (growing_dim + growing_value) * BYTES,
        windowed_bytes_per_token=kinds.windowed * windowed_kv * (d + value) * BYTES,
    )


def _compressed(config: Config, layers: int) -> Attention:
    ratios = (config.compress_ratios or [])[:layers]
    h, d, rank = config.hidden_size, head_dim(config), config.q_lora_rank or 0
    wide, out = config.heads * d, config.o_lora_rank or 0
    common = h * rank + rank * wide + h * d + wide * out + (config.o_groups or 1) * out * h
    index, index_dim = config.index_n_heads or 0, config.index_head_dim or 0
    overlapping = ratios.count(OVERLAPPING_RATIO)
    compressed = sum(ratio > 0 for ratio in ratios)
    compressors = (compressed + overlapping) * 2 * h * d
    indexers = overlapping * (rank * index * index_dim + h * index + 4 * h * index_dim)
    return Attention(
        parameters=layers * common + compressors + indexers,
        growing_bytes_per_token=sum(BYTES * d / ratio for ratio in ratios if ratio),
        windowed_bytes_per_token=float(layers * BYTES * d),
        growing_layers=compressed,
        windowed_layers=layers,
    )

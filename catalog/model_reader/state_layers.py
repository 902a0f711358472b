"""State layers (linear attention): parameters and bytes of state.

Mamba-2 (n heads of width p, state s, g groups, kernel k; d = n*p, conv width c = d + 2*g*s)
    parameters  h*(2d + 2*g*s + n) + d*h + c*k
    state       n*p*s (fp32) + c*(k - 1) (16 bits)
Gated DeltaNet (key width K = n_k*d_k, value width V = n_v*d_v, c = 2K + V)
    parameters  h*(2K + 2V) + 2*h*n_v + V*h + c*k
    state       n_v*d_k*d_v (fp32) + c*(k - 1) (16 bits)
Kimi Delta Attention (n heads of width d, w = n*d, c = 3w)
    parameters  h*3w + w*h + gate h*w + h*n (beta) + c*k     (low-rank decay gates left out)
    state       n*d*d (fp32) + c*(k - 1) (16 bits)
"""

from typing import NamedTuple

from catalog.model_reader.config import Config

FP32_BYTES, BF16_BYTES = 4, 2


class StateLayer(NamedTuple):
    """One state layer: parameters [count], state of a sequence [B]."""

    parameters: float
    bytes_per_sequence: float


def state_layer(config: Config) -> StateLayer | None:
    """The state layer of a config; None when it describes none that is known."""
    h, kernel = config.hidden_size, config.conv_kernel or 4
    if config.mamba_num_heads and config.mamba_head_dim and config.ssm_state_size:
        heads, size = config.mamba_num_heads, config.ssm_state_size
        inner, groups = heads * config.mamba_head_dim, 2 * (config.n_groups or 1) * size
        width = inner + groups
        matrices = h * (2 * inner + groups + heads) + inner * h + width * kernel
        return StateLayer(matrices, _bytes(inner * size, width, kernel))
    if config.linear_num_key_heads and config.linear_num_value_heads:
        key_dim, value_dim = config.linear_key_head_dim or 0, config.linear_value_head_dim or 0
        keys, values = (
            config.linear_num_key_heads * key_dim,
            config.linear_num_value_heads * value_dim,
        )
        width = 2 * keys + values
        matrices = h * (2 * keys + 2 * values + 2 * config.linear_num_value_heads)
        return StateLayer(
            matrices + values * h + width * kernel, _bytes(values * key_dim, width, kernel)
        )
    if config.linear_attn_config:
        heads = int(config.linear_attn_config["num_heads"])
        head_dim = int(config.linear_attn_config["head_dim"])
        kernel = int(config.linear_attn_config.get("short_conv_kernel_size", 4))
        inner, width = heads * head_dim, 3 * heads * head_dim
        gate = h * inner if config.linear_attn_config.get("use_full_rank_gate") else 0
        matrices = h * 3 * inner + inner * h + gate + h * heads + width * kernel
        return StateLayer(matrices, _bytes(inner * head_dim, width, kernel))
    return None


def _bytes(state: int, width: int, kernel: int) -> float:
    return float(state * FP32_BYTES + width * (kernel - 1) * BF16_BYTES)

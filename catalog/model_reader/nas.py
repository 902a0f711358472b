"""Models whose layers differ one by one (DeciLM, Nemotron-NAS): `block_configs`.

attention of a block: `n_heads_in_group` query heads per K/V head, `no_op`, or a linear layer;
feed-forward width: 2*ffn_mult*h/3, rounded up to a multiple of 256.
"""

from typing import Any, NamedTuple

from catalog.model_reader.config import Config

ROUND_TO = 256


class Blocks(NamedTuple):
    """Sums over the layers."""

    attention_layers: int
    kv_heads: int
    attention_parameters: float
    ffn_parameters: float


def blocks(config: Config) -> Blocks:
    """What the block list of a config adds up to."""
    h, d = config.hidden_size, config.head_dim or config.hidden_size // config.heads
    count, kv_heads, attention, ffn = 0, 1, 0.0, 0.0
    for block in config.block_configs or ():
        settings: dict[str, Any] = block.get("attention", {})
        group = settings.get("n_heads_in_group")
        if group:
            count += 1
            kv_heads = config.heads // int(group)
            attention += h * d * (2 * config.heads + 2 * kv_heads)
        elif settings.get("replace_with_linear"):
            attention += h * h
        ffn += _ffn(block.get("ffn", {}), h)
    return Blocks(count, kv_heads, attention, ffn)


def _ffn(settings: dict[str, Any], h: int) -> float:
    if settings.get("replace_with_linear"):
        return float(h * h)
    width = int(2 * float(settings.get("ffn_mult") or 0) * h / 3)
    return 3.0 * h * (-(-width // ROUND_TO) * ROUND_TO)

"""Which layers hold a growing cache, a windowed cache, a state, experts, a dense block."""

from dataclasses import dataclass

from catalog.model_reader.config import Config

_WINDOWED = ("sliding_attention", "chunked_attention", "local_attention")
_STATE = ("linear_attention", "mamba", "mamba2")
_ALTERNATING = ("gemma2",)
"""Model types whose every second layer is windowed without the config saying so."""


@dataclass(frozen=True, slots=True)
class LayerKinds:
    """Counts of layers; a hybrid's layer may hold only one of the kinds."""

    layers: int
    growing: int
    windowed: int
    state: int
    experts: int
    dense: int
    leading: int = 0
    """Layers before the first with experts."""


def layer_kinds(config: Config) -> LayerKinds | None:
    """Kinds of layers of a config; None when it does not say how many there are."""
    if config.hybrid_override_pattern:
        names = {"*": "attention", "M": "mamba", "E": "moe", "-": "mlp"}
        return _single_purpose([names.get(mark, "mlp") for mark in config.hybrid_override_pattern])
    types = config.layer_types
    if types and "moe" in types:
        return _single_purpose(types)
    if config.layers is None:
        return None
    windowed, state = _windowed(config, config.layers), _state(config, config.layers)
    with_experts = _with_experts(config, config.layers)
    experts = len(with_experts)
    both = config.model_type.startswith("gemma4") and experts > 0
    dense = config.layers if both else config.layers - experts
    growing = config.layers - windowed - state
    leading = with_experts[0] if with_experts else 0
    return LayerKinds(config.layers, growing, windowed, state, experts, dense, leading)


def _single_purpose(types: list[str]) -> LayerKinds:
    """Nemotron-H: every layer is one of attention, state, experts, dense block."""
    return LayerKinds(
        layers=len(types),
        growing=types.count("attention"),
        windowed=0,
        state=types.count("mamba"),
        experts=types.count("moe"),
        dense=types.count("mlp"),
    )


def _windowed(config: Config, layers: int) -> int:
    if config.layer_types and not config.linear_attn_config:
        return sum(kind in _WINDOWED for kind in config.layer_types[:layers])
    if config.hybrid_layer_pattern:
        return sum(config.hybrid_layer_pattern[:layers])
    if not config.sliding_window or config.use_sliding_window is False:
        return 0
    if config.model_type.startswith("llama4"):
        return layers - layers // 4  # every fourth layer attends to everything
    if config.model_type in _ALTERNATING:
        return (layers + 1) // 2
    if config.sliding_window_pattern:
        return layers - layers // config.sliding_window_pattern
    if config.use_sliding_window and config.max_window_layers is not None:
        return max(0, layers - config.max_window_layers)
    if config.max_context is not None and config.sliding_window >= config.max_context:
        return 0
    return layers


def _state(config: Config, layers: int) -> int:
    if config.linear_attn_config:
        return len(config.linear_attn_config.get("kda_layers", ()))
    if config.layer_types:
        return sum(kind in _STATE for kind in config.layer_types[:layers])
    if config.full_attention_interval:
        return layers - layers // config.full_attention_interval
    return 0


def _with_experts(config: Config, layers: int) -> list[int]:
    """Numbers of the layers with experts, from 0."""
    if not config.routed_experts or config.enable_moe_block is False:
        return []
    if isinstance(config.moe_layer_freq, list):
        return [layer for layer, flag in enumerate(config.moe_layer_freq[:layers]) if flag]
    step = config.moe_step or (config.moe_layer_freq or 1)
    dense = set(config.mlp_only_layers or ())
    return [
        layer
        for layer in range(layers)
        if layer >= (config.first_dense or 0) and (layer + 1) % step == 0 and layer not in dense
    ]

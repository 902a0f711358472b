"""Settings that a kind of model implies without stating them, and other spellings of them.

A config leaves out what equals the default of its kind, so that a published config.json can lack
its vocabulary. Only defaults that were checked against a published size are listed.
"""

from collections.abc import Mapping
from typing import Any

_SAME_AS = {"RefinedWebModel": "falcon", "RefinedWeb": "falcon"}
"""Names that a kind of model went by earlier."""

_GEMMA3: Mapping[str, Any] = {
    **{"vocab_size": 262_208, "num_attention_heads": 8, "num_key_value_heads": 4},
    **{"head_dim": 256, "sliding_window": 4096, "sliding_window_pattern": 6},
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "gemma3": _GEMMA3,
    "gemma3_text": _GEMMA3,
    "qwen3_next": {"full_attention_interval": 4, "attn_output_gate": True},
    "mpt": {"expansion_ratio": 4},
}


def completed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the defaults of their kind, nested ones at the top."""
    kind = str(settings.get("model_type") or "")
    kind = _SAME_AS.get(kind, kind)
    stated = {name: value for name, value in settings.items() if value is not None}
    full = {**_DEFAULTS.get(kind, {}), **stated, "model_type": kind}
    if kind == "qwen" and "intermediate_size" in full:
        full["intermediate_size"] //= 2  # states both gated halves together
    if full.get("multi_query_attention"):  # ChatGLM
        full.setdefault("num_key_value_heads", full.get("multi_query_group_num", 1))
    if kind in ("dbrx", "mpt"):
        full.update(_nested(full))
    _pattern(full)
    return full


def _nested(settings: Mapping[str, Any]) -> dict[str, Any]:
    """DBRX and MPT keep attention and feed-forward settings in groups of their own."""
    attention = settings.get("attn_config") or {}
    feed_forward = settings.get("ffn_config") or {}
    found = {
        "num_key_value_heads": attention.get("kv_n_heads"),
        "intermediate_size": feed_forward.get("ffn_hidden_size"),
        "num_experts": feed_forward.get("moe_num_experts"),
        "num_experts_per_tok": feed_forward.get("moe_top_k"),
        "ffn_config": None,
    }
    if "expansion_ratio" in settings:
        found["intermediate_size"] = settings["expansion_ratio"] * settings.get("d_model", 0)
    if attention.get("attn_type") == "multiquery_attention":
        found["num_key_value_heads"] = 1
    return {name: value for name, value in found.items() if value or name == "ffn_config"}


def _pattern(settings: dict[str, Any]) -> None:
    """`LLLG`: three layers with a window, then one without."""
    pattern = settings.get("sliding_window_pattern")
    if settings.get("layer_types"):
        settings.pop("sliding_window_pattern", None)
    elif isinstance(pattern, str) and pattern == "L" * (len(pattern) - 1) + "G":
        settings["sliding_window_pattern"] = len(pattern)

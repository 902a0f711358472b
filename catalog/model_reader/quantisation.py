"""The number format of a checkpoint, from its quantisation settings."""

from collections.abc import Mapping
from typing import Any

_METHODS = {"mxfp4": "mxfp4", "fp8": "fp8", "awq": "int4", "gptq": "int4", "fbgemm_fp8": "fp8"}


def native_precision(
    settings: Mapping[str, Any] | None, dtype: str | None, expert_dtype: str | None = None
) -> str | None:
    """Name of the precision of the weights; None for a method that is not known.

    Experts in 4 bits decide, although the rest is wider: they are nearly all of the weights.
    """
    if expert_dtype == "fp4" and not (settings or {}).get("quant_algo"):
        return "mxfp4"
    if not settings:
        return "fp16" if dtype == "float16" else "bf16"
    bits = settings.get("bits") or settings.get("w_bit") or _group_bits(settings)
    algorithm = str(settings.get("quant_algo") or settings.get("format") or "").upper()
    if "NVFP4" in algorithm or "MIXED" in algorithm:
        return "fp4"
    if "MXFP4" in algorithm:
        return "mxfp4"
    if "FP8" in algorithm or algorithm == "FLOAT-QUANTIZED":
        return "fp8"
    if algorithm in ("PACK-QUANTIZED", "INT-QUANTIZED", "W4A16_AWQ", "W4A16"):
        return "int8" if bits == 8 or algorithm == "INT-QUANTIZED" else "int4"
    method = str(settings.get("quant_method", "")).lower()
    if method in ("gptq", "awq") and bits == 8:
        return "int8"
    return _METHODS.get(method)


def native_kv_precision(settings: Mapping[str, Any] | None) -> str | None:
    """Format of the cache that the checkpoint brings scales for."""
    if not settings:
        return None
    scheme = settings.get("kv_cache_scheme")
    bits = scheme.get("num_bits") if isinstance(scheme, Mapping) else None
    stated = str(settings.get("kv_cache_quant_algo") or "").upper()
    return "fp8" if bits == 8 or "FP8" in stated else None


def _group_bits(settings: Mapping[str, Any]) -> int | None:
    groups = settings.get("config_groups")
    if not isinstance(groups, Mapping):
        return None
    for group in groups.values():
        weights = group.get("weights") if isinstance(group, Mapping) else None
        if isinstance(weights, Mapping):
            return int(weights.get("num_bits", 0)) or None
    return None

"""What a row's metric asks for, and in which unit.

    value = quantity / share * unit

Quantities of time are in seconds, rates in tokens per second of the whole system, memory in
bytes per accelerator, power in watts of all accelerators; `per` divides by accelerators, nodes
or output tokens per request.
"""

import re
from dataclasses import dataclass
from typing import Literal

from recommender.accuracy.measurement import Measurement
from recommender.units import GB, GIB, MILLI

Name = Literal[
    "output_rate", "total_rate", "input_rate", "request_rate", "decode_rate", "prefill_rate",
    "prefill", "ttft", "decode", "tpot", "itl", "context_slope", "decode_empty", "e2e",
    "weights", "kv_memory", "kv_tokens", "kv_blocks", "kv_half", "activations", "non_torch",
    "memory_used", "file_size", "power_all", "power_one", "power_share", "power_node",
    "energy",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A name, what it is divided by, and how many of the row's unit are one of ours."""

    name: Name
    per: Literal["system", "accelerator", "node"]
    unit: float
    needs_lengths: bool


_METRICS: tuple[tuple[str, Name, bool], ...] = (
    (r"total_tokens_per_s_in_plus_out|total_token_throughput", "total_rate", True),
    (r"input_tokens_per_s", "input_rate", True),
    (r"samples_per_s_.*|request_throughput", "request_rate", True),
    (r".*Queries/s", "output_rate", True),  # MLPerf prints tokens/s under this name
    (r"decode_tok_per_s.*", "decode_rate", False),
    (r"prefill_tok_per_s.*", "prefill_rate", False),
    (r"(total_)?output_(throughput|tokens_per_s).*", "output_rate", True),
    (r"(prompt_time|first_token_latency|ttft_static_batch)", "prefill", False),
    (r"ttft_(mean|median|p50|avg)", "ttft", False),
    (r"token_time", "decode", False),
    (r"(itl_median|median_itl)", "itl", False),
    (r"itl_intercept_at_zero_context", "decode_empty", False),
    (r"itl_slope_per_context_token", "context_slope", False),
    (r"(tpot|itl)_(mean|median|p50|avg)", "tpot", False),
    (r"(singlestream_Latency.*|e2e.*|latency.*)", "e2e", True),
    (r"model_weights_per_gpu", "weights", False),
    (r"weights_file_size", "file_size", False),
    (r"kv_cache_memory_per_gpu", "kv_memory", False),
    (r"kv_k_cache_per_gpu", "kv_half", False),
    (r"kv_cache_tokens", "kv_tokens", False),
    (r"kv_cache_blocks_16tok", "kv_blocks", False),
    (r"activation_peak_per_gpu", "activations", False),
    (r"non_torch_memory_per_gpu", "non_torch", False),
    (r"gpu_memory_used", "memory_used", False),
    (r"energy_per_output_token", "energy", False),
    (r"gpu_power_avg_all_gpus", "power_all", False),
    (r"gpu_power_avg", "power_one", False),
    (r"system_wall_power_avg", "power_node", False),
    (r"average_power_fraction_of_tdp", "power_share", False),
)
_UNITS = {
    "ms": 1 / MILLI, "s": 1.0, "us": 1e6, "tok/s": 1.0, "tok/s/gpu": 1.0, "tok/s/node": 1.0,
    "tokens/s": 1.0, "req/s": 1.0, "requests/s": 1.0,
    "samples/s": 1.0, "queries/s": 1.0, "seq/s": 1.0, "ms/token": 1 / MILLI, "latency (ms)": 1e3,
    "gib": 1 / GIB, "gb": 1 / GB, "gb (gib in fact)": 1 / GIB, "mb": 1 / 2**20, "mib": 1 / 2**20,
    "blocks": 1.0, "tokens": 1.0, "w": 1.0, "mw": 1e3, "kw": 1e-3, "fraction": 1.0, "j/tok": 1.0,
}  # fmt: skip
_UNPREDICTABLE = re.compile(r".*_p9\d|.*_p999")
_CAPPED = re.compile(r"power-capped|power cap", re.IGNORECASE)


def quantity_of(row: Measurement) -> Quantity | str:
    """The quantity of a row, or why it cannot be predicted."""
    if row.kind == "training":
        return "training speed is not predicted"
    unit = _UNITS.get(row.unit.casefold())
    if unit is None:
        return f"unknown unit {row.unit!r}; known are {', '.join(sorted(_UNITS))}"
    if _UNPREDICTABLE.match(row.metric):
        return f"{row.metric}: the arrivals behind a tail percentile are not reported"
    if row.metric == "system_wall_power_peak":
        return "the host of a desktop computer is not described, nor its peak predicted"
    if row.kind == "power" and _CAPPED.search(row.notes):
        return "the cap on the accelerators' power is not reported"
    per: Literal["system", "accelerator", "node"] = "system"
    metric = row.metric
    if metric.endswith("_per_gpu") and row.kind == "throughput":
        per, metric = "accelerator", metric.removesuffix("_per_gpu")
    elif metric.endswith("_per_node"):
        per, metric = "node", metric.removesuffix("_per_node")
    for pattern, name, needs_lengths in _METRICS:
        if re.fullmatch(pattern, metric):
            return Quantity(name, per, unit, needs_lengths)
    return f"metric {row.metric!r} is not known"
